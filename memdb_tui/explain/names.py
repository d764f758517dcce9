"""Names of shared in-memory databases as strings that open exactly that name, and the way back."""

# ruff: noqa: PTH100, PTH109, PTH118 -- a path is made absolute by text, as SQLAlchemy does, not resolved
from __future__ import annotations

import enum
import os
import re
from urllib.parse import quote

from memdb_tui.errors import OpenError
from memdb_tui.explain.explanation import Kind
from memdb_tui.explain.sqlite_uri import parse
from memdb_tui.frozen import dataclass

RAW_QUERY = "?mode=memory&cache=shared"
URL_QUERY = f"{RAW_QUERY}&uri=true"
FILE_SUFFIXES = (".db", ".db3", ".sqlite", ".sqlite3")

_URL = re.compile(r"\A(?:[^/?#\s]+://|sqlite\w*(?:\+\w+)?:)")
_ONE_PARAMETER = re.compile(r"\?[^&?=]+=[^&]*\Z")
_SPECIAL_TO_SQLITE = re.compile("%(?:25|3F|23)")
"""`%`, `?` and `#`, encoded: what a second decoding would turn into something else."""


class Meaning(enum.StrEnum):
    """What a DATABASE on the command line is."""

    NAME = "name"
    SQLALCHEMY_URL = "sqlalchemy-url"
    SQLITE3_URI = "sqlite3-uri"
    MEMORY = "memory"
    LOOKS_LIKE_FILE = "looks-like-a-file"
    CUT_AT_AMPERSAND = "cut-at-ampersand"


@dataclass(frozen=True, slots=True)
class Given:
    """A DATABASE as it was typed, and what to open for it.

    Attributes:
        text: What was typed.
        meaning: What it is taken for.
        string: The connection string to open; for the two doubtful meanings the one taken if told to go on.
        kind: Who is given that string.
        label: A short name for it.
        question: What to ask first; empty where nothing is in doubt.
        as_memory: The string that opens a shared in-memory database instead, where that is in doubt.
        as_file: The string that opens the file instead, where that is in doubt.
    """

    text: str
    meaning: Meaning
    string: str
    kind: Kind
    label: str
    question: str = ""
    as_memory: str | None = None
    as_file: str | None = None


def shared_memory_uri(name: str) -> str:
    """Return the `file:` URI that opens exactly this shared in-memory database with `uri=True`.

    Args:
        name: Any text; see https://sqlite.org/uri.html for what SQLite decodes.

    Raises:
        OpenError: No shared in-memory database can have this name.
    """
    return f"file:{_encoded(name)}{RAW_QUERY}"


def shared_memory_url(name: str) -> str:
    """Return the URL that opens exactly this shared in-memory database through the installed SQLAlchemy.

    SQLAlchemy 2.1 decodes the part before `?` once more than 2.0, so that a `%`, `?` or `#` in a name is
    written in two ways; SQLAlchemy is asked which one it reads as this name.

    Raises:
        OpenError: No shared in-memory database can have this name, or SQLAlchemy is needed to write it
            down and is not installed.
    """
    return _as_url(f"file:{_encoded(name)}", URL_QUERY)


def file_url(path: str) -> str:
    """Return the SQLAlchemy URL of a file, from its absolute path.

    Raises:
        OpenError: The installed SQLAlchemy cannot express the path in a URL.
    """
    if not re.search("[%?#]", path):
        return f"sqlite:///{path}"
    return _as_url(f"file:{quote(path, safe='/')}", "?uri=true")


