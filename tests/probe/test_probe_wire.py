"""Who may ask, what is refused, and that nobody is waited for."""

from __future__ import annotations

import json
import os
import socket
import sqlite3
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest
from probe_hub import DEADLINE_SECONDS, TOKEN, Client, Hub, Program, Refused, plain_environment

Write = Callable[[str], Path]
QUIET = """
    import sqlite3
    kept = sqlite3.connect("file:m?mode=memory&cache=shared", uri=True)
    private = sqlite3.connect(":memory:")
    print("ready", flush=True)
    input()
    print("over")
"""
LISTENING = """
    import sys
    from memdb_tui.probe import start
    import sqlite3
    kept = sqlite3.connect(":memory:")
    print(start.listen("my name"), flush=True)
    for line in sys.stdin:
        if line.strip() == "stop":
            start.stop()
            print("stopped", flush=True)
        if line.strip() == "again":
            print(start.listen(), flush=True)
        if line.strip() == "fill":
            import os, resource
            _, most = resource.getrlimit(resource.RLIMIT_NOFILE)
            resource.setrlimit(resource.RLIMIT_NOFILE, (200, most))
            held = []
            try:
                while True:
                    held.append(os.open(os.devnull, os.O_RDONLY))
            except OSError:
                print("full", flush=True)
        if line.strip() == "failures":
            import time
            until = time.monotonic() + 30
            while not (said := start._moments.standing.failures.sentences) and time.monotonic() < until:
                time.sleep(0.01)
            print(said, flush=True)
        if line.strip() == "free":
            resource.setrlimit(resource.RLIMIT_NOFILE, (1000, most))
            for descriptor in held:
                os.close(descriptor)
            print("free", flush=True)
        if line.startswith("threads"):
            import os, time
            until = time.monotonic() + 30
            # One that is joined, or has been told to end, may still be there for a moment.
            while (count := len(os.listdir("/proc/self/task"))) != int(line.split()[1]) and time.monotonic() < until:
                time.sleep(0.01)
            print(count, sqlite3.connect, flush=True)
"""


def test_the_first_request_must_be_hello(hub: Hub, written: Write) -> None:
    hub.run(written(QUIET))
    client = hub.arrival()
    with pytest.raises(Refused, match="must be hello"):
        client.ask("state")
    client.read_to_end()


def test_a_wrong_token_is_refused(hub: Hub, written: Write) -> None:
    running = hub.run(written(QUIET))
    client = hub.arrival()
    with pytest.raises(Refused, match="token"):
        client.hello(token=TOKEN[:-1])
    client.read_to_end()
    assert running.line() == "ready"
    running.say()
    assert running.end() == (0, "over\n", "")


def test_another_version_is_refused(hub: Hub, written: Write) -> None:
    hub.run(written(QUIET))
    client = hub.arrival()
    with pytest.raises(Refused, match="version 1"):
        client.hello(version=2)
    client.read_to_end()


@pytest.mark.parametrize(
    "line",
    [
        b"\xff\xfe\n",
        b"{\n",
        b"[]\n",
        b'{"method":"hello"}\n',
        b'{"jsonrpc":"2.0","id":"x","method":"hello","params":{}}\n',
        b'{"jsonrpc":"2.0","id":1,"method":"hello","params":[]}\n',
        b"[" * 50_000 + b"\n",
        b'{"jsonrpc":"2.0","id":1,"method":"hello","params":{"a":' + b"[" * 20_000 + b"]" * 20_000 + b"}}\n",
        b"x" * (1 << 20),
    ],
    ids=["no text", "cut", "no object", "no version", "a text for an id", "a list", "deep", "deep and whole", "long"],
)
def test_what_is_malformed_is_refused_and_the_program_goes_on(hub: Hub, written: Write, line: bytes) -> None:
    running = hub.run(written(QUIET))
    client = hub.arrival()
    try:
        client.send(line)
        client.read_to_end()
    except ConnectionError:
        # It was closed before all had been sent.
        pass
    assert running.line() == "ready"
    running.say()
    assert running.end() == (0, "over\n", "")


