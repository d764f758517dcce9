"""What things are called, and how they are known."""

from __future__ import annotations

from enum import StrEnum
from typing import NewType

ConnectionId = NewType("ConnectionId", str)
"""`c1`, `c2`, …: one for each sqlite3 connection, never used again; `p1.c1` for those of a program."""

RunId = NewType("RunId", int)
"""One press of a run key: one or more statements on one connection."""


class Evidence(StrEnum):
    """How a thing shown is known. Observed beats declared beats inferred."""

    OBSERVED = "observed"
    DECLARED = "declared"
    INFERRED = "inferred"
    UNKNOWN = "not known"


def is_of_program(connection: ConnectionId) -> bool:
    """The connection belongs to a program that is looked into, not to this session: `p1.c1`."""
    return "." in connection
