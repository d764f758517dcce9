"""`memdb-tui run --headless`: the program runs as it would without, and the report tells what it did."""

from __future__ import annotations

import contextlib
import json
import os
import platform
import shutil
import signal
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pexpect
import pytest

PROGRAM = str(Path(sys.executable).parent / "memdb-tui")
SAMPLES = Path(__file__).parent / "samples"
_SECONDS = 90


@dataclass(frozen=True)
class Ran:
    """A run that is over."""

    status: int
    out: str
    err: str
    report: dict[str, Any]

    @property
    def only(self) -> dict[str, Any]:
        """The one process."""
        (found,) = self.report["processes"]
        return dict(found)

    @property
    def parent_first(self) -> list[dict[str, Any]]:
        """The processes, the one that was started first before the others: a child may be met before its parent."""
        processes = self.report["processes"]
        pids = {each["pid"] for each in processes}
        return sorted(processes, key=lambda each: each["parent_pid"] in pids)


class Runs:
    """Runs samples in a folder of their own, with a temporary folder of their own."""

    def __init__(self, folder: Path, temporary: Path) -> None:
        self.folder = folder
        self.temporary = temporary
        self.command = [PROGRAM]
        self.env = {**os.environ, "TMPDIR": str(temporary), "PYTHONWARNINGS": "ignore"}
        for name in ("PYTHONPATH", "MEMDB_TUI_RUN", "MEMDB_TUI_LISTEN"):
            self.env.pop(name, None)

    def words(self, *words: str, options: tuple[str, ...] = ()) -> list[str]:
        """The whole command."""
        return [*self.command, "run", "--headless", "--report", str(self.report), *options, *words]

    @property
    def report(self) -> Path:
        return self.temporary.parent / "report.json"

    def run(self, *words: str, options: tuple[str, ...] = (), given: str | None = None) -> Ran:
        """Run a sample to its end."""
        done = subprocess.run(
            self.words(*words, options=options),
            cwd=self.folder,
            env=self.env,
            input=given,
            stdin=subprocess.DEVNULL if given is None else None,
            capture_output=True,
            text=True,
            timeout=_SECONDS,
            check=False,
        )
        report = json.loads(self.report.read_text()) if self.report.exists() else {}
        return Ran(done.returncode, done.stdout, done.stderr, report)

    def plain(self, *words: str, given: str | None = None) -> subprocess.CompletedProcess[str]:
        """Run the same without us."""
        return subprocess.run(
            [sys.executable, *words],
            cwd=self.folder,
            env=self.env,
            input=given,
            capture_output=True,
            text=True,
            timeout=_SECONDS,
            check=False,
        )


@pytest.fixture
def runs(tmp_path: Path) -> Iterator[Runs]:
    folder = tmp_path / "proj"
    shutil.copytree(SAMPLES, folder, ignore=shutil.ignore_patterns("__pycache__"))
    # A path short enough for a socket, whatever pytest calls its folders.
    with tempfile.TemporaryDirectory(prefix="run-") as temporary:
        found = Runs(folder, Path(temporary) / "tmp")
        found.temporary.mkdir()
        yield found
        assert list(found.temporary.iterdir()) == []


def test_output_and_status_are_the_programs_own(runs: Runs) -> None:
    plain = runs.plain("plain.py", "a", "--b", "-h")
    (runs.folder / "real.db").unlink()

    ran = runs.run("plain.py", "a", "--b", "-h")

    assert (ran.status, ran.out, ran.err) == (plain.returncode, plain.stdout, plain.stderr)
    assert ran.only["argv"] == ["plain.py", "a", "--b", "-h"]
    assert ran.only["exit_status"] == 0


@pytest.mark.parametrize("variable", ["PYTHONDEVMODE", "PYTHONASYNCIODEBUG", "PYTHONWARNDEFAULTENCODING"])
def test_what_python_says_of_us_where_a_variable_asks_for_it_is_not_among_the_programs_words(
    runs: Runs, variable: str
) -> None:
    runs.env |= {variable: "1", "PYTHONWARNINGS": ""}

    plain = runs.plain("threads.py")
    ran = runs.run("threads.py")

    assert (ran.status, ran.out, ran.err) == (plain.returncode, plain.stdout, plain.stderr)


