"""What is said at the command line, before and instead of the screen."""

from __future__ import annotations

import re
import subprocess
import sys

import pytest
from program_session import PROGRAM, READY, Sessions

pytestmark = pytest.mark.terminal

EXIT_USAGE = 2


@pytest.mark.parametrize("option", ["--version", "--help", "-h"])
def test_help_and_version_import_neither_textual_nor_sqlalchemy(sessions: Sessions, option: str) -> None:
    code = f"""
import sys
sys.argv = ["memdb-tui", {option!r}]
from memdb_tui.cli import main
try:
    main()
except SystemExit as end:
    assert not end.code
heavy = {{"textual", "sqlalchemy", "rich", "watchdog", "asyncio"}}
print("imported:", sorted(heavy & {{name.split(".")[0] for name in sys.modules}}))
"""
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=sessions.cwd, env=sessions.env, capture_output=True, text=True, check=True
    )

    assert "memdb-tui" in done.stdout
    assert done.stdout.rstrip().endswith("imported: []")


def test_without_a_terminal_it_says_so(sessions: Sessions) -> None:
    done = subprocess.run(
        [PROGRAM],
        cwd=sessions.cwd,
        env=sessions.env,
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        check=False,
    )

    assert done.returncode == EXIT_USAGE
    assert done.stdout == ""
    assert "memdb-tui needs a terminal" in done.stderr
    assert "Traceback" not in done.stderr


def test_on_a_terminal_without_a_screen_it_says_so(sessions: Sessions) -> None:
    terminal = sessions.start(env={"TERM": "dumb"})
    terminal.wait_output("TERM=dumb has none")
    assert terminal.wait_end() == EXIT_USAGE
    assert "\x1b" not in terminal.output


def test_in_the_background_it_says_so_and_leaves_the_terminal_alone(sessions: Sessions) -> None:
    """A URL without quotes: the shell cuts it at `&`, and starts what is before it in the background."""
    shell = sessions.start_command(["bash", "--norc", "--noprofile", "-i"])
    shell.wait_for(r"^\$")

    shell.type("memdb-tui sqlite:///file:db1?mode=memory&cache=shared\n")

    shell.wait_for(r"was started in the background")
    shell.wait_for("put the URL in\\s+quotes")
    shell.type("wait %1; echo status $?\n")
    shell.wait_for(r"^status 2")
    assert 1049 not in shell.modes_touched
    shell.type("exit\n")
    shell.wait_end()


def test_a_url_that_ends_after_its_first_parameter_is_asked_about(sessions: Sessions) -> None:
    terminal = sessions.start("sqlite:///file:db1?mode=memory")

    terminal.wait_for(r"shell")
    terminal.wait_for(r"&")
    terminal.press("escape")
    terminal.wait_for(r"Nothing was opened")


def test_strings_come_from_standard_input_and_keys_from_the_terminal(sessions: Sessions) -> None:
    shell = sessions.start_command(["sh", "-c", f'printf "alpha\\n\\n  beta\\n" | "{PROGRAM}" - ; echo "exit $?"'])
    shell.wait_for(READY)
    shell.wait_for(r"1 alpha .*2 beta ")

    shell.type("SELECT 6 * 7 AS answer")
    shell.wait_for("AS answer")
    shell.press("ctrl+j")
    shell.wait_for(r"1 row · ")
    shell.press("ctrl+q")

    shell.wait_end()
    assert "exit 0" in shell.output


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["--size", "banana"], "is not COLUMNSxROWS"),
        (["--sql", "seed.sql"], "has no NAME:FILE"),
        (["--sql", "db1:not-there.sql"], "there is no file"),
        (["--watch", "not-there"], "not-there"),
        (["--no-such-option"], "No such option"),
    ],
)
def test_a_wrong_option_is_one_clear_message(sessions: Sessions, arguments: list[str], words: str) -> None:
    terminal = sessions.start(*arguments)

    assert terminal.wait_end() == EXIT_USAGE
    assert words in re.sub(r"\s+", " ", terminal.output)
    assert "Traceback" not in terminal.output
    assert 1049 not in terminal.modes_touched


def test_a_string_that_cannot_be_opened_is_said_and_the_rest_opens(sessions: Sessions) -> None:
    terminal = sessions.start("file:db1?mode=bogus", "db2")

    terminal.wait_for(r"mode: bogus")
    terminal.wait_for(r"1 db · 1 conn")
    terminal.wait_for(r"2 db2 .*in memory, shared")


def test_a_program_that_cannot_be_started_ends_run_with_a_status(sessions: Sessions) -> None:
    script = sessions.cwd / "bang"
    script.write_text("#!/no/such/python\n", "utf-8")
    script.chmod(0o755)
    terminal = sessions.start("run", "--", "./bang")
    terminal.wait_for("could not be started")
    terminal.type("\x11")
    assert terminal.wait_end() == EXIT_USAGE
    script.unlink()


@pytest.mark.parametrize(
    ("ends", "said", "status"), [("sys.exit(7)", "exit status 7", 7), ("os.abort()", "SIGABRT", -6)]
)
def test_run_ends_as_the_program_ended_that_it_showed(sessions: Sessions, ends: str, said: str, status: int) -> None:
    script = sessions.cwd / "app.py"
    script.write_text(f"import os, sys\n{ends}\n", "utf-8")
    terminal = sessions.start("run", "app.py")
    terminal.wait_for(said)
    terminal.type("\x11")
    assert terminal.wait_end() == status
    script.unlink()
