"""Explanations of strings, asked for once each, one after the other."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterable, Mapping

from memdb_tui.errors import MemdbError
from memdb_tui.explain import Kind
from memdb_tui.programs.meanings import Explainer, Meaning, Question

_MOST_QUESTIONS = 10_000
"""A program that opens ever new names is not followed with explanations for ever."""


class Explanations:
    """What strings mean, as far as it is known.

    Args:
        explain: Answers one question.
        on_news: Called in the event loop after answers have come.
    """

    def __init__(self, explain: Explainer, on_news: Callable[[], None]) -> None:
        self._explain = explain
        self._on_news = on_news
        self._meanings: dict[Question, Meaning] = {}
        self._asked: set[Question] = set()
        self._open: list[Question] = []
        self._task: asyncio.Task[None] | None = None

    @property
    def meanings(self) -> Mapping[Question, Meaning]:
        """All that is known now."""
        return self._meanings

    def ask(self, questions: Iterable[Question]) -> None:
        """See to it that these are answered some time."""
        new = [question for question in dict.fromkeys(questions) if question not in self._asked]
        room = _MOST_QUESTIONS - len(self._asked)
        self._asked.update(new[:room])
        self._open += new[:room]
        if self._open and (self._task is None or self._task.done()):
            self._task = asyncio.create_task(self._answer(), name="program-explanations")

    @property
    def is_settled(self) -> bool:
        """Nothing is open."""
        return self._task is None or self._task.done()

    async def settled(self) -> None:
        """Return when nothing is open."""
        while self._task is not None and not self._task.done():
            await asyncio.wait([self._task])

    async def close(self) -> None:
        """Give up what is open; may be called twice."""
        if self._task is not None:
            self._task.cancel()
            await asyncio.wait([self._task])

    async def _answer(self) -> None:
        while self._open:
            batch, self._open = self._open, []
            # URLs may be asked elsewhere, and take long: what can be said without them is said first.
            quick = [question for question in batch if question.kind is not Kind.SQLALCHEMY_URL]
            for part in (quick, [question for question in batch if question.kind is Kind.SQLALCHEMY_URL]):
                for question in part:
                    try:
                        self._meanings[question] = await self._explain(question)
                    except MemdbError as error:
                        self._meanings[question] = _unexplained(question, error)
                if part:
                    self._on_news()


def _unexplained(question: Question, error: MemdbError) -> Meaning:
    return Meaning(
        string=question.string,
        outcome="error",
        database="",
        path="",
        meant_as_memory=False,
        reason=f"It could not be explained: {error}",
        suggestion="",
        connect="",
    )
