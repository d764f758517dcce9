"""The tokenizer cuts a text where SQLite cuts it."""

from __future__ import annotations

import _sqlite3
import ctypes
import re
import sqlite3
import sys
from collections.abc import Iterator

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from memdb_tui.sql.tokens import BLANK_KINDS, KEYWORDS, TokenKind, tokenize

PROBE = "INSERT INTO t DEFAULT/**/"
"""After these words only VALUES is legal, so SQLite names the next token, whatever it is, in its complaint.

A comment, not a blank, ends them: a vertical tab is white space after a blank only.
"""

DEPENDS_ON_RELEASE = re.compile(r"\.?[0-9].*_.*|0[xX][0-9A-Fa-f]+[^0-9A-Fa-f].*")
"""Digit separators, and letters that cling to a hexadecimal number: older releases end the token before them."""


def first_token_of_sqlite(connection: sqlite3.Connection, sql: str) -> tuple[str, bool] | None:
    """The first token of `sql` that SQLite's parser sees, and whether its tokenizer refuses it; None at the end."""
    try:
        connection.execute(PROBE + sql)
    except sqlite3.Error as error:
        message = str(error)
    else:
        raise AssertionError(f"SQLite accepted {sql!r}")
    if message in {"incomplete input", "no such table: t"}:
        return None
    if match := re.fullmatch(r'(near|unrecognized token:) "(.*?)"(?:: syntax error)?', message, re.DOTALL):
        return match[2], match[1] != "near"
    raise AssertionError(f"no token in {message!r}")


@pytest.fixture(scope="module")
def connection() -> Iterator[sqlite3.Connection]:
    connection = sqlite3.connect(":memory:", isolation_level=None)
    yield connection
    connection.close()


def significant(sql: str) -> list[tuple[TokenKind, str]]:
    return [(token.kind, sql[token.start : token.end]) for token in tokenize(sql) if token.kind not in BLANK_KINDS]


FRAGMENTS = st.sampled_from(
    [
        *("'", "''", '"', "`", "[", "]", "x'", "X'", "ab", "0", "12", "'ab'", "x'AB'", "x'A'", "--", "/*", "*/", "/"),
        *("\n", " ", "\t", "\v", "\f", "\r", "\x01", "\x7f", "\ufeff", "é", "→", "😀", "$", "@", "#", ":", "::", "?"),
        *("?1", "(", ")", ".", "1.5", "1e5", "1e", "e+3", ".e", "0x", "0xfF", "_", "1_0", "1__0", "-", ">", "->"),
        *("->>", "|", "||", "<", "=", "!", "!=", "%", "&", "~", "^", "{", "\\", ",", "*", "a", "x", "SELECT", "end"),
        *("$a(b)", "$a(", ":a::b", "l\u0131ke", "\u017felect", "current_date", "selectx", "select1", "select$"),
    ]
)
TEXTS = st.lists(FRAGMENTS, max_size=8).map("".join)


@given(sql=TEXTS)
@settings(max_examples=600, deadline=None)
def test_sqlite_sees_the_same_tokens(connection: sqlite3.Connection, sql: str) -> None:
    """Each token in turn is put where SQLite must name it; a refused one is ILLEGAL here and there."""
    position = 0
    for token in tokenize(sql):
        position = token.end
        if token.kind in BLANK_KINDS:
            continue
        text = sql[token.start : token.end]
        told = first_token_of_sqlite(connection, sql[token.start :])
        if text.upper() == "VALUES":
            continue
        if token.kind is TokenKind.SEMICOLON:
            assert told in {(";", False), None}
        elif DEPENDS_ON_RELEASE.fullmatch(text):
            assert told is not None
            assert told[0] == text if sqlite3.sqlite_version_info >= (3, 46) else text.startswith(told[0])
        else:
            assert told == (text, token.kind is TokenKind.ILLEGAL)
    assert position == len(sql)


