"""Whether the line that ran when a connection ended is the one that closed it.

A connection and its cache of statements hold each other, so one that the program lets go of without closing it ends
when the garbage collector comes by, whatever line runs then.
"""

from __future__ import annotations

import sys

TYPE_CHECKING = False
if TYPE_CHECKING:
    from .places import Site

_CLOSE = "close"
_BYTE_BITS = 8
LOADS = {
    (3, 11): {"LOAD_METHOD": (160, 0)},
    (3, 12): {"LOAD_ATTR": (106, 1), "LOAD_SUPER_ATTR": (141, 2)},
    (3, 13): {"LOAD_ATTR": (82, 1), "LOAD_SUPER_ATTR": (93, 2)},
    (3, 14): {"LOAD_ATTR": (80, 1), "LOAD_SUPER_ATTR": (96, 2)},
}
"""What looks a method up, for each version of Python: its opcode, and how many bits follow the number of the name.

Python's module `opcode` is not imported: in a program it may be a file of the program's own.
"""
EXTENDED = {(3, 11): 144, (3, 12): 144, (3, 13): 71, (3, 14): 69}
"""EXTENDED_ARG, which holds what of a number has no room in one byte, in the units before."""
BETWEEN = {(3, 11): {"CACHE": 0, "PRECALL": 166}}
"""What can stand between that and the call."""
_VERSION = sys.version_info[:2]
_loads = dict(LOADS.get(_VERSION, {}).values())
_extended = EXTENDED.get(_VERSION)
_between = tuple(BETWEEN.get(_VERSION, {"CACHE": 0}).values())


def calls_close(site: Site) -> bool:
    """Whether what runs at a place is a call of a method `close` without arguments."""
    code, offset, _ = site
    if _CLOSE not in code.co_names:
        return False
    units = code.co_code
    place = offset - 2
    while place > 0 and units[place] in _between:
        place -= 2
    if place < 0 or units[place] not in _loads:
        return False
    bits = _loads[units[place]]
    number, shift = units[place + 1], _BYTE_BITS
    while place >= 2 and units[place - 2] == _extended:  # noqa: PLR2004 - a unit is two bytes
        number |= units[place - 1] << shift
        place, shift = place - 2, shift + _BYTE_BITS
    return code.co_names[number >> bits] == _CLOSE
