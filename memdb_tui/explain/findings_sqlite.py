"""Findings about what sqlite3 and SQLite do with the name they are given."""

# ruff: noqa: PTH112, PTH120 -- paths can hold what is not UTF-8, and are only looked at
from __future__ import annotations

import os
import re
from collections import Counter
from collections.abc import Callable, Iterator

from memdb_tui.explain.explanation import Finding, Kind, Outcome
from memdb_tui.explain.finding_codes import finding
from memdb_tui.explain.opening import Opening
from memdb_tui.explain.sqlite_path import MAX_PATH_BYTES, SUFFIX_BYTES
from memdb_tui.explain.sqlite_uri import ACCESS_MODES, CACHE_MODES, VFS_PARAMETERS, OpenFlags, ParsedName
from memdb_tui.explain.trail import Trail

Rule = Callable[[Trail], Iterator[Finding]]

KNOWN = frozenset({b"mode", b"cache", b"vfs"}) | VFS_PARAMETERS
_OTHERS_KNOWN = frozenset({b"uri", b"timeout"})
VALUES = {b"mode": ACCESS_MODES, b"cache": CACHE_MODES}
_IN_MEMORY = {Outcome.MEMORY_SHARED, Outcome.MEMORY_PRIVATE}


def refused_by_sqlite3(trail: Trail) -> Iterator[Finding]:
    """sqlite3 refuses an argument before SQLite is asked."""
    refusal = trail.refusal
    if refusal is None or trail.opening is not None or (trail.answer is not None and trail.answer.error):
        return
    if trail.answer is not None and not trail.answer.is_sqlite:
        return
    name_error = refusal.error_type == "UnicodeEncodeError" or refusal.error == "embedded null byte"
    if name_error or (trail.connect is None and trail.answer is not None):
        yield finding(
            "name-cannot-be-passed",
            f"sqlite3 cannot pass this name on: {refusal.error}.",
            "Use a name without NUL characters and lone surrogates.",
        )
    elif refusal.error_type in {"TypeError", "ValueError", "OverflowError"}:
        yield finding(
            "connect-argument-refused",
            f"sqlite3.connect refuses its arguments: {refusal.error}.",
            "sqlite3.connect takes timeout, detect_types, isolation_level, check_same_thread, "
            "cached_statements and uri; run PRAGMAs after connecting.",
        )


def not_read_as_uri(trail: Trail) -> Iterator[Finding]:
    """The name looks like a URI and is not read as one, or only in some builds."""
    if trail.opening is None or trail.connect is None:
        return
    name, uri = trail.connect.database, trail.connect.uri
    if name[:5].lower() == "file:" and not name.startswith("file:"):
        yield finding(
            "case-sensitive-scheme",
            f"{name[:5]!r} is not 'file:': SQLite takes it for a path.",
            "Write file: in small letters.",
        )
    elif name.startswith("file:") and not uri and trail.kind is not Kind.SQLALCHEMY_URL:
        if trail.build.use_uri:
            yield finding(
                "depends-on-build",
                "Without uri=True this is read as a URI only where SQLite was compiled with USE_URI, as here; "
                "elsewhere it is a file of that name.",
                "Pass uri=True to sqlite3.connect.",
            )
        else:
            yield finding(
                "uri-true-missing",
                f"uri=True is missing, so SQLite takes {name!r} for a path.",
                "Pass uri=True to sqlite3.connect.",
            )
    elif not name.startswith("file:") and re.search(r"\?\w+=", name) and _is_passed_as_written(trail, name):
        yield finding(
            "file-prefix-missing",
            f"The name does not begin with file:, so SQLite takes {name!r} for a path.",
            "Begin the name with file:.",
        )


def _is_passed_as_written(trail: Trail, name: str) -> bool:
    """Whether the name is what the string says, and not a path SQLAlchemy has made of it."""
    if trail.answer is None:
        return True
    return trail.connect is not None and trail.connect.uri and name.startswith(trail.answer.database or "")


