"""Nobody but the user reaches a socket of ours, and nobody gets anywhere with malformed or oversize messages."""

from __future__ import annotations

import asyncio
import json
import os
import socket
import stat
import subprocess
import sys
from collections.abc import Iterator
from contextlib import closing, suppress
from pathlib import Path

import pytest
from ways import RUN_SECONDS, environment

from memdb_tui.programs.hub import Hub

OTHER_USER = 65534
"""`nobody`, by convention the user who owns nothing."""
SECONDS = 30.0
MOST_BYTES = 100 << 20
"""A line may have 64 MiB; what lies in the sockets between comes on top."""
LISTENING = """
import sys
sys.path.insert(0, sys.argv[1])
import sqlite3
connection = sqlite3.connect("file:seen?mode=memory&cache=shared", uri=True)
import memdb_tui
memdb_tui.listen()
print("listening", flush=True)
sys.stdin.read()
print("still", connection.execute("SELECT 42").fetchone()[0], flush=True)
"""
KNOCKING = """
import os, socket, sys
os.setgroups([]); os.setgid(int(sys.argv[1])); os.setuid(int(sys.argv[1]))
try:
    socket.socket(socket.AF_UNIX).connect(sys.argv[2])
except PermissionError:
    print("refused by the system")
else:
    print("connected")
"""


class Listener:
    """A program that called listen(), and what stands in its folder."""

    def __init__(self, process: subprocess.Popen[str], folder: Path) -> None:
        self.process = process
        self.folder = folder
        self.socket_path = folder / f"{process.pid}.sock"
        self.card = json.loads((folder / f"{process.pid}.json").read_text())

    def connect(self) -> socket.socket:
        sock = socket.socket(socket.AF_UNIX)
        sock.settimeout(SECONDS)
        sock.connect(str(self.socket_path))
        return sock

    def greet(self, token: str) -> dict[str, object]:
        """The answer to `hello`."""
        with closing(self.connect()) as sock:
            sock.sendall(_call(1, "hello", {"version": 1, "token": token}))
            answer: dict[str, object] = json.loads(sock.makefile().readline())
            return answer

    def end(self) -> tuple[int, str, str]:
        stdout, stderr = self.process.communicate("", timeout=RUN_SECONDS)
        return self.process.returncode, stdout, stderr


@pytest.fixture
def listener(tmp_path: Path) -> Iterator[Listener]:
    process = subprocess.Popen(
        [sys.executable, "-c", LISTENING, str(Path(__file__).parents[2])],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        env={**environment(), "XDG_RUNTIME_DIR": str(tmp_path)},
        cwd=tmp_path,
    )
    try:
        assert process.stdout is not None
        assert process.stdout.readline() == "listening\n"
        yield Listener(process, tmp_path / "memdb-tui")
    finally:
        if process.returncode is None:
            process.kill()
            process.communicate()


def _call(number: int, method: str, params: object) -> bytes:
    return json.dumps({"jsonrpc": "2.0", "id": number, "method": method, "params": params}).encode() + b"\n"


def _read_all(sock: socket.socket) -> bytes:
    read = b""
    try:
        while part := sock.recv(1 << 16):
            read += part
    except ConnectionError:
        # Hung up with words of ours unread.
        pass
    return read


def test_what_listen_makes_is_for_this_user_alone(listener: Listener) -> None:
    assert stat.S_IMODE(listener.folder.stat().st_mode) == 0o700
    assert stat.S_IMODE(listener.socket_path.stat().st_mode) == 0o600
    assert stat.S_IMODE((listener.folder / f"{listener.process.pid}.json").stat().st_mode) == 0o600
    assert listener.end() == (0, "still 42\n", "")
    assert list(listener.folder.iterdir()) == []


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can play the other user")
def test_another_user_cannot_connect(listener: Listener, tmp_path: Path) -> None:
    # As if every folder above let everybody through: what must hold is the socket's own.
    for folder in (listener.folder, *listener.folder.parents[:-1]):
        if folder.stat().st_uid == os.geteuid() and str(folder).startswith(str(tmp_path.parents[2])):
            folder.chmod(0o755)
    knocked = subprocess.run(
        [sys.executable, "-c", KNOCKING, str(OTHER_USER), str(listener.socket_path)],
        capture_output=True,
        text=True,
        check=False,
        timeout=RUN_SECONDS,
    )
    assert (knocked.stdout, knocked.stderr) == ("refused by the system\n", "")
    # Even where the file's mode lets him in, he is asked who he is.
    listener.socket_path.chmod(0o666)
    asked = subprocess.run(
        [sys.executable, "-c", _ASKING, str(OTHER_USER), str(listener.socket_path), listener.card["token"]],
        capture_output=True,
        text=True,
        check=False,
        timeout=RUN_SECONDS,
    )
    assert asked.stderr == ""
    assert '"result"' not in asked.stdout
    assert "result" in listener.greet(listener.card["token"])
    assert listener.end() == (0, "still 42\n", "")


