"""SQLite's values as cells, and cells on the wire.

On the wire NULL is `null`, a short TEXT a string, everything else a list `[tag, text, length, is_whole]`: JSON has no
BLOB, no infinity, no TEXT that is not UTF-8, and its integers lose digits in other languages.
"""

from __future__ import annotations

from typing import Any

from memdb_tui.errors import ProtocolError
from memdb_tui.model import Cell, CellKind, CellPart

CELL_CHARACTERS = 1024
"""What a cell in a window carries at most: characters of TEXT, or hex digits."""

_NULL = Cell(CellKind.NULL, "", 0, is_whole=True)
_TAGS = {
    CellKind.INTEGER: "i",
    CellKind.REAL: "r",
    CellKind.TEXT: "t",
    CellKind.BLOB: "b",
    CellKind.BAD_TEXT: "x",
}
_KINDS = {tag: kind for kind, tag in _TAGS.items()}


def cell_of(value: object) -> Cell:
    """A value of sqlite3 as a cell, cut at 1,024 characters or hex digits.

    TEXT that is not UTF-8 has come through `surrogateescape`; NULL is None.
    """
    if value is None:
        return _NULL
    if isinstance(value, str):
        if value.isascii() or _is_unicode(value):
            length = len(value)
            return Cell(CellKind.TEXT, value[:CELL_CHARACTERS], length, is_whole=length <= CELL_CHARACTERS)
        return _hex(CellKind.BAD_TEXT, _raw(value))
    if isinstance(value, int):
        return Cell(CellKind.INTEGER, str(value), 0, is_whole=True)
    if isinstance(value, float):
        return Cell(CellKind.REAL, real_text(value), 0, is_whole=True)
    if isinstance(value, bytes):
        return _hex(CellKind.BLOB, value)
    raise ProtocolError(f"SQLite has no value of type {type(value).__name__}.")


def real_text(value: float) -> str:
    """A REAL in the fewest digits that give it back: `1.5`, `1e+300`; infinities as SQLite writes them, `Inf`."""
    if value in {float("inf"), float("-inf")}:
        return "Inf" if value > 0 else "-Inf"
    return repr(value)


def part_of(value: object, offset: int, size: int) -> CellPart:
    """`size` characters or bytes of a whole value, from `offset` on."""
    cell = cell_of(value)
    offset = max(0, offset)
    if cell.kind is CellKind.TEXT:
        text = str(value)
        return CellPart(cell.kind, text[offset : offset + size], offset, len(text))
    if cell.kind in {CellKind.BLOB, CellKind.BAD_TEXT}:
        data = value if isinstance(value, bytes) else _raw(str(value))
        return CellPart(cell.kind, data[offset : offset + size].hex(), offset, len(data))
    return CellPart(cell.kind, cell.text, 0, len(cell.text))


def cell_to_wire(cell: Cell) -> Any:  # noqa: ANN401 - JSON has no narrower type
    """The cell as JSON."""
    if cell.kind is CellKind.NULL:
        return None
    if cell.kind is CellKind.TEXT and cell.is_whole:
        return cell.text
    return [_TAGS[cell.kind], cell.text, cell.length, cell.is_whole]


def cell_from_wire(data: object) -> Cell:
    """The cell that JSON holds.

    Raises:
        ProtocolError: It holds none.
    """
    if data is None:
        return _NULL
    if isinstance(data, str):
        return Cell(CellKind.TEXT, data, len(data), is_whole=True)
    match data:
        case [str(tag), str(text), int(length), bool(is_whole)] if tag in _KINDS:
            return Cell(_KINDS[tag], text, length, is_whole=is_whole)
    raise ProtocolError(f"A message holds {data!r:.60} where a cell should be.")


def _hex(kind: CellKind, data: bytes) -> Cell:
    whole = 2 * len(data) <= CELL_CHARACTERS
    return Cell(kind, data[: CELL_CHARACTERS // 2].hex(), len(data), is_whole=whole)


def _raw(text: str) -> bytes:
    return text.encode("utf-8", "surrogateescape")


def _is_unicode(text: str) -> bool:
    try:
        text.encode()
    except UnicodeEncodeError:
        return False
    return True
