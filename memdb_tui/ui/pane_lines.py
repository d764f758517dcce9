"""What a pane says of itself: title, connection line, failure; pure functions from values to lines."""

from __future__ import annotations

from collections.abc import Collection, Sequence

from memdb_tui.model import (
    Cache,
    Connection,
    ConnectionId,
    CopyState,
    CreatedBy,
    LockHolder,
    LockReport,
    Origin,
    Outcome,
    Program,
    Result,
    Run,
    RunState,
    StatementFailure,
    TransactionState,
    is_of_program,
)
from memdb_tui.ui.cache_lines import COPY_SIGN
from memdb_tui.ui.program_lines import copy_part, place_words, whose_words
from memdb_tui.ui.rows import Clip, Part, Row
from memdb_tui.ui.status_lines import result_words, statement_reached
from memdb_tui.ui.wording import age, clock_time, count, printable

_STATE_WORDS = {
    TransactionState.NONE: "no open transaction",
    TransactionState.OPEN: "transaction open, nothing locked",
    TransactionState.READ: "read transaction",
    TransactionState.WRITE: "write transaction",
    TransactionState.UNKNOWN: "transaction not known",
}
_STATE_WORDS_SHORT = {
    **_STATE_WORDS,
    TransactionState.OPEN: "open",
    TransactionState.READ: "reading",
    TransactionState.WRITE: "writing",
}
_MANY_SHARERS = 2
_HELD_UP_SECONDS = 3.0
"""Longer than live SQL may run: what goes on then has most likely not been let in yet."""
_WHOSE = (
    "It lives in this session's own process. A program's own in-memory databases are seen from inside it: "
    "memdb-tui run app.py."
)
_ON_DISK = "It is a file: other programs can open it, and it stays when this session ends."


def badge(connection: Connection | None, cache: Cache | None) -> tuple[str, bool]:
    """Where the pane's database lives, with its cache's letter; and whether that is a stray."""
    if connection is None:
        return "not open", False
    if connection.closed:
        return "closed", False
    letter = cache.id if cache is not None else ""
    if connection.is_stray:
        return f"▲{letter} on disk, meant as memory", True
    in_memory = COPY_SIGN if connection.created_by is CreatedBy.COPY else "◆"
    mark = {Outcome.FILE: "▲", Outcome.UNKNOWN: "?"}.get(connection.outcome, in_memory)
    return f"{mark}{letter} {connection.outcome.words}", False


def short_badge(words: str, *, is_stray: bool) -> str:
    """The badge in little room: `◆A private`, `▲C STRAY`; never the words of something else."""
    sign, _, rest = words.partition(" ")
    if is_stray:
        return f"{sign} STRAY"
    return f"{sign} {rest.rpartition(', ')[2]}" if rest else sign


def connection_row(
    connection: Connection | None,
    run: Run | None,
    now: float,
    *,
    holding: Collection[ConnectionId] | None = None,
    copied_at: float | None = None,
) -> Row:
    """The line under the title: connection, mode, transaction; each part can be clicked.

    Args:
        connection: The pane's connection.
        run: What it ran last.
        now: Seconds since the epoch, from which ages are told.
        holding: The connections that can hold a lock now; None where that is not known.
        copied_at: When the copy that it shows was taken; None where it shows none.
    """
    if connection is None:
        return Row((Part(" no connection", "$muted"),), (Part("≡", "$muted", action="pane_menu"), Part(" ", gap=0)))
    lock_parts = _lock_parts(run, now, holding)
    left = [Part(f" {connection.id} ▼", "bold $primary", action="choose_connection")]
    if copied_at is not None:
        left.append(copy_part(copied_at, now))
    if connection.origin is not None:
        left += _program_parts(connection, connection.origin)
    else:
        # Who holds the lock is of more use than the mode.
        rank, shorter = (3, ("",)) if lock_parts else (1, ())
        mode = connection.mode.value
        left.append(Part(mode, "$foreground", gap=2, action="choose_mode", rank=rank, shorter=shorter))
        left += _transaction_parts(connection, now)
    right = [
        *(lock_parts or _right_parts(connection)),
        Part("≡", "bold $primary", gap=2, action="pane_menu"),
        Part(" ", gap=0),
    ]
    return Row(tuple(left), tuple(right))