def test_a_message_that_is_too_long_is_refused_after_hello_too(hub: Hub, written: Write) -> None:
    hub.run(written(QUIET))
    client = hub.met()
    piece = b"x" * (1 << 20)
    sent = 0
    client.sock.settimeout(DEADLINE_SECONDS)
    try:
        for _ in range(80):
            client.send(piece)
            sent += 1
    except ConnectionError:
        pass
    assert sent < 80 or not client.read()


@pytest.mark.parametrize(
    ("method", "params", "message"),
    [
        ("nonsense", {}, "no method"),
        ("live", {"connection": "c1"}, "needs sql"),
        ("live", {"connection": 7, "sql": "select 1"}, "needs connection"),
        ("live", {"connection": "d1", "sql": "select 1"}, "no connection d1"),
        ("live", {"connection": "c1", "sql": "select 1", "milliseconds": -1}, "milliseconds"),
        ("live", {"connection": "c1", "sql": "select 1", "max_rows": True}, "max_rows"),
        ("live", {"connection": "c2", "sql": "select 1"}, "private"),
        ("schema", {"connection": "c2"}, "private"),
        ("copyPart", {"copy": 1, "offset": 0, "size": 1}, "no copy 1"),
        ("resume", {}, "does not wait"),
        ("copy", {"connection": "c99"}, "gone"),
    ],
)
def test_a_request_that_cannot_be_answered_is_refused_and_the_next_is_answered(
    hub: Hub, written: Write, method: str, params: dict[str, object], message: str
) -> None:
    running = hub.run(written(QUIET))
    client = hub.met()
    assert running.line() == "ready"
    with pytest.raises(Refused, match=message):
        client.ask(method, **params)
    assert client.state()["failures"] == []


def ask_for_ever(client: Client) -> None:
    while True:
        client.ask_later("state")


def test_a_client_that_stops_reading_does_not_block_the_program(hub: Hub, written: Write) -> None:
    program = written("""
        import sqlite3, time
        kept = []
        for _ in range(3000):
            kept.append(sqlite3.connect(":memory:"))
            kept[-1].execute("begin")
        print("ready", flush=True)
        input()
        for connection in kept:
            connection.close()
        print("over")
    """)
    running = hub.run(program, is_met=False)
    client = hub.met()
    assert running.line() == "ready"
    client.sock.setblocking(False)
    with pytest.raises(BlockingIOError):
        ask_for_ever(client)
    began = time.monotonic()
    running.say()
    assert running.end() == (0, "over\n", "")
    # The last words wait for half a second; the rest is for a slow machine.
    assert time.monotonic() - began < DEADLINE_SECONDS


def test_a_state_that_waits_is_replaced_by_the_newest(hub: Hub, written: Write) -> None:
    program = written("""
        import sqlite3
        for _ in range(20_000):
            sqlite3.connect(":memory:").close()
        print("ready", flush=True)
        input()
    """)
    running = hub.run(program)
    client = hub.met()
    assert running.line() == "ready"
    state = client.told(lambda s: s["dropped"] + len(s["connections"]) == 20_000)
    assert len(state["connections"]) == 1000
    # Nobody has read meanwhile: what waited was at most what the socket holds and one more.
    assert len(client.states) < 20


def test_what_a_client_has_asked_for_is_news_to_it_all_the_same(hub: Hub, written: Write) -> None:
    program = written("""
        import sqlite3
        opened = []
        while input():
            opened.append(sqlite3.connect(":memory:"))
            print(len(opened), flush=True)
    """)
    running = hub.run(program)
    client = hub.met()
    client.told(lambda _: True)
    for number in range(1, 21):
        running.say("one more")
        assert running.line() == str(number)
        # Between a connection and the state that tells of it unasked.
        assert len(client.state()["connections"]) == number
    client.told(lambda s: len(s["connections"]) == 20)
    running.say()
    assert running.end()[0] == 0


