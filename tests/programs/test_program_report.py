"""The report: its JSON form, whose files they are, and what is inferred where a process died unheard."""

from __future__ import annotations

import dataclasses
import json
from importlib import resources
from typing import Any

import pytest
from wire_client import connection, process, schema, shared, state

from memdb_tui.model import (
    ConnectionId,
    Evidence,
    FileChange,
    FileEntry,
    FileKind,
    FileRole,
    FilesView,
    FoundBy,
    LeakKind,
    ProgramState,
)
from memdb_tui.programs.grouping import Letters
from memdb_tui.programs.meanings import meaning_of, questions_of
from memdb_tui.programs.picture import ProcessView, ProgramsPicture, one_after_the_other, picture_of
from memdb_tui.programs.report import files_of, report_of
from memdb_tui.programs.told import process_of, state_of


def _picture(
    *connections: dict[str, Any], name: str = "p1", notes: tuple[str, ...] = (), **changes: Any
) -> ProgramsPicture:
    told, has = process_of(process()), state_of(state(*connections, **changes))
    meanings = {question: meaning_of(question) for each in has.connections for question in questions_of(told, each)}
    view = ProcessView(name, told, has, ProgramState.ENDED, 0, 300.0, notes)
    return picture_of(view, meanings, Letters(f"{name}."), with_closed=True)


def _file(path: str, **changes: Any) -> FileEntry:
    entry = FileEntry(
        path=path,
        kind=FileKind.DATABASE,
        role=FileRole.OTHER,
        change=FileChange.MADE,
        size_bytes=0,
        at=120.0,
        made_by=(),
        string="",
        statement="",
        evidence=Evidence.UNKNOWN,
        reason="",
        suggestion="",
        was_there=False,
    )
    return dataclasses.replace(entry, **changes)


def _view(*entries: FileEntry, others: tuple[FileEntry, ...] = ()) -> FilesView:
    return FilesView(entries=entries, others=others, other_count=len(others), watched=(), is_live=True)


def test_the_report_has_the_documented_shape() -> None:
    picture = _picture(
        shared("c1", pager=7),
        connection(
            "c2", "a.db", schemas=[schema(file="/proj/a.db")], closed_at=130.0, closed_by=["/proj/app.py", 9, "f"]
        ),
    )
    file = _file("/proj/a.db", role=FileRole.ASKED_FOR, made_by=(ConnectionId("p1.c2"),))

    form = report_of(picture, [file], command=("python", "app.py"), exit_status=0).to_json()

    assert json.loads(json.dumps(form)) == form
    (found,) = form["processes"]
    assert {"pid", "argv", "exit_status", "connections", "caches", "files", "leaks"} <= set(found)
    first, second = found["connections"]
    assert first["id"] == "p1.c1"
    assert first["string"] == "file:m1?mode=memory&cache=shared"
    assert first["uri"] is True
    assert first["keywords"] == {"uri": "True"}
    assert first["thread"] == "MainThread"
    assert first["opened_at"] == {"file": "/proj/app.py", "line": 3, "function": "load"}
    assert (first["opened"], first["closed"]) == (111.0, None)
    assert (first["cache"], first["outcome"]) == ("p1.A", "memory-shared")
    assert (second["uri"], second["closed"], second["outcome"]) == (False, 130.0, "file")
    assert second["closed_at"] == {"file": "/proj/app.py", "line": 9, "function": "f"}
    assert (first["closed_for_certain"], second["closed_for_certain"]) == (None, True)
    cache = found["caches"][0]
    assert cache["kind"] == "shared-cache"
    assert (cache["id"], cache["database"], cache["members"], cache["evidence"]) == (
        "p1.A",
        "m1",
        ["p1.c1"],
        "observed",
    )
    (file_form,) = found["files"]
    assert file_form["made_by"] == ["p1.c2"]
    assert (file_form["path"], file_form["stray"], file_form["kind"]) == ("/proj/a.db", False, "database")
    assert found["leaks"] == []


def test_what_nobody_saw_is_null_and_unknown() -> None:
    heap = connection(
        "c1", None, keywords=None, uri=None, found="heap", schemas=None, stack=[], opened_at=None, thread=None
    )

    (found,) = report_of(_picture(heap), []).to_json()["processes"]

    form = found["connections"][0]
    assert form["outcome"] == "unknown"
    assert [form[key] for key in ("uri", "keywords", "thread", "opened_at", "opened")] == [None] * 5
    assert found["caches"][0]["kind"] == "unknown"


@pytest.mark.parametrize(
    ("keywords", "uri"),
    [({}, False), ({"uri": "True"}, True), ({"uri": "False"}, False), ({"uri": "0"}, False), ({"uri": "<X>"}, True)],
)
def test_uri_is_the_truth_of_what_was_passed(keywords: dict[str, str], uri: bool) -> None:  # noqa: FBT001 - a table
    (found,) = report_of(_picture(connection("c1", keywords=keywords)), []).to_json()["processes"]

    assert found["connections"][0]["uri"] is uri


