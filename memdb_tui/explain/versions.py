"""What another SQLAlchemy would do with the same string: asked where it can be, declared otherwise.

The declared differences are those between SQLAlchemy 2.0 and 2.1 in `sqlalchemy.engine.url.make_url` and in the
pysqlite dialect (https://docs.sqlalchemy.org/en/21/changelog/migration_21.html).
"""

from __future__ import annotations

import json
import re
import subprocess
from pathlib import Path
from urllib.parse import unquote

from memdb_tui.errors import UsageError
from memdb_tui.explain.explain import explain
from memdb_tui.explain.explanation import Explanation, Kind
from memdb_tui.explain.findings_sqlalchemy import SQLITE_PARAMETERS
from memdb_tui.frozen import dataclass

SECONDS = 60.0
_ASK = """
import json, sys
sys.path.append(sys.argv[1])
from memdb_tui.explain import explain
request = json.load(sys.stdin)
print(json.dumps(explain(**request).to_json()))
"""
_COMPARED = ("outcome", "path", "database", "creates_file", "error", "pool", "connect")


@dataclass(frozen=True, slots=True)
class Comparison:
    """One string under two lines of SQLAlchemy.

    Attributes:
        here: The version that is installed here.
        other: The version or line it is compared with.
        evidence: `observed` where the other one was asked, `declared` where the documented differences tell.
        differences: What differs: (what, here, there).
        notes: What else differs, a sentence each.
    """

    here: str
    other: str
    evidence: str
    differences: tuple[tuple[str, str, str], ...]
    notes: tuple[str, ...]

    def to_json(self) -> dict[str, object]:
        """Return the documented JSON form."""
        return {
            "here": self.here,
            "other": self.other,
            "evidence": self.evidence,
            "differences": [{"what": what, "here": here, "other": other} for what, here, other in self.differences],
            "notes": list(self.notes),
        }


def line_of(requirement: str) -> str:
    """Return the line of SQLAlchemy a requirement names: `2.0` for `sqlalchemy==2.0.*`.

    Raises:
        UsageError: It names neither 2.0 nor 2.1.
    """
    found = re.fullmatch(r"(?:sqlalchemy)?\s*(?:==|~=)?\s*(2\.[01])(?:\.[\d*]+)?", requirement.strip(), re.IGNORECASE)
    if found is None:
        raise UsageError(
            f"{requirement!r} names no line of SQLAlchemy that is known here.",
            hint="Write sqlalchemy==2.0.* or sqlalchemy==2.1.*.",
        )
    return found.group(1)


def ask_other(explanation: Explanation, python: str) -> Comparison:
    """Ask the SQLAlchemy of another interpreter, of Python 3.11 or later.

    Raises:
        UsageError: That interpreter cannot answer.
    """
    package_root = str(Path(__file__).parents[2])
    request = {
        "string": explanation.input,
        "kind": explanation.kind.value,
        "connect_args": dict(explanation.connect_args),
        "poolclass": explanation.poolclass,
        "cwd": str(Path.cwd()),
    }
    try:
        child = subprocess.run(  # noqa: S603 -- the interpreter the user named
            [python, "-P", "-W", "ignore", "-c", _ASK, package_root],
            input=json.dumps(request),
            capture_output=True,
            text=True,
            encoding="utf-8",
            timeout=SECONDS,
            check=True,
        )
        answer = json.loads(child.stdout)
    except subprocess.CalledProcessError as error:
        last = (error.stderr.strip().splitlines() or ["no words"])[-1]
        raise UsageError(f"{python} cannot answer: {last}", hint="It needs Python 3.11 or later.") from error
    except (OSError, subprocess.SubprocessError, ValueError) as error:
        raise UsageError(f"{python} cannot answer: {error}") from error
    mine = explanation.to_json()
    return Comparison(
        here=explanation.sqlalchemy_version or "none",
        other=answer["sqlalchemy"] or "none",
        evidence="observed",
        differences=tuple((key, str(mine[key]), str(answer[key])) for key in _COMPARED if mine[key] != answer[key]),
        notes=_warning_notes(mine, answer),
    )


def declare_other(explanation: Explanation, line: str) -> Comparison:
    """Tell from the documented differences what the other line would do."""
    here = explanation.sqlalchemy_version or ""
    mine_line = ".".join(here.split(".")[:2])
    if explanation.kind is not Kind.SQLALCHEMY_URL or mine_line == line:
        return Comparison(here or "none", line, "declared", (), ())
    other = explain(
        _as_read_by(explanation.input, line),
        kind=explanation.kind,
        connect_args=dict(explanation.connect_args),
        poolclass=explanation.poolclass,
    )
    mine, theirs = explanation.to_json(), other.to_json()
    differences = tuple((key, str(mine[key]), str(theirs[key])) for key in _COMPARED if mine[key] != theirs[key])
    return Comparison(here, line, "declared", differences, _declared_notes(explanation, line))


def _as_read_by(url: str, line: str) -> str:
    """Return the URL that makes this SQLAlchemy read the database part as the other line would."""
    scheme, separator, rest = url.partition("://")
    database, question, query = rest.partition("?")
    if line == "2.0":
        return f"{scheme}{separator}{database.replace('%', '%25')}{question}{query}"
    decoded = unquote(database)
    if "?" in decoded:
        # 2.0 ends the database part at any question mark: this cannot be said to it.
        decoded = decoded.replace("?", "%3F")
    return f"{scheme}{separator}{decoded}{question}{query}"


def _declared_notes(explanation: Explanation, line: str) -> tuple[str, ...]:
    notes = []
    path, _, query = explanation.input.partition("?")
    parts = query.split("&")
    dropped = {"uri-true-missing", "query-dropped"} & set(explanation.codes)
    if dropped and SQLITE_PARAMETERS & {part.partition("=")[0] for part in parts}:
        notes.append("2.1 warns that the query is ignored without uri=true (squa); 2.0 is silent.")
    if "mode=memory" in parts and explanation.poolclass is None:
        notes.append("2.1 warns that choosing the pool by mode=memory is deprecated (sqmp); 2.0 is silent.")
    if unquote(path) != path:
        notes.append("2.1 decodes the part before the question mark before SQLite does; 2.0 leaves it to SQLite.")
    if line == "2.1" and "%3f" in path.lower():
        notes.append("What 2.1 makes of %3F cannot be told by asking 2.0.")
    return tuple(notes)


def _warning_notes(mine: dict[str, object], theirs: dict[str, object]) -> tuple[str, ...]:
    def said(explained: dict[str, object]) -> set[str]:
        layers = explained["layers"]
        assert isinstance(layers, list)  # noqa: S101 -- for the type checker: the form is documented
        return {note for layer in layers for note in layer["notes"] if note.startswith("warning: ")}

    here, there = said(mine), said(theirs)
    return tuple(
        [f"only here: {note}" for note in sorted(here - there)]
        + [f"only there: {note}" for note in sorted(there - here)]
    )
