"""`memdb_tui.listen()`: reachable under a name, and never a reason for a program to fail."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
from pathlib import Path

import pytest


def _run(source: str, folder: Path, **environment: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-c", source],
        cwd=folder,
        env={**os.environ, "XDG_RUNTIME_DIR": str(folder), **environment},
        capture_output=True,
        text=True,
        check=False,
    )


def test_it_returns_the_name_it_is_found_under_and_may_be_called_twice(tmp_path: Path) -> None:
    source = "import memdb_tui; print(memdb_tui.listen('worker'), memdb_tui.listen('worker'))"
    done = _run(source, tmp_path)
    assert (done.returncode, done.stdout, done.stderr) == (0, "worker worker\n", "")


def test_it_imports_neither_the_ui_nor_sqlalchemy(tmp_path: Path) -> None:
    source = (
        "import sys, memdb_tui; memdb_tui.listen(); "
        "print([name for name in ('textual', 'rich', 'click', 'watchdog', 'sqlalchemy') if name in sys.modules])"
    )
    done = _run(source, tmp_path)
    assert (done.returncode, done.stdout, done.stderr) == (0, "[]\n", "")


def test_a_folder_that_cannot_be_made_is_said_once_and_the_program_goes_on(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    source = (
        "import os, memdb_tui; os.getuid = lambda: 'not/there'; "
        "memdb_tui.listen('a'); memdb_tui.listen('a'); print('the end')"
    )
    done = _run(source, tmp_path, XDG_RUNTIME_DIR=str(tmp_path / "file"))
    assert (done.returncode, done.stdout) == (0, "the end\n")
    (sentence,) = done.stderr.splitlines()
    assert sentence.startswith("memdb-tui: listen() could not start")


@pytest.mark.parametrize("runtime", ["file", "absent", "others", "x" * 90, ""])
def test_where_the_runtime_folder_cannot_be_used_another_is_taken(tmp_path: Path, runtime: str) -> None:
    (tmp_path / "file").touch()
    (tmp_path / ("x" * 90)).mkdir()
    (tmp_path / "others" / "memdb-tui").mkdir(parents=True)
    (tmp_path / "others" / "memdb-tui").chmod(0o777)
    source = (
        "import os, memdb_tui; from memdb_tui.programs import reachable; memdb_tui.listen('a'); "
        "print([entry.name for entry in reachable.listening() if entry.pid == os.getpid()])"
    )
    done = _run(source, tmp_path, XDG_RUNTIME_DIR=str(tmp_path / runtime) if runtime else "relative")
    assert (done.returncode, done.stdout, done.stderr) == (0, "['a']\n", "")


def test_at_the_end_what_the_dead_have_left_is_removed_and_what_answers_is_not(tmp_path: Path) -> None:
    folder = tmp_path / "memdb-tui"
    folder.mkdir(mode=0o700)
    # Greater numbers than any process of Linux has.
    left, answering = folder / "4194305.sock", folder / "4194306.sock"
    with socket.socket(socket.AF_UNIX) as dead, socket.socket(socket.AF_UNIX) as elsewhere:
        dead.bind(str(left))
        elsewhere.bind(str(answering))
        elsewhere.listen()
        for path in (left, answering):
            path.with_suffix(".json").touch()
        done = _run("import memdb_tui; memdb_tui.listen()", tmp_path)
        assert (done.returncode, done.stdout, done.stderr) == (0, "", "")
        assert set(folder.iterdir()) == {answering, answering.with_suffix(".json")}


FORKS = """
import glob, json, os, pathlib, memdb_tui
memdb_tui.listen("parent")
said, says = os.pipe()
told, tells = os.pipe()
child = os.fork()
if child == 0:
    memdb_tui.listen("child")
    os.write(says, b"x")
    os.read(told, 1)
    os._exit(0)
os.read(said, 1)
facts = [json.loads(pathlib.Path(path).read_text()) for path in glob.glob("memdb-tui/*.json")]
names = {"child" if each["pid"] == child else "parent": each["name"] for each in facts}
print(sorted(names.items()), len(glob.glob("memdb-tui/*.sock")))
os.write(tells, b"x")
os.waitpid(child, 0)
"""


def test_the_child_of_a_fork_listens_for_itself_and_leaves_nothing(tmp_path: Path) -> None:
    done = _run(FORKS, tmp_path)
    assert (done.returncode, done.stdout, done.stderr) == (
        0,
        "[('child', 'child'), ('parent', 'parent')] 2\n",
        "",
    )
    assert list((tmp_path / "memdb-tui").iterdir()) == []
