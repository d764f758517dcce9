"""How text looks in a terminal: from SGR control sequences to what pyte knows, and from there to words. Pure.

Looks are written as rich writes styles (`bold red on #102030`), so that a line is plain text with plain words.
SGR as xterm has it: https://invisible-island.net/xterm/ctlseqs/ctlseqs.html#h3-Functions-using-CSI-_-ordered-by-the-final-character_s_
"""

from __future__ import annotations

import re
from functools import lru_cache

from pyte.screens import Char

_BRIGHT_FROM = 8
_PALETTE_FROM = 16
_MOST = 255
_SET_COLOR = {38: 30, 48: 40, 58: None}
"""Foreground, background, underline: which code sets their first palette colour. pyte knows no underline colour."""
_SGR_PARAMETERS = re.compile(r"[0-9:;]*")
_NAMES = {
    "brown": "yellow",
    "brightbrown": "bright_yellow",
    # pyte's own spelling.
    "bfightmagenta": "bright_magenta",
}
_FIELDS = {
    "bold": "bold",
    "dim": "blink",
    "italic": "italics",
    "underline": "underscore",
    "strike": "strikethrough",
    "reverse": "reverse",
}
"""The words of a look, and what pyte calls them."""
_COLOR = re.compile(r"[0-9a-f]{6}")
_PLAIN = Char(" ")


@lru_cache(maxsize=4096)
def rendition(parameters: str) -> tuple[int, ...]:
    """The parameters of an SGR sequence as pyte understands them.

    Colours with colons become colours with semicolons, the first 16 of the palette become the terminal's own, and an
    underline's colour is left out. pyte has no faint text; since nothing here blinks, faint takes that place.
    """
    if not _SGR_PARAMETERS.fullmatch(parameters):
        return ()
    codes: list[int] = []
    fields = parameters.split(";")
    while fields:
        first, *more = fields.pop(0).split(":")
        code = int(first or 0)
        if code in _SET_COLOR:
            if not more:
                count = {"5": 2, "2": 4}.get(fields[0] if fields else "", 1)
                more, fields = fields[:count], fields[count:]
            codes += _color(code, [int(value or 0) for value in more])
        elif code == 4 and more:  # noqa: PLR2004 - underline, in a form or not at all
            codes.append(24 if more[0] == "0" else 4)
        else:
            codes += {2: (5,), 5: (), 6: (), 21: (4,), 22: (22, 25), 25: ()}.get(code, (code,))
    return tuple(codes)


def _color(code: int, values: list[int]) -> tuple[int, ...]:
    base = _SET_COLOR[code]
    match values:
        case _ if base is None:
            return ()
        case [5, number, *_]:
            if number < _BRIGHT_FROM:
                return (base + number,)
            if number < _PALETTE_FROM:
                return (base + 60 + number - _BRIGHT_FROM,)
            return (code, 5, min(number, _MOST))
        case [2, red, green, blue] | [2, _, red, green, blue, *_]:
            return (code, 2, *(min(part, _MOST) for part in (red, green, blue)))
    return ()


@lru_cache(maxsize=16384)
def look_of(char: Char) -> str:
    """How a cell looks, in words; empty for plain text. Equal looks are one string."""
    words = [word for word, field in _FIELDS.items() if getattr(char, field)]
    if char.fg != _PLAIN.fg:
        words.append(_color_word(char.fg))
    if char.bg != _PLAIN.bg:
        words += ["on", _color_word(char.bg)]
    return " ".join(words)


@lru_cache(maxsize=4096)
def char_looking(look: str) -> Char:
    """A blank cell with the look that `look_of` says of it."""
    char = _PLAIN
    ground = "fg"
    for word in look.split():
        if word == "on":
            ground = "bg"
        elif word in _FIELDS:
            char = char._replace(**{_FIELDS[word]: True})  # type: ignore[arg-type]  # mypy cannot see which fields
        else:
            char = char._replace(**{ground: word.removeprefix("#")})  # type: ignore[arg-type]  # as above
    return char


def _color_word(name: str) -> str:
    if _COLOR.fullmatch(name):
        return f"#{name}"
    name = _NAMES.get(name, name)
    return name.replace("bright", "bright_", 1) if name.startswith("bright") and "_" not in name else name
