"""One statement on a database of the program, over a connection of ours that is open for it alone."""

from __future__ import annotations

import sqlite3

from .bare import clock
from .native import native
from .refusals import first_words, refused, wire_error
from .visit import Gone, Visit
from .wire import to_json

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any

    from .visit import Connect, Target

_INTERRUPT = 9
_TOO_BIG = 18
_PRIMARY = 0xFF
_MESSAGE_CHARACTERS = 2000
_LEAST_VALUE_BYTES = 1 << 20
_MOST_VALUE_BYTES = 10**9
_NUMBER_BYTES = 8
_FAILURES = (sqlite3.Error, sqlite3.Warning, ValueError, OverflowError, MemoryError)
_HIDDEN = 1
_GENERATED = (2, 3)
"""`hidden` of `PRAGMA table_xinfo` for generated columns."""
_INFINITE = (float("inf"), float("-inf"))


class Live:
    """A statement to be run once, on one thread, and to be interrupted from any other.

    What it may do to the program, in the few milliseconds for which it is open:

    - While its cursor is open the program's CREATE, ALTER, DROP, VACUUM and BEGIN EXCLUSIVE fail with
      `SQLITE_LOCKED`. INSERT, UPDATE and DELETE pass, since it reads uncommitted:
      https://sqlite.org/sharedcache.html#read_uncommitted_isolation_mode. On a memdb store, which has no such mode,
      a commit of the program waits as it does for any other reader.
    - A single step holds the cache's mutex: whatever the program does there waits for as long as the step takes.
      `block_seconds` tells the longest, and the caller interrupts what takes too long.
    - Writing, where it was asked for, takes the locks that any writer takes.

    It fails, with nothing done, while the program has changed tables in a transaction that is still open.
    No progress handler, trace callback or authorizer is set: Python's functions within a step are what deadlocks.

    Args:
        target: Where.
        sql: One statement.
        write: Let it write; else `query_only` is set.
        max_rows: How many rows are read at most.
        max_bytes: How much is read at most; a single value longer than this, or than 1 MiB, is an error.
        connect: `sqlite3.connect`, not recorded.
    """

    def __init__(
        self, target: Target, sql: str, *, write: bool, max_rows: int, max_bytes: int, connect: Connect
    ) -> None:
        self._visit = Visit(target, connect)
        self._sql = sql
        self._write = write
        self._max_rows = max_rows
        self._max_bytes = max_bytes
        self._raw: sqlite3.Connection | None = None
        self._is_interrupted = False
        self._result: dict[str, Any] = {
            "status": "done",
            "columns": [],
            "rows": [],
            "truncated": False,
            "changes": None,
            "error": None,
            "sqlite_count": None,
            "block_seconds": 0.0,
            "elapsed_seconds": 0.0,
        }

    def interrupt(self) -> None:
        """Stop it: before it begins, while it runs, after it. Once is enough. From any thread."""
        self._is_interrupted = True
        raw = self._raw
        if raw is not None:
            try:  # noqa: SIM105 - contextlib would be one import more in the program
                raw.interrupt()
            except sqlite3.ProgrammingError:
                # It was closed in this moment.
                pass

    def run(self) -> dict[str, Any]:
        """The `live` object of the wire; whatever SQLite says is in it.

        `status` is `done`, `gone` (the database died: no connection of the program is left on it), `interrupted`
        (the rows read so far are there), or `failed` (`error` says why). `rows` hold values as JSON takes them: None,
        int, float, str, `{"r": "1e999"}` for infinity, `{"b": hex}` for BLOB, `{"t": hex}` for TEXT not in UTF-8.
        `block_seconds` is how long the longest single step held the cache at most: waiting for it is included.
        """
        result = self._result
        began = clock.perf_counter()
        refusal = refused(self._sql, write=self._write)
        if refusal is not None:
            result.update(status="failed", error=refusal)
        else:
            self._try()
        result["elapsed_seconds"] = clock.perf_counter() - began
        return result

    def _try(self) -> None:
        result = self._result
        try:
            with self._visit as raw:
                result["sqlite_count"] = self._visit.sqlite_count
                self._raw = raw
                try:
                    self._read(raw)
                finally:
                    self._raw = None
        except Gone:
            result["status"] = "gone"
        except _FAILURES as error:
            self._fail(error, None)

    def _fail(self, error: BaseException, offset: int | None) -> None:
        result = self._result
        if _code(error) == _INTERRUPT:
            result.update(status="interrupted", truncated=True)
        else:
            result.update(status="failed", error=described(error, offset))

    def _read(self, raw: sqlite3.Connection) -> None:
        prepare(raw, write=self._write)
        raw.setlimit(sqlite3.SQLITE_LIMIT_LENGTH, min(max(self._max_bytes, _LEAST_VALUE_BYTES), _MOST_VALUE_BYTES))
        # SQLite forgets an interrupt when a statement begins and none is active: so one is, that touches nothing.
        guard = raw.execute("VALUES(1),(2),(3)")
        cursor = raw.cursor()
        try:
            if self._is_interrupted:
                self._result["status"] = "interrupted"
                return
            changes = raw.total_changes
            self._step(cursor)
            if self._write:
                self._result["changes"] = _changes(cursor, raw.total_changes - changes)
        except _FAILURES as error:
            # SQLite names the place only until it is asked to do anything else.
            self._fail(error, _offset(raw))
        finally:
            cursor.close()
            guard.close()

    def _step(self, cursor: sqlite3.Cursor) -> None:
        result, rows = self._result, self._result["rows"]
        began = clock.perf_counter()
        try:
            cursor.execute(self._sql)
        finally:
            self._held(began)
        if cursor.description is None:
            return
        result["columns"] = [column[0] for column in cursor.description]
        size = 0
        while True:
            began = clock.perf_counter()
            try:
                row = next(cursor, None)
            finally:
                self._held(began)
            if row is None:
                return
            size += sum([_bytes(value) for value in row])
            if size > self._max_bytes and not rows:
                raise sqlite3.DataError(
                    f"the first row alone takes {size >> 10:,} KiB; {self._max_bytes >> 10:,} KiB are read live"
                )
            if len(rows) >= self._max_rows or size > self._max_bytes:
                result["truncated"] = True
                return
            rows.append([_on_wire(value) for value in row])

    def _held(self, began: float) -> None:
        self._result["block_seconds"] = max(self._result["block_seconds"], clock.perf_counter() - began)


