"""What is said of a program that is looked into: its heading, its leaks, where its connections come from. Pure."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterator, Sequence

from memdb_tui.model import (
    CodePlace,
    Connection,
    ConnectionId,
    CopyState,
    FoundBy,
    Origin,
    Program,
    ProgramState,
    Snapshot,
    Unfollowed,
)
from memdb_tui.model.exit_words import exit_words
from memdb_tui.model.leak_words import leaks_in_words
from memdb_tui.ui.copy_words import waiting_words
from memdb_tui.ui.rows import Clip, Part, Row, clip_cells
from memdb_tui.ui.wording import age, clock_time, count, printable, short_path, thread_words, took

_READING_WORDS = {
    CopyState.LIVE: "live reads",
    CopyState.PRIVATE: "copies only",
    CopyState.FILE: "a file",
}
_MOST_COMMANDS = 5
_COMMAND_CELLS = 60
_LONG_BLOCK_SECONDS = 0.05
"""From here on the longest time that a program waited for us is shown before all but what the program is."""
_AGE_FROM_SECONDS = 120.0
"""Ages of copies are shown to the minute: before that the moment says it."""
_NOT_SEEN = "opened before anybody looked: where, when and with which keywords is not known"


def place_words(place: CodePlace | None) -> str:
    """A line of source, short: `app.py:12`; empty where it is not known."""
    return "" if place is None else f"{place.path.rsplit('/', 1)[-1]}:{place.line}"


def how_it_ended(program: Program) -> str:
    """`running`, `exit status 0`, `killed by SIGKILL`, `waiting in inspect()`, `stopped`, `ended`."""
    if program.state is not ProgramState.ENDED:
        return program.state.value
    return "ended" if program.exit_status is None else exit_words(program.exit_status)


def program_heading(program: Program, snapshot: Snapshot) -> Row:
    """A process: what it runs, whether it still does, how many connections it has open."""
    is_over = program.state is ProgramState.ENDED
    own = sum(
        1 for c in snapshot.connections if not c.closed and c.origin is not None and c.origin.process == program.id
    )
    state_style = "$muted" if is_over else "$success"
    state = how_it_ended(program)
    if program.exit_status:
        state_style = "bold $error"
    elif program.state is ProgramState.STOPPED:
        state_style = "bold $secondary"
    parts = [
        Part("■" if is_over else "►", f"bold {state_style}" if not is_over else state_style),
        Part(printable(program.name), "bold", clip=Clip.END, least=16),
        Part(program.id, "$muted", rank=5, shorter=("",)),
        Part(f"pid {program.pid}", "$muted", gap=2, rank=3, shorter=("",)),
        Part(state, state_style, gap=2, rank=1),
        *_waiting_part(program),
        *([] if is_over else [Part(count(own, "connection"), "$muted", gap=2, rank=6, shorter=(f"{own} conn", ""))]),
    ]
    right = []
    block = program.longest_block_seconds
    if block > 0:
        style, rank = ("$muted", 7) if block < _LONG_BLOCK_SECONDS else ("$secondary", 2)
        right.append(Part(f"longest block {took(block)}", style, gap=2, rank=rank, shorter=("",)))
    if program.python_version:
        right.append(Part(f"Python {program.python_version}", "$faint", gap=2, rank=8, shorter=("",)))
    return Row(tuple(parts), tuple(right))


def _waiting_part(program: Program) -> Iterator[Part]:
    if program.state is ProgramState.WAITING and program.waiting_place is not None:
        where = place_words(program.waiting_place)
        yield Part(f"at {where}", "underline $foreground", rank=2, shorter=(where, ""), action="show_waiting")


def session_heading() -> Row:
    """Before this session's own connections, where a program's stand above them."""
    return Row((Part("▪", "$muted"), Part("this session", "bold"), Part("its copies and connections", "$muted")))


def program_remarks(program: Program, copying: Collection[ConnectionId] = ()) -> Iterator[tuple[str, str]]:
    """What must be said of a program, its leaks among them: text and style, the weightiest first.

    Args:
        program: What they are about.
        copying: The connections whose copies have lines of their own.
    """
    if program.state is ProgramState.STOPPED:
        yield f"It answers nothing until it goes on: fg in its terminal, or kill -CONT {program.pid}.", "$secondary"
    for text in leaks_in_words(program.leaks):
        yield f"! {text}", "$secondary"
    for waiting in program.waiting_copies:
        if waiting.connection not in copying:
            yield waiting_words(waiting), "$secondary"
    for text in _unfollowed_words(program.unfollowed):
        yield text, "$muted"
    for note in program.notes:
        yield note, "$muted"
    if program.dropped_connections:
        yield f"{count(program.dropped_connections, 'closed connection')} no longer listed", "$faint"


def _unfollowed_words(unfollowed: Sequence[Unfollowed]) -> Iterator[str]:
    """The same command once, the newest few, and how many others there are."""
    times = Counter((clip_cells(child.command, _COMMAND_CELLS), child.reason) for child in unfollowed)
    shown = list(times)[-_MOST_COMMANDS:]
    for command, reason in shown:
        number = times[command, reason]
        yield f"not followed: {command}{f' (×{number})' if number > 1 else ''} ({reason})"
    if len(shown) < len(times):
        others = sum(times.values()) - sum(times[each] for each in shown)
        yield f"not followed: {others} before these"


def origin_lines(connection: Connection, origin: Origin) -> Iterator[str]:
    """Where a connection of a program comes from, a line each: string, call, line, pool, statements."""
    yield printable(connection.string)
    yield printable(" · ".join(_call_words(origin)))
    yield printable(" · ".join(_opening_words(connection, origin)))
    facts = [] if connection.closed else [_READING_WORDS[origin.reading]]
    if connection.engine:
        facts.append(f"engine {connection.engine}")
        facts.append(connection.pool)
        if origin.is_checked_out is not None:
            facts.append("checked out" if origin.is_checked_out else "checked in")
    if origin.statement_count is not None:
        facts.append(count(origin.statement_count, "statement"))
    elif not connection.closed:
        facts.append("what it attaches is not known")
    yield " · ".join(fact for fact in facts if fact)
    if origin.last_statement:
        yield printable(origin.last_statement)


def _call_words(origin: Origin) -> Iterator[str]:
    if origin.url:
        yield f"sqlite3.connect({origin.database!r})"
    if origin.keywords is None:
        yield "keywords not known"
    elif origin.keywords:
        yield ", ".join(f"{name}={value}" for name, value in origin.keywords)
    else:
        yield "no keywords"


def _opening_words(connection: Connection, origin: Origin) -> Iterator[str]:
    if origin.found_by is FoundBy.HEAP and origin.opener is None:
        yield _NOT_SEEN
        return
    if origin.opener is not None:
        yield f"opened in {origin.opener.function} at {short_path(origin.opener.path)}:{origin.opener.line}"
    if origin.opened_at is not None:
        yield clock_time(origin.opened_at)
    yield thread_words(connection.thread) if connection.thread else "thread not known"
    if origin.has_opener_returned:
        yield "its opener has returned"


def copy_part(taken_at: float, now: float) -> Part:
    """When a pane's copy was taken and, from two minutes on, how old it is; a click takes it again."""
    taken = clock_time(taken_at)
    words, shorter = f"copy of {taken}", (f"copy {taken}", taken)
    if now - taken_at >= _AGE_FROM_SECONDS:
        old = f"{age(now - taken_at)} old"
        words, shorter = f"{words}, {old}", (f"copy, {old}", old)
    return Part(words, "underline $secondary", gap=2, rank=2, action="refresh_copy", shorter=shorter)


def whose_words(connection: Connection, program: Program | None) -> str:
    """Whose the database is, and how SQL gets at it."""
    name = printable(program.name) if program is not None else "the program"
    pid = f" (pid {program.pid})" if program is not None else ""
    reading = connection.origin.reading if connection.origin is not None else CopyState.LIVE
    if connection.has_ended_with_process and reading is not CopyState.FILE:
        return f"It lived in {name}{pid}, and died with it."
    if reading is CopyState.PRIVATE:
        return f"It lives in {name}{pid}, private to one connection there: copy it, and SQL runs on the copy."
    if reading is CopyState.FILE:
        return f"It is a file that {name}{pid} has open; ^O opens it in this session too."
    return (
        f"It lives in {name}{pid}. Each statement runs over a connection of ours that is open for that moment alone, "
        "reads only, and is stopped after 100 ms."
    )
