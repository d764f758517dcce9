"""When clients are told: the thread that tells them takes little of the program's time."""

from __future__ import annotations

import socket
from collections.abc import Iterator
from contextlib import closing

import pytest
from probe_hub import TOKEN, Client

from memdb_tui.probe.channel import Channel
from memdb_tui.probe.pace import Pace
from memdb_tui.probe.standing import Standing

EACH_SECONDS = 1000.0
"""What a new connection takes to be told: long, so that no test depends on speed."""
SHARE = 20


@pytest.fixture
def standing(monkeypatch: pytest.MonkeyPatch) -> Iterator[Standing]:
    """A probe that watches nothing, and whose thread does not run."""
    monkeypatch.setattr("memdb_tui.probe.telling._EACH_SECONDS", EACH_SECONDS)
    made = Standing(TOKEN)
    yield made
    made.server.drop()


def greeted(standing: Standing) -> Client:
    """A client that has said hello, and has been told nothing yet."""
    theirs, ours = socket.socketpair()
    channel = Channel(ours, TOKEN)
    channel.greet()
    standing.server._channels.append(channel)
    return Client(theirs)


def one_is_opened(standing: Standing) -> None:
    standing.recorder.last_number += 1
    standing.recorder.has_news = True


def test_what_would_take_long_to_tell_is_told_when_it_is_no_more_than_a_share(standing: Standing) -> None:
    states = standing.server._states
    with closing(greeted(standing)) as client:
        one_is_opened(standing)
        states.tell(standing.server._channels)
        assert client.read(0), "A client is told at once for the first time."

        one_is_opened(standing)
        states.pace.next_state_at = 0.0
        states.tell(standing.server._channels)

        assert not client.read(0)
        assert states.pace.next_state_at == pytest.approx(states.pace._told_at + SHARE * EACH_SECONDS)
        # Then it is told.
        states.pace._told_at -= SHARE * EACH_SECONDS
        states.pace.next_state_at = 0.0
        states.tell(standing.server._channels)
        assert client.read(0)
        assert [state["seq"] for state in client.states] == [1, 2]


def test_who_comes_while_a_state_waits_for_its_share_does_not_wait_for_it(standing: Standing) -> None:
    states = standing.server._states
    with closing(greeted(standing)):
        states.tell(standing.server._channels)
        one_is_opened(standing)
        states.pace.next_state_at = 0.0
        states.tell(standing.server._channels)
        with closing(greeted(standing)) as second:
            states.tell(standing.server._channels)

            assert second.read(0)


def test_who_has_been_told_nothing_yet_waits_for_no_share(standing: Standing) -> None:
    states = standing.server._states
    with closing(greeted(standing)) as first:
        states.tell(standing.server._channels)
        with closing(greeted(standing)) as second:
            one_is_opened(standing)
            states.pace.next_state_at = 0.0
            states.tell(standing.server._channels)

            assert first.read(0)
            assert second.read(0)


@pytest.mark.parametrize(("size_bytes", "pause_seconds"), [(1_000, 0.05), (2_000_000, 1.0)])
def test_states_are_the_further_apart_the_longer_a_client_reads_them(size_bytes: int, pause_seconds: float) -> None:
    pace = Pace()
    pace.told(100.0, 0.0, size_bytes)
    assert pace.next_state_at == pytest.approx(100.0 + pause_seconds)
