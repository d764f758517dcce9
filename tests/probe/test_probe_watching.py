"""What is seen of the connections of a program, from outside."""

from __future__ import annotations

import os
import sqlite3
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from probe_hub import Client, Hub

Write = Callable[[str], Path]
MAY_BE_ASKED = sqlite3.sqlite_version_info < (3, 53, 3)
"""Another thread than the owner's may ask whether a transaction is open."""
OTHER_PYTHONS = sorted(Path.home().glob(".pyenv/versions/3.1[2-9]*/bin/python"))
NOT_IN_TRANSACTION = False if MAY_BE_ASKED else None
WAIT = "print('ready', flush=True); input()"


def connections(client: Client) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = client.state()["connections"]
    return found


def run_to_ready(hub: Hub, program: Path, **environment: Any) -> Client:
    running = hub.run(program, **environment)
    client = hub.met()
    assert running.line() == "ready"
    return client


def test_a_connection_is_told_with_its_call_its_place_and_its_database(hub: Hub, written: Write) -> None:
    program = written(f"""
        import sqlite3
        def open_it():
            return sqlite3.connect("file:m?mode=memory&cache=shared", uri=True, timeout=2.5)
        kept = open_it()
        {WAIT}
    """)
    client = run_to_ready(hub, program)
    (found,) = connections(client)
    assert found["database"] == "file:m?mode=memory&cache=shared"
    assert found["keywords"] == {"uri": "True", "timeout": "2.5"}
    assert found["uri"] is True
    assert found["found"] == "wrapper"
    assert found["thread"]["name"] == "MainThread"
    assert found["stack"] == [[str(program), 4, "open_it"], [str(program), 5, "<module>"]]
    assert found["class"] == "sqlite3.Connection"
    assert found["cwd"] == ""
    (main,) = found["schemas"]
    assert (main["name"], main["file"], main["virtual"], main["memdb"]) == ("main", "", "", None)
    assert main["pager"]
    assert found["count"] == 1
    assert found["in_transaction"] is NOT_IN_TRANSACTION
    assert (found["isolation"], found["isolation_known"]) == ("", True)


@pytest.mark.parametrize("then", ["import sqlite3", "import _sqlite3 as sqlite3"])
@pytest.mark.parametrize("python", [Path(sys.executable), *OTHER_PYTHONS], ids=lambda path: path.parts[-3])
def test_a_driver_that_importlib_imported_is_watched(hub: Hub, written: Write, then: str, python: Path) -> None:
    program = written(f"""
        import importlib
        importlib.import_module("_sqlite3")
        {then}
        kept = [sqlite3.connect(":memory:"), sqlite3.connect(":memory:", timeout=1.0)]
        print("ready", flush=True)
        input()
    """)
    running = hub.run(program, python=str(python))
    client = hub.met()
    assert running.line() == "ready"
    found = connections(client)
    assert [each["database"] for each in found] == [":memory:", ":memory:"]
    # Where nothing was heard of it before the first call, the second is the first that is known with its keywords.
    assert found[1]["keywords"] == {"timeout": "1.0"}


def test_of_a_deep_stack_the_line_of_the_program_is_kept(hub: Hub, written: Write) -> None:
    package = hub.folder / "site-packages"
    package.mkdir()
    (package / "deep.py").write_text(
        "import sqlite3\ndef opened(depth):\n    return opened(depth - 1) if depth else sqlite3.connect(':memory:')\n"
    )
    program = written(f"""
        import sys
        sys.path.insert(0, {str(package)!r})
        from deep import opened
        kept = []
        for depth in (10, 25, 200, 600):
            kept.append(opened(depth))
        {WAIT}
    """)
    found = [connection["stack"] for connection in connections(run_to_ready(hub, program))]
    kept = [(len(stack), [place[1] for place in stack if place[0] == str(program)]) for stack in found]
    assert kept == [(12, [7]), (25, [7]), (25, [7]), (24, [])]


def test_code_that_exec_made_is_not_the_programs_own(hub: Hub, written: Write) -> None:
    program = written(f"""
        import sqlite3
        made = {{}}
        exec("def close(connection): connection.close()", made)
        made["close"](sqlite3.connect(":memory:"))
        {WAIT}
    """)
    (found,) = connections(run_to_ready(hub, program))
    assert found["closed_by"] == [str(program), 5, "<module>"]


def test_code_that_a_package_generated_is_not_the_programs_own(hub: Hub, written: Write) -> None:
    """As SQLAlchemy's wrappers are, from 2.1 on."""
    program = written(f"""
        import sqlite3
        made = {{}}
        exec(compile("def close(connection): connection.close()", "<a package generated close()>", "exec"), made)
        made["close"](sqlite3.connect(":memory:"))
        {WAIT}
    """)
    (found,) = connections(run_to_ready(hub, program))
    assert found["closed_by"] == [str(program), 5, "<module>"]


