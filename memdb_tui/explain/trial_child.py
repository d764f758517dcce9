"""Opens one connection string twice, for real, and reports on standard output what happened.

Run by path in a process of its own whose working folder is empty; it imports nothing of this package.
The request is one JSON object on standard input: `kind`, `string`, `connect_args`, `poolclass`.
"""

# ruff: noqa: PTH109, PTH115, PTH118, PTH208 -- runs by itself and looks at paths as SQLite reports them
from __future__ import annotations

import asyncio
import json
import os
import sqlite3
import sys
from collections.abc import Callable
from contextlib import closing

Execute = Callable[[str], list[tuple[object, ...]]]

TABLE = "memdb_tui_trial"
SPILL = "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i+1 FROM n WHERE i<400) "


def first_look(execute: Execute) -> dict[str, object]:
    """Return what the first connection sees of itself, and make a table."""
    name = execute("SELECT CAST(file AS BLOB) FROM pragma_database_list WHERE name = 'main'")[0][0]
    main_file = os.fsdecode(name) if isinstance(name, bytes) else ""
    report: dict[str, object] = {
        "main_file": main_file,
        "journal_mode": execute("PRAGMA main.journal_mode")[0][0],
        "write_error": None,
        "spilled": None,
    }
    try:
        execute(f"CREATE TABLE {TABLE} (x)")
        if not main_file and report["journal_mode"] != "memory":
            execute("PRAGMA main.cache_size = 2")
            execute(f"INSERT INTO {TABLE} {SPILL} SELECT randomblob(4000) FROM n")
            report["spilled"] = has_unlinked_file()
    except Exception as error:  # noqa: BLE001 -- whatever stops it is what is reported
        report["write_error"] = words_of(error)[1]
    return report


def second_look(execute: Execute) -> bool:
    """Return whether the second connection sees the table of the first."""
    return bool(execute(f"SELECT 1 FROM sqlite_master WHERE name = '{TABLE}'"))


def has_unlinked_file() -> bool | None:
    """Return whether SQLite holds a temporary file that it has unlinked; None where that cannot be seen."""
    try:
        descriptors = os.listdir("/proc/self/fd")
    except OSError:
        return None
    for descriptor in descriptors:
        try:
            if "etilqs_" in os.readlink(f"/proc/self/fd/{descriptor}"):
                return True
        except OSError:
            continue
    return False


def words_of(error: BaseException) -> tuple[str, str]:
    """Return class name and words of what SQLite or sqlite3 raised, without SQLAlchemy's wrapping."""
    original = getattr(error, "orig", None) or error
    return type(original).__name__, str(original)


def with_sqlite3(string: str, keywords: dict[str, object]) -> dict[str, object]:
    """Open the string twice with sqlite3."""
    with (
        closing(sqlite3.connect(string, **keywords)) as first,  # type: ignore[call-overload]  # as given
        closing(sqlite3.connect(string, **keywords)) as second,  # type: ignore[call-overload]  # as given
    ):
        first.isolation_level = None
        report = first_look(lambda sql: first.execute(sql).fetchall())
        return {**report, "shared": seen(report, lambda: second_look(lambda sql: second.execute(sql).fetchall()))}


def with_sqlalchemy(string: str, options: dict[str, object]) -> dict[str, object]:
    """Open the string twice with an engine of its own each."""
    from sqlalchemy import create_engine  # noqa: PLC0415 -- only where it is asked for
    from sqlalchemy.engine import make_url  # noqa: PLC0415 -- only where it is asked for

    if make_url(string).get_dialect().is_async:
        return asyncio.run(with_async_sqlalchemy(string, options))
    with (
        create_engine(string, **options).connect() as first,
        create_engine(string, **options).connect() as second,
    ):
        report = look_through(first)
        return {**report, "shared": seen(report, lambda: second_look(rows_of(second)))}


async def with_async_sqlalchemy(string: str, options: dict[str, object]) -> dict[str, object]:
    """Open the string twice with an asyncio engine of its own each."""
    from sqlalchemy.ext.asyncio import create_async_engine  # noqa: PLC0415 -- only where it is asked for

    engines = [create_async_engine(string, **options) for _ in range(2)]
    try:
        async with engines[0].connect() as first, engines[1].connect() as second:
            report = await first.run_sync(look_through)
            there = await second.run_sync(lambda connection: seen(report, lambda: second_look(rows_of(connection))))
            return {**report, "shared": there}
    finally:
        for engine in engines:
            await engine.dispose()


def look_through(connection: object) -> dict[str, object]:
    """Return the first look through a SQLAlchemy connection, committed."""
    report = first_look(rows_of(connection))
    connection.commit()  # type: ignore[attr-defined]  # a sqlalchemy.engine.Connection
    return report


def rows_of(connection: object) -> Execute:
    """Return a function that runs SQL on a SQLAlchemy connection."""

    def execute(sql: str) -> list[tuple[object, ...]]:
        result = connection.exec_driver_sql(sql)  # type: ignore[attr-defined]  # see look_through
        return [tuple(row) for row in result] if result.returns_rows else []

    return execute


def seen(report: dict[str, object], look: Callable[[], bool]) -> bool | None:
    """Return whether the table is seen; None if it could not be made."""
    return None if report["write_error"] else look()


def files_below(folder: str) -> list[str]:
    """Return every file below the folder, relative to it."""
    return sorted(
        os.path.relpath(os.path.join(parent, name), folder) for parent, _, names in os.walk(folder) for name in names
    )


def main() -> None:
    """Serve one request."""
    request = json.load(sys.stdin)
    string, keywords = request["string"], request["connect_args"]
    report: dict[str, object] = {"error": None, "error_type": None}
    try:
        if request["kind"] == "sqlalchemy-url":
            options: dict[str, object] = {"connect_args": keywords}
            if request["poolclass"]:
                import sqlalchemy.pool  # noqa: PLC0415 -- only where it is asked for

                options["poolclass"] = getattr(sqlalchemy.pool, request["poolclass"])
            report |= with_sqlalchemy(string, options)
        else:
            report |= with_sqlite3(string, keywords)
    except Exception as error:  # noqa: BLE001 -- whatever stops it is what is reported
        report["error_type"], report["error"] = words_of(error)
    report["files"] = files_below(os.getcwd())
    json.dump(report, sys.stdout)


if __name__ == "__main__":
    main()
