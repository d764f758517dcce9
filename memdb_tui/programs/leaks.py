"""What a program left open, and which in-memory databases it lost: pure decisions over one process."""

from __future__ import annotations

import math
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import replace

from memdb_tui.frozen import dataclass
from memdb_tui.model import CacheKind, CodePlace, ConnectionId, Leak, LeakKind
from memdb_tui.programs.grouping import Group, Seat
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
    strangers = [seat for group in groups for seat in group.seats if _is_stranger(seat)]
    for index, group in enumerate(groups):
        if group.kind not in _SHARED:
            continue
        if not group.open_seats:
            # The database of a program that is over, or that opens none any more, was not lost: it was done with.
            is_lost = not has_ended or last_opening > group.ended
            again = _opened_again(group, groups[index + 1 :])
            if is_lost and not is_fixtures_own(_last_of(group).stack) and _has_died(group, again, strangers):
                found.append(_died(group, again, ids))
        elif (
            not has_ended
            and _is_last_of_several(group, strangers)
            and not is_fixtures_own(group.open_seats[0].connection.stack)
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
    of_all = f": {spelled(opener)} opened them" if opener is not None else ""
    if connection.engine is None and connection.has_opener_returned:
        what = "was never closed." if is_certain else "was open when its process last told of itself."
        several = (
            "connections never closed" if is_certain else "connections open when their process last told of itself"
        )
        yield Leak(LeakKind.STILL_OPEN, name, f"{name} {what}{where}", several=several + of_all)
    if connection.engine is not None and connection.is_checked_out:
        pool = connection.engine.pool or "pool"
        what = (
            f"was checked out of its {pool} and never given back."
            if is_certain
            else f"was checked out of its {pool} when its process last told of itself."
        )
        several = (
            f"connections never given back to their {pool}"
            if is_certain
            else f"connections checked out of their {pool} when their process last told of itself"
        )
        yield Leak(LeakKind.CHECKED_OUT, name, f"{name} {what}{where}", several=several + of_all)


def _meanwhile(connection: ToldConnection, name: ConnectionId, *, opener: CodePlace | None) -> Iterable[Leak]:
    if connection.engine is not None or not connection.has_opener_returned or opener is None:
        return
    if opener.function not in {"", "<module>"}:
        message = f"{name} is still open, though {opener.function} has returned: {spelled(opener)} opened it."
        line = spelled(replace(opener, function=""))
        several = f"connections still open, though {opener.function} has returned: {line}"
        yield Leak(LeakKind.STILL_OPEN, name, message, several=several)


def _is_last_of_several(group: Group, strangers: Iterable[Seat]) -> bool:
    if len(group.open_seats) != 1 or len(group.seats) == 1:
        return False
    return not _may_have_others(group, math.inf, strangers)


def _has_died(group: Group, again: Group | None, strangers: Iterable[Seat]) -> bool:
    """The database is known to be gone: nobody else can have kept it."""
    if again is not None:
        count = _Count.of(again.seats[0], again)
        if count is not None:
            # Whoever opened the name again was alone on it, or met somebody there.
            return count.is_explained
    return not _may_have_others(group, group.ended, strangers)


def _may_have_others(group: Group, at: float, strangers: Iterable[Seat]) -> bool:
    """Whether connections that are not known to be on a database may have been on it.

    Args:
        group: Those that are known to be on it.
        at: When; infinity for now.
        strangers: Connections of which nobody knows what they have open.
    """
    counts = [count for seat in group.seats if (count := _Count.of(seat, group)) is not None]
    newest = max(counts, key=lambda count: count.at, default=None)
    if newest is None:
        return any(seat.began < at <= seat.ended for seat in strangers)
    # SQLite has counted those that were there before.
    return not newest.is_explained or any(newest.at < seat.began < at <= seat.ended for seat in strangers)


@dataclass(frozen=True, slots=True)
class _Count:
    """What SQLite counted on a database."""

    at: float
    is_explained: bool
    """No more than are known to have been on it then."""

    @classmethod
    def of(cls, seat: Seat, group: Group) -> _Count | None:
        """What it counted when it was asked through a connection; None where it was not asked."""
        count, at = seat.connection.sqlite_count, seat.connection.observed_at
        if count is None or at is None:
            return None
        return cls(at, is_explained=count <= sum(each.began <= at < each.ended for each in group.seats))


def _is_stranger(seat: Seat) -> bool:
    """Of a connection that is older than our arrival nobody may know what it has open."""
    return seat.connection.schemas is None and seat.meaning is None


def _about_to_die(group: Group, ids: Mapping[str, ConnectionId]) -> Leak:
    last = ids[group.open_seats[0].connection.id]
    message = f"{last} is the last connection to {_name(group)}: the database dies when it is closed."
    return Leak(LeakKind.LAST_CONNECTION, last, message)


def _last_of(group: Group) -> ToldConnection:
    return max(group.seats, key=lambda seat: seat.ended).connection


def _opened_again(group: Group, later: Iterable[Group]) -> Group | None:
    """The first cache that was opened by the name of one that is gone; None where it had no known name."""
    name = _own_name(group)
    return next((each for each in later if name and _own_name(each) == name and each.began >= group.ended), None)


def _died(group: Group, again: Group | None, ids: Mapping[str, ConnectionId]) -> Leak:
    last = _last_of(group)
    message = f"{_name(group)} died when its last connection, {ids[last.id]}, was {ended_by(last)}."
    reopened_by = ids[again.seats[0].connection.id] if again is not None else None
    if reopened_by is not None:
        message += f" {reopened_by} opened that name again, and found it empty."
    several = f"times {_name(group)} died with its last connection"
    several += "" if again is None else ", and was opened again, empty"
    return Leak(LeakKind.DIED, ids[last.id], message, reopened_by=reopened_by, several=several)


def _name(group: Group) -> str:
    name = _own_name(group)
    return f"the in-memory database {name!r}" if name else "an in-memory database"


def _own_name(group: Group) -> str:
    return group.newest.schema.virtual or group.shared_name
