"""Where the probe does not stand, though memdb-tui can be imported."""

from __future__ import annotations

import sys


def why_unsupported() -> str:
    """Why this interpreter cannot be looked into, a phrase that begins a sentence; empty where it can."""
    if sys.implementation.name != "cpython":
        return f"{sys.implementation.name} is not supported, only CPython is"
    # Whether its GIL is on at the moment or not: its objects are laid out in another way.
    if "t" in getattr(sys, "abiflags", ""):
        return "free-threaded Python is not supported"
    if not _is_main_interpreter():
        return "subinterpreters are not supported, only the main interpreter is"
    return ""


def _is_main_interpreter() -> bool:
    for name in ("_interpreters", "_xxsubinterpreters"):
        try:
            module = __import__(name)
        except ImportError:
            continue
        return bool(module.get_current() == module.get_main())
    return True
