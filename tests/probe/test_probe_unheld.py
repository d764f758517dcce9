"""Looking at what other threads run, while they go on."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import memdb_tui

LOOKING = """
import gc, sys, threading, time
sys.path.insert(0, sys.argv[1])
from memdb_tui.probe.unheld import running_frames

alive = gone = 0


class Cyclic:
    # Garbage whose end lets other threads go on.
    def __init__(self):
        global alive
        alive += 1
        self.me = self

    def __del__(self):
        global alive, gone
        alive -= 1
        gone += 1
        if gone % 4 == 0:
            time.sleep(0)


def deep(n):
    if n % 4 == 0 and alive < 20:
        Cyclic()
    return n and deep(n - 1) + 1


def recurse():
    while not is_over:
        deep(150)
        deep(3)


sys.setswitchinterval(1e-4)
gc.set_threshold(60)
is_over = False
threads = [threading.Thread(target=recurse, daemon=True) for _ in range(2)]
for thread in threads:
    thread.start()
looks = 0
while gone < 20_000:
    running_frames(set())
    looks += 1
    assert gc.isenabled()
is_over = True
for thread in threads:
    thread.join()
gc.disable()
running_frames(set())
print(looks > 0, gc.isenabled())
"""


def test_frames_that_end_while_they_are_looked_at_do_no_harm() -> None:
    root = Path(memdb_tui.__file__).parents[1]
    done = subprocess.run(
        [sys.executable, "-X", "faulthandler", "-c", LOOKING, str(root)],
        capture_output=True,
        text=True,
        check=False,
        # It takes seconds, and two minutes where five others want the same processor.
        timeout=600,
    )
    assert (done.returncode, done.stdout, done.stderr) == (0, "True False\n", "")
