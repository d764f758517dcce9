"""An explanation as lines: the verdict, the place, the fix; then what there is to know; then the way. Pure."""

from __future__ import annotations

from collections.abc import Sequence

from memdb_tui.frozen import dataclass
from memdb_tui.model import Connection, Explained, Finding, Outcome, Station
from memdb_tui.ui.rows import Part, Row
from memdb_tui.ui.wording import printable, short_path

_VERDICTS = {
    "memory-shared": ("◆", "in memory, shared", "bold $primary"),
    "memory-private": ("◆", "in memory, private: every connection has a database of its own", "bold $secondary"),
    "file": ("▲", "on disk", "bold $foreground"),
    "temporary": ("▲", "a private temporary database, which spills to disk", "bold $secondary"),
    "error": ("×", "cannot be opened", "bold $error"),
}
_SEVERITIES = {"error": ("×", "bold $error"), "warning": ("!", "bold $secondary"), "note": ("·", "$muted")}


@dataclass(frozen=True, slots=True)
class Comparison:
    """One thing that was predicted and then seen."""

    what: str
    predicted: str
    observed: str

    @property
    def agrees(self) -> bool:
        """They are the same."""
        return self.predicted == self.observed


def verdict_rows(explained: Explained) -> list[Row]:
    """What will happen, where, and what to write instead: three lines."""
    sign, words, style = _VERDICTS[explained.outcome]
    if explained.is_stray:
        words, style = "a stray file: meant as memory, but on disk", "bold $error"
    rows = [Row((Part(sign, style), Part(words, style))), _place_row(explained)]
    if explained.suggestion:
        rows.append(Row((Part("  fix ", "$muted"), Part(printable(explained.suggestion), "bold $primary"))))
    else:
        rows.append(Row((Part("  why ", "$muted"), Part(printable(explained.reason), "$foreground"))))
    return rows


def finding_rows(findings: Sequence[Finding]) -> list[Row]:
    """Each finding: sign, code, sentence, remedy; the gravest first, as they come."""
    rows = []
    for finding in findings:
        sign, style = _SEVERITIES[finding.severity]
        text = f"{finding.message} {finding.remedy}".strip()
        rows.append(Row((Part(sign, style), Part(finding.code, style), Part(printable(text), "$foreground"))))
    return rows


def station_rows(stations: Sequence[Station]) -> list[Row]:
    """The string's way, layer by layer, with what was lost where."""
    rows = []
    for number, station in enumerate(stations, start=1):
        rows.append(Row((Part(f"{number}", "$muted"), Part(station.name, "bold $foreground"))))
        rows.append(Row((Part("  →", "$muted"), Part(printable(station.went_out), "$primary"))))
        rows += [Row((Part("  - lost:", "bold $error"), Part(printable(lost), "$error"))) for lost in station.lost]
        rows += [Row((Part("  " + printable(note), "$muted"),)) for note in station.notes]
    return rows


def explanation_rows(explained: Explained) -> list[Row]:
    """Everything."""
    rows = verdict_rows(explained)
    if explained.suggestion:
        rows.append(Row((Part("  why ", "$muted"), Part(printable(explained.reason), "$foreground"))))
    rows += [Row((Part("   or ", "$muted"), Part(printable(text), "$primary"))) for text in explained.alternatives]
    if explained.findings:
        rows += [Row(()), Row((Part("Findings", "bold $primary"),)), *finding_rows(explained.findings)]
    rows += [Row(()), Row((Part("The string's way", "bold $primary"),)), *station_rows(explained.stations)]
    return rows


def comparisons(explained: Explained, connection: Connection) -> tuple[Comparison, ...]:
    """Prediction against observation, for a connection that is open."""
    main = next((schema for schema in connection.schemas if schema.name == "main"), None)
    observed_path = main.file if main is not None else ""
    predicted_path = explained.path if explained.outcome == Outcome.FILE.value else ""
    found = [
        Comparison("outcome", _outcome_words(explained.outcome), connection.outcome.words),
        Comparison("file", predicted_path or "none", observed_path or "none"),
    ]
    if connection.pool:
        found.append(Comparison("pool", explained.pool, connection.pool))
    return tuple(found)


def _outcome_words(outcome: str) -> str:
    return Outcome(outcome).words if outcome in set(Outcome) else outcome


def comparison_rows(found: Sequence[Comparison]) -> list[Row]:
    """A line for each thing; a difference is an alarm, and a fault of this program."""
    rows = [Row((Part("Predicted and observed", "bold $primary"),))]
    for each in found:
        sign, style = ("=", "$primary") if each.agrees else ("≠", "bold $error")
        rows.append(
            Row(
                (
                    Part(sign, style),
                    Part(f"{each.what}:", "$muted"),
                    Part(printable(short_path(each.observed)), "$foreground" if each.agrees else style),
                    *(() if each.agrees else (Part(f"predicted {printable(short_path(each.predicted))}", style),)),
                )
            )
        )
    if not all(each.agrees for each in found):
        words = "SQLite did something else than predicted: this is a fault of memdb-tui. Please report the string."
        rows.append(Row((Part(words, "bold $error"),)))
    return rows


def _place_row(explained: Explained) -> Row:
    if explained.error:
        return Row((Part("error ", "$muted"), Part(printable(explained.error), "$error")))
    if explained.path and explained.outcome == Outcome.FILE.value:
        state = "is there" if explained.path_exists else "would be made"
        path = printable(short_path(explained.path))
        return Row((Part(" path ", "$muted"), Part(path, "bold $foreground"), Part(f"({state})", "$muted")))
    if explained.database:
        return Row((Part(" name ", "$muted"), Part(printable(explained.database), "bold $foreground")))
    return Row((Part(" name ", "$muted"), Part("none, so nothing else can open it", "$foreground")))
