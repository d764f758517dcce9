"""`sqlite3.connect` as the program calls it: the call is remembered while it runs, and nothing else is different."""

from __future__ import annotations

import sys
from types import FunctionType

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from types import CodeType, FrameType
    from typing import Any

    from .files_before import Existed
    from .recorder import Recorder

    Call = tuple[object, tuple[Any, ...], dict[str, Any], bool]
    """The database, all arguments, and whether it is a plain call."""
    Opening = tuple[str | None, bool, Existed | None, Call | None]
    """The database as text, whether it is in memory for certain, the files that were there, the call it is for."""

PARAMETERS = (
    "database",
    "timeout",
    "detect_types",
    "isolation_level",
    "check_same_thread",
    "factory",
    "cached_statements",
    "uri",
)
"""Of `sqlite3.connect`, in their order."""
NO_OPENING: Opening = (None, False, None, None)
"""What is known of the connection that is being opened, while there is none."""
_MOST_CHARACTERS = 200
UNSEEN = "of memdb-tui, not of the program"
"""The last constant of code of ours that looks like the program's."""
_MOST_UNITS = 8
_MOST_TRAMPOLINES = 256
_trampolines: dict[tuple[int, int], tuple[CodeType, CodeType]] = {}
"""For places in the program: the code there, and that of a trampoline for its line."""
_NO_COLUMNS = 0x80 | 13 << 3
PLAIN = frozenset((bool, int, float, str, type(None)))
"""Types of values that hold nothing and run nothing."""


class Opener:
    """What stands in the place of `sqlite3.connect`.

    An object rather than a function: like the original it does not turn into a method where a class has it as an
    attribute. Everything else about the original (its name, its documentation) is asked of the original.

    Args:
        original: What stood there.
        recorder: Its `local.here.call` holds the call while it runs.
    """

    def __init__(self, original: Callable[..., Any], recorder: Recorder) -> None:
        # Not asked of the original: the class has these itself.
        self.__doc__ = original.__doc__
        self.__module__ = original.__module__
        self.factory: Callable[[tuple[Any, ...], dict[str, Any]], tuple[tuple[Any, ...], dict[str, Any]]] | None = (
            None
        )
        """Puts a class of ours in the place of the program's; None unless statements are traced."""
        self._original = original
        self._recorder = recorder

    def __call__(self, *args: Any, **keywords: Any) -> Any:  # noqa: ANN401 - whatever the original takes and gives
        """Call the original."""
        if not PLAIN:
            # Python ends, and has taken the names of this module away.
            return self._original(*args, **keywords)
        recorder = self._recorder
        if recorder.on_connect is not None:
            recorder.before_call()
        here = recorder.local.here
        # Within a plain call nothing of the program runs, so that what it opened can be taken down after it.
        is_plain = len(args) == 1 and type(args[0]) is str and "factory" not in keywords and self.factory is None
        outer = here.call
        here.call = (args[0] if args else keywords.get("database"), args, keywords, is_plain)
        try:
            if is_plain:
                opened = self._original(*args, **keywords)
                if here.opened is not None:
                    recorder.witness.opened(opened, here, sys._getframe(1))  # noqa: SLF001 - there is no other way
            else:
                if self.factory is not None:
                    args, keywords = self.factory(args, keywords)
                if len(args) > 1 or "factory" in keywords:
                    caller = sys._getframe(1)  # noqa: SLF001 - as above
                    opened = call_unseen(self._original, args, keywords, caller)
                else:
                    opened = self._original(*args, **keywords)
        except BaseException as error:
            here.call = outer
            # They would hold the argument of the program.
            here.opening = NO_OPENING
            here.opened = None
            # This frame is taken out of the traceback, and a bare `raise` does not put it in again.
            leave_out(1, error)
            raise
        here.call = outer
        return opened

    def __getattr__(self, name: str) -> Any:  # noqa: ANN401 - as above
        """Whatever else the original has."""
        return getattr(self._original, name)

    def __dir__(self) -> list[str]:
        """What the original has: `unittest.mock` looks at all of it, and may find nothing there that raises."""
        return dir(self._original)

    @property
    def __signature__(self) -> object:
        """What `inspect.signature` says of the original.

        Raises:
            ValueError: It says nothing.
        """
        import inspect  # noqa: PLC0415 - whoever asks for this has imported it

        return inspect.signature(self._original)

    def __repr__(self) -> str:
        """As the original shows itself."""
        return repr(self._original)

    def __reduce__(self) -> str:
        """As the original is pickled: by its name."""
        return str(self._original.__name__)


