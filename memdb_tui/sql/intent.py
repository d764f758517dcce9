"""What a statement is about to do, as far as its own tokens tell without running it."""

from __future__ import annotations

from enum import Enum
from itertools import islice
from typing import Final

from memdb_tui.frozen import dataclass
from memdb_tui.sql.names import unquote
from memdb_tui.sql.tokens import Token, TokenKind, significant_tokens


class FileVerb(Enum):
    """The statements that name a file."""

    ATTACH = "ATTACH"
    VACUUM_INTO = "VACUUM INTO"


@dataclass(frozen=True, slots=True)
class FileTarget:
    """The file that a statement opens or writes."""

    verb: FileVerb
    target: str | None
    """The literal that names it, a path or a URI; None where an expression or a parameter does."""
    alias: str | None
    """The schema: the name an ATTACH gives, the one a VACUUM copies; None where none is written, or not literally."""


_MOST_TOKENS: Final = 8
"""`ATTACH DATABASE 'x' AS y KEY 'z' ;` has no more, and a longer one names its file by an expression."""

_NAMES: Final = frozenset({TokenKind.IDENTIFIER, TokenKind.QUOTED_IDENTIFIER, TokenKind.STRING, TokenKind.KEYWORD})
_VALUE_KEYWORDS: Final = frozenset({"NULL", "CURRENT_DATE", "CURRENT_TIME", "CURRENT_TIMESTAMP"})


def first_keyword(sql: str) -> str:
    """The keyword that `sql` begins with, upper case, or an empty string if it begins with anything else."""
    token = next(significant_tokens(sql), None)
    if token is None or token.kind is not TokenKind.KEYWORD:
        return ""
    return sql[token.start : token.end].upper()


def file_target(sql: str) -> FileTarget | None:
    """The file that one statement names, or None if it is neither ATTACH nor VACUUM INTO.

    - `ATTACH [DATABASE] x AS y`: x may be a string, or a name quoted or bare, which SQLite takes for its own text
      (https://sqlite.org/lang_attach.html).
    - `VACUUM [schema] INTO x`: x may be a string, `"x"` included, which SQLite reads as a string where no column of
      that name can be meant (https://sqlite.org/lang_vacuum.html).

    Anything else in that place is an expression: then the target is None. Under EXPLAIN nothing is opened: None.
    """
    tokens = list(islice(significant_tokens(sql), _MOST_TOKENS + 1))
    words = [_word(sql, token) for token in tokens]
    if words[:1] == ["ATTACH"]:
        return _attach(sql, tokens, words)
    if words[:1] == ["VACUUM"]:
        return _vacuum(sql, tokens, words)
    return None


def _attach(sql: str, tokens: list[Token], words: list[str]) -> FileTarget:
    # DATABASE is a name of its own where nothing but the keyword could follow it: ATTACH database database AS x.
    place = 2 if words[1:2] == ["DATABASE"] else 1
    if words[place + 1 : place + 2] != ["AS"] or len(tokens) <= place + 2:
        return FileTarget(FileVerb.ATTACH, target=None, alias=None)
    return FileTarget(
        FileVerb.ATTACH,
        target=_literal(sql, tokens[place], _NAMES),
        alias=_literal(sql, tokens[place + 2], _NAMES),
    )


def _vacuum(sql: str, tokens: list[Token], words: list[str]) -> FileTarget | None:
    place = next((index for index in (1, 2) if words[index : index + 1] == ["INTO"]), None)
    if place is None:
        return None
    alias = _literal(sql, tokens[1], _NAMES) if place > 1 else None
    rest = [token for token in tokens[place + 1 :] if token.kind is not TokenKind.SEMICOLON]
    target = None
    if len(rest) == 1 and (rest[0].kind is TokenKind.STRING or sql[rest[0].start] == '"'):
        target = unquote(sql[rest[0].start : rest[0].end])
    return FileTarget(FileVerb.VACUUM_INTO, target=target, alias=alias)


def _word(sql: str, token: Token) -> str:
    """The keyword a token is, upper case, or an empty string."""
    return sql[token.start : token.end].upper() if token.kind is TokenKind.KEYWORD else ""


def _literal(sql: str, token: Token, kinds: frozenset[TokenKind]) -> str | None:
    """The text a token stands for, if it is of one of the kinds that stand for their own text."""
    if token.kind not in kinds or _word(sql, token) in _VALUE_KEYWORDS:
        return None
    return unquote(sql[token.start : token.end])
