"""Findings about what SQLAlchemy does with a URL before SQLite sees it."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from urllib.parse import unquote

from memdb_tui.explain.explanation import Finding, Kind, Outcome
from memdb_tui.explain.finding_codes import finding
from memdb_tui.explain.meaning import ESCAPED_AMPERSAND
from memdb_tui.explain.trail import Trail

Rule = Callable[[Trail], Iterator[Finding]]

SQLITE_PARAMETERS = frozenset({"mode", "cache", "vfs", "immutable", "nolock", "modeof", "psow"})
_PARAMETER_AFTER_ESCAPE = re.compile(r"%3f(?=[a-z_]+(=|%3d))", re.IGNORECASE)
_TOO_FEW_SLASHES = re.compile(r"sqlite\w*(?:\+\w+)?:/{0,2}[^/?]")
_MISSPELT = re.compile(r":?:?mem(ory)?:?:?", re.IGNORECASE)


def escaped_ampersand(trail: Trail) -> Iterator[Finding]:
    """`&amp;` copied from a web page."""
    found = ESCAPED_AMPERSAND.search(trail.text)
    if found:
        yield finding(
            "html-escaped-ampersand",
            f"The string contains {found.group()!r}, an HTML-escaped ampersand: "
            "the parameters behind it get another name.",
            "Write a plain &.",
        )


def escaped_question_mark(trail: Trail) -> Iterator[Finding]:
    """`%3F` where the query should begin."""
    found = _PARAMETER_AFTER_ESCAPE.search(trail.text.split("?", 1)[0])
    if found:
        yield finding(
            "percent-encoded-question-mark",
            f"The question mark is written {found.group()}: what follows is a part of the name, not a parameter.",
            "Write a plain ?.",
        )


def refused_url(trail: Trail) -> Iterator[Finding]:
    """SQLAlchemy cannot use the URL at all."""
    answer = trail.answer
    if answer is None:
        return
    if answer.error is None:
        if not answer.is_sqlite:
            yield finding(
                "not-sqlite", f"{answer.drivername} is another database, not SQLite.", "Nothing to do here."
            )
        return
    if answer.error_type == "NoSuchModuleError" and answer.drivername:
        yield finding(
            "dialect-does-not-exist",
            f"SQLAlchemy has no dialect called {answer.drivername!r}.",
            "Write sqlite:// (or sqlite+aiosqlite:// for asyncio).",
        )
    elif answer.host or "Invalid SQLite URL" in answer.error or _TOO_FEW_SLASHES.match(trail.text):
        yield finding(
            "wrong-number-of-slashes",
            "Less than three slashes stand before the name: what follows two is a host, and SQLite has none.",
            "Write three slashes before a name or a relative path, four before an absolute path.",
        )
    elif answer.reached_connect:
        yield finding("connect-argument-refused", _sentence(answer.error), "Choose a pool that fits.")
    else:
        yield finding(
            "url-refused",
            f"SQLAlchemy refuses the URL: {_sentence(answer.error)}",
            "An SQLite URL reads sqlite:///NAME.",
        )


def uri_argument(trail: Trail) -> Iterator[Finding]:
    """The `uri` argument is where it comes too late."""
    if trail.answer is None or not trail.answer.reached_connect or "uri" not in trail.connect_args:
        return
    value = trail.connect_args["uri"]
    if isinstance(value, str):
        yield finding(
            "uri-in-connect-args",
            f"connect_args={{'uri': {value!r}}} is taken as a truth value: the name in it is never used.",
            "Put the name into the URL, and uri=true into its query.",
        )
    elif value and not _url_says_uri(trail) and (_dropped(trail) or _database(trail).startswith("file:")):
        yield finding(
            "uri-in-connect-args",
            "uri=True in connect_args comes too late: SQLAlchemy has dropped the query "
            "and made a path of the name by then.",
            "Put uri=true into the URL's query.",
        )


def missing_uri(trail: Trail) -> Iterator[Finding]:
    """No `uri=true` in the URL's query."""
    answer = trail.answer
    if answer is None or not answer.reached_connect or _url_says_uri(trail) or "uri" in trail.connect_args:
        return
    database, dropped = _database(trail), _dropped(trail)
    if database in {"", ":memory:"}:
        if dropped:
            yield finding(
                "query-dropped",
                f"SQLAlchemy drops {_listed(dropped)}: for :memory: without uri=true the query never reaches SQLite.",
                "Write sqlite:///file::memory:?cache=shared&uri=true.",
            )
        return
    if database.startswith("file:"):
        yield finding(
            "uri-true-missing",
            f"uri=true is missing, so SQLAlchemy takes {database!r} for a path."
            + (f" It drops {_listed(dropped)}." if dropped else ""),
            "Add &uri=true to the query." if dropped else "Add ?uri=true.",
        )
    elif dropped:
        yield finding(
            "uri-true-missing",
            f"uri=true is missing, so SQLAlchemy drops {_listed(dropped)} and takes {database!r} for a path.",
            "Begin the name with file: and add &uri=true to the query.",
        )


