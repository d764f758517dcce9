"""Who may connect to a hub, what it makes of what they say, and what it does with the rest."""

from __future__ import annotations

import asyncio
import base64
import json
import os
import stat
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from wire_client import DEADLINE_SECONDS, WireClient, connection, process, state

from memdb_tui.errors import MemdbError, ProgramGoneError, ProtocolError, UsageError
from memdb_tui.model import ConnectionId, ProgramState
from memdb_tui.programs.hub import Hub
from memdb_tui.programs.meanings import explain_here
from memdb_tui.programs.unreached import unreached

if TYPE_CHECKING:
    from conftest import WatchedHub


async def _joined(watched: WatchedHub, pid: int = 4242, **changes: object) -> WireClient:
    client = watched.unconnected_client()
    await client.join(process(pid=pid, **changes), state(connection("c1")))
    await watched.until(lambda picture: any(program.pid == pid for program in picture.programs))
    return client


async def test_socket_and_folder_are_this_users_alone(watched: WatchedHub) -> None:
    assert stat.S_IMODE(watched.hub.folder.stat().st_mode) == 0o700
    assert stat.S_IMODE(watched.hub.socket_path.stat().st_mode) == 0o600
    assert len(os.fsencode(watched.hub.socket_path)) <= 103


async def test_closing_leaves_no_folder(watched: WatchedHub) -> None:
    folder = watched.hub.folder

    await watched.hub.close()

    assert not folder.exists()


async def test_closing_while_somebody_is_coming_is_no_complaint(watched: WatchedHub) -> None:
    """Under `run --headless` asyncio's complaint would stand among the program's own words on stderr."""
    complaints: list[dict[str, object]] = []
    asyncio.get_running_loop().set_exception_handler(lambda _, complaint: complaints.append(complaint))
    client = await watched.client()
    client.here()
    assert (await client.hear())["method"] == "hello"

    await watched.hub.close()
    assert await client.hear_the_end()

    assert complaints == []


async def test_closing_waits_for_no_process_that_has_stopped_reading(watched: WatchedHub) -> None:
    await _joined(watched)
    (process,) = watched.hub._processes
    wanted = {"write": False, "milliseconds": 100, "max_rows": 1, "max_bytes": 1}
    asking = asyncio.create_task(process.session.live("c1", f"select '{'x' * (8 << 20)}'", **wanted))  # type: ignore[arg-type]
    await asyncio.sleep(0)

    async with asyncio.timeout(DEADLINE_SECONDS):
        await watched.hub.close()

    with pytest.raises(MemdbError):
        await asking


async def test_a_process_that_connects_is_in_the_picture(watched: WatchedHub) -> None:
    await _joined(watched)

    picture = watched.hub.picture()

    assert [program.id for program in picture.programs] == ["p1"]
    assert [each.id for each in picture.connections] == ["p1.c1"]
    assert picture.programs[0].state is ProgramState.RUNNING


async def test_what_is_told_later_replaces_what_was_told_before(watched: WatchedHub) -> None:
    client = await _joined(watched)

    client.tell("state", state(connection("c1", closed_at=150.0), connection("c2"), seq=2))

    picture = await watched.until(lambda picture: len(picture.connections) == 1 and "p1.c2" in str(picture))
    assert [each.id for each in picture.connections] == ["p1.c2"]
    assert {each.id for each in watched.hub.full_picture().connections} == {"p1.c1", "p1.c2"}


async def test_a_process_that_tells_nothing_new_is_not_looked_at_again(watched: WatchedHub) -> None:
    await _joined(watched, pid=4242)
    other = await _joined(watched, pid=4243, instance="two")
    await watched.hub.settled(0)
    before = watched.hub.picture()

    other.tell("state", state(connection("c1"), connection("c2"), seq=2))

    after = await watched.until(lambda picture: len(picture.connections) == 3)
    assert after.programs[0] is before.programs[0]
    assert after.connections[0] is before.connections[0]
    assert after.programs[1] is not before.programs[1]


