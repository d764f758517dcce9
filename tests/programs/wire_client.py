"""A process that speaks the wire, played by the test: what a probe says, and what none would say."""

from __future__ import annotations

import asyncio
import json
import os
from typing import Any

from memdb_tui.programs.hub import Hub

DEADLINE_SECONDS = 20.0


def process(**changes: Any) -> dict[str, Any]:
    """The answer to `hello` of a process that runs app.py."""
    return {
        "version": 1,
        "pid": 4242,
        "instance": "one",
        "ppid": 4200,
        "argv": ["app.py"],
        "cwd": "/proj",
        "executable": "/usr/bin/python3",
        "python": "3.11.7",
        "implementation": "cpython",
        "sqlite": "3.40.1",
        "sqlalchemy": "",
        "started_at": 100.0,
        "forked_from": None,
        "inherited": 0,
        "native": "",
        "use_uri": True,
        "waiting": "",
        "trace": False,
        "notes": [],
    } | changes


def state(*connections: dict[str, Any], seq: int = 1, **changes: Any) -> dict[str, Any]:
    """A state with those connections."""
    return {
        "seq": seq,
        "at": 200.0,
        "sqlite": "3.40.1",
        "sqlalchemy": "",
        "becoming": "",
        "waiting": "",
        "thread": "",
        "connections": list(connections),
        "dropped": 0,
        "unfollowed": [],
        "waiting_copies": [],
        "longest_block_seconds": 0.0,
        "failures": [],
        "notes": [],
    } | changes


def connection(name: str, database: str | None = ":memory:", **changes: Any) -> dict[str, Any]:
    """An open connection that was seen being opened."""
    return {
        "id": name,
        "database": database,
        "keywords": {},
        "uri": False,
        "cwd": "/proj",
        "found": "wrapper",
        "thread": {"ident": 1, "name": "MainThread"},
        "stack": [["/proj/app.py", 3, "load"], ["/proj/app.py", 9, "<module>"]],
        "opened_at": 110.0 + int(name.removeprefix("c")),
        "closed_at": None,
        "closed_by": None,
        "closed_for_certain": changes.get("closed_by") is not None,
        "in_transaction": False,
        "isolation": "",
        "isolation_known": True,
        "class": "sqlite3.Connection",
        "engine": None,
        "checked_out": None,
        "check_outs_by": None,
        "schemas": [schema(pager=int(name.removeprefix("c")) * 1000)],
        "count": None,
        "size": None,
        "observed_at": 110.0 + int(name.removeprefix("c")),
        "unobserved": "",
        "statements": None,
        "last_statement": "",
        "opener_returned": False,
        "existed": None,
    } | changes


def schema(**changes: Any) -> dict[str, Any]:
    """A main database."""
    return {"name": "main", "file": "", "virtual": "", "pager": None, "memdb": None, "since": None} | changes


def shared(name: str, *, pager: int, **changes: Any) -> dict[str, Any]:
    """A connection to the shared database m1 whose pager is there."""
    string = "file:m1?mode=memory&cache=shared"
    return connection(name, string, uri=True, keywords={"uri": "True"}, schemas=[schema(pager=pager)], **changes)


class WireClient:
    """One connection to a hub."""

    def __init__(self, hub: Hub) -> None:
        self._hub = hub
        self._reader: asyncio.StreamReader
        self._writer: asyncio.StreamWriter

    async def connect(self) -> None:
        """Open the socket, say nothing."""
        self._reader, self._writer = await asyncio.open_unix_connection(str(self._hub.socket_path))

    async def join(self, told: dict[str, Any], first: dict[str, Any]) -> None:
        """Come in as a probe does."""
        await self.connect()
        self.here(pid=told["pid"])
        call = await self.hear()
        assert call["method"] == "hello"
        self.answer(call, told)
        call = await self.hear()
        assert call["method"] == "state"
        self.answer(call, first)

    def here(self, **changes: Any) -> None:
        """Say who is there."""
        token = json.loads(self._hub.settings(follow=False, trace=False))["token"]
        self.tell("here", {"version": 1, "token": token, "pid": os.getpid()} | changes)

    def tell(self, method: str, params: Any) -> None:
        """Send a notification."""
        self.write(json.dumps({"jsonrpc": "2.0", "method": method, "params": params}).encode() + b"\n")

    def answer(self, call: dict[str, Any], result: Any) -> None:
        """Send the answer to a call."""
        self.write(json.dumps({"jsonrpc": "2.0", "id": call["id"], "result": result}).encode() + b"\n")

    def refuse(self, call: dict[str, Any], message: str) -> None:
        """Send an error as the answer to a call."""
        error = {"code": -32000, "message": message, "data": {"hint": "Do something else."}}
        self.write(json.dumps({"jsonrpc": "2.0", "id": call["id"], "error": error}).encode() + b"\n")

    def write(self, data: bytes) -> None:
        """Send bytes as they are."""
        self._writer.write(data)

    async def hear(self) -> Any:
        """The next line."""
        line = await asyncio.wait_for(self._reader.readline(), DEADLINE_SECONDS)
        assert line, "the hub hung up"
        return json.loads(line)

    async def hear_the_end(self) -> bytes:
        """What comes until the hub hangs up."""
        try:
            return await asyncio.wait_for(self._reader.read(), DEADLINE_SECONDS)
        except ConnectionResetError:
            return b""

    async def close(self) -> None:
        """Hang up."""
        self._writer.close()
        try:
            await self._writer.wait_closed()
        except OSError:
            # The hub hung up first.
            return
