"""Coming into a program that has long begun: what is older than our arrival is found, once, before it is told."""

from __future__ import annotations

import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from probe_hub import TOKEN, Hub, plain_environment

Write = Callable[[str], Path]
BEGIN = f"""
import sqlite3, sys, threading
sys.path.insert(0, {str(Path(__file__).parents[2])!r})
older = [sqlite3.connect(":memory:") for _ in range(3)]
from memdb_tui.probe import start
def standing():
    return start._moments.standing
def told():
    return sorted(c["found"] for c in start.state()["connections"])
once = []
def at(wanted, work):
    def hook(event, _):
        if event == wanted and not once:
            once.append(event)
            work()
    sys.addaudithook(hook)
"""


def run(hub: Hub, program: Path) -> tuple[int, str, str]:
    return hub.start([sys.executable, "-W", "ignore", str(program)], plain_environment()).end()


@pytest.fixture
def options(hub: Hub) -> dict[str, object]:
    return {"socket": str(hub.socket_path), "token": TOKEN}


def test_the_hub_is_met_when_the_older_ones_have_been_found(
    options: dict[str, object], hub: Hub, written: Write
) -> None:
    program = written(f"""{BEGIN}
at("socket.connect", lambda: print(told()))
start.start_remote({options})
start.detach()
""")
    assert run(hub, program) == (0, "['heap', 'heap', 'heap']\n", "")


def test_nobody_can_attach_before_the_older_ones_have_been_found(hub: Hub, written: Write) -> None:
    program = written(f"""{BEGIN}
import os
os.environ["XDG_RUNTIME_DIR"] = {str(hub.folder)!r}
at("socket.bind", lambda: print(told()))
start.listen()
start.detach()
""")
    assert run(hub, program) == (0, "['heap', 'heap', 'heap']\n", "")


def test_a_search_that_does_not_end_holds_nobody_up_for_long(hub: Hub, written: Write) -> None:
    program = written(f"""{BEGIN}
start.record()
go_on, has_begun = threading.Event(), threading.Event()
at("gc.get_referrers", lambda: (has_begun.set(), go_on.wait(60)))
younger = sqlite3.connect(":memory:")
standing().recorder.open.clear()
standing().find_older_elsewhere(0.05)
print(told(), len(standing().telling.notes))
has_begun.wait(60)
go_on.set()
while len(told()) < 4:
    pass
print(told(), start.state()["failures"])
""")
    expected = "[] 1\n['heap', 'heap', 'heap', 'heap'] []\n"
    assert run(hub, program) == (0, expected, "")


def test_a_second_search_leaves_it_to_the_first(hub: Hub, written: Write) -> None:
    program = written(f"""{BEGIN}
standing_here = start._stand()
next_number = standing_here.recorder.next_number
def number():
    print(standing_here.find_older())
    return next_number()
standing_here.recorder.next_number = number
print(standing_here.find_older(), told())
del standing_here.recorder.next_number
print(standing_here.find_older())
""")
    expected = "0\n0\n0\n3 ['heap', 'heap', 'heap']\n0\n"
    assert run(hub, program) == (0, expected, "")


@pytest.mark.parametrize("moment", ["gc.get_referrers", "sqlite3.connect/handle"])
def test_what_is_opened_during_a_search_is_told_once_and_as_the_hook_saw_it(
    moment: str, hub: Hub, written: Write
) -> None:
    opening = "younger.append(sqlite3.connect('file:y', uri=True))"
    searching = "standing().find_older_elsewhere()"
    within, around = (opening, searching) if moment.startswith("gc") else (searching, opening)
    program = written(f"""{BEGIN}
younger = []
at("{moment}", lambda: {within})
start._stand()
{around}
print(told(), [c["database"] for c in start.state()["connections"]].count("file:y"), start.state()["failures"])
""")
    expected = "['heap', 'heap', 'heap', 'wrapper'] 1 []\n"
    assert run(hub, program) == (0, expected, "")


