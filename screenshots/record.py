"""Plays the stray story in the real program: saves the stills of this folder, or records a cast with asciinema.

    python screenshots/record.py                    # every still, as SVG, made by the program itself
    python screenshots/record.py --only lock help   # some of them
    python screenshots/record.py --cast stray.cast  # the stray story, recorded by asciinema

The program runs on a pseudo terminal with `--size` and `--fixed-clock`, in an empty home, so that a recording made
twice is the same. SIGUSR1 makes it save its screen (`--stills`). Needs the `test` extra.
"""

# ruff: noqa: INP001 - a script beside what it makes, no package

from __future__ import annotations

import argparse
import contextlib
import os
import re
import shlex
import shutil
import signal
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path

HERE = Path(__file__).resolve().parent
# The tests drive the program the same way; their driver is no part of the package.
sys.path.insert(0, str(HERE.parent / "tests" / "terminal"))
from pty_driver import DEADLINE_SECONDS, Terminal  # noqa: E402 - found through the line above

PROGRAM = str(Path(sys.executable).with_name("memdb-tui"))
WIDE = (120, 36)
NARROW = (80, 24)
QUIET_SECONDS = 0.4
STRAYING = "sqlite:///file:db3?mode=memory&cache=shared"
SEED = """\
CREATE TABLE users (id INTEGER PRIMARY KEY, name TEXT, age INT, score REAL, avatar BLOB);
INSERT INTO users VALUES
  (1, 'Ada', 36, 9.75, x'00ff10'), (2, 'Grace', 85, 8.5, NULL), (3, 'Linus', NULL, 7, zeroblob(4096)),
  (4, 'Zoë', 29, NULL, NULL), (5, 'Kay' || char(10) || '2nd line', 84, 9, NULL), (6, 'NULL', 0, -1.5, x'');
"""
QUERY = "SELECT * FROM users ORDER BY id;"
FAILING = "SELECT name, age FROM users WHERE age > 30;\nSELECT nmae FROM users;"
ENDLESS = "WITH RECURSIVE c(x) AS (\n  SELECT 1 UNION ALL SELECT x + 1 FROM c)\nSELECT count(*) FROM c;"
APP = """\
import sqlite3
from sqlalchemy import QueuePool, create_engine, text

URL = "sqlite:///file:orders?mode=memory&cache=shared&uri=true"
engine = create_engine(URL, poolclass=QueuePool)

def load(connection):
    connection.execute(text("CREATE TABLE orders (id INTEGER PRIMARY KEY, item TEXT, amount INT)"))
    for item, amount in ("tea", 3), ("cake", 1), ("jam", 2):
        connection.execute(text("INSERT INTO orders (item, amount) VALUES (:i, :a)"), {"i": item, "a": amount})
    connection.commit()

def open_cache():
    return sqlite3.connect("file:cache?mode=memory&cache=shared", uri=True)

checkout = engine.connect()
load(checkout)
cache = open_cache()
cache.execute("CREATE TABLE seen (id)")
print("3 orders loaded")
print("waiting for checkout…", flush=True)
input()
"""
CAST_KEY_SECONDS = 0.04
CAST_STEP_SECONDS = 1.2


