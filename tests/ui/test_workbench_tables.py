"""Tables, views and columns of a pane's database on one key, live."""

from __future__ import annotations

from pathlib import Path

from driving import ENDLESS_ROWS_SQL, RAW_SHARED, program

from memdb_tui.model import ConnectionId, DatabaseSchema
from memdb_tui.ui.screens.find_tables import FindTablesScreen
from memdb_tui.ui.widgets.schema_tree import SchemaTree

A = RAW_SHARED.format("a")


async def test_tables_views_and_their_columns_are_one_key_away(folder: Path) -> None:
    async with program(A) as it:
        await it.run(
            'CREATE TABLE users (id INTEGER PRIMARY KEY, "full name" TEXT); CREATE VIEW old AS SELECT 1 AS one'
        )
        await it.press("ctrl+f")
        await it.modal("Tables that c1 sees", "1 table, 1 view", "users", "2 columns", "old")
        tree = it.app.screen.query_one(SchemaTree)
        before = it.text_of(tree)
        assert "full name" not in before
        assert "one" not in before.split()
        await it.press("down")
        for name, columns in (("users", ("id PK INTEGER", "full name TEXT")), ("old", ("one",))):
            key = next(line.key for line in tree.lines if name in line.key)
            tree.move_cursor(key)
            await it.press("right")
            await it.shows(*columns, within=tree)
            await it.press("left")
            await it.until(lambda columns=columns: columns[0].split()[-1] not in it.text_of(tree).split())


async def test_a_table_that_another_connection_makes_appears_while_the_list_is_open(folder: Path) -> None:
    async with program(A, A) as it:
        await it.press("ctrl+f")
        await it.modal("Tables that c1 sees", "0 tables, 0 views")
        assert it.app.bridge is not None
        run = it.app.bridge.new_run()
        await it.app.bridge.session.execute(run, ConnectionId("c2"), "CREATE TABLE theirs (x)")
        await it.shows("1 table, 0 views", "theirs")


async def test_typing_narrows_and_enter_puts_the_name_into_the_editor(folder: Path) -> None:
    async with program(A) as it:
        await it.run('CREATE TABLE users (x); CREATE TABLE "odd name" (y); CREATE TABLE zebra (z)')
        it.write("SELECT * FROM ")
        it.pane.editor.move_cursor((0, 14))
        await it.press("ctrl+f")
        await it.modal("3 tables, 0 views")
        await it.type("odd")
        await it.until(lambda: "zebra" not in it.text().split("Tables that")[1].split("Connections")[0])
        await it.press("enter")
        await it.modal_gone()
        assert it.pane.editor.text == 'SELECT * FROM "odd name"'
        assert it.pane.editor.has_focus


async def test_a_table_made_while_the_list_is_open_appears(folder: Path) -> None:
    async with program(A) as it:
        await it.begin(f"CREATE TABLE late AS SELECT max(i) AS x FROM ({ENDLESS_ROWS_SQL} LIMIT 1000000); SELECT 1")
        await it.press("ctrl+f")
        await it.modal("Tables that c1 sees")
        await it.over()
        await it.shows("1 table, 0 views", "late")


async def test_a_run_that_ends_before_the_list_is_there_does_no_harm(folder: Path) -> None:
    async with program(A) as it:

        async def read() -> DatabaseSchema:
            assert it.app.bridge is not None
            return await it.app.bridge.session.schema(ConnectionId("c1"))

        screen = FindTablesScreen("Tables that c1 sees", read)
        it.app.push_screen(screen)
        screen.run_ended()
        await it.modal("Tables that c1 sees", "0 tables, 0 views")


async def test_a_column_is_found_by_its_name(folder: Path) -> None:
    async with program(A) as it:
        await it.run("CREATE TABLE users (shoe_size); CREATE TABLE zebra (z)")
        await it.press("ctrl+f")
        await it.modal("2 tables, 0 views")
        await it.type("shoe")
        await it.shows("shoe_size")


async def test_a_busy_connection_answers_when_its_statement_is_over(folder: Path) -> None:
    async with program(A) as it:
        await it.run("CREATE TABLE users (x)")
        await it.begin(f"SELECT max(i) FROM ({ENDLESS_ROWS_SQL})")
        await it.press("ctrl+f")
        await it.modal("Tables that c1 sees", "reading")
        await it.press("escape")
        await it.modal_gone()
        await it.press("ctrl+c")
        await it.over()
        await it.press("ctrl+f")
        await it.modal("users")
