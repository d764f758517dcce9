"""What is made of what probes tell: who shares with whom, where it lives, what was left open or lost."""

from __future__ import annotations

from typing import Any

import pytest
from wire_client import connection, process, schema, shared, state

from memdb_tui.explain import Kind
from memdb_tui.model import (
    CacheKind,
    Connection,
    CopyState,
    Evidence,
    FileReason,
    LeakKind,
    Outcome,
    ProgramState,
    TransactionMode,
    TransactionState,
)
from memdb_tui.probe import places as of_the_probe
from memdb_tui.programs import places
from memdb_tui.programs.grouping import Letters, letter
from memdb_tui.programs.meanings import meaning_of, questions_of
from memdb_tui.programs.picture import ProcessView, ProgramsPicture, picture_of
from memdb_tui.programs.told import process_of, state_of

STRAY_URL = "sqlite:///file:db3?mode=memory&cache=shared"


class Watch:
    """Pictures of one process, one after the other."""

    def __init__(self, **changes: Any) -> None:
        self._told = process_of(process(**changes))
        self._letters = Letters("p1.")

    def see(
        self,
        *connections: dict[str, Any],
        is_explained: bool = True,
        explained: Kind | None = None,
        has_ended: bool = False,
        has_last_word: bool = True,
        with_closed: bool = False,
        **changes: Any,
    ) -> ProgramsPicture:
        told = state_of(state(*connections, **changes))
        questions = {question for each in told.connections for question in questions_of(self._told, each)}
        view = ProcessView(
            id="p1",
            told=self._told,
            state=told,
            lifecycle=ProgramState.ENDED if has_ended else ProgramState.RUNNING,
            exit_status=0 if has_ended else None,
            ended_at=300.0 if has_ended else None,
            notes=(),
            has_last_word=has_last_word,
        )
        answered = {question for question in questions if is_explained and explained in {None, question.kind}}
        meanings = {question: meaning_of(question) for question in answered}
        return picture_of(view, meanings, self._letters, with_closed=with_closed)


def only(picture: ProgramsPicture) -> Connection:
    (found,) = picture.connections
    return found


def leaks(picture: ProgramsPicture) -> list[tuple[LeakKind, str]]:
    return [(leak.kind, leak.connection) for leak in picture.programs[0].leaks]


def members(picture: ProgramsPicture) -> dict[str, list[str]]:
    return {cache.id: [member.connection for member in cache.members] for cache in picture.caches}


# Who shares a cache with whom.


def test_one_pager_at_one_time_is_one_cache() -> None:
    picture = Watch().see(shared("c1", pager=7), shared("c2", pager=7), shared("c3", pager=8))

    assert members(picture) == {"p1.A": ["p1.c1", "p1.c2"], "p1.B": ["p1.c3"]}
    first = picture.caches[0]
    assert (first.kind, first.name, first.evidence) == (CacheKind.SHARED_CACHE, "m1", Evidence.OBSERVED)
    assert first.process == "p1"


def test_a_pager_used_again_after_a_close_is_another_cache() -> None:
    watch = Watch()
    watch.see(shared("c1", pager=7, opened_at=110.0))

    picture = watch.see(
        shared("c1", pager=7, opened_at=110.0, closed_at=120.0), shared("c2", pager=7, opened_at=130.0)
    )

    assert members(picture) == {"p1.B": ["p1.c2"]}


def test_a_cache_keeps_its_letter_when_all_its_members_change_one_by_one() -> None:
    watch = Watch()
    watch.see(shared("c1", pager=7, opened_at=110.0))

    picture = watch.see(
        shared("c1", pager=7, opened_at=110.0, closed_at=120.0), shared("c2", pager=7, opened_at=115.0)
    )
    later = watch.see(shared("c2", pager=7, opened_at=115.0))

    assert members(picture) == members(later) == {"p1.A": ["p1.c2"]}


def test_a_named_memdb_store_is_one_cache_though_its_pagers_differ() -> None:
    def on_store(name: str, pager: int) -> dict[str, Any]:
        place = schema(virtual="/m", memdb=8192, pager=pager)
        return connection(name, "file:/m?vfs=memdb", uri=True, schemas=[place])

    picture = Watch().see(on_store("c1", 1), on_store("c2", 2))

    assert members(picture) == {"p1.A": ["p1.c1", "p1.c2"]}
    assert picture.caches[0].kind is CacheKind.MEMDB_STORE
    assert {each.outcome for each in picture.connections} == {Outcome.MEMORY_SHARED}


