"""The source of a recipe's code: what is shown is the very text that is compiled and run."""

from __future__ import annotations

import ast
import textwrap
from dataclasses import dataclass
from pathlib import Path
from types import CodeType


@dataclass(frozen=True, slots=True)
class CodeSource:
    """The body of a function in a file, as a script of its own.

    Attributes:
        text: The body, moved to the left margin, without the docstring.
        path: The file.
        first_line: The line of the file the text begins at.
    """

    text: str
    path: Path
    first_line: int

    def compiled(self) -> CodeType:
        """Return the text compiled; tracebacks name the file's own lines."""
        return compile("\n" * (self.first_line - 1) + self.text, str(self.path), "exec")

    def strings(self) -> frozenset[str]:
        """Return the string constants that stand in the code."""
        return frozenset(
            node.value
            for node in ast.walk(ast.parse(self.text))
            if isinstance(node, ast.Constant) and isinstance(node.value, str)
        )


def functions_in(path: Path) -> dict[str, CodeSource]:
    """Return the bodies of the functions defined at the top of a file, by name."""
    source = path.read_text(encoding="utf-8")
    return {
        node.name: _body(node, source.splitlines(), path)
        for node in ast.parse(source).body
        if isinstance(node, ast.FunctionDef)
    }


def _body(function: ast.FunctionDef, lines: list[str], path: Path) -> CodeSource:
    statements = function.body
    if ast.get_docstring(function, clean=False) is not None:
        begin = statements[0].end_lineno or function.lineno
    else:
        begin = _signature_end(function, lines)
    while not lines[begin].strip():
        begin += 1
    return CodeSource(
        text=textwrap.dedent("\n".join(lines[begin : function.end_lineno])).rstrip() + "\n",
        path=path,
        first_line=begin + 1,
    )


def _signature_end(function: ast.FunctionDef, lines: list[str]) -> int:
    """Return the number of the line the signature ends on: the last before the body that ends in a colon."""
    first = function.body[0].lineno
    return next(number for number in range(first - 1, 0, -1) if _without_comment(lines[number - 1]).endswith(":"))


def _without_comment(line: str) -> str:
    return "" if line.lstrip().startswith("#") else line.partition("  #")[0].rstrip()
