"""What there is of a database on disk: its main file, and what SQLite puts beside it."""

from __future__ import annotations

import os

from memdb_tui.model import FileKind

_COMPANIONS = {"-journal": FileKind.JOURNAL, "-wal": FileKind.WAL, "-shm": FileKind.SHARED_MEMORY}
"""By https://sqlite.org/tempfiles.html."""


def files_on_disk(main_file: str) -> tuple[tuple[str, FileKind], ...]:
    """The files of a database that are there now, by path and kind, the main file first."""
    names = ((main_file, FileKind.DATABASE), *((f"{main_file}{end}", kind) for end, kind in _COMPANIONS.items()))
    return tuple((path, kind) for path, kind in names if os.path.lexists(path))
