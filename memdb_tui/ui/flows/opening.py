"""From what the user typed to a pane with a connection, with the questions on the way."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Sequence
from typing import Any

from textual.app import App

from memdb_tui.errors import HostGoneError, MemdbError
from memdb_tui.model import ConnectionId, Consent, CreatedBy, Given, Opened, Tried
from memdb_tui.ui.bridge import Bridge
from memdb_tui.ui.screens.choice import ChoiceScreen, Option
from memdb_tui.ui.widgets.database_pane import DatabasePane
from memdb_tui.ui.wording import short_path

_NOT_OPENED = "Nothing was opened."
_DIED = "What was open here died with the host, and no string opens it again."
_TRY = "^O opens another; this pane can be closed from its ≡ menu."

_WAYS = (
    (CreatedBy.NEW_ENGINE, "e", "an engine and a pool of its own"),
    (CreatedBy.SAME_ENGINE_SAME_THREAD, "s", "the pool may hand out the same one again"),
    (CreatedBy.SAME_ENGINE_NEW_THREAD, "t", "as a server's next worker would"),
    (CreatedBy.RAW, "r", "sqlite3.connect(), without SQLAlchemy"),
)


class Opening:
    """Opens strings into panes, and more connections to what is open.

    Args:
        app: Where questions are asked.
        bridge: The way to the host.
        allow_files: Files are made without a question.
    """

    def __init__(self, app: App[object], bridge: Bridge, *, allow_files: bool) -> None:
        self._app = app
        self._bridge = bridge
        self._allow_files = allow_files
        self._allowed: set[str] = set()
        """Strings that the user has let make a file."""
        self._tries: list[asyncio.Task[Tried]] = []

    def begin(self, arguments: Sequence[str]) -> None:
        """Greets the host and opens what needs no question, while the first screen is still being made."""
        started: asyncio.Task[object] = asyncio.create_task(self._bridge.start())
        started.add_done_callback(_told_elsewhere)
        before: Awaitable[object] = started
        for argument in arguments:
            # One after the other, so that the first is c1.
            tried = asyncio.create_task(self._try(argument, after=before))
            tried.add_done_callback(_told_elsewhere)
            self._tries.append(tried)
            before = tried

    async def tried(self, seconds: float) -> None:
        """Waits until what was begun has got as far as it does without a question, but no longer than this."""
        if self._tries:
            await asyncio.wait(self._tries, timeout=seconds)

    async def has_question(self, begun: int) -> bool:
        """Whether one of the arguments of `begin()` cannot be opened without an answer of the user."""
        try:
            tried = await self._tries[begun]
        except MemdbError:
            # Told when it is opened into its pane.
            return False
        is_asked = bool(tried.given.question) or (tried.opened is not None and tried.opened.consent is not None)
        if is_asked:
            self._bridge.show_host()
        return is_asked

    async def open_into(self, pane: DatabasePane, argument: str, *, begun: int | None = None) -> bool:
        """Opens what was typed; the pane says what came of it. True when it has a connection now.

        Args:
            pane: Where it goes.
            argument: What was typed.
            begun: Which of the arguments of `begin()` it was, None for none of them.
        """
        try:
            tried = await (self._try(argument) if begun is None else self._tries[begun])
            if tried.opened is None or tried.opened.connection is None:
                self._bridge.show_host()
            connection = await self._finish(pane, tried)
        except HostGoneError:
            pane.unopened = argument
            return False
        except MemdbError as error:
            pane.show_problem(str(error), error.hint or _TRY)
            return False
        if connection is None:
            pane.is_declined = True
            pane.show_problem(_NOT_OPENED, _TRY)
            return False
        pane.connection_id = connection
        return True

    async def ask(self) -> tuple[str, ...]:
        """Asks what to open; several strings when the same one is wanted in several ways."""
        from memdb_tui.ui.screens.open_database import OpenDatabaseScreen  # noqa: PLC0415 - not on the first screen

        wanted = await self._app.push_screen_wait(OpenDatabaseScreen(self._bridge.session.explain))
        return wanted.strings if wanted is not None else ()

    async def reopen(self, pane: DatabasePane) -> None:
        """Opens on a fresh host what a pane had on the one that died, or was to have; its database begins empty.

        Raises:
            HostGoneError: That one is gone as well.
        """
        if pane.unopened:
            argument, pane.unopened = pane.unopened, ""
            await self.open_into(pane, argument)
            return
        had_connection, pane.connection_id, pane.home = pane.connection_id is not None, None, None
        if not pane.string:
            if had_connection:
                pane.show_problem(_DIED, _TRY)
            return
        try:
            pane.connection_id = await self._open(pane, pane.string)
        except HostGoneError:
            raise
        except MemdbError as error:
            pane.show_problem(str(error), error.hint)
            return
        if pane.connection_id is None:
            pane.show_problem(_NOT_OPENED, _TRY)

    async def another(self, like: ConnectionId, *, has_engine: bool, pane: DatabasePane | None) -> None:
        """Asks how, opens one more connection, and gives it to the pane if that was wanted."""
        ways = [way for way in _WAYS if has_engine or "same engine" not in way[0].value]
        answer = await self._app.push_screen_wait(
            ChoiceScreen(
                f"New connection to the database of {like}",
                [Option(way.value, way.value, detail, key) for way, key, detail in ways],
                switch="this pane's SQL runs on it from now on" if pane is not None else "",
            )
        )
        if answer is None:
            return
        opened = await self._bridge.session.open_another(like, CreatedBy(answer.id))
        if opened.connection is None:
            return
        if answer.is_on and pane is not None:
            pane.run_on(opened.connection)
        if opened.connection == like:
            self._app.notify(
                f"The pool handed out {like} again: one sqlite3 connection, one more checkout.",
                title="Same connection",
            )
        else:
            self._app.notify(f"{opened.connection} is open.", title="New connection")

    async def _try(self, argument: str, *, after: Awaitable[object] | None = None) -> Tried:
        """As far as it goes without a question."""
        if after is not None:
            await asyncio.wait([asyncio.ensure_future(after)])
        return await self._bridge.session.try_open(argument, allow_file=self._allow_files)

    async def _finish(self, pane: DatabasePane, tried: Tried) -> ConnectionId | None:
        string = await self._settle(tried.given)
        if string is None:
            return None
        pane.show_label(tried.given.label)
        if tried.error:
            raise MemdbError(tried.error, hint=tried.hint)
        return await self._open(pane, string, tried.opened)

    async def _open(self, pane: DatabasePane, string: str, opened: Opened | None = None) -> ConnectionId | None:
        """Opens a string, after a question where it would make a file; the pane has the string once it is open.

        Args:
            pane: Where it goes.
            string: What to open.
            opened: What came of it without a question, None where it was not tried yet.
        """
        if opened is None:
            allows = self._allow_files or string in self._allowed
            opened = await self._bridge.session.open(string, allow_file=allows)
        if opened.consent is not None:
            answer = await self._app.push_screen_wait(consent_screen(opened.consent))
            if answer is None or answer.id == "no":
                return None
            if answer.id == "suggestion":
                string = opened.consent.suggestion
            else:
                self._allowed.add(string)
            # Not that of before the question: the host may be another by now.
            opened = await self._bridge.session.open(string, allow_file=answer.id == "yes")
        pane.string = string
        return opened.connection

    async def _settle(self, given: Given) -> str | None:
        """The string to open, asked for where it is in doubt."""
        if not given.question:
            return given.string
        options = []
        if given.as_memory:
            options.append(Option(given.as_memory, "In memory, shared", given.as_memory, "m"))
        if given.as_file:
            options.append(Option(given.as_file, "The file", given.as_file, "f"))
        if not given.as_file:
            options.append(Option(given.string, "As it is", given.string, "a"))
        answer = await self._app.push_screen_wait(ChoiceScreen("Which is meant?", options, body=(given.question,)))
        return answer.id if answer is not None else None


def _told_elsewhere(task: asyncio.Task[Any]) -> None:
    """What it raised is told where it is awaited, if it still is: asyncio need not complain of it at the end."""
    if not task.cancelled():
        task.exception()


def consent_screen(consent: Consent) -> ChoiceScreen:
    """The question before a file is made or opened that the string may not mean."""
    path = short_path(consent.path)
    options = []
    if consent.suggestion:
        options.append(Option("suggestion", "Keep it in memory", "the corrected string", "m"))
    does = "Open the file that is there" if consent.exists else "Yes, make the file"
    options += [Option("yes", does, path, "y", is_dangerous=True), Option("no", "Open nothing", "", "n")]
    body = [consent.string, consent.reason]
    body.append(f"The file is there already: {path}" if consent.exists else f"This would make the file {path}")
    if consent.suggestion:
        body.append(f"In memory it would be\n{consent.suggestion}")
    title = "This string means memory, and makes a file" if consent.meant_as_memory else "This makes a file"
    return ChoiceScreen(title, options, body=body, is_alarm=consent.meant_as_memory)
