"""Which processes can be attached to, and one clear sentence for those that cannot."""

from __future__ import annotations

import asyncio
import contextlib
import json
import os
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from wire_client import DEADLINE_SECONDS, connection, process, state

from memdb_tui.errors import MemdbError, ProgramGoneError, UsageError
from memdb_tui.programs import reachable

if TYPE_CHECKING:
    from conftest import WatchedHub


class Listener:
    """A process that listens, played by this one."""

    def __init__(self, folder: Path, pid: int, name: str = "app") -> None:
        self.entry = folder / f"{pid}.json"
        self.path = folder / f"{pid}.sock"
        self._server: asyncio.Server | None = None
        self.sock = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        self.sock.bind(str(self.path))
        self.sock.listen()
        told = {
            "version": 1,
            "token": "t0ken",
            "pid": pid,
            "name": name,
            "argv": ["app.py"],
            "started_at": time.time(),
        }
        self.entry.write_text(json.dumps(told))
        self.entry.chmod(0o600)

    async def serve(self, *, refusing: bool = False) -> None:
        """Answer as a probe does."""

        async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            while line := await reader.readline():
                call = json.loads(line)
                reply: dict[str, Any] = {"jsonrpc": "2.0", "id": call["id"]}
                if call["method"] == "hello" and (refusing or call["params"]["token"] != "t0ken"):
                    reply["error"] = {"code": -32000, "message": "The token is wrong.", "data": {"hint": ""}}
                else:
                    pid = int(self.path.stem)
                    reply["result"] = process(pid=pid) if call["method"] == "hello" else state(connection("c1"))
                writer.write(json.dumps(reply).encode() + b"\n")
            writer.close()

        self._server = await asyncio.start_unix_server(answer, sock=self.sock)

    def close(self) -> None:
        if self._server is not None:
            self._server.close()
        self.sock.close()


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The folder in which processes that listen leave their sockets; those of others are not seen."""
    monkeypatch.setenv("XDG_RUNTIME_DIR", str(tmp_path))
    is_ours = reachable._is_ours
    monkeypatch.setattr(reachable, "_is_ours", lambda found: found.is_relative_to(tmp_path) and is_ours(found))
    made = tmp_path / "memdb-tui"
    made.mkdir(mode=0o700)
    return made


@pytest.fixture
def listener(folder: Path) -> Iterator[Listener]:
    """This process listens."""
    found = Listener(folder, os.getpid())
    yield found
    found.close()


def _ended_pid() -> int:
    done = subprocess.Popen([sys.executable, "-c", ""])
    done.wait()
    return done.pid


def test_a_process_that_listens_is_found_by_pid_and_by_name(listener: Listener) -> None:
    by_name, by_pid = reachable.find("app"), reachable.find(str(os.getpid()))

    assert by_name == by_pid
    assert isinstance(by_name, reachable.Listening)
    assert by_name.socket_path == listener.path


def test_what_the_dead_have_left_is_swept_away(folder: Path) -> None:
    dead = Listener(folder, _ended_pid())
    dead.close()

    assert reachable.listening() == ()
    assert list(folder.iterdir()) == []


def test_a_listener_whose_number_no_process_has_here_is_left_alone(folder: Path) -> None:
    """It may stand in a container, which has numbers of its own."""
    elsewhere = Listener(folder, _ended_pid())

    assert reachable.listening() == ()
    assert {elsewhere.entry, elsewhere.path} == set(folder.iterdir())
    elsewhere.close()


def test_a_pid_given_away_since_is_no_listener(folder: Path, listener: Listener) -> None:
    listener.close()

    assert reachable.listening() == ()
    assert list(folder.iterdir()) == []


def test_a_folder_that_others_can_write_to_is_not_believed(folder: Path, listener: Listener) -> None:
    folder.chmod(0o777)

    assert reachable.listening() == ()
    assert listener.entry.exists()


def test_an_entry_that_is_a_link_is_not_followed(folder: Path, listener: Listener, tmp_path: Path) -> None:
    listener.entry.rename(tmp_path / "elsewhere")
    listener.entry.symlink_to(tmp_path / "elsewhere")

    assert reachable.listening() == ()


@pytest.mark.parametrize("text", ["", "[]", "{}", '{"version": 2, "pid": 1}', "{" * 100])
def test_an_entry_that_cannot_be_read_is_passed_over(folder: Path, listener: Listener, text: str) -> None:
    (folder / "1.json").write_text(text)

    assert [entry.pid for entry in reachable.listening()] == [os.getpid()]


@pytest.mark.parametrize(
    ("target", "said"),
    [("nobody", "No process listens as 'nobody'"), ("0", "no process 0"), ("99999999999", "No process listens as")],
)
def test_what_is_not_there_is_said_in_a_sentence(folder: Path, target: str, said: str) -> None:
    with pytest.raises(UsageError, match=said) as raised:
        reachable.find(target)

    assert raised.value.hint


def test_a_pid_that_has_ended_is_no_process(folder: Path) -> None:
    with pytest.raises(UsageError, match="There is no process"):
        reachable.find(str(_ended_pid()))


def test_two_of_one_name_are_told_apart_by_pid(folder: Path, listener: Listener) -> None:
    other = Listener(folder, os.getppid())

    with pytest.raises(UsageError, match="2 processes listen as 'app'"):
        reachable.find("app")
    other.close()


async def test_a_listening_process_is_connected_to(watched: WatchedHub, listener: Listener) -> None:
    await listener.serve()

    session = await reachable.connect(watched.hub, "app")

    assert session is watched.hub.sessions()[0]
    assert [each.id for each in watched.hub.picture().connections] == ["p1.c1"]


async def test_a_refusal_is_handed_on(watched: WatchedHub, listener: Listener) -> None:
    await listener.serve(refusing=True)

    with pytest.raises(MemdbError, match="token is wrong"):
        await reachable.connect(watched.hub, "app")


async def test_who_listens_and_does_not_answer_is_waited_for_and_that_is_said(
    watched: WatchedHub, listener: Listener, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(reachable, "PATIENCE_SECONDS", 0.01)
    said: asyncio.Queue[str] = asyncio.Queue()

    waiting = asyncio.create_task(reachable.connect(watched.hub, "app", on_waiting=said.put_nowait))
    sentence = await asyncio.wait_for(said.get(), DEADLINE_SECONDS)
    await listener.serve()

    assert await waiting is watched.hub.sessions()[0]
    assert "has not answered yet" in sentence


async def test_who_lets_nobody_in_is_waited_for_and_nothing_else_waits(
    watched: WatchedHub, listener: Listener, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A process that is stopped, or in one long step."""
    monkeypatch.setattr(reachable, "PATIENCE_SECONDS", 0.01)
    said: asyncio.Queue[str] = asyncio.Queue()
    listener.sock.listen(1)
    crowd = []
    with contextlib.suppress(BlockingIOError):
        while True:
            crowd.append(socket.socket(socket.AF_UNIX))
            crowd[-1].setblocking(False)
            crowd[-1].connect(str(listener.path))

    waiting = asyncio.create_task(reachable.connect(watched.hub, "app", on_waiting=said.put_nowait))
    sentence = await asyncio.wait_for(said.get(), DEADLINE_SECONDS)
    for each in crowd:
        each.close()
    await listener.serve()

    assert await waiting is watched.hub.sessions()[0]
    assert "has not answered yet" in sentence


