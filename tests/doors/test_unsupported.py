"""Where memdb-tui does not stand: it says so once, and the program goes on."""

from __future__ import annotations

import json
import os
import socket
import subprocess
import sys
from pathlib import Path

import pytest

BOOT = Path(__file__).parents[2] / "memdb_tui" / "probe" / "boot" / "sitecustomize.py"
# What the free-threaded build says of itself, in front of a program: https://docs.python.org/3/library/sys.html#sys.abiflags.
FREE_THREADED = "import sys; sys.abiflags = 't'; "
_INTERPRETER = """
try:
    import _interpreters as interpreters
except ImportError:
    import _xxsubinterpreters as interpreters
source = {source!r}
run = getattr(interpreters, "exec", None) or interpreters.run_string
inner = interpreters.create()
found = run(inner, source)
assert found is None, found
# Python 3.14 warns of one that is left.
interpreters.destroy(inner)
"""


def _run(source: str, folder: Path, **environment: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-c", source],
        cwd=folder,
        env={**os.environ, "XDG_RUNTIME_DIR": str(folder), **environment},
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        check=False,
    )


@pytest.mark.parametrize("door", ["inspect", "listen"])
def test_a_door_in_a_free_threaded_python_stays_shut_and_says_so_once(tmp_path: Path, door: str) -> None:
    source = f"{FREE_THREADED}import memdb_tui; memdb_tui.{door}(); memdb_tui.{door}(); print('on', flush=True)"
    done = _run(source, tmp_path)
    assert (done.returncode, done.stdout) == (0, "on\n")
    (sentence,) = done.stderr.splitlines()
    assert sentence.startswith(f"memdb-tui: {door}() did not")
    assert sentence.endswith("and the program goes on: free-threaded Python is not supported.")


@pytest.mark.parametrize("door", ["inspect", "listen"])
def test_a_door_in_a_subinterpreter_stays_shut_and_says_so(tmp_path: Path, door: str) -> None:
    inner = f"import sys; sys.path[:] = {sys.path!r}; import memdb_tui; memdb_tui.{door}(); print('on', flush=True)"
    done = _run(_INTERPRETER.format(source=inner), tmp_path)
    assert (done.returncode, done.stdout) == (0, "on\n"), done.stderr
    (sentence,) = done.stderr.splitlines()
    assert sentence.endswith("subinterpreters are not supported, only the main interpreter is.")


def test_the_boot_of_a_free_threaded_python_tells_the_hub_why_and_starts_nothing(tmp_path: Path) -> None:
    with socket.socket(socket.AF_UNIX) as hub:
        hub.bind(str(tmp_path / "hub"))
        hub.listen()
        options = {"socket": str(tmp_path / "hub"), "token": "t", "probe": str(tmp_path), "follow": True}
        source = (
            f"{FREE_THREADED}sys.path.insert(0, {str(BOOT.parent)!r}); sys.modules.pop('sitecustomize', None)\n"
            "try:\n"
            "    import sitecustomize\n"
            "except ImportError:\n"
            "    print('no sitecustomize of its own')\n"
            "print([name for name in sys.modules if 'memdb' in name])"
        )
        done = _run(source, tmp_path, MEMDB_TUI_RUN=json.dumps(options))
        there, _ = hub.accept()
        with there, there.makefile() as lines:
            said = json.loads(lines.readline())
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout.splitlines()[-1] == "[]"
    assert said["params"]["unsupported"] == "Free-threaded Python is not supported: the usual build is needed."
