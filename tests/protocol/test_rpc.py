"""Lines and what stands on them."""

from __future__ import annotations

import json
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from memdb_tui.errors import ProtocolError
from memdb_tui.protocol import rpc
from memdb_tui.protocol.rpc import Call, LineBuffer, RemoteError, Reply

TEXTS = st.text(st.characters() | st.sampled_from("\ud800\udfff\n\r\0\u2028"))


@given(number=st.none() | st.integers(0), method=TEXTS, params=st.lists(TEXTS))
def test_a_call_comes_back_as_it_went(number: int | None, method: str, params: list[str]) -> None:
    line = rpc.encode_call(Call(number, method, params))
    assert line.endswith(b"\n")
    assert line.count(b"\n") == 1
    assert line.isascii()
    assert rpc.decode(line[:-1]) == Call(number, method, params)


@given(number=st.integers(0), result=TEXTS, code=st.integers(-40000, 0))
def test_an_answer_comes_back_as_it_went(number: int, result: str, code: int) -> None:
    assert rpc.decode(rpc.encode_result(number, result)) == Reply(number, result, None)
    error = RemoteError(code, result, result)
    assert rpc.decode(rpc.encode_error(number, error)) == Reply(number, None, error)
    assert rpc.decode(rpc.encode_error(None, error)) == Reply(None, None, error)
    raised = error.to_exception()
    assert (str(raised), raised.hint) == (result, result)


def test_an_event_is_a_call_without_a_number() -> None:
    assert rpc.decode(rpc.encode_event("snapshot", "[1,2]")) == Call(None, "snapshot", [1, 2])


@pytest.mark.parametrize(
    "line",
    [
        b"",
        b"x",
        b"\xff",
        b"null",
        b"[]",
        b"{}",
        b'{"jsonrpc":"1.0","method":"a"}',
        b'{"jsonrpc":"2.0","method":1}',
        b'{"jsonrpc":"2.0","method":"a","id":"1"}',
        b'{"jsonrpc":"2.0","method":"a","id":true}',
        b'{"jsonrpc":"2.0","id":1}',
        b'{"jsonrpc":"2.0","id":1,"error":{}}',
        b'{"jsonrpc":"2.0","id":1,"error":{"code":"1","message":"a"}}',
        b"[" * 100_000,
        b"1" * 10_000,
    ],
)
def test_what_is_no_message_is_refused(line: bytes) -> None:
    with pytest.raises(ProtocolError):
        rpc.decode(line)


@pytest.mark.parametrize("data", [None, [], "x", {"hint": 1}, {"hint": None}])
def test_a_hint_that_is_none_is_left_out(data: object) -> None:
    line = json.dumps({"jsonrpc": "2.0", "id": 1, "error": {"code": 1, "message": "a", "data": data}}).encode()
    assert rpc.decode(line) == Reply(1, None, RemoteError(1, "a", ""))


@given(
    lines=st.lists(st.binary(max_size=20).map(lambda b: b.replace(b"\n", b""))), cuts=st.lists(st.integers(0, 400))
)
def test_lines_come_out_whole_however_the_bytes_arrive(lines: list[bytes], cuts: list[int]) -> None:
    data = b"".join(line + b"\n" for line in lines) + b"rest"
    places = [0, *sorted(min(cut, len(data)) for cut in cuts), len(data)]
    buffer = LineBuffer(100)
    found = [line for a, b in pairwise(places) for line in buffer.feed(data[a:b])]
    assert found == lines
    assert buffer.feed(b"\n") == [b"rest"]


@given(size=st.integers(0, 30), cut=st.integers(1, 30))
def test_a_line_past_the_limit_is_refused_as_soon_as_it_is(size: int, cut: int) -> None:
    buffer = LineBuffer(10)
    data = b"x" * size
    pieces = [data[i : i + cut] for i in range(0, size, cut)]
    if size <= 10:
        assert [line for piece in [*pieces, b"\n"] for line in buffer.feed(piece)] == [data]
        return
    with pytest.raises(ProtocolError, match="longer than"):
        assert [buffer.feed(piece) for piece in pieces] == []
