"""Closing connections and leaving, with the question where something would be lost."""

from __future__ import annotations

from textual.app import App

from memdb_tui.model import Cache, CacheKind, Connection, ConnectionId, Snapshot, TransactionState
from memdb_tui.ui.bridge import Bridge
from memdb_tui.ui.screens.choice import ChoiceScreen, Option
from memdb_tui.ui.wording import count, printable


class Closing:
    """Closes connections.

    Args:
        app: Where questions are asked.
        bridge: The way to the host.
    """

    def __init__(self, app: App[object], bridge: Bridge) -> None:
        self._app = app
        self._bridge = bridge

    async def close_connection(self, wanted: ConnectionId, snapshot: Snapshot) -> bool:
        """Closes a connection, asking first where that destroys something; True when it was closed."""
        losses = losses_by_closing(wanted, snapshot)
        if losses:
            answer = await self._app.push_screen_wait(
                ChoiceScreen(
                    f"Close {wanted}?",
                    [
                        Option("keep", "Keep it open", "", "n"),
                        Option("close", f"Close {wanted}", "this cannot be undone", "y", is_dangerous=True),
                    ],
                    body=losses,
                )
            )
            if answer is None or answer.id != "close":
                return False
        closing = await self._bridge.session.close_connection(wanted)
        self._app.notify(closing.message)
        return closing.closed

    async def may_quit(self, snapshot: Snapshot | None, *, is_asked: bool) -> bool:
        """True when nothing would be lost unsaid, or the user has said yes."""
        open_ones = open_work(snapshot) if snapshot is not None else ()
        if not open_ones and not is_asked:
            return True
        databases = 0 if snapshot is None else own_databases(snapshot)
        body = [*open_ones, f"{count(databases, 'in-memory database')} of this session will be gone."]
        answer = await self._app.push_screen_wait(
            ChoiceScreen(
                "Quit memdb-tui?",
                [Option("stay", "Stay", "", "n"), Option("quit", "Quit", "", "y", is_dangerous=bool(open_ones))],
                body=body,
            )
        )
        return answer is not None and answer.id == "quit"


def losses_by_closing(wanted: ConnectionId, snapshot: Snapshot) -> tuple[str, ...]:
    """What is lost when a connection closes, a sentence each; empty when nothing is."""
    connection = snapshot.connection(wanted)
    if connection is None or connection.closed or connection.checkouts > 1:
        return ()
    losses = []
    for cache in snapshot.caches:
        if _dies_with(cache, connection):
            counted = " SQLite counts no other." if cache.sqlite_count == 1 else ""
            losses.append(
                f"{wanted} is the last connection to {printable(cache.name)}. The database and everything in it "
                f"end with it.{counted}"
            )
    if connection.transaction is not TransactionState.NONE:
        losses.append(f"{wanted} has an open transaction ({connection.transaction}): it will be rolled back.")
    if connection.running:
        losses.append(f"{wanted} is running a statement: it will be interrupted.")
    return tuple(losses)


def open_work(snapshot: Snapshot) -> tuple[str, ...]:
    """Open transactions and running statements of this session, a sentence each; a program's go on without us."""
    work = []
    for connection in snapshot.connections:
        if connection.origin is not None:
            continue
        if connection.running:
            work.append(f"{connection.id} is running a statement: it will be interrupted.")
        elif connection.transaction in {TransactionState.READ, TransactionState.WRITE, TransactionState.OPEN}:
            work.append(f"{connection.id} has an open transaction: it will be rolled back.")
    return tuple(work)


def own_databases(snapshot: Snapshot) -> int:
    """How many databases in memory end with this session; a program's are none of them."""
    return sum(1 for cache in snapshot.caches if cache.kind is not CacheKind.FILE and not cache.process)


def _dies_with(cache: Cache, connection: Connection) -> bool:
    if cache.kind is CacheKind.FILE:
        return False
    members = {member.connection for member in cache.members}
    return members == {connection.id} and (cache.sqlite_count or 1) <= 1
