"""What a database string may name on disk, looked at before SQLite makes it."""

from __future__ import annotations

import os

_SCHEME = "file:"


def existed_before(database: str | None) -> dict[str, bool] | None:
    """Which of the files that a string may mean are there already; None where it can mean none.

    Whether it is a path or a URI is SQLite's to decide, so both are looked at.
    """
    if not database or database == ":memory:" or "\0" in database:
        return None
    paths = [database]
    if database.startswith(_SCHEME):
        paths.append(_path_of_uri(database))
    return {os.path.abspath(path): _is_there(path) for path in paths if path}  # noqa: PTH100 - pathlib is not imported here


def was_there(file: str, existed: dict[str, bool] | None) -> bool | None:
    """Whether the file that SQLite opened was there before; None where that is not known, or where there is none."""
    if not file or existed is None:
        return None
    if file in existed:
        return existed[file]
    # SQLite resolves symbolic links.
    for path, was in existed.items():
        if os.path.realpath(path) == file:
            return was
    return None


def looks_shared(database: str | None) -> bool:
    """Whether a string may lead to a cache that others are on, too."""
    return database is not None and "cache=shared" in database


def _path_of_uri(uri: str) -> str:
    """The path in a URI: https://sqlite.org/uri.html."""
    path = uri[len(_SCHEME) :].partition("#")[0].partition("?")[0]
    if path.startswith("//"):
        _, slash, rest = path[2:].partition("/")
        path = slash + rest
    pieces = path.split("%")
    decoded = pieces[0].encode("utf-8", "surrogatepass")
    for piece in pieces[1:]:
        try:
            decoded += bytes((int(piece[:2], 16),))
        except ValueError:
            decoded += piece[:2].encode("utf-8", "surrogatepass")
        decoded += piece[2:].encode("utf-8", "surrogatepass")
    return os.fsdecode(decoded.partition(b"\0")[0])


def _is_there(path: str) -> bool:
    try:
        os.lstat(path)
    except (OSError, ValueError):
        return False
    return True
