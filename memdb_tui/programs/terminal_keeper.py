"""Leads the session of a program's terminal: starts the program in it, tells its end, and stays until it hangs up.

Run by its path as a process of its own, with the standard library alone. When the leader of a session ends, the
kernel hangs up on whoever has its terminal. In a shell that leader is the shell: what a program leaves running goes
on. Here it is this process, so that a program need not lead itself.

A controlling terminal can only be taken by such a leader. Code of ours in a forked child of the UI (`preexec_fn`,
`os.forkpty`) would do, but threads are alive there: the child may find a lock held for ever, and Python 3.12 and
later warn of it. Here is one thread, and `subprocess` starts this interpreter without running Python between fork and
exec. It costs some 20 ms.

The program gets arguments, environment, folder and signals exactly as given, and no descriptor but its terminal.
"""

from __future__ import annotations

import os
import signal
import sys


def start(argv: list[bytes], env: dict[bytes, bytes]) -> int:
    """Start a program that has the terminal, in a group of its own.

    Args:
        argv: The program and its arguments.
        env: Its whole environment.

    Returns:
        Its process id.

    Raises:
        OSError: It cannot be started.
    """
    heard, says = os.pipe()
    pid = os.fork()
    if pid == 0:
        try:
            os.setpgid(0, 0)
            # Who takes the terminal while another has it would be stopped.
            signal.signal(signal.SIGTTOU, signal.SIG_IGN)
            os.tcsetpgrp(0, os.getpid())
            # The interpreter ignores two of these; the program is to find all as they were.
            for number in (signal.SIGTTOU, signal.SIGPIPE, signal.SIGXFSZ):
                signal.signal(number, signal.SIG_DFL)
            os.execvpe(argv[0], argv, env)  # noqa: S606 - what the user typed
        except OSError as error:
            os.write(says, str(error.errno).encode())
        finally:
            os._exit(127)
    os.close(says)
    # The pipe ends when the program has taken the place of what stood at its other end.
    answer = os.read(heard, 16)
    os.close(heard)
    if answer:
        os.waitpid(pid, 0)
        raise OSError(int(answer), os.strerror(int(answer)))
    return pid


def wait_for(pid: int) -> int:
    """Its status, once it has ended, as `waitpid` gives it.

    ^Z does not stop it: nobody here could let it go on.
    """
    while True:
        _, status = os.waitpid(pid, os.WUNTRACED)
        if not os.WIFSTOPPED(status):
            return status
        if os.WSTOPSIG(status) == signal.SIGTSTP:
            os.killpg(pid, signal.SIGCONT)


def main() -> None:
    """Take the terminal that the argument names, read what to run, and tell how it went, a line each."""
    order = sys.stdin.buffer.read()
    report = os.dup(1)
    count, _, rest = order.partition(b"\0")
    items = rest.split(b"\0")
    argv, pairs = items[: int(count)], items[int(count) : -1]
    env = {name: value for name, _, value in (pair.partition(b"=") for pair in pairs)}
    try:
        os.login_tty(int(sys.argv[1]))
        pid = start(argv, env)
    except OSError as error:
        os.write(report, f"errno {error.errno}\n".encode())
        return
    # The program's folder is the program's.
    os.chdir("/")
    os.write(report, f"pid {pid}\n".encode())
    os.write(report, f"status {wait_for(pid)}\n".encode())
    while True:
        signal.pause()


if __name__ == "__main__":
    main()
