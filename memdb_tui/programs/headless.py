"""A program run without a screen: it keeps its standard streams and its terminal, and a report is made of it."""

from __future__ import annotations

import asyncio
import contextlib
import os
import signal
import time
from collections.abc import Callable, Iterator
from pathlib import Path

from memdb_tui.errors import UsageError
from memdb_tui.files.watcher import SessionFiles
from memdb_tui.model import FileEntry, HostFacts, Snapshot
from memdb_tui.programs.hub import Hub
from memdb_tui.programs.options import RunOptions
from memdb_tui.programs.picture import ProgramsPicture, one_after_the_other
from memdb_tui.programs.report import Report, files_of, report_of
from memdb_tui.programs.unreached import unreached, why_unreached, words_while_alone

_SHOW_SECONDS = 0.2
"""How often the files learn from the picture while the program runs."""
_SHOW_SHARE = 8
"""At most this part of the time, one in so many, is spent on that: of thousands of connections it takes long, and
meanwhile no process is listened to that says its last words."""

_LAST_WORDS_SECONDS = 3.0
_PATIENCE_SECONDS = 5.0
"""Here nobody looks, and the report is all there is: it must not depend on how busy the machine was at the end."""
_FILES_SECONDS = 3.0
_PASSED_ON = (signal.SIGTERM, signal.SIGHUP, signal.SIGUSR1, signal.SIGUSR2)
_OF_THE_TERMINAL = (signal.SIGINT, signal.SIGQUIT)


async def run_headless(options: RunOptions) -> Report:
    """Run a program to its end; its exit status stands in the report.

    Raises:
        UsageError: It cannot be started.
        MemdbError: There is no folder for the socket that it would connect to.
    """
    loop = asyncio.get_running_loop()
    news = asyncio.Event()

    def on_files() -> None:
        loop.call_soon_threadsafe(news.set)

    files = SessionFiles(options.cwd, options.watch, on_files)
    hub = Hub()
    try:
        await hub.start()
        files.start()
        # What a short program does in its first milliseconds is to be seen, and its first words heard at once.
        await _until(news, lambda: files.view().is_live)
        started_at = time.time()
        status, pid = await _run(options, hub, files)
        hub.note_exit(pid, status)
        await hub.settled(_LAST_WORDS_SECONDS)
        picture = hub.full_picture()
        if not any(program.pid == pid for program in picture.programs):
            why = hub.untold.get(pid) or why_unreached(options.argv, cwd=options.cwd)
            if not picture.programs and pid not in hub.untold:
                why = f"{why} {words_while_alone(options.argv, cwd=options.cwd)}".rstrip()
            unseen = unreached(options.argv, pid, cwd=options.cwd, status=status, started_at=started_at, why=why)
            picture = one_after_the_other([ProgramsPicture(programs=(unseen,)), picture])
        _show(files, picture, options.cwd, pid)
        await asyncio.to_thread(files.catch_up, _FILES_SECONDS)
        # As they lie there now.
        await _until(news, lambda: all(map(_is_told, files.view().entries)))
        found = files_of(
            files.view(),
            picture.programs,
            has_others=bool(hub.untold or hub.refusals) or not options.follow,
            is_traced=options.trace,
        )
        others = (f"Process {each}: {why}" for each, why in hub.untold.items() if each != pid)
        notes = (*hub.refusals, *others)
        return report_of(picture, found, command=options.argv, exit_status=status, notes=notes)
    finally:
        await asyncio.to_thread(files.close)
        await hub.close()


