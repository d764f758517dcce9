"""The lines of the Connections pane: connections under the cache they share, with how that is known."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace
from functools import partial

from memdb_tui.frozen import dataclass
from memdb_tui.model import (
    AttachedSchema,
    Cache,
    CacheKind,
    Connection,
    ConnectionId,
    CreatedBy,
    Evidence,
    FileReason,
    Member,
    Program,
    Snapshot,
    TransactionState,
)
from memdb_tui.ui.program_lines import (
    origin_lines,
    place_words,
    program_heading,
    program_remarks,
    session_heading,
)
from memdb_tui.ui.rows import Clip, Part, Row, clip_cells, wrap_cells
from memdb_tui.ui.widgets.line_list import Line
from memdb_tui.ui.wording import age, count, printable, short_path, size, waits

_CACHE_STYLES = ("$primary", "$secondary", "$success")
_NO_PANE = "no pane"
_MEMBER_INDENT = 2
_DETAIL_INDENT = 6
_REMARK_INDENT = 3
_REMARK_LINES = 4
_MOST_SCHEMA_CELLS = 16
_NARROW_CELLS = 44
"""In fewer, the mode is left out: on every line, so that columns stay aligned."""
_KIND_WORDS = {
    CacheKind.SHARED_CACHE: "shared cache",
    CacheKind.MEMDB_STORE: "memdb store",
    CacheKind.PRIVATE: "private",
    CacheKind.MEMORY: "in memory, private or not is not known",
    CacheKind.FILE: "on disk",
    CacheKind.TEMPORARY: "temporary",
}
_STATE_WORDS = {
    TransactionState.OPEN: ("○", "open", " (BEGIN)"),
    TransactionState.READ: ("◐", "reading", ""),
    TransactionState.WRITE: ("●", "writing", ""),
}
# Of a program's connection only this can be asked without disturbing it.
_PROGRAM_STATE_WORDS = {
    TransactionState.OPEN: ("●", "in a transaction", ""),
    TransactionState.UNKNOWN: ("?", "transaction not known", ""),
}


def cache_style(cache_id: str) -> str:
    """The theme variable a cache's letter is drawn in everywhere; never the one for errors."""
    number = 0
    for letter in short_id(cache_id):
        number = number * 26 + ord(letter) - ord("A") + 1
    return _CACHE_STYLES[(number - 1) % len(_CACHE_STYLES)]


def short_id(name: str) -> str:
    """An id without the process it belongs to: `A` for `p1.A`."""
    return name.rpartition(".")[2]


def cache_mark(cache: Cache) -> str:
    """`◆A` for a cache in memory, `▲C` for one on disk; under the heading of its process."""
    return ("▲" if cache.kind is CacheKind.FILE else "◆") + short_id(cache.id)


def is_stray_cache(snapshot: Snapshot, cache: Cache) -> bool:
    """The file is there though what opened or attached it was meant to stay in memory."""
    if cache.kind is not CacheKind.FILE:
        return False
    strays = {c.id for c in snapshot.connections if c.is_stray}
    attached = {
        (touch.connection, touch.path)
        for touch in snapshot.touches
        if touch.meant_as_memory and touch.reason is FileReason.ATTACH
    }
    return any(
        member.connection in strays if member.schema == "main" else (member.connection, cache.name) in attached
        for member in cache.members
    )


def connection_of(key: str) -> ConnectionId:
    """The connection that a line's key stands for."""
    return ConnectionId(key.partition(" ")[0])


def caches_state(snapshot: Snapshot) -> str:
    """What stands beside the pane's name: `4 in 3 caches · observed`."""
    snapshot = snapshot.open_only()
    if not snapshot.connections:
        return "none"
    known = {cache.evidence for cache in snapshot.caches}
    evidence = next((e for e in reversed(Evidence) if e in known), Evidence.UNKNOWN)
    worst = sum(cache.evidence is evidence for cache in snapshot.caches)
    part = "" if worst == len(snapshot.caches) else f"{worst} "
    return f"{len(snapshot.connections):,} in {count(len(snapshot.caches), 'cache')} · {part}{evidence}"


