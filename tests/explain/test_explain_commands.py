"""The commands on the command line: explain, check, caches, env."""

from __future__ import annotations

import json
import sqlite3
import subprocess
import sys
from pathlib import Path

import pytest
from click import Command
from click.testing import CliRunner, Result

from memdb_tui.commands import caches, check, env, explain

STRAY = "sqlite:///file:db3?mode=memory&cache=shared"
SHARED = f"{STRAY}&uri=true"


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    return tmp_path


def run(command: Command, *arguments: str, stdin: str | bytes | None = None, width: int = 80) -> Result:
    return CliRunner().invoke(command, arguments, input=stdin, env={"COLUMNS": str(width), "TERM": "dumb"})


def test_the_first_four_lines_are_verdict_path_fix_and_reason(folder: Path) -> None:
    result = run(explain.command, STRAY)
    verdict, path, fix, why = result.stdout.splitlines()[:4]
    assert "stray" in verdict
    assert f"{folder}/file:db3 (would be made)" in path
    assert SHARED in fix
    assert "uri=true is missing" in why
    assert result.exit_code == 0
    assert not list(folder.iterdir())


def test_of_what_cannot_be_opened_it_is_not_said_that_nothing_need_be_done(folder: Path) -> None:
    fixes = [run(explain.command, string).stdout.splitlines()[2] for string in ("missing/x.db", "x.db")]
    assert [fix.split(None, 1) for fix in fixes] == [["fix", "Correct the path."], ["fix", "none needed"]]


@pytest.mark.parametrize("string", ["\x1b[31mred", "a\nb", "\udcff", "[bold]x[/bold]", "\x9b31m", "x\u202ey"])
def test_what_the_user_gives_never_reaches_the_terminal_raw(string: str) -> None:
    result = run(explain.command, "--kind", "sqlite3-path", string)
    assert result.exit_code == 0
    assert not {"\x1b", "\x9b", "\u202e"} & set(result.stdout)
    if string.startswith("["):
        assert string in result.stdout


def test_one_string_is_an_object_and_several_are_an_array(folder: Path) -> None:
    one = json.loads(run(explain.command, "--json", STRAY).stdout)
    assert (one["outcome"], one["path"], one["stray"]) == ("file", f"{folder}/file:db3", True)
    several = json.loads(run(explain.command, "--json", STRAY, SHARED).stdout)
    assert [each["outcome"] for each in several] == ["file", "memory-shared"]


def test_a_line_of_code_is_explained() -> None:
    line = f'create_engine("{STRAY}", connect_args={{"uri": True}}, poolclass=StaticPool)'
    form = json.loads(run(explain.command, "--json", line).stdout)
    assert (form["input"], form["string"], form["pool"]) == (line, STRAY, "StaticPool")
    assert form["findings"][0]["code"] == "uri-in-connect-args"


def test_another_folder(folder: Path) -> None:
    form = json.loads(run(explain.command, "--json", "--cwd", str(folder / "sub"), "x.db").stdout)
    assert form["path"] == f"{folder}/sub/x.db"


def test_proof_and_comparison(folder: Path) -> None:
    form = json.loads(run(explain.command, "--json", "--compare", "raw", "--with", "sqlalchemy==2.0.*", STRAY).stdout)
    assert (form["proof"]["outcome"], form["proof"]["files"], form["proof"]["agrees"]) == ("file", ["file:db3"], True)
    assert (form["raw_proof"]["outcome"], form["raw_proof"]["files"]) == ("memory-shared", [])
    assert form["comparison"]["evidence"] == "declared"
    text = run(explain.command, "--compare", "raw", "--with", "sqlalchemy==2.0.*", STRAY).stdout
    assert text.count("as predicted") == 2
    assert not list(folder.iterdir())


def test_a_line_in_is_a_line_out_whatever_it_says() -> None:
    lines = [json.dumps({"string": f"file:db{number}?mode=memory&cache=shared"}) for number in range(3)]
    lines += [json.dumps({"string": "x", "kind": "django", "connect_args": {"timeout": 3}})]
    lines += ["not json", "[]", '{"string": 3}', '{"string": "x", "kind": "y"}', '{"string": "x", "connect_args": 3}']
    lines += ["[" * 100_000]
    result = run(explain.command, "--stdin", stdin="\n".join(lines))
    answers = [json.loads(line) for line in result.stdout.splitlines()]
    assert len(answers) == len(lines)
    assert [answer["outcome"] for answer in answers[:4]] == ["memory-shared"] * 3 + ["file"]
    assert all(answer["refused"] and answer["error"] for answer in answers[4:])


def test_bytes_that_are_not_utf_8_are_answered_too() -> None:
    result = run(explain.command, "--stdin", stdin=b'{"string": "\xff"}\n\xfe\xff\n')
    assert [json.loads(line)["outcome"] for line in result.stdout.splitlines()] == ["file", "error"]


@pytest.mark.parametrize(
    "arguments",
    [
        [],
        ["--stdin", "x"],
        ["--kind", "x", "y"],
        ["--with", "django", "x"],
        ["--python", "/nonexistent", "sqlite://"],
    ],
)
def test_wrong_usage_is_exit_2(arguments: list[str]) -> None:
    assert run(explain.command, *arguments).exit_code == 2


