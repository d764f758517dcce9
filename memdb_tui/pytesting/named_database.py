"""A correct, unique, kept-alive in-memory database for one test."""

from __future__ import annotations

import os
import sqlite3
import uuid
from collections.abc import Iterator
from contextlib import closing, contextmanager
from typing import TYPE_CHECKING

from memdb_tui.explain import shared_memory_uri, shared_memory_url

if TYPE_CHECKING:
    from sqlalchemy import Engine


@contextmanager
def named_engine() -> Iterator[Engine]:
    """An engine whose database no other test, thread or process can meet by chance."""
    from sqlalchemy import QueuePool, create_engine  # noqa: PLC0415 - the tested project may have none

    name = f"memdb_{os.getpid()}_{uuid.uuid4().hex}"
    # A connection outside of the pool keeps the database: https://sqlite.org/inmemorydb.html#sharedmemdb
    with closing(sqlite3.connect(shared_memory_uri(name), uri=True)):
        engine = create_engine(
            shared_memory_url(name),
            # As for a file. For a memory URL SQLAlchemy would hand one connection to every checkout of a thread.
            poolclass=QueuePool,
            connect_args={"check_same_thread": False},
        )
        try:
            yield engine
        finally:
            engine.dispose()
