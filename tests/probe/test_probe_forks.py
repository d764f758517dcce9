"""Programs that fork: no thread of ours lives across it, and each side has a channel of its own."""

from __future__ import annotations

import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from probe_hub import Client, Hub, Program

Write = Callable[[str], Path]
OTHER_PYTHONS = sorted(Path.home().glob(".pyenv/versions/3.1[2-9]*/bin/python")) or [Path(sys.executable)]


@pytest.mark.parametrize("python", [Path(sys.executable), *OTHER_PYTHONS[:1]], ids=lambda path: path.parts[-3])
def test_a_fork_gives_no_warning_and_the_child_its_own_channel(hub: Hub, written: Write, python: Path) -> None:
    program = written("""
        import os, sqlite3, sys
        kept = sqlite3.connect("file:m?mode=memory&cache=shared", uri=True)
        print("ready", flush=True)
        input()
        child = os.fork()
        if not child:
            mine = sqlite3.connect("child.db")
            mine.close()
            kept.close()
            sys.exit(7)
        _, status = os.waitpid(child, 0)
        more = sqlite3.connect("parent.db")
        print(os.waitstatus_to_exitcode(status))
        more.close()
        kept.close()
    """)
    running = hub.run(program, python=str(python), options=["-W", "error"])
    parent = hub.met()
    assert running.line() == "ready"
    running.say()
    child = hub.met()
    assert child.process["forked_from"] == parent.process["pid"]
    assert child.process["pid"] != parent.process["pid"]
    assert (parent.process["inherited"], child.process["inherited"]) == (0, 1)
    child.read_to_end()
    assert child.bye is not None
    assert [c["database"] for c in child.bye["connections"]] == ["file:m?mode=memory&cache=shared", "child.db"]
    assert any("forked while connections were open" in note for note in child.bye["notes"])
    parent.read_to_end()
    assert running.end() == (0, "7\n", "")
    assert parent.bye is not None
    assert [c["database"] for c in parent.bye["connections"]] == ["file:m?mode=memory&cache=shared", "parent.db"]
    assert parent.bye["failures"] == child.bye["failures"] == []


@pytest.mark.parametrize("python", [Path(sys.executable), *OTHER_PYTHONS], ids=lambda path: path.parts[-3])
def test_no_fork_of_many_gives_a_warning(hub: Hub, written: Write, python: Path) -> None:
    program = written("""
        import os, sqlite3, warnings
        warnings.simplefilter("always", DeprecationWarning)
        kept = sqlite3.connect(":memory:")
        print("ready", flush=True)
        input()
        for _ in range(5):
            child = os.fork()
            if not child:
                os._exit(0)
            os.waitpid(child, 0)
        kept.execute("SELECT 1")
        kept.close()
        print("forked", flush=True)
        input()
    """)
    running = hub.run(program, python=str(python))
    parent = hub.met()
    assert running.line() == "ready"
    running.say()
    assert running.line() == "forked"
    assert parent.state()["connections"][0]["closed_at"] is not None
    running.say()
    parent.read_to_end()
    assert running.end() == (0, "", "")


def test_many_forks_while_a_client_asks(hub: Hub, written: Write) -> None:
    program = written("""
        import os, sqlite3
        kept = sqlite3.connect(":memory:")
        for _ in range(30):
            child = os.fork()
            if not child:
                os._exit(0)
            os.waitpid(child, 0)
        print("over")
        kept.close()
    """)
    running = hub.run(program, options=["-W", "error"])
    client = hub.met()
    while client.bye is None:
        try:
            client.ask("state")
        except (AssertionError, ConnectionError):
            # It has ended.
            break
    assert running.end() == (0, "over\n", "")


