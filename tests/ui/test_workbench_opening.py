"""Opening: what an argument becomes, what is asked first, what is refused, what runs at the start."""

from __future__ import annotations

import os
import signal
import sqlite3
from pathlib import Path

import pytest
from driving import NARROW, RAW_SHARED, STRAY_URL, WIDE, Driver, ended, program

from memdb_tui.model import Outcome


async def test_without_arguments_two_databases_stand_side_by_side_ready_to_type(folder: Path) -> None:
    async with program() as it:
        assert [pane.label for pane in it.panes] == ["db1", "db2"]
        assert [c.string for c in it.snapshot.connections] == [
            f"sqlite:///file:{name}?mode=memory&cache=shared&uri=true" for name in ("db1", "db2")
        ]
        left, right = it.panes
        assert left.region.y == right.region.y
        assert left.region.right <= right.region.x
        assert left.editor.has_focus
        await it.type("SELECT 42 AS answer")
        await it.press("ctrl+j")
        await it.shows("answer", "42", "1 row", within=left)
        assert list(folder.iterdir()) == []


async def test_names_urls_and_raw_strings_open_side_by_side(folder: Path) -> None:
    url = "sqlite:///file:two?mode=memory&cache=shared&uri=true"
    async with program("one", url, RAW_SHARED.format("three"), ":memory:") as it:
        outcomes = {c.string: (c.outcome, bool(c.engine)) for c in it.snapshot.connections}
        assert outcomes == {
            "sqlite:///file:one?mode=memory&cache=shared&uri=true": (Outcome.MEMORY_SHARED, True),
            url: (Outcome.MEMORY_SHARED, True),
            RAW_SHARED.format("three"): (Outcome.MEMORY_SHARED, False),
            ":memory:": (Outcome.MEMORY_PRIVATE, False),
        }
        assert list(folder.iterdir()) == []


async def test_a_string_that_cannot_be_opened_says_why_and_the_rest_opens(folder: Path) -> None:
    bad = "file:x?mode=nope"
    async with program(RAW_SHARED.format("a"), bad, RAW_SHARED.format("b")) as it:
        assert [pane.connection is not None for pane in it.panes] == [True, False, True]
        await it.go(2)
        await it.shows(f"'{bad}' cannot be opened: no such access mode: nope", "not open", within=it.pane)
        await it.go(3)
        await it.run("SELECT 'the rest works'")
        await it.shows("the rest works", within=it.pane)
        assert list(folder.iterdir()) == []


async def test_the_header_and_the_empty_pane_say_whose_databases_these_are(folder: Path) -> None:
    async with program(RAW_SHARED.format("a")) as it:
        host = it.snapshot.facts.pid
        assert f"in this process: pid {host}" in it.lines()[0]
        assert "1 db · 1 conn" in it.lines()[0]
        await it.shows(
            "It lives in this session's own process",
            "A program's own in-memory databases",
            "memdb-tui run app.py",
            within=it.pane,
        )
        assert folder.name in it.lines()[0]


@pytest.mark.parametrize(
    ("name", "is_there"), [("things.db", False), ("things.sqlite", False), ("x.sqlite3", False), ("plain", True)]
)
async def test_a_name_that_looks_like_a_file_asks_which_is_meant(folder: Path, name: str, *, is_there: bool) -> None:
    if is_there:
        sqlite3.connect(folder / name).close()
    before = list(folder.iterdir())
    memory, file = f"sqlite:///file:{name}?mode=memory&cache=shared&uri=true", f"sqlite:///{folder / name}"
    async with program(name) as it:
        await it.modal("Which is meant?", f"'{name}'", str(folder / name), "sqlite:///file:")
        assert [line.key for line in it.question().lines if line.is_selectable] == [memory, file]
        await it.choose(memory)
        await it.until(lambda: it.pane.connection is not None)
        assert it.connection.string == memory
        assert it.connection.outcome is Outcome.MEMORY_SHARED
        assert list(folder.iterdir()) == before


