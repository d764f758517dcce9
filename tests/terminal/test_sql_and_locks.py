"""SQL, keys, locks and cancelling, typed into the real program."""

from __future__ import annotations

import re

import pytest
from program_session import READY, Sessions
from pty_driver import DEADLINE_SECONDS, HAND_SECONDS, Terminal

pytestmark = pytest.mark.terminal

ENDLESS = "WITH RECURSIVE c(x) AS (\n SELECT 1 UNION ALL SELECT x + 1 FROM c)\nSELECT count(*) FROM c;"


def run(terminal: Terminal, sql: str) -> None:
    """Type SQL into the focused editor and run it; ^J must come alone, as from a key."""
    terminal.paste(sql)
    terminal.wait_for(re.escape(sql[-20:].splitlines()[-1]))
    terminal.press("ctrl+j")


def test_ctrl_j_runs_the_statement_under_the_cursor(sessions: Sessions) -> None:
    terminal = sessions.start()
    terminal.wait_for(READY)

    run(terminal, "SELECT 6 * 7 AS answer, NULL AS missing, x'00ff' AS bytes")

    terminal.wait_for(r"1 row · .*c1")
    terminal.wait_for(r"42 .*∅ null .*‹blob 2 B›")


def test_a_paste_of_two_lines_does_not_run(sessions: Sessions) -> None:
    terminal = sessions.start()
    terminal.wait_for(READY)

    terminal.paste("SELECT 'first';\nSELECT 'second';")
    terminal.wait_for("SELECT 'second';")
    terminal.press("end")
    terminal.type(" -- typed after the paste")
    terminal.wait_for("-- typed after the paste")
    assert terminal.text.count("nothing run yet") == 2

    terminal.press("ctrl+r")
    terminal.wait_for(r"stmt 2 of 2")


@pytest.mark.parametrize("data", [b"gr\xf6\xdfer \xff\xfe", b"\x1b[200~gr\xf6\xdfer\x1b[201~", b"\xc3"])
def test_bytes_that_are_no_utf8_end_nothing(sessions: Sessions, data: bytes) -> None:
    terminal = sessions.start()
    terminal.wait_for(READY)

    terminal.send(data)
    # What comes apart is read apart: a character may not be whole yet.
    terminal.wait_quiet(HAND_SECONDS)
    terminal.send(b" -- still here")
    terminal.wait_for("\ufffd.* -- still here")
    terminal.press("ctrl+o")
    terminal.wait_for("Open a database")


@pytest.mark.parametrize("data", [b"\x1b[999999999999~", b"\x1b[<0;x;1M\x1b[<99999999999;1;1M", b"\x1bPnoise\x1b\\"])
def test_noise_that_looks_like_keys_ends_nothing(sessions: Sessions, data: bytes) -> None:
    terminal = sessions.start()
    terminal.wait_for(READY)

    terminal.send(data)
    for _ in range(20):
        # What is read together with the noise goes with it.
        terminal.type("still here")
        terminal.wait_quiet(0.5)
        if "still here" in terminal.text:
            break
    terminal.press("ctrl+o")
    terminal.wait_for("Open a database")


def test_line_feeds_within_one_read_are_new_lines(sessions: Sessions) -> None:
    """A terminal without bracketed paste sends a paste as one read with line feeds in it."""
    terminal = sessions.start()
    terminal.wait_for(READY)

    terminal.type("SELECT 'first';\nSELECT 'second';")

    terminal.wait_for(r"2.? *SELECT 'second';")
    assert terminal.text.count("nothing run yet") == 2


def test_a_lock_names_its_holder_and_three_keys_lead_out(sessions: Sessions) -> None:
    terminal = sessions.start("db1", "db1")
    terminal.wait_for(r"1 db · 2 conn")
    terminal.paste("CREATE TABLE t (x); BEGIN; INSERT INTO t VALUES (1);")
    terminal.wait_for(r"VALUES \(1\)")
    terminal.press("ctrl+r")
    terminal.wait_for(r"c1 .*● writing")

    terminal.click(r"1 {20,}[│┃]$")
    terminal.wait_for(r"┏━ 2 db1")
    run(terminal, "INSERT INTO t VALUES (2)")

    terminal.wait_for(r"database table is locked")
    terminal.wait_for(r"SQLITE_LOCKED_SHAREDCACHE")
    terminal.wait_for(r"held by.*c1")
    terminal.press("ctrl+l")
    terminal.press("c")
    terminal.wait_for(r"c1 .* no open transaction")
    terminal.press("r")
    terminal.wait_for(r"1 row changed · .* c2 ━")


def test_ctrl_c_stops_an_endless_statement(sessions: Sessions) -> None:
    terminal = sessions.start()
    terminal.wait_for(READY)
    run(terminal, ENDLESS)
    terminal.wait_for(r"running \d")

    terminal.press("ctrl+c")

    terminal.wait_for(r"stopped after")
    run(terminal, "\nSELECT 'goes on' AS afterwards")
    terminal.wait_for(r"1 row · ")


def test_a_statement_that_outlasts_its_cancelling_says_so(sessions: Sessions) -> None:
    """SQLite looks at an interruption between steps; one long function call is a single step."""
    terminal = sessions.start()
    terminal.wait_for(READY)
    run(terminal, "SELECT instr(printf('%.600000c', 'a'),\n printf('%.300000c', 'a') || 'b')")
    terminal.wait_for(r"running \d")

    terminal.press("ctrl+c")

    terminal.wait_for(r"cancelling")
    # Two seconds of work: many times that on a slow, busy machine.
    terminal.wait_for(r"stopped after|1 row · ", seconds=10 * DEADLINE_SECONDS)


def test_bad_sql_keeps_the_text_and_shows_sqlites_words(sessions: Sessions) -> None:
    terminal = sessions.start()
    terminal.wait_for(READY)

    run(terminal, "SELECT 1;\nSELEKT 2;")

    terminal.wait_for(r'near "SELEKT": syntax error')
    assert "SELEKT 2;" in terminal.text


def test_a_script_runs_at_the_start(sessions: Sessions) -> None:
    script = sessions.home / "seed.sql"
    script.write_text("CREATE TABLE seeds (name); INSERT INTO seeds VALUES ('Löwe'); SELECT name FROM seeds;")
    terminal = sessions.start("--sql", f"db1:{script}", "db1")

    terminal.wait_for(r"stmt 3 of 3 · 1 row")
    terminal.wait_for("Löwe")
    script.unlink()
