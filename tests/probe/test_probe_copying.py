"""Copies of a program's databases: whole, sound, and never in the way."""

from __future__ import annotations

import itertools
import sqlite3
import threading
from contextlib import closing

import pytest
from program import COUNT, SECONDS, SHARED, connect, is_sound, target, thread

from memdb_tui.probe import copying
from memdb_tui.probe.copying import CopyError, backup_copy, serialize_own
from memdb_tui.probe.native import native
from memdb_tui.probe.visit import Target, store_uri

OPERATIONS = 2000


def never() -> bool:
    return False


def unsaid(_: float) -> None:
    return


def copied(where: Target) -> bytes:
    return backup_copy(where, connect=sqlite3.connect, should_stop=never, held=unsaid)


def rows(image: bytes, sql: str) -> list[tuple[object, ...]]:
    with closing(sqlite3.connect(":memory:")) as copy:
        copy.deserialize(image)
        return copy.execute(sql).fetchall()


def test_a_copy_holds_what_was_committed() -> None:
    with closing(connect("copied")) as program:
        program.execute("CREATE TABLE t(x)")
        program.executemany("INSERT INTO t VALUES(?)", [("x" * 1000,)] * 3000)
        image = copied(target(program, "copied"))
    assert is_sound(image)
    assert rows(image, "SELECT count(*), max(x) FROM t") == [(3000, "x" * 1000)]


def test_an_empty_database_is_copied() -> None:
    with closing(connect("empty")) as program:
        for image in (copied(target(program, "empty")), serialize_own(program)):
            assert rows(image, "SELECT * FROM sqlite_schema") == []


def test_a_store_is_copied() -> None:
    with closing(sqlite3.connect("file:/copied?vfs=memdb", uri=True)) as program:
        program.execute("CREATE TABLE t(x)")
        where = Target(store_uri("/copied"), pager=None, is_store=True, has_known_members=lambda: True)
        assert rows(copied(where), "SELECT name FROM sqlite_schema") == [("t",)]
        assert rows(serialize_own(program), "SELECT name FROM sqlite_schema") == [("t",)]


def test_a_database_that_died_is_gone_and_its_name_stays_dead() -> None:
    program = connect("dying-copy")
    program.execute("CREATE TABLE t(x)")
    where = target(program, "dying-copy")
    program.close()
    with pytest.raises(CopyError, match="its last connection") as caught:
        copied(where)
    assert caught.value.code == "gone"
    with closing(connect("dying-copy")) as again:
        assert again.execute("SELECT * FROM sqlite_schema").fetchall() == []


def test_an_open_transaction_is_waited_for_and_no_connection_is_kept_meanwhile() -> None:
    with closing(connect("waiting")) as program:
        program.execute("CREATE TABLE t(x)")
        program.execute("BEGIN IMMEDIATE")
        program.execute("INSERT INTO t VALUES(1)")
        asked = threading.Semaphore(0)
        images: list[bytes] = []

        def should_stop() -> bool:
            asked.release()
            return False

        def copy() -> None:
            images.append(backup_copy(where, connect=sqlite3.connect, should_stop=should_stop, held=unsaid))

        where = target(program, "waiting")
        copying_thread = threading.Thread(target=copy)
        copying_thread.start()
        for _ in range(5):
            assert asked.acquire(timeout=SECONDS)
        assert images == []
        program.execute("COMMIT")
        copying_thread.join(SECONDS)
        assert rows(images[0], "SELECT x FROM t") == [(1,)]


@pytest.mark.parametrize("sql", ["INSERT INTO t VALUES(1)", "CREATE TABLE u(x)"])
def test_waiting_ends_when_told_to(sql: str) -> None:
    with closing(connect("stopped")) as program:
        program.execute("CREATE TABLE t(x)")
        program.execute("BEGIN")
        program.execute(sql)
        answers = itertools.chain([False] * 3, itertools.repeat(True))
        with pytest.raises(CopyError) as caught:
            backup_copy(
                target(program, "stopped"), connect=sqlite3.connect, should_stop=lambda: next(answers), held=unsaid
            )
        assert caught.value.code == "cancelled"


def test_what_is_too_big_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(copying, "MAX_BYTES", 1 << 20)
    with closing(connect("big")) as program:
        program.execute("CREATE TABLE t(x)")
        where = target(program, "big")
        # Too big for certain before a page is copied, and only when all are.
        for size in (3 << 20, (1 << 20) + 50_000):
            program.execute("DELETE FROM t")
            program.execute("VACUUM")
            program.execute("INSERT INTO t VALUES(zeroblob(?))", (size,))
            for copy in (lambda: copied(where), lambda: serialize_own(program)):
                with pytest.raises(CopyError, match="at most 1 MiB") as caught:
                    copy()
                assert caught.value.code == "too-big"


