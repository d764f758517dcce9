"""Times, sizes, counts and paths as people read them; pure functions, no markup."""

from __future__ import annotations

import time
from collections.abc import Sequence
from pathlib import Path

_KIB = 1024
_FOREVER_SECONDS = 1e8
_ONE_DECIMAL_BELOW = 10
"""Smaller figures are shown with one decimal: two significant figures are enough to compare by."""
_SECONDS_BELOW = 100
_MOST_NAMES = 3
_NAME_CHARACTERS = 40


def clock_time(at: float) -> str:
    """A moment as `12:00:58`, in local time."""
    return time.strftime("%H:%M:%S", time.localtime(at))


def age(seconds: float) -> str:
    """How long ago, coarser as it grows: `12 s`, `3 min`, `2 h`, `5 d`."""
    seconds = max(0.0, seconds)
    for limit, unit, word in ((_SECONDS_BELOW, 1, "s"), (_SECONDS_BELOW * 60, 60, "min"), (48 * 3600, 3600, "h")):
        if seconds < limit:
            return f"{int(seconds // unit)} {word}"
    return f"{int(seconds // 86400)} d"


def took(seconds: float) -> str:
    """A duration with about two significant figures: `0.3 ms`, `42 ms`, `1.4 s`, `2 min 5 s`."""
    milliseconds = seconds * 1000
    if milliseconds < _ONE_DECIMAL_BELOW:
        return f"{milliseconds:.1f} ms"
    if seconds < 1:
        return f"{milliseconds:.0f} ms"
    if seconds < _SECONDS_BELOW:
        return f"{seconds:.1f} s"
    return f"{int(seconds // 60)} min {int(seconds % 60)} s"


def waits(seconds: float) -> str:
    """A lock-wait setting: `off`, `5 s`, `until stopped`."""
    if seconds <= 0:
        return "off"
    return "until stopped" if seconds >= _FOREVER_SECONDS else f"{seconds:g} s"


def size(count: int | None) -> str:
    """Bytes in binary units: `8 KiB`, `1.4 MiB`; `?` when not known."""
    if count is None:
        return "?"
    if count < _KIB:
        return f"{count} B"
    amount = float(count)
    for unit in ("KiB", "MiB", "GiB", "TiB"):
        amount /= _KIB
        if amount < _KIB or unit == "TiB":
            decimals = 0 if amount >= _ONE_DECIMAL_BELOW or amount == int(amount) else 1
            return f"{amount:.{decimals}f} {unit}"
    raise AssertionError


def count(number: int, noun: str, plural: str = "") -> str:
    """`1 row`, `1,000 rows`."""
    return f"{number:,} {noun if number == 1 else plural or noun + 's'}"


def short_path(path: str, *, home: str | None = None) -> str:
    """The path with the home folder written as `~`."""
    home = str(Path.home()) if home is None else home
    if home not in {"", "/"} and (path == home or path.startswith(home + "/")):
        return "~" + path[len(home) :]
    return path


def thread_words(thread: str) -> str:
    """A thread as it is named in a sentence: `thread worker-1`; one without a name has its number in `thread 12`."""
    number = thread.removeprefix("thread ")
    return thread if number != thread and number.isdecimal() else f"thread {thread}"


def clip(text: str, width: int) -> str:
    """At most `width` characters, the cut marked by `…` at the end."""
    return text if len(text) <= width else text[: max(0, width - 1)] + "…"


_CONTROL_PICTURES = {code: chr(0x2400 + code) for code in range(0x20)}
_CONTROL_PICTURES |= {0x7F: "␡", 0x0A: "⏎", 0x0D: "␍", 0x09: "⇥"}
_CONTROL_PICTURES |= dict.fromkeys(range(0x80, 0xA0), "�")
# Invisible characters that would reorder or join what stands beside them on the screen.
_CONTROL_PICTURES |= dict.fromkeys([0x200E, 0x200F, *range(0x202A, 0x202F), *range(0x2066, 0x206A), 0xFEFF], "�")


def printable(text: str) -> str:
    """The text with control characters, line ends and lone surrogates as visible symbols, on one line."""
    shown = text.translate(_CONTROL_PICTURES)
    return shown.encode("utf-8", "replace").decode("utf-8") if _has_surrogate(shown) else shown


def name_some(names: Sequence[str]) -> str:
    """The first names, each shortened, and how many more there are: `a, b, c and 14 more`."""
    shown = ", ".join(clip(printable(name), _NAME_CHARACTERS) for name in names[:_MOST_NAMES])
    return f"{shown} and {len(names) - _MOST_NAMES:,} more" if len(names) > _MOST_NAMES else shown


def _has_surrogate(text: str) -> bool:
    try:
        text.encode()
    except UnicodeEncodeError:
        return True
    return False
