"""Who shares a cache with whom: pure decisions over what the owners observed."""

from __future__ import annotations

import string
from collections.abc import Mapping, Sequence

from memdb_tui.frozen import dataclass
from memdb_tui.host.observation import Observation, SchemaObservation
from memdb_tui.model import Cache, CacheKind, ConnectionId, Evidence, Member


@dataclass(frozen=True, slots=True)
class Declared:
    """What a string says of the database behind one schema of a connection."""

    kind: CacheKind
    name: str
    """The shared name, the memdb name, the path, or a description."""


NOT_DECLARED = Declared(CacheKind.PRIVATE, "attached by an expression")

Key = tuple[str, ...]
"""What makes two schemas the same cache; comparable only among connections open at the same moment."""


@dataclass(frozen=True, slots=True)
class Look:
    """The last look at a connection, what was declared for each of its schemas, and the cache behind each."""

    observation: Observation
    declared: Mapping[str, Declared]
    keys: Mapping[str, Key]


@dataclass(frozen=True, slots=True)
class Measure:
    """What SQLite last said of a cache as a whole."""

    sqlite_count: int | None
    size_bytes: int | None


def look_at(connection: ConnectionId, observation: Observation, declared: Mapping[str, Declared]) -> Look:
    """What was observed, with what was declared for just the schemas that are there."""
    known = {schema.name: declared.get(schema.name, NOT_DECLARED) for schema in observation.schemas}
    keys = {schema.name: cache_key(connection, schema, known[schema.name]) for schema in observation.schemas}
    return Look(observation, known, keys)


def cache_key(connection: ConnectionId, schema: SchemaObservation, declared: Declared) -> Key:
    """The identity of the cache behind a schema: file, named memdb store, pager, or only the name."""
    if schema.file:
        return ("file", schema.file)
    if schema.is_named_store:
        # Not the address of its store: that is none while the store is empty, and another whenever it grows.
        return ("memdb", schema.virtual_name)
    if schema.store_bytes is not None and declared.kind is CacheKind.MEMDB_STORE:
        # Each connection has a pager of its own, and SQLite does not tell the store's name: the string does.
        return ("name", declared.kind.value, declared.name)
    if schema.pager is not None:
        return ("pager", str(schema.pager))
    if declared.kind in {CacheKind.SHARED_CACHE, CacheKind.MEMDB_STORE}:
        return ("name", declared.kind.value, declared.name)
    return ("alone", connection, schema.name)


def letter(number: int) -> str:
    """A, B, … Z, AA, AB, … for 0, 1, …."""
    letters = string.ascii_uppercase
    text = letters[number % 26]
    while number >= len(letters):
        number = number // 26 - 1
        text = letters[number % 26] + text
    return text


def cache_of(
    name: str, key: Key, members: Sequence[Member], *, looks: Mapping[ConnectionId, Look], measure: Measure | None
) -> Cache:
    """A cache as a value; `looks` holds those of all its members."""
    schema = _schema(looks[members[0].connection], members[0].schema)
    declared = _best([looks[member.connection].declared[member.schema] for member in members])
    count = measure.sqlite_count if measure else None
    connections = len({member.connection for member in members})
    kind = _kind(key, schema, declared, max(connections, count or 0))
    return Cache(
        id=name,
        kind=kind,
        name=schema.file or schema.virtual_name or declared.name,
        members=tuple(members),
        sqlite_count=count if kind is CacheKind.SHARED_CACHE else None,
        # The newest look knows the size of a memdb store best: it only moves while somebody writes.
        size_bytes=measure.size_bytes if measure else None,
        evidence=Evidence.OBSERVED if key[0] in {"file", "memdb", "pager"} else Evidence.DECLARED,
    )


def _schema(look: Look, name: str) -> SchemaObservation:
    return next(schema for schema in look.observation.schemas if schema.name == name)


def _best(declared: Sequence[Declared]) -> Declared:
    """A declaration that names what is shared, if any member has one; the first member's otherwise."""
    shared = {CacheKind.SHARED_CACHE, CacheKind.MEMDB_STORE}
    return next((each for each in declared if each.kind in shared), declared[0])


def _kind(key: Key, schema: SchemaObservation, declared: Declared, connections: int) -> CacheKind:
    if key[0] == "file":
        return CacheKind.FILE
    if key[0] == "memdb":
        return CacheKind.MEMDB_STORE
    if key[0] == "name":
        return declared.kind
    if schema.store_bytes is not None:
        return CacheKind.PRIVATE
    if connections > 1:
        return CacheKind.SHARED_CACHE
    return declared.kind
