"""Connection strings are found in source and settings, and only what is wrong is reported."""

from __future__ import annotations

from pathlib import Path

import pytest

from memdb_tui.explain.scan import UnreadableError, files_in, scan_file


def reported(path: Path) -> list[tuple[int, str]]:
    return [(hit.line, hit.finding.code) for hit in scan_file(path)]


def written(folder: Path, name: str, text: str) -> Path:
    path = folder / name
    path.write_text(text, encoding="utf-8")
    return path


def test_python_source(tmp_path: Path) -> None:
    path = written(
        tmp_path,
        "app.py",
        '"""Use sqlite:///file:x?mode=memory here."""\n'
        'good = create_engine("sqlite:///file:db1?mode=memory&cache=shared&uri=true")\n'
        'bad = create_engine(f"sqlite:///file:{name}?mode=memory&cache=shared")\n'
        'URL = "sqlite:///:memory:?cache=shared"\n'
        'connection = sqlite3.connect("file:x?mode=memory", uri=True)\n'
        'URI = "file:x?mode=memory&cache=shared"\n'
        'read_only = sqlite3.connect("file:data.db?mode=ro", uri=True)\n'
        'prefix = "sqlite:///" + path\n',
    )
    assert reported(path) == [(3, "uri-true-missing"), (4, "query-dropped"), (5, "cache-shared-missing")]


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("pyproject.toml", 'x = 1\nurl = "sqlite:///file:x?mode=memory&cache=shared"\n'),
        ("docker.yaml", "db:\n  url: sqlite:///file:x?mode=memory&cache=shared\n"),
        ("alembic.ini", "[alembic]\nsqlalchemy.url = sqlite:///file:x?mode=memory&cache=shared\n"),
        (".env", "A=1\nDATABASE_URL='sqlite:///file:x?mode=memory&cache=shared'\n"),
    ],
)
def test_settings(name: str, text: str, tmp_path: Path) -> None:
    assert reported(written(tmp_path, name, text)) == [(2, "uri-true-missing")]


def test_comments_in_settings_are_passed_over(tmp_path: Path) -> None:
    assert not reported(
        written(tmp_path, "a.ini", "; sqlite:///file:x?mode=memory\n# sqlite:///file:x?mode=memory\n")
    )


def test_a_percent_sign_doubled_for_configparser_is_one(tmp_path: Path) -> None:
    (hit,) = scan_file(written(tmp_path, "a.ini", "url = sqlite:///file:x%%3Fmode=memory\n"))[:1]
    assert hit.string == "sqlite:///file:x%3Fmode=memory"
    assert hit.finding.code == "percent-encoded-question-mark"


def test_a_hit_says_where_and_what_instead(tmp_path: Path) -> None:
    (hit,) = scan_file(written(tmp_path, "a.py", 'x = create_engine("sqlite:///file:x?mode=memory&cache=shared")\n'))
    assert (hit.line, hit.column) == (1, 19)
    assert hit.suggestion == "sqlite:///file:x?mode=memory&cache=shared&uri=true"


def test_folders_are_walked_without_what_is_not_the_projects(tmp_path: Path) -> None:
    for name in ("a.py", "b/c.toml", ".git/d.py", "node_modules/e.py", "venv/f.py", "g.txt", ".env", ".env.local"):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        written(tmp_path, name, "")
    found = {str(path.relative_to(tmp_path)) for path in files_in(tmp_path)}
    assert found == {"a.py", "b/c.toml", ".env", ".env.local"}


@pytest.mark.parametrize("content", [b"sqlite3 def (", b"sqlite3\0", b"sqlite3" + b"(" * 3000])
def test_what_is_not_python_is_said_so(content: bytes, tmp_path: Path) -> None:
    path = tmp_path / "bad.py"
    path.write_bytes(content)
    with pytest.raises(UnreadableError):
        scan_file(path)


def test_bytes_that_are_not_utf_8_are_no_obstacle(tmp_path: Path) -> None:
    path = tmp_path / "a.yaml"
    path.write_bytes(b"x: \xff\xfe\nurl: sqlite:///file:\xff?mode=memory\n")
    assert reported(path)[0] == (2, "uri-true-missing")
