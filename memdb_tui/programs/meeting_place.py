"""The place where probes come in: a folder of this user alone, a socket in it, and a token."""

from __future__ import annotations

import hmac
import json
import os
import secrets
import shutil
import socket
import tempfile
from collections.abc import Mapping
from pathlib import Path

import memdb_tui
from memdb_tui.errors import MemdbError, ProtocolError
from memdb_tui.frozen import dataclass
from memdb_tui.programs.fields import Fields
from memdb_tui.programs.left_behind import PREFIX, SITE, SOCKET, hold, sweep
from memdb_tui.programs.told import VERSION
from memdb_tui.protocol import rpc

PROBE = Path(memdb_tui.__file__).parent / "probe"
"""The folder of the package that stands in programs; only its path is known here."""

_MOST_SOCKET_PATH_BYTES = 103
"""The shortest limit there is, that of macOS; Linux takes 107."""


@dataclass(frozen=True, slots=True)
class Greeting:
    """The first line of a process that comes by itself."""

    pid: int
    unsupported: str
    """Why it cannot be looked into, a whole sentence; empty where it can."""


class MeetingPlace:
    """Where processes come to; what killed sessions have left beside it is removed.

    Raises:
        MemdbError: There is no folder for it.
    """

    def __init__(self) -> None:
        self.folder = _make_folder()
        self._hold = hold(self.folder)
        sweep(self.folder.parent)
        self.token = secrets.token_hex(32)

    @property
    def socket_path(self) -> Path:
        """Where probes connect to."""
        return self.folder / SOCKET

    def socket(self) -> socket.socket:
        """The socket, bound, for this user alone.

        Raises:
            MemdbError: It cannot be made.
        """
        sock = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        try:
            sock.bind(str(self.socket_path))
            self.socket_path.chmod(0o600)
        except OSError as error:
            sock.close()
            raise MemdbError(f"No socket can be made in {self.folder}: {error}.") from error
        return sock

    def close(self) -> None:
        """Remove the folder; may be called twice."""
        shutil.rmtree(self.folder, ignore_errors=True)
        if self._hold is not None:
            os.close(self._hold)
            self._hold = None

    def settings(self, *, follow: bool, trace: bool, patience: float) -> str:
        """What a probe needs to come here, as the JSON of `MEMDB_TUI_RUN`."""
        return json.dumps(
            {
                "probe": str(PROBE),
                "socket": str(self.socket_path),
                "token": self.token,
                "folder": str(self.folder / SITE),
                "follow": follow,
                "trace": trace,
                "patience": patience,
            }
        )

    def environment(self, base: Mapping[str, str], *, follow: bool, trace: bool, patience: float) -> dict[str, str]:
        """An environment with the folder first in PYTHONPATH whose `sitecustomize` brings the probe."""
        site = self.folder / SITE
        site.mkdir(mode=0o700, exist_ok=True)
        shutil.copyfile(PROBE / "boot" / "sitecustomize.py", site / "sitecustomize.py")
        before = base.get("PYTHONPATH")
        path = str(site) if not before else f"{site}{os.pathsep}{before}"
        settings = self.settings(follow=follow, trace=trace, patience=patience)
        return {**base, "PYTHONPATH": path, "MEMDB_TUI_RUN": settings}

    def greeting_of(self, line: bytes) -> Greeting:
        """Who comes, by a first line.

        Raises:
            ProtocolError: It is no greeting, of another version, or without the token.
        """
        message = rpc.decode(line)
        if not isinstance(message, rpc.Call) or message.method != "here":
            raise ProtocolError("It did not say “here” first.")
        fields = Fields(message.params, "greeting")
        if not hmac.compare_digest(fields.text("token").encode(), self.token.encode()):
            raise ProtocolError("It does not know the token.")
        if fields.whole("version") != VERSION:
            raise ProtocolError(f"It speaks version {fields.whole('version')}, not {VERSION}.")
        return Greeting(fields.whole("pid"), fields.text("unsupported"))


def _make_folder() -> Path:
    """A folder of this user alone whose path leaves room for a socket's name, and can stand in PYTHONPATH."""
    for parent in dict.fromkeys((tempfile.gettempdir(), os.environ.get("XDG_RUNTIME_DIR", ""), "/tmp")):  # noqa: S108 - mkdtemp makes it safe
        if not parent or len(os.fsencode(parent)) + len("/memdb-tui-12345678/hub.sock") > _MOST_SOCKET_PATH_BYTES:
            continue
        if os.pathsep in parent:
            # There is no way to quote it.
            continue
        try:
            return Path(tempfile.mkdtemp(prefix=PREFIX, dir=parent))
        except OSError:
            continue
    raise MemdbError(
        "There is no folder for the socket that programs connect to.",
        hint="Set TMPDIR to a folder you can write to, its path without a colon and no longer than 70 characters.",
    )
