"""Whether, and how, a connection of ours can be opened to the database of one of the program's."""

from __future__ import annotations

from .files_before import path_of_uri
from .wire import Refusal

TYPE_CHECKING = False
if TYPE_CHECKING:
    from .record import Record
    from .recorder import Recorder
    from .visit import Target

_SCHEME = "file:"
_STORE_NAMES = ("/", "\\")
_MEMORY = ("mode=memory", "file::memory:")


def target_of(record: Record, recorder: Recorder) -> Target | None:
    """What leads to the main database of a connection; None where it is private, so that only its thread can read it.

    Raises:
        Refusal: It is a file, which needs no way through the program.
    """
    sight = record.sight
    if sight is not None and sight.file:
        raise Refusal("This database is a file.", hint=f"Open {sight.file} itself: any process can.")
    if sight is not None and sight.memdb is not None:
        name = _store_name(record)
        return _store(name, recorder) if len(name) > 1 and name.startswith(_STORE_NAMES) else None
    database = record.database
    if database is None or not database.startswith(_SCHEME) or "cache=shared" not in database:
        return None
    if sight is None and not any(word in database for word in _MEMORY):
        return None
    return _shared(database, None if sight is None else sight.pager, recorder)


def _store_name(record: Record) -> str:
    """The name of the memdb that SQLite shows, or from 3.53 on, where it shows none, the one in the string."""
    sight = record.sight
    if sight is None or sight.memdb is None:
        return ""
    database = record.database
    if sight.virtual or database is None or not database.startswith(_SCHEME):
        return sight.virtual
    return path_of_uri(database)


def _store(name: str, recorder: Recorder) -> Target:
    def has_known_members() -> bool:
        return any(_store_name(record) == name for record in list(recorder.open.values()))

    from .visit import Target, store_uri  # noqa: PLC0415 - it imports sqlite3, which may not be there yet

    return Target(store_uri(name), pager=None, is_store=True, has_known_members=has_known_members)


def _shared(database: str, pager: int | None, recorder: Recorder) -> Target:
    def has_known_members() -> bool:
        opened = list(recorder.open.values())
        if pager is None:
            return any(r.database == database for r in opened)
        return any(r.sight is not None and r.sight.pager == pager for r in opened)

    from .visit import Target  # noqa: PLC0415 - as above

    # SQLite uses an address again: it says nothing any more once its last known connection has closed.
    known = pager if has_known_members() else None
    return Target(database, pager=known, is_store=False, has_known_members=has_known_members)
