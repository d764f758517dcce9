"""The first line: what this is, whose databases these are, and whether their process still answers."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial

from textual import events
from textual.message import Message
from textual.strip import Strip
from textual.style import Style
from textual.widget import Widget

from memdb_tui.model import HostFacts, Program, ProgramState
from memdb_tui.ui.program_lines import how_it_ended
from memdb_tui.ui.rows import Clip, Part, Row, Span, action_at, lay_out
from memdb_tui.ui.widgets.line_list import draw
from memdb_tui.ui.wording import count, printable, short_path

MENU = "app_menu"
"""What a click on the sign at the right means."""


_NAME_CELLS = 20
"""A program's name keeps so many before versions and folder give way."""


def header_row(
    facts: HostFacts | None,
    *,
    databases: int,
    connections: int,
    is_live: bool,
    are_databases_known: bool = True,
    programs: Sequence[Program] = (),
    transaction: str = "",
    hidden_strays: int = 0,
) -> Row:
    """What the header says; the versions give way first, then how the process is called."""
    at_most = "" if are_databases_known else "≤"
    left = [Part(" memdb-tui", "bold $primary")]
    middle: list[Part] = []
    if programs:
        left += _program_parts(programs)
    elif facts is not None:
        folder = printable(short_path(facts.cwd))
        left.append(Part(folder, "$foreground", gap=2, clip=Clip.START, least=16))
        middle += [
            Part("in this process:", "$muted", gap=3, rank=7, shorter=("",)),
            Part(f"pid {facts.pid}", "$muted", gap=1, rank=3, shorter=("",)),
            Part(f"· SQLite {facts.sqlite_version}", "$muted", rank=8, shorter=("",)),
        ]
        if facts.sqlalchemy_version:
            middle.append(Part(f"· SQLAlchemy {facts.sqlalchemy_version}", "$muted", rank=9, shorter=("",)))
    counts = (
        Part(
            f"{at_most}{databases:,} db · {count(connections, 'conn', 'conn')}",
            "$foreground",
            gap=4,
            rank=2,
            shorter=("",),
        ),
    )
    if hidden_strays:
        middle.append(stray_count(hidden_strays))
    if transaction:
        middle.append(Part(transaction, "bold $secondary", gap=3))
    state = Part("●", "bold $primary", gap=2) if is_live else Part("× host gone", "bold $error", gap=2)
    return Row(tuple(left), (*middle, *counts, state, Part("≡ ", "bold $primary", gap=2, action=MENU)))


def stray_count(strays: int) -> Part:
    """How many strays there are, where no alarm tells of them: `▲ 1 stray`."""
    return Part(f"▲ {count(strays, 'stray')}", "bold $error", gap=3)


def _program_parts(programs: Sequence[Program]) -> list[Part]:
    """The program that is looked into, and how it stands."""
    first = programs[0]
    if first.state is ProgramState.ENDED:
        # It may have been started again: of those with the same words the newest that runs, else the newest.
        same = [program for program in programs if program.argv == first.argv]
        first = next((program for program in reversed(same) if program.state is not ProgramState.ENDED), same[-1])
    parts = [
        Part(printable(short_path(first.cwd)), "$foreground", gap=2, rank=6, clip=Clip.START, least=12),
        Part("in", "$muted", gap=3),
        Part(printable(first.name), "bold", gap=1, clip=Clip.END, least=_NAME_CELLS),
        Part(f"pid {first.pid} · {how_it_ended(first)}", "$muted", gap=2, rank=4, shorter=(f"pid {first.pid}",)),
    ]
    if len(programs) > 1:
        parts.append(Part(f"· {count(len(programs), 'process', 'processes')}", "$muted", rank=5, shorter=("",)))
    if first.sqlite_version:
        parts.append(Part(f"· SQLite {first.sqlite_version}", "$muted", rank=8, shorter=("",)))
    if first.sqlalchemy_version:
        parts.append(Part(f"· SQLAlchemy {first.sqlalchemy_version}", "$muted", rank=9, shorter=("",)))
    return parts


class HeaderBar(Widget):
    """One line of facts; those of least use are left out where the terminal is narrow."""

    ALLOW_SELECT = False
    DEFAULT_CSS = """
    HeaderBar { height: 1; width: 1fr; }
    """

    class ActionRequested(Message):
        """The sign of the menu was clicked."""

        def __init__(self, header_bar: HeaderBar, action: str) -> None:
            super().__init__()
            self.header_bar = header_bar
            self.action = action

        @property
        def control(self) -> HeaderBar:
            """The header."""
            return self.header_bar

    def __init__(self, *, id: str | None = None, classes: str | None = None) -> None:  # noqa: A002 - Textual's own name
        super().__init__(id=id, classes=classes)
        self._make_row = partial(header_row, None, databases=0, connections=0, is_live=True)
        self._hidden_strays = 0

    @property
    def hidden_strays(self) -> int:
        """How many strays it tells of."""
        return self._hidden_strays

    def show_facts(
        self,
        facts: HostFacts | None,
        *,
        databases: int,
        connections: int,
        is_live: bool,
        are_databases_known: bool = True,
        programs: Sequence[Program] = (),
        transaction: str = "",
    ) -> None:
        """Shows the facts.

        Args:
            facts: What is known of the host, None as long as it has not answered.
            databases: How many caches there are.
            connections: How many connections there are.
            is_live: The host answers.
            are_databases_known: It is known which connections share a cache; else there may be fewer databases.
            programs: The processes that are looked into.
            transaction: An open transaction that nothing else on the screen tells of, empty for none.
        """
        self._make_row = partial(
            header_row,
            facts,
            databases=databases,
            connections=connections,
            is_live=is_live,
            are_databases_known=are_databases_known,
            programs=programs,
            transaction=transaction,
        )
        self.refresh()

    def show_hidden_strays(self, strays: int) -> None:
        """Shows how many strays there are whose alarms were waved away."""
        if strays != self._hidden_strays:
            self._hidden_strays = strays
            self.refresh()

    def render_line(self, y: int) -> Strip:
        """The line."""
        del y
        return draw(self._spans(), self.visual_style, Style.parse)

    def on_click(self, event: events.Click) -> None:
        """A click on the menu's sign asks for the menu."""
        if action := action_at(self._spans(), event.x):
            self.post_message(self.ActionRequested(self, action))

    def _spans(self) -> tuple[Span, ...]:
        return lay_out(self._make_row(hidden_strays=self._hidden_strays), self.size.width)
