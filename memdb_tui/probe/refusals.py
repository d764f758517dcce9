"""Statements that are not run live, whatever SQLite would say to them."""

from __future__ import annotations

from itertools import islice

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator
    from typing import Any

_COMMENTS = (("--", "\n"), ("/*", "*/"))
"""How they begin and end: https://sqlite.org/lang_comment.html."""
_UNSEEN = (";", "\ufeff")
_FIRST_TOKENS = 8
_READING_PRAGMAS = (
    "table_info",
    "table_xinfo",
    "table_list",
    "index_list",
    "index_info",
    "index_xinfo",
    "foreign_key_list",
    "foreign_key_check",
    "integrity_check",
    "quick_check",
)
"""What only reads though it takes an argument: https://sqlite.org/pragma.html."""

_NEVER_LIVE = {
    "ATTACH": "ATTACH lasts no longer than its connection, and a live one is closed after each statement.",
    "DETACH": "DETACH has nothing to detach: a live connection is new for each statement.",
    "VACUUM": "VACUUM is not run live: it would hold the program's whole database while it lasts.",
    "BEGIN": "A live connection is closed after each statement, so no transaction can be begun.",
    "SAVEPOINT": "A live connection is closed after each statement, so no transaction can be begun.",
    "COMMIT": "A live connection is new for each statement, so there is no transaction to end.",
    "END": "A live connection is new for each statement, so there is no transaction to end.",
    "ROLLBACK": "A live connection is new for each statement, so there is no transaction to end.",
    "RELEASE": "A live connection is new for each statement, so there is no transaction to end.",
}


def refused(sql: str, *, write: bool) -> dict[str, Any] | None:
    """Why a statement is not run live at all, as the wire's `error`; None where it may be tried.

    `query_only` stops what writes into the database, but not a PRAGMA that sets something of the cache itself, which
    is the program's as well: `journal_mode=OFF` would leave it without ROLLBACK, `max_page_count` without room.
    """
    words = first_words(sql)
    word = words[0].upper() if words else ""
    if word in _NEVER_LIVE:
        return wire_error(_NEVER_LIVE[word], hint="Copy the database: SQL of every kind runs on the copy.")
    if word == "PRAGMA" and not write and _sets_something(words[1:]):
        return wire_error("This PRAGMA sets something, and the program shares the setting.", code="SQLITE_READONLY")
    return None


def first_words(sql: str) -> list[str]:
    """The first tokens of a statement, without comments and EXPLAIN: some PRAGMAs act though only explained."""
    words = list(islice((token for token in _tokens(sql) if token not in _UNSEEN), _FIRST_TOKENS))
    if words and words[0].upper() == "EXPLAIN":
        del words[: 3 if [word.upper() for word in words[1:3]] == ["QUERY", "PLAN"] else 1]
    return words


def _tokens(sql: str) -> Iterator[str]:
    """Words, and other characters one by one; no spaces and no comments.

    Python's module `re` is not imported: in a program it may be a file of the program's own.
    """
    place = 0
    while place < len(sql):
        begin = place
        for opening, closing in _COMMENTS:
            if sql.startswith(opening, begin):
                found = sql.find(closing, begin + len(opening))
                place = len(sql) if found < 0 else found + len(closing)
        if place > begin:
            continue
        while place < len(sql) and (sql[place].isalnum() or sql[place] == "_"):
            place += 1
        place = max(place, begin + 1)
        if not sql[begin].isspace():
            yield sql[begin:place]


def _sets_something(words: list[str]) -> bool:
    name, *rest = words[2:] if words[1:2] == ["."] else words or [""]
    return bool(rest) and name.lower() not in _READING_PRAGMAS


def wire_error(message: str, *, code: str = "", offset: int | None = None, hint: str = "") -> dict[str, Any]:
    """An `error` object of the wire; `offset` in bytes of the statement's UTF-8."""
    return {"message": message, "code": code, "offset": offset, "hint": hint}
