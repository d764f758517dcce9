"""A million rows: first row, all rows, memory, moving about in them, and typing while they arrive.

python tests/bench/million.py [--repeat N]
"""

from __future__ import annotations

import argparse
import re
import sqlite3
import subprocess
import sys
import time
from dataclasses import dataclass, field
from pathlib import Path

from timed_pty import MILLION, PROGRAM, TimedTerminal, median, percentile, table, timed

ALL_ROWS = r"1[,_' ]?000[,_' ]?000 rows"
SETTLE_SECONDS = 1.5
QUIET_SECONDS = 0.35
KEY_PAUSE_SECONDS = 0.05
BARE_APP = Path(__file__).with_name("bare_app.py")
FETCH_AGAIN_AND_AGAIN = f"""
import sqlite3
while True:
    sqlite3.connect(":memory:").execute({MILLION!r}).fetchall()
"""
PAGES = 20
IDLE_KEYS = 20
MOST_KEYS = 30
TARGET_FIRST_S, TARGET_ALL, TARGET_GROWTH_MIB, TARGET_MOVE_MS, TARGET_TYPE_MS = 0.1, 1.2, 50.0, 50.0, 33.0


def fetch_all_seconds() -> float:
    """The plain way, in this interpreter: what all rows are measured against."""
    connection = sqlite3.connect("file:bench?mode=memory&cache=shared", uri=True)
    began = time.perf_counter()
    rows = connection.execute(MILLION).fetchall()
    took = time.perf_counter() - began
    assert len(rows) == 1_000_000
    connection.close()
    return took


def query_seconds() -> tuple[float, float, float, list[float], float]:
    """First row, all rows, growth in MiB, seconds of each PageDown, seconds of End."""
    with timed([PROGRAM, "db1"]) as terminal:
        terminal.wait_for(r"1 db · 1 conn")
        terminal.wait_quiet(SETTLE_SECONDS)
        before = terminal.rss_mib()
        terminal.paste(MILLION)
        terminal.wait_quiet(QUIET_SECONDS)
        since = time.perf_counter()
        terminal.press("f5")
        first = terminal.seconds_until(r"\brow 1\b", since)
        everything = terminal.seconds_until(ALL_ROWS, since)
        terminal.wait_quiet(QUIET_SECONDS)
        growth = terminal.rss_mib() - before
        terminal.click(r"\brow 1\b")
        terminal.wait_quiet(QUIET_SECONDS)
        pages = [page_down(terminal) for _ in range(PAGES)]
        end = terminal.time_key("end", r"\brow 1000000\b")
        return first, everything, growth, pages, end


def page_down(terminal: TimedTerminal) -> float:
    """Seconds until a page of rows further down is on the screen."""
    last = max(int(number) for number in re.findall(r"\brow (\d+)\b", terminal.text))
    took = terminal.time_key("pagedown", rf"\brow {last + 1}\b")
    terminal.wait_quiet(QUIET_SECONDS / 4)
    return took


def typing_seconds() -> tuple[list[float], list[float]]:
    """Seconds from each key to its letter on the screen: when nothing runs, and while the rows arrive."""
    with timed([PROGRAM, "db1"]) as terminal:
        terminal.wait_for(r"1 db · 1 conn")
        terminal.wait_quiet(SETTLE_SECONDS)
        terminal.paste(f"{MILLION.replace(' SELECT', chr(10) + 'SELECT')};{chr(10)}-- ")
        terminal.wait_quiet(QUIET_SECONDS)
        sent = terminal.type_steadily("x", IDLE_KEYS, pause_seconds=KEY_PAUSE_SECONDS)
        idle = terminal.seconds_shown(sent, lambda count: rf"-- x{{{count}}}")
        terminal.press("ctrl+r")
        sent = terminal.type_steadily("x", MOST_KEYS, pause_seconds=KEY_PAUSE_SECONDS)
        busy = terminal.seconds_shown(sent, lambda count: rf"-- x{{{IDLE_KEYS + count}}}", until=ALL_ROWS)
        return idle, busy


