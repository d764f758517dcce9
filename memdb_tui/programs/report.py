"""The report on a program: what its processes opened, who shared with whom, which files came, what was left open.

Its JSON form is `{"version", "command", "exit_status", "notes", "processes": […]}`, each process with its
`connections`, `caches`, `files` and `leaks`. Times are seconds since the epoch, sizes bytes, exit statuses as
`subprocess` has them (negative: the signal), and null is “not known”, or that there is none.
"""

from __future__ import annotations

import ast
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from typing import Any

from memdb_tui.files.attribution import database_beside
from memdb_tui.frozen import dataclass
from memdb_tui.model import (
    Cache,
    CacheKind,
    CodePlace,
    Connection,
    Evidence,
    FileChange,
    FileEntry,
    FileKind,
    FileRole,
    FilesView,
    Origin,
    Program,
    ProgramState,
)
from memdb_tui.programs.memory_names import may_mean_memory
from memdb_tui.programs.picture import ProgramsPicture

JSON_VERSION = 1
"""Grows when a key changes its meaning or goes away."""


@dataclass(frozen=True, slots=True)
class ProcessReport:
    """One process and everything that was seen in it."""

    program: Program
    connections: tuple[Connection, ...]
    """Closed ones too."""
    caches: tuple[Cache, ...]
    """Those that are gone too."""
    files: tuple[FileEntry, ...]

    def to_json(self) -> dict[str, Any]:
        """Return the documented JSON form."""
        program = self.program
        return {
            "id": program.id,
            "pid": program.pid,
            "parent_pid": program.parent_pid,
            "argv": list(program.argv),
            "cwd": program.cwd,
            "executable": program.executable,
            "python": program.python_version,
            "sqlite": program.sqlite_version,
            "sqlalchemy": program.sqlalchemy_version or None,
            "state": program.state.value,
            "waiting_at": _place(program.waiting_place),
            "exit_status": program.exit_status,
            "started_at": program.started_at,
            "ended_at": program.ended_at,
            "connections": [_connection(each) for each in self.connections],
            "caches": [_cache(each) for each in self.caches],
            "files": [_file(each) for each in self.files],
            "leaks": [
                {"kind": leak.kind.value, "connection": leak.connection, "message": leak.message}
                for leak in program.leaks
            ],
            "dropped_connections": program.dropped_connections,
            "longest_block_seconds": program.longest_block_seconds,
            "unfollowed": [
                {"command": each.command, "reason": each.reason, "at": each.at} for each in program.unfollowed
            ],
            "notes": [*program.notes, *_dropped(program)],
        }


@dataclass(frozen=True, slots=True)
class Report:
    """What was seen of a program, all its processes."""

    processes: tuple[ProcessReport, ...]
    """In the order they were met."""
    command: tuple[str, ...] = ()
    exit_status: int | None = None
    """Of the process that was started; as `subprocess` has it."""
    notes: tuple[str, ...] = ()

    @property
    def strays(self) -> tuple[FileEntry, ...]:
        """Files that are there, or were, though memory was meant; their journals not counted."""
        return tuple(
            file
            for process in self.processes
            for file in process.files
            if file.role is FileRole.STRAY and not file.is_side_file
        )

    def to_json(self) -> dict[str, Any]:
        """Return the documented JSON form, made of dicts, lists, strings, numbers, booleans and None alone."""
        return {
            "version": JSON_VERSION,
            "command": list(self.command),
            "exit_status": self.exit_status,
            "notes": list(self.notes),
            "processes": [process.to_json() for process in self.processes],
        }


def report_of(
    picture: ProgramsPicture,
    files: Iterable[FileEntry],
    *,
    command: Sequence[str] = (),
    exit_status: int | None = None,
    notes: Sequence[str] = (),
) -> Report:
    """The report on what a picture shows.

    Args:
        picture: With closed connections.
        files: What the folders showed; a file whose maker is not known counts for the first process.
        command: What was started.
        exit_status: How that ended.
        notes: What must be said of the whole, a sentence each.
    """
    by_process: dict[str, list[FileEntry]] = {}
    first = picture.programs[0].id if picture.programs else ""
    known = {program.id for program in picture.programs}
    for file in sorted(files, key=lambda file: (file.at, file.path)):
        maker = file.made_by[0].partition(".")[0] if file.made_by else first
        by_process.setdefault(maker if maker in known else first, []).append(file)
    return Report(
        processes=tuple(
            ProcessReport(
                program,
                tuple(each for each in picture.connections if _process_of(each.origin) == program.id),
                tuple(each for each in picture.caches if each.process == program.id),
                tuple(by_process.get(program.id, ())),
            )
            for program in picture.programs
        ),
        command=tuple(command),
        exit_status=exit_status,
        notes=tuple(notes),
    )


