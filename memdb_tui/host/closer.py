"""Closing connections, each on its owner's thread."""

from __future__ import annotations

import contextlib
import sqlite3
from collections.abc import Callable

from memdb_tui.host.connection import HostConnection
from memdb_tui.host.directory import Directory
from memdb_tui.host.lookout import Lookout
from memdb_tui.model import Closing


class Closer:
    """Takes connections out of the picture and closes them; its methods are called by their owners.

    Args:
        directory: Where they are known.
        lookout: What knows their caches.
        on_change: Called when the picture has changed.
    """

    def __init__(self, directory: Directory, lookout: Lookout, on_change: Callable[[], None]) -> None:
        self._directory = directory
        self._lookout = lookout
        self._on_change = on_change

    def close_or_return(self, connection: HostConnection) -> Closing:
        """Close a connection, or give one of its checkouts back to its pool while it has others."""
        if len(connection.checkout_list) > 1 and not connection.closed:
            connection.checkout_list.pop().close()
            self._on_change()
            left = len(connection.checkout_list)
            return Closing(
                closed=False,
                message=f"One checkout of {connection.id} went back to its pool; {left} left, still open.",
            )
        self.remove(connection)
        self._directory.end_if_idle(connection.owner)
        self._on_change()
        return Closing(closed=True, message=f"{connection.id} is closed.")

    def remove(self, connection: HostConnection) -> None:
        """Really close the sqlite3 connection, pool or not, and forget it."""
        # Out of the picture first: once it is closed, SQLite may use the address of its pager for another cache.
        left = self._lookout.leave(connection.id)
        for checkout in connection.checkout_list:
            with contextlib.suppress(Exception):  # its pool may have closed or dropped it already
                checkout.detach()
        connection.checkout_list.clear()
        with contextlib.suppress(sqlite3.Error), connection.guard():
            connection.raw.close()
        self._lookout.miscounted(left)
        self._directory.remove(connection)
        engine = connection.engine
        if engine is not None and not self._directory.of_engine(engine):
            engine.engine.dispose()