def test_asking_who_listens_takes_no_place_in_anybodys_queue(listener: Listener) -> None:
    listener.sock.setblocking(False)

    assert [entry.pid for entry in reachable.listening()] == [os.getpid()]

    with pytest.raises(BlockingIOError):
        listener.sock.accept()


def test_a_process_with_another_runtime_folder_is_found_by_its_pid(tmp_path_factory: pytest.TempPathFactory) -> None:
    # Its path has to be short enough for a socket.
    runtime = tmp_path_factory.mktemp("r")
    program = "import memdb_tui; print(memdb_tui.listen('app'), flush=True); input()"
    with subprocess.Popen(
        [sys.executable, "-c", program],
        env={**os.environ, "XDG_RUNTIME_DIR": str(runtime)},
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    ) as running:
        assert running.stdout is not None
        assert running.stdout.readline() == "app\n"
        found = reachable.find(str(running.pid))
        running.communicate("")

    assert isinstance(found, reachable.Listening)
    assert found.socket_path == runtime / "memdb-tui" / f"{running.pid}.sock"


async def test_another_users_socket_is_not_spoken_to(
    watched: WatchedHub, listener: Listener, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(reachable, "is_mine", lambda _: False)

    with pytest.raises(MemdbError, match="another user"):
        await reachable.connect(watched.hub, "app")


async def test_who_is_gone_before_it_answers_is_said_to_be_gone(watched: WatchedHub, listener: Listener) -> None:
    waiting = asyncio.create_task(reachable.connect(watched.hub, "app"))
    listener.sock.setblocking(False)
    accepted, _ = await asyncio.get_running_loop().sock_accept(listener.sock)
    accepted.close()

    with pytest.raises(ProgramGoneError):
        await waiting


def test_a_process_that_is_no_python_is_refused_early(folder: Path) -> None:
    with subprocess.Popen(["sleep", "60"]) as sleeping:
        try:
            with pytest.raises(UsageError, match=str(sleeping.pid)):
                asyncio.run(reachable.check(str(sleeping.pid)))
        finally:
            sleeping.kill()
