"""What the proofs have in common: the interpreters, and the long form of what runs shortened otherwise."""

from __future__ import annotations

import os

import pytest
from ways import pythons

NO_PYTHON_314 = "no real Python 3.14: `bash .ci/python314 FOLDER` makes one; name it in MEMDB_TUI_PYTHON314"


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """A test that asks for `python` is run with each interpreter; a missing one is skipped visibly."""
    if "python" in metafunc.fixturenames:
        found = pythons()
        missing = pytest.param("", id="3.14", marks=pytest.mark.skip(reason=NO_PYTHON_314))
        values = [pytest.param(path, id=name) for name, path in found.items()]
        metafunc.parametrize("python", values if "3.14" in found else [*values, missing])


@pytest.fixture(scope="session")
def is_heavy() -> bool:
    return os.environ.get("MEMDB_TUI_HEAVY") == "1"