class Session:
    """One run of the program, driven by keys.

    Args:
        home: Its home; it stands in `~/proj`.
        arguments: What follows `memdb-tui`.
        size: Columns and rows.
        cast: Where asciinema records it, typed as a person would; None: as fast as it goes.
        app: The source of a program to run; empty: none, the databases are the session's own.
    """

    def __init__(
        self, home: Path, *arguments: str, size: tuple[int, int] = WIDE, cast: Path | None = None, app: str = ""
    ) -> None:
        self._stills = home / "stills"
        self._stills.mkdir(exist_ok=True)
        self._count = 0
        self._is_cast = cast is not None
        program = [
            str(Path(sys.executable).with_name("memdb-tui")),
            *(["run"] if app else []),
            "--fixed-clock",
            "--size",
            f"{size[0]}x{size[1]}",
        ]
        command = [*program, "--stills", str(self._stills), *arguments]
        if cast is not None:
            shown = shlex.join([*program, *arguments])
            command = ["asciinema", "rec", "--quiet", "--overwrite", "--command", shown, str(cast)]
        env = {
            "PATH": os.environ["PATH"],
            "HOME": str(home),
            "TERM": "xterm-256color",
            "COLORTERM": "truecolor",
            "LANG": "C.UTF-8",
            "TZ": "UTC",
        }
        (home / "proj").mkdir(exist_ok=True)
        if app:
            (home / "proj" / "app.py").write_text(app, "utf-8")
        self.terminal = Terminal(command, cwd=home / "proj", env=env, columns=size[0], rows=size[1])

    def see(self, pattern: str) -> None:
        """Wait until the screen shows it, and give a person time to read it."""
        self.terminal.wait_for(pattern)
        if self._is_cast:
            self._pause(CAST_STEP_SECONDS)

    def write(self, text: str) -> None:
        """Type or paste text, and wait until its end is on the screen: an editor scrolls sideways."""
        if self._is_cast:
            for character in text:
                # A line feed that comes alone is the run key.
                self.terminal.type("\r" if character == "\n" else character)
                self._pause(CAST_KEY_SECONDS)
        else:
            self.terminal.paste(text)
        self.see(re.escape(text.splitlines()[-1][-12:]))

    def press(self, *keys: str) -> None:
        """Press keys."""
        self.terminal.press(*keys)

    def run_all(self, text: str) -> None:
        """Write SQL into the focused editor and run it all."""
        self.write(text)
        self.press("ctrl+r")

    def save(self, name: str) -> None:
        """Have the program save what it shows now, into this folder."""
        self._count += 1
        still = self._stills / f"{self._count:02}.svg"
        self.terminal.wait_quiet(QUIET_SECONDS)
        self.terminal.signal(signal.SIGUSR1)
        deadline = time.monotonic() + DEADLINE_SECONDS
        while not still.exists():
            if time.monotonic() > deadline:
                raise SystemExit(f"{name}: the program saved no still")
            self.terminal.wait_quiet(QUIET_SECONDS / 4)
        shutil.copyfile(still, HERE / f"{name}.svg")
        sys.stdout.write(f"saved {name}.svg\n")

    def quit(self) -> None:
        """Leave, with a yes where it asks."""
        self.press("ctrl+q")
        self.terminal.wait_quiet(QUIET_SECONDS)
        if "Quit memdb-tui?" in self.terminal.text or "still runs" in self.terminal.text:
            self.press("y")
        self.terminal.wait_end()

    def _pause(self, seconds: float) -> None:
        """Let time pass while the screen is read on."""
        end = time.monotonic() + seconds
        while (left := end - time.monotonic()) > 0:
            self.terminal.wait_quiet(left)


@contextlib.contextmanager
def session(
    *arguments: str,
    size: tuple[int, int] = WIDE,
    ready: str = r"2 db · 2 conn",
    cast: Path | None = None,
    app: str = "",
) -> Iterator[Session]:
    """A session in a home of its own, ready for keys, and gone afterwards."""
    with tempfile.TemporaryDirectory(prefix="memdb-home-") as home:
        running = Session(Path(home), *arguments, size=size, cast=cast, app=app)
        try:
            running.see(ready)
            running.see("0 stray" if size == WIDE else "Files")
            yield running
            running.quit()
        finally:
            running.terminal.close()


def open_straying(running: Session) -> None:
    """To the question that a straying string raises."""
    running.press("ctrl+o")
    running.see("Open a database")
    running.write(STRAYING)
    running.press("enter")
    running.see("means memory, and makes a file")


def first_start() -> None:
    """What a user sees first."""
    with session() as running:
        running.save("first-start")


def result(name: str = "result", *, theme: str = "dark") -> None:
    """Rows of every kind of value."""
    with session("--theme", theme) as running:
        running.write(SEED + QUERY)
        running.press("ctrl+r")
        running.see("stmt 3 of 3 · 6 rows")
        running.save(name)


