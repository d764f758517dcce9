"""What the terminal's driver does when the terminal is gone."""

from __future__ import annotations

import asyncio
import io
import os
import signal
import threading

import pytest

from memdb_tui.ui.terminal_driver import TerminalDriver, _Writer

SECONDS = 30.0


class DeadTerminal(io.StringIO):
    """Cannot be written to any more."""

    def write(self, _text: str) -> int:
        raise OSError(5, "Input/output error")


def test_writing_to_a_terminal_that_is_gone_makes_nobody_wait() -> None:
    writer = _Writer(DeadTerminal())
    writer.start()
    done = threading.Event()

    def write() -> None:
        for number in range(1000):
            writer.write(str(number))
        writer.stop()
        done.set()

    threading.Thread(target=write, daemon=True).start()

    assert done.wait(SECONDS)
    assert not writer.is_alive()


class Noting(TerminalDriver):
    """Notes what it would write; stands on a terminal of its own."""

    def __init__(self, terminal: int) -> None:
        self.noted: list[str] = []
        self.fileno = terminal
        self._loop = asyncio.get_running_loop()
        self._writer_thread = _Writer(io.StringIO())
        self._auto_restart = True
        self._must_signal_resume = False
        self._has_stopped = False

    @property
    def _is_in_background(self) -> bool:
        return False

    def suspend_application_mode(self) -> None:
        self.noted.append("leave")

    def resume_application_mode(self) -> None:
        self.noted.append("come back")


async def test_a_signals_handler_writes_nothing_itself_since_it_may_stand_in_the_midst_of_a_write(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    stops: list[int] = []
    monkeypatch.setattr(os, "kill", lambda _pid, number: stops.append(number))
    ours, terminal = os.openpty()
    try:
        driver = Noting(terminal)
        driver._sigcont_application()
        assert driver.noted == []
        await asyncio.sleep(0)
        assert driver.noted == ["leave", "come back"]

        driver._must_signal_resume = False
        driver._sigtstp_application()
        assert (driver.noted[2:], stops) == ([], [])
        await asyncio.sleep(0)
        assert (driver.noted[2:], stops) == (["leave"], [signal.SIGSTOP])
    finally:
        os.close(ours)
        os.close(terminal)