def _program_parts(connection: Connection, origin: Origin) -> list[Part]:
    how = {
        CopyState.LIVE: "live, reads only",
        CopyState.PRIVATE: "private: copy it",
        CopyState.FILE: "a file: ^O opens it",
    }[origin.reading]
    if connection.has_ended_with_process:
        how = "ended with its process"
    parts = [Part(how, "$foreground", gap=2, rank=1)]
    if connection.transaction is TransactionState.OPEN:
        parts.append(
            Part(
                "● the program is in a transaction",
                "bold $secondary",
                gap=2,
                rank=3,
                shorter=("● in a transaction", ""),
            )
        )
    where = printable(place_words(origin.opener))
    if where:
        parts.append(Part(f"opened at {where}", "$muted", gap=2, rank=4, shorter=(where, ""), action="open_source"))
    return parts


def _transaction_parts(connection: Connection, now: float) -> list[Part]:
    words = _STATE_WORDS[connection.transaction]
    if connection.closed:
        return [Part(f"closed: {printable(connection.closed)}", "$error", gap=2, clip=Clip.END)]
    if connection.transaction is TransactionState.NONE:
        return [Part(words, "$muted", gap=2, rank=4, shorter=("",))]
    since = f" {age(now - connection.transaction_since)}" if connection.transaction_since else ""
    return [
        Part(
            f"● {words}{since}",
            "bold $secondary",
            gap=2,
            rank=4,
            shorter=(f"● {_STATE_WORDS_SHORT[connection.transaction]}{since}",),
        ),
        Part("commit", "underline $primary", gap=2, rank=3, action="commit", shorter=("",)),
        Part("roll back", "underline $primary", gap=1, rank=3, action="roll_back", shorter=("",)),
    ]


def is_in_transaction(connection: Connection | None) -> bool:
    """The connection has a transaction open that this session began; a program's is its own."""
    return (
        connection is not None
        and connection.origin is None
        and not connection.closed
        and connection.transaction is not TransactionState.NONE
    )


def transaction_elsewhere(connections: Sequence[Connection], in_view: Collection[ConnectionId], now: float) -> str:
    """The oldest open transaction that no line on the screen tells of, and how many others: `● c1 writing 9 s +1`.

    Args:
        connections: All connections.
        in_view: Those whose panes are on the screen.
        now: Seconds since the epoch, from which ages are told.

    Returns:
        The words, empty where there is none.
    """
    hidden = [c for c in connections if is_in_transaction(c) and c.id not in in_view]
    if not hidden:
        return ""
    oldest = min(hidden, key=lambda c: c.transaction_since or now)
    since = f" {age(now - oldest.transaction_since)}" if oldest.transaction_since else ""
    more = f" +{len(hidden) - 1}" if len(hidden) > 1 else ""
    return f"● {oldest.id} {_STATE_WORDS_SHORT[oldest.transaction]}{since}{more}"


def _lock_parts(run: Run | None, now: float, holding: Collection[ConnectionId] | None) -> list[Part]:
    """Who can hold the lock that the last run met; nothing where it met none."""
    lock = run.failure.lock if run is not None and run.failure is not None else None
    if lock is None or not lock.holders:
        return []
    holders = _still_holding(lock, holding)
    if not holders:
        return [
            Part("the lock was let go", "$secondary", rank=2, shorter=("let go",)),
            Part("[Try again]", "underline $primary", action="retry"),
        ]
    words = [f"! {form}" for form in _holder_forms(holders, now)]
    parts = [Part(words[0], "bold $secondary", rank=2, shorter=tuple(words[1:]))]
    if holders[0].connection is not None:
        parts.append(Part("[Go to]", "underline $primary", action="go_to_holder"))
    return parts


def _right_parts(connection: Connection) -> list[Part]:
    if connection.holds_cursor:
        return [Part("reading: holds a read lock", "$secondary", rank=5, shorter=("read lock",))]
    if connection.checkouts > 1:
        return [
            Part(f"{connection.pool} · {count(connection.checkouts, 'checkout')}", "$muted", rank=6, shorter=("",))
        ]
    return []


def _still_holding(lock: LockReport, holding: Collection[ConnectionId] | None) -> tuple[LockHolder, ...]:
    """The holders but for those known to have let go."""
    if holding is None:
        return lock.holders
    return tuple(holder for holder in lock.holders if holder.connection is None or holder.connection in holding)


