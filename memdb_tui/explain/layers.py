"""A string's way told layer by layer: what came in, what went out, what was lost."""

from __future__ import annotations

from memdb_tui.explain.explanation import Kind, Layer, Outcome
from memdb_tui.explain.findings_sqlite import KNOWN, VALUES
from memdb_tui.explain.opening import Opening
from memdb_tui.explain.sqlalchemy_url import UrlAnswer
from memdb_tui.explain.sqlite_uri import VFS_PARAMETERS, ParsedName
from memdb_tui.explain.trail import Trail

POOLS = {
    "SingletonThreadPool": "One connection per thread; two checkouts on one thread are the same sqlite3 "
    "connection; from the sixth thread on connections of others are closed.",
    "QueuePool": "Up to 5 connections are kept and 10 more are opened when needed; any thread may get any of "
    "them; the 16th checkout waits 30 s.",
    "AsyncAdaptedQueuePool": "Up to 5 connections are kept and 10 more are opened when needed, for tasks of "
    "one event loop.",
    "StaticPool": "One connection for everybody: all threads share its transaction.",
    "NullPool": "Nothing is kept: every checkout opens a connection and closes it, and a database in memory "
    "is gone with the last one.",
    "AssertionPool": "One connection at a time; a second checkout raises.",
}
"""What each pool class of SQLAlchemy means for connections and threads."""


def tell(trail: Trail) -> tuple[Layer, ...]:
    """Return the layers a string passes, as far as it comes."""
    layers = [Layer("the string", trail.text, trail.text, notes=(f"Given to {_READERS[trail.kind]}.",))]
    if trail.answer is not None:
        layers += _sqlalchemy(trail.answer)
    if trail.kind is Kind.DJANGO:
        layers.append(
            Layer(
                "Django's NAME",
                trail.text,
                "" if trail.connect is None else str(trail.connect),
                lost=tuple(
                    f"OPTIONS[{name!r}], which Django keeps for itself"
                    for name in trail.connect_args
                    if trail.connect is None or name not in dict(trail.connect.keywords)
                ),
                notes=("Django always passes uri=True and check_same_thread=False.",),
            )
        )
    if trail.connect is not None:
        layers.append(_sqlite3(trail))
    if trail.opening is not None:
        layers.append(_sqlite(trail.opening, trail))
    return tuple(layers)


_READERS = {
    Kind.SQLALCHEMY_URL: "sqlalchemy.create_engine",
    Kind.SQLITE3_URI: "sqlite3.connect with uri=True",
    Kind.SQLITE3_PATH: "sqlite3.connect",
    Kind.DJANGO: "Django as the NAME of a database",
}


def _sqlalchemy(answer: UrlAnswer) -> list[Layer]:
    if answer.drivername is None:
        return [Layer("SQLAlchemy's URL", "the string", "", notes=(f"{answer.error_type}: {answer.error}",))]
    url = f"driver {answer.drivername}, database {answer.database!r}, query {dict(answer.query)!r}"
    if answer.host:
        url += f", host {answer.host!r}"
    layers = [Layer("SQLAlchemy's URL", "the string", url)]
    if not answer.reached_connect:
        layers.append(Layer("dialect", url, "", notes=_words(answer)))
        return layers
    call = f"{answer.database_argument!r}, {dict(answer.keywords)!r}"
    kept = _kept(answer)
    lost = tuple(f"{name}={value}" for name, value in answer.query if name not in kept)
    layers.append(
        Layer(
            f"connect arguments (SQLAlchemy {answer.version})",
            url,
            call,
            lost=lost,
            notes=tuple(f"warning: {warning.text}" for warning in answer.warnings) + _words(answer),
        )
    )
    if answer.pool is not None:
        layers.append(Layer("pool", answer.drivername, answer.pool, notes=(POOLS.get(answer.pool, ""),)))
    return layers


