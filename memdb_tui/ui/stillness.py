"""Times and pids that stand still, so that a recording made twice is the same."""

from __future__ import annotations

from dataclasses import dataclass, replace

from memdb_tui.model import FilesView, Run, Snapshot, StatementFailure

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
        return (self.at or 0.0) + _AGE_SECONDS

    def snapshot(self, snapshot: Snapshot) -> Snapshot:
        """The picture with times and pid standing still."""
        if self.at is None:
            return snapshot
        connections = tuple(
            replace(
                c,
                transaction_since=None if c.transaction_since is None else self.at,
                running_since=None if c.running_since is None else self.at,
            )
            for c in snapshot.connections
        )
        facts = replace(snapshot.facts, pid=_PID, started_at=self.at)
        return replace(snapshot, facts=facts, connections=connections)

    def run(self, run: Run) -> Run:
        """The run with its times standing still."""
        if self.at is None:
            return run
        results = tuple(replace(r, elapsed_seconds=_TOOK_SECONDS) for r in run.results)
        return replace(
            run,
            started_at=self.at,
            elapsed_seconds=_TOOK_SECONDS,
            results=results,
            failure=None if run.failure is None else self._failure(run.failure),
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

    def _failure(self, failure: StatementFailure) -> StatementFailure:
        if failure.lock is None:
            return failure
        holders = tuple(replace(h, since=self.at if h.since else None) for h in failure.lock.holders)
        return replace(failure, lock=replace(failure.lock, holders=holders))
