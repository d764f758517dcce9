"""One process of a program: typed asynchronous calls to the probe in it, and what it tells by itself."""

from __future__ import annotations

import asyncio
import base64
import binascii
import contextlib
import itertools
from collections.abc import Callable
from typing import Any

from memdb_tui.errors import MemdbError, ProgramGoneError, ProtocolError
from memdb_tui.frozen import dataclass
from memdb_tui.programs.fields import Fields
from memdb_tui.programs.told import NOTHING_TOLD, VERSION, StateReader, ToldProcess, ToldState, process_of
from memdb_tui.programs.told_live import LiveResult, LiveSchema, result_of, schema_of
from memdb_tui.protocol import rpc

MAX_MESSAGE_BYTES = 64 << 20
"""A longer line ends the connection."""

_READ_BYTES = 1 << 18
_PART_BYTES = 1 << 20
_MAX_COPY_BYTES = 256 << 20
_COPY_SECONDS = 30
_GONE = ProgramGoneError("That process is gone.", hint="Its in-memory databases died with it.")
_LEFT = ProgramGoneError("This session has left that process.")


@dataclass(frozen=True, slots=True)
class CopyImage:
    """A database of a program, as a database file holds it."""

    data: bytes
    taken_at: float
    how: str
    """`backup` or `serialize`."""