def test_every_connection_is_told_with_where_it_was_opened_and_whom_it_shares_with(runs: Runs) -> None:
    found = runs.run("plain.py").only

    first, second, private, file = found["connections"]
    assert first["string"] == second["string"] == "file:m1?mode=memory&cache=shared"
    assert first["keywords"] == {"uri": "True"}
    assert second["keywords"] == {"uri": "True", "isolation_level": "None"}
    assert first["opened_at"]["function"] == "load"
    assert first["opened_at"]["file"] == str(runs.folder / "plain.py")
    assert first["cache"] == second["cache"] != private["cache"]
    assert [each["outcome"] for each in found["connections"]] == [
        "memory-shared",
        "memory-shared",
        "memory-private",
        "file",
    ]
    assert file["closed"] is not None
    assert first["closed"] is None
    cache = next(each for each in found["caches"] if each["id"] == first["cache"])
    assert cache["members"] == [first["id"], second["id"]]
    assert (cache["kind"], cache["database"], cache["evidence"]) == ("shared-cache", "m1", "observed")
    main = next(each for each in found["files"] if each["path"].endswith("/real.db"))
    assert (main["stray"], main["made_by"], main["evidence"]) == (False, [file["id"]], "observed")


def test_a_stray_is_told_with_who_made_it_and_how_to_mend_it(runs: Runs) -> None:
    ran = runs.run("stray_url.py", options=("--fail-on-stray",))

    assert ran.status == 3
    assert ran.only["exit_status"] == 0
    (stray,) = [each for each in ran.only["files"] if each["kind"] == "database"]
    assert stray["path"] == str(runs.folder / "file:db3")
    assert stray["stray"]
    assert stray["made_by"] == ["p1.c1"]
    assert stray["evidence"] == "observed"
    assert "uri=true is missing" in stray["reason"]
    assert not stray["was_there"]
    assert "stray file" in ran.err
    assert "uri=true" in ran.err


def test_a_stray_of_an_asyncio_engine_is_told_as_that_of_any_other(runs: Runs) -> None:
    pytest.importorskip("aiosqlite", reason="aiosqlite is not installed")
    pytest.importorskip("greenlet", reason="greenlet is not installed")

    ran = runs.run("stray_async.py", options=("--fail-on-stray",))

    assert ran.status == 3
    (stray,) = [each for each in ran.only["files"] if each["kind"] == "database"]
    assert (stray["role"], stray["evidence"]) == ("stray", "observed")
    assert stray["string"] == "sqlite+aiosqlite:///file:db3?mode=memory&cache=shared"
    assert "uri=true is missing" in stray["reason"]
    (connection,) = ran.only["connections"]
    assert (connection["engine"], connection["opened_at"]["function"]) == ("p1.e1", "main")


def test_a_stray_that_lay_there_is_a_stray_again(runs: Runs) -> None:
    runs.run("stray_url.py")
    (runs.folder / "again.py").write_text(
        (runs.folder / "stray_url.py").read_text().replace("CREATE TABLE t (a)", "PRAGMA user_version")
    )

    ran = runs.run("again.py", options=("--fail-on-stray",))

    (stray,) = [each for each in ran.only["files"] if each["kind"] == "database"]
    assert stray["was_there"]
    assert ran.status == 3


def test_without_being_asked_to_fail_a_stray_changes_nothing(runs: Runs) -> None:
    ran = runs.run("stray_url.py")

    assert ran.status == 0
    assert ran.err == ""


def test_the_programs_own_failure_goes_before_a_stray(runs: Runs) -> None:
    (runs.folder / "both.py").write_text((runs.folder / "stray_url.py").read_text() + "\nraise SystemExit(5)\n")

    assert runs.run("both.py", options=("--fail-on-stray",)).status == 5


def test_what_was_attached_is_not_on_the_cache_of_those_that_were_closed_before(runs: Runs) -> None:
    """SQLite gives the memory of their pagers to the next that it opens."""
    (runs.folder / "attaching.py").write_text(
        "import sqlite3\nkept = sqlite3.connect(':memory:')\n"
        "for _ in range(9): sqlite3.connect(':memory:').close()\n"
        "kept.execute(\"ATTACH ':memory:' AS other\")\nkept.execute('CREATE TABLE other.t (a)')\n"
        "kept.close()\nsqlite3.connect(':memory:').close()\n"
    )

    found = runs.run("attaching.py", options=("--trace",)).only

    assert [len(each["members"]) for each in found["caches"]] == [1] * len(found["caches"])
    assert found["leaks"] == []


