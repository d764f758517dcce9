"""What lies in folders at one moment, and what became of it since."""

from __future__ import annotations

import os
import stat
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple

from memdb_tui.files.events import EventKind, FileEvent
from memdb_tui.files.paths import joined

CLOCK_SLACK_NS = 20_000_000
"""File times come from the kernel's coarse clock, up to one tick (10 ms at 100 Hz) behind `time.time()`."""


class Stamp(NamedTuple):
    """By what a file is told from itself at another time."""

    size_bytes: int
    modified_ns: int
    changed_ns: int
    inode: int


@dataclass(slots=True)
class FolderListing:
    """The files (no folders) directly in a folder; mutable, so that it can follow removals and moves."""

    stamps: dict[str, Stamp]
    is_whole: bool
    """False when there were more files than were asked for, or the folder could not be read."""


def list_folder(path: str, limit: int) -> FolderListing:
    """The files directly in a folder, at most `limit` of them; symbolic links stand for themselves."""
    stamps: dict[str, Stamp] = {}
    try:
        with os.scandir(path) as entries:
            for entry in entries:
                stamp = _stamp(entry)
                if stamp is None:
                    continue
                if len(stamps) >= limit:
                    return FolderListing(stamps, is_whole=False)
                stamps[entry.name] = stamp
    except OSError:
        return FolderListing(stamps, is_whole=False)
    return FolderListing(stamps, is_whole=True)


def _stamp(entry: os.DirEntry[str]) -> Stamp | None:
    try:
        if entry.is_dir(follow_symlinks=False):
            return None
        facts = entry.stat(follow_symlinks=False)
    except OSError:
        return None  # It went away while the folder was read.
    return Stamp(facts.st_size, facts.st_mtime_ns, facts.st_ctime_ns, facts.st_ino)


@dataclass(frozen=True, slots=True)
class Walk:
    """The folders at and below a folder."""

    folders: tuple[str, ...]
    is_whole: bool
    """False when there are more than were asked for."""


def walk_folders(root: str, limit: int, keep_going: Callable[[], bool] = lambda: True) -> Walk:
    """A folder and all folders below it, at most `limit`; symbolic links are not followed."""
    folders: list[str] = [root]
    waiting = [root]
    while waiting and keep_going():
        try:
            with os.scandir(waiting.pop()) as entries:
                below = [entry.path for entry in entries if entry.is_dir(follow_symlinks=False)]
        except OSError:
            continue  # It went away, or may not be read: then nothing below it can be watched either.
        folders += below
        waiting += below
        if len(folders) > limit:
            return Walk(tuple(folders[:limit]), is_whole=False)
    return Walk(tuple(folders), is_whole=not waiting)


def differences(
    folder: str, before: FolderListing | None, *, now: FolderListing, since_ns: int, at: float
) -> Iterator[FileEvent]:
    """What happened in a folder between two listings.

    Args:
        folder: The folder both listings are of.
        before: The earlier listing, None when there is none.
        now: The later one.
        since_ns: For a file the earlier listing cannot speak of: it is `FOUND` when it changed after this time.
        at: The time of the events.
    """
    known = before.stamps if before is not None else {}
    is_sure = before is not None and before.is_whole
    for name, stamp in now.stamps.items():
        path = joined(folder, name)
        old = known.get(name)
        if old is None:
            if is_sure:
                yield FileEvent(path, EventKind.CREATED, at)
            elif stamp.changed_ns >= since_ns:
                yield FileEvent(path, EventKind.FOUND, at)
        elif old.inode != stamp.inode:
            yield FileEvent(path, EventKind.RECREATED, at, was_there=True)
        elif (old.size_bytes, old.modified_ns) != (stamp.size_bytes, stamp.modified_ns):
            yield FileEvent(path, EventKind.MODIFIED, at, was_there=True)
    if now.is_whole:
        for name in known.keys() - now.stamps.keys():
            yield FileEvent(joined(folder, name), EventKind.DELETED, at, was_there=True)


def changed_since(folder: str, since_ns: int) -> bool:
    """A file was made, removed or renamed directly in the folder after that time; False when it cannot be asked."""
    try:
        facts = Path(folder).stat(follow_symlinks=False)
    except OSError:
        return False
    return stat.S_ISDIR(facts.st_mode) and facts.st_mtime_ns >= since_ns
