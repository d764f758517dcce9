"""From what probes told to values the UI and the reports show: pure, one whole picture at a time."""

from __future__ import annotations

import itertools
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace

from memdb_tui.frozen import dataclass
from memdb_tui.model import (
    AttachedSchema,
    Cache,
    CacheKind,
    CodePlace,
    Connection,
    ConnectionId,
    CopyState,
    CreatedBy,
    Evidence,
    FileReason,
    FileTouch,
    Leak,
    Member,
    Origin,
    Outcome,
    Program,
    ProgramState,
    TransactionMode,
    TransactionState,
    Unfollowed,
    WaitingCopy,
)
from memdb_tui.model.picture import ENDED_WITH_PROCESS
from memdb_tui.programs.grouping import Group, Letters, groups_of, seats_of
from memdb_tui.programs.leaks import ended_by, leaks_of
from memdb_tui.programs.meanings import Meaning, Question, questions_of
from memdb_tui.programs.places import opener_of, spelled
from memdb_tui.programs.told import ToldConnection, ToldProcess, ToldState
from memdb_tui.programs.touches import touches_of
from memdb_tui.programs.verdict import Verdict, verdict_on

_DEFAULT_LOCK_WAIT_SECONDS = 5.0
"""The `timeout` of `sqlite3.connect`: https://docs.python.org/3/library/sqlite3.html#sqlite3.connect."""
_ALIVE = (ProgramState.RUNNING, ProgramState.STOPPED, ProgramState.WAITING)


@dataclass(frozen=True, slots=True)
class ProcessView:
    """One process as the hub knows it."""

    id: str
    told: ToldProcess
    state: ToldState
    lifecycle: ProgramState
    exit_status: int | None
    ended_at: float | None
    notes: tuple[str, ...]
    """What the hub has to say of it, before what the process says itself."""
    has_last_word: bool = True
    """Its newest state is that of its end; else it may have closed more than it could tell."""


@dataclass(frozen=True, slots=True)
class ProgramsPicture:
    """All processes at one moment; the newest replaces those before it."""

    programs: tuple[Program, ...] = ()
    connections: tuple[Connection, ...] = ()
    caches: tuple[Cache, ...] = ()
    touches: tuple[FileTouch, ...] = ()

    def with_notes(self, notes: Iterable[str]) -> ProgramsPicture:
        """The same with more said of the first process, which the others come from."""
        more = tuple(notes)
        if not self.programs or not more:
            return self
        first, *others = self.programs
        return replace(self, programs=(replace(first, notes=(*first.notes, *more)), *others))


def one_after_the_other(pictures: Sequence[ProgramsPicture]) -> ProgramsPicture:
    """All of several pictures, in their order."""
    chain = itertools.chain.from_iterable
    return ProgramsPicture(
        programs=tuple(chain(each.programs for each in pictures)),
        connections=tuple(chain(each.connections for each in pictures)),
        caches=tuple(chain(each.caches for each in pictures)),
        touches=tuple(chain(each.touches for each in pictures)),
    )


def connection_id(process: str, connection: str) -> ConnectionId:
    """What a program's connection is called here: `p1.c3`."""
    return ConnectionId(f"{process}.{connection}")


def picture_of(
    view: ProcessView, meanings: Mapping[Question, Meaning], letters: Letters, *, with_closed: bool
) -> ProgramsPicture:
    """The picture of one process.

    Args:
        view: What it told.
        meanings: What its strings mean, as far as that has been found out.
        letters: Names its caches; the same object for every picture of a process.
        with_closed: Closed connections are wanted too, and the caches that are gone with them; else only those that a
            leak names.
    """
    known = {each.id: _meaning(view.told, each, meanings) for each in view.state.connections}
    groups = groups_of(seat for each in view.state.connections for seat in seats_of(each, known[each.id]))
    caches = letters.name(groups)
    openers = {each.id: opener_of(each.stack, view.told.argv) for each in view.state.connections}
    ids = {each.id: connection_id(view.id, each.id) for each in view.state.connections}
    has_ended = view.lifecycle is ProgramState.ENDED
    inherited = [name for each, name in ids.items() if view.told.has_inherited(each)]
    leaks = leaks_of(
        view.state.connections,
        groups,
        openers=openers,
        ids=ids,
        inherited=inherited,
        has_ended=has_ended,
        has_last_word=view.has_last_word,
    )
    leaking = {leak.connection for leak in leaks}
    kinds = {
        seat.connection.id: kind
        for group, kind in ((group, group.kind) for group in groups)
        for seat in group.seats
        if seat.schema.name == "main"
    }
    connections = []
    touches: dict[tuple[str, FileReason, str, bool | None], FileTouch] = {}
    for told in view.state.connections:
        meaning = known[told.id]
        verdict = verdict_on(told, meaning, kinds[told.id])
        for touch in touches_of(
            told,
            verdict,
            connection=ids[told.id],
            string=_string(told, meaning),
            opener=openers[told.id],
            process_began=view.told.started_at,
        ):
            touches.setdefault((touch.path, touch.reason, touch.string, touch.existed), touch)
        if told.is_open or with_closed or ids[told.id] in leaking:
            connections.append(
                _connection(view, told, meaning, verdict=verdict, opener=openers[told.id], caches=caches)
            )
    return ProgramsPicture(
        programs=(_program(view, leaks),),
        connections=tuple(connections),
        caches=tuple(
            _cache(view.id, caches[_place(group)], group, with_closed=with_closed)
            for group in groups
            if with_closed or group.open_seats
        ),
        touches=tuple(touches.values()),
    )


