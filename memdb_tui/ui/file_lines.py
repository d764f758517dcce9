"""The lines of the Files pane: which files the session made, changed or removed, and who did it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from functools import partial

from rich.cells import cell_len
from textual.content import Content

from memdb_tui.frozen import dataclass
from memdb_tui.model import Evidence, FileChange, FileEntry, FileKind, FileRole, FilesView, WatchedFolder
from memdb_tui.ui.program_lines import place_words
from memdb_tui.ui.rows import Clip, Part, Row, clip_cells, wrap_cells
from memdb_tui.ui.widgets.line_list import STATE_STYLE, Line, Title
from memdb_tui.ui.wording import age, clock_time, count, printable, short_path, size

OTHERS_KEY = "#others"
"""The key of the line that stands for files that are not SQLite's."""

WATCHED_KEY = "#watched"
"""The key of the line that stands for the folders under watch, where the border has no room for them."""

_BELOW = " and below"
_LEAST_FOLDER_CELLS = 8
_DAY_SECONDS = 86_400
_DETAIL_INDENT = 5
_MOST_PATH_LINES = 4
_WIDE_CELLS = 72
"""In fewer, the line itself has no room for the whole of who made the file."""
_SIGNS = {
    FileChange.MADE: "+",
    FileChange.CHANGED: "~",
    FileChange.REMOVED: "\N{MINUS SIGN}",
    FileChange.MADE_AND_REMOVED: "±",
    FileChange.OPENED: "○",
}
_SIDES = ("-journal", "-wal", "-shm")
"""How SQLite names what lies beside a database (https://sqlite.org/tempfiles.html)."""
_WAS_THERE = "was there"
_KIND_WORDS = {
    FileKind.DATABASE: "database",
    FileKind.JOURNAL: "journal",
    FileKind.WAL: "wal",
    FileKind.SHARED_MEMORY: "shm",
    FileKind.TEMPORARY: "temp",
    FileKind.OTHER: "other",
}


def titles(view: FilesView) -> list[Title]:
    """The pane's name and state, longer and shorter: `Files · watchdog`, `1 stray · 1 temp · 12 others`."""
    source = "watchdog" if view.is_live else "watchdog is not running"
    strays, *rest = _counts(view)
    forms = [_quiet(" · ").join([strays, *rest[:kept]]) for kept in range(len(rest), -1, -1)]
    name = "Files" if view.is_live else "Files · not watched"
    return [(f"Files · {source}", forms[0]), *((name, form) for form in forms)]


def title(view: FilesView) -> str:
    """Name and state as one text, for where there is no border to spread them in."""
    name, state = titles(view)[0]
    return f"{name} ── {state}"


def without_sides(entries: Sequence[FileEntry]) -> tuple[FileEntry, ...]:
    """The entries but for a journal, WAL or shm whose database is among them: it is no file of its own to a user."""
    paths = {entry.path for entry in entries}
    return tuple(
        entry
        for entry in entries
        if not any(entry.path.endswith(side) and entry.path.removesuffix(side) in paths for side in _SIDES)
    )


def _counts(view: FilesView) -> list[Content]:
    """How many files there are of each role, those of most weight first; no stray is said too."""
    strays = len(without_sides(view.strays))
    counts = [Content.styled(f"▲ {count(strays, 'stray')}", "bold $error") if strays else _quiet("0 stray")]
    of_role = Counter(entry.role for entry in without_sides(view.entries))
    for role, words in ((FileRole.ASKED_FOR, "asked for"), (FileRole.TEMPORARY, "temp")):
        if of_role[role]:
            counts.append(_quiet(f"{of_role[role]:,} {words}"))
    if view.other_count:
        counts.append(_quiet(count(view.other_count, "other")))
    return counts


def _quiet(text: str) -> Content:
    return Content.styled(text, STATE_STYLE)


def subtitle(view: FilesView, *, show_others: bool = False, width: int | None = None) -> str:
    """The folders under watch with their depth, and the key for the rest: `~/proj and below, /var/tmp`.

    Args:
        view: The newest view.
        show_others: The files that are not SQLite's are listed.
        width: Cells there are; None for as many as it takes. In too few, the folders watched with all below stay, cut
            at their beginnings, and the others are counted.
    """
    rest = _border_rest(view, show_others=show_others)
    return _folders(view, None if width is None else width - cell_len(rest)) + rest


