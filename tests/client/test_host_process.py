"""The host as a process: how it begins, what it refuses, and that it always ends."""

from __future__ import annotations

import json
import os
import select
import signal
import socket
import subprocess
import sys
import termios
import time
from pathlib import Path

import pytest

from memdb_tui.client.launch import HostProcess, spawn_host
from memdb_tui.protocol import messages, rpc

SECONDS = 30.0
HELLO = {"jsonrpc": "2.0", "id": 1, "method": "hello", "params": [messages.VERSION]}
ENDLESS = "WITH RECURSIVE c(x) AS (SELECT 1 UNION ALL SELECT x+1 FROM c) SELECT sum(x) FROM c"
DEAF = "SELECT length(hex(hex(hex(randomblob(40000000)))))"
"""A statement of a few long functions: an interrupt is heard only after the one that runs."""


def send(process: HostProcess, *calls: object) -> None:
    for call in calls:
        process.sock.sendall(json.dumps(call).encode() + b"\n")


def replies(process: HostProcess) -> list[rpc.Reply]:
    """Everything the host answers until it hangs up."""
    process.sock.settimeout(SECONDS)
    buffer = rpc.LineBuffer(messages.MAX_MESSAGE_BYTES)
    found = []
    try:
        while data := process.sock.recv(1 << 16):
            found += [rpc.decode(line) for line in buffer.feed(data)]
    except ConnectionResetError:
        # It hung up with something of ours unread.
        pass
    return [message for message in found if isinstance(message, rpc.Reply)]


@pytest.mark.parametrize(
    "until",
    [
        f'host.sock.sendall({json.dumps(HELLO).encode()!r} + b"\\n"); assert host.sock.recv(1)',
        f'host.sock.sendall({json.dumps(HELLO).encode()!r} + b"\\n")',
        "",
    ],
    ids=["greeted it", "begun late", "begun late and heard nothing"],
)
def test_the_terminal_is_given_back_as_it_was_by_a_host_that_has(until: str) -> None:
    program = f"""
import json, os, signal, sys, tty
from memdb_tui.client.launch import spawn_host, terminal_as_it_is
terminal = int(sys.argv[1])
host = spawn_host(preload=False, terminal=terminal_as_it_is(terminal))
tty.setraw(terminal)
{until}
os.kill(os.getpid(), signal.SIGKILL)
"""
    ours, terminal = os.openpty()
    try:
        before = termios.tcgetattr(terminal)
        killed = subprocess.run([sys.executable, "-c", program, str(terminal)], pass_fds=[terminal], check=False)
        assert killed.returncode == -signal.SIGKILL
        said = b""
        while b"was killed" not in said:
            assert select.select([ours], [], [], SECONDS)[0], said
            said += os.read(ours, 1 << 12)
        assert termios.tcgetattr(terminal) == before
    finally:
        os.close(ours)
        os.close(terminal)


def ended(process: HostProcess) -> int:
    return process.process.wait(SECONDS)


def next_reply(process: HostProcess, number: int) -> rpc.Reply:
    process.sock.settimeout(SECONDS)
    buffer = rpc.LineBuffer(messages.MAX_MESSAGE_BYTES)
    while data := process.sock.recv(1 << 16):
        for line in buffer.feed(data):
            message = rpc.decode(line)
            if isinstance(message, rpc.Reply) and message.id == number:
                return message
    raise AssertionError("the host hung up")


def call(number: int, method: str, *params: object) -> dict[str, object]:
    return {"jsonrpc": "2.0", "id": number, "method": method, "params": list(params)}


def opened(process: HostProcess, string: str) -> str:
    send(process, HELLO, call(2, "open", string, True))
    reply = next_reply(process, 2)
    assert reply.error is None
    return str(reply.result[0])


def cpu_seconds(pid: int) -> float:
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return int(fields[11]) / os.sysconf("SC_CLK_TCK")


@pytest.mark.parametrize(
    ("lines", "words"),
    [
        (b"not json\n", "A message is not JSON"),
        (b"[1]\n", "A message is not of JSON-RPC 2.0."),
        (b'{"jsonrpc":"2.0","method":"hello"}\n', "The host takes requests alone."),
        (b'{"jsonrpc":"2.0","id":1,"result":1}\n', "The host takes requests alone."),
        (b'{"jsonrpc":"2.0","id":1,"method":"open","params":["x",true]}\n', "The first request must be hello."),
    ],
)
def test_what_is_no_request_is_refused_once_and_ends_the_host(process: HostProcess, lines: bytes, words: str) -> None:
    process.sock.sendall(lines + json.dumps(HELLO).encode() + b"\n")
    (reply,) = replies(process)
    assert reply.id is None
    assert reply.error is not None
    assert reply.error.message.startswith(words)
    assert ended(process) == 0


