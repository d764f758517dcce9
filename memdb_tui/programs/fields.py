"""Reading what another process said: JSON objects, each field checked for its type."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator
from typing import Any, NoReturn, TypeVar

from memdb_tui.errors import ProtocolError

_T = TypeVar("_T")


class Fields:
    """A JSON object whose fields are asked for by type.

    Args:
        data: What was decoded.
        what: What it should be, for the message when it is not.

    Raises:
        ProtocolError: It is no object; so does every method where a field is of another type.
    """

    def __init__(self, data: object, what: str) -> None:
        if not isinstance(data, dict):
            raise ProtocolError(f"A {what} is no JSON object.")
        self._data: dict[str, Any] = data
        self._what = what

    def text(self, name: str) -> str:
        """A string; empty where it is missing or null."""
        found = self._data.get(name)
        if found is None:
            return ""
        return found if isinstance(found, str) else self._refuse(name)

    def text_or_none(self, name: str) -> str | None:
        """A string, or None where it is missing or null."""
        return None if self._data.get(name) is None else self.text(name)

    def whole(self, name: str) -> int:
        """A whole number."""
        found = self._data.get(name)
        return found if isinstance(found, int) and not isinstance(found, bool) else self._refuse(name)

    def whole_or_none(self, name: str) -> int | None:
        """A whole number, or None where it is missing or null."""
        return None if self._data.get(name) is None else self.whole(name)

    def number(self, name: str) -> float:
        """A finite number; 0 where it is missing or null."""
        return self.number_or_none(name) or 0.0

    def number_or_none(self, name: str) -> float | None:
        """A finite number, or None where it is missing or null."""
        found = self._data.get(name)
        if found is None:
            return None
        if isinstance(found, bool) or not isinstance(found, int | float) or not math.isfinite(found):
            return self._refuse(name)
        return float(found)

    def flag(self, name: str) -> bool:
        """True or false; false where it is missing or null."""
        return bool(self.flag_or_none(name))

    def flag_or_none(self, name: str) -> bool | None:
        """True, false, or None where it is missing or null."""
        found = self._data.get(name)
        return found if found is None or isinstance(found, bool) else self._refuse(name)

    def texts(self, name: str) -> tuple[str, ...]:
        """Strings; none where it is missing or null."""
        return tuple(each if isinstance(each, str) else self._refuse(name) for each in self._list(name))

    def pairs_or_none(self, name: str) -> tuple[tuple[str, str], ...] | None:
        """An object of strings as pairs, or None where it is missing or null."""
        found = self._data.get(name)
        if found is None:
            return None
        if not isinstance(found, dict) or not all(isinstance(value, str) for value in found.values()):
            return self._refuse(name)
        return tuple(found.items())

    def each(self, name: str, read: Callable[[object], _T]) -> tuple[_T, ...]:
        """The values of a list, each read; none where it is missing or null."""
        return tuple([read(each) for each in self._list(name)])

    def each_or_none(self, name: str, read: Callable[[object], _T]) -> tuple[_T, ...] | None:
        """The values of a list, each read, or None where it is missing or null."""
        return None if self._data.get(name) is None else self.each(name, read)

    def one_or_none(self, name: str, read: Callable[[object], _T]) -> _T | None:
        """A value, read, or None where it is missing or null."""
        found = self._data.get(name)
        return None if found is None else read(found)

    def _list(self, name: str) -> Iterator[object]:
        found = self._data.get(name)
        if found is None:
            return iter(())
        return iter(found) if isinstance(found, list) else self._refuse(name)

    def _refuse(self, name: str) -> NoReturn:
        raise ProtocolError(f"A {self._what} has no usable “{name}”.")
