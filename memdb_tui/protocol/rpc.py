"""JSON-RPC 2.0, one object a line: https://www.jsonrpc.org/specification."""

from __future__ import annotations

import json
from typing import Any

from memdb_tui.errors import MemdbError, ProtocolError
from memdb_tui.frozen import dataclass

# The specification reserves -32768 to -32000; -32000 to -32099 are for servers to define.
PARSE_ERROR = -32700
INVALID_REQUEST = -32600
METHOD_NOT_FOUND = -32601
INVALID_PARAMS = -32602
INTERNAL_ERROR = -32603
REFUSED = -32000
"""The host understood and says no, in a whole sentence."""


# ASCII alone: a lone surrogate in SQL travels as an escape, and no byte of a value can end the line.
to_json = json.JSONEncoder(ensure_ascii=True, allow_nan=False, check_circular=False, separators=(",", ":")).encode
"""A value made of JSON's own as text, as every message is; `json.dumps` would make an encoder for each."""


@dataclass(frozen=True, slots=True)
class Call:
    """A request, or a notification where `id` is None."""

    id: int | None
    method: str
    params: Any


@dataclass(frozen=True, slots=True)
class Reply:
    """The answer to a request: a result, or an error."""

    id: int | None
    result: Any
    error: RemoteError | None


@dataclass(frozen=True, slots=True)
class RemoteError:
    """An error as it travels."""

    code: int
    message: str
    hint: str

    def to_exception(self, kind: type[MemdbError] = MemdbError) -> MemdbError:
        """The error to raise on this side."""
        return kind(self.message, hint=self.hint)


def encode_call(call: Call) -> bytes:
    """A request or notification as one line."""
    head: dict[str, Any] = {"jsonrpc": "2.0", "method": call.method, "params": call.params}
    if call.id is not None:
        head["id"] = call.id
    return _line(head)


def encode_event(method: str, params: str) -> bytes:
    """A notification as one line, its parameters given as JSON text in ASCII."""
    return f'{{"jsonrpc":"2.0","method":{json.dumps(method)},"params":{params}}}\n'.encode("ascii")


def encode_result(reply_to: int, result: object) -> bytes:
    """The answer to a request as one line."""
    return _line({"jsonrpc": "2.0", "id": reply_to, "result": result})


def encode_error(reply_to: int | None, error: RemoteError) -> bytes:
    """The refusal of a request as one line."""
    body = {"code": error.code, "message": error.message, "data": {"hint": error.hint}}
    return _line({"jsonrpc": "2.0", "id": reply_to, "error": body})


def decode(line: bytes) -> Call | Reply:
    """The message on a line.

    Raises:
        ProtocolError: It is not a JSON-RPC 2.0 message.
    """
    try:
        data = json.loads(line.decode())
    except (ValueError, RecursionError) as error:
        raise ProtocolError(f"A message is not JSON: {error}.") from error
    match data:
        case {"jsonrpc": "2.0", "method": str(method)}:
            found = data.get("id")
            if found is None or (isinstance(found, int) and not isinstance(found, bool)):
                return Call(found, method, data.get("params"))
        case {"jsonrpc": "2.0", "id": int() | None as found, "result": result}:
            return Reply(found, result, None)
        case {"jsonrpc": "2.0", "id": int() | None as found, "error": {"code": int(code), "message": str(text)}}:
            return Reply(found, None, RemoteError(code, text, _hint(data["error"].get("data"))))
    raise ProtocolError("A message is not of JSON-RPC 2.0.")


def _hint(data: object) -> str:
    match data:
        case {"hint": str(hint)}:
            return hint
    return ""


class LineBuffer:
    """Bytes as they arrive, lines as they are complete."""

    def __init__(self, limit_bytes: int) -> None:
        self._limit = limit_bytes
        self._pieces: list[bytes] = []
        self._waiting = 0

    def feed(self, data: bytes) -> list[bytes]:
        """The lines that are complete now, without their line ends.

        Raises:
            ProtocolError: A line is longer than the limit.
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
        if self._waiting > self._limit:
            raise ProtocolError(f"A message is longer than {self._limit >> 20} MiB.")
        if piece:
            self._pieces.append(piece)


def _line(message: dict[str, Any]) -> bytes:
    return f"{to_json(message)}\n".encode("ascii")