def test_a_comprehension_is_no_opener_that_has_returned(hub: Hub, written: Write) -> None:
    program = written(f"""
        import sqlite3
        def fill():
            return [sqlite3.connect(":memory:") for _ in range(2)]
        kept = [sqlite3.connect(":memory:") for _ in range(2)]
        filled = fill()
        {WAIT}
    """)
    client = run_to_ready(hub, program)
    state = client.told(lambda s: len(s["connections"]) == 4 and s["connections"][2]["opener_returned"])
    assert [c["opener_returned"] for c in state["connections"]] == [None, None, True, True]


@pytest.mark.parametrize(
    ("made", "text"),
    [
        ("class Database(str, enum.Enum): ONE = ':memory:'\ngiven = Database.ONE", ":memory:"),
        ("class Database(str):\n    def __str__(self): raise ValueError\ngiven = Database(':memory:')", ":memory:"),
        ("class Database(bytes): pass\ngiven = Database(b':memory:')", ":memory:"),
        ("import pathlib\ngiven = pathlib.Path('a.db')", "a.db"),
        ("class Database:\n    def __fspath__(self): return ':memory:'\ngiven = Database()", None),
    ],
)
def test_a_database_given_as_a_text_of_any_kind_is_known(
    hub: Hub, written: Write, made: str, text: str | None
) -> None:
    program = written(f"import enum, sqlite3\n{made}\nkept = sqlite3.connect(given)\n{WAIT}")
    (found,) = connections(run_to_ready(hub, program))
    assert (found["database"], found["found"]) == (text, "wrapper")


def test_the_source_of_a_command_is_the_programs_own(hub: Hub) -> None:
    text = f"import sqlite3; sqlite3.connect(':memory:').close(); {WAIT}"
    running = hub.start([sys.executable, "-c", text], hub.environment())
    client = hub.met()
    assert running.line() == "ready"
    (found,) = connections(client)
    assert found["closed_by"] == ["<string>", 1, "<module>"]


def test_thousands_in_memory_do_not_push_out_a_closed_connection_to_a_file(hub: Hub, written: Write) -> None:
    program = written(f"""
        import sqlite3
        def use(times, database):
            for _ in range(times):
                sqlite3.connect(database).close()
        use(1200, ":memory:")
        use(1, "file.db")
        use(1500, ":memory:")
        {WAIT}
    """)
    state = run_to_ready(hub, program).state()
    databases = [connection["database"] for connection in state["connections"]]
    assert databases == ["file.db", *[":memory:"] * 1000]
    assert state["dropped"] == 1700


def test_sharers_are_counted_for_a_hundred_openings_a_second(hub: Hub, written: Write) -> None:
    program = written(f"""
        import sqlite3, time
        began = time.time()
        kept = [sqlite3.connect(f"file:m{{n}}?mode=memory&cache=shared", uri=True) for n in range(500)]
        kept.append(sqlite3.connect("file:m0?mode=memory&cache=shared", uri=True))
        time.sleep(1)
        kept.append(sqlite3.connect("file:m0?mode=memory&cache=shared", uri=True))
        {WAIT}
    """)
    found = connections(run_to_ready(hub, program))
    counts = [connection["count"] for connection in found]
    assert counts[:100] == [1] * 100
    seconds = int(found[-2]["opened_at"] - found[0]["opened_at"]) + 1
    assert 100 <= len([count for count in counts[:-1] if count is not None]) <= 100 * seconds
    assert all(connection["schemas"][0]["pager"] for connection in found)
    assert counts[-1] == 3


def test_positional_arguments_are_known_by_their_names(hub: Hub, written: Write) -> None:
    program = written(f"""
        import sqlite3
        kept = sqlite3.connect(":memory:", 1.5, 0, None)
        {WAIT}
    """)
    (found,) = connections(run_to_ready(hub, program))
    assert found["keywords"] == {"timeout": "1.5", "detect_types": "0", "isolation_level": "None"}
    assert (found["isolation"], found["isolation_known"]) == (None, True)
    assert found["stack"] == [[str(program), 3, "<module>"]]


def test_the_class_opened_directly_is_seen_without_keywords(hub: Hub, written: Write) -> None:
    program = written(f"""
        import sqlite3
        class Mine(sqlite3.Connection):
            pass
        kept = Mine("x.db")
        {WAIT}
    """)
    (found,) = connections(run_to_ready(hub, program))
    assert found["found"] == "hook"
    assert found["database"] == "x.db"
    assert found["keywords"] is None
    assert found["uri"] is None
    assert found["class"] == "__main__.Mine"


