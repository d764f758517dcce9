"""The lines of one connection in the Connections pane: what it does, where it runs, and what is said below it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import field
from functools import partial

from rich.cells import cell_len

from memdb_tui.frozen import dataclass
from memdb_tui.model import (
    AttachedSchema,
    Connection,
    ConnectionId,
    CreatedBy,
    Member,
    Snapshot,
    TransactionState,
)
from memdb_tui.ui.folding import Fold
from memdb_tui.ui.program_lines import origin_lines, place_words
from memdb_tui.ui.rows import Clip, Part, Row, clip_cells, wrap_cells
from memdb_tui.ui.widgets.line_list import Line
from memdb_tui.ui.wording import age, count, printable, thread_words, waits

_NO_PANE = "no pane"
_MEMBER_INDENT = 2
_DETAIL_INDENT = 6
_WAITS = " waits"
_MOST_SCHEMA_CELLS = 16
_MOST_OPENER_CELLS = 24
_LEAST_OPENER_CELLS = 8
"""A long name of a file is cut, so that it does not cost every connection the line that opened it."""
_BESIDE_OPENER_CELLS = len("  └ p1.c10 ● in a transaction  no pane  ")
_NARROW_CELLS = 44
"""In fewer, the mode is left out: on every line, so that columns stay aligned."""
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
_WAITING_LINES = 4


def connection_of(key: str) -> ConnectionId:
    """The connection that a line's key stands for."""
    return ConnectionId(key.partition(" ")[0])


def is_waiting_copy(key: str) -> bool:
    """The line stands for a copy of that connection which is waited for in the background."""
    return key.endswith(_WAITS)


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
    copying: Mapping[ConnectionId, str] = field(default_factory=dict)
    """The program's connections whose copies this session waits for in the background, with what each waits for."""
    unfolded: frozenset[str] = frozenset()
    """The ids of the folds whose connections the user wants to see."""
    kept: ConnectionId | None = None
    """The connection under the cursor, which no fold takes away."""


@dataclass(frozen=True, slots=True)
class Columns:
    """Cells that the columns at the right take, the same on every line."""

    listing: CacheListing
    pane: int
    mode: int

    @classmethod
    def of(cls, snapshot: Snapshot, listing: CacheListing) -> Columns:
        """Wide enough for all connections of a snapshot."""
        pane = max((len(word) for word in listing.panes.values()), default=0)
        mode = max((cell_len(_side_words(connection, listing)) for connection in snapshot.connections), default=0)
        return cls(listing, max(len(_NO_PANE), pane), mode)

    def parts(self, connection: Connection) -> tuple[Part, ...]:
        """What stands at the right of a connection."""
        pane = self.listing.panes.get(connection.id)
        style = "$muted" if pane else "$faint"
        words = _side_words(connection, self.listing)
        mode = words + " " * (self.mode - cell_len(words)) if self.listing.width >= _NARROW_CELLS else ""
        return (
            Part(printable(pane or _NO_PANE).ljust(self.pane), style, gap=2, rank=1, shorter=("",)),
            Part(mode, "$muted", gap=2, rank=2, shorter=("",)),
        )


def _side_words(connection: Connection, listing: CacheListing) -> str:
    """What stands at the right: the line that opened it for a program's connection, the mode for our own."""
    if connection.origin is None:
        return connection.mode.value
    most = max(_LEAST_OPENER_CELLS, min(_MOST_OPENER_CELLS, listing.width - _BESIDE_OPENER_CELLS))
    return clip_cells(printable(place_words(connection.origin.opener)), most, side=Clip.START)


@dataclass(frozen=True, slots=True)
class Stem:
    """What stands before a connection's state: its place below the heading, and its name."""

    is_last: bool
    is_leaking: bool

    def parts(self, connection: Connection) -> Iterator[Part]:
        """That of one connection."""
        yield Part(" " * _MEMBER_INDENT + ("└" if self.is_last else "├"), "$faint")
        yield Part("!" if self.is_leaking else " ", "bold $secondary", gap=0)
        yield Part(connection.id, "bold", gap=0)


def member_row(connection: Connection, member: Member, *, columns: Columns, stem: Stem) -> Row:
    """A connection below the heading of one of its caches."""
    schema = next((schema for schema in connection.schemas if schema.name == member.schema), None)
    parts = [*stem.parts(connection)]
    if member.schema != "main":
        named = f'"{clip_cells(printable(member.schema), _MOST_SCHEMA_CELLS)}"'
        parts.append(Part(f"via ATTACH {named}", "$muted", rank=9, shorter=(f"as {named}",)))
    parts += _state_parts(connection, schema, columns.listing.now)
    return Row(tuple(parts), columns.parts(connection))


def unplaced_row(connection: Connection, *, columns: Columns, stem: Stem) -> Row:
    """A connection of which no cache is known."""
    parts = [*stem.parts(connection)]
    parts += _state_parts(connection, None, columns.listing.now)
    return Row(tuple(parts), () if connection.closed else columns.parts(connection))


