"""Which connections of one process share, or shared, a cache: pure decisions over what its probe observed."""

from __future__ import annotations

import math
import string
from collections.abc import Iterable, Mapping, Sequence

from memdb_tui.frozen import dataclass
from memdb_tui.model import CacheKind
from memdb_tui.programs.meanings import Meaning
from memdb_tui.programs.told import ToldConnection, ToldSchema

Key = tuple[str, ...]
"""What makes two schemas the same cache; comparable only among connections open at the same moment."""

_UNSEEN_MAIN = ToldSchema(name="main", file="", virtual="", pager=None, memdb_bytes=None)


@dataclass(frozen=True, slots=True)
class Seat:
    """One database of a connection, with what its string declares."""

    connection: ToldConnection
    schema: ToldSchema
    meaning: Meaning | None
    """Of the connection's string, for its main database; None where it is not known."""

    @property
    def is_observed(self) -> bool:
        """SQLite itself named the file, the store or the pager that is shared."""
        schema = self.schema
        return bool(schema.file) or schema.is_named_store or (schema.pager is not None and not self.is_unnamed_store)

    @property
    def is_unnamed_store(self) -> bool:
        """A memdb of which only the string says which: from SQLite 3.53 on it has no name of its own.

        Its pager says nothing: each connection to a store has one.
        """
        schema, meaning = self.schema, self.meaning
        if schema.file or schema.virtual:
            return False
        if meaning is None:
            return schema.memdb_bytes is not None
        return meaning.cache_kind is CacheKind.MEMDB_STORE and bool(meaning.database)

    @property
    def declared(self) -> Key | None:
        """What the string alone says is shared; None where it says nothing of the kind."""
        if self.meaning is None:
            return None
        match self.meaning.cache_kind:
            case CacheKind.FILE if self.meaning.path:
                return ("file", self.meaning.path)
            case CacheKind.SHARED_CACHE | CacheKind.MEMDB_STORE as kind if self.meaning.database:
                return ("name", kind.value, self.meaning.database)
        return None

    @property
    def key(self) -> Key:
        """The file, the named memdb store, the pager, or only the name."""
        schema = self.schema
        if schema.file:
            return ("file", schema.file)
        if schema.is_named_store:
            return ("memdb", schema.virtual)
        if schema.pager is not None and not self.is_unnamed_store:
            return ("pager", str(schema.pager))
        return self.declared or ("alone", self.connection.id, schema.name)

    @property
    def began(self) -> float:
        """When it was opened, or first seen to be attached; before all others where nobody saw it."""
        if self.schema.since is not None:
            # The address of its pager may have been that of others until then.
            return self.schema.since
        opened = self.connection.opened_at
        return -math.inf if opened is None else opened

    @property
    def ended(self) -> float:
        """When it was closed; after all others while it is open."""
        closed = self.connection.closed_at
        return math.inf if closed is None else closed


@dataclass(frozen=True, slots=True)
class Group:
    """A cache over its whole life: everyone who was ever on it."""

    key: Key
    seats: tuple[Seat, ...]

    @property
    def open_seats(self) -> tuple[Seat, ...]:
        """Those still on it."""
        return tuple(seat for seat in self.seats if seat.connection.is_open)

    @property
    def ended(self) -> float:
        """When the last went; infinity while one is there."""
        return max(seat.ended for seat in self.seats)

    @property
    def began(self) -> float:
        """When the first came."""
        return min(seat.began for seat in self.seats)

    @property
    def newest(self) -> Seat:
        """The seat that was looked at last."""
        return max(self.seats, key=lambda seat: seat.connection.observed_at or -math.inf)

    @property
    def shared_name(self) -> str:
        """The name by which others can come to it, empty where no string gives one."""
        names = (seat.declared for seat in self.seats)
        return next((key[-1] for key in names if key is not None and key[0] == "name"), "")

    @property
    def is_wholly_observed(self) -> bool:
        """Of every member SQLite itself said that it is one."""
        return all(seat.is_observed for seat in self.seats)

    @property
    def kind(self) -> CacheKind:
        """What it is that they share."""
        if self.key[0] == "file":
            return CacheKind.FILE
        if self.key[0] == "memdb":
            return CacheKind.MEMDB_STORE
        if any(seat.is_unnamed_store for seat in self.seats):
            return CacheKind.MEMDB_STORE
        schema = self.newest.schema
        if schema.memdb_bytes is not None:
            return CacheKind.PRIVATE
        if len(self.seats) > 1 or (self.newest.connection.sqlite_count or 0) > 1:
            return CacheKind.SHARED_CACHE
        return _kind_alone(self.seats[0])


