"""Where a connection was opened: the stack of the call, and the source around each line."""

from __future__ import annotations

import functools
import os
import shlex
import subprocess
from collections.abc import Sequence
from pathlib import Path
from typing import ClassVar

from textual import on
from textual.app import ComposeResult, SuspendNotSupported
from textual.binding import Binding, BindingType
from textual.containers import Vertical
from textual.content import Content
from textual.message import Message

from memdb_tui.model import CodePlace
from memdb_tui.ui.rows import Clip, Part, Row
from memdb_tui.ui.screens.modal import Modal
from memdb_tui.ui.widgets.footer_bar import FooterKey
from memdb_tui.ui.widgets.line_list import Line, LineList
from memdb_tui.ui.widgets.message_view import MessageView
from memdb_tui.ui.wording import printable, short_path

_AROUND = 6
_MOST_FRAMES = 8
_NUMBER_CELLS = 5


class StackList(LineList):
    """The lines of a stack; it tells when another is chosen."""

    class Moved(Message):
        """The cursor stands on another line."""

        def __init__(self, stack_list: StackList) -> None:
            super().__init__()
            self.stack_list = stack_list

        @property
        def control(self) -> StackList:
            """The list it moved in."""
            return self.stack_list

    def cursor_moved(self) -> None:
        """Tells the screen."""
        self.post_message(self.Moved(self))


class SourceScreen(Modal[None]):
    """Shows the stack of an opening, the program's own line first chosen, and the source around it.

    Args:
        title: Whose opening it was.
        stack: The innermost line first.
        opener: The line to begin at, None for the innermost.
    """

    DEFAULT_CSS = """
    SourceScreen {
        & > .modal-box { width: 100; max-width: 96%; height: 85%; padding: 0 1; }
        & LineList { border: none; height: auto; }
        & LineList:focus { border: none; }
        & MessageView { height: 1fr; margin: 1 1 0 1; }
    }
    """
    KEYS: ClassVar[tuple[FooterKey, ...]] = (
        FooterKey("↑↓", "line of the stack", "nothing"),
        FooterKey("e", "edit", "edit"),
        FooterKey("y", "copy file:line", "copy_place"),
        FooterKey("Esc", "leave", "leave"),
    )
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("e", "edit", "Edit", show=False, id="source.edit"),
        Binding("y", "copy_place", "Copy", show=False, id="source.copy"),
    ]

    def __init__(self, title: str, stack: Sequence[CodePlace], opener: CodePlace | None) -> None:
        super().__init__()
        self._title = title
        self._stack = tuple(stack)
        self._opener = opener

    def compose_content(self) -> ComposeResult:
        """The stack, then the source."""
        with Vertical(classes="modal-box") as box:
            box.border_title = Content(printable(self._title))
            box.border_subtitle = "↑ ↓ another line · e edits · Esc leaves"
            frames = StackList()
            frames.styles.height = min(_MOST_FRAMES, max(1, len(self._stack)))
            yield frames
            yield MessageView()

    def on_mount(self) -> None:
        """Begins at the program's own line."""
        frames = self.query_one(StackList)
        frames.show_lines(
            [
                Line(str(n), functools.partial(_frame, place), is_selectable=True)
                for n, place in enumerate(self._stack)
            ]
        )
        frames.focus()
        if self._opener in self._stack:
            frames.move_cursor(str(self._stack.index(self._opener)))
        self._show()

    @on(StackList.Moved)
    def _moved(self, event: StackList.Moved) -> None:
        event.stop()
        self._show()

    def action_nothing(self) -> None:
        """The arrows do it."""

    def action_copy_place(self) -> None:
        """Copies `file:line` through the terminal."""
        if (place := self._place()) is not None:
            self.app.copy_to_clipboard(f"{place.path}:{place.line}")
            self.app.notify(f"{short_path(place.path)}:{place.line} went to the terminal (OSC 52).", title="Copied")

    def action_edit(self) -> None:
        """Opens the line in $VISUAL or $EDITOR; this program waits meanwhile."""
        place = self._place()
        if place is None or not Path(place.path).is_file():
            self.app.notify("There is no such file here to edit.", severity="warning")
            return
        editor = os.environ.get("VISUAL") or os.environ.get("EDITOR")
        if not editor:
            self.app.notify("Set $EDITOR to open the line in it.", severity="warning")
            return
        try:
            with self.app.suspend():
                subprocess.run([*shlex.split(editor), f"+{place.line}", place.path], check=False)  # noqa: S603 - the user's own editor
        except (SuspendNotSupported, OSError, ValueError) as error:
            self.app.notify(f"The editor did not start: {error}", severity="error")

    def _place(self) -> CodePlace | None:
        key = self.query_one(StackList).cursor_key
        return self._stack[int(key)] if key is not None else None

    def _show(self) -> None:
        place = self._place()
        self.query_one(MessageView).show_rows(source_rows(place) if place is not None else [])


def source_rows(place: CodePlace) -> list[Row]:
    """The lines around a place, the one meant marked; why there are none where there are none."""
    try:
        lines = Path(place.path).read_text("utf-8", "replace").splitlines()
    except OSError as error:
        return [Row((Part(f"The source cannot be read here: {error.strerror or error}", "$muted"),))]
    first = max(1, place.line - _AROUND)
    rows = []
    for number, text in enumerate(lines[first - 1 : place.line + _AROUND], start=first):
        is_meant = number == place.line
        rows.append(
            Row(
                (
                    Part("▸" if is_meant else " ", "bold $primary"),
                    Part(f"{number:>{_NUMBER_CELLS}}", "bold $primary" if is_meant else "$faint"),
                    Part(printable(text.expandtabs(4)), "bold $foreground" if is_meant else "$muted", clip=Clip.END),
                ),
                gutter=_NUMBER_CELLS + 2,
            )
        )
    return rows


def _frame(place: CodePlace) -> Row:
    return Row(
        (
            Part(f" {short_path(place.path)}:{place.line}", "$foreground", clip=Clip.START, least=20),
            Part(f"in {printable(place.function)}", "$muted", gap=2, rank=1),
        )
    )
