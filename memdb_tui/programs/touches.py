"""What files a program's connections have to do with, and why: their main files, and those they have attached."""

from __future__ import annotations

from collections.abc import Iterator

from memdb_tui.model import CodePlace, ConnectionId, Evidence, FileReason, FileTouch
from memdb_tui.programs.memory_names import means_memory
from memdb_tui.programs.told import ToldConnection, ToldSchema
from memdb_tui.programs.verdict import Verdict


def touches_of(
    told: ToldConnection,
    verdict: Verdict,
    *,
    connection: ConnectionId,
    string: str,
    opener: CodePlace | None,
    process_began: float,
) -> Iterator[FileTouch]:
    """Its main file, and those that it has attached.

    Args:
        told: The connection.
        verdict: What became of its string.
        connection: What it is called here.
        string: What it was opened with, as it is shown.
        opener: The line of the program that opened it.
        process_began: Seconds since 1970: when it was opened at the earliest, where nobody saw that.
    """
    at = told.opened_at if told.opened_at is not None else process_began
    if verdict.file:
        yield FileTouch(
            path=verdict.file,
            connection=connection,
            string=string,
            reason=FileReason.MAIN,
            statement="",
            meant_as_memory=verdict.meant_as_memory,
            explanation=verdict.reason,
            suggestion=verdict.suggestion,
            existed=told.existed,
            at=at,
            evidence=_evidence(told, verdict),
            brief=verdict.brief,
            opener=opener,
        )
    for schema in told.schemas or ():
        if schema.file and schema.name != "main":
            yield _of_attached(schema, connection, at)


def _of_attached(schema: ToldSchema, connection: ConnectionId, at: float) -> FileTouch:
    file = schema.file.rpartition("/")[2]
    is_stray = means_memory(schema.file)
    explanation = f"{connection} attached it as {schema.name}."
    if is_stray:
        explanation += f" {file} is a string that means memory, and SQLite took it for a path."
    return FileTouch(
        path=schema.file,
        connection=connection,
        string="",
        reason=FileReason.ATTACH,
        statement="",
        meant_as_memory=is_stray,
        explanation=explanation,
        suggestion="",
        # Nobody looks before a statement.
        existed=None,
        at=at,
        evidence=Evidence.INFERRED if is_stray else Evidence.OBSERVED,
        brief="taken for a path" if is_stray else "",
    )


def _evidence(told: ToldConnection, verdict: Verdict) -> Evidence:
    """How it is known what the file is to the connection."""
    if verdict.is_inferred:
        return Evidence.INFERRED
    return Evidence.DECLARED if told.main is None else Evidence.OBSERVED