def test_live_a_copy_and_the_schema_of_a_shared_name(hub: Hub, written: Write) -> None:
    program = written("""
        import sqlite3
        kept = sqlite3.connect("file:m?mode=memory&cache=shared", uri=True)
        kept.execute("create table t(x integer primary key, y)")
        kept.execute("insert into t values(1, 'one')")
        kept.commit()
        print("ready", flush=True)
        input()
    """)
    running = hub.run(program)
    client = hub.met()
    assert running.line() == "ready"
    found = client.ask("live", connection="c1", sql="select * from t")
    assert (found["status"], found["rows"]) == ("done", [[1, "one"]])
    assert found["sqlite_count"] == 1
    (table,) = client.ask("schema", connection="c1")["tables"]
    assert [column["name"] for column in table["columns"]] == ["x", "y"]
    copy = client.ask("copy", connection="c1")
    assert copy["how"] == "backup"
    part = client.ask("copyPart", copy=copy["copy"], offset=0, size=15)
    assert part["data"] == "U1FMaXRlIGZvcm1hdCAz"
    assert client.ask("copyRelease", copy=copy["copy"]) == {}
    with pytest.raises(Refused, match="no copy"):
        client.ask("copyPart", copy=copy["copy"], offset=0, size=15)
    # Ours are not among those of the program.
    assert [c["id"] for c in client.state()["connections"]] == ["c1"]


def test_a_statement_may_have_as_many_brackets_as_it_likes(hub: Hub, written: Write) -> None:
    program = written("""
        import sqlite3
        kept = sqlite3.connect("file:m?mode=memory&cache=shared", uri=True)
        print("ready", flush=True)
        input()
    """)
    running = hub.run(program)
    client = hub.met()
    assert running.line() == "ready"
    text = '\\ "[{' * 500 + "\\"
    found = client.ask("live", connection="c1", sql=f"select '{text}'")
    assert (found["status"], found["rows"]) == ("done", [[text]])


def test_a_long_live_statement_is_interrupted_at_its_deadline(hub: Hub, written: Write) -> None:
    hub_program = hub.run(written(QUIET))
    client = hub.met()
    assert hub_program.line() == "ready"
    endless = "with recursive n(i) as (select 1 union all select i + 1 from n) select count(*) from n"
    found = client.ask("live", connection="c1", sql=endless, milliseconds=50)
    assert found["status"] == "interrupted"


def test_a_live_statement_is_cancelled(hub: Hub, written: Write) -> None:
    running = hub.run(written(QUIET))
    client = hub.met()
    assert running.line() == "ready"
    endless = "with recursive n(i) as (select 1 union all select i + 1 from n) select count(*) from n"
    number = client.ask_later("live", connection="c1", sql=endless, milliseconds=600_000)
    assert client.ask("cancel", id=number) == {}
    assert client.answer_to(number)["status"] == "interrupted"


def test_a_connection_that_has_closed_is_told_as_gone(hub: Hub, written: Write) -> None:
    program = written("""
        import sqlite3
        sqlite3.connect("file:m?mode=memory&cache=shared", uri=True).close()
        print("ready", flush=True)
        input()
    """)
    running = hub.run(program)
    client = hub.met()
    assert running.line() == "ready"
    assert client.ask("live", connection="c1", sql="select 1")["status"] == "gone"
    assert client.ask("schema", connection="c1")["status"] == "gone"


def test_a_copy_of_a_private_database_is_made_when_its_thread_opens_a_connection(hub: Hub, written: Write) -> None:
    program = written("""
        import sqlite3
        kept = sqlite3.connect(":memory:")
        kept.execute("create table t(x)")
        kept.commit()
        print("ready", flush=True)
        input()
        sqlite3.connect(":memory:")
        input()
    """)
    running = hub.run(program)
    client = hub.met()
    assert running.line() == "ready"
    number = client.ask_later("copy", connection="c1", seconds=600)
    state = client.told(lambda s: s["waiting_copies"])
    assert state["waiting_copies"][0]["connection"] == "c1"
    assert state["waiting_copies"][0]["thread"] == "MainThread"
    running.say()
    copy = client.answer_to(number)
    assert copy["how"] == "serialize"
    assert copy["size"] > 0
    client.told(lambda s: s["seq"] > state["seq"] and not s["waiting_copies"])


def test_a_copy_that_nobody_comes_by_for_is_given_up(hub: Hub, written: Write) -> None:
    running = hub.run(written(QUIET))
    client = hub.met()
    assert running.line() == "ready"
    with pytest.raises(Refused, match="MainThread did not come by"):
        client.ask("copy", connection="c2", seconds=0)
    number = client.ask_later("copy", connection="c2", seconds=600)
    client.ask("cancel", id=number)
    with pytest.raises(Refused, match="cancelled"):
        client.answer_to(number)


