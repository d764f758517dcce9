"""Paths as plain strings: events come by the ten thousand, and a `Path` each would cost more than all else."""

from __future__ import annotations

import os


def joined(folder: str, name: str) -> str:
    """The path of a name in a folder."""
    return os.path.join(folder, name)  # noqa: PTH118 strings on purpose


def folder_of(path: str) -> str:
    """The folder a path lies in."""
    return os.path.split(path)[0]


def name_of(path: str) -> str:
    """The last part of a path."""
    return os.path.split(path)[1]


def is_below(path: str, folder: str) -> bool:
    """The path lies in the folder or further down; it is not the folder itself."""
    return path != folder and path.startswith(joined(folder, ""))