def test_threads_are_named_and_private_databases_are_each_their_own(runs: Runs) -> None:
    found = runs.run("threads.py").only

    assert sorted(each["thread"] for each in found["connections"]) == [f"worker-{number}" for number in range(4)]
    assert len({each["cache"] for each in found["connections"]}) == 4


def test_children_are_followed_and_those_that_cannot_be_are_listed(runs: Runs) -> None:
    ran = runs.run("children.py")

    assert ran.status == 0
    databases = {each["database"] for process in ran.report["processes"] for each in process["caches"]}
    assert databases == {"parent", "forked", "spawned", "run"}
    first = ran.parent_first[0]
    assert first["argv"] == ["children.py"]
    unfollowed = {each["command"].split(" ")[0].rpartition("/")[2] for each in first["unfollowed"]}
    assert "true" in unfollowed
    assert any("-I" in each["reason"] for each in first["unfollowed"])
    assert len({process["pid"] for process in ran.report["processes"]}) == len(ran.report["processes"])


def _tells_ends_to_all() -> bool:
    return tuple(map(int, platform.release().split("-")[0].split(".")[:2])) >= (6, 15)


def test_with_what_children_end_is_told_or_not_known(runs: Runs) -> None:
    ran = runs.run("endings.py")

    assert (ran.status, ran.err) == (0, "")
    first, *children = ran.parent_first
    ends = dict(map(int, line.split()) for line in ran.out.splitlines())
    assert list(ends.values()) == [5, 6, 1, -signal.SIGABRT, -signal.SIGKILL, 9]
    assert first["exit_status"] == 0
    # Those that end through Python have said who they are before they end; the others may not.
    assert {5, 1, 9} <= {ends[each["pid"]] for each in children}
    allowed = {True} if _tells_ends_to_all() else {True, None}
    assert {each["exit_status"] and each["exit_status"] == ends[each["pid"]] for each in children} <= allowed


def test_children_are_left_alone_when_they_are_not_to_be_followed(runs: Runs) -> None:
    ran = runs.run("children.py", options=("--no-follow",))

    databases = {each["database"] for process in ran.report["processes"] for each in process["caches"]}
    assert "run" not in databases
    assert "spawned" not in databases


@pytest.mark.parametrize(
    ("words", "status"),
    [
        (("exit", "0"), 0),
        (("exit", "7"), 7),
        (("crash", "no"), 1),
        (("leave", "4"), 4),
        (("signal", str(int(signal.SIGTERM))), -signal.SIGTERM),
        (("signal", str(int(signal.SIGKILL))), -signal.SIGKILL),
        (("signal", str(int(signal.SIGSEGV))), -signal.SIGSEGV),
    ],
)
def test_it_ends_as_the_program_ends_and_the_report_is_written(
    runs: Runs, words: tuple[str, ...], status: int
) -> None:
    ran = runs.run("ending.py", *words)

    assert ran.status == status
    assert ran.report["exit_status"] == status
    assert ran.only["exit_status"] == status
    assert ran.only["state"] == "ended"


def test_a_crash_shows_the_programs_own_traceback(runs: Runs) -> None:
    plain = runs.plain("ending.py", "crash", "no")

    assert runs.run("ending.py", "crash", "no").err == plain.stderr


def test_a_stray_of_a_process_that_told_nothing_is_inferred_from_its_name(runs: Runs) -> None:
    code = "import os, sqlite3; sqlite3.connect('{}').execute('CREATE TABLE t (a)'); os._exit(0)"
    (runs.folder / "silent.py").write_text(code.format(str(runs.folder / "file:db9?mode=memory")))

    ran = runs.run("silent.py", options=("--fail-on-stray",))

    (stray,) = [each for each in ran.only["files"] if each["stray"] and each["kind"] == "database"]
    assert stray["path"] == str(runs.folder / "file:db9?mode=memory")
    assert ran.status == 3