def _kind_alone(seat: Seat) -> CacheKind:
    # SQLite shows no difference between a private database and a shared one that nobody else is on.
    declared = seat.meaning.cache_kind if seat.meaning is not None else CacheKind.MEMORY
    if seat.is_observed and declared is CacheKind.FILE:
        # The string says a file, SQLite says there is none.
        return CacheKind.PRIVATE
    return declared


def seats_of(connection: ToldConnection, meaning: Meaning | None) -> tuple[Seat, ...]:
    """The databases of a connection; at least its main one, observed or not."""
    schemas = connection.schemas or (_UNSEEN_MAIN,)
    return tuple(Seat(connection, schema, meaning if schema.name == "main" else None) for schema in schemas)


def groups_of(seats: Iterable[Seat]) -> tuple[Group, ...]:
    """The caches, in the order in which they came to be.

    An address is used again after a close: seats with one key make one cache only while their times overlap. A file
    outlasts its connections, so its seats always do. Where only the name of a database is known, its seats join
    those that were observed under that name at the same time.
    """
    by_key: dict[Key, list[Seat]] = {}
    for seat in seats:
        by_key.setdefault(seat.key, []).append(seat)
    groups: list[Group] = []
    for key, members in by_key.items():
        members.sort(key=lambda seat: seat.began)
        groups += [Group(key, tuple(members))] if key[0] == "file" else _by_overlap(key, members)
    groups.sort(key=lambda group: group.began)
    return _join_by_name(groups)


def _by_overlap(key: Key, members: Sequence[Seat]) -> list[Group]:
    runs: list[list[Seat]] = []
    end = -math.inf
    for seat in members:
        if not runs or seat.began >= end:
            runs.append([])
        runs[-1].append(seat)
        end = max(end, seat.ended)
    return [Group(key, tuple(run)) for run in runs]


def _join_by_name(groups: Sequence[Group]) -> tuple[Group, ...]:
    seen = [group for group in groups if group.key[0] == "pager"]
    joined: dict[int, list[Seat]] = {}
    rest = []
    for group in groups:
        host = None
        if group.key[0] == "name":
            host = next((each for each in seen if _is_declared(each, group.key) and _meet(each, group)), None)
        if host is None:
            rest.append(group)
        else:
            joined.setdefault(id(host), []).extend(group.seats)
    return tuple(Group(g.key, (*g.seats, *joined[id(g)])) if id(g) in joined else g for g in rest)


def _is_declared(group: Group, key: Key) -> bool:
    return any(seat.declared == key for seat in group.seats)


def _meet(one: Group, other: Group) -> bool:
    return one.began < other.ended and other.began < one.ended


class Letters:
    """The letters of one process's caches, kept as long as each lives, never given twice.

    Args:
        prefix: Stands before each, `p1.` say.
    """

    def __init__(self, prefix: str) -> None:
        self._prefix = prefix
        self._given = 0
        self._letters: dict[tuple[str, str], str] = {}

    def name(self, groups: Iterable[Group]) -> Mapping[tuple[str, str], str]:
        """The cache's id for every database, by connection and schema."""
        now: dict[tuple[str, str], str] = {}
        for group in groups:
            places = [(seat.connection.id, seat.schema.name) for seat in group.seats]
            known = next((self._letters[place] for place in places if place in self._letters), None)
            if known is None:
                known = f"{self._prefix}{letter(self._given)}"
                self._given += 1
            now.update(dict.fromkeys(places, known))
        self._letters = now
        return now


def letter(number: int) -> str:
    """A, B, … Z, AA, AB, … for 0, 1, …."""
    letters = string.ascii_uppercase
    text = letters[number % 26]
    while number >= len(letters):
        number = number // 26 - 1
        text = letters[number % 26] + text
    return text