def _kept(answer: UrlAnswer) -> set[str]:
    """Return the names of the query parameters that reach `sqlite3.connect`, as keywords or in the name."""
    kept = {name for name, _ in answer.keywords}
    begins_with = f"{answer.database}?"
    if isinstance(answer.database_argument, str) and answer.database_argument.startswith(begins_with):
        query = answer.database_argument.removeprefix(begins_with)
        kept |= {part.partition("=")[0] for part in query.split("&")}
    return kept


def _words(answer: UrlAnswer) -> tuple[str, ...]:
    return () if answer.error is None else (f"{answer.error_type}: {answer.error}",)


def _sqlite3(trail: Trail) -> Layer:
    call = trail.connect
    assert call is not None  # noqa: S101 -- for the type checker: tell() has looked
    if trail.opening is None:
        words = "" if trail.refusal is None else f"{trail.refusal.error_type}: {trail.refusal.error}"
        return Layer("sqlite3", str(call), "", notes=(words,))
    use_uri = trail.build.use_uri
    if call.uri:
        note = "uri=True: a name beginning with file: is a URI."
    elif use_uri:
        note = "No uri=True, but this SQLite was compiled with USE_URI: a name beginning with file: is a URI."
    else:
        note = "No uri=True: the name is a path, whatever it looks like."
    return Layer("sqlite3", str(call), call.database, notes=(note,))


def _sqlite(opening: Opening, trail: Trail) -> Layer:
    parsed = opening.parsed
    lost = [f"{_shown(key)}={_shown(value)}" for key, value in parsed.parameters if key not in KNOWN]
    if parsed.fragment is not None:
        lost.append(f"#{_shown(parsed.fragment)}")
    if parsed.cut_by_nul:
        lost.append("what stands behind %00")
    name = parsed.filename.decode("utf-8", "surrogateescape")
    if parsed.is_uri:
        notes = [f"A URI; decoded, the name is {name!r}."]
    else:
        notes = [f"Not read as a URI: the name is {name!r}, as it stands."]
    notes += parameter_notes(parsed)
    flags = ", ".join(flag.name or "" for flag in type(parsed.flags) if flag in parsed.flags)
    notes.append(f"Flags: {flags}." + (f" VFS: {_shown(parsed.vfs)}." if parsed.vfs is not None else ""))
    return Layer(
        "SQLite", trail.connect.database if trail.connect else "", _result(opening, trail), tuple(lost), tuple(notes)
    )


def parameter_notes(parsed: ParsedName) -> list[str]:
    """Return for each parameter of a URI whether SQLite honours, ignores or refuses it."""
    notes: list[str] = []
    refused = False
    for position, (key, value) in enumerate(parsed.parameters):
        said = f"{_shown(key)}={_shown(value)}"
        known_values = VALUES.get(key)
        if refused:
            verdict = "not reached"
        elif key not in KNOWN:
            verdict = "ignored, SQLite does not know it"
        elif known_values is not None and value not in known_values:
            verdict, refused = "refused", True
        elif any(later == key for later, _ in parsed.parameters[position + 1 :]):
            # The VFS and the pager take the first of these, the parser the last of the others.
            verdict = "overruled by a later one" if key not in VFS_PARAMETERS else "honoured, the later one is not"
        else:
            verdict = "honoured"
        notes.append(f"{said}: {verdict}.")
    if parsed.error is not None and not refused:
        notes.append(f"Refused: {_shown(parsed.error)}.")
    return notes


def _result(opening: Opening, trail: Trail) -> str:
    if trail.refusal is not None:
        return f"{trail.refusal.error_type}: {trail.refusal.error}"
    match opening.outcome:
        case Outcome.FILE:
            return f"the file {opening.path}"
        case Outcome.MEMORY_SHARED:
            return f"the shared in-memory database {opening.database!r}"
        case Outcome.TEMPORARY:
            return "a private temporary database"
    return "a private in-memory database"


def _shown(part: bytes) -> str:
    return part.decode("utf-8", "backslashreplace")
