"""What the ledger knows of one file."""

from __future__ import annotations

from dataclasses import dataclass, field

from memdb_tui.files.attribution import Attribution
from memdb_tui.files.events import EventKind, FileEvent
from memdb_tui.files.probe import GONE, FileFacts
from memdb_tui.model import FileChange, FileEntry, FileKind, FileTouch

_APPEARED = {EventKind.CREATED, EventKind.RECREATED, EventKind.VANISHED, EventKind.MOVED}
_OF_UNKNOWN_AGE = {EventKind.FOUND, EventKind.LOOK}
_WENT = {EventKind.DELETED, EventKind.VANISHED, EventKind.RECREATED}


@dataclass(slots=True)
class Record:
    """One file, followed from the first event or touch that told of it."""

    path: str
    at: float
    kind: FileKind
    was_there: bool = False
    was_made: bool = False
    was_changed: bool = False
    exists: bool = True
    facts: FileFacts | None = None
    """The newest look, None before the first."""
    gone_at: float | None = None
    """When it was last seen to be gone."""
    touches: tuple[FileTouch, ...] = ()
    is_sessions: bool = False
    """The file that lies there now, if any, is one that this session made."""
    attribution: Attribution | None = None
    _entry: FileEntry | None = field(default=None, repr=False)

    def touch(self, touches: tuple[FileTouch, ...]) -> None:
        """Connections opened or made it; all touches known, oldest first."""
        existed = touches[0].existed
        if not self.touches and self.gone_at is None and existed is not None:
            self.was_there, self.was_made = existed, not existed
        new = [touch for touch in touches if touch not in self.touches and self._is_of_now(touch)]
        self.touches = touches
        if new:
            self.exists = True
        if any(touch.existed is False for touch in new):
            self.is_sessions = self.was_made = True
            self.was_there = False
        self.reconsider()

    def follow(self, event: FileEvent, facts: FileFacts, *, is_new: bool) -> None:
        """Something happened to it, and this is how it looked afterwards."""
        if is_new:
            self.was_made = event.kind in _APPEARED
            self.was_there = not self.was_made and (event.was_there or event.kind not in _OF_UNKNOWN_AGE)
        if event.kind in _WENT:
            self._end(event.at)
        if event.kind is EventKind.MOVED and not is_new:
            self._begin_anew(event.at)
        if event.kind in {EventKind.MODIFIED, EventKind.FOUND}:
            self.was_changed = True
        self.look(facts, event.at)

    def look(self, facts: FileFacts, at: float) -> None:
        """This is how it looks now."""
        if not facts.exists:
            self._end(at)
        elif not self.exists or (self.facts is not None and self.facts.exists and not self.facts.is_same_file(facts)):
            self._begin_anew(at)
        self.facts = facts
        self._entry = None

    def reconsider(self) -> None:
        """Forget why it is there: that must be decided anew."""
        self.attribution = None
        self._entry = None

    def _is_of_now(self, touch: FileTouch) -> bool:
        """The touch is of the file that lies there now, not of one that went."""
        return self.gone_at is None or touch.at >= self.gone_at

    def _end(self, at: float) -> None:
        if self.exists or self.gone_at is None:
            self.gone_at = at
        self.exists = self.is_sessions = False
        self.facts = GONE

    def _begin_anew(self, at: float) -> None:
        """Another file took the name; only a touch after the old one went can say that the session made it."""
        if self.exists:
            self.gone_at = at
        self.is_sessions = any(self._is_of_now(touch) and touch.existed is False for touch in self.touches)
        self.exists = self.was_made = True
        self.was_there = False
        if self.kind in {FileKind.DATABASE, FileKind.OTHER}:
            # Journals come and go with every transaction: those keep their place in the list.
            self.at = at
        self.reconsider()

    @property
    def change(self) -> FileChange:
        """What happened to it, over its life."""
        if not self.exists:
            return FileChange.MADE_AND_REMOVED if self.was_made and not self.was_there else FileChange.REMOVED
        if self.was_made and not self.was_there:
            return FileChange.MADE
        return FileChange.CHANGED if self.was_changed else FileChange.OPENED

    def entry(self, attribution: Attribution) -> FileEntry:
        """The record as it is shown; the same object while nothing changed."""
        if attribution != self.attribution:
            self.attribution = attribution
            self._entry = None
        if self._entry is None:
            facts = self.facts or GONE
            self._entry = FileEntry(
                path=self.path,
                kind=self.kind,
                role=attribution.role,
                change=self.change,
                size_bytes=facts.size_bytes if facts.exists and self.exists else None,
                at=self.at,
                made_by=attribution.made_by,
                string=attribution.string,
                statement=attribution.statement,
                evidence=attribution.evidence,
                reason=attribution.reason,
                suggestion=attribution.suggestion,
                was_there=self.was_there,
                brief=attribution.brief,
                opener=attribution.opener,
            )
        return self._entry