def light() -> None:
    """The same in the light theme."""
    result("light", theme="light")


def error() -> None:
    """The second of two statements fails; the first's rows are kept."""
    with session() as running:
        running.run_all(SEED + FAILING)
        running.see("no such column")
        running.save("error")


def running_query() -> None:
    """A statement that does not end, beside an idle database."""
    with session() as running:
        running.write(ENDLESS)
        running.press("ctrl+j")
        running.see(r"─ running|━ running")
        running.save("running")
        running.press("ctrl+c")
        running.see("stopped after")


def lock() -> None:
    """Another connection of the same database is in the way, and is named."""
    with session("db1", "db1", ready="1 db · 2 conn") as running:
        running.run_all("CREATE TABLE users (id, name);\nBEGIN;\nINSERT INTO users VALUES (1, 'Ada');")
        running.see("stmt 3 of 3")
        running.terminal.click(r"1 {20,}[│┃]$")
        running.see("┏━ 2 db1")
        running.run_all("INSERT INTO users VALUES (2, 'Grace');")
        running.see("is locked")
        running.save("lock")


def stray_story(running: Session, *, save: Callable[[str], None]) -> None:
    """A string that means memory makes a file: the question, the alarm, the file, what would have been right."""
    running.run_all("CREATE TABLE users (id, name);\nINSERT INTO users VALUES (1, 'Ada');\nSELECT * FROM users;")
    running.see("stmt 3 of 3")
    open_straying(running)
    save("modal")
    running.press("y")
    running.see("STRAY FILE")
    running.write("CREATE TABLE t (x);")
    running.press("ctrl+j")
    running.see(r"CREATE\W|done")
    running.see(r"8 KiB +STRAY")
    save("stray-alarm")
    running.press("ctrl+t")
    running.see("A stray file")
    running.press("o")
    running.see("4 db · 4 conn")


def stray() -> None:
    """The stray story, its stills."""
    with session() as running:
        stray_story(running, save=running.save)


def help_screen() -> None:
    """Every key."""
    with session() as running:
        running.press("f1")
        running.see("━ Help")
        running.save("help")
        running.press("escape")


def narrow() -> None:
    """80 by 24: databases as tabs, the alarm whole."""
    with session(size=NARROW, ready="2 db · 2 conn") as running:
        open_straying(running)
        running.press("y")
        running.see("STRAY")
        running.write("CREATE TABLE t (x);")
        running.save("narrow")


def program() -> None:
    """A program of the user's: its output, where its connections come from, SQL on its database."""
    with session("app.py", app=APP, ready="2 db · 2 conn") as running:
        running.see("checkout")
        running.press("ctrl+g", "c")
        running.see("┏━ Connections")
        running.press("enter")
        running.see("live, reads only")
        running.run_all("SELECT id, item, amount FROM orders\nWHERE amount > 1;")
        running.see("2 rows")
        running.save("program")


SCENES: dict[str, Callable[[], None]] = {
    "first-start": first_start,
    "result": result,
    "error": error,
    "running": running_query,
    "lock": lock,
    "stray": stray,
    "help": help_screen,
    "narrow": narrow,
    "light": light,
    "program": program,
}


def record_cast(path: Path) -> None:
    """Record the stray story with asciinema."""
    if shutil.which("asciinema") is None:
        raise SystemExit("asciinema is not installed: no cast is recorded.")
    with session(cast=path) as running:
        stray_story(running, save=lambda _name: None)
    sys.stdout.write(f"recorded {path}, {path.stat().st_size // 1024} KiB\n")


def main() -> None:
    """Stills, or a cast."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--only", nargs="+", choices=SCENES, default=list(SCENES), metavar="SCENE")
    parser.add_argument("--cast", type=Path, metavar="FILE", help="record the stray story here instead")
    wanted = parser.parse_args()
    if wanted.cast is not None:
        record_cast(wanted.cast.resolve())
        return
    for scene in wanted.only:
        SCENES[scene]()


if __name__ == "__main__":
    main()