@dataclass(frozen=True, slots=True)
class CacheListing:
    """What the lines are made of, besides the snapshot."""

    now: float
    panes: Mapping[ConnectionId, str]
    """The words for the pane a connection's SQL runs in; a connection without one is in no pane."""
    detailed: str | None = None
    """The key of the line whose connection is explained below it."""
    all_detailed: bool = False
    width: int = 80


def cache_lines(snapshot: Snapshot, listing: CacheListing) -> list[Line]:
    """The lines for a snapshot: a heading for each cache, its members below it."""
    if not snapshot.programs:
        return _group_lines(snapshot, listing) if snapshot.connections else _empty_lines(listing.width)
    lines: list[Line] = []
    for program in snapshot.programs:
        lines.append(Line(f"{program.id}#", partial(program_heading, program, snapshot)))
        lines += _remark_lines(program, listing)
        lines += _group_lines(_part_of(snapshot, program.id), listing)
    own = _part_of(snapshot, "")
    if own.connections:
        lines.append(Line("own#", session_heading))
        lines += _group_lines(own, listing)
    return lines


def _part_of(snapshot: Snapshot, process: str) -> Snapshot:
    """What belongs to one process."""
    return replace(
        snapshot,
        connections=tuple(
            c for c in snapshot.connections if (c.origin.process if c.origin is not None else "") == process
        ),
        caches=tuple(c for c in snapshot.caches if c.process == process),
    )


def _remark_lines(program: Program, listing: CacheListing) -> Iterator[Line]:
    for number, (text, style) in enumerate(program_remarks(program)):
        room = max(20, listing.width - _REMARK_INDENT)
        for piece, words in enumerate(wrap_cells(printable(text), room, most=_REMARK_LINES)):
            row = Row((Part(" " * (_REMARK_INDENT - 1)), Part(words, style, clip=Clip.END)))
            yield Line(f"{program.id}#{number}.{piece}", partial(_same, row))


def _group_lines(snapshot: Snapshot, listing: CacheListing) -> list[Line]:
    """The lines of one process."""
    connections = {connection.id: connection for connection in snapshot.connections}
    columns = _Columns.of(snapshot, listing)
    placed: set[ConnectionId] = set()
    lines: list[Line] = []
    for cache in snapshot.caches:
        members = [member for member in cache.members if member.connection in connections]
        placed.update(member.connection for member in members)
        is_stray = is_stray_cache(snapshot, cache)
        lines.append(Line(f"{cache.id}#", partial(_heading, cache, is_stray=is_stray)))
        for member in members:
            is_last = member is members[-1]
            connection = connections[member.connection]
            key = connection.id if member.schema == "main" else f"{connection.id} {cache.id} {member.schema}"
            build = partial(_member, connection, member, columns=columns, is_last=is_last)
            lines.append(Line(key, build, is_selectable=True))
            if listing.all_detailed or key == listing.detailed:
                lines += _details(connection, key, listing, is_last=is_last)
    without = [connection for connection in snapshot.connections if connection.id not in placed]
    if without:
        process = without[0].origin.process if without[0].origin is not None else ""
        lines.append(Line(f"{process}#?", partial(_heading_without, without)))
    for connection in without:
        is_last = connection is without[-1]
        build = partial(_member_without, connection, columns=columns, is_last=is_last)
        lines.append(Line(connection.id, build, is_selectable=True))
        if listing.all_detailed or connection.id == listing.detailed:
            lines += _details(connection, connection.id, listing, is_last=is_last)
    return lines


@dataclass(frozen=True, slots=True)
class _Columns:
    """Cells that the columns at the right take, the same on every line."""

    listing: CacheListing
    pane: int
    mode: int

    @classmethod
    def of(cls, snapshot: Snapshot, listing: CacheListing) -> _Columns:
        pane = max((len(word) for word in listing.panes.values()), default=0)
        mode = max((len(_side_words(connection)) for connection in snapshot.connections), default=0)
        return cls(listing, max(len(_NO_PANE), pane), mode)

    def parts(self, connection: Connection) -> tuple[Part, ...]:
        pane = self.listing.panes.get(connection.id)
        style = "$muted" if pane else "$faint"
        mode = _side_words(connection).ljust(self.mode) if self.listing.width >= _NARROW_CELLS else ""
        return (
            Part(printable(pane or _NO_PANE).ljust(self.pane), style, gap=2, rank=1, shorter=("",)),
            Part(mode, "$muted", gap=2, rank=2, shorter=("",)),
        )


