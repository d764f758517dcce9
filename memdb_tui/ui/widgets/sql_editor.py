"""An editor for SQLite's own language, whose statements one key runs."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from textual import events
from textual.message import Message
from textual.timer import Timer
from textual.widgets.text_area import Location

from memdb_tui.sql.split import split
from memdb_tui.ui.widgets.sql_text import SqlText

BURST_SECONDS: Final = 0.03
"""Keys that follow each other faster come from one read of the terminal: a paste, not a hand."""


class SqlEditor(SqlText):
    """A script in SQLite's language; says which part of it the user wants to run.

    A terminal sends the same byte for ^J and for a line feed in pasted text. The rule: it runs only when it arrives
    alone. Four ways lead here:

    - A bracketed paste comes as one `events.Paste`, line feeds included, and never as keys.
    - Under the Kitty protocol a pressed ^J is an escape sequence, and its key event has no character: it runs.
    - Else the key event carries a line feed as its character. All bytes of one read are parsed in one go, in the
      thread that reads, and each event is stamped there (`Message.time`); so stamps, unlike the moment of handling,
      tell what came together. A line feed within `BURST_SECONDS` of the key before is a new line.
    - Otherwise it is held for `BURST_SECONDS`. If a key stamped within that time follows, it was the first of a
      burst: a new line, put in before that key. If not, it was pressed: it runs.

    A hand types no key within 30 ms of another, and key repeat is slower too. When in doubt it is a new line: that
    costs a second press, where running half of a paste could cost data.
    """

    @dataclass(eq=False, repr=False)
    class RunRequested(Message):
        """The user wants a part of the script to run."""

        editor: SqlEditor
        sql: str
        """The selected text, or one statement."""
        start_offset: int
        """Where it begins in the script, in characters, from 0."""
        start_line: int
        """The line it begins on, from 1."""
        start_column: int
        """The column it begins in, in characters, from 1."""
        is_selection: bool

        @property
        def control(self) -> SqlEditor:
            """The editor it came from."""
            return self.editor

    @dataclass(eq=False, repr=False)
    class RunAllRequested(Message):
        """The user wants the whole script to run."""

        editor: SqlEditor
        sql: str

        @property
        def control(self) -> SqlEditor:
            """The editor it came from."""
            return self.editor

    @dataclass(eq=False, repr=False)
    class NothingToRun(Message):
        """A run was asked for, and there is no statement where it was asked."""

        editor: SqlEditor

        @property
        def control(self) -> SqlEditor:
            """The editor it came from."""
            return self.editor

    def __init__(
        self,
        text: str = "",
        *,
        id: str | None = None,  # noqa: A002 - the name every Textual widget uses
        classes: str | None = None,
    ) -> None:
        super().__init__(text, id=id, classes=classes)
        self._held_line_feed: tuple[float, Timer] | None = None
        self._last_key_seconds = float("-inf")

    @property
    def script(self) -> str:
        """The whole text, its lines parted by line feeds, whatever the text that was loaded had."""
        return "\n".join(self.document.lines)

    def offset_of_location(self, location: Location) -> int:
        """The offset in `script` of a row and a column, both from 0."""
        row, column = location
        return sum(map(len, self.document.lines[:row])) + row + column

    def action_run_statement(self) -> None:
        """Ask for the selection to run, else for the statement that the cursor means."""
        if not self.selection.is_empty:
            start, end = sorted(self.selection)
            offset = self.offset_of_location(start)
            sql = self.script[offset : self.offset_of_location(end)]
            if split(sql):
                self._request_run(sql, start, is_selection=True)
                return
        elif (found := self.statement_at_cursor()) is not None:
            location = found.first_row, found.statement.column - 1
            self._request_run(found.statement.text, location, is_selection=False)
            return
        self.post_message(self.NothingToRun(self))

    def action_run_all(self) -> None:
        """Ask for the whole script to run."""
        script = self.script
        if split(script):
            self.post_message(self.RunAllRequested(self, script))
        else:
            self.post_message(self.NothingToRun(self))

    def on_key(self, event: events.Key) -> None:
        """Tell a pressed ^J from a line feed; the class docstring says how."""
        follows_at_once = event.time - self._last_key_seconds < BURST_SECONDS
        self._last_key_seconds = event.time
        self._settle_line_feed(event.time)
        if event.key != "ctrl+j":
            return
        event.stop()
        event.prevent_default()
        if event.character is None:
            self.action_run_statement()
        elif follows_at_once:
            self._insert_line_break()
        else:
            self._held_line_feed = event.time, self.set_timer(BURST_SECONDS, self._look_for_more)

    def on_paste(self, event: events.Paste) -> None:
        """Settle what came before the paste."""
        self._settle_line_feed(event.time)

    def _look_for_more(self) -> None:
        """Time is up; of a UI that stalls, keys read with the line feed are still on their way here by the app."""
        self.app.call_later(self.call_later, self._nothing_came_after, self._held_line_feed)

    def _nothing_came_after(self, held: tuple[float, Timer] | None) -> None:
        if held is self._held_line_feed:
            self._settle_line_feed()

    def _settle_line_feed(self, next_seconds: float = float("inf")) -> None:
        """Decide on a line feed that is held, now that what comes next is stamped `next_seconds`, or nothing came."""
        if self._held_line_feed is None:
            return
        held_seconds, timer = self._held_line_feed
        self._held_line_feed = None
        timer.stop()
        if next_seconds - held_seconds < BURST_SECONDS:
            self._insert_line_break()
        else:
            self.action_run_statement()

    def _insert_line_break(self) -> None:
        if not self.read_only:
            self.replace("\n", *self.selection, maintain_selection_offset=False)

    def _request_run(self, sql: str, location: Location, *, is_selection: bool) -> None:
        row, column = location
        self.post_message(
            self.RunRequested(
                self,
                sql,
                start_offset=self.offset_of_location(location),
                start_line=row + 1,
                start_column=column + 1,
                is_selection=is_selection,
            )
        )
