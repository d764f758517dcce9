"""The code that is shown is the code that runs."""

from __future__ import annotations

from pathlib import Path

import pytest

from memdb_tui.lab.source import CodeSource, functions_in


def body(tmp_path: Path, text: str) -> CodeSource:
    path = tmp_path / "recipe.py"
    path.write_text(text)
    return functions_in(path)["code"]


def test_the_body_is_moved_to_the_margin_without_its_docstring(tmp_path: Path) -> None:
    code = body(
        tmp_path, 'x = 1\n\n\ndef code() -> None:\n    """Say it."""\n    import os\n\n    if os:\n        y = 1\n'
    )
    assert code.text == "import os\n\nif os:\n    y = 1\n"
    assert code.first_line == 6


def test_a_comment_before_the_first_statement_is_shown(tmp_path: Path) -> None:
    assert body(tmp_path, "def code():\n    # why\n    x = 1\n").text == "# why\nx = 1\n"


def test_a_docstring_of_several_lines_is_left_out(tmp_path: Path) -> None:
    assert body(tmp_path, 'def code():\n    """One.\n\n    Two.\n    """\n    x = 1\n').text == "x = 1\n"


def test_a_signature_over_several_lines_is_left_out(tmp_path: Path) -> None:
    assert body(tmp_path, "def code(\n    a: int = 1,\n) -> (\n    None\n):\n    x = 1\n").text == "x = 1\n"


def test_nested_functions_are_part_of_the_body(tmp_path: Path) -> None:
    code = body(
        tmp_path, "def code():\n    def inner():\n        return 1\n\n    x = inner()\n\n\ndef judge():\n    pass\n"
    )
    assert code.text == "def inner():\n    return 1\n\nx = inner()\n"


def test_the_text_itself_is_what_is_compiled(tmp_path: Path) -> None:
    code = body(tmp_path, 'def code():\n    sql = """\n    SELECT 1\n      FROM t"""\n')
    variables: dict[str, object] = {}
    exec(code.compiled(), variables)
    assert variables["sql"] == "\nSELECT 1\n  FROM t"
    assert code.text == 'sql = """\nSELECT 1\n  FROM t"""\n'


def test_an_error_names_the_line_of_the_file(tmp_path: Path) -> None:
    code = body(tmp_path, "\n\ndef code():\n    x = 1\n    raise ValueError\n")
    with pytest.raises(ValueError, match=r"^$") as raised:
        exec(code.compiled(), {})
    entry = raised.traceback[-1]
    assert (str(entry.path), entry.lineno + 1) == (str(tmp_path / "recipe.py"), 5)


def test_strings_are_constants_of_the_code_alone(tmp_path: Path) -> None:
    assert body(tmp_path, 'def code():\n    x = "a"  # "b"\n    y = f"c{x}"\n').strings() == {"a", "c"}
