"""`--memdb-inspect`: the UI opens where a test has failed, before anything is torn down."""

from __future__ import annotations

from collections.abc import Callable, Generator, Iterator
from contextlib import contextmanager
from types import TracebackType

import pytest

_OPENS_AT = frozenset({"setup", "call"})
_REFUSAL = (
    "--memdb-inspect needs the terminal, and the workers of xdist have none: "
    "run without -n (or with -n 0), or leave --memdb-inspect out."
)

_RawException = tuple[type[BaseException], BaseException, TracebackType]


def add_inspecting(config: pytest.Config) -> None:
    """Open the UI at failures from now on.

    Raises:
        pytest.UsageError: The tests run in workers of xdist.
    """
    if hasattr(config, "workerinput") or getattr(config.option, "tx", None):
        raise pytest.UsageError(_REFUSAL)
    config.pluginmanager.register(_InspectOnFailure(config), "memdb-tui-inspect")


class _InspectOnFailure:
    """Opens the UI on the failures of setup and call; once for a test."""

    def __init__(self, config: pytest.Config) -> None:
        self._config = config
        self._shown = ""

    def pytest_exception_interact(
        self, node: pytest.Item, call: pytest.CallInfo[object], report: pytest.TestReport
    ) -> None:
        """A failure that is no skip and no expected one; the frames of its traceback and all fixtures live."""
        if getattr(report, "when", None) in _OPENS_AT and not hasattr(report, "wasxfail"):
            self._open(node.nodeid, None if call.excinfo is None else call.excinfo.tb)

    @pytest.hookimpl(wrapper=True)
    def pytest_runtest_call(self, item: pytest.Item) -> Generator[None, object, object]:
        """A unittest.TestCase tears down within its call: its UI opens as soon as it reports a failure."""
        self._shown = ""
        if not isinstance(item, pytest.Function) or not hasattr(item, "addFailure"):
            return (yield)
        names = ("addFailure", "addError")
        for name in names:
            vars(item)[name] = self._opening_first(item, getattr(item, name))
        try:
            return (yield)
        finally:
            for name in names:
                vars(item).pop(name, None)

    def _opening_first(
        self, item: pytest.Item, report_failure: Callable[[object, _RawException], None]
    ) -> Callable[[object, _RawException], None]:
        def report(case: object, raised: _RawException) -> None:
            report_failure(case, raised)
            if not issubclass(raised[0], (pytest.skip.Exception, pytest.xfail.Exception)):
                self._open(item.nodeid, raised[2])

        return report

    def _open(self, test: str, raised: TracebackType | None) -> None:
        if self._shown == test:
            return
        self._shown = test
        from memdb_tui.doors.inspecting import inspect_because  # noqa: PLC0415 - only when a test has failed

        with _without_capture(self._config):
            reporter = self._config.pluginmanager.getplugin("terminalreporter")
            if reporter is not None:
                reporter.ensure_newline()
                reporter.write_sep(">", f"{test} failed: memdb-tui opens, quit it to go on")
            inspect_because(f"The test {test} has failed.", raised)


@contextmanager
def _without_capture(config: pytest.Config) -> Iterator[None]:
    """Let prints through, and put capturing back as it was: between the phases of a test only stdin is captured."""
    manager = config.pluginmanager.getplugin("capturemanager")
    if manager is None:
        yield
        return
    was_capturing = manager.is_globally_capturing()
    manager.suspend(in_=True)
    try:
        yield
    finally:
        if was_capturing:
            manager.resume()
        else:
            manager.resume_global_capture()
            manager.suspend_global_capture(in_=False)
