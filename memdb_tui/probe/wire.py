"""JSON-RPC 2.0, one object a line: https://www.jsonrpc.org/specification.

Written on the C accelerator of `json` alone. A package that is imported before the program's first line would hide a
file of the program's own that has the same name, and would cost it time; a module in C does neither.
"""

from __future__ import annotations

from _json import encode_basestring_ascii, make_encoder, make_scanner

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

PARSE_ERROR = -32700
INVALID_REQUEST = -32600
METHOD_NOT_FOUND = -32601
INVALID_PARAMS = -32602
INTERNAL_ERROR = -32603
REFUSED = -32000
"""Understood, and answered with no, in a whole sentence."""

MOST_LINE_BYTES = 64 << 20
_MOST_BRACKETS = 100
"""A request has three or four. What is nested deeper than it needs takes the stack of who reads it."""


class WireError(Exception):
    """A message is none; whoever sent it is not listened to any longer."""


class Refusal(Exception):  # noqa: N818 - an answer, no fault
    """A request is answered with no.

    Args:
        message: What is the matter, a whole sentence.
        hint: What can be done, a whole sentence.
        code: As JSON-RPC has it.
    """

    def __init__(self, message: str, *, hint: str = "", code: int = REFUSED) -> None:
        super().__init__(message)
        self.hint = hint
        self.code = code


class _Reading:
    """How `json.loads` reads."""

    strict = True
    object_hook = None
    object_pairs_hook = None
    parse_float = float
    parse_int = int
    parse_constant = None


def _refuse_unknown(value: object) -> object:
    raise TypeError(f"{type(value).__name__} is no JSON value")


_encode = make_encoder(None, _refuse_unknown, encode_basestring_ascii, None, ":", ",", False, False, False)
_scan = make_scanner(_Reading)  # type: ignore[arg-type]  # the stubs know the one context of `json` alone


def to_json(value: object) -> str:
    """A value as JSON in ASCII.

    Raises:
        ValueError, TypeError: It has no JSON: infinity, say, or a foreign type.
    """
    return "".join(_encode(value, 0))


def from_json(line: bytes) -> Any:  # noqa: ANN401 - any JSON value
    """The value on a line.

    Raises:
        WireError: It is not JSON.
    """
    try:
        text = line.decode("utf-8").strip(" \t\r\n")
        value, end = _scan(text, 0)
    except (ValueError, StopIteration, RecursionError, SystemError) as error:
        # Python 3.11 has no words for what is cut where the rest of json is not imported: then it is a SystemError.
        raise WireError("A message is not JSON.") from error
    if end != len(text):
        raise WireError("A message is not JSON.")
    return value


def _brackets(line: bytes) -> int:
    """How many arrays and objects begin on a line of JSON."""
    if line.count(b"[") + line.count(b"{") <= _MOST_BRACKETS:
        # Those within text are counted here; there are few in any case.
        return 0
    between = line.replace(rb"\\", b"").replace(rb"\"", b"").split(b'"')[::2]
    return sum(part.count(b"[") + part.count(b"{") for part in between)


def notification(method: str, params: str) -> bytes:
    """A notification as one line, its parameters given as JSON text."""
    return f'{{"jsonrpc":"2.0","method":"{method}","params":{params}}}\n'.encode("ascii")


def result(request: int, value: str) -> bytes:
    """The answer to a request as one line, given as JSON text."""
    return f'{{"jsonrpc":"2.0","id":{request},"result":{value}}}\n'.encode("ascii")


def refusal(request: int | None, error: Refusal) -> bytes:
    """The refusal of a request as one line."""
    body = {"code": error.code, "message": str(error), "data": {"hint": error.hint}}
    return f'{{"jsonrpc":"2.0","id":{to_json(request)},"error":{to_json(body)}}}\n'.encode("ascii")


class Request:
    """What a client wants."""

    __slots__ = ("id", "method", "params")

    def __init__(self, request_id: int | None, method: str, params: dict[str, Any]) -> None:
        self.id = request_id
        self.method = method
        self.params = params

    def text(self, name: str) -> str:
        """A parameter that is text.

        Raises:
            Refusal: It is not there, or something else.
        """
        value = self.params.get(name)
        if not isinstance(value, str):
            raise Refusal(f"{self.method} needs {name}, a text.", code=INVALID_PARAMS)
        return value

    def number(self, name: str, default: int | None = None, *, most: int = 1 << 62) -> int:
        """A parameter that is a whole number from 0 on.

        Raises:
            Refusal: It is something else, or missing and without a default.
        """
        value = self.params.get(name, default)
        if isinstance(value, bool) or not isinstance(value, int) or not 0 <= value <= most:
            raise Refusal(f"{self.method} needs {name}, a whole number from 0 to {most}.", code=INVALID_PARAMS)
        return value

    def amount(self, name: str, default: float, *, most: float) -> float:
        """A parameter that is a number from 0 on.

        Raises:
            Refusal: It is something else.
        """
        value = self.params.get(name, default)
        if isinstance(value, bool) or not isinstance(value, (int, float)) or not 0 <= value <= most:
            raise Refusal(f"{self.method} needs {name}, a number from 0 to {most}.", code=INVALID_PARAMS)
        return float(value)

    def flag(self, name: str) -> bool:
        """A parameter that is true or false; false when it is missing."""
        return self.params.get(name) is True


def request_of(line: bytes) -> Request:
    """The request on a line.

    Raises:
        WireError: It is none.
    """
    if _brackets(line) > _MOST_BRACKETS:
        raise WireError("A message is nested deeper than any request.")
    data = from_json(line)
    if not isinstance(data, dict) or data.get("jsonrpc") != "2.0":
        raise WireError("A message is not of JSON-RPC 2.0.")
    request_id, method, params = data.get("id"), data.get("method"), data.get("params", {})
    if not isinstance(method, str) or not isinstance(params, dict):
        raise WireError("A message is no request.")
    if request_id is not None and (isinstance(request_id, bool) or not isinstance(request_id, int)):
        raise WireError("The id of a request is not a number.")
    return Request(request_id, method, params)


class Lines:
    """Bytes as they arrive, lines as they are complete."""

    def __init__(self, limit_bytes: int) -> None:
        self.limit_bytes = limit_bytes
        self._pieces: list[bytes] = []
        self._waiting = 0

    def feed(self, data: bytes) -> list[bytes]:
        """The lines that are complete now, without their ends.

        Raises:
            WireError: A line is longer than the limit.
        """
        *complete, rest = data.split(b"\n")
        lines = []
        for piece in complete:
            self._grow(piece)
            lines.append(b"".join(self._pieces))
            self._pieces.clear()
            self._waiting = 0
        self._grow(rest)
        return lines

    def _grow(self, piece: bytes) -> None:
        self._waiting += len(piece)
        if self._waiting > self.limit_bytes:
            raise WireError(f"A message is longer than {self.limit_bytes} bytes.")
        if piece:
            self._pieces.append(piece)