def _meaning(process: ToldProcess, told: ToldConnection, meanings: Mapping[Question, Meaning]) -> Meaning | None:
    """What the URL means where it led to this connection, else what sqlite3's argument means."""
    questions = questions_of(process, told)
    found = [meanings[question] for question in questions if question in meanings]
    if len(found) < len(questions) and found and not found[0].meant_as_memory:
        # The path that a URL was taken for says nothing of what was meant: the URL is not explained yet.
        return None
    return next((each for each in found if each.leads_to(told.database)), found[-1] if found else None)


def _place(group: Group) -> tuple[str, str]:
    return group.seats[0].connection.id, group.seats[0].schema.name


def _cache(process: str, name: str, group: Group, *, with_closed: bool) -> Cache:
    members = group.seats if with_closed else group.open_seats
    newest = group.newest.connection
    is_known = any(seat.meaning is not None for seat in group.seats)
    unobserved = Evidence.DECLARED if is_known else Evidence.UNKNOWN
    return Cache(
        id=name,
        kind=group.kind,
        name=_cache_name(group),
        members=tuple(Member(connection_id(process, s.connection.id), s.schema.name) for s in members),
        sqlite_count=newest.sqlite_count if group.kind is CacheKind.SHARED_CACHE and _is_current(group) else None,
        size_bytes=newest.size_bytes if group.newest.schema.name == "main" and _was_seen_again(newest) else None,
        evidence=Evidence.OBSERVED if group.is_wholly_observed else unobserved,
        process=process,
    )


def _was_seen_again(told: ToldConnection) -> bool:
    """SQLite was asked after the opening: the size that a database had at that moment says nothing of now."""
    return told.observed_at is not None and told.observed_at != told.opened_at


def _is_current(group: Group) -> bool:
    """Nobody whom we know of has come or gone since SQLite counted."""
    counted_at = group.newest.connection.observed_at
    if counted_at is None:
        return False
    return all(seat.began <= counted_at and seat.connection.is_open for seat in group.seats)


def _cache_name(group: Group) -> str:
    schema = group.newest.schema
    declared = next((seat.declared[-1] for seat in group.seats if seat.declared is not None), "")
    name = schema.file or schema.virtual or declared
    # What a connection was opened with says nothing of what it has attached.
    main = [seat.connection.database for seat in group.seats if seat.schema.name == "main"]
    return name or next(filter(None, main), "")


def _connection(
    view: ProcessView,
    told: ToldConnection,
    meaning: Meaning | None,
    *,
    verdict: Verdict,
    opener: CodePlace | None,
    caches: Mapping[tuple[str, str], str],
) -> Connection:
    engine = told.engine
    transaction = _transaction(told)
    schemas = [(schema.name, schema.file) for schema in told.schemas or ()] or [("main", "")]
    return Connection(
        id=connection_id(view.id, told.id),
        string=_string(told, meaning),
        created_by=CreatedBy.PROGRAM,
        engine="" if engine is None else f"{view.id}.{engine.id}",
        pool="" if engine is None else engine.pool,
        checkouts=int(told.is_open if engine is None else bool(told.is_checked_out)),
        thread=told.thread,
        outcome=verdict.outcome,
        meant_as_memory=verdict.meant_as_memory,
        reason=verdict.reason,
        suggestion=verdict.suggestion,
        mode=_mode(told),
        lock_wait_seconds=_lock_wait_seconds(told),
        transaction=transaction,
        transaction_since=None,
        schemas=tuple(AttachedSchema(name, caches[told.id, name], file, transaction) for name, file in schemas),
        has_temp_tables=any(schema.name == "temp" for schema in told.schemas or ()),
        running="",
        running_since=None,
        holds_cursor=False,
        closed=_closed(view, told),
        origin=Origin(
            process=view.id,
            database=told.database or "",
            keywords=told.keywords,
            found_by=told.found_by,
            reading=_reading(told, verdict),
            url="" if engine is None else engine.url,
            stack=told.stack,
            opener=opener,
            has_opener_returned=told.has_opener_returned,
            opened_at=told.opened_at,
            closed_at=told.closed_at,
            closer=told.closed_by,
            is_closer_certain=told.is_closer_certain,
            is_checked_out=told.is_checked_out,
            statement_count=told.statements,
            last_statement=told.last_statement,
            is_for_all_threads=told.is_for_all_threads,
        ),
    )


