"""What is done without signals leaves their mask as it was, whenever a handler of the program raises."""

from __future__ import annotations

import signal
import sys
from collections.abc import Callable, Iterable
from pathlib import Path
from types import SimpleNamespace

import pytest
from probe_hub import Hub

from memdb_tui.probe import threads

ROOT = str(Path(__file__).parents[2])


class Interrupting(SimpleNamespace):
    """The module `_signal`, with a signal that is there as all are blocked: Python calls handlers after that."""

    def pthread_sigmask(self, how: int, mask: Iterable[int]) -> set[int]:
        wanted = set(mask)
        before = signal.pthread_sigmask(how, wanted)
        if how == signal.SIG_BLOCK and wanted:
            raise KeyboardInterrupt
        return {int(number) for number in before}


@pytest.mark.parametrize(
    "begin",
    [lambda: threads.without_signals(lambda: None), lambda: threads.Thread(lambda: None)],
    ids=["work", "thread"],
)
def test_a_signal_in_the_moment_they_are_blocked_blocks_none_for_good(
    monkeypatch: pytest.MonkeyPatch, begin: Callable[[], object]
) -> None:
    before = signal.pthread_sigmask(signal.SIG_BLOCK, ())
    others = {name: value for name, value in vars(threads._signal).items() if name != "pthread_sigmask"}
    monkeypatch.setattr(threads, "_signal", Interrupting(**others))

    try:
        with pytest.raises(KeyboardInterrupt):
            begin()
        assert signal.pthread_sigmask(signal.SIG_BLOCK, ()) == before
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)


def test_a_thread_that_was_started_is_seen_until_it_runs(hub: Hub, written: Callable[[str], Path]) -> None:
    program = written(f"""
        import _thread, os, sys, time
        sys.path.insert(0, {ROOT!r})
        from memdb_tui.probe.guard import is_a_thread_beginning
        # With one processor it does not run before this one waits, and is not made to wait.
        os.sched_setaffinity(0, {{min(os.sched_getaffinity(0))}})
        sys.setswitchinterval(1000)
        is_a_thread_beginning()
        waits = _thread.allocate_lock()
        waits.acquire()
        before = is_a_thread_beginning()
        _thread.start_new_thread(lambda: waits.acquire(), ())
        begins = is_a_thread_beginning()
        while is_a_thread_beginning():
            time.sleep(0.001)
        print(before, begins)
        waits.release()
    """)
    assert hub.plain(program) == (0, "False True\n", "")


@pytest.mark.skipif(sys.version_info >= (3, 12), reason="every thread has a number of its own from 3.12 on")
def test_what_is_raised_again_waits_until_no_thread_has_the_number_of_another(
    hub: Hub, written: Callable[[str], Path]
) -> None:
    program = written(f"""
        import sys, time
        sys.path.insert(0, {ROOT!r})
        from memdb_tui.probe import guard
        answers = [True] * 5
        guard.is_a_thread_beginning = lambda: bool(answers and answers.pop())
        try:
            guard.Delivery(KeyboardInterrupt()).is_left = True
            while True:
                time.sleep(0.001)
        except KeyboardInterrupt:
            print(answers)
    """)
    assert hub.plain(program) == (0, "[]\n", "")


def test_what_is_raised_again_waits_until_the_place_is_left_from_where_nothing_can_be_raised(
    hub: Hub, written: Callable[[str], Path]
) -> None:
    program = written(f"""
        import sys, time, weakref
        sys.path.insert(0, {ROOT!r})
        from memdb_tui.probe.guard import Delivery
        lost = []
        sys.unraisablehook = lambda told: lost.append(told.exc_type)
        class Thing:
            pass
        def gone(_):
            delivery = Delivery(KeyboardInterrupt("again"))
            until = time.monotonic() + 0.2
            while time.monotonic() < until:
                pass
            delivery.is_left = True
        thing = Thing()
        watch = weakref.ref(thing, gone)
        try:
            del thing
            while True:
                time.sleep(0.001)
        except KeyboardInterrupt as error:
            print(error, lost)
    """)
    assert hub.plain(program) == (0, "again []\n", "")
