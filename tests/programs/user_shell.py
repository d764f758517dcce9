"""A user's shell, in which programs run and `memdb-tui` is called."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

PROGRAM = str(Path(sys.executable).with_name("memdb-tui"))
SAMPLES = Path(__file__).parent / "samples"
_SECONDS = 90


class Shell:
    """A user's shell with a runtime folder of its own, in which programs run."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        (folder / "runtime").mkdir(mode=0o700)
        self.env = {**os.environ, "XDG_RUNTIME_DIR": str(folder / "runtime"), "TMPDIR": str(folder)}
        for name in ("PYTHONPATH", "MEMDB_TUI_RUN", "MEMDB_TUI_LISTEN"):
            self.env.pop(name, None)
        self._running: list[subprocess.Popen[str]] = []

    def start(self, *command: str) -> subprocess.Popen[str]:
        """Start a program, and wait until it says that it is ready."""
        running = subprocess.Popen(
            command, cwd=self.folder, env=self.env, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
        )
        self._running.append(running)
        assert running.stdout is not None
        assert running.stdout.readline() == "ready\n"
        return running

    def memdb(self, *words: str) -> subprocess.CompletedProcess[str]:
        """Run a command to its end."""
        return subprocess.run(
            [PROGRAM, *words],
            cwd=self.folder,
            env=self.env,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            timeout=_SECONDS,
            check=False,
        )

    def dumped(self, target: str) -> dict[str, Any]:
        """The one process of a dump as JSON."""
        done = self.memdb("dump", "--json", target)
        assert done.returncode == 0, done.stderr
        (found,) = json.loads(done.stdout)["processes"]
        return dict(found)

    def close(self) -> None:
        """Let every program end."""
        for running in self._running:
            if running.returncode is None:
                running.communicate("\n", timeout=_SECONDS)
