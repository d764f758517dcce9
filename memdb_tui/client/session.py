"""Typed asynchronous calls to a host, and its events."""

from __future__ import annotations

import asyncio
import base64
import contextlib
import itertools
import socket
from collections.abc import Callable
from typing import Any, TypeVar, cast

from memdb_tui.client.line import Line, open_line
from memdb_tui.errors import HostGoneError, MemdbError, ProtocolError
from memdb_tui.model import (
    CellPart,
    Closing,
    Comparison,
    ConnectionId,
    CreatedBy,
    DatabaseSchema,
    Explained,
    Given,
    HostFacts,
    Opened,
    Run,
    RunId,
    Snapshot,
    TransactionMode,
    Tried,
    Window,
)
from memdb_tui.protocol import messages, rpc
from memdb_tui.protocol.codec import from_wire, to_wire
from memdb_tui.protocol.messages import Answer, Method
from memdb_tui.protocol.snapshots import SnapshotReader
from memdb_tui.protocol.windows import answer_from_wire, window_from_wire

_P = TypeVar("_P")
_R = TypeVar("_R")
_V = TypeVar("_V")
_ENDLESS_SECONDS = 1e9
_GONE = "The process that holds the databases is gone."
_GONE_HINT = "Its databases died with it; a fresh one can be started."