def as_text(found: dict[str, Any], held: Callable[[float], None]) -> str:
    """The `live` object as JSON text, made row by row: each call of the encoder holds the interpreter.

    Args:
        found: What `run` gave.
        held: Told how long each of them took, in seconds.
    """
    head = to_json({name: value for name, value in found.items() if name != "rows"})
    rows = []
    for row in found["rows"]:
        began = clock.perf_counter()
        rows.append(to_json(row))
        held(clock.perf_counter() - began)
    began = clock.perf_counter()
    text = f'{head[:-1]},"rows":[{",".join(rows)}]}}'
    held(clock.perf_counter() - began)
    return text


def schema(target: Target, connect: Connect) -> dict[str, Any]:
    """The `schema` object of the wire: tables and views of `main` with their columns.

    Each table is asked for in a statement of its own, so that no step is long. `problem` is SQLite's word where the
    columns of one cannot be read: a view of a table that is gone, a module that is not there.
    """
    result: dict[str, Any] = {"status": "done", "tables": [], "error": None}
    try:
        with Visit(target, connect) as raw:
            prepare(raw, write=False)
            names = raw.execute(
                "SELECT name, type, sql FROM sqlite_master WHERE type IN ('table', 'view') ORDER BY name"
            ).fetchall()
            result["tables"] = [_table(raw, str(name), kind, str(sql or "")) for name, kind, sql in names]
    except Gone:
        result["status"] = "gone"
    except _FAILURES as error:
        result.update(status="failed", error=described(error, None))
    return result


