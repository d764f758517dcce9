"""Of Django, peewee, gevent, pandas every connection is told, by the line that led to it; nothing else is different.

What a process opens the programs write down themselves (`frameworks/openings.py`), so that one too few would show.
"""

from __future__ import annotations

import functools
import importlib.util
import os
import re
import subprocess
import sys
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from ways import Outcome, environment, run_headless, run_plain

INSTALL_SECONDS = 180.0
FRAMEWORKS = Path(__file__).with_name("frameworks")
PROJECT = FRAMEWORKS / "django_project"
MANAGE = PROJECT / "manage.py"
TESTS = PROJECT / "shelf" / "tests.py"
REQUIREMENTS = {
    "django": ("Django==5.2.19", "asgiref==3.13.0", "sqlparse==0.6.1"),
    "gevent": ("gevent==26.9.0",),
    "peewee": ("peewee==4.5.3",),
    "pandas": ("pandas==3.1.1",),
}
OF_DJANGO = {"detect_types": "3", "check_same_thread": "False", "uri": "True"}
"""3: PARSE_DECLTYPES | PARSE_COLNAMES."""
RUNS_COMMAND = "execute_from_command_line(sys.argv)"
MEMORYDB = "file:memorydb_default?mode=memory&cache=shared"
IN_PARALLEL = ("test", "--parallel", "2", "shelf.tests.Reading", "shelf.tests.Threads")

pytestmark = pytest.mark.heavy

Json = dict[str, Any]
Strings = Counter[str]


@dataclass(frozen=True, slots=True)
class Ran:
    """One way a program went."""

    told: tuple[int, str, str, tuple[tuple[str, str], ...]]
    """Exit status, output, errors, files; without what differs from start to start."""
    opened: dict[int, Strings]
    """By process: the strings it opened, by its own account."""
    folder: Path


@dataclass(frozen=True, slots=True)
class Both:
    """A program by itself and under `run --headless`."""

    plain: Ran
    headless: Ran
    processes: list[Json]
    """Of the report: those that had connections, the first one first."""

    @property
    def only(self) -> Json:
        (found,) = self.processes
        return found


Run = Callable[..., Both]


@pytest.fixture(scope="module")
def installed(tmp_path_factory: pytest.TempPathFactory) -> Callable[[str], Path]:
    """Installs a framework in a folder that is called as that of any environment, once each."""

    @functools.cache
    def install(name: str) -> Path:
        folder = tmp_path_factory.mktemp(name) / "site-packages"
        if importlib.util.find_spec("pip") is None:
            pytest.skip(f"no pip here to install {name} with")
        try:
            subprocess.run(
                [sys.executable, "-m", "pip", "install", "--quiet", "--target", str(folder), *REQUIREMENTS[name]],
                env=environment(),
                capture_output=True,
                text=True,
                timeout=INSTALL_SECONDS,
                check=True,
            )
        except (subprocess.CalledProcessError, subprocess.TimeoutExpired) as error:
            last = str(error.stderr or error).strip().splitlines()[-1:]
            pytest.skip(f"{' '.join(REQUIREMENTS[name])} cannot be installed: {' '.join(last)}")
        return folder

    return install


@pytest.fixture
def run(installed: Callable[[str], Path], tmp_path: Path) -> Run:
    """Runs a program of a framework in both ways, and sees that they went the same."""

    def run_both(
        python: str, framework: str, program: Path, *words: str, meets: bool = False, start_method: str = "fork"
    ) -> Both:
        def variables(way: str) -> dict[str, str]:
            found = {
                "PYTHONPATH": os.pathsep.join(map(str, (installed(framework), FRAMEWORKS))),
                "OPENINGS": str(tmp_path / f"{way}.openings"),
                "START_METHOD": start_method,
            }
            if meets:
                place = tmp_path / f"{way}.meeting"
                place.mkdir()
                found["MEETING"] = str(place)
            return found

        command = [str(program), *words]
        plain = run_plain(python, command, tmp_path / "plain", **variables("plain"))
        headless, report = run_headless(python, command, tmp_path / "headless", **variables("headless"))
        both = Both(
            _ran(plain, tmp_path / "plain"),
            _ran(headless, tmp_path / "headless"),
            [each for each in _list(report["processes"]) if each["connections"]],
        )
        assert both.headless.told == both.plain.told
        _see_that_all_is_told(both)
        return both

    return run_both


