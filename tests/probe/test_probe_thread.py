"""The one thread that talks to clients: it is there when it is wanted, whatever came in between."""

from __future__ import annotations

import gc
import socket
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path

import pytest
from probe_hub import DEADLINE_SECONDS, TOKEN, Client, Hub

from memdb_tui.probe import threads
from memdb_tui.probe.channel import Channel
from memdb_tui.probe.collector import Collector
from memdb_tui.probe.standing import Standing

Write = Callable[[str], Path]
OTHER_PYTHONS = sorted(Path.home().glob(".pyenv/versions/3.1[2-9]*/bin/python"))


@pytest.fixture
def standing() -> Iterator[Standing]:
    """A probe that watches nothing."""
    made = Standing(TOKEN)
    yield made
    assert made.server.pause(DEADLINE_SECONDS)
    made.server.drop()


@pytest.mark.parametrize("has_ended", [False, True], ids=["still busy", "ended since"])
def test_a_thread_that_did_not_end_in_time_is_there_when_it_is_wanted_again(
    standing: Standing, monkeypatch: pytest.MonkeyPatch, *, has_ended: bool
) -> None:
    server = standing.server
    is_busy, goes_on = threading.Event(), threading.Event()

    def take_long() -> None:
        is_busy.set()
        goes_on.wait(DEADLINE_SECONDS)

    monkeypatch.setattr(server.requests, "go_on", take_long)
    server.start()
    server.wake()
    assert is_busy.wait(DEADLINE_SECONDS)
    assert not server.pause(0.001)
    monkeypatch.undo()
    busy = server._serving.thread
    assert busy is not None
    if has_ended:
        goes_on.set()
        assert busy.join(DEADLINE_SECONDS)

    server.start()
    goes_on.set()

    theirs, ours = socket.socketpair()
    server.add(Channel(ours, TOKEN))
    with closing(Client(theirs)) as client:
        assert client.hello()["pid"]
    assert (server._serving.thread is busy) is not has_ended


@pytest.mark.parametrize("own_bytes", [0, 1 << 20])
@pytest.mark.parametrize("is_too_small", [False, True], ids=["", "too small for what libraries need"])
def test_its_small_stack_is_its_own(
    standing: Standing, monkeypatch: pytest.MonkeyPatch, own_bytes: int, *, is_too_small: bool
) -> None:
    sizes = []
    start = threads.start_new_thread

    def starting(function: Callable[..., object], arguments: tuple[object, ...]) -> int:
        sizes.append(threading.stack_size())
        if is_too_small and sizes[-1] not in {0, own_bytes}:
            raise RuntimeError("can't start new thread")
        return start(function, arguments)

    monkeypatch.setattr(threads, "start_new_thread", starting)
    before = threading.stack_size(own_bytes)
    try:
        standing.server.start()
        assert threading.stack_size() == own_bytes
    finally:
        threading.stack_size(before)
    assert standing.server.is_running
    assert sizes == ([512 << 10, own_bytes] if is_too_small else [512 << 10])


@pytest.mark.parametrize("python", [Path(sys.executable), *OTHER_PYTHONS], ids=lambda path: path.parts[-3])
def test_the_programs_garbage_is_collected_in_its_own_thread(hub: Hub, written: Write, python: Path) -> None:
    program = written("""
        import gc, select, sqlite3, sys, threading, time
        from functools import partial
        from operator import call
        others = [sqlite3.connect(":memory:") for _ in range(30)]
        log = sqlite3.connect(":memory:")
        log.execute("CREATE TABLE closed(number)")
        main, foreign, made = threading.get_ident(), 0, 0
        gc.set_threshold(700, 10, 10)
        class Session:
            def __init__(self, number):
                self.number = number
                self.me = self
            def __del__(self):
                global foreign
                if threading.get_ident() == main:
                    log.execute("INSERT INTO closed VALUES(?)", (self.number,))
                else:
                    foreign += 1
        wait = partial(select.select, [sys.stdin], [], [], 0.0005)
        print("ready", flush=True)
        # No other thread of the program's, which could collect as well. In one call into C it makes so much that a
        # collection is due, and waits: no instruction of its own is there before that.
        while not [*map(call, (partial(list, map(list, [()] * 800)), wait))][1][0]:
            Session(made)
            made += 1
            log.execute("SELECT 1").fetchone()
        gc.collect()
        closed = log.execute("SELECT count(*) FROM closed").fetchone()[0]
        print(made > 10, made - closed - foreign, foreign)
        while gc.get_threshold()[:2] != (700, 10):
            time.sleep(0.001)
    """)
    running = hub.run(program, python=str(python))
    client = hub.met()
    assert running.line() == "ready"
    for _ in range(1000):
        assert client.state()["failures"] == []
    running.say()
    status, told, complaints = running.end()
    assert (status, told, complaints) == (0, "True 0 0\n", "")


def test_thresholds_that_are_read_meanwhile_and_set_again_are_those_of_before() -> None:
    collector, before = Collector(), gc.get_threshold()
    try:
        collector.rest(1)
        meanwhile = gc.get_threshold()
        collector.work(1)
        assert gc.get_threshold() == before != meanwhile
        gc.set_threshold(*meanwhile)
        collector.rest(1)
        collector.rest(2)
        collector.work(1)
        assert gc.get_threshold() == meanwhile
        collector.work(2)
        assert gc.get_threshold() == before
    finally:
        gc.set_threshold(*before)


def test_a_hub_that_hangs_up_ends_no_program_that_leaves_sigpipe_as_it_is(hub: Hub, written: Write) -> None:
    program = written("""
        import os, signal
        signal.signal(signal.SIGPIPE, signal.SIG_DFL)
        input()
        found = set()
        for _ in range(100):
            child = os.fork()
            if not child:
                os._exit(0)
            found.add(os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]))
        print(found)
    """)
    running = hub.run(program, follow=False)
    hub.met()
    over = threading.Event()

    def hang_up_on_all() -> None:
        hub._listener.settimeout(0.05)
        while not over.is_set():
            try:
                sock, _ = hub._listener.accept()
            except TimeoutError:
                continue
            sock.close()

    hanging_up = threading.Thread(target=hang_up_on_all)
    hanging_up.start()
    running.say()
    ended = running.end()
    over.set()
    hanging_up.join(DEADLINE_SECONDS)
    assert ended == (0, "{0}\n", "")


def test_a_connection_that_is_just_being_taken_down_is_not_counted_as_closed(standing: Standing) -> None:
    standing.recorder.next_number()

    assert standing.recorder.dropped == 0