def test_a_connection_opened_by_a_factory_within_the_call_is_not_given_its_keywords(hub: Hub, written: Write) -> None:
    program = written(f"""
        import sqlite3
        others = []
        class Mine(sqlite3.Connection):
            def __init__(self, *args, **keywords):
                others.append(sqlite3.Connection("other.db"))
                super().__init__(*args, **keywords)
        kept = sqlite3.connect("mine.db", factory=Mine)
        {WAIT}
    """)
    other, mine = connections(run_to_ready(hub, program))
    assert (other["database"], other["found"], other["keywords"]) == ("other.db", "hook", None)
    assert (mine["database"], mine["found"], mine["keywords"]) == ("mine.db", "wrapper", {"factory": "__main__.Mine"})


def test_whether_the_file_was_there_before_is_known(hub: Hub, written: Write) -> None:
    program = written(f"""
        import sqlite3
        first = sqlite3.connect("here.db")
        first.execute("create table t(x)")
        second = sqlite3.connect("file:here.db?mode=rw", uri=True)
        third = sqlite3.connect(":memory:")
        {WAIT}
    """)
    first, second, third = connections(run_to_ready(hub, program))
    assert [c["existed"] for c in (first, second, third)] == [False, True, None]
    assert first["schemas"][0]["file"] == str(hub.folder / "here.db")


def test_a_close_is_told_with_its_time_and_its_line(hub: Hub, written: Write) -> None:
    program = written(f"""
        import sqlite3
        def close_it(connection):
            connection.close()
        connection = sqlite3.connect(":memory:")
        close_it(connection)
        {WAIT}
    """)
    (found,) = connections(run_to_ready(hub, program))
    assert found["closed_at"] >= found["opened_at"]
    assert found["closed_by"] == [str(program), 4, "close_it"]
    assert found["in_transaction"] is None


def test_a_connection_that_is_collected_is_told_as_closed(hub: Hub, written: Write) -> None:
    program = written(f"""
        import gc, sqlite3
        sqlite3.connect(":memory:")
        gc.collect()
        {WAIT}
    """)
    (found,) = connections(run_to_ready(hub, program))
    assert found["closed_at"] is not None
    assert found["closed_by"] == [str(program), 4, "<module>"]


def test_watching_does_not_prolong_the_life_of_a_database(hub: Hub, written: Write) -> None:
    program = written("""
        import sqlite3
        name = "file:m?mode=memory&cache=shared"
        for _ in range(200):
            connection = sqlite3.connect(name, uri=True)
            connection.execute("create table t(x)")
            cursor = connection.execute("insert into t values(1)")
            connection.commit()
            connection.close()
        print("empty each time")
    """)
    running = hub.run(program)
    client = hub.met()
    client.read_to_end()
    assert running.end() == (0, "empty each time\n", "")
    assert client.bye is not None
    assert len(client.bye["connections"]) == 200


@pytest.mark.skipif(not MAY_BE_ASKED, reason="this SQLite must not be asked from another thread")
def test_what_a_transaction_is_doing_is_told_without_being_asked(hub: Hub, written: Write) -> None:
    program = written(f"""
        import sqlite3
        connection = sqlite3.connect(":memory:")
        {WAIT}
        connection.execute("begin")
        connection.isolation_level = "IMMEDIATE"
        {WAIT}
    """)
    running = hub.run(program)
    client = hub.met()
    assert running.line() == "ready"
    running.say()
    client.told(lambda s: s["connections"] and s["connections"][0]["in_transaction"])
    client.told(lambda s: s["connections"] and s["connections"][0]["isolation"] == "IMMEDIATE")


def test_a_getter_of_a_subclass_is_not_run(hub: Hub, written: Write) -> None:
    program = written(f"""
        import sqlite3
        class Mine(sqlite3.Connection):
            @property
            def in_transaction(self):
                print("run")
                return True
        connection = sqlite3.connect(":memory:", factory=Mine)
        {WAIT}
    """)
    (found,) = connections(run_to_ready(hub, program))
    assert found["in_transaction"] is NOT_IN_TRANSACTION


def test_an_opener_that_has_returned_is_told(hub: Hub, written: Write) -> None:
    program = written(f"""
        import sqlite3
        def leave_open():
            return sqlite3.connect(":memory:")
        def still_here():
            kept = sqlite3.connect(":memory:")
            {WAIT}
        def gives():
            yield sqlite3.connect(":memory:")
        kept = leave_open(), sqlite3.connect(":memory:")
        generator = gives()
        given = next(generator)
        still_here()
    """)
    client = run_to_ready(hub, program)
    state = client.told(lambda s: len(s["connections"]) == 4 and s["connections"][0]["opener_returned"])
    # Of a module and of a generator it is not claimed.
    assert [c["opener_returned"] for c in state["connections"]] == [True, None, None, False]


