"""A process that connected: what it told last, where it stands, and what must be said of it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace

from memdb_tui.frozen import dataclass
from memdb_tui.model import ProgramState
from memdb_tui.programs.alive import is_alive, is_stopped
from memdb_tui.programs.grouping import Letters
from memdb_tui.programs.meanings import Meaning, Question, questions_of
from memdb_tui.programs.picture import ProcessView, ProgramsPicture, picture_of
from memdb_tui.programs.program_session import ProgramSession
from memdb_tui.programs.told import NOTHING_TOLD, ToldProcess, ToldState

_UNTOLD_END = (
    "It ended without a last word (os._exit, a signal, a crash), or nobody had time to hear it: "
    "this is what it told before."
)
_REPLACED = "It became another program (exec), which is listed by itself."


@dataclass(frozen=True, slots=True)
class _Shown:
    """A picture that was made."""

    picture: ProgramsPicture
    meaning_count: int | None
    """How many meanings were known then; None where all were that it needs."""


class FollowedProcess:
    """One process of a program.

    Args:
        name: Its id, `p1` say.
        told: Who it is.
        state: What it has open.
        session: How it is spoken to.
    """

    def __init__(self, name: str, told: ToldProcess, state: ToldState, session: ProgramSession) -> None:
        self.id = name
        self.session = session
        self._told = told
        self._state = NOTHING_TOLD
        self._letters = Letters(f"{name}.")
        self._lifecycle = ProgramState.RUNNING
        self._has_said_bye = False
        self._is_connected = True
        self._is_stopped = False
        self._exit_status: int | None = None
        self._ended_at: float | None = None
        self._notes: list[str] = []
        self._shown: _Shown | None = None
        """The newest picture, until there is something new."""
        self.take(state, is_last=False)

    @property
    def pid(self) -> int:
        """The process id."""
        return self._told.pid

    @property
    def is_connected(self) -> bool:
        """It can be spoken to."""
        return self._is_connected

    @property
    def is_alive(self) -> bool:
        """Its process runs still."""
        return self._exit_status is None and is_alive(self.pid)

    @property
    def exit_status(self) -> int | None:
        """As `subprocess` has it; None where it is not known."""
        return self._exit_status

    def view(self) -> ProcessView:
        """All that is known of it."""
        lifecycle = self._lifecycle
        if lifecycle is ProgramState.RUNNING and self._state.waiting:
            lifecycle = ProgramState.WAITING
        elif lifecycle is ProgramState.RUNNING and self._is_stopped:
            lifecycle = ProgramState.STOPPED
        return ProcessView(
            id=self.id,
            told=self._told,
            state=self._state,
            lifecycle=lifecycle,
            exit_status=self._exit_status,
            ended_at=self._ended_at,
            notes=tuple(self._notes),
            has_last_word=self._has_said_bye or bool(self._state.becoming),
        )

    def picture(self, meanings: Mapping[Question, Meaning]) -> ProgramsPicture:
        """Its connections, caches and files; the same object while nothing is new.

        Args:
            meanings: What strings mean, as far as that has been found out; it only grows.
        """
        shown = self._shown
        if shown is None or shown.meaning_count not in {None, len(meanings)}:
            picture = picture_of(self.view(), meanings, self._letters, with_closed=False)
            is_explained = all(question in meanings for question in self.questions())
            self._shown = shown = _Shown(picture, None if is_explained else len(meanings))
        return shown.picture

    def full_picture(self, meanings: Mapping[Question, Meaning]) -> ProgramsPicture:
        """The same with closed connections and the caches that are gone."""
        return picture_of(self.view(), meanings, self._letters, with_closed=True)

    def questions(self) -> Iterable[Question]:
        """What should be explained of its strings."""
        for connection in self._state.connections:
            yield from questions_of(self._told, connection)

    def take(self, state: ToldState, *, is_last: bool) -> None:
        """It told a state; older ones than the newest are passed over."""
        self._shown = None
        if state.seq >= self._state.seq or is_last:
            self._state = state
            # It can only say how its SQLite was built once sqlite3 is imported there.
            native, use_uri = state.native or self._told.native, state.use_uri
            if native != self._told.native or (use_uri is not None and use_uri != self._told.use_uri):
                self._told = replace(self._told, native=native, use_uri=use_uri)
        self._has_said_bye |= is_last

    def look(self) -> bool:
        """Look whether it is stopped; True when that has changed."""
        is_stopped_now = self._is_connected and is_stopped(self.pid)
        if is_stopped_now == self._is_stopped:
            return False
        self._is_stopped = is_stopped_now
        self._shown = None
        return True

    def remark(self, note: str) -> None:
        """Something else must be said of it: a whole sentence."""
        self._shown = None
        if note not in self._notes:
            self._notes.append(note)

    def come_again(self, told: ToldProcess, state: ToldState, session: ProgramSession) -> None:
        """It had hung up and is here again, the same program: it has closed all its descriptors, ours among them."""
        self.session = session
        self._told = told
        self._is_connected = True
        if self._exit_status is None:
            self._lifecycle = ProgramState.RUNNING
            self._ended_at = None
            if _UNTOLD_END in self._notes:
                self._notes.remove(_UNTOLD_END)
        self.take(state, is_last=False)

    def is_the_same(self, told: ToldProcess) -> bool:
        """Whether a process that introduces itself is this one."""
        return told.pid == self.pid and told.instance == self._told.instance

    def lose(self, why: str, at: float) -> None:
        """Nothing more comes from it: it hung up, or said something (`why`) that no probe says."""
        self._is_connected = False
        self._shown = None
        if self.session.has_left:
            self._lifecycle = ProgramState.DETACHED
        elif why:
            self._lifecycle = ProgramState.DETACHED
            self._notes.append(f"It was cut off, since it does not speak as it should. {why}")
        elif _REPLACED not in self._notes:
            if self._state.becoming:
                self._notes.append(f"It became another program (exec): {self._state.becoming}.")
            elif not self._has_said_bye:
                self._notes.append(_UNTOLD_END)
            self._lifecycle = ProgramState.ENDED
        self._ended_at = self._ended_at or at

    def give_way(self, at: float) -> None:
        """Its pid has connected again: it is another program now."""
        self._shown = None
        if self._lifecycle is ProgramState.ENDED and _UNTOLD_END in self._notes and self._exit_status is None:
            self._notes.remove(_UNTOLD_END)
            self._notes.append(_REPLACED)
        elif self._lifecycle is not ProgramState.ENDED:
            self._notes.append(_REPLACED)
            self._lifecycle = ProgramState.ENDED
            self._ended_at = at

    def end(self, status: int | None, at: float) -> None:
        """It is over, and with which exit status, as far as that is known."""
        self._shown = None
        if status is not None:
            self._exit_status = status
        self._ended_at = self._ended_at or at
        self._lifecycle = ProgramState.ENDED
