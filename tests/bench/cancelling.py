"""From the stop key to "cancelling" and to the end of what ran: `python tests/bench/cancelling.py [--repeat N]`."""

from __future__ import annotations

import argparse
import re
import time

from timed_pty import PROGRAM, READY, median, table, timed

COUNT = "WITH RECURSIVE c(x) AS (SELECT 1 UNION ALL SELECT x+1 FROM c{}) "
ROWS = 3_000_000
STATEMENTS = {
    "a loop": (COUNT.format("") + "SELECT sum(x) FROM c", ""),
    "a sort": (COUNT.format(" WHERE x<2000000000") + "SELECT x FROM c ORDER BY -x", ""),
    "building an index": (
        "CREATE INDEX i ON t(b, a)",
        f"CREATE TABLE t AS {COUNT.format(f' WHERE x<{ROWS}')}SELECT x AS a, random() AS b FROM c",
    ),
}
RUNS_SECONDS = 0.5
"""Long enough to be in the midst of it."""
TARGETS = "100 / 200"


def times(sql: str, before: str, repeat: int) -> tuple[list[float], list[float]]:
    """Seconds from the key until it is said, and until it has ended."""
    said, ended = [], []
    with timed([PROGRAM, "db1", "db2"]) as terminal:
        terminal.wait_for(READY)
        if before:
            terminal.paste(before)
            terminal.wait_for("AS b FROM c")
            terminal.press("ctrl+j")
            terminal.wait_for(r"done · ", seconds=120)
            terminal.paste(";\n")
        terminal.paste(sql)
        terminal.wait_for(re.escape(sql[-10:]))
        for _ in range(repeat):
            terminal.press("ctrl+j")
            terminal.wait_for("running")
            terminal.read_for(RUNS_SECONDS)
            since = time.perf_counter()
            terminal.press("ctrl+c")
            said.append(terminal.seconds_until("cancelling|stopped after", since))
            ended.append(terminal.seconds_until("stopped after", since))
            terminal.wait_quiet(RUNS_SECONDS)
    return said, ended


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--repeat", type=int, default=7)
    wanted = parser.parse_args()
    rows: list[tuple[str, ...]] = [("ms from the key", "said", "worst", "ended", "worst", "target")]
    for name, (sql, before) in STATEMENTS.items():
        said, ended = times(sql, before, wanted.repeat)
        figures = (median(said), max(said), median(ended), max(ended))
        rows.append((name, *(f"{1000 * seconds:.0f}" for seconds in figures), TARGETS))
    print(table(rows))


if __name__ == "__main__":
    main()
