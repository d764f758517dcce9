"""What a program writes while nobody reads: it never waits, and of too much the oldest gives way."""

from __future__ import annotations

import contextlib
import fcntl
import os
import pty
import re
import signal
import socket
import struct
import termios
import threading
import time
import tty
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from memdb_tui.programs.relay_process import RelayProcess
from memdb_tui.programs.terminal_relay import KEPT_BYTES, PIECE_BYTES, Kept

SECONDS = 60.0
LEFT_OUT = re.compile(rb"\x18\x1b\[m\r\n\[memdb-tui: ([\d.,]+) (bytes|MiB) of output are left out here[^\r]*\r\n")


class Terminal:
    """A terminal that is relayed: what is written at its one end, and our end."""

    def __init__(self) -> None:
        self._ours, self.theirs = pty.openpty()
        tty.setraw(self.theirs)
        os.set_blocking(self._ours, False)
        self.relay = RelayProcess(self._ours)
        os.set_blocking(self.relay.source, True)
        self._reading = socket.socket(fileno=os.dup(self.relay.source))
        self._reading.settimeout(SECONDS)

    def write(self, data: bytes) -> None:
        """Write all of it, waiting where a program would."""
        view = memoryview(data)
        while view:
            view = view[os.write(self.theirs, view) :]

    def read(self) -> bytes:
        """What comes next; empty at the end."""
        return self._reading.recv(1 << 16)

    def rest(self) -> bytes:
        """What comes until the relay has ended."""
        self.relay.ask_for_the_rest()
        return b"".join(iter(self.read, b""))

    def close(self) -> None:
        self._reading.close()
        self.relay.close()
        for descriptor in (self._ours, self.theirs):
            os.close(descriptor)


@pytest.fixture
def terminal() -> Iterator[Terminal]:
    with contextlib.closing(Terminal()) as made:
        yield made


def lines(count: int) -> bytes:
    return b"".join(b"line %07d\n" % number for number in range(count))


def in_time(work: Callable[[], None]) -> None:
    """Do it in a thread; it must end."""
    thread = threading.Thread(target=work, daemon=True)
    thread.start()
    thread.join(SECONDS)
    assert not thread.is_alive(), "The program waits for its reader."


def test_what_is_written_comes_as_it_was(terminal: Terminal) -> None:
    terminal.write(b"\x1b[1mbold\x1b[m \xe2\x9c\x93\n")

    assert terminal.rest() == b"\x1b[1mbold\x1b[m \xe2\x9c\x93\n"


def test_a_reader_that_reads_gets_everything_however_much(terminal: Terminal) -> None:
    data = lines(KEPT_BYTES // 6)
    assert len(data) > 2 * KEPT_BYTES
    writing = threading.Thread(target=terminal.write, args=(data,))
    writing.start()
    got = bytearray()

    while len(got) < len(data):
        got += terminal.read()
    writing.join(SECONDS)

    assert got == data
    assert terminal.rest() == b""


def test_without_a_reader_the_program_goes_on_and_what_is_kept_is_whole(terminal: Terminal) -> None:
    data = lines(KEPT_BYTES // 26)

    in_time(lambda: terminal.write(data))

    assert terminal.rest() == data


def test_of_too_much_the_oldest_gives_way_and_it_is_said(terminal: Terminal) -> None:
    data = lines(KEPT_BYTES // 5)

    in_time(lambda: terminal.write(data))
    got = terminal.rest()

    assert len(got) < len(data)
    (said,) = LEFT_OUT.finditer(got)
    head, tail = got[: said.start()], got[said.end() :]
    assert data.startswith(head)
    assert data.endswith(tail)
    assert tail.startswith(b"line ")
    assert tail.endswith(b"line %07d\n" % (KEPT_BYTES // 5 - 1))
    lost = (len(data) - len(head) - len(tail)) / 2**20
    assert said[2] == b"MiB"
    assert float(said[1]) == pytest.approx(lost, abs=0.06)


def on_its_way() -> int:
    """How many bytes wait for a reader that does not read."""
    with contextlib.closing(Terminal()) as terminal:
        in_time(lambda: terminal.write(lines(30_000)))
        (waiting,) = struct.unpack("i", fcntl.ioctl(terminal.relay.source, termios.FIONREAD, bytes(4)))
    return int(waiting)


def test_little_is_on_its_way_to_a_reader_that_does_not_read() -> None:
    # Linux counts what it needs for each message itself into the 32 KiB. On a busy machine messages are larger, and
    # more goes in; without a limit of ours it is never so little.
    assert any(0 < on_its_way() < 24 * 1024 for _ in range(20))


def test_who_goes_on_writing_is_not_waited_for_at_the_end() -> None:
    with Path("/dev/zero").open("rb") as endless, contextlib.closing(RelayProcess(endless.fileno())) as running:
        running.ask_for_the_rest()
        os.set_blocking(running.source, True)
        with socket.socket(fileno=os.dup(running.source)) as reading:
            reading.settimeout(SECONDS)
            while reading.recv(1 << 16):
                pass


def test_signals_of_our_terminal_do_not_reach_it(terminal: Terminal) -> None:
    pid = terminal.relay.pid

    assert os.getsid(pid) == pid != os.getsid(0)


def test_it_ends_with_its_reader(terminal: Terminal) -> None:
    terminal.write(lines(10))
    pid = terminal.relay.pid
    terminal._reading.close()
    terminal.relay._socket.close()

    deadline = time.monotonic() + SECONDS
    while os.waitid(os.P_PID, pid, os.WEXITED | os.WNOHANG | os.WNOWAIT) is None:
        assert time.monotonic() < deadline, "It stays."
        time.sleep(0.01)


def test_the_end_is_seen_when_it_is_killed(terminal: Terminal) -> None:
    os.kill(terminal.relay.pid, signal.SIGKILL)

    assert terminal.read() == b""


def test_a_program_that_writes_a_byte_at_a_time_takes_no_more_memory() -> None:
    kept = Kept(KEPT_BYTES)
    for _ in range(100_000):
        kept.add(b"a")

    assert kept.size == 100_000
    assert len(kept.first()) == PIECE_BYTES


@given(
    st.lists(st.one_of(st.binary(min_size=1, max_size=40), st.integers(1, 50)), max_size=40),
    st.integers(1, 100),
)
def test_what_is_kept_is_the_newest_and_each_gap_is_said_once(steps: list[bytes | int], most: int) -> None:
    kept = Kept(most)
    given_out, came = b"", b""
    for step in steps:
        if isinstance(step, bytes):
            kept.add(step)
            came += step
            assert kept.size <= most
        elif piece := kept.first():
            kept.taken(len(piece[:step]))
            given_out += piece[:step]
    while piece := kept.first():
        kept.taken(len(piece))
        given_out += piece

    first, *others = LEFT_OUT.split(given_out)
    lost = sum(int(count) for count in others[::3])
    assert len(first) + lost + sum(map(len, others[2::3])) == len(came)
    assert came.startswith(first)
    assert came.endswith((others or [first])[-1])
    assert not kept
    assert kept.size == 0
