"""Programs that the program starts and that cannot be followed."""

from __future__ import annotations

import os
import sys

from .bare import clock
from .command_words import SHELLS, python_options, run_by
from .guard import is_of_the_program
from .wire import WireError, from_json

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from typing import Any

    from .witness import Local

RUN_VARIABLE = "MEMDB_TUI_RUN"
_MOST = 200
_MOST_CHARACTERS = 300
_FIRST_LINE_BYTES = 256
_ISOLATING = "IES"
"""Options of Python with which it reads no PYTHONPATH, or imports no `sitecustomize`."""
_HANDING_ON = {"xargs", "uv", "poetry"}
"""They hand their environment on; what they start may well be Python, and is followed then."""
_NEEDED = (RUN_VARIABLE, "PYTHONPATH", "PATH")
_MOST_STEPS = 8
_NOT_PYTHON = "it is not Python"
_NOT_LED = "its environment is without what is needed to follow it"


class Children:
    """The children that could not be followed.

    Args:
        news: Called when one was added.
        becoming: Called before this process becomes another program, with its command.
        local: What a thread starts while its `here.is_ours` is memdb-tui's own.
    """

    def __init__(self, news: Callable[[], None], becoming: Callable[[str], None], local: Local) -> None:
        self.unfollowed: list[dict[str, Any]] = []
        self._news = news
        self._becoming = becoming
        self._local = local

    def handlers(self) -> dict[str, Callable[[tuple[Any, ...]], None]]:
        """What is done at which audit event: https://docs.python.org/3/library/audit_events.html."""
        return {
            "subprocess.Popen": self._popen,
            "os.exec": self._exec,
            "os.posix_spawn": self._spawn,
            "os.system": self._system,
        }

    def _popen(self, args: tuple[Any, ...]) -> None:
        executable, words, _, environment = args[:4]
        self._look(executable, words, environment)

    def _exec(self, args: tuple[Any, ...]) -> None:
        # `os.execvp` tries every folder of the path.
        if os.path.exists(args[0]):  # noqa: PTH110 - pathlib is not imported here
            self._run(args)
            self._becoming(_command(args[0], args[1])[:_MOST_CHARACTERS])

    def _run(self, args: tuple[Any, ...]) -> None:
        executable, words, environment = args[:3]
        self._look(executable, words, environment)

    def _spawn(self, args: tuple[Any, ...]) -> None:
        # This frame, that of the hook, and who calls: `subprocess` has told of its child before.
        if sys._getframe(2).f_globals.get("__name__") != "subprocess":  # noqa: SLF001 - there is no other way
            self._run(args)

    def _system(self, args: tuple[Any, ...]) -> None:
        command = _text(args[0])
        reason = why_not_followed("sh", ["sh", "-c", command], None)
        if reason:
            self._add(command, reason)

    def _look(self, executable: object, words: object, environment: Mapping[Any, Any] | None) -> None:
        if self._local.here.is_ours:
            return
        argv = [_text(word) for word in _sequence(words)]
        path = _text(executable) if executable is not None else argv[0] if argv else ""
        reason = why_not_followed(path, argv, environment)
        if reason:
            self._add(_command(path, words), reason)

    def _add(self, command: str, reason: str) -> None:
        if len(self.unfollowed) < _MOST:
            self.unfollowed.append({"command": command[:_MOST_CHARACTERS], "reason": reason, "at": clock.time()})
            self._news()


def why_not_followed(path: str, argv: list[str], environment: Mapping[Any, Any] | None) -> str:
    """Why a program that is started will not be followed; empty where it should be.

    Args:
        path: What is run, as it was given.
        argv: Its words, its own name first.
        environment: Its own, None for this process's.
    """
    words, variables = [path, *argv[1:]], _needed_of(environment)
    is_of_a_shell = False
    for _ in range(_MOST_STEPS):
        command = words[0] if words else ""
        name = os.path.basename(command)  # noqa: PTH119 - pathlib is not imported here
        if name.startswith(("python", "pypy")):
            letters, _ = python_options(words[1:])
            isolating = next((letter for letter in _ISOLATING if letter in letters), "")
            if isolating:
                return f"Python was started with -{isolating}"
            break
        if name in _HANDING_ON:
            break
        run = run_by(name, words[1:], variables)
        if run is not None:
            words, variables = run
            is_of_a_shell = is_of_a_shell or name in SHELLS
            if is_of_a_shell and not words:
                break
            continue
        first = _first_line(command, variables.get("PATH", os.defpath))
        if not first.startswith("#!") or "python" not in first:
            if is_of_a_shell:
                # It has commands of its own, and functions.
                break
            return _NOT_PYTHON
        # As Linux does: whatever follows the interpreter is one word.
        words = [*first[2:].strip().split(maxsplit=1), *words]
    return "" if _leads_here(variables) else _NOT_LED


def _needed_of(environment: Mapping[Any, Any] | None) -> dict[str, str]:
    """The variables of an environment, None for this process's, on which it depends whether a child is followed."""
    if environment is None:
        environment = os.environ
    found = ((name, _lookup(environment, name)) for name in _NEEDED)
    return {name: value for name, value in found if value is not None}


def _leads_here(variables: Mapping[str, str]) -> bool:
    """Whether a Python with these variables finds our `sitecustomize`, and that what it needs."""
    try:
        folder = from_json(variables.get(RUN_VARIABLE, "").encode())["folder"]
    except (WireError, ValueError, TypeError, KeyError):
        return False
    return folder in variables.get("PYTHONPATH", "").split(os.pathsep)


def _first_line(path: str, search: str) -> str:
    folders = [""] if os.sep in path else search.split(os.pathsep)
    for folder in folders:
        try:
            with open(os.path.join(folder, path), "rb") as file:  # noqa: PTH118, PTH123 - as above
                return file.read(_FIRST_LINE_BYTES).partition(b"\n")[0].decode("utf-8", "replace")
        except (OSError, ValueError) as error:
            if is_of_the_program(error):
                raise
    return ""


def _lookup(environment: Mapping[Any, Any], name: str) -> str | None:
    try:
        for key in (name, name.encode()):
            if key in environment:
                return _text(environment[key])
    except TypeError as error:
        if is_of_the_program(error):
            raise
        # For os.posix_spawn and os.exec it may be any mapping, and some refuse a key of the other type.
        return None
    return None


def _command(path: object, words: object) -> str:
    return " ".join([_text(word) for word in _sequence(words)]) or _text(path)


def _sequence(words: object) -> list[Any]:
    if isinstance(words, (list, tuple)):
        return list(words)
    return [words]


def _text(word: object) -> str:
    try:
        return os.fsdecode(word)  # type: ignore[arg-type]  # what it is, the program decides
    except TypeError as error:
        if is_of_the_program(error):
            raise
        return f"<{type(word).__name__}>"