def test_a_name_that_cannot_be_opened_is_a_failure_in_words() -> None:
    where = Target("file:x?mode=Memory", pager=None, is_store=False, has_known_members=lambda: True)
    with pytest.raises(CopyError, match="no such access mode: Memory") as caught:
        copied(where)
    assert caught.value.code == "failed"


def test_a_private_database_is_copied_by_its_owner() -> None:
    with closing(sqlite3.connect(":memory:")) as program:
        program.execute("CREATE TABLE t(x)")
        statements: list[str] = []
        program.set_trace_callback(statements.append)
        assert rows(serialize_own(program), "SELECT name FROM sqlite_schema") == [("t",)]
        assert statements == []
        program.set_trace_callback(None)
        program.execute("INSERT INTO t VALUES(1)")
        assert program.in_transaction
        assert rows(serialize_own(program), "SELECT x FROM t") == [(1,)]
        assert program.in_transaction
        program.rollback()
        assert rows(serialize_own(program), "SELECT x FROM t") == []


def test_a_program_that_overrides_what_sqlite3_does_is_not_run() -> None:
    class Loud(sqlite3.Connection):
        def backup(self, *_: object, **__: object) -> None:  # type: ignore[override]  # only to be noticed
            raise AssertionError

        def serialize(self, *_: object, **__: object) -> bytes:
            raise AssertionError

    with closing(sqlite3.connect(":memory:", factory=Loud)) as program:
        assert rows(serialize_own(program), "SELECT * FROM sqlite_schema") == []
        program.execute("CREATE TABLE t(x)")
        program.execute("INSERT INTO t VALUES(1)")
        assert rows(serialize_own(program), "SELECT x FROM t") == [(1,)]


@pytest.mark.parametrize("string", ["", ":memory:", "file:x?mode=memory", "file:x?mode=memory&cache=private"])
def test_of_a_connection_that_was_found_sqlite_itself_says_that_it_is_private(string: str) -> None:
    with closing(sqlite3.connect(string, uri=True)) as program:
        statements: list[str] = []
        program.executescript("CREATE TABLE t(x); BEGIN IMMEDIATE; INSERT INTO t VALUES(1)")
        library = native()
        assert library is not None
        program.set_trace_callback(statements.append)
        assert library.may_share(library.handle(program)) is False
        assert statements == []
        program.set_trace_callback(None)
        assert rows(serialize_own(program), "SELECT x FROM t") == [(1,)]


@pytest.mark.parametrize("string", ["file:alone?mode=memory&cache=shared", "file:alone?mode=memory&cache=%73hared"])
def test_others_can_come_to_a_shared_database_however_its_string_is_written(string: str) -> None:
    with closing(sqlite3.connect(string, uri=True)) as program:
        program.executescript("CREATE TABLE t(x); BEGIN IMMEDIATE; INSERT INTO t VALUES(1)")
        with pytest.raises(CopyError, match="others can come to") as caught:
            serialize_own(program, is_known_private=True)
        assert caught.value.code == "busy"
        assert "COMMIT or ROLLBACK" in caught.value.hint
        program.commit()
        assert rows(serialize_own(program), "SELECT x FROM t") == [(1,)]


def test_an_authorizer_that_lets_nobody_ask_leaves_it_unknown() -> None:
    with closing(sqlite3.connect(":memory:")) as program:
        program.executescript("CREATE TABLE t(x); BEGIN IMMEDIATE; INSERT INTO t VALUES(1)")
        program.set_authorizer(lambda action, *_: sqlite3.SQLITE_DENY if action == sqlite3.SQLITE_READ else 0)
        with pytest.raises(CopyError, match="is not known"):
            serialize_own(program)
        assert rows(serialize_own(program, is_known_private=True), "SELECT x FROM t") == [(1,)]


