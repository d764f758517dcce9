"""Byte offsets become places."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from memdb_tui.sql.places import Place, locate

TEXTS = st.text(st.characters() | st.sampled_from("\né→😀\udc80a"))


@given(sql=TEXTS, data=st.data())
def test_the_place_of_a_character_is_found_from_any_of_its_bytes(sql: str, data: st.DataObject) -> None:
    char_offset = data.draw(st.integers(0, len(sql)))
    before = sql[:char_offset]
    first_byte = len(before.encode("utf-8", "surrogatepass"))
    length = len(sql[char_offset : char_offset + 1].encode("utf-8", "surrogatepass")) or 1
    lines = before.split("\n")
    for byte_offset in range(first_byte, first_byte + length):
        assert locate(sql, byte_offset) == Place(len(lines), len(lines[-1]) + 1, char_offset)


@pytest.mark.parametrize(
    ("sql", "byte_offset", "place"),
    [
        ("", 0, (1, 1, 0)),
        ("", 5, (1, 1, 0)),
        ("ab", -3, (1, 1, 0)),
        ("SELECT 'é',\n nope", 14, (2, 2, 13)),
        ("a\nb", 99, (2, 2, 3)),
    ],
)
def test_a_place(sql: str, byte_offset: int, place: tuple[int, int, int]) -> None:
    assert locate(sql, byte_offset) == place