def _holder_forms(holders: Sequence[LockHolder], now: float) -> tuple[str, ...]:
    """Who holds the lock, longest first: `c1 holds write lock 12 s`, `c1 has the lock`."""
    first = holders[0]
    who = first.connection or "somebody"
    since = f" {age(now - first.since)}" if first.since else ""
    writes = first.description.startswith("write")
    what, short = ("holds write lock", "has the lock") if writes else ("may hold the lock", "may hold it")
    more = f" (+{len(holders) - 1})" if len(holders) > 1 else ""
    return (f"{who} {what}{since}{more}", f"{who} {what}{more}", f"{who} {short}")


def tab_words(result: Result) -> str:
    """A result's tab: `Result 1`, `2 INSERT · 3 rows`."""
    if result.columns:
        return f"Result {result.index}"
    verb = next(iter(result.statement.replace(";", " ").split()), "?").upper()
    changed = f" · {count(result.changed_rows, 'row')}" if result.changed_rows is not None else ""
    return f"{result.index} {printable(verb)[:12]}{changed}"


def failure_rows(
    failure: StatementFailure, run: Run, *, holding: Collection[ConnectionId] | None = None
) -> list[Row]:
    """SQLite's words first, then who can be in the way, then what to do; each a line of its own."""
    place = f"statement {failure.index}, line {failure.line}"
    if failure.is_exact:
        place += f", column {failure.column}"
    rows = [
        Row(
            (
                Part("×", "bold $error"),
                Part(f"{place}:", "$foreground"),
                Part(printable(failure.message), "bold $error"),
            )
        )
    ]
    code = [Part("  " + failure.code, "$muted")] if failure.code else []
    if failure.lock is not None:
        table = f"table {printable(failure.lock.table)}" if failure.lock.table else "SQLite names no table"
        rows.append(Row((*code, Part(f"· {table}" if code else f"  {table}", "$muted"))))
        rows += lock_rows(failure.lock)
        still = _still_holding(failure.lock, holding)
        if failure.lock.holders and not still:
            rows.append(Row((Part("  It was let go since then: try again.", "$foreground", action="retry"),)))
        rows.append(_lock_keys(still))
    elif code:
        rows.append(Row(tuple(code)))
    if failure.hint:
        rows.append(Row((Part("  " + failure.hint, "$foreground"),)))
    rows += [Row((Part("  " + note, "bold $secondary"),)) for note in run.notes]
    if kept := _kept_words(run):
        rows.append(Row((Part(f"  {kept}", "$muted"),)))
    return rows


def _kept_words(run: Run) -> str:
    """What there is from the statements before the one that failed; empty for nothing."""
    with_rows = [result for result in run.results if result.columns]
    if len(with_rows) == 1:
        return f"Result {with_rows[0].index} is kept: {result_words(with_rows[0])}"
    if with_rows:
        return f"The {len(with_rows):,} results before it are kept."
    changes = [result for result in run.results if result.changed_rows is not None]
    if len(changes) == 1:
        return f"Statement {changes[0].index} was run: {result_words(changes[0])}"
    return f"The {len(changes):,} statements before it that change rows were run." if changes else ""


def lock_rows(lock: LockReport) -> list[Row]:
    """Who can hold the lock, one line each."""
    if not lock.holders:
        return [Row((Part("  Nobody known here holds it now: it may have been let go. Try again.", "$foreground"),))]
    rows = []
    intro = "held by" if len(lock.holders) == 1 else "can be held by"
    for number, holder in enumerate(lock.holders):
        words = f"{holder.connection}: {holder.description}" if holder.connection else holder.description
        # What has a comma in it has another at its end.
        comma = "," if "," in words and not holder.since else ""
        parts = [
            Part(f"  {intro}" if number == 0 else "  " + " " * len(intro), "$muted"),
            Part(printable(words) + comma, "bold $secondary", clip=Clip.END, least=20),
        ]
        since = f"since {clock_time(holder.since)}, " if holder.since else ""
        parts.append(Part(f"{since}{holder.evidence}", "$foreground"))
        rows.append(Row(tuple(parts)))
    return rows


