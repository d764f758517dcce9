"""What a database string may name on disk, looked at before SQLite makes it."""

from __future__ import annotations

import os
from os import F_OK, access

from .bare import fsdecode
from .guard import is_of_the_program

TYPE_CHECKING = False
if TYPE_CHECKING:
    Existed = tuple[tuple[str, bool], ...]
    """Paths as they were written, and whether there was a file."""

_SCHEME = "file:"


def existed_before(database: str | None) -> Existed | None:
    """Which of the files that a string may mean are there already; None where it can mean none.

    Whether it is a path or a URI is SQLite's to decide, so both are looked at. Of a symbolic link it is the file that
    counts to which it leads.
    """
    if not database or database == ":memory:" or "\0" in database:
        return None
    try:
        if not database.startswith(_SCHEME):
            return ((database, access(database, F_OK)),)
        path = path_of_uri(database)
        return ((database, access(database, F_OK)), (path, bool(path) and access(path, F_OK)))
    except ValueError as error:
        if is_of_the_program(error):
            raise
        # A lone surrogate: there is no such path.
        return None


def leads_to_memory(uri: str) -> bool:
    """Whether a URI says so, once and in so many words, and names no VFS: https://sqlite.org/uri.html.

    No file can come of it, and it has no name of its own.
    """
    if not uri.startswith(_SCHEME) or "#" in uri or may_choose_vfs(uri):
        return False
    parameters = uri.partition("?")[2].split("&")
    return [each for each in parameters if each.partition("=")[0] == "mode"] == ["mode=memory"]


def was_there(file: str, existed: Existed | None, folder: str) -> bool | None:
    """Whether the file that SQLite opened was there before; None where that is not known, or where there is none.

    Args:
        file: As SQLite calls it.
        existed: What `existed_before` found.
        folder: The current one.
    """
    if not file or existed is None:
        return None
    for path, was in existed:
        # Most are what they look like; `os.path` is asked only where it must be, since a test may have a mock there.
        if file in (path, f"{folder}/{path}"):
            return was
    for path, was in existed:
        # SQLite resolves symbolic links.
        if path and file in {os.path.abspath(path), os.path.realpath(path)}:  # noqa: PTH100 - pathlib is not imported here
            return was
    return None


def may_choose_vfs(database: str | None) -> bool:
    """Whether a string may name a VFS, so that a file's name need not be that of a file."""
    return database is None or (database.startswith(_SCHEME) and ("vfs" in database or "%" in database))


def path_of_uri(uri: str) -> str:
    """The path in a URI: https://sqlite.org/uri.html."""
    path = uri[len(_SCHEME) :].partition("#")[0].partition("?")[0]
    if path.startswith("//"):
        _, slash, rest = path[2:].partition("/")
        path = slash + rest
    if "%" not in path:
        return path
    pieces = path.split("%")
    decoded = pieces[0].encode("utf-8", "surrogatepass")
    for piece in pieces[1:]:
        try:
            decoded += bytes((int(piece[:2], 16),))
        except ValueError:
            decoded += piece[:2].encode("utf-8", "surrogatepass")
        decoded += piece[2:].encode("utf-8", "surrogatepass")
    return fsdecode(decoded.partition(b"\0")[0])
