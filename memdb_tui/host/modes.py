"""When a transaction begins, as sqlite3's own attributes say it."""

from __future__ import annotations

import sqlite3
import sys

from memdb_tui.model import TransactionMode

HAS_MANUAL_MODE = sys.version_info >= (3, 12)
"""This Python knows `autocommit=False`."""


def apply_mode(raw: sqlite3.Connection, mode: TransactionMode) -> None:
    """Set sqlite3's attributes for a mode; a transaction that is open is committed.

    Source: https://docs.python.org/3/library/sqlite3.html#transaction-control
    """
    if sys.version_info >= (3, 12):
        if mode is TransactionMode.MANUAL:
            raw.autocommit = False
            return
        # By way of True: from False straight to the legacy way the open transaction would stay.
        raw.autocommit = True
        raw.autocommit = sqlite3.LEGACY_TRANSACTION_CONTROL  # type: ignore[assignment]  # typeshed: bool only
    raw.isolation_level = None if mode is TransactionMode.AUTOCOMMIT else ""  # type: ignore[assignment]  # typeshed: not ""