def _side_words(connection: Connection) -> str:
    """What stands at the right: the line that opened it for a program's connection, the mode for our own."""
    if connection.origin is None:
        return connection.mode.value
    return printable(place_words(connection.origin.opener))


def _heading(cache: Cache, *, is_stray: bool) -> Row:
    style = "$error" if is_stray else cache_style(cache.id)
    own = len({member.connection for member in cache.members})
    parts = [
        Part(cache_mark(cache), f"bold {style}"),
        Part(printable(short_path(cache.name)), f"bold {style}" if is_stray else "bold", clip=Clip.START, least=10),
    ]
    if is_stray:
        parts.append(Part("ON DISK, meant as memory", "bold $error", gap=2, rank=2, shorter=("ON DISK",)))
    else:
        rank = 2 if cache.kind in {CacheKind.FILE, CacheKind.TEMPORARY} else 8
        parts.append(Part(_KIND_WORDS[cache.kind], "$muted", gap=2, rank=rank, shorter=("",)))
    parts.append(Part(count(own, "connection"), "$muted", gap=2, rank=6, shorter=(f"{own} conn",)))
    parts.append(_sqlite_count(cache))
    if cache.evidence is not Evidence.OBSERVED:
        parts.append(Part(f"({cache.evidence})", "$secondary"))
    # Of a program's cache the size is known only as it was when its newest connection was opened.
    memory = size(cache.size_bytes) if cache.size_bytes is not None and not cache.process else ""
    return Row(tuple(parts), (Part(memory, "$muted", gap=2, rank=4, shorter=("",)),))


def _sqlite_count(cache: Cache) -> Part:
    if cache.sqlite_count is None:
        unasked = (
            "SQLite's count is not known" if cache.kind in {CacheKind.SHARED_CACHE, CacheKind.MEMDB_STORE} else ""
        )
        return Part(unasked and f"({unasked})", "$muted", rank=9, shorter=("",))
    counted = f"SQLite counts {cache.sqlite_count}"
    foreign = cache.foreign_count
    if not foreign:
        return Part(f"({counted})", "$muted", rank=7, shorter=("",))
    were = "was" if foreign == 1 else "were"
    return Part(
        f"({counted}: {foreign} {were} not opened here)",
        "$secondary",
        rank=7,
        shorter=(
            f"({counted}: {foreign} not ours)",
            f"(SQLite: {cache.sqlite_count}, {foreign} not ours)",
            f"({foreign} not ours)",
        ),
    )


def _heading_without(connections: list[Connection]) -> Row:
    if all(connection.closed for connection in connections):
        return Row(
            (
                Part("×", "$muted"),
                Part("closed", "bold"),
                Part(count(len(connections), "connection"), "$muted", gap=2),
            )
        )
    return Row(
        (
            Part("?", "$muted"),
            Part("cache not known", "bold"),
            Part(count(len(connections), "connection"), "$muted", gap=2),
        )
    )


def _branch(*, is_last: bool) -> Part:
    return Part(" " * _MEMBER_INDENT + ("└" if is_last else "├"), "$faint")


def _member(connection: Connection, member: Member, *, columns: _Columns, is_last: bool) -> Row:
    schema = next((schema for schema in connection.schemas if schema.name == member.schema), None)
    parts = [_branch(is_last=is_last), Part(connection.id, "bold")]
    if member.schema != "main":
        named = f'"{clip_cells(printable(member.schema), _MOST_SCHEMA_CELLS)}"'
        parts.append(Part(f"via ATTACH {named}", "$muted", rank=9, shorter=(f"as {named}",)))
    parts += _state_parts(connection, schema, columns.listing.now)
    return Row(tuple(parts), columns.parts(connection))


def _member_without(connection: Connection, *, columns: _Columns, is_last: bool) -> Row:
    parts = [_branch(is_last=is_last), Part(connection.id, "bold")]
    parts += _state_parts(connection, None, columns.listing.now)
    return Row(tuple(parts), () if connection.closed else columns.parts(connection))


