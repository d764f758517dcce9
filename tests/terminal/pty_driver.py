"""A program on a pseudo terminal of its own, driven by keys and read through pyte, as a person would."""

from __future__ import annotations

import codecs
import os
import re
import signal
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

import pexpect
import psutil
import pyte

HAND_SECONDS = 0.06
DEADLINE_SECONDS = 30.0
"""How long anything may take on a slow, busy machine before a test gives up."""

MARKER = "MEMDB_TUI_TEST_SESSION"
"""An environment variable that everything a session starts inherits, by which it is found again."""

KEYS = {
    "enter": "\r",
    "escape": "\x1b",
    "tab": "\t",
    "backspace": "\x7f",
    "up": "\x1b[A",
    "down": "\x1b[B",
    "end": "\x1b[F",
    "home": "\x1b[H",
    "pagedown": "\x1b[6~",
    "f1": "\x1bOP",
    "f5": "\x1b[15~",
}
_READ_BYTES = 1 << 16
_PRIVATE_MODE = re.compile(r"\x1b\[\?([0-9;]+)([hl])")
_KITTY_KEYS = re.compile(r"\x1b\[([<>])[0-9;]*u")
# What pyte would print as text: kitty's keys, mode queries, device strings, cursor styles.
_UNKNOWN_TO_PYTE = re.compile(
    r"\x1bP.*?\x1b\\|\x1b_.*?\x1b\\|\x1b\[[<=>][0-9;:]*[@-~]|\x1b\[\?[0-9;]*[$u][a-z]?"
    r"|\x1b\[[0-9;]*[ $'\"!][@-~]|\x1b\[[0-9;]*t",
    re.DOTALL,
)
_UNFINISHED = re.compile(r"\x1b(?:\[[0-9;:<=>?]*[ $'\"!]?|[P_^\]][^\x07\x1b]*\x1b?)?$", re.DOTALL)


ALTERNATE_SCREEN = 1049


class _Screen(pyte.Screen):
    """As terminals do it: nothing stays of the other screen, and a sequence that broke off is passed over."""

    def set_mode(self, *modes: int, **private: bool) -> None:
        super().set_mode(*modes, **private)
        self._empty(modes, **private)

    def reset_mode(self, *modes: int, **private: bool) -> None:
        super().reset_mode(*modes, **private)
        self._empty(modes, **private)

    def _empty(self, modes: tuple[int, ...], *, private: bool = False) -> None:
        if private and ALTERNATE_SCREEN in modes:
            self.erase_in_display(2)

    def erase_in_line(self, *how: int, private: bool = False) -> None:
        if how in {(), (0,), (1,), (2,)}:
            super().erase_in_line(*how, private=private)


