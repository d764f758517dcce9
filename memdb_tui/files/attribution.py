"""Who made a file, and how that is known: pure decisions over what the host and the file system told."""

from __future__ import annotations

from collections.abc import Sequence

from memdb_tui.files.paths import name_of
from memdb_tui.frozen import dataclass
from memdb_tui.model import CodePlace, ConnectionId, Evidence, FileKind, FileReason, FileRole, FileTouch

# https://www.sqlite.org/tempfiles.html: journal, write-ahead log and its index lie beside the database.
_SUFFIXES = {"-journal": FileKind.JOURNAL, "-wal": FileKind.WAL, "-shm": FileKind.SHARED_MEMORY}
SIDE_SUFFIXES = tuple(_SUFFIXES)

_TEMPORARY_PREFIX = "etilqs_"
"""SQLITE_TEMP_FILE_PREFIX of SQLite's os.h."""


@dataclass(frozen=True, slots=True)
class Attribution:
    """What a file is to the session, and why."""

    role: FileRole
    made_by: tuple[ConnectionId, ...]
    string: str
    statement: str
    evidence: Evidence
    reason: str
    suggestion: str
    brief: str = ""
    """The reason in at most 24 cells, empty where there is nothing so short to say."""
    opener: CodePlace | None = None
    """The program's own line that opened the connection, where it is known."""


def database_beside(path: str) -> tuple[str, FileKind] | None:
    """The database a journal, WAL or shm belongs to by its name, with what it is; None for any other name."""
    for suffix, kind in _SUFFIXES.items():
        if path.endswith(suffix):
            return path.removesuffix(suffix), kind
    return None


def is_temporary_name(path: str) -> bool:
    """The name is one SQLite gives its own temporary files."""
    return name_of(path).startswith(_TEMPORARY_PREFIX)


def touched_file(touches: Sequence[FileTouch], *, was_made: bool = False) -> Attribution:
    """A file that connections of this session opened or made.

    Args:
        touches: All of them, oldest first; at least one.
        was_made: It was seen to come.
    """
    chosen = next((touch for touch in touches if touch.meant_as_memory), touches[0])
    sentences = [chosen.explanation or _deed(chosen)]
    first = touches[0]
    if first.existed:
        sentences.append(f"It was already there when {first.connection} opened it.")
    elif first.existed is None and not was_made:
        sentences.append(f"Whether it was there before {first.connection} opened it is not known.")
    elif first.existed is False and first.connection != chosen.connection:
        sentences.append(f"{first.connection} made it before.")
    return Attribution(
        role=FileRole.STRAY if chosen.meant_as_memory else FileRole.ASKED_FOR,
        made_by=(chosen.connection,),
        string=chosen.string,
        statement=chosen.statement,
        evidence=chosen.evidence,
        reason=" ".join(sentences),
        suggestion=chosen.suggestion if chosen.meant_as_memory else "",
        brief=chosen.brief,
        opener=chosen.opener,
    )


def _deed(touch: FileTouch) -> str:
    if touch.reason is FileReason.MAIN:
        return f"{touch.connection} opened it as its main file."
    return f"{touch.connection} ran {touch.statement or touch.reason.value.replace('-', ' ').upper()}."


def side_file(
    kind: FileKind, database: str, main: Attribution | None, *, opened_by: tuple[ConnectionId, ...]
) -> Attribution:
    """A journal, WAL or shm.

    Args:
        kind: Which of them.
        database: The path of its database.
        main: What that database is to the session; None when no connection of it touched the database.
        opened_by: The connections of this session that have the database open, each of which can have made the file.
    """
    name = name_of(database)
    purpose = {
        FileKind.JOURNAL: f"SQLite keeps what a transaction on {name} overwrites here until it ends.",
        FileKind.WAL: f"{name} is in WAL mode: changes are written here first.",
        FileKind.SHARED_MEMORY: f"{name} is in WAL mode: this is the index of its WAL.",
    }.get(kind, f"SQLite keeps it beside {name}.")
    if main is None:
        return Attribution(
            FileRole.OTHER,
            made_by=(),
            string="",
            statement="",
            evidence=Evidence.UNKNOWN,
            reason=f"{purpose} No known connection of this session opened {name}.",
            suggestion="",
        )
    # That this session has the database open was observed; that no other program made this file was not.
    return Attribution(
        FileRole.STRAY if main.role is FileRole.STRAY else FileRole.ASKED_FOR,
        made_by=opened_by or main.made_by,
        string=main.string,
        statement="",
        evidence=Evidence.INFERRED,
        reason=purpose,
        suggestion=main.suggestion,
    )


def temporary_file(*, is_held: bool, running: Sequence[tuple[ConnectionId, str, str]]) -> Attribution | None:
    """An `etilqs_*` file.

    Args:
        is_held: The host was seen to have it open.
        running: Connection, string and statement of all that were running SQL when it appeared.

    Returns:
        None when nothing speaks for this session: then it is another program's.
    """
    if not is_held and not running:
        return None
    held = "The process of these databases was seen with it open." if is_held else ""
    if not running:
        who = "Which connection needed it is not known."
    elif len(running) == 1:
        who = f"{running[0][0]} was running a statement then."
    else:
        who = f"{', '.join(c for c, _, _ in running)} were running statements then: one of them needed it."
    only = running[0] if len(running) == 1 else None
    return Attribution(
        FileRole.TEMPORARY,
        made_by=tuple(connection for connection, _, _ in running),
        string=only[1] if only else "",
        statement=only[2] if only else "",
        evidence=Evidence.OBSERVED if is_held else Evidence.INFERRED,
        reason=" ".join(
            filter(None, ["A sort, an index or a temporary table outgrew the cache and went to disk.", held, who])
        ),
        suggestion="",
    )


def foreign_database(kind: FileKind) -> Attribution:
    """A SQLite file, told by its header, that no connection of this session touched."""
    what = {
        FileKind.DATABASE: "It is a SQLite database by its header",
        FileKind.WAL: "It is a SQLite WAL by its header",
        FileKind.JOURNAL: "It is a SQLite rollback journal by its header",
    }.get(kind, "It is a file of SQLite")
    return _unknown(f"{what}; no known connection of this session opened it.")


def other_file() -> Attribution:
    """Anything else that appeared or changed."""
    return _unknown("It is not a SQLite file; no known connection of this session opened it.")


def _unknown(reason: str) -> Attribution:
    return Attribution(
        FileRole.OTHER,
        made_by=(),
        string="",
        statement="",
        evidence=Evidence.UNKNOWN,
        reason=reason,
        suggestion="",
    )
