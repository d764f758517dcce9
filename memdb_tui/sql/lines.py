"""A script as the lines of an editor: what changed is read again, the rest is remembered."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from memdb_tui.frozen import dataclass
from memdb_tui.sql.boundaries import INITIAL_STATE, LexerState, Phase, end_of_open_token, state_after
from memdb_tui.sql.split import Statement, split, statement_at
from memdb_tui.sql.tokens import Token, TokenKind, tokenize

_WITHIN_KINDS = {
    "'": TokenKind.STRING,
    '"': TokenKind.QUOTED_IDENTIFIER,
    "`": TokenKind.QUOTED_IDENTIFIER,
    "[": TokenKind.QUOTED_IDENTIFIER,
    "/*": TokenKind.COMMENT,
}


@dataclass(frozen=True, slots=True)
class FoundStatement:
    """A statement found in some lines of a script."""

    statement: Statement
    """Its offsets, line and column count from the start of the line `row`."""
    row: int
    """The line that was read from, from 0."""

    @property
    def first_row(self) -> int:
        """The line of its first token in the whole script, from 0."""
        return self.row + self.statement.line - 1


class ScriptLines:
    """The lines of a script, each with the lexer's state before it.

    `update` may be called after every key: it reads the lines that changed, and of those after them only as many
    as begin in another state than before.
    """

    def __init__(self) -> None:
        self._lines: list[str] = []
        self._states: list[LexerState] = [INITIAL_STATE]

    def update(self, lines: Sequence[str]) -> range:
        """Take `lines`, without their line breaks, for the script from now on.

        Returns:
            The rows that have another text or other tokens than before; to the last one where lines came or went.
        """
        old = self._lines
        new = list(lines)
        if old == new:
            return range(0)
        shorter = min(len(old), len(new))
        same_before = next((row for row in range(shorter) if old[row] != new[row]), shorter)
        most = shorter - same_before
        same_after = next((count for count in range(most) if old[-1 - count] != new[-1 - count]), most)
        states = self._states[: same_before + 1]
        end = len(new)
        for row in range(same_before, len(new)):
            old_row = row - len(new) + len(old)
            if row >= len(new) - same_after and states[-1] == self._states[old_row]:
                states.extend(self._states[old_row + 1 :])
                end = row
                break
            states.append(state_after(new[row], states[-1]))
        self._lines = new
        self._states = states
        return range(same_before, end if len(new) == len(old) else len(new))

    def tokens(self, row: int) -> Iterator[Token]:
        """The tokens of one line, with offsets in that line.

        A quoted token that goes on over the line's end is what its quote makes it, not ILLEGAL: while a string is
        being typed, all that follows is in it.
        """
        line = self._lines[row]
        # The line break belongs to the text: without it a comment opened at the line's end would be none.
        text = line + "\n"
        within = self._states[row].within
        if not line and not within:
            return
        start = 0
        if within:
            start = end_of_open_token(text, within) or len(text)
            yield Token(_WITHIN_KINDS[within], 0, min(start, len(line)))
        for token in tokenize(text, start):
            if token.start >= len(line):
                return
            kind = token.kind
            if kind is TokenKind.ILLEGAL and token.end == len(text):
                kind = _WITHIN_KINDS.get(line[token.start], kind)
            yield Token(kind, token.start, min(token.end, len(line)))

    def statement_at(self, row: int, column: int) -> FoundStatement | None:
        """The statement that a cursor before the character at `row` and `column` means, both from 0.

        It is the one that `split.statement_at` finds in the whole script, found by reading the lines around the
        cursor that belong to it and to its neighbours. A place past a line or the last one counts as its end.
        """
        if not self._lines:
            return None
        row = min(row, len(self._lines) - 1)
        column = min(column, len(self._lines[row]))
        reach = 1
        while True:
            top = self._border_at_or_above(row - reach + 1)
            bottom = self._border_below(row + reach - 1)
            chunk = "\n".join(self._lines[top:bottom])
            offset = sum(len(line) + 1 for line in self._lines[top:row]) + column
            statements = split(chunk)
            starts = [statement.start for statement in statements]
            sees_previous = top == 0 or (starts and starts[0] <= offset)
            sees_next = bottom == len(self._lines) or (starts and starts[-1] > offset)
            if sees_previous and sees_next:
                found = statement_at(chunk, offset, statements=statements)
                return FoundStatement(found, top) if found else None
            reach *= 2

    def matching_parenthesis(self, row: int, column: int, *, most_rows: int) -> tuple[int, int] | None:
        """Where the partner stands of the parenthesis at `row` and `column`, both from 0.

        None if no parenthesis of SQLite's own stands there (one in a string or a comment is text), or if its
        partner is not among the next `most_rows` lines in its direction.
        """
        here = self._parentheses(row)
        own = next((text for place, text in here if place == column), None)
        if own is None:
            return None
        step = 1 if own == "(" else -1
        depth = 0
        for other_row in range(row, row + step * most_rows, step):
            if not 0 <= other_row < len(self._lines):
                return None
            for place, text in self._parentheses(other_row)[::step]:
                if other_row == row and (place - column) * step < 0:
                    continue
                depth += 1 if text == own else -1
                if depth == 0:
                    return other_row, place
        return None

    def _parentheses(self, row: int) -> list[tuple[int, str]]:
        line = self._lines[row]
        if "(" not in line and ")" not in line:
            return []
        return [
            (token.start, line[token.start])
            for token in self.tokens(row)
            if token.kind is TokenKind.PUNCTUATION and line[token.start] in "()"
        ]

    def _is_border(self, row: int) -> bool:
        """Whether no statement, comment or string is open at the start of the line `row`."""
        state = self._states[row]
        return state.phase is Phase.START and not state.within

    def _border_at_or_above(self, row: int) -> int:
        while row > 0 and not self._is_border(row):
            row -= 1
        return max(row, 0)

    def _border_below(self, row: int) -> int:
        count = len(self._lines)
        row += 1
        while row < count and not self._is_border(row):
            row += 1
        return min(row, count)


def read_a_first_script() -> None:
    """Let the patterns be compiled (they are by the first text that is read) before anybody has typed one."""
    script = ScriptLines()
    script.update(["SELECT 1; --"])
    for _ in script.tokens(0):
        pass
    script.statement_at(0, 0)
