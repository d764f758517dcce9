"""What a terminal sends is not always UTF-8: a paste from elsewhere, an old mouse report."""

from __future__ import annotations

import codecs
import sys
from functools import partial


def read_keys_leniently() -> None:
    """Has bytes that are no UTF-8 arrive as U+FFFD.

    Textual's input thread decodes strictly: the first such byte would end the program, and every database with it.
    It names no other place to say so.
    """
    if sys.platform == "win32":
        return
    from textual.drivers import linux_driver  # noqa: PLC0415 - there is none on Windows

    vars(linux_driver)["getincrementaldecoder"] = _lenient


def _lenient(encoding: str) -> partial[codecs.IncrementalDecoder]:
    return partial(codecs.getincrementaldecoder(encoding), errors="replace")
