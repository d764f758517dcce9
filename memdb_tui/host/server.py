"""Requests from the socket to the session, and its answers back."""

from __future__ import annotations

import socket
import sys
import traceback
from collections.abc import Callable
from concurrent.futures import Future
from typing import Any

from memdb_tui.errors import MemdbError, ProtocolError
from memdb_tui.frozen import dataclass
from memdb_tui.host import opening
from memdb_tui.host.reports import Place
from memdb_tui.host.runs import RunTask
from memdb_tui.host.session import Session
from memdb_tui.host.writer import Writer
from memdb_tui.model import HostFacts, Opened, RunId, Tried, Window
from memdb_tui.protocol import messages, rpc
from memdb_tui.protocol.codec import from_wire, to_wire
from memdb_tui.protocol.messages import Answer, Done, Method
from memdb_tui.protocol.snapshots import SnapshotWriter
from memdb_tui.protocol.windows import answer_to_wire, window_to_wire

_READ_BYTES = 1 << 16

Handler = Callable[[Any], Any]


@dataclass(frozen=True, slots=True)
class _FirstRows:
    """The answer of a run; how the run stands is asked when it is sent, for no event before it may be newer."""

    task: RunTask
    window: Window | None


class Server:
    """Serves one client over one socket until either side ends it."""

    def __init__(self, sock: socket.socket) -> None:
        self._socket = sock
        self._writer = Writer(sock)
        self._snapshots = SnapshotWriter()
        self._session = Session(on_change=self._changed, on_run=self._run_moved)
        self.is_greeted = False
        """The client has said hello: it is up."""
        self._handlers: dict[str, tuple[Method[Any, Any], Handler]] = {
            method.name: (method, handler) for method, handler in self._table()
        }

    def serve(self) -> None:
        """Read requests until the client goes, then close everything."""
        buffer = rpc.LineBuffer(messages.MAX_MESSAGE_BYTES)
        try:
            while data := self._socket.recv(_READ_BYTES):
                for line in buffer.feed(data):
                    self._take(line)
        except ProtocolError as error:
            # One clear word, then the end: what follows a message that is none cannot be trusted.
            refusal = rpc.RemoteError(rpc.INVALID_REQUEST, str(error), "")
            self._writer.answer(lambda: rpc.encode_error(None, refusal))
        except OSError:
            # The client went away in the middle; there is nobody to tell.
            pass
        finally:
            self.close()

    def close(self) -> None:
        """Close every connection, end every thread; may be called twice."""
        self._session.close()
        self._writer.close()
        self._socket.close()

    def _table(self) -> tuple[tuple[Method[Any, Any], Handler], ...]:
        session = self._session
        return (
            (messages.HELLO, self._hello),
            (messages.CLASSIFY, lambda p: opening.given(p.argument)),
            (messages.EXPLAIN, lambda p: session.explained(p.string)),
            (messages.OPEN, lambda p: session.registry.open(p.string, allow_file=p.allow_file)),
            (messages.TRY, lambda p: self._try(p.argument, allow_file=p.allow_file)),
            (messages.OPEN_ANOTHER, lambda p: session.registry.open_another(p.like, p.way)),
            (messages.CLOSE, lambda p: session.close_connection(p.connection)),
            (messages.SET_MODE, lambda p: session.registry.set_mode(p.connection, p.mode)),
            (messages.SET_LOCK_WAIT, lambda p: session.registry.set_lock_wait(p.connection, p.seconds)),
            (messages.EXECUTE, self._execute),
            (messages.TRANSACT, self._transact),
            (messages.CANCEL, lambda p: session.cancel(p.run)),
            (messages.RELEASE, lambda p: session.release(p.run)),
            (messages.WINDOW, self._window),
            (messages.CELL_PART, self._cell_part),
            (messages.SCHEMA, lambda p: session.registry.schema(p.connection)),
            (messages.COPY_BEGIN, lambda p: session.images.begin(p.copy, p.size_bytes)),
            (messages.COPY_PART, lambda p: session.images.add(p.copy, p.data)),
            (messages.COPY_DROP, lambda p: session.images.drop(p.copy)),
            (messages.COPY_OPEN, self._open_copy),
            (messages.COMPARE, lambda p: session.compare(p.number, p.before, p.after)),
            (messages.STOP_COMPARING, lambda p: session.stop_comparing(p.number)),
        )

    def _take(self, line: bytes) -> None:
        call = rpc.decode(line)
        if not isinstance(call, rpc.Call) or call.id is None:
            raise ProtocolError("The host takes requests alone.")
        found = self._handlers.get(call.method)
        if found is None:
            self._refuse(call.id, rpc.RemoteError(rpc.METHOD_NOT_FOUND, f"There is no method {call.method!r}.", ""))
            return
        method, handler = found
        if not self.is_greeted and method is not messages.HELLO:
            raise ProtocolError("The first request must be hello.")
        try:
            params = from_wire(method.params, call.params)
        except ProtocolError as error:
            self._refuse(call.id, rpc.RemoteError(rpc.INVALID_PARAMS, str(error), ""))
            return
        self._answer(call.id, lambda: handler(params))

    def _answer(self, reply_to: int, handle: Callable[[], Any]) -> None:
        """Where a call becomes an answer: one call, one answer, whatever happens."""
        try:
            value = handle()
        except Exception as error:  # noqa: BLE001 - the edge
            self._refuse(reply_to, _remote(error))
            return
        if not isinstance(value, Future):
            self._reply(reply_to, value)
            return

        def done(future: Future[Any]) -> None:
            error = future.exception()
            if error is None:
                self._reply(reply_to, future.result())
            else:
                self._refuse(reply_to, _remote(error))

        value.add_done_callback(done)

    def _reply(self, reply_to: int, value: object) -> None:
        value = Done() if value is None else value
        # The answer of a run is newer than the event about it that still waits.
        needless = _run_event(value.task.id) if isinstance(value, _FirstRows) else ""
        self._writer.answer(lambda: _reply_line(reply_to, value), instead_of=needless)

    def _refuse(self, reply_to: int, error: rpc.RemoteError) -> None:
        self._writer.answer(lambda: rpc.encode_error(reply_to, error))

    def _changed(self) -> None:
        self._writer.event(messages.SNAPSHOT_EVENT, self._snapshot_line)

    def _snapshot_line(self) -> bytes:
        snapshot = self._session.registry.snapshot()
        return rpc.encode_event(messages.SNAPSHOT_EVENT, self._snapshots.write(snapshot))

    def _run_moved(self, task: RunTask) -> None:
        self._writer.event(
            _run_event(task.id), lambda: rpc.encode_call(rpc.Call(None, messages.RUN_EVENT, to_wire(task.view())))
        )

    def _hello(self, params: messages.Hello) -> HostFacts:
        if params.version != messages.VERSION:
            raise MemdbError(
                f"The host speaks version {messages.VERSION} of the protocol, the UI version {params.version}.",
                hint="Install the same memdb-tui on both sides.",
            )
        self.is_greeted = True
        return self._session.registry.facts.now()

    def _try(self, argument: str, *, allow_file: bool) -> Future[Tried]:
        """Both calls in one, since at the start every turn of the UI's loop counts."""
        given = opening.given(argument)
        tried: Future[Tried] = Future()
        if given.question:
            tried.set_result(Tried(given, None, "", ""))
            return tried

        def done(opened: Future[Opened]) -> None:
            error = opened.exception()
            if error is None:
                tried.set_result(Tried(given, opened.result(), "", ""))
            elif isinstance(error, MemdbError):
                tried.set_result(Tried(given, None, str(error), error.hint))
            else:
                tried.set_exception(error)

        try:
            self._session.registry.open(given.string, allow_file=allow_file).add_done_callback(done)
        except MemdbError as error:
            tried.set_result(Tried(given, None, str(error), error.hint))
        return tried

    def _open_copy(self, params: messages.OpenCopy) -> Future[Opened]:
        return self._session.open_copy(params.copy, params.label, taken_at=params.taken_at, replaces=params.replaces)

    def _execute(self, params: messages.Execute) -> Future[_FirstRows]:
        answer: Future[_FirstRows] = Future()
        self._session.execute(
            params.run,
            params.connection,
            params.sql,
            place=Place(params.line, params.column),
            on_answer=lambda task: answer.set_result(_FirstRows(task, self._session.first_window(task))),
        )
        return answer

    def _transact(self, params: messages.Transact) -> Future[_FirstRows]:
        answer: Future[_FirstRows] = Future()
        self._session.transact(
            params.run,
            params.connection,
            params.action,
            on_answer=lambda task: answer.set_result(_FirstRows(task, None)),
        )
        return answer

    def _window(self, params: messages.WantWindow) -> object:
        return self._session.window(
            params.run,
            params.result,
            first_row=params.first_row,
            row_count=params.row_count,
            first_column=params.first_column,
            column_count=params.column_count,
        )

    def _cell_part(self, params: messages.WantPart) -> object:
        return self._session.cell_part(
            params.run, params.result, row=params.row, column=params.column, offset=params.offset, size=params.size
        )


