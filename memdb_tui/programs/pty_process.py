"""A program on a terminal of its own: what it writes is always read, keys reach it, its end is told."""

from __future__ import annotations

import asyncio
import contextlib
import os
import pty
import select
import signal
import subprocess
import sys
import termios
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import IO

from memdb_tui.programs import terminal_keeper
from memdb_tui.programs.relay_process import RelayProcess
from memdb_tui.programs.terminal_exec import order_of, pid_of, status_of

_PIECE_BYTES = 16 * 1024
"""What is handed on at once."""
_TURN_SECONDS = 0.004
"""How long one turn of the event loop may read on while there is more; then the others have as long."""
_LAST_BYTES = 4 * 1024 * 1024
"""More than any terminal holds back: a child that goes on writing does not hold up the news of the program's end."""
_MOST_UNREAD_BYTES = 64 * 1024
"""Keys kept for a program that does not read them."""
_END_SECONDS = 3.0


class PtyProcess:
    """A program on a terminal of its own, as in a shell: pdb, `input()`, ^C and jobs work; what it leaves goes on.

    Nothing here blocks the event loop: what the program writes is read when it is there, what it does not read waits.
    Nor does the program wait while this process is stopped: a relay reads its terminal for us (`terminal_relay`),
    until the program has ended. Should the relay die, the terminal is read from here.
    """

    def __init__(
        self,
        keeper: subprocess.Popen[bytes],
        pid: int,
        ends: tuple[int, int],
        relay: RelayProcess,
        *,
        on_output: Callable[[bytes], None],
        on_end: Callable[[int], None],
    ) -> None:
        self._keeper = keeper
        self._pid = pid
        self._status: int | None = None
        self._last_line = b""
        # While an end of theirs is open here too, reading does not fail on Linux, whatever the program does.
        self._ours, self._theirs = ends
        self._relay: RelayProcess | None = relay
        self._status_to_tell: int | None = None
        self._on_output = on_output
        self._on_end = on_end
        self._loop = asyncio.get_running_loop()
        self._unread = bytearray()
        self._pause: asyncio.TimerHandle | None = None
        self._is_closed = False
        self._loop.add_reader(self._source, self._read_turn)
        self._loop.add_reader(_output_of(keeper), self._hear_keeper)

    @classmethod
    async def start(
        cls,
        argv: Sequence[str],
        *,
        cwd: str | Path | None = None,
        env: Mapping[str, str] | None = None,
        columns: int,
        rows: int,
        on_output: Callable[[bytes], None],
        on_end: Callable[[int], None],
    ) -> PtyProcess:
        """Starts a program.

        Args:
            argv: The program and its arguments; looked for in the `PATH` of `env` unless it has a slash.
            cwd: Where it starts; None for the current folder.
            env: Its whole environment; None for a copy of ours.
            columns: Width of its terminal, in cells.
            rows: Height of its terminal, in lines.
            on_output: Called with each piece of what it writes, in the event loop.
            on_end: Called once, with the exit status as `subprocess` has it (negative for signals), after everything
                the program had written was handed on. Not called after `close`.

        Raises:
            OSError: The program cannot be started; the same error as `subprocess.Popen` raises.
        """
        with contextlib.ExitStack() as undoing:
            ours, theirs = pty.openpty()
            undoing.callback(os.close, ours)
            undoing.callback(os.close, theirs)
            termios.tcsetwinsize(theirs, (rows, columns))
            os.set_blocking(ours, False)
            relay = RelayProcess(ours)
            undoing.callback(relay.close)
            keeper, pid = await _spawn(argv, theirs, cwd=cwd, env=os.environ if env is None else env)
            undoing.pop_all()
        return cls(keeper, pid, (ours, theirs), relay, on_output=on_output, on_end=on_end)

    @property
    def pid(self) -> int:
        """The program's process id, which is its group's too."""
        return self._pid

    @property
    def status(self) -> int | None:
        """The exit status as `subprocess` has it, negative for signals; None while the program runs."""
        return self._status

    def write(self, keys: bytes) -> bool:
        """Sends what was typed; never waits.

        Returns:
            False when the program has not read what was sent before and no more is kept for it: then nothing of
            `keys` is sent.
        """
        if self._is_closed or self.status is not None or len(self._unread) + len(keys) > _MOST_UNREAD_BYTES:
            return False
        self._unread += keys
        self._write_turn()
        return True

    def resize(self, columns: int, rows: int) -> None:
        """Tells the terminal's size, in cells; the kernel sends SIGWINCH to who has the terminal."""
        if not self._is_closed:
            termios.tcsetwinsize(self._ours, (max(1, rows), max(1, columns)))

    def terminate(self) -> None:
        """Asks the program, its group, and who has its terminal, to end: SIGTERM."""
        self._signal(signal.SIGTERM)

    def kill(self) -> None:
        """Ends the program, its group, and who has its terminal: SIGKILL."""
        self._signal(signal.SIGKILL)

    def close(self) -> None:
        """Ends the program with all of its session if it still runs, and closes the terminal; may be called twice.

        What a program that has ended left running is hung up on, as by any terminal that is closed, and not killed.
        """
        if self._is_closed:
            return
        self._is_closed = True
        if self._pause is not None:
            self._pause.cancel()
        self._loop.remove_reader(self._source)
        self._loop.remove_writer(self._ours)
        if self._status is None:
            for pid in self._session():
                with contextlib.suppress(ProcessLookupError, PermissionError):
                    os.kill(pid, signal.SIGKILL)
            self._signal(signal.SIGKILL)
            self._wait_for_keeper(_END_SECONDS)
        if self._relay is not None:
            self._relay.close()
        os.close(self._ours)
        os.close(self._theirs)
        self._loop.remove_reader(_output_of(self._keeper))
        _close_quietly(self._keeper.stdout)
        # Whoever has the terminal is hung up on by its end, and by that of its session's leader.
        self._keeper.kill()
        self._keeper.wait()

    # Reading and writing.

    @property
    def _source(self) -> int:
        """What is read from: the relay, or without one the terminal."""
        return self._ours if self._relay is None else self._relay.source

    def _read_turn(self) -> None:
        """Reads while there is something; after a while the event loop is left to others, for as long as it took."""
        begin = time.monotonic()
        while piece := self._piece():
            self._on_output(piece)
            if self._is_closed:
                return
            taken = time.monotonic() - begin
            if taken > _TURN_SECONDS:
                self._loop.remove_reader(self._source)
                self._pause = self._loop.call_later(taken, self._read_on)
                return

    def _read_on(self) -> None:
        self._pause = None
        self._loop.add_reader(self._source, self._read_turn)

    def _piece(self) -> bytes:
        """What is there, up to a piece; nothing when nothing is."""
        parts: list[bytes] = []
        wanted = _PIECE_BYTES
        with contextlib.suppress(BlockingIOError):
            while wanted > 0 and (part := self._read(wanted)):
                parts.append(part)
                wanted -= len(part)
        return b"".join(parts)

    def _read(self, most: int) -> bytes:
        """What is there; at the relay's end what is on the terminal itself; nothing at the end of that.

        Raises:
            BlockingIOError: Nothing is there.
        """
        if self._relay is not None:
            with contextlib.suppress(ConnectionError):
                if part := os.read(self._relay.source, most):
                    return part
            self._read_without_relay()
        part = os.read(self._ours, most)
        if not part:
            # Elsewhere than on Linux a terminal can end before who reads it.
            self._loop.remove_reader(self._ours)
        return part

    def _read_without_relay(self) -> None:
        if self._relay is None:
            return
        self._loop.remove_reader(self._relay.source)
        self._relay.close()
        self._relay = None
        # The relay is read in a turn alone, never in a pause.
        self._loop.add_reader(self._ours, self._read_turn)
        if self._status_to_tell is not None:
            self._loop.call_soon(self._tell_end, self._status_to_tell, _LAST_BYTES)

    def _write_turn(self) -> None:
        try:
            sent = os.write(self._ours, self._unread)
        except BlockingIOError:
            sent = 0
        del self._unread[:sent]
        if self._unread:
            self._loop.add_writer(self._ours, self._write_turn)
        else:
            self._loop.remove_writer(self._ours)

    # The end.

    def _hear_keeper(self) -> None:
        """Takes what the keeper says of the program's end; its own end is that of the program, as far as we know."""
        said = os.read(_output_of(self._keeper), _PIECE_BYTES)
        self._last_line += said
        status = status_of(self._last_line)
        if status is None and said:
            return
        self._loop.remove_reader(_output_of(self._keeper))
        self._status = status if status is not None else self._keeper.wait()
        self._unread.clear()
        if self._is_closed:
            return
        self._loop.remove_writer(self._ours)
        if self._relay is None:
            self._tell_end(self._status, _LAST_BYTES)
        else:
            # Told when the relay has handed on all it has, and so has ended.
            self._status_to_tell = self._status
            self._relay.ask_for_the_rest()

    def _wait_for_keeper(self, seconds: float) -> None:
        """Learns the status of a program that has been killed."""
        until = time.monotonic() + seconds
        while self._status is None and (left := until - time.monotonic()) > 0:
            if select.select([_output_of(self._keeper)], [], [], left)[0]:
                self._hear_keeper()

    def _tell_end(self, status: int, most: int) -> None:
        """Hands on what the program had written, a piece a turn, then tells its end."""
        if self._is_closed:
            return
        # The kernel moves what was written on to our end before it says that nothing is there.
        if most > 0 and (piece := self._piece()):
            self._on_output(piece)
            self._loop.call_soon(self._tell_end, status, most - len(piece))
        else:
            self._on_end(status)

    # Signals.

    def _signal(self, number: signal.Signals) -> None:
        if self._status is not None:
            return
        groups = {self.pid}
        with contextlib.suppress(OSError):
            groups.add(os.tcgetpgrp(self._ours))
        # 0 says that nobody has the terminal; as the name of a group it would be our own.
        for group in groups - {0}:
            for sent in (number, signal.SIGCONT):
                # A stopped program hears SIGTERM only when it goes on.
                with contextlib.suppress(ProcessLookupError, PermissionError):
                    os.killpg(group, sent)

    def _session(self) -> Iterator[int]:
        """The processes of the session but its keeper, jobs of a shell among them; none where there is no /proc."""
        for folder in Path("/proc").glob("[0-9]*"):
            with contextlib.suppress(OSError, ValueError, IndexError):
                # The name, in parentheses, may hold blanks and parentheses itself (proc(5)).
                fields = (folder / "stat").read_bytes().rpartition(b")")[2].split()
                if int(fields[3]) == self._keeper.pid != int(folder.name):
                    yield int(folder.name)


