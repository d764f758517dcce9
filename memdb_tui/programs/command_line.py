"""What to start: from the words of a command line to a program and its words, checked before anything runs."""

from __future__ import annotations

import itertools
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

from memdb_tui.errors import UsageError

OLDEST = (3, 11)
"""The oldest Python that the probe stands in."""

_ASK_SECONDS = 20.0
_ASK = "import sys; print('memdb-tui', sys.implementation.name, *sys.version_info[:2])"
_PYTHON = re.compile(r"(?:python|pypy)[\d.]*t?(?:\.exe)?")
_SHEBANG_BYTES = 256


def program_of(words: Sequence[str], *, is_module: bool, python: str | None, cwd: Path) -> tuple[str, ...]:
    """The program to start and its words.

    Args:
        words: A script, a module, or a command, with its arguments; at least one.
        is_module: The first is a module for `python -m`.
        python: The interpreter asked for; None for the one this runs in, or the one a command brings with it.
        cwd: Where it will start.

    Raises:
        UsageError: There is no such script, command or interpreter, or the interpreter is too old.
    """
    first, *rest = words
    if is_module:
        return (_interpreter(python), "-m", first, *rest)
    path = cwd / first
    if path.is_file() or (path / "__main__.py").is_file():
        if _is_for_python(path):
            return (_interpreter(python), first, *rest)
        if os.access(path, os.X_OK):
            # As a shell has it: the program may say by what name it was called.
            return (first if "/" in first else f"./{first}", *rest)
        raise UsageError(f"{first} is neither a Python script nor a program that can be run.")
    command = _command(first, python)
    if command is None:
        if first and path.is_dir():
            raise UsageError(f"{first} is a folder without a __main__.py.", hint="Name a script in it.")
        where = "here" if _is_here(cwd) else f"in {cwd}"
        raise UsageError(
            f"There is no script {first!r} {where}, and no command of that name.",
            hint="Give a Python script, -m and a module, or a command that is on the PATH.",
        )
    return (command, *rest)


def _is_here(folder: Path) -> bool:
    try:
        return folder == Path.cwd()
    except FileNotFoundError:
        # The folder we stand in has been removed.
        return False


def _is_for_python(path: Path) -> bool:
    if path.is_dir() or path.suffix in {".py", ".pyw", ".pyz"}:
        return True
    if os.access(path, os.X_OK):
        # A command made for one environment brings that environment's interpreter with it.
        return False
    interpreter = shebang(path)
    return not interpreter or is_python(interpreter[0])


def _command(name: str, python: str | None) -> str | None:
    """A command beside the interpreter that was asked for, on the PATH, or beside our own."""
    folders = [os.environ.get("PATH", os.defpath), str(Path(sys.executable).parent)]
    if python is not None:
        folders.insert(0, str(Path(_interpreter(python)).parent))
    found = shutil.which(name, path=os.pathsep.join(folders))
    return None if found is None else str(Path(found).absolute())


def _interpreter(python: str | None) -> str:
    if python is None:
        return sys.executable
    found = shutil.which(python)
    problem = _why_not_found(python) if found is None else why_unfit(found)
    if found is None or problem:
        raise UsageError(problem, hint="Give the path of a Python 3.11 or newer with --python.")
    # Not resolved: the link of a virtual environment is what makes it one.
    return str(Path(found).absolute())


def _why_not_found(python: str) -> str:
    """What is wrong with an interpreter that cannot be run; for `shutil.which` it is not there then."""
    path = Path(python)
    if path.is_dir():
        return f"{python} is a folder, and no interpreter."
    return f"{python} is not executable." if path.exists() else f"There is no interpreter {python!r}."


def why_unfit(interpreter: str) -> str:
    """Why the probe cannot stand in an interpreter, a whole sentence; empty where it can."""
    try:
        done = subprocess.run(  # noqa: S603 - the interpreter the user named
            # Neither the user's folder nor their site: only its version is asked.
            [interpreter, "-I", "-S", "-c", _ASK],
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            errors="replace",
            timeout=_ASK_SECONDS,
            check=False,
        )
    except (OSError, subprocess.TimeoutExpired) as error:
        return f"{interpreter} cannot be run: {error}."
    match done.stdout.split():
        case ["memdb-tui", "cpython", major, minor] if (int(major), int(minor)) >= OLDEST:
            return ""
        case ["memdb-tui", "cpython", major, minor]:
            return f"{interpreter} is Python {major}.{minor}; programs can be looked into from 3.11 on."
        case ["memdb-tui", name, _, _]:
            return f"{interpreter} is {name}; only programs of CPython can be looked into."
    if done.returncode != 0 and "Unknown option: -I" in done.stderr and is_python(interpreter):
        # Python 2 and the first of 3: https://docs.python.org/3/using/cmdline.html#cmdoption-I.
        return f"{interpreter} is too old a Python; programs can be looked into from 3.11 on."
    return f"{interpreter} is no Python."


def is_python(path: str) -> bool:
    """The name is one that interpreters of Python have."""
    return _PYTHON.fullmatch(Path(path).name) is not None


def shebang(path: Path) -> tuple[str, ...]:
    """The words of a script's first line, `/usr/bin/env` left out; none where it has no such line."""
    try:
        with path.open("rb") as file:
            head = file.read(_SHEBANG_BYTES)
    except OSError:
        return ()
    if not head.startswith(b"#!"):
        return ()
    words = os.fsdecode(head[2:].partition(b"\n")[0]).split()
    if words and Path(words[0]).name == "env":
        words = list(itertools.dropwhile(lambda word: word.startswith("-"), words[1:]))
    return tuple(words)
