"""Sleeps, and is woken by signals of its own: each comes once, in the main thread, where it has a handler."""

import os
import signal
import sqlite3
import subprocess
import sys
import threading
import time
from types import FrameType

connection = sqlite3.connect(":memory:")
woken: list[tuple[str, str]] = []


def note(number: int, frame: FrameType | None) -> None:
    woken.append((signal.Signals(number).name, threading.current_thread().name))


for name in (signal.SIGALRM, signal.SIGUSR1, signal.SIGCHLD, signal.SIGWINCH):
    signal.signal(name, note)
signal.setitimer(signal.ITIMER_REAL, 0.2)
began = time.monotonic()
time.sleep(0.5)
print(woken, time.monotonic() - began >= 0.5)
woken.clear()
os.kill(os.getpid(), signal.SIGUSR1)
subprocess.run([sys.executable, "-c", "pass"], check=True)
print(sorted(set(woken)))
print(signal.getsignal(signal.SIGINT) is signal.default_int_handler, signal.set_wakeup_fd(-1))
try:
    os.kill(os.getpid(), signal.SIGINT)
    time.sleep(5)
except KeyboardInterrupt:
    print("interrupted")
os.kill(os.getpid(), signal.SIGTERM)