def _state_parts(connection: Connection, schema: AttachedSchema | None, now: float) -> Iterator[Part]:
    """What the connection does, as far as this database of it is concerned."""
    if connection.closed:
        yield from _closed_parts(connection)
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
        yield _calm_part(connection)
    if connection.holds_cursor and (words or connection.running):
        yield Part("· open cursor", "$foreground", rank=5, shorter=("",))
    if connection.checkouts > 1:
        yield Part(f"· {count(connection.checkouts, 'checkout')}", "$muted", rank=4, shorter=("",))


def _closed_parts(connection: Connection) -> Iterator[Part]:
    yield Part("×", "$secondary")
    if connection.has_ended_with_process:
        # The same on every line: the heading says how the process ended.
        yield Part("ended", "$muted")
        return
    why = printable(connection.closed)
    yield Part(why if why.startswith("closed") else f"closed: {why}", clip=Clip.END, least=10)


def _calm_part(connection: Connection) -> Part:
    """What a connection does that is in no transaction: nothing, or it is out of its pool for somebody's use."""
    is_out = connection.origin is not None and connection.origin.is_checked_out
    return Part("checked out", "$foreground") if is_out else Part("idle", "$muted")


def waiting_lines(connection: Connection, listing: CacheListing, *, is_last: bool) -> Iterator[Line]:
    """That a copy of its database is waited for in the background, and how that is stopped."""
    text = listing.copying.get(connection.id, "")
    if not text:
        return
    room = max(20, listing.width - _DETAIL_INDENT)
    key = f"{connection.id}{_WAITS}"
    for number, piece in enumerate(
        wrap_cells(printable(f"{text} Enter here stops that."), room, most=_WAITING_LINES)
    ):
        row = Row((_detail_indent(is_last=is_last), Part(piece, "$secondary", clip=Clip.END)))
        yield Line(f"{key}#{number}" if number else key, partial(same, row), is_selectable=not number, owner=key)


def fold_lines(fold: Fold, listing: CacheListing, *, is_last: bool) -> Iterator[Line]:
    """The line that stands for connections like the one before it; under the cursor, what Enter does there."""
    is_end = is_last and (fold.is_apart or not fold.is_open)
    row = Row(
        (
            Part(" " * _MEMBER_INDENT + ("└" if is_end else "├"), "$faint"),
            Part("▾" if fold.is_open else "▸", "$muted", gap=0),
            Part(f"{len(fold.others):,} more like {fold.first}", "$foreground", gap=0),
        ),
        (Part(_span_words(fold.others), "$muted", gap=2, rank=1, shorter=("",)),),
    )
    yield Line(fold.key, partial(same, row), is_selectable=True)
    if fold.key == listing.detailed:
        alike = ", each with a database of its own" if fold.is_apart else ", and in the same state"
        words = f"Opened at the same line{alike}. Enter {'folds' if fold.is_open else 'lists'} them."
        for number, piece in enumerate(wrap_cells(words, max(20, listing.width - _DETAIL_INDENT), most=2)):
            below = Row((_detail_indent(is_last=is_end), Part(piece, "$faint", clip=Clip.END)))
            yield Line(f"{fold.key}#{number}", partial(same, below), owner=fold.key)


def _span_words(names: Sequence[ConnectionId]) -> str:
    return f"{names[0]} … {names[-1]}"


def _detail_indent(*, is_last: bool) -> Part:
    indent = " " * _MEMBER_INDENT + (" " if is_last else "│")
    return Part(indent.ljust(_DETAIL_INDENT - 1), "$faint")


def detail_lines(connection: Connection, key: str, listing: CacheListing, *, is_last: bool) -> Iterator[Line]:
    """The string, where the connection comes from, and what it runs."""
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
        row = Row((_detail_indent(is_last=is_last), Part(text, style, clip=Clip.END)))
        yield Line(f"{key}#{number}", partial(same, row), owner=key)


def same(row: Row) -> Row:
    """A row that was made already, as a line wants it."""
    return row


def _origin(connection: Connection) -> str:
    facts: list[str] = []
    if connection.created_by is CreatedBy.RAW:
        facts.append(f"{CreatedBy.RAW}, uri=True" if connection.is_uri else CreatedBy.RAW)
    elif connection.created_by is CreatedBy.COPY:
        facts.append("apart from the program")
    else:
        facts += [connection.pool, count(connection.checkouts, "checkout"), f"engine {connection.engine}"]
    facts.append(thread_words(connection.thread))
    if connection.lock_wait_seconds > 0:
        facts.append(f"waits for locks: {waits(connection.lock_wait_seconds)}")
    if connection.has_temp_tables:
        facts.append("has temp tables")
    return printable(" · ".join(facts))
