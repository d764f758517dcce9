"""A program behaves the same with and without the probe, also where the probe itself breaks."""

from __future__ import annotations

import contextlib
import ctypes  # noqa: F401 - for what it leaves open
import json
import os
import sys
import textwrap
from collections.abc import Callable
from pathlib import Path

import pytest
from probe_hub import TOKEN, Hub

OTHER_PYTHONS = sorted(Path.home().glob(".pyenv/versions/3.1[2-9]*/bin/python"))
Write = Callable[[str], Path]

# Newer versions of libffi keep a file open from the first import of ctypes on, the probe's as well as the program's.
_HAS_OPEN = {os.path.realpath(each) for each in Path("/proc/self/fd").iterdir()}
_KEPT_OPEN = ", ctypes" if any("libffi" in name for name in _HAS_OPEN) else ""


# Since 3.13 a connection that garbage collection closes warns, which runs signal handlers and loses what they raise:
# an alarm can be lost to the collector without us as well. The programs with alarms do without it there.
def alarms(raised: str, database: str, rounds: int) -> str:
    """A program that counts the alarms that reach it while it opens connections."""
    return f"""
        import gc, signal, sqlite3, sys
        if sys.version_info >= (3, 13):
            gc.disable()
        class Mine(Exception):
            pass
        def ring(*_):
            raise {raised}("rang")
        signal.signal(signal.SIGALRM, ring)
        rung = 0
        for _ in range({rounds}):
            try:
                signal.setitimer(signal.ITIMER_REAL, 0.0004)
                while True:
                    sqlite3.connect("{database}").close()
            except {raised}:
                rung += 1
        print(rung)
    """


FORK_ON = """
        def fork_on():
            # A function: Python 3.13.0 lets what is raised where a loop begins anew out of a `try` around that.
            until = time.monotonic() + 5
            while time.monotonic() < until:
                child = os.fork()
                if not child:
                    os._exit(0)
                os.waitpid(child, 0)
"""


def alarms_in_forks(others: int, handler: str = "pass") -> str:
    """A program that counts the alarms that reach it while it forks; other threads of it may be given them."""
    return f"""
        import gc, os, signal, sqlite3, threading, time, warnings
        warnings.simplefilter("ignore", DeprecationWarning)
        gc.disable()
        class Mine(Exception):
            pass
        def ring(*_):
            {handler}
            raise Mine("rang")
        connection = sqlite3.connect(":memory:")
        for _ in range({others}):
            threading.Thread(target=threading.Event().wait, daemon=True).start()
{FORK_ON}
        rung = 0
        for _ in range(150):
            signal.signal(signal.SIGALRM, ring)
            try:
                signal.setitimer(signal.ITIMER_REAL, 0.0011)
                fork_on()
            except Mine:
                rung += 1
        print(rung)
    """


