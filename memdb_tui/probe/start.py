"""The ways in: what a followed program, `listen()`, `inspect()` and the pytest plugin call."""

from __future__ import annotations

import os
import sys

from . import hub, listening
from .channel import Channel, out_of_the_way
from .inline import Inline
from .moments import AtForkAndExit
from .places import of_the_program, sites_of, told
from .process import current_folder
from .standing import Standing
from .threads import with_lock
from .wire import from_json

TYPE_CHECKING = False
if TYPE_CHECKING:
    import socket
    from collections.abc import Collection
    from types import ModuleType
    from typing import Any

    from .places import Stack

PRIVATE_NAME = "_memdb_tui_probe"
"""What this package is called where memdb-tui is not installed."""

_moments = AtForkAndExit()
_listening: list[listening.Listening] = []
_coming: list[None] = []


def start_followed(options: dict[str, Any]) -> None:
    """See connections from now on, and tell the hub; for the start of a program, and for `sys.remote_exec`.

    Args:
        options: Of MEMDB_TUI_RUN: `socket`, `token`, `follow`, `trace`, `patience`.

    Raises:
        OSError, RuntimeError: The hub cannot be reached; the program goes on without us.
    """
    _come(options, follows=bool(options.get("follow")), searches=False)


def start_remote(options: dict[str, Any]) -> None:
    """As `start_followed`, in a program that has long begun: what is older than our arrival is looked for.

    Where nothing of ours stood before, nothing stays when the last client has hung up. A hub is met once.

    Raises:
        OSError, RuntimeError: The hub cannot be reached; what stood here before stays.
    """
    there = _there()
    if there is not None:
        there.start_remote(options)
    elif not _coming:
        # Another script may come into the midst of this one, in this very thread; it is handed over again.
        _coming.append(None)
        try:
            _come(options, follows=False, searches=True)
        finally:
            _coming.pop()


def record() -> None:
    """See connections from now on, and look for the older ones; no thread stays, no socket. May be called again."""
    there = _there()
    if there is not None:
        there.record()
        return
    with _Arriving() as was_standing:
        if not was_standing:
            _stand().find_older_elsewhere()


def state(without: Collection[str] = ()) -> Any:  # noqa: ANN401 - a JSON object
    """The `state` object now, without a client.

    Args:
        without: The ids of connections that are not to be listed.
    """
    there = _there()
    if there is not None:
        return there.state(without)
    with _Arriving():
        return from_json(_stand().telling.json(without).encode())


def detach() -> None:
    """Take everything of ours out; may be called again."""
    there = _there()
    if there is not None:
        there.detach()
        return
    standing = _moments.standing
    if standing is not None:
        _moments.standing = None
        standing.take_out()
        standing.server.finish(0.5)
    _close_listening()


def listen(name: str | None = None) -> str:
    """Let `memdb-tui attach` in, from now on; may be called again.

    Args:
        name: What it can be found by, besides its process id.

    Returns:
        What to attach to: the name, or the process id.

    Raises:
        OSError: The socket cannot be made.
    """
    there = _there()
    if there is not None:
        return str(there.listen(name))
    with _Arriving() as was_standing:
        standing = _stand()
        if not was_standing:
            # Before anybody can come in and be told what there is.
            standing.find_older_elsewhere()
            standing.look_at_own()
        if not (_listening and standing.server.is_listening):
            # The program may have closed the socket.
            name = name or (_listening[0].name if _listening else None)
            _close_listening()
            _listen(standing, name)
        elif name:
            _listening[0].rename(name)
    return name or _listening[0].name or str(os.getpid())


def stop() -> None:
    """Take everything of ours out, as `detach`."""
    detach()


def serve_inline(
    sock: socket.socket,
    token: str,
    *,
    waiting: str = "inspect",
    why: str = "",
    stack: Stack | None = None,
) -> None:
    """Serve a client until it lets the program go on; the calling thread does what only it may do.

    Args:
        sock: Connected to the client; it stays the caller's to close.
        token: What the client has to know.
        waiting: What the program is said to wait in.
        why: What is said of it meanwhile, a whole sentence; empty for nothing.
        stack: Where the program stands, or where the failure was raised that is looked at; as `places` has it.

    Raises:
        OSError, RuntimeError: There are no more descriptors, or no thread can be started.
    """
    there = _there()
    if there is not None:
        there.serve_inline(sock, token, waiting=waiting, why=why, stack=stack)
        return
    import _socket  # noqa: PLC0415 - C

    with _Arriving():
        record()
        standing = _stand()
        server = standing.server
        was_running = server.is_running
        channel = Channel(out_of_the_way(_socket.socket(fileno=os.dup(sock.fileno()))), token)
        server.add(channel)
    try:
        server.start()
        with_lock(standing.waiting_alone, lambda: _wait_for(standing, channel, waiting, why, stack))
    finally:
        server.release(channel)
        if not was_running:
            server.rest(1.0)


