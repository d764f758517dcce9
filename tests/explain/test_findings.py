"""Every finding has a string that brings it about, and a place in the guide."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

import pytest
from sandbox import prepared_folder

import memdb_tui
from memdb_tui.explain import Kind, Severity, explain
from memdb_tui.explain.build_facts import build_facts
from memdb_tui.explain.finding_codes import SEVERITIES
from memdb_tui.explain.reasons import _CAUSES_OF_FILE, _OPENED_RAW

GUIDE = Path(memdb_tui.__file__).parent / "docs" / "findings.md"
NO_ARGS: dict[str, object] = {}

EXAMPLES: list[tuple[str, str, Kind | None, dict[str, object]]] = [
    ("html-escaped-ampersand", "sqlite:///file:x?mode=memory&amp;cache=shared", None, NO_ARGS),
    ("dialect-does-not-exist", "sqlite+pysqlite3:///file:x?mode=memory", None, NO_ARGS),
    ("not-sqlite", "mysql+pymysql://host/db", None, NO_ARGS),
    ("wrong-number-of-slashes", "sqlite://file:x?mode=memory", None, NO_ARGS),
    ("wrong-number-of-slashes", "sqlite://x.db", None, NO_ARGS),
    ("url-refused", "sqlite:///x?uri=perhaps", None, NO_ARGS),
    ("uri-in-connect-args", "sqlite:///file:x?mode=memory", None, {"uri": True}),
    ("uri-in-connect-args", "sqlite://", None, {"uri": "file:x?mode=memory"}),
    ("percent-encoded-question-mark", "file:x%3Fmode=memory", None, NO_ARGS),
    ("uri-true-missing", "sqlite:///file:x?mode=memory&cache=shared", None, NO_ARGS),
    ("case-sensitive-scheme", "FILE:x?mode=memory", None, NO_ARGS),
    ("file-prefix-missing", "sqlite:///x?mode=memory&cache=shared&uri=true", None, NO_ARGS),
    ("file-prefix-missing", "x?mode=memory", Kind.SQLITE3_URI, NO_ARGS),
    ("misspelt-memory", "sqlite:///:MEMORY:", None, NO_ARGS),
    ("misspelt-memory", ":memory", None, NO_ARGS),
    ("misspelt-memory", ":memory: ", None, NO_ARGS),
    ("misspelt-memory", "sqlite:///:memory:\n", None, NO_ARGS),
    ("misspelt-memory", "sqlite:////:memory:", None, NO_ARGS),
    ("query-dropped", "sqlite:///:memory:?cache=shared", None, NO_ARGS),
    ("case-sensitive-parameter", "file:x?MODE=memory&cache=shared", None, NO_ARGS),
    ("case-sensitive-value", "file:x?mode=Memory", None, NO_ARGS),
    ("unknown-value", "file:x?mode=mem", None, NO_ARGS),
    ("access-mode-not-allowed", "file:x?mode=ro&mode=rw", None, NO_ARGS),
    ("invalid-authority", "file://x?mode=memory", None, NO_ARGS),
    ("unknown-vfs", "file:x?vfs=none-such", None, NO_ARGS),
    ("connect-argument-refused", "x.db", None, {"journal_mode": "WAL"}),
    ("name-cannot-be-passed", "a\0b", None, NO_ARGS),
    ("file-not-there", "file:x.db?mode=rw", None, NO_ARGS),
    ("path-cannot-be-opened", "missing/x.db", None, NO_ARGS),
    ("path-cannot-be-opened", "folder", Kind.SQLITE3_PATH, NO_ARGS),
    ("path-cannot-be-opened", "n" * 300, Kind.SQLITE3_PATH, NO_ARGS),
    ("path-cannot-be-opened", ("n" * 99 + "/") * 6 + "x.db", Kind.SQLITE3_PATH, NO_ARGS),
    ("cannot-be-opened", "file:/" + "m" * 1100 + "?vfs=memdb", None, NO_ARGS),
    ("memory-becomes-file", "file:x?mode=memory&mode=rwc", None, NO_ARGS),
    ("cache-shared-missing", "file:x?mode=memory", None, NO_ARGS),
    ("memdb-needs-slash", "file:x?vfs=memdb", None, NO_ARGS),
    ("nameless-memory", "file:?mode=memory&cache=shared", None, NO_ARGS),
    ("mode-memory-missing", "file:x?cache=shared", None, NO_ARGS),
    ("process-global-name", "file::memory:?cache=shared", None, NO_ARGS),
    ("depends-on-build" if build_facts().temporary_in_memory else "temporary-on-disk", "", None, NO_ARGS),
    ("duplicate-parameter", "file:x?mode=memory&cache=shared&mode=memory", None, NO_ARGS),
    ("duplicate-parameter", "sqlite:///file:x?mode=rw&mode=memory&uri=true", None, NO_ARGS),
    ("unknown-parameter", "file:x?mode=memory&cache=shared&journal_mode=wal", None, NO_ARGS),
    ("fragment-dropped", "file:x#1?mode=memory", None, NO_ARGS),
    ("nul-cuts-name", "file:x%00y?mode=memory&cache=shared", None, NO_ARGS),
    ("decoded-twice", "sqlite:///file:50%25?mode=memory&cache=shared&uri=true", None, NO_ARGS),
    ("read-only-memory", "file::memory:?mode=ro", None, NO_ARGS),
    ("cut-at-ampersand", "sqlite:///file:x?mode=memory", None, NO_ARGS),
    ("single-thread-pool", "sqlite:///file:x?mode=memory&cache=shared&uri=true", None, NO_ARGS),
    ("blank-parameter-dropped", "sqlite:///file:x?mode=memory&cache=&uri=true", None, NO_ARGS),
    ("private-memory", ":memory:", None, NO_ARGS),
    ("creates-file", "new.db", None, NO_ARGS),
    ("name-is-not-utf-8", "file:%FF?mode=memory&cache=shared", None, NO_ARGS),
]
OF_SOME_INSTALLATIONS = {"temporary-on-disk", "depends-on-build", "driver-not-installed", "pool-choice-deprecated"}


@pytest.mark.parametrize(("code", "string", "kind", "connect_args"), EXAMPLES)
def test_a_string_brings_the_finding_about(
    code: str, string: str, kind: Kind | None, connect_args: dict[str, object]
) -> None:
    with prepared_folder():
        explanation = explain(string, kind=kind, connect_args=connect_args)

    found = {finding.code: finding for finding in explanation.findings}
    assert code in found
    assert found[code].severity is SEVERITIES[code]
    assert found[code].message.endswith((".", "?"))
    assert not found[code].remedy or found[code].remedy.endswith((".", "?"))


@pytest.mark.parametrize(
    ("name", "why"),
    [
        ("n" * 300, "its name is too long"),
        ("./" * 300 + "n" * 500, "its path is longer than 504 bytes"),
        ("missing/x.db", "there is no folder "),
        ("folder", "it is a folder"),
    ],
)
def test_what_cannot_be_opened_is_not_said_to_be_made_by_another_mode(name: str, why: str) -> None:
    with prepared_folder():
        (found,) = (each for each in explain(name, kind="sqlite3-path").findings if each.severity is Severity.ERROR)
    assert why in found.message
    assert "mode=rwc" not in found.remedy


def test_a_folder_that_cannot_be_written_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    # As for a user who is not root: nobody else's rights can be taken from a test.
    monkeypatch.setattr("os.access", lambda *_given, **_named: False)
    (found,) = (each for each in explain("x.db").findings if each.severity is Severity.ERROR)
    assert found.code == "path-cannot-be-opened"
    assert f"nothing can be made in the folder {Path.cwd()}" in found.message


def test_a_name_without_uri_true_depends_on_the_build_or_is_a_path() -> None:
    codes = explain("file:x?mode=memory&cache=shared", kind="sqlite3-path").codes
    assert ("depends-on-build" if build_facts().use_uri else "uri-true-missing") in codes


def test_a_missing_asyncio_driver_is_said_and_the_rest_explained() -> None:
    # A process without site-packages' aiosqlite, whether or not it is installed here.
    code = (
        "import sys; sys.modules['aiosqlite'] = None\n"
        "from memdb_tui.explain import explain\n"
        "found = explain('sqlite+aiosqlite:///file:x?mode=memory&cache=shared&uri=true')\n"
        "print(found.outcome, found.pool, 'driver-not-installed' in found.codes)"
    )
    answer = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert answer.stdout.split() == ["memory-shared", "StaticPool", "True"]


def test_sqlalchemys_deprecation_of_the_pool_choice_is_passed_on() -> None:
    explanation = explain("sqlite:///file:x?mode=memory&cache=shared&uri=true")
    warned = any(note.startswith("warning: ") for layer in explanation.layers for note in layer.notes)
    assert ("pool-choice-deprecated" in explanation.codes) == warned
    assert warned == (not (explanation.sqlalchemy_version or "").startswith("2.0."))


def test_every_code_has_an_example() -> None:
    assert {code for code, *_ in EXAMPLES} | OF_SOME_INSTALLATIONS == set(SEVERITIES)


def test_the_guide_describes_every_code_with_its_severity() -> None:
    described = dict(
        re.findall(r"^### `([a-z0-9-]+)` · (error|warning|note)$", GUIDE.read_text("utf-8"), re.MULTILINE)
    )
    assert described == {code: severity.value for code, severity in SEVERITIES.items()}


def test_every_cause_of_a_file_has_a_short_form_that_the_alarm_has_room_for() -> None:
    assert set(_CAUSES_OF_FILE) <= set(SEVERITIES)
    assert all(0 < len(words) <= 24 for words in (*_CAUSES_OF_FILE.values(), *_OPENED_RAW.values()))


@pytest.mark.parametrize(
    ("string", "kind", "brief"),
    [
        ("sqlite:///file:db3?mode=memory&cache=shared", Kind.SQLALCHEMY_URL, "no uri=true in its URL"),
        ("sqlite:///db4?mode=memory&cache=shared&uri=true", Kind.SQLALCHEMY_URL, "no file: at its start"),
        ("db3?mode=memory", Kind.SQLITE3_PATH, "no file: at its start"),
        ("sqlite:///file:db1?mode=memory&cache=shared&uri=true", Kind.SQLALCHEMY_URL, ""),
    ],
)
def test_the_cause_of_a_file_is_told_in_a_few_words(string: str, kind: Kind, brief: str) -> None:
    assert explain(string, kind=kind).brief == brief