def test_a_store_that_sqlite_does_not_name_is_known_by_its_string() -> None:
    """From SQLite 3.53 on."""

    def on_store(name: str, uri: str, pager: int, memdb: int | None = 8192) -> dict[str, Any]:
        place = schema(pager=pager, memdb=memdb)
        return connection(name, uri, uri=True, keywords={"uri": "True"}, schemas=[place])

    picture = Watch().see(
        on_store("c1", "file:/m?vfs=memdb", 1),
        on_store("c2", "file:/m?vfs=memdb", 2),
        on_store("c3", "file:m?vfs=memdb", 3),
        on_store("c4", "file:/m?mode=memory&cache=shared", 4, memdb=None),
    )

    assert members(picture) == {"p1.A": ["p1.c1", "p1.c2"], "p1.B": ["p1.c3"], "p1.C": ["p1.c4"]}
    first, second, third = picture.caches
    assert (first.kind, first.name, first.evidence) == (CacheKind.MEMDB_STORE, "/m", Evidence.DECLARED)
    assert (second.kind, second.evidence) == (CacheKind.PRIVATE, Evidence.OBSERVED)
    assert third.kind is CacheKind.SHARED_CACHE


def test_of_a_store_without_name_and_string_it_is_not_known_who_shares_it() -> None:
    """From SQLite 3.53 on, of connections older than the attaching: each has a pager of its own, shared or not."""
    places = [[schema(pager=pager, memdb=8192)] for pager in (1, 2)]

    picture = Watch().see(*(connection(f"c{n}", None, schemas=place) for n, place in enumerate(places, 1)))

    assert members(picture) == {"p1.A": ["p1.c1"], "p1.B": ["p1.c2"]}
    assert {cache.evidence for cache in picture.caches} == {Evidence.UNKNOWN}
    assert {cache.kind for cache in picture.caches} == {CacheKind.MEMDB_STORE}


def test_a_memdb_store_without_a_slash_is_private() -> None:
    place = schema(virtual="m", memdb=0, pager=1)

    picture = Watch().see(connection("c1", "file:m?vfs=memdb", uri=True, schemas=[place]))

    assert only(picture).outcome is Outcome.MEMORY_PRIVATE


def test_connections_to_one_file_are_one_cache_over_all_times() -> None:
    def on_file(name: str, **changes: Any) -> dict[str, Any]:
        return connection(name, "/proj/a.db", schemas=[schema(file="/proj/a.db", pager=9)], **changes)

    picture = Watch().see(on_file("c1", closed_at=112.0), on_file("c2", opened_at=150.0), with_closed=True)

    assert members(picture) == {"p1.A": ["p1.c1", "p1.c2"]}
    assert picture.caches[0].kind is CacheKind.FILE


def test_where_sqlite_was_not_asked_the_name_declares_the_cache() -> None:
    picture = Watch(native="no library").see(
        shared("c1", pager=0) | {"schemas": None}, shared("c2", pager=0) | {"schemas": None}
    )

    assert members(picture) == {"p1.A": ["p1.c1", "p1.c2"]}
    assert picture.caches[0].evidence is Evidence.DECLARED
    assert "no library" in picture.programs[0].notes[0]


def test_a_name_alone_joins_those_that_were_observed_under_it() -> None:
    older = shared("c1", pager=0, opened_at=None, found="heap") | {"schemas": None}

    picture = Watch().see(older, shared("c2", pager=7))

    assert {frozenset(each) for each in members(picture).values()} == {frozenset({"p1.c1", "p1.c2"})}
    assert picture.caches[0].evidence is Evidence.DECLARED


def test_of_a_connection_nobody_knows_anything_of_nothing_is_claimed() -> None:
    picture = Watch().see(
        connection("c1", None, keywords=None, uri=None, found="heap", schemas=None, stack=[], opened_at=None)
    )

    found = only(picture)
    assert found.origin is not None
    assert found.origin.opened_at is None
    assert found.outcome is Outcome.UNKNOWN
    assert "not known" in found.reason
    assert picture.caches[0].evidence is Evidence.UNKNOWN


