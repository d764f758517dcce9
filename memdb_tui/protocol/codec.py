"""Frozen values to JSON and back, by their annotations."""

from __future__ import annotations

import dataclasses
import functools
import operator
import types
import typing
from collections.abc import Callable
from enum import Enum
from typing import Any, TypeVar

from memdb_tui.errors import ProtocolError

_T = TypeVar("_T")


def to_wire(value: object) -> Any:  # noqa: ANN401 - JSON has no narrower type
    """The value as `json.dumps` takes it: dataclasses as sequences of their fields, in order.

    Args:
        value: A dataclass, or a plain JSON value.

    Raises:
        ProtocolError: The value has a type the wire does not carry.
    """
    kind: Any = type(value)
    encode = _encoder(kind)
    return value if encode is None else encode(value)


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
def _encoder(annotation: Any) -> Callable[[Any], Any] | None:  # noqa: ANN401 - any annotation
    """What makes a value of that type fit for JSON; None where it is so already. Text enums are text to JSON."""
    origin = typing.get_origin(annotation)
    arguments = typing.get_args(annotation)
    if isinstance(annotation, typing.NewType):
        return _encoder(annotation.__supertype__)
    if origin is tuple:
        return _encode_each(_encoder(arguments[0]))
    if origin in {typing.Union, types.UnionType}:
        return _encode_optional(_encoder(next(a for a in arguments if a is not type(None))))
    if isinstance(annotation, type):
        if dataclasses.is_dataclass(annotation):
            return _encode_record(annotation)
        if issubclass(annotation, (str, int, float, list, dict, type(None))):
            return None
    raise ProtocolError(f"The wire cannot carry a {getattr(annotation, '__name__', annotation)}.")


def _encode_each(item: Callable[[Any], Any] | None) -> Callable[[Any], Any] | None:
    return None if item is None else lambda values: [item(value) for value in values]


def _encode_optional(inner: Callable[[Any], Any] | None) -> Callable[[Any], Any] | None:
    return None if inner is None else lambda value: None if value is None else inner(value)


def _encode_record(cls: type) -> Callable[[Any], Any]:
    hints = typing.get_type_hints(cls)
    names = _field_names(cls)
    encoders = [(place, encode) for place, name in enumerate(names) if (encode := _encoder(hints[name])) is not None]
    if len(names) == 1:
        (name,) = names
        only = encoders[0][1] if encoders else None
        return lambda value: [getattr(value, name) if only is None else only(getattr(value, name))]
    fields: Callable[[Any], tuple[Any, ...]] = operator.attrgetter(*names) if names else lambda _: ()
    if not encoders:
        return fields

    def encode_record(value: Any) -> list[Any]:  # noqa: ANN401 - an instance of cls
        data = list(fields(value))
        for place, encode in encoders:
            data[place] = encode(data[place])
        return data

    return encode_record


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
