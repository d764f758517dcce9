"""A UI of a few lines, to be seen taking a terminal and giving it back: what Textual does to one, no more.

`python stand_in_ui.py DESCRIPTOR`; `q` quits, `k` dies as if killed, ^Z stops it.
"""

from __future__ import annotations

import os
import select
import signal
import socket
import sys
import termios
import tty

ENTER = "\x1b[?1049h\x1b[?1003h\x1b[?25l\x1b[>1u"
LEAVE = "\x1b[<u\x1b[?25h\x1b[?1003l\x1b[?1049l"


def main() -> None:
    with socket.socket(fileno=int(sys.argv[1])) as sock:
        token = sock.makefile().readline().strip()
        if "--early" in sys.argv:
            # Before the keys are its own, ^C still makes a signal.
            signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})
            show(f"UI begins, token of {len(token)}\r\n")
            signal.sigwait({signal.SIGINT})
            show("UI got SIGINT\r\n")
        before = termios.tcgetattr(0)
        times = 1
        draw(times)
        while (key := next_key(sock)) != b"q":
            if key == b"k":
                os.kill(os.getpid(), signal.SIGKILL)
            elif key == b"\x1a":
                show(LEAVE)
                termios.tcsetattr(0, termios.TCSANOW, before)
                os.kill(os.getpid(), signal.SIGSTOP)
                times += 1
                draw(times)
            else:
                show(f"key {key!r} ")
        show(LEAVE)
        termios.tcsetattr(0, termios.TCSANOW, before)


def next_key(sock: socket.socket) -> bytes:
    """A key; `q` also when the program closes the socket."""
    ready: list[object] = select.select([0, sock.fileno()], [], [])[0]
    return b"q" if sock.fileno() in ready else os.read(0, 1)


def draw(times: int) -> None:
    tty.setraw(0)
    show(f"{ENTER}\x1b[2J\x1b[HUI {os.getpid()} is here, drawn {times} ")


def show(text: str) -> None:
    os.write(1, text.encode())


main()
