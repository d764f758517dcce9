"""Times, sizes, counts and paths as people read them."""

from __future__ import annotations

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from memdb_tui.ui.wording import age, clip, clock_time, count, printable, short_path, size, took, waits


@pytest.mark.parametrize(
    ("seconds", "words"),
    [
        (-1, "0 s"),
        (0, "0 s"),
        (12.9, "12 s"),
        (99, "99 s"),
        (100, "1 min"),
        (3600, "60 min"),
        (7200, "2 h"),
        (200_000, "2 d"),
    ],
)
def test_an_age_grows_coarser(seconds: float, words: str) -> None:
    assert age(seconds) == words


@pytest.mark.parametrize(
    ("seconds", "words"),
    [
        (0.0003, "0.3 ms"),
        (0.042, "42 ms"),
        (0.9994, "999 ms"),
        (1.44, "1.4 s"),
        (99.94, "99.9 s"),
        (125, "2 min 5 s"),
    ],
)
def test_a_duration_has_about_two_figures(seconds: float, words: str) -> None:
    assert took(seconds) == words


@pytest.mark.parametrize(
    ("size_bytes", "words"),
    [
        (None, "?"),
        (0, "0 B"),
        (1023, "1023 B"),
        (1024, "1 KiB"),
        (4900, "4.8 KiB"),
        (8192, "8 KiB"),
        (25_600, "25 KiB"),
        (1_468_006, "1.4 MiB"),
        (3 << 40, "3 TiB"),
        (5000 << 40, "5000 TiB"),
    ],
)
def test_a_size_is_in_binary_units(size_bytes: int | None, words: str) -> None:
    assert size(size_bytes) == words


def test_counts_agree_with_their_nouns() -> None:
    assert (count(0, "row"), count(1, "row"), count(1000, "row")) == ("0 rows", "1 row", "1,000 rows")
    assert (count(2, "conn", "conn"), count(1, "entry", "entries")) == ("2 conn", "1 entry")


@pytest.mark.parametrize(("seconds", "words"), [(0, "off"), (5, "5 s"), (0.5, "0.5 s"), (1e9, "until stopped")])
def test_a_wait_is_off_a_time_or_until_stopped(seconds: float, words: str) -> None:
    assert waits(seconds) == words


def test_a_moment_is_told_in_local_time() -> None:
    at = time.mktime((2026, 1, 5, 12, 0, 58, 0, 0, -1))
    assert clock_time(at) == "12:00:58"


@pytest.mark.parametrize(
    ("path", "home", "words"),
    [
        ("/home/me/proj", "/home/me", "~/proj"),
        ("/home/me", "/home/me", "~"),
        ("/home/merlin/x", "/home/me", "/home/merlin/x"),
        ("/srv/x", "/", "/srv/x"),
        ("/srv/x", "", "/srv/x"),
    ],
)
def test_home_is_written_as_a_tilde(path: str, home: str, words: str) -> None:
    assert short_path(path, home=home) == words


@given(st.text(), st.integers(0, 30))
def test_what_is_clipped_fits_and_says_so(text: str, width: int) -> None:
    clipped = clip(text, width)
    if len(text) <= width:
        assert clipped == text
    else:
        assert len(clipped) <= max(1, width)
        assert "…" in clipped
        assert text[: max(0, width - 1)] in clipped


@given(st.text(st.characters()))
def test_printable_text_has_no_control_characters_and_can_be_encoded(text: str) -> None:
    shown = printable(text)
    shown.encode()
    assert not any(ord(character) < 0x20 or 0x7F <= ord(character) < 0xA0 for character in shown)
    assert "\u202e" not in shown


def test_control_characters_and_surrogates_are_shown_as_symbols() -> None:
    assert printable("a\0\x1b[31m\x7f") == "a␀␛[31m␡"
    assert printable("\ud800x\u202etxt") == "?x�txt"
    assert printable("日本 ok") == "日本 ok"
