"""What a program's process answers about its databases, checked and typed, as `told` has it for states."""

from __future__ import annotations

from enum import StrEnum

from memdb_tui.errors import ProtocolError
from memdb_tui.frozen import dataclass
from memdb_tui.model import Table, TableColumn
from memdb_tui.programs.fields import Fields

Value = str | int | float | bytes | None


class LiveStatus(StrEnum):
    """How it went; the words are those of the wire."""

    DONE = "done"
    FAILED = "failed"
    GONE = "gone"
    """The database died: no connection of the program is left on it."""
    INTERRUPTED = "interrupted"


@dataclass(frozen=True, slots=True)
class LiveFailure:
    """What SQLite, or the probe, said against it; each empty where there was nothing to say."""

    message: str = ""
    code: str = ""
    """`SQLITE_ERROR`, `SQLITE_LOCKED_SHAREDCACHE`, …."""
    offset: int | None = None
    """The byte of the statement that SQLite names."""
    hint: str = ""


_NO_FAILURE = LiveFailure()


@dataclass(frozen=True, slots=True)
class LiveResult:
    """What one statement gave."""

    status: LiveStatus
    columns: tuple[str, ...]
    rows: tuple[tuple[Value, ...], ...]
    """Each as long as `columns`."""
    is_truncated: bool
    changes: int | None
    """Rows written; None where nothing was to be."""
    elapsed_seconds: float
    failure: LiveFailure


@dataclass(frozen=True, slots=True)
class LiveSchema:
    """The tables and views of a database."""

    status: LiveStatus
    tables: tuple[Table, ...]
    failure: LiveFailure


def result_of(data: object) -> LiveResult:
    """The answer to `live`.

    Raises:
        ProtocolError: It is none.
    """
    fields = Fields(data, "result")
    columns = fields.texts("columns")
    return LiveResult(
        status=_status(fields),
        columns=columns,
        rows=fields.each("rows", lambda row: _row(row, len(columns))),
        is_truncated=fields.flag("truncated"),
        changes=fields.whole_or_none("changes"),
        elapsed_seconds=fields.number("elapsed_seconds"),
        failure=fields.one_or_none("error", _failure) or _NO_FAILURE,
    )


def schema_of(data: object) -> LiveSchema:
    """The answer to `schema`.

    Raises:
        ProtocolError: It is none.
    """
    fields = Fields(data, "schema")
    return LiveSchema(
        status=_status(fields),
        tables=fields.each("tables", _table),
        failure=fields.one_or_none("error", _failure) or _NO_FAILURE,
    )


def _status(fields: Fields) -> LiveStatus:
    try:
        return LiveStatus(fields.text("status"))
    except ValueError as error:
        raise ProtocolError("An answer does not say how it went.") from error


def _failure(data: object) -> LiveFailure:
    fields = Fields(data, "failure")
    return LiveFailure(
        fields.text("message"), fields.text("code"), fields.whole_or_none("offset"), hint=fields.text("hint")
    )


def _row(data: object, width: int) -> tuple[Value, ...]:
    if not isinstance(data, list) or len(data) != width:
        raise ProtocolError("A row has not a value for each column.")
    return tuple(map(_value, data))


def _value(data: object) -> Value:
    """A value of the wire: what JSON cannot hold is a dict of one tag."""
    try:
        match data:
            case None | str() | float():
                return data
            case int() if not isinstance(data, bool):
                return data
            case {"b": str(digits)}:
                return bytes.fromhex(digits)
            case {"t": str(digits)}:
                return bytes.fromhex(digits).decode("utf-8", "surrogateescape")
            case {"r": str(number)}:
                return float(number)
    except ValueError as error:
        raise _not_a_value(data) from error
    raise _not_a_value(data)


def _not_a_value(data: object) -> ProtocolError:
    return ProtocolError(f"The program's process sent {data!r:.60} where a value should be.")


def _table(data: object) -> Table:
    fields = Fields(data, "table")
    return Table(
        fields.text("schema") or "main",
        _name(fields),
        fields.text("kind") or "table",
        fields.each("columns", _column),
        fields.text("problem"),
    )


def _column(data: object) -> TableColumn:
    fields = Fields(data, "column")
    return TableColumn(
        _name(fields),
        fields.text("type"),
        is_primary_key=bool(fields.whole_or_none("pk")),
        is_not_null=bool(fields.whole_or_none("notnull")),
        is_generated=bool(fields.whole_or_none("generated")),
    )


def _name(fields: Fields) -> str:
    """A name, which SQLite allows to be empty."""
    name = fields.text_or_none("name")
    if name is None:
        raise ProtocolError("A table or a column has no name.")
    return name
