"""Opens connection strings for real, twice, and says what happened: the truth predictions are held to."""

# ruff: noqa: PTH115, PTH118, PTH208 -- paths are compared as SQLite reports them
from __future__ import annotations

import _sqlite3
import ctypes
import os
import sqlite3
import warnings
from collections.abc import Callable, Mapping
from contextlib import ExitStack, closing
from dataclasses import dataclass
from urllib.parse import quote

import sqlalchemy
import sqlalchemy.pool

VFS_POINTER = 27
"""SQLITE_FCNTL_VFS_POINTER (https://sqlite.org/c3ref/c_fcntl_begin_atomic_write.html)."""


class Vfs(ctypes.Structure):
    """The beginning of SQLite's `sqlite3_vfs` (https://sqlite.org/c3ref/vfs.html)."""

    _fields_ = (
        ("version", ctypes.c_int),
        ("file_size", ctypes.c_int),
        ("longest_path", ctypes.c_int),
        ("next", ctypes.c_void_p),
        ("name", ctypes.c_char_p),
    )


@dataclass(frozen=True, slots=True)
class Happened:
    """What happened when a string was opened twice."""

    outcome: str
    path: str | None
    error: str | None
    error_type: str | None


@dataclass(frozen=True, slots=True)
class Opened:
    """One connection: how to run SQL on it, and what sqlite3 made of it."""

    run: Callable[[str], list[tuple[object, ...]]]
    dbapi: sqlite3.Connection


def open_for_real(
    string: str,
    kind: str,
    *,
    connect_args: Mapping[str, object] | None = None,
    poolclass: str | None = None,
) -> Happened:
    """Open the string twice in the working folder and look at what it became."""
    with warnings.catch_warnings(), ExitStack() as stack:
        warnings.simplefilter("ignore")
        try:
            first, second = _openers[kind](string, dict(connect_args or {}), poolclass, stack)
            outcome, path = _look(first, second)
        except Exception as raised:  # noqa: BLE001 -- whatever stops it is the answer
            original = getattr(raised, "orig", None) or raised
            return Happened("error", None, str(original) or type(original).__name__, type(original).__name__)
    return Happened(outcome, path, None, None)


def everything_below(folder: str) -> set[str]:
    return {os.path.join(parent, name) for parent, folders, names in os.walk(folder) for name in names + folders}


def _with_sqlite3(
    string: str, keywords: dict[str, object], poolclass: str | None, stack: ExitStack
) -> tuple[Opened, Opened]:
    del poolclass
    first, second = (
        stack.enter_context(closing(sqlite3.connect(string, **keywords)))  # type: ignore[call-overload]
        for _ in range(2)
    )
    first.isolation_level = None
    return (
        Opened(lambda sql: first.execute(sql).fetchall(), first),
        Opened(lambda sql: second.execute(sql).fetchall(), second),
    )


def _as_uri(
    string: str, keywords: dict[str, object], poolclass: str | None, stack: ExitStack
) -> tuple[Opened, Opened]:
    return _with_sqlite3(string, {"uri": True, **keywords}, poolclass, stack)


def _with_sqlalchemy(
    string: str, keywords: dict[str, object], poolclass: str | None, stack: ExitStack
) -> tuple[Opened, Opened]:
    options: dict[str, object] = {"connect_args": keywords}
    if poolclass is not None:
        options["poolclass"] = getattr(sqlalchemy.pool, poolclass)
    opened: list[Opened] = []
    for _ in range(2):
        engine = sqlalchemy.create_engine(string, **options)
        stack.callback(engine.dispose)
        connection = stack.enter_context(engine.connect())
        dbapi = connection.connection.dbapi_connection
        assert isinstance(dbapi, sqlite3.Connection)
        opened.append(Opened(_running(connection), dbapi))
    return opened[0], opened[1]


def _running(connection: sqlalchemy.Connection) -> Callable[[str], list[tuple[object, ...]]]:
    def run(sql: str) -> list[tuple[object, ...]]:
        result = connection.exec_driver_sql(sql)
        rows = [tuple(row) for row in result] if result.returns_rows else []
        connection.commit()
        return rows

    return run


_openers = {"sqlite3-path": _with_sqlite3, "sqlite3-uri": _as_uri, "sqlalchemy-url": _with_sqlalchemy}


def _look(first: Opened, second: Opened) -> tuple[str, str | None]:
    name = first.run("SELECT CAST(file AS BLOB) FROM pragma_database_list WHERE name = 'main'")[0][0]
    path = os.fsdecode(name) if isinstance(name, bytes) else ""
    on_disk = first.run("PRAGMA main.journal_mode")[0][0] != "memory"
    if path and on_disk:
        return "file", path
    if on_disk and _spills(first):
        return "temporary", None
    return ("memory-shared" if _shared(first, second) else "memory-private"), None


def _spills(opened: Opened) -> bool:
    """Whether the nameless database outgrows its cache into a file that is unlinked at once."""
    opened.run("PRAGMA main.cache_size = 2")
    try:
        opened.run("CREATE TABLE grown (x)")
    except (sqlite3.Error, sqlalchemy.exc.DBAPIError):
        # A read-only one cannot grow; the VFS tells whether it would have been a file.
        return _vfs_name(opened.dbapi) != b"memdb"
    opened.run(
        "INSERT INTO grown WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 200)"
        " SELECT randomblob(4000) FROM n"
    )
    descriptors = (f"/proc/self/fd/{each}" for each in os.listdir("/proc/self/fd"))
    return any("etilqs_" in os.readlink(each) for each in descriptors if os.path.lexists(each))


def _shared(first: Opened, second: Opened) -> bool:
    try:
        first.run("CREATE TABLE made_by_the_first (x)")
    except (sqlite3.Error, sqlalchemy.exc.DBAPIError):
        # Nothing can be written: sharers of a cache have one schema object, and it holds the cache size.
        first.run("PRAGMA main.cache_size = 4321")
        same_cache = second.run("PRAGMA main.cache_size")[0][0] == 4321
        return same_cache or _in_one_store(first, second)
    return bool(second.run("SELECT 1 FROM sqlite_master WHERE name = 'made_by_the_first'"))


def _in_one_store(first: Opened, second: Opened) -> bool:
    """Whether both see what a third connection writes into the memdb store of their name."""
    name = first.run("SELECT file FROM pragma_database_list WHERE name = 'main'")[0][0]
    if _vfs_name(first.dbapi) != b"memdb" or not name:
        return False
    with closing(sqlite3.connect(f"file:{quote(str(name))}?vfs=memdb", uri=True)) as writer:
        writer.execute("CREATE TABLE made_by_a_third (x)")
        return all(each.run("SELECT 1 FROM sqlite_master WHERE name = 'made_by_a_third'") for each in (first, second))


def _vfs_name(connection: sqlite3.Connection) -> bytes:
    """Return the name of the VFS the main database is opened through."""
    library = ctypes.CDLL(_sqlite3.__file__)
    handle = ctypes.c_void_p.from_address(id(connection) + object.__basicsize__)
    vfs = ctypes.POINTER(Vfs)()
    library.sqlite3_file_control(handle, b"main", VFS_POINTER, ctypes.byref(vfs))
    return bytes(vfs.contents.name)
