"""A whole value as lines of the screen: wrapped text, or a hex dump. Pure."""

from __future__ import annotations

from rich.cells import cell_len, chop_cells

from memdb_tui.ui.cell_text import steady

BYTES_PER_LINE = 16
_FIRST_PRINTABLE, _LAST_PRINTABLE = 0x20, 0x7E


def wrapped(text: str, width: int) -> list[str]:
    """The text as lines of at most `width` terminal cells: broken where it breaks, wrapped where it is too long.

    Line feeds break; every other control character is a symbol, also the carriage return before them.
    """
    lines: list[str] = []
    for raw in text.split("\n"):
        line = steady(raw)
        if line.isascii():
            lines += [line[at : at + width] for at in range(0, len(line), width)] or [""]
        elif cell_len(line) <= width:
            lines.append(line)
        else:
            lines += chop_cells(line, width)
    return lines


def hex_line(offset: int, digits: str, offset_digits: int) -> tuple[str, str, str]:
    """Offset, bytes in two groups of eight, and the same as ASCII with dots for the rest; at most 16 bytes."""
    pairs = [digits[at : at + 2] for at in range(0, len(digits), 2)]
    left, right = " ".join(pairs[:8]), " ".join(pairs[8:])
    shown = "".join(
        chr(code) if _FIRST_PRINTABLE <= code <= _LAST_PRINTABLE else "·" for code in bytes.fromhex(digits)
    )
    return f"{offset:0{offset_digits}x}", f"{left:<23}  {right:<23}", shown


def offset_digits(length: int) -> int:
    """How many hex digits the offsets of a value of so many bytes have, at least four."""
    return max(4, len(f"{max(0, length - 1):x}"))
