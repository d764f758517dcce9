"""Programs that the program starts and that cannot be followed."""

from __future__ import annotations

import os
import time

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping
    from typing import Any

RUN_VARIABLE = "MEMDB_TUI_RUN"
_MOST = 200
_MOST_CHARACTERS = 300
_FIRST_LINE_BYTES = 256
_ISOLATING = {"I": "-I", "E": "-E", "S": "-S"}


class Children:
    """The children that could not be followed.

    Args:
        news: Called when one was added.
    """

    def __init__(self, news: Callable[[], None]) -> None:
        self.unfollowed: list[dict[str, Any]] = []
        self.is_ours = False
        """What is started just now is started by memdb-tui itself."""
        self._news = news

    def handlers(self) -> dict[str, Callable[[tuple[Any, ...]], None]]:
        """What is done at which audit event: https://docs.python.org/3/library/audit_events.html."""
        return {
            "subprocess.Popen": self._popen,
            "os.exec": self._run,
            "os.posix_spawn": self._run,
            "os.system": self._system,
        }

    def _popen(self, args: tuple[Any, ...]) -> None:
        executable, words, _, environment = args[:4]
        self._look(executable, words, environment)

    def _run(self, args: tuple[Any, ...]) -> None:
        executable, words, environment = args[:3]
        self._look(executable, words, environment)

    def _system(self, args: tuple[Any, ...]) -> None:
        # A shell hands its environment on; what it starts may well be Python, and is followed then.
        if os.environ.get(RUN_VARIABLE) is None:
            self._add(_text(args[0]), "its environment is without what is needed to follow it")

    def _look(self, executable: object, words: object, environment: Mapping[Any, Any] | None) -> None:
        if self.is_ours:
            return
        argv = [_text(word) for word in _sequence(words)]
        path = _text(executable) if executable is not None else argv[0] if argv else ""
        reason = why_not_followed(path, argv, environment)
        if reason:
            self._add(" ".join(argv) or path, reason)

    def _add(self, command: str, reason: str) -> None:
        if len(self.unfollowed) < _MOST:
            self.unfollowed.append({"command": command[:_MOST_CHARACTERS], "reason": reason, "at": time.time()})
            self._news()


def why_not_followed(path: str, argv: list[str], environment: Mapping[Any, Any] | None) -> str:
    """Why a program that is started will not be followed; empty where it should be.

    Args:
        path: What is run, as it was given.
        argv: Its words, its own name first.
        environment: Its own, None for this process's.
    """
    python = _python_of(path, environment)
    if python is None:
        return "it is not Python"
    for word in argv[1:] if python == path else []:
        if not word.startswith("-") or word.startswith("--") or word == "-":
            break
        letters = word[1:].partition("c")[0].partition("m")[0].partition("W")[0].partition("X")[0]
        for letter, option in _ISOLATING.items():
            if letter in letters:
                return f"Python was started with {option}"
        if letters != word[1:]:
            break
    value = os.environ.get(RUN_VARIABLE) if environment is None else _lookup(environment, RUN_VARIABLE)
    if value is None:
        return "its environment is without what is needed to follow it"
    return ""


def _python_of(path: str, environment: Mapping[Any, Any] | None) -> str | None:
    """The path itself if it is a Python, the first line of a script if that names one, a shell's; else None."""
    if _is_python(path):
        return path
    name = os.path.basename(path)  # noqa: PTH119 - pathlib is not imported here
    if name in {"sh", "bash", "dash", "zsh", "env", "timeout", "nice", "nohup", "setsid", "xargs", "uv", "poetry"}:
        # They hand their environment on; what they start may well be Python, and is followed then.
        return name
    first = _first_line(path, environment)
    return first if first.startswith("#!") and "python" in first else None


def _is_python(path: str) -> bool:
    name = os.path.basename(path)  # noqa: PTH119 - as above
    return name.startswith(("python", "pypy"))


def _first_line(path: str, environment: Mapping[Any, Any] | None) -> str:
    folders: Iterable[str] = [""]
    if os.sep not in path:
        search = os.environ.get("PATH", "") if environment is None else _lookup(environment, "PATH") or ""
        folders = search.split(os.pathsep)
    for folder in folders:
        try:
            with open(os.path.join(folder, path), "rb") as file:  # noqa: PTH118, PTH123 - as above
                return file.read(_FIRST_LINE_BYTES).partition(b"\n")[0].decode("utf-8", "replace")
        except (OSError, ValueError):
            continue
    return ""


def _lookup(environment: Mapping[Any, Any], name: str) -> str | None:
    try:
        for key in (name, name.encode()):
            if key in environment:
                return _text(environment[key])
    except TypeError:
        # For os.posix_spawn and os.exec it may be any mapping, and some refuse a key of the other type.
        return None
    return None


def _sequence(words: object) -> list[Any]:
    if isinstance(words, (list, tuple)):
        return list(words)
    return [words]


def _text(word: object) -> str:
    try:
        return os.fsdecode(word)  # type: ignore[arg-type]  # what it is, the program decides
    except TypeError:
        return f"<{type(word).__name__}>"