def _transaction(told: ToldConnection) -> TransactionState:
    if not told.is_open or told.in_transaction is False:
        return TransactionState.NONE
    return TransactionState.UNKNOWN if told.in_transaction is None else TransactionState.OPEN


def _string(told: ToldConnection, meaning: Meaning | None) -> str:
    """The engine's URL, unless something else than it (a creator, a listener) decided what was opened."""
    engine = told.engine
    if engine is None or not engine.url:
        return told.database or ""
    is_of_the_url = meaning is None or meaning.connect == "" or meaning.string == engine.url
    return engine.url if is_of_the_url or told.database is None else told.database


def _closed(view: ProcessView, told: ToldConnection) -> str:
    if told.is_open:
        return ENDED_WITH_PROCESS if view.lifecycle is ProgramState.ENDED else ""
    if told.is_closer_certain:
        return f"The program closed it at {spelled(told.closed_by)}."
    return f"It was {ended_by(told)}."


def _reading(told: ToldConnection, verdict: Verdict) -> CopyState:
    if verdict.outcome is Outcome.FILE:
        return CopyState.FILE
    main = told.main
    if main is not None and main.is_named_store:
        return CopyState.LIVE
    is_named = verdict.outcome is Outcome.MEMORY_SHARED and told.database is not None
    return CopyState.LIVE if is_named else CopyState.PRIVATE


def _mode(told: ToldConnection) -> TransactionMode:
    # https://docs.python.org/3/library/sqlite3.html#sqlite3.Connection.autocommit
    match told.keyword("autocommit"):
        case "False":
            return TransactionMode.MANUAL
        case "True":
            return TransactionMode.AUTOCOMMIT
    if told.is_isolation_known:
        return TransactionMode.AUTOCOMMIT if told.isolation is None else TransactionMode.LEGACY
    return TransactionMode.AUTOCOMMIT if told.keyword("isolation_level") == "None" else TransactionMode.LEGACY


def _lock_wait_seconds(told: ToldConnection) -> float:
    try:
        return max(0.0, float(told.keyword("timeout") or _DEFAULT_LOCK_WAIT_SECONDS))
    except ValueError:
        return _DEFAULT_LOCK_WAIT_SECONDS


def _program(view: ProcessView, leaks: tuple[Leak, ...]) -> Program:
    told, state = view.told, view.state
    failures = tuple(f"Of ours, in that process: {failure}" for failure in state.failures)
    native = (f"SQLite itself cannot be asked there: {told.native}.",) if told.native else ()
    return Program(
        id=view.id,
        pid=told.pid,
        parent_pid=told.parent_pid,
        argv=told.argv,
        cwd=told.cwd,
        executable=told.executable,
        python_version=told.python,
        sqlite_version=state.sqlite or told.sqlite,
        sqlalchemy_version=state.sqlalchemy or told.sqlalchemy,
        state=view.lifecycle,
        exit_status=view.exit_status,
        started_at=told.started_at,
        ended_at=view.ended_at,
        notes=tuple(dict.fromkeys((*view.notes, *told.notes, *state.notes, *native, *failures))),
        leaks=leaks,
        dropped_connections=state.dropped,
        longest_block_seconds=state.longest_block_seconds,
        # Nobody comes by any more.
        waiting_copies=_waiting_copies(view) if view.lifecycle in _ALIVE else (),
        unfollowed=tuple(Unfollowed(view.id, each.command, each.reason, each.at) for each in state.unfollowed),
        waiting_thread=state.waiting_thread,
        waiting_stack=state.waiting_stack,
        waiting_place=opener_of(state.waiting_stack, told.argv),
    )


def _waiting_copies(view: ProcessView) -> tuple[WaitingCopy, ...]:
    known = {each.id: each for each in view.state.connections}
    return tuple(
        WaitingCopy(
            connection_id(view.id, each.connection),
            each.thread,
            is_traced=(told := known.get(each.connection)) is not None and told.statements is not None,
            is_for_all_threads=told is not None and told.is_for_all_threads,
        )
        for each in view.state.waiting_copies
    )
