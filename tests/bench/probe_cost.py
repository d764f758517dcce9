"""What the probe costs the program it stands in: `python tests/bench/probe_cost.py [--pairs 20] [--only NAME]`.

A yardstick comes first, by which the microseconds of one machine can be told from those of another. Every figure is
the median over pairs, a run with the probe beside one without, in fresh processes, one after the other in a random
order, with the 95 % interval of a bootstrap over the pairs. Other work on the machine widens it.
"""

from __future__ import annotations

import argparse
import compileall
import os
import random
import statistics
import subprocess
import sys
import time
from collections.abc import Callable, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1] / "proof"))
sys.path.insert(0, str(Path(__file__).parents[2]))

from polling_hub import PollingHub
from probe_workload import THREAD_VARIABLE

import memdb_tui

WORKLOAD = str(Path(__file__).with_name("probe_workload.py"))
SAMPLES = 5000
POLL_SECONDS = 0.05
"""Twenty times a second: as often as a state is sent at most."""


@dataclass(frozen=True, slots=True)
class Way:
    """How a program is run."""

    name: str
    hub: Callable[[], PollingHub] | None
    """What the probe talks to; None for a program without the probe."""
    traces: bool = False
    extra: tuple[tuple[str, str], ...] = ()
    """Of the environment."""


THREADED = Way("no probe, a second thread that waits", None, extra=((THREAD_VARIABLE, "1"),))
"""The floor of whatever stands in a program: with a second thread, be it ended, glibc's locks take more."""
ALONE = Way("probe, no client", lambda: PollingHub(greets=False, poll_seconds=None))
WATCHED = Way("probe, a client that listens, as the UI does", lambda: PollingHub(poll_seconds=None))
POLLED = Way("probe, a client that asks 20 times a second", lambda: PollingHub(poll_seconds=POLL_SECONDS))
TRACED = Way("probe with --trace, a client that listens", lambda: PollingHub(poll_seconds=None), traces=True)


@dataclass(frozen=True, slots=True)
class Figure:
    """Something measured, with the most it may be."""

    name: str
    command: tuple[str, ...]
    rounds: int
    ways: tuple[tuple[Way, float | None], ...]
    is_ratio: bool = True
    """A ratio of the two times; else their difference, per round, in microseconds."""
    is_from_outside: bool = False
    """The whole process is timed, start to end; else what it prints."""


FIGURES = {
    "sqlalchemy": Figure(
        "SQLAlchemy, short statements",
        (WORKLOAD, "sqlalchemy", "1500"),
        1500,
        ((THREADED, None), (ALONE, 1.03), (WATCHED, 1.10), (POLLED, 1.10), (TRACED, None)),
    ),
    "sqlite3": Figure(
        "sqlite3, short statements",
        (WORKLOAD, "sqlite3", "240000"),
        240_000,
        ((THREADED, None), (ALONE, 1.05), (WATCHED, 1.05), (POLLED, None), (TRACED, None)),
    ),
    "open": Figure(
        "opening a connection, µs more",
        (WORKLOAD, "open", "3000"),
        3000,
        ((ALONE, 20.0), (WATCHED, 20.0), (POLLED, None)),
        is_ratio=False,
    ),
    "start": Figure(
        "start and end of Python with import sqlite3, µs more",
        ("-c", "import sqlite3"),
        1,
        ((WATCHED, 25_000.0),),
        is_ratio=False,
        is_from_outside=True,
    ),
}


def measure(figure: Figure, env: dict[str, str]) -> float:
    """Seconds of one run in a fresh process."""
    began = time.perf_counter()
    done = subprocess.run([sys.executable, *figure.command], env=env, capture_output=True, text=True, check=True)
    return time.perf_counter() - began if figure.is_from_outside else float(done.stdout)


_YARDSTICK = """
import sys, time
def seconds(rounds=200_000):
    began = time.perf_counter()
    for _ in range(rounds):
        id(None)
    return (time.perf_counter() - began) / rounds
sys.addaudithook(lambda event, args: None)
print(min(seconds() for _ in range(5)))
"""


def yardstick() -> float:
    """Microseconds of one call that an audit hook sees, which does nothing: opening is made of such."""
    done = subprocess.run([sys.executable, "-c", _YARDSTICK], capture_output=True, text=True, check=True)
    return float(done.stdout) * 1e6


def bootstrap(values: Sequence[float], chance: random.Random) -> tuple[float, float]:
    """The 95 % interval of the median."""
    medians = sorted(statistics.median(chance.choices(values, k=len(values))) for _ in range(SAMPLES))
    return medians[int(SAMPLES * 0.025)], medians[int(SAMPLES * 0.975)]


def compare(figure: Figure, pairs: int, chance: random.Random) -> None:
    """Print the figure for each way."""
    plain_env = {name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}
    times: dict[str, list[float]] = {"plain": [], **{way.name: [] for way, _ in figure.ways}}
    with ExitStack() as stack:
        environments = {"plain": plain_env}
        for way, _ in figure.ways:
            env = {**plain_env, **dict(way.extra)}
            if way.hub is not None:
                env = stack.enter_context(way.hub()).environment(env, traces=way.traces)
            environments[way.name] = env
        # Once each for the disk's cache and the bytecode.
        for env in environments.values():
            measure(figure, env)
        for _ in range(pairs):
            for name in chance.sample(list(environments), len(environments)):
                times[name].append(measure(figure, environments[name]))
    base = statistics.median(times["plain"])
    print(f"\n{figure.name}: plain {base * 1e6 / figure.rounds:,.1f} µs a round")
    for way, limit in figure.ways:
        both = zip(times[way.name], times["plain"], strict=True)
        if figure.is_ratio:
            values = [with_probe / without for with_probe, without in both]
        else:
            values = [(with_probe - without) * 1e6 / figure.rounds for with_probe, without in both]
        median, (low, high) = statistics.median(values), bootstrap(values, chance)
        target = "" if limit is None else f"  {'meets' if median <= limit else 'MISSES'} {limit:,g}"
        print(f"  {way.name:46} {median:10,.3f}  [{low:,.3f} … {high:,.3f}]{target}")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--pairs", type=int, default=20)
    parser.add_argument("--only", choices=FIGURES, action="append")
    parser.add_argument("--seed", type=int, default=1, help="of the order of the runs and the bootstrap")
    wanted = parser.parse_args()
    compileall.compile_dir(str(Path(memdb_tui.__file__).parent / "probe"), quiet=1)
    chance = random.Random(wanted.seed)
    print(f"yardstick: id() under an audit hook takes {yardstick():.2f} µs here")
    print(f"{wanted.pairs} pairs, Python {sys.version.split()[0]}, load {os.getloadavg()[0]:.2f} before")
    for name in wanted.only or FIGURES:
        compare(FIGURES[name], wanted.pairs, chance)
    print(f"\nload {os.getloadavg()[0]:.2f} after")


if __name__ == "__main__":
    main()
