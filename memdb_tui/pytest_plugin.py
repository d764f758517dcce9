"""The pytest plugin: options and fixtures. Nothing else of memdb-tui is imported until one of them is used."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from sqlalchemy import Engine

    from memdb_tui.pytesting.session import MemdbSession


def pytest_addoption(parser: pytest.Parser) -> None:
    """Add the options."""
    group = parser.getgroup("memdb-tui", "in-memory SQLite databases")
    group.addoption(
        "--memdb-inspect",
        action="store_true",
        help="When a test fails, open memdb-tui on this process, with its databases still alive.",
    )
    group.addoption(
        "--memdb-no-stray",
        action="store_true",
        help="Fail a test that leaves a file on disk although its connection string says memory.",
    )


def pytest_load_initial_conftests(early_config: pytest.Config) -> None:
    """Begin to record before the first conftest.py is imported."""
    given = early_config.known_args_namespace
    if given.memdb_no_stray or given.memdb_inspect:
        from memdb_tui.pytesting.recording import start_recording  # noqa: PLC0415 - only when asked

        start_recording()


def pytest_configure(config: pytest.Config) -> None:
    """Add the hooks of the options that were given."""
    if config.option.memdb_inspect:
        from memdb_tui.pytesting.on_failure import add_inspecting  # noqa: PLC0415 - only when asked

        add_inspecting(config)
    if config.option.memdb_no_stray:
        from memdb_tui.pytesting.no_stray import add_stray_check  # noqa: PLC0415 - only when asked

        add_stray_check(config)


@pytest.fixture
def named_memory_db(request: pytest.FixtureRequest) -> Iterator[Engine]:
    """A SQLAlchemy engine on a shared in-memory database of its own, which lives as long as the test.

    Every connection of the engine sees the same tables, in any thread. `engine.dispose()` does not empty the
    database. `engine.url` opens the same database elsewhere in this process. After the test the database is gone.
    """
    pytest.importorskip("sqlalchemy", reason="named_memory_db gives a SQLAlchemy engine: install SQLAlchemy.")
    from memdb_tui.pytesting.named_database import named_engine  # noqa: PLC0415 - only when asked

    if "memdb_session" in request.fixturenames:
        from memdb_tui.pytesting.recording import start_recording  # noqa: PLC0415 - only when asked

        # What keeps the database is to be known as ours, whichever of the two comes first.
        start_recording()
    with named_engine() as engine:
        yield engine


@pytest.fixture
def memdb_session() -> MemdbSession:
    """What is known of this process's SQLite connections: `connections`, `caches`, `files`, `leaks`, `died`.

    Each is asked anew at every access; `report()` gives all of them at one moment. Connections that were closed
    before the test are left out.
    """
    from memdb_tui.pytesting.session import MemdbSession  # noqa: PLC0415 - only when asked

    return MemdbSession()