def test_sqlites_own_count_holds_until_somebody_comes_or_goes() -> None:
    counted = shared("c2", pager=7, opened_at=120.0, observed_at=120.5, count=3)

    fresh = Watch().see(shared("c1", pager=7, opened_at=110.0), counted)
    stale = Watch().see(shared("c1", pager=7, opened_at=110.0, closed_at=130.0), counted)

    assert fresh.caches[0].sqlite_count == 3
    assert fresh.caches[0].foreign_count == 1
    assert stale.caches[0].sqlite_count is None


@pytest.mark.parametrize(("number", "text"), [(0, "A"), (25, "Z"), (26, "AA"), (52, "BA"), (702, "AAA")])
def test_letters_go_on_after_z(number: int, text: str) -> None:
    assert letter(number) == text


# What a connection is.


def test_a_url_without_uri_is_a_stray_and_says_how_to_mend_it() -> None:
    picture = Watch().see(
        connection(
            "c1",
            "/proj/file:db3",
            engine={"id": "e1", "url": STRAY_URL, "pool": "SingletonThreadPool"},
            schemas=[schema(file="/proj/file:db3", pager=1)],
            existed=False,
        )
    )

    found = only(picture)
    assert found.string == STRAY_URL
    assert found.outcome is Outcome.FILE
    assert found.is_stray
    assert "uri=true is missing" in found.reason
    assert found.suggestion.endswith("uri=true")
    assert (found.engine, found.pool) == ("p1.e1", "SingletonThreadPool")
    (touch,) = picture.touches
    assert touch.path == "/proj/file:db3"
    assert touch.meant_as_memory
    assert not touch.existed


def test_a_file_is_not_said_to_be_asked_for_before_the_url_that_led_there_is_explained() -> None:
    told = connection(
        "c1",
        "/proj/db3",
        engine={"id": "e1", "url": "sqlite:///db3?mode=memory", "pool": "QueuePool"},
        schemas=[schema(file="/proj/db3")],
    )

    picture = Watch().see(told, explained=Kind.SQLITE3_PATH)

    assert only(picture).reason == "What its string means is not known yet."


@pytest.mark.parametrize("string", ["/proj/file:db3", None])
def test_a_file_named_as_a_uri_begins_is_inferred_to_be_a_stray(string: str | None) -> None:
    told = connection("c1", string, schemas=[schema(file="/proj/file:db3")])

    picture = Watch().see(told)

    assert only(picture).is_stray
    (touch,) = picture.touches
    assert (touch.meant_as_memory, touch.evidence) == (True, Evidence.INFERRED)
    assert "took the URI file:db3 for a path" in touch.explanation


@pytest.mark.parametrize(
    ("found_by", "reason"), [("heap", "before anybody watched"), ("wrapper", "an object was given instead of one")]
)
def test_why_a_string_is_not_known_is_said(found_by: str, reason: str) -> None:
    place = schema(file="/proj/a.db")

    found = only(Watch().see(connection("c1", None, found=found_by, schemas=[place])))

    assert reason in found.reason
    assert not found.is_stray


def test_where_the_string_is_not_known_a_file_that_is_named_as_memory_is_inferred_to_be_a_stray() -> None:
    place = schema(file="/proj/:memory:?cache=shared")

    picture = Watch().see(connection("c1", None, schemas=[place], existed=False))

    assert only(picture).is_stray
    assert (
        only(picture).reason == ":memory:?cache=shared is a string that means memory, and SQLite took it for a path."
    )
    assert picture.touches[0].evidence is Evidence.INFERRED


def test_a_uri_whose_file_is_gone_by_now_was_taken_for_no_path() -> None:
    place = schema(file="/proj/gone.db")

    found = only(Watch().see(connection("c1", "file:gone.db?mode=ro", uri=True, schemas=[place])))

    assert found.reason == "The URI named a file, and SQLite opened /proj/gone.db."
    assert not found.is_stray


@pytest.mark.parametrize(
    ("string", "url", "file"),
    [
        ("file:db3", "", "/proj/file:db3"),
        ("/proj/file:db3", "sqlite:///file:db3", "/proj/file:db3"),
        ("/file:of/db3", "", "/file:of/db3"),
    ],
)
def test_a_string_that_is_known_and_says_a_file_is_believed(string: str, url: str, file: str) -> None:
    engine = {"id": "e1", "url": url, "pool": "QueuePool"} if url else None
    told = connection("c1", string, engine=engine, schemas=[schema(file=file)])

    picture = Watch().see(told)

    assert not only(picture).is_stray
    assert picture.touches[0].evidence is Evidence.OBSERVED


