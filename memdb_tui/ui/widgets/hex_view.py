"""Bytes of any length as a hex dump; only the blocks that are visible are asked for."""

from __future__ import annotations

from collections import OrderedDict
from typing import ClassVar

from rich.segment import Segment
from rich.style import Style
from textual.geometry import Size
from textual.message import Message
from textual.scroll_view import ScrollView
from textual.strip import Strip

from memdb_tui.ui.component_styles import component_style
from memdb_tui.ui.value_lines import BYTES_PER_LINE, hex_line, offset_digits

BLOCK_BYTES = 16 * 1024
_BLOCKS_HELD = 16


class HexView(ScrollView, can_focus=True):
    """Sixteen bytes a line with offset and ASCII; posts `BlockRequested`, one at a time, and gets `show_block`."""

    COMPONENT_CLASSES: ClassVar[set[str]] = {"hex-view--offset", "hex-view--ascii"}
    DEFAULT_CSS = """
    HexView {
        height: 1fr;
        background: $surface;
        color: $foreground;
        scrollbar-size: 1 1;
        & > .hex-view--offset { color: $faint; }
        & > .hex-view--ascii { color: $muted; }
    }
    """

    class BlockRequested(Message):
        """The view needs these bytes: answer with `show_block`, or `show_no_block` when they cannot be had."""

        def __init__(self, view: HexView, offset: int, size: int) -> None:
            super().__init__()
            self.view = view
            self.offset = offset
            self.size = size

        @property
        def control(self) -> HexView:
            """The view that sent it."""
            return self.view

    def __init__(self, length: int, *, id: str | None = None) -> None:  # noqa: A002 - as every widget
        super().__init__(id=id)
        self._length = length
        self._offset_digits = offset_digits(length)
        self._blocks: OrderedDict[int, str] = OrderedDict()
        """Hex digits by the offset of their block, least recently used first."""
        self._asked: int | None = None
        self._refused: int | None = None

    def show_block(self, offset: int, digits: str) -> None:
        """Take a block: hex digits, two a byte, from `offset` on."""
        self._asked = None
        self._blocks[offset] = digits
        while len(self._blocks) > _BLOCKS_HELD:
            self._blocks.popitem(last=False)
        self.refresh()
        self._ask()

    def show_no_block(self) -> None:
        """The block asked for cannot be had; another one is asked for when the view has moved there."""
        self._refused, self._asked = self._asked, None

    def on_resize(self) -> None:
        """Say how long the dump is, and ask for what is visible."""
        lines = -(-self._length // BYTES_PER_LINE)
        self.virtual_size = Size(self._offset_digits + 2 + 48 + 2 + BYTES_PER_LINE, lines)
        self._ask()

    def watch_scroll_y(self, old_value: float, new_value: float) -> None:
        """Ask for what came into view."""
        super().watch_scroll_y(old_value, new_value)
        self._ask()

    def render_line(self, y: int) -> Strip:
        """One line of the screen."""
        at = (self.scroll_offset.y + y) * BYTES_PER_LINE
        if at >= self._length:
            return Strip.blank(self.size.width, self.rich_style)
        block = self._blocks.get(at - at % BLOCK_BYTES)
        inside = at % BLOCK_BYTES * 2
        digits = "" if block is None else block[inside : inside + BYTES_PER_LINE * 2]
        offset, shown_bytes, ascii_text = hex_line(at, digits, self._offset_digits)
        strip = Strip(
            [
                Segment(f"{offset}  ", self._part("offset")),
                Segment(shown_bytes if digits else f"{'·':<48}", self.rich_style),
                Segment(f"  {ascii_text}", self._part("ascii")),
            ]
        )
        return strip.crop_extend(self.scroll_offset.x, self.scroll_offset.x + self.size.width, self.rich_style)

    def _part(self, name: str) -> Style:
        return self.rich_style + component_style(self, f"hex-view--{name}")

    def _ask(self) -> None:
        if self._asked is not None or not self.size.height:
            return
        first = self.scroll_offset.y * BYTES_PER_LINE
        end = min(self._length, first + self.size.height * BYTES_PER_LINE)
        for offset in range(first - first % BLOCK_BYTES, end, BLOCK_BYTES):
            if offset in self._blocks:
                self._blocks.move_to_end(offset)
            elif offset != self._refused:
                self._asked, self._refused = offset, None
                self.post_message(self.BlockRequested(self, offset, min(BLOCK_BYTES, self._length - offset)))
                return
