"""What the installed SQLAlchemy makes of a URL, asked of its dialect without opening anything."""

# ruff: noqa: PTH100, PTH118 -- a path is made absolute by text, as SQLAlchemy does, not resolved
from __future__ import annotations

import os
import threading
import warnings
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import replace
from typing import TYPE_CHECKING

from memdb_tui.frozen import dataclass

if TYPE_CHECKING:
    from sqlalchemy.engine import URL, Dialect

QueryValue = str | tuple[str, ...]

_WARNINGS_LOCK = threading.Lock()
"""`warnings.catch_warnings` changes the filters of the whole process."""


@dataclass(frozen=True, slots=True)
class SqlalchemyWarning:
    """A warning SQLAlchemy gave while it read the URL.

    Attributes:
        code: SQLAlchemy's own code, for example `squa` or `sqmp`; empty where it has none.
        text: The warning's words.
    """

    code: str
    text: str


@dataclass(frozen=True, slots=True)
class UrlAnswer:
    """What SQLAlchemy answered about one URL.

    Attributes:
        version: The version that was asked.
        drivername: The part before `://`, once the URL could be parsed.
        host: The host SQLAlchemy reads from the URL; SQLite takes none.
        database: The database part, as SQLAlchemy decodes it.
        query: The query parameters SQLAlchemy keeps, in its order.
        database_argument: What is passed to `sqlite3.connect` first; anything but a string makes it fail.
        keywords: The keyword arguments of `sqlite3.connect`, merged with `connect_args`.
        reached_connect: Whether the arguments of `sqlite3.connect` are known.
        pool: The name of the pool class.
        is_sqlite: Whether the URL names an SQLite dialect.
        is_async: Whether the dialect is an asyncio one.
        missing_driver: The driver module that is not installed, where only that stands in the way.
        warnings: What SQLAlchemy warned about.
        error: The words of its refusal.
        error_type: The class name of its refusal.
    """

    version: str
    drivername: str | None = None
    host: str | None = None
    database: str | None = None
    query: tuple[tuple[str, QueryValue], ...] = ()
    database_argument: object = None
    keywords: tuple[tuple[str, object], ...] = ()
    reached_connect: bool = False
    pool: str | None = None
    is_sqlite: bool = False
    is_async: bool = False
    missing_driver: str | None = None
    warnings: tuple[SqlalchemyWarning, ...] = ()
    error: str | None = None
    error_type: str | None = None


class SqlalchemyMissingError(Exception):
    """SQLAlchemy is not installed, or cannot be imported here; the message says why.

    Attributes:
        error_type: The class name of what the import raised.
    """

    def __init__(self, error: BaseException) -> None:
        super().__init__(str(error))
        self.error_type = type(error).__name__


def ask_sqlalchemy(
    text: str,
    *,
    connect_args: Mapping[str, object] | None = None,
    poolclass: str | None = None,
    cwd: str | None = None,
) -> UrlAnswer:
    """Return what `create_engine(text, …)` would do, up to the call of `sqlite3.connect`.

    Args:
        text: The URL.
        connect_args: The `connect_args` of `create_engine`.
        poolclass: The name of the class in `sqlalchemy.pool` that `create_engine` is given.
        cwd: The folder a relative path starts from; None for the process's own.

    Raises:
        SqlalchemyMissingError: SQLAlchemy cannot be imported.
    """
    try:
        import sqlalchemy  # noqa: PLC0415 -- only URLs need it, and it takes a third of a second
    except Exception as error:
        # Not only ImportError: where the working folder is gone, some versions of Python raise SystemError.
        raise SqlalchemyMissingError(error) from error

    answer = UrlAnswer(version=sqlalchemy.__version__)
    with _caught_warnings() as caught:
        try:
            answer = _ask(text, dict(connect_args or {}), poolclass, cwd)
        except _RefusedError as refusal:
            answer = refusal.answer
    return replace(answer, warnings=tuple(caught))


