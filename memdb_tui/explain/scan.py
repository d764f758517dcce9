"""Connection strings in files: Python source, TOML, YAML, INI and .env."""

from __future__ import annotations

import ast
import os
import re
from collections.abc import Iterator
from pathlib import Path

from memdb_tui.explain.code_line import Found, calls_in, text_of
from memdb_tui.explain.explain import explain
from memdb_tui.explain.explanation import Finding, Kind, Severity
from memdb_tui.frozen import dataclass

PYTHON = frozenset({".py", ".pyi", ".pyw"})
SETTINGS = frozenset({".toml", ".yaml", ".yml", ".ini", ".cfg", ".env", ".conf"})
SKIPPED_FOLDERS = frozenset({"__pycache__", "node_modules", "site-packages", "venv"})
LARGEST_FILE_BYTES = 4 * 1024 * 1024

_OF_THIS_MACHINE = frozenset(
    {"file-not-there", "path-cannot-be-opened", "driver-not-installed", "not-sqlite", "cut-at-ampersand"}
)
"""What depends on the files, the modules and the shell here says nothing about the source."""
_WORTH_READING = re.compile("sqlite|file:", re.IGNORECASE)
"""Without either word no connection string can be in a file, and most files need not be parsed."""
_END = r"""[^\s"'`<>]"""
_URL = re.compile(rf"sqlite\w{{0,20}}(?:\+\w{{1,40}})?://{_END}*")
_URI = re.compile(rf"\bfile:{_END}{{0,500}}?\?{_END}{{0,500}}?(?:mode|cache|vfs)={_END}*", re.IGNORECASE)
_WHOLE_STRING = re.compile(rf"(?:{_URL.pattern}|{_URI.pattern})", re.IGNORECASE)
"""The repetitions are bounded, so that a long line costs no more than a few passes over it."""


@dataclass(frozen=True, slots=True)
class Hit:
    """A finding about a connection string in a file.

    Attributes:
        file: The file, as it was named or reached.
        line: From 1.
        column: From 1.
        string: The connection string.
        finding: What there is to know about it.
        suggestion: The corrected string, if there is one.
    """

    file: str
    line: int
    column: int
    string: str
    finding: Finding
    suggestion: str | None


class UnreadableError(Exception):
    """A file cannot be read or is not what its name says; the message says why."""


def files_in(path: Path) -> Iterator[Path]:
    """Yield the files to scan: the path itself if it is a file, else what lies below it, sorted."""
    if not path.is_dir():
        yield path
        return
    for parent, folders, names in os.walk(path):
        folders[:] = sorted(name for name in folders if not (name.startswith(".") or name in SKIPPED_FOLDERS))
        for name in sorted(names):
            suffix = Path(name).suffix
            if suffix in PYTHON or suffix in SETTINGS or name == ".env" or name.startswith(".env."):
                yield Path(parent) / name


def scan_file(path: Path) -> tuple[Hit, ...]:
    """Return what there is to know about the connection strings in a file; notes are left out.

    Raises:
        UnreadableError: The file cannot be read, is too large, or is not Python though its name says so.
    """
    try:
        if path.stat().st_size > LARGEST_FILE_BYTES:
            raise UnreadableError(f"larger than {LARGEST_FILE_BYTES // 1024 // 1024} MiB")
        text = path.read_text(encoding="utf-8", errors="surrogateescape")
    except (OSError, ValueError) as error:
        raise UnreadableError(getattr(error, "strerror", None) or str(error)) from error
    if not _WORTH_READING.search(text):
        return ()
    found = _in_python(text) if path.suffix in PYTHON else _in_settings(text, is_ini=path.suffix in {".ini", ".cfg"})
    return tuple(hit for each in found for hit in _hits(str(path), each))


def _hits(file: str, found: Found) -> Iterator[Hit]:
    if re.fullmatch(r"(\{\w+\})*", found.string):
        return
    explanation = explain(
        found.string, kind=found.kind, connect_args=found.connect_args, poolclass=found.poolclass, cwd=os.sep
    )
    for finding in explanation.findings:
        if finding.severity is Severity.NOTE or finding.code in _OF_THIS_MACHINE:
            continue
        if (
            not found.is_call
            and finding.code in {"depends-on-build", "uri-true-missing"}
            and "://" not in found.string
        ):
            # A file: string by itself does not tell whether uri=True is passed with it.
            continue
        yield Hit(file, found.line, found.column, found.string, finding, explanation.suggestion)


def _in_python(text: str) -> Iterator[Found]:
    try:
        tree = ast.parse(text)
    except (SyntaxError, ValueError, RecursionError, MemoryError) as error:
        raise UnreadableError(f"not Python: {error}") from error
    calls = {(found.line, found.column): found for found in calls_in(tree)}
    for node in _outermost_strings(tree):
        place = (node.lineno, node.col_offset + 1)
        text_here = text_of(node)
        if place not in calls and text_here is not None and _WHOLE_STRING.fullmatch(text_here):
            calls[place] = Found(text_here, _kind(text_here), *place, is_call=False)
    yield from (calls[place] for place in sorted(calls))


def _outermost_strings(tree: ast.AST) -> Iterator[ast.expr]:
    """Yield string expressions, but not the parts of one."""
    waiting: list[ast.AST] = [tree]
    while waiting:
        node = waiting.pop()
        if isinstance(node, ast.expr) and not isinstance(node, ast.Call) and text_of(node) is not None:
            yield node
        else:
            waiting.extend(ast.iter_child_nodes(node))


def _in_settings(text: str, *, is_ini: bool) -> Iterator[Found]:
    for number, line in enumerate(text.splitlines(), start=1):
        if line.lstrip().startswith(("#", ";")):
            continue
        for match in (*_URL.finditer(line), *_URI.finditer(line)):
            if any(url.start() < match.start() < url.end() for url in _URL.finditer(line)):
                continue
            string = match.group().rstrip(",;)]}") if match.group().count("{") == 0 else match.group()
            # configparser reads %% as one %.
            string = string.replace("%%", "%") if is_ini else string
            yield Found(string, _kind(string), number, match.start() + 1, is_call=False)


def _kind(string: str) -> Kind:
    return (
        Kind.SQLALCHEMY_URL
        if "://" in string.split("?", 1)[0][:40] and string.startswith("sqlite")
        else (Kind.SQLITE3_URI)
    )
