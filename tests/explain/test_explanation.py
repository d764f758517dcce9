"""What an explanation carries, and what explaining never does."""

# ruff: noqa: PTH118 -- paths are compared as SQLite reports them
from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest
from sandbox import prepared_folder

import memdb_tui
from memdb_tui.explain import JSON_VERSION, Kind, Outcome, explain

GUIDE = Path(memdb_tui.__file__).parent / "docs" / "explain-json.md"


@pytest.mark.parametrize(
    ("string", "kind"),
    [
        ("sqlite:///x", Kind.SQLALCHEMY_URL),
        ("sqlite+aiosqlite://", Kind.SQLALCHEMY_URL),
        ("sqlite:x", Kind.SQLALCHEMY_URL),
        ("postgresql://host/db", Kind.SQLALCHEMY_URL),
        ("file:x", Kind.SQLITE3_URI),
        ("file:///x", Kind.SQLITE3_URI),
        ("FILE:x", Kind.SQLITE3_URI),
        (":memory:", Kind.SQLITE3_PATH),
        ("x.db", Kind.SQLITE3_PATH),
        ("", Kind.SQLITE3_PATH),
    ],
)
def test_the_kind_is_guessed_from_the_look(string: str, kind: Kind) -> None:
    assert explain(string).kind is kind


def test_the_package_itself_can_be_called() -> None:
    code = "import memdb_tui.explain; print(memdb_tui.explain('file:x?mode=memory').outcome)"
    answer = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert answer.stdout.strip() == "memory-private"


def test_an_unknown_kind_is_refused() -> None:
    with pytest.raises(ValueError, match="postgres"):
        explain("x", kind="postgres")


@pytest.mark.parametrize("string", [b"\xff\xfe", b"file:\xff?mode=memory&cache=shared", Path("x.db")])
def test_bytes_and_paths_are_explained_too(string: bytes | Path) -> None:
    explanation = explain(string)
    assert explanation.outcome in {Outcome.FILE, Outcome.MEMORY_SHARED}
    assert json.loads(json.dumps(explanation.to_json()))["input"] == explanation.input


def test_another_folder_can_be_asked_about() -> None:
    with prepared_folder() as folder:
        elsewhere = os.path.join(folder, "folder")
        for string in ("x.db", "file:x.db", "sqlite:///x.db", "sqlite:///file:x.db?uri=true"):
            assert explain(string, cwd=elsewhere).path == os.path.join(elsewhere, "x.db")
        assert explain("there.db", cwd=folder).path_exists
        assert not explain("there.db", cwd=elsewhere).path_exists
        assert explain("sqlite:////tmp/x.db", cwd=elsewhere).path == "/tmp/x.db"


def test_a_folder_that_is_gone_is_no_obstacle() -> None:
    code = (
        "import os, tempfile\n"
        "from memdb_tui.explain import explain\n"
        "folder = tempfile.mkdtemp(); os.chdir(folder); os.rmdir(folder)\n"
        "print(explain('x.db').outcome, explain('sqlite:///x.db').outcome, explain(':memory:').outcome)"
    )
    answer = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert answer.stdout.split() == ["error", "error", "memory-private"]


def test_a_read_only_string_for_a_missing_file_is_an_error_with_sqlites_words() -> None:
    with prepared_folder() as folder:
        explanation = explain("file:none.db?mode=ro")
        assert explanation.outcome is Outcome.ERROR
        assert explanation.error == "unable to open database file"
        assert explanation.path == os.path.join(folder, "none.db")
        assert not explanation.creates_file


def test_symbolic_links_are_followed_to_the_file_sqlite_opens() -> None:
    with prepared_folder() as folder:
        assert explain("link").path == os.path.join(folder, "there.db")
        dangling = explain("dangling")
        assert dangling.path == os.path.join(folder, "target.db")
        assert dangling.creates_file


def test_layers_say_what_was_lost_where() -> None:
    layers = {layer.name.split(" (")[0]: layer for layer in explain("sqlite:///file:x?mode=memory").layers}
    assert list(layers) == ["the string", "SQLAlchemy's URL", "connect arguments", "pool", "sqlite3", "SQLite"]
    assert layers["connect arguments"].lost == ("mode=memory",)
    assert layers["SQLite"].notes[0].startswith("Not read as a URI")


def test_each_parameter_is_told_honoured_ignored_or_refused() -> None:
    string = "file:n%31?mode=rw&mode=memory&foo=1&cache=Shared&vfs=unix"
    notes = explain(string).layers[-1].notes
    assert notes[0] == "A URI; decoded, the name is 'n1'."
    assert notes[1:6] == (
        "mode=rw: overruled by a later one.",
        "mode=memory: honoured.",
        "foo=1: ignored, SQLite does not know it.",
        "cache=Shared: refused.",
        "vfs=unix: not reached.",
    )


def test_poolclass_and_connect_args_are_merged_as_create_engine_does() -> None:
    explanation = explain(
        "sqlite:///file:x?mode=memory&uri=true&timeout=3", connect_args={"timeout": 9}, poolclass="NullPool"
    )
    assert explanation.pool == "NullPool"
    assert explanation.connect is not None
    assert dict(explanation.connect.keywords)["timeout"] == 9


def test_a_pool_that_does_not_go_with_the_driver_is_an_error_in_sqlalchemys_words() -> None:
    explanation = explain("sqlite:///x.db", poolclass="AsyncAdaptedQueuePool")
    assert explanation.outcome is Outcome.ERROR
    assert "AsyncAdaptedQueuePool" in (explanation.error or "")


@pytest.mark.parametrize(
    ("name", "options", "outcome"),
    [
        ("file:x?mode=memory&cache=shared", {}, "memory-shared"),
        (":memory:", {}, "memory-private"),
        ("x?mode=memory", {}, "file"),
        ("", {}, "error"),
        ("x.db", {"transaction_mode": "IMMEDIATE", "init_command": "PRAGMA foreign_keys=on"}, "file"),
        ("x.db", {"transaction_mode": "SOON"}, "error"),
        ("x.db", {"journal_mode": "WAL"}, "error"),
    ],
)
def test_django_is_explained(name: str, options: dict[str, object], outcome: str) -> None:
    assert explain(name, kind="django", connect_args=options).outcome.value == outcome


def test_the_json_form_is_the_documented_one() -> None:
    form = explain("sqlite:///file:x?mode=memory").to_json()
    guide = GUIDE.read_text("utf-8")
    assert form["version"] == JSON_VERSION
    assert f"version {JSON_VERSION}" in guide
    assert all(f"`{key}`" in guide for key in form)
    assert {"input", "kind", "outcome", "path", "database", "creates_file", "error", "pool"} < set(form)
    assert {"findings", "suggestion", "layers"} < set(form)


def test_importing_explains_nothing_it_does_not_need() -> None:
    code = (
        "import sys, memdb_tui.explain as e\n"
        "e.explain('file:x?mode=memory'); e.explain(':memory:')\n"
        "print([name for name in ('sqlalchemy', 'rich', 'click', 'textual', 'subprocess') if name in sys.modules])"
    )
    answer = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert answer.stdout.strip() == "[]"


def test_where_sqlalchemy_is_missing_a_url_is_an_error_and_the_rest_works() -> None:
    code = (
        "import sys; sys.modules['sqlalchemy'] = None\n"
        "from memdb_tui.explain import explain\n"
        "print(explain('sqlite:///x').error_type, explain('file:x?mode=memory&cache=shared').outcome)"
    )
    answer = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert answer.stdout.split() == ["ModuleNotFoundError", "memory-shared"]
