"""Tables, views and columns; and the names they put into the editor."""

from __future__ import annotations

import sqlite3
from contextlib import closing

import pytest
from hypothesis import given
from hypothesis import strategies as st
from textual.app import App, ComposeResult

from memdb_tui.model import ConnectionId, DatabaseSchema, Table, TableColumn
from memdb_tui.sql.tokens import KEYWORDS
from memdb_tui.ui.rows import lay_out
from memdb_tui.ui.schema_lines import (
    SchemaListing,
    column_key,
    schema_lines,
    schema_state,
    sql_name,
    table_key,
    text_to_insert,
)
from memdb_tui.ui.theme import THEMES
from memdb_tui.ui.widgets.schema_tree import SchemaTree


def column(name: str, declared_type: str = "", **marks: bool) -> TableColumn:
    return TableColumn(
        name=name,
        declared_type=declared_type,
        is_primary_key=marks.get("key", False),
        is_not_null=marks.get("required", False),
        is_generated=marks.get("generated", False),
    )


USERS = Table(
    "main",
    "users",
    "table",
    (
        column("id", "INTEGER", key=True),
        column("name", "TEXT", required=True),
        column("a[b]", generated=True),
    ),
    "",
)
ADULTS = Table("main", "adults", "view", (column("name", "TEXT"),), "")
BROKEN = Table("main", "broken", "view", (), "no such table: main.gone")
ORDER = Table("aux", "order", "table", (column("n"),), "")


def schema_of(*tables: Table) -> DatabaseSchema:
    return DatabaseSchema(ConnectionId("c1"), tables)


def texts(schema: DatabaseSchema, *open_tables: Table, filter_text: str = "", width: int = 50) -> list[str]:
    listing = SchemaListing(frozenset(table_key(table) for table in open_tables), filter_text)
    return [
        "".join(span.text for span in lay_out(line.build(), width)).rstrip() for line in schema_lines(schema, listing)
    ]


def test_an_open_table_lists_its_columns_with_type_and_marks() -> None:
    assert texts(schema_of(USERS, ADULTS), USERS) == [
        "▼ ▦ users                                3 columns",
        "    id                                 PK  INTEGER",
        "    name                         NOT NULL  TEXT",
        "    a[b]                        generated  any",
        "► ◇ adults                         view · 1 column",
    ]


def test_several_databases_are_told_apart() -> None:
    assert [text.split()[0] for text in texts(schema_of(ADULTS, ORDER))] == ["main", "►", "aux", "►"]
    assert texts(schema_of(ORDER))[0] == "aux"
    assert texts(schema_of(ADULTS))[0].startswith("►")


def test_a_table_that_cannot_be_read_shows_why() -> None:
    assert texts(schema_of(BROKEN)) == ["► ◇ broken" + " " * 36 + "view", "    × no such table: main.gone"]
    styles = [part.style for line in schema_lines(schema_of(BROKEN), SchemaListing()) for part in line.build().left]
    assert styles.count("bold $error") == 2


def test_no_table_says_so_and_what_next() -> None:
    assert texts(schema_of())[0] == " No tables yet."
    assert any("CREATE TABLE" in text for text in texts(schema_of()))
    assert schema_state(schema_of()) == "0 tables"
    assert schema_state(schema_of(USERS, ADULTS)) == "1 table · 1 view"


def test_a_filter_shows_tables_by_name_and_columns_within_others() -> None:
    schema = schema_of(USERS, ADULTS, ORDER)
    assert [text.split()[:3] for text in texts(schema, filter_text="NAME")] == [
        ["main"],
        ["▼", "▦", "users"],
        ["name", "NOT", "NULL"],
        ["▼", "◇", "adults"],
        ["name", "TEXT"],
    ]
    assert [text.split()[:3] for text in texts(schema, filter_text=" use ")] == [["main"], ["►", "▦", "users"]]
    assert texts(schema, filter_text="zzz") == ["Nothing here has “zzz” in its name."]


NAMES = st.one_of(
    st.sampled_from(sorted(KEYWORDS)),
    st.text(st.characters(exclude_characters="\0", exclude_categories=["Cs"]), min_size=1),
)


@given(NAMES)
def test_a_name_reads_back_from_sql_as_itself(name: str) -> None:
    with closing(sqlite3.connect(":memory:")) as connection:
        cursor = connection.execute(f"SELECT 1 AS {sql_name(name)}")
        assert cursor.description[0][0] == name


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("users", "users"),
        ("naïve", "naïve"),
        ("order", '"order"'),
        ("my table", '"my table"'),
        ('a"b', '"a""b"'),
        ("1x", '"1x"'),
    ],
)
def test_only_names_that_need_it_are_quoted(name: str, expected: str) -> None:
    assert sql_name(name) == expected


def test_a_table_of_another_database_is_inserted_with_its_schema() -> None:
    assert text_to_insert(table_key(USERS)) == "users"
    assert text_to_insert(table_key(ORDER)) == 'aux."order"'
    assert text_to_insert(column_key(ORDER, ORDER.columns[0])) == "n"


class TreeApp(App[None]):
    """The tree, and what it wants inserted."""

    def __init__(self) -> None:
        super().__init__()
        for theme in THEMES:
            self.register_theme(theme)
        self.theme = "memdb-light"
        self.inserted: list[str] = []

    def compose(self) -> ComposeResult:
        yield SchemaTree()

    def on_mount(self) -> None:
        self.tree_.show_schema(schema_of(USERS, ADULTS, ORDER))

    @property
    def tree_(self) -> SchemaTree:
        return self.query_one(SchemaTree)

    def on_schema_tree_insert_requested(self, message: SchemaTree.InsertRequested) -> None:
        assert message.control is self.tree_
        self.inserted.append(message.text)


async def test_keys_unfold_a_table_and_insert_names() -> None:
    app = TreeApp()
    async with app.run_test(size=(60, 20)) as pilot:
        await pilot.press("enter", "right", "down", "down", "enter", "left")
        assert app.inserted == ["users", "name"]
        assert app.tree_.cursor_key == table_key(USERS)
        assert len(app.tree_.lines) == 5
        await pilot.press("space")
        assert len(app.tree_.lines) == 8
        await pilot.press("end", "enter")
        assert app.inserted[-1] == 'aux."order"'


async def test_a_new_schema_keeps_what_is_unfolded_and_the_cursor() -> None:
    app = TreeApp()
    async with app.run_test(size=(60, 20)) as pilot:
        await pilot.press("right", "down")
        app.tree_.show_schema(schema_of(BROKEN, USERS))
        assert app.tree_.cursor_key == column_key(USERS, USERS.columns[0])
        app.tree_.set_filter("na")
        assert [line.key for line in app.tree_.lines if line.is_selectable] == [
            table_key(USERS),
            column_key(USERS, USERS.columns[1]),
        ]
        app.tree_.set_filter("")
        assert len(app.tree_.lines) == 6


async def test_a_click_on_the_sign_unfolds_and_a_double_click_on_the_name_inserts() -> None:
    app = TreeApp()
    async with app.run_test(size=(60, 20)) as pilot:
        await pilot.click(SchemaTree, offset=(2, 2))
        assert len(app.tree_.lines) == 8
        await pilot.click(SchemaTree, offset=(2, 2))
        assert len(app.tree_.lines) == 5
        await pilot.double_click(SchemaTree, offset=(8, 3))
        assert app.inserted == ["adults"]
