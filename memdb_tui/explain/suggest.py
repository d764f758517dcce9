"""The string that was probably meant, checked by explaining it before it is offered."""

from __future__ import annotations

from collections.abc import Callable

from memdb_tui.errors import OpenError
from memdb_tui.explain import names
from memdb_tui.explain.explanation import Finding, Kind, Outcome, Severity
from memdb_tui.explain.meaning import Meant, read
from memdb_tui.explain.trail import Trail
from memdb_tui.frozen import dataclass

FALLBACK_NAME = "memdb"
LONGEST_CORRECTED = 4096
"""Characters; nobody wrote a longer string by hand, and nobody wants it back."""
_DRIVER_PARAMETERS = ("timeout", "isolation_level", "detect_types", "check_same_thread", "cached_statements")

IsSharedMemory = Callable[[str, Kind], bool]
"""Whether a string, explained, is shared memory without an error."""


@dataclass(frozen=True, slots=True)
class Advice:
    """What to write instead.

    Attributes:
        suggestion: The corrected string; None where nothing is wrong or nothing can be said.
        alternatives: Other strings that may have been meant.
    """

    suggestion: str | None = None
    alternatives: tuple[str, ...] = ()


def advise(trail: Trail, findings: tuple[Finding, ...], is_shared_memory: IsSharedMemory) -> Advice:
    """Return what to write instead of a string.

    Args:
        trail: The string's way.
        findings: What was found about it.
        is_shared_memory: Explains a candidate; only those it accepts become the suggestion.
    """
    broken = any(finding.severity is Severity.ERROR for finding in findings)
    if (trail.outcome is Outcome.MEMORY_SHARED and not broken) or len(trail.text) > LONGEST_CORRECTED:
        return Advice()
    if trail.answer is not None and trail.answer.drivername is not None and _is_another_database(trail):
        return Advice()
    meant = read(trail.text, trail.kind, trail.connect_args)
    candidates = [
        text for text in _candidates(meant, trail.kind) if is_shared_memory(text, _explained_as(trail.kind))
    ]
    if not trail.meant_as_memory:
        unsure = {"mode-memory-missing", "temporary-on-disk"} & {finding.code for finding in findings}
        return Advice(alternatives=tuple(candidates) if unsure else ())
    is_plain_private = (
        trail.outcome is Outcome.MEMORY_PRIVATE and not broken and not (meant.name or meant.shared or meant.memdb)
    )
    if is_plain_private:
        return Advice(alternatives=tuple(candidates))
    suggestion = candidates[0] if candidates else None
    rest = candidates[1:]
    if meant.memory_name and not meant.shared:
        rest.append("sqlite:///:memory:" if trail.kind is Kind.SQLALCHEMY_URL else ":memory:")
    return Advice(suggestion, tuple(text for text in rest if text != trail.text))


def _is_another_database(trail: Trail) -> bool:
    answer = trail.answer
    return answer is not None and answer.error is None and not answer.is_sqlite


def _explained_as(kind: Kind) -> Kind:
    """A path is corrected to a URI; every other kind keeps its reader."""
    return Kind.SQLITE3_URI if kind is Kind.SQLITE3_PATH else kind


def _candidates(meant: Meant, kind: Kind) -> list[str]:
    """Return what may have been meant, the likeliest first; no two alike."""
    found: list[str] = []
    if meant.memdb:
        found.extend(_memdb(meant, kind))
    if meant.memory_name and meant.shared and not meant.mode_memory:
        found.append(
            _with_driver("sqlite:///file::memory:?cache=shared&uri=true", meant)
            if kind is Kind.SQLALCHEMY_URL
            else "file::memory:?cache=shared"
        )
    for name in (meant.name, FALLBACK_NAME):
        named = _named(name, meant, kind)
        if named:
            found.extend(named)
            break
    if meant.name and not meant.memdb:
        found.extend(_memdb(meant, kind))
    return list(dict.fromkeys(found))


def _named(name: str, meant: Meant, kind: Kind) -> list[str]:
    try:
        if kind is not Kind.SQLALCHEMY_URL:
            return [names.shared_memory_uri(name)]
        url = _with_driver(names.shared_memory_url(name), meant)
    except OpenError:
        return []
    kept = "".join(f"&{key}={value}" for key, value in meant.parameters if key in _DRIVER_PARAMETERS)
    return [url + kept, url] if kept else [url]


def _memdb(meant: Meant, kind: Kind) -> list[str]:
    """Return the string of a memdb store: a name that begins with a slash is shared."""
    name = meant.name.lstrip("/\\") or FALLBACK_NAME
    try:
        if kind is not Kind.SQLALCHEMY_URL:
            path = names.shared_memory_uri(f"/{name}").removesuffix(names.RAW_QUERY).replace("///", "/", 1)
            return [f"{path}?vfs=memdb"]
        path = names.shared_memory_url(f"/{name}").removesuffix(names.URL_QUERY)
        path = path.replace("/file:///", "/file:/", 1)
        return [_with_driver(f"{path}?vfs=memdb&uri=true", meant)]
    except OpenError:
        return []


def _with_driver(url: str, meant: Meant) -> str:
    return f"{meant.driver or 'sqlite'}{url.removeprefix('sqlite')}"
