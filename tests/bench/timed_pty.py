"""A terminal whose every byte is stamped when it arrives, so that reading the screen costs the program nothing."""

from __future__ import annotations

import contextlib
import os
import queue
import random
import re
import signal
import statistics
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

import psutil

# The tests drive the program the same way.
sys.path.insert(0, str(Path(__file__).resolve().parent.parent / "terminal"))
from pty_driver import Terminal

SIZE = (160, 45)
PROGRAM = str(Path(sys.executable).with_name("memdb-tui"))
READY = r"(?s)\A(?=.*\bdb1\b)(?=.*\bdb2\b)(?=.*\bc1\b)(?=.*\bc2\b)"
MILLION = (
    "WITH RECURSIVE c(x) AS (SELECT 1 UNION ALL SELECT x+1 FROM c WHERE x<1000000) SELECT x, x*2, 'row '||x FROM c"
)
_MIB = 1 << 20
END_SECONDS = 5.0
LONGEST_SECONDS = 3600.0

# The reading thread must get its turn as soon as bytes arrive.
sys.setswitchinterval(0.0005)


class TimedTerminal(Terminal):
    """A terminal read by a thread of its own.

    Args:
        command: What to run.
        home: An empty folder, its home and working folder.
    """

    def __init__(self, command: Sequence[str], home: Path) -> None:
        # Bytecode is written, as for a user: without it every start compiles everything again.
        kept = {name: os.environ[name] for name in ("PATH", "LD_LIBRARY_PATH") if name in os.environ}
        env = {**kept, "HOME": str(home), "TERM": "xterm-256color", "COLORTERM": "truecolor", "LANG": "C.UTF-8"}
        self.started_at = time.perf_counter()
        super().__init__(command, cwd=home, env=env, columns=SIZE[0], rows=SIZE[1])
        self._chunks: queue.Queue[tuple[float, bytes | None]] = queue.Queue()
        self.arrived_at = self.started_at
        """When the newest bytes that are on the screen arrived, by `time.perf_counter`."""
        self._reader = threading.Thread(target=self._read_on, name="pty-reader", daemon=True)
        self._reader.start()

    def receive(self, seconds: float) -> bytes | None:
        """The next bytes in order of their arrival."""
        try:
            at, data = self._chunks.get(timeout=seconds) if seconds > 0 else self._chunks.get_nowait()
        except queue.Empty:
            return None
        if data is not None:
            self.arrived_at = at
        return data

    def seconds_until(self, pattern: str, since: float, *, seconds: float = 120.0) -> float:
        """How long after `since` the bytes came that made the screen show the pattern."""
        self.wait_for(pattern, seconds=seconds)
        return self.arrived_at - since

    def time_key(self, key: str, pattern: str) -> float:
        """From a key to the pattern on the screen, in seconds."""
        self._rest_as_a_hand_does()
        since = time.perf_counter()
        self.press(key)
        return self.seconds_until(pattern, since)

    def type_steadily(self, letter: str, count: int, *, pause_seconds: float) -> list[float]:
        """Type a letter again and again, about so far apart; returns when each was sent, by `time.perf_counter`.

        The screen is not read meanwhile: this process only sends, and stamps what arrives.
        """
        # A rhythm of its own, so that the keys keep no step with what the program does at fixed times.
        hand = random.Random(count)
        sent = []
        due = time.perf_counter()
        for _ in range(count):
            due += pause_seconds * hand.uniform(0.6, 1.4)
            time.sleep(max(0.0, due - time.perf_counter()))
            sent.append(time.perf_counter())
            self.type(letter)
        return sent

    def seconds_shown(
        self, sent: Sequence[float], pattern_of: Callable[[int], str], *, until: str = r"\Z\A"
    ) -> list[float]:
        """How long after it was sent each key showed its pattern; those that come with `until` or later are left out.

        Args:
            sent: What `type_steadily` returned.
            pattern_of: What the screen shows when so many of these keys are there, from 1.
            until: What ends the measure.
        """
        took: list[float] = []
        for number, since in enumerate(sent, start=1):
            seconds = self.seconds_until(pattern_of(number), since)
            if re.search(until, self.text) is not None:
                break
            took.append(seconds)
        return took

    def read_for(self, seconds: float) -> None:
        """Let time pass, taking in what the program writes."""
        end = time.perf_counter() + seconds
        while (left := end - time.perf_counter()) > 0:
            self.wait_quiet(left)

    def processes(self) -> list[psutil.Process]:
        """The program and all below it."""
        program = psutil.Process(self.pid)
        return [program, *program.children(recursive=True)]

    def rss_mib(self) -> float:
        """Resident memory of all its processes."""
        return sum(process.memory_info().rss for process in self.processes()) / _MIB

    def cpu_seconds(self) -> float:
        """Processor time of all its processes so far."""
        return sum(sum(process.cpu_times()[:2]) for process in self.processes())

    def close(self) -> None:
        """End the program, read what it still writes, and then give the terminal up."""
        with contextlib.suppress(ProcessLookupError):
            self.signal(signal.SIGTERM)
        self._reader.join(END_SECONDS)
        super().close()

    def _read_on(self) -> None:
        while (data := super().receive(LONGEST_SECONDS)) is not None:
            self._chunks.put((time.perf_counter(), data))
        self._chunks.put((time.perf_counter(), None))


@contextmanager
def timed(command: Sequence[str]) -> Iterator[TimedTerminal]:
    """A program in an empty home, ended afterwards."""
    with tempfile.TemporaryDirectory(prefix="memdb-bench-") as home:
        terminal = TimedTerminal(command, Path(home))
        try:
            yield terminal
        finally:
            terminal.close()


def median(values: Sequence[float]) -> float:
    """The middle one."""
    return statistics.median(values)


def percentile(values: Sequence[float], percent: float) -> float:
    """The smallest value that so many percent of all do not exceed."""
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, int(len(ordered) * percent / 100))]


def table(rows: Sequence[Sequence[str]]) -> str:
    """Rows as aligned text, the first column to the left, figures to the right."""
    widths = [max(len(row[column]) for row in rows) for column in range(len(rows[0]))]
    return "\n".join(
        "  ".join(
            cell.ljust(w) if n == 0 else cell.rjust(w) for n, (cell, w) in enumerate(zip(row, widths, strict=True))
        )
        for row in rows
    )