def test_an_engine_with_a_creator_is_judged_by_what_its_creator_opened() -> None:
    picture = Watch().see(
        shared("c1", pager=7, engine={"id": "e1", "url": "sqlite://", "pool": "SingletonThreadPool"})
    )

    assert only(picture).string == "file:m1?mode=memory&cache=shared"
    assert only(picture).outcome is Outcome.MEMORY_SHARED
    assert "'m1'" in only(picture).reason


def test_what_sqlite_did_beats_what_the_string_says() -> None:
    """A build without SQLITE_USE_URI takes the name for a path."""
    string = "file:m1?mode=memory"
    place = schema(file=f"/proj/{string}", pager=1)

    picture = Watch(use_uri=False).see(connection("c1", string, schemas=[place]))

    found = only(picture)
    assert found.outcome is Outcome.FILE
    assert found.is_stray
    assert found.suggestion


def test_before_its_string_is_explained_a_connection_is_there_with_what_was_observed() -> None:
    picture = Watch().see(connection("c1", "/proj/a.db", schemas=[schema(file="/proj/a.db")]), is_explained=False)

    assert only(picture).outcome is Outcome.FILE
    assert not only(picture).is_stray


def attached(name: str, **changes: Any) -> dict[str, Any]:
    return schema(name=name, **changes)


def test_a_file_that_was_attached_is_the_connections_too() -> None:
    picture = Watch().see(
        connection("c1", schemas=[schema(pager=1), attached("books", file="/proj/books.db")], observed_at=115.0)
    )

    (touch,) = picture.touches
    assert (touch.path, touch.connection, touch.reason) == ("/proj/books.db", "p1.c1", FileReason.ATTACH)
    assert (touch.meant_as_memory, touch.existed, touch.evidence) == (False, None, Evidence.OBSERVED)
    assert touch.explanation == "p1.c1 attached it as books."


def test_a_file_that_was_attached_by_a_name_that_means_memory_is_inferred_to_be_a_stray() -> None:
    picture = Watch().see(
        connection("c1", schemas=[schema(pager=1), attached("s", file="/proj/:memory:?cache=shared")])
    )

    (touch,) = picture.touches
    assert (touch.meant_as_memory, touch.evidence) == (True, Evidence.INFERRED)
    assert "means memory" in touch.explanation


def test_an_attached_database_in_memory_is_not_called_by_the_name_of_the_main_one() -> None:
    main = shared("c1", pager=7)

    picture = Watch().see(main | {"schemas": [schema(pager=7), attached("z", pager=8)]})

    assert [cache.name for cache in picture.caches] == ["m1", ""]


def test_whether_a_file_was_there_is_not_said_where_nobody_looked() -> None:
    picture = Watch().see(connection("c1", "/proj/a.db", schemas=[schema(file="/proj/a.db")], existed=None))

    assert picture.touches[0].existed is None


@pytest.mark.parametrize(
    ("told", "mode"),
    [
        ({"isolation": None}, TransactionMode.AUTOCOMMIT),
        ({"isolation": ""}, TransactionMode.LEGACY),
        ({"isolation": "", "keywords": {"autocommit": "False"}}, TransactionMode.MANUAL),
        ({"isolation": "", "keywords": {"autocommit": "True"}}, TransactionMode.AUTOCOMMIT),
        ({"isolation_known": False, "keywords": {"isolation_level": "None"}}, TransactionMode.AUTOCOMMIT),
    ],
)
def test_the_transaction_mode_is_the_one_it_was_opened_with(told: dict[str, Any], mode: TransactionMode) -> None:
    assert only(Watch().see(connection("c1", **told))).mode is mode


def test_an_open_transaction_is_shown() -> None:
    assert only(Watch().see(connection("c1", in_transaction=True))).transaction is TransactionState.OPEN


@pytest.mark.parametrize(("timeout", "seconds"), [("0.5", 0.5), ("x", 5.0), ("", 5.0)])
def test_the_lock_wait_is_the_timeout_it_was_opened_with(timeout: str, seconds: float) -> None:
    keywords = {"timeout": timeout} if timeout else {}

    assert only(Watch().see(connection("c1", keywords=keywords))).lock_wait_seconds == seconds


