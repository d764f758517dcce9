"""Ages and sizes for commands that print: those of the UI come with Textual, which takes longer than the command."""

from __future__ import annotations

_UNITS = (("d", 86_400), ("h", 3_600), ("min", 60))
_SIZES = (("GiB", 1 << 30), ("MiB", 1 << 20), ("KiB", 1 << 10))


def age(seconds: float) -> str:
    """How long ago, in the largest unit that fills at least two: `12 s`, `90 s`, `3 min`, `47 h`, `5 d`."""
    for word, unit in _UNITS:
        if seconds >= 2 * unit:
            return f"{int(seconds // unit)} {word}"
    return f"{int(max(0.0, seconds))} s"


def size(count: int) -> str:
    """Bytes in binary units: `512 B`, `8 KiB`, `1.4 MiB`."""
    for word, unit in _SIZES:
        if count >= unit:
            return f"{count / unit:.1f}".removesuffix(".0") + f" {word}"
    return f"{count} B"
