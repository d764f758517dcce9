"""What is said to the keeper of a program's terminal (`terminal_keeper`), and what it answers."""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence


def order_of(argv: Sequence[str], env: Mapping[str, str]) -> bytes:
    """What to run, as the keeper reads it.

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


def pid_of(answer: bytes, program: str) -> int:
    """The process id of the program that was started, from the keeper's first line.

    Raises:
        OSError: It could not be started.
        ValueError: The answer is none.
    """
    word, _, number = answer.decode("ascii", "replace").partition(" ")
    if word == "errno":
        raise OSError(int(number), os.strerror(int(number)), program)
    if word != "pid":
        raise ValueError(f"The keeper of the terminal said {answer!r}.")
    return int(number)


def status_of(line: bytes) -> int | None:
    """The exit status from the keeper's last line, as `subprocess` has it; None where it is not whole."""
    word, _, number = line.decode("ascii", "replace").partition(" ")
    return os.waitstatus_to_exitcode(int(number)) if word == "status" and number.endswith("\n") else None
