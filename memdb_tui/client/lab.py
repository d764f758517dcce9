"""Recipes run in processes of their own while the event loop goes on."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Sequence

from memdb_tui.lab.runner import Result, run
from memdb_tui.lab.shelf import Entry


async def run_recipes(entries: Sequence[Entry]) -> AsyncIterator[Result]:
    """A result for each recipe as it is there; ending the iteration early stops what still runs."""
    results = run(entries)
    try:
        while (result := await asyncio.to_thread(next, results, None)) is not None:
            yield result
    finally:
        await asyncio.to_thread(results.close)  # type: ignore[attr-defined]  # a generator, typed as an iterator
