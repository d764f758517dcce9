"""What is said of copies of a program's databases while they are waited for. Pure, from values."""

from __future__ import annotations

from collections.abc import Sequence

from memdb_tui.model import Connection, ConnectionId, CopyState, Snapshot, WaitingCopy
from memdb_tui.ui.wording import thread_words


def waiting_words(copy: WaitingCopy) -> str:
    """Whom a copy of a private database waits for, as a sentence."""
    return f"A copy of {copy.connection} waits {_until(copy)}."


def copying_words(connection: ConnectionId, snapshot: Snapshot | None) -> str:
    """How far a copy has come that is waited for, as a sentence."""
    found = snapshot.connection(connection) if snapshot is not None else None
    if found is not None and _is_private(found):
        return waiting_words(_waiting(found))
    if writers := _writers(found, snapshot):
        return f"A copy of {connection} waits until {_ended(writers)}."
    return f"{connection} is being copied."


def question_words(found: Connection | None, snapshot: Snapshot | None) -> str:
    """Why a copy takes its time, for the question whether to go on waiting."""
    if found is not None and _is_private(found):
        return f"It is private, so the program must hand it out: this waits {_until(_waiting(found))}."
    if writers := _writers(found, snapshot):
        return (
            f"What is not committed is not copied: it waits until {_ended(writers)}. "
            "Live SQL (Enter on the connection) reads it now."
        )
    return "The database is read in small steps, so that the program goes on meanwhile."


def _until(copy: WaitingCopy) -> str:
    who = thread_words(copy.thread) if copy.thread else "the thread that opened it"
    also = ", or any thread runs a statement on it" if copy.is_for_all_threads else " or runs a statement"
    return f"until {who} next opens a connection{also if copy.is_traced else ''}"


def _ended(writers: Sequence[ConnectionId]) -> str:
    return f"{' and '.join(writers)} {'ends its' if len(writers) == 1 else 'end their'} transaction"


def _is_private(connection: Connection) -> bool:
    return connection.origin is not None and connection.origin.reading is CopyState.PRIVATE


def _waiting(found: Connection) -> WaitingCopy:
    origin = found.origin
    return WaitingCopy(
        found.id,
        found.thread,
        is_traced=origin is not None and origin.statement_count is not None,
        is_for_all_threads=origin is not None and origin.is_for_all_threads,
    )


def _writers(connection: Connection | None, snapshot: Snapshot | None) -> tuple[ConnectionId, ...]:
    """The program's connections to the same cache that are in a transaction, which may have written."""
    if snapshot is None or connection is None:
        return ()
    return tuple(each.id for each in snapshot.in_transaction_on(connection.id))
