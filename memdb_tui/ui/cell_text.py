"""How a value looks in a cell of the grid: one line, no control characters, a width in terminal cells.

Pure. Widths are what `rich.cells` measures, so wide and combining characters keep the columns aligned. Characters
on whose width terminals disagree (joiners, variation selectors) are left out of the picture, not of the value.
"""

from __future__ import annotations

from collections.abc import Iterable
from enum import StrEnum

from rich.cells import cell_len, set_cell_size

from memdb_tui.model import Cell, CellKind
from memdb_tui.ui.wording import clip, printable, size

ELLIPSIS = "…"
"""Stands where a value was clipped."""
NULL = "∅ null"
PLACEHOLDER = "·"
"""Stands for a value that is not here yet."""

_OPEN, _CLOSE = "\u2039", "\u203a"
"""Around what is said of bytes."""
_BLOB_DIGITS = 8
"""How many hex digits of a BLOB make a column wider."""
_DRAWN_CHARACTERS_PER_CELL = 8
"""More zero-width marks than this on each character are clipped."""

_UNSTEADY: dict[int, str | None] = dict.fromkeys((0x200D, *range(0xFE00, 0xFE10)))
_UNSTEADY |= {0x2028: "⏎", 0x2029: "⏎"}
_UNSTEADY |= dict.fromkeys(
    (0x00AD, 0x061C, 0x180E, 0x200B, 0x200C, *range(0x2060, 0x2066), *range(0x206A, 0x2070), *range(0xFFF9, 0xFFFC)),
    "�",
)


class Tone(StrEnum):
    """What kind of text it is; the widget gives each a style."""

    PLAIN = "plain"
    MUTED = "muted"
    NULL = "null"
    WARNING = "warning"
    FAINT = "faint"
    HEADER = "header"


_TONES = {
    CellKind.NULL: Tone.NULL,
    CellKind.INTEGER: Tone.PLAIN,
    CellKind.REAL: Tone.PLAIN,
    CellKind.TEXT: Tone.PLAIN,
    CellKind.BLOB: Tone.MUTED,
    CellKind.BAD_TEXT: Tone.WARNING,
}
_SIGNS = {
    CellKind.INTEGER: "#",
    CellKind.REAL: "#.#",
    CellKind.TEXT: "T",
    CellKind.BLOB: "▤",
    CellKind.BAD_TEXT: "T!",
}
MIXED_SIGN = "~"
NULLS_ONLY_SIGN = "∅"
NUMBER_SIGNS = frozenset({"#", "#.#"})
"""The signs of columns whose header stands to the right, above its numbers."""


def tone(cell: Cell) -> Tone:
    """Which style the cell's text has."""
    return _TONES[cell.kind]


def is_number(cell: Cell) -> bool:
    """Numbers stand to the right."""
    return cell.kind is CellKind.INTEGER or cell.kind is CellKind.REAL


def type_sign(kinds: Iterable[CellKind]) -> str:
    """A sign for the kinds of value seen in a column; empty when none was seen."""
    seen = set(kinds)
    if not seen:
        return ""
    seen.discard(CellKind.NULL)
    if not seen:
        return NULLS_ONLY_SIGN
    return _SIGNS[seen.pop()] if len(seen) == 1 else MIXED_SIGN


def steady(text: str) -> str:
    """The text on one line, of a width all terminals agree on as far as they can."""
    if text.isascii() and text.isprintable():
        return text
    return printable(text.translate(_UNSTEADY))


def shown(cell: Cell, limit: int) -> str:
    """The cell's text, at most `limit` terminal cells wide, with `…` at the end where something is missing."""
    if limit <= 0:
        return ""
    kind = cell.kind
    if kind is CellKind.NULL:
        return clip(NULL, limit)
    if kind is CellKind.BLOB:
        return clip(_bytes_text(f"blob {size(cell.length)}", cell), limit)
    if kind is CellKind.BAD_TEXT:
        return clip(_bytes_text(f"not UTF-8, {size(cell.length)}", cell), limit)
    return clipped(cell.text, limit, is_whole=cell.is_whole)


def _bytes_text(label: str, cell: Cell) -> str:
    label = f"{_OPEN}{label}{_CLOSE}"
    if not cell.text:
        return label
    more = ELLIPSIS if len(cell.text) < cell.length * 2 else ""
    return f"{label} {cell.text}{more}"


def clipped(text: str, limit: int, *, is_whole: bool = True) -> str:
    """The text made steady, at most `limit` terminal cells wide, with `…` where it was cut or is not whole."""
    longest = limit * _DRAWN_CHARACTERS_PER_CELL
    if len(text) > longest:
        text, is_whole = text[:longest], False
    text = steady(text)
    width = len(text) if text.isascii() else cell_len(text)
    if width + (not is_whole) <= limit:
        return text if is_whole else text + ELLIPSIS
    if limit <= 0:
        return ""
    return set_cell_size(text, limit - 1) + ELLIPSIS


def padded(text: str, width: int, *, is_right: bool = False) -> str:
    """The text filled with blanks to exactly `width` terminal cells; the text must fit."""
    if text.isascii():
        return text.rjust(width) if is_right else text.ljust(width)
    blanks = " " * (width - cell_len(text))
    return blanks + text if is_right else text + blanks


def wanted_width(cell: Cell, limit: int) -> int:
    """How many terminal cells show the whole value, at most `limit`; of bytes only the beginning counts."""
    kind = cell.kind
    if kind is CellKind.INTEGER or kind is CellKind.REAL:
        return min(len(cell.text), limit)
    if kind is CellKind.NULL:
        return min(len(NULL), limit)
    text = shown(cell, limit)
    if kind is not CellKind.TEXT:
        label_end = text.find(_CLOSE) + 1
        text = text[: label_end + 1 + _BLOB_DIGITS + 1] if label_end else text
    return min(cell_len(text), limit)


def header_width(name: str, sign: str, limit: int) -> int:
    """How many terminal cells the name and its sign take, the name at most `limit` of them."""
    return cell_len(clipped(name, limit)) + (1 + len(sign) if sign else 0)


def header_parts(name: str, sign: str, width: int) -> tuple[str, str]:
    """The name clipped and the sign with a blank before it: together at most `width` terminal cells."""
    tail = f" {sign}" if sign else ""
    if len(tail) >= width:
        return clipped(name, width), ""
    return clipped(name, width - len(tail)), tail