def brought(hub: Hub) -> str:
    """The lines of a program that bring the probe into it, as `sys.remote_exec` does."""
    options = {"socket": str(hub.socket_path), "token": TOKEN}
    return f"""
        import sys
        sys.path.insert(0, {str(Path(__file__).parents[2])!r})
        from memdb_tui.probe import start
        start.start_remote({options})
        del sys.path[0]
"""


@pytest.mark.parametrize("is_asked", [True, False], ids=["asked to", "hung up on"])
def test_after_detaching_nothing_is_left_but_a_hook_that_returns(hub: Hub, written: Write, *, is_asked: bool) -> None:
    program = written(f"""
        import os, sqlite3, time
        kept = sqlite3.connect(":memory:")
        {brought(hub)}
        print("ready", flush=True)
        input()
        # The thread that said the last words is itself about to end.
        until = time.monotonic() + 30
        while len(os.listdir("/proc/self/task")) > 1 and time.monotonic() < until:
            time.sleep(0.01)
        print(len(os.listdir("/proc/self/task")), len(os.listdir("/proc/self/fd")) - 1)
        print(type(sqlite3.connect).__name__, sqlite3.connect is sqlite3.dbapi2.connect)
        kept.close()
        sqlite3.connect(":memory:")
    """)
    running = hub.start([sys.executable, "-W", "ignore", str(program)], plain_environment())
    client = hub.met()
    assert running.line() == "ready"
    if is_asked:
        assert client.ask("detach") == {"out": True}
        client.read_to_end()
        assert client.bye is not None
        assert any("audit hook cannot be removed" in note for note in client.bye["notes"])
        assert [c["closed_at"] for c in client.bye["connections"]] == [None]
    else:
        client.close()
    running.say()
    assert running.end() == (0, "1 3\nbuiltin_function_or_method True\n", "")


def test_what_was_brought_stays_while_another_client_looks(hub: Hub, written: Write) -> None:
    # One hub is met once: the second is this one under another name.
    other = hub.socket_path.with_name("other.sock")
    other.symlink_to(hub.socket_path)
    program = written(f"""
        import sqlite3
        {brought(hub)}
        {brought(hub)}
        {brought(hub).replace(str(hub.socket_path), str(other))}
        input()
        later = sqlite3.connect(":memory:")
        input()
    """)
    running = hub.start([sys.executable, "-W", "ignore", str(program)], plain_environment())
    first, second = hub.met(), hub.met()
    assert first.ask("detach") == {"out": False}
    first.read_to_end()
    assert first.bye is None
    running.say()
    assert second.told(lambda state: [c["found"] for c in state["connections"]] == ["wrapper"])
    assert second.ask("detach") == {"out": True}
    second.read_to_end()
    running.say()
    assert running.end() == (0, "", "")


@pytest.mark.parametrize("is_asked", [True, False], ids=["asked to", "hung up on"])
def test_a_program_that_waits_in_inspect_for_a_client_goes_on_when_it_detaches(
    hub: Hub, written: Write, *, is_asked: bool
) -> None:
    program = written(f"""
        {brought(hub)}
        input()
        print(start.wait_for_client())
    """)
    running = hub.start([sys.executable, "-W", "ignore", str(program)], plain_environment())
    client = hub.met()
    running.say()
    client.told(lambda state: state["waiting"] == "inspect")
    if is_asked:
        assert client.ask("detach") == {"out": True}
        client.read_to_end()
    else:
        client.close()
    assert running.end() == (0, "True\n", "")


@pytest.mark.parametrize("greets", [True, False], ids=["says hello", "hangs up"])
def test_a_program_that_comes_into_inspect_before_its_hub_has_said_hello_waits_for_what_that_does(
    hub: Hub, written: Write, *, greets: bool
) -> None:
    program = written(f"""
        {brought(hub)}
        print("calls", flush=True)
        print(start.wait_for_client())
    """)
    running = hub.start([sys.executable, "-W", "ignore", str(program)], plain_environment())
    client = hub.arrival()
    assert running.line() == "calls"
    if greets:
        client.hello()
        client.told(lambda state: state["waiting"] == "inspect")
        assert client.ask("detach") == {"out": True}
        client.read_to_end()
    else:
        client.close()
    assert running.end() == (0, f"{greets}\n", "")


