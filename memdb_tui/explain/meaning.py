"""What the author of a string probably meant, read from its words and not from its grammar."""

from __future__ import annotations

import re
from collections.abc import Mapping
from urllib.parse import unquote

from memdb_tui.explain.explanation import Kind
from memdb_tui.frozen import dataclass

ESCAPED_AMPERSAND = re.compile(r"&(?:amp|#38|#x26);", re.IGNORECASE)
_SCHEME = re.compile(r"\A([^/?#\s:]+):(//)?")
_MEMORY_NAMES = frozenset({"memory", "mem"})


@dataclass(frozen=True, slots=True)
class Meant:
    """What a string says, whoever reads it.

    Attributes:
        driver: The SQLAlchemy driver to use in a corrected URL; None for other kinds.
        name: The name of the database, decoded; empty where none is said, or only `:memory:`.
        memory_name: Whether the name is a spelling of `:memory:`.
        mode_memory: Whether it says `mode=memory`.
        memdb: Whether it says `vfs=memdb`.
        shared: Whether it says `cache=shared`.
        parameters: Every query parameter, names as written.
    """

    driver: str | None
    name: str
    memory_name: bool
    mode_memory: bool
    memdb: bool
    shared: bool
    parameters: tuple[tuple[str, str], ...]


def read(text: str, kind: Kind, connect_args: Mapping[str, object]) -> Meant:
    """Return what a string says."""
    plain = with_plain_ampersands(text)
    driver = None
    if kind is Kind.SQLALCHEMY_URL:
        driver, plain = _driver(plain)
        given_uri = connect_args.get("uri")
        if isinstance(given_uri, str) and not plain.strip("/"):
            plain = with_plain_ampersands(given_uri)
    path, query = _halves(plain)
    # A # before the query is meant as a part of the name; behind it, as a fragment.
    query = query.split("#", 1)[0]
    parameters = tuple(_pair(part) for part in query.split("&") if part)
    said = {name.strip().lower(): value.strip(" '\"").lower() for name, value in parameters}
    for name, value in connect_args.items():
        said.setdefault(name.lower(), str(value).lower())
    name = unquote(_without_scheme(path))
    bare = name.strip("/: ").lower()
    memory_name = bare in _MEMORY_NAMES and (":" in name or kind is Kind.SQLALCHEMY_URL)
    return Meant(
        driver=driver,
        name="" if memory_name else name,
        memory_name=memory_name or (not name and kind is Kind.SQLALCHEMY_URL),
        mode_memory=said.get("mode") == "memory",
        memdb=said.get("vfs") == "memdb",
        shared=said.get("cache") == "shared",
        parameters=parameters,
    )


def with_plain_ampersands(text: str) -> str:
    """Return the text with `&amp;` and its kin as `&`, and every other entity as it stands."""
    return ESCAPED_AMPERSAND.sub("&", text)


def _driver(url: str) -> tuple[str, str]:
    """Return the driver a corrected URL should name, and what stands behind the scheme."""
    found = _SCHEME.match(url)
    if found is None:
        return "sqlite", url
    driver = found.group(1) if found.group(1) in {"sqlite+pysqlite", "sqlite+aiosqlite"} else "sqlite"
    rest = url[found.end() :]
    return driver, rest.removeprefix("/")


def _without_scheme(path: str) -> str:
    """Return a name without `file:`, and without the two slashes of an authority that is none."""
    rest = re.sub(r"\Afile:", "", path, flags=re.IGNORECASE)
    if rest == path or not rest.startswith("//"):
        return rest
    return rest[2:].removeprefix("localhost")


def _halves(text: str) -> tuple[str, str]:
    """Split at the first question mark; at an encoded one if parameters follow it."""
    encoded = re.search(r"%3f(?=[a-z_]+=)", text, flags=re.IGNORECASE)
    plain = text.find("?")
    if encoded and (plain < 0 or encoded.start() < plain):
        return text[: encoded.start()], text[encoded.end() :].replace("?", "&")
    path, _, query = text.partition("?")
    return path, query


def _pair(part: str) -> tuple[str, str]:
    name, _, value = part.partition("=")
    return unquote(name), unquote(value)