PROGRAMS = {
    "output, errors and status": """
        import sys
        print("out")
        print("err", file=sys.stderr)
        sys.exit(3)
    """,
    "an error out of connect": """
        import sqlite3
        def open_it():
            return sqlite3.connect("/nowhere/at/all.db")
        open_it()
    """,
    "an error out of connect while another is handled": """
        import sqlite3
        try:
            1 / 0
        except ZeroDivisionError:
            sqlite3.connect("x", unknown=1)
    """,
    "an error out of a factory": """
        import sqlite3
        class Mine(sqlite3.Connection):
            def __init__(self, *args, **keywords):
                super().__init__(*args, **keywords)
                raise RuntimeError("mine")
        sqlite3.connect(":memory:", factory=Mine)
    """,
    "warnings of connect are the program's": """
        import sqlite3, warnings
        warnings.simplefilter("always")
        sqlite3.connect(":memory:", 5.0).close()
        class Mine(sqlite3.Connection):
            def __init__(self, *args, **keywords):
                warnings.warn("mine", UserWarning, stacklevel=2)
                super().__init__(*args, **keywords)
        sqlite3.connect(":memory:", factory=Mine).close()
    """,
    "what an error out of a factory held": """
        import gc, sqlite3
        gc.disable()
        class Held:
            def __del__(self):
                print("gone")
        def make(*args, **keywords):
            held = Held()
            raise RuntimeError("mine")
        for keywords in ({}, {"factory": make}):
            try:
                sqlite3.connect(":memory:", **keywords) if keywords else sqlite3.connect(Held())
            except (RuntimeError, TypeError) as error:
                print(type(error).__name__)
            print("over")
    """,
    "how connect looks": """
        import inspect, pickle, sqlite3
        print(sqlite3.connect, sqlite3.connect.__name__, sqlite3.connect.__qualname__, sqlite3.connect.__module__)
        print(sqlite3.connect.__doc__ == sqlite3.dbapi2.connect.__doc__, bool(sqlite3.connect.__doc__))
        print(getattr(sqlite3.connect, "__text_signature__", None))
        print(pickle.loads(pickle.dumps(sqlite3.connect)) is sqlite3.connect, callable(sqlite3.connect))
        try:
            print(inspect.signature(sqlite3.connect))
        except ValueError as error:
            print(error)
        class Holder:
            connect = sqlite3.connect
        print(type(Holder().connect(":memory:")))
        print(sqlite3.connect is sqlite3.dbapi2.connect, hash(sqlite3.connect) == hash(sqlite3.dbapi2.connect))
    """,
    "threads and descriptors are numbered as before": f"""
        import os, sqlite3, threading{_KEPT_OPEN}
        connection = sqlite3.connect("a.db")
        file = open("b.txt", "w")
        print(file.fileno(), threading.active_count(), [t.name for t in threading.enumerate()])
    """,
    "modules that hide those of Python": """
        import json, select, queue
        print(json.mine, select.mine, queue.mine)
    """,
    "nothing of ours can be imported": """
        import sys
        for name in ("memdb_tui", "_memdb_tui_probe_", "sitecustomize"):
            try:
                __import__(name)
                print(name)
            except ImportError as error:
                print(error)
        print([path for path in sys.path if "boot" in path])
    """,
    "what is imported": """
        import sys
        names = ("sqlite3", "json", "socket", "threading", "ctypes", "re", "typing")
        print([name for name in names if name in sys.modules])
    """,
    "an alarm that comes while connections are opened": alarms("Mine", ":memory:", 300),
    "an alarm whose exception is one that files raise": alarms("TimeoutError", "a.db", 600),
    "alarms that come while it forks": alarms_in_forks(0),
    "alarms that come while it forks beside a thread": alarms_in_forks(1),
    "alarms whose handler sets itself back": alarms_in_forks(1, "signal.signal(signal.SIGALRM, signal.SIG_IGN)"),
    "alarms whose handler forks while it forks": """
        import os, signal, threading, warnings
        warnings.simplefilter("ignore", DeprecationWarning)
        rung = []
        def fork():
            child = os.fork()
            if not child:
                os._exit(0)
            os.waitpid(child, 0)
        def ring(*_):
            if len(rung) % 2 == 0:
                rung.append("begins")
                fork()
                rung.append("has ended")
        signal.signal(signal.SIGALRM, ring)
        threading.Thread(target=threading.Event().wait, daemon=True).start()
        signal.setitimer(signal.ITIMER_REAL, 0.005, 0.0071)
        for _ in range(100):
            fork()
        signal.setitimer(signal.ITIMER_REAL, 0)
        print(bool(rung), signal.pthread_sigmask(signal.SIG_BLOCK, ()))
    """,
    "finalizers that run when Python has taken the names of modules away": """
        import os, sqlite3, sys
        class Late:
            def __init__(self, connect=sqlite3.connect, listdir=os.listdir, write=os.write):
                self.calls = connect, listdir, write
            def __del__(self):
                connect, listdir, write = self.calls
                listdir(".")
                connect(":memory:").close()
                write(1, b"late")
        sys.kept, os.kept = Late(), Late()
    """,
    "an interrupt that comes while connections are opened": """
        import gc, signal, sqlite3, sys, os, threading
        if sys.version_info >= (3, 13):
            gc.disable()
        def interrupt():
            raise KeyboardInterrupt
        signal.signal(signal.SIGALRM, lambda *_: interrupt())
        rung = 0
        for _ in range(300):
            try:
                signal.setitimer(signal.ITIMER_REAL, 0.0004)
                while True:
                    sqlite3.connect(":memory:").close()
            except KeyboardInterrupt:
                rung += 1
        print(rung)
    """,
    "garbage of closed connections": """
        import gc, sqlite3
        sqlite3.connect(":memory:").close()
        gc.collect()
        gc.disable()
        for _ in range(5000):
            sqlite3.connect(":memory:").close()
        print(gc.collect() < 100)
    """,
    "a hook of the program": """
        import sys, sqlite3
        seen = []
        sys.addaudithook(lambda event, args: seen.append(event) if event.startswith("sqlite3") else None)
        sqlite3.connect(":memory:").close()
        print(seen)
    """,
    "a hook of the program that forbids": """
        import sys, sqlite3
        def forbid(event, args):
            if event == "sqlite3.connect":
                raise RuntimeError("forbidden")
        sys.addaudithook(forbid)
        sqlite3.connect(":memory:")
    """,
    "a class that only says it is one of cursors": """
        import sqlite3
        class Fake(str):
            __class__ = sqlite3.Cursor
        for wrong in ({"factory": Fake}, {"factory": str}):
            try:
                sqlite3.connect(":memory:").cursor(**wrong)
            except TypeError as error:
                print(error)
    """,
    "mocks that have no more answers than the program has questions": """
        import os, sqlite3, time
        from unittest import mock
        names = (
            "time.time", "time.monotonic", "time.perf_counter", "os.getcwd", "os.getpid", "os.fsdecode", "os.fspath",
            "os.lstat", "os.path.abspath", "os.path.realpath", "os.path.exists",
        )
        for name in names:
            with mock.patch(name, side_effect=[1]) as mocked:
                for database in (":memory:", "file:m?mode=memory&cache=shared", "mocked.db"):
                    sqlite3.connect(database, uri=True).close()
                sqlite3.connect(database=b"mocked.db").close()
                print(name, mocked.call_count)
        os.remove("mocked.db")
    """,
    "a deep stack": """
        import sqlite3
        def deep(n):
            return sqlite3.connect(":memory:") if not n else deep(n - 1)
        print(deep(900).execute("select 1").fetchone())
    """,
    "python functions, cursors, rows and adapters": """
        import sqlite3
        c = sqlite3.connect(":memory:", detect_types=sqlite3.PARSE_DECLTYPES)
        c.row_factory = sqlite3.Row
        c.create_function("f", 1, lambda x: x + 1)
        c.set_trace_callback(print)
        print(tuple(c.execute("select f(1) as a").fetchone()))
        with c:
            c.execute("create table t(x)")
        print(c.total_changes, c.in_transaction, list(c.iterdump()))
    """,
    "an interpreter that ends with connections open in a thread": """
        import sqlite3, threading, os
        done = threading.Event()
        def work():
            kept = sqlite3.connect(":memory:")
            done.set()
            threading.Event().wait()
        threading.Thread(target=work, daemon=True).start()
        done.wait()
        print("over")
    """,
    "an exit without ado": """
        import os, sqlite3
        kept = sqlite3.connect(":memory:")
        print("out", flush=True)
        os._exit(5)
    """,
    "a signal": """
        import os, signal, sqlite3
        kept = sqlite3.connect(":memory:")
        os.kill(os.getpid(), signal.SIGTERM)
    """,
}


