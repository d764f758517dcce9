"""Findings in files as other tools read them: one line each, or SARIF."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from urllib.parse import quote

from memdb_tui import __version__
from memdb_tui.commands.printing import printable
from memdb_tui.explain.explanation import Severity
from memdb_tui.explain.finding_codes import SEVERITIES
from memdb_tui.explain.scan import Hit

SARIF_SCHEMA = "https://json.schemastore.org/sarif-2.1.0.json"


def as_text(hit: Hit) -> str:
    """Return a finding as linters print theirs: `file:line: code message`."""
    fix = f" Write {hit.suggestion}" if hit.suggestion is not None else f" {hit.finding.remedy}".rstrip()
    return printable(f"{hit.file}:{hit.line}: {hit.finding.code} {hit.finding.message}{fix}")


def as_sarif(hits: Sequence[Hit]) -> dict[str, object]:
    """Return the findings as a SARIF 2.1.0 log (https://docs.oasis-open.org/sarif/sarif/v2.1.0/)."""
    codes = sorted({hit.finding.code for hit in hits})
    return {
        "$schema": SARIF_SCHEMA,
        "version": "2.1.0",
        "runs": [
            {
                "tool": {
                    "driver": {
                        "name": "memdb-tui",
                        "version": __version__,
                        "rules": [
                            {
                                "id": code,
                                "shortDescription": {"text": code.replace("-", " ")},
                                "defaultConfiguration": {"level": _level(SEVERITIES[code])},
                            }
                            for code in codes
                        ],
                    }
                },
                "results": [_result(hit, codes) for hit in hits],
            }
        ],
    }


def _result(hit: Hit, codes: Sequence[str]) -> dict[str, object]:
    text = " ".join(part for part in (hit.finding.message, hit.finding.remedy) if part)
    return {
        "ruleId": hit.finding.code,
        "ruleIndex": codes.index(hit.finding.code),
        "level": _level(hit.finding.severity),
        "message": {"text": printable(text)},
        "locations": [
            {
                "physicalLocation": {
                    "artifactLocation": {"uri": quote(Path(hit.file).as_posix(), safe="/", errors="surrogateescape")},
                    "region": {"startLine": hit.line, "startColumn": hit.column},
                }
            }
        ],
    }


def _level(severity: Severity) -> str:
    return "note" if severity is Severity.NOTE else severity.value