class _RefusedError(Exception):
    """SQLAlchemy refused; carries what was known by then."""

    def __init__(self, answer: UrlAnswer) -> None:
        super().__init__(answer.error)
        self.answer = answer


def _ask(text: str, connect_args: dict[str, object], poolclass: str | None, cwd: str | None) -> UrlAnswer:
    import sqlalchemy  # noqa: PLC0415 -- see ask_sqlalchemy
    from sqlalchemy.engine import make_url  # noqa: PLC0415 -- see ask_sqlalchemy

    answer = UrlAnswer(version=sqlalchemy.__version__)
    with _refusing(answer):
        url = make_url(text)
        if "plugin" in url.query:
            # Plugins take their own parameters out of the URL while the engine is made.
            url = sqlalchemy.create_engine(text).url
    answer = replace(
        answer,
        drivername=url.drivername,
        host=url.host,
        database=url.database,
        query=tuple(url.query.items()),
    )
    with _refusing(answer):
        dialect = url.get_dialect()()
    answer = replace(answer, is_sqlite=dialect.name == "sqlite", is_async=dialect.is_async)
    if not answer.is_sqlite:
        return answer
    with _refusing(answer):
        answer = replace(answer, missing_driver=_missing_driver(dialect))
        arguments, options = dialect.create_connect_args(url)
        keywords = {**options, **connect_args}
    answer = replace(
        answer,
        database_argument=_rebased(arguments[0], url, cwd),
        keywords=tuple(keywords.items()),
        reached_connect=True,
    )
    with _refusing(answer):
        return replace(answer, pool=_pool_name(text, url, dialect, poolclass))


def _missing_driver(dialect: Dialect) -> str | None:
    """Return the asyncio driver that is not installed; any other missing driver raises ImportError."""
    try:
        dialect.import_dbapi()
    except ModuleNotFoundError as error:
        if dialect.is_async and error.name == dialect.driver:
            return error.name
        raise
    return None


def _pool_name(text: str, url: URL, dialect: Dialect, poolclass: str | None) -> str:
    import sqlalchemy  # noqa: PLC0415 -- see ask_sqlalchemy
    from sqlalchemy import pool  # noqa: PLC0415 -- see ask_sqlalchemy

    if poolclass is None:
        return dialect.get_dialect_pool_class(url).__name__
    wanted = getattr(pool, poolclass, None)
    if not isinstance(wanted, type):
        raise TypeError(f"sqlalchemy.pool has no class {poolclass!r}")
    if _missing_driver(dialect) is None:
        # create_engine opens nothing; it refuses a pool that does not go with the dialect.
        sqlalchemy.create_engine(text, poolclass=wanted)
    return wanted.__name__


def _rebased(argument: object, url: URL, cwd: str | None) -> object:
    """Return the path as if SQLAlchemy had made it absolute in another folder."""
    if cwd is None or not isinstance(argument, str) or not url.database or argument == url.database:
        return argument
    try:
        made_absolute = argument == os.path.abspath(url.database)
    except OSError:
        return argument
    return os.path.abspath(os.path.join(cwd, url.database)) if made_absolute else argument


@contextmanager
def _refusing(answer: UrlAnswer) -> Iterator[None]:
    """Translate whatever SQLAlchemy raises into what is known so far plus its words."""
    try:
        yield
    except Exception as error:
        # A dialect or plugin that somebody installed can raise anything.
        words = str(error) or type(error).__name__
        raise _RefusedError(replace(answer, error=words, error_type=type(error).__name__)) from error


@contextmanager
def _caught_warnings() -> Iterator[list[SqlalchemyWarning]]:
    found: list[SqlalchemyWarning] = []
    with _WARNINGS_LOCK, warnings.catch_warnings(record=True) as records:
        warnings.simplefilter("always")
        yield found
    found.extend(
        SqlalchemyWarning(code=getattr(record.message, "code", None) or "", text=str(record.message))
        for record in records
        if type(record.message).__module__.startswith("sqlalchemy")
    )