async def test_what_its_strings_mean_is_in_the_picture_as_soon_as_it_is_known(watched: WatchedHub) -> None:
    client = watched.unconnected_client()
    await client.join(process(), state(connection("c1", "file:new?mode=memory", uri=True)))

    picture = await watched.until(lambda picture: picture.connections and picture.connections[0].meant_as_memory)
    assert "not known yet" not in picture.connections[0].reason


async def test_a_last_word_that_comes_at_once_is_heard(watched: WatchedHub) -> None:
    client = watched.unconnected_client()
    await client.connect()
    client.here()
    client.answer(await client.hear(), process())
    client.answer(await client.hear(), state())
    client.tell("bye", {"state": state(connection("c1"), seq=2)})
    await client.close()

    picture = await watched.until(lambda picture: picture.programs and picture.programs[0].ended_at)

    assert picture.programs[0].state is ProgramState.ENDED
    assert picture.programs[0].notes == ()
    assert len(picture.connections) == 1


async def test_a_process_that_ends_without_a_word_is_said_to(watched: WatchedHub) -> None:
    client = await _joined(watched)

    await client.close()

    picture = await watched.until(lambda picture: picture.programs[0].state is ProgramState.ENDED)
    assert "without a last word" in picture.programs[0].notes[0]


async def test_a_pid_that_connects_again_has_become_another_program(watched: WatchedHub) -> None:
    client = await _joined(watched)
    await client.close()
    await watched.until(lambda picture: picture.programs[0].state is ProgramState.ENDED)

    await _joined(watched, instance="two")

    picture = await watched.until(lambda picture: len(picture.programs) == 2)
    assert "exec" in picture.programs[0].notes[0]
    assert picture.programs[1].state is ProgramState.RUNNING


@pytest.mark.parametrize(
    ("said", "why"),
    [
        (b"GET / HTTP/1.1\n", "not JSON"),
        (b"[]\n", "not of JSON-RPC"),
        (b'{"jsonrpc":"2.0","method":"hello","params":{}}\n', "did not say"),
        (b'{"jsonrpc":"2.0","method":"here","params":[]}\n', "no JSON object"),
        (b'{"jsonrpc":"2.0","method":"here","params":{"version":1,"token":"wrong","pid":1}}\n', "token"),
        (b'{"jsonrpc":"2.0","method":"here","params":{"version":1,"pid":1}}\n', "token"),
        (b"x" * (1 << 18), "too long"),
    ],
)
async def test_a_stranger_is_refused_and_told_why(watched: WatchedHub, said: bytes, why: str) -> None:
    client = await watched.client()

    client.write(said)

    answer = await client.hear_the_end()
    await watched.until(lambda _: watched.hub.refusals)
    assert why in watched.hub.refusals[0]
    if answer:
        assert why in json.loads(answer)["error"]["message"]
    assert watched.hub.picture().programs == ()


async def test_a_version_of_the_future_is_refused(watched: WatchedHub) -> None:
    client = await watched.client()

    client.here(version=2)

    assert b"version 2" in await client.hear_the_end()


async def test_another_users_process_is_refused(watched: WatchedHub, monkeypatch: pytest.MonkeyPatch) -> None:
    real = os.geteuid()
    monkeypatch.setattr(os, "geteuid", lambda: real + 1)
    client = await watched.client()

    client.here()

    await client.hear_the_end()
    await watched.until(lambda _: watched.hub.refusals)
    assert "another user" in watched.hub.refusals[0]
    assert watched.hub.picture().programs == ()


async def test_who_only_looks_whether_somebody_is_there_is_no_stranger(watched: WatchedHub) -> None:
    client = await watched.client()
    await client.close()

    await _joined(watched)

    assert watched.hub.refusals == ()


