"""A script falls into the statements that SQLite would find in it."""

from __future__ import annotations

import sqlite3

import pytest
from hypothesis import assume, example, given, settings
from hypothesis import strategies as st

from memdb_tui.sql.boundaries import INITIAL_STATE, LexerState, Phase, state_after
from memdb_tui.sql.split import split, statement_at

BLANKS = st.sampled_from([" ", "\n", "\t", " /* a; b */ ", " -- it's; \n", "\r\n", "/**/", " /* ' */\n"])
WORDS = st.sampled_from(
    [
        *("CREATE", "create", "TEMP", "Temporary", "TRIGGER", "Trigger", "BEGIN", "END", "end", "EXPLAIN", "explain"),
        *(
            "QUERY",
            "PLAN",
            "SELECT",
            "CASE",
            "a",
            "1",
            "'a;b'",
            "'it''s;'",
            '"a;b"',
            "[a;b]",
            "`;`",
            "x'00'",
            "é",
            "(",
        ),
        *(";", ";", ";", ";", "; END", "; END ;", "CREATE TRIGGER", "CREATE TEMP TRIGGER", "EXPLAIN CREATE TRIGGER"),
    ]
)
TOKEN_SCRIPTS = st.lists(st.tuples(WORDS, BLANKS), max_size=30).map(
    lambda pairs: "".join(word + blank for word, blank in pairs)
)
RAW_SCRIPTS = st.text(alphabet=";;;'\"`[]-/*\n aEé(", max_size=40)
TRIGGER = "CREATE TRIGGER tr AFTER INSERT ON t BEGIN {body} END;"


@given(script=TOKEN_SCRIPTS | RAW_SCRIPTS)
@settings(max_examples=800, deadline=None)
@example("CREATE TRIGGER x BEGIN SELECT CASE 1 WHEN 1 THEN 2 END; END; SELECT 1;")
@example("EXPLAIN QUERY PLAN CREATE TEMP TRIGGER x BEGIN SELECT 1; END; SELECT 2;")
@example("; ;END;")
@example("CREATE TRIGGER x ; END y ; z ; END ; a ;")
@example("CREATE TRIGGER x ; ; END ; a ;")
@example("CREATE TEMP TEMPORARY TRIGGER x ; y ; END ; a ;")
@example("EXPLAIN a EXPLAIN CREATE TRIGGER x ; y ;")
@example("EXPLAIN a CREATE a TRIGGER x ; y ;")
@example("EXPLAIN TEMP CREATE TRIGGER ; END ; ")
@example("EXPLAIN END CREATE TRIGGER ; END ; ")
@example("EXPLAIN TRIGGER CREATE TRIGGER ; END ; ")
@example("EXPLAIN temporary CREATE TRIGGER ; END ; ")
def test_each_statement_is_complete_to_sqlite_and_no_shorter_part_is(script: str) -> None:
    """Where no token is read differently (variables, byte order mark), SQLite's own lexer finds the same ends."""
    statements = split(script)
    for statement in statements[:-1]:
        assert statement.text.endswith(";")
    for statement in statements:
        text = statement.text
        if text.endswith(";") and sqlite3.complete_statement(text):
            shorter = [text[: index + 1] for index, character in enumerate(text[:-1]) if character == ";"]
            assert not any(sqlite3.complete_statement(part) for part in shorter)
        else:
            assert statement is statements[-1]
            assert not sqlite3.complete_statement(script[statement.start :])


@given(script=TOKEN_SCRIPTS | RAW_SCRIPTS | st.text())
@settings(max_examples=400, deadline=None)
def test_statements_tell_their_place(script: str) -> None:
    """Text, line and column agree with the offsets, and what is left out is blank."""
    position = 0
    for statement in split(script):
        assert position <= statement.start < statement.end
        assert script[statement.start : statement.end] == statement.text
        before = script[: statement.start].split("\n")
        assert (statement.line, statement.column) == (len(before), len(before[-1]) + 1)
        assert not split(script[position : statement.start])
        position = statement.end
    assert not split(script[position:])


LITERALS = st.sampled_from(["1", "'é;'", "'it''s'", "x'0a'", "NULL", "1.5e3", "'/* ; */'", "'-- ;'", '";"', "'😀'"])


