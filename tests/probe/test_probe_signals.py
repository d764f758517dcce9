"""What is done without signals leaves their mask as it was, whenever a handler of the program raises."""

from __future__ import annotations

import signal
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
    [lambda: threads.without_signals(lambda: None), lambda: threads.Thread(lambda: None).start()],
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


def in_a_callback(work: str) -> str:
    """A program in which work is done in the callback of a weak reference: what that raises is only printed."""
    return f"""
        import signal, sys, time, traceback, weakref
        sys.path.insert(0, {ROOT!r})
        from memdb_tui.probe import afterwards
        printed, calls = [], []
        sys.unraisablehook = lambda told: printed.append(told.exc_type)
        class Mine(Exception):
            pass
        def ring(*_):
            raise Mine("rang", 1)
        signal.signal(signal.SIGALRM, ring)
        class Thing:
            pass
        def work(_):
            calls.append(signal.SIGALRM in signal.pthread_sigmask(signal.SIG_BLOCK, ()))
            {work}
        def gone(_):
            held = {{}}
            afterwards.hold(held, work)
            afterwards.afterwards(held)
        thing = Thing()
        watch = weakref.ref(thing, gone)
        try:
            del thing
            time.sleep(0)
            print("nothing was raised")
        except Mine as error:
            names = [frame.name for frame in traceback.extract_tb(error.__traceback__)]
            print(error.args, type(error) is Mine, names, calls, printed)
        print(signal.pthread_sigmask(signal.SIG_BLOCK, ()))
    """


def test_a_signal_that_comes_in_a_callback_is_handled_when_that_is_left(
    hub: Hub, written: Callable[[str], Path]
) -> None:
    program = written(in_a_callback("signal.raise_signal(signal.SIGALRM)"))
    assert hub.plain(program) == (0, "('rang', 1) True ['<module>', 'ring'] [True] []\nset()\n", "")


def test_what_a_handler_raises_in_a_callback_is_raised_when_that_is_left(
    hub: Hub, written: Callable[[str], Path]
) -> None:
    """As where another thread was given the signal, so that it does not help to block it."""
    program = written(in_a_callback("if len(calls) == 1: ring()"))
    told = "('rang', 1) True ['<module>', 'work', 'ring'] [True, True] []\nset()\n"
    assert hub.plain(program) == (0, told, "")


def test_all_that_handlers_raise_in_a_callback_is_raised_one_after_the_other(
    hub: Hub, written: Callable[[str], Path]
) -> None:
    program = written(f"""
        import sys, weakref
        sys.path.insert(0, {ROOT!r})
        from memdb_tui.probe import afterwards
        class Thing:
            pass
        watch = []
        def lose(*errors):
            thing = Thing()
            watch.append(weakref.ref(thing, lambda _: afterwards.afterwards({{"lost": list(errors)}})))
            del thing
        caught = []
        first, second = KeyboardInterrupt("first"), SystemExit("second")
        try:
            try:
                lose(first, second)
                abs(0)
            except BaseException as error:
                caught.append(error)
        except BaseException as error:
            caught.append(error)
        print([error is known for error, known in zip(caught, (first, second), strict=True)])
        print(bool(afterwards._again))
    """)
    assert hub.plain(program) == (0, "[True, True]\nFalse\n", "")


def test_what_a_thread_was_to_raise_is_raised_in_that_thread(hub: Hub, written: Callable[[str], Path]) -> None:
    program = written(f"""
        import sys, threading, weakref
        sys.path.insert(0, {ROOT!r})
        from memdb_tui.probe import afterwards
        class Mine(Exception):
            pass
        class Thing:
            pass
        def lose():
            try:
                thing = Thing()
                watch = weakref.ref(thing, lambda _: afterwards.afterwards({{"lost": [Mine()]}}))
                del thing
                for _ in range(100):
                    abs(0)
                print("nothing was raised")
            except Mine:
                print("raised in", threading.current_thread().name)
        thread = threading.Thread(target=lose, name="another")
        thread.start()
        thread.join()
    """)
    assert hub.plain(program) == (0, "raised in another\n", "")
