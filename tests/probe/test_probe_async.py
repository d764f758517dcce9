"""Connections that aiosqlite opens, for a program or an asyncio engine: told as if the call of it had opened them."""

from __future__ import annotations

import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from probe_hub import Hub

Write = Callable[[str], Path]
ROOT = str(Path(__file__).parents[2])


@pytest.fixture
def _aiosqlite() -> None:
    pytest.importorskip("aiosqlite", reason="aiosqlite is not installed")


@pytest.fixture
def _asyncio_engines(_aiosqlite: None) -> None:
    pytest.importorskip("greenlet", reason="greenlet is not installed")
    pytest.importorskip("sqlalchemy", reason="SQLAlchemy is not installed")


def told(hub: Hub, program: Path) -> list[dict[str, Any]]:
    running = hub.run(program, options=["-W", "ignore"])
    client = hub.met()
    client.read_to_end()
    assert running.end() == (0, "", "")
    assert client.bye is not None
    assert client.bye["failures"] == []
    found: list[dict[str, Any]] = client.bye["connections"]
    return found


def own_places(connection: dict[str, Any], program: Path) -> list[tuple[int, str]]:
    return [(line, function) for path, line, function in connection["stack"] if path == str(program)]


@pytest.mark.usefixtures("_aiosqlite")
def test_a_connection_of_aiosqlite_was_opened_by_the_line_that_called_it(hub: Hub, written: Write) -> None:
    program = written("""
        import asyncio
        from aiosqlite import connect
        async def load():
            async with connect("one.db"):
                pass
            (two,) = await asyncio.gather(
                asyncio.wait_for(connect(":memory:"), 60),
            )
            await two.close()
        async def main():
            made = connect("never.db")
            await load()
        asyncio.run(main())
    """)
    one, two = told(hub, program)
    assert own_places(one, program) == [(5, "load"), (13, "main"), (14, "<module>")]
    assert own_places(two, program)[0] == (8, "load")
    assert one["stack"][0][2] == "load"
    assert (one["found"], one["engine"]) == ("wrapper", None)
    assert one["thread"]["name"].startswith("Thread-")
    assert one["opener_returned"] is None


@pytest.mark.usefixtures("_asyncio_engines")
def test_an_asyncio_engine_and_its_pool_are_told(hub: Hub, written: Write) -> None:
    program = written("""
        import asyncio
        from sqlalchemy import NullPool, text
        from sqlalchemy.ext.asyncio import create_async_engine
        async def use(engine):
            async with engine.begin() as connection:
                await connection.execute(text("CREATE TABLE t (a)"))
                await connection.run_sync(in_a_greenlet)
        def in_a_greenlet(connection):
            connection.engine.connect().close()
        async def main():
            await use(create_async_engine("sqlite+aiosqlite:///file:m?mode=memory", poolclass=NullPool))
        asyncio.run(main())
    """)
    first, second = told(hub, program)
    assert first["engine"] == {"id": "e1", "url": "sqlite+aiosqlite:///file:m?mode=memory", "pool": "NullPool"}
    assert own_places(first, program) == [(6, "use"), (12, "main")]
    assert second["engine"] == first["engine"]
    assert own_places(second, program)[:2] == [(10, "in_a_greenlet"), (8, "use")]
    # It waits aside most of the time: whether it runs no more cannot be told.
    assert second["opener_returned"] is None


@pytest.mark.usefixtures("_asyncio_engines")
def test_whoever_comes_late_finds_the_pool_and_sees_what_follows(hub: Hub, written: Write) -> None:
    program = written(f"""
        import asyncio, sys
        import aiosqlite
        from sqlalchemy.ext.asyncio import create_async_engine
        async def main():
            engine = create_async_engine("sqlite+aiosqlite:///file.db")
            out, before = await engine.connect(), aiosqlite.connect
            sys.path.insert(0, {ROOT!r})
            from memdb_tui.probe import start
            start.record()
            again = await engine.connect()
            state = start.state()
            for found in state["connections"]:
                print(found["found"], found["engine"]["id"], found["engine"]["url"], found["checked_out"])
            start.detach()
            print(state["failures"], aiosqlite.connect is before, aiosqlite.core.connect is before)
            await out.close()
            await again.close()
            await engine.dispose()
        asyncio.run(main())
    """)
    running = hub.start([sys.executable, "-W", "ignore", str(program)], {"PATH": "/usr/bin"})
    lines = [f"{found} e1 sqlite+aiosqlite:///file.db True" for found in ("heap", "wrapper")]
    assert running.end() == (0, "\n".join([*lines, "[] True True", ""]), "")


