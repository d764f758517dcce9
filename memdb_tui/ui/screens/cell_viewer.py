"""One whole value, however long: text with its line breaks, JSON laid out, bytes as a hex dump."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical
from textual.content import Content
from textual.message import Message
from textual.widgets import Static

from memdb_tui.errors import MemdbError
from memdb_tui.model import Cell, CellKind, CellPart
from memdb_tui.ui.cell_text import NULL, steady
from memdb_tui.ui.copying import cell_value
from memdb_tui.ui.json_text import pretty_json
from memdb_tui.ui.screens.modal import Modal
from memdb_tui.ui.widgets.footer_bar import FooterKey
from memdb_tui.ui.widgets.hex_view import HexView
from memdb_tui.ui.widgets.text_view import TextView
from memdb_tui.ui.wording import count, size

Fetch = Callable[[int, int], Awaitable[CellPart]]
"""Offset and size, in characters of TEXT and bytes of BLOB and bad TEXT, to that part; it may be shorter."""

PART_CHARACTERS = 256 * 1024
LOADED_CHARACTERS = 4 * 1024 * 1024
"""How much of a TEXT can be scrolled through."""
COPIED_UNITS = 1024 * 1024
"""How many characters or bytes are copied at most."""
JSON_CHARACTERS = 1024 * 1024
"""The longest TEXT that is tried as JSON."""

_KIND_WORDS = {
    CellKind.NULL: "NULL",
    CellKind.INTEGER: "INTEGER",
    CellKind.REAL: "REAL",
    CellKind.TEXT: "TEXT",
    CellKind.BLOB: "BLOB",
    CellKind.BAD_TEXT: "TEXT that is not UTF-8",
}
_KIB = 1024
_BYTES = (CellKind.BLOB, CellKind.BAD_TEXT)


class CellViewer(Modal[None]):
    """Shows one value, loaded by parts: `title` says which, `fetch` gets its parts."""

    DEFAULT_CSS = """
    CellViewer {
        & > #cell-box {
            width: 100%;
            max-width: 100;
            height: 80%;
            border: heavy $border;
            border-title-color: $border;
            border-subtitle-color: $muted;
            background: $surface;
            padding: 0 1;
        }
        & #cell-facts { height: auto; color: $muted; margin: 0 0 1 0; }
    }
    """
    KEYS = (FooterKey("y", "copy", "copy"), *Modal.KEYS)
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("y", "copy", "Copy", id="cell-copy"),
        Binding("j", "toggle_json", "JSON", id="cell-json"),
    ]

    class CopyRequested(Message):
        """The user wants the value on the clipboard."""

        def __init__(self, viewer: CellViewer, text: str, *, is_whole: bool) -> None:
            super().__init__()
            self.viewer = viewer
            self.text = text
            self.is_whole = is_whole
            """False: only the beginning, since the value is very long."""

        @property
        def control(self) -> CellViewer:
            """The screen that sent it."""
            return self.viewer

    def __init__(self, title: str, fetch: Fetch) -> None:
        super().__init__()
        self._title_text = title
        self._fetch = fetch
        self._first: CellPart | None = None
        self._loaded = 0
        self._pretty: str | None = None
        self._is_pretty = False
        self._raw = ""

    def compose_content(self) -> ComposeResult:
        """The box, and the line that says what the value is; the value comes with its first part."""
        with Vertical(id="cell-box"):
            yield Static("loading", id="cell-facts", markup=False)

    def on_mount(self) -> None:
        """Say what this is, and load the beginning."""
        self._box.border_title = Content(steady(self._title_text))
        self._say_keys()
        self.run_worker(self._load_first(), exclusive=False)

    def action_toggle_json(self) -> None:
        """Lay the JSON out, or show it as it is."""
        if self._pretty is not None:
            self._is_pretty = not self._is_pretty
            self.query_one(TextView).show_text(self._pretty if self._is_pretty else self._raw)
            self._say_keys()

    def action_copy(self) -> None:
        """Ask for the value on the clipboard."""
        if self._first is not None:
            self.run_worker(self._copy(self._first))

    def on_text_view_more_requested(self) -> None:
        """Load the next part."""
        self.run_worker(self._load_more())

    def on_hex_view_block_requested(self, message: HexView.BlockRequested) -> None:
        """Load a block of bytes."""
        self.run_worker(self._load_block(message.view, message.offset, message.size))

    @property
    def _box(self) -> Vertical:
        return self.query_one("#cell-box", Vertical)

    async def _load_first(self) -> None:
        try:
            part = await self._fetch(0, PART_CHARACTERS)
        except MemdbError as error:
            self._say(f"The value cannot be read: {error}")
            return
        self._first, self._loaded = part, len(part.text)
        if part.kind in _BYTES:
            rounded = f" · {size(part.length)}" if part.length >= _KIB else ""
            self._say(f"{_KIND_WORDS[part.kind]}{rounded} · {count(part.length, 'byte')}")
            view: HexView | TextView = HexView(part.length, id="cell-value")
        else:
            if part.kind is CellKind.TEXT and len(part.text) == part.length <= JSON_CHARACTERS:
                self._pretty = pretty_json(part.text)
            self._raw = NULL if part.kind is CellKind.NULL else part.text
            self._say_text(part)
            view = TextView(self._raw, is_complete=self._is_complete(part), id="cell-value")
        await self._box.mount(view)
        view.focus()
        self._say_keys()

    async def _load_more(self) -> None:
        try:
            part = await self._fetch(self._loaded, min(PART_CHARACTERS, LOADED_CHARACTERS - self._loaded))
        except MemdbError as error:
            self._say(f"The rest cannot be read: {error}")
            return
        self._loaded += len(part.text)
        is_complete = self._is_complete(part) or not part.text
        self.query_one(TextView).add(part.text, is_complete=is_complete)
        self._say_text(part)

    async def _load_block(self, view: HexView, offset: int, wanted: int) -> None:
        try:
            digits = await self._read(offset, wanted)
        except MemdbError as error:
            self._say(f"Bytes from {offset:,} on cannot be read: {error}")
            view.show_no_block()
            return
        view.show_block(offset, digits)

    async def _read(self, offset: int, wanted: int) -> str:
        """So many characters or bytes (as hex digits), put together from as many parts as it takes."""
        texts: list[str] = []
        while wanted > 0:
            part = await self._fetch(offset, min(wanted, PART_CHARACTERS))
            got = len(part.text) // (2 if part.kind in _BYTES else 1)
            if not got:
                break
            texts.append(part.text)
            offset, wanted = offset + got, wanted - got
        return "".join(texts)

    async def _copy(self, first: CellPart) -> None:
        text = first.text
        if first.length:
            try:
                text = await self._read(0, min(first.length, COPIED_UNITS))
            except MemdbError as error:
                self._say(f"The value cannot be copied: {error}")
                return
        is_whole = first.length <= COPIED_UNITS
        value = cell_value(Cell(kind=first.kind, text=text, length=first.length, is_whole=is_whole))
        self.post_message(self.CopyRequested(self, value, is_whole=is_whole))

    def _is_complete(self, part: CellPart) -> bool:
        return self._loaded >= min(part.length, LOADED_CHARACTERS)

    def _say_text(self, part: CellPart) -> None:
        words = _KIND_WORDS[part.kind]
        if part.kind is CellKind.TEXT:
            words += f" · {count(part.length, 'character')}"
            if self._loaded < part.length:
                is_all = self._loaded >= LOADED_CHARACTERS
                words += f" · the first {self._loaded:,} are here; "
                words += "use substr() for what follows" if is_all else "End reads on"
        self._say(words)

    def _say(self, words: str) -> None:
        self.query_one("#cell-facts", Static).update(Content(words))

    def _say_keys(self) -> None:
        keys = ["Esc closes", "y copies"]
        if self._pretty is not None:
            keys.append("j shows it as it is" if self._is_pretty else "j lays out the JSON")
        self._box.border_subtitle = Content(" · ".join(keys))