@pytest.mark.parametrize("is_asked", [True, False], ids=["asked to", "hung up on"])
def test_threads_wait_in_inspect_one_after_the_other(hub: Hub, written: Write, *, is_asked: bool) -> None:
    program = written(f"""
        {brought(hub)}
        import threading
        input()
        threads = [threading.Thread(target=start.wait_for_client, name=name) for name in "abc"]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        print("over")
    """)
    running = hub.start([sys.executable, "-W", "ignore", str(program)], plain_environment())
    client = hub.met()
    running.say()
    served: set[str] = set()
    for _ in range(3 if is_asked else 1):
        served.add(client.told(lambda state: state["waiting"] and state["thread"] not in served)["thread"])
        if is_asked:
            client.ask("resume")
    if not is_asked:
        client.close()
    assert running.end() == (0, "over\n", "")
    assert len(served) == (3 if is_asked else 1)


def test_the_child_of_a_fork_that_nobody_looks_into_keeps_nothing(hub: Hub, written: Write) -> None:
    program = written(f"""
        import os, sqlite3
        {brought(hub)}
        input()
        if not os.fork():
            print(type(sqlite3.connect).__name__, flush=True)
            os._exit(0)
        os.wait()
    """)
    running = hub.start([sys.executable, "-W", "ignore", str(program)], plain_environment())
    hub.met()
    hub.socket_path.unlink()
    running.say()
    assert running.end() == (0, "builtin_function_or_method\n", "")


def test_a_function_put_over_ours_is_left_alone_at_detaching(hub: Hub, written: Write) -> None:
    program = written(f"""
        import sqlite3
        {brought(hub)}
        ours = sqlite3.connect
        def mine(*args, **keywords):
            return ours(*args, **keywords)
        sqlite3.connect = mine
        print("ready", flush=True)
        input()
        print(sqlite3.connect is mine, mine(":memory:").execute("select 1").fetchone())
    """)
    running = hub.start([sys.executable, "-W", "ignore", str(program)], plain_environment())
    client = hub.met()
    assert running.line() == "ready"
    client.ask("detach")
    client.read_to_end()
    running.say()
    assert running.end() == (0, "True (1,)\n", "")


@pytest.fixture
def listening(hub: Hub, written: Write, tmp_path: Path) -> tuple[Program, Path]:
    runtime = tmp_path / "run"
    runtime.mkdir(mode=0o700)
    environment = {
        **plain_environment(),
        "XDG_RUNTIME_DIR": str(runtime),
        "PYTHONPATH": str(Path(__file__).parents[2]),
    }
    running = hub.start([sys.executable, str(written(LISTENING))], environment)
    assert running.line() == "my name"
    return running, runtime / "memdb-tui"


def attached(folder: Path, pid: int) -> Client:
    sock = socket.socket(socket.AF_UNIX)
    sock.connect(str(folder / f"{pid}.sock"))
    return Client(sock)


def test_a_process_that_listens_can_be_found_and_asked(listening: tuple[Program, Path]) -> None:
    running, folder = listening
    pid = running.process.pid
    assert folder.stat().st_mode & 0o777 == 0o700
    facts_path = folder / f"{pid}.json"
    assert facts_path.stat().st_mode & 0o777 == 0o600
    assert (folder / f"{pid}.sock").stat().st_mode & 0o777 == 0o600
    facts = json.loads(facts_path.read_text())
    assert (facts["version"], facts["pid"], facts["name"]) == (1, pid, "my name")
    client = attached(folder, pid)
    assert client.hello(facts["token"])["pid"] == pid
    (found,) = client.state()["connections"]
    # It is older than our arrival.
    assert (found["found"], found["database"], found["keywords"], found["opened_at"]) == ("heap", None, None, None)
    assert found["thread"]["name"] in {"MainThread", ""}
    # From SQLite 3.53.3 on it is not asked from another thread.
    assert found["in_transaction"] is (False if sqlite3.sqlite_version_info < (3, 53, 3) else None)
    # The thread that called listen() owns it, and has looked at it.
    assert (found["unobserved"], [schema["name"] for schema in found["schemas"]]) == ("", ["main"])
    client.close()