def test_shared_databases_can_be_read_live_private_ones_by_copy_files_by_anybody() -> None:
    picture = Watch().see(
        shared("c1", pager=1), connection("c2"), connection("c3", "a.db", schemas=[schema(file="/proj/a.db")])
    )

    assert [each.origin.reading for each in picture.connections if each.origin is not None] == [
        CopyState.LIVE,
        CopyState.PRIVATE,
        CopyState.FILE,
    ]


def test_the_opener_is_the_first_line_that_is_the_programs_own() -> None:
    stack = [
        ["/proj/.venv/lib/python3.11/site-packages/sqlalchemy/engine/default.py", 616, "connect"],
        ["<string>", 2, "create_engine"],
        [
            "<sqlalchemy generated _go() wrapper for SessionTransaction._connection_for_bind>",
            2,
            "_connection_for_bind",
        ],
        ["/usr/lib/python3.11/contextlib.py", 137, "__enter__"],
        ["/proj/models.py", 12, "session"],
        ["/proj/app.py", 3, "<module>"],
    ]

    origin = only(Watch().see(connection("c1", stack=stack))).origin

    assert origin is not None
    assert origin.opener is not None
    assert (origin.opener.path, origin.opener.line) == ("/proj/models.py", 12)


@pytest.mark.parametrize("path", ["<stdin>", "<python-input-0>", "<ipython-input-3-abc>", "<doctest shop[1]>"])
def test_what_was_typed_is_the_programs_own(path: str) -> None:
    origin = only(Watch().see(connection("c1", stack=[[path, 1, "<module>"]]))).origin

    assert origin is not None
    assert origin.opener is not None


def test_both_sides_know_typed_source_by_the_same_names() -> None:
    assert places.TYPED == of_the_probe.TYPED


def test_the_source_of_a_command_is_the_programs_own() -> None:
    command = "import app; app.main()"
    origin = only(Watch(argv=["-c", command]).see(connection("c1", stack=[["<string>", 1, "<module>"]]))).origin

    assert origin is not None
    assert origin.opener is not None


@pytest.mark.parametrize("module", ["spawn", "forkserver"])
def test_the_command_that_multiprocessing_starts_a_worker_by_is_not(module: str) -> None:
    command = f"from multiprocessing.{module} import main; main(pipe_handle=7)"
    argv = ["-c", command, "--multiprocessing-fork"]
    stack = [["/usr/lib/python3.11/multiprocessing/process.py", 108, "BaseProcess.run"], ["<string>", 1, "<module>"]]

    origin = only(Watch(argv=argv).see(connection("c1", stack=stack))).origin

    assert origin is not None
    assert origin.opener is None


# What was left open, and what was lost.


def test_a_connection_whose_opener_has_returned_is_named() -> None:
    picture = Watch().see(connection("c1", opener_returned=True))

    assert leaks(picture) == [(LeakKind.STILL_OPEN, "p1.c1")]
    (leak,) = picture.programs[0].leaks
    assert "load has returned" in leak.message
    assert leak.several.startswith("connections still open, though load has returned: app.py:")


def test_a_modules_own_connection_is_a_leak_only_when_the_program_is_over() -> None:
    mine = connection("c1", opener_returned=True, stack=[["/proj/app.py", 1, "<module>"]])

    assert leaks(Watch().see(mine)) == []
    assert leaks(Watch().see(mine, has_ended=True)) == [(LeakKind.STILL_OPEN, "p1.c1")]


def test_a_pools_connection_is_a_leak_only_when_it_was_never_given_back() -> None:
    def pooled(name: str, *, is_out: bool) -> dict[str, Any]:
        engine = {"id": "e1", "url": "sqlite://", "pool": "QueuePool"}
        return connection(name, engine=engine, checked_out=is_out, opener_returned=True)

    both = (pooled("c1", is_out=True), pooled("c2", is_out=False))

    assert leaks(Watch().see(*both)) == []
    assert leaks(Watch().see(*both, has_ended=True)) == [(LeakKind.CHECKED_OUT, "p1.c1")]


def test_of_a_process_without_a_last_word_nothing_is_said_to_be_never_closed() -> None:
    def said(**at_the_end: bool) -> list[str]:
        left = (
            connection("c1", opener_returned=True),
            connection("c2", engine={"id": "e1", "url": "sqlite://", "pool": "QueuePool"}, checked_out=True),
        )
        return [leak.message for leak in Watch().see(*left, has_ended=True, **at_the_end).programs[0].leaks]

    assert [("never" in message) for message in said()] == [True, True]
    assert [("never" in message) for message in said(has_last_word=False)] == [False, False]
    assert all("when its process last told of itself" in message for message in said(has_last_word=False))