def _lock_keys(holders: Sequence[LockHolder]) -> Row:
    """The keys that lead out, after the one that leads to them: in the editor they are letters."""
    holder = next((h.connection for h in holders if h.connection), None)
    keys = [("r", "try again", "retry")]
    if holder is not None:
        keys = [("g", f"go to {holder}", "go_to_holder"), ("c", f"commit {holder}", "commit_holder"), *keys]
    parts = [Part("  ^L", "bold $primary", action="lock_help"), Part("then", "$muted", action="lock_help")]
    for key, words, action in keys:
        parts.append(Part(key, "bold $primary", gap=2, action=action))
        parts.append(Part(words, "$foreground", action=action))
    return Row(tuple(parts))


def empty_rows(
    label: str,
    connection: Connection | None,
    *,
    has_tables: bool | None,
    run: Run | None,
    shown: Result | None = None,
    is_short: bool = False,
    program: Program | None = None,
) -> list[Row]:
    """What a pane without rows to show says: what is empty, why, and the next key; less where there is no room.

    Args:
        label: The pane's name.
        connection: The pane's connection.
        has_tables: Whether its database has tables; None where that is not known.
        run: What it ran last.
        shown: The result whose tab is chosen.
        is_short: There is room for a few lines only.
        program: Whose database it is, where it is a program's.
    """
    if run is not None:
        return _run_rows(run, shown)
    if connection is None:
        return []
    name = printable(label)
    first = f"   {name} is empty: no tables yet." if has_tables is False else "   No result yet."
    lines = [
        first,
        "   ^J runs the statement under the cursor.",
        "   Type SQL, or ^O to open another database.",
        *(() if is_short else ("",)),
        f"   {_whose(connection, program)}",
    ]
    return [Row((Part(line, "$foreground" if number == 0 else "$muted"),)) for number, line in enumerate(lines)]


def _run_rows(run: Run, shown: Result | None) -> list[Row]:
    """What is said of a run where there are no rows to show."""
    if run.state is RunState.WAITING:
        since = f" since {clock_time(run.waiting_since)}" if run.waiting_since is not None else ""
        holders = lock_rows(run.waits_for) if run.waits_for is not None and run.waits_for.holders else []
        return [Row((Part(f"  Waiting for a lock{since}. ^C gives up.", "$foreground"),)), *holders]
    if not run.state.is_over:
        rows = [Row((Part(f"   Running since {clock_time(run.started_at)}. ^C stops it.", "$foreground"),))]
        if is_of_program(run.connection) and run.elapsed_seconds >= _HELD_UP_SECONDS:
            # Once it is let in, what takes longer than the limit is stopped.
            rows.append(Row((Part("   It most likely waits for the program: a step there has to end.", "$muted"),)))
        return rows
    lines = []
    if shown is not None:
        words = result_words(shown) or "done"
        lines.append((f"{words[0].upper()}{words[1:]}.", "$foreground"))
    if run.state is RunState.CANCELLED and (shown is None or shown is run.results[-1]):
        which = f"Statement {statement_reached(run):,} was stopped." if shown is not None else "Stopped."
        lines.append((which, "$secondary"))
    lines += [(note, "bold $secondary") for note in run.notes]
    return [Row((Part(f"   {line}", style),)) for line, style in lines]


def _whose(connection: Connection, program: Program | None) -> str:
    if connection.origin is not None:
        return whose_words(connection, program)
    if connection.created_by is CreatedBy.COPY:
        return "It is a copy in this session: nothing done here reaches the program, nothing done there comes here."
    return _ON_DISK if connection.outcome is Outcome.FILE else _WHOSE


def cancelling_words(*, sharers: Sequence[str], seconds: float) -> str:
    """What is said while a cancelled statement does not let go: SQLite looks at it only between steps."""
    if seconds < 1:
        return "cancelling…"
    if not sharers:
        return "cancelling… one long function must end first"
    steps = "a step" if len(sharers) == 1 else "steps"
    return f"cancelling… {steps} of {' and '.join(sharers[:_MANY_SHARERS])} on the same cache must end"


def cancelling_rows(words: str) -> list[Row]:
    """The same, in place of a result, with why it takes a while."""
    return [
        Row((Part(f"   {words[0].upper()}{words[1:]}", "$foreground"),)),
        Row((Part("   SQLite looks whether to stop between the steps of a statement, not within one.", "$muted"),)),
    ]