def _run_event(run: RunId) -> str:
    return f"{messages.RUN_EVENT} {run}"


def _reply_line(reply_to: int, value: object) -> bytes:
    """An answer as one line; a refusal where the value cannot be sent: one call, one answer."""
    try:
        line = rpc.encode_result(reply_to, _encode(value))
        if len(line) <= messages.MAX_MESSAGE_BYTES:
            return line
        error = rpc.RemoteError(
            rpc.REFUSED,
            f"The answer takes {len(line) >> 20} MiB; {messages.MAX_MESSAGE_BYTES >> 20} MiB can be sent at once.",
            "",
        )
    except Exception as failure:  # noqa: BLE001 - the edge
        error = _remote(failure)
    return rpc.encode_error(reply_to, error)


def _encode(value: object) -> object:
    match value:
        case Window():
            return window_to_wire(value)
        case _FirstRows():
            return answer_to_wire(Answer(value.task.view(), value.window))
    return to_wire(value)


def _remote(error: BaseException) -> rpc.RemoteError:
    if isinstance(error, MemdbError):
        return rpc.RemoteError(rpc.REFUSED, str(error), error.hint)
    # A fault of ours: the UI says so, and the process that shows stderr has the traceback.
    traceback.print_exception(error, file=sys.stderr)
    return rpc.RemoteError(
        rpc.INTERNAL_ERROR, f"The host failed: {type(error).__name__}: {error}", "This is a fault of memdb-tui."
    )
