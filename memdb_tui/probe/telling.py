"""The state of the process, as it is told."""

from __future__ import annotations

from operator import attrgetter

from .bare import clock
from .process import native_problem, sqlalchemy_version, sqlite_version, uses_uris
from .record import name_of_this_thread
from .unheld import running_frames
from .wire import to_json

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterator
    from typing import Any

    from .children import Children
    from .guard import Failures
    from .record import Record
    from .recorder import Recorder

MOST_OPEN = 5000
"""Connections that are open and listed; a program with more has the newest of them listed."""
_BECOMING_SECONDS = 1.0
"""If it goes on for so long, it has not become another program: that could not be started."""
_BIT_SECONDS = 0.0002
_EACH_SECONDS = 25e-6
"""How long it takes to tell one connection for the first time, on a slow machine."""
_by_number = attrgetter("number")


class Telling:
    """Makes `state` objects.

    Attributes:
        waiting: `inspect` while the program waits there, else empty.
        waiting_thread: The name of the thread that waits.
        why: Why it waits, a whole sentence; empty where the program itself has called for it.
        waiting_places: Where it waits, the innermost first, each as `places.told` has it.
        waiting_copies: Says what waits for a thread of the program.
        breathe: Called every now and then while there is much to do: lets the program go on.
        longest_block_seconds: The longest that something of ours held a lock or the interpreter.
        notes: Sentences.
    """

    def __init__(self, recorder: Recorder, children: Children, failures: Failures) -> None:
        self.waiting = ""
        self.waiting_thread = ""
        self.why = ""
        self.waiting_places: list[list[str | int | None]] = []
        self._becoming = ""
        self._becoming_until = 0.0
        self.waiting_copies: Callable[[], list[dict[str, Any]]] = list
        self.breathe: Callable[[], None] = _nothing
        self.longest_block_seconds = 0.0
        self.notes: list[str] = []
        self._recorder = recorder
        self._children = children
        self._failures = failures
        self._seq = 0
        self._told_number = 0

    @property
    def expected_seconds(self) -> float:
        """What the next state will take for the connections that were opened since the last one, about."""
        return _EACH_SECONDS * min(self._recorder.last_number - self._told_number, MOST_OPEN)

    def becomes(self, command: str) -> None:
        """The process is about to become another program; if it does not, nothing more is said of it."""
        self._becoming, self._becoming_until = command, clock.monotonic() + _BECOMING_SECONDS

    def _has_not_become(self) -> bool:
        if not self._becoming or clock.monotonic() < self._becoming_until:
            return False
        self._becoming = ""
        return True

    def waits(self, waiting: str, why: str, places: list[list[str | int | None]]) -> None:
        """The calling thread is about to wait.

        Args:
            waiting: As the attribute.
            why: As the attribute.
            places: As `waiting_places`.
        """
        self.waiting, self.waiting_thread, self.why, self.waiting_places = waiting, name_of_this_thread(), why, places

    def waits_no_more(self) -> None:
        """The thread that waited goes on."""
        self.waiting = self.waiting_thread = self.why = ""
        self.waiting_places = []

    def refresh(self) -> bool:
        """Read again what may be read from any thread; whether something has changed."""
        getters = self._recorder.getters
        changed = self._has_not_become()
        if getters is None:
            return changed
        records = list(self._recorder.open.values())[-MOST_OPEN:]
        for record in self._bit_by_bit(records):
            changed |= record.refresh(getters)
        wanted = {frame for record in records for frame in record.awaited_frames}
        if wanted:
            began = clock.perf_counter()
            running = running_frames(wanted)
            self.held(clock.perf_counter() - began)
            for record in records:
                changed |= record.compare_with(running)
        return changed

    def held(self, seconds: float) -> None:
        """Something of ours held up the program for some time."""
        self.longest_block_seconds = max(self.longest_block_seconds, seconds)

    def _bit_by_bit(self, records: list[Record]) -> Iterator[Record]:
        """One after the other, with pauses in which the program goes on.

        A thread that computes is asked for the interpreter only after 5 ms (`sys.setswitchinterval`), and gets it
        back at every call into SQLite: without pauses each such call of the program would wait that long.
        """
        until = clock.perf_counter() + _BIT_SECONDS
        for record in records:
            yield record
            if clock.perf_counter() > until:
                self.breathe()
                until = clock.perf_counter() + _BIT_SECONDS

    def json(self, without: Collection[str] = ()) -> str:
        """The state now, as JSON text.

        Args:
            without: The ids of connections that are not to be listed.
        """
        recorder = self._recorder
        self._told_number = recorder.last_number
        self.refresh()
        opened = list(recorder.open.values())
        notes = [self.why, *self.notes] if self.why else list(self.notes)
        if len(opened) > MOST_OPEN:
            notes.append(f"{len(opened) - MOST_OPEN} open connections, the oldest, are not listed.")
            opened = opened[-MOST_OPEN:]
        # One that is being closed meanwhile is in both.
        records = sorted({record.number: record for record in (*opened, *recorder.closed)}.values(), key=_by_number)
        if without:
            records = [record for record in records if record.id not in without]
        self._seq += 1
        head = {
            "seq": self._seq,
            "at": clock.time(),
            "sqlite": sqlite_version(),
            "sqlalchemy": sqlalchemy_version(),
            "native": native_problem(),
            "use_uri": uses_uris(),
            "becoming": self._becoming,
            "waiting": self.waiting,
            "thread": self.waiting_thread,
            "waiting_places": self.waiting_places,
            "dropped": recorder.dropped,
            "unfollowed": list(self._children.unfollowed),
            "waiting_copies": self.waiting_copies(),
            "longest_block_seconds": self.longest_block_seconds,
            "failures": list(self._failures.sentences),
            "notes": notes,
        }
        connections = ",".join([record.json() for record in self._bit_by_bit(records)])
        return f'{to_json(head)[:-1]},"connections":[{connections}]}}'


def _nothing() -> None:
    return
