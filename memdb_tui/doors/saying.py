"""Sentences for whoever runs the program, on its stderr."""

from __future__ import annotations

import sys

_said: set[str] = set()


def say(sentence: str) -> None:
    """Write a sentence to stderr; a program without one is told nothing."""
    stream = sys.stderr
    if stream is None:
        return
    try:
        stream.write(f"memdb-tui: {sentence}\n")
        stream.flush()
    except Exception:  # noqa: BLE001 - the program's own stream, whatever it is, must not fail the program
        return


def say_once(sentence: str) -> None:
    """Write a sentence to stderr the first time it is to be said in this process."""
    if sentence not in _said:
        _said.add(sentence)
        say(sentence)