def test_a_stray_of_a_child_that_cannot_be_followed_is_inferred_from_its_name(runs: Runs) -> None:
    source = "import sqlite3; c = sqlite3.connect(':memory:?cache=shared'); c.execute('CREATE TABLE t (a)')"
    code = f"import subprocess, sys\nsubprocess.run([sys.executable, '-I', '-c', {source!r}], check=True)\n"
    (runs.folder / "parent.py").write_text(code)

    ran = runs.run("parent.py", options=("--fail-on-stray",))

    (stray,) = [each for each in ran.only["files"] if each["stray"] and each["kind"] == "database"]
    assert stray["path"] == str(runs.folder / ":memory:?cache=shared")
    assert ran.status == 3


@pytest.mark.parametrize(("options", "makers"), [((), []), (("--trace",), ["p1.c1"])], ids=["plain", "traced"])
def test_a_stray_by_attach_is_told_with_who_made_it_where_that_was_seen(
    runs: Runs, options: tuple[str, ...], makers: list[str]
) -> None:
    (runs.folder / "attaches.py").write_text(
        "import sqlite3\nc = sqlite3.connect(':memory:')\n"
        "c.execute(\"ATTACH ':memory:?cache=shared' AS s\")\nc.execute('CREATE TABLE s.t (a)')\n"
    )

    ran = runs.run("attaches.py", options=("--fail-on-stray", *options))

    (stray,) = [each for each in ran.only["files"] if each["stray"] and each["kind"] == "database"]
    assert stray["path"] == str(runs.folder / ":memory:?cache=shared")
    assert (stray["made_by"], stray["was_there"]) == (makers, False)
    assert ran.status == 3


@contextlib.contextmanager
def heeding(number: signal.Signals) -> Iterator[None]:
    """What is started within does not ignore a signal, though these tests may have been started to."""
    before = signal.getsignal(number)
    if before is signal.SIG_IGN:
        signal.signal(number, signal.SIG_DFL)
    try:
        yield
    finally:
        signal.signal(number, before)


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGHUP, signal.SIGINT])
def test_signals_to_us_reach_the_program(runs: Runs, number: signal.Signals) -> None:
    # What was started to ignore a signal, under nohup say, does not pass it on.
    with (
        heeding(number),
        subprocess.Popen(
            runs.words("waiting.py"),
            cwd=runs.folder,
            env=runs.env,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            # No terminal in the foreground: what we get, nobody else got.
            start_new_session=True,
        ) as running,
    ):
        assert running.stdout is not None
        assert running.stdout.readline() == "ready\n"
        running.send_signal(number)
        # Its standard input stays open: it is the signal that ends it.
        out = running.stdout.read()
        running.wait(_SECONDS)

    assert out == f"got {number.name}\n"
    assert running.returncode == 40 + number
    assert json.loads(runs.report.read_text())["exit_status"] == 40 + number


def test_ctrl_c_at_the_terminal_reaches_the_program_once(runs: Runs) -> None:
    command, *words = runs.words("waiting.py")
    terminal = pexpect.spawn(
        command, words, cwd=str(runs.folder), env=runs.env, timeout=_SECONDS, encoding="utf-8", echo=False
    )
    try:
        terminal.expect("ready")
        terminal.sendintr()
        terminal.expect(pexpect.EOF)
        terminal.wait()
    finally:
        terminal.close(force=True)

    assert terminal.before.count("got SIGINT") == 1
    assert terminal.exitstatus == 40 + signal.SIGINT


def test_standard_input_is_the_programs(runs: Runs) -> None:
    ran = runs.run("waiting.py", given="go on\n")

    assert ran.status == 0
    assert ran.out == "ready\n"


def test_the_program_has_the_descriptors_it_has_by_itself(runs: Runs) -> None:
    (runs.folder / "listing.py").write_text(
        # What the probe's thread reads for a moment is not the program's to keep.
        "import os, time\n"
        "def held():\n"
        "    for path in (f'/proc/self/fd/{each}' for each in range(3, 900)):\n"
        "        try: yield os.readlink(path)\n"
        "        except OSError: pass\n"
        "kept = set(held())\n"
        "for _ in range(10):\n"
        "    time.sleep(0.05)\n"
        "    kept &= set(held())\n"
        "print(sorted(kept))"
    )
    plain = subprocess.run(
        [sys.executable, "listing.py"], cwd=runs.folder, env=runs.env, capture_output=True, text=True, check=True
    )
    assert runs.run("listing.py").out == plain.stdout