class HostSession:
    """One client of one host.

    Args:
        sock: This side of the host's socket; closed by `close()`.
        on_snapshot: Called in the event loop with every picture of the host.
        on_run: Called in the event loop whenever a run has moved on.
        on_gone: Called once in the event loop when the host is gone though `close()` was not called.
    """

    def __init__(
        self,
        sock: socket.socket,
        *,
        on_snapshot: Callable[[Snapshot], None],
        on_run: Callable[[Run], None],
        on_gone: Callable[[], None],
    ) -> None:
        self._socket = sock
        self._on_snapshot = on_snapshot
        self._on_run = on_run
        self._on_gone = on_gone
        self._numbers = itertools.count(1)
        self._runs = itertools.count(1)
        self._copies = itertools.count(1)
        self._comparisons = itertools.count(1)
        self._waiting: dict[int, tuple[Method[Any, Any], asyncio.Future[Any]]] = {}
        self._snapshots = SnapshotReader()
        self._line: Line | None = None
        self._is_closed = False

    async def start(self) -> HostFacts:
        """Begin to read, and greet the host.

        Raises:
            HostGoneError: It is not there.
            MemdbError: It is of another version.
        """
        try:
            self._line = await open_line(self._socket, on_message=self._take, on_end=self._ended)
        except OSError as error:
            raise HostGoneError(_GONE, hint=_GONE_HINT) from error
        return await self._call(messages.HELLO, messages.Hello(messages.VERSION))

    async def close(self) -> None:
        """Hang up; may be called twice."""
        self._is_closed = True
        self._fail_waiting()
        if self._line is None:
            self._socket.close()
        else:
            await self._line.close()

    def new_run(self) -> RunId:
        """An id for the next run; it can be cancelled before its answer comes."""
        return RunId(next(self._runs))

    async def classify(self, argument: str) -> Given:
        """What a DATABASE means.

        Raises:
            MemdbError: It is a name that no database can have.
        """
        return await self._call(messages.CLASSIFY, messages.Classify(argument))

    async def explain(self, string: str) -> Explained:
        """What a string would do; nothing is opened, no file touched."""
        return await self._call(messages.EXPLAIN, messages.Explain(string))

    async def open(self, string: str, *, allow_file: bool = False) -> Opened:
        """Open a string; the answer is a question where a file would be made and `allow_file` is False.

        Raises:
            MemdbError: It cannot be opened.
        """
        return await self._call(messages.OPEN, messages.OpenString(string, allow_file))

    async def try_open(self, argument: str, *, allow_file: bool = False) -> Tried:
        """What a DATABASE means, and its connection where that raises no question.

        Raises:
            MemdbError: It is a name that no database can have.
        """
        return await self._call(messages.TRY, messages.TryArgument(argument, allow_file))

    async def open_another(self, like: ConnectionId, way: CreatedBy) -> Opened:
        """One more connection to the database of another.

        Raises:
            MemdbError: It cannot be opened that way.
        """
        return await self._call(messages.OPEN_ANOTHER, messages.OpenAnother(like, way))

    async def close_connection(self, connection: ConnectionId) -> Closing:
        """Close a connection, or give one of its checkouts back."""
        return await self._call(messages.CLOSE, messages.ForConnection(connection))

    async def set_mode(self, connection: ConnectionId, mode: TransactionMode) -> None:
        """Change when transactions begin.

        Raises:
            MemdbError: A transaction is open, or the host's Python has no such mode.
        """
        await self._call(messages.SET_MODE, messages.SetMode(connection, mode))

    async def set_lock_wait(self, connection: ConnectionId, seconds: float) -> None:
        """Change how long a statement tries again when it meets a lock, of a shared cache too; infinity is 1e9."""
        await self._call(
            messages.SET_LOCK_WAIT, messages.SetLockWait(connection, min(float(seconds), _ENDLESS_SECONDS))
        )

    async def execute(
        self, run: RunId, connection: ConnectionId, sql: str, *, line: int = 1, column: int = 1
    ) -> Answer:
        """Run SQL; returns with the first rows, or when it is over. Events tell the rest.

        `on_run` is called with the answer's run too, in the order in which all came: what it was called with last is
        never older than the answer.

        Raises:
            MemdbError: There is no such connection.
        """
        return await self._call(messages.EXECUTE, messages.Execute(run, connection, sql, line, column))

    async def transact(self, run: RunId, connection: ConnectionId, action: str) -> Answer:
        """`COMMIT` or `ROLLBACK`."""
        return await self._call(messages.TRANSACT, messages.Transact(run, connection, action))

    async def cancel(self, run: RunId) -> None:
        """Stop a run; returns when the host has heard it, not when the run is over."""
        await self._call(messages.CANCEL, messages.ForRun(run))

    async def release(self, run: RunId) -> None:
        """Forget a run's rows."""
        await self._call(messages.RELEASE, messages.ForRun(run))

    async def window(
        self, run: RunId, result: int, *, first_row: int, row_count: int, first_column: int, column_count: int
    ) -> Window:
        """Rows of a result, as far as they are there and fit a message.

        Raises:
            MemdbError: The rows are no longer kept.
        """
        wanted = messages.WantWindow(run, result, first_row, row_count, first_column, column_count)
        return await self._call(messages.WINDOW, wanted)

    async def cell_part(self, run: RunId, result: int, *, row: int, column: int, offset: int, size: int) -> CellPart:
        """A piece of one value.

        Raises:
            MemdbError: The rows are no longer kept.
        """
        return await self._call(messages.CELL_PART, messages.WantPart(run, result, row, column, offset, size))

    async def schema(self, connection: ConnectionId) -> DatabaseSchema:
        """Tables, views and columns, when the connection is free.

        Raises:
            MemdbError: SQLite would not say.
        """
        return await self._call(messages.SCHEMA, messages.ForConnection(connection))

    async def open_copy(
        self, data: bytes, *, label: str, taken_at: float, replaces: ConnectionId | None = None
    ) -> Opened:
        """Open an image of a database as a private one of this session.

        Args:
            data: What `sqlite3.Connection.serialize` or a copy by `backup()` gave; at most 256 MiB.
            label: What is shown as its connection string: `copy of p1.A taken 12:00:01`.
            taken_at: When it was taken.
            replaces: An older copy, closed when this one is open; it stays where this one cannot be opened.

        Raises:
            MemdbError: SQLite finds no database in it, or it is too large.
        """
        number = next(self._copies)
        try:
            await self._call(messages.COPY_BEGIN, messages.BeginCopy(number, len(data)))
            for offset in range(0, len(data), messages.COPY_PART_BYTES):
                part = base64.b64encode(data[offset : offset + messages.COPY_PART_BYTES]).decode("ascii")
                await self._call(messages.COPY_PART, messages.CopyPart(number, part))
        except asyncio.CancelledError:
            self._post(messages.COPY_DROP, messages.ForCopy(number))
            raise
        return await self._call(messages.COPY_OPEN, messages.OpenCopy(number, label, taken_at, replaces))

    async def compare(self, before: ConnectionId, after: ConnectionId) -> Comparison:
        """In what two databases of this session differ; when the awaiting task is cancelled, the host stops too.

        Raises:
            MemdbError: One of them is gone, or is being written in an open transaction.
        """
        number = next(self._comparisons)
        try:
            return await self._call(messages.COMPARE, messages.Compare(number, before, after))
        except asyncio.CancelledError:
            self._post(messages.STOP_COMPARING, messages.StopComparing(number))
            raise

    async def _call(self, method: Method[_P, _R], params: _P) -> _R:
        return await self._send(method, params)

    def _post(self, method: Method[_P, _R], params: _P) -> None:
        """Call without waiting for the answer; the host may be gone."""
        with contextlib.suppress(HostGoneError):
            # An exception that nobody asks for is complained about otherwise.
            self._send(method, params).add_done_callback(lambda answer: answer.cancelled() or answer.exception())

    def _send(self, method: Method[_P, _R], params: _P) -> asyncio.Future[_R]:
        if self._line is None or self._is_closed or self._line.is_ended:
            raise HostGoneError(_GONE, hint=_GONE_HINT)
        number = next(self._numbers)
        line = rpc.encode_call(rpc.Call(number, method.name, to_wire(params)))
        if len(line) > messages.MAX_MESSAGE_BYTES:
            raise MemdbError(
                f"That is {len(line) >> 20} MiB of text; {messages.MAX_MESSAGE_BYTES >> 20} MiB can be sent at once.",
                hint="Run it in parts, or from a file with --sql.",
            )
        waiting: asyncio.Future[Any] = asyncio.get_running_loop().create_future()
        # It stays until its answer comes, also where the caller is cancelled: a run's answer is news for others too.
        self._waiting[number] = method, waiting
        self._line.send(line)
        return cast("asyncio.Future[_R]", waiting)

    def _ended(self) -> None:
        self._fail_waiting()
        if not self._is_closed:
            self._on_gone()

    def _take(self, message: rpc.Call | rpc.Reply) -> None:
        if isinstance(message, rpc.Reply):
            if message.id is None:
                # The host refuses what it cannot read, and hangs up.
                raise ProtocolError(message.error.message if message.error else "An answer without its question.")
            waiting = self._waiting.pop(message.id, None)
            if waiting is not None:
                self._settle(*waiting, message)
        elif message.method == messages.SNAPSHOT_EVENT:
            self._tell(self._on_snapshot, self._snapshots.read(message.params))
        elif message.method == messages.RUN_EVENT:
            self._tell(self._on_run, from_wire(Run, message.params))

    def _settle(self, method: Method[Any, Any], waiting: asyncio.Future[Any], reply: rpc.Reply) -> None:
        value = None if reply.error is not None else _decode(method, reply.result)
        if isinstance(value, Answer):
            self._tell(self._on_run, value.run)
        if waiting.done():
            return
        if reply.error is not None:
            waiting.set_exception(reply.error.to_exception())
        else:
            waiting.set_result(value)

    def _tell(self, listener: Callable[[_V], None], value: _V) -> None:
        """Call a listener of the UI; its fault must not end the reading, nor vanish."""
        try:
            listener(value)
        except Exception as error:  # noqa: BLE001 - the edge to code that is not ours
            loop = asyncio.get_running_loop()
            loop.call_exception_handler({"message": "A listener of the host's events failed.", "exception": error})

    def _fail_waiting(self) -> None:
        for _, waiting in self._waiting.values():
            if not waiting.done():
                waiting.set_exception(HostGoneError(_GONE, hint=_GONE_HINT))
        self._waiting.clear()


def _decode(method: Method[Any, Any], data: object) -> object:
    if method.result is Window:
        return window_from_wire(data)
    if method.result is Answer:
        return answer_from_wire(data)
    return from_wire(method.result, data)
