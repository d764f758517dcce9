"""What is needed of ctypes, without its modules in Python: the program may have a `ctypes.py` or a `struct.py`.

Those would be imported then, in the program's place and for the program to see. A `Structure` is not among it: from
3.14 on `_ctypes` imports `ctypes` to lay one out.
https://docs.python.org/3/library/ctypes.html says what each of these is.
"""

from __future__ import annotations

from _ctypes import FUNCFLAG_CDECL, FUNCFLAG_PYTHONAPI, CFuncPtr, _SimpleCData, byref, dlopen, sizeof

TYPE_CHECKING = False

__all__ = [
    "Library",
    "byref",
    "c_char",
    "c_char_p",
    "c_int",
    "c_ulong",
    "c_void_p",
    "of_python",
    "py_object",
    "sizeof",
]


if TYPE_CHECKING:
    from ctypes import c_char, c_char_p, c_int, c_ulong, c_void_p, py_object
    from typing import Any
else:

    class c_int(_SimpleCData):  # noqa: N801 - as ctypes has it
        """An `int`."""

        _type_ = "i"

    class c_ulong(_SimpleCData):  # noqa: N801 - as ctypes has it
        """An `unsigned long`."""

        _type_ = "L"

    class c_void_p(_SimpleCData):  # noqa: N801 - as ctypes has it
        """A pointer to anything."""

        _type_ = "P"

    class c_char(_SimpleCData):  # noqa: N801 - as ctypes has it
        """A byte."""

        _type_ = "c"

    class c_char_p(_SimpleCData):  # noqa: N801 - as ctypes has it
        """A pointer to bytes that end with a zero."""

        _type_ = "z"

    class py_object(_SimpleCData):  # noqa: N801 - as ctypes has it
        """A Python object."""

        _type_ = "O"


class _Function(CFuncPtr):
    """Called without the GIL; gives an `int` unless its `restype` is set."""

    _flags_ = FUNCFLAG_CDECL
    _restype_ = c_int


class _PythonFunction(CFuncPtr):
    """Called with the GIL; what it raises is raised."""

    _flags_ = FUNCFLAG_CDECL | FUNCFLAG_PYTHONAPI
    _restype_ = c_int


class Library:
    """A shared library.

    Args:
        path: None for the process itself.
        kind: Of its functions.

    Raises:
        OSError: It cannot be loaded.
    """

    def __init__(self, path: str | None, kind: type[CFuncPtr] = _Function) -> None:
        self._handle = dlopen(path, 0)  # type: ignore[arg-type]  # None is the process itself
        self._kind = kind

    def function(self, name: str) -> Any:  # noqa: ANN401 - a function of any type
        """A function of it, of its own for each call.

        Raises:
            AttributeError: There is none of that name.
        """
        return self._kind((name, self))  # type: ignore[arg-type]  # all it needs of a CDLL is its handle

    def function_or_none(self, name: str) -> Any:  # noqa: ANN401 - as above
        """As `function`; None where there is none."""
        try:
            return self.function(name)
        except AttributeError:
            return None


def of_python(name: str) -> Any:  # noqa: ANN401 - as above
    """A function of Python's own C interface: https://docs.python.org/3/c-api/index.html."""
    return Library(None, _PythonFunction).function(name)
