"""In what two databases differ, as lines: pure, from values."""

from __future__ import annotations

from dataclasses import replace

from memdb_tui.model import Cell, CellKind, ConnectionId
from memdb_tui.model.comparison import Change, Comparison, RowDifference, SchemaDifference, TableComparison
from memdb_tui.ui.comparison_lines import comparison_rows, comparison_text
from memdb_tui.ui.rows import lay_out


def whole(text: str) -> Cell:
    return Cell(CellKind.INTEGER, text, 0, is_whole=True)


def words(text: str) -> Cell:
    return Cell(CellKind.TEXT, text, len(text), is_whole=True)


SAME = TableComparison("logs", None, ("rowid",), ("x",), (), (), 0, 0, 0, (), "", "")
USERS = TableComparison(
    "users",
    None,
    ("id",),
    ("id", "name"),
    (),
    ("age",),
    1,
    1,
    2,
    (
        RowDifference(Change.ADDED, (whole("4"),), (), (whole("4"), words("Kay"))),
        RowDifference(Change.REMOVED, (whole("1"),), (whole("1"), words("Ada")), ()),
        RowDifference(Change.CHANGED, (whole("2"),), (whole("2"), words("Bob")), (whole("2"), words("Rob\n"))),
    ),
    "",
    "",
)
INDEX = SchemaDifference("index", "by_name", Change.ADDED, "", "CREATE INDEX by_name ON users (name)")


def compared(*tables: TableComparison, schema: tuple[SchemaDifference, ...] = ()) -> Comparison:
    return Comparison(ConnectionId("c1"), ConnectionId("c2"), schema, tables, 0.01)


def shown(comparison: Comparison) -> list[str]:
    return ["".join(span.text for span in lay_out(row, 100)).rstrip() for row in comparison_rows(comparison)]


def test_what_is_the_same_is_said_in_one_line() -> None:
    assert shown(compared(SAME)) == ["The two are the same: schema, and every row of 1 table."]


def test_a_table_says_how_many_rows_were_added_removed_and_changed() -> None:
    lines = shown(compared(SAME, USERS))
    assert lines[0] == "users  +1  −1  ±2"
    assert "    columns only in the second: age" in lines
    assert lines[-1] == "The same in both: logs"


def test_a_row_shows_its_key_and_what_changed_of_it() -> None:
    lines = shown(compared(USERS))
    assert "    + id=4  name: 'Kay'" in lines
    assert "    − id=1  name: 'Ada'" in lines
    assert "    ± id=2  name: 'Bob' → 'Rob⏎'" in lines
    assert "    and 1 more row" in lines


def test_the_schema_comes_first_with_its_sql() -> None:
    lines = shown(compared(USERS, schema=(INDEX,)))
    assert lines[:3] == [
        "Schema",
        "  + index by_name added",
        "      + CREATE INDEX by_name ON users (name)",
    ]


def test_what_was_not_compared_is_never_the_same() -> None:
    virtual = TableComparison("docs", None, (), (), (), (), 0, 0, 0, (), "It is a virtual table.", "")
    assert "    It is a virtual table." in shown(compared(virtual))


def test_the_text_to_copy_says_the_same() -> None:
    assert "users +1 −1 ±2" in comparison_text(compared(USERS))


def test_where_several_tables_differ_all_are_named_before_the_rows_of_the_first() -> None:
    lines = shown(compared(USERS, replace(USERS, name="orders", rows_added=7)))
    assert lines[:2] == ["users  +1  −1  ±2", "orders  +7  −1  ±2"]
    assert lines.count("users  +1  −1  ±2") == 2
