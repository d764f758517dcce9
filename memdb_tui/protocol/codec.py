"""Frozen values to JSON and back, by their annotations."""

from __future__ import annotations

import dataclasses
import functools
import types
import typing
from collections.abc import Callable
from enum import Enum
from typing import Any, TypeVar

from memdb_tui.errors import ProtocolError

_T = TypeVar("_T")


def to_wire(value: object) -> Any:  # noqa: ANN401 - JSON has no narrower type
    """The value as JSON can hold it: dataclasses as lists of their fields, in order.

    Args:
        value: A dataclass, enum, tuple, list, dict of str, or a plain JSON value.

    Raises:
        ProtocolError: The value has a type the wire does not carry.
    """
    if value is None or isinstance(value, (bool, int, float)):
        return value
    if isinstance(value, Enum):
        return value.value
    if isinstance(value, str):
        return value
    if isinstance(value, (tuple, list)):
        return [to_wire(item) for item in value]
    if isinstance(value, dict):
        return {key: to_wire(item) for key, item in value.items()}
    if dataclasses.is_dataclass(value) and not isinstance(value, type):
        return [to_wire(getattr(value, name)) for name in _field_names(type(value))]
    raise ProtocolError(f"The wire cannot carry a {type(value).__name__}.")


def from_wire(wanted: type[_T], data: object) -> _T:
    """The value of the wanted type, checked field by field.

    Raises:
        ProtocolError: The data does not have that shape.
    """
    try:
        decode: Callable[[Any], Any] = _decoder(typing.cast("Any", wanted))
        return typing.cast("_T", decode(data))
    except (TypeError, ValueError, KeyError) as error:
        raise ProtocolError(f"A message does not hold a {wanted.__name__}: {error}") from error


@functools.cache
def _field_names(cls: type) -> tuple[str, ...]:
    return tuple(field.name for field in dataclasses.fields(cls))


@functools.cache
def _decoder(annotation: Any) -> Callable[[Any], Any]:  # noqa: ANN401 - any annotation
    origin = typing.get_origin(annotation)
    arguments = typing.get_args(annotation)
    if isinstance(annotation, typing.NewType):
        return _decoder(annotation.__supertype__)
    if origin is tuple:
        return _sequence(_decoder(arguments[0]))
    if origin in {typing.Union, types.UnionType}:
        inner = next(a for a in arguments if a is not type(None))
        return _optional(_decoder(inner))
    if isinstance(annotation, type):
        if dataclasses.is_dataclass(annotation):
            return _record(annotation)
        if issubclass(annotation, Enum):
            return annotation
        return _plain(annotation)
    raise ProtocolError(f"The wire cannot carry a {annotation}.")


def _sequence(item: Callable[[Any], Any]) -> Callable[[Any], Any]:
    def decode(data: Any) -> tuple[Any, ...]:  # noqa: ANN401 - not yet checked
        if not isinstance(data, list):
            raise TypeError(f"a list was expected, not {type(data).__name__}")
        return tuple([item(entry) for entry in data])

    return decode


def _optional(item: Callable[[Any], Any]) -> Callable[[Any], Any]:
    return lambda data: None if data is None else item(data)


def _plain(wanted: type) -> Callable[[Any], Any]:
    accepted = (int, float) if wanted is float else wanted

    def decode(data: Any) -> Any:  # noqa: ANN401 - not yet checked
        if not isinstance(data, accepted) or (wanted is int and isinstance(data, bool)):
            raise TypeError(f"{wanted.__name__} was expected, not {type(data).__name__}")
        return data

    return decode


def _record(cls: type) -> Callable[[Any], Any]:
    hints = typing.get_type_hints(cls)
    decoders = [_decoder(hints[name]) for name in _field_names(cls)]

    def decode(data: Any) -> Any:  # noqa: ANN401 - not yet checked
        if not isinstance(data, list) or len(data) != len(decoders):
            raise TypeError(f"{cls.__name__} has {len(decoders)} fields")
        return cls(*[each(entry) for each, entry in zip(decoders, data, strict=True)])

    return decode
