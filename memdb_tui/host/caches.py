"""Who shares a cache with whom: pure decisions over what the owners observed."""

from __future__ import annotations

import string
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from memdb_tui.host.observation import Observation, SchemaObservation
from memdb_tui.model import Cache, CacheKind, ConnectionId, Evidence, Member


@dataclass(frozen=True, slots=True)
class Declared:
    """What a string says of the database behind one schema of a connection."""

    kind: CacheKind
    name: str
    """The shared name, the memdb name, the path, or a description."""


@dataclass(frozen=True, slots=True)
class Look:
    """The last look at a connection, and what was declared for each of its schemas."""

    observation: Observation
    declared: Mapping[str, Declared]


@dataclass(frozen=True, slots=True)
class Measure:
    """What SQLite last said of a cache as a whole."""

    sqlite_count: int | None
    size_bytes: int | None


Key = tuple[str, ...]
"""What makes two schemas the same cache; comparable only among connections open at the same moment."""


class Letters:
    """Gives each cache a letter for as long as it lives, and never the same one twice."""

    def __init__(self) -> None:
        self._letters: dict[Key, str] = {}
        self._given = 0

    def keep(self, keys: Sequence[Key]) -> Mapping[Key, str]:
        """Letters for just these caches; those of caches not named are forgotten, as addresses are used again."""
        kept: dict[Key, str] = {}
        for key in keys:
            letter = self._letters.get(key)
            if letter is None:
                letter = _letter(self._given)
                self._given += 1
            kept[key] = letter
        self._letters = kept
        return kept


def _letter(number: int) -> str:
    """A, B, … Z, AA, AB, …."""
    letters = string.ascii_uppercase
    text = letters[number % 26]
    while number >= len(letters):
        number = number // 26 - 1
        text = letters[number % 26] + text
    return text


def cache_key(connection: ConnectionId, schema: SchemaObservation, declared: Declared) -> Key:
    """The identity of the cache behind a schema: file, memdb store, pager, or only the name."""
    if schema.file:
        return ("file", schema.file)
    if schema.store is not None:
        return ("memdb", schema.store.address)
    if schema.pager is not None:
        return ("pager", str(schema.pager))
    if declared.kind in {CacheKind.SHARED_CACHE, CacheKind.MEMDB_STORE}:
        return ("name", declared.kind.value, declared.name)
    return ("alone", connection, schema.name)


def keys_of(connection: ConnectionId, look: Look) -> dict[str, Key]:
    """The cache behind each schema of a connection."""
    return {
        schema.name: cache_key(connection, schema, look.declared[schema.name]) for schema in look.observation.schemas
    }


def measure_of(look: Look) -> Measure | None:
    """What a look tells of the cache of `main`; None where the figures would speak of several caches."""
    observation = look.observation
    if observation.cache_bytes is None:
        return None
    return Measure(observation.sqlite_count, observation.cache_bytes)


def group(
    looks: Mapping[ConnectionId, Look], measures: Mapping[Key, Measure], letters: Letters
) -> tuple[tuple[Cache, ...], Mapping[Member, str]]:
    """All connections by cache, oldest cache first, and the cache's letter for each schema."""
    members: dict[Key, list[Member]] = {}
    for connection, look in looks.items():
        for schema, key in keys_of(connection, look).items():
            members.setdefault(key, []).append(Member(connection, schema))
    named = letters.keep(list(members))
    caches = tuple(
        _cache(named[key], key, tuple(found), looks[found[0].connection], measures.get(key))
        for key, found in members.items()
    )
    return caches, {member: named[key] for key, found in members.items() for member in found}


def _cache(letter: str, key: Key, members: tuple[Member, ...], first: Look, measure: Measure | None) -> Cache:
    schema = next(s for s in first.observation.schemas if s.name == members[0].schema)
    declared = first.declared[schema.name]
    kind = _kind(key, schema, declared, len({m.connection for m in members}))
    size = measure.size_bytes if measure else None
    return Cache(
        id=letter,
        kind=kind,
        name=schema.file or schema.virtual_name or declared.name,
        members=members,
        sqlite_count=measure.sqlite_count if measure and kind is CacheKind.SHARED_CACHE else None,
        size_bytes=schema.store.size_bytes if schema.store else size,
        evidence=Evidence.OBSERVED if key[0] in {"file", "memdb", "pager"} else Evidence.DECLARED,
    )


def _kind(key: Key, schema: SchemaObservation, declared: Declared, connections: int) -> CacheKind:
    if key[0] == "file":
        return CacheKind.FILE
    if key[0] == "memdb":
        return CacheKind.MEMDB_STORE if schema.virtual_name.startswith("/") else CacheKind.PRIVATE
    if connections > 1:
        return CacheKind.SHARED_CACHE
    return declared.kind