def with_and_without(hub: Hub, program: Path, python: str = sys.executable, **options: bool) -> None:
    plain = hub.plain(program, python=python)
    running = hub.run(program, python=python, **options)
    client = hub.arrival()
    # A program that ends without ado may be gone by now.
    with contextlib.suppress(ConnectionError):
        client.ask_later("hello", version=1, token=TOKEN)
    client.read_to_end()
    assert running.end() == plain
    if client.bye is not None:
        assert client.bye["failures"] == []


@pytest.mark.parametrize("trace", [False, True], ids=["", "trace"])
@pytest.mark.parametrize("text", PROGRAMS.values(), ids=PROGRAMS.keys())
def test_a_program_does_the_same_with_and_without(hub: Hub, written: Write, text: str, *, trace: bool) -> None:
    for name in ("json", "select", "queue") if "json.mine" in text else ():
        (hub.folder / f"{name}.py").write_text("mine = True\n")
    with_and_without(hub, written(text), trace=trace)


@pytest.mark.skipif(sys.version_info < (3, 12), reason="3.11 may raise it in a thread that begins just then")
def test_what_a_thread_of_the_program_raises_in_one_that_forks_comes(hub: Hub, written: Write) -> None:
    program = written(f"""
        import ctypes, os, threading, time, warnings
        warnings.simplefilter("ignore", DeprecationWarning)
        class Mine(Exception):
            pass
        me = ctypes.c_ulong(threading.get_ident())
{FORK_ON}
        def stop():
            time.sleep(0.01)
            ctypes.pythonapi.PyThreadState_SetAsyncExc(me, ctypes.py_object(Mine))
        came = 0
        for _ in range(30):
            try:
                threading.Thread(target=stop, daemon=True).start()
                fork_on()
            except Mine:
                came += 1
        print(came)
    """)
    with_and_without(hub, program)