def _border_rest(view: FilesView, *, show_others: bool) -> str:
    problems = sum(bool(folder.problem) for folder in view.watched)
    rest = f" · ! {count(problems, 'folder')} not watched" if problems else ""
    return rest + (f" · o {'hides' if show_others else 'shows'} others" if view.other_count else "")


def _folders(view: FilesView, room: int | None) -> str:
    """The folders under watch in `room` cells: all of them, else those the user chose and how many more there are."""
    watched = [folder for folder in view.watched if not folder.problem]
    words = ", ".join(map(_folder, watched)) or "no folder is watched"
    if room is None or cell_len(words) <= room:
        return words
    if not watched:
        return clip_cells(words, room)
    # With all below are the working folder and those of --watch, and only those.
    chosen = [folder for folder in watched if folder.is_recursive] or watched[:1]
    more = f", +{len(watched) - len(chosen)} more" if len(watched) > len(chosen) else ""
    for depth in (_BELOW, "/…"):
        fixed = cell_len(more) + sum(cell_len(depth) for folder in chosen if folder.is_recursive)
        share = (room - fixed - 2 * (len(chosen) - 1)) // len(chosen)
        if share >= _LEAST_FOLDER_CELLS:
            break
    else:
        return clip_cells(count(len(watched), "folder"), room)
    shown = _shared_out([printable(short_path(folder.path)) for folder in chosen], share)
    depths = (depth if folder.is_recursive else "" for folder in chosen)
    return ", ".join(map("".join, zip(shown, depths, strict=True))) + more


