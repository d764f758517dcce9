"""From the bytes SQLite counts to the lines and columns a reader counts."""

from __future__ import annotations

from typing import Final, NamedTuple

_CONTINUATION_BYTES: Final = bytes(range(0x80, 0xC0))


class Place(NamedTuple):
    """A character's place in a text."""

    line: int
    """From 1; lines end at a line feed."""
    column: int
    """In characters, from 1."""
    char_offset: int
    """In characters, from 0."""


def locate(sql: str, byte_offset: int) -> Place:
    """The place of the character that `byte_offset` lies in, counted in the UTF-8 of `sql`.

    `sqlite3_error_offset` counts like that (https://sqlite.org/c3ref/errcode.html). An offset before or past the
    text gives the place of its start or its end. A lone surrogate counts as the three bytes it would have.
    """
    encoded = sql.encode("utf-8", "surrogatepass")
    # A character begins with the one byte that is not a continuation; the one begun last is the one meant.
    upto = min(max(byte_offset, 0) + 1, len(encoded))
    begun = len(encoded[:upto].translate(None, _CONTINUATION_BYTES))
    char_offset = len(sql) if byte_offset >= len(encoded) else begun - 1
    line_start = sql.rfind("\n", 0, char_offset) + 1
    return Place(sql.count("\n", 0, char_offset) + 1, char_offset - line_start + 1, char_offset)
