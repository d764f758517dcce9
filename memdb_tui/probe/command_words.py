"""The words of command lines: which are options of Python, and what `env` runs."""

from __future__ import annotations

_WITH_VALUE = ("W", "X")
_OF_ENV = {"--ignore-environment": "i", "--unset": "u", "--chdir": "C", "--split-string": "S"}
_OF_ENV_WITH_VALUE = ("u", "C", "S")


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


def run_by_env(words: list[str], variables: dict[str, str]) -> tuple[list[str], dict[str, str]]:
    """The words of what `env` runs, and with which variables: https://www.gnu.org/software/coreutils/env.

    Args:
        words: What `env` is given.
        variables: Those it has itself.
    """
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
