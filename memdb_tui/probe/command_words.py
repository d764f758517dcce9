"""The words of command lines: which are options of Python, and what `env`, `timeout` or a shell is given to run."""

from __future__ import annotations

_WITH_VALUE = ("W", "X")
_OF_ENV = {"--ignore-environment": "i", "--unset": "u", "--chdir": "C", "--split-string": "S"}
_OF_ENV_WITH_VALUE = ("u", "C", "S")
SHELLS = frozenset(("sh", "bash", "dash", "zsh"))
_WRAPPERS: dict[str, tuple[tuple[str, ...], int]] = {
    "timeout": (("-k", "-s", "--kill-after", "--signal"), 1),
    "nice": (("-n", "--adjustment"), 0),
    "nohup": ((), 0),
    "setsid": ((), 0),
}
"""Their options that take a value, and how many words stand before what they run."""
_OF_THE_SHELL = frozenset("\\\"'`$;|&<>(){}[]*?~#!\n")
"""With one of them in it a command is more than its words."""


def python_options(words: list[str]) -> tuple[str, list[str]]:
    """The letters of Python's own options, and the words from the program on.

    The program is a script, or `-m` and a module, or `-c`: https://docs.python.org/3/using/cmdline.html.

    Args:
        words: What the interpreter is given.
    """
    letters = ""
    rest = words
    while rest:
        word = rest[0]
        if word == "-" or not word.startswith("-"):
            return letters, rest
        if word == "--":
            return letters, rest[1:]
        if word == "--check-hash-based-pycs":
            rest = rest[2:]
            continue
        if word.startswith("--"):
            rest = rest[1:]
            continue
        for place, letter in enumerate(word[1:], start=1):
            if letter in "mc":
                # What follows in the same word belongs to it: -mjson.tool.
                value = [word[place + 1 :]] if word[place + 1 :] else []
                return letters, [f"-{letter}", *value, *rest[1:]]
            letters += letter
            if letter in _WITH_VALUE:
                rest = rest if word[place + 1 :] else rest[1:]
                break
        rest = rest[1:]
    return letters, []


def run_by(name: str, words: list[str], variables: dict[str, str]) -> tuple[list[str], dict[str, str]] | None:
    """The words of what a program runs that runs others, and with which variables; None where it is no such program.

    Args:
        name: Of the program, without its folder.
        words: What it is given.
        variables: Those it has itself.

    Returns:
        No words where nothing is run, or a shell is given more than one simple command.
    """
    if name == "env":
        return _run_by_env(words, variables)
    if name in SHELLS:
        return _run_by_env(_run_by_shell(words), variables)
    if name in _WRAPPERS:
        return _run_by_wrapper(name, words), variables
    return None


def _run_by_wrapper(name: str, words: list[str]) -> list[str]:
    with_value, positionals = _WRAPPERS[name]
    rest = list(words)
    while rest and rest[0].startswith("-"):
        word = rest.pop(0)
        if word == "--":
            break
        if word in with_value:
            rest = rest[1:]
    return rest[positionals:]


def _run_by_shell(words: list[str]) -> list[str]:
    """The words of the one command that a shell is given with `-c`; none where it is given something else."""
    for place, word in enumerate(words):
        if not word.startswith("-") or word.startswith("--"):
            break
        if word.endswith("c"):
            command = words[place + 1] if place + 1 < len(words) else ""
            found = [] if _OF_THE_SHELL.intersection(command) else command.split()
            return found[1:] if found[:1] == ["exec"] else found
    return []


def _run_by_env(words: list[str], variables: dict[str, str]) -> tuple[list[str], dict[str, str]]:
    """As `env` reads its words: https://www.gnu.org/software/coreutils/env."""
    rest, kept = list(words), dict(variables)
    while rest and rest[0].startswith("-"):
        word = rest.pop(0)
        if word == "--":
            break
        letters, value = _options_of_env(word)
        if value is None:
            value = rest.pop(0) if letters.endswith(_OF_ENV_WITH_VALUE) and rest else ""
        if "i" in letters:
            kept.clear()
        if letters.endswith("u"):
            kept.pop(value, None)
        elif letters.endswith("S"):
            rest[:0] = value.split()
    while rest and "=" in rest[0]:
        name, _, value = rest.pop(0).partition("=")
        kept[name] = value
    return rest, kept


def _options_of_env(word: str) -> tuple[str, str | None]:
    """The letters of one word, and the value in it of the last one; None where it has none."""
    if word.startswith("--"):
        name, sign, value = word.partition("=")
        return _OF_ENV.get(name, ""), value if sign else None
    # A dash alone is -i.
    letters = word[1:] or "i"
    for place, letter in enumerate(letters, start=1):
        if letter in _OF_ENV_WITH_VALUE:
            return letters[:place], letters[place:] or None
    return letters, None