async def _run(options: RunOptions, hub: Hub, files: SessionFiles) -> tuple[int, int]:
    """Start it, pass signals on, wait for its end; returns its status and pid."""
    environment = hub.environment(os.environ, follow=options.follow, trace=options.trace, patience=_PATIENCE_SECONDS)
    with _signals_of(asyncio.get_running_loop()) as waiting:
        try:
            process = await asyncio.create_subprocess_exec(
                *options.argv,
                cwd=options.cwd,
                env=environment,
                # What was inherited on purpose goes on to the program; nothing of ours can be inherited.
                close_fds=False,
            )
        except OSError as error:
            raise UsageError(f"{options.argv[0]} cannot be started: {error.strerror or error}.") from error

        ended = asyncio.create_task(process.wait())
        shown, next_show_at = None, 0.0
        try:
            while not ended.done():
                arrived = asyncio.create_task(waiting.get())
                await asyncio.wait({ended, arrived}, timeout=_SHOW_SECONDS, return_when=asyncio.FIRST_COMPLETED)
                if arrived.done():
                    with contextlib.suppress(ProcessLookupError):
                        process.send_signal(arrived.result())
                else:
                    arrived.cancel()
                began = time.monotonic()
                if began >= next_show_at and hub.picture() is not shown:
                    shown = hub.picture()
                    _show(files, shown, options.cwd, process.pid)
                    next_show_at = began + _SHOW_SHARE * (time.monotonic() - began)
        finally:
            ended.cancel()
        return await process.wait(), process.pid


@contextlib.contextmanager
def _signals_of(loop: asyncio.AbstractEventLoop) -> Iterator[asyncio.Queue[int]]:
    """The signals to pass on, as they come; those we were started to ignore stay ignored here and there."""
    waiting: asyncio.Queue[int] = asyncio.Queue()
    watched = [
        number for number in (*_PASSED_ON, *_OF_THE_TERMINAL) if signal.getsignal(number) is not signal.SIG_IGN
    ]

    def take(number: int) -> None:
        # What the terminal sends goes to the whole group in the foreground: the program has it already.
        if number in _PASSED_ON or not _is_in_foreground():
            waiting.put_nowait(number)

    for number in watched:
        loop.add_signal_handler(number, take, number)
    try:
        yield waiting
    finally:
        for number in watched:
            loop.remove_signal_handler(number)


def _is_in_foreground() -> bool:
    try:
        terminal = os.open("/dev/tty", os.O_RDONLY | os.O_NOCTTY)
    except OSError:
        return False
    try:
        return os.tcgetpgrp(terminal) == os.getpgrp()
    except OSError:
        return False
    finally:
        os.close(terminal)


def _show(files: SessionFiles, picture: ProgramsPicture, cwd: str, pid: int) -> None:
    first = next((program for program in picture.programs if program.pid == pid), None)
    facts = HostFacts(
        pid=pid,
        cwd=cwd,
        python_version=first.python_version if first is not None else "",
        sqlite_version=first.sqlite_version if first is not None else "",
        sqlalchemy_version=first.sqlalchemy_version if first is not None else "",
        temporary_folders=_temporary_folders(),
        has_manual_mode=False,
        native="",
        started_at=first.started_at if first is not None else 0.0,
    )
    files.show_snapshot(
        Snapshot(0, facts, picture.connections, picture.caches, picture.touches, programs=picture.programs)
    )


def _temporary_folders() -> tuple[str, ...]:
    """Where SQLite of the program puts temporary files: https://sqlite.org/tempfiles.html."""
    wanted = [os.environ.get("SQLITE_TMPDIR"), os.environ.get("TMPDIR"), "/var/tmp", "/usr/tmp", "/tmp"]  # noqa: S108 - SQLite's own list
    return tuple(dict.fromkeys(os.path.realpath(each) for each in wanted if each and Path(each).is_dir()))


async def _until(news: asyncio.Event, is_so: Callable[[], bool]) -> None:
    """Wait until that is so of the files, but not for ever."""
    with contextlib.suppress(TimeoutError):
        async with asyncio.timeout(_FILES_SECONDS):
            while not is_so():
                news.clear()
                await news.wait()


def _is_told(entry: FileEntry) -> bool:
    return (entry.size_bytes is not None) == os.path.lexists(entry.path)
