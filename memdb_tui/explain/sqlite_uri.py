"""SQLite's own rules for URI filenames, as `sqlite3ParseUri` applies them.

Source of every rule: https://sqlite.org/uri.html and `sqlite3ParseUri` in SQLite's `main.c`.
"""

from __future__ import annotations

import enum
import re

from memdb_tui.frozen import dataclass

SCHEME = b"file:"
OCTET = re.compile(rb"%[0-9A-Fa-f]{2}")


class OpenFlags(enum.IntFlag):
    """The bits of `sqlite3_open_v2` that a URI can change, with SQLite's own values."""

    READONLY = 0x01
    READWRITE = 0x02
    CREATE = 0x04
    URI = 0x40
    MEMORY = 0x80
    SHARED_CACHE = 0x0002_0000
    PRIVATE_CACHE = 0x0004_0000


ACCESS_MODES = {
    b"ro": OpenFlags.READONLY,
    b"rw": OpenFlags.READWRITE,
    b"rwc": OpenFlags.READWRITE | OpenFlags.CREATE,
    b"memory": OpenFlags.MEMORY,
}
CACHE_MODES = {b"shared": OpenFlags.SHARED_CACHE, b"private": OpenFlags.PRIVATE_CACHE}
VFS_PARAMETERS = frozenset({b"modeof", b"psow", b"nolock", b"immutable"})
"""Parameters the parser passes by and the built-in VFSes and the pager read later."""

_ACCESS_MASK = OpenFlags.READONLY | OpenFlags.READWRITE | OpenFlags.CREATE | OpenFlags.MEMORY
_CACHE_MASK = OpenFlags.SHARED_CACHE | OpenFlags.PRIVATE_CACHE


@dataclass(frozen=True, slots=True)
class ParsedName:
    """What SQLite makes of the name it is given.

    Attributes:
        is_uri: Whether the name was read as a URI; otherwise it is the file name as it stands.
        filename: The decoded file name, up to its first NUL, as SQLite's C code sees it.
        parameters: The decoded query parameters in order, those SQLite ignores included.
        flags: The flags the database is opened with.
        vfs: The VFS that was named; None for the default one.
        error: SQLite's message, if it refuses the name here; bytes, since it quotes the name.
        fragment: What stood behind `#` and was dropped, without the `#`; None where there was none.
        cut_by_nul: Whether a `%00` cut a part short.
    """

    is_uri: bool
    filename: bytes
    parameters: tuple[tuple[bytes, bytes], ...]
    flags: OpenFlags
    vfs: bytes | None = None
    error: bytes | None = None
    fragment: bytes | None = None
    cut_by_nul: bool = False

    def values(self, name: bytes) -> tuple[bytes, ...]:
        """Return the values of every parameter of this name, in order."""
        return tuple(value for key, value in self.parameters if key == name)


def parse(name: bytes, *, read_as_uri: bool, refuses_nul: bool = False) -> ParsedName:
    """Return what SQLite makes of a name given to `sqlite3_open_v2` by Python's sqlite3.

    Args:
        name: The name, without NUL bytes.
        read_as_uri: Whether the caller passed `SQLITE_OPEN_URI` or the build has `USE_URI`.
        refuses_nul: Whether the build has `ENABLE_URI_00_ERROR`.
    """
    flags = OpenFlags.READWRITE | OpenFlags.CREATE
    if not read_as_uri or not name.startswith(SCHEME):
        return ParsedName(is_uri=False, filename=name, parameters=(), flags=flags)
    flags |= OpenFlags.URI
    start = len(SCHEME)
    if name.startswith(b"//", start):
        start += 2
        end = name.find(b"/", start)
        end = len(name) if end < 0 else end
        authority = name[start:end]
        if authority not in {b"", b"localhost"}:
            message = b"invalid uri authority: " + authority
            return ParsedName(is_uri=True, filename=b"", parameters=(), flags=flags, error=message)
        start = end
    body, hash_sign, fragment = name[start:].partition(b"#")
    cut_by_nul = b"%00" in body
    dropped = fragment if hash_sign else None
    if cut_by_nul and refuses_nul:
        return ParsedName(
            is_uri=True,
            filename=b"",
            parameters=(),
            flags=flags,
            error=b"unexpected %00 in uri",
            fragment=dropped,
            cut_by_nul=True,
        )
    filename, parameters = _split(body)
    flags, vfs, error = _apply(parameters, flags)
    return ParsedName(
        is_uri=True,
        filename=filename,
        parameters=parameters,
        flags=flags,
        vfs=vfs,
        error=error,
        fragment=dropped,
        cut_by_nul=cut_by_nul,
    )


def decode(part: bytes) -> bytes:
    """Return one part of a URI with `%HH` decoded; `%00` ends it, a lone `%` stays."""
    head = part.split(b"%00", 1)[0]
    return OCTET.sub(lambda found: bytes.fromhex(found.group()[1:].decode("ascii")), head)


def _split(body: bytes) -> tuple[bytes, tuple[tuple[bytes, bytes], ...]]:
    """Split and decode a URI without scheme, authority and fragment."""
    path, _, query = body.partition(b"?")
    parameters: list[tuple[bytes, bytes]] = []
    for text in query.split(b"&"):
        key, _, value = text.partition(b"=")
        name = decode(key)
        if name:
            # A parameter without a name is passed over together with its value.
            parameters.append((name, decode(value)))
    return decode(path), tuple(parameters)


def _apply(
    parameters: tuple[tuple[bytes, bytes], ...], flags: OpenFlags
) -> tuple[OpenFlags, bytes | None, bytes | None]:
    """Return the flags, the VFS and SQLite's refusal after every parameter took effect in turn."""
    vfs: bytes | None = None
    for name, value in parameters:
        if name == b"vfs":
            vfs = value
            continue
        if name == b"cache":
            modes, mask, limit, what = CACHE_MODES, _CACHE_MASK, _CACHE_MASK, b"cache"
        elif name == b"mode":
            modes, mask, limit, what = ACCESS_MODES, _ACCESS_MASK, _ACCESS_MASK & flags, b"access"
        else:
            continue
        mode = modes.get(value)
        if mode is None:
            return flags, vfs, b"no such " + what + b" mode: " + value
        if (mode & ~OpenFlags.MEMORY) > limit:
            return flags, vfs, what + b" mode not allowed: " + value
        flags = (flags & ~mask) | mode
    return flags, vfs, None
