"""Tables, views and columns of one connection, live, narrowed by typing."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import ClassVar

from textual import on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical
from textual.content import Content
from textual.widgets import Input, Static

from memdb_tui.errors import MemdbError
from memdb_tui.model import DatabaseSchema
from memdb_tui.ui.screens.modal import Modal
from memdb_tui.ui.widgets.footer_bar import FooterKey
from memdb_tui.ui.widgets.schema_tree import SchemaTree
from memdb_tui.ui.wording import count, printable


class FindTablesScreen(Modal[str]):
    """Shows what a connection can see; the answer is a name to put into the editor.

    Args:
        title: Whose tables these are.
        read: Reads them; waits while the connection is busy.
    """

    DEFAULT_CSS = """
    FindTablesScreen {
        & > .modal-box {
            width: 80; max-width: 94%; height: 80%; min-height: 14;
            padding: 0 1;
        }
        & Input { border: round $border-blurred; background: $background; height: 3; }
        & Input:focus { border: round $border; background-tint: $background 0%; }
        & SchemaTree { height: 1fr; border: none; }
        & SchemaTree:focus { border: none; }
        & Static { height: auto; color: $muted; padding: 0 1; }
    }
    """
    KEYS: ClassVar[tuple[FooterKey, ...]] = (
        FooterKey("Enter", "insert the name", "insert"),
        FooterKey("↓", "to the list", "to_tree"),
        FooterKey("→", "unfold", "unfold"),
        FooterKey("^R", "read again", "read_again"),
        FooterKey("Esc", "leave", "leave"),
    )
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("down", "to_tree", "To the list", show=False, id="find.down"),
        Binding("ctrl+r", "read_again", "Read again", show=False, id="find.again", priority=True),
    ]

    def __init__(self, title: str, read: Callable[[], Awaitable[DatabaseSchema]]) -> None:
        super().__init__()
        self._title = title
        self._read = read

    def compose_content(self) -> ComposeResult:
        """What to look for, what there is."""
        with Vertical(classes="modal-box") as box:
            box.border_title = Content(printable(self._title))
            box.border_subtitle = "live"
            field = Input(placeholder="type to narrow: a table or a column")
            field.cursor_blink = False
            yield field
            yield Static("reading…")
            yield SchemaTree()

    def on_mount(self) -> None:
        """Reads at once; waits for a busy connection without stopping the screen."""
        self.read_again()

    def run_ended(self) -> None:
        """Tables may have come or gone."""
        if self.query(SchemaTree):
            # Else it has yet to read them.
            self.read_again()

    def read_again(self) -> None:
        """Reads the tables again, because something was run."""
        self.run_worker(self._show(), exclusive=True, exit_on_error=True)

    def action_read_again(self) -> None:
        """Reads the tables again."""
        self.read_again()

    def action_insert(self) -> None:
        """Takes the name under the cursor."""
        self.query_one(SchemaTree).action_choose()

    def action_unfold(self) -> None:
        """Shows the columns of the table under the cursor."""
        self.query_one(SchemaTree).action_unfold()

    def action_to_tree(self) -> None:
        """From the line to the list."""
        self.query_one(SchemaTree).focus()

    @on(Input.Changed)
    def _narrowed(self, event: Input.Changed) -> None:
        event.stop()
        self.query_one(SchemaTree).set_filter(event.value)

    @on(Input.Submitted)
    def _entered(self, event: Input.Submitted) -> None:
        event.stop()
        self.query_one(SchemaTree).action_choose()

    @on(SchemaTree.InsertRequested)
    def _inserted(self, event: SchemaTree.InsertRequested) -> None:
        event.stop()
        self.dismiss(event.text)

    async def _show(self) -> None:
        words = self.query_one(Static)
        words.update("reading… a busy connection answers when its statement is over")
        try:
            schema = await self._read()
        except MemdbError as error:
            words.update(Content(f"× {printable(str(error))} {printable(error.hint)}"))
            return
        tables = sum(1 for t in schema.tables if t.kind != "view")
        views = len(schema.tables) - tables
        words.update(f"{count(tables, 'table')}, {count(views, 'view')}")
        self.query_one(SchemaTree).show_schema(schema)
