"""The thread of the probe: it talks to clients, watches deadlines, tells what is new, and waits for nobody."""

from __future__ import annotations

import _socket
import select
import time
from collections import deque

from .channel import Channel, identity, out_of_the_way, peer_is_me
from .threads import Thread
from .wire import Refusal, WireError, notification, refusal, request_of, result

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable

    from .guard import Failures
    from .recorder import Recorder
    from .requests import Requests
    from .telling import Telling
    from .wire import Request

_PACE_SECONDS = 0.05
"""States go out at least this far apart."""
_SHARE = 20
"""At most this part of the time, one in so many, is spent on making states."""
_LOOK_SECONDS = 0.25
"""How often what gives no notice of its change is looked at while a client is there."""
_BREATH_SECONDS = 0.0005
_DEADLINE_SECONDS = 0.005
"""How often what runs is looked at, and interrupted when it is due."""
_LAST_SECONDS = 0.5
"""How long a client may take to read what is sent to it last."""
_MOST_CHANNELS = 16
_MOST_TROUBLES = 5


class Server:
    """The clients of this process.

    Args:
        telling: Makes states.
        recorder: Says when there is news.
        failures: Keeps what went wrong.
        token: What clients of the listening socket have to know.
    """

    def __init__(self, telling: Telling, recorder: Recorder, failures: Failures, token: str) -> None:
        self.requests: Requests | None = None
        self.token = token
        self.is_guest = False
        """Brought for the sake of its clients alone: everything is taken out with the last of them."""
        self.on_detach: Callable[[], None] = _nothing
        """Called in the server's thread when everything is to be taken out, before the last words."""
        self.on_lost: Callable[[], None] = _nothing
        """Called in the server's thread when the program has closed the descriptor of a hub."""
        self.on_dropped: Callable[[], None] = _nothing
        """Called in the server's thread as the last thing, when it ends by itself."""
        self._telling = telling
        telling.breathe = self._breathe
        self._recorder = recorder
        self._failures = failures
        self._channels: list[Channel] = []
        self._arriving: deque[Channel] = deque()
        self._expected: deque[None] = deque()
        self._listener: _socket.socket | None = None
        self._thread: Thread | None = None
        self._wakers: tuple[_socket.socket, _socket.socket] | None = None
        self._waker_identity: tuple[int, int] | None = None
        self._read_identity: tuple[int, int] | None = None
        self._is_stopping = False
        self._last_words_until: float | None = None
        self._is_detaching = False
        self._version = 0
        self._told_at = float("-inf")
        self._next_state_at = 0.0
        self._next_look_at = 0.0
        self._troubles = 0

    @property
    def is_running(self) -> bool:
        """The thread runs."""
        return self._thread is not None

    @property
    def newest(self) -> Channel | None:
        """The client that came last of those that have said hello; None where there is none."""
        return next((c for c in reversed(list(self._channels)) if c.is_greeted and not c.is_gone), None)

    def add(self, channel: Channel) -> None:
        """Take a client; from any thread."""
        self._arriving.append(channel)
        self.wake()

    def expect(self) -> bool:
        """Say that a client is about to be added, so that a guest stays for it; `expect_no_more` takes it back.

        Returns:
            False when everything is taken out, because the last client went: that is over then.
        """
        # Each says what it is about to do before it looks at what the other does.
        self._expected.append(None)
        while self._is_detaching:
            thread = self._thread
            if thread is None:
                return False
            thread.join(_DEADLINE_SECONDS)
        return True

    def expect_no_more(self) -> None:
        """The client that was expected has been added, or does not come."""
        self._expected.pop()
        self.wake()

    def listen(self, listener: _socket.socket) -> None:
        """Take clients from a listening socket; before `start`."""
        listener.setblocking(False)
        self._listener = listener
        self.is_guest = False

    def start(self) -> None:
        """Start the thread, if it does not run.

        Raises:
            OSError, RuntimeError: There are no more descriptors, or no thread can be started.
        """
        if self._thread is not None:
            return
        if self._wakers is None:
            self._make_wakers()
        self._is_stopping = False
        self._thread = Thread(self._run)

    def wake(self) -> None:
        """Let the thread look up; from any thread, and from code that must not raise."""
        wakers = self._wakers
        if wakers is not None:
            try:
                # A program may close all descriptors, and use their numbers again.
                if identity(wakers[1].fileno()) == self._waker_identity:
                    wakers[1].send(b"\0")
            except OSError:
                # Woken already, or ending.
                return

    def pause(self, seconds: float) -> bool:
        """Stop the thread and what it runs, and keep the clients; False if it has not ended in time."""
        thread = self._thread
        if thread is None:
            return True
        self._is_stopping = True
        self.wake()
        if thread.is_me() or not thread.join(seconds):
            return False
        self._thread = None
        return self.requests is None or self.requests.work.stop(seconds)

    def idents(self) -> set[int]:
        """The threads of ours that run, those that begin or end at this moment among them."""
        threads = (self._thread, None if self.requests is None else self.requests.work.thread)
        # What has ended altogether has given its number away.
        return {thread.ident for thread in threads if thread is not None and not thread.join(0)}

    def release(self, channel: Channel) -> None:
        """Close a client's socket as soon as what waits for it has been sent; from any thread."""
        channel.is_ending = True
        self.wake()

    def rest(self, seconds: float) -> None:
        """End the thread and close the sockets, if there is no client any more and nobody can come."""
        if self._listener is not None or any(not c.is_ending and not c.is_gone for c in list(self._channels)):
            return
        if self.pause(seconds):
            for channel in self._channels:
                channel.flush()
            self.drop()

    def resume(self) -> None:
        """Go on after `pause`, if there is anybody to go on for.

        Raises:
            OSError, RuntimeError: As `start`.
        """
        thread = self._thread
        if thread is not None and not thread.join(0):
            # It did not end in time, and need not any more.
            self._is_stopping = False
            if not thread.join(0):
                return
        self._thread = None
        if self._wakers is not None:
            self.start()

    def become_child(self) -> None:
        """This is the child of a fork: the thread and the clients are the parent's."""
        self._thread = None
        self.drop()
        self._last_words_until = None
        self._is_stopping = False

    def finish(self, seconds: float) -> None:
        """Send the last state to all clients, at most so long, and end the thread; for the end of the program."""
        thread = self._thread
        if thread is not None and not thread.is_me():
            self._last_words_until = time.monotonic() + seconds
            self.wake()
            if not thread.join(seconds + _DEADLINE_SECONDS):
                self.pause(_DEADLINE_SECONDS)
        self.drop()

    def drop(self) -> None:
        """Close every socket of ours in this process; other processes keep theirs."""
        for channel in [*self._channels, *self._arriving]:
            channel.close()
        self._channels.clear()
        self._arriving.clear()
        for sock in (self._listener, *(self._wakers or ())):
            if sock is not None:
                sock.close()
        self._listener = self._wakers = None

    def _run(self) -> None:
        while not self._is_stopping:
            try:
                self._turn()
            except Exception as error:  # noqa: BLE001 - the edge: nothing may end this thread unseen
                self._failures.keep("While clients were served", error)
                self._troubles += 1
                if self._troubles >= _MOST_TROUBLES:
                    break
        if self._is_detaching or self._troubles >= _MOST_TROUBLES:
            self.drop()
            try:
                self.on_dropped()
            except Exception as error:  # noqa: BLE001 - as above
                self._failures.keep("When everything was taken out", error)
            self._thread = None

    def _turn(self) -> None:
        while self._arriving:
            self._channels.append(self._arriving.popleft())
        self._part_from_the_gone()
        if self.is_guest and not (self._channels or self._is_stopping) and self._may_leave():
            self._leave()
            return
        self._wait_and_serve()
        if self.requests is not None:
            self.requests.go_on()
        for channel in self._channels:
            if channel.is_ending:
                channel.flush()
        self._tell()
        self._speak_last_words()

    def _part_from_the_gone(self) -> None:
        """Keep no client whose socket is closed: it has no descriptor to wait for, and wants nothing more."""
        for channel in self._channels:
            if channel.is_gone and self.requests is not None:
                self.requests.left(channel)
        has_lost = any(channel.is_hub and channel.is_lost for channel in self._channels)
        self._channels = [channel for channel in self._channels if not channel.is_gone]
        if has_lost and not self._is_stopping:
            self.on_lost()

    def _wait_and_serve(self) -> None:
        poller = select.poll()
        by_descriptor = {}
        if self._wakers is not None:
            poller.register(self._wakers[0].fileno(), select.POLLIN)
        if self._listener is not None:
            poller.register(self._listener.fileno(), select.POLLIN)
        for channel in self._channels:
            wanted = (select.POLLIN if channel.may_ask else 0) | (select.POLLOUT if channel.has_outgoing else 0)
            by_descriptor[channel.sock.fileno()] = channel
            poller.register(channel.sock.fileno(), wanted)
        for descriptor, event in poller.poll(self._patience()):
            found = by_descriptor.get(descriptor)
            if found is not None:
                self._serve(found, event)
            elif self._wakers is not None and descriptor == self._wakers[0].fileno():
                self._look_up()
            elif self._listener is not None and descriptor == self._listener.fileno():
                self._accept()

    def _patience(self) -> int | None:
        """How long to sleep, in milliseconds; None until something happens."""
        now = time.monotonic()
        due = []
        if self.requests is not None:
            due.append(self.requests.due(now, _DEADLINE_SECONDS))
        if self._last_words_until is not None:
            due.append(self._last_words_until if self._awaits_hello() else now)
        if any(channel.is_greeted for channel in self._channels):
            due.append(self._next_look_at)
            if self._recorder.has_news or any(self._is_behind(channel) for channel in self._channels):
                due.append(self._next_state_at)
        soonest = min((at for at in due if at is not None), default=None)
        return None if soonest is None else max(0, int((soonest - now) * 1000) + 1)

    def _is_behind(self, channel: Channel) -> bool:
        return channel.is_greeted and not channel.has_outgoing and channel.told_version < self._version

    def _leave(self) -> None:
        """The last client has hung up."""
        self._is_stopping = True
        if self.requests is not None:
            self.requests.work.stop(_LAST_SECONDS)
        self.on_detach()

    def _may_leave(self) -> bool:
        """Whether nobody is expected; from then on whoever would come waits until everything is taken out."""
        self._is_detaching = True
        if self._arriving or self._expected:
            self._is_detaching = False
        return self._is_detaching

    def _awaits_hello(self) -> bool:
        """A hub that we have connected to has not said anything yet."""
        return any(channel.is_hub and not channel.is_greeted and not channel.is_gone for channel in self._channels)

    def _look_up(self) -> None:
        wakers = self._wakers
        if wakers is None:
            return
        try:
            self._read_waker(wakers[0])
        except BlockingIOError:
            return
        except OSError:
            # The program has closed all descriptors, ours too.
            self._wakers = None
            for waker in wakers:
                waker.detach()
            self._make_wakers()

    def _make_wakers(self) -> None:
        ours, theirs = _socket.socketpair()
        self._wakers = out_of_the_way(ours), out_of_the_way(theirs)
        for waker in self._wakers:
            waker.setblocking(False)
        self._waker_identity = identity(self._wakers[1].fileno())
        self._read_identity = identity(self._wakers[0].fileno())

    def _read_waker(self, waker: _socket.socket) -> None:
        if identity(waker.fileno()) != self._read_identity:
            raise OSError("the descriptor is another's now")
        waker.recv(4096)

    def _accept(self) -> None:
        listener = self._listener
        if listener is None:
            return
        try:
            # Where the descriptor is no longer open, this fails.
            descriptor, _ = listener._accept()  # type: ignore[attr-defined]  # noqa: SLF001 - the C class has no other
        except BlockingIOError:
            return
        except OSError:
            self._listener = None
            listener.detach()
            return
        sock = out_of_the_way(_socket.socket(fileno=descriptor))
        if not peer_is_me(sock) or len(self._channels) >= _MOST_CHANNELS:
            sock.close()
            return
        self._channels.append(Channel(sock, self.token))

    def _serve(self, channel: Channel, event: int) -> None:
        if event & select.POLLNVAL:
            channel.close()
            return
        if event & select.POLLOUT:
            channel.flush()
        if event & (select.POLLIN | select.POLLHUP | select.POLLERR) and not channel.is_ending:
            try:
                for line in channel.read():
                    self._handle(channel, request_of(line))
                    if channel.is_ending or channel.is_gone:
                        break
            except WireError as error:
                channel.is_ending = True
                channel.send(refusal(None, Refusal(str(error), code=-32700)))

    def _handle(self, channel: Channel, request: Request) -> None:
        requests = self.requests
        if requests is None or request.id is None:
            return
        try:
            if not channel.is_greeted:
                answer: str | None = requests.hello(channel, request)
            else:
                answer = requests.answer(channel, request)
        except Refusal as error:
            if not channel.is_greeted:
                channel.is_ending = True
            channel.send(refusal(request.id, error))
            return
        except Exception as error:  # noqa: BLE001 - the edge: one request, one answer
            self._failures.keep(f"While {request.method} was answered", error)
            channel.send(refusal(request.id, Refusal(f"The probe failed: {error}.", code=-32603)))
            return
        if answer is not None:
            channel.send(result(request.id, answer))

    def detach(self, channel: Channel) -> bool:
        """A client goes; True where everything is taken out with it, and it is sent the last words."""
        others = (c for c in [*self._channels, *self._arriving] if c is not channel and not c.is_gone)
        if not self.is_guest or any(others) or not self._may_leave():
            channel.is_ending = True
            return False
        self._last_words_until = time.monotonic() + _LAST_SECONDS
        return True

    def _tell(self) -> None:
        now = time.monotonic()
        greeted = [channel for channel in self._channels if channel.is_greeted and not channel.is_ending]
        if not greeted or self._last_words_until is not None:
            return
        if now >= self._next_look_at:
            began = time.thread_time()
            if self._telling.refresh():
                self._recorder.has_news = True
            self._next_look_at = time.monotonic() + max(_LOOK_SECONDS, _SHARE * (time.thread_time() - began))
        is_awaited = not all(channel.told_version for channel in greeted)
        if now < self._next_state_at and not is_awaited:
            # News stays news until then, so that the program's threads need not wake this one for more of it.
            return
        if self._recorder.has_news:
            due = self._told_at + _SHARE * self._telling.expected_seconds
            if now < due and not is_awaited:
                # Of a program that opens thousands at once a state would take more than its share just now.
                self._next_state_at = due
                return
            # What a client has not been told yet is one version: the newest.
            self._version += 1
            self._recorder.has_news = False
        behind = [channel for channel in greeted if self._is_behind(channel)]
        if not behind:
            return
        began = time.thread_time()
        message = notification("state", self._telling.json())
        self._told_at = time.monotonic()
        self._next_state_at = self._told_at + max(_PACE_SECONDS, _SHARE * (time.thread_time() - began))
        for channel in behind:
            channel.told_version = self._version
            channel.send(message)

    def _breathe(self) -> None:
        """Let the program have the interpreter for a while, unless it waits for the end of this thread."""
        if not self._is_stopping and self._last_words_until is None:
            time.sleep(_BREATH_SECONDS)

    def _speak_last_words(self) -> None:
        until = self._last_words_until
        if until is None or (self._awaits_hello() and time.monotonic() < until):
            return
        if self.requests is not None:
            self.requests.work.stop(max(0.0, until - time.monotonic()))
            self.requests.go_on()
        if self._is_detaching:
            self.on_detach()
        message = notification("bye", f'{{"state":{self._telling.json()}}}')
        for channel in self._channels:
            if channel.is_greeted:
                channel.send(message)
        while time.monotonic() < until and (waiting := [c for c in self._channels if c.has_outgoing]):
            poller = select.poll()
            for channel in waiting:
                poller.register(channel.sock.fileno(), select.POLLOUT)
            poller.poll(max(1, int((until - time.monotonic()) * 1000)))
            for channel in waiting:
                channel.flush()
        for channel in self._channels:
            channel.close()
        self._part_from_the_gone()
        self._last_words_until = None
        self._is_stopping = True


def _nothing() -> None:
    return