@pytest.mark.usefixtures("_aiosqlite")
def test_the_call_looks_as_it_did(hub: Hub, written: Write) -> None:
    program = written("""
        import aiosqlite, inspect, pickle, traceback
        connect = aiosqlite.connect
        print(inspect.signature(connect), inspect.getsource(connect))
        print(repr(connect).partition(" at ")[0], connect.__module__, connect.__doc__, connect.__annotations__)
        print(inspect.isfunction(connect), inspect.iscoroutinefunction(connect))
        print(pickle.loads(pickle.dumps(connect)) is connect is aiosqlite.core.connect)
        try:
            connect()
        except TypeError:
            traceback.print_exc()
        class Of:
            connect = connect
        print(Of().connect.__self__.__class__.__name__)
    """)
    plain = hub.plain(program, options=["-W", "error"])
    assert plain[0] == 0, plain
    assert hub.run(program, options=["-W", "error"], is_met=False).end() == plain


@pytest.mark.usefixtures("_aiosqlite")
def test_what_was_never_opened_is_not_held(hub: Hub, written: Write) -> None:
    program = written("""
        import sys
        import aiosqlite, gc, weakref
        recorder = sys.modules["_memdb_tui_probe.start"]._moments.standing.recorder
        made = aiosqlite.connect("never.db")
        print(len(recorder.async_openings.waiting))
        gone = weakref.ref(made)
        del made
        gc.collect()
        print(gone(), len(recorder.async_openings.waiting))
    """)
    assert hub.run(program, is_met=False).end() == (0, "1\nNone 0\n", "")


@pytest.mark.parametrize(
    "core",
    ["def connect(*args): return object()", "Connection = None", "raise ImportError('no core today')"],
    ids=["no thread", "no connect", "no import"],
)
def test_an_aiosqlite_of_another_shape_is_left_alone(hub: Hub, written: Write, core: str) -> None:
    (hub.folder / "aiosqlite").mkdir()
    (hub.folder / "aiosqlite" / "core.py").write_text(f"{core}\n")
    (hub.folder / "aiosqlite" / "__init__.py").write_text("from .core import connect\n")
    program = written("""
        import sqlite3
        try:
            import aiosqlite
            print(type(aiosqlite.connect("x.db")))
        except ImportError as error:
            print(error.name, error.msg)
        sqlite3.connect(":memory:").close()
    """)
    plain = hub.plain(program)
    running = hub.run(program)
    client = hub.met()
    client.read_to_end()
    assert running.end() == plain
    assert client.bye is not None
    assert client.bye["failures"] == []
    assert len(client.bye["connections"]) == 1


@pytest.mark.usefixtures("_aiosqlite")
@pytest.mark.parametrize("part", ["stack_from", "root_of", "ref"])
def test_a_part_of_ours_that_breaks_does_not_reach_the_program(hub: Hub, written: Write, part: str) -> None:
    program = written(f"""
        import asyncio, sys
        import aiosqlite
        if "_memdb_tui_probe" in sys.modules:
            from _memdb_tui_probe import async_openings
            def broken(*args):
                raise RuntimeError("broken")
            async_openings.{part} = broken
        async def main():
            async with aiosqlite.connect(":memory:") as db:
                print(await db.execute_fetchall("SELECT 1"))
        asyncio.run(main())
    """)
    assert hub.run(program, options=["-W", "error"], is_met=False).end() == (0, "[(1,)]\n", "")
