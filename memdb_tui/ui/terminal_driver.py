"""The terminal, with what Textual's own driver does not expect of one: noise, stops from elsewhere, its end."""

from __future__ import annotations

import codecs
import os
import selectors
import signal
import threading
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from typing import Any

from textual import constants
from textual._xterm_parser import XTermParser
from textual.drivers import linux_driver
from textual.drivers._writer_thread import WriterThread
from textual.message import Message

_READ_BYTES = 1 << 12
_SECOND_LOOK_SECONDS = constants.ESCAPE_DELAY + 0.02
"""The parser takes an Escape that stood alone for that long for the key; looked at too early it never would."""
_NO_KEY = (ArithmeticError, LookupError, ValueError)
"""What the parser raises for numbers too large for a character, and for parameters missing or no numbers."""


class TerminalDriver(linux_driver.LinuxDriver):
    """Reads on after what is no key, comes back after any stop, and lets the program end with its terminal."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:  # noqa: ANN401  # Textual's own, passed on
        super().__init__(*args, **kwargs)
        self._ending = self.exit_event = _Ending()
        self._is_pausing = False
        self._has_stopped = False
        """For good: nobody takes the terminal again."""

    def start_application_mode(self) -> None:
        """As Textual's, with a writer of ours."""
        # The driver names no other place to say so.
        vars(linux_driver)["WriterThread"] = _Writer
        super().start_application_mode()  # type: ignore[no-untyped-call]  # untyped there

    def suspend_application_mode(self) -> None:
        """As Textual's: the terminal is another's for a while."""
        self._is_pausing = True
        try:
            super().suspend_application_mode()
        finally:
            self._is_pausing = False

    def stop_application_mode(self) -> None:
        """As Textual's; at the end a stop is from then on what it is for any process, and so is going on."""
        if not self._is_pausing:
            self._has_stopped = True
            for number in (signal.SIGTSTP, signal.SIGCONT):
                signal.signal(number, signal.SIG_DFL)
        super().stop_application_mode()

    def run_input_thread(self) -> None:
        """Read until the end, whatever comes: bytes that are no UTF-8 are read as U+FFFD.

        Nobody wakes while no key comes: only after one is there a second look, for an Escape that stood alone.
        """
        decode = codecs.getincrementaldecoder("utf-8")("replace").decode
        parser = XTermParser(self._debug)
        patience: float | None = None
        with selectors.SelectSelector() as waiting, self._ending.waking() as ended:
            waiting.register(self.fileno, selectors.EVENT_READ)
            waiting.register(ended, selectors.EVENT_READ)
            while not self._ending.is_set():
                is_there = any(key.fd == self.fileno for key, _ in waiting.select(patience))
                data = self._read() if is_there else b""
                patience = _SECOND_LOOK_SECONDS if is_there else None
                if data is None:
                    # A terminal's input never ends while there is the terminal.
                    os.kill(os.getpid(), signal.SIGHUP)
                    self._ending.wait()
                    return
                try:
                    if text := decode(data):
                        self._take(parser.feed(text))
                    self._take(parser.tick())
                except _NO_KEY:
                    parser = XTermParser(self._debug)

    def _read(self) -> bytes | None:
        """What is there; None at the terminal's end."""
        try:
            return os.read(self.fileno, _READ_BYTES) or None
        except BlockingIOError:
            # Somebody else has read it.
            return b""
        except OSError:
            return None

    def _take(self, messages: Iterable[Message]) -> None:
        for message in messages:
            self.process_message(message)

    def _sigtstp_application(self, *_: object) -> None:
        """Stops; what is to be written before that is written by the event loop, as in `_sigcont_application`."""
        if self._auto_restart:
            self._loop.call_soon_threadsafe(self._stop)
        else:
            super()._sigtstp_application()

    def _stop(self) -> None:
        if self._has_stopped:
            os.kill(os.getpid(), signal.SIGSTOP)
        elif self._writer_thread is not None:
            super()._sigtstp_application()

    def _sigcont_application(self, *_: object) -> None:
        """Goes on after a stop; the kernel sends this signal after a hangup as well.

        A signal's handler may write nothing: it runs in the midst of anything, of a write that holds the queue too.
        """
        if self._writer_thread is None or not os.isatty(self.fileno):
            return
        if self._is_in_background:
            # Whoever touches the terminal there is stopped in the midst of it. `fg` sends this signal again.
            os.kill(os.getpid(), signal.SIGSTOP)
        elif self._auto_restart:
            self._loop.call_soon_threadsafe(self._go_on)

    def _go_on(self) -> None:
        if self._has_stopped or self._writer_thread is None:
            return
        if not self._must_signal_resume:
            # Not stopped by ^Z: everything runs still, and whoever had the terminal meanwhile has changed it.
            self.suspend_application_mode()
            self._must_signal_resume = True
        super()._sigcont_application()

    @property
    def _is_in_background(self) -> bool:
        try:
            return os.tcgetpgrp(self.fileno) != os.getpgrp()
        except OSError:
            return False


class _Ending(threading.Event):
    """Set when reading is to end; whoever waits in a select wakes by it as well."""

    def __init__(self) -> None:
        super().__init__()
        self._lock = threading.Lock()
        self._bell: int | None = None

    @contextmanager
    def waking(self) -> Iterator[int]:
        """Give a descriptor that can be read from once the event is set; one at a time."""
        heard, bell = os.pipe()
        with self._lock:
            self._bell = bell
        try:
            yield heard
        finally:
            with self._lock:
                self._bell = None
            os.close(bell)
            os.close(heard)

    def set(self) -> None:
        """Set it, and wake who waits."""
        super().set()
        with self._lock:
            if self._bell is not None:
                os.write(self._bell, b"\0")


class _Writer(WriterThread):
    """Goes on taking what is written when the terminal is gone: else whoever writes would wait for ever."""

    def run(self) -> None:
        """Write until told to stop."""
        try:
            super().run()
        except OSError:
            while self._queue.get() is not None:
                pass
