"""Why a program that was started never connected: what can be told from its words, and what it may be."""

from __future__ import annotations

import os
import re
import shutil
import time
from collections.abc import Sequence
from pathlib import Path

from memdb_tui.model import Program, ProgramState
from memdb_tui.programs.command_line import is_python, shebang, why_unfit

_SHUTTING = {"I": "isolated mode", "E": "its environment is ignored", "S": "site is not imported"}
_FLAGS = re.compile(r"-[A-Za-z]+")
_WITH_VALUE = "cmWX"


def unreached(
    argv: Sequence[str],
    pid: int,
    *,
    cwd: str,
    started_at: float,
    why: str,
    status: int | None = None,
    has_ended: bool = False,
) -> Program:
    """A program that was started or is to be joined, where no probe in it has connected.

    Args:
        argv: The program and its words.
        pid: Its process.
        cwd: Where it was started.
        started_at: When, in seconds since the epoch.
        why: A whole sentence.
        status: Its exit status as `subprocess` has it; None while it runs, or where it is not known.
        has_ended: It is over, also where its exit status is not known.
    """
    is_over = has_ended or status is not None
    return Program(
        id="p0",
        pid=pid,
        parent_pid=os.getpid(),
        argv=tuple(argv),
        cwd=cwd,
        executable=str(Path(cwd) / argv[0]),
        python_version="",
        sqlite_version="",
        sqlalchemy_version="",
        state=ProgramState.ENDED if is_over else ProgramState.RUNNING,
        exit_status=status,
        started_at=started_at,
        ended_at=time.time() if is_over else None,
        notes=(why,),
        leaks=(),
        dropped_connections=0,
        longest_block_seconds=0.0,
        waiting_copies=(),
        unfollowed=(),
    )


def why_unreached(argv: Sequence[str], *, cwd: str, has_ended: bool = True) -> str:
    """A whole sentence that says why nothing is known of a program; it may ask an interpreter who it is.

    Args:
        argv: The program, a path, and its words.
        cwd: Where it was started.
        has_ended: It is over.
    """
    words = _command_of(argv, cwd)
    if not is_python(words[0]):
        return f"{Path(words[0]).name} is no Python."
    flag = _shutting_flag(words[1:])
    if flag:
        return f"Python was started with -{flag} ({_SHUTTING[flag]}), so it could not be looked into."
    problem = why_unfit(words[0])
    if problem:
        return problem
    if not has_ended:
        return "It has not connected yet: its Python has not come to its first line, or its environment was cleared."
    return (
        "It ended, or cleared its environment, before it could be looked into; a program that starts no Python code, "
        "as one with a syntax error, is not seen either."
    )


def words_while_alone(argv: Sequence[str], *, cwd: str) -> str:
    """What is said besides as long as no other process has connected; empty where that says nothing.

    Args:
        argv: As of `why_unreached`.
        cwd: The same.
    """
    return "" if is_python(_command_of(argv, cwd)[0]) else "No Python that it started has connected."


def _command_of(argv: Sequence[str], cwd: str) -> list[str]:
    """The program that runs, and its words: of a script the interpreter that its first line names."""
    path = Path(cwd) / argv[0]
    script = shebang(path)
    return [shutil.which(script[0]) or script[0], *script[1:], *argv] if script else [str(path), *argv[1:]]


def _shutting_flag(words: Sequence[str]) -> str:
    for word in words:
        if not _FLAGS.fullmatch(word):
            return ""
        for letter in word[1:]:
            if letter in _SHUTTING:
                return letter
            if letter in _WITH_VALUE:
                return ""
    return ""
