"""What a pane's bottom line says of a run, in as much room as there is; pure functions."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from memdb_tui.model import Result, Run, RunState
from memdb_tui.ui.rows import Part, Row, lay_out
from memdb_tui.ui.wording import count, took

_DOT = " · "
_LEAST_OF_USE = 5
"""The rank of what gives way first in a status."""


def status(run: Run | None, *, now: float, width: int | None = None) -> str:
    """The pane's bottom line: statement, rows, time, connection.

    Args:
        run: The pane's newest run.
        now: Seconds since the epoch, from which ages are told.
        width: Cells there are; in too few, whole parts are left out, the connection never. None for all of them.
    """
    if run is None:
        return "nothing run yet"
    parts = [part for part in _status_parts(run, now) if part.text]
    if width is None:
        return _DOT.join(part.text for part in parts)
    dotted = [
        replace(part, text=_DOT + part.text, gap=0, shorter=tuple(form and _DOT + form for form in part.shorter))
        for part in parts
    ]
    spans = lay_out(Row(tuple(dotted)), width + len(_DOT))
    return "".join(span.text for span in spans).strip().removeprefix(_DOT.lstrip())


def _status_parts(run: Run, now: float) -> Iterator[Part]:
    last = run.results[-1] if run.results else None
    if run.statement_count > 1:
        # Of a run that is done, all statements were run: that goes without saying first.
        rank = _LEAST_OF_USE if run.state is RunState.DONE else 3
        yield Part(f"stmt {statement_reached(run):,} of {run.statement_count:,}", rank=rank, shorter=("",))
    has_result = last is not None and (
        run.state not in {RunState.FAILED, RunState.CANCELLED}
        or (run.state is RunState.CANCELLED and bool(last.columns) and last.state is RunState.CANCELLED)
    )
    if last is not None and has_result:
        yield Part(result_words(last), rank=2, shorter=("",))
    if run.state is RunState.FAILED:
        yield Part(f"failed after {took(run.elapsed_seconds)}", rank=1, shorter=("failed",))
    elif run.state is RunState.CANCELLED:
        yield Part(f"stopped after {took(run.elapsed_seconds)}", rank=1, shorter=("stopped",))
    elif run.state.is_over:
        yield Part(took(run.elapsed_seconds), rank=4, shorter=("",))
    else:
        elapsed = max(run.elapsed_seconds, now - run.started_at)
        yield Part(f"{run.state.value} {took(elapsed)}", rank=1, shorter=(run.state.value,))
    yield Part(run.connection)


def statement_reached(run: Run) -> int:
    """The statement that a run has come to, from 1."""
    if run.failure is not None:
        return run.failure.index
    last = run.results[-1] if run.results else None
    done = max(last.index if last is not None else 0, len(run.results) + run.dropped_results)
    is_between = last is None or last.state is not RunState.CANCELLED
    return min(done + 1, run.statement_count) if run.state is RunState.CANCELLED and is_between else done


def result_words(result: Result) -> str:
    """What a result amounts to: `1,000 rows`, `3 rows changed`, `stopped at 5,000,000 rows`."""
    if result.columns:
        rows = count(result.row_count, "row")
        if not result.stopped_at or result.state is RunState.CANCELLED:
            return rows
        return f"{rows}, stopped at {result.stopped_at}" if result.stopped_at != rows else f"stopped at {rows}"
    if result.changed_rows is not None:
        return f"{count(result.changed_rows, 'row')} changed"
    return "done" if result.state.is_over else ""
