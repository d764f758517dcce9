"""How a program gets a terminal of its own: a few lines of Python that turn into the program.

A controlling terminal can only be taken by the process that is to have it, in a session of its own. Code of ours in a
forked child (`preexec_fn`, `os.forkpty`) would do, but threads are alive here: the child may find a lock held for
ever, and Python 3.12 and later warn of it. `posix_spawn` can open the terminal, but not change the folder. A shell
would do both and change the environment on the way (`_`, `SHLVL`, names it does not know). So `subprocess`, which
starts programs without running Python between fork and exec, starts an interpreter, and that becomes the program: the
same process id, arguments and environment exactly as given, nothing written, no descriptor left. It costs some 20 ms.
"""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence

EXEC_SOURCE = """
import os, signal, sys
order = sys.stdin.buffer.read()
report = os.dup(1)
count, _, rest = order.partition(b"\\0")
items = rest.split(b"\\0")
argv, pairs = items[:int(count)], items[int(count):-1]
env = dict(pair.split(b"=", 1) for pair in pairs)
try:
    os.login_tty(int(sys.argv[1]))
    # The interpreter ignores these two; the program is to find them as they were.
    signal.signal(signal.SIGPIPE, signal.SIG_DFL)
    signal.signal(signal.SIGXFSZ, signal.SIG_DFL)
    os.execvpe(argv[0], argv, env)
except OSError as error:
    os.write(report, str(error.errno).encode())
"""
"""Takes the terminal whose descriptor is the argument, reads what to run, and becomes it; else writes the errno."""


def order_of(argv: Sequence[str], env: Mapping[str, str]) -> bytes:
    """What to run, as `EXEC_SOURCE` reads it.

    Raises:
        ValueError: There is nothing to run, or a null character or a name with `=` in it, as `subprocess` raises.
    """
    if not argv:
        raise ValueError("There is no program to run.")
    if any("=" in name or not name for name in env):
        raise ValueError("The name of an environment variable is empty or has an equals sign in it.")
    items = [*map(os.fsencode, argv), *(os.fsencode(name) + b"=" + os.fsencode(env[name]) for name in env)]
    if any(b"\0" in item for item in items):
        raise ValueError("A null character cannot be handed to a program.")
    return b"".join(item + b"\0" for item in (str(len(argv)).encode(), *items))


def failure_of(answer: bytes, program: str) -> OSError | None:
    """Why there is no program, from what `EXEC_SOURCE` wrote; None when there is one.

    Raises:
        ValueError: The answer is not one.
    """
    if not answer:
        return None
    number = int(answer)
    return OSError(number, os.strerror(number), program)
