"""What stays the same while this process lives, told once in every picture."""

from __future__ import annotations

import os
import sqlite3
import sys
import time
from dataclasses import replace
from pathlib import Path

from memdb_tui.host.engines import sqlalchemy_version
from memdb_tui.host.modes import HAS_MANUAL_MODE
from memdb_tui.model import HostFacts
from memdb_tui.probe.native import native_problem


class FactsOfHost:
    """The facts, the same object until SQLAlchemy is imported: its version is known only then.

    Args:
        facts: As they are now.
    """

    def __init__(self, facts: HostFacts) -> None:
        self._facts = facts

    def now(self) -> HostFacts:
        """The facts as they are now."""
        version = sqlalchemy_version()
        if version != self._facts.sqlalchemy_version:
            self._facts = replace(self._facts, sqlalchemy_version=version)
        return self._facts


def host_facts() -> FactsOfHost:
    """Ask this process."""
    return FactsOfHost(
        HostFacts(
            pid=os.getpid(),
            cwd=str(Path.cwd()),
            python_version=".".join(map(str, sys.version_info[:3])),
            sqlite_version=sqlite3.sqlite_version,
            sqlalchemy_version=sqlalchemy_version(),
            temporary_folders=temporary_folders(),
            has_manual_mode=HAS_MANUAL_MODE,
            native=native_problem(),
            started_at=time.time(),
        )
    )


def temporary_folders() -> tuple[str, ...]:
    """Where SQLite puts temporary files, in the order it tries them; only folders that can be written.

    Source: https://sqlite.org/tempfiles.html#temporary_file_storage_locations
    """
    wanted = [os.environ.get("SQLITE_TMPDIR"), os.environ.get("TMPDIR"), "/var/tmp", "/usr/tmp", "/tmp", "."]  # noqa: S108 - SQLite's own list
    found: list[str] = []
    for folder in wanted:
        if folder and Path(folder).is_dir() and os.access(folder, os.W_OK | os.X_OK):
            real = os.path.realpath(folder)
            if real not in found:
                found.append(real)
    return tuple(found)