def test_an_opener_is_told_from_a_later_call_at_the_same_address(hub: Hub, written: Write) -> None:
    program = written(f"""
        import sqlite3
        def leave_open():
            return sqlite3.connect(":memory:")
        def something_else():
            {WAIT}
        kept = leave_open()
        something_else()
    """)
    client = run_to_ready(hub, program)
    client.told(lambda s: s["connections"] and s["connections"][0]["opener_returned"])


def test_closed_connections_are_listed_up_to_a_thousand(hub: Hub, written: Write) -> None:
    program = written(f"""
        import sqlite3
        for _ in range(1500):
            sqlite3.connect(":memory:").close()
        kept = sqlite3.connect(":memory:")
        {WAIT}
    """)
    state = run_to_ready(hub, program).state()
    assert len(state["connections"]) == 1001
    assert state["dropped"] == 500
    numbers = [int(c["id"][1:]) for c in state["connections"]]
    assert numbers == list(range(501, 1502))


def test_connections_of_several_threads_are_told_apart(hub: Hub, written: Write) -> None:
    program = written(f"""
        import sqlite3, threading
        kept = []
        def work():
            kept.append(sqlite3.connect(":memory:", check_same_thread=False))
        for name in ("first", "second"):
            thread = threading.Thread(target=work, name=name)
            thread.start()
            thread.join()
        {WAIT}
    """)
    found = connections(run_to_ready(hub, program))
    assert [c["thread"]["name"] for c in found] == ["first", "second"]


def test_the_process_says_what_it_is(hub: Hub, written: Write) -> None:
    program = written(f"import sqlite3\nsqlite3.connect(':memory:')\n{WAIT}")
    running = hub.run(program, "one", "two", options=["-X", "utf8", "-Wd"])
    client = hub.met()
    assert running.line() == "ready"
    process = client.process
    assert process["pid"] == running.process.pid
    assert process["ppid"] == os.getpid()
    assert process["argv"] == [str(program), "one", "two"]
    assert process["cwd"] == str(hub.folder)
    assert process["forked_from"] is None
    state = client.state()
    assert state["sqlite"]
    assert state["native"] == ""
    assert state["use_uri"] in {True, False}


def test_the_last_words_come_at_the_end(hub: Hub, written: Write) -> None:
    program = written("""
        import sqlite3
        def leave_open():
            return sqlite3.connect("file:m?mode=memory&cache=shared", uri=True)
        kept = leave_open()
    """)
    running = hub.run(program)
    client = hub.met()
    client.read_to_end()
    assert running.end() == (0, "", "")
    assert client.bye is not None
    (found,) = client.bye["connections"]
    assert found["closed_at"] is None
    assert found["opener_returned"] is True


def test_beside_greenlets_a_deep_opener_is_known_to_have_returned(hub: Hub, written: Write) -> None:
    pytest.importorskip("greenlet")
    program = written(f"""
        import greenlet, sqlite3
        kept = []
        def open_one():
            kept.append(sqlite3.connect(":memory:"))
        def deep(levels):
            if levels:
                return deep(levels - 1)
            open_one()
            {WAIT}
        deep(60)
    """)
    client = run_to_ready(hub, program)
    client.told(lambda s: s["connections"] and s["connections"][0]["opener_returned"])


def test_an_opener_whose_stack_a_greenlet_has_set_aside_has_not_returned(hub: Hub, written: Write) -> None:
    pytest.importorskip("greenlet")
    program = written(f"""
        import greenlet, sqlite3
        def wait():
            {WAIT}
            {WAIT}
        def still_here():
            kept = sqlite3.connect(":memory:")
            greenlet.greenlet(wait).switch()
        def leave_open():
            return sqlite3.connect(":memory:")
        kept = leave_open()
        still_here()
    """)
    running = hub.run(program)
    client = hub.met()
    for _ in range(2):
        assert running.line() == "ready"
        # For each state that is asked for it is looked anew.
        assert client.state()["connections"][1]["opener_returned"] is False
        running.say()


@pytest.mark.parametrize(
    ("uri", "is_known"),
    [
        ("file:x?mode=memory&cache=shared", False),
        ("file:x?mode=memory&mode=rwc", True),
        ("file:x#?mode=memory", True),
        ("file:x?cache=shared", True),
        ("x", True),
    ],
)
def test_whether_a_file_was_there_is_looked_at_where_one_can_come_of_the_string(
    hub: Hub, written: Write, uri: str, *, is_known: bool
) -> None:
    program = written(f"""
        import sqlite3
        c = sqlite3.connect({uri!r}, uri=True)
        print("ready", flush=True)
        input()
    """)
    (found,) = connections(run_to_ready(hub, program))
    assert (found["existed"] is not None) is is_known
    assert bool(found["schemas"][0]["file"]) is is_known
