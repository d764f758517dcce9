"""Tables, views and columns of what a connection can see."""

from __future__ import annotations

from dataclasses import replace
from typing import ClassVar

from textual.binding import Binding, BindingType
from textual.message import Message

from memdb_tui.model import DatabaseSchema
from memdb_tui.ui.schema_lines import (
    SchemaListing,
    is_column,
    schema_lines,
    schema_state,
    table_key_of,
    text_to_insert,
)
from memdb_tui.ui.widgets.line_list import LineList

_FOLD_CELLS = 4


class SchemaTree(LineList):
    """A tree two levels deep: tables and views, and their columns."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("right", "unfold", "Columns", show=False, id="schema-tree.unfold"),
        Binding("left", "fold", "Fold", show=False, id="schema-tree.fold"),
        Binding("space", "toggle_table", "Fold or unfold", show=False, id="schema-tree.toggle"),
    ]

    class InsertRequested(Message):
        """A name is wanted in the editor, quoted where SQL needs it."""

        def __init__(self, schema_tree: SchemaTree, text: str) -> None:
            super().__init__()
            self.schema_tree = schema_tree
            self.text = text

        @property
        def control(self) -> SchemaTree:
            """The tree it was chosen in."""
            return self.schema_tree

    def __init__(self, *, id: str | None = None, classes: str | None = None) -> None:  # noqa: A002 - Textual's own name
        super().__init__(id=id, classes=classes)
        self._schema: DatabaseSchema | None = None
        self._listing = SchemaListing()

    def on_mount(self) -> None:
        """The pane has a name before it has anything to show."""
        self.show_titles([("Schema", "")])

    def show_schema(self, schema: DatabaseSchema) -> None:
        """Shows what a connection can see; tables of the same name stay unfolded."""
        self._schema = schema
        self._show()

    def set_filter(self, text: str) -> None:
        """Shows only tables and columns with this text in their name; an empty text shows all."""
        self._listing = replace(self._listing, filter_text=text)
        self._show()

    def text_to_copy(self, key: str) -> str:
        """The name as SQL takes it."""
        return text_to_insert(key)

    def choose(self, key: str) -> None:
        """A name was chosen."""
        self.post_message(self.InsertRequested(self, text_to_insert(key)))

    def press(self, key: str, x: int) -> bool:
        """A click on a table's sign folds or unfolds it."""
        if is_column(key) or x >= _FOLD_CELLS:
            return False
        self.action_toggle_table()
        return True

    def action_unfold(self) -> None:
        """Lists the columns of the table under the cursor."""
        if (key := self.cursor_key) is not None:
            self._set_open(self._listing.open_tables | {table_key_of(key)})

    def action_fold(self) -> None:
        """Folds the table under the cursor, or the one whose column is under it."""
        if (key := self.cursor_key) is not None:
            self.move_cursor(table_key_of(key))
            self._set_open(self._listing.open_tables - {table_key_of(key)})

    def action_toggle_table(self) -> None:
        """Folds or unfolds the table under the cursor."""
        if (key := self.cursor_key) is not None:
            is_open = table_key_of(key) in self._listing.open_tables
            (self.action_fold if is_open else self.action_unfold)()

    def _set_open(self, keys: frozenset[str]) -> None:
        self._listing = replace(self._listing, open_tables=keys)
        self._show()

    def _show(self) -> None:
        if self._schema is None:
            return
        self.show_lines(schema_lines(self._schema, self._listing))
        note = "Enter inserts · → columns" if self._schema.tables else ""
        self.show_titles([("Schema", schema_state(self._schema)), ("Schema", "")], note)
