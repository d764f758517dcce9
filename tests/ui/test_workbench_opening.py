"""Opening: what an argument becomes, what is asked first, what is refused."""

from __future__ import annotations

from pathlib import Path

import pytest
from driving import RAW_SHARED, program

from memdb_tui.model import Outcome


async def test_without_arguments_two_databases_stand_side_by_side_ready_to_type(folder: Path) -> None:
    async with program() as it:
        assert [pane.label for pane in it.panes] == ["db1", "db2"]
        assert {c.string for c in it.snapshot.connections} == {
            f"sqlite:///file:{name}?mode=memory&cache=shared&uri=true" for name in ("db1", "db2")
        }
        left, right = it.panes
        assert left.region.y == right.region.y
        assert left.region.right <= right.region.x
        assert left.editor.has_focus
        await it.type("SELECT 42 AS answer")
        await it.press("ctrl+j")
        await it.shows("answer", "42", "1 row", within=left)
        assert list(folder.iterdir()) == []
