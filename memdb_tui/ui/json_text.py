"""JSON laid out for reading, every number, name and text as it stood. Pure."""

from __future__ import annotations

import json
import re

_PIECE = re.compile(r'"(?:[^"\\]|\\.)*"|[\[\]{},:]|[^\s\[\]{},:"]+', re.DOTALL)
_INDENT = "  "
_CLOSING = {"{": "}", "[": "]"}


def pretty_json(text: str) -> str | None:
    """The text with one value a line, indented; None when it is not a JSON object or array.

    Only blanks between them change: `1.0e5` stays `1.0e5`, a name that stands twice stays twice.
    """
    if not text.lstrip().startswith(("{", "[")):
        return None
    try:
        json.loads(text, parse_constant=_refuse, parse_int=str)
    except (ValueError, RecursionError):
        return None
    parts: list[str] = []
    depth = 0
    pieces: list[str] = _PIECE.findall(text)
    for index, piece in enumerate(pieces):
        following = pieces[index + 1] if index + 1 < len(pieces) else ""
        if piece in _CLOSING:
            if following == _CLOSING[piece]:
                parts.append(piece)
                continue
            depth += 1
            parts += [piece, "\n", _INDENT * depth]
        elif piece in {"}", "]"}:
            if pieces[index - 1] not in _CLOSING:
                depth -= 1
                parts += ["\n", _INDENT * depth]
            parts.append(piece)
        elif piece == ",":
            parts += [",\n", _INDENT * depth]
        else:
            parts.append(": " if piece == ":" else piece)
    return "".join(parts)


def _refuse(constant: str) -> None:
    """NaN and Infinity, which Python's reader would take."""
    raise ValueError(constant)