def parameters(trail: Trail) -> Iterator[Finding]:
    """Parameters SQLite ignores, and values it refuses."""
    parsed = _parsed(trail)
    if parsed is None:
        return
    for name, count in Counter(key for key, _ in parsed.parameters).items():
        if count > 1 and name in KNOWN:
            yield finding(
                "duplicate-parameter",
                f"{_text(name)} is given {count} times: SQLite applies them in turn, and the last one stays.",
                "Give it once.",
            )
    for name, value in dict.fromkeys(parsed.parameters):
        known_values = VALUES.get(name)
        if known_values is not None and value not in known_values:
            yield _bad_value(name, value, tuple(known_values))
        elif name not in KNOWN:
            yield from _ignored(trail, name)


def _bad_value(name: bytes, value: bytes, known: tuple[bytes, ...]) -> Finding:
    listed = ", ".join(_text(each) for each in known)
    if value.strip().lower() in known:
        return finding(
            "case-sensitive-value",
            f"{_text(name)}={_text(value)} is refused: values are case-sensitive.",
            f"Write {_text(name)}={_text(value.strip().lower())}.",
        )
    return finding(
        "unknown-value", f"{_text(name)}={_text(value)} is refused.", f"SQLite knows {_text(name)}={listed}."
    )


def _ignored(trail: Trail, name: bytes) -> Iterator[Finding]:
    if name.lower() in KNOWN:
        yield finding(
            "case-sensitive-parameter",
            f"{_text(name)} does nothing: the names of parameters are case-sensitive.",
            f"Write {_text(name.lower())}.",
        )
    elif not name.lower().startswith(b"amp;"):
        hint = (
            "It belongs into SQLAlchemy's URL or is an argument of sqlite3.connect; SQLite does not know it."
            if name in _OTHERS_KNOWN and trail.kind is not Kind.SQLALCHEMY_URL
            else "Leave it out, or set it with a PRAGMA if it is one."
        )
        yield finding("unknown-parameter", f"SQLite ignores the parameter {_text(name)}.", hint)


def refused_by_sqlite(trail: Trail) -> Iterator[Finding]:
    """SQLite refuses the URI, or cannot open the path."""
    opening, refusal = trail.opening, trail.refusal
    if opening is None or refusal is None:
        return
    if refusal.error.startswith("invalid uri authority"):
        yield finding(
            "invalid-authority",
            f"After file:// SQLite expects a host, and takes none but localhost: {refusal.error}.",
            "Write file:NAME, or file:///PATH with three slashes.",
        )
    elif refusal.error.startswith("no such vfs"):
        yield finding("unknown-vfs", f"SQLite has no VFS of this name: {refusal.error}.", "Leave vfs out.")
    elif "mode not allowed" in refusal.error:
        yield finding(
            "access-mode-not-allowed",
            f"A later mode may not allow more than an earlier one: {refusal.error}.",
            "Give mode once.",
        )
    elif opening.path is not None:
        yield _path_problem(opening, opening.path, refusal.error)


def _path_problem(opening: Opening, path: str, words: str) -> Finding:
    parent = os.path.dirname(path)
    exists = opening.path_exists
    if len(os.fsencode(path)) + SUFFIX_BYTES > MAX_PATH_BYTES:
        why = f"its path is longer than {MAX_PATH_BYTES - SUFFIX_BYTES} bytes"
    elif exists:
        why = "it is a folder" if os.path.isdir(path) else "it cannot be read"
    elif not os.path.isdir(parent):
        why = f"there is no folder {parent}"
    elif not opening.parsed.flags & OpenFlags.CREATE:
        return finding(
            "file-not-there",
            f"There is no file {path}, and it may not be made: {words}.",
            "Use mode=rwc to make it, or correct the path.",
        )
    elif os.access(parent, os.W_OK | os.X_OK):
        why = "its name is too long"
    else:
        why = f"nothing can be made in the folder {parent}"
    return finding("path-cannot-be-opened", f"{path} cannot be opened, {why}: {words}.", "Correct the path.")