@pytest.mark.parametrize("size", [WIDE, NARROW])
async def test_both_forms_of_a_doubtful_name_are_spelled_out(folder: Path, size: tuple[int, int]) -> None:
    async with program("things.db", size=size) as it:
        await it.modal(
            "sqlite:///file:things.db?mode=memory&cache=shared&uri=true", f"sqlite:///{folder / 'things.db'}"
        )
        await it.press("escape")
        await it.modal_gone()


async def test_the_header_says_whose_databases_these_are_before_anything_is_open(folder: Path) -> None:
    async with program(STRAY_URL.format("db3")) as it:
        await it.modal("This would make the file")
        await it.until(lambda: "in this process: pid" in it.lines()[0], "the host in the header")
        await it.press("n")
        await it.shows("No connection is open.", "^O opens a database.", within=it.cache_map)
        assert "0 db · 0 conn" in it.lines()[0]


@pytest.mark.parametrize("size", [WIDE, NARROW])
async def test_an_empty_pane_says_whose_its_database_is_at_every_size(folder: Path, size: tuple[int, int]) -> None:
    async with program(RAW_SHARED.format("a"), RAW_SHARED.format("b"), size=size) as it:
        await it.shows("It lives in this session's own process. A program's own", within=it.pane)


async def test_a_pane_is_no_longer_empty_when_another_has_made_a_table(folder: Path) -> None:
    async with program(RAW_SHARED.format("a"), RAW_SHARED.format("a")) as it:
        await it.shows("is empty: no tables yet", within=it.panes[1])
        await it.run("CREATE TABLE t (x)")
        await it.shows("No result yet.", within=it.panes[1])


async def test_a_script_that_is_not_utf8_is_refused_with_the_reason(folder: Path) -> None:
    script = folder / "latin.sql"
    script.write_bytes("SELECT 'größer'".encode("latin-1"))
    async with program("a", scripts=[("a", script)]) as it:
        await it.says("latin.sql cannot be read")
        assert "SQL files are read as UTF-8." in it.said()
        await it.run("SELECT 'goes on'")
        await it.shows("goes on", within=it.pane)


async def test_a_name_meant_as_a_file_is_made_only_after_a_yes(folder: Path) -> None:
    async with program("things.db") as it:
        await it.choose(f"sqlite:///{folder / 'things.db'}")
        await it.modal("This makes a file", str(folder / "things.db"))
        assert not (folder / "things.db").exists()
        await it.choose("yes")
        await it.until(lambda: it.pane.connection is not None)
        assert it.connection.outcome is Outcome.FILE
        await it.run("CREATE TABLE t (x)")
        assert (folder / "things.db").exists()


async def test_a_string_that_would_stray_is_opened_only_after_a_yes_that_names_the_path(folder: Path) -> None:
    path = folder / "file:db3"
    async with program(STRAY_URL.format("db3")) as it:
        await it.modal("This string means memory, and makes a file", "uri=true is missing", str(path))
        assert not path.exists()
        await it.choose("yes")
        await it.until(lambda: it.pane.connection is not None)
        assert it.connection.is_stray
        assert path.exists()


@pytest.mark.parametrize("key", ["n", "escape"])
async def test_a_no_opens_nothing_and_makes_nothing(folder: Path, key: str) -> None:
    async with program(STRAY_URL.format("db3")) as it:
        await it.modal("This would make the file")
        await it.press(key)
        await it.shows("Nothing was opened", "^O opens another", within=it.pane)
        assert list(folder.iterdir()) == []


@pytest.mark.parametrize("key", ["n", "escape"])
async def test_a_no_to_one_more_database_leaves_no_pane_behind(folder: Path, key: str) -> None:
    async with program(RAW_SHARED.format("d1")) as it:
        it.workbench.flow(it.workbench.open_pane(STRAY_URL.format("db3")))
        await it.modal("This would make the file")
        await it.press(key)
        await it.modal_gone()
        await it.until(lambda: len(it.panes) == 1 and it.pane.editor.has_focus, "the pane there was before")
        assert list(folder.iterdir()) == []