def bare_typing_seconds() -> tuple[list[float], list[float]]:
    """The same of a bare Textual app: when nothing runs, and while another process fetches the rows."""
    with timed([sys.executable, str(BARE_APP)]) as terminal:
        terminal.wait_for("both tables are there")
        terminal.wait_quiet(SETTLE_SECONDS)
        sent = terminal.type_steadily("x", IDLE_KEYS, pause_seconds=KEY_PAUSE_SECONDS)
        idle = terminal.seconds_shown(sent, lambda count: rf"x{{{count}}}SELECT 1")
        with subprocess.Popen([sys.executable, "-c", FETCH_AGAIN_AND_AGAIN]) as fetching:
            sent = terminal.type_steadily("x", MOST_KEYS, pause_seconds=KEY_PAUSE_SECONDS)
            fetching.kill()
        return idle, terminal.seconds_shown(sent, lambda count: rf"x{{{IDLE_KEYS + count}}}SELECT 1")


@dataclass(slots=True)
class Figures:
    """Everything measured, in seconds and MiB."""

    plain: list[float] = field(default_factory=list)
    first: list[float] = field(default_factory=list)
    everything: list[float] = field(default_factory=list)
    growth: list[float] = field(default_factory=list)
    pages: list[float] = field(default_factory=list)
    ends: list[float] = field(default_factory=list)
    idle_typing: list[float] = field(default_factory=list)
    typing: list[float] = field(default_factory=list)
    bare_idle_typing: list[float] = field(default_factory=list)
    bare_typing: list[float] = field(default_factory=list)

    def rows(self) -> list[tuple[str, ...]]:
        """The table: median, worst (p99 where there are many), target."""
        ratio = median(self.everything) / median(self.plain)
        return [
            ("a million rows", "median", "worst or p99", "target"),
            ("key to first row, ms", *_in_ms(self.first), f"{TARGET_FIRST_S * 1000:.0f}"),
            ("all rows, ms", *_in_ms(self.everything), ""),
            ("plain fetchall, ms", *_in_ms(self.plain), ""),
            ("all rows / fetchall", f"{ratio:.2f}", "", f"{TARGET_ALL}"),
            ("growth, MiB", f"{median(self.growth):.0f}", f"{max(self.growth):.0f}", f"{TARGET_GROWTH_MIB:.0f}"),
            ("PageDown, ms", *_in_ms(self.pages), f"{TARGET_MOVE_MS:.0f}"),
            ("End, ms", *_in_ms(self.ends), f"{TARGET_MOVE_MS:.0f}"),
            (f"typing when nothing runs ({len(self.idle_typing)} keys), ms", *_in_ms(self.idle_typing), ""),
            (f"the same in a bare app ({len(self.bare_idle_typing)} keys), ms", *_in_ms(self.bare_idle_typing), ""),
            (f"typing while rows come ({len(self.typing)} keys), ms", *_in_ms(self.typing), f"{TARGET_TYPE_MS:.0f}"),
            (
                f"a bare app beside a fetchall ({len(self.bare_typing)} keys), ms",
                *_in_ms(self.bare_typing),
                "",
            ),
        ]


def _in_ms(seconds: list[float]) -> tuple[str, str]:
    """Median and p99, which is the worst of less than a hundred."""
    return f"{median(seconds) * 1000:.0f}", f"{percentile(seconds, 99) * 1000:.0f}"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--repeat", type=int, default=5)
    wanted = parser.parse_args()
    figures = Figures()
    for _ in range(wanted.repeat):
        figures.plain.append(fetch_all_seconds())
        first, everything, growth, pages, end = query_seconds()
        figures.first.append(first)
        figures.everything.append(everything)
        figures.growth.append(growth)
        figures.pages += pages
        figures.ends.append(end)
        idle, busy = typing_seconds()
        figures.idle_typing += idle
        figures.typing += busy
        idle, busy = bare_typing_seconds()
        figures.bare_idle_typing += idle
        figures.bare_typing += busy
    print(table(figures.rows()))


if __name__ == "__main__":
    main()