def test_a_hub_that_is_gone_takes_nothing_out_that_stood_before(
    options: dict[str, object], hub: Hub, written: Write
) -> None:
    program = written(f"""{BEGIN}
import os
os.environ["XDG_RUNTIME_DIR"] = {str(hub.folder)!r}
start.listen()
try:
    start.start_remote({ {**options, "socket": str(hub.folder / "nobody.sock")} })
except OSError:
    print(standing().is_in, standing().server.is_running, len(standing().reconnect), len(start._listening))
start.detach()
try:
    start.start_remote({ {**options, "socket": str(hub.folder / "nobody.sock")} })
except OSError:
    print(standing(), sqlite3.connect)
""")
    assert run(hub, program) == (0, "True True 1 1\nNone <built-in function connect>\n", "")


def test_coming_twice_to_one_hub_is_coming_once(options: dict[str, object], hub: Hub, written: Write) -> None:
    program = written(f"""{BEGIN}
start.start_remote({options})
start.start_remote({options})
input()
print(told(), start.state()["failures"])
""")
    running = hub.start([sys.executable, "-W", "ignore", str(program)], plain_environment())
    client = hub.met()
    state = client.told(lambda _: True)
    assert [c["found"] for c in state["connections"]] == ["heap"] * 3
    running.say()
    assert running.end() == (0, "['heap', 'heap', 'heap'] []\n", "")
    with pytest.raises(TimeoutError):
        hub.arrival(0.1)


def test_who_comes_while_the_last_one_leaves_is_welcome(options: dict[str, object], hub: Hub, written: Write) -> None:
    program = written(f"""{BEGIN}
options = {options}
plain = sqlite3.connect
start.start_remote(options)
server = standing().server
take_out, has_begun, go_on = server.on_detach, threading.Event(), threading.Event()
def taken_out():
    take_out()
    has_begun.set()
    go_on.wait(60)
server.on_detach = taken_out
print("ready", flush=True)
input()
has_begun.wait(60)
threading.Timer(0.1, go_on.set).start()
start.start_remote(options)
input()
print(standing().server is server, standing().is_in, told(), start.state()["failures"])
start.detach()
print(sqlite3.connect is plain)
""")
    running = hub.start([sys.executable, "-W", "ignore", str(program)], plain_environment())
    first = hub.met()
    first.told(lambda _: True)
    assert running.line() == "ready"
    running.say()
    first.sock.close()
    second = hub.met()
    state = second.told(lambda _: True)
    assert [c["found"] for c in state["connections"]] == ["heap"] * 3
    running.say()
    assert running.end() == (0, "False True ['heap', 'heap', 'heap'] []\nTrue\n", "")


def test_a_connection_that_is_closed_while_a_state_is_made_is_told_once(hub: Hub, written: Write) -> None:
    program = written(f"""{BEGIN}
start.record()
recorder = standing().recorder
closing = next(iter(recorder.open.values()))
# Between two looks: it is no longer open in the one, and was in the other.
recorder._closed_in_memory.append(closing)
print(len(told()))
""")
    assert run(hub, program) == (0, "3\n", "")


def test_whose_a_connection_is_does_not_depend_on_how_far_our_thread_has_come(hub: Hub, written: Write) -> None:
    program = written("""
        import sqlite3, threading
        from memdb_tui.probe.standing import Standing

        kept = sqlite3.connect(":memory:", check_same_thread=False)
        standing = Standing("token")
        standing.put_in()
        assert standing.find_older() == 1
        (record,) = standing.recorder.open.values()

        def owners():
            found = set()
            for _ in range(300):
                record.ident = None
                standing.server.start()
                standing.look_at_own()
                found.add(record.ident)
                assert standing.server.pause(30.0)
            return found

        assert owners() == {threading.get_ident()}
        goes_on = threading.Event()
        other = threading.Thread(target=goes_on.wait)
        other.start()
        # Either of the two may be the one that uses it.
        assert owners() == {None}
        goes_on.set()
        other.join()
        standing.server.drop()
        print("over")
    """)
    assert hub.plain(program) == (0, "over\n", "")
