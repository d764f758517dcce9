"""Times and pids that stand still, so that a recording made twice is the same."""

from __future__ import annotations

from dataclasses import replace

from memdb_tui.frozen import dataclass
from memdb_tui.model import FilesView, LockReport, Origin, Run, Snapshot, StatementFailure

_PID = 4242
_TOOK_SECONDS = 0.0003
_AGE_SECONDS = 12.0
"""How long everything that lasts has lasted."""


@dataclass(frozen=True, slots=True)
class Stillness:
    """What `--fixed-clock` shows in place of times, durations and pids; without it everything stays as it is."""

    at: float | None = None
    """The moment that everything happened, seconds since the epoch; None: the clock runs."""

    @property
    def is_still(self) -> bool:
        """The clock stands."""
        return self.at is not None

    def now(self) -> float:
        """The moment that ages are counted to."""
        return self.at or 0.0

    def snapshot(self, snapshot: Snapshot) -> Snapshot:
        """The picture with times and pid standing still."""
        if self.at is None:
            return snapshot
        connections = tuple(
            replace(
                c,
                transaction_since=self._long_ago(c.transaction_since),
                running_since=self._long_ago(c.running_since),
                origin=None if c.origin is None else self._origin(c.origin),
            )
            for c in snapshot.connections
        )
        facts = replace(snapshot.facts, pid=_PID, started_at=self.at)
        programs = tuple(
            replace(p, pid=_PID + n, started_at=self.at, ended_at=None, longest_block_seconds=0.0)
            for n, p in enumerate(snapshot.programs, start=1)
        )
        return replace(snapshot, facts=facts, connections=connections, programs=programs)

    def pid(self, pid: int) -> int:
        """The pid of a program that was started; the same one every time where the clock stands."""
        return pid if self.at is None else _PID + 1

    def _origin(self, origin: Origin) -> Origin:
        return replace(origin, opened_at=None if origin.opened_at is None else self.at)

    def run(self, run: Run) -> Run:
        """The run with its times standing still."""
        if self.at is None:
            return run
        results = tuple(replace(r, elapsed_seconds=_TOOK_SECONDS) for r in run.results)
        return replace(
            run,
            started_at=self.at - _AGE_SECONDS,
            elapsed_seconds=_TOOK_SECONDS if run.state.is_over else _AGE_SECONDS,
            results=results,
            failure=None if run.failure is None else self._failure(run.failure),
            waits_for=None if run.waits_for is None else self._lock(run.waits_for),
            waiting_since=self._long_ago(run.waiting_since),
        )

    def files(self, view: FilesView) -> FilesView:
        """The files with their times standing still."""
        if self.at is None:
            return view
        return replace(
            view,
            entries=tuple(replace(e, at=self.at) for e in view.entries),
            others=tuple(replace(e, at=self.at) for e in view.others),
        )

    def _long_ago(self, at: float | None) -> float | None:
        """A moment that things of a certain age began at, where there was one."""
        return None if at is None or self.at is None else self.at - _AGE_SECONDS

    def _failure(self, failure: StatementFailure) -> StatementFailure:
        if failure.lock is None:
            return failure
        return replace(failure, lock=self._lock(failure.lock))

    def _lock(self, lock: LockReport) -> LockReport:
        return replace(lock, holders=tuple(replace(h, since=self._long_ago(h.since)) for h in lock.holders))
