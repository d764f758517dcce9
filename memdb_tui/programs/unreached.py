"""Why a program that was started never connected: what can be told from its words, and what it may be."""

from __future__ import annotations

import re
import shutil
from collections.abc import Sequence
from pathlib import Path

from memdb_tui.programs.command_line import is_python, shebang, why_unfit

_SHUTTING = {"I": "isolated mode", "E": "its environment is ignored", "S": "site is not imported"}
_FLAGS = re.compile(r"-[A-Za-z]+")
_WITH_VALUE = "cmWX"


def why_unreached(argv: Sequence[str]) -> str:
    """A whole sentence that says why nothing is known of a program.

    Args:
        argv: The program, an absolute path, and its words.
    """
    words = list(argv)
    script = shebang(Path(words[0]))
    if script:
        words = [shutil.which(script[0]) or script[0], *script[1:], *words]
    name = Path(words[0]).name
    if not is_python(words[0]):
        return f"{name} is no Python, and no Python that it started has connected."
    flag = _shutting_flag(words[1:])
    if flag:
        return f"Python was started with -{flag} ({_SHUTTING[flag]}), so it could not be looked into."
    problem = why_unfit(words[0])
    if problem:
        return problem
    return (
        "It ended, or cleared its environment, before it could be looked into; a program that starts no Python code, "
        "as one with a syntax error, is not seen either."
    )


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
