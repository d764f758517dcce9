"""Text from elsewhere, safe to print."""

from __future__ import annotations

_CONTROL = {code: chr(0x2400 + code) for code in range(0x20)} | {0x7F: "␡"}


def printable(text: str) -> str:
    """Return the text with control characters as symbols, and what else cannot be shown safely as escapes.

    That is every character Unicode calls not printable: C1 controls, direction overrides, lone surrogates.
    """
    return "".join(_CONTROL.get(ord(each), each if each.isprintable() else _escape(each)) for each in text)


def _escape(character: str) -> str:
    return character.encode("unicode_escape").decode("ascii")
