"""What a connection string will do, said before it does it."""

from __future__ import annotations

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
