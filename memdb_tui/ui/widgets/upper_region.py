"""Above the border: a program's output, where there is one, and the databases beside it."""

from __future__ import annotations

from textual import events, on
from textual.app import ComposeResult
from textual.containers import Horizontal
from textual.message import Message
from textual.widget import Widget

from memdb_tui.model import Snapshot
from memdb_tui.ui.rows import Part, Row
from memdb_tui.ui.widgets.message_view import MessageView
from memdb_tui.ui.widgets.pane_row import LEAST_COLUMNS, PaneRow, least_width
from memdb_tui.ui.widgets.splitter import Splitter
from memdb_tui.ui.wording import count, printable, short_path

_MOST_NAMED = 3
_SPLITTER_COLUMNS = 1


class UpperRegion(Horizontal):
    """Output and databases side by side, or one at a time where the terminal is narrow.

    Args:
        panes: The databases.
        output: What shows a program's output, None where no program was started here.
    """

    DEFAULT_CSS = """
    UpperRegion {
        height: 1fr;
        & > Splitter { display: none; }
        & > #output { width: 1fr; }
        & > PaneRow { width: 1fr; }
        & > #no-pane { display: none; width: 1fr; height: 1fr; padding: 1 3; }
        &.-empty > PaneRow { display: none; }
        &.-empty.-alone > #no-pane { display: block; }
        &.-both > Splitter { display: block; }
        &.-both.-single > Splitter { display: none; }
        &.-both.-single > PaneRow { display: none; }
        &.-both.-single.-databases > PaneRow { display: block; }
        &.-both.-single.-databases > #output { display: none; }
    }
    """

    class Turned(Message):
        """A narrow terminal shows the other of the two now."""

    def __init__(self, panes: PaneRow, output: Widget | None = None) -> None:
        super().__init__()
        self._panes = panes
        self._output = output
        self._words: tuple[Row, ...] = ()
        self._is_border_moved = False
        self.set_class(output is None, "-alone")

    def compose(self) -> ComposeResult:
        """The output first, as what the user started."""
        if self._output is not None:
            yield self._output
            yield Splitter("vertical", id="splitter-output")
        yield self._panes
        yield MessageView(id="no-pane")

    @property
    def shows_databases(self) -> bool:
        """Where one thing is seen at a time, it is the databases."""
        return self._output is None or self.has_class("-databases")

    @property
    def hides_databases(self) -> bool:
        """The output alone is seen."""
        return self.has_class("-single") and not self.shows_databases

    def show_presence(self, *, words: tuple[Row, ...]) -> None:
        """Follows whether there is any pane; `words` stand in place of none."""
        is_empty = not self._panes.panes
        self._give_way()
        self.set_class(is_empty, "-empty")
        self.set_class(not is_empty and self._output is not None, "-both")
        if is_empty:
            self.remove_class("-databases")
            if words != self._words:
                self._words = words
                self.query_one("#no-pane", MessageView).show_rows(words)

    def show_single(self, *, is_single: bool) -> None:
        """One at a time, or both."""
        self.set_class(is_single, "-single")

    def turn_to_databases(self, *, is_databases: bool) -> None:
        """Which of the two a narrow terminal shows."""
        is_turned = is_databases and bool(self._panes.panes)
        if is_turned != self.has_class("-databases"):
            self.set_class(is_turned, "-databases")
            self.post_message(self.Turned())

    def on_resize(self) -> None:
        """The output and the databases share the new width."""
        self._give_way()

    def on_descendant_focus(self, event: events.DescendantFocus) -> None:
        """What is gone to is shown, as long as the focus is there."""
        if self._output is not None and event.widget is self.screen.focused:
            self.turn_to_databases(is_databases=self._output not in event.widget.ancestors_with_self)

    def _give_way(self) -> None:
        """The output leaves whole panes their room, as many as there are and fit, unless the user has shared it."""
        if self._output is None or self._is_border_moved:
            return
        room = self.size.width - _SPLITTER_COLUMNS - LEAST_COLUMNS
        fitting = [width for width in map(least_width, range(1, len(self._panes.panes) + 1)) if width <= room]
        self._panes.styles.min_width = fitting[-1] if fitting else None

    @on(Splitter.Moved, "#splitter-output")
    def _border_dragged(self, event: Splitter.Moved) -> None:
        event.stop()
        if self._output is None:
            return
        width = self._output.outer_size.width + event.delta
        self._is_border_moved = True
        self._panes.styles.min_width = None
        most = self.outer_size.width - LEAST_COLUMNS
        self._output.styles.width = max(LEAST_COLUMNS, min(most, width))


def no_pane_rows(snapshot: Snapshot | None, *, has_program: bool) -> tuple[Row, ...]:
    """What stands where no database is shown: what is open nevertheless, why nothing is seen, and the next key."""
    lines: tuple[tuple[str, str], ...]
    opened = snapshot.open_only() if snapshot is not None else None
    if has_program:
        lines = (
            ("No database is shown yet.", "$foreground"),
            ("Enter on a connection below shows its database; SQL reads it live, or runs on a copy.", "$muted"),
            ("^O opens a database in this session, apart from the program.", "$muted"),
        )
    elif opened is not None and opened.connections:
        number = len(opened.connections)
        who = f"{count(number, 'connection')} {'is' if number == 1 else 'are'} open, and no pane shows "
        lines = (
            (who + ("it:" if number == 1 else "them:") + f" {_named(opened)}", "$foreground"),
            (f"Enter on {'it' if number == 1 else 'one'} in Connections gives it a pane.", "$muted"),
            ("^O opens another database.", "$muted"),
        )
    else:
        lines = (("No database is open.", "$foreground"), ("^O opens one.", "$muted"))
    return tuple(Row((Part(text, style),)) for text, style in lines)


def _named(snapshot: Snapshot) -> str:
    """The first connections and what they are on: `c2 to db1, c3 to /srv/a.db and 2 more`."""
    named = []
    for connection in snapshot.connections[:_MOST_NAMED]:
        cache = snapshot.cache_of(connection.id)
        named.append(
            f"{connection.id} to {printable(short_path(cache.name))}" if cache is not None else connection.id
        )
    more = len(snapshot.connections) - len(named)
    return ", ".join(named) + (f" and {more} more" if more else "")