class Terminal:
    """One program on one terminal.

    Args:
        command: What to run.
        cwd: Where.
        env: The whole environment.
        columns: Width in cells.
        rows: Height in cells.
    """

    def __init__(
        self, command: Sequence[str], *, cwd: Path, env: Mapping[str, str], columns: int = 120, rows: int = 36
    ) -> None:
        self._sent_at = float("-inf")
        self._unseen = ""
        self._child = pexpect.spawn(
            command[0], list(command[1:]), cwd=str(cwd), env=dict(env), dimensions=(rows, columns), timeout=None
        )
        # A pause before each write is meant for password prompts.
        self._child.delaybeforesend = None
        self._screen = _Screen(columns, rows)
        self._stream = pyte.Stream(self._screen)
        self._decoder = codecs.getincrementaldecoder("utf-8")("replace")
        self._unfinished = ""
        self.output = ""
        """Everything the program has written, escape sequences included."""

    @property
    def pid(self) -> int:
        """The process that was started on the terminal."""
        return int(self._child.pid)

    @property
    def text(self) -> str:
        """The screen, a line a row, without trailing blanks."""
        buffer, columns = self._screen.buffer, range(self._screen.columns)
        return "\n".join(
            "".join(buffer[row][column].data for column in columns).rstrip() for row in range(self._screen.lines)
        )

    @property
    def modes_on(self) -> frozenset[int]:
        """The private modes (`ESC [ ? n h`) that the program has switched on and not off again."""
        modes: set[int] = set()
        for numbers, switch in _PRIVATE_MODE.findall(self.output):
            for number in numbers.split(";"):
                (modes.add if switch == "h" else modes.discard)(int(number))
        return frozenset(modes)

    @property
    def modes_touched(self) -> frozenset[int]:
        """The private modes that the program has switched at all."""
        return frozenset(int(n) for numbers, _ in _PRIVATE_MODE.findall(self.output) for n in numbers.split(";"))

    @property
    def kitty_depth(self) -> int:
        """How many levels of kitty's key protocol stand on the terminal's stack."""
        return sum(1 if direction == ">" else -1 for direction in _KITTY_KEYS.findall(self.output))

    def receive(self, seconds: float) -> bytes | None:
        """What the program writes next; None at its end, or when nothing came for so long."""
        try:
            return bytes(self._child.read_nonblocking(_READ_BYTES, seconds))
        except (pexpect.EOF, pexpect.TIMEOUT):
            return None

    def press(self, *keys: str) -> None:
        """Send keys, by name: `enter`, `f5`, `ctrl+j`; other words as typed."""
        for key in keys:
            self._rest_as_a_hand_does()
            self._child.send(self._bytes_of(key))
            self._sent_at = time.monotonic()

    def type(self, text: str) -> None:
        """Send text as typed at once."""
        self._child.send(text)
        self._sent_at = time.monotonic()
        # After a line's end something else may be on the screen at once.
        self._unseen = "" if text.endswith(("\r", "\n")) else " ".join(text.split()[-1:])

    def _rest_as_a_hand_does(self) -> None:
        """No hand presses ^J within 30 ms of another key: what comes so close together counts as pasted.

        To a program that has no time just now it comes so: what was typed has to be on its screen first, if it goes
        there at all. From then on it is counted: the program may have read it just before.
        """
        until = time.monotonic() + DEADLINE_SECONDS
        while self._unseen not in self.text and self._read(until):
            pass
        if self._unseen:
            self._sent_at = time.monotonic()
        self._unseen = ""
        rest = threading.Event()
        while (left := self._sent_at + HAND_SECONDS - time.monotonic()) > 0:
            rest.wait(left)

    def paste(self, text: str) -> None:
        """Send text as a terminal with bracketed paste does."""
        self._child.send(f"\x1b[200~{text}\x1b[201~")

    def send(self, data: bytes) -> None:
        """Send these very bytes."""
        self._child.send(data)

    def click(self, pattern: str) -> None:
        """Click the first cell of the first place on the screen that shows the pattern."""
        found = re.search(pattern, self.text, re.MULTILINE)
        assert found is not None, f"there is no {pattern!r} to click:\n{self.text}"
        before = self.text[: found.start()]
        row, column = before.count("\n") + 1, found.start() - before.rfind("\n")
        self._child.send(f"\x1b[<0;{column};{row}M\x1b[<0;{column};{row}m")

    def wait_for(self, pattern: str, *, seconds: float = DEADLINE_SECONDS) -> re.Match[str]:
        """Read until the screen shows the pattern.

        Raises:
            AssertionError: It did not, the last screen is in the message.
        """
        wanted = re.compile(pattern, re.MULTILINE)
        deadline = time.monotonic() + seconds
        while (found := wanted.search(self.text)) is None:
            if not self._read(deadline):
                raise AssertionError(f"{pattern!r} did not come; the screen:\n{self.text}")
        return found

    def wait_gone(self, pattern: str, *, seconds: float = DEADLINE_SECONDS) -> None:
        """Read until the screen no longer shows the pattern.

        Raises:
            AssertionError: It stayed.
        """
        unwanted = re.compile(pattern, re.MULTILINE)
        deadline = time.monotonic() + seconds
        while unwanted.search(self.text) is not None:
            if not self._read(deadline):
                raise AssertionError(f"{pattern!r} stayed; the screen:\n{self.text}")

    def wait_output(self, pattern: str, *, seconds: float = DEADLINE_SECONDS) -> re.Match[str]:
        """Read until the program's raw output has the pattern.

        Raises:
            AssertionError: It did not come.
        """
        wanted = re.compile(pattern)
        deadline = time.monotonic() + seconds
        while (found := wanted.search(self.output)) is None:
            if not self._read(deadline):
                raise AssertionError(f"{pattern!r} was not written; the last of it:\n{self.output[-2000:]!r}")
        return found

    def wait_quiet(self, seconds: float) -> None:
        """Read until the program has written nothing for so long: its screen stands still."""
        while self._read(time.monotonic() + seconds):
            pass

    def wait_end(self, *, seconds: float = DEADLINE_SECONDS) -> int:
        """Read until the program has ended, and give its exit status; minus the signal that killed it.

        Raises:
            AssertionError: It did not end.
        """
        deadline = time.monotonic() + seconds
        while self._read(deadline):
            pass
        if time.monotonic() >= deadline:
            raise AssertionError(f"The program did not end; the screen:\n{self.text}")
        self._child.wait()
        if self._child.signalstatus is not None:
            return -int(self._child.signalstatus)
        return int(self._child.exitstatus)

    def signal(self, number: signal.Signals) -> None:
        """Send the program a signal."""
        os.kill(self.pid, number)

    def hang_up(self) -> None:
        """Close the terminal and do nothing else: what its programs get is what the kernel sends them."""
        self._child.ptyproc.fileobj.close()

    def wait_ended(self, *, seconds: float = DEADLINE_SECONDS) -> None:
        """Wait until the program has ended, though nothing can be read of it any more.

        Raises:
            AssertionError: It did not end.
        """
        deadline, rest = time.monotonic() + seconds, threading.Event()
        while self._child.isalive():
            assert time.monotonic() < deadline, "The program did not end."
            rest.wait(HAND_SECONDS)

    def close(self) -> None:
        """End the program, whatever it does; may be called twice."""
        self._child.close(force=True)

    def _bytes_of(self, key: str) -> str:
        if key in KEYS:
            return KEYS[key]
        if key.startswith("ctrl+"):
            return chr(ord(key.removeprefix("ctrl+").upper()) & 0x1F)
        return key

    def _read(self, deadline: float) -> bool:
        """Take in what the program writes next; False at its end and at the deadline."""
        data = self.receive(max(0.0, deadline - time.monotonic()))
        if data is None:
            return False
        text = self._decoder.decode(data)
        self.output += text
        text = self._unfinished + text
        cut = _UNFINISHED.search(text)
        text, self._unfinished = (text[: cut.start()], text[cut.start() :]) if cut else (text, "")
        self._stream.feed(_UNKNOWN_TO_PYTE.sub("", text))
        return True


def processes_of(marker: str) -> list[psutil.Process]:
    """Every living process that a session started, by the marker in its environment."""
    found = []
    for process in psutil.process_iter():
        try:
            if process.environ().get(MARKER) == marker and process.status() != psutil.STATUS_ZOMBIE:
                found.append(process)
        except (psutil.NoSuchProcess, psutil.AccessDenied):
            continue
    return found


def wait_until(is_so: Callable[[], object], *, seconds: float = DEADLINE_SECONDS) -> None:
    """Wait until something is so.

    Raises:
        AssertionError: It was not.
    """
    deadline, rest = time.monotonic() + seconds, threading.Event()
    while not is_so():
        assert time.monotonic() < deadline
        rest.wait(0.01)


def wait_until_ended(processes: Sequence[psutil.Process], *, seconds: float = DEADLINE_SECONDS) -> None:
    """Wait until processes have ended.

    Raises:
        AssertionError: Some live on.
    """
    deadline = time.monotonic() + seconds
    for process in processes:
        try:
            process.wait(max(0.0, deadline - time.monotonic()))
        except psutil.TimeoutExpired:
            raise AssertionError(f"{process} lives on") from None