def wait_for_client(why: str = "", stack: Stack | None = None) -> bool:
    """Wait in the client that is there already, until it lets the program go on; False where there is none.

    A hub that this process has come to counts as soon as it has said hello, which is waited for.

    Args:
        why: As of `serve_inline`.
        stack: As of `serve_inline`.
    """
    there = _there()
    if there is not None:
        return bool(there.wait_for_client(why, stack))
    standing = _moments.standing
    if standing is None:
        return False

    def wait() -> bool:
        # Whoever had to wait for another thread may find that the client has gone with that one.
        channel = standing.server.newest_met()
        if channel is not None:
            _wait_for(standing, channel, "inspect", why, stack)
        return channel is not None

    return bool(with_lock(standing.waiting_alone, wait))


def _wait_for(standing: Standing, channel: Channel, waiting: str, why: str, stack: Stack | None) -> None:
    cwd = current_folder()
    inline = Inline(channel)
    standing.look_at_own()
    standing.requests.inline = inline
    standing.telling.waits(waiting, why, [told(site, cwd) for site in of_the_program(sites_of(stack or []))])
    standing.recorder.news()
    try:
        if not channel.is_gone:
            inline.wait()
    finally:
        standing.requests.inline = None
        standing.telling.waits_no_more()
        standing.recorder.news()


class ours:  # noqa: N801 - used like a function: `with ours():`
    """What is done within is memdb-tui's own.

    What is started is not listed among what could not be followed; what this thread opens is not recorded.
    """

    def __enter__(self) -> None:
        """Begin."""
        there = _there()
        moments = _moments if there is None else there._moments  # noqa: SLF001 - this module, under another name
        self._here = None if moments.standing is None else moments.standing.recorder.local.here
        if self._here is not None:
            self._before, self._here.is_ours = self._here.is_ours, True

    def __exit__(self, *_: object) -> None:
        """End."""
        if self._here is not None:
            self._here.is_ours = self._before


def _come(options: dict[str, Any], *, follows: bool, searches: bool) -> None:
    with _Arriving() as was_standing:
        _join(options, follows=follows, searches=searches, was_standing=was_standing)


class _Arriving:
    """While somebody is about to come, what stands here stays.

    Gives whether something stands here; what is just being taken out is waited for, and does not.
    """

    def __enter__(self) -> bool:
        """Begin."""
        standing = _moments.standing
        self._server = standing.server if standing is not None and standing.server.expect() else None
        return self._server is not None

    def __exit__(self, *_: object) -> None:
        """They have come, or do not."""
        if self._server is not None:
            self._server.expect_no_more()


def _join(options: dict[str, Any], *, follows: bool, searches: bool, was_standing: bool) -> None:
    standing = _stand(follows=follows, trace=bool(options.get("trace")))
    if not was_standing:
        standing.server.is_guest = searches
        standing.patience = float(options.get("patience", standing.patience))
    path, token = str(options["socket"]), str(options["token"])
    if path in standing.hubs:
        return
    standing.hubs.add(path)

    def reconnect() -> None:
        standing.meet(hub.connect(path), token)

    standing.reconnect.append(reconnect)
    try:
        if searches:
            # Before the hub is met: the first that it is told holds them.
            standing.find_older_elsewhere()
        reconnect()
    except BaseException:
        standing.reconnect.remove(reconnect)
        standing.hubs.remove(path)
        if not was_standing:
            detach()
        raise
    if os.environ.get("MEMDB_TUI_LISTEN") == "1":
        try:
            listen()
        except OSError as error:
            standing.failures.keep("While a socket for memdb-tui attach was made", error)


def _stand(*, follows: bool = False, trace: bool = False) -> Standing:
    standing = _moments.standing
    if standing is None:
        standing = Standing(os.urandom(16).hex(), follows=follows, trace=trace)
        _moments.register(standing)
        standing.server.on_dropped = _forget
    standing.put_in()
    return standing


def _listen(standing: Standing, name: str | None) -> None:
    place = listening.Listening(standing.server.token, name)
    standing.server.pause(1.0)
    standing.server.listen(place.sock)
    _listening.append(place)
    if _listen_anew not in standing.reconnect:
        standing.reconnect.append(_listen_anew)
    standing.on_end = _close_listening
    standing.server.start()


def _listen_anew() -> None:
    """In the child of a fork: the files are the parent's."""
    standing = _moments.standing
    if standing is not None and _listening:
        _listening.clear()
        _listen(standing, None)


def _forget() -> None:
    """A client had everything taken out."""
    _moments.standing = None
    _close_listening()


def _close_listening() -> None:
    while _listening:
        _listening.pop().close()


def _there() -> ModuleType | None:
    """This module where the followed program has it already, under its private name."""
    module = sys.modules.get(f"{PRIVATE_NAME}.start")
    return module if module is not None and module.__name__ != __name__ else None
