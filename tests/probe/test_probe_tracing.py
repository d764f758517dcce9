"""`--trace`: statements counted, the last one kept, and the program's own classes in their right."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from probe_hub import Hub

Write = Callable[[str], Path]
WAIT = "print('ready', flush=True); input()"


def test_statements_are_counted_and_the_last_one_is_kept(hub: Hub, written: Write) -> None:
    program = written(f"""
        import sqlite3
        c = sqlite3.connect(":memory:")
        c.execute("create table t(x)")
        c.executemany("insert into t values(?)", [(1,), (2,)])
        c.executescript("delete from t; select 1;")
        cursor = c.cursor()
        cursor.execute("select " + "1, " * 1000 + "2")
        other = sqlite3.connect(":memory:")
        {WAIT}
    """)
    running = hub.run(program, trace=True)
    client = hub.met()
    assert running.line() == "ready"
    assert client.process["trace"] is True
    state = client.state()
    first, other = state["connections"]
    assert (first["statements"], len(first["last_statement"])) == (4, 1000)
    assert (other["statements"], other["last_statement"]) == (0, "")
    assert first["class"] == "sqlite3.Connection"
    assert state["failures"] == []


def test_without_trace_nothing_is_counted_and_the_class_is_sqlites_own(hub: Hub, written: Write) -> None:
    program = written(f"""
        import sqlite3
        c = sqlite3.connect(":memory:")
        c.execute("select 1")
        print(type(c) is sqlite3.Connection, type(c.cursor()) is sqlite3.Cursor)
        {WAIT}
    """)
    running = hub.run(program)
    client = hub.met()
    assert running.line() == "True True"
    assert running.line() == "ready"
    (found,) = client.state()["connections"]
    assert (found["statements"], found["last_statement"]) == (None, "")


CLASSES = """
    import sqlite3, traceback, warnings, datetime
    warnings.simplefilter("always")
    class Row: pass
    class Cursor(sqlite3.Cursor):
        def execute(self, sql, *rest):
            print("mine", sql)
            return super().execute(sql, *rest)
    class Connection(sqlite3.Connection):
        kept = 1
        def cursor(self):
            return super().cursor(Cursor)
    class Slots(sqlite3.Connection):
        __slots__ = ("a", "b")
    for factory in (Connection, Slots, sqlite3.Connection):
        c = sqlite3.connect(":memory:", factory=factory)
        print(type(c).__name__, type(c).__qualname__, type(c).__module__, isinstance(c, factory))
        print(c.execute("select 1").fetchall(), type(c.cursor()).__name__)
        try:
            c.execute("selekt")
        except sqlite3.Error:
            traceback.print_exc()
        try:
            c.cursor().execute("select ?", (object(),))
        except sqlite3.Error:
            traceback.print_exc()
        try:
            c.unknown = 1
            print("an attribute")
        except AttributeError:
            print("no attribute")
        c.close()
    c = sqlite3.connect(":memory:")
    c.execute("select ?", (datetime.date(2020, 1, 1),))
    c.close()
    def made(*args, **keywords):
        return sqlite3.Connection(*args, **keywords)
    c = sqlite3.connect(":memory:", factory=made)
    print(c.execute("select 2").fetchall(), c.cursor(factory=Cursor).execute("select 3").fetchall())
    try:
        c.cursor(7)
    except TypeError:
        traceback.print_exc()
    c.close()
"""


def test_classes_of_the_program_behave_as_without_tracing(hub: Hub, written: Write) -> None:
    program = written(CLASSES)
    plain = hub.plain(program)
    assert plain[0] == 0
    running = hub.run(program, trace=True)
    client = hub.met()
    client.read_to_end()
    assert running.end() == plain
    assert client.bye is not None
    assert client.bye["failures"] == []
    assert client.bye["connections"][0]["statements"] == 3


def test_what_is_attached_is_seen_after_the_statement(hub: Hub, written: Write) -> None:
    program = written(f"""
        import sqlite3
        c = sqlite3.connect(":memory:")
        c.execute("attach 'file:/store?vfs=memdb' as other")
        {WAIT}
        c.execute(" detach other")
        {WAIT}
    """)
    running = hub.run(program, trace=True)
    client = hub.met()
    assert running.line() == "ready"
    (found,) = client.state()["connections"]
    assert [schema["name"] for schema in found["schemas"]] == ["main", "other"]
    running.say()
    assert running.line() == "ready"
    (found,) = client.state()["connections"]
    assert [schema["name"] for schema in found["schemas"]] == ["main"]


def test_a_private_copy_is_made_by_any_thread_that_uses_a_connection_for_all(hub: Hub, written: Write) -> None:
    """As SQLAlchemy's StaticPool has it."""
    program = written("""
        import sqlite3, threading
        kept = sqlite3.connect(":memory:", check_same_thread=False)
        kept.execute("create table t(x)")
        stopped = threading.Event()
        def work():
            while not stopped.wait(0.01):
                kept.execute("insert into t values(1)")
                kept.commit()
        worker = threading.Thread(target=work)
        worker.start()
        print("ready", flush=True)
        input()
        stopped.set()
        worker.join()
        print(kept.execute("select count(*) > 0 from t").fetchone())
    """)
    running = hub.run(program, trace=True)
    client = hub.met()
    assert running.line() == "ready"
    copy = client.ask("copy", connection="c1", seconds=600)
    assert copy["how"] == "serialize"
    running.say()
    assert running.end() == (0, "(1,)\n", "")


def test_a_private_copy_is_made_at_the_next_statement_of_its_thread(hub: Hub, written: Write) -> None:
    program = written(f"""
        import sqlite3
        c = sqlite3.connect(":memory:")
        c.execute("create table t(x)")
        {WAIT}
        c.execute("select 1")
        {WAIT}
    """)
    running = hub.run(program, trace=True)
    client = hub.met()
    assert running.line() == "ready"
    number = client.ask_later("copy", connection="c1", seconds=600)
    client.told(lambda s: s["waiting_copies"])
    running.say()
    assert running.line() == "ready"
    copy = client.answer_to(number)
    assert (copy["how"], copy["size"] > 0) == ("serialize", True)
    # What we did on its connection is not counted.
    assert client.state()["connections"][0]["statements"] == 2


def test_statements_within_statements_are_counted(hub: Hub, written: Write) -> None:
    program = written(f"""
        import sqlite3
        c = sqlite3.connect(":memory:")
        c.create_function("again", 0, lambda: c.execute("select 5").fetchone()[0])
        print(c.execute("select again()").fetchone())
        {WAIT}
    """)
    running = hub.run(program, trace=True)
    client = hub.met()
    assert running.line() == "(5,)"
    assert running.line() == "ready"
    (found,) = client.state()["connections"]
    assert found["statements"] == 2
