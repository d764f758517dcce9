"""A string's way told layer by layer: what came in, what went out, what was lost."""

from __future__ import annotations

from memdb_tui.explain.explanation import Kind, Layer, Outcome
from memdb_tui.explain.findings_sqlite import KNOWN
from memdb_tui.explain.opening import Opening
from memdb_tui.explain.sqlalchemy_url import UrlAnswer
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
    passed = f"{answer.database_argument}\n{' '.join(name for name, _ in answer.keywords)}"
    lost = tuple(f"{name}={value}" for name, value in answer.query if name not in passed)
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
    name = parsed.filename.decode("utf-8", "surrogateescape")
    lost = [
        f"{key.decode('utf-8', 'backslashreplace')}={value.decode('utf-8', 'backslashreplace')}"
        for key, value in parsed.parameters
        if key not in KNOWN
    ]
    if parsed.fragment is not None:
        lost.append(f"#{parsed.fragment.decode('utf-8', 'backslashreplace')}")
    if parsed.cut_by_nul:
        lost.append("what stands behind %00")
    if trail.refusal is not None:
        out = f"{trail.refusal.error_type}: {trail.refusal.error}"
    elif opening.outcome is Outcome.FILE:
        out = f"the file {opening.path}"
    elif opening.outcome is Outcome.MEMORY_SHARED:
        out = f"the shared in-memory database {opening.database!r}"
    elif opening.outcome is Outcome.TEMPORARY:
        out = "a private temporary database"
    else:
        out = "a private in-memory database"
    flags = ", ".join(flag.name or "" for flag in type(parsed.flags) if flag in parsed.flags)
    notes = [f"name {name!r}, flags {flags}" + (f", vfs {parsed.vfs.decode(errors='replace')}" if parsed.vfs else "")]
    if not parsed.is_uri:
        notes.insert(0, "Not read as a URI.")
    return Layer("SQLite", trail.connect.database if trail.connect else "", out, tuple(lost), tuple(notes))