def _state_parts(connection: Connection, schema: AttachedSchema | None, now: float) -> Iterator[Part]:
    """What the connection does, as far as this database of it is concerned."""
    if connection.closed:
        yield Part("×", "$secondary")
        why = printable(connection.closed)
        yield Part(why if why.startswith("closed") else f"closed: {why}", clip=Clip.END, least=10)
        return
    transaction = connection.transaction if schema is None else schema.transaction
    if transaction is TransactionState.NONE and connection.transaction is not TransactionState.NONE:
        transaction = TransactionState.OPEN
    words_of = _STATE_WORDS if connection.origin is None else _PROGRAM_STATE_WORDS
    mark, words, note = words_of.get(transaction, (" ", "", ""))
    if words and connection.transaction_since is not None:
        words += " " + age(now - connection.transaction_since)
    style = "$foreground" if words else "$muted"
    if connection.running:
        since = "" if connection.running_since is None else " " + age(now - connection.running_since)
        yield Part("►", "bold $primary")
        yield Part(f"running{since}", "$foreground")
        if words:
            yield Part(f"· {words}", "$foreground", rank=4, shorter=("",))
    elif words:
        yield Part(mark, f"bold {'$secondary' if transaction is TransactionState.WRITE else '$primary'}")
        yield Part(words + note, style, rank=5 if note else 0, shorter=(words,) if note else ())
    elif connection.holds_cursor:
        yield Part("◐", "bold $primary")
        yield Part("holds a read lock (open cursor)", rank=5, shorter=("holds a read lock", "read lock"))
    else:
        yield Part(" ")
        yield Part("idle", style)
    if connection.holds_cursor and (words or connection.running):
        yield Part("· open cursor", "$foreground", rank=5, shorter=("",))
    if connection.checkouts > 1:
        yield Part(f"· {count(connection.checkouts, 'checkout')}", "$muted", rank=4, shorter=("",))


def _details(connection: Connection, key: str, listing: CacheListing, *, is_last: bool) -> Iterator[Line]:
    """The string, where the connection comes from, and what it runs."""
    indent = " " * _MEMBER_INDENT + (" " if is_last else "│")
    indent = indent.ljust(_DETAIL_INDENT - 1)
    room = max(20, listing.width - _DETAIL_INDENT)
    if connection.origin is not None:
        facts = list(origin_lines(connection, connection.origin))
        texts = [(text, "$muted") for text in wrap_cells(facts[0], room, most=2)]
        texts += [(text, "$faint") for fact in facts[1:] for text in wrap_cells(fact, room, most=2)]
    else:
        # A raw one never saw the string that its like was opened with: what sqlite3 got is said.
        string = printable(connection.database or connection.string)
        texts = [(text, "$muted") for text in wrap_cells(string, room, most=2)]
        texts += [(text, "$faint") for text in wrap_cells(_origin(connection), room, most=2)]
    if connection.running:
        texts.append((printable(connection.running), "$muted"))
    for number, (text, style) in enumerate(texts):
        row = Row((Part(indent, "$faint"), Part(text, style, clip=Clip.END)))
        yield Line(f"{key}#{number}", partial(_same, row), owner=key)


def _same(row: Row) -> Row:
    return row


def _origin(connection: Connection) -> str:
    facts: list[str] = []
    if connection.created_by is CreatedBy.RAW:
        facts.append(f"{CreatedBy.RAW}, uri=True" if connection.is_uri else CreatedBy.RAW)
    else:
        facts += [connection.pool, count(connection.checkouts, "checkout"), f"engine {connection.engine}"]
    facts.append(f"thread {connection.thread}")
    if connection.lock_wait_seconds > 0:
        facts.append(f"waits for locks: {waits(connection.lock_wait_seconds)}")
    if connection.has_temp_tables:
        facts.append("has temp tables")
    return printable(" · ".join(facts))


def _empty_lines(width: int) -> list[Line]:
    texts = (
        ("No connection is open.", "$foreground"),
        ("An in-memory database lives only as long as a connection to it is open.", "$muted"),
        ("^O opens a database.", "$muted"),
    )
    pieces = [(piece, style) for text, style in texts for piece in wrap_cells(text, max(16, width - 1), most=3)]
    return [
        Line(f"#{number}", partial(_same, Row((Part(f" {text}", style),))))
        for number, (text, style) in enumerate(pieces)
    ]
