"""SQLAlchemy's engines and pools, with whatever version of it is installed."""

from __future__ import annotations

import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from probe_hub import Hub

Write = Callable[[str], Path]
WAIT = "print('ready', flush=True); input()"

# A second version, where a virtual environment for it stands beside the one in use.
OTHERS = [path for path in [Path(sys.prefix).with_name("venv20") / "bin" / "python"] if path.exists()]


@pytest.fixture(params=[Path(sys.executable), *OTHERS], ids=lambda path: path.parts[-3])
def python(request: pytest.FixtureRequest) -> str:
    return str(request.param)


def connections_of(hub: Hub, program: Path, python: str) -> list[dict[str, Any]]:
    running = hub.run(program, python=python, options=["-W", "ignore"])
    client = hub.met()
    assert running.line() == "ready"
    state = client.state()
    assert state["failures"] == []
    assert state["sqlalchemy"]
    found: list[dict[str, Any]] = state["connections"]
    return found


def test_an_engine_its_pool_and_what_is_checked_out(hub: Hub, written: Write, python: str) -> None:
    program = written(f"""
        from sqlalchemy import create_engine
        def use(engine):
            return engine.connect()
        engine = create_engine("sqlite:///file.db")
        out = use(engine)
        with use(engine):
            pass
        {WAIT}
    """)
    first, second = connections_of(hub, program, python)
    assert first["engine"] == {"id": "e1", "url": "sqlite:///file.db", "pool": "QueuePool"}
    assert second["engine"]["id"] == "e1"
    assert (first["checked_out"], first["check_outs_by"]) == (True, 1)
    assert (second["checked_out"], second["check_outs_by"]) == (False, 0)
    places = [function for path, _, function in first["stack"] if path == str(program)]
    assert places == ["use", "<module>"]
    assert first["opener_returned"] is True


def test_what_one_thread_checks_out_several_times(hub: Hub, written: Write, python: str) -> None:
    program = written(f"""
        from sqlalchemy import create_engine
        engine = create_engine("sqlite://")
        first, second = engine.connect(), engine.connect()
        {WAIT}
    """)
    (found,) = connections_of(hub, program, python)
    assert found["engine"]["pool"] == "SingletonThreadPool"
    assert (found["checked_out"], found["check_outs_by"]) == (True, 2)


def test_two_engines_are_told_apart_and_a_password_is_hidden(hub: Hub, written: Write, python: str) -> None:
    program = written(f"""
        from sqlalchemy import create_engine, pool
        one = create_engine("sqlite:///one.db", poolclass=pool.NullPool).connect()
        two = create_engine("sqlite:///two.db", poolclass=pool.StaticPool).connect()
        {WAIT}
    """)
    one, two = connections_of(hub, program, python)
    assert (one["engine"]["url"], one["engine"]["pool"]) == ("sqlite:///one.db", "NullPool")
    assert (two["engine"]["url"], two["engine"]["pool"]) == ("sqlite:///two.db", "StaticPool")
    assert one["engine"]["id"] != two["engine"]["id"]


def test_a_pool_without_an_engine(hub: Hub, written: Write, python: str) -> None:
    program = written(f"""
        import sqlite3
        from sqlalchemy.pool import QueuePool
        out = QueuePool(lambda: sqlite3.connect("pool.db")).connect()
        {WAIT}
    """)
    (found,) = connections_of(hub, program, python)
    assert (found["engine"]["url"], found["engine"]["pool"]) == ("", "QueuePool")
    assert found["checked_out"] is True


def test_pools_and_their_engines_are_collected_as_without_us(hub: Hub, written: Write, python: str) -> None:
    program = written(f"""
        import gc, weakref
        from sqlalchemy import create_engine
        engine = create_engine("sqlite:///file.db")
        engine.connect().close()
        gone = weakref.ref(engine), weakref.ref(engine.pool)
        {WAIT}
        del engine
        gc.collect()
        print([reference() for reference in gone])
    """)
    running = hub.run(program, python=python, options=["-W", "ignore"])
    client = hub.met()
    assert running.line() == "ready"
    client.state()
    running.say()
    assert running.end() == (0, "[None, None]\n", "")
    client.read_to_end()
    assert client.bye is not None
    assert client.bye["connections"][0]["closed_at"] is not None


def test_pools_older_than_our_arrival_are_found(hub: Hub, written: Write, python: str) -> None:
    program = written(f"""
        import sys
        from sqlalchemy import create_engine
        engine = create_engine("sqlite:///file.db")
        out = engine.connect()
        sys.path.insert(0, {str(Path(__file__).parents[2])!r})
        from memdb_tui.probe import start
        start.record()
        (found,) = start.state()["connections"]
        print(found["found"], found["engine"], found["checked_out"])
        out.close()
        (found,) = start.state()["connections"]
        print(found["checked_out"], start.state()["failures"])
    """)
    environment = {"PATH": "/usr/bin"}
    running = hub.start([python, "-W", "ignore", str(program)], environment)
    told = "heap {'id': 'e1', 'url': 'sqlite:///file.db', 'pool': 'QueuePool'} True\nFalse []\n"
    assert running.end() == (0, told, "")