async def test_the_consent_question_offers_the_string_that_stays_in_memory(folder: Path) -> None:
    async with program(STRAY_URL.format("db3")) as it:
        await it.modal("Keep it in memory")
        await it.press("m")
        await it.until(lambda: it.pane.connection is not None)
        assert it.connection.string == STRAY_URL.format("db3") + "&uri=true"
        assert it.connection.outcome is Outcome.MEMORY_SHARED
        assert list(folder.iterdir()) == []


async def test_with_allow_files_a_stray_opens_without_a_question_and_raises_the_alarm(folder: Path) -> None:
    async with program(STRAY_URL.format("db3"), allow_files=True) as it:
        await it.shows("STRAY FILE", "uri=true is missing")
        assert not it.is_modal
        assert it.connection.is_stray
        assert (folder / "file:db3").exists()


async def test_a_url_cut_at_its_first_parameter_is_asked_about(folder: Path) -> None:
    cut = "sqlite:///file:db1?mode=memory"
    async with program(cut) as it:
        await it.modal("ends after its first parameter", "cut it at &? Quote it")
        await it.press("m")
        await it.until(lambda: it.pane.connection is not None)
        assert it.connection.string == f"{cut}&cache=shared&uri=true"
        assert list(folder.iterdir()) == []


HARD_NAMES = (
    "a name with blanks",
    'it\'s "quoted"',
    "100%",
    "%41",
    "c#",
    "really?",
    "this&that",
    "naïve-日本-😀",
    "../up",
    "a/b",
    "~",
)


async def test_a_name_opens_as_exactly_that_name_and_never_as_a_path(folder: Path) -> None:
    for names in (HARD_NAMES[:6], HARD_NAMES[6:]):
        async with program(*names) as it:
            assert [it.cache_of(c.id).name for c in it.snapshot.connections] == list(names)
            assert {c.outcome for c in it.snapshot.connections} == {Outcome.MEMORY_SHARED}
            assert len(it.snapshot.caches) == len(names)
    assert list(folder.iterdir()) == []
    assert list(folder.parent.iterdir()) == [folder]


async def test_a_name_that_no_database_can_have_is_refused_with_a_reason(folder: Path) -> None:
    async with program(RAW_SHARED.format("a"), "nul\0name") as it:
        text = it.pane_text(2)
        assert "×" in text
        assert "not open" in text
        assert it.panes[0].connection is not None
        assert list(folder.iterdir()) == []


async def test_a_script_runs_in_its_database_at_the_start(folder: Path) -> None:
    script = folder.parent / "schema.sql"
    script.write_text(
        "CREATE TABLE users (name);\nINSERT INTO users VALUES ('Käthe');\nSELECT * FROM users;\n", "utf-8"
    )
    name = RAW_SHARED.format("a")
    async with program(name, RAW_SHARED.format("b"), scripts=[(name, script)]) as it:
        await it.shows("Käthe", "1 row", within=it.panes[0])
        assert it.panes[0].editor.text == script.read_text("utf-8")
        assert it.panes[1].run_shown is None


async def test_a_script_for_another_name_opens_a_pane_for_it(folder: Path) -> None:
    script = folder.parent / "schema.sql"
    script.write_text("SELECT 'of its own'", "utf-8")
    name = RAW_SHARED.format("b")
    async with program(RAW_SHARED.format("a"), scripts=[(name, script)]) as it:
        await it.until(lambda: len(it.panes) == 2)
        await it.shows("of its own", within=it.panes[1])
        assert it.panes[1].string == name