def test_descriptors_that_were_handed_on_reach_the_program(runs: Runs) -> None:
    read, write = os.pipe()
    (runs.folder / "tell.py").write_text(f"import os; os.write({write}, b'hello')")
    try:
        subprocess.run(
            runs.words("tell.py"), cwd=runs.folder, env=runs.env, pass_fds=(write,), timeout=_SECONDS, check=True
        )
        os.close(write)
        assert os.read(read, 10) == b"hello"
    finally:
        os.close(read)


def test_databases_that_died_and_connections_left_open_are_named(runs: Runs) -> None:
    found = runs.run("lost.py").only

    assert [(leak["kind"], leak["connection"]) for leak in found["leaks"]] == [
        ("still open", "p1.c3"),
        ("died", "p1.c1"),
    ]
    assert "lost.py:11 in fill" in found["leaks"][1]["message"]


def test_a_line_that_ran_while_a_connection_was_collected_is_not_said_to_have_closed_it(runs: Runs) -> None:
    found = runs.run("collected.py").only

    collected, closed, _ = found["connections"]
    assert (collected["closed_for_certain"], closed["closed_for_certain"]) == (False, True)
    first, second = [leak["message"] for leak in found["leaks"]]
    assert "p1.c1, was closed, or collected as garbage, while collected.py:13 in innocent" in first
    assert "p1.c2, was closed at collected.py:19." in second


def test_what_a_worker_inherited_is_no_leak_of_the_worker(runs: Runs) -> None:
    parent, worker = runs.run("forking.py").parent_first
    name = worker["id"]

    assert parent["leaks"] == []
    assert [(leak["kind"], leak["connection"]) for leak in worker["leaks"]] == [("still open", f"{name}.c2")]
    assert [each["id"] for each in worker["connections"]] == [f"{name}.c1", f"{name}.c2"]
    assert any("forked while connections were open" in note for note in worker["notes"])


def test_a_module_runs_with_its_arguments(runs: Runs) -> None:
    ran = runs.run("plain", "--x", options=("-m",))

    assert ran.status == 0
    assert ran.out == "out --x\n"
    assert len(ran.only["connections"]) == 4


def test_a_command_runs_with_its_options(runs: Runs) -> None:
    (runs.folder / "test_one.py").write_text(
        "import sqlite3\n\n"
        "def test_one():\n    sqlite3.connect('file:t?mode=memory&cache=shared', uri=True).close()\n"
    )

    ran = runs.run("--", "pytest", "-x", "-q", "-p", "no:cacheprovider", "test_one.py")

    assert ran.status == 0, ran.out + ran.err
    assert "1 passed" in ran.out
    assert [each["database"] for each in ran.only["caches"]] == ["t"]


def test_it_starts_in_another_folder_and_watches_that(runs: Runs) -> None:
    other = runs.folder.parent / "other"
    other.mkdir()
    (other / "app.py").write_text("import sqlite3; sqlite3.connect('here.db').execute('CREATE TABLE t (a)')")

    found = runs.run("app.py", options=("--cwd", str(other))).only

    assert str(other / "here.db") in [each["path"] for each in found["files"]]


@pytest.mark.parametrize("name", ["./app", "../elsewhere/app"])
def test_a_script_that_runs_by_itself_is_called_as_it_was_named(runs: Runs, name: str) -> None:
    other = runs.folder / "elsewhere"
    other.mkdir()
    app = other / "app"
    app.write_text(f"#!{sys.executable}\nimport sys\nprint(sys.argv)\n")
    app.chmod(0o755)
    plain = subprocess.run([name], cwd=other, env=runs.env, capture_output=True, text=True, check=True)

    ran = runs.run(name, options=("--cwd", str(other)))

    assert (ran.status, ran.out) == (0, plain.stdout)


