"""Counting different files without keeping their names."""

from __future__ import annotations

_BITS = 1 << 22
_PROBES = 4


class SeenPaths:
    """A Bloom filter over paths: half a mebibyte, however many there are.

    After 50,000 different paths about five in a million new ones are taken for one met before.
    """

    def __init__(self) -> None:
        self._bits = bytearray(_BITS // 8)

    def __contains__(self, path: str) -> bool:
        """The path was added before, as good as surely."""
        return all(self._bits[place >> 3] & (1 << (place & 7)) for place in _places(path))

    def add(self, path: str) -> None:
        """Remember a path."""
        for place in _places(path):
            self._bits[place >> 3] |= 1 << (place & 7)


def _places(path: str) -> tuple[int, ...]:
    # Double hashing: two halves of one 64-bit hash give as many places as are needed.
    value = hash(path)
    first, step = value & 0xFFFFFFFF, (value >> 32 & 0xFFFFFFFF) | 1
    return tuple((first + step * i) % _BITS for i in range(_PROBES))
