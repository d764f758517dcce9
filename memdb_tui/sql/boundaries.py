"""Where statements end, as a machine that can stop at any line and go on.

It is the machine of `sqlite3_complete` (https://sqlite.org/c3ref/complete.html): a statement ends at a `;`, a
CREATE TRIGGER at `; END ;`. It sees the tokens of SQLite's parser, though, where that function reads a little less:

- `$name(index)` is one token, so a `;` or a quote in the index ends nothing (Tcl's form of a variable);
- a byte order mark, or a vertical tab after other white space, is blank, so a CREATE TRIGGER may follow it.

There `sqlite3_complete` would cut a statement that SQLite executes whole: the parser decides. A CASE ... END within a
trigger is no difference: only an END right after a `;` counts, and no statement of a trigger begins with END.
Where the parser gives up (a trigger without BEGIN, say) the two need not agree: nothing after it is executed.
"""

from __future__ import annotations

from enum import Enum
from typing import Final

from memdb_tui.frozen import dataclass
from memdb_tui.sql.tokens import BLOCK_COMMENT, LINE_COMMENT, LOOSE_NUMBER, LOOSE_VARIABLE, NAME, WHITESPACE, compiled


class Phase(Enum):
    """How far a statement has come, in the words of complete.c."""

    START = "start"
    """Between two statements."""
    NORMAL = "normal"
    """Within a statement that ends at the next `;`."""
    EXPLAIN = "explain"
    """After EXPLAIN; a CREATE TRIGGER may follow."""
    CREATE = "create"
    """After CREATE, perhaps with TEMP."""
    TRIGGER = "trigger"
    """Within a trigger, not right after a `;`."""
    SEMI = "semi"
    """Within a trigger, right after a `;`: an END may follow."""
    END = "end"
    """Within a trigger, right after `; END`: a `;` ends it."""


@dataclass(frozen=True, slots=True)
class LexerState:
    """What must be known of all the text before a line to read that line."""

    phase: Phase = Phase.START
    within: str = ""
    """What opened the token that goes on over the line's start: `'`, `"`, a backtick, `[`, `/*`, or nothing."""


INITIAL_STATE: Final = LexerState()
"""The state before a text's first line."""

_NO_TOKEN: Final = rf"{WHITESPACE}|{LINE_COMMENT}|{BLOCK_COMMENT}"
_BLANK: Final = rf"(?:{_NO_TOKEN})*+"

_COMPLETE_TOKEN: Final = "|".join(
    (
        NAME,
        LOOSE_NUMBER,
        r"[\x00-!%&()*+,.<=>\\\]^{|}~\x7f]",
        "'[^']*+'",
        '"[^"]*+"',
        "`[^`]*+`",
        r"\[[^\]]*+\]",
        LOOSE_VARIABLE,
        r"-(?!-)",
        r"/(?!\*(?s:.))",
    )
)
_REST: Final = rf"""(?:[\x00-!%&()*+,<=>\\\]^{{|}}~\x7f]++|{_NO_TOKEN}|{_COMPLETE_TOKEN})*+"""
"""All that may stand before the `;` of a statement: it stops there, at the end, or where an unclosed token opens."""

_PLAIN_STATEMENTS: Final = (
    rf"(?:(?:{_NO_TOKEN}|;)*+(?!(?i:CREATE|EXPLAIN))(?:{_COMPLETE_TOKEN}){_REST};)*+(?:{_NO_TOKEN}|;)*+"
)
"""Whole statements that no CREATE or EXPLAIN begins: most lines are read by this alone."""

_LAST_TOKEN: Final = rf"""(?:{_NO_TOKEN}|/\*(?s:.)++|(?:{_COMPLETE_TOKEN}|;|['"`\[](?s:.)*+)(?P<end>))*+"""

_CLOSERS: Final = {"'": "'", '"': '"', "`": "`", "[": "]", "/*": "*/"}

_NEXT_PHASE: Final = {
    Phase.START: {"EXPLAIN": Phase.EXPLAIN, "CREATE": Phase.CREATE},
    Phase.EXPLAIN: {
        "CREATE": Phase.CREATE,
        **dict.fromkeys(("EXPLAIN", "TEMP", "TEMPORARY", "TRIGGER", "END"), Phase.NORMAL),
        "": Phase.EXPLAIN,
    },
    Phase.CREATE: {"TEMP": Phase.CREATE, "TEMPORARY": Phase.CREATE, "TRIGGER": Phase.TRIGGER},
    Phase.SEMI: {"END": Phase.END, "": Phase.TRIGGER},
    Phase.END: {"": Phase.TRIGGER},
}
"""Phase and keyword to phase; "" stands for every other token, and without it that leads to NORMAL."""


def run_on(sql: str, start: int, phase: Phase) -> tuple[int, Phase, bool]:
    """Read on from `start`, a token's border, in `phase`, until a statement ends or nothing more can be read.

    Returns:
        Where the reading stopped, the phase there, and whether a `;` ended a statement just before that place.
        If none did, the place is the end of `sql` or the first character of a token that is not closed.
    """
    position = start
    while True:
        if phase is Phase.NORMAL or phase is Phase.TRIGGER:
            position = _end_of(_REST, sql, position)
            if not sql.startswith(";", position):
                return position, phase, False
        else:
            position = _end_of(_BLANK, sql, position)
            if token := compiled(_COMPLETE_TOKEN).match(sql, position):
                position = token.end()
                phase = _phase_after(phase, token[0])
                continue
            if not sql.startswith(";", position):
                return position, phase, False
        position += 1
        if phase is not Phase.TRIGGER and phase is not Phase.SEMI:
            return position, Phase.START, True
        phase = Phase.SEMI


def state_after(line: str, state: LexerState) -> LexerState:
    """The state before the line that follows `line`, which began in `state` and contains no line break."""
    if not line:
        return state
    text = line + "\n"
    position = 0
    phase = state.phase
    if state.within:
        position = end_of_open_token(text, state.within)
        if not position:
            return state
    elif phase is Phase.START:
        position = _end_of(_PLAIN_STATEMENTS, text, 0)
        if position == len(text):
            return state
    more = True
    while more:
        position, phase, more = run_on(text, position, phase)
    if position == len(text):
        return LexerState(phase)
    if text.startswith("/*", position):
        return LexerState(phase, "/*")
    return LexerState(_phase_after(phase, ""), text[position])


def end_of_open_token(text: str, opener: str) -> int:
    """The offset just past the token that `opener` opened before `text`, or 0 if it goes on past its end.

    A doubled quote ends one token and opens the next here; that makes no difference to what comes after.
    """
    closer = _CLOSERS[opener]
    place = text.find(closer)
    return place + len(closer) if place >= 0 else 0


def end_of_last_token(sql: str, start: int) -> int:
    """The offset just past the last token from `start` on that is not blank, or `start` if there is none."""
    match = compiled(_LAST_TOKEN).match(sql, start)
    return match.end("end") if match and match["end"] is not None else start


def _end_of(pattern: str, sql: str, position: int) -> int:
    match = compiled(pattern).match(sql, position)
    return match.end() if match else position


def _phase_after(phase: Phase, word: str) -> Phase:
    """The phase after a token that is neither blank nor a `;`."""
    following = _NEXT_PHASE.get(phase)
    if following is None:
        return phase
    other = following.get("", Phase.NORMAL)
    return following.get(word.upper(), other) if word and word.isascii() else other