def test_from_a_folder_that_was_removed_it_runs_elsewhere_or_says_so(runs: Runs) -> None:
    gone = runs.folder / "gone"
    gone.mkdir()
    words = [sys.executable, "-m", "memdb_tui", "run", "--headless"]
    program = str(runs.folder / "plain.py")

    def ran(*more: str) -> subprocess.CompletedProcess[str]:
        start = f"import os, sys; os.chdir({str(gone)!r}); os.rmdir({str(gone)!r}); "
        start += "os.execv(sys.argv[1], sys.argv[1:])"
        gone.mkdir(exist_ok=True)
        return subprocess.run(
            [sys.executable, "-c", start, *words, *more], env=runs.env, capture_output=True, text=True, check=False
        )

    refused, elsewhere, missing = (
        ran(program),
        ran("--cwd", str(runs.folder), program),
        ran("--cwd", "/", "nowhere.py"),
    )

    assert refused.returncode == 2
    assert refused.stderr.startswith("memdb-tui: The folder this was started in has been removed.")
    assert (elsewhere.returncode, elsewhere.stderr) == (0, "err\n")
    assert missing.stderr.startswith("memdb-tui: There is no script 'nowhere.py' in /")


def _others() -> list[str]:
    """One of each version, and none that is only a stand-in for whatever a folder asks for."""
    found = {minor: shutil.which(f"python3.{minor}") or "" for minor in range(11, 20)}
    chosen = {minor: path for minor, path in found.items() if path and "/shims/" not in path}
    for path in sorted(Path.home().glob(".pyenv/versions/3.1[1-9].*/bin/python")):
        chosen.setdefault(int(path.parents[1].name.split(".")[1]), str(path))
    return [chosen[minor] for minor in sorted(chosen)]


@pytest.mark.parametrize("python", _others() or [pytest.param("", marks=pytest.mark.skip("no other Python here"))])
def test_a_python_without_memdb_tui_is_looked_into_and_finds_nothing_of_ours(runs: Runs, python: str) -> None:
    (runs.folder / "look.py").write_text(
        "import sqlite3, sys\n"
        "held = sqlite3.connect('file:m1?mode=memory&cache=shared', uri=True)\n"
        "try:\n    import memdb_tui\nexcept ImportError:\n    print('nothing of ours')\n"
        "print([path for path in sys.path if 'memdb' in path])\n"
        "print('sitecustomize' in sys.modules)\n"
    )

    plain = subprocess.run(
        [python, "look.py"], cwd=runs.folder, env=runs.env, capture_output=True, text=True, check=True
    )
    ran = runs.run("look.py", options=("--python", python))

    assert ran.out == plain.stdout
    assert ran.err == plain.stderr
    (connection,) = ran.only["connections"]
    assert connection["outcome"] == "memory-shared"


def _old() -> list[str]:
    return [str(path) for path in sorted(Path.home().glob(".pyenv/versions/[23].[0-9]*/bin/python"))][:3]


@pytest.mark.parametrize("python", [each for each in _old() if "3.1" not in each] or ["/bin/true"])
def test_a_python_that_is_too_old_is_refused_before_anything_runs(runs: Runs, python: str) -> None:
    ran = runs.run("plain.py", options=("--python", python))

    assert ran.status == 2
    assert ran.out == ""
    assert ran.report == {}
    assert "Traceback" not in ran.err
    assert "3.11" in ran.err


def _older() -> list[str]:
    """One of each version that the probe does not stand in."""
    found = {}
    for path in sorted(Path.home().glob(".pyenv/versions/[23].*/bin/python")):
        major, minor = path.parents[1].name.split(".")[:2]
        if (int(major), int(minor)) < (3, 11):
            found[major, minor] = str(path)
    return list(found.values())


@pytest.mark.parametrize("python", _older() or [pytest.param("", marks=pytest.mark.skip("no older Python here"))])
def test_a_child_that_is_too_old_a_python_runs_as_without_us_and_is_told_of(runs: Runs, python: str) -> None:
    command = [python, "-c", "import sys; sys.stdout.write('child')"]
    (runs.folder / "parent.py").write_text(f"import subprocess\nsubprocess.run({command}, check=True)\n")
    plain = runs.plain("parent.py")

    ran = runs.run("parent.py")

    assert (ran.out, ran.err) == (plain.stdout, plain.stderr)
    assert any("is too old: 3.11 or later is needed." in note for note in ran.report["notes"])


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("--", "true"), "true is no Python. No Python that it started has connected."),
        (("--", sys.executable, "-I", "plain.py"), "isolated mode"),
        (("--", sys.executable, "-E", "plain.py"), "its environment is ignored"),
    ],
)
def test_what_could_not_be_looked_into_is_said_in_a_sentence(runs: Runs, words: tuple[str, ...], said: str) -> None:
    ran = runs.run(*words)

    assert ran.status == 0
    assert ran.only["connections"] == []
    assert said in ran.only["notes"][0]
    assert said in ran.err


