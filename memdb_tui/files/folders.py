"""Which folders a session watches."""

from __future__ import annotations

from collections.abc import Iterable

from memdb_tui.files.paths import folder_of, joined
from memdb_tui.frozen import dataclass
from memdb_tui.model import Snapshot


@dataclass(frozen=True, slots=True)
class WantedFolder:
    """A folder to watch."""

    path: str
    is_recursive: bool
    is_optional: bool = False
    """Where it does not exist, nobody needs to hear of it."""


def folders_to_watch(snapshot: Snapshot, extra: Iterable[str] = ()) -> tuple[WantedFolder, ...]:
    """The folders a session's files can appear in, each once, the most important first.

    These are the host's working folder and the folders the user named, with all below; the folder of every path a
    connection touched or has open; and the folders SQLite puts temporary files in
    (https://www.sqlite.org/tempfiles.html#temporary_file_storage_locations).
    """
    cwd = snapshot.facts.cwd
    touched = dict.fromkeys(touch.path for touch in snapshot.touches)
    touched |= dict.fromkeys(schema.file for connection in snapshot.connections for schema in connection.schemas)
    wanted = [
        WantedFolder(cwd, is_recursive=True),
        *(WantedFolder(path, is_recursive=True) for path in extra),
        *(WantedFolder(folder, is_recursive=False) for folder in dict.fromkeys(map(folder_of, touched)) if folder),
        *(
            WantedFolder(joined(cwd, path), is_recursive=False, is_optional=True)
            for path in snapshot.facts.temporary_folders
        ),
    ]
    chosen: dict[str, WantedFolder] = {}
    for folder in wanted:
        chosen.setdefault(folder.path, folder)
    return tuple(chosen.values())
