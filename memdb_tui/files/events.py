"""What happened to a file, and how several happenings in a row become one."""

from __future__ import annotations

from dataclasses import replace
from enum import StrEnum

from memdb_tui.frozen import dataclass


class EventKind(StrEnum):
    """What happened to a path. The first four are told by the system, the rest are put together from them."""

    CREATED = "created"
    MODIFIED = "modified"
    DELETED = "deleted"
    MOVED = "moved"
    FOUND = "found"
    """It is there, and new or changed since a given moment; which of both is not known."""
    LOOK = "look"
    """Nothing is known to have happened: somebody asks how it looks."""
    VANISHED = "vanished"
    """Created and deleted between two looks."""
    RECREATED = "recreated"
    """Deleted and created anew between two looks: another file under the same name."""


@dataclass(frozen=True, slots=True)
class FileEvent:
    """One happening, or several in a row, to one path."""

    path: str
    kind: EventKind
    at: float
    """When the first of them was noticed, in seconds since the epoch."""
    was_there: bool = False
    """The file lay there when the session began."""
    moved_from: str = ""
    """The path it had before, for `MOVED` alone."""
    is_folder: bool = False


_AFTER_DELETED = {EventKind.CREATED: EventKind.VANISHED, EventKind.VANISHED: EventKind.VANISHED}
_AFTER_CREATED = {EventKind.DELETED: EventKind.RECREATED, EventKind.RECREATED: EventKind.RECREATED}
_BACK_AGAIN = {EventKind.DELETED: EventKind.RECREATED, EventKind.VANISHED: EventKind.CREATED}


def merged(earlier: EventKind, later: EventKind) -> EventKind:
    """What two happenings to one path, one after the other, amount to.

    Args:
        earlier: What is known so far; anything but `MOVED`.
        later: One of `CREATED`, `MODIFIED`, `DELETED`, `FOUND`, `LOOK`.
    """
    if EventKind.LOOK in {earlier, later}:
        return later if earlier is EventKind.LOOK else earlier
    if later is EventKind.DELETED:
        return _AFTER_DELETED.get(earlier, EventKind.DELETED)
    if later is EventKind.CREATED:
        return _AFTER_CREATED.get(earlier, EventKind.CREATED)
    return _BACK_AGAIN.get(earlier, earlier)


class EventBatch:
    """Events waiting to be delivered, one for each path, in the order in which the paths were first met."""

    def __init__(self) -> None:
        self._events: list[FileEvent] = []
        self._index: dict[str, int] = {}

    def __len__(self) -> int:
        """How many events wait."""
        return len(self._events)

    def add(self, event: FileEvent) -> None:
        """Add an event; it joins what is waiting for the same path, unless a move lies between them."""
        if event.is_folder or event.kind is EventKind.MOVED:
            # What comes after a move must not be joined with what came before it.
            self._index.pop(event.moved_from, None)
            self._index.pop(event.path, None)
            self._events.append(event)
            return
        index = self._index.get(event.path)
        if index is None:
            self._index[event.path] = len(self._events)
            self._events.append(event)
            return
        waiting = self._events[index]
        kind = merged(waiting.kind, event.kind)
        if kind is not waiting.kind:
            self._events[index] = replace(waiting, kind=kind)

    def take(self) -> tuple[FileEvent, ...]:
        """Hand over what is waiting, and begin anew."""
        events = tuple(self._events)
        self._events.clear()
        self._index.clear()
        return events
