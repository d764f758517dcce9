"""The UI as a process of its own, in front on the terminal while the program waits."""

from __future__ import annotations

import _thread
import contextlib
import json
import os
import secrets
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from types import TracebackType
from typing import Self

from memdb_tui.doors.saying import say
from memdb_tui.doors.terminal import Terminal

_START = "import sys; sys.path.append(sys.argv.pop(1)); from memdb_tui.commands.inspect_ui import main; main()"
_END_SECONDS = 5.0
_STOP_SECONDS = 0.1
"""How long a stop of this job takes at most to arrive in all threads, after one has taken the signal."""
_TAKEN_SECONDS = 5.0
"""How long a program without time for it may take to take the signal; one that blocks it never does."""
_AGAIN_SECONDS = 0.01
_NOT_FOR_THE_UI = frozenset(
    {
        "MEMDB_TUI_RUN",
        "MEMDB_TUI_LISTEN",
        "PYTHONBREAKPOINT",
        "PYTHONDEVMODE",
        "PYTHONINSPECT",
        "PYTHONPROFILEIMPORTTIME",
        "PYTHONSTARTUP",
        "PYTHONTRACEMALLOC",
        "PYTHONVERBOSE",
        "PYTHONWARNINGS",
    }
)
"""What changes how a Python program behaves: it was meant for the user's."""


def ui_command(descriptor: int) -> list[str]:
    """The command of the UI that is told the descriptor of its socket.

    Raises:
        RuntimeError: This Python does not know its own executable.
    """
    if not sys.executable:
        raise RuntimeError("this Python does not know its own executable, which the UI is started with")
    root = Path(__file__).absolute().parents[2]
    # -P: the user's folder may hold a sqlite3.py of its own.
    return [sys.executable, "-P", "-c", _START, str(root), str(descriptor)]


def ui_environment(environment: Mapping[str, str]) -> dict[str, str]:
    """The environment for the UI of a program with that environment: not followed, and Python as it is."""
    kept = {name: value for name, value in environment.items() if name not in _NOT_FOR_THE_UI}
    try:
        folder = json.loads(environment.get("MEMDB_TUI_RUN", "{}")).get("folder", "")
    except (ValueError, AttributeError):
        folder = ""
    if folder and "PYTHONPATH" in kept:
        kept["PYTHONPATH"] = os.pathsep.join(p for p in kept["PYTHONPATH"].split(os.pathsep) if p != folder)
        if not kept["PYTHONPATH"]:
            del kept["PYTHONPATH"]
    return kept


class UiProcess:
    """A UI in front on a terminal, in a process group of its own, from `with` to its end.

    So ^C and ^Z go to it and never to the program. ^Z stops it; then the program's job is stopped as the shell
    expects, and when the shell brings the job to the front again, the UI goes on.

    Args:
        terminal: The terminal, held by the caller.
        command: Gives what to run for the descriptor of the UI's side of the socket.
        environment: The whole environment of the UI.

    Raises:
        OSError: On creating: it could not be started.
    """

    def __init__(
        self, terminal: Terminal, command: Callable[[int], Sequence[str]], *, environment: Mapping[str, str]
    ) -> None:
        self._terminal = terminal
        self._ended = _thread.allocate_lock()
        self._is_ending = False
        self.token = secrets.token_hex(16)
        self.sock, there = socket.socketpair()
        # The program may have given all sockets a time limit.
        self.sock.settimeout(None)
        try:
            self._process = subprocess.Popen(  # noqa: S603 - our own interpreter, our own code
                list(command(there.fileno())),
                stdin=terminal.descriptor,
                stdout=terminal.descriptor,
                stderr=terminal.descriptor,
                pass_fds=(there.fileno(),),
                env=dict(environment),
                process_group=0,
            )
        except BaseException:
            self.sock.close()
            raise
        finally:
            there.close()

    def __enter__(self) -> Self:
        """Put it in front, and then let it begin: its token is the first line it reads."""
        self._ended.acquire()
        try:
            _thread.start_new_thread(self._mind_stops, ())
        except BaseException:
            self._ended.release()
            self._end(at_once=True)
            raise
        self._terminal.lend(self._process.pid)
        with contextlib.suppress(OSError):
            self.sock.sendall(f"{self.token}\n".encode())
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """End it if it has not ended, and take the terminal back."""
        del error, trace
        # Quit by the user it ends by itself. Where the program does not wait any more it is told to, and it does.
        self._end(at_once=kind is not None)

    def _end(self, *, at_once: bool) -> None:
        self._is_ending = True
        with contextlib.suppress(OSError):
            self.sock.shutdown(socket.SHUT_RDWR)
        self.sock.close()
        if at_once:
            self._process.terminate()
        try:
            for end_it in (self._process.terminate, self._process.kill):
                try:
                    self._process.wait(_END_SECONDS)
                except subprocess.TimeoutExpired:
                    end_it()
        except BaseException:
            # What a signal handler of the program raises must not leave the terminal with the UI.
            self._process.kill()
            raise
        finally:
            self._process.wait()
            self._ended.acquire()
            self._terminal.take_back(self._process.pid)
            if self._process.returncode < 0:
                self._terminal.leave_screen()

    def _mind_stops(self) -> None:
        """Stop the program's job whenever the UI stops, until the UI has ended; a thread's whole life."""
        try:
            # Signals are for the program's own threads; and only blocked may a background process set its terminal.
            signal.pthread_sigmask(signal.SIG_BLOCK, signal.valid_signals())
            while self._has_stopped():
                self._stop_job()
        except Exception as error:  # noqa: BLE001 - a thread of ours in somebody's program must not print a traceback
            say(f"the UI could not be stopped and continued: {type(error).__name__}: {error}")
        finally:
            self._ended.release()

    def _has_stopped(self) -> bool:
        """Wait until the UI has stopped, or ended."""
        pid = self._process.pid
        try:
            found = os.waitid(os.P_PID, pid, os.WEXITED | os.WSTOPPED | os.WNOWAIT)
            if found is None or found.si_code != os.CLD_STOPPED:
                return False
            # An end is left for Popen to find; a stop is taken, else it would be found again.
            os.waitid(os.P_PID, pid, os.WSTOPPED | os.WNOHANG)
        except ChildProcessError:
            return False
        return True

    def _stop_job(self) -> None:
        pid, terminal = self._process.pid, self._terminal
        if terminal.front_group == pid:
            terminal.take_back(pid)
            os.kill(0, signal.SIGTSTP)
            until = time.monotonic() + _TAKEN_SECONDS
            # In this thread all are blocked: so it sees what no other has taken yet.
            while signal.SIGTSTP in signal.sigpending() and time.monotonic() < until and not self._is_ending:
                time.sleep(_AGAIN_SECONDS)
            time.sleep(_STOP_SECONDS)
        # Continued: by fg, or in a job without a shell to mind it, at once. After bg the shell is still in front.
        while not (terminal.is_in_front or terminal.front_group in {0, pid} or self._is_ending):
            os.kill(0, signal.SIGTTIN)
            time.sleep(_STOP_SECONDS)
        terminal.lend(pid)
        with contextlib.suppress(ProcessLookupError):
            os.killpg(pid, signal.SIGCONT)
