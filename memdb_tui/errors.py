"""What can go wrong, said in whole sentences: what happened, and what to do about it."""

from __future__ import annotations


class MemdbError(Exception):
    """The root of every error this package raises on purpose.

    Attributes:
        hint: What the user can do, a whole sentence, or an empty string.
    """

    def __init__(self, message: str, *, hint: str = "") -> None:
        super().__init__(message)
        self.hint = hint


class OpenError(MemdbError):
    """A connection string could not be opened."""


class QueryError(MemdbError):
    """A request about a running or finished statement could not be served."""


class ProtocolError(MemdbError):
    """A message on the wire was malformed, too large, or of another version."""


class HostGoneError(MemdbError):
    """The process that owns the databases is no longer there."""


class ProgramGoneError(MemdbError):
    """A process that is looked into is no longer there; this session goes on."""


class UsageError(MemdbError):
    """The request itself makes no sense here: an unknown connection, a mode this Python lacks."""
