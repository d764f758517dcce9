"""The Python 3.14 that tests reach into, where there is one."""

from __future__ import annotations

import os
import shutil
import sys

import pytest

PYTHON_314 = (
    sys.executable
    if sys.version_info >= (3, 14)
    else os.environ.get("MEMDB_TUI_PYTHON314") or shutil.which("python3.14") or ""
)
needs_314 = pytest.mark.skipif(
    not PYTHON_314,
    reason="no real Python 3.14: `bash .ci/python314 FOLDER` makes one; name it in MEMDB_TUI_PYTHON314",
)