def misspelt_memory(trail: Trail) -> Iterator[Finding]:
    """Nearly `:memory:`."""
    if trail.opening is None or trail.outcome is not Outcome.FILE:
        return
    written = _database(trail) if trail.answer is not None else trail.text
    name = written.strip("/ \t\r\n")
    colons = ":" in name or trail.kind is Kind.SQLALCHEMY_URL
    if written != ":memory:" and colons and name and _MISSPELT.fullmatch(unquote(name)):
        yield finding(
            "misspelt-memory",
            f"{written!r} is a file name: the special name is ':memory:', exactly so.",
            "Write :memory: (in a URL sqlite:///:memory:).",
        )


def pools(trail: Trail) -> Iterator[Finding]:
    """What the pool class means for threads."""
    answer = trail.answer
    if answer is None:
        return
    if answer.pool == "SingletonThreadPool" and trail.outcome in {
        Outcome.MEMORY_SHARED,
        Outcome.MEMORY_PRIVATE,
    }:
        consequence = (
            "each thread has a database of its own"
            if trail.outcome is Outcome.MEMORY_PRIVATE
            else "two checkouts on one thread are one sqlite3 connection, with one transaction"
        )
        yield finding(
            "single-thread-pool",
            f"SingletonThreadPool keeps one connection per thread: {consequence}; "
            "from the sixth thread on it closes connections of others.",
            "Pass poolclass=QueuePool for a shared database, StaticPool for a private one.",
        )
    if any(warning.code == "sqmp" for warning in answer.warnings):
        yield finding(
            "pool-choice-deprecated",
            f"SQLAlchemy chose {answer.pool} because of mode=memory, and a later release will choose another.",
            "Name the pool: create_engine(…, poolclass=…).",
        )


def missing_driver(trail: Trail) -> Iterator[Finding]:
    """An asyncio driver that is not installed."""
    if trail.answer is not None and trail.answer.missing_driver is not None:
        name = trail.answer.missing_driver
        yield finding(
            "driver-not-installed",
            f"The module {name!r} is not installed here: create_engine would raise ModuleNotFoundError. "
            "What is said is what happens where it is installed.",
            f"Install {name}.",
        )


def blank_parameters(trail: Trail) -> Iterator[Finding]:
    """A parameter without a value never leaves SQLAlchemy's URL."""
    if trail.answer is None or trail.answer.error is not None:
        return
    query = trail.text.partition("?")[2]
    kept = {name for name, _ in trail.answer.query}
    blank = [
        name
        for name, _, value in (part.partition("=") for part in query.split("&"))
        if name and not value and name not in kept
    ]
    if blank:
        yield finding(
            "blank-parameter-dropped",
            f"SQLAlchemy drops parameters without a value: {', '.join(blank)}.",
            "Give it a value.",
        )


def repeated_parameters(trail: Trail) -> Iterator[Finding]:
    """SQLAlchemy makes one Python tuple of a parameter that is given twice."""
    if trail.answer is None or not trail.answer.reached_connect:
        return
    for name, value in trail.answer.query:
        if not isinstance(value, str) and name in SQLITE_PARAMETERS:
            yield finding(
                "duplicate-parameter",
                f"{name} is given {len(value)} times: SQLAlchemy passes them on as one value, {name}={value!r}.",
                "Give it once.",
            )


def decoded_twice(trail: Trail) -> Iterator[Finding]:
    """SQLAlchemy 2.1 decodes the database part, 2.0 does not; SQLite decodes it (again)."""
    if trail.answer is None or not trail.answer.reached_connect:
        return
    written = trail.text.split("?", 1)[0]
    if re.search(r"%(?:25|23|3f)", written, re.IGNORECASE):
        yield finding(
            "decoded-twice",
            "SQLAlchemy 2.1 decodes this part of the URL before SQLite decodes it; 2.0 leaves it to SQLite: "
            "the two open different names.",
            "Avoid %, ? and # in names.",
        )


def _url_says_uri(trail: Trail) -> bool:
    answer = trail.answer
    assert answer is not None  # noqa: S101 -- for the type checker: every caller has looked
    if "uri" in trail.connect_args:
        # The URL's own word is not seen in the merged keywords, but SQLAlchemy's dropping is.
        return any(name == "uri" for name, _ in answer.query)
    return bool(dict(answer.keywords).get("uri"))


def _dropped(trail: Trail) -> list[str]:
    """Return the SQLite parameters in the URL, in any case, that never reach SQLite."""
    answer = trail.answer
    if answer is None:
        return []
    return [name for name, _ in answer.query if name.lower().removeprefix("amp;") in SQLITE_PARAMETERS]


def _database(trail: Trail) -> str:
    return (trail.answer.database if trail.answer is not None else None) or ""


def _listed(names: list[str]) -> str:
    return " and ".join(names)


def _sentence(text: str) -> str:
    return text.split("\n", 1)[0].rstrip(".") + "."


RULES: tuple[Rule, ...] = (
    escaped_ampersand,
    escaped_question_mark,
    refused_url,
    uri_argument,
    missing_uri,
    misspelt_memory,
    pools,
    missing_driver,
    blank_parameters,
    repeated_parameters,
    decoded_twice,
)
