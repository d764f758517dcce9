"""Windows of cells on the wire: the one message whose size and speed matter, so its form is its own."""

from __future__ import annotations

from typing import Any

from memdb_tui.errors import ProtocolError
from memdb_tui.model import Run, RunId, Window
from memdb_tui.protocol.codec import from_wire, to_wire
from memdb_tui.protocol.messages import Answer
from memdb_tui.protocol.values import cell_from_wire, cell_to_wire


def window_to_wire(window: Window) -> list[Any]:
    """`[run, result, first row, first column, rows]`."""
    rows = [[cell_to_wire(cell) for cell in row] for row in window.rows]
    return [window.run, window.result, window.first_row, window.first_column, rows]


def window_from_wire(data: object) -> Window:
    """The window that JSON holds.

    Raises:
        ProtocolError: It holds none.
    """
    match data:
        case [int(run), int(result), int(first_row), int(first_column), list(rows)]:
            cells = tuple([tuple([cell_from_wire(cell) for cell in row]) for row in rows])
            return Window(RunId(run), result, first_row, first_column, cells)
    raise ProtocolError("A message does not hold a Window.")


def answer_to_wire(answer: Answer) -> list[Any]:
    """`[run, window or null]`."""
    return [to_wire(answer.run), None if answer.window is None else window_to_wire(answer.window)]


def answer_from_wire(data: object) -> Answer:
    """The answer that JSON holds.

    Raises:
        ProtocolError: It holds none.
    """
    match data:
        case [list(run), window]:
            return Answer(from_wire(Run, run), None if window is None else window_from_wire(window))
    raise ProtocolError("A message does not hold an Answer.")
