"""One count at a time on each cache: a connection that counts is itself one of those that are counted."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from weakref import WeakValueDictionary


class _Turn:
    __slots__ = ("__weakref__", "lock")

    def __init__(self) -> None:
        self.lock = threading.Lock()


_turns: WeakValueDictionary[int, _Turn] = WeakValueDictionary()
_turns_lock = threading.Lock()


@contextmanager
def counting(pager: int | None) -> Iterator[None]:
    """Hold this while SQLite counts the connections on a cache, or while a fresh one is opened to it to count.

    A lock for each cache: who counts may have to wait for that cache's mutex, and must keep nobody else waiting.
    """
    if pager is None:
        yield
        return
    with _turns_lock:
        turn = _turns.get(pager)
        if turn is None:
            turn = _turns[pager] = _Turn()
    with turn.lock:
        yield
