"""`memdb-tui lab`, as a user runs it."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from memdb_tui.commands.lab import command
from memdb_tui.lab.shelf import entries

KEYS = ["id", "title", "group", "claim", "source", "code", "verdict", "reason", "observed", "works_instead"]
OBSERVED_KEYS = ["connect_args", "outcome", "files", "shared", "error", "pool", "warnings"]


def lab(*words: str) -> Result:
    # A recipe that imports SQLAlchemy may take longer than usual on a slow, busy machine. What comes later counts.
    return CliRunner().invoke(command, ["--deadline", "600", *words])


def test_the_json_form_is_the_documented_one() -> None:
    result = lab("--json", "--only", "seed-step2-connect-args-uri", "--only", "seed-step2-connect-args-true")
    assert result.exit_code == 0
    true, string = json.loads(result.output)
    assert list(true) == list(string) == KEYS
    assert list(string["observed"]) == OBSERVED_KEYS
    assert (true["verdict"], true["observed"]["files"]) == ("made-a-file", ["file:testdb"])
    assert string["verdict"] == "fails"
    assert string["observed"]["connect_args"][0]["database"] == ":memory:"
    assert string["observed"]["connect_args"][0]["keywords"]["uri"] == "file:testdb?mode=memory&cache=shared"
    assert (string["observed"]["outcome"], string["observed"]["shared"]) == ("memory-private", False)
    assert string["works_instead"] == "works-creator"


@pytest.mark.parametrize("option", ["-h", "--help"])
def test_help_has_its_short_option_as_everywhere(option: str) -> None:
    assert lab(option).output.startswith("Usage:")


def test_what_works_has_nothing_that_works_instead() -> None:
    (form,) = json.loads(lab("--json", "works-memdb").output)
    assert (form["verdict"], form["works_instead"]) == ("holds", None)


def test_one_recipe_is_told_in_full() -> None:
    output = lab("seed-step2-connect-args-uri").output
    for words in (
        "FAILS",
        "claim   “engine = create_engine(",
        "SQLite In-Memory Database Creates File Despite mode=memory Parameter",
        '    connect_args={"uri": "file:testdb?mode=memory&cache=shared"},',
        "reached  sqlite3.connect(':memory:', ",
        "uri='file:testdb?mode=memory&cache=shared'",
        "pool     SingletonThreadPool",
        "works instead  works-creator",
    ):
        assert words in output


def test_all_are_listed_by_group_with_verdict_and_what_works_instead() -> None:
    output = lab().output
    for entry in entries():
        assert f"({entry.id})" in output
    assert "final solution\n  fails" in output
    assert "works instead: seed-step3-two-databases" in output


def test_a_list_runs_nothing() -> None:
    result = lab("--list", "--python", "/no/such/python")
    assert result.exit_code == 0
    assert [line.split()[0] for line in result.output.splitlines()] == [entry.id for entry in entries()]


def test_an_unknown_id_lists_the_near_ones_and_exits_2() -> None:
    result = lab("--only", "seed-step7-dialec")
    assert result.exit_code == 2
    assert "seed-step7-dialect" in result.output


def test_an_interpreter_that_does_not_start_exits_1_with_the_reason() -> None:
    result = lab("--json", "--python", "/no/such/python", "works-memdb")
    assert result.exit_code == 1
    (form,) = json.loads(result.output)
    assert form["verdict"] == "not-run"
    assert "/no/such/python could not be started" in form["reason"]


def test_several_interpreters_need_the_matrix() -> None:
    assert lab("--python", "a", "--python", "b").exit_code == 2


def test_a_deadline_has_to_be_positive() -> None:
    assert lab("--deadline", "0", "works-memdb").exit_code == 2


def test_the_matrix_has_a_column_for_each_interpreter(tmp_path: Path) -> None:
    another = tmp_path / "another-python"
    another.symlink_to(sys.executable)
    names = ("seed-cause3-filename-first", "seed-overview-mode-memory")
    result = lab("--matrix", "--python", sys.executable, "--python", str(another), *names)
    assert result.exit_code == 0
    lines = result.output.splitlines()
    assert lines[0].startswith(f"1  {sys.executable}: Python {sys.version.split()[0]}, SQLite ")
    assert lines[1].startswith(f"2  {another}: Python {sys.version.split()[0]}, SQLite ")
    assert [line.split() for line in lines[4:6]] == [
        ["seed-overview-mode-memory", "holds", "holds"],
        ["seed-cause3-filename-first", "fails", "fails"],
    ]
    assert lines[-1] == "Verdicts differ: none."


def test_the_matrix_has_a_json_form() -> None:
    (column,) = json.loads(lab("--matrix", "--json", "works-memdb").output)
    assert column["python"] == sys.executable
    assert set(column["versions"]) == {"python", "sqlite", "sqlalchemy"}
    assert [list(form) for form in column["results"]] == [KEYS]


def test_an_interpreter_without_result_keeps_its_place_in_the_matrix() -> None:
    result = lab("--matrix", "--python", "/no/such/python", "works-memdb")
    assert result.exit_code == 1
    assert "1  /no/such/python: /no/such/python could not be started" in result.output
    assert "works-memdb" in result.output


def test_a_recipe_file_runs_alone(tmp_path: Path) -> None:
    words = [sys.executable, "-m", "memdb_tui.lab.recipes.seed_step5_with_step1_uri"]
    done = subprocess.run(words, cwd=tmp_path, capture_output=True, text=True, check=True)
    assert done.stderr == ""
    assert "MADE-A-FILE  seed-step5-with-step1-uri" in done.stdout
    assert "files    ':memory:?cache=shared'" in done.stdout
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("foreign", ["sqlalchemy", "textual", "click", "rich"])
def test_finding_and_running_recipes_imports_nothing_foreign(foreign: str) -> None:
    script = (
        "import sys; from memdb_tui.lab import alone, report, runner, shelf; shelf.entries(); "
        "print(sys.argv[1] in sys.modules)"
    )
    done = subprocess.run([sys.executable, "-c", script, foreign], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "False"