_ASKING = """
import os, socket, sys
os.setgroups([]); os.setgid(int(sys.argv[1])); os.setuid(int(sys.argv[1]))
sock = socket.socket(socket.AF_UNIX)
sock.connect(sys.argv[2])
hello = '{"jsonrpc":"2.0","id":1,"method":"hello","params":{"version":1,"token":"%s"}}\\n' % sys.argv[3]
try:
    sock.sendall(hello.encode())
    print(sock.makefile().read())
except ConnectionError:
    print("hung up")
"""


def test_without_the_token_there_is_no_answer_but_a_refusal(listener: Listener) -> None:
    for token in ("", "0" * len(listener.card["token"]), listener.card["token"][:-1]):
        assert "result" not in listener.greet(token)
    assert "result" in listener.greet(listener.card["token"])
    assert listener.end() == (0, "still 42\n", "")


MALFORMED = {
    "no JSON": b"hello\n",
    "no object": b"[1, 2]\n",
    "not UTF-8": b'{"jsonrpc": "2.0", "id": 1, "method": "\xff"}\n',
    "a request before the greeting": _call(1, "state", {}),
    "another version": _call(1, "hello", {"version": 99, "token": ""}),
    "parameters of another type": _call(1, "hello", {"version": [], "token": {}}),
    "no parameters": b'{"jsonrpc": "2.0", "id": 1, "method": "hello"}\n',
    "a number too long for Python": b'{"jsonrpc": "2.0", "id": ' + b"9" * 5000 + b', "method": "hello"}\n',
    "nested deeper than Python goes": b"[" * 100_000 + b"\n",
    "nothing": b"\n",
}


@pytest.mark.parametrize("name", MALFORMED)
def test_a_malformed_client_is_refused_and_hung_up_on(name: str, listener: Listener) -> None:
    with closing(listener.connect()) as sock:
        # It may hang up before all has been sent.
        with suppress(ConnectionError):
            sock.sendall(MALFORMED[name])
        answered = _read_all(sock)
    assert b'"result"' not in answered
    assert "result" in listener.greet(listener.card["token"])
    assert listener.end() == (0, "still 42\n", "")


def test_an_endless_line_is_hung_up_on(listener: Listener) -> None:
    chunk = b"x" * (1 << 20)
    with closing(listener.connect()) as sock:
        taken = 0
        with suppress(ConnectionError):
            while taken < MOST_BYTES:
                taken += sock.send(chunk)
    assert taken < MOST_BYTES
    assert "result" in listener.greet(listener.card["token"])
    assert listener.end() == (0, "still 42\n", "")


def test_a_client_that_reads_nothing_does_not_stop_the_program(listener: Listener) -> None:
    with closing(listener.connect()) as sock:
        sock.sendall(_call(1, "hello", {"version": 1, "token": listener.card["token"]}))
        sock.settimeout(0.5)
        try:
            for number in range(2, 20_000):
                sock.sendall(_call(number, "state", {}))
        except (TimeoutError, ConnectionError):
            # It takes no more while nothing of it is read: that, or hanging up, is right.
            pass
        assert listener.end() == (0, "still 42\n", "")


GREETINGS = {
    "another token": b'{"jsonrpc": "2.0", "method": "here", "params": {"version": 1, "token": "x", "pid": 1}}\n',
    "no greeting": _call(1, "state", {}),
    "no JSON": b"hello\n",
    "no end": b"x" * (1 << 20),
}


@pytest.mark.parametrize("name", GREETINGS)
async def test_a_process_that_cannot_greet_is_not_followed(name: str) -> None:
    hub = Hub()
    await hub.start()
    try:
        assert stat.S_IMODE(hub.socket_path.stat().st_mode) == 0o600
        assert stat.S_IMODE(hub.folder.stat().st_mode) == 0o700
        reader, writer = await asyncio.open_unix_connection(str(hub.socket_path))
        writer.write(GREETINGS[name])
        with suppress(ConnectionError):
            answered = await asyncio.wait_for(reader.read(), SECONDS)
            assert b'"hello"' not in answered
        writer.close()
        assert hub.processes == ()
        assert len(hub.refusals) == 1
    finally:
        await hub.close()


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can play the other user")
async def test_another_users_process_cannot_come_to_the_hub() -> None:
    hub = Hub()
    await hub.start()
    try:
        # As if the folder let everybody through.
        hub.folder.chmod(0o755)
        process = await asyncio.create_subprocess_exec(
            *(sys.executable, "-c", KNOCKING, str(OTHER_USER), str(hub.socket_path)), stdout=asyncio.subprocess.PIPE
        )
        knocked, _ = await asyncio.wait_for(process.communicate(), RUN_SECONDS)
        assert knocked == b"refused by the system\n"
        hub.socket_path.chmod(0o666)
        process = await asyncio.create_subprocess_exec(
            *(sys.executable, "-c", _ASKING, str(OTHER_USER), str(hub.socket_path), "x"),
            stdout=asyncio.subprocess.PIPE,
        )
        asked, _ = await asyncio.wait_for(process.communicate(), RUN_SECONDS)
        assert b'"hello"' not in asked
        assert hub.processes == ()
        assert "another user" in hub.refusals[0]
    finally:
        await hub.close()
