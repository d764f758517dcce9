"""What killed sessions leave in the folder for temporary files, and what is never touched there."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from memdb_tui.programs.left_behind import hold, sweep
from memdb_tui.programs.meeting_place import MeetingPlace

PROGRAM = str(Path(sys.executable).with_name("memdb-tui"))
_NOBODY = 4194305
"""A process id that Linux never gives."""


@pytest.fixture
def temporary(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """A folder for temporary files with a short path."""
    with pytest.MonkeyPatch.context() as patch:
        folder = tmp_path_factory.mktemp("t")
        patch.setattr("tempfile.tempdir", str(folder))
        yield folder


def _left(temporary: Path, name: str = "memdb-tui-abcd1234", *, mode: int = 0o700) -> Path:
    """What a killed `run` leaves."""
    folder = temporary / name
    folder.mkdir(mode=mode)
    folder.chmod(mode)
    with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as sock:
        sock.bind(str(folder / "hub.sock"))
    (folder / "site" / "__pycache__").mkdir(parents=True)
    (folder / "site" / "sitecustomize.py").touch()
    (folder / "site" / "__pycache__" / "sitecustomize.cpython-311.pyc").touch()
    return folder


def test_the_next_session_sweeps_what_a_killed_one_left(temporary: Path) -> None:
    left = _left(temporary)
    (left / f"come-{_NOBODY}.py").touch()
    (left / f"told-{_NOBODY}.txt").touch()

    place = MeetingPlace()

    assert list(temporary.iterdir()) == [place.folder]
    place.close()
    assert list(temporary.iterdir()) == []


def test_a_folder_that_cannot_stand_in_pythonpath_is_passed_over(temporary: Path) -> None:
    with pytest.MonkeyPatch.context() as patch:
        split = temporary / "a:b"
        split.mkdir()
        patch.setattr("tempfile.tempdir", str(split))
        patch.setenv("XDG_RUNTIME_DIR", str(temporary))

        place = MeetingPlace()

    assert place.folder.parent == temporary
    place.close()


def test_another_session_is_left_alone_in_every_moment_of_its_life(temporary: Path) -> None:
    place = MeetingPlace()
    sweep(temporary)
    assert place.folder.is_dir()

    with place.socket() as sock:
        # Bound, and not listening yet: whoever connects is refused.
        place.environment({}, follow=True, trace=False, patience=0.5)
        sweep(temporary)
        assert (place.folder / "site" / "sitecustomize.py").exists()
        sock.listen()
        sweep(temporary)
        assert place.socket_path.exists()

    sweep(temporary)
    assert place.socket_path.exists()
    place.close()


def test_one_that_answers_is_left_alone_though_nobody_has_locked_it(temporary: Path) -> None:
    left = _left(temporary)
    (left / "hub.sock").unlink()
    with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as sock:
        sock.bind(str(left / "hub.sock"))
        sock.listen(0)
        # The second finds its queue full.
        sweep(temporary)
        sweep(temporary)
        assert (left / "site" / "sitecustomize.py").exists()
    sweep(temporary)
    assert not left.exists()


def test_a_folder_that_is_just_being_made_is_left_alone(temporary: Path) -> None:
    made = temporary / "memdb-tui-abcd1234"
    made.mkdir(mode=0o700)

    sweep(temporary)
    assert made.is_dir()

    held = hold(made)
    sweep(temporary)
    assert made.is_dir()
    assert held is not None
    os.close(held)


def _foreign_file(left: Path) -> None:
    (left / "notes.txt").touch()


def _foreign_module(left: Path) -> None:
    (left / "site" / "mine.py").touch()


def _foreign_cache(left: Path) -> None:
    (left / "site" / "__pycache__" / "mine.pyc").touch()


def _open_to_others(left: Path) -> None:
    left.chmod(0o750)


def _no_socket(left: Path) -> None:
    (left / "hub.sock").unlink()
    (left / "hub.sock").touch()


def _another_name(left: Path) -> None:
    left.rename(left.with_name("memdb-tui-abcd12345"))


def _another_users(left: Path) -> None:
    if os.geteuid() != 0:
        pytest.skip("only root can give a folder away")
    os.chown(left, 65534, -1)


@pytest.mark.parametrize(
    "change",
    [
        _foreign_file,
        _foreign_module,
        _foreign_cache,
        _open_to_others,
        _no_socket,
        _another_name,
        _another_users,
    ],
)
def test_what_is_not_certainly_ours_is_left_alone(temporary: Path, change: Callable[[Path], None]) -> None:
    change(_left(temporary))
    (found,) = temporary.iterdir()

    sweep(temporary)

    assert found.is_dir()
    assert len(list(found.iterdir())) >= 2


def test_a_link_is_not_followed(temporary: Path, tmp_path: Path) -> None:
    left = _left(temporary)
    elsewhere = left.rename(tmp_path / "elsewhere")
    left.symlink_to(elsewhere)

    sweep(temporary)

    assert left.is_symlink()
    assert (elsewhere / "hub.sock").exists()


def test_a_script_that_a_process_has_still_to_run_stays_as_long_as_that(temporary: Path) -> None:
    left = _left(temporary)
    with subprocess.Popen([sys.executable, "-c", "input()"], stdin=subprocess.PIPE) as waiting:
        script = left / f"come-{waiting.pid}.py"
        script.touch()
        sweep(temporary)
        assert script.exists()
        waiting.kill()

    sweep(temporary)
    assert not left.exists()


def test_what_a_killed_run_left_is_swept_by_the_next(temporary: Path, tmp_path: Path) -> None:
    (tmp_path / "app.py").write_text("print('ready', flush=True)\ninput()\n")
    env = {**os.environ, "TMPDIR": str(temporary)}
    words = [PROGRAM, "run", "--headless", "app.py"]
    with subprocess.Popen(
        words, cwd=tmp_path, env=env, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as running:
        assert running.stdout is not None
        assert running.stdout.readline() == "ready\n"
        running.send_signal(signal.SIGKILL)
    (left,) = temporary.iterdir()
    assert (left / "site" / "sitecustomize.py").exists()

    done = subprocess.run(words, cwd=tmp_path, env=env, input="\n", capture_output=True, text=True, check=False)

    assert done.returncode == 0, done.stderr
    assert list(temporary.iterdir()) == []