def _list(found: object) -> list[Json]:
    assert isinstance(found, list)
    return found


def _ran(outcome: Outcome, folder: Path) -> Ran:
    def steady(text: str) -> str:
        text = re.sub(r"0x[0-9a-f]{4,}", "0x…", text.replace(str(folder), "…"))
        return re.sub(r"\bin \d+\.\d+s\b", "in …s", text)

    opened: dict[int, Strings] = {}
    for line in folder.with_suffix(".openings").read_text("utf-8").splitlines():
        pid, _, string = line.partition(" ")
        opened.setdefault(int(pid), Counter())[string] += 1
    told = outcome.status, steady(outcome.stdout), steady(outcome.stderr), outcome.files
    return Ran(told, opened, folder)


def _see_that_all_is_told(both: Both) -> None:
    """Neither one too few nor one too many, in each process; no file that a string meant as memory."""
    first, *_ = both.processes
    inherited = {each["opened"] for each in first["connections"]}
    told = {first["pid"]: Counter(each["database"] for each in first["connections"])}
    for process in both.processes[1:]:
        own = Counter(each["database"] for each in process["connections"] if each["opened"] not in inherited)
        if own:
            told[process["pid"]] = own
    assert told == both.headless.opened
    assert _in_all(told) == _in_all(both.plain.opened)
    assert not any(each["stray"] for process in both.processes for each in process["connections"])
    assert not any(each["stray"] for process in both.processes for each in process["files"])


def _in_all(opened: dict[int, Strings]) -> Strings:
    """What all processes opened; which of Django's workers gets which tests is chance."""
    found = Strings()
    for strings in opened.values():
        for string, count in strings.items():
            found[re.sub(r"default_\d", "default_N", string)] += count
    return found


def _opened_at(connection: Json) -> tuple[str, int]:
    place = connection["opened_at"]
    return place["file"], place["line"]


def _places(program: Path, text: str) -> list[tuple[str, int]]:
    """The lines of a program in which a text stands."""
    lines = enumerate(program.read_text("utf-8").splitlines(), 1)
    return [(str(program), number) for number, line in lines if text in line]


def _at(program: Path, text: str) -> tuple[str, int]:
    (found,) = _places(program, text)
    return found


def _cache(process: Json, database: str) -> Json:
    (found,) = (each for each in process["caches"] if each["database"] == database)
    return dict(found)


def _ids(connections: Sequence[Json]) -> list[str]:
    return [each["id"] for each in connections]


def _leaking(process: Json) -> list[tuple[str, str]]:
    return [(leak["kind"], leak["connection"]) for leak in process["leaks"]]


def test_two_threads_of_django_are_on_one_cache_each_opened_by_its_own_line(python: str, run: Run) -> None:
    program = FRAMEWORKS / "django_threads.py"

    both = run(python, "django", program)

    assert both.plain.told == (0, "in a thread: [('Emma',)]\nopen at the end: 1\n", "", ())
    first, second = both.only["connections"]
    assert (first["string"], second["string"]) == (MEMORYDB, MEMORYDB)
    assert (first["keywords"], second["keywords"]) == (OF_DJANGO, OF_DJANGO)
    assert (first["thread"], second["thread"]) == ("MainThread", "view")
    assert [_opened_at(each) for each in (first, second)] == _places(program, "with connection.cursor()")
    cache = _cache(both.only, "memorydb_default")
    assert (cache["kind"], cache["evidence"]) == ("shared-cache", "observed")
    assert cache["members"] == _ids(both.only["connections"])
    # Django closes neither; the thread's is garbage when the thread has ended.
    assert (first["closed"], second["closed_for_certain"]) == (None, False)
    assert second["closed"] is not None
    assert _leaking(both.only) == [("still open", first["id"])]


