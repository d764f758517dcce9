"""A script's statements, each as long as SQLite takes it to be, and the one a cursor stands in."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Sequence
from typing import Final

from memdb_tui.frozen import dataclass
from memdb_tui.sql.boundaries import Phase, end_of_last_token, run_on
from memdb_tui.sql.tokens import (
    BLOCK_COMMENT,
    LINE_COMMENT,
    WHITESPACE,
    TokenKind,
    compiled,
    tokenize,
)


@dataclass(frozen=True, slots=True)
class Statement:
    """One statement of a script, from its first real token to just past its `;`."""

    start: int
    """Offset of its first character in the script."""
    end: int
    """Offset just past its `;`, or past its last real token if the script ends without one."""
    text: str
    """What stands there: `script[start:end]`."""
    line: int
    """Line of its first character in the script, from 1."""
    column: int
    """Column of its first character, in characters, from 1."""


_GAP: Final = rf"(?:{WHITESPACE}|{LINE_COMMENT}|{BLOCK_COMMENT}|/\*(?s:.)++|;)*+"
"""What may stand between two statements: blanks, comments, one of them perhaps not closed, and empty statements."""


def split(script: str) -> tuple[Statement, ...]:
    """The statements of `script`, in order; empty ones (`;;`) are left out.

    A statement ends where SQLite's parser ends it (`boundaries` says how that is known). Any text is accepted:
    what is malformed is part of a statement that SQLite will refuse. The time taken grows linearly with the text.
    """
    statements = []
    position = 0
    line = 1
    line_start = 0
    while (start := _end_of_gap(script, position)) < len(script):
        end, _, closed = run_on(script, start, Phase.START)
        if not closed:
            end = end_of_last_token(script, start)
        if newlines := script.count("\n", position, start):
            line += newlines
            line_start = script.rindex("\n", position, start) + 1
        statements.append(Statement(start, end, script[start:end], line, start - line_start + 1))
        if newlines := script.count("\n", start, end):
            line += newlines
            line_start = script.rindex("\n", start, end) + 1
        position = end if closed else len(script)
    return tuple(statements)


def statement_at(script: str, offset: int, *, statements: Sequence[Statement] | None = None) -> Statement | None:
    """The statement that a cursor before the character at `offset` means; None if `script` has no statement.

    - From a statement's first character to just past its `;`: that statement. Where the next one follows the `;`
      without a gap, the cursor stands on the next one's first character, and that is meant.
    - On the rest of the line that ends a statement: still that one.
    - On the comment that leads in the next statement, that is one with no blank line between the two, or on the
      blanks before its first character: the next one.
    - On other lines between two statements: the previous one, since users run what they have just finished.
    - Before the first statement the first, after the last the last.

    Args:
        script: The whole text.
        offset: The cursor's place, in characters.
        statements: What `split(script)` gave, if the caller has it.
    """
    found = split(script) if statements is None else statements
    if not found:
        return None
    index = bisect_right(found, offset, key=lambda statement: statement.start) - 1
    if index < 0:
        return found[0]
    previous = found[index]
    if offset <= previous.end or index + 1 == len(found):
        return previous
    following = found[index + 1]
    lead_in = _start_of_lead_in(script, previous.end, following.start)
    return following if offset >= lead_in else previous


def _end_of_gap(script: str, position: int) -> int:
    match = compiled(_GAP).match(script, position)
    return match.end() if match else position


def _start_of_lead_in(script: str, start: int, end: int) -> int:
    """Where the lines begin that lead in the statement at `end`, in the gap that begins at `start`."""
    lead_in = end
    for token in tokenize(script[:end], start):
        text = script[token.start : token.end]
        if token.kind is not TokenKind.WHITESPACE or "\n" not in text:
            continue
        after_last_newline = token.start + text.rindex("\n") + 1
        if lead_in == end or text.count("\n") > 1:
            lead_in = after_last_newline
    return lead_in