def sharing(trail: Trail) -> Iterator[Finding]:
    """In memory, but not as it looks."""
    opening = trail.opening
    if opening is None or trail.refusal is not None:
        return
    parsed = opening.parsed
    if opening.outcome is Outcome.MEMORY_SHARED and opening.database == ":memory:":
        yield finding(
            "process-global-name",
            "file::memory:?cache=shared is one database for the whole process: everything that opens it shares it.",
            "Give it a name: file:NAME?mode=memory&cache=shared.",
        )
    if opening.outcome is Outcome.MEMORY_PRIVATE:
        yield from _private(trail, parsed)
    if opening.outcome in _IN_MEMORY and opening.read_only:
        yield finding("read-only-memory", "mode=ro makes this empty database unwritable: no table can be made.", "")
    if opening.outcome is Outcome.FILE and not trail.meant_as_memory and b"shared" in parsed.values(b"cache"):
        yield finding(
            "mode-memory-missing",
            "cache=shared alone shares the cache of a file; it does not keep the database in memory.",
            "Add mode=memory if memory is meant.",
        )


def _private(trail: Trail, parsed: ParsedName) -> Iterator[Finding]:
    if parsed.vfs == b"memdb" and b"memory" not in parsed.values(b"mode"):
        yield finding(
            "memdb-needs-slash",
            "A memdb name is shared only if it begins with a slash: this one is private to each connection.",
            "Write file:/NAME?vfs=memdb.",
        )
    elif not parsed.is_uri or (parsed.filename == b":memory:" and not parsed.values(b"cache")):
        yield finding("private-memory", "Every connection has an empty database of its own.", "")
    elif not parsed.filename:
        yield finding(
            "nameless-memory",
            "Without a name the database is private to each connection, whatever the cache parameter says.",
            "Write file:NAME?mode=memory&cache=shared.",
        )
    elif not trail.build.shared_cache:
        yield finding(
            "depends-on-build", "This SQLite was compiled without shared cache: cache=shared does nothing.", ""
        )
    else:
        yield finding(
            "cache-shared-missing",
            "cache=shared is missing: every connection has an empty database of its own.",
            "Add &cache=shared.",
        )


def names(trail: Trail) -> Iterator[Finding]:
    """Parts of the name that do not arrive."""
    parsed = _parsed(trail)
    if parsed is None:
        return
    if parsed.fragment is not None:
        yield finding(
            "fragment-dropped",
            "SQLite drops everything from # on.",
            "Write %23 for a # that belongs to the name.",
        )
    if parsed.cut_by_nul:
        yield finding("nul-cuts-name", "%00 ends the part it stands in; the rest of it is dropped.", "")
    try:
        parsed.filename.decode("utf-8")
    except UnicodeDecodeError:
        yield finding("name-is-not-utf-8", "The name is not UTF-8: SQLite uses its bytes as they are.", "")


def files(trail: Trail) -> Iterator[Finding]:
    """A file is made, or a temporary one."""
    opening = trail.opening
    if opening is None or trail.refusal is not None:
        return
    if opening.outcome is Outcome.TEMPORARY:
        yield finding(
            "temporary-on-disk",
            "An empty name is a private temporary database: it spills to a file that SQLite unlinks at once.",
            "Give it a name and mode=memory to keep it in memory.",
        )
    if not opening.parsed.filename and trail.build.temporary_in_memory and opening.outcome in _IN_MEMORY:
        yield finding(
            "depends-on-build", "TEMP_STORE keeps this database in memory here; elsewhere it is on disk.", ""
        )
    if opening.outcome is Outcome.FILE and not opening.path_exists:
        yield finding("creates-file", f"Opening it makes the file {opening.path}.", "")


def cut_by_the_shell(trail: Trail) -> Iterator[Finding]:
    """The string ends where an unquoted `&` would have cut it."""
    is_url = trail.kind is Kind.SQLALCHEMY_URL
    pattern = r"\?(mode=memory|cache=shared|vfs=memdb)\Z" if is_url else r"\Afile:[^?]*\?mode=memory\Z"
    if trail.kind is not Kind.DJANGO and re.search(pattern, trail.text):
        yield finding(
            "cut-at-ampersand",
            "The string ends after its first parameter: if it was typed in a shell, did the shell cut it at &?",
            "Quote it there.",
        )


def _parsed(trail: Trail) -> ParsedName | None:
    opening = trail.opening
    return opening.parsed if opening is not None and opening.parsed.is_uri else None


def _text(part: bytes) -> str:
    return part.decode("utf-8", "backslashreplace")


RULES: tuple[Rule, ...] = (
    refused_by_sqlite3,
    not_read_as_uri,
    parameters,
    refused_by_sqlite,
    sharing,
    names,
    files,
    cut_by_the_shell,
)
