"""A hub as small as can be: a Unix socket that programs of the tests connect to, and a client that asks them."""

from __future__ import annotations

import json
import os
import select
import shutil
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any, Self

import memdb_tui.probe

PROBE = Path(memdb_tui.probe.__file__).parent
DEADLINE_SECONDS = 30.0
TOKEN = "a token of the tests"


class Refused(Exception):  # noqa: N818 - an answer
    """A request was answered with an error."""


class Client:
    """The client's end of one connection to a process."""

    def __init__(self, sock: socket.socket) -> None:
        self.sock = sock
        self.states: list[dict[str, Any]] = []
        self.bye: dict[str, Any] | None = None
        self.here: dict[str, Any] | None = None
        self.process: dict[str, Any] = {}
        self._data = b""
        self._last = 0
        self._answers: dict[int | None, dict[str, Any]] = {}
        self._is_over = False

    def send(self, data: bytes) -> None:
        self.sock.sendall(data)

    def ask(self, method: str, **params: Any) -> Any:
        return self.answer_to(self.ask_later(method, **params))

    def ask_later(self, method: str, **params: Any) -> int:
        self._last += 1
        message = {"jsonrpc": "2.0", "id": self._last, "method": method, "params": params}
        self.send(json.dumps(message).encode() + b"\n")
        return self._last

    def answer_to(self, number: int | None) -> Any:
        self.read_until(lambda: number in self._answers)
        answer = self._answers.pop(number)
        if "error" in answer:
            raise Refused(answer["error"]["message"], answer["error"]["code"], answer["error"]["data"]["hint"])
        return answer["result"]

    def hello(self, token: str = TOKEN, version: int = 1) -> dict[str, Any]:
        self.process = self.ask("hello", version=version, token=token)
        return self.process

    def state(self) -> dict[str, Any]:
        found: dict[str, Any] = self.ask("state")
        return found

    def told(self, accepts: Callable[[dict[str, Any]], object]) -> dict[str, Any]:
        """The first state, of those sent unasked, that is accepted."""
        self.read_until(lambda: any(accepts(state) for state in self.states))
        return next(state for state in self.states if accepts(state))

    def read_until(self, is_done: Callable[[], object]) -> None:
        deadline = time.monotonic() + DEADLINE_SECONDS
        while not is_done():
            if not self.read(deadline - time.monotonic()):
                raise AssertionError(f"ended or late; {len(self.states)} states, bye {self.bye is not None}")

    def read(self, seconds: float = DEADLINE_SECONDS) -> bool:
        """Take what has come; False at the end, or when nothing comes."""
        ready, _, _ = select.select([self.sock], [], [], max(0.0, seconds))
        if not ready:
            return False
        try:
            data = self.sock.recv(1 << 20)
        except ConnectionError:
            data = b""
        self._is_over = not data
        *lines, self._data = (self._data + data).split(b"\n")
        for line in lines:
            self._take(json.loads(line))
        return bool(data)

    def read_to_end(self) -> None:
        """Take what comes until the other side has hung up."""
        while self.read():
            pass
        assert self._is_over, "nobody hung up"

    def close(self) -> None:
        self.sock.close()

    def _take(self, message: dict[str, Any]) -> None:
        assert message["jsonrpc"] == "2.0"
        match message.get("method"):
            case "here":
                self.here = message["params"]
            case "state":
                self.states.append(message["params"])
            case "bye":
                self.bye = message["params"]["state"]
            case None:
                self._answers[message["id"]] = message
            case other:
                raise AssertionError(f"an unknown notification {other}")


class Program:
    """A program that runs."""

    def __init__(self, process: subprocess.Popen[bytes]) -> None:
        self.process = process

    def line(self) -> str:
        """The next line it prints."""
        assert self.process.stdout is not None
        return self.process.stdout.readline().decode().rstrip("\n")

    def say(self, text: str = "") -> None:
        """Give it a line."""
        assert self.process.stdin is not None
        self.process.stdin.write(text.encode() + b"\n")
        self.process.stdin.flush()

    def end(self) -> tuple[int, str, str]:
        """Its exit status, and the rest of what it printed."""
        out, errors = self.process.communicate(timeout=DEADLINE_SECONDS)
        return self.process.returncode, out.decode(), errors.decode()


class Hub:
    """Takes the processes of programs that are run under it."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.socket_path = folder / "hub.sock"
        self.boot = folder / "boot"
        self.boot.mkdir(mode=0o700)
        shutil.copy(PROBE / "boot" / "sitecustomize.py", self.boot)
        self._listener = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        self._listener.bind(str(self.socket_path))
        self._listener.listen(64)
        self._clients: list[Client] = []
        self._programs: list[subprocess.Popen[bytes]] = []

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        for client in self._clients:
            client.close()
        self._listener.close()
        for process in self._programs:
            if process.poll() is None:
                process.kill()
            process.wait()
            for stream in (process.stdin, process.stdout, process.stderr):
                if stream is not None:
                    stream.close()

    def environment(
        self, *, follow: bool = True, trace: bool = False, is_met: bool = True, **others: str
    ) -> dict[str, str]:
        """The environment of a program with the probe in it.

        Args:
            follow: As of `run`.
            trace: As of `run`.
            is_met: The test meets every process of it that ends of itself, and reads what it is told. Those that
                nobody meets, or reads, wait for that no longer than with any user.
            others: What is in it besides.
        """
        options = {
            "probe": str(PROBE),
            "socket": str(self.socket_path),
            "token": TOKEN,
            "folder": str(self.boot),
            "follow": follow,
            "trace": trace,
        }
        if is_met:
            options["patience"] = DEADLINE_SECONDS
        return {
            **plain_environment(),
            "PYTHONPATH": str(self.boot),
            "MEMDB_TUI_RUN": json.dumps(options),
            **others,
        }

    def run(
        self, program: Path, *args: str, python: str = sys.executable, options: Sequence[str] = (), **environment: Any
    ) -> Program:
        """Start a program with the probe in it."""
        return self.start([python, *options, str(program), *args], self.environment(**environment))

    def plain(
        self, program: Path, *args: str, python: str = sys.executable, options: Sequence[str] = ()
    ) -> tuple[int, str, str]:
        """What a program does without the probe: exit status, what it printed, and its errors."""
        return self.start([python, *options, str(program), *args], plain_environment()).end()

    def start(self, command: Sequence[str], environment: dict[str, str]) -> Program:
        process = subprocess.Popen(
            command,
            env=environment,
            cwd=self.folder,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
        )
        self._programs.append(process)
        return Program(process)

    def arrival(self, seconds: float = DEADLINE_SECONDS) -> Client:
        """The next process that connects, after its first line.

        Raises:
            TimeoutError: None does in that time.
        """
        self._listener.settimeout(seconds)
        sock, _ = self._listener.accept()
        client = Client(sock)
        self._clients.append(client)
        client.read_until(lambda: client.here is not None)
        return client

    def met(self) -> Client:
        """The next process that connects, after hello."""
        client = self.arrival()
        client.hello()
        return client


def plain_environment() -> dict[str, str]:
    """The environment of a program that is run without the probe."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("PYTHON", "MEMDB", "COV"))}
    return {**kept, "PYTHONDONTWRITEBYTECODE": "1"}
