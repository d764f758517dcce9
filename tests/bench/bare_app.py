"""What Textual itself costs: an app of the same kinds of widgets, with nothing in them and nothing behind them."""

from __future__ import annotations

from textual.app import App, ComposeResult
from textual.containers import Horizontal
from textual.widgets import DataTable, Footer, Header, TextArea, Tree


class BareApp(App[None]):
    """Header, two editors over two tables, a tree, a list, a footer."""

    CSS = "TextArea, DataTable, Tree { border: round gray; width: 1fr; height: 1fr; }"
    BINDINGS = [("ctrl+q", "quit", "Quit"), ("ctrl+r", "run", "Run")]  # noqa: RUF012 - Textual's own form

    def compose(self) -> ComposeResult:
        yield Header()
        with Horizontal():
            yield TextArea("SELECT 1;")
            yield TextArea("SELECT 2;")
        with Horizontal():
            yield DataTable()
            yield DataTable()
        with Horizontal():
            yield Tree("caches")
            yield DataTable()
        yield Footer()

    def on_mount(self) -> None:
        for number, table in enumerate(self.query(DataTable)):
            table.add_columns("id", "name")
            table.add_rows([(row, f"table {number} row {row}") for row in range(5)])
        tree = self.query_one(Tree)
        tree.root.expand()
        tree.root.add_leaf("both tables are there")
        for editor in self.query(TextArea):
            editor.cursor_blink = False


if __name__ == "__main__":
    BareApp().run()
