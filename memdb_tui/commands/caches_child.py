"""Opens connection strings for real and reports who shares with whom; run as a process of its own.

The request on standard input is one JSON list of strings; the answer on standard output is the documented
JSON form of `memdb-tui caches`. Every connection is opened, looked at and closed by the one thread there is.
"""

from __future__ import annotations

import json
import sqlite3
import sys
import warnings
from contextlib import ExitStack, closing
from dataclasses import dataclass

from memdb_tui.explain import Explanation, Kind, Outcome, explain
from memdb_tui.host.caches import letter
from memdb_tui.host.observation import Observation, observe
from memdb_tui.model import CacheKind, Evidence

_DECLARED_KINDS = {
    Outcome.MEMORY_SHARED: CacheKind.SHARED_CACHE,
    Outcome.MEMORY_PRIVATE: CacheKind.PRIVATE,
    Outcome.FILE: CacheKind.FILE,
    Outcome.TEMPORARY: CacheKind.TEMPORARY,
}


@dataclass(frozen=True, slots=True)
class Sighting:
    """One open connection as SQLite sees it.

    Attributes:
        key: What makes two connections the same cache, comparable while both are open.
        kind: What they share.
        evidence: How that is known.
        sqlite_count: How many connections SQLite counts on the cache; None where it cannot be asked.
    """

    key: tuple[str, ...]
    kind: CacheKind
    evidence: Evidence
    sqlite_count: int | None


def opened(explanation: Explanation, stack: ExitStack) -> sqlite3.Connection:
    """Open the string as its reader would, and close it with the stack."""
    if explanation.kind is not Kind.SQLALCHEMY_URL or _is_async(explanation):
        # aiosqlite passes the same arguments to sqlite3, in a thread that only it may use.
        return stack.enter_context(closing(_with_sqlite3(explanation)))
    from sqlalchemy import create_engine  # noqa: PLC0415 -- only where a URL asks for it

    engine = create_engine(explanation.input)
    stack.callback(engine.dispose)
    checked_out = stack.enter_context(closing(engine.raw_connection()))
    connection = checked_out.driver_connection
    if not isinstance(connection, sqlite3.Connection):
        raise sqlite3.ProgrammingError(f"{explanation.input} does not open a sqlite3 connection")
    return connection


def _with_sqlite3(explanation: Explanation) -> sqlite3.Connection:
    connect = explanation.connect
    if connect is None:
        raise sqlite3.ProgrammingError(explanation.error)
    keywords = dict(connect.keywords)
    connection: sqlite3.Connection = sqlite3.connect(connect.database, **keywords)  # type: ignore[call-overload]  # as explained
    return connection


def _is_async(explanation: Explanation) -> bool:
    return explanation.pool is not None and explanation.input.partition(":")[0].endswith("+aiosqlite")


def sighting(explanation: Explanation, observation: Observation, number: int) -> Sighting:
    """Return which cache a connection is on: observed where SQLite tells, declared otherwise."""
    main = next(schema for schema in observation.schemas if schema.name == "main")
    declared = _DECLARED_KINDS.get(explanation.outcome, CacheKind.PRIVATE)
    count = observation.sqlite_count if declared is CacheKind.SHARED_CACHE else None
    if main.file:
        return Sighting(("file", main.file), CacheKind.FILE, Evidence.OBSERVED, None)
    if main.is_named_store:
        return Sighting(("memdb", main.virtual_name), CacheKind.MEMDB_STORE, Evidence.OBSERVED, None)
    if main.store_bytes is not None and declared is CacheKind.SHARED_CACHE:
        # Each connection has a pager of its own, and SQLite does not tell the store's name: the string does.
        return Sighting(("memdb", explanation.database or ""), CacheKind.MEMDB_STORE, Evidence.DECLARED, None)
    if main.pager is not None:
        return Sighting(("pager", str(main.pager)), declared, Evidence.OBSERVED, count)
    if declared is CacheKind.SHARED_CACHE:
        return Sighting(("name", explanation.database or ""), declared, Evidence.DECLARED, None)
    return Sighting(("alone", str(number)), declared, Evidence.DECLARED, None)


def report(strings: list[str]) -> dict[str, object]:
    """Return the documented JSON form for these strings, each opened once, all open at the same time."""
    explanations = [explain(text) for text in strings]
    connections: dict[int, sqlite3.Connection] = {}
    errors: dict[int, str] = {}
    with ExitStack() as stack, warnings.catch_warnings():
        warnings.simplefilter("ignore")
        for number, explanation in enumerate(explanations):
            try:
                connections[number] = opened(explanation, stack)
            except Exception as error:  # noqa: BLE001 -- whatever stops it is what is reported
                errors[number] = str(getattr(error, "orig", None) or error) or type(error).__name__
        sightings = {
            number: sighting(explanations[number], observe(connection), number)
            for number, connection in connections.items()
        }
    return _form(strings, sightings, errors)


def _form(strings: list[str], sightings: dict[int, Sighting], errors: dict[int, str]) -> dict[str, object]:
    groups: dict[tuple[str, ...], list[int]] = {}
    for number, seen in sightings.items():
        groups.setdefault(seen.key, []).append(number)
    letters = {key: letter(number) for number, key in enumerate(groups)}
    return {
        "version": 1,
        "connections": [
            {
                "id": f"c{number + 1}",
                "input": text,
                "cache": letters[sightings[number].key] if number in sightings else None,
                "evidence": sightings[number].evidence.value if number in sightings else None,
                "error": errors.get(number),
            }
            for number, text in enumerate(strings)
        ],
        "caches": [
            {
                "id": letters[key],
                "kind": sightings[members[0]].kind.value,
                "members": [f"c{number + 1}" for number in members],
                "sqlite_count": sightings[members[0]].sqlite_count,
            }
            for key, members in groups.items()
        ],
    }


if __name__ == "__main__":
    json.dump(report(json.load(sys.stdin)), sys.stdout)
