"""What is to be said of one connection: where its database is, whether it was meant to be there, and why."""

from __future__ import annotations

from dataclasses import replace

from memdb_tui.frozen import dataclass
from memdb_tui.model import CacheKind, FoundBy, Outcome
from memdb_tui.programs.meanings import Meaning
from memdb_tui.programs.memory_names import means_memory
from memdb_tui.programs.told import ToldConnection

_OUTCOMES = {
    CacheKind.SHARED_CACHE: Outcome.MEMORY_SHARED,
    CacheKind.MEMDB_STORE: Outcome.MEMORY_SHARED,
    CacheKind.PRIVATE: Outcome.MEMORY_PRIVATE,
    CacheKind.MEMORY: Outcome.UNKNOWN,
    CacheKind.FILE: Outcome.FILE,
    CacheKind.TEMPORARY: Outcome.TEMPORARY,
}


@dataclass(frozen=True, slots=True)
class Verdict:
    """What became of a string."""

    outcome: Outcome
    """Unknown where neither SQLite nor the string could say."""
    meant_as_memory: bool
    reason: str
    suggestion: str
    file: str = ""
    """The absolute path of its main file, empty where there is none."""
    is_inferred: bool = False
    """That memory was meant is said by the name of the file alone."""
    brief: str = ""
    """The reason in at most 24 cells, empty where there is nothing so short to say."""

    @property
    def is_stray(self) -> bool:
        """Meant as memory, yet on disk."""
        return self.meant_as_memory and self.outcome is Outcome.FILE


def verdict_on(told: ToldConnection, meaning: Meaning | None, kind: CacheKind) -> Verdict:
    """The verdict on a connection whose main database is a cache of that kind."""
    verdict = _by_its_string(told, meaning, kind)
    if verdict.meant_as_memory or not verdict.file:
        return verdict
    name = verdict.file.rpartition("/")[2]
    if not _is_string_known(told) and means_memory(verdict.file):
        reason = f"{name} is a string that means memory, and SQLite took it for a path."
        brief = "taken for a path"
    elif _has_lost_its_query(told, verdict.file):
        reason = (
            f"Something before sqlite3 took the URI {name} for a path: "
            "if a query stood behind it, as one that says memory does, it was lost there."
        )
        brief = "its query was lost"
    else:
        return verdict
    return replace(verdict, meant_as_memory=True, reason=reason, is_inferred=True, brief=brief)


def _is_string_known(told: ToldConnection) -> bool:
    return told.database is not None or (told.engine is not None and bool(told.engine.url))


def _has_lost_its_query(told: ToldConnection, file: str) -> bool:
    """The file is named as a URI begins, and no string that is known names it so."""
    is_url_known = told.engine is not None and bool(told.engine.url)
    is_string_known = told.database is not None and told.database.startswith("file:")
    return file.rpartition("/")[2].startswith("file:") and not is_url_known and not is_string_known


def _by_its_string(told: ToldConnection, meaning: Meaning | None, kind: CacheKind) -> Verdict:
    if meaning is None and told.main is None:
        return Verdict(Outcome.UNKNOWN, meant_as_memory=False, reason=_unknown(told), suggestion="")
    outcome = _OUTCOMES[kind]
    file = told.main.file if told.main is not None else ""
    if meaning is None:
        return Verdict(outcome, meant_as_memory=False, reason=_unknown(told), suggestion="", file=file)
    if told.main is None or meaning.outcome == outcome.value:
        declared = meaning.path if outcome is Outcome.FILE else ""
        return Verdict(
            outcome,
            meaning.meant_as_memory,
            meaning.reason,
            meaning.suggestion,
            file or declared,
            brief=meaning.brief,
        )
    if file:
        if told.uri and not file.endswith(f"/{told.database}"):
            # It was read as a URI, whatever lies there by now: the string is explained later than it was used.
            reason = f"The URI named a file, and SQLite opened {file}."
            return Verdict(outcome, meaning.meant_as_memory, reason, meaning.suggestion, file)
        # Another build of SQLite than the one that explained: names are URIs unasked only where it was built so.
        suggestion = "" if told.uri or told.database is None else f"sqlite3.connect({told.database!r}, uri=True)"
        reason = f"SQLite took the string for a path there, and opened {file}."
        return Verdict(
            outcome,
            meaning.meant_as_memory,
            reason,
            meaning.suggestion or suggestion,
            file,
            brief="taken for a path there",
        )
    return Verdict(outcome, meaning.meant_as_memory, f"SQLite says: {outcome.words}.", meaning.suggestion)


def _unknown(told: ToldConnection) -> str:
    if told.database is None and told.found_by is FoundBy.HEAP:
        return "Its string is not known: it was opened before anybody watched."
    if told.database is None:
        return (
            "Its string is not known: an object was given instead of one, and only the program's own code reads it."
        )
    return "What its string means is not known yet."
