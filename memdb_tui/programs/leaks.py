"""What a program left open, and which in-memory databases it lost: pure decisions over one process."""

from __future__ import annotations

import math
from collections.abc import Collection, Iterable, Mapping, Sequence

from memdb_tui.model import CacheKind, CodePlace, ConnectionId, Leak, LeakKind
from memdb_tui.programs.grouping import Group
from memdb_tui.programs.places import is_fixtures_own, spelled
from memdb_tui.programs.told import ToldConnection

_SHARED = {CacheKind.SHARED_CACHE, CacheKind.MEMDB_STORE}


def leaks_of(
    connections: Iterable[ToldConnection],
    groups: Sequence[Group],
    *,
    openers: Mapping[str, CodePlace | None],
    ids: Mapping[str, ConnectionId],
    inherited: Collection[ConnectionId],
    has_ended: bool,
    has_last_word: bool = True,
) -> tuple[Leak, ...]:
    """The leaks of one process: connections in their order, then databases in theirs.

    Args:
        connections: All that are known, closed ones too.
        groups: Their caches.
        openers: The program's own line that opened each, by the probe's id.
        ids: What each is called here, by the probe's id.
        inherited: Those of a process it was forked from. They are that one's to close: SQLite forbids it here.
        has_ended: The process is over: what is open now was never closed.
        has_last_word: It said so itself; else that is only how it was when it last told of itself.
    """
    found = [
        leak
        for connection in connections
        if connection.is_open
        for leak in (
            _at_the_end(connection, ids[connection.id], opener=openers[connection.id], is_certain=has_last_word)
            if has_ended
            else _meanwhile(connection, ids[connection.id], opener=openers[connection.id])
        )
    ]
    last_opening = max((group.seats[-1].began for group in groups), default=-math.inf)
    for index, group in enumerate(groups):
        if group.kind not in _SHARED:
            continue
        if not group.open_seats:
            # The database of a program that is over, or that opens none any more, was not lost: it was done with.
            is_lost = not has_ended or last_opening > group.ended
            if is_lost and not is_fixtures_own(_last_of(group).stack):
                found.append(_died(group, groups[index + 1 :], ids))
        elif (
            not has_ended and _is_last_of_several(group) and not is_fixtures_own(group.open_seats[0].connection.stack)
        ):
            found.append(_about_to_die(group, ids))
    return tuple(leak for leak in found if leak.connection not in inherited)


def ended_by(connection: ToldConnection) -> str:
    """With what a connection ended, as it follows on "was"."""
    place = connection.closed_by
    if place is None:
        return "closed, or collected as garbage"
    if connection.is_closer_certain:
        return f"closed at {spelled(place)}"
    return f"closed, or collected as garbage, while {spelled(place)} ran"


def _at_the_end(
    connection: ToldConnection, name: ConnectionId, *, opener: CodePlace | None, is_certain: bool
) -> Iterable[Leak]:
    where = f" {spelled(opener)} opened it." if opener is not None else ""
    if connection.engine is None and connection.has_opener_returned:
        what = "was never closed." if is_certain else "was open when its process last told of itself."
        yield Leak(LeakKind.STILL_OPEN, name, f"{name} {what}{where}")
    if connection.engine is not None and connection.is_checked_out:
        pool = connection.engine.pool or "pool"
        what = (
            f"was checked out of its {pool} and never given back."
            if is_certain
            else f"was checked out of its {pool} when its process last told of itself."
        )
        yield Leak(LeakKind.CHECKED_OUT, name, f"{name} {what}{where}")


def _meanwhile(connection: ToldConnection, name: ConnectionId, *, opener: CodePlace | None) -> Iterable[Leak]:
    if connection.engine is not None or not connection.has_opener_returned or opener is None:
        return
    if opener.function not in {"", "<module>"}:
        message = f"{name} is still open, though {opener.function} has returned: {spelled(opener)} opened it."
        yield Leak(LeakKind.STILL_OPEN, name, message)


def _is_last_of_several(group: Group) -> bool:
    if len(group.open_seats) != 1 or len(group.seats) == 1:
        return False
    newest = group.newest.connection
    seen_at = newest.observed_at
    if newest.sqlite_count is None or seen_at is None:
        return True
    # More than we know of were there: others may keep it.
    return newest.sqlite_count <= sum(seat.began <= seen_at < seat.ended for seat in group.seats)


def _about_to_die(group: Group, ids: Mapping[str, ConnectionId]) -> Leak:
    last = ids[group.open_seats[0].connection.id]
    message = f"{last} is the last connection to {_name(group)}: the database dies when it is closed."
    return Leak(LeakKind.LAST_CONNECTION, last, message)


def _last_of(group: Group) -> ToldConnection:
    return max(group.seats, key=lambda seat: seat.ended).connection


def _died(group: Group, later: Sequence[Group], ids: Mapping[str, ConnectionId]) -> Leak:
    last = _last_of(group)
    message = f"{_name(group)} died when its last connection, {ids[last.id]}, was {ended_by(last)}."
    again = next((each for each in later if _name(each) == _name(group) and each.began >= group.ended), None)
    reopened_by = ids[again.seats[0].connection.id] if again is not None else None
    if reopened_by is not None:
        message += f" {reopened_by} opened that name again, and found it empty."
    return Leak(LeakKind.DIED, ids[last.id], message, reopened_by=reopened_by)


def _name(group: Group) -> str:
    schema = group.newest.schema
    name = schema.virtual or group.shared_name
    return f"the in-memory database {name!r}" if name else "an in-memory database"