@pytest.mark.parametrize(
    ("arguments", "code"),
    [
        ([SHARED], 0),
        ([STRAY], 1),
        (["--expect", "memory-shared", SHARED], 0),
        (["--expect", "memory-shared", "sqlite://"], 1),
        (["--expect", "memory", "sqlite://"], 0),
        (["--expect", "file", "sqlite:///x.db"], 0),
        (["--expect", "file", STRAY], 1),
        (["--expect", "memory", SHARED, STRAY], 1),
        (["--expect", "disk", STRAY], 2),
        ([], 2),
        (["--scan", "/nonexistent"], 2),
        (["--format", "sarif", SHARED], 2),
    ],
)
def test_check_says_by_exit_code(arguments: list[str], code: int) -> None:
    assert run(check.command, *arguments).exit_code == code


def test_check_as_json() -> None:
    (form,) = json.loads(run(check.command, "--format", "json", "--expect", "memory", STRAY).stdout)
    assert (form["expected"], form["passed"], form["outcome"]) == ("memory", False, "file")


def test_scan_reports_like_a_linter(folder: Path) -> None:
    (folder / "a.py").write_text(f'x = 1\ncreate_engine("{STRAY}")\n')
    result = run(check.command, "--scan", "a.py")
    assert result.exit_code == 1
    assert result.stdout.startswith("a.py:2: uri-true-missing ")
    assert SHARED in result.stdout
    (hit,) = json.loads(run(check.command, "--scan", "--format", "json", ".").stdout)
    assert (hit["file"], hit["line"], hit["suggestion"]) == ("a.py", 2, SHARED)


def test_scan_as_sarif(folder: Path) -> None:
    (folder / "a b.py").write_text(f'create_engine("{STRAY}")\n')
    log = json.loads(run(check.command, "--scan", "--format", "sarif", ".").stdout)
    (result,) = log["runs"][0]["results"]
    place = result["locations"][0]["physicalLocation"]
    assert (log["version"], result["ruleId"], result["level"]) == ("2.1.0", "uri-true-missing", "error")
    assert place["artifactLocation"]["uri"] == "a%20b.py"
    assert place["region"] == {"startLine": 1, "startColumn": 15}


def test_scan_of_a_clean_project_is_silent(folder: Path) -> None:
    (folder / "a.py").write_text(f'create_engine("{SHARED}")\nconnect("sqlite.db")\n')
    result = run(check.command, "--scan", str(folder))
    assert (result.exit_code, result.output) == (0, "")


def test_what_cannot_be_scanned_is_said_and_is_exit_2(folder: Path) -> None:
    (folder / "a.py").write_text("import sqlite3\ndef (\n")
    result = run(check.command, "--scan", ".")
    assert result.exit_code == 2
    assert "not scanned" in result.stderr


def test_caches_says_who_shares_with_whom(folder: Path) -> None:
    raw = "file:db3?mode=memory&cache=shared"
    strings = [
        SHARED,
        raw,
        ":memory:",
        "file:/m?vfs=memdb",
        "file:/m?vfs=memdb",
        "file:m?vfs=memdb",
        "file:x?mode=Memory",
    ]
    result = run(caches.command, "--json", *strings)
    form = json.loads(result.stdout)
    of = {each["id"]: each for each in form["connections"]}
    shared = next(each for each in form["caches"] if each["kind"] == "shared-cache")
    assert shared["members"] == ["c1", "c2"]
    assert shared["sqlite_count"] == 2
    assert next(each for each in form["caches"] if each["kind"] == "memdb-store")["members"] == ["c4", "c5"]
    assert [each["members"] for each in form["caches"] if each["kind"] == "private"] == [["c3"], ["c6"]]
    assert of["c1"]["evidence"] == "observed"
    # From SQLite 3.53 on only the string tells the name of a memdb.
    assert of["c4"]["evidence"] == ("observed" if sqlite3.sqlite_version_info < (3, 53) else "declared")
    assert (of["c7"]["cache"], of["c7"]["error"]) == (None, "no such access mode: Memory")
    assert result.exit_code == 1
    text = run(caches.command, *strings[:3]).stdout
    assert "one shared cache in memory · 2 connections (SQLite counts 2)" in text
    assert not list(folder.iterdir())


def test_caches_makes_a_file_only_when_allowed(folder: Path) -> None:
    refused = run(caches.command, STRAY)
    assert refused.exit_code == 2
    assert f"{folder}/file:db3" in refused.stderr
    assert not list(folder.iterdir())
    assert run(caches.command, "--allow-files", STRAY, STRAY).exit_code == 0
    assert [path.name for path in folder.iterdir()] == ["file:db3"]


def test_env_says_what_holds_here() -> None:
    form = json.loads(run(env.command, "--json").stdout)
    assert form["versions"]["Python"] == ".".join(str(part) for part in sys.version_info[:3])
    assert {"USE_URI", "OMIT_SHARED_CACHE", "THREADSAFE", "TEMP_STORE"} <= {each["name"] for each in form["build"]}
    assert sum(each["chosen"] for each in form["temporary_folders"]) == 1
    assert "TEMP_STORE" in run(env.command).stdout


def test_the_temporary_folder_named_by_the_environment_is_taken(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SQLITE_TMPDIR", str(folder))
    form = json.loads(run(env.command, "--json").stdout)
    (chosen,) = (each for each in form["temporary_folders"] if each["chosen"])
    assert (chosen["source"], chosen["path"]) == ("SQLITE_TMPDIR", str(folder))


@pytest.mark.parametrize("name", ["explain", "check", "caches", "env"])
def test_a_command_imports_no_sqlalchemy_and_no_textual_before_it_is_run(name: str) -> None:
    code = (
        f"import sys, memdb_tui.commands.{name} as module; assert module.command.name == {name!r}\n"
        "print([each for each in ('sqlalchemy', 'textual', 'memdb_tui.host') if each in sys.modules])"
    )
    answer = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert answer.stdout.strip() == "[]"