def test_a_store_that_is_being_written_is_not_copied_half_old_and_half_new() -> None:
    with closing(sqlite3.connect(":memory:")) as before, closing(sqlite3.connect(":memory:")) as program:
        before.execute("CREATE TABLE t(x)")
        before.executemany("INSERT INTO t VALUES(?)", [("x" * 500,)] * 3000)
        before.commit()
        program.deserialize(before.serialize())
        program.execute("PRAGMA cache_size=10")
        program.execute("UPDATE t SET x = replace(x, 'x', 'y')")
        with pytest.raises(CopyError, match="in part") as caught:
            serialize_own(program, is_known_private=True)
        assert caught.value.code == "busy"
        program.commit()
        assert rows(serialize_own(program), "SELECT DISTINCT substr(x, 1, 1) FROM t") == [("y",)]


def test_a_shared_database_in_the_middle_of_a_write_is_refused() -> None:
    with closing(connect("sharers")) as program, closing(connect("sharers")) as other:
        other.execute("CREATE TABLE t(x)")
        program.execute("BEGIN IMMEDIATE")
        with pytest.raises(CopyError, match="others can come to"):
            serialize_own(program)
        with pytest.raises(CopyError, match="being written"):
            serialize_own(other)
        program.execute("COMMIT")
        assert rows(serialize_own(program), "SELECT name FROM sqlite_schema") == [("t",)]


def test_a_file_is_left_alone(tmp_path: object) -> None:
    with closing(sqlite3.connect(f"{tmp_path}/x.db")) as program:
        with pytest.raises(CopyError, match="is a file") as caught:
            serialize_own(program)
        assert caught.value.code == "not-possible"


def test_a_program_that_never_stops_writing_is_copied_soundly() -> None:
    keeper = connect("written")
    keeper.execute("CREATE TABLE t(x, y)")
    keeper.executemany("INSERT INTO t VALUES(1, ?)", [("y" * 500,)] * 6000)
    where = target(keeper, "written")
    commits = 0
    is_written = threading.Event()

    def write(stop: threading.Event) -> None:
        nonlocal commits
        raw = connect("written")
        raw.create_function("plus", 1, lambda x: x + 1)
        while not stop.is_set():
            # Every row is the same in every committed state.
            raw.execute("UPDATE t SET x = plus(x)")
            commits += 1
            is_written.set()
        raw.close()

    with thread(write):
        assert is_written.wait(SECONDS)
        for _ in range(5):
            image = copied(where)
            assert is_sound(image)
            assert rows(image, "SELECT count(*), count(DISTINCT x) FROM t") == [(6000, 1)]
    assert commits > 0
    assert keeper.execute("PRAGMA integrity_check").fetchone() == ("ok",)
    keeper.close()


def test_thousands_of_copies_beside_a_writer_with_a_python_function_stick_and_spoil_nothing() -> None:
    keeper = connect("many-copies")
    keeper.execute("CREATE TABLE t(x)")
    where = target(keeper, "many-copies")
    rounds = 0

    def write(stop: threading.Event) -> None:
        nonlocal rounds
        raw = connect("many-copies")
        raw.create_function("double", 1, lambda x: 2 * x)
        while not stop.is_set():
            raw.execute("INSERT INTO t VALUES(double(7) || hex(zeroblob(300)))")
            raw.execute("DELETE FROM t WHERE rowid < (SELECT max(rowid) - 50 FROM t) AND double(1)")
            rounds += 1
        raw.close()

    with thread(write):
        for number in range(OPERATIONS):
            image = copied(where)
            assert number % 100 or is_sound(image)
    assert keeper.execute("PRAGMA integrity_check").fetchone() == ("ok",)
    assert rounds > 0
    keeper.close()


def test_the_name_of_a_target_is_opened_as_it_is() -> None:
    with closing(connect("as-it-is")) as program:
        opened: list[str] = []

        def note(database: str, **keywords: object) -> sqlite3.Connection:
            opened.append(database)
            assert keywords["uri"] is True
            assert keywords["timeout"] == 0
            return sqlite3.connect(database, **keywords)  # type: ignore[call-overload]  # keywords as they came

        backup_copy(target(program, "as-it-is"), connect=note, should_stop=never, held=unsaid)
        assert opened == [SHARED.format("as-it-is")]


def test_each_step_of_a_copy_and_its_image_are_told_as_blocks() -> None:
    held: list[float] = []
    with closing(connect("steps")) as program:
        program.execute("CREATE TABLE t(x)")
        program.execute(f"INSERT INTO t {COUNT.format(' WHERE x < 2000')} SELECT zeroblob(2000) FROM c")
        image = backup_copy(target(program, "steps"), connect=sqlite3.connect, should_stop=never, held=held.append)
    # Steps of 256 pages of 4 KiB, and the image.
    assert len(held) == -(-len(image) // (256 << 12)) + 1
    assert min(held) >= 0
