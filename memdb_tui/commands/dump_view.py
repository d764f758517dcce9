"""A report on running processes as text for people: who they are, each cache with its connections, what is wrong."""

from __future__ import annotations

import shlex
import time
from collections.abc import Iterator

from rich.console import Console
from rich.text import Text

from memdb_tui.commands.amounts import age, size
from memdb_tui.commands.printing import printable
from memdb_tui.model import Cache, CacheKind, CodePlace, Connection, Evidence, TransactionState
from memdb_tui.model.leak_words import leaks_in_words
from memdb_tui.programs.report import ProcessReport, Report

_SIGNS = {
    CacheKind.SHARED_CACHE: "◆ in memory, shared",
    CacheKind.MEMDB_STORE: "◆ in memory, shared (memdb)",
    CacheKind.PRIVATE: "◇ in memory, private",
    CacheKind.MEMORY: "◇ in memory, private or not is not known",
    CacheKind.FILE: "▤ on disk",
    CacheKind.TEMPORARY: "▤ temporary",
}


def show(console: Console, report: Report) -> None:
    """Print a report."""
    for number, process in enumerate(report.processes):
        if number:
            console.print()
        for line in _process(process):
            console.print(line, soft_wrap=True)


def _process(process: ProcessReport) -> Iterator[Text]:
    program = process.program
    title = Text(f"process {program.pid}  ", style="bold")
    title.append(printable(shlex.join(program.argv)), style="not bold")
    yield title
    facts = [f"Python {program.python_version}"]
    facts += [f"SQLite {program.sqlite_version}"] if program.sqlite_version else ["sqlite3 is not imported"]
    facts += [f"SQLAlchemy {program.sqlalchemy_version}"] if program.sqlalchemy_version else []
    where = "" if program.waiting_place is None else f" at {_place(program.waiting_place)}"
    facts += [program.state.value + where, f"for {age(time.time() - program.started_at)}", printable(program.cwd)]
    yield Text(" · ".join(facts), style="dim")
    connections = {connection.id: connection for connection in process.connections if not connection.closed}
    if not connections:
        yield Text("\nNo open sqlite3 connection was found.")
    for cache in process.caches:
        members = [connections[m.connection] for m in cache.members if m.connection in connections]
        if members:
            yield Text("")
            yield _cache(cache, members)
            for connection in members:
                yield from _connection(connection)
    leaks = [Text(f"! {printable(text)}", style="yellow") for text in leaks_in_words(program.leaks)]
    notes = [Text(printable(note), style="dim") for note in program.notes]
    closed = len(process.connections) - len(connections) + program.dropped_connections
    if closed:
        notes.append(Text(f"{closed} connection{'s have' if closed > 1 else ' has'} been closed.", style="dim"))
    for lines in (leaks, notes):
        if lines:
            yield Text("")
            yield from lines


def _cache(cache: Cache, members: list[Connection]) -> Text:
    is_stray = cache.kind is CacheKind.FILE and any(member.is_stray for member in members)
    if cache.evidence is Evidence.UNKNOWN:
        line = Text("? not known where", style="bold")
    elif is_stray:
        line = Text("▲ on disk, meant as memory", style="bold red")
    else:
        line = Text(_SIGNS[cache.kind], style="bold")
    line.append(f"  {printable(cache.name)}" if cache.name else "")
    count = f"{len(members)} connection{'s' if len(members) != 1 else ''}"
    if cache.sqlite_count is not None and cache.sqlite_count != len(members):
        count += f" (SQLite counts {cache.sqlite_count})"
    facts = [count, *([size(cache.size_bytes)] if cache.size_bytes is not None else []), cache.evidence.value]
    line.append(f"  {' · '.join(facts)}", style="not bold dim")
    return line


def _connection(connection: Connection) -> Iterator[Text]:
    origin = connection.origin
    line = Text(f"  {connection.id}  ")
    if connection.transaction is TransactionState.OPEN:
        line.append("in a transaction  ", style="yellow")
    if connection.pool:
        line.append(f"{connection.pool}, {'checked out' if connection.checkouts else 'checked in'}  ")
    line.append(printable(connection.thread) or "thread not known", style="dim")
    if origin is not None and origin.opened_at is not None:
        line.append(f"  {age(time.time() - origin.opened_at)}", style="dim")
    yield line
    yield Text(f"      {printable(connection.string) or 'its string is not known'}")
    if origin is not None:
        place = origin.opener or (origin.stack[0] if origin.stack else None)
        yield Text(f"      {_place(place)}", style="dim")
    if connection.is_stray:
        yield Text(f"      {printable(connection.reason)}", style="red")
        if connection.suggestion:
            yield Text(f"      use {printable(connection.suggestion)}")


def _place(place: CodePlace | None) -> str:
    if place is None:
        return "opened before anybody watched"
    return printable(f"{place.path}:{place.line} in {place.function}")
