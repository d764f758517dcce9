"""The way of a string from whoever is given it down to SQLite, every station's answer kept."""

# ruff: noqa: PTH100 -- a folder is made absolute by text, not resolved
from __future__ import annotations

import os
import re
import sqlite3
from collections.abc import Mapping
from dataclasses import replace
from urllib.parse import unquote

from memdb_tui.explain.build_facts import BuildFacts, build_facts
from memdb_tui.explain.connect_call import Refusal, encoded_name, keyword_refusal, refusal_of_call, sqlite_message
from memdb_tui.explain.explanation import ConnectCall, Kind, Outcome
from memdb_tui.explain.meaning import with_plain_ampersands
from memdb_tui.explain.opening import Opening, predict
from memdb_tui.explain.sqlalchemy_url import SqlalchemyMissingError, UrlAnswer, ask_sqlalchemy
from memdb_tui.frozen import dataclass

_SAYS_MEMORY = re.compile(
    r"mode\s*=\s*['\"]?memory | vfs\s*=\s*['\"]?memdb | :memory | \bmemory: | :mem: | \A[\w+]+:/*memory\Z",
    re.IGNORECASE | re.VERBOSE,
)
_NAMELESS_URL = re.compile(r"sqlite(\+\w+)?:///?(\?|\Z)")
"""SQLAlchemy's own way to say memory: no database at all."""
_DJANGO_ONLY = ("transaction_mode", "init_command")
"""OPTIONS that Django's SQLite backend keeps for itself."""
_TRANSACTION_MODES = frozenset({"DEFERRED", "EXCLUSIVE", "IMMEDIATE"})


@dataclass(frozen=True, slots=True)
class Trail:
    """Every station's answer about one string.

    Attributes:
        text: The string as it was given.
        kind: Who is given the string.
        connect_args: The keyword arguments given with it.
        poolclass: The name of the pool class given with it.
        build: What this SQLite was compiled with.
        meant_as_memory: Whether the string, or an argument given with it, says memory in any spelling.
        answer: What SQLAlchemy answered; None where it is not involved.
        connect: The call of `sqlite3.connect`; None where it is never reached with a string.
        opening: What SQLite does; None where it is never reached.
        refusal: The exception that ends it; None where it opens.
    """

    text: str
    kind: Kind
    connect_args: Mapping[str, object]
    poolclass: str | None
    build: BuildFacts
    meant_as_memory: bool
    answer: UrlAnswer | None = None
    connect: ConnectCall | None = None
    opening: Opening | None = None
    refusal: Refusal | None = None

    @property
    def outcome(self) -> Outcome:
        """Where the database lives."""
        if self.refusal is not None or self.opening is None:
            return Outcome.ERROR
        return self.opening.outcome

    @property
    def driver_is_missing(self) -> bool:
        """Whether the only thing in the way is an asyncio driver that is not installed."""
        return self.answer is not None and self.answer.missing_driver is not None


def says_memory(text: str, connect_args: Mapping[str, object]) -> bool:
    """Return whether a string, or an argument given with it, says memory in any spelling."""
    said = "&".join([text, *(f"{name}={value}" for name, value in connect_args.items())])
    if _NAMELESS_URL.match(text):
        return True
    return _SAYS_MEMORY.search(unquote(unquote(with_plain_ampersands(said)))) is not None


def guess_kind(text: str) -> Kind:
    """Return who is probably given a string of this look."""
    if text[:5].lower() == "file:":
        return Kind.SQLITE3_URI
    if re.match(r"[\w+.]+://|sqlite\w*(\+\w+)?:", text):
        return Kind.SQLALCHEMY_URL
    return Kind.SQLITE3_PATH


