"""The relay's loop in the test's own thread, turn by turn, by a clock of the test's own."""

from __future__ import annotations

import contextlib
import os
import select
import socket
from collections.abc import Iterator
from types import SimpleNamespace

import pytest

from memdb_tui.programs import terminal_relay

ON_THE_WAY_BYTES = 300_000
"""More than a pipe, a socket, and what may wait for a reader that reads, hold together."""
TURN_SECONDS = 0.02


class Stepped:
    """A relay between a pipe, on which a program writes, and the socket of a reader."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.now = 0.0
        self.written = bytearray()
        self.got = bytearray()
        self._terminal, self._program = os.pipe()
        self._reader, self._theirs = socket.socketpair()
        self._theirs.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, 32 * 1024)
        self._steps: Iterator[None] = iter(())
        for descriptor in (self._terminal, self._program, self._reader.fileno(), self._theirs.fileno()):
            os.set_blocking(descriptor, False)
        monkeypatch.setattr(terminal_relay, "time", SimpleNamespace(monotonic=lambda: self.now))
        monkeypatch.setattr(terminal_relay, "select", SimpleNamespace(select=self._turn))

    @property
    def ahead(self) -> int:
        """How much more was written than its reader has taken, in bytes."""
        return len(self.written) - len(self.got)

    def write(self, most: int) -> None:
        """Write so many bytes, or as many as the program need not wait for."""
        data = b"".join(b"line %07d\n" % (len(self.written) + n) for n in range(0, most, 13))[:most]
        with contextlib.suppress(BlockingIOError):
            self.written += data[: os.write(self._program, data)]

    def take(self) -> None:
        """Take what has come."""
        with contextlib.suppress(BlockingIOError):
            while data := self._reader.recv(1 << 16):
                self.got += data

    def run(self, steps: Iterator[None]) -> None:
        """Relay, with one of the steps before each turn, and then what is left."""
        self._steps = steps
        terminal_relay.relay(self._terminal, self._theirs.fileno())
        self.take()

    def close(self) -> None:
        self._reader.close()
        self._theirs.close()
        os.close(self._terminal)
        os.close(self._program)

    def _turn(
        self, readable: list[int], writable: list[int], exceptional: list[int], _seconds: float | None = None
    ) -> tuple[list[int], list[int], list[int]]:
        if next(self._steps, self) is self:
            self._reader.shutdown(socket.SHUT_WR)
            self.take()
        return select.select(readable, writable, exceptional, 0)


@pytest.fixture
def stepped(monkeypatch: pytest.MonkeyPatch) -> Iterator[Stepped]:
    with contextlib.closing(Stepped(monkeypatch)) as made:
        yield made


def test_a_reader_that_is_only_slow_makes_the_program_wait_and_gets_everything(stepped: Stepped) -> None:
    def steps() -> Iterator[None]:
        for turn in range(300):
            stepped.now = turn * TURN_SECONDS
            stepped.write(1 << 16)
            if turn % 10 == 0:
                stepped.take()
            assert stepped.ahead < ON_THE_WAY_BYTES
            yield

    stepped.run(steps())

    assert len(stepped.got) > 2 * ON_THE_WAY_BYTES
    assert stepped.got == stepped.written


def test_a_reader_has_its_time_from_when_there_is_something_to_take(stepped: Stepped) -> None:
    def steps() -> Iterator[None]:
        # It stays in the socket, which takes no more.
        stepped.write(24 * 1024)
        yield
        yield
        for turn in range(10):
            stepped.now = 1000 + turn * TURN_SECONDS
            stepped.write(1 << 16)
            yield
            assert stepped.ahead < ON_THE_WAY_BYTES

    stepped.run(steps())

    assert stepped.got == stepped.written


def test_a_reader_that_has_stopped_makes_nobody_wait(stepped: Stepped) -> None:
    def steps() -> Iterator[None]:
        for turn in range(100):
            stepped.now = turn * TURN_SECONDS
            stepped.write(1 << 16)
            yield

    stepped.run(steps())

    assert len(stepped.got) > 4 * ON_THE_WAY_BYTES
    assert stepped.got == stepped.written
