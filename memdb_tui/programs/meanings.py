"""What the strings of a program's connections mean: asked of the explanations, once for each string."""

from __future__ import annotations

import ast
import asyncio
import functools
import re
from collections.abc import Awaitable, Callable
from pathlib import Path

from memdb_tui.explain import Explanation, Kind, explain
from memdb_tui.frozen import dataclass
from memdb_tui.model import CacheKind, Explained
from memdb_tui.programs.told import ToldConnection, ToldProcess


@dataclass(frozen=True, slots=True)
class Question:
    """One string as one process used it."""

    string: str
    kind: Kind
    cwd: str
    has_uri_argument: bool = False
    """`uri=True` was passed beside a URL that does not say so (`connect_args`)."""


@dataclass(frozen=True, slots=True)
class Meaning:
    """What a string means, of its explanation what the picture needs."""

    string: str
    outcome: str
    """`memory-shared`, `memory-private`, `file`, `temporary` or `error`."""
    database: str
    """The shared name, empty where there is none."""
    path: str
    meant_as_memory: bool
    reason: str
    suggestion: str
    connect: str
    """The call of `sqlite3.connect` it leads to, as Python, empty where none is reached."""
    brief: str = ""
    """The reason in at most 24 cells, empty where there is nothing so short to say."""

    @property
    def cache_kind(self) -> CacheKind:
        """What kind of cache such a string opens."""
        match self.outcome:
            case "memory-shared":
                return CacheKind.MEMDB_STORE if "vfs=memdb" in self.connect else CacheKind.SHARED_CACHE
            case "file":
                return CacheKind.FILE
            case "temporary":
                return CacheKind.TEMPORARY
        return CacheKind.PRIVATE

    def leads_to(self, database: str | None) -> bool:
        """The call it leads to has that first argument, folders aside; True where the argument is not known."""
        if database is None:
            return True
        return _last_part_of_call(self.connect) == _last_part(database)


_CONNECT = re.compile(r"""sqlite3\.connect\(('(?:[^'\\]|\\.)*'|"(?:[^"\\]|\\.)*")""")


def _last_part(database: str) -> str:
    # The folder may be another's: whoever explained a relative path need not stand in the program's folder.
    return database if database.startswith("file:") else database.rpartition("/")[2]


@functools.lru_cache(maxsize=1000)
def _last_part_of_call(connect: str) -> str | None:
    call = _CONNECT.match(connect)
    return None if call is None else _last_part(ast.literal_eval(call[1]))


Explainer = Callable[[Question], Awaitable[Meaning]]


def questions_of(process: ToldProcess, connection: ToldConnection) -> tuple[Question, ...]:
    """What to ask about a connection: the engine's URL if it has one, and the argument sqlite3 was given."""
    found = []
    engine = connection.engine
    cwd = connection.cwd or process.cwd
    if engine is not None and engine.url:
        is_late = connection.keyword("uri") == "True" and "uri=" not in engine.url
        found.append(Question(engine.url, Kind.SQLALCHEMY_URL, cwd, is_late))
    if connection.database is not None:
        kind = Kind.SQLITE3_URI if is_read_as_uri(process, connection) else Kind.SQLITE3_PATH
        found.append(Question(connection.database, kind, cwd))
    return tuple(found)


def is_read_as_uri(process: ToldProcess, connection: ToldConnection) -> bool:
    """SQLite took the argument for a URI, by what is known of the call, of the build, and of what was opened."""
    database = connection.database or ""
    if connection.uri or not database.startswith("file:"):
        return bool(connection.uri)
    if connection.uri is None and connection.main is not None:
        # Read as a path, the name keeps its "file:" in the file system.
        return not connection.main.file.endswith(f"/{database}")
    return bool(process.use_uri)


async def explain_here(question: Question) -> Meaning:
    """The meaning as this process sees it; importing SQLAlchemy does not hold up the event loop."""
    if question.kind is Kind.SQLALCHEMY_URL:
        return await asyncio.to_thread(meaning_of, question)
    return meaning_of(question)


def meaning_of(question: Question) -> Meaning:
    """The meaning as this process sees it; SQLAlchemy is imported for URLs."""
    arguments = {"uri": True} if question.has_uri_argument else {}
    # A folder that is gone by now, as those of tests are, would explain everything as an error.
    cwd = question.cwd if Path(question.cwd).is_dir() else None
    return _of_explanation(explain(question.string, kind=question.kind, connect_args=arguments, cwd=cwd))


def explainer_of(ask_url: Callable[[str], Awaitable[Explained]]) -> Explainer:
    """An explainer for a process that must not import SQLAlchemy.

    Args:
        ask_url: Explains a SQLAlchemy URL elsewhere, in a host say.
    """

    async def answer(question: Question) -> Meaning:
        if question.kind is not Kind.SQLALCHEMY_URL:
            return meaning_of(question)
        found = await ask_url(question.string)
        return Meaning(
            string=question.string,
            outcome=found.outcome,
            database=found.database,
            path=found.path,
            meant_as_memory=found.meant_as_memory,
            reason=found.reason,
            suggestion=found.suggestion,
            connect=found.connect,
            brief=found.brief,
        )

    return answer


def _of_explanation(found: Explanation) -> Meaning:
    return Meaning(
        string=found.input,
        outcome=found.outcome.value,
        database=found.database or "",
        path=found.path or "",
        meant_as_memory=found.meant_as_memory,
        reason=found.reason,
        suggestion=found.suggestion or "",
        connect="" if found.connect is None else str(found.connect),
        brief=found.brief,
    )
