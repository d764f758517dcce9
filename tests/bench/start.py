"""From the command to two open databases with their connections shown, beside a bare Textual app and peers.

python tests/bench/start.py [--repeat N] [--peer 'NAME|COMMAND|PATTERN'] …

A peer is ready when its screen shows PATTERN. Runs are interleaved: ratios within one run are what counts.
"""

from __future__ import annotations

import argparse
import shlex
import subprocess
import sys
import time
from pathlib import Path

from timed_pty import PROGRAM, READY, median, table, timed

BARE = [sys.executable, str(Path(__file__).with_name("bare_app.py"))]
BARE_READY = r"(?s)\A(?=.*both tables are there)(?=.*table 1 row 4)"
QUIET_SECONDS = 0.3
TARGET_TO_BARE, TARGET_TO_PEER, TARGET_RSS_MIB = 1.5, 0.5, 95.0


def measure(command: list[str], ready: str) -> tuple[float, float, float]:
    """Seconds to the first text, seconds to being ready, MiB of all processes then."""
    with timed(command) as terminal:
        first = terminal.seconds_until(r"\w", terminal.started_at)
        done = terminal.seconds_until(ready, terminal.started_at)
        terminal.wait_quiet(QUIET_SECONDS)
        return first, done, terminal.rss_mib()


def measure_plain(command: list[str]) -> float:
    """Seconds of a command that only prints."""
    began = time.perf_counter()
    subprocess.run(command, check=True, stdout=subprocess.DEVNULL)
    return time.perf_counter() - began


def verdict(value: float, limit: float, unit: str = "") -> str:
    """A figure beside its target."""
    return f"{value:.3g}{unit} ({'meets' if value <= limit else 'misses'} {limit:g}{unit})"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--repeat", type=int, default=7)
    parser.add_argument("--peer", action="append", default=[], metavar="NAME|COMMAND|PATTERN")
    wanted = parser.parse_args()
    programs = {"memdb-tui": ([PROGRAM, "db1", "db2"], READY), "bare Textual app": (BARE, BARE_READY)}
    for text in wanted.peer:
        name, command, pattern = text.split("|", 2)
        programs[name] = (shlex.split(command), pattern)
    runs: dict[str, list[tuple[float, float, float]]] = {name: [] for name in programs}
    plain: dict[str, list[float]] = {"memdb-tui --version": [], "memdb-tui --help": [], "python -c pass": []}
    for command, ready in programs.values():
        measure(command, ready)  # once for the disk's cache and the bytecode
    for _ in range(wanted.repeat):
        for name, (command, ready) in programs.items():
            runs[name].append(measure(command, ready))
        plain["memdb-tui --version"].append(measure_plain([PROGRAM, "--version"]))
        plain["memdb-tui --help"].append(measure_plain([PROGRAM, "--help"]))
        plain["python -c pass"].append(measure_plain([sys.executable, "-c", "pass"]))
    medians = {name: [median(column) for column in zip(*values, strict=True)] for name, values in runs.items()}
    ours = medians["memdb-tui"]
    rows = [("program", "first text s", "ready s", "RSS MiB", "memdb-tui's ready / its ready")]
    rows += [
        (name, f"{first:.3f}", f"{done:.3f}", f"{rss:.0f}", f"{ours[1] / done:.2f}")
        for name, (first, done, rss) in medians.items()
    ]
    print(table(rows))
    print(f"\nready, to the bare app: {verdict(ours[1] / medians['bare Textual app'][1], TARGET_TO_BARE)}")
    for name in list(medians)[2:]:
        print(f"ready, to {name}: {verdict(ours[1] / medians[name][1], TARGET_TO_PEER)}")
    print(f"memory of both processes: {verdict(ours[2], TARGET_RSS_MIB, ' MiB')}")
    for name, seconds in plain.items():
        print(f"{name}: {median(seconds) * 1000:.0f} ms")


if __name__ == "__main__":
    main()
