"""The colours of a program's output on ours: sixteen that fit each theme, and styles made of looks."""

from __future__ import annotations

from collections.abc import Callable

from rich.color import Color, ColorType
from rich.errors import StyleSyntaxError
from rich.style import Style

_DARK = (
    *("#2b313a", "#f0736a", "#8fbf7f", "#d7b46a", "#7fa9dc", "#c08fca", "#7fd1c7", "#d5d9de"),
    *("#8b94a1", "#ff938b", "#aad99b", "#ecca84", "#a2c4f0", "#d8abe1", "#a0e6dd", "#f5f7f9"),
)
_LIGHT = (
    *("#22262b", "#b3261e", "#3f7d2c", "#8a5a00", "#2a5db0", "#8a3b94", "#0f766e", "#656a70"),
    *("#5c6470", "#cf3f36", "#4f8f3b", "#a06c0a", "#3b72c9", "#a04eaa", "#1a8a81", "#3a4047"),
)
_MOST_STYLES = 4096
"""A program may use sixteen million colours, one after the other."""
_WHITES = {7: "#e3e0d7", 15: "#f4f2ec"}
"""As a ground white is white; as text it has to be seen on a light ground."""


def style_maker(base: Style, *, is_dark: bool) -> Callable[[str], Style]:
    """Makes whole styles of looks, on a base that has both colours; each is made once.

    Args:
        base: Foreground and background of plain text.
        is_dark: Which of the two palettes.
    """
    known: dict[str, Style] = {}

    def style(look: str) -> Style:
        made = known.get(look)
        if made is None:
            if len(known) > _MOST_STYLES:
                known.clear()
            made = known[look] = _made(look, base, is_dark=is_dark) if look else base
        return made

    return style


def swapped(style: Style) -> Style:
    """The style with its two colours changed over, as a block cursor shows."""
    return style + Style(color=style.bgcolor, bgcolor=style.color)


def _made(look: str, base: Style, *, is_dark: bool) -> Style:
    try:
        parsed = Style.parse(look)
    except StyleSyntaxError:
        return base
    # White text on a ground of its own is meant to be light; on ours it has to be seen.
    is_light = parsed.bgcolor is not None and not parsed.bgcolor.is_default
    style = base + Style(
        color=_ours(parsed.color, is_dark=is_dark, is_light=is_light),
        bgcolor=_ours(parsed.bgcolor, is_dark=is_dark, is_light=True),
        bold=parsed.bold,
        dim=parsed.dim,
        italic=parsed.italic,
        underline=parsed.underline,
        strike=parsed.strike,
    )
    return swapped(style) if parsed.reverse else style


def _ours(color: Color | None, *, is_dark: bool, is_light: bool) -> Color | None:
    if color is None or color.type is not ColorType.STANDARD or color.number is None:
        return color
    if is_light and not is_dark and color.number in _WHITES:
        return Color.parse(_WHITES[color.number])
    return Color.parse((_DARK if is_dark else _LIGHT)[color.number])
