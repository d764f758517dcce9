"""Keys as a terminal sends them to the program that runs in it. Pure.

The names are Textual's; the bytes are xterm's:
https://invisible-island.net/xterm/ctlseqs/ctlseqs.html#h2-PC-Style-Function-Keys
"""

from __future__ import annotations

import re

_ESCAPE = "\x1b"
_SHIFT, _ALT, _CONTROL = 1, 2, 4
_MODIFIERS = {"shift": _SHIFT, "alt": _ALT, "meta": _ALT, "ctrl": _CONTROL}
_CURSOR_KEYS = {"up": "A", "down": "B", "right": "C", "left": "D", "home": "H", "end": "F"}
_FIRST_FUNCTION_KEYS = {"f1": "P", "f2": "Q", "f3": "R", "f4": "S"}
_NUMBERED = {"insert": 2, "delete": 3, "pageup": 5, "pagedown": 6}
_NUMBERED |= {f"f{number}": code for number, code in zip(range(5, 11), (15, 17, 18, 19, 20, 21), strict=True)}
_NUMBERED |= {f"f{number}": code for number, code in zip(range(11, 15), (23, 24, 25, 26), strict=True)}
_NUMBERED |= {f"f{number}": code for number, code in zip(range(15, 21), (28, 29, 31, 32, 33, 34), strict=True)}
_PLAIN = {"enter": "\r", "tab": "\t", "backspace": "\x7f", "escape": _ESCAPE, "space": " "}
_CONTROL_SIGNS = {
    "at": "\0",
    "space": "\0",
    "2": "\0",
    "left_square_bracket": _ESCAPE,
    "backslash": "\x1c",
    "right_square_bracket": "\x1d",
    "circumflex_accent": "\x1e",
    "underscore": "\x1f",
    "minus": "\x1f",
    "slash": "\x1f",
    "question_mark": "\x7f",
    "backspace": "\x08",
}
_NOT_FOR_PASTE = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f]")


def key_bytes(key: str, character: str | None, *, application: bool = False) -> bytes:
    """What a key sends; nothing for a key that no terminal sends anything for.

    Args:
        key: Its name, as Textual has it: `a`, `ctrl+c`, `shift+up`, `f5`.
        character: What it types, if it types something.
        application: The program wants cursor keys in their application form.
    """
    *names, name = key.split("+") if key != "+" else [key]
    modifiers = 0
    for modifier in names:
        modifiers |= _MODIFIERS.get(modifier, 0)
    return _sequence(name, character, modifiers, application=application).encode("utf-8", "replace")


def paste_bytes(text: str, *, is_bracketed: bool) -> bytes:
    """What a paste sends: line ends as Enter sends them, and no control character that could be a key.

    Args:
        text: What is pasted.
        is_bracketed: The program wants to be told where a paste begins and ends.
    """
    sent = _NOT_FOR_PASTE.sub("", text.replace("\r\n", "\n")).replace("\n", "\r")
    if is_bracketed:
        sent = f"{_ESCAPE}[200~{sent}{_ESCAPE}[201~"
    return sent.encode("utf-8", "replace")


def _sequence(name: str, character: str | None, modifiers: int, *, application: bool) -> str:
    if name in _CURSOR_KEYS:
        if modifiers:
            return f"{_ESCAPE}[1;{modifiers + 1}{_CURSOR_KEYS[name]}"
        return f"{_ESCAPE}{'O' if application else '['}{_CURSOR_KEYS[name]}"
    if name in _FIRST_FUNCTION_KEYS:
        letter = _FIRST_FUNCTION_KEYS[name]
        return f"{_ESCAPE}[1;{modifiers + 1}{letter}" if modifiers else f"{_ESCAPE}O{letter}"
    if name in _NUMBERED:
        return f"{_ESCAPE}[{_NUMBERED[name]}{f';{modifiers + 1}' if modifiers else ''}~"
    if name == "tab" and modifiers & _SHIFT:
        return f"{_ESCAPE}[Z"
    sign = _sign(name, character, modifiers)
    return _ESCAPE + sign if sign and modifiers & _ALT else sign


def _sign(name: str, character: str | None, modifiers: int) -> str:
    if modifiers & _CONTROL:
        if name in _CONTROL_SIGNS:
            return _CONTROL_SIGNS[name]
        if len(name) == 1 and name.isascii() and name.isalpha():
            return chr(ord(name) & 0x1F)
    if name in _PLAIN:
        return _PLAIN[name]
    if len(name) == 1:
        return name.upper() if modifiers & _SHIFT and not character else character or name
    return character or ""
