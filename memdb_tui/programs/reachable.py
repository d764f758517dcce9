"""Processes that can be reached from outside: those that listen, and the way into one by PID or name."""

from __future__ import annotations

import asyncio
import contextlib
import json
import os
import socket
import stat
from collections.abc import Callable, Container, Iterator
from pathlib import Path

from memdb_tui.errors import MemdbError, ProgramGoneError, ProtocolError, UsageError
from memdb_tui.frozen import dataclass
from memdb_tui.programs.alive import is_alive, is_stopped, stopped_words
from memdb_tui.programs.fields import Fields
from memdb_tui.programs.hub import Hub
from memdb_tui.programs.peer import is_mine
from memdb_tui.programs.program_session import ProgramSession
from memdb_tui.programs.remote import PATIENCE_SECONDS, inject
from memdb_tui.programs.remote_target import WAYS, examine
from memdb_tui.programs.told import VERSION
from memdb_tui.programs.unreached import unreached

_ENTRY_BYTES = 1 << 20
_DIAL_SECONDS = 0.1
_UNIX_FIELDS = 8
"""In /proc/net/unix, of a socket that has a path: https://man7.org/linux/man-pages/man5/proc_net.5.html."""


@dataclass(frozen=True, slots=True)
class Listening:
    """A process that waits to be attached to."""

    pid: int
    name: str
    argv: tuple[str, ...]
    started_at: float
    socket_path: Path
    token: str


def folders(pid: int | None = None) -> tuple[Path, ...]:
    """Where processes of this user that listen leave their sockets, whatever environment they were started in.

    Args:
        pid: Where that process leaves its own is among them.
    """
    user = os.getuid()
    runtimes = [os.environ.get("XDG_RUNTIME_DIR", ""), f"/run/user/{user}", f"/tmp/memdb-tui-{user}"]  # noqa: S108 - its owner and mode are looked at
    if pid is not None:
        runtimes.insert(0, _runtime_of(pid))
    return tuple(dict.fromkeys(Path(runtime) / "memdb-tui" for runtime in runtimes if runtime))


def listening(pid: int | None = None) -> tuple[Listening, ...]:
    """The processes of this user that listen, by PID; what dead ones have left is swept away.

    Args:
        pid: As of `folders`.
    """
    bound = _bound_paths()
    found = {entry.pid: entry for folder in folders(pid) if _is_ours(folder) for entry in _entries(folder, bound)}
    return tuple(found[pid] for pid in sorted(found))


def find(target: str) -> Listening | int:
    """The listening process of that PID or name, else of that script, or a PID that does not listen.

    Raises:
        UsageError: There is no such process, or several listen under that name.
    """
    pid = int(target) if target.isdecimal() and len(target) <= len(str(1 << 31)) else None
    entries = listening(pid)
    if pid is not None:
        entry = next((each for each in entries if each.pid == pid), None)
        if entry is not None:
            return entry
        if pid == 0 or not is_alive(pid):
            raise UsageError(f"There is no process {pid}.", hint="“memdb-tui ps” lists those that can be reached.")
        return pid
    named = [each for each in entries if each.name == target]
    named = named or [each for each in entries if each.argv and Path(each.argv[0]).name == target]
    if len(named) == 1:
        return named[0]
    if named:
        pids = ", ".join(str(each.pid) for each in named)
        raise UsageError(f"{len(named)} processes listen as {target!r}: {pids}.", hint="Give the PID of one.")
    raise UsageError(
        f"No process listens as {target!r}.", hint=f"“memdb-tui ps” lists those that do, or give a PID. {WAYS}"
    )


async def check(target: str) -> None:
    """Say early what will not go.

    Raises:
        UsageError: There is no such process, or it cannot be reached; the hint says which ways there are.
        ProgramGoneError: It ended meanwhile.
    """
    found = find(target)
    if isinstance(found, int):
        await examine(found)


async def connect(
    hub: Hub, target: str, *, on_waiting: Callable[[str], None] | None = None, trace: bool = False
) -> ProgramSession:
    """A session with a running process.

    It goes on trying until it is cancelled.

    Args:
        hub: Started.
        target: A PID, or the name under which it listens.
        on_waiting: Called with a sentence when the process lets us wait, and when another memdb-tui does.
        trace: Statements are to be counted, where nothing was prepared in the process.

    Raises:
        UsageError: There is no such process, or it cannot be reached; the hint says which ways there are.
        MemdbError: It is gone, refuses, or is no probe.
    """
    found = find(target)
    pid = found if isinstance(found, int) else found.pid
    argv = (target,) if isinstance(found, int) else found.argv or (found.name,)

    def note(sentence: str, *, has_ended: bool = False) -> None:
        hub.note_unreached(unreached(argv, pid, cwd="", why=sentence, started_at=0.0, has_ended=has_ended))

    def tell(sentence: str) -> None:
        note(sentence)
        if on_waiting is not None:
            on_waiting(sentence)

    try:
        return await _connect(hub, found, tell, trace=trace)
    except MemdbError as error:
        note(str(error), has_ended=isinstance(error, ProgramGoneError))
        raise


