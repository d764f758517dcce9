"""What came, changed and went: the session's files, kept from events and snapshots. No input or output here."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from memdb_tui.files.attribution import (
    SIDE_SUFFIXES,
    Attribution,
    database_beside,
    foreign_database,
    is_temporary_name,
    other_file,
    side_file,
    touched_file,
)
from memdb_tui.files.events import EventKind, FileEvent
from memdb_tui.files.paths import folder_of, is_below
from memdb_tui.files.probe import GONE, FileFacts
from memdb_tui.files.record import Record
from memdb_tui.files.seen import SeenPaths
from memdb_tui.files.temporaries import TemporaryFiles
from memdb_tui.model import ConnectionId, FileEntry, FileKind, FilesView, FileTouch, Snapshot, WatchedFolder

MOST_OTHERS = 200
MOST_FOREIGN = 500
"""Of SQLite files that no connection of ours touched the newest so many are kept."""


class Ledger:
    """The session's files. Not safe for use by several threads at once.

    Args:
        own_folders: Folders in which every file is of interest, though SQLite may put temporary ones there too: the
            working folder and those the user named.
    """

    def __init__(self, own_folders: Iterable[str]) -> None:
        self._own_folders = frozenset(own_folders)
        self._temporary_folders: frozenset[str] = frozenset()
        self._touches: tuple[FileTouch, ...] = ()
        self._touches_by_path: dict[str, tuple[FileTouch, ...]] = {}
        self._snapshot: Snapshot | None = None
        self._records: dict[str, Record] = {}
        """Files of our connections, whether or not they are still there."""
        self._foreign: dict[str, Record] = {}
        """SQLite files that none of our connections touched."""
        self._temporary = TemporaryFiles()
        self._others: dict[str, Record] = {}
        self._seen = SeenPaths()
        self._other_count = 0
        self._watched: tuple[WatchedFolder, ...] = ()
        self._is_live = False
        self._is_stale = True
        self._view = FilesView(entries=(), others=(), other_count=0, watched=(), is_live=False)

    # What comes in.

    def show_watched(self, watched: tuple[WatchedFolder, ...], *, is_live: bool) -> None:
        """Which folders are watched, and whether watching works."""
        if (watched, is_live) != (self._watched, self._is_live):
            self._watched, self._is_live, self._is_stale = watched, is_live, True

    def show_snapshot(self, snapshot: Snapshot, at: float) -> tuple[str, ...]:
        """Learn from the host's newest snapshot, its paths resolved.

        Args:
            snapshot: The newest.
            at: When it arrived, in seconds since the epoch.

        Returns:
            The paths that should be looked at because of it.
        """
        self._snapshot = snapshot
        self._temporary_folders = frozenset(snapshot.facts.temporary_folders) - self._own_folders
        self._is_stale |= self._temporary.take_snapshot(snapshot, at)
        if snapshot.touches == self._touches:
            return ()
        self._touches = snapshot.touches
        by_path: dict[str, list[FileTouch]] = {}
        for touch in snapshot.touches:
            by_path.setdefault(touch.path, []).append(touch)
        changed = []
        for path, touches in by_path.items():
            known = self._touches_by_path.get(path, ())
            # What is said of a touch may be better known by now.
            newest = {_deed(touch): touch for touch in (*known, *touches)}
            ordered = tuple(sorted(newest.values(), key=lambda touch: (touch.at, touch.connection)))
            if known != ordered:
                self._touches_by_path[path] = ordered
                changed.append(path)
                self._take_touches(path, ordered)
        return tuple(name for path in changed for name in (path, *(path + suffix for suffix in SIDE_SUFFIXES)))

    def wanted(self, events: Iterable[FileEvent]) -> frozenset[str]:
        """The paths that must be looked at before `take` can make something of these events."""
        paths: set[str] = set()
        for event in events:
            if event.is_folder:
                paths.update(self._known_below(event.moved_from or event.path))
                continue
            if event.moved_from and self._find(event.moved_from) is not None:
                paths.add(event.moved_from)
            if event.kind in {EventKind.DELETED, EventKind.VANISHED}:
                if self._find(event.path) is not None:
                    paths.add(event.path)
            elif not self._is_ignored(event.path) and not self._is_old_news(event):
                paths.add(event.path)
        return frozenset(paths)

    def take(
        self, events: Iterable[FileEvent], facts: Mapping[str, FileFacts], held: frozenset[str] = frozenset()
    ) -> None:
        """Learn from events.

        Args:
            events: What happened, oldest first.
            facts: How the paths that `wanted` named look now. An event whose path is not among them is passed over,
                unless it tells of the end of a file: a snapshot that came in between has asked for another look.
            held: What the host has open, asked for when a temporary file is among the events.
        """
        for event in events:
            if event.is_folder:
                for path in facts.keys() & set(self._known_below(event.moved_from or event.path)):
                    self._look(path, facts[path], event.at)
                continue
            if event.moved_from:
                self._look(event.moved_from, facts.get(event.moved_from, GONE), event.at)
            is_end = event.kind in {EventKind.DELETED, EventKind.VANISHED}
            if event.path in facts or (is_end and not self._is_ignored(event.path)):
                self._follow(event, facts.get(event.path, GONE), held)

    # What goes out.

    def view(self) -> FilesView:
        """What the Files pane shows; the same object until something changes."""
        if not self._is_stale:
            return self._view
        self._is_stale = False
        entries = [record.entry(self._attribution(record)) for record in self._records.values()]
        entries += [record.entry(self._attribution(record)) for record in self._foreign.values()]
        entries += self._temporary.entries()
        entries.sort(key=lambda entry: entry.at, reverse=True)
        why = other_file()
        others: list[FileEntry] = [record.entry(why) for record in self._others.values()]
        others.sort(key=lambda entry: entry.at, reverse=True)
        view = FilesView(
            entries=tuple(entries),
            others=tuple(others),
            other_count=self._other_count,
            watched=self._watched,
            is_live=self._is_live,
        )
        if view != self._view:
            self._view = view
        return self._view

    def record(self, path: str) -> Record | None:
        """What is known of a file that is shown, None when nothing is."""
        return self._records.get(path) or self._foreign.get(path) or self._temporary.get(path)

    def open_in(self, path: str) -> tuple[ConnectionId, ...]:
        """The connections of this session that have that database open."""
        if self._snapshot is None:
            return ()
        return tuple(
            connection.id
            for connection in self._snapshot.connections
            if not connection.closed and any(schema.file == path for schema in connection.schemas)
        )

    @property
    def host_pid(self) -> int | None:
        """The process that owns the databases, None before the first snapshot."""
        return None if self._snapshot is None else self._snapshot.facts.pid

    # How it is kept.

    def _take_touches(self, path: str, touches: tuple[FileTouch, ...]) -> None:
        self._is_stale = True
        record = self._records.get(path)
        if record is None:
            record = self._foreign.pop(path, None) or self._release_other(path)
            if record is None:
                record = Record(path, touches[0].at, FileKind.DATABASE)
            self._records[path] = record
            record.kind = FileKind.DATABASE
        record.touch(touches)
        for suffix in SIDE_SUFFIXES:
            self._adopt_side_file(path + suffix)

    def _adopt_side_file(self, path: str) -> None:
        record = self._records.get(path) or self._foreign.pop(path, None) or self._release_other(path)
        beside = database_beside(path)
        if record is not None and beside is not None:
            record.kind = beside[1]
            record.reconsider()
            self._records[path] = record

    def _release_other(self, path: str) -> Record | None:
        """It turns out not to be one of the others."""
        record = self._others.pop(path, None)
        if record is not None or (path in self._seen and self.record(path) is None):
            self._other_count -= 1
        return record

    def _is_ignored(self, path: str) -> bool:
        """Other programs' files in folders that SQLite shares with them."""
        if folder_of(path) not in self._temporary_folders or is_temporary_name(path):
            return False
        beside = database_beside(path)
        return path not in self._records and (beside is None or beside[0] not in self._records)

    def _is_old_news(self, event: FileEvent) -> bool:
        """A listing names one of the many others that were counted and are no longer kept."""
        return event.kind is EventKind.FOUND and event.path in self._seen and self._find(event.path) is None

    def _find(self, path: str) -> Record | None:
        return self.record(path) or self._others.get(path) or self._temporary.find(path)

    def _known_below(self, folder: str) -> list[str]:
        return [
            path
            for records in (self._records, self._foreign, self._temporary, self._others)
            for path in records
            if is_below(path, folder)
        ]

    def _look(self, path: str, facts: FileFacts, at: float) -> None:
        record = self._find(path)
        if record is not None:
            record.look(facts, at)
            self._is_stale = True

    def _follow(self, event: FileEvent, facts: FileFacts, held: frozenset[str]) -> None:
        record = self._find(event.path)
        is_new = record is None
        if record is None:
            if event.kind is EventKind.LOOK and not facts.exists:
                return  # Somebody asked for a look at a path, and nothing is there.
            record = Record(event.path, event.at, FileKind.OTHER, exists=facts.exists)
        record.follow(event, facts, is_new=is_new)
        self._is_stale = True
        if event.path not in self._records:
            self._place(record, facts, is_held=event.path in held)

    def _place(self, record: Record, facts: FileFacts, *, is_held: bool) -> None:
        """Put a record where it belongs by what is known now."""
        path = record.path
        beside = database_beside(path)
        is_main_ours = beside is not None and beside[0] in self._records
        is_main_known = is_main_ours or (beside is not None and beside[0] in self._foreign)
        if is_temporary_name(path):
            self._temporary.place(record, is_held=is_held)
        elif beside is not None and is_main_known:
            self._release_other(path)
            record.kind = beside[1]
            record.reconsider()
            if is_main_ours:
                self._foreign.pop(path, None)
                self._records[path] = record
            else:
                self._keep(self._foreign, record, MOST_FOREIGN)
        elif facts.header is not None and path not in self._foreign:
            self._release_other(path)
            record.kind = facts.header
            record.reconsider()
            self._keep(self._foreign, record, MOST_FOREIGN)
            for suffix in SIDE_SUFFIXES if facts.header is FileKind.DATABASE else ():
                side = self._others.get(path + suffix)
                if side is not None:
                    self._place(side, side.facts or GONE, is_held=False)
        elif path not in self._foreign and path not in self._others:
            if path not in self._seen:
                self._seen.add(path)
                self._other_count += 1
            self._keep(self._others, record, MOST_OTHERS)

    def _keep(self, records: dict[str, Record], record: Record, most: int) -> None:
        records[record.path] = record
        if len(records) > most:
            oldest = next(iter(records))
            del records[oldest]
            if records is self._foreign:
                self._seen.add(oldest)
                self._other_count += 1

    def _attribution(self, record: Record) -> Attribution:
        """Why a file is there; decided once, for as long as the same file lies there and no touch is added."""
        if record.attribution is not None:
            return record.attribution
        if record.touches:
            return touched_file(record.touches, was_made=record.was_made)
        beside = database_beside(record.path)
        if beside is None:
            return foreign_database(record.kind)
        database = self._records.get(beside[0])
        main = touched_file(database.touches) if database is not None else None
        return side_file(beside[1], beside[0], main, opened_by=self.open_in(beside[0]))


def _deed(touch: FileTouch) -> tuple[object, ...]:
    """What makes a touch another one, whatever is said of it."""
    return touch.connection, touch.at, touch.reason, touch.statement
