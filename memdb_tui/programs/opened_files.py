"""The files that connections say they opened, where no folder was watched."""

from __future__ import annotations

from collections.abc import Iterable

from memdb_tui.files.attribution import touched_file
from memdb_tui.files.probe import look_at
from memdb_tui.model import FileChange, FileEntry, FileKind, FileTouch


def opened_files(touches: Iterable[FileTouch]) -> tuple[FileEntry, ...]:
    """An entry for each file, as it lies there now, oldest first."""
    by_path: dict[str, list[FileTouch]] = {}
    for touch in sorted(touches, key=lambda each: each.at):
        by_path.setdefault(touch.path, []).append(touch)
    return tuple(_entry(path, touched) for path, touched in by_path.items())


def _entry(path: str, touches: list[FileTouch]) -> FileEntry:
    facts = look_at(path)
    why = touched_file(touches)
    is_made = touches[0].existed is False
    gone = FileChange.MADE_AND_REMOVED if is_made else FileChange.REMOVED
    here = FileChange.MADE if is_made else FileChange.OPENED
    return FileEntry(
        path=path,
        kind=FileKind.DATABASE,
        role=why.role,
        change=here if facts.exists else gone,
        size_bytes=facts.size_bytes if facts.exists else None,
        at=touches[0].at,
        made_by=why.made_by,
        string=why.string,
        statement=why.statement,
        evidence=why.evidence,
        reason=why.reason,
        suggestion=why.suggestion,
        was_there=bool(touches[0].existed),
        brief=why.brief,
        opener=why.opener,
    )
