"""Three classes of tests: the first two meet where MEETING says so, the third fails."""

import gc
import os
import sqlite3
import threading
import time
from pathlib import Path

from django.test import TestCase, TransactionTestCase

from shelf.models import Book

MEETING_SECONDS = 60.0


def meet(name: str) -> None:
    """Go on when the other class runs as well: in another worker, so that each has one class."""
    if "MEETING" not in os.environ:
        return
    place = Path(os.environ["MEETING"])
    (place / name).touch()
    until = time.monotonic() + MEETING_SECONDS
    while len(list(place.iterdir())) < 2:
        if time.monotonic() > until:
            raise TimeoutError("the other class does not run")
        time.sleep(0.01)


class Reading(TestCase):  # type: ignore[misc]  # Django is not there for mypy
    @classmethod
    def setUpTestData(cls) -> None:
        Book.objects.create(title="Emma")

    def test_a_connection_of_its_own(self) -> None:
        meet("reading")
        own = sqlite3.connect(":memory:")
        own.close()
        assert Book.objects.get().title == "Emma"


class Threads(TransactionTestCase):  # type: ignore[misc]  # Django is not there for mypy
    def test_a_thread_sees_the_same_rows(self) -> None:
        meet("threads")
        Book.objects.create(title="Emma")
        found: list[int] = []

        def view() -> None:
            found.append(Book.objects.count())

        thread = threading.Thread(target=view, name="view")
        thread.start()
        thread.join()
        del thread
        # Django never closes what a thread has opened in memory.
        gc.collect()
        assert found == [1]


class Failing(TestCase):  # type: ignore[misc]  # Django is not there for mypy
    def test_that_fails(self) -> None:
        assert Book.objects.count() == 1