def test_what_a_fork_inherited_is_no_leak_of_its_own() -> None:
    def at_the_end(**changes: Any) -> list[tuple[LeakKind, str]]:
        ended = Watch(**changes).see(
            connection("c1", "a.db", opener_returned=True),
            connection("c10", "c.db", opener_returned=True),
            shared("c3", pager=7, opened_at=110.0, closed_at=111.0),
            shared("c11", pager=8, opened_at=120.0, closed_at=121.0),
            shared("c12", pager=9, opened_at=130.0, opener_returned=True),
            has_ended=True,
        )
        return leaks(ended)

    own = [(LeakKind.STILL_OPEN, "p1.c10"), (LeakKind.STILL_OPEN, "p1.c12"), (LeakKind.DIED, "p1.c11")]
    assert at_the_end(forked_from=4000, inherited=9) == own
    assert set(at_the_end()) == {
        *own,
        (LeakKind.STILL_OPEN, "p1.c1"),
        (LeakKind.DIED, "p1.c3"),
    }


def test_the_last_of_several_connections_is_about_to_take_its_database_along() -> None:
    gone = shared("c1", pager=7, opened_at=110.0, closed_at=120.0)
    last = shared("c2", pager=7, opened_at=115.0, observed_at=115.0, count=2)

    assert leaks(Watch().see(gone, last)) == [(LeakKind.LAST_CONNECTION, "p1.c2")]
    assert leaks(Watch().see(gone, last | {"count": 3})) == []
    assert leaks(Watch().see(gone, last, has_ended=True)) == []


def test_a_database_that_died_is_named_with_the_line_that_closed_it() -> None:
    died = shared("c1", pager=7, opened_at=110.0, closed_at=120.0, closed_by=["/proj/app.py", 30, "finish"])
    again = shared("c2", pager=7, opened_at=130.0)

    picture = Watch().see(died, again, has_ended=True)

    (leak,) = picture.programs[0].leaks
    assert (leak.kind, leak.connection) == (LeakKind.DIED, "p1.c1")
    assert "app.py:30 in finish" in leak.message
    assert "p1.c2 opened that name again" in leak.message
    assert "p1.c1" in [each.id for each in picture.connections]


@pytest.mark.parametrize(
    ("changes", "said", "ended"),
    [
        (
            {"closed_by": ["/proj/app.py", 30, "f"], "closed_for_certain": True},
            "The program closed it at app.py:30 in f.",
            "closed at app.py:30 in f",
        ),
        (
            {"closed_by": ["/proj/app.py", 30, "f"], "closed_for_certain": False},
            "It was closed, or collected as garbage, while app.py:30 in f ran.",
            "closed, or collected as garbage, while app.py:30 in f ran",
        ),
        (
            {"closed_by": None, "closed_for_certain": False},
            "It was closed, or collected as garbage.",
            "closed, or collected as garbage",
        ),
    ],
)
def test_no_line_is_said_to_have_closed_what_may_have_been_collected(
    changes: dict[str, Any], said: str, ended: str
) -> None:
    died = shared("c1", pager=7, opened_at=110.0, closed_at=120.0, **changes)

    picture = Watch().see(died, with_closed=True)

    assert only(picture).closed == said
    (leak,) = picture.programs[0].leaks
    assert leak.message.endswith(f"died when its last connection, p1.c1, was {ended}.")


def older(name: str, **changes: Any) -> dict[str, Any]:
    """A connection that is older than our arrival, and that nobody could ask."""
    unknown = {"keywords": None, "uri": None, "found": "heap", "schemas": None, "stack": [], "observed_at": None}
    return connection(name, None, **unknown, **{"opened_at": None} | changes)


def test_what_an_older_connection_may_keep_is_not_said_to_have_died() -> None:
    first = shared("c2", pager=7, opened_at=110.0, closed_at=120.0)
    again = shared("c3", pager=7, opened_at=130.0, observed_at=130.0)

    assert leaks(Watch().see(older("c1"), first)) == []
    assert leaks(Watch().see(older("c1"), first, again)) == []
    assert leaks(Watch().see(older("c1", closed_at=121.0), first, again)) == []
    assert leaks(Watch().see(older("c1", closed_at=119.0), first, again)) == [(LeakKind.DIED, "p1.c2")]