class ProgramSession:
    """One client of one process.

    Args:
        reader: What the process sends.
        writer: What it is sent; closed by `close()`.
        on_state: Called in the event loop with every state, and with the last one, its second argument True.
        on_gone: Called once in the event loop when no more can come, with why: empty when the process hung up.
    """

    def __init__(
        self,
        reader: asyncio.StreamReader,
        writer: asyncio.StreamWriter,
        *,
        on_state: Callable[[ToldState, bool], None],
        on_gone: Callable[[str], None],
    ) -> None:
        self._reader = reader
        self._writer = writer
        self._on_state = on_state
        self._on_gone = on_gone
        self._numbers = itertools.count(1)
        self._waiting: dict[int, asyncio.Future[Any]] = {}
        self._reading: asyncio.Task[None] | None = None
        self._states = StateReader()
        self._has_left = False
        self._is_closed = False
        self._gone = asyncio.Event()

    async def greet(self, token: str) -> tuple[ToldProcess, ToldState]:
        """Begin to read; returns who the process is, and its state.

        Raises:
            ProgramGoneError: It is gone already.
            MemdbError: It refused.
            ProtocolError: It does not speak as a probe does.
        """
        self._reading = asyncio.create_task(self._read(), name="program-reader")
        _, hello, first = self._ask("hello", {"version": VERSION, "token": token})
        _, state, second = self._ask("state", {})
        # Both at once: a program that ends just now may answer the first, say its last words and be gone, and what it
        # said would be lost with a socket that is written to then.
        self._writer.write(first + second)
        try:
            process = process_of(await hello)
        except BaseException:
            state.cancel()
            raise
        try:
            return process, self._states.read(await state)
        except ProgramGoneError:
            return process, NOTHING_TOLD

    @property
    def has_left(self) -> bool:
        """It was told that we go."""
        return self._has_left

    async def close(self) -> None:
        """Hang up; may be called twice. What is still waited for fails: we have left, whatever the process does."""
        self._is_closed = True
        if self._reading is not None:
            self._reading.cancel()
            await asyncio.wait([self._reading])
        self._fail_waiting()
        # What was not sent is lost: a program that is stopped would never take it.
        self._writer.transport.abort()
        with contextlib.suppress(OSError):
            await self._writer.wait_closed()

    async def wait_gone(self) -> None:
        """Return when nothing more can come."""
        await self._gone.wait()

    async def live(
        self, connection: str, sql: str, *, write: bool, milliseconds: int, max_rows: int, max_bytes: int
    ) -> LiveResult:
        """Run one statement over a connection of ours, open for that alone.

        Cancelling the task stops the statement.

        Raises:
            MemdbError: It cannot be done on this database, or the process is gone.
            ProtocolError: What it answered is no result.
        """
        wanted = {
            "connection": connection,
            "sql": sql,
            "write": write,
            "milliseconds": milliseconds,
            "max_rows": max_rows,
            "max_bytes": max_bytes,
        }
        return result_of(await self._call("live", wanted))

    async def schema(self, connection: str) -> LiveSchema:
        """Tables and columns.

        Raises:
            MemdbError: It cannot be done on this database, or the process is gone.
            ProtocolError: What it answered is no schema.
        """
        return schema_of(await self._call("schema", {"connection": connection}))

    async def copy(
        self,
        connection: str,
        *,
        seconds: int = _COPY_SECONDS,
        on_progress: Callable[[int, int], None] | None = None,
    ) -> CopyImage:
        """A copy of a connection's main database; it may wait for the thread that owns it.

        Cancelling the task calls the copy off.

        Args:
            connection: The probe's own id of it.
            seconds: How long the program may be asked to wait for its own thread.
            on_progress: Called with the bytes that have come, and with how many there are.

        Raises:
            MemdbError: It cannot be copied, is too big, or the process is gone.
        """
        answer = Fields(await self._call("copy", {"connection": connection, "seconds": seconds}), "copy")
        number, size = answer.whole("copy"), answer.whole("size")
        if not 0 <= size <= _MAX_COPY_BYTES:
            raise ProtocolError(f"A copy of {size} bytes was offered; {_MAX_COPY_BYTES} are the most.")
        try:
            image = await self._parts(number, size, on_progress)
        finally:
            self._notify("copyRelease", {"copy": number})
        return CopyImage(image, answer.number("taken_at"), answer.text("how"))

    async def _parts(self, number: int, size: int, on_progress: Callable[[int, int], None] | None) -> bytes:
        image = bytearray()
        while len(image) < size:
            wanted = {"copy": number, "offset": len(image), "size": min(_PART_BYTES, size - len(image))}
            part = Fields(await self._call("copyPart", wanted), "part of a copy")
            try:
                data = base64.b64decode(part.text("data"), validate=True)
            except binascii.Error as error:
                raise ProtocolError("A part of a copy cannot be read.") from error
            if not data or len(image) + len(data) > size:
                raise ProtocolError("A part of a copy has another size than was asked for.")
            image += data
            if on_progress is not None:
                on_progress(len(image), size)
        return bytes(image)

    async def rescan(self) -> int:
        """Look for connections that nobody saw being opened; returns how many were found."""
        return Fields(await self._call("rescan", {}), "rescan").whole("found")

    async def resume(self) -> None:
        """Let a program that waits in `inspect()` go on."""
        await self._call("resume", {})

    async def detach(self) -> bool:
        """Leave the program as it was before us.

        Returns:
            Everything was taken out, since it was brought for us alone and nobody else looks; what the program has
            put in itself stays.
        """
        self._has_left = True
        is_out = Fields(await self._call("detach", {}), "detach").flag("out")
        await self._gone.wait()
        return is_out

    async def state(self) -> ToldState:
        """The state now."""
        return self._states.read(await self._call("state", {}))

    async def _call(self, method: str, params: object) -> object:
        if self._reading is None or self._reading.done():
            raise self._why_not()
        number, waiting, line = self._ask(method, params)
        self._writer.write(line)
        try:
            return await waiting
        except asyncio.CancelledError:
            self._waiting.pop(number, None)
            self._notify("cancel", {"id": number})
            raise

    def _ask(self, method: str, params: object) -> tuple[int, asyncio.Future[Any], bytes]:
        """A request: its number, where its answer will be, and the line to send."""
        number = next(self._numbers)
        line = rpc.encode_call(rpc.Call(number, method, params))
        if len(line) > MAX_MESSAGE_BYTES:
            raise MemdbError(f"That is {len(line) >> 20} MiB; {MAX_MESSAGE_BYTES >> 20} MiB can be sent at once.")
        waiting: asyncio.Future[Any] = asyncio.get_running_loop().create_future()
        self._waiting[number] = waiting
        return number, waiting, line

    def _notify(self, method: str, params: object) -> None:
        """Ask for something nobody waits for; where the process is gone there is nothing to ask."""
        if self._reading is not None and not self._reading.done():
            self._writer.write(rpc.encode_call(rpc.Call(next(self._numbers), method, params)))

    async def _read(self) -> None:
        buffer = rpc.LineBuffer(MAX_MESSAGE_BYTES)
        why = ""
        try:
            while data := await self._reader.read(_READ_BYTES):
                for line in buffer.feed(data):
                    self._take(rpc.decode(line))
        except OSError:
            # It died with words unread: that is how a reset connection looks.
            pass
        except ProtocolError as error:
            why = str(error)
        finally:
            self._fail_waiting()
            self._gone.set()
        self._writer.close()
        self._on_gone(why)

    def _take(self, message: rpc.Call | rpc.Reply) -> None:
        if isinstance(message, rpc.Reply):
            waiting = self._waiting.pop(message.id, None) if message.id is not None else None
            if waiting is None and message.id is None:
                raise ProtocolError(message.error.message if message.error else "An answer without its question.")
            if waiting is not None and not waiting.done():
                if message.error is not None:
                    waiting.set_exception(message.error.to_exception())
                else:
                    waiting.set_result(message.result)
        elif message.method == "state":
            self._on_state(self._states.read(message.params), False)
        elif message.method == "bye":
            self._on_state(
                self._states.read(Fields(message.params, "bye").one_or_none("state", lambda each: each)), True
            )

    def _why_not(self) -> ProgramGoneError:
        """Why nothing can be asked any more."""
        why = _LEFT if self._is_closed or self._has_left else _GONE
        return ProgramGoneError(str(why), hint=why.hint)

    def _fail_waiting(self) -> None:
        for waiting in self._waiting.values():
            if not waiting.done():
                waiting.set_exception(self._why_not())
        self._waiting.clear()