async def _spawn(
    argv: Sequence[str], terminal: int, *, cwd: str | Path | None, env: Mapping[str, str]
) -> tuple[subprocess.Popen[bytes], int]:
    """Starts the keeper of a terminal, and by it the program; gives the keeper and the program's id."""
    keeper = subprocess.Popen(  # noqa: ASYNC220, S603 - it returns at once; what to run is what the user typed
        # Isolated, and nothing of `site`: the user's folder and environment are for the program alone.
        [sys.executable, "-I", "-S", terminal_keeper.__file__, str(terminal)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        cwd=cwd,
        pass_fds=(terminal,),
        bufsize=0,
    )
    try:
        answer = await asyncio.to_thread(_give_order, keeper, order_of(argv, env))
        pid = pid_of(answer, argv[0])
    except BaseException:
        keeper.kill()
        keeper.wait()
        _close_quietly(keeper.stdout)
        raise
    finally:
        _close_quietly(keeper.stdin)
    return keeper, pid


def _give_order(keeper: subprocess.Popen[bytes], order: bytes) -> bytes:
    """Says what to run, and gives the first line of the answer."""
    if keeper.stdin is None or keeper.stdout is None:
        raise AssertionError
    with contextlib.suppress(BrokenPipeError):
        keeper.stdin.write(order)
    _close_quietly(keeper.stdin)
    return keeper.stdout.readline()


def _output_of(keeper: subprocess.Popen[bytes]) -> int:
    """The descriptor of what it says."""
    if keeper.stdout is None:
        raise AssertionError
    return keeper.stdout.fileno()


def _close_quietly(pipe: IO[bytes] | None) -> None:
    if pipe is not None:
        with contextlib.suppress(BrokenPipeError):
            pipe.close()