def test_files_stand_with_the_process_that_made_them_others_with_the_first() -> None:
    picture = one_after_the_other([_picture(connection("c1"), name="p1"), _picture(connection("c1"), name="p2")])

    report = report_of(
        picture, [_file("/proj/a", made_by=(ConnectionId("p2.c1"),)), _file("/proj/b"), _file("/proj/c", at=1.0)]
    )

    assert [[file.path for file in each.files] for each in report.processes] == [["/proj/c", "/proj/b"], ["/proj/a"]]


def test_strays_are_counted_without_their_journals() -> None:
    files = [
        _file("/proj/file:db3", role=FileRole.STRAY),
        _file("/proj/file:db3-journal", role=FileRole.STRAY, kind=FileKind.JOURNAL),
    ]

    report = report_of(_picture(connection("c1")), files)

    assert [file.path for file in report.strays] == ["/proj/file:db3"]


def test_of_a_process_that_died_unheard_a_stray_is_known_by_its_name() -> None:
    died = _picture(notes=("It ended without a last word.",))
    view = _view(_file("/proj/a.db"), others=(_file("/proj/:memory:?cache=shared", kind=FileKind.OTHER),))

    found = {file.path: file for file in files_of(view, died.programs)}

    assert found["/proj/a.db"].role is FileRole.OTHER
    assert found["/proj/:memory:?cache=shared"].role is FileRole.STRAY
    assert found["/proj/:memory:?cache=shared"].evidence is Evidence.INFERRED


def test_of_a_child_that_could_not_be_followed_a_stray_is_known_by_its_name() -> None:
    view = _view(_file("/proj/file:db3"), others=(_file("/proj/file:db3-journal", kind=FileKind.OTHER),))
    child = {"command": "python -I", "reason": "It was started with -I.", "at": 120.0}

    found = {file.path: file for file in files_of(view, _picture(unfollowed=[child]).programs)}

    assert {file.role for file in found.values()} == {FileRole.STRAY}
    assert {file.evidence for file in found.values()} == {Evidence.INFERRED}
    assert found["/proj/file:db3-journal"].kind is FileKind.JOURNAL
    assert "file:db3" in found["/proj/file:db3-journal"].reason


def test_where_children_were_not_to_be_followed_a_stray_is_known_by_its_name() -> None:
    (stray,) = files_of(_view(_file("/proj/file:db3")), _picture().programs, has_others=True)

    assert (stray.role, stray.evidence) == (FileRole.STRAY, Evidence.INFERRED)


def test_where_nobody_saw_what_is_attached_a_stray_database_is_known_by_its_name() -> None:
    view = _view(_file("/proj/file:db3"), others=(_file("/proj/file:notes", kind=FileKind.OTHER),))

    (stray,) = files_of(view, _picture().programs, is_traced=False)

    assert (stray.path, stray.role, stray.evidence) == ("/proj/file:db3", FileRole.STRAY, Evidence.INFERRED)
    assert "--trace" in stray.reason


def test_of_a_process_that_did_not_tell_of_all_a_stray_is_known_by_its_name() -> None:
    busy = _picture(connection("c1001"), dropped=1000)
    view = _view(_file("/proj/file:db3"))

    (stray,) = files_of(view, busy.programs)

    assert (stray.role, stray.evidence) == (FileRole.STRAY, Evidence.INFERRED)
    (found,) = report_of(busy, [stray]).to_json()["processes"]
    assert found["notes"] == ["1,000 closed connections were not told of."]


def test_names_prove_nothing_where_every_process_was_heard_to_its_end_or_the_file_was_there() -> None:
    view = _view(_file("/proj/file:db3"))
    older = _view(_file("/proj/file:db3", change=FileChange.CHANGED, was_there=True))

    assert files_of(view, _picture().programs) == view.entries
    assert files_of(older, _picture(notes=("It ended.",)).programs) == older.entries


def test_the_guide_names_every_key_and_every_word() -> None:
    guide = (
        resources.files("memdb_tui.docs").joinpath("explain-json.md").read_text("utf-8").partition("run --report")[2]
    )
    picture = _picture(connection("c1", "a.db", schemas=[schema(file="/proj/a.db")]))
    form = report_of(
        picture, [_file("/proj/a.db", role=FileRole.ASKED_FOR, made_by=(ConnectionId("p1.c1"),))]
    ).to_json()
    (process,) = form["processes"]
    keys = {*form, *process, *process["connections"][0], *process["caches"][0], *process["files"][0]}
    words = {
        word.value for kinds in (ProgramState, FoundBy, FileRole, FileKind, FileChange, LeakKind) for word in kinds
    }

    assert not {each for each in keys | words if f"`{each}`" not in guide and f'"{each}"' not in guide}