def test_sqlites_own_count_says_whether_a_database_that_is_opened_again_is_the_same() -> None:
    first = shared("c2", pager=7, opened_at=110.0, closed_at=120.0)
    again = shared("c3", pager=7, opened_at=130.0, observed_at=130.0)

    assert leaks(Watch().see(older("c1"), first, again | {"count": 1})) == [(LeakKind.DIED, "p1.c2")]
    assert leaks(Watch().see(first, again | {"count": 2})) == []


def test_sqlites_own_count_says_whether_an_older_connection_is_on_a_database() -> None:
    first = shared("c2", pager=7, opened_at=110.0, observed_at=110.0, closed_at=120.0)
    last = shared("c3", pager=7, opened_at=115.0, observed_at=115.0)

    assert leaks(Watch().see(older("c1"), first | {"count": 1})) == [(LeakKind.DIED, "p1.c2")]
    assert leaks(Watch().see(older("c1"), first | {"count": 2})) == []
    assert leaks(Watch().see(older("c1"), first, last)) == []
    assert leaks(Watch().see(older("c1"), first, last | {"count": 2})) == [(LeakKind.LAST_CONNECTION, "p1.c3")]


def test_a_database_that_our_own_fixture_ends_is_no_leak() -> None:
    keeps = {"stack": [["/venv/site-packages/memdb_tui/pytesting/named_database.py", 25, "named_engine"]]}
    used = shared("c2", pager=7, opened_at=115.0, closed_at=120.0)

    assert leaks(Watch().see(shared("c1", pager=7, opened_at=110.0, **keeps), used)) == []
    assert leaks(Watch().see(shared("c1", pager=7, opened_at=110.0, closed_at=121.0, **keeps), used)) == []
    outlives = used | {"closed_at": 122.0}
    ended = leaks(Watch().see(shared("c1", pager=7, opened_at=110.0, closed_at=121.0, **keeps), outlives))
    assert ended == [(LeakKind.DIED, "p1.c2")]


def test_a_program_that_closes_everything_and_ends_has_lost_nothing() -> None:
    done = (shared("c1", pager=7, closed_at=120.0), connection("c2", closed_at=121.0))

    assert leaks(Watch().see(*done, has_ended=True)) == []


def test_whether_a_database_without_a_known_string_is_private_is_not_known() -> None:
    """A shared one that nobody else is on looks the same to SQLite."""

    def found(name: str, **changes: Any) -> dict[str, Any]:
        return connection(name, None, found="heap", schemas=[schema(pager=7)], **changes)

    alone = Watch().see(found("c1"))
    together = Watch().see(found("c1"), found("c2"))

    assert [cache.kind for cache in alone.caches] == [CacheKind.MEMORY]
    assert only(alone).outcome is Outcome.UNKNOWN
    assert [cache.kind for cache in together.caches] == [CacheKind.SHARED_CACHE]


def test_what_a_process_had_open_at_its_end_was_closed_by_that() -> None:
    running = Watch().see(shared("c1", pager=7))
    ended = Watch().see(shared("c1", pager=7), has_ended=True)

    assert only(running).closed == ""
    assert only(ended).closed == "closed by the end of its process"
    assert members(ended) == members(running)


def test_closed_connections_show_only_where_they_are_wanted() -> None:
    closed = connection("c1", closed_at=120.0, closed_by=["/proj/app.py", 9, "done"])

    assert Watch().see(closed).connections == ()
    assert "app.py:9 in done" in only(Watch().see(closed, with_closed=True)).closed


def test_what_must_be_said_of_a_program_is_said_once() -> None:
    picture = Watch(notes=["The heap is frozen."]).see(notes=["The heap is frozen."], failures=["KeyError: 'x'"])

    notes = picture.programs[0].notes
    assert notes[0] == "The heap is frozen."
    assert len(notes) == 2
    assert "KeyError" in notes[1]


@pytest.mark.parametrize(("observed_at", "size"), [(111.0, None), (120.0, 4096)], ids=["at its opening", "later"])
def test_a_size_seen_at_the_opening_is_not_said_to_be_that_of_now(observed_at: float, size: int | None) -> None:
    opened = connection("c1", opened_at=111.0, observed_at=observed_at, size=4096, schemas=[schema(pager=1)])

    assert [cache.size_bytes for cache in Watch().see(opened).caches] == [size]
