"""What is remembered of a script's lines is what reading the whole script finds."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from memdb_tui.sql.boundaries import LexerState, state_after
from memdb_tui.sql.lines import ScriptLines
from memdb_tui.sql.split import statement_at
from memdb_tui.sql.tokens import BLANK_KINDS, Token, TokenKind, tokenize

PIECES = st.sampled_from(
    [
        *(
            "SELECT 1;",
            "SELECT",
            " 2 ",
            ";",
            ";;",
            "'",
            '"',
            "[",
            "]",
            "`",
            "/*",
            "*/",
            "--",
            "a;",
            "\n",
            "\n",
            "\n\n",
        ),
        *("CREATE TRIGGER t BEGIN ", "END;", "-- lead\n", "é;", "$a(;)", "x'00'"),
    ]
)
SCRIPTS = st.lists(PIECES, max_size=25).map("".join)


def lines_of(script: str) -> ScriptLines:
    lines = ScriptLines()
    lines.update(script.split("\n"))
    return lines


def rows(lines: ScriptLines, script: str) -> list[tuple[str, list[Token]]]:
    """What can be drawn of each row."""
    return [(text, list(lines.tokens(row))) for row, text in enumerate(script.split("\n"))]


def states(lines: ScriptLines) -> object:
    return lines._states


@given(scripts=st.lists(SCRIPTS, min_size=2, max_size=5))
@settings(deadline=None)
def test_an_update_comes_to_the_states_that_reading_anew_gives(scripts: list[str]) -> None:
    lines = ScriptLines()
    for script in scripts:
        lines.update(script.split("\n"))
        assert states(lines) == states(lines_of(script))


@given(before=SCRIPTS, after=SCRIPTS)
@settings(deadline=None)
def test_an_update_names_every_row_that_reads_differently(before: str, after: str) -> None:
    lines = lines_of(before)
    rows_before = rows(lines, before)
    named = lines.update(after.split("\n"))
    rows_after = rows(lines, after)
    assert named.stop <= len(rows_after)
    for row, read in enumerate(rows_after):
        if row not in named:
            assert read == rows_before[row]


def test_an_update_names_no_more_rows_than_it_changes() -> None:
    script = "SELECT 1;\nSELECT 'a';\nSELECT 3;"
    assert lines_of(script).update(script.split("\n")) == range(0)
    assert lines_of(script).update(script.replace("'a'", "'ab'").split("\n")) == range(1, 2)
    assert lines_of(script).update(script.replace("'a'", "'a").split("\n")) == range(1, 3)


@given(script=SCRIPTS, inserted=SCRIPTS, data=st.data())
@settings(deadline=None, max_examples=300)
def test_an_edit_in_the_middle_comes_to_the_same_states(script: str, inserted: str, data: st.DataObject) -> None:
    start = data.draw(st.integers(0, len(script)))
    end = data.draw(st.integers(start, len(script)))
    lines = lines_of(script)
    edited = script[:start] + inserted + script[end:]
    lines.update(edited.split("\n"))
    assert states(lines) == states(lines_of(edited))


@given(script=SCRIPTS, data=st.data())
@settings(deadline=None, max_examples=500)
def test_the_statement_at_a_cursor_is_that_of_the_whole_script(script: str, data: st.DataObject) -> None:
    offset = data.draw(st.integers(0, len(script)))
    before = script[:offset].split("\n")
    expected = statement_at(script, offset)
    found = lines_of(script).statement_at(len(before) - 1, len(before[-1]))
    if expected is None:
        assert found is None
        return
    assert found is not None
    assert (found.statement.text, found.first_row) == (expected.text, expected.line - 1)
    skipped = sum(len(line) + 1 for line in script.split("\n")[: found.row])
    assert skipped + found.statement.start == expected.start


@given(script=SCRIPTS)
@settings(deadline=None, max_examples=300)
def test_the_tokens_of_the_lines_are_those_of_the_script(script: str) -> None:
    """Each character has the kind it has in the whole script, unless it stands in a token that is never closed."""
    whole = [TokenKind.WHITESPACE] * len(script)
    for token in tokenize(script):
        whole[token.start : token.end] = [token.kind] * (token.end - token.start)
    lines = lines_of(script)
    offset = 0
    for row, line in enumerate(script.split("\n")):
        position = 0
        for token in lines.tokens(row):
            assert token.start == position
            position = token.end
            for kind in whole[offset + token.start : offset + token.end]:
                if kind is not TokenKind.ILLEGAL and not script.endswith("/*"):
                    assert kind is token.kind
        assert position == len(line)
        offset += len(line) + 1


@pytest.mark.parametrize(
    ("script", "kinds"),
    [
        ("SELECT 'a\nb' x", [{TokenKind.KEYWORD, TokenKind.STRING}, {TokenKind.STRING, TokenKind.IDENTIFIER}]),
        ("/*\n*/ SELECT", [{TokenKind.COMMENT}, {TokenKind.COMMENT, TokenKind.KEYWORD}]),
        ('"a\n\n', [{TokenKind.QUOTED_IDENTIFIER}, {TokenKind.QUOTED_IDENTIFIER}, {TokenKind.QUOTED_IDENTIFIER}]),
        ("$ 'it''s", [{TokenKind.ILLEGAL, TokenKind.STRING}]),
    ],
)
def test_a_token_may_go_on_over_lines(script: str, kinds: list[set[TokenKind]]) -> None:
    lines = lines_of(script)
    for row, expected in enumerate(kinds):
        assert {token.kind for token in lines.tokens(row)} - {TokenKind.WHITESPACE} == expected
    assert TokenKind.COMMENT in BLANK_KINDS


def test_an_edit_reads_only_what_it_changes(monkeypatch: pytest.MonkeyPatch) -> None:
    script = ["SELECT 'a' -- b", "FROM t;"] * 2_000
    lines = ScriptLines()
    lines.update(script)
    read: list[str] = []

    def counting(line: str, state: LexerState) -> LexerState:
        read.append(line)
        return state_after(line, state)

    monkeypatch.setattr("memdb_tui.sql.lines.state_after", counting)
    script[1000] = "SELECT 'ab' -- b"
    lines.update(script)
    assert len(read) == 1
    script[1001:1001] = ["WHERE 1", "AND 2"]
    lines.update(script)
    assert len(read) == 3


@pytest.mark.parametrize(
    ("script", "place", "partner"),
    [
        ("SELECT (1)", (0, 7), (0, 9)),
        ("SELECT (1)", (0, 9), (0, 7)),
        ("f(')', -- )\n(1))", (0, 1), (1, 3)),
        ("f(')', -- )\n(1))", (1, 3), (0, 1)),
        ("f(')', -- )\n(1))", (0, 3), None),
        ("((", (0, 0), None),
        ("))", (0, 1), None),
        ("abc", (0, 1), None),
        ("abc", (0, 3), None),
        ("(" + "\n" * 20 + ")", (0, 0), None),
    ],
)
def test_the_partner_of_a_parenthesis(script: str, place: tuple[int, int], partner: tuple[int, int] | None) -> None:
    assert lines_of(script).matching_parenthesis(*place, most_rows=20) == partner


def test_a_place_past_the_end_is_the_end() -> None:
    found = lines_of("SELECT 1;\nSELECT 2;").statement_at(9, 99)
    assert found is not None
    assert found.statement.text == "SELECT 2;"
    assert ScriptLines().statement_at(0, 0) is None