async def test_one_more_database_opens_in_a_pane_of_its_own(folder: Path) -> None:
    async with program(RAW_SHARED.format("a")) as it:
        await it.press("ctrl+o")
        await it.modal("Open a database", "Nothing becomes a file without a question")
        await it.type(RAW_SHARED.format("b"))
        await it.press("enter")
        await it.until(lambda: len(it.panes) == 2 and it.panes[1].connection is not None)
        await it.until(lambda: it.panes[1].editor.has_focus, "the focus in it")
        assert it.panes[1].label == "b"
        assert [pane.border_title is not None for pane in it.panes] == [True, True]
        assert list(folder.iterdir()) == []


# The host dies, or the user leaves, while there are questions.


async def killed(it: Driver) -> None:
    """The host is dead, and a fresh one is wanted."""
    os.kill(it.snapshot.facts.pid, signal.SIGKILL)
    await it.modal("The host is gone")
    await it.press("f")
    await it.until(lambda: it.workbench.host_life.is_live)


async def test_on_a_fresh_host_nothing_is_opened_that_was_refused(folder: Path) -> None:
    async with program(STRAY_URL.format("db3"), RAW_SHARED.format("b")) as it:
        await it.modal("This string means memory, and makes a file")
        await it.press("n")
        await it.modal_gone()
        await killed(it)
        await it.until(lambda: it.panes[1].connection is not None)
        assert it.panes[0].connection is None
        assert list(folder.iterdir()) == []


@pytest.mark.parametrize("key", ["n", "y"])
async def test_a_question_outlives_the_host_and_its_answer_counts(folder: Path, key: str) -> None:
    async with program(STRAY_URL.format("db3"), RAW_SHARED.format("b")) as it:
        await it.modal("This string means memory, and makes a file")
        await killed(it)
        await it.modal("This string means memory, and makes a file")
        await it.until(lambda: it.panes[1].connection is not None)
        assert list(folder.iterdir()) == []
        await it.press(key)
        await it.modal_gone()
        await it.until(lambda: (it.panes[0].connection is not None) == (key == "y"))
        assert len(list(folder.iterdir())) == (1 if key == "y" else 0)


async def test_on_a_fresh_host_a_file_that_was_allowed_opens_without_a_question(folder: Path) -> None:
    async with program(STRAY_URL.format("db3")) as it:
        await it.modal("This string means memory, and makes a file")
        await it.press("y")
        await it.until(lambda: it.pane.connection is not None)
        await killed(it)
        await it.until(lambda: it.pane.connection is not None)
        assert not it.is_modal


async def test_leaving_at_a_question_asks_no_further_one(folder: Path) -> None:
    async with program("x.db", "y.db", STRAY_URL.format("db3")) as it:
        await it.modal("Which is meant?")
        await it.press("ctrl+q")
        await ended(it)
        assert it.app.return_code == 0
    assert list(folder.iterdir()) == []


async def test_a_question_about_leaving_stands_above_the_other_one(folder: Path) -> None:
    async with program(RAW_SHARED.format("a"), "x.db") as it:
        await it.modal("Which is meant?")
        await it.press("m")
        await it.modal_gone()
        await it.go(1)
        await it.run("BEGIN IMMEDIATE")
        await it.press("ctrl+o")
        await it.modal("Open a database")
        await it.press("ctrl+q")
        await it.modal("Quit memdb-tui?")
        await it.press("ctrl+q")
        await it.press("n")
        await it.modal("Open a database")


async def test_what_needs_no_answer_is_open_and_watched_while_a_question_stands(folder: Path) -> None:
    async with program("x.db", RAW_SHARED.format("b")) as it:
        await it.modal("Which is meant?")
        await it.until(lambda: it.panes[1].connection is not None)
        await it.until(lambda: it.workbench.files is not None and bool(it.workbench.files.watched))
        sqlite3.connect(folder / "seen.db").execute("CREATE TABLE t (x)").connection.close()
        await it.until(
            lambda: (
                it.workbench.files is not None
                and any(entry.path.endswith("seen.db") for entry in it.workbench.files.entries)
            )
        )
        assert it.is_modal
