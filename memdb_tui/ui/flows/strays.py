"""Strays: the alarm, what would have been right, and removing one."""

from __future__ import annotations

from textual.app import App

from memdb_tui.errors import MemdbError
from memdb_tui.files.removal import open_words
from memdb_tui.model import CodePlace, Connection, FileEntry, FilesView, is_of_program
from memdb_tui.ui.bridge import Bridge
from memdb_tui.ui.explanation_lines import comparisons
from memdb_tui.ui.file_lines import without_sides
from memdb_tui.ui.program_lines import place_words
from memdb_tui.ui.screens.choice import ChoiceScreen, Option
from memdb_tui.ui.wording import short_path, size


class Strays:
    """Knows which strays the user has not waved away, and what can be done about one.

    Args:
        app: Where questions are asked.
        bridge: The way to the files.
    """

    def __init__(self, app: App[object], bridge: Bridge) -> None:
        self._app = app
        self._bridge = bridge
        self._dismissed: set[str] = set()
        self._removed: set[str] = set()
        self._view: FilesView | None = None

    @property
    def alarms(self) -> tuple[FileEntry, ...]:
        """The strays neither dismissed nor removed by the user here, newest first."""
        return tuple(entry for entry in self._standing if entry.path not in self._dismissed)

    @property
    def hidden_count(self) -> int:
        """How many strays there are where the alarm tells of none, all of them having been dismissed; else 0."""
        return 0 if self.alarms else len(self._standing)

    @property
    def _standing(self) -> tuple[FileEntry, ...]:
        """The strays but for those the user has removed here."""
        strays = self._view.strays if self._view is not None else ()
        return tuple(entry for entry in without_sides(strays) if not (entry.is_gone and entry.path in self._removed))

    def show_files(self, view: FilesView) -> None:
        """Learns what there is."""
        self._view = view

    def dismiss(self, path: str) -> None:
        """The user has seen it."""
        self._dismissed.add(path)

    def entry(self, path: str) -> FileEntry | None:
        """What is known of a file."""
        if self._view is None:
            return None
        return next((e for e in (*self._view.entries, *self._view.others) if e.path == path), None)

    async def explain(self, entry: FileEntry) -> str | None:
        """Shows why the stray is there and what would have been right.

        Returns:
            The corrected string when the user wants it opened, else None.
        """
        body = [
            f"{short_path(entry.path)}  {size(entry.size_bytes)}",
            f"{_who(entry)} opened\n{entry.string}" + (f"\n{entry.statement}" if entry.statement else ""),
            f"{entry.reason} ({entry.evidence})",
        ]
        if entry.suggestion:
            body.append(f"Right would be\n{entry.suggestion}")
        answer = await self._app.push_screen_wait(
            ChoiceScreen("A stray file: meant as memory, made on disk", _ways(entry), body=body, is_alarm=True)
        )
        if answer is None or answer.id == "leave":
            return None
        if answer.id == "line" and entry.opener is not None:
            await self._show_line(entry, entry.opener)
        if answer.id == "copy":
            self._app.copy_to_clipboard(entry.suggestion)
            self._app.notify("The corrected string went to the terminal (OSC 52).", title="Copied")
        if answer.id == "remove":
            await self.remove(entry.path)
        if answer.id == "explain":
            return await self.explain_string(entry.string)
        return entry.suggestion if answer.id == "open" else None

    async def _show_line(self, entry: FileEntry, opener: CodePlace) -> None:
        """The source around the program's line, with the stack while the connection is still known."""
        from memdb_tui.ui.screens.source import SourceScreen  # noqa: PLC0415 - not on the first screen

        snapshot = self._bridge.snapshot
        known = (snapshot.connection(each) for each in entry.made_by) if snapshot is not None else ()
        origin = next((each.origin for each in known if each is not None and each.origin is not None), None)
        stack = origin.stack if origin is not None and opener in origin.stack else (opener,)
        await self._app.push_screen_wait(SourceScreen("The stray was opened here", stack, opener))

    async def remove(self, path: str) -> None:
        """Removes a stray that this session made, after a question, and says what was done, or at once why not."""
        try:
            self._bridge.files.refuse_removal(path)
        except MemdbError as error:
            self._say_not_removed(error)
            return
        answer = await self._app.push_screen_wait(
            ChoiceScreen(
                "Remove this file?",
                [Option("keep", "Keep it", "", "n"), Option("remove", "Remove it", "", "y", is_dangerous=True)],
                body=(
                    short_path(path),
                    *((open_words(open_in),) if (open_in := self._bridge.files.open_in(path)) else ()),
                    "Only a file that this session made is removed, and its journals with it.",
                ),
                is_alarm=True,
            )
        )
        if answer is None or answer.id != "remove":
            return
        try:
            done = self._bridge.files.remove(path)
        except MemdbError as error:
            self._say_not_removed(error)
        else:
            self._removed.add(path)
            self._app.notify(done, title="Removed")

    def _say_not_removed(self, error: MemdbError) -> None:
        self._app.notify(f"{error} {error.hint}".strip(), title="Not removed", severity="error")

    async def explain_connection(self, connection: Connection) -> str | None:
        """What was predicted for a connection's string, against what is observed.

        Returns:
            The corrected string when the user wants it opened, else None.
        """
        from memdb_tui.ui.screens.explanation import ExplanationScreen  # noqa: PLC0415 - not on the first screen

        explained = await self._bridge.session.explain(connection.string)
        title = f"{connection.id}: {connection.outcome.words}"
        return await self._app.push_screen_wait(
            ExplanationScreen(title, explained, comparisons(explained, connection))
        )

    async def explain_string(self, string: str) -> str | None:
        """The explanation of a string whose connection may be gone."""
        from memdb_tui.ui.screens.explanation import ExplanationScreen  # noqa: PLC0415 - not on the first screen

        explained = await self._bridge.session.explain(string)
        return await self._app.push_screen_wait(ExplanationScreen("The string that made the file", explained))


def _who(entry: FileEntry) -> str:
    """Who opened it: the program's line where it is known, and the connection."""
    who = " or ".join(entry.made_by) or "somebody"
    if entry.opener is None:
        return who
    inside = f" in {entry.opener.function}" if entry.opener.function else ""
    return f"{place_words(entry.opener)}{inside} ({who})"


def _ways(entry: FileEntry) -> list[Option]:
    """What can be done about a stray. That of a program is mended in its source, so its line comes first."""
    is_programs = any(map(is_of_program, entry.made_by))
    ways = []
    if entry.opener is not None:
        ways.append(Option("line", f"Show the line: {place_words(entry.opener)}", "", "s"))
    if entry.suggestion:
        where = "in this session, not in the program" if is_programs else "in a pane of its own"
        fix = [
            Option("open", "Open the corrected string", where, "o"),
            Option("copy", "Copy the corrected string", "", "c"),
        ]
        ways += fix[::-1] if is_programs else fix
    if not entry.is_gone:
        ways.append(Option("remove", "Remove the file…", short_path(entry.path), "x", is_dangerous=True))
    ways.append(Option("explain", "Explain the string, layer by layer", "", "e"))
    ways.append(Option("leave", "Leave it", "", "n"))
    return ways