def test_a_live_statement_that_runs_at_a_fork_is_interrupted(hub: Hub, written: Write) -> None:
    program = written("""
        import os, sqlite3
        kept = sqlite3.connect("file:m?mode=memory&cache=shared", uri=True)
        print("ready", flush=True)
        input()
        child = os.fork()
        if not child:
            os._exit(0)
        os.waitpid(child, 0)
        print("over")
        kept.close()
    """)
    running = hub.run(program, options=["-W", "error"])
    client = hub.met()
    assert running.line() == "ready"
    endless = "with recursive n(i) as (select 1 union all select i + 1 from n) select count(*) from n"
    number = client.ask_later("live", connection="c1", sql=endless, milliseconds=600_000)
    client.ask("state")
    running.say()
    assert client.answer_to(number)["status"] == "interrupted"
    client.read_to_end()
    assert running.end() == (0, "over\n", "")


def test_however_many_threads_fork_at_once_there_is_one_thread_of_ours(hub: Hub, written: Write) -> None:
    program = written("""
        import os, sqlite3, threading, time
        kept = sqlite3.connect(":memory:")
        def fork():
            for _ in range(20):
                child = os.fork()
                if not child:
                    os._exit(0)
                os.waitpid(child, 0)
        for _ in range(5):
            threads = [threading.Thread(target=fork) for _ in range(4)]
            for thread in threads:
                thread.start()
            for thread in threads:
                thread.join()
            # A thread that is joined is still there for a moment.
            until = time.monotonic() + 30
            while (count := len(os.listdir("/proc/self/task"))) > 2 and time.monotonic() < until:
                time.sleep(0.001)
            print(count, flush=True)
            input()
        kept.close()
    """)
    running = hub.run(program, options=["-W", "ignore"])
    parent = hub.met()
    # The children end at once, and meet nobody.
    hub.socket_path.unlink()
    for _ in range(5):
        # One of ours may just be about to start.
        assert running.line() in {"1", "2"}
        assert parent.state()["failures"] == []
        running.say()
    assert running.end()[0] == 0


def test_children_of_multiprocessing_are_met(hub: Hub, written: Write) -> None:
    program = written("""
        import multiprocessing, sqlite3
        def work(number):
            connection = sqlite3.connect(":memory:")
            connection.execute("create table t(x)")
            return number * 2
        if __name__ == "__main__":
            pool = multiprocessing.get_context("fork").Pool(2)
            print(pool.map(work, [1, 2, 3]))
            # Not `with`: that kills the workers, however far they have come.
            pool.close()
            pool.join()
    """)
    running = hub.run(program)
    parent = hub.met()
    children = [hub.met(), hub.met()]
    assert {child.process["forked_from"] for child in children} == {parent.process["pid"]}
    assert running.end() == (0, "[2, 4, 6]\n", "")


def test_a_program_that_closes_all_descriptors_is_not_written_into(hub: Hub, written: Write) -> None:
    program = written("""
        import os, sqlite3, resource
        kept = []
        print("ready", flush=True)
        input()
        limit = min(resource.getrlimit(resource.RLIMIT_NOFILE)[0], 4096)
        os.closerange(3, limit)
        files = [os.open(f"file{n}", os.O_RDWR | os.O_CREAT) for n in range(limit - 10)]
        for number in range(100):
            kept.append(sqlite3.connect(":memory:"))
        print({os.fstat(file).st_size for file in files})
    """)
    # It may come once more, which nobody sees.
    running = hub.run(program, is_met=False)
    client = hub.met()
    assert running.line() == "ready"
    running.say()
    client.read_to_end()
    assert running.end() == (0, "{0}\n", "")


@pytest.mark.parametrize("python", [Path(sys.executable), *OTHER_PYTHONS], ids=lambda path: path.parts[-3])
def test_a_worker_of_multiprocessing_says_its_last_words(hub: Hub, written: Write, python: Path) -> None:
    program = written("""
        import multiprocessing, sqlite3
        def work():
            sqlite3.connect("file:worker?mode=memory", uri=True).close()
        if __name__ == "__main__":
            worker = multiprocessing.get_context("fork").Process(target=work)
            worker.start()
            worker.join()
            print(worker.exitcode)
    """)
    running = hub.run(program, python=str(python), options=["-W", "error"])
    parent, worker = hub.met(), hub.met()
    worker.read_to_end()
    parent.read_to_end()

    assert worker.bye is not None
    assert [c["database"] for c in worker.bye["connections"]] == ["file:worker?mode=memory"]
    assert worker.bye["failures"] == []
    assert running.end() == (0, "0\n", "")


