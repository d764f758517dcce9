"""With what a process ends that is connected to us, before and after its parent has looked."""

from __future__ import annotations

import asyncio
import os
import platform
import signal
import socket
import subprocess
import sys
from pathlib import Path

import pytest

from memdb_tui.programs.exit_watch import ExitWatch

_SECONDS = 60
_TELLS_ALL = tuple(map(int, platform.release().split("-")[0].split(".")[:2])) >= (6, 15)
_CONNECT = (
    "import os, socket, sys; open('/proc/self/comm', 'wb').write(os.fsencode(sys.argv[3])); "
    "s = socket.socket(socket.AF_UNIX); s.connect(sys.argv[1]); s.recv(1); "
    "end = int(sys.argv[2]); os.kill(os.getpid(), -end) if end < 0 else sys.exit(end)"
)

pytestmark = pytest.mark.skipif(not hasattr(os, "pidfd_open"), reason="this system has no descriptors for processes")


class Watched:
    """A child that is connected, and ends when it is told to."""

    def __init__(self, folder: Path, status: int, name: str = "python") -> None:
        with socket.socket(socket.AF_UNIX) as listening:
            listening.bind(str(folder / "s"))
            listening.listen()
            words = [str(folder / "s"), str(status), name]
            self.child = subprocess.Popen([sys.executable, "-c", _CONNECT, *words])
            self.sock, _ = listening.accept()
        self._found: asyncio.Future[int | None] = asyncio.get_running_loop().create_future()
        self.watch = ExitWatch(self.sock, self._found.set_result)

    async def status(self) -> int | None:
        return await asyncio.wait_for(self._found, _SECONDS)

    def end(self) -> None:
        self.sock.close()
        os.waitid(os.P_PID, self.child.pid, os.WEXITED | os.WNOWAIT)


@pytest.mark.parametrize("status", [0, 3, -int(signal.SIGKILL)])
async def test_a_status_is_seen_while_the_parent_has_not_looked(tmp_path: Path, status: int) -> None:
    watched = Watched(tmp_path, status)

    watched.end()

    assert await watched.status() == status
    assert watched.child.wait() == status


@pytest.mark.parametrize("status", [0, 3, -int(signal.SIGKILL)])
async def test_after_the_parent_has_looked_it_is_what_the_kernel_kept_or_not_known(
    tmp_path: Path, status: int
) -> None:
    watched = Watched(tmp_path, status)
    watched.end()
    assert watched.child.wait() == status

    assert await watched.status() == (status if _TELLS_ALL else None)


async def test_a_status_is_seen_of_a_process_whose_name_is_cut_within_a_letter(tmp_path: Path) -> None:
    # The kernel keeps 15 bytes of a script's name.
    watched = Watched(tmp_path, 3, "12345678901234ü")

    watched.end()

    assert await watched.status() == 3
    assert watched.child.wait() == 3


async def test_looking_tells_an_end_at_once_and_only_then(tmp_path: Path) -> None:
    watched = Watched(tmp_path, 4)
    watched.watch.look()
    assert not watched._found.done()

    watched.end()
    watched.watch.look()

    assert watched._found.result() == 4
    watched.watch.look()
    watched.child.wait()


async def test_a_watch_that_is_closed_tells_nothing(tmp_path: Path) -> None:
    watched = Watched(tmp_path, 4)

    watched.watch.close()
    watched.watch.close()
    watched.end()
    watched.watch.look()

    assert not watched._found.done()
    watched.child.wait()
