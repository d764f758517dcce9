"""The lines of the Connections pane: connections under the cache they share, with how that is known."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Sequence
from dataclasses import replace
from functools import partial

from memdb_tui.frozen import dataclass
from memdb_tui.model import (
    Cache,
    CacheKind,
    Connection,
    ConnectionId,
    CreatedBy,
    Evidence,
    FileReason,
    Member,
    Program,
    ProgramState,
    Snapshot,
)
from memdb_tui.ui.connection_lines import (
    CacheListing,
    Columns,
    Stem,
    detail_lines,
    fold_lines,
    member_row,
    same,
    unplaced_row,
    waiting_lines,
)
from memdb_tui.ui.folding import Folding, folding_of
from memdb_tui.ui.program_lines import (
    program_heading,
    program_remarks,
    session_heading,
)
from memdb_tui.ui.rows import Clip, Part, Row, wrap_cells
from memdb_tui.ui.widgets.line_list import Line
from memdb_tui.ui.wording import count, printable, short_path, size

_CACHE_STYLES = ("$primary", "$secondary", "$success")
_REMARK_INDENT = 3
_REMARK_LINES = 4
COPY_SIGN = "⧉"
"""For a copy of a program's database, whose letter is this session's and could be one of the program's too."""
_MOST_NAMES = 2
_KIND_WORDS = {
    CacheKind.SHARED_CACHE: "shared cache",
    CacheKind.MEMDB_STORE: "memdb store",
    CacheKind.PRIVATE: "private",
    CacheKind.MEMORY: "in memory, private or not is not known",
    CacheKind.FILE: "on disk",
    CacheKind.TEMPORARY: "temporary",
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


def cache_mark(cache: Cache, *, is_copy: bool = False) -> str:
    """`◆A` for a cache in memory, `⧉A` for a copy, `▲C` for one on disk; under the heading of its process."""
    in_memory = COPY_SIGN if is_copy else "◆"
    return ("▲" if cache.kind is CacheKind.FILE else in_memory) + short_id(cache.id)


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


def caches_state(snapshot: Snapshot) -> str:
    """What stands beside the pane's name: `4 in 3 caches · observed`."""
    listed, snapshot = len(snapshot.connections), snapshot.open_only()
    if not snapshot.connections:
        return "none open" if listed else "none"
    known = {cache.evidence for cache in snapshot.caches}
    evidence = next((e for e in reversed(Evidence) if e in known), Evidence.UNKNOWN)
    worst = sum(cache.evidence is evidence for cache in snapshot.caches)
    part = "" if worst == len(snapshot.caches) else f"{worst} "
    most = "" if snapshot.has_known_caches else "at most "
    return f"{len(snapshot.connections):,} in {most}{count(len(snapshot.caches), 'cache')} · {part}{evidence}"


def cache_lines(snapshot: Snapshot, listing: CacheListing) -> list[Line]:
    """The lines for a snapshot: a heading for each cache, its members below it."""
    if not snapshot.programs:
        return _group_lines(snapshot, listing) if snapshot.connections else _empty_lines(listing.width)
    lines: list[Line] = []
    # Those that have ended last: what can be looked into stays in sight, also when a program is run again.
    for program in sorted(snapshot.programs, key=lambda each: each.state is ProgramState.ENDED):
        lines.append(Line(f"{program.id}#", partial(program_heading, program, snapshot)))
        lines += _remark_lines(program, listing)
        part = _part_of(snapshot, program.id)
        lines += _group_lines(part, listing) if part.connections else _without_connections(program)
    own = _part_of(snapshot, "")
    if own.connections:
        lines.append(Line("own#", session_heading))
        lines += _group_lines(own, listing)
    return lines


def _without_connections(program: Program) -> Iterator[Line]:
    # Of one that has something else to say it may not be known.
    if program.state in {ProgramState.RUNNING, ProgramState.WAITING} and not program.notes:
        text = "No sqlite3 connection is open; each appears as it is opened."
        row = Row((Part(" " * (_REMARK_INDENT - 1)), Part(text, "$muted", clip=Clip.END)))
        yield Line(f"{program.id}#none", partial(same, row))


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
    for number, (text, style) in enumerate(program_remarks(program, listing.copying)):
        room = max(20, listing.width - _REMARK_INDENT)
        for piece, words in enumerate(wrap_cells(printable(text), room, most=_REMARK_LINES)):
            row = Row((Part(" " * (_REMARK_INDENT - 1)), Part(words, style, clip=Clip.END)))
            yield Line(f"{program.id}#{number}.{piece}", partial(same, row))


def _group_lines(snapshot: Snapshot, listing: CacheListing) -> list[Line]:
    """The lines of one process."""
    leaking = {leak.connection for program in snapshot.programs for leak in program.leaks}
    folding = Folding({}, (), snapshot.caches)
    if not listing.all_detailed:
        shown = {*listing.panes, *listing.copying}
        folding = folding_of(snapshot, shown=shown, leaking=leaking, unfolded=listing.unfolded, kept=listing.kept)
    return _Group(snapshot, listing, Columns.of(snapshot, listing), leaking, folding).lines()


@dataclass(frozen=True, slots=True)
class _Group:
    """What the lines of one process are made of."""

    snapshot: Snapshot
    listing: CacheListing
    columns: Columns
    leaking: Collection[ConnectionId]
    folding: Folding

    def lines(self) -> list[Line]:
        """A heading for each cache, its members below it, and last those of which no cache is known."""
        connections = {connection.id: connection for connection in self.snapshot.connections}
        unknown = (cache for cache in self.snapshot.caches if cache.evidence is Evidence.UNKNOWN)
        unplaced = tuple(member.connection for cache in unknown for member in cache.members)
        lines: list[Line] = []
        for cache in self.folding.caches:
            members = [
                (member, connections[member.connection])
                for member in cache.members
                if member.connection in connections and member.connection not in self.folding.hidden
            ]
            if members:
                lines += self._of_cache(cache, members, unplaced)
        placed = {member.connection for cache in self.snapshot.caches for member in cache.members}
        if without := [connection for connection in self.snapshot.connections if connection.id not in placed]:
            lines += self._of_no_cache(without)
        return lines

    def _of_cache(
        self, cache: Cache, members: Sequence[tuple[Member, Connection]], unplaced: Sequence[ConnectionId]
    ) -> Iterator[Line]:
        heading = partial(
            _heading,
            cache,
            is_stray=is_stray_cache(self.snapshot, cache),
            is_copy=any(connection.created_by is CreatedBy.COPY for _, connection in members),
            is_over=all(connection.closed for _, connection in members),
            unplaced=unplaced,
        )
        yield Line(f"{cache.id}#", heading)
        for member, connection in members:
            key = connection.id if member.schema == "main" else f"{connection.id} {cache.id} {member.schema}"
            build = partial(member_row, connection, member, columns=self.columns)
            yield from self._of_connection(connection, key, build, is_last=member is members[-1][0])

    def _of_no_cache(self, connections: Sequence[Connection]) -> Iterator[Line]:
        process = connections[0].origin.process if connections[0].origin is not None else ""
        yield Line(f"{process}#?", partial(_heading_without, connections))
        listed = [connection for connection in connections if connection.id not in self.folding.hidden]
        for connection in listed:
            build = partial(unplaced_row, connection, columns=self.columns)
            yield from self._of_connection(connection, connection.id, build, is_last=connection is listed[-1])

    def _of_connection(
        self, connection: Connection, key: str, build: Callable[..., Row], *, is_last: bool
    ) -> Iterator[Line]:
        """Its line, what is said below it, and the line that stands for others like it."""
        fold = self.folding.by_first.get(connection.id)
        stem = Stem(is_last=is_last and fold is None, is_leaking=connection.id in self.leaking)
        yield Line(key, partial(build, stem=stem), is_selectable=True)
        if key == connection.id:
            yield from waiting_lines(connection, self.listing, is_last=stem.is_last)
        if self.listing.all_detailed or key == self.listing.detailed:
            yield from detail_lines(connection, key, self.listing, is_last=stem.is_last)
        if fold is not None:
            yield from fold_lines(fold, self.listing, is_last=is_last)


def _heading(cache: Cache, *, is_stray: bool, is_copy: bool, is_over: bool, unplaced: Sequence[ConnectionId]) -> Row:
    style = "$error" if is_stray else cache_style(cache.id)
    own = len({member.connection for member in cache.members})
    parts = [
        Part(cache_mark(cache, is_copy=is_copy), f"bold {style}"),
        Part(
            printable(short_path(cache.name)) or ("(string not known)" if cache.process else ""),
            f"bold {style}" if is_stray else "bold",
            clip=Clip.END if is_copy else Clip.START,
            least=10,
        ),
    ]
    if is_stray:
        parts.append(Part("ON DISK, meant as memory", "bold $error", gap=2, rank=2, shorter=("ON DISK",)))
    else:
        rank = 2 if cache.kind in {CacheKind.FILE, CacheKind.TEMPORARY} else 8
        parts.append(Part(_KIND_WORDS[cache.kind], "$muted", gap=2, rank=rank, shorter=("",)))
    parts.append(Part(count(own, "connection"), "$muted", gap=2, rank=6, shorter=(f"{own} conn",)))
    if not is_over:
        parts.append(_sqlite_count(cache, unplaced))
    if cache.evidence is not Evidence.OBSERVED:
        parts.append(Part(f"({cache.evidence})", "$secondary"))
    # Of a program's cache it is as old as the last look at it.
    memory = size(cache.size_bytes) if cache.size_bytes is not None and not cache.process else ""
    return Row(tuple(parts), (Part(memory, "$muted", gap=2, rank=4, shorter=("",)),))


def _sqlite_count(cache: Cache, unplaced: Sequence[ConnectionId]) -> Part:
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
    if cache.process:
        # A shared cache never leaves its process: they were opened in it, before anybody looked.
        perhaps = f" more, perhaps {_some(unplaced)}" if unplaced else f" {were} opened unseen"
        return Part(
            f"({counted}: {foreign}{perhaps})",
            "$secondary",
            rank=7,
            shorter=(f"({counted}: {foreign} more)", f"(SQLite: {cache.sqlite_count}, {foreign} more)"),
        )
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


def _some(names: Sequence[ConnectionId]) -> str:
    return f"{names[0]} … {names[-1]}" if len(names) > _MOST_NAMES else " or ".join(names)


def _heading_without(connections: Sequence[Connection]) -> Row:
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


def _empty_lines(width: int) -> list[Line]:
    texts = (
        ("No connection is open.", "$foreground"),
        ("An in-memory database lives only as long as a connection to it is open.", "$muted"),
        ("^O opens a database.", "$muted"),
    )
    pieces = [(piece, style) for text, style in texts for piece in wrap_cells(text, max(16, width - 1), most=3)]
    return [
        Line(f"#{number}", partial(same, Row((Part(f" {text}", style),))))
        for number, (text, style) in enumerate(pieces)
    ]
