"""The tokens of SQLite's own language, cut where SQLite cuts them.

The rules are those of `sqlite3GetToken` (https://sqlite.org/src/file/src/tokenize.c): a token's extent depends on
its first characters alone, never on what stands around it. Every character of a text belongs to exactly one token.

Numbers are those of SQLite 3.46 and later: `1_000` is a number there, refused before; and letters that cling to a
hexadecimal number (`0x1z`) are refused with it, where older releases take them for a name of their own.

SQLite reads bytes and ends at the first NUL; here offsets count characters, and a NUL is an illegal token like any
other (Python's sqlite3 refuses such a text before SQLite sees it).
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from enum import Enum
from functools import cache
from typing import Final

from memdb_tui.frozen import dataclass

KEYWORDS: Final = frozenset(
    """
    ABORT ACTION ADD AFTER ALL ALTER ALWAYS ANALYZE AND AS ASC ATTACH AUTOINCREMENT BEFORE BEGIN BETWEEN BY CASCADE
    CASE CAST CHECK COLLATE COLUMN COMMIT CONFLICT CONSTRAINT CREATE CROSS CURRENT CURRENT_DATE CURRENT_TIME
    CURRENT_TIMESTAMP DATABASE DEFAULT DEFERRABLE DEFERRED DELETE DESC DETACH DISTINCT DO DROP EACH ELSE END ESCAPE
    EXCEPT EXCLUDE EXCLUSIVE EXISTS EXPLAIN FAIL FILTER FIRST FOLLOWING FOR FOREIGN FROM FULL GENERATED GLOB GROUP
    GROUPS HAVING IF IGNORE IMMEDIATE IN INDEX INDEXED INITIALLY INNER INSERT INSTEAD INTERSECT INTO IS ISNULL JOIN
    KEY LAST LEFT LIKE LIMIT MATCH MATERIALIZED NATURAL NO NOT NOTHING NOTNULL NULL NULLS OF OFFSET ON OR ORDER
    OTHERS OUTER OVER PARTITION PLAN PRAGMA PRECEDING PRIMARY QUERY RAISE RANGE RECURSIVE REFERENCES REGEXP REINDEX
    RELEASE RENAME REPLACE RESTRICT RETURNING RIGHT ROLLBACK ROW ROWS SAVEPOINT SELECT SET TABLE TEMP TEMPORARY THEN
    TIES TO TRANSACTION TRIGGER UNBOUNDED UNION UNIQUE UPDATE USING VACUUM VALUES VIEW VIRTUAL WHEN WHERE WINDOW
    WITH WITHOUT
    """.split()  # noqa: SIM905 - a list literal would stand on 147 lines
)
"""Every keyword of SQLite, upper case (https://sqlite.org/lang_keywords.html); many may also name a column."""


class TokenKind(Enum):
    """What a token is, without its context: a keyword may still be used as a name."""

    KEYWORD = "keyword"
    IDENTIFIER = "identifier"
    QUOTED_IDENTIFIER = "quoted identifier"
    STRING = "string"
    BLOB = "blob"
    NUMBER = "number"
    VARIABLE = "variable"
    OPERATOR = "operator"
    PUNCTUATION = "punctuation"
    SEMICOLON = "semicolon"
    COMMENT = "comment"
    WHITESPACE = "whitespace"
    ILLEGAL = "illegal"


BLANK_KINDS: Final = frozenset({TokenKind.WHITESPACE, TokenKind.COMMENT})
"""The kinds that separate tokens and mean nothing."""


@dataclass(frozen=True, slots=True)
class Token:
    """One token of a text; `sql[token.start:token.end]` is its text."""

    kind: TokenKind
    start: int
    """Offset of its first character."""
    end: int
    """Offset just past its last character."""


NAME_CHARACTER: Final = r"[^\x00-#%-/:-@\[-^`{-\x7f]"
"""A regular expression for one character within a name (`IdChar` of tokenize.c): A-Z a-z 0-9 _ $, all beyond ASCII.

It names the others, since a class with the whole of Unicode takes Python's `re` thirty times as long to compile.
"""

NAME: Final = rf"[^\x00-@\[-^`{{-\x7f]{NAME_CHARACTER}*+"
"""A regular expression for a bare name or a keyword."""

BYTE_ORDER_MARK: Final = "\ufeff"
"""White space to SQLite where a token could begin, a letter within a name."""

WHITESPACE: Final = rf"[ \t\n\f\r][\t-\r ]*+|{BYTE_ORDER_MARK}"
"""A regular expression for white space: a vertical tab goes on with it but does not begin it."""

LINE_COMMENT: Final = r"--[^\n]*+"
"""A regular expression for a comment to the end of its line."""

BLOCK_COMMENT: Final = r"/\*[^*]*+\*++(?:[^/*][^*]*+\*++)*+/"
"""A regular expression for a closed comment of any number of lines."""

LOOSE_NUMBER: Final = (
    r"(?>0[xX][0-9A-Fa-f][0-9A-Fa-f_]*+"
    r"|(?:[0-9][0-9_]*+(?:\.[0-9_]*+)?+|\.[0-9][0-9_]*+)(?:[eE][+-]?+[0-9][0-9_]*+)?+)"
    rf"{NAME_CHARACTER}*+"
)
"""A regular expression for a number or what SQLite refuses as one, with the letters that cling to it."""

_VARIABLE_NAME = rf"[$@#:](?:::)*+{NAME_CHARACTER}(?:{NAME_CHARACTER}|::)*+"
_INDEX = r"\([^\t-\r )]*+"

LOOSE_VARIABLE: Final = rf"\?[0-9]*+|{_VARIABLE_NAME}(?:{_INDEX}\)?+)?+|[$@#:](?:::)*+"
"""A regular expression for a variable or what SQLite refuses as one; `$name(index)`, Tcl's form, may hide a `;`."""

_DIGITS = r"[0-9]++(?:_[0-9]++)*+"
_NUMBER = (
    r"(?>0[xX][0-9A-Fa-f]++(?:_[0-9A-Fa-f]++)*+"
    rf"|(?:{_DIGITS}(?:\.(?:{_DIGITS})?+)?+|\.{_DIGITS})(?:[eE][+-]?+{_DIGITS})?+)"
    rf"(?!{NAME_CHARACTER})"
)

_RULES: Final = (
    (TokenKind.WHITESPACE, WHITESPACE),
    (TokenKind.BLOB, r"[xX]'(?:[0-9A-Fa-f]{2})*+'"),
    (TokenKind.ILLEGAL, r"[xX]'[^']*+'?+"),
    (TokenKind.IDENTIFIER, NAME),
    (TokenKind.NUMBER, _NUMBER),
    (TokenKind.ILLEGAL, LOOSE_NUMBER),
    (TokenKind.COMMENT, rf"{LINE_COMMENT}|{BLOCK_COMMENT}|/\*(?s:.)++"),
    (TokenKind.SEMICOLON, ";"),
    (TokenKind.PUNCTUATION, "[(),.]"),
    (TokenKind.OPERATOR, r"->>?+|\|\|?+|<[=><]?+|>[=>]?+|==?+|!=|[-+*/%&~]"),
    (TokenKind.STRING, "'[^']*+(?:''[^']*+)*+'"),
    (TokenKind.QUOTED_IDENTIFIER, r'"[^"]*+(?:""[^"]*+)*+"|`[^`]*+(?:``[^`]*+)*+`|\[[^\]]*+\]'),
    (TokenKind.VARIABLE, rf"\?[0-9]*+|{_VARIABLE_NAME}(?:{_INDEX}\)|(?!\())"),
    (TokenKind.ILLEGAL, LOOSE_VARIABLE),
    (TokenKind.ILLEGAL, r"""['"`\[](?s:.)*+"""),
    (TokenKind.ILLEGAL, "(?s:.)"),
)
"""Kind and pattern, in the order they are tried: what is refused comes after the well-formed tokens it resembles."""

_TOKEN: Final = "|".join(f"({pattern})" for _, pattern in _RULES)
_KINDS: Final = (TokenKind.ILLEGAL, *(kind for kind, _ in _RULES))


@cache
def compiled(pattern: str) -> re.Pattern[str]:
    """A pattern, compiled when a first text is read by it: that takes longer than a start has time for."""
    return re.compile(pattern)


def tokenize(sql: str, start: int = 0) -> Iterator[Token]:
    """Yield the tokens of `sql` from the offset `start` on, white space and comments included.

    The tokens are adjacent, and the last ends where `sql` ends. Malformed text is no error: it is an ILLEGAL token
    as long as the one SQLite complains about. `start` must be the border of a token.
    """
    if start >= len(sql):
        return
    for match in compiled(_TOKEN).finditer(sql, start):
        kind = _KINDS[match.lastindex or 0]
        if kind is TokenKind.IDENTIFIER:
            word = match[0]
            # Letters of other scripts may have an ASCII upper case (a dotless i has): no keyword to SQLite.
            if word.isascii() and word.upper() in KEYWORDS:
                kind = TokenKind.KEYWORD
        yield Token(kind, match.start(), match.end())


def significant_tokens(sql: str, start: int = 0) -> Iterator[Token]:
    """Yield the tokens of `sql` from the offset `start` on, without white space and comments."""
    return (token for token in tokenize(sql, start) if token.kind not in BLANK_KINDS)
