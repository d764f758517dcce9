"""The line to a host: whole messages in and out of a socket, in the event loop."""

from __future__ import annotations

import asyncio
import socket
from collections.abc import Callable
from typing import cast

from memdb_tui.errors import ProtocolError
from memdb_tui.protocol import messages, rpc

_READ_BYTES = 1 << 18


async def open_line(
    sock: socket.socket, *, on_message: Callable[[rpc.Call | rpc.Reply], None], on_end: Callable[[], None]
) -> Line:
    """Begin to read.

    Args:
        sock: Connected to the host; the line's to close from here on.
        on_message: Called in the event loop with every message; a ProtocolError of its own ends the line.
        on_end: Called once in the event loop, when nothing more will come.

    Raises:
        OSError: The other side is not there.
    """
    loop = asyncio.get_running_loop()
    _, line = await loop.create_connection(lambda: Line(on_message, on_end), sock=sock)
    return line


class Line(asyncio.BufferedProtocol):
    """Read into one buffer and taken at once: a stream's reader would wake a task for every message."""

    def __init__(self, on_message: Callable[[rpc.Call | rpc.Reply], None], on_end: Callable[[], None]) -> None:
        self.is_ended = False
        """Nothing more will come."""
        self._on_message = on_message
        self._on_end = on_end
        self._buffer = bytearray(_READ_BYTES)
        self._lines = rpc.LineBuffer(messages.MAX_MESSAGE_BYTES)
        self._transport: asyncio.Transport | None = None
        self._closed = asyncio.get_running_loop().create_future()

    def send(self, line: bytes) -> None:
        """Send a message, or keep it until it can be sent; what cannot be is lost with the line."""
        if self._transport is not None:
            self._transport.write(line)

    async def close(self) -> None:
        """Hang up; may be called twice. What was not sent is lost: a host that is stopped would never take it."""
        if self._transport is not None:
            self._transport.abort()
            await asyncio.wait([self._closed])

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """It is there."""
        self._transport = cast("asyncio.Transport", transport)

    def get_buffer(self, sizehint: int) -> bytearray:  # noqa: ARG002 - asyncio's
        """Where what comes is to be put."""
        return self._buffer

    def buffer_updated(self, nbytes: int) -> None:
        """Something has come."""
        try:
            for line in self._lines.feed(bytes(memoryview(self._buffer)[:nbytes])):
                self._on_message(rpc.decode(line))
        except ProtocolError:
            # Whatever came is no use any more: the host counts as gone, and the UI offers a fresh one.
            self._end()
            if self._transport is not None:
                self._transport.abort()

    def eof_received(self) -> None:
        """The other side has hung up: so do we."""

    def connection_lost(self, exc: Exception | None) -> None:  # noqa: ARG002 - asyncio's
        """It is over; the socket is closed right after this."""
        self._end()
        if not self._closed.done():
            self._closed.set_result(None)

    def _end(self) -> None:
        if not self.is_ended:
            self.is_ended = True
            self._on_end()
