"""What Python's sqlite3 does with the arguments of `sqlite3.connect`, before SQLite sees the name."""

from __future__ import annotations

import functools
import os
import sqlite3
from collections.abc import Mapping
from contextlib import closing

from memdb_tui.frozen import dataclass

_NOT_TRIED = frozenset({"uri", "factory"})
"""`uri` changes how the name is read, and a factory is somebody's code."""


@dataclass(frozen=True, slots=True)
class Refusal:
    """An exception that sqlite3 raises before SQLite is asked.

    Attributes:
        error_type: The class name of the exception.
        error: Its words.
    """

    error_type: str
    error: str


def encoded_name(database: object) -> bytes | Refusal:
    """Return the name as sqlite3 passes it to SQLite, or its refusal.

    `sqlite3.connect` converts the name with the file system's encoding and refuses NUL characters.
    """
    try:
        name = os.fsencode(database)  # type: ignore[arg-type]  # anything may stand here; it raises
    except (TypeError, UnicodeEncodeError) as error:
        return Refusal(type(error).__name__, str(error))
    if b"\0" in name:
        return Refusal("ValueError", "embedded null byte")
    return name


def keyword_refusal(keywords: Mapping[str, object]) -> Refusal | None:
    """Return how sqlite3 refuses these keyword arguments; None if it takes them.

    sqlite3 itself is asked, with a private in-memory database.
    """
    tried = {name: value for name, value in keywords.items() if name not in _NOT_TRIED}
    if not tried:
        return None
    try:
        return _refusal_of(tuple(tried), *tried.values())
    except TypeError:
        # An unhashable value: not kept, just asked.
        return _refusal_of.__wrapped__(tuple(tried), *tried.values())


@functools.lru_cache(maxsize=256, typed=True)
def _refusal_of(names: tuple[str, ...], *values: object) -> Refusal | None:
    return refusal_of_call(":memory:", dict(zip(names, values, strict=True)))


def refusal_of_call(database: object, keywords: Mapping[str, object]) -> Refusal | None:
    """Call `sqlite3.connect` and return how it refuses; None, and nothing left open, if it does not.

    Only for names that reach no file: `:memory:`, and those `encoded_name` refuses.
    """
    tried = {name: value for name, value in keywords.items() if name != "factory"}
    try:
        with closing(sqlite3.connect(database, **tried)):  # type: ignore[call-overload]  # as given
            return None
    except Exception as error:  # noqa: BLE001 -- the values are the caller's; any refusal is the answer
        return Refusal(type(error).__name__, str(error))


def sqlite_message(words: bytes) -> Refusal:
    """Return SQLite's message as Python raises it: text that is not UTF-8 fails to decode."""
    try:
        return Refusal("OperationalError", words.decode("utf-8"))
    except UnicodeDecodeError as error:
        return Refusal(type(error).__name__, str(error))