@st.composite
def valid_statements(draw: st.DrawFn) -> str:
    value = draw(LITERALS)
    gap = draw(BLANKS)
    insert = f"INSERT INTO log VALUES (CASE WHEN new.a THEN {value} ELSE 'end;' END)"
    body = f"BEGIN {insert}; UPDATE log SET a = 1 WHERE a IS NULL;"
    return draw(
        st.sampled_from(
            [
                f"INSERT INTO t VALUES ({value}{gap})",
                f"INSERT{gap}INTO log SELECT CASE WHEN count(*) > 2 THEN {value} ELSE 0 END FROM t",
                f"UPDATE t SET a = {value} WHERE rowid % 2{gap}= 0",
                f"DELETE FROM t WHERE{gap}rowid = 3",
                "DROP TRIGGER IF EXISTS tr",
                f"CREATE TRIGGER IF NOT EXISTS tr{gap}AFTER INSERT ON t {body}{gap}END",
                f"CREATE{gap}TEMP TRIGGER IF NOT EXISTS tt AFTER DELETE ON t BEGIN SELECT {value}; END",
                f"EXPLAIN QUERY PLAN CREATE{gap}TRIGGER tx BEFORE DELETE ON t BEGIN SELECT 1; END",
                f'WITH x("end;") AS (SELECT {value}) INSERT INTO log SELECT * FROM x',
                "",
            ]
        )
    )


def dump(connection: sqlite3.Connection) -> list[object]:
    rows: list[object] = []
    for table in ("t", "log", "sqlite_schema", "sqlite_temp_schema"):
        rows.extend(connection.execute(f"SELECT '{table}', * FROM {table}").fetchall())
    return rows


@given(
    pieces=st.lists(st.tuples(BLANKS, valid_statements(), BLANKS), max_size=8),
    last=st.sampled_from(["", ";"]),
    prefix=st.sampled_from(["", "-- ünïcode ; 'x\n", "\ufeff", "/* → ; */"]),
)
@settings(max_examples=150, deadline=None)
def test_statements_run_one_by_one_do_what_the_script_does(
    pieces: list[tuple[str, str, str]], last: str, prefix: str
) -> None:
    script = prefix + ";".join("".join(piece) for piece in pieces) + last
    setup = "CREATE TABLE t(a); CREATE TABLE log(a); INSERT INTO t VALUES (1), (2), (3);"
    dumps = []
    for whole in (True, False):
        connection = sqlite3.connect(":memory:", isolation_level=None)
        try:
            connection.executescript(setup)
            if whole:
                connection.executescript(script)
            else:
                for statement in split(script):
                    # execute() refuses a text with more than one statement.
                    connection.execute(statement.text)
            dumps.append(dump(connection))
        finally:
            connection.close()
    assert dumps[0] == dumps[1]


@pytest.mark.parametrize(
    ("script", "texts"),
    [
        ("", []),
        (" ;; /* a */ ; -- b", []),
        ("SELECT 1", ["SELECT 1"]),
        ("SELECT 1 ; SELECT 2 -- c", ["SELECT 1 ;", "SELECT 2"]),
        ("SELECT 1 /* open ; ", ["SELECT 1"]),
        ("/* open ; ", []),
        ("SELECT ';' ; 'open ; ", ["SELECT ';' ;", "'open ; "]),
        ("CREATE TABLE trigger(a); SELECT 1;", ["CREATE TABLE trigger(a);", "SELECT 1;"]),
        ("SELECT 'a\x00;b'; SELECT 2;", ["SELECT 'a\x00;b';", "SELECT 2;"]),
        ("SELECT '\udc80'; \udc80;", ["SELECT '\udc80';", "\udc80;"]),
        ("CREATE TRIGGER a BEGIN SELECT 1", ["CREATE TRIGGER a BEGIN SELECT 1"]),
        ("CREATE TRIGGER a BEGIN SELECT 1; END", ["CREATE TRIGGER a BEGIN SELECT 1; END"]),
        ("expla\u0131n; 1;", ["expla\u0131n;", "1;"]),
    ],
)
def test_the_statements_of_a_script(script: str, texts: list[str]) -> None:
    assert [statement.text for statement in split(script)] == texts


@pytest.mark.parametrize(
    ("statement", "setup"),
    [
        ("SELECT $a(x;y);", ""),
        ("SELECT :a(');", ""),
        ("\ufeffCREATE TRIGGER tr AFTER INSERT ON t BEGIN SELECT 1; END;", "CREATE TABLE t(a)"),
        (" \vCREATE TRIGGER tr AFTER INSERT ON t BEGIN SELECT 1; END;", "CREATE TABLE t(a)"),
    ],
)
def test_where_sqlites_lexer_and_parser_differ_the_parser_decides(statement: str, setup: str) -> None:
    """`complete_statement` stops at an inner `;` or misses the end; SQLite executes the text whole."""
    script = statement + "SELECT 2;"
    found = split(script)
    assert [len(found), found[-1].text] == [2, "SELECT 2;"]
    connection = sqlite3.connect(":memory:")
    try:
        connection.execute(setup)
        cursor = connection.execute(statement, {"a(x;y)": 1, "a(')": 1} if "a(" in statement else ())
        cursor.fetchall()
    finally:
        connection.close()
    parts = [statement[: index + 1] for index, character in enumerate(statement) if character == ";"]
    assert [sqlite3.complete_statement(part) for part in parts] != [False] * (len(parts) - 1) + [True]


