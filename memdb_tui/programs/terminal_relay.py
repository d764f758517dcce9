"""What stands between a program's terminal and who shows it: the program never waits for a reader that has stopped.

Run by its path as a process of its own, in a session of its own, with the standard library alone: `^Z` stops who
shows the program, and this goes on reading. What is read goes on as it came. A reader that is only slow makes the
program wait, as any terminal does, and nothing is lost; one that takes nothing for a while counts as stopped. Then
what comes is kept, and of more than can be kept the oldest gives way, with a line in its place that says how much.
"""

from __future__ import annotations

import os
import select
import sys
import time
from collections import deque

_READ_BYTES = 64 * 1024
PIECE_BYTES = 4 * 1024
"""Less is added to what came before."""
_WAITING_BYTES = 64 * 1024
"""What may wait for a reader that reads."""
_STOPPED_SECONDS = 1.0
"""A reader that has taken nothing for so long has stopped. A quarter of it is not enough: on a busy machine a reader
has no time for as long, and what a program that never stops writing is then let write takes minutes to read."""
KEPT_BYTES = 8 * 1024 * 1024
"""What is kept for a reader that has stopped."""
_LAST_BYTES = 4 * 1024 * 1024
"""More than any terminal holds back: who goes on writing after the end is not waited for."""


class Kept:
    """What was read and not yet handed on, the oldest first; when it is too much, the oldest goes.

    Args:
        most: Bytes kept at most.
    """

    def __init__(self, most: int) -> None:
        self._most = most
        self._pieces: deque[bytes] = deque()
        self._lost = 0
        self._line = b""
        self.size = 0
        """Bytes kept now, without the line that says how much is missing."""

    def __bool__(self) -> bool:
        """Whether there is something to hand on."""
        return bool(self._line or self._lost or self._pieces)

    def add(self, piece: bytes) -> None:
        """Takes in what comes last."""
        if self._pieces and len(self._pieces[-1]) < PIECE_BYTES:
            # A program that writes a few bytes at a time makes no more objects than one that writes many.
            self._pieces[-1] += piece
        else:
            self._pieces.append(piece)
        self.size += len(piece)
        while self.size > self._most:
            self._lost += len(self._pieces[0])
            self.size -= len(self._pieces.popleft())

    def first(self) -> bytes:
        """What is to be handed on next; empty when nothing is kept."""
        if self._lost and not self._line:
            self._begin_a_line()
            self._line = _line_for(self._lost)
            self._lost = 0
        return self._line or (self._pieces[0] if self._pieces else b"")

    def taken(self, count: int) -> None:
        """So many bytes of what `first` gave have been handed on."""
        if self._line:
            self._line = self._line[count:]
            return
        self._pieces[0] = self._pieces[0][count:]
        self.size -= count
        if not self._pieces[0]:
            self._pieces.popleft()

    def _begin_a_line(self) -> None:
        """Let go of the rest of a line of which the beginning is gone."""
        if not self._pieces:
            return
        partial, end, rest = self._pieces[0].partition(b"\n")
        if end and rest:
            self._pieces[0] = rest
            self.size -= len(partial) + len(end)
            self._lost += len(partial) + len(end)


def _line_for(lost: int) -> bytes:
    """CAN and `ESC [ m` first: the cut may have left an escape sequence, or a style, half said."""
    amount = f"{lost / 2**20:.1f} MiB" if lost >= 2**20 else f"{lost:,} bytes"
    return f"\x18\x1b[m\r\n[memdb-tui: {amount} of output are left out here: nobody was reading]\r\n".encode()


def relay(terminal: int, reader: int, most: int = KEPT_BYTES) -> None:
    """Hands on what is written on a terminal, until its reader ends its own side.

    Args:
        terminal: The master's descriptor, which does not block.
        reader: A stream socket's descriptor, which does not block; once its other end has been shut down for writing,
            what is on the terminal is handed on still, and this returns. It returns also when the reader is gone.
        most: Bytes kept while the reader has stopped.
    """
    kept = Kept(most)
    taken_at = time.monotonic()
    is_over = False
    while True:
        left = _STOPPED_SECONDS - (time.monotonic() - taken_at)
        has_room = kept.size < _WAITING_BYTES or left <= 0
        readable, writable, _ = select.select(
            [reader, terminal] if has_room and not is_over else [reader],
            [reader] if kept else [],
            [],
            None if has_room else left,
        )
        if reader in readable:
            break
        if terminal in readable:
            piece = _read(terminal)
            is_over = piece == b""
            if not kept:
                taken_at = time.monotonic()
            if piece:
                kept.add(piece)
        if writable:
            _hand_on(kept, reader)
            taken_at = time.monotonic()
    left_over = _LAST_BYTES
    while left_over > 0 and (piece := _read(terminal)):
        kept.add(piece)
        left_over -= len(piece)
    while kept:
        select.select([], [reader], [])
        _hand_on(kept, reader)


def _read(terminal: int) -> bytes | None:
    """What is there; None when nothing is just now, empty when nothing will be any more."""
    try:
        return os.read(terminal, _READ_BYTES)
    except BlockingIOError:
        return None
    except OSError:
        return b""


def _hand_on(kept: Kept, reader: int) -> None:
    """Gives what the reader takes at once.

    Raises:
        OSError: The reader is gone.
    """
    try:
        kept.taken(os.write(reader, kept.first()))
    except BlockingIOError:
        return


def main() -> None:
    """Relay between the two descriptors that the arguments name."""
    try:
        relay(int(sys.argv[1]), int(sys.argv[2]))
    except OSError:
        # Who would have read it is gone.
        return


if __name__ == "__main__":
    main()
