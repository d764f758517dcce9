"""Which connections of a program are so alike that one line stands for many."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence

from memdb_tui.frozen import dataclass
from memdb_tui.model import Cache, CacheKind, Connection, ConnectionId, Snapshot, TransactionState

_LEAST_OTHERS = 4
"""Fewer are sooner read than unfolded."""
_OWN_KINDS = {CacheKind.PRIVATE, CacheKind.MEMORY, CacheKind.TEMPORARY}
"""Of these each connection has a cache of its own, which tells nothing that the first of them does not."""
_SIGN = " ⋮"


@dataclass(frozen=True, slots=True)
class Fold:
    """Connections that are alike: the first is listed, a line below it stands for the others."""

    id: str
    """The same as long as there are connections like these."""
    first: ConnectionId
    others: tuple[ConnectionId, ...]
    is_open: bool
    """The user wants to see the others."""
    is_apart: bool
    """Each has a database of its own."""

    @property
    def key(self) -> str:
        """The key of the line that stands for the others."""
        return f"{self.first}{_SIGN}{self.id}"


def fold_of(key: str) -> str | None:
    """The id of the fold that a line's key stands for; None where it is another line."""
    return key.partition(_SIGN)[2] or None


@dataclass(frozen=True, slots=True)
class Folding:
    """The folds of a snapshot."""

    by_first: Mapping[ConnectionId, Fold]
    hidden: Collection[ConnectionId]
    """Connections that another one's line stands for."""
    caches: Sequence[Cache]
    """In the order they are listed: those of an open fold follow the first one's."""


def folding_of(
    snapshot: Snapshot,
    *,
    shown: Collection[ConnectionId],
    leaking: Collection[ConnectionId],
    unfolded: Collection[str],
    kept: ConnectionId | None = None,
) -> Folding:
    """What is folded.

    Args:
        snapshot: The connections of one process.
        shown: Connections that are never folded: they are in a pane, or something is said of them.
        leaking: Connections with a sign of their own.
        unfolded: The ids of folds the user has opened.
        kept: The connection under the cursor: it has a line of its own as long as it is there.
    """
    caches: dict[ConnectionId, list[Cache]] = {}
    for cache in snapshot.caches:
        for member in cache.members:
            caches.setdefault(member.connection, []).append(cache)
    alike: dict[str, list[ConnectionId]] = {}
    for connection in snapshot.connections:
        if connection.id not in shown:
            look = _look(connection, caches.get(connection.id, []), is_leaking=connection.id in leaking)
            if look:
                alike.setdefault(look, []).append(connection.id)
    folds = [
        Fold(
            id=look,
            first=first,
            others=tuple(other for other in others if other != kept or look in unfolded),
            is_open=look in unfolded,
            is_apart=any(_is_own(cache) for cache in caches.get(first, ())),
        )
        for look, (first, *others) in alike.items()
        if len(others) >= _LEAST_OTHERS
    ]
    hidden = frozenset(connection for fold in folds if not fold.is_open for connection in fold.others)
    return Folding({fold.first: fold for fold in folds}, hidden, _in_order(snapshot.caches, folds))


def _in_order(caches: Sequence[Cache], folds: Iterable[Fold]) -> Sequence[Cache]:
    """The caches, those of an open fold together."""
    firsts = {other: fold.first for fold in folds if fold.is_apart and fold.is_open for other in fold.others}
    if not firsts:
        return caches
    places = {member.connection: number for number, cache in enumerate(caches) for member in cache.members}

    def place(numbered: tuple[int, Cache]) -> int:
        number, cache = numbered
        first = firsts.get(cache.members[0].connection) if _is_own(cache) else None
        return number if first is None else places[first]

    return [cache for _, cache in sorted(enumerate(caches), key=place)]


def _is_own(cache: Cache) -> bool:
    return cache.kind in _OWN_KINDS and len(cache.members) == 1


def _look(connection: Connection, caches: Collection[Cache], *, is_leaking: bool) -> str:
    """What those that are alike have in common; empty for a connection that is to be seen by itself."""
    origin = connection.origin
    if origin is None or origin.opener is None or len(caches) > 1:
        return ""
    if connection.running or connection.holds_cursor or connection.transaction is not TransactionState.NONE:
        return ""
    where = "".join(cache.name if _is_own(cache) else cache.id for cache in caches)
    opener = f"{origin.opener.path}:{origin.opener.line}"
    return " ".join((where, opener, connection.closed, str(origin.is_checked_out), str(is_leaking), origin.url))