def test_of_the_tests_of_a_django_project_each_connection_is_told(python: str, run: Run) -> None:
    both = run(python, "django", MANAGE, "test", "shelf")

    status, _, errors, files = both.plain.told
    assert (status, files) == (1, ())
    assert "Ran 3 tests in …s\n\nFAILED (failures=1)" in errors
    test_database, own, of_thread = both.only["connections"]
    assert [each["string"] for each in (test_database, own, of_thread)] == [MEMORYDB, ":memory:", MEMORYDB]
    assert [each["keywords"] for each in (test_database, own, of_thread)] == [OF_DJANGO, {}, OF_DJANGO]
    assert [each["outcome"] for each in (test_database, own)] == ["memory-shared", "memory-private"]
    # What Django opens of its own accord, deep in itself, goes back to the line that runs its command.
    assert _opened_at(test_database) == _at(MANAGE, RUNS_COMMAND)
    assert _opened_at(own) == _at(TESTS, "sqlite3.connect(")
    assert _opened_at(of_thread) == _at(TESTS, "found.append(")
    assert of_thread["thread"] == "view"
    assert _cache(both.only, "memorydb_default")["members"] == [test_database["id"], of_thread["id"]]
    assert _cache(both.only, ":memory:")["members"] == [own["id"]]
    assert (test_database["closed_for_certain"], own["closed_for_certain"]) == (True, True)
    assert both.only["leaks"] == []


def test_workers_that_django_forks_have_copies_of_the_test_database(python: str, run: Run) -> None:
    both = run(python, "django", MANAGE, *IN_PARALLEL, meets=True, start_method="fork")

    assert both.plain.told[0] == 0, both.plain.told
    assert "Ran 2 tests in …s\n\nOK" in both.plain.told[2]
    parent, *workers = both.processes
    (test_database,) = parent["connections"]
    assert _opened_at(test_database) == _at(MANAGE, RUNS_COMMAND)
    assert [worker["parent_pid"] for worker in workers] == [parent["pid"]] * 2
    copies = [worker["connections"][0] for worker in workers]
    assert [each["opened"] for each in copies] == [test_database["opened"]] * 2
    opened = [worker["connections"][1] for worker in workers]
    assert {_opened_at(each) for each in opened} == {
        _at(TESTS, "sqlite3.connect("),
        _at(TESTS, "found.append("),
    }
    for worker, copy, own in zip(workers, copies, opened, strict=True):
        shares = own["string"] == MEMORYDB
        assert _cache(worker, "memorydb_default")["members"] == [copy["id"], *([own["id"]] if shares else [])]
        assert any("forked while connections were open" in note for note in worker["notes"])
    assert [process["leaks"] for process in both.processes] == [[], [], []]


def test_workers_that_django_spawns_have_a_database_each_by_way_of_a_file(python: str, run: Run) -> None:
    both = run(python, "django", MANAGE, *IN_PARALLEL, meets=True, start_method="spawn")

    assert both.plain.told[0] == 0, both.plain.told
    assert "Ran 2 tests in …s\n\nOK" in both.plain.told[2]
    assert both.plain.told[3] == ()
    parent, *workers = both.processes
    clones = parent["connections"][1:]
    assert [each["string"] for each in clones] == ["default_1.sqlite3", "default_2.sqlite3"]
    assert [each["outcome"] for each in clones] == ["file", "file"]
    assert {_opened_at(each) for each in parent["connections"]} == {_at(MANAGE, RUNS_COMMAND)}
    made = {file["path"]: file["made_by"] for file in parent["files"]}
    for clone in clones:
        assert made[str(both.headless.folder / clone["string"])] == [clone["id"]]
    assert _leaking(parent) == []
    assert len(workers) == 2
    for worker in workers:
        source, target, again, own = worker["connections"]
        number = source["string"].removeprefix("file:default_").removesuffix(".sqlite3?mode=ro")
        assert target["string"] == again["string"] == f"file:memorydb_default_{number}?mode=memory&cache=shared"
        assert (target["keywords"], again["keywords"]) == ({"uri": "True"}, OF_DJANGO)
        # No line of the program stands on the stack here: it is Django that opens them.
        assert {Path(each["opened_at"]["file"]).parts[-4:-1] for each in (source, target, again)} == {
            ("db", "backends", "sqlite3")
        }
        shares = own["string"] == target["string"]
        members = [target["id"], again["id"], *([own["id"]] if shares else [])]
        assert _cache(worker, f"memorydb_default_{number}")["members"] == members
        # Django never closes the database of a worker.
        assert _leaking(worker) == [("still open", again["id"])]
    assert {_opened_at(worker["connections"][3]) for worker in workers} == {
        _at(TESTS, "sqlite3.connect("),
        _at(TESTS, "found.append("),
    }


