"""What is sent to the process that runs recipes."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from memdb_tui.lab.recipe import Need, Package, Program
from memdb_tui.lab.source import CodeSource


@dataclass(frozen=True, slots=True)
class Order:
    """A piece of code to run.

    Attributes:
        id: What the answer is to be called.
        code: The code.
        needs: What has to be there for it.
    """

    id: str
    code: CodeSource
    needs: tuple[Need, ...]

    def to_json(self) -> dict[str, object]:
        """Return the order as it is sent."""
        return {
            "id": self.id,
            "text": self.code.text,
            "path": str(self.code.path),
            "first_line": self.code.first_line,
            "needs": [asdict(need) for need in self.needs],
        }

    @classmethod
    def from_json(cls, form: Mapping[str, Any]) -> Order:
        """Return the order that was sent."""
        needs = (Package(**need) if "module" in need else Program(**need) for need in form["needs"])
        return cls(form["id"], CodeSource(form["text"], Path(form["path"]), form["first_line"]), tuple(needs))
