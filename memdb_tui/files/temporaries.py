"""SQLite's own temporary files: shown when something speaks for this session, and only then."""

from __future__ import annotations

from collections.abc import Iterator

from memdb_tui.files.attribution import temporary_file
from memdb_tui.files.record import Record
from memdb_tui.files.running import RunningHistory
from memdb_tui.model import Evidence, FileEntry, FileKind, Snapshot

MOST_TEMPORARY = 200
"""The newest so many are kept."""

_DOUBT_SECONDS = 2.0
"""How long a file waits for a snapshot that tells who was running when it appeared."""


class TemporaryFiles:
    """The `etilqs_*` files of this session, and for a moment those that may turn out to be."""

    def __init__(self) -> None:
        self._running = RunningHistory()
        self._shown: dict[str, Record] = {}
        self._doubtful: dict[str, tuple[Record, bool]] = {}
        """Files whose connection is not known yet, if any; and whether the host held them."""

    def __iter__(self) -> Iterator[str]:
        """The paths of the files shown."""
        return iter(self._shown)

    def entries(self) -> list[FileEntry]:
        """The files shown, in no order."""
        return [record.entry(record.attribution) for record in self._shown.values() if record.attribution]

    def get(self, path: str) -> Record | None:
        """The record of a file shown."""
        return self._shown.get(path)

    def find(self, path: str) -> Record | None:
        """The record of a file shown or in doubt."""
        return self._shown.get(path) or self._doubtful.get(path, (None, False))[0]

    def take_snapshot(self, snapshot: Snapshot, at: float) -> bool:
        """Learn who runs what; True when this settled a doubt."""
        self._running.take(snapshot, at)
        doubtful, self._doubtful = self._doubtful, {}
        settled = [
            self._decide(record, is_held=is_held)
            for record, is_held in doubtful.values()
            if at - record.at <= _DOUBT_SECONDS
        ]
        return any(settled)

    def place(self, record: Record, *, is_held: bool) -> None:
        """Something happened to such a file; `is_held`: the host has it open."""
        shown = self._shown.get(record.path)
        attribution = shown.attribution if shown is not None else None
        # A file is told of a moment before who makes it has it open: what was inferred then may be observed now.
        if attribution is None or (is_held and attribution.evidence is Evidence.INFERRED):
            record.kind = FileKind.TEMPORARY
            was_held = self._doubtful.pop(record.path, (None, False))[1]
            self._decide(record, is_held=is_held or was_held)

    def _decide(self, record: Record, *, is_held: bool) -> bool:
        attribution = temporary_file(is_held=is_held, running=self._running.at(record.at))
        is_news = attribution != record.attribution
        if attribution is not None:
            record.attribution = attribution
            self._shown[record.path] = record
            if len(self._shown) > MOST_TEMPORARY:
                del self._shown[next(iter(self._shown))]
        if attribution is None or not attribution.made_by:
            self._doubtful[record.path] = (record, is_held)
            if len(self._doubtful) > MOST_TEMPORARY:
                del self._doubtful[next(iter(self._doubtful))]
        return is_news
