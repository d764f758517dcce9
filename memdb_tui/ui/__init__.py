"""The terminal UI: a Textual application, a client of a host."""

from __future__ import annotations

import os

_FRAMES_PER_SECOND = "240"
"""A frame that was just missed is waited for: at Textual's own 60, a key can take 33 ms to show for that alone."""

_is_chosen = "TEXTUAL_FPS" in os.environ
os.environ.setdefault("TEXTUAL_FPS", _FRAMES_PER_SECOND)

# Textual reads it once, here. Programs that are started from the UI are not to inherit it.
import textual.constants  # noqa: E402, F401

if not _is_chosen:
    del os.environ["TEXTUAL_FPS"]