def test_a_trigger_with_a_case_is_one_statement_to_both() -> None:
    trigger = TRIGGER.format(body="SELECT CASE 1 WHEN 1 THEN 2 END; SELECT 3;")
    assert [statement.text for statement in split(trigger * 2)] == [trigger] * 2
    assert sqlite3.complete_statement(trigger)


@given(script=TOKEN_SCRIPTS | RAW_SCRIPTS | st.text(alphabet="$:(;)'a /*-\n"))
@settings(max_examples=500, deadline=None)
def test_reading_line_by_line_comes_to_the_same_end(script: str) -> None:
    """The state carried from line to line says whether a statement is open, as reading the whole does."""
    state = INITIAL_STATE
    for line in script.split("\n"):
        state = state_after(line, state)
    assume(not script.endswith("/*"))
    closing = {"/*": "*/", "[": "]"}.get(state.within, state.within)
    last = split(f"{script}\n{closing} x")[-1]
    assert (last.text == "x") == (state.phase is Phase.START)


def test_a_state_is_a_value() -> None:
    assert state_after("SELECT 'a", INITIAL_STATE) == LexerState(Phase.NORMAL, "'")
    assert state_after("b'; -- c", LexerState(Phase.NORMAL, "'")) == INITIAL_STATE
    assert state_after("/* a", INITIAL_STATE) == LexerState(Phase.START, "/*")
    assert state_after("no end", LexerState(Phase.START, "/*")) == LexerState(Phase.START, "/*")
    assert state_after("x BEGIN SELECT 1;", LexerState(Phase.CREATE)) == INITIAL_STATE
    assert state_after("TRIGGER x BEGIN SELECT 1;", LexerState(Phase.CREATE)) == LexerState(Phase.SEMI)
    assert state_after("END", LexerState(Phase.SEMI)) == LexerState(Phase.END)


# `|` marks the cursor, and the statement that is meant stands between guillemets.
@pytest.mark.parametrize(
    "picture",
    [
        "|«SELECT 1;»",
        "«SEL|ECT 1;» SELECT 2;",
        "«SELECT 1;»| SELECT 2;",
        "«SELECT 1;» | SELECT 2;",
        "SELECT 1;|«SELECT 2;»",
        "SELECT 1; |«SELECT 2;»",
        "«SELECT 1;» -- done| \nSELECT 2;",
        "SELECT 1;\n|«SELECT 2;»",
        "SELECT 1;\n | «SELECT 2;»",
        "«SELECT 1;»\n|\nSELECT 2;",
        "«SELECT 1;»\n\n|\n\nSELECT 2;",
        "SELECT 1;\n-- le|ad\n«SELECT 2;»",
        "SELECT 1;\n\n-- a\n-- |b\n«SELECT 2;»",
        "SELECT 1;\n/* a\n\n |b */\n«SELECT 2;»",
        "SELECT 1;\n\n-- a\n/* b */| «SELECT 2;»",
        "«SELECT 1;»\n-- apa|rt\n\nSELECT 2;",
        "«SELECT 1;»\n-- apart\n|\n-- lead\nSELECT 2;",
        "SELECT 1;\n-- apart\n\n-- le|ad\n«SELECT 2;»",
        "|\n\n«SELECT 1;»",
        "-- he|ad\n\n«SELECT 1;»",
        "«SELECT 1;»\n\n\n|",
        "«SELECT 1»\n\n-- note|",
        "«SELECT ';' -- a;\n, |2;» SELECT 3;",
        "«CREATE TRIGGER a AFTER INSERT ON t BEGIN SELECT 1; |SELECT 2; END;» SELECT 3;",
    ],
)
def test_the_statement_a_cursor_means(picture: str) -> None:
    offset = picture.replace("«", "").replace("»", "").index("|")
    script = picture.replace("«", "").replace("»", "").replace("|", "")
    meant = picture.replace("|", "")
    meant = meant[meant.index("«") + 1 : meant.index("»")]
    statement = statement_at(script, offset)
    assert statement is not None
    assert statement.text == meant
    assert statement_at(script, offset, statements=split(script)) == statement


@pytest.mark.parametrize("script", ["", "\n\n", "-- a\n", " ; ;"])
def test_no_statement_is_meant_where_there_is_none(script: str) -> None:
    assert all(statement_at(script, offset) is None for offset in range(len(script) + 1))


def test_a_large_dump_is_split_in_linear_time() -> None:
    """Quadratic reading, on one line or many, closed or not, would need hours for these."""
    count = 100_000
    assert len(split("SELECT 1;" * count)) == count
    assert len(split("SELECT 'a';\n" * count)) == count
    assert len(split("/* ; */" * count + "SELECT 1")) == 1
    assert len(split("SELECT 1," * count)) == 1
    assert len(split("EXPLAIN " + "a " * count + "'open")) == 1
    assert len(split(";" * count + "'" + ";" * count)) == 1