def _shared_out(paths: Sequence[str], share: int) -> list[str]:
    """The paths in `share` cells each on the average; what the short ones leave goes to the long ones."""
    room = share * len(paths)
    given: dict[int, str] = {}
    shortest_first = sorted(range(len(paths)), key=lambda index: cell_len(paths[index]))
    for done, index in enumerate(shortest_first):
        given[index] = clip_cells(paths[index], room // (len(paths) - done), side=Clip.START)
        room -= cell_len(given[index])
    return [given[index] for index in range(len(paths))]


@dataclass(frozen=True, slots=True)
class FileListing:
    """What the lines are made of, besides the view."""

    now: float
    show_others: bool = False
    show_watched: bool = False
    """The folders under watch are listed."""
    border_width: int | None = None
    """Cells there are in the border for them; None for as many as they take."""
    detailed: str | None = None
    """The key of the line whose file is explained in full."""
    all_detailed: bool = False
    width: int = 80


def file_lines(view: FilesView, listing: FileListing) -> list[Line]:
    """The lines for what the session did to files, newest first; strays always with their string and reason."""
    shown = (*view.entries, *(view.others if listing.show_others else ()))
    columns = _Columns.of(shown)
    lines: list[Line] = []
    if not view.entries:
        lines += _empty_lines(listing.width)
    lines += _entry_lines(view.entries, columns, listing)
    if view.other_count:
        row = partial(_others, view, show_others=listing.show_others)
        lines.append(Line(OTHERS_KEY, row, is_selectable=True))
        if listing.show_others:
            lines += _entry_lines(view.others, columns, listing)
    lines += _watched_lines(view, listing)
    for folder in view.watched:
        if folder.problem:
            lines.append(Line(f"#{folder.path}", partial(_problem, folder)))
    return lines


def _watched_lines(view: FilesView, listing: FileListing) -> Iterator[Line]:
    """A line that unfolds the folders under watch, where the border does not hold them whole."""
    in_border = partial(subtitle, view, show_others=listing.show_others)
    if in_border(width=listing.border_width) == in_border():
        return
    watched = [folder for folder in view.watched if not folder.problem]
    yield Line(WATCHED_KEY, partial(_watched, watched, is_open=listing.show_watched), is_selectable=True)
    if listing.show_watched:
        for folder in watched:
            room = max(16, listing.width - _DETAIL_INDENT - 1)
            for number, piece in enumerate(wrap_cells(_folder(folder), room, most=_MOST_PATH_LINES)):
                row = Row((Part(" " * _DETAIL_INDENT), Part(piece, "$muted", clip=Clip.END)))
                yield Line(f"{WATCHED_KEY} {folder.path}#{number}", partial(_same, row), owner=WATCHED_KEY)


def _watched(watched: Sequence[WatchedFolder], *, is_open: bool) -> Row:
    return Row(
        (
            Part("▼" if is_open else "►", "$muted"),
            Part(f"{count(len(watched), 'folder')} watched", "$muted", clip=Clip.END),
            Part(f"· Enter {'hides' if is_open else 'shows'} them", "$faint", rank=1, shorter=("",)),
        )
    )


def by_whom(entry: FileEntry) -> str:
    """Who made or found a file and how that is known: `by c4 (observed)`, `was there, c1 or c2 (inferred)`."""
    if not entry.made_by:
        return "maker not known"
    deed = "was there," if entry.was_there else "opened by" if _is_of_unknown_age(entry) else "by"
    return f"{deed} {' or '.join(entry.made_by)} ({entry.evidence})"


def _is_of_unknown_age(entry: FileEntry) -> bool:
    """Nobody knows whether it was there when it was opened."""
    was_made = entry.change in {FileChange.MADE, FileChange.MADE_AND_REMOVED}
    return not entry.was_there and not was_made


def _folder(folder: WatchedFolder) -> str:
    return printable(short_path(folder.path)) + (_BELOW if folder.is_recursive else "")


@dataclass(frozen=True, slots=True)
class _Columns:
    """Cells that the columns at the right take, the same on every line."""

    size: int
    word: int
    whom: tuple[int, ...]
    """For each way to say who made it, longest first."""

    @classmethod
    def of(cls, entries: Iterable[FileEntry]) -> _Columns:
        # One entry stands for all that read the same: there may be thousands.
        of_size: dict[int | None, FileEntry] = {}
        of_word: dict[tuple[FileRole, FileKind], FileEntry] = {}
        of_whom: dict[tuple[tuple[str, ...], Evidence, bool, bool], FileEntry] = {}
        for entry in entries:
            of_size[entry.size_bytes] = entry
            of_word[entry.role, entry.kind] = entry
            of_whom[entry.made_by, entry.evidence, entry.was_there, _is_of_unknown_age(entry)] = entry
        return cls(
            max((len(_size(entry)) for entry in of_size.values()), default=0),
            max((len(_word(entry)) for entry in of_word.values()), default=0),
            tuple(max((len(say(entry)) for entry in of_whom.values()), default=0) for say in _WAYS_TO_SAY_WHOM),
        )


def _size(entry: FileEntry) -> str:
    return "" if entry.size_bytes is None else size(entry.size_bytes)


def _word(entry: FileEntry) -> str:
    """What the file is, in a word or two."""
    if entry.role is FileRole.STRAY:
        return "STRAY" if entry.kind is FileKind.DATABASE else f"STRAY {_KIND_WORDS[entry.kind]}"
    return _KIND_WORDS[FileKind.TEMPORARY if entry.role is FileRole.TEMPORARY else entry.kind]


def _by_whom_short(entry: FileEntry) -> str:
    if not entry.made_by:
        return "?"
    if entry.was_there:
        return _WAS_THERE
    who = "/".join(entry.made_by)
    if _is_of_unknown_age(entry):
        return f"opened by {who}"
    return f"by {who}" if entry.evidence is Evidence.OBSERVED else f"{who} ({entry.evidence})"


def _whom(entry: FileEntry) -> str:
    """Only the connections, with a question mark where that is not observed; or that the file was there."""
    if entry.made_by and entry.was_there:
        return _WAS_THERE
    return "/".join(entry.made_by) + ("" if entry.made_by and entry.evidence is Evidence.OBSERVED else "?")


_SIDE_SUFFIXES = ("-journal", "-wal", "-shm")
_WAYS_TO_SAY_WHOM = (by_whom, _by_whom_short, _whom)


def _when(at: float, now: float) -> str:
    """The time of day, or how long ago where that is more than a day."""
    text = clock_time(at) if now - at < _DAY_SECONDS else f"{age(now - at)} ago"
    return text.rjust(8)


def _entry_lines(entries: Iterable[FileEntry], columns: _Columns, listing: FileListing) -> Iterator[Line]:
    for entry in _side_files_last(entries):
        yield Line(entry.path, partial(_entry, entry, columns=columns, now=listing.now), is_selectable=True)
        in_full = entry.path == listing.detailed
        by_itself = (listing.all_detailed or entry.role is FileRole.STRAY) and not entry.is_side_file
        if in_full or by_itself:
            yield from _details(entry, in_full=in_full, width=listing.width)


def _side_files_last(entries: Iterable[FileEntry]) -> Iterator[FileEntry]:
    """The same order, but a journal stands right below its database."""
    listed = tuple(entries)
    mains = {entry.path for entry in listed if not entry.is_side_file}
    below: dict[str, list[FileEntry]] = {}
    for entry in listed:
        if entry.is_side_file and _main_path(entry) in mains:
            below.setdefault(_main_path(entry), []).append(entry)
    for entry in listed:
        if entry in below.get(_main_path(entry), ()):
            continue
        yield entry
        yield from below.get(entry.path, ())


def _main_path(entry: FileEntry) -> str:
    return next((entry.path.removesuffix(s) for s in _SIDE_SUFFIXES if entry.path.endswith(s)), "")


def _entry(entry: FileEntry, *, columns: _Columns, now: float) -> Row:
    is_stray = entry.role is FileRole.STRAY
    is_quiet = entry.role in {FileRole.OTHER, FileRole.TEMPORARY} and entry.kind in {
        FileKind.OTHER,
        FileKind.TEMPORARY,
    }
    path_style = "bold $error" if is_stray else "$muted" if is_quiet else "$foreground"
    whom = [say(entry).ljust(cells) for say, cells in zip(_WAYS_TO_SAY_WHOM, columns.whom, strict=True)]
    left = (
        Part("▲" if is_stray else " ", "bold $error"),
        Part(_when(entry.at, now), "$muted", rank=7, shorter=("",)),
        Part(_SIGNS[entry.change], "bold $error" if is_stray else "bold $primary"),
        Part(printable(short_path(entry.path)), path_style, clip=Clip.START, least=14, keeps_room=True),
    )
    right = (
        Part(_size(entry).rjust(columns.size), "$muted", gap=2, rank=8, shorter=("",)),
        Part(_word(entry).ljust(columns.word), "bold $error" if is_stray else "$muted", gap=2),
        Part(whom[0], "$muted", gap=2, rank=9, shorter=tuple(whom[1:])),
    )
    return Row(left, right)


def _details(entry: FileEntry, *, in_full: bool, width: int) -> Iterator[Line]:
    """The string or the statement, and why the file is there; in full, the string that makes none as well."""
    most = 3 if in_full else 2 if entry.role is FileRole.STRAY else 1
    room = max(16, width - _DETAIL_INDENT - 1)
    opened = f"{place_words(entry.opener)} opened it" if entry.opener is not None else ""
    texts = [(entry.string, "$muted"), (opened, "$foreground"), (entry.statement, "$muted")]
    texts.append((entry.reason, "$foreground"))
    if in_full:
        if width < _WIDE_CELLS:
            texts.append((by_whom(entry), "$muted"))
        texts.append((f"instead: {entry.suggestion}" if entry.suggestion else "", "$primary"))
        texts.append(("it was there before this session" if entry.was_there else "", "$muted"))
    number = 0
    for text, style in texts:
        for piece in wrap_cells(printable(text), room, most=most):
            row = Row((Part(" " * _DETAIL_INDENT), Part(piece, style, clip=Clip.END)))
            yield Line(f"{entry.path}#{number}", partial(_same, row), owner=entry.path)
            number += 1


def _same(row: Row) -> Row:
    return row


def _others(view: FilesView, *, show_others: bool) -> Row:
    words = f"{count(view.other_count, 'other')}, not SQLite"
    listed = len(view.others)
    if show_others and listed < view.other_count:
        words += f", the newest {listed} listed"
    return Row(
        (
            Part("▼" if show_others else "►", "$muted"),
            Part(words, "$muted", clip=Clip.END),
            Part(f"· o {'hides' if show_others else 'shows'} them", "$faint", rank=1, shorter=("",)),
        )
    )


def _problem(folder: WatchedFolder) -> Row:
    return Row(
        (
            Part("!", "bold $error"),
            Part(f"{printable(short_path(folder.path))} is not watched:", "$error", clip=Clip.START, least=20),
            Part(printable(folder.problem), "$foreground", clip=Clip.END),
        )
    )


def _empty_lines(width: int) -> Iterator[Line]:
    texts = (
        ("No file yet: everything so far is in memory.", "$foreground"),
        ("Files that your SQL or a connection string makes appear here, with who made them.", "$muted"),
        ("To see one: VACUUM INTO 'copy.db'.", "$muted"),
    )
    pieces = [(piece, style) for text, style in texts for piece in wrap_cells(text, max(16, width - 1), most=3)]
    for number, (text, style) in enumerate(pieces):
        yield Line(f"#{number}", partial(_same, Row((Part(f" {text}", style),))))