def test_of_a_shell_whose_python_has_connected_it_is_not_said_that_none_has(runs: Runs) -> None:
    ran = runs.run("--", "sh", "-c", f"{sys.executable} plain.py; exit 4")

    assert ran.status == 4
    shell, program = ran.report["processes"]
    assert shell["notes"] == ["sh is no Python."]
    assert program["connections"]


def test_a_short_program_is_told_of_though_nobody_had_time_for_it_at_its_end(runs: Runs) -> None:
    (runs.folder / "short.py").write_text("import sqlite3\nsqlite3.connect(':memory:')\n")
    pause = "kill -STOP $PPID; (sleep 1.5; kill -CONT $PPID) & exec"
    ran = runs.run("sh", "-c", f"{pause} {sys.executable} short.py")
    assert ran.status == 0
    assert [each["string"] for each in ran.only["connections"]] == [":memory:"]


def test_other_interpreters_of_the_process_are_said_to_be_left_out(runs: Runs) -> None:
    program = Path(__file__).parents[1] / "proof" / "programs" / "subinterpreters.py"

    ran = runs.run(str(program))

    assert (ran.status, ran.err) == (0, "")
    assert [each["database"] for each in ran.only["caches"]] == ["outer"]
    assert ran.only["notes"] == ["Subinterpreters are not supported: only the main interpreter is followed."]


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("nowhere.py",), "no script 'nowhere.py'"),
        (("--report", "/nowhere/r.json", "plain.py"), "cannot be written"),
        (("--report", "", "plain.py"), "cannot be written"),
        (("--cwd", "/nowhere", "plain.py"), "/nowhere"),
        ((), "Missing argument"),
    ],
)
def test_a_request_that_makes_no_sense_ends_with_2_and_a_sentence(
    runs: Runs, words: tuple[str, ...], said: str
) -> None:
    ran = runs.run(*words)

    assert ran.status == 2
    assert said in ran.err
    assert "Traceback" not in ran.err


def test_a_report_belongs_to_a_run_without_a_screen(runs: Runs) -> None:
    done = subprocess.run(
        [PROGRAM, "run", "--fail-on-stray", "plain.py"],
        cwd=runs.folder,
        env=runs.env,
        capture_output=True,
        text=True,
        check=False,
    )

    assert done.returncode == 2
    assert "--headless" in done.stderr


def test_without_a_terminal_a_screen_is_refused_before_anything_runs(runs: Runs) -> None:
    done = subprocess.run(
        [PROGRAM, "run", "plain.py"],
        cwd=runs.folder,
        env=runs.env,
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=_SECONDS,
        check=False,
    )

    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr.startswith("memdb-tui: memdb-tui needs a terminal for its screen and keys.")
    assert "--headless" in done.stderr


@pytest.mark.parametrize(
    "source",
    [
        "print('here', __name__, __file__)",
        "raise ValueError('it does not like it')",
        "raise ImportError('there is no such thing', name='thing')",
        "import thing_that_is_not_there",
        "def f(:",
        "import sys; del sys.modules['sitecustomize']",
    ],
)
def test_a_sitecustomize_of_the_users_does_what_it_does_without_us(runs: Runs, source: str) -> None:
    plain, ran = _with_own_sitecustomize(runs, source)

    assert (ran.status, ran.out, ran.err) == (plain.returncode, plain.stdout, plain.stderr)
    assert len(ran.only["connections"]) == 1


@pytest.mark.parametrize("name", ["SystemExit", "KeyboardInterrupt"])
def test_a_sitecustomize_that_ends_python_does_so_with_us(runs: Runs, name: str) -> None:
    plain, ran = _with_own_sitecustomize(runs, f"raise {name}(4)")

    assert (ran.status, ran.out) == (plain.returncode, plain.stdout) == (1, "")
    # The traceback passes through a line of ours.
    first, last = plain.stderr.splitlines()[0], f"{name}: 4"
    assert ran.err.splitlines()[0] == first
    assert last in plain.stderr.splitlines()
    assert last in ran.err.splitlines()