async def _connect(hub: Hub, found: Listening | int, tell: Callable[[str], None], *, trace: bool) -> ProgramSession:
    if isinstance(found, int):
        await inject(found, hub, on_waiting=tell, trace=trace)
        session = await hub.arrival(found, PATIENCE_SECONDS)
        if session is None:
            raise ProgramGoneError(f"Process {found} has ended.")
        return session
    greeting = asyncio.create_task(_greet(hub, found))
    try:
        done, _ = await asyncio.wait({greeting}, timeout=PATIENCE_SECONDS)
        if not done:
            why = ". It is asked as soon as it can answer."
            if is_stopped(found.pid):
                why = f": {stopped_words(found.pid)}"
            tell(f"Process {found.pid} listens, but has not answered yet{why}")
        return await greeting
    finally:
        greeting.cancel()


def left_words(pid: int) -> str:
    """What is to be said of a process that everything was taken out of."""
    return (
        f"memdb-tui has left process {pid}. An audit hook cannot be removed: a function that returns at once is left "
        "there."
    )


async def _greet(hub: Hub, entry: Listening) -> ProgramSession:
    return await hub.attach_socket(await _dial(entry), entry.token)


async def _dial(entry: Listening) -> socket.socket:
    sock = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
    sock.setblocking(False)
    try:
        # Not `loop.sock_connect`: of a Unix socket whose queue is full it says that it is connected.
        while not _is_connected(sock, entry.socket_path):  # noqa: ASYNC110 - nothing tells when there is room
            await asyncio.sleep(_DIAL_SECONDS)
        mine = is_mine(sock)
    except OSError as error:
        sock.close()
        raise ProgramGoneError(f"Process {entry.pid} listens no longer.") from error
    except BaseException:
        sock.close()
        raise
    if not mine:
        sock.close()
        raise MemdbError(f"What listens for process {entry.pid} belongs to another user.")
    return sock


def _is_connected(sock: socket.socket, path: Path) -> bool:
    try:
        sock.connect(str(path))
    except BlockingIOError:
        # The queue of those who wait to be let in is full.
        return False
    return True


def _runtime_of(pid: int) -> str:
    """The runtime folder in the environment that a process was started with, empty where it has none."""
    try:
        environment = Path(f"/proc/{pid}/environ").read_bytes()
    except OSError:
        # Gone, another user's, or not Linux.
        return ""
    name = b"XDG_RUNTIME_DIR="
    found = (entry.removeprefix(name) for entry in environment.split(b"\0") if entry.startswith(name))
    return os.fsdecode(next(found, b""))


def _bound_paths() -> frozenset[str]:
    """The paths of the Unix sockets that somebody has open, as far as the system says."""
    try:
        lines = Path("/proc/net/unix").read_text(errors="surrogateescape").splitlines()[1:]
    except OSError:
        return frozenset()
    return frozenset(parts[-1] for line in lines if len(parts := line.split(maxsplit=7)) == _UNIX_FIELDS)


def _is_ours(folder: Path) -> bool:
    """The folder is there, and nobody else can have put anything into it."""
    try:
        found = folder.lstat()
    except OSError:
        return False
    return stat.S_ISDIR(found.st_mode) and found.st_uid == os.geteuid() and not found.st_mode & 0o077


def _entries(folder: Path, bound: Container[str]) -> Iterator[Listening]:
    for path in sorted(folder.glob("*.json")):
        with contextlib.suppress(OSError, ProtocolError, ValueError):
            entry = _read(path)
            # A socket that is open is never removed: in a container that shares the folder its process may have
            # another number than here.
            is_open = str(entry.socket_path) in bound or _answers(entry.socket_path)
            if is_open and is_alive(entry.pid):
                yield entry
            elif not is_open:
                path.unlink(missing_ok=True)
                entry.socket_path.unlink(missing_ok=True)


def _read(path: Path) -> Listening:
    descriptor = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_CLOEXEC)
    with os.fdopen(descriptor, "rb") as file:
        if os.fstat(descriptor).st_uid != os.geteuid():
            raise ProtocolError("It is another user's.")
        fields = Fields(json.loads(file.read(_ENTRY_BYTES)), "listening process")
    if fields.whole("version") != VERSION or path.stem != str(fields.whole("pid")):
        raise ProtocolError("It is of another version.")
    return Listening(
        pid=fields.whole("pid"),
        name=fields.text("name"),
        argv=fields.texts("argv"),
        started_at=fields.number("started_at"),
        socket_path=path.with_suffix(".sock"),
        token=fields.text("token"),
    )


def _answers(path: Path) -> bool:
    """Somebody has the socket open: the PID alone may have been given to another process since.

    Asked only where the system does not say it: it takes a place in the queue of those who wait to be let in.
    """
    with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as sock:
        sock.setblocking(False)
        try:
            sock.connect(str(path))
        except BlockingIOError:
            # Its queue is full: it is there.
            return True
        except OSError:
            return False
        return True
