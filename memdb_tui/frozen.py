"""Frozen dataclasses with slots, made in a third of the time: a start makes more than a hundred of them.

`dataclasses.dataclass` writes six functions for each class and compiles them one by one. Five of them do the same in
every frozen class, so they stand here once; only `__init__` is written for each.
"""

from __future__ import annotations

import dataclasses
from dataclasses import MISSING, FrozenInstanceError
from operator import attrgetter
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from collections.abc import Callable

    # It is the same to use, so that is what a type checker sees.
    from dataclasses import dataclass as dataclass  # noqa: PLC0414 - it is handed on
else:

    def dataclass(*, frozen: bool, slots: bool) -> Callable[[type], type]:
        """As `dataclasses.dataclass(frozen=True, slots=True)`; of `field`, only the defaults may be used.

        Raises:
            TypeError: Something else is wanted.
        """
        if frozen is not True or slots is not True:
            raise TypeError("only frozen dataclasses with slots are made here")
        return _make


_set: Final = object.__setattr__


def _make(cls: type[Any]) -> type[Any]:
    for name, function in _IN_ALL.items():
        if name not in vars(cls):
            setattr(cls, name, function)
    if not cls.__doc__:
        # Else it would be told its signature, for which `inspect` takes longer than all the rest.
        cls.__doc__ = cls.__qualname__
    made = dataclasses.dataclass(init=False, repr=False, eq=False, slots=True)(cls)
    made.__init__ = _init(made)
    # Called with an object, gives its values: all at once, by one function in C.
    values = attrgetter(*made.__match_args__) if made.__match_args__ else _nothing
    made._values = staticmethod(values)  # noqa: SLF001 - of a class that is just being made
    return made


def _init(made: type[Any]) -> Any:  # noqa: ANN401 - a function of any arguments
    names: dict[str, object] = {"_set": _set, "_missing": MISSING}
    parameters, lines = [], []
    for field in dataclasses.fields(made):
        name, value = field.name, field.name
        if not (field.init and field.repr and field.compare and field.hash is None) or field.kw_only is True:
            raise TypeError(f"{made.__qualname__}.{name}: only defaults can be given here")
        if field.default is not MISSING:
            names[f"_default_{name}"] = field.default
            parameters.append(f"{name}=_default_{name}")
        elif field.default_factory is not MISSING:
            names[f"_new_{name}"] = field.default_factory
            parameters.append(f"{name}=_missing")
            value = f"_new_{name}() if {name} is _missing else {name}"
        else:
            parameters.append(name)
        lines.append(f"_set(self, {name!r}, {value})")
    if hasattr(made, "__post_init__"):
        lines.append("self.__post_init__()")
    exec(f"def __init__(self, {', '.join(parameters)}):\n " + "\n ".join(lines or ["pass"]), names)  # noqa: S102 - as dataclasses itself does
    function: Any = names["__init__"]
    function.__module__ = made.__module__
    function.__qualname__ = f"{made.__qualname__}.__init__"
    return function


def _nothing(_value: object) -> tuple[()]:
    return ()


def _equals(self: Any, other: Any) -> Any:  # noqa: ANN401 - an object of any class made here
    if other.__class__ is not self.__class__:
        return NotImplemented
    return self._values(self) == self._values(other)


def _hash(self: Any) -> int:  # noqa: ANN401 - as above
    return hash(self._values(self))


def _shown(self: Any) -> str:  # noqa: ANN401 - as above
    values = ", ".join(f"{name}={getattr(self, name)!r}" for name in self.__match_args__)
    return f"{self.__class__.__qualname__}({values})"


def _refuse_setting(_self: object, name: str, _value: object) -> None:
    raise FrozenInstanceError(f"cannot assign to field {name!r}")


def _refuse_deleting(_self: object, name: str) -> None:
    raise FrozenInstanceError(f"cannot delete field {name!r}")


def _state(self: Any) -> list[object]:  # noqa: ANN401 - as above
    return [getattr(self, name) for name in self.__match_args__]


def _take_state(self: Any, state: list[object]) -> None:  # noqa: ANN401 - as above
    for name, value in zip(self.__match_args__, state, strict=True):
        _set(self, name, value)


_IN_ALL: Final = {
    "__eq__": _equals,
    "__hash__": _hash,
    "__repr__": _shown,
    "__setattr__": _refuse_setting,
    "__delattr__": _refuse_deleting,
    "__getstate__": _state,
    "__setstate__": _take_state,
}