def test_what_a_program_opens_after_it_has_closed_all_descriptors_has_their_numbers(hub: Hub, written: Write) -> None:
    """As a daemon begins: what our thread opened at that moment would be among them, and then be closed."""
    program = written("""
        import os, sqlite3, stat, sys, time
        kept = sqlite3.connect(":memory:")
        print("ready", flush=True)
        sys.stdin.readline()
        began, seen = time.monotonic(), set()
        os.closerange(3, 4096)
        # Far longer than a daemon takes. What is seen later, on a busy machine say, does not count.
        while time.monotonic() - began < 0.1:
            for number in (3, 4, 5):
                try:
                    kind = stat.S_IFMT(os.fstat(number).st_mode)
                except OSError:
                    continue
                if time.monotonic() - began < 0.2:
                    seen.add(kind)
        print(seen, flush=True)
        sys.stdin.readline()
    """)
    running = hub.run(program)
    client = hub.met()
    assert running.line() == "ready"
    running.say()
    assert running.line() == "set()"
    client.close()
    # Then we are there again.
    again = hub.met()
    running.say()
    again.read_to_end()
    assert running.end() == (0, "", "")


def test_what_our_thread_tells_opens_no_file(hub: Hub, written: Write) -> None:
    """One that is open while the program opens its own would give that another number."""
    program = written("""
        import sqlite3, sys, threading
        opened = []
        def see(event, args):
            if event == "open" and threading.current_thread() is not threading.main_thread():
                opened.append(args[0])
        sys.addaudithook(see)
        print("ready", flush=True)
        sys.stdin.readline()
        kept = [sqlite3.connect("file:m?mode=memory&cache=shared", uri=True), sqlite3.connect("a.db")]
        kept[1].execute("create table t(a)")
        print("opened", flush=True)
        sys.stdin.readline()
        print(opened)
    """)
    running = hub.run(program)
    assert running.line() == "ready"
    client = hub.arrival()
    client.hello()
    running.say()
    assert running.line() == "opened"
    client.told(lambda state: len(state["connections"]) == 2)
    client.state()
    running.say()
    client.read_to_end()
    assert running.end() == (0, "[]\n", "")


@pytest.mark.parametrize("python", [Path(sys.executable), *OTHER_PYTHONS], ids=lambda path: path.parts[-3])
def test_a_warning_of_a_statement_that_is_counted_is_of_the_programs_line(
    hub: Hub, written: Write, python: Path
) -> None:
    program = written("""
        import sqlite3
        connection = sqlite3.connect(":memory:")
        for run in (connection.execute, connection.cursor().execute):
            try:
                print(run("select :a, ?", (1, 2)).fetchone())
            except sqlite3.Error as error:
                print(error)
    """)
    with_and_without(hub, program, str(python), trace=True)


BREAKING = {
    "the recorder's look": "sight.see_opened",
    "the pager": "native.Native.main_pager",
    "the count": "sight.count",
    "the stack": "witness.stack_from",
    "the record": "witness.Record",
    "the name of the thread": "witness.name_of_this_thread",
    "the call": "witness.arguments_of",
    "the file": "witness.existed_before",
    "the pools": "pools.Pools.entry_on",
    "the telling": "telling.Telling.json",
    "the looking": "telling.Telling.refresh",
    "the requests": "requests.Requests.go_on",
    "the socket": "channel.Channel.send",
    "the wake": "server.Server.wake",
    "the fork": "server.Server.pause server.Server.become_child",
    "the end": "server.Server.finish",
    "the closing": "recorder.programs_own_site",
    "the children": "children.why_not_followed",
}
USING = """
    import os, sqlite3, subprocess, sys, time
    kept = sqlite3.connect("file:m?mode=memory&cache=shared", uri=True)
    for _ in range(20):
        c = sqlite3.connect("x.db", timeout=1, factory=sqlite3.Connection)
        c.execute("select 1")
        c.close()
    sys.stdout.flush()
    sys.stdin.readline()
    if not os.fork():
        sqlite3.connect(":memory:")
        os._exit(0)
    os.wait()
    subprocess.run(["true"])
    print("over")
"""


