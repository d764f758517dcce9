"""Leaks as people read them: many of one kind from one line of the program are one sentence. Pure."""

from __future__ import annotations

from collections.abc import Iterable

from memdb_tui.model.programs import Leak, LeakKind


def leaks_in_words(leaks: Iterable[Leak]) -> tuple[str, ...]:
    """A sentence for each leak, and one for all that came about in the same way, where the first of them stood."""
    alike: dict[tuple[LeakKind, str, str], list[Leak]] = {}
    for leak in leaks:
        alike.setdefault((leak.kind, leak.several, "" if leak.several else leak.message), []).append(leak)
    return tuple(_of_all(found) for found in alike.values())


def _of_all(found: list[Leak]) -> str:
    first, last = found[0], found[-1]
    if first is last or not first.several:
        return first.message
    link = "," if len(found) == 2 else " …"  # noqa: PLR2004 - both are named
    return f"{len(found):,} {first.several} ({first.connection}{link} {last.connection})."
