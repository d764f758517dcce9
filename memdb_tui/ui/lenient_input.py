"""What a terminal sends is not always a key, nor UTF-8: a paste from elsewhere, noise on a line."""

from __future__ import annotations

import codecs
import sys
from functools import partial

from textual.driver import Driver


def lenient(driver: type[Driver]) -> type[Driver]:
    """The driver, with input that cannot be read dropped, and bytes that are no UTF-8 read as U+FFFD.

    The input thread of Textual's own ends the program at the first such byte, and every database with it.
    """
    if sys.platform == "win32":
        return driver
    from textual.drivers import linux_driver  # noqa: PLC0415 - there is none on Windows

    if driver is not linux_driver.LinuxDriver:
        return driver
    # The driver names no other place to say so.
    vars(linux_driver)["getincrementaldecoder"] = _replacing_decoder

    class LenientDriver(linux_driver.LinuxDriver):
        """Goes on reading after a key that is none."""

        def run_input_thread(self) -> None:
            """Reads until the end, whatever comes."""
            while not self.exit_event.is_set():
                try:
                    super().run_input_thread()
                # Numbers too large for a character, parameters missing or no numbers: Textual's parser raises these.
                except (ArithmeticError, LookupError, ValueError):
                    continue

    return LenientDriver


def _replacing_decoder(encoding: str) -> partial[codecs.IncrementalDecoder]:
    return partial(codecs.getincrementaldecoder(encoding), errors="replace")
