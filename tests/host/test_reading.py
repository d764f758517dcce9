"""Rows kept in pages, handed out in windows."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator

import pytest
from hypothesis import given
from hypothesis import strategies as st

from memdb_tui.errors import QueryError
from memdb_tui.host.reading import MOST_ROWS, PageReader
from memdb_tui.host.results import WINDOW_BYTES, ResultRows
from memdb_tui.probe.native import sharers
from memdb_tui.protocol.values import cell_of

COUNT = "WITH RECURSIVE c(x) AS (SELECT 1 UNION ALL SELECT x+1 FROM c WHERE x<{}) "
VALUES = st.none() | st.integers(-(2**63), 2**63 - 1) | st.floats(allow_nan=False) | st.text() | st.binary()


@pytest.fixture
def raw() -> Iterator[sqlite3.Connection]:
    connection = sqlite3.connect(":memory:")
    yield connection
    connection.close()


@given(
    pages=st.lists(st.lists(st.tuples(VALUES, VALUES, VALUES), min_size=1, max_size=5), max_size=8),
    first_row=st.integers(0, 45),
    row_count=st.integers(-1, 45),
    first_column=st.integers(0, 4),
    column_count=st.none() | st.integers(-1, 5),
)
def test_a_window_is_the_rectangle_it_names(
    pages: list[list[tuple[object, ...]]],
    first_row: int,
    row_count: int,
    first_column: int,
    column_count: int | None,
) -> None:
    rows = ResultRows()
    for page in pages:
        rows.append(page)
    whole = [row for page in pages for row in page]
    assert rows.row_count == len(whole)
    last = None if column_count is None else first_column + max(0, column_count)
    wanted = tuple(
        tuple(cell_of(value) for value in row[first_column:last])
        for row in whole[first_row : first_row + max(0, row_count)]
    )
    assert rows.window(first_row, row_count, first_column=first_column, column_count=column_count) == wanted


def test_a_window_of_long_cells_stays_within_its_bytes_and_never_comes_empty() -> None:
    rows = ResultRows()
    for _ in range(10):
        rows.append([("x" * 1024,) * 100] * 2)
    window = rows.window(0, 20)
    assert 1 <= len(window) < 20
    assert sum(len(cell.text) for row in window for cell in row) <= WINDOW_BYTES
    rows.append([("y" * 2000,) * 2000])
    assert len(rows.window(20, 5)) == 1


def test_a_window_over_huge_values_unpacks_a_few_alone() -> None:
    rows = ResultRows()
    for _ in range(10):
        rows.append([(bytes(5 << 20),)])
    assert len(rows.window(0, 10)) == 2
    assert len(rows.window(9, 10)) == 1


def test_the_first_page_is_one_row_and_none_is_too_long(raw: sqlite3.Connection) -> None:
    reader = PageReader(raw, raw.execute(COUNT.format(3000) + "SELECT x FROM c"))
    sizes, seen = [], []
    while page := reader.next(1 << 30):
        sizes.append(len(page))
        seen += [row[0] for row in page]
        reader.learn(10 * len(page))
    assert sizes[0] == 1
    assert max(sizes) <= MOST_ROWS
    assert seen == list(range(1, 3001))


def test_pages_of_large_rows_are_short(raw: sqlite3.Connection) -> None:
    reader = PageReader(
        raw, raw.execute(COUNT.format(2000) + "SELECT zeroblob(CASE WHEN x<1000 THEN 1 ELSE 300000 END) FROM c")
    )
    rows, largest_page, count = ResultRows(), 0, 0
    while count < 1500 and (page := reader.next(1 << 30)):
        size = rows.append(page)
        reader.learn(size)
        count += len(page)
        # A page has half as many rows as the one before, down to one.
        if count > 1000 + 2 * MOST_ROWS:
            largest_page = max(largest_page, size)
    assert 0 < largest_page <= 2 * 300_000


@pytest.mark.parametrize("bad", [(1,), (1, 2), (33, 34, 99, 100), tuple(range(1, 101))])
def test_text_that_is_not_utf8_is_read_on_from_its_own_row(raw: sqlite3.Connection, bad: tuple[int, ...]) -> None:
    marks = ",".join(map(str, bad))
    sql = f"SELECT x, CASE WHEN x IN ({marks}) THEN CAST(x'ff' AS TEXT) ELSE 'é' END FROM c"
    reader = PageReader(raw, raw.execute(COUNT.format(100) + sql))
    seen = []
    while page := reader.next(1 << 30):
        seen += page
        reader.learn(10)
    assert seen == [(x, "\udcff" if x in bad else "é") for x in range(1, 101)]


def test_an_error_comes_after_the_rows_before_it(raw: sqlite3.Connection) -> None:
    sql = "SELECT CASE WHEN x < 40 THEN x ELSE abs(-9223372036854775807 - 1) END FROM c"
    reader = PageReader(raw, raw.execute(COUNT.format(100) + sql))
    seen: list[object] = []
    while len(seen) < 38:
        seen += [row[0] for row in reader.next(1 << 30)]
        reader.learn(10)
    # sqlite3 itself drops the row before the one that fails.
    assert seen == list(range(1, 39))
    with pytest.raises(sqlite3.OperationalError, match="integer overflow"):
        reader.next(1 << 30)
    assert reader.has_more()


def test_whether_more_follows_is_known(raw: sqlite3.Connection) -> None:
    reader = PageReader(raw, raw.execute("SELECT 1 UNION ALL SELECT 2"))
    assert reader.next(1) == [(1,)]
    assert reader.has_more()
    assert not reader.has_more()


def test_a_cell_that_is_not_there_is_refused() -> None:
    with pytest.raises(QueryError, match="row 1, column 1"):
        ResultRows().part(0, 0, offset=0, size=1)


@given(whole=st.integers(0, 10**7), number=st.integers(1, 2000))
def test_the_number_of_sharers_is_right_or_not_known(whole: int, number: int) -> None:
    found = sharers(whole, whole // number)
    assert found in {None, number}
    if whole >= number * (number + 1):
        assert found == number