@pytest.mark.parametrize(
    "said",
    [
        b"nonsense\n",
        b'{"jsonrpc":"2.0","method":"state","params":{"seq":"one"}}\n',
        b'{"jsonrpc":"2.0","method":"state","params":{"seq":2,"connections":[{"id":"c1"}]}}\n',
        b'{"jsonrpc":"2.0","method":"state","params":{"seq":2,"at":NaN,"connections":[]}}\n',
        b'{"jsonrpc":"2.0","method":"bye","params":{}}\n',
        b'{"jsonrpc":"2.0","id":null,"error":{"code":-32700,"message":"What?"}}\n',
    ],
)
async def test_a_process_that_talks_nonsense_is_cut_off_and_the_others_stay(watched: WatchedHub, said: bytes) -> None:
    client = await _joined(watched)
    await _joined(watched, pid=4343)

    client.write(said)

    await client.hear_the_end()
    picture = await watched.until(lambda picture: picture.programs[0].state is ProgramState.DETACHED)
    assert "cut off" in picture.programs[0].notes[0]
    assert picture.programs[1].state is ProgramState.RUNNING
    assert len(watched.hub.sessions()) == 1


async def test_a_line_without_end_is_cut_off(watched: WatchedHub, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("memdb_tui.programs.program_session.MAX_MESSAGE_BYTES", 1 << 16)
    client = await _joined(watched)

    client.write(b" " * (1 << 17))

    await client.hear_the_end()
    picture = await watched.until(lambda picture: picture.programs[0].state is ProgramState.DETACHED)
    assert "longer than" in picture.programs[0].notes[0]


async def test_a_live_statement_goes_out_and_its_rows_come_back(watched: WatchedHub) -> None:
    client = await _joined(watched)
    session, inner = watched.hub.session_of(ConnectionId("p1.c1"))

    asked = asyncio.create_task(
        session.live(inner, "SELECT 1", write=False, milliseconds=100, max_rows=10, max_bytes=1000)
    )
    call = await client.hear()
    client.answer(call, {"status": "done", "columns": ["1"], "rows": [[1]]})

    assert (await asked).rows == ((1,),)
    assert call["method"] == "live"
    assert call["params"]["connection"] == "c1"


@pytest.mark.parametrize(
    "answer",
    [
        [],
        {},
        {"status": "well"},
        {"status": "done", "columns": ["a"], "rows": 7},
        {"status": "done", "columns": ["a"], "rows": [7]},
        {"status": "done", "columns": ["a"], "rows": [[1, 2]]},
        {"status": "done", "columns": [1], "rows": []},
        {"status": "done", "columns": ["a"], "rows": [[[]]]},
        {"status": "done", "columns": ["a"], "rows": [[{"b": "xyz"}]]},
        {"status": "done", "columns": ["a"], "rows": [], "elapsed_seconds": "x"},
        {"status": "done", "columns": ["a"], "rows": [], "changes": "x"},
        {"status": "failed", "error": "no"},
    ],
    ids=str,
)
async def test_an_answer_that_is_no_result_is_an_error_of_ours(watched: WatchedHub, answer: object) -> None:
    client = await _joined(watched)
    session, inner = watched.hub.session_of(ConnectionId("p1.c1"))

    asked = asyncio.create_task(
        session.live(inner, "SELECT 1", write=False, milliseconds=100, max_rows=10, max_bytes=1000)
    )
    client.answer(await client.hear(), answer)

    with pytest.raises(ProtocolError):
        await asked


@pytest.mark.parametrize(
    "answer",
    [
        [],
        {"status": "done", "tables": 7},
        {"status": "done", "tables": [7]},
        {"status": "done", "tables": [{"columns": []}]},
        {"status": "done", "tables": [{"name": "t", "columns": [{}]}]},
        {"status": "done", "tables": [{"name": "t", "columns": [{"name": "a", "pk": "x"}]}]},
    ],
    ids=str,
)
async def test_an_answer_that_is_no_schema_is_an_error_of_ours(watched: WatchedHub, answer: object) -> None:
    client = await _joined(watched)
    session, inner = watched.hub.session_of(ConnectionId("p1.c1"))

    asked = asyncio.create_task(session.schema(inner))
    client.answer(await client.hear(), answer)

    with pytest.raises(ProtocolError):
        await asked


@pytest.mark.parametrize("answer", [[], {"copy": 1}, {"copy": 1, "size": "x"}, {"copy": [], "size": 1}], ids=str)
async def test_an_answer_that_is_no_copy_is_an_error_of_ours(watched: WatchedHub, answer: object) -> None:
    client = await _joined(watched)
    session, inner = watched.hub.session_of(ConnectionId("p1.c1"))

    asked = asyncio.create_task(session.copy(inner))
    client.answer(await client.hear(), answer)

    with pytest.raises(ProtocolError):
        await asked


async def test_a_refusal_carries_its_hint(watched: WatchedHub) -> None:
    client = await _joined(watched)
    session, inner = watched.hub.session_of(ConnectionId("p1.c1"))

    asked = asyncio.create_task(session.schema(inner))
    client.refuse(await client.hear(), "It is private.")

    with pytest.raises(MemdbError, match="It is private") as raised:
        await asked
    assert raised.value.hint == "Do something else."


async def test_cancelling_the_task_cancels_the_request(watched: WatchedHub) -> None:
    client = await _joined(watched)
    session, inner = watched.hub.session_of(ConnectionId("p1.c1"))

    asked = asyncio.create_task(session.copy(inner))
    call = await client.hear()
    asked.cancel()

    cancel = await client.hear()
    assert cancel["method"] == "cancel"
    assert cancel["params"] == {"id": call["id"]}


async def test_what_waits_when_we_leave_is_not_told_that_the_process_is_gone(watched: WatchedHub) -> None:
    client = await _joined(watched)
    session, inner = watched.hub.session_of(ConnectionId("p1.c1"))

    asked = asyncio.create_task(session.copy(inner))
    await client.hear()
    await session.close()

    with pytest.raises(ProgramGoneError, match="has left that process"):
        await asked
    with pytest.raises(ProgramGoneError, match="has left that process"):
        await session.rescan()


async def test_a_copy_comes_in_parts_and_is_released(watched: WatchedHub) -> None:
    client = await _joined(watched)
    session, inner = watched.hub.session_of(ConnectionId("p1.c1"))
    image = os.urandom(3 << 20)
    told: list[tuple[int, int]] = []

    asked = asyncio.create_task(session.copy(inner, on_progress=lambda come, size: told.append((come, size))))
    client.answer(await client.hear(), {"copy": 7, "size": len(image), "taken_at": 12.5, "how": "backup"})
    while (call := await client.hear())["method"] == "copyPart":
        offset, size = call["params"]["offset"], call["params"]["size"]
        client.answer(call, {"data": base64.b64encode(image[offset : offset + size]).decode()})

    found = await asked
    assert found.data == image
    assert found.taken_at == 12.5
    assert told[-1] == (len(image), len(image))
    assert call["method"] == "copyRelease"


@pytest.mark.parametrize("part", ["", "!!!", base64.b64encode(b"far more than was asked for").decode()])
async def test_a_copy_that_does_not_add_up_is_no_copy(watched: WatchedHub, part: str) -> None:
    client = await _joined(watched)
    session, inner = watched.hub.session_of(ConnectionId("p1.c1"))

    asked = asyncio.create_task(session.copy(inner))
    client.answer(await client.hear(), {"copy": 7, "size": 4, "taken_at": 1.0, "how": "backup"})
    client.answer(await client.hear(), {"data": part})

    with pytest.raises(ProtocolError):
        await asked


async def test_requests_fail_when_the_process_goes(watched: WatchedHub) -> None:
    client = await _joined(watched)
    session, _ = watched.hub.session_of(ConnectionId("p1.c1"))

    asked = asyncio.create_task(session.rescan())
    await client.hear()
    await client.close()

    with pytest.raises(ProgramGoneError):
        await asked
    await watched.until(lambda picture: picture.programs[0].state is ProgramState.ENDED)
    with pytest.raises(UsageError, match="gone"):
        watched.hub.session_of(ConnectionId("p1.c1"))
    with pytest.raises(ProgramGoneError):
        await session.rescan()


async def test_detaching_is_no_end(watched: WatchedHub) -> None:
    client = await _joined(watched)
    (session,) = watched.hub.sessions()

    asked = asyncio.create_task(session.detach())
    client.answer(await client.hear(), {"out": True})
    await client.close()

    assert await asked is True
    picture = await watched.until(lambda picture: picture.programs[0].ended_at)
    assert picture.programs[0].state is ProgramState.DETACHED


async def test_arrival_waits_for_the_pid_and_no_longer_than_asked(watched: WatchedHub) -> None:
    assert await watched.hub.arrival(4242, 0.0) is None

    waiting = asyncio.create_task(watched.hub.arrival(4242, 20.0))
    await _joined(watched, pid=1111)
    await _joined(watched)

    assert await waiting is watched.hub.sessions()[1]


async def test_the_environment_brings_the_probe_and_keeps_what_was_there(
    watched: WatchedHub, monkeypatch: pytest.MonkeyPatch, tmp_path_factory: pytest.TempPathFactory
) -> None:
    probe = tmp_path_factory.mktemp("probe")
    (probe / "boot").mkdir()
    (probe / "boot" / "sitecustomize.py").write_text("# stands for the real one\n")
    monkeypatch.setattr("memdb_tui.programs.meeting_place.PROBE", probe)

    found = watched.hub.environment({"A": "1", "PYTHONPATH": "/mine"}, follow=True, trace=False)

    site, _, rest = found["PYTHONPATH"].partition(os.pathsep)
    settings = json.loads(found["MEMDB_TUI_RUN"])
    assert found["A"] == "1"
    assert rest == "/mine"
    assert [each.name for each in Path(site).iterdir()] == ["sitecustomize.py"]
    assert stat.S_IMODE(Path(site).stat().st_mode) == 0o700
    assert settings["folder"] == site
    assert settings["probe"] == str(probe)
    assert settings["follow"] is True


async def test_without_a_usable_temporary_folder_another_is_taken(
    monkeypatch: pytest.MonkeyPatch, tmp_path_factory: pytest.TempPathFactory
) -> None:
    deep = tmp_path_factory.mktemp("d" * 100)
    monkeypatch.setattr("tempfile.tempdir", str(deep))
    hub = Hub(lambda: None, explain=explain_here)

    await hub.start()

    assert not hub.folder.is_relative_to(deep)
    await hub.close()


async def test_how_its_sqlite_was_built_is_learnt_when_it_is_imported(watched: WatchedHub) -> None:
    client = watched.unconnected_client()
    await client.join(process(native="", use_uri=None), state())

    client.tell("state", state(seq=2, native="no library", use_uri=False))

    picture = await watched.until(lambda picture: picture.programs and picture.programs[0].notes)
    assert "no library" in picture.programs[0].notes[0]


async def test_what_a_process_says_of_another_interpreter_in_it_is_a_note_of_its_own(watched: WatchedHub) -> None:
    await _joined(watched, pid=4242)
    second = await watched.client()

    second.here(pid=4242, unsupported="Subinterpreters are not supported.")

    picture = await watched.until(lambda picture: picture.programs[0].notes)
    assert picture.programs[0].notes == ("Subinterpreters are not supported.",)
    assert watched.hub.untold == {}


async def test_processes_that_tell_nothing_are_named_once_for_each_reason(watched: WatchedHub) -> None:
    await _joined(watched, pid=4242)
    for pid in (11, 12, 13):
        client = await watched.client()
        client.here(pid=pid, unsupported="It is too old." if pid < 13 else "It is PyPy.")

    picture = await watched.until(lambda picture: len(watched.hub.untold) == 3 and picture.programs)

    old, pypy = sorted(picture.programs[0].notes, key=lambda note: note.endswith("It is PyPy."))
    assert old in {"Process 11 and 1 more: It is too old.", "Process 12 and 1 more: It is too old."}
    assert pypy == "Process 13: It is PyPy."


async def test_a_process_that_comes_again_by_exec_had_not_ended(watched: WatchedHub) -> None:
    await _joined(watched, pid=4242)
    for pid in (11, 12):
        client = await watched.client()
        client.here(pid=pid)
        await client.hear()
        await client.close()
    await watched.until(lambda _: len(watched.hub.untold) == 2)

    await _joined(watched, pid=12)

    assert set(watched.hub.untold) == {11}
    picture = watched.hub.picture()
    assert [note.partition(":")[0] for program in picture.programs for note in program.notes] == ["Process 11"]


async def test_the_same_program_that_hangs_up_and_comes_again_goes_on(watched: WatchedHub) -> None:
    first = await _joined(watched)
    await first.close()
    await watched.until(lambda picture: picture.programs[0].state is ProgramState.ENDED)
    again = watched.unconnected_client()
    await again.join(process(), state(connection("c1"), connection("c2"), seq=2))

    picture = await watched.until(lambda picture: picture.programs[0].state is ProgramState.RUNNING)

    assert [(each.id, each.notes) for each in picture.programs] == [("p1", ())]
    assert [each.id for each in picture.connections] == ["p1.c1", "p1.c2"]
    another = watched.unconnected_client()
    await another.join(process(instance="two"), state())
    picture = await watched.until(lambda picture: len(picture.programs) == 2)
    assert [each.id for each in picture.programs] == ["p1", "p2"]


async def test_that_the_former_line_breaks_later_means_nothing(watched: WatchedHub) -> None:
    first = await _joined(watched)
    again = watched.unconnected_client()
    await again.join(process(), state(connection("c1"), connection("c2"), seq=2))
    await watched.until(lambda picture: len(picture.connections) == 2)

    await first.close()
    again.tell("state", state(connection("c3"), seq=3))

    picture = await watched.until(lambda picture: picture.connections[0].id == "p1.c3")
    assert picture.programs[0].state is ProgramState.RUNNING


async def test_that_nobody_has_come_is_said_no_longer_when_somebody_has(watched: WatchedHub) -> None:
    shell = unreached(("sh",), 77, cwd="/", status=None, started_at=1.0, why="sh is no Python.")
    watched.hub.note_unreached(shell, while_alone="Nobody has come.")
    assert watched.hub.picture().programs[0].notes == ("sh is no Python.", "Nobody has come.")

    await _joined(watched, pid=78)

    picture = await watched.until(lambda picture: len(picture.programs) == 2)
    assert [each.notes for each in picture.programs] == [("sh is no Python.",), ()]


async def test_what_a_process_was_before_its_exec_stays_said(watched: WatchedHub) -> None:
    client = await watched.client()
    client.here(pid=12, unsupported="It is too old.")
    await watched.until(lambda _: watched.hub.untold)

    await _joined(watched, pid=12)

    assert watched.hub.untold == {12: "It is too old."}


async def test_a_program_nobody_stands_in_is_shown_until_it_connects(watched: WatchedHub) -> None:
    why = "Python was started with -I."
    watched.hub.note_unreached(unreached(("python", "-I"), 77, cwd="/", status=None, started_at=1.0, why=why))

    (program,) = watched.hub.picture().programs
    assert (program.pid, program.notes, program.state) == (77, (why,), ProgramState.RUNNING)

    await _joined(watched, pid=77)

    picture = await watched.until(lambda picture: picture.programs[0].id == "p1")
    assert [(each.id, each.notes) for each in picture.programs] == [("p1", ())]
