"""The state of the process, as it is told."""

from __future__ import annotations

import time
from operator import attrgetter

from .process import native_problem, sqlalchemy_version, sqlite_version, uses_uris
from .unheld import running_frames
from .wire import to_json

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any

    from .children import Children
    from .guard import Failures
    from .recorder import Recorder

MOST_OPEN = 5000
"""Connections that are open and listed; a program with more has the newest of them listed."""
_by_number = attrgetter("number")


class Telling:
    """Makes `state` objects.

    Attributes:
        waiting: `inspect` while the program waits there, else empty.
        waiting_thread: The name of the thread that waits.
        waiting_copies: Says what waits for a thread of the program.
        longest_block_seconds: The longest that something of ours held a lock or the interpreter.
        notes: Sentences.
    """

    def __init__(self, recorder: Recorder, children: Children, failures: Failures) -> None:
        self.waiting = ""
        self.waiting_thread = ""
        self.waiting_copies: Callable[[], list[dict[str, Any]]] = list
        self.longest_block_seconds = 0.0
        self.notes: list[str] = []
        self._recorder = recorder
        self._children = children
        self._failures = failures
        self._seq = 0

    def refresh(self) -> bool:
        """Read again what may be read from any thread; whether something has changed."""
        getters = self._recorder.getters
        if getters is None:
            return False
        changed = False
        records = list(self._recorder.open.values())[-MOST_OPEN:]
        for record in records:
            changed |= record.refresh(getters)
        wanted = {frame for record in records for frame in record.awaited_frames}
        if wanted:
            began = time.perf_counter()
            running = running_frames(wanted)
            self.held(time.perf_counter() - began)
            for record in records:
                changed |= record.compare_with(running)
        return changed

    def held(self, seconds: float) -> None:
        """Something of ours held up the program for some time."""
        self.longest_block_seconds = max(self.longest_block_seconds, seconds)

    def json(self) -> str:
        """The state now, as JSON text."""
        recorder = self._recorder
        recorder.has_news = False
        self.refresh()
        opened = list(recorder.open.values())
        notes = list(self.notes)
        if len(opened) > MOST_OPEN:
            notes.append(f"{len(opened) - MOST_OPEN} open connections, the oldest, are not listed.")
            opened = opened[-MOST_OPEN:]
        records = sorted([*recorder.closed, *opened], key=_by_number)
        self._seq += 1
        head = {
            "seq": self._seq,
            "at": time.time(),
            "sqlite": sqlite_version(),
            "sqlalchemy": sqlalchemy_version(),
            "native": native_problem(),
            "use_uri": uses_uris(),
            "waiting": self.waiting,
            "thread": self.waiting_thread,
            "dropped": recorder.dropped,
            "unfollowed": list(self._children.unfollowed),
            "waiting_copies": self.waiting_copies(),
            "longest_block_seconds": self.longest_block_seconds,
            "failures": list(self._failures.sentences),
            "notes": notes,
        }
        connections = ",".join([record.json() for record in records])
        return f'{to_json(head)[:-1]},"connections":[{connections}]}}'
