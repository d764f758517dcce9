"""A program that lets a stand-in UI take its terminal: `python taking_program.py [NAME [THREADS [UI-OPTION]]]`.

Called `late`, it takes the signal that stops it late, as on a machine that has no time for it.
"""

from __future__ import annotations

import os
import signal
import sys
import termios
import threading
import time
from pathlib import Path

from memdb_tui.doors.terminal import NoTerminalError, Terminal
from memdb_tui.doors.ui_process import UiProcess

NAME = sys.argv[1] if len(sys.argv) > 1 else "program"
THREADS = int(sys.argv[2]) if len(sys.argv) > 2 else 1


def command(descriptor: int) -> list[str]:
    stand_in = Path(__file__).with_name("stand_in_ui.py")
    return [sys.executable, str(stand_in), str(descriptor), *sys.argv[3:]]


def stop_late() -> None:
    signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGTSTP})
    while signal.SIGTSTP not in signal.sigpending():
        time.sleep(0.01)
    time.sleep(1.0)
    signal.pthread_sigmask(signal.SIG_UNBLOCK, {signal.SIGTSTP})


def take() -> None:
    try:
        with Terminal() as terminal:
            print(f"{NAME} takes the terminal", flush=True)
            before = termios.tcgetattr(terminal.descriptor)
            with UiProcess(terminal, command, environment=os.environ) as ui:
                if NAME == "late":
                    stop_late()
                while ui.sock.recv(1):
                    pass
            is_same = termios.tcgetattr(terminal.descriptor) == before
            print(
                f"{NAME}: settings {'kept' if is_same else 'changed'}, in front: {terminal.is_in_front}", flush=True
            )
    except NoTerminalError as error:
        print(f"{NAME}: {error}", flush=True)
    except KeyboardInterrupt:
        print(f"{NAME} was interrupted", flush=True)


threads = [threading.Thread(target=take) for _ in range(THREADS - 1)]
for thread in threads:
    thread.start()
take()
for thread in threads:
    thread.join()
print(f"{NAME} goes on", flush=True)
