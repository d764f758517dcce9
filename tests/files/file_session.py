"""Values a host would send, a recorder of events, and a session's files with ways to ask for an entry."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from memdb_tui.files.events import EventKind, FileEvent
from memdb_tui.files.watcher import SessionFiles
from memdb_tui.model import (
    AttachedSchema,
    Connection,
    ConnectionId,
    CreatedBy,
    Evidence,
    FileEntry,
    FileReason,
    FileTouch,
    HostFacts,
    Outcome,
    Snapshot,
    TransactionMode,
    TransactionState,
)

DEADLINE_SECONDS = 30.0
STRAY_STRING = "sqlite:///file:db3?mode=memory&cache=shared"
RIGHT_STRING = STRAY_STRING + "&uri=true"


class Waiter:
    """Asks until the answer is true, with a generous deadline."""

    def __call__(self, ask: Callable[[], object], what: str = "") -> None:
        """Wait until `ask()` is true."""
        deadline = time.monotonic() + DEADLINE_SECONDS
        pause = threading.Event()
        while not ask():
            assert time.monotonic() < deadline, f"still not so after {DEADLINE_SECONDS:g} s: {what or ask}"
            pause.wait(0.005)


class Recorder:
    """Keeps what an observer reports."""

    def __init__(self) -> None:
        self.events: list[FileEvent] = []
        self.batches: list[tuple[FileEvent, ...]] = []
        self.times: list[float] = []

    def __call__(self, events: tuple[FileEvent, ...]) -> None:
        self.times.append(time.monotonic())
        self.batches.append(events)
        self.events.extend(events)

    def kinds(self, path: Path | str) -> list[EventKind]:
        """What happened to a path, oldest first."""
        return [event.kind for event in self.events if event.path == str(path)]

    def paths(self) -> set[str]:
        """Every path anything happened to."""
        return {event.path for event in self.events}


@dataclass(frozen=True)
class Session:
    """Makes the values a host would send."""

    cwd: Path
    pid: int
    temporary_folders: tuple[str, ...] = ()

    def touch(
        self, path: Path | str, connection: str = "c4", *, at: float | None = None, **given: object
    ) -> FileTouch:
        """A touch of a stray's main file, unless told otherwise."""
        values: dict[str, object] = {
            "string": STRAY_STRING,
            "reason": FileReason.MAIN,
            "statement": "",
            "meant_as_memory": True,
            "explanation": 'uri=true is missing, so SQLAlchemy took "file:db3" for a path.',
            "suggestion": RIGHT_STRING,
            "existed": False,
            "evidence": Evidence.OBSERVED,
            **given,
        }
        return FileTouch(
            path=str(path),
            connection=ConnectionId(connection),
            at=time.time() if at is None else at,
            **values,  # type: ignore[arg-type]  # the caller names fields of FileTouch
        )

    def asked_for(
        self, path: Path | str, connection: str = "c1", *, at: float | None = None, **given: object
    ) -> FileTouch:
        """A touch of a file that was meant."""
        values: dict[str, object] = {
            "string": f"sqlite:///{path}",
            "meant_as_memory": False,
            "explanation": "The string names a file.",
            "suggestion": "",
            **given,
        }
        return self.touch(path, connection, at=at, **values)

    def connection(self, name: str, *, file: str = "", running: str = "", since: float | None = None) -> Connection:
        """A connection, idle unless a statement is given."""
        return Connection(
            id=ConnectionId(name),
            string=f"sqlite:///file:{name}",
            created_by=CreatedBy.NEW_ENGINE,
            engine="e1",
            pool="SingletonThreadPool",
            checkouts=1,
            thread=f"memdb-{name}",
            outcome=Outcome.FILE if file else Outcome.MEMORY_SHARED,
            meant_as_memory=True,
            reason="",
            suggestion="",
            mode=TransactionMode.AUTOCOMMIT,
            lock_wait_seconds=0.0,
            transaction=TransactionState.NONE,
            transaction_since=None,
            schemas=(AttachedSchema("main", cache="A", file=file, transaction=TransactionState.NONE),),
            has_temp_tables=False,
            running=running,
            running_since=since,
            holds_cursor=False,
            closed="",
        )

    def snapshot(self, *touches: FileTouch, connections: tuple[Connection, ...] = (), seq: int = 1) -> Snapshot:
        """A whole picture."""
        return Snapshot(
            seq=seq,
            facts=HostFacts(
                pid=self.pid,
                cwd=str(self.cwd),
                python_version="3.11",
                sqlite_version="3.40.1",
                sqlalchemy_version="2.1.9",
                temporary_folders=self.temporary_folders,
                has_manual_mode=False,
                native="",
                started_at=0.0,
            ),
            connections=connections,
            caches=(),
            touches=touches,
        )


class WatchedSession:
    """The files of a session, started, with ways to ask for an entry."""

    def __init__(self, cwd: Path, *, extra: tuple[str, ...] = ()) -> None:
        self.changes = threading.Semaphore(0)
        self.files = SessionFiles(str(cwd), extra, self.changes.release)
        self._cwd = cwd

    def start(self, wait_until: Waiter) -> None:
        """Start, and wait until watchdog runs and the working folder is watched."""
        self.files.start()
        wait_until(lambda: self.is_watching(self._cwd), "the working folder is watched")

    def is_watching(self, folder: Path) -> bool:
        """The folder itself is under watch, and nothing is in the way."""
        view = self.files.view()
        return view.is_live and any(w.path == str(folder) and not w.problem for w in view.watched)

    def entry(self, path: Path | str) -> FileEntry | None:
        """The entry of a path, folded ones included."""
        view = self.files.view()
        return next((entry for entry in (*view.entries, *view.others) if entry.path == str(path)), None)

    def shown(self, path: Path | str) -> FileEntry | None:
        """The entry of a path among those not folded."""
        return next((entry for entry in self.files.view().entries if entry.path == str(path)), None)