def classify(argument: str, cwd: str | None = None) -> Given:
    """Return what a DATABASE on the command line means.

    Args:
        argument: What was typed.
        cwd: The folder in which a file of that name may be; None for the process's own.

    Raises:
        OpenError: It is a bare name that no database can have.
    """
    if argument == ":memory:":
        return Given(argument, Meaning.MEMORY, argument, Kind.SQLITE3_PATH, argument)
    if argument.startswith("file:"):
        return _given_string(argument, Meaning.SQLITE3_URI, Kind.SQLITE3_URI)
    if _URL.match(argument):
        return _given_string(argument, Meaning.SQLALCHEMY_URL, Kind.SQLALCHEMY_URL)
    url = shared_memory_url(argument)
    folder = os.getcwd() if cwd is None else cwd
    path = os.path.abspath(os.path.join(folder, argument))
    if not (argument.lower().endswith(FILE_SUFFIXES) or os.path.lexists(path)):
        return Given(argument, Meaning.NAME, url, Kind.SQLALCHEMY_URL, argument)
    there = "a file of that name is there" if os.path.lexists(path) else "it looks like a file"
    return Given(
        argument,
        Meaning.LOOKS_LIKE_FILE,
        url,
        Kind.SQLALCHEMY_URL,
        argument,
        question=f"Is {argument!r} a name in memory, or the file {path!r}? ({there})",
        as_memory=url,
        as_file=file_url(path),
    )


def _given_string(text: str, meaning: Meaning, kind: Kind) -> Given:
    label = _label(text)
    if not _cut(text, kind):
        return Given(text, meaning, text, kind, label)
    rest = "&cache=shared" if "mode=memory" in text else ""
    as_memory = f"{text}{rest}&uri=true" if kind is Kind.SQLALCHEMY_URL else f"{text}{rest}"
    return Given(
        text,
        Meaning.CUT_AT_AMPERSAND,
        text,
        kind,
        label,
        question=f"{text!r} ends after its first parameter: did the shell cut it at &? Quote it.",
        as_memory=as_memory,
    )


def _cut(text: str, kind: Kind) -> bool:
    """Whether the string ends where an unquoted `&` would have made the shell cut it."""
    found = _ONE_PARAMETER.search(text)
    if found is None:
        return False
    if kind is Kind.SQLALCHEMY_URL:
        return found.group().startswith(("?mode=", "?cache=", "?vfs="))
    return found.group() == "?mode=memory"


def _label(text: str) -> str:
    """Return the database part of a string: `db1` for `sqlite:///file:db1?mode=memory`."""
    part = text.split("?", 1)[0]
    part = part.split("://", 1)[-1] if "://" in part else part
    part = part.removeprefix("/").removeprefix("file:")
    return part or ":memory:"


def _encoded(name: str) -> str:
    """Return the path part of a URI that SQLite decodes to this name."""
    if not name:
        raise OpenError(
            "A shared in-memory database needs a name.", hint="Without one, every connection has its own."
        )
    if name == ":memory:":
        raise OpenError(
            "':memory:' is not a name: a shared database called so is one for the whole process.",
            hint="Choose another name, or open file::memory:?cache=shared if that is meant.",
        )
    if "\0" in name:
        raise OpenError("A database name cannot contain a NUL character.", hint="SQLite ends a name there.")
    try:
        encoded = quote(name, safe="/:{}", encoding="utf-8", errors="strict")
    except UnicodeEncodeError as error:
        raise OpenError(f"The name {name!r} is not text that UTF-8 can hold.", hint="Use another name.") from error
    # After two slashes SQLite expects an authority: an empty one lets the name begin with a slash.
    return f"//{encoded}" if name.startswith("/") else encoded


def _as_url(uri: str, query: str) -> str:
    """Return the URL whose database SQLite reads as it would read the URI."""
    plain = f"sqlite:///{uri}{query}"
    if not _SPECIAL_TO_SQLITE.search(uri):
        # Whether the rest is decoded once or twice makes no difference.
        return plain
    try:
        from sqlalchemy.engine import make_url  # noqa: PLC0415 -- only such names need it
    except ImportError as error:
        raise OpenError(
            "SQLAlchemy is not installed, and only it can tell how it reads this name.",
            hint="Open the file: URI with sqlite3.",
        ) from error
    meant = _decoded(uri)
    for url in (plain, f"sqlite:///{quote(uri, safe='/:{}')}{query}"):
        if _decoded(make_url(url).database or "") == meant:
            return url
    raise OpenError(f"The installed SQLAlchemy has no URL for {uri!r}.", hint="Open it with sqlite3.")


def _decoded(uri: str) -> tuple[bytes, bool]:
    parsed = parse(uri.encode("utf-8", "surrogateescape"), read_as_uri=True)
    return parsed.filename, parsed.error is None and not parsed.parameters and parsed.fragment is None