def files_of(
    view: FilesView, programs: Iterable[Program], *, has_others: bool = False, is_traced: bool = True
) -> tuple[FileEntry, ...]:
    """The files that belong in a report, with what can be inferred of those whose maker never said a word.

    A process that is killed, or leaves by `os._exit`, may not have told of its last connections, one that opens
    thousands does not tell of all, and a child that could not be followed tells nothing: a new file whose name no one
    would give a file is then taken for a stray. So is one that is known to be a database where nobody saw what
    connections attach.

    Args:
        view: What the folders showed.
        programs: The processes that were heard.
        has_others: There may have been others: children that were not to be followed, say.
        is_traced: What connections attach is told.
    """
    is_whole = not has_others and not any(map(_is_incomplete, programs))
    if is_whole and is_traced:
        return view.entries
    known = (*view.entries, *view.others)
    suspects = {
        entry.path: _as_stray(entry, is_attached=is_whole)
        for entry in known
        if _is_suspect(entry) and (not is_whole or entry.kind is FileKind.DATABASE)
    }
    suspects |= {
        entry.path: _as_side_file(entry, kind, suspects[main])
        for entry in known
        for main, kind in [database_beside(entry.path) or ("", FileKind.OTHER)]
        if main in suspects
    }
    return (*(entry for entry in view.entries if entry.path not in suspects), *suspects.values())


def _is_incomplete(program: Program) -> bool:
    has_notes = program.state is ProgramState.ENDED and bool(program.notes)
    return has_notes or program.dropped_connections > 0 or bool(program.unfollowed)


def _dropped(program: Program) -> tuple[str, ...]:
    """What is to be said of closed connections that are not listed."""
    number = program.dropped_connections
    if not number:
        return ()
    return (f"{number:,} closed {'connection was' if number == 1 else 'connections were'} not told of.",)


def _is_suspect(entry: FileEntry) -> bool:
    is_new = entry.change in {FileChange.MADE, FileChange.MADE_AND_REMOVED} and not entry.was_there
    is_database = database_beside(entry.path) is None
    return entry.role is FileRole.OTHER and is_new and is_database and may_mean_memory(entry.path)


def _as_stray(entry: FileEntry, *, is_attached: bool) -> FileEntry:
    who = (
        "no connection opened it as its main file, and what connections attach is told with --trace alone."
        if is_attached
        else "who opened it is among what was not told."
    )
    return replace(
        entry,
        kind=FileKind.DATABASE,
        role=FileRole.STRAY,
        evidence=Evidence.INFERRED,
        reason=f"Its name is a connection string that means memory, and it came while the program ran; {who}",
    )


def _as_side_file(entry: FileEntry, kind: FileKind, main: FileEntry) -> FileEntry:
    """A journal, WAL or shm of an inferred stray."""
    name = main.path.rpartition("/")[2]
    reason = f"SQLite keeps it beside {name}, whose name means memory."
    return replace(entry, kind=kind, role=FileRole.STRAY, evidence=Evidence.INFERRED, reason=reason)


def _process_of(origin: Origin | None) -> str:
    return origin.process if origin is not None else ""


def _connection(connection: Connection) -> dict[str, Any]:
    origin = connection.origin
    main = next((schema for schema in connection.schemas if schema.name == "main"), None)
    form: dict[str, Any] = {
        "id": connection.id,
        "string": connection.string,
        "outcome": connection.outcome.value,
        "cache": main.cache if main is not None else None,
        "stray": connection.is_stray,
        "meant_as_memory": connection.meant_as_memory,
        "reason": connection.reason,
        "suggestion": connection.suggestion or None,
        "engine": connection.engine or None,
        "pool": connection.pool or None,
        "thread": connection.thread or None,
    }
    if origin is None:
        return form
    keywords = None if origin.keywords is None else dict(origin.keywords)
    return form | {
        "database": origin.database,
        "uri": _uri(keywords),
        "keywords": keywords,
        "opened_at": _place(origin.opener or (origin.stack[0] if origin.stack else None)),
        "opened": origin.opened_at,
        "closed_at": _place(origin.closer),
        "closed_for_certain": None if origin.closer is None else origin.is_closer_certain,
        "closed": origin.closed_at,
        "stack": [_place(place) for place in origin.stack],
        "found": origin.found_by.value,
        "checked_out": origin.is_checked_out,
        "statements": origin.statement_count,
        "last_statement": origin.last_statement or None,
    }


def _uri(keywords: Mapping[str, str] | None) -> bool | None:
    """Whether `uri` was true in the call; None where nobody saw it."""
    if keywords is None:
        return None
    written = keywords.get("uri", "False")
    try:
        return bool(ast.literal_eval(written))
    except (ValueError, SyntaxError):
        # An object that is no literal: true, as most objects are.
        return True


def _place(place: CodePlace | None) -> dict[str, Any] | None:
    return None if place is None else {"file": place.path, "line": place.line, "function": place.function}


def _cache(cache: Cache) -> dict[str, Any]:
    return {
        "id": cache.id,
        "kind": "unknown" if cache.evidence is Evidence.UNKNOWN else cache.kind.value,
        "database": cache.name or None if cache.kind in {CacheKind.PRIVATE, CacheKind.MEMORY} else cache.name,
        "members": list(dict.fromkeys(member.connection for member in cache.members)),
        "evidence": cache.evidence.value,
        "sqlite_count": cache.sqlite_count,
        "size_bytes": cache.size_bytes,
    }


def _file(file: FileEntry) -> dict[str, Any]:
    return {
        "path": file.path,
        "kind": file.kind.value,
        "role": file.role.value,
        "stray": file.role is FileRole.STRAY,
        "change": file.change.value,
        "was_there": file.was_there,
        "size_bytes": file.size_bytes,
        "made_by": list(file.made_by),
        "evidence": file.evidence.value,
        "reason": file.reason,
        "string": file.string or None,
        "statement": file.statement or None,
        "suggestion": file.suggestion or None,
    }
