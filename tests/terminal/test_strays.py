"""The stray story in the real program: a string that means memory makes a file, and everybody hears of it."""

from __future__ import annotations

import re

import pytest
from program_session import READY, Sessions
from pty_driver import Terminal

pytestmark = pytest.mark.terminal

STRAYING = "sqlite:///file:db3?mode=memory&cache=shared"


def open_straying(terminal: Terminal) -> None:
    """Open the string, and say yes to the file."""
    terminal.press("ctrl+o")
    terminal.wait_for("Open a database")
    terminal.paste(STRAYING)
    terminal.wait_for(re.escape(STRAYING))
    terminal.press("enter")
    terminal.wait_for(r"means memory, and makes a file")
    terminal.wait_for(r"would make the file ~/proj/file:db3")
    terminal.press("y")


def remove_stray(terminal: Terminal) -> None:
    """Remove the file from the alarm's dialogue."""
    terminal.press("ctrl+t")
    terminal.wait_for("A stray file")
    terminal.press("x")
    terminal.wait_for(r"Remove .*\?")
    terminal.press("y")


@pytest.mark.parametrize("env", [{}, {"NO_COLOR": "1"}], ids=["colour", "no colour"])
def test_a_stray_raises_the_alarm(sessions: Sessions, env: dict[str, str]) -> None:
    terminal = sessions.start(env=env)
    terminal.wait_for(r"0 stray")
    terminal.wait_for(READY)

    open_straying(terminal)

    terminal.wait_for(r"▲ STRAY FILE ~/proj/file:db3 · c3: uri=true is missing.*\[Fix \^T\]")
    terminal.wait_for(r"▲ 1 stray")
    assert sessions.files() == ["proj/file:db3"]
    if env:
        assert not _has_colour(terminal.output)
    (sessions.cwd / "file:db3").unlink()


def _has_colour(output: str) -> bool:
    """More than greys: NO_COLOR leaves a terminal only shades."""
    return any(len(set(shade)) > 1 for shade in re.findall(r"[34]8;2;(\d+);(\d+);(\d+)[;m]", output))


def test_an_alarm_stands_above_a_modal_too_and_a_file_asked_for_raises_none(sessions: Sessions) -> None:
    terminal = sessions.start("--allow-files")
    terminal.wait_for(READY)
    terminal.paste("ATTACH 'asked.db' AS asked; CREATE TABLE asked.t (x)")
    terminal.wait_for("asked.t")
    terminal.press("ctrl+r")
    terminal.wait_for(r"stmt 2 of 2")
    assert "STRAY" not in terminal.text, "a file that was asked for is no stray"

    terminal.press("ctrl+o")
    terminal.wait_for("Open a database")
    terminal.paste(STRAYING)
    terminal.wait_for(re.escape(STRAYING))
    terminal.press("enter")
    terminal.wait_for("STRAY FILE")
    terminal.press("f1")

    terminal.wait_for("┏━ Help")
    terminal.wait_for(r"▲ STRAY FILE ~/proj/file:db3")
    for path in sessions.cwd.iterdir():
        path.unlink()


def test_the_fix_opens_what_would_have_been_right(sessions: Sessions) -> None:
    terminal = sessions.start()
    terminal.wait_for(READY)
    open_straying(terminal)
    terminal.wait_for("STRAY FILE")

    terminal.press("ctrl+t")
    terminal.wait_for(re.escape(STRAYING + "&uri=true"))
    terminal.press("o")

    terminal.wait_for(r"4 db · 4 conn")
    (sessions.cwd / "file:db3").unlink()


def test_a_stray_can_be_removed(sessions: Sessions) -> None:
    terminal = sessions.start()
    terminal.wait_for(READY)
    open_straying(terminal)
    terminal.wait_for("STRAY FILE")

    remove_stray(terminal)

    terminal.wait_for(r"Removed")
    assert sessions.files() == []
    # What was removed here needs no hiding.
    terminal.wait_gone("STRAY FILE")
    terminal.wait_for(r"1 stray")


def test_a_no_opens_nothing_and_makes_nothing(sessions: Sessions) -> None:
    terminal = sessions.start(STRAYING, "db2")
    terminal.wait_for(r"means memory, and makes a file")

    terminal.press("n")

    terminal.wait_for(r"Nothing was opened")
    terminal.wait_for(r"1 db · 1 conn")
    assert sessions.files() == []


def test_at_80_columns_the_alarm_and_the_footer_are_whole(sessions: Sessions) -> None:
    terminal = sessions.start(columns=80, rows=24)
    terminal.wait_for(r"2 conn")
    terminal.wait_for(r"1 db1 .*│ .*2 db2 ")

    open_straying(terminal)

    terminal.wait_for(r"▲ STRAY.*file:db3.*\[Fix \^T\]")
    terminal.wait_for(r"\^J run .*(commands|help|quit)$")
    assert all(len(line) <= 80 for line in terminal.text.splitlines())
    (sessions.cwd / "file:db3").unlink()
