"""A client that never leaves a program alone: it asks for the state again as soon as it has it, and may read live.

It stands on the wire alone, written from what the wire is said to be, with nothing of the program's own client.
"""

from __future__ import annotations

import json
import os
import secrets
import selectors
import shutil
import socket
import tempfile
import threading
import time
from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from types import TracebackType
from typing import Any, Self

import memdb_tui

_READ_BYTES = 1 << 18
_STOP_SECONDS = 10.0
_LOOK_SECONDS = 0.05
_LIVE_SQL = "SELECT count(*) FROM sqlite_schema"


@dataclass(slots=True, eq=False)
class Followed:
    """One process that has connected."""

    sock: socket.socket
    pid: int = 0
    process: dict[str, Any] = field(default_factory=dict)
    state: dict[str, Any] = field(default_factory=dict)
    states: int = 0
    farewell: dict[str, Any] | None = None
    waiting: bytes = b""
    unsent: bytes = b""
    asked: dict[int, str] = field(default_factory=dict)
    serial: int = 0


class PollingHub:
    """Where the processes of a program under test connect to; a thread of its own serves it.

    Args:
        poll_seconds: The pause between an answer and the next question; None asks for nothing but the greeting.
        greets: Say hello to who comes; without it nobody is there as far as the program can tell.
        reads_live: Read from the schema of a shared database as well, one request after the other.
    """

    def __init__(self, *, poll_seconds: float | None = 0.0, greets: bool = True, reads_live: bool = False) -> None:
        self.folder = Path(tempfile.mkdtemp(prefix="memdb-tui-proof-"))
        self.path = self.folder / "hub.sock"
        self.token = secrets.token_hex(16)
        self.processes: list[Followed] = []
        self.live: Counter[str] = Counter()
        self.live_block_seconds = 0.0
        self.errors: list[str] = []
        self._poll_seconds = poll_seconds
        self._greets = greets
        self._reads_live = reads_live
        self._listener = socket.socket(socket.AF_UNIX)
        self._listener.bind(str(self.path))
        self.path.chmod(0o600)
        self._listener.listen(64)
        self._selector = selectors.DefaultSelector()
        self._changed = threading.Condition()
        self._stop = threading.Event()
        self._due: list[tuple[float, Followed]] = []
        self._thread = threading.Thread(target=self._serve, name="polling hub")

    def __enter__(self) -> Self:
        self._selector.register(self._listener, selectors.EVENT_READ, None)
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._stop.set()
        self._thread.join(_STOP_SECONDS)
        for followed in self.processes:
            followed.sock.close()
        self._selector.close()
        self._listener.close()
        shutil.rmtree(self.folder)

    def environment(
        self, base: Mapping[str, str], *, follows_children: bool = True, traces: bool = False
    ) -> dict[str, str]:
        """The environment in which Python starts with the probe, connecting here."""
        probe = Path(memdb_tui.__file__).parent / "probe"
        run = {
            "probe": str(probe),
            "socket": str(self.path),
            "token": self.token,
            "folder": str(self.folder / "site"),
            "follow": follows_children,
            "trace": traces,
        }
        site = self.folder / "site"
        site.mkdir(mode=0o700, exist_ok=True)
        shutil.copyfile(probe / "boot" / "sitecustomize.py", site / "sitecustomize.py")
        path = os.pathsep.join(part for part in (str(site), base.get("PYTHONPATH", "")) if part)
        return {**base, "MEMDB_TUI_RUN": json.dumps(run), "PYTHONPATH": path}

    def wait_for(self, what: str, is_so: Callable[[], object], *, seconds: float = 30.0) -> None:
        """Until something is so of what the processes have said; fails with `what` otherwise."""
        with self._changed:
            if not self._changed.wait_for(is_so, seconds):
                raise AssertionError(f"After {seconds:g} s still not: {what}. {self.errors}")

    def is_alone(self) -> bool:
        """Whether somebody came and everybody has hung up."""
        return bool(self.processes) and all(followed.sock.fileno() < 0 for followed in self.processes)

    @property
    def polls(self) -> int:
        """States received, from all processes."""
        return sum(followed.states for followed in self.processes)

    @property
    def failures(self) -> list[str]:
        """What the probe itself says has gone wrong in it."""
        return sorted({sentence for one in self.processes for sentence in one.state.get("failures", ())})

    def _serve(self) -> None:
        while not self._stop.is_set():
            soonest = min((at for at, _ in self._due), default=float("inf"))
            for key, events in self._selector.select(max(0.0, min(soonest - time.monotonic(), _LOOK_SECONDS))):
                if key.data is None:
                    self._accept()
                else:
                    self._move(key.data, events)
            now = time.monotonic()
            due = [followed for at, followed in self._due if at <= now]
            self._due = [(at, followed) for at, followed in self._due if at > now]
            for followed in due:
                self._ask(followed, "state", {})
            with self._changed:
                self._changed.notify_all()

    def _accept(self) -> None:
        sock, _ = self._listener.accept()
        sock.setblocking(False)
        followed = Followed(sock)
        self.processes.append(followed)
        self._selector.register(sock, selectors.EVENT_READ, followed)

    def _move(self, followed: Followed, events: int) -> None:
        try:
            if events & selectors.EVENT_WRITE:
                self._send(followed)
            if not events & selectors.EVENT_READ:
                return
            arrived = followed.sock.recv(_READ_BYTES)
        except BlockingIOError:
            return
        except OSError:
            arrived = b""
        if not arrived:
            self._drop(followed)
            return
        *lines, followed.waiting = (followed.waiting + arrived).split(b"\n")
        for line in lines:
            self._take(followed, json.loads(line))

    def _take(self, followed: Followed, message: dict[str, Any]) -> None:
        method, params = message.get("method"), message.get("params", {})
        if method == "here":
            if params.get("token") != self.token or params.get("version") != 1:
                self.errors.append(f"not one of ours: {params}")
            followed.pid = params["pid"]
            if self._greets:
                self._ask(followed, "hello", {"version": 1, "token": self.token})
        elif method == "state":
            followed.state = params
        elif method == "bye":
            followed.state = followed.farewell = params["state"]
        else:
            self._answered(followed, followed.asked.pop(message.get("id", 0), ""), message)

    def _answered(self, followed: Followed, asked: str, message: dict[str, Any]) -> None:
        if asked == "live":
            found = message.get("result") or {"status": f"error {message['error']['message']}"}
            self.live[found["status"]] += 1
            self.live_block_seconds = max(self.live_block_seconds, found.get("block_seconds") or 0.0)
            self._read_live(followed)
            return
        if "error" in message:
            self.errors.append(f"{asked}: {message['error']}")
        elif asked == "hello":
            followed.process = message["result"]
        elif asked == "state":
            followed.state = message["result"]
            followed.states += 1
        if self._poll_seconds is not None:
            self._due.append((time.monotonic() + self._poll_seconds, followed))
            if self._reads_live and "live" not in followed.asked.values():
                self._read_live(followed)

    def _read_live(self, followed: Followed) -> None:
        shared = [
            one["id"]
            for one in followed.state.get("connections", ())
            if one["closed_at"] is None and one["database"] and "cache=shared" in one["database"]
        ]
        if not shared:
            return
        # What is open for long, and now and then what is about to be gone.
        chosen = shared[0] if followed.serial % 3 else shared[-1]
        limits = {"milliseconds": 100, "max_rows": 100, "max_bytes": 65536}
        self._ask(followed, "live", {"connection": chosen, "sql": _LIVE_SQL, "write": False, **limits})

    def _ask(self, followed: Followed, method: str, params: dict[str, object]) -> None:
        if followed.sock.fileno() < 0:
            return
        followed.serial += 1
        followed.asked[followed.serial] = method
        call = {"jsonrpc": "2.0", "id": followed.serial, "method": method, "params": params}
        followed.unsent += json.dumps(call).encode() + b"\n"
        self._send(followed)

    def _send(self, followed: Followed) -> None:
        try:
            sent = followed.sock.send(followed.unsent)
        except BlockingIOError:
            sent = 0
        except OSError:
            self._drop(followed)
            return
        followed.unsent = followed.unsent[sent:]
        wanted = selectors.EVENT_READ | (selectors.EVENT_WRITE if followed.unsent else 0)
        self._selector.modify(followed.sock, wanted, followed)

    def _drop(self, followed: Followed) -> None:
        if followed.sock.fileno() >= 0:
            self._selector.unregister(followed.sock)
            followed.sock.close()