@given(sql=TEXTS)
@settings(max_examples=300, deadline=None)
def test_what_is_blank_here_is_blank_to_sqlite(connection: sqlite3.Connection, sql: str) -> None:
    blank = "".join(sql[token.start : token.end] for token in tokenize(sql) if token.kind in BLANK_KINDS)
    leading = next((token.start for token in tokenize(sql) if token.kind not in BLANK_KINDS), len(sql))
    assert first_token_of_sqlite(connection, sql[:leading]) is None
    assert len(blank) >= leading


@given(sql=st.text())
def test_every_character_belongs_to_exactly_one_token(sql: str) -> None:
    position = 0
    for token in tokenize(sql):
        assert token.start == position
        assert token.end > token.start
        position = token.end
    assert position == len(sql)


@given(sql=TEXTS, data=st.data())
def test_a_text_may_be_read_from_any_border(sql: str, data: st.DataObject) -> None:
    tokens = list(tokenize(sql))
    index = data.draw(st.integers(0, len(tokens)))
    start = tokens[index].start if index < len(tokens) else len(sql)
    assert list(tokenize(sql, start)) == tokens[index:]


def test_the_keywords_are_those_of_the_installed_sqlite() -> None:
    library = ctypes.CDLL(_sqlite3.__file__)
    names = set()
    for index in range(library.sqlite3_keyword_count()):
        text, length = ctypes.c_char_p(), ctypes.c_int()
        library.sqlite3_keyword_name(index, ctypes.byref(text), ctypes.byref(length))
        names.add(ctypes.string_at(text, length.value).decode())
    assert names <= KEYWORDS


@pytest.mark.parametrize("keyword", sorted(KEYWORDS))
def test_a_keyword_is_one_in_any_case(keyword: str) -> None:
    for text in (keyword, keyword.lower(), keyword.title()):
        assert significant(text) == [(TokenKind.KEYWORD, text)]


@pytest.mark.parametrize(
    ("sql", "kinds"),
    [
        ("SELECT", [TokenKind.KEYWORD]),
        ("sélect $x", [TokenKind.IDENTIFIER, TokenKind.VARIABLE]),
        ("a$b", [TokenKind.IDENTIFIER]),
        ("l\u0131ke", [TokenKind.IDENTIFIER]),
        ('"a""b" [c d] `e`', [TokenKind.QUOTED_IDENTIFIER] * 3),
        ("'it''s'", [TokenKind.STRING]),
        ("'open", [TokenKind.ILLEGAL]),
        ("x'0aFf' X''", [TokenKind.BLOB] * 2),
        ("x'0a0'", [TokenKind.ILLEGAL]),
        ("0xFF 1e-5 .5 1. 1_000 0xF_F", [TokenKind.NUMBER] * 6),
        ("1_ 1__0 1e5x 0xG", [TokenKind.ILLEGAL] * 4),
        ("?1 ? :a @b $c $a::b(c) #d", [TokenKind.VARIABLE] * 7),
        ("$ : $a(b", [TokenKind.ILLEGAL] * 3),
        ("-> ->> || == <> << >> <= >= != ~ %", [TokenKind.OPERATOR] * 12),
        ("( ) , .", [TokenKind.PUNCTUATION] * 4),
        ("-- a", []),
        ("/* a\n", []),
        ("/* a */;", [TokenKind.SEMICOLON]),
        ("/*", [TokenKind.OPERATOR] * 2),
        ("\x00 ^ ! {", [TokenKind.ILLEGAL] * 4),
        ("\udc80a", [TokenKind.IDENTIFIER]),
        ("\ufeffSELECT", [TokenKind.KEYWORD]),
    ],
)
def test_the_kind_of_a_token(sql: str, kinds: list[TokenKind]) -> None:
    assert [kind for kind, _ in significant(sql)] == kinds


@pytest.mark.parametrize("opener", ["'", '"', "`", "[", "/*", "--", "x'", "$a(", "$::", "''"])
def test_an_unclosed_token_is_read_in_linear_time(opener: str) -> None:
    """A quadratic pattern would need minutes for this."""
    sql = opener + "a*_''\"\"" * 100_000
    assert sum(token.end - token.start for token in tokenize(sql)) == len(sql)


def test_no_python_limit_is_in_the_way() -> None:
    sql = "(" * (sys.getrecursionlimit() * 4)
    assert len(list(tokenize(sql))) == len(sql)