def follow(
    text: str, kind: Kind, *, connect_args: Mapping[str, object], poolclass: str | None, cwd: str | None
) -> Trail:
    """Return every station's answer about a string; nothing is opened."""
    trail = Trail(
        text=text,
        kind=kind,
        connect_args=connect_args,
        poolclass=poolclass,
        build=build_facts(),
        meant_as_memory=says_memory(text, connect_args),
    )
    if kind is Kind.SQLALCHEMY_URL:
        return _through_sqlalchemy(trail, cwd)
    if kind is Kind.DJANGO:
        return _through_django(trail, cwd)
    keywords = dict(connect_args)
    if kind is Kind.SQLITE3_URI:
        keywords.setdefault("uri", True)
    return _into_sqlite3(trail, text, keywords, cwd)


def _through_sqlalchemy(trail: Trail, cwd: str | None) -> Trail:
    try:
        answer = ask_sqlalchemy(trail.text, connect_args=trail.connect_args, poolclass=trail.poolclass, cwd=cwd)
    except SqlalchemyMissingError as error:
        return replace(trail, refusal=Refusal(error.error_type, str(error)))
    trail = replace(trail, answer=answer)
    if answer.error is not None:
        return replace(trail, refusal=Refusal(answer.error_type or "Exception", answer.error))
    if not answer.is_sqlite:
        return replace(trail, refusal=Refusal("", f"{answer.drivername} is not an SQLite dialect"))
    database = answer.database_argument
    if answer.is_async and not isinstance(database, str):
        # aiosqlite makes text of whatever it is given.
        database = str(database)
    return _into_sqlite3(trail, database, dict(answer.keywords), cwd)


def _through_django(trail: Trail, cwd: str | None) -> Trail:
    """Follow `DatabaseWrapper.get_connection_params` of `django.db.backends.sqlite3`."""
    if not trail.text:
        words = "settings.DATABASES is improperly configured. Please supply the NAME value."
        return replace(trail, refusal=Refusal("ImproperlyConfigured", words))
    mode = trail.connect_args.get("transaction_mode")
    if mode is not None and str(mode).upper() not in _TRANSACTION_MODES:
        words = f"OPTIONS['transaction_mode'] is improperly configured to {mode!r}"
        return replace(trail, refusal=Refusal("ImproperlyConfigured", words))
    keywords: dict[str, object] = {
        name: value for name, value in trail.connect_args.items() if name not in _DJANGO_ONLY
    }
    keywords.setdefault("detect_types", sqlite3.PARSE_DECLTYPES | sqlite3.PARSE_COLNAMES)
    keywords |= {"check_same_thread": False, "uri": True}
    return _into_sqlite3(trail, trail.text, keywords, cwd)


def _into_sqlite3(trail: Trail, database: object, keywords: dict[str, object], cwd: str | None) -> Trail:
    if isinstance(database, str):
        trail = replace(trail, connect=ConnectCall(database, tuple(keywords.items())))
    passed = keywords if not trail.driver_is_missing else _without_driver_keywords(keywords)
    name = encoded_name(database)
    if isinstance(name, Refusal):
        # It fails for certain, and which of its arguments sqlite3 refuses first differs by version.
        return replace(trail, refusal=refusal_of_call(database, passed) or name)
    refusal = keyword_refusal(passed)
    if refusal is not None:
        return replace(trail, refusal=refusal)
    try:
        uri = bool(keywords.get("uri", False))
    except Exception as error:  # noqa: BLE001 -- the truth value of somebody's object
        return replace(trail, refusal=Refusal(type(error).__name__, str(error)))
    opening = predict(name, uri=uri, cwd=_folder(cwd), build=trail.build)
    if opening.error is None:
        return replace(trail, opening=opening)
    return replace(trail, opening=opening, refusal=sqlite_message(opening.error))


def _without_driver_keywords(keywords: Mapping[str, object]) -> dict[str, object]:
    return {name: value for name, value in keywords.items() if name not in {"iter_chunk_size", "loop"}}


def _folder(cwd: str | None) -> str | None:
    return None if cwd is None else os.path.abspath(cwd)
