"""Which program the words of `memdb-tui run` start, and why one could not be looked into."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from memdb_tui.errors import UsageError
from memdb_tui.programs.command_line import program_of, shebang, why_unfit
from memdb_tui.programs.unreached import why_unreached


def _program(folder: Path, *words: str, is_module: bool = False, python: str | None = None) -> tuple[str, ...]:
    return program_of(words, is_module=is_module, python=python, cwd=folder)


def _file(folder: Path, name: str, text: str = "", *, mode: int = 0o644) -> Path:
    path = folder / name
    path.write_text(text)
    path.chmod(mode)
    return path


def _interpreter(folder: Path, answer: str, name: str = "python-like") -> str:
    return str(_file(folder, name, f"#!/bin/sh\n{answer}\n", mode=0o755))


def test_a_script_runs_under_this_python(tmp_path: Path) -> None:
    _file(tmp_path, "app.py")

    assert _program(tmp_path, "app.py", "-x", "1") == (sys.executable, "app.py", "-x", "1")


def test_a_folder_with_a_main_runs_as_a_script(tmp_path: Path) -> None:
    (tmp_path / "app").mkdir()
    _file(tmp_path / "app", "__main__.py")

    assert _program(tmp_path, "app") == (sys.executable, "app")


def test_a_module_runs_as_one(tmp_path: Path) -> None:
    assert _program(tmp_path, "pytest", "-x", is_module=True) == (sys.executable, "-m", "pytest", "-x")


def test_an_interpreter_is_taken_by_its_link_since_that_makes_an_environment(tmp_path: Path) -> None:
    _file(tmp_path, "app.py")
    link = tmp_path / "python"
    link.symlink_to(sys.executable)

    assert _program(tmp_path, "app.py", python=str(link))[0] == str(link)


def test_a_command_is_found_on_the_path(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    tool = _file(tmp_path, "tool", "#!/bin/sh\n", mode=0o755)
    monkeypatch.setenv("PATH", str(tmp_path))
    other = tmp_path / "elsewhere"
    other.mkdir()

    assert _program(other, "tool", "-x") == (str(tool), "-x")


def test_a_command_beside_the_python_asked_for_comes_first(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("bin", "env", "here"):
        (tmp_path / name).mkdir()
    _file(tmp_path / "bin", "tool", "#!/bin/sh\n", mode=0o755)
    mine = _file(tmp_path / "env", "tool", "#!/bin/sh\n", mode=0o755)
    (tmp_path / "env" / "python").symlink_to(sys.executable)
    monkeypatch.setenv("PATH", str(tmp_path / "bin"))

    assert _program(tmp_path / "here", "tool", python=str(tmp_path / "env" / "python")) == (str(mine),)


def test_a_program_in_the_folder_runs_by_itself_and_a_text_under_python(tmp_path: Path) -> None:
    tool = _file(tmp_path, "tool", "#!/bin/sh\n", mode=0o755)
    _file(tmp_path, "text")

    assert _program(tmp_path, "tool") == ("./tool",)
    assert _program(tmp_path, "./tool") == ("./tool",)
    assert _program(tmp_path, str(tool)) == (str(tool),)
    assert _program(tmp_path, "text") == (sys.executable, "text")


def test_what_is_not_there_is_said_to_be_so(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match=r"no script 'nowhere\.py'"):
        _program(tmp_path, "nowhere.py")


def test_a_folder_without_a_main_is_refused_as_one(tmp_path: Path) -> None:
    (tmp_path / "app").mkdir()

    with pytest.raises(UsageError, match=r"app is a folder without a __main__\.py"):
        _program(tmp_path, "app")


def test_a_shell_script_that_may_not_be_run_is_refused(tmp_path: Path) -> None:
    _file(tmp_path, "tool", "#!/bin/sh\n")

    with pytest.raises(UsageError, match="neither"):
        _program(tmp_path, "tool")


@pytest.mark.parametrize(
    ("answer", "said"),
    [
        ("echo memdb-tui cpython 3 9", "Python 3.9; programs can be looked into from 3.11 on"),
        ("echo memdb-tui pypy 3 11", "pypy; only programs of CPython"),
        ("echo hello", "is no Python"),
        ("exit 1", "is no Python"),
    ],
)
def test_an_interpreter_that_will_not_do_is_refused_in_a_sentence(tmp_path: Path, answer: str, said: str) -> None:
    _file(tmp_path, "app.py")

    with pytest.raises(UsageError, match=said):
        _program(tmp_path, "app.py", python=_interpreter(tmp_path, answer))


def test_an_interpreter_that_is_not_there_is_refused(tmp_path: Path) -> None:
    _file(tmp_path, "app.py")

    with pytest.raises(UsageError, match="no interpreter"):
        _program(tmp_path, "app.py", python=str(tmp_path / "python3.99"))


def test_what_is_there_and_cannot_be_run_is_said_to_be_so(tmp_path: Path) -> None:
    app = _file(tmp_path, "app.py")

    with pytest.raises(UsageError, match=r"app\.py is not executable\."):
        _program(tmp_path, "app.py", python=str(app))
    with pytest.raises(UsageError, match="is a folder"):
        _program(tmp_path, "app.py", python=str(tmp_path))


def test_this_python_is_fit() -> None:
    assert why_unfit(sys.executable) == ""


def test_old_pythons_are_told_from_what_is_none(tmp_path: Path) -> None:
    """What Python 2.7 says to the options that it does not know."""
    old = _interpreter(tmp_path, "echo Unknown option: -I >&2; exit 2", name="python2.7")

    assert "too old" in why_unfit(old)


def test_env_is_no_interpreter(tmp_path: Path) -> None:
    assert shebang(_file(tmp_path, "a", "#!/usr/bin/env -S python3 -I\n")) == ("python3", "-I")
    assert shebang(_file(tmp_path, "b", "import os\n")) == ()


@pytest.mark.parametrize(
    ("flags", "said"),
    [
        (("-I", "app.py"), "-I (isolated mode)"),
        (("-uE", "app.py"), "-E (its environment is ignored)"),
        (("-m", "app", "-I"), "ended, or cleared its environment"),
        (("app.py", "-I"), "ended, or cleared its environment"),
    ],
)
def test_flags_that_shut_us_out_are_named(flags: tuple[str, ...], said: str) -> None:
    assert said in why_unreached((sys.executable, *flags), cwd="/")


def test_a_program_that_is_no_python_is_said_to_be_none() -> None:
    assert why_unreached(("./true",), cwd="/bin").startswith("true is no Python")
