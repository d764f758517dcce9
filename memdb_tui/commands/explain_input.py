"""What the `explain` command is asked: strings, lines of code, JSON lines."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field

from memdb_tui.errors import UsageError
from memdb_tui.explain import Explanation, Kind, explain
from memdb_tui.explain.code_line import is_code, parse_code


@dataclass(frozen=True, slots=True)
class Question:
    """One string to explain.

    Attributes:
        given: What was given: the string, or the line of code it stands in.
        string: The string.
        kind: Who is given it; None to guess.
        connect_args: What is passed beside it.
        poolclass: The name of the pool class, if one is named.
        unknown: Arguments whose values are known only at run time.
    """

    given: str
    string: str
    kind: Kind | None = None
    connect_args: Mapping[str, object] = field(default_factory=dict)
    poolclass: str | None = None
    unknown: tuple[str, ...] = ()

    def answer(self, cwd: str | None) -> Explanation:
        """Explain the string."""
        return explain(self.string, kind=self.kind, connect_args=self.connect_args, poolclass=self.poolclass, cwd=cwd)


def questions_of(text: str, kind: Kind | None) -> tuple[Question, ...]:
    """Return what to explain for one argument: itself, or the strings in it if it is a line of code."""
    if kind is not None or not is_code(text):
        return (Question(text, text, kind),)
    return tuple(
        Question(text, found.string, found.kind, found.connect_args, found.poolclass, found.unknown)
        for found in parse_code(text)
    )


def question_of_json(line: str) -> Question:
    """Return what one JSON line asks: `{"string", "kind", "connect_args", "poolclass"}`, all but the first optional.

    Raises:
        UsageError: It is not such an object.
    """
    try:
        asked = json.loads(line)
    except (ValueError, RecursionError) as error:
        raise UsageError(f"not JSON: {error}") from error
    if not isinstance(asked, dict) or not isinstance(asked.get("string"), str):
        raise UsageError('not an object with a "string"')
    kind, connect_args, poolclass = asked.get("kind"), asked.get("connect_args") or {}, asked.get("poolclass")
    if kind is not None and kind not in set(Kind):
        raise UsageError(f"{kind!r} is not one of {', '.join(Kind)}")
    if not isinstance(connect_args, dict):
        raise UsageError('"connect_args" is not an object')
    if poolclass is not None and not isinstance(poolclass, str):
        raise UsageError('"poolclass" is not a name')
    string = asked["string"]
    return Question(string, string, None if kind is None else Kind(kind), connect_args, poolclass)