@pytest.mark.parametrize("trace", [False, True], ids=["", "trace"])
@pytest.mark.parametrize("breaking", BREAKING.values(), ids=BREAKING.keys())
def test_a_part_of_ours_that_breaks_does_not_reach_the_program(
    hub: Hub, written: Write, breaking: str, *, trace: bool
) -> None:
    broken = f"""
import importlib, sys, threading
if "_memdb_tui_probe" in sys.modules:
    def broken(*args, **keywords):
        raise RuntimeError("broken")
    for part in {breaking!r}.split():
        module, *names, last = part.split(".")
        owner = importlib.import_module("_memdb_tui_probe." + module)
        for name in names:
            owner = getattr(owner, name)
        # What is not there could not be broken.
        assert callable(getattr(owner, last))
        setattr(owner, last, broken)
"""
    program = written(broken + textwrap.dedent(USING))
    assert hub.plain(program) == (0, "over\n", "")
    running = hub.run(program, options=["-W", "error"], trace=trace)
    # Whether it is answered is another matter.
    hub.arrival().ask_later("hello", version=1, token=TOKEN)
    running.say()
    assert running.end() == (0, "over\n", "")


def test_what_broke_is_told(hub: Hub, written: Write) -> None:
    program = written("""
        import sys, sqlite3
        from _memdb_tui_probe import witness
        def broken(*args):
            raise RuntimeError("no stack today")
        witness.stack_from = broken
        sqlite3.connect(":memory:")
    """)
    running = hub.run(program)
    client = hub.met()
    client.read_to_end()
    assert running.end() == (0, "", "")
    assert client.bye is not None
    (failure,) = client.bye["failures"]
    assert "no stack today" in failure
    assert "witness.py" in failure


@pytest.mark.parametrize(
    "breaking",
    [
        {"socket": "/nowhere/hub.sock"},
        {"probe": "/nowhere/probe"},
        {"token": None},
    ],
    ids=["no hub", "no probe", "no token"],
)
def test_a_program_starts_where_the_probe_cannot(hub: Hub, written: Write, breaking: dict[str, object]) -> None:
    program = written("import sqlite3; print(sqlite3.connect(':memory:').execute('select 1').fetchone())")
    environment = hub.environment()
    options = {**json.loads(environment["MEMDB_TUI_RUN"]), **breaking}
    if options["token"] is None:
        del options["token"]
    environment["MEMDB_TUI_RUN"] = json.dumps(options)
    running = hub.start([sys.executable, str(program)], environment)
    assert running.end() == (0, "(1,)\n", "")


@pytest.mark.parametrize("value", ["", "{", "[]", "7", "null"])
def test_a_program_starts_where_the_variable_is_broken(hub: Hub, written: Write, value: str) -> None:
    program = written("print('out')")
    environment = {**hub.environment(), "MEMDB_TUI_RUN": value}
    assert hub.start([sys.executable, str(program)], environment).end() == (0, "out\n", "")


def test_files_of_the_program_named_as_modules_are_not_imported_for_it(hub: Hub, written: Write) -> None:
    program = written("""
        import sqlite3, sys
        connection = sqlite3.connect(":memory:")
        connection.close()
        print("end", sorted({"ctypes", "struct"} & set(sys.modules)))
    """)
    for name in ("struct", "ctypes"):
        (program.parent / f"{name}.py").write_text(f"import sys\nprint({name!r})\nsys.exit(9)\n")
    running = hub.run(program)
    client = hub.met()
    client.read_to_end()
    assert running.end() == (0, "end []\n", "") == hub.plain(program)
    assert client.bye is not None
    # SQLite was asked all the same.
    assert client.bye["connections"][0]["schemas"]