def prepare(raw: sqlite3.Connection, *, write: bool) -> None:
    """Set a connection of ours up: it reads past locks, writes nothing unless told to, and spills nothing to disk.

    Raises:
        sqlite3.OperationalError: The program has changed tables in a transaction that is still open.
    """
    raw.text_factory = _text
    raw.execute("PRAGMA temp_store=MEMORY").close()
    if not write:
        raw.execute("PRAGMA query_only=1").close()
        raw.execute("PRAGMA read_uncommitted=1").close()


def described(error: BaseException, offset: int | None) -> dict[str, Any]:
    """An exception as the wire's `error`: SQLite's words, its code, the byte of the statement it names."""
    message, hint = str(error) or type(error).__name__, ""
    if isinstance(error, MemoryError):
        message = "out of memory"
    if "schema is locked" in message:
        # Both lock the schema for everybody else: https://sqlite.org/sharedcache.html#schema_sqlite_schema_level_locking
        message = (
            f"{message} (the program has changed tables, or begun an EXCLUSIVE transaction, in a transaction that is "
            "still open)"
        )
        hint = "SQLite lets nobody else in until the program commits or rolls back. Try again then."
    elif _code(error) == _TOO_BIG or isinstance(error, sqlite3.DataError):
        hint = "Ask for a part of it with substr(), or copy the database: a copy shows values of any size."
    if len(message) > _MESSAGE_CHARACTERS:
        message = f"{message[:_MESSAGE_CHARACTERS]}…"
    return wire_error(message, code=getattr(error, "sqlite_errorname", "") or "", offset=offset, hint=hint)


def _code(error: BaseException) -> int:
    code = getattr(error, "sqlite_errorcode", None)
    return code & _PRIMARY if isinstance(code, int) else 0


def _offset(raw: sqlite3.Connection) -> int | None:
    library = native()
    return library.error_offset(library.handle(raw)) if library is not None else None


def _changes(cursor: sqlite3.Cursor, difference: int) -> int | None:
    """Rows written: what sqlite3 counted, or for what it does not count (a CTE before INSERT, say) the difference."""
    return cursor.rowcount if cursor.rowcount >= 0 else difference or None


def _table(raw: sqlite3.Connection, name: str, kind: str, sql: str) -> dict[str, Any]:
    is_virtual = [word.upper() for word in first_words(sql)[:2]] == ["CREATE", "VIRTUAL"]
    quoted = name.replace('"', '""')
    found: dict[str, Any] = {
        "schema": "main",
        "name": name,
        "kind": "virtual" if is_virtual else kind,
        "columns": [],
        "problem": "",
    }
    try:
        rows = raw.execute(f'PRAGMA main.table_xinfo("{quoted}")').fetchall()
    except sqlite3.Error as error:
        found["problem"] = str(error)
        return found
    found["columns"] = [
        {
            "name": str(column),
            "type": str(declared or ""),
            "pk": int(bool(key)),
            "notnull": int(bool(not_null)),
            "generated": int(hidden in _GENERATED),
        }
        for _, column, declared, not_null, _, key, hidden in rows
        if hidden != _HIDDEN
    ]
    return found


def _text(data: bytes) -> str | dict[str, str]:
    try:
        return data.decode()
    except UnicodeDecodeError:
        return {"t": data.hex()}


def _on_wire(value: Any) -> Any:  # noqa: ANN401 - SQLite's values and JSON's
    if isinstance(value, bytes):
        return {"b": value.hex()}
    if isinstance(value, float) and value in _INFINITE:
        return {"r": "1e999" if value > 0 else "-1e999"}
    return value


def _bytes(value: object) -> int:
    """What a value takes on the wire, about: hex doubles bytes, JSON writes six for each letter that is not ASCII."""
    if isinstance(value, bytes):
        return 2 * len(value)
    if isinstance(value, str):
        return len(value) if value.isascii() else 6 * len(value)
    if isinstance(value, dict):
        return len(value["t"])
    return _NUMBER_BYTES
