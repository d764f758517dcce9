"""Imitates `sqlite3.connect` in all the ways there are: what stands in its place must be imitated as it is."""

import inspect
import sqlite3
from collections.abc import Callable
from unittest import mock


def said(name: str, work: Callable[[], object]) -> None:
    """Print what comes of it."""
    try:
        print(name, work())
    except Exception as error:  # noqa: BLE001 - whatever it is, it must be the same
        print(name, type(error).__name__, error)


@mock.patch("sqlite3.connect", autospec=True)
def patched(connect: mock.Mock) -> tuple[object, int]:
    """Called as it is, and as it is not."""
    connect.return_value = "imitated"
    sqlite3.connect("a.db", timeout=3)
    connect.assert_called_once_with("a.db", timeout=3)
    return sqlite3.connect("b.db"), connect.call_count


said("patch", patched)
said("spec", lambda: sorted(name for name in dir(mock.Mock(spec=sqlite3.connect)) if not hasattr(mock.Mock(), name)))
said("autospec", lambda: mock.create_autospec(sqlite3.connect)("a") is not None)
said("module", lambda: mock.create_autospec(sqlite3).connect("c.db") is not None)
said("wraps", lambda: mock.Mock(wraps=sqlite3.connect)(":memory:").execute("select 1").fetchone())
said("dir", lambda: dir(sqlite3.connect))
said("signature", lambda: inspect.signature(sqlite3.connect))
with mock.patch.object(sqlite3, "connect", wraps=sqlite3.connect) as wrapped:
    sqlite3.connect(":memory:").close()
    said("calls", lambda: wrapped.call_args_list)