def _with_own_sitecustomize(runs: Runs, source: str) -> tuple[subprocess.CompletedProcess[str], Ran]:
    (runs.folder / "own").mkdir()
    (runs.folder / "own" / "sitecustomize.py").write_text(f"{source}\n")
    (runs.folder / "after.py").write_text(
        "import sqlite3, sys\n"
        "print(getattr(sys.modules.get('sitecustomize'), '__file__', None))\n"
        "sqlite3.connect(':memory:').close()\n"
    )
    runs.env["PYTHONPATH"] = str(runs.folder / "own")
    # Isolated, since memdb-tui itself would import it too.
    runs.command = [sys.executable, "-I", "-m", "memdb_tui"]
    return runs.plain("after.py"), runs.run("after.py")


def test_a_syntax_error_is_shown_as_python_shows_it(runs: Runs) -> None:
    (runs.folder / "wrong.py").write_text("def f(:\n")
    plain = runs.plain("wrong.py")

    ran = runs.run("wrong.py")

    assert (ran.status, ran.err, ran.out) == (plain.returncode, plain.stderr, plain.stdout)
    assert ran.report["exit_status"] == plain.returncode


def test_engines_are_told_with_their_pools_and_checkouts_that_were_kept(runs: Runs) -> None:
    found = runs.run("engines.py").only

    kept, given_back, made = found["connections"]
    assert kept["string"] == given_back["string"] == "sqlite:///file:m1?mode=memory&cache=shared&uri=true"
    assert made["string"] == "file:/m2?vfs=memdb"
    assert [each["pool"] for each in found["connections"]] == ["QueuePool", "QueuePool", "StaticPool"]
    assert kept["engine"] == given_back["engine"] != made["engine"]
    assert [each["outcome"] for each in found["connections"]] == ["memory-shared"] * 3
    assert kept["cache"] == given_back["cache"] != made["cache"]
    assert kept["opened_at"]["file"] == str(runs.folder / "engines.py")
    assert [(leak["kind"], leak["connection"]) for leak in found["leaks"]] == [("never returned", kept["id"])]


@pytest.mark.parametrize(
    ("then", "unfollowed"),
    [
        ("os.execvp('true', ['true', 'is', 'not', 'Python'])", ["true is not Python"]),
        ("os.execv(sys.executable, [sys.executable, '-I', '-c', ''])", ["… -I -c "]),
        ("os.execv(sys.executable, [sys.executable, '-c', 'import sqlite3'])", []),
    ],
    ids=["no Python", "isolated", "followed"],
)
def test_what_was_opened_just_before_an_exec_is_told(runs: Runs, then: str, unfollowed: list[str]) -> None:
    (runs.folder / "app.py").write_text(
        "import os, sqlite3, sys, time\n"
        # Whoever it talks to may take long to greet it.
        "server = sys.modules['_memdb_tui_probe.start']._moments.standing.server\n"
        "while server.newest is None: time.sleep(0.001)\n"
        f"kept = sqlite3.connect('file:last?mode=memory&cache=shared', uri=True)\n{then}\n"
    )

    ran = runs.run("app.py")

    assert (ran.status, ran.out, ran.err) == (0, "", "")
    first, *others = ran.report["processes"]
    assert [each["database"] for each in first["connections"]] == ["file:last?mode=memory&cache=shared"]
    commands = [each["command"].replace(first["executable"], "…") for each in first["unfollowed"]]
    assert commands == unfollowed
    assert any("became another program (exec)" in note for note in first["notes"])
    assert not any("last word" in note for note in first["notes"])
    assert len(others) == (0 if unfollowed else 1)


def test_a_program_that_cannot_be_started_by_exec_changes_nothing(runs: Runs) -> None:
    (runs.folder / "app.py").write_text(
        "import os, sqlite3\n"
        "for path, error in (('/not/there', FileNotFoundError), ('app.py', PermissionError)):\n"
        "    try: os.execv(path, [path])\n"
        "    except error: print(error.__name__)\n"
        "kept = sqlite3.connect(':memory:')\n"
    )

    ran = runs.run("app.py")

    assert (ran.status, ran.out, ran.err) == (0, "FileNotFoundError\nPermissionError\n", "")
    assert len(ran.only["connections"]) == 1
    assert not any("became another program" in note for note in ran.only["notes"])
