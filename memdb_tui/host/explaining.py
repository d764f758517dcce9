"""What a string would do in this process, as the UI shows it; nothing is opened."""

from __future__ import annotations

from memdb_tui.errors import MemdbError, OpenError
from memdb_tui.explain.explanation import Explanation
from memdb_tui.host import opening
from memdb_tui.model import Explained, Finding, Station


def explained(argument: str) -> Explained:
    """What opening the argument would do; a bare name stands for the shared database of that name.

    Raises:
        OpenError: It is empty, or a name that no database can have.
    """
    if not argument.strip():
        raise OpenError("There is nothing to explain yet.")
    given = opening.given(argument)
    plan = opening.plan(given.string)
    return _value(plan.explanation, string=given.string, as_raw=_as_raw(given.string), as_url=_as_url(plan))


def _as_raw(string: str) -> str:
    """What sqlite3 would be given if SQLAlchemy were left out."""
    rest = string.partition(":///")[2] if "://" in string else string
    return rest if rest.startswith("file:") or rest == ":memory:" else ""


def _as_url(plan: opening.Plan) -> str:
    try:
        return opening.as_url(plan)
    except MemdbError:
        return ""


def _value(explanation: Explanation, *, string: str, as_raw: str, as_url: str) -> Explained:
    return Explained(
        string=string,
        outcome=explanation.outcome.value,
        database=explanation.database or "",
        path=explanation.path or "",
        path_exists=explanation.path_exists,
        creates_file=explanation.creates_file,
        meant_as_memory=explanation.meant_as_memory,
        reason=explanation.reason,
        error=explanation.error or "",
        pool=explanation.pool or "",
        connect="" if explanation.connect is None else str(explanation.connect),
        suggestion=explanation.suggestion or "",
        alternatives=explanation.alternatives,
        as_raw=as_raw,
        as_url=as_url,
        findings=tuple(Finding(f.code, f.severity.value, f.message, f.remedy) for f in explanation.findings),
        stations=tuple(
            Station(each.name, each.came_in, each.went_out, each.lost, each.notes) for each in explanation.layers
        ),
        brief=explanation.brief,
    )