def test_of_peewee_the_line_is_told_that_connects_or_uses_first(python: str, run: Run) -> None:
    program = FRAMEWORKS / "peewee_books.py"

    both = run(python, "peewee", program)

    assert both.plain.told == (0, "private: 1\nshared: ['Persuasion']\n", "", ())
    private, shared, forgotten = both.only["connections"]
    assert private["string"] == ":memory:"
    assert shared["string"] == forgotten["string"] == "file:books?mode=memory&cache=shared"
    of_peewee = {"timeout": "5", "isolation_level": "None"}
    assert private["keywords"] == of_peewee
    assert shared["keywords"] == forgotten["keywords"] == {**of_peewee, "uri": "True"}
    assert _opened_at(private) == _at(program, "private.connect()")
    assert _opened_at(shared) == _at(program, "shared.create_tables(")
    assert _opened_at(forgotten) == _at(program, "in Book.select()")
    assert _cache(both.only, ":memory:")["members"] == [private["id"]]
    assert _cache(both.only, "books")["members"] == [shared["id"], forgotten["id"]]
    assert (private["closed_for_certain"], shared["closed_for_certain"]) == (True, True)
    assert _leaking(both.only) == [("still open", forgotten["id"])]
    assert "peewee_books.py" in both.only["leaks"][0]["message"]


def test_where_greenlets_stand_in_the_place_of_threads_nothing_waits_for_ours(run: Run) -> None:
    program = FRAMEWORKS / "gevent_greenlets.py"

    both = run(sys.executable, "gevent", program)

    assert both.plain.told == (0, "written: (3, 3)\na child: 0\nforked: 7\n", "", ())
    # The child that ends at once may have come and told what it inherited.
    parent = both.processes[0]
    keeper, *written = parent["connections"]
    assert _opened_at(keeper) == _at(program, "keeper = ")
    assert {_opened_at(each) for each in written} == {_at(program, "connection = ")}
    assert parent["leaks"] == []


def test_of_pandas_the_connection_and_the_engines_are_told(
    run: Run,
    is_heavy: bool,  # noqa: FBT001 - a fixture
) -> None:
    if not is_heavy:
        pytest.skip("pandas takes long to install: MEMDB_TUI_HEAVY=1 does")
    program = FRAMEWORKS / "pandas_frames.py"

    both = run(sys.executable, "pandas", program)

    status, out, _, files = both.plain.told
    assert (status, files) == (0, ())
    assert "Persuasion" in out
    assert "723" in out
    private, of_engine, of_url = both.only["connections"]
    assert private["string"] == ":memory:"
    assert (private["engine"], private["pool"]) == (None, None)
    assert _opened_at(private) == _at(program, "sqlite3.connect(")
    assert of_engine["string"] == of_url["string"]
    assert of_engine["engine"]
    assert of_url["engine"]
    assert _opened_at(of_engine) == _at(program, 'FRAME.to_sql("book", engine)')
    assert _opened_at(of_url) == _at(program, "sum(pages)")
    assert _cache(both.only, "frames")["members"] == [of_engine["id"], of_url["id"]]
    assert both.only["leaks"] == []