def call_unseen(
    function: Callable[..., Any], args: tuple[Any, ...], keywords: dict[str, Any], caller: FrameType
) -> Any:  # noqa: ANN401 - as above
    """Call a function in a frame that looks like the caller's, and take no part in the traceback of its error.

    A warning that the call gives (Python 3.13: positional arguments are deprecated), or that code of the program
    gives within it with `stacklevel=2`, is then shown for the caller's line, under the caller's filters.
    """
    code = _code_at(caller)
    try:
        return FunctionType(code, caller.f_globals)(function, args, keywords)
    except BaseException as error:
        # This frame, and that of the trampoline.
        leave_out(2, error)
        raise


def _code_at(caller: FrameType) -> CodeType:
    """That of the trampoline, for the line that the caller is at; made once for each place."""
    code = caller.f_code
    # The address stands for the code, which is held with what was made of it.
    key = object.__hash__(code), caller.f_lasti
    found = _trampolines.get(key)
    if found is None:
        if len(_trampolines) >= _MOST_TRAMPOLINES:
            _trampolines.clear()
        made = _trampoline.__code__.replace(
            co_filename=code.co_filename,
            co_name=code.co_name,
            co_qualname=code.co_qualname,
            co_firstlineno=caller.f_lineno,
            co_linetable=_one_line(len(_trampoline.__code__.co_code)),
            co_consts=(*_trampoline.__code__.co_consts, UNSEEN),
        )
        found = _trampolines[key] = code, made
    return found[1]


def leave_out(frames: int, error: BaseException) -> None:
    """Take the outermost frames out of a traceback.

    Not where they run: a frame that holds a traceback it is in keeps itself, and all that the error passed, until
    garbage is collected.
    """
    trace = error.__traceback__
    for _ in range(frames):
        trace = None if trace is None else trace.tb_next
    error.__traceback__ = trace


class _Kind(str):
    """What is said of an argument that may hold code of the program: no more than its kind."""

    __slots__ = ()
    __repr__ = str.__str__


def arguments_of(args: tuple[Any, ...], keywords: dict[str, Any]) -> dict[str, object]:
    """The arguments of a call besides the database, by name; nothing of the program's is among them."""
    found: dict[str, object] = dict(keywords)
    found.pop("database", None)
    if len(args) > 1:
        found.update(zip(PARAMETERS[1:], args[1:], strict=False))
    for name, value in found.items():
        if type(value) not in PLAIN:
            found[name] = _kind_of(value)
    return found


def spelled(arguments: dict[str, object] | None) -> dict[str, str] | None:
    """Arguments as they are told: as Python writes them."""
    if arguments is None:
        return None
    return {name: repr(value)[:_MOST_CHARACTERS] for name, value in arguments.items()}


def _kind_of(value: object) -> _Kind:
    if isinstance(value, type):
        return _Kind(f"{value.__module__}.{value.__qualname__}")
    return _Kind(f"<{type(value).__qualname__}>")


def _trampoline(function: Callable[..., Any], args: tuple[Any, ...], keywords: dict[str, Any]) -> Any:  # noqa: ANN401
    return function(*args, **keywords)


def _one_line(code_bytes: int) -> bytes:
    """A table of lines that says of all code that it is on the first one.

    Source: https://github.com/python/cpython/blob/3.13/InternalDocs/code_objects.md#format-details
    """
    table = bytearray()
    units = code_bytes // 2
    while units > 0:
        covered = min(_MOST_UNITS, units)
        table += bytes((_NO_COLUMNS | (covered - 1), 0))
        units -= covered
    return bytes(table)
