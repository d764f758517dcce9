"""The two themes: one family of greys, two accents, red for strays and errors alone."""

from __future__ import annotations

from dataclasses import replace

from textual.theme import Theme

DARK = Theme(
    name="memdb-dark",
    dark=True,
    primary="#7fd1c7",
    secondary="#d7b46a",
    accent="#7fd1c7",
    foreground="#d5d9de",
    background="#14171c",
    surface="#14171c",
    panel="#1c2027",
    success="#8fbf7f",
    warning="#d7b46a",
    error="#f0736a",
    variables={
        "border": "#7fd1c7",
        "border-blurred": "#3a414c",
        "footer-key-foreground": "#7fd1c7",
        "input-selection-background": "#7fd1c7 25%",
        "muted": "#8b94a1",
        "faint": "#5c6470",
        "cursor-line": "#1c2027",
        "block-cursor-background": "#2f4f4d",
        "block-cursor-foreground": "#eef3f2",
        "block-cursor-text-style": "none",
        "block-cursor-blurred-background": "#232830",
        "block-cursor-blurred-foreground": "#d5d9de",
        "scrollbar": "#232932",
        "scrollbar-hover": "#3f4752",
        "scrollbar-active": "#7fd1c7",
        "scrollbar-background": "#14171c",
        "scrollbar-background-hover": "#14171c",
        "scrollbar-background-active": "#14171c",
        "scrollbar-corner-color": "#14171c",
    },
)

LIGHT = Theme(
    name="memdb-light",
    dark=False,
    primary="#0f766e",
    secondary="#8a5a00",
    accent="#0f766e",
    foreground="#22262b",
    background="#fbfaf7",
    surface="#fbfaf7",
    panel="#f0eee8",
    success="#3f7d2c",
    warning="#8a5a00",
    error="#b3261e",
    variables={
        "border": "#0f766e",
        "border-blurred": "#c9c5ba",
        "footer-key-foreground": "#0f766e",
        "input-selection-background": "#0f766e 20%",
        "muted": "#656a70",
        "faint": "#9a9a93",
        "cursor-line": "#f3f1eb",
        "block-cursor-background": "#cfe6e2",
        "block-cursor-foreground": "#12211f",
        "block-cursor-text-style": "none",
        "block-cursor-blurred-background": "#e9e6de",
        "block-cursor-blurred-foreground": "#22262b",
        "scrollbar": "#e6e2d8",
        "scrollbar-hover": "#bdb8ac",
        "scrollbar-active": "#0f766e",
        "scrollbar-background": "#fbfaf7",
        "scrollbar-background-hover": "#fbfaf7",
        "scrollbar-background-active": "#fbfaf7",
        "scrollbar-corner-color": "#fbfaf7",
    },
)

THEMES = (DARK, LIGHT)


def without_colour(theme: Theme) -> Theme:
    """The theme for a screen in greys, where red would be darker than the text beside it: alarms are as bright."""
    return replace(theme, error=theme.foreground)
