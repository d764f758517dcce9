"""What a connection string will do, said before it does it.

`memdb_tui.explain` is this package and can be called: `memdb_tui.explain(string)` is `explain(string)`.
"""

from __future__ import annotations

import sys
from types import ModuleType

from memdb_tui.explain.explain import explain
from memdb_tui.explain.explanation import (
    JSON_VERSION,
    ConnectCall,
    Explanation,
    Finding,
    Kind,
    Layer,
    Outcome,
    Severity,
)
from memdb_tui.explain.names import Given, Meaning, classify, file_url, shared_memory_uri, shared_memory_url


class _CallablePackage(ModuleType):
    """A package that bears the name of the one function it is about."""

    __call__ = staticmethod(explain)


sys.modules[__name__].__class__ = _CallablePackage

__all__ = [
    "JSON_VERSION",
    "ConnectCall",
    "Explanation",
    "Finding",
    "Given",
    "Kind",
    "Layer",
    "Meaning",
    "Outcome",
    "Severity",
    "classify",
    "explain",
    "file_url",
    "shared_memory_uri",
    "shared_memory_url",
]