def test_listening_twice_and_stopping_twice(listening: tuple[Program, Path]) -> None:
    running, folder = listening
    running.say("again")
    assert running.line() == "my name"
    running.say("stop")
    assert running.line() == "stopped"
    assert list(folder.iterdir()) == []
    running.say("threads 1")
    assert running.line() == "1 <built-in function connect>"
    running.say("stop")
    assert running.line() == "stopped"
    running.say("again")
    pid = running.process.pid
    assert running.line() == str(pid)
    token = json.loads((folder / f"{pid}.json").read_text())["token"]
    client = attached(folder, pid)
    client.hello(token)
    assert [c["found"] for c in client.state()["connections"]] == ["heap"]
    client.close()
    assert running.process.stdin is not None
    running.process.stdin.close()
    running.process.wait(DEADLINE_SECONDS)
    assert list(folder.iterdir()) == []


def test_a_process_that_listens_stays_as_it_was_when_a_client_detaches(listening: tuple[Program, Path]) -> None:
    running, folder = listening
    pid = running.process.pid
    for _ in range(2):
        client = attached(folder, pid)
        client.hello(json.loads((folder / f"{pid}.json").read_text())["token"])
        assert client.ask("detach") == {"out": False}
        client.read_to_end()
        assert client.bye is None
        client.close()
    running.say("threads 2")
    assert running.line().startswith("2 <")


def test_who_is_one_too_many_is_told_so_and_who_says_nothing_makes_room(listening: tuple[Program, Path]) -> None:
    running, folder = listening
    pid = running.process.pid
    token = json.loads((folder / f"{pid}.json").read_text())["token"]
    silent = [attached(folder, pid) for _ in range(16)]
    silent[0].hello(token)
    refused = attached(folder, pid)
    refused.read_to_end()
    with pytest.raises(Refused, match="as many clients as it takes: 16"):
        refused.answer_to(None)
    for client in silent[1:]:
        client.read_to_end()
    late = attached(folder, pid)
    assert late.hello(token)["pid"] == pid
    assert silent[0].state()["failures"] == []
    for client in (*silent, refused, late):
        client.close()


def test_who_comes_when_there_are_no_descriptors_is_let_in_when_there_are(listening: tuple[Program, Path]) -> None:
    running, folder = listening
    pid = running.process.pid
    token = json.loads((folder / f"{pid}.json").read_text())["token"]
    running.say("fill")
    assert running.line() == "full"
    client = attached(folder, pid)
    running.say("failures")
    assert "While a client was let in" in running.line()
    running.say("free")
    assert running.line() == "free"
    assert client.hello(token)["pid"] == pid
    later = attached(folder, pid)
    assert later.hello(token)["pid"] == pid
    client.close()
    later.close()


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can play another user")
def test_another_user_is_refused(listening: tuple[Program, Path], tmp_path: Path) -> None:
    running, folder = listening
    pid = running.process.pid
    token = json.loads((folder / f"{pid}.json").read_text())["token"]
    other = """
import os, socket, sys
folder = os.open(sys.argv[1], os.O_PATH)
sock = socket.socket(socket.AF_UNIX)
os.setuid(65534)
try:
    sock.connect(f"/proc/self/fd/{folder}/{sys.argv[2]}.sock")
    sock.sendall(sys.argv[3].encode() + b"\\n")
    print("answered" if sock.recv(100) else "closed")
except PermissionError:
    print("no way in")
except ConnectionError:
    print("closed")
"""
    hello = json.dumps({"jsonrpc": "2.0", "id": 1, "method": "hello", "params": {"version": 1, "token": token}})
    command = [sys.executable, "-c", other, str(folder), str(pid), hello]
    assert subprocess.run(command, capture_output=True, text=True, check=True).stdout == "no way in\n"
    # Even where the folder and the socket let everybody in, the other end is asked who it is.
    folder.chmod(0o777)
    (folder / f"{pid}.sock").chmod(0o777)
    assert subprocess.run(command, capture_output=True, text=True, check=True).stdout == "closed\n"