def test_a_message_that_never_ends_is_refused(process: HostProcess) -> None:
    process.sock.settimeout(SECONDS)
    megabyte = b"x" * (1 << 20)
    try:
        for _ in range((messages.MAX_MESSAGE_BYTES >> 20) + 2):
            process.sock.sendall(megabyte)
    except OSError:
        # It has hung up in the middle.
        pass
    assert ended(process) == 0


def test_a_request_that_is_wrong_in_itself_is_refused_and_the_next_one_served(process: HostProcess) -> None:
    send(process, HELLO, call(2, "nope"), call(3, "open", "x"), call(4, "window", 1, 1, 0, 1, 0, 1))
    send(process, call(5, "open", "file:x?mode=memory&cache=shared", False))
    assert next_reply(process, 5).error is None
    process.sock.shutdown(socket.SHUT_WR)
    assert ended(process) == 0


def test_another_version_is_refused_in_words(process: HostProcess) -> None:
    send(process, {**HELLO, "params": [messages.VERSION + 1]})
    reply = next_reply(process, 1)
    assert reply.error is not None
    assert "Install the same memdb-tui on both sides." in reply.error.hint


def test_the_host_ends_with_its_client(process: HostProcess) -> None:
    opened(process, "file:x?mode=memory&cache=shared")
    process.sock.close()
    assert ended(process) == 0


def test_the_host_ends_while_a_statement_runs_and_more_messages_come(process: HostProcess) -> None:
    connection = opened(process, ":memory:")
    for number in range(3, 9):
        send(process, call(number, "execute", number, connection, ENDLESS, 1, 1))
    process.sock.close()
    assert ended(process) == 0


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGHUP])
def test_a_signal_ends_the_host_and_takes_its_journal_along(
    process: HostProcess, tmp_path: Path, number: signal.Signals
) -> None:
    connection = opened(process, f"file:{tmp_path}/x.db")
    sql = "PRAGMA cache_size=1; CREATE TABLE t(x); BEGIN; INSERT INTO t VALUES(zeroblob(1000000))"
    send(process, call(3, "execute", 1, connection, sql, 1, 1))
    next_reply(process, 3)
    assert (tmp_path / "x.db-journal").exists()
    os.kill(process.process.pid, number)
    assert ended(process) == 0
    assert [entry.name for entry in tmp_path.iterdir()] == ["x.db"]


def test_a_statement_deaf_to_interrupts_does_not_keep_the_host(process: HostProcess) -> None:
    connection = opened(process, ":memory:")
    send(process, call(3, "execute", 1, connection, DEAF, 1, 1))
    deadline = time.monotonic() + SECONDS
    while cpu_seconds(process.process.pid) < 0.5 and time.monotonic() < deadline:
        os.sched_yield()
    process.close()
    assert process.how_it_ended() in {"exit status 0", "killed by SIGKILL"}


def test_a_client_that_does_not_read_cannot_keep_the_host(process: HostProcess) -> None:
    connection = opened(process, ":memory:")
    many = (
        "WITH RECURSIVE c(x) AS (SELECT 1 UNION ALL SELECT x+1 FROM c WHERE x<5000) SELECT hex(zeroblob(500)) FROM c"
    )
    send(process, call(3, "execute", 1, connection, many, 1, 1))
    next_reply(process, 3)
    for number in range(4, 40):
        send(process, call(number, "window", 1, 1, 0, 1000, 0, 1))
    os.kill(process.process.pid, signal.SIGTERM)
    assert ended(process) == 0


def test_the_hosts_complaints_outlive_it(process: HostProcess) -> None:
    os.kill(process.process.pid, signal.SIGKILL)
    assert ended(process) == -signal.SIGKILL
    assert process.how_it_ended() == "killed by SIGKILL"
    assert process.last_words() == ""
    process.close()
    process.close()
    assert process.last_words() == ""


def test_a_module_of_the_users_folder_does_not_stand_in_for_ours(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("sqlite3.py", "memdb_tui.py", "socket.py"):
        (tmp_path / name).write_text("raise SystemExit('the wrong one')\n")
    monkeypatch.chdir(tmp_path)
    running = spawn_host(preload=True)
    try:
        opened(running, "sqlite:///file:x?mode=memory&cache=shared&uri=true")
        assert running.last_words() == ""
    finally:
        running.close()
    assert sorted(entry.name for entry in tmp_path.iterdir()) == ["memdb_tui.py", "socket.py", "sqlite3.py"]


def test_strings_of_sqlite3_alone_import_no_sqlalchemy(process: HostProcess) -> None:
    opened(process, "file:x?mode=memory&cache=shared")
    loaded = Path(f"/proc/{process.process.pid}/maps").read_text()
    assert "sqlalchemy" not in loaded
    assert "_sqlite3" in loaded
