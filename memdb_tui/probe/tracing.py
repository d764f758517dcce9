"""`--trace`: connections and cursors of classes of ours, which count statements and keep the last one.

Ours stand in the order of methods behind the program's own classes and before sqlite3's: what the program overrides
it still overrides, and what it hands on to sqlite3 passes here. They have the names of the classes they stand for.
"""

from __future__ import annotations

import sqlite3
import sys

from .bare import clock
from .guard import is_of_the_program
from .opening import PARAMETERS, call_unseen

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any

    from .guard import Failures
    from .record import Record
    from .recorder import Recorder

_SLOT = "_memdb_tui_record"
_FACTORY = PARAMETERS.index("factory")
_MOST_CHARACTERS = 1000
_MOST_CLASSES = 256
_CHANGES_SCHEMAS = ("ATTACH", "DETACH")
_WARNS_OF_NAMES = (3, 12) <= sys.version_info < (3, 14)
"""These warn if a named parameter is given one of a sequence: https://docs.python.org/3.12/whatsnew/3.12.html#deprecated."""
_PLAIN = frozenset({int, float, str, bytes, type(None), bool})


class Tracing:
    """Makes the classes, and is told of each statement.

    Args:
        recorder: Knows the connections.
        failures: Keeps what went wrong.
    """

    def __init__(self, recorder: Recorder, failures: Failures) -> None:
        self._recorder = recorder
        self._failures = failures
        self._made: dict[type, type] = {}
        self._connection = self._connection_hook()
        self._cursor = self._cursor_hook()

    def with_factory(self, args: tuple[Any, ...], keywords: dict[str, Any]) -> tuple[tuple[Any, ...], dict[str, Any]]:
        """The same arguments, with our traced subclass as factory."""
        if len(args) > _FACTORY:
            factory = self._class_for(args[_FACTORY], self._connection, _SLOT)
            return (*args[:_FACTORY], factory, *args[_FACTORY + 1 :]), keywords
        factory = self._class_for(keywords.get("factory", sqlite3.Connection), self._connection, _SLOT)
        return args, {**keywords, "factory": factory}

    def _class_for(self, wanted: Any, hook: type, *slots: str) -> Any:  # noqa: ANN401 - whatever the program gives
        """A class like the wanted one that passes the hook; the wanted one itself where none can be made."""
        if not isinstance(wanted, type) or hook in wanted.__mro__ or hook.__base__ not in wanted.__mro__:
            return wanted
        made = self._made.get(wanted)
        if made is None:
            made = self._make(wanted, hook, slots)
            if len(self._made) >= _MOST_CLASSES:
                self._made.clear()
            self._made[wanted] = made
        return made

    def _make(self, wanted: type, hook: type, slots: tuple[str, ...]) -> type:
        names = {
            "__slots__": slots,
            "__module__": wanted.__module__,
            "__qualname__": wanted.__qualname__,
            "__doc__": wanted.__doc__,
        }
        bases = (hook,) if wanted in hook.__bases__ else (wanted, hook)
        try:
            return type(wanted)(wanted.__name__, bases, names)
        except Exception as error:
            if is_of_the_program(error):
                raise
            self._failures.keep(f"While {wanted.__qualname__} was made traceable", error)
            return wanted

    def _connection_hook(self) -> type:
        tracing = self

        class Connection(sqlite3.Connection):
            __slots__ = ()

            def cursor(self, *args: Any, **keywords: Any) -> Any:  # noqa: ANN401 - as sqlite3's
                factory = args[0] if args else keywords.get("factory", sqlite3.Cursor)
                made = tracing._class_for(factory, tracing._cursor)
                if args:
                    args = (made, *args[1:])
                else:
                    keywords["factory"] = made
                try:
                    return sqlite3.Connection.cursor(self, *args, **keywords)
                except BaseException as error:
                    _take_out_this_frame(error)
                    raise

            # Those of sqlite3 make a plain cursor without asking `cursor()`.
            def execute(self, *args: Any, **keywords: Any) -> Any:  # noqa: ANN401 - as sqlite3's
                try:
                    return tracing.run(tracing.cursor_of(self), sqlite3.Cursor.execute, args, keywords)
                except BaseException as error:
                    _take_out_this_frame(error)
                    raise

            def executemany(self, *args: Any, **keywords: Any) -> Any:  # noqa: ANN401 - as above
                try:
                    return tracing.run(tracing.cursor_of(self), sqlite3.Cursor.executemany, args, keywords)
                except BaseException as error:
                    _take_out_this_frame(error)
                    raise

            def executescript(self, *args: Any, **keywords: Any) -> Any:  # noqa: ANN401 - as above
                try:
                    return tracing.run(tracing.cursor_of(self), sqlite3.Cursor.executescript, args, keywords)
                except BaseException as error:
                    _take_out_this_frame(error)
                    raise

        return Connection

    def cursor_of(self, connection: sqlite3.Connection) -> sqlite3.Cursor:
        """A plain cursor, traced.

        Raises:
            sqlite3.ProgrammingError: The connection is closed, or another thread's.
        """
        made: sqlite3.Cursor
        try:
            made = sqlite3.Connection.cursor(connection, self._class_for(sqlite3.Cursor, self._cursor))
        except BaseException as error:
            _take_out_this_frame(error)
            raise
        return made

    def _cursor_hook(self) -> type:
        tracing = self

        class Cursor(sqlite3.Cursor):
            __slots__ = ()

            def execute(self, *args: Any, **keywords: Any) -> Any:  # noqa: ANN401 - as sqlite3's
                try:
                    return tracing.run(self, sqlite3.Cursor.execute, args, keywords)
                except BaseException as error:
                    _take_out_this_frame(error)
                    raise

            def executemany(self, *args: Any, **keywords: Any) -> Any:  # noqa: ANN401 - as above
                try:
                    return tracing.run(self, sqlite3.Cursor.executemany, args, keywords)
                except BaseException as error:
                    _take_out_this_frame(error)
                    raise

            def executescript(self, *args: Any, **keywords: Any) -> Any:  # noqa: ANN401 - as above
                try:
                    return tracing.run(self, sqlite3.Cursor.executescript, args, keywords)
                except BaseException as error:
                    _take_out_this_frame(error)
                    raise

        return Cursor

    def run(
        self, cursor: sqlite3.Cursor, method: Callable[..., Any], args: tuple[Any, ...], keywords: dict[str, Any]
    ) -> Any:  # noqa: ANN401 - what sqlite3 gives
        """Run a statement of the program, between looking at what is to be done before and after it."""
        here = self._recorder.local.here
        record = self._before(cursor, args)
        here.depth += 1
        try:
            if method is sqlite3.Cursor.execute and _is_plain(args):
                return method(cursor, *args, **keywords)
            # What a parameter is adapted by may warn, of the line of the program.
            return call_unseen(method, (cursor, *args), keywords, sys._getframe(2))  # noqa: SLF001 - no other way
        except BaseException as error:
            _take_out_this_frame(error)
            raise
        finally:
            here.depth -= 1
            if record is not None:
                self._after(cursor, record)

    def _before(self, cursor: sqlite3.Cursor, args: tuple[Any, ...]) -> Record | None:
        try:
            recorder = self._recorder
            if recorder.local.here.is_ours:
                return None
            record: Record | None = getattr(cursor.connection, _SLOT, None)
            if recorder.on_connect is not None and not recorder.local.here.depth:
                recorder.on_connect(record)
            if record is not None:
                record.statements = (record.statements or 0) + 1
                if args and type(args[0]) is str:
                    record.last_statement = args[0][:_MOST_CHARACTERS]
                recorder.news()
        except Exception as error:
            if is_of_the_program(error):
                raise
            self._failures.keep("Before a statement", error)
            return None
        return record

    def _after(self, cursor: sqlite3.Cursor, record: Record) -> None:
        """Look at a connection again when what is attached to it may have changed; never within a statement of it."""
        if self._recorder.local.here.depth or not record.last_statement.lstrip()[:6].upper().startswith(
            _CHANGES_SCHEMAS
        ):
            return
        try:
            from .sight import see  # noqa: PLC0415 - seldom needed

            sight = see(cursor.connection)
            if sight is not None:
                record.saw(sight, clock.time())
                self._recorder.news()
        except Exception as error:
            if is_of_the_program(error):
                raise
            self._failures.keep("After a statement", error)


def remember(connection: object, record: Record) -> None:
    """Let a connection of a class of ours know its record."""
    if hasattr(type(connection), _SLOT):
        setattr(connection, _SLOT, record)


def _is_plain(args: tuple[Any, ...]) -> bool:
    if len(args) <= 1:
        return True
    parameters = args[1]
    if type(parameters) in {tuple, list}:
        may_warn = _WARNS_OF_NAMES and _may_have_names(args[0])
        return not may_warn and _PLAIN.issuperset(map(type, parameters))
    return type(parameters) is dict and _PLAIN.issuperset(map(type, parameters.values()))


def _may_have_names(sql: object) -> bool:
    """Whether there may be named parameters: https://sqlite.org/lang_expr.html#varparam."""
    return type(sql) is not str or ":" in sql or "@" in sql or "$" in sql


def _take_out_this_frame(error: BaseException) -> None:
    trace = error.__traceback__
    error.__traceback__ = None if trace is None else trace.tb_next