# On one line, so that it takes the indentation of the program that it ends.
STARTS_A_WORKER = (
    "context = multiprocessing.get_context('fork'); is_met = context.Event(); "
    "worker = context.Process(target=work); worker.start(); input(); is_met.set(); worker.join(); "
    "print(worker.exitcode)"
)


def _run_with_worker(hub: Hub, program: Path, python: Path) -> tuple[Program, Client]:
    """Run a program that `STARTS_A_WORKER`; the worker goes on when it has been met."""
    running = hub.run(program, python=str(python))
    parent, worker = hub.met(), hub.met()
    running.say()
    worker.read_to_end()
    parent.read_to_end()
    return running, worker


@pytest.mark.parametrize("python", [Path(sys.executable), *OTHER_PYTHONS], ids=lambda path: path.parts[-3])
@pytest.mark.parametrize(("name", "status"), [("SIGTERM", 0), ("SIGKILL", -9)])
def test_a_worker_that_is_killed_in_its_last_words_has_printed_and_ended_by_then(
    hub: Hub, written: Write, python: Path, name: str, status: int
) -> None:
    program = written(f"""
        import multiprocessing, os, signal, sqlite3, sys
        def look(frame, event, argument):
            code = frame.f_code
            if event == "call" and code.co_name == "finish" and code.co_filename.startswith("<memdb-tui>"):
                os.kill(os.getpid(), signal.{name})
        def work():
            sqlite3.connect(":memory:").close()
            print("worked")
            is_met.wait()
            sys.setprofile(look)
        {STARTS_A_WORKER}
    """)
    running, worker = _run_with_worker(hub, program, python)

    assert (worker.bye is not None) == (name == "SIGTERM")
    assert running.end() == (0, f"worked\n{status}\n", "")


@pytest.mark.parametrize("python", [Path(sys.executable), *OTHER_PYTHONS], ids=lambda path: path.parts[-3])
def test_a_worker_with_an_executor_says_its_last_words(hub: Hub, written: Write, python: Path) -> None:
    program = written(f"""
        import concurrent.futures, multiprocessing, sqlite3
        def opened(number):
            return sqlite3.connect("file:thread%d?mode=memory" % number, uri=True, check_same_thread=False)
        def work():
            global executor, last
            executor = concurrent.futures.ThreadPoolExecutor(1)
            executor.submit(opened, 1).result().close()
            is_met.wait()
            last = executor.submit(opened, 2)
        {STARTS_A_WORKER}
    """)
    running, worker = _run_with_worker(hub, program, python)

    assert worker.bye is not None
    assert [c["database"] for c in worker.bye["connections"]] == [
        "file:thread1?mode=memory",
        "file:thread2?mode=memory",
    ]
    assert worker.bye["failures"] == []
    assert running.end()[:2] == (0, "0\n")


def test_a_program_that_closes_all_descriptors_is_met_again(hub: Hub, written: Write) -> None:
    program = written("""
        import os, sqlite3
        before = sqlite3.connect("file:before?mode=memory", uri=True)
        print("ready", flush=True)
        input()
        os.closerange(3, 65536)
        after = sqlite3.connect("file:after?mode=memory", uri=True)
        print("closed", flush=True)
        input()
    """)
    running = hub.run(program)
    first = hub.met()
    assert running.line() == "ready"
    running.say()
    assert running.line() == "closed"
    first.read_to_end()
    assert first.bye is None
    again = hub.met()
    assert again.process["instance"] == first.process["instance"]
    running.say()
    again.read_to_end()
    assert again.bye is not None
    assert [c["database"] for c in again.bye["connections"]] == ["file:before?mode=memory", "file:after?mode=memory"]
    assert again.bye["failures"] == []
    assert running.end() == (0, "", "")
