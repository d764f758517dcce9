"""What the terminal's driver does when the terminal is gone."""

from __future__ import annotations

import io
import threading

from memdb_tui.ui.terminal_driver import _Writer

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
