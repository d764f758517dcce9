"""The thread of the probe: it talks to clients, watches deadlines, tells what is new, and waits for nobody."""

from __future__ import annotations

import select
from collections import deque

from .bare import clock, pause, poll
from .channel import Channel
from .collector import collectable, pause_collectable
from .door import Door
from .serving import Serving
from .states import States
from .talk import talk
from .waker import Waker
from .wire import Refusal, notification, refusal

TYPE_CHECKING = False
if TYPE_CHECKING:
    import _socket
    from collections.abc import Callable

    from .guard import Failures
    from .recorder import Recorder
    from .requests import Requests
    from .telling import Telling

_BREATH_SECONDS = 0.0005
_DEADLINE_SECONDS = 0.005
"""How often what runs is looked at, and interrupted when it is due."""
_LAST_SECONDS = 0.5
"""How long a client may take to read what is sent to it last."""
_SETTLING_SECONDS = 0.25
_HELLO_SECONDS = 10.0
"""How long whoever comes in may say nothing."""
_MOST_CHANNELS = 16


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
        self._door: Door | None = None
        self._serving = Serving(self._turn, self._at_end, failures)
        self._waker: Waker | None = None
        self._states = States(telling, recorder)
        self._last_words_until: float | None = None
        self._hurries_until: float | None = None
        self._is_detaching = False

    @property
    def is_running(self) -> bool:
        """The thread runs."""
        return self._serving.is_running

    @property
    def is_listening(self) -> bool:
        """Clients can come in by a listening socket."""
        return self._door is not None

    @property
    def newest(self) -> Channel | None:
        """The client that came last of those that have said hello; None where there is none."""
        return next((c for c in reversed(list(self._channels)) if c.is_greeted and not c.is_gone), None)

    def newest_met(self, seconds: float = _HELLO_SECONDS) -> Channel | None:
        """As `newest`; where there is none, a hub that we have connected to may take so long to say hello."""
        until = clock.monotonic() + seconds
        while self._awaits_hello() and self.newest is None and clock.monotonic() < until:
            pause(_BREATH_SECONDS)
        return self.newest

    def add(self, channel: Channel) -> None:
        """Take a client; from any thread."""
        self._arriving.append(channel)
        self.wake()

    def expect(self) -> bool:
        """Say that a client is about to be added, so that a guest stays for it; `expect_no_more` takes it back.

        Returns:
            False when everything is taken out, because the last client went: that is over then.
        """
        # Both sides first say what they are about to do and then look at the other, so at least one of them sees it.
        self._expected.append(None)
        while self._is_detaching:
            thread = self._serving.thread
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
        if self._door is not None:
            self._door.close()
        self._door = Door(listener)
        self.is_guest = False

    def start(self) -> None:
        """Start the thread, if it does not run; while somebody forks it is left to who forks.

        Raises:
            OSError, RuntimeError: There are no more descriptors, or no thread can be started.
        """
        if self._waker is None:
            self._waker = Waker()
        self._serving.start()

    def wake(self) -> None:
        """Let the thread look up; from any thread, and from code that must not raise."""
        waker = self._waker
        if waker is not None:
            waker.wake()

    def pause(self, seconds: float) -> bool:
        """Stop the thread and what it runs, and keep the clients; False if it has not ended in time."""
        if not self._serving.stop(seconds, self.wake):
            return False
        return self.requests is None or self.requests.work.stop(seconds)

    def idents(self) -> set[int]:
        """The identifiers of our threads, of one that is just beginning or ending too."""
        threads = (self._serving.thread, None if self.requests is None else self.requests.work.thread)
        # What has ended altogether has given its number away.
        return {thread.ident for thread in threads if thread is not None and not thread.join(0)}

    def release(self, channel: Channel) -> None:
        """Close a client's socket as soon as what waits for it has been sent; from any thread."""
        channel.is_ending = True
        self.wake()

    def rest(self, seconds: float) -> None:
        """End the thread and close the sockets, if there is no client any more and nobody can come."""
        if self._door is not None or any(not c.is_ending and not c.is_gone for c in list(self._channels)):
            return
        if self.pause(seconds):
            for channel in self._channels:
                channel.flush()
            self.drop()

    def hold(self, seconds: float) -> None:
        """As `pause`, and whoever would start the thread does not, until a `let_go` of the same thread."""
        self._serving.hold()
        self.pause(seconds)

    def let_go(self) -> None:
        """Take a `hold` back; `resume` goes on."""
        self._serving.let_go()

    def resume(self) -> None:
        """Go on after `pause`, if there is anybody to go on for.

        Raises:
            OSError, RuntimeError: As `start`.
        """
        if self._waker is not None:
            self.start()

    def become_child(self) -> None:
        """This is the child of a fork: the thread and the clients are the parent's."""
        self._serving.become_child()
        self._expected.clear()
        self._is_detaching = False
        self.drop()
        self._last_words_until = None

    def hasten(self, seconds: float) -> None:
        """Tell all clients the newest state without delay, and wait for that at most so long."""
        thread = self._serving.thread
        if thread is None or thread.is_me() or not self._channels:
            return
        until = clock.monotonic() + seconds
        self._recorder.has_news = True
        self._hurries_until = until
        self.wake()
        while self._hurries_until is not None and clock.monotonic() < until:
            pause(_BREATH_SECONDS)
        self._hurries_until = None

    def finish(self, seconds: float) -> None:
        """Send the last state to all clients, at most so long, and end the thread; for the end of the program."""
        thread = self._serving.thread
        if thread is not None and not thread.is_me():
            self._last_words_until = clock.monotonic() + seconds
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
        for one in (self._door, self._waker):
            if one is not None:
                one.close()
        self._door = self._waker = None

    def _at_end(self, has_failed: bool) -> None:  # noqa: FBT001 - its only argument
        if self._is_detaching or has_failed:
            try:
                self.drop()
                self.on_dropped()
            finally:
                self._serving.forget()

    def _turn(self) -> None:
        while self._arriving:
            # At no moment in neither: other threads look whether a hub is still to say hello.
            self._channels.append(self._arriving[0])
            self._arriving.popleft()
        self._part_from_the_gone()
        if self.is_guest and not (self._channels or self._serving.is_stopping) and self._may_leave():
            self._leave()
            return
        self._wait_and_serve()
        if self.requests is not None:
            self.requests.go_on()
        for channel in self._channels:
            if channel.is_ending:
                channel.flush()
        if self._last_words_until is None:
            self._states.tell(self._channels, is_awaited=self._hurries_until is not None)
        if self._hurries_until is not None and not self._has_to_tell():
            self._hurries_until = None
        self._speak_last_words()

    def _part_from_the_gone(self) -> None:
        """Keep no client whose socket is closed: it has no descriptor to wait for, and wants nothing more."""
        for channel in self._channels:
            if channel.is_gone and self.requests is not None:
                self.requests.left(channel)
        now = clock.monotonic()
        for channel in self._channels:
            if channel.waits_for_hello and now >= channel.greets_until:
                channel.close()
        has_lost = any(channel.is_hub and channel.is_lost for channel in self._channels)
        self._channels = [channel for channel in self._channels if not channel.is_gone]
        if has_lost and not self._serving.is_stopping:
            self._let_settle()
            self.on_lost()

    def _let_settle(self) -> None:
        """Wait until a program that has closed all descriptors has opened what it wants at their numbers.

        A daemon does so at once. What is made here in that moment would have one of them, be it for microseconds.
        """
        until = clock.monotonic() + _SETTLING_SECONDS
        while not (self._serving.is_stopping or self._last_words_until or self._hurries_until):
            if clock.monotonic() >= until:
                break
            pause_collectable(_DEADLINE_SECONDS)

    def _wait_and_serve(self) -> None:
        poller = poll()
        by_descriptor = {}
        if self._waker is not None:
            poller.register(self._waker.fileno(), select.POLLIN)
        if self._door is not None and clock.monotonic() >= self._door.opens_at:
            poller.register(self._door.fileno(), select.POLLIN)
        for channel in self._channels:
            wanted = (select.POLLIN if channel.may_ask else 0) | (select.POLLOUT if channel.has_outgoing else 0)
            by_descriptor[channel.sock.fileno()] = channel
            poller.register(channel.sock.fileno(), wanted)
        patience = self._patience()
        events = collectable(poller.poll, patience)
        for descriptor, event in events:
            found = by_descriptor.get(descriptor)
            if found is not None:
                talk(found, event, self.requests, self._failures)
            elif self._waker is not None and descriptor == self._waker.fileno():
                if not self._waker.read():
                    self._let_settle()
                    self._waker.renew()
            elif self._door is not None and descriptor == self._door.fileno():
                self._let_in(self._door)

    def _patience(self) -> int | None:
        """How long to sleep, in milliseconds; None until something happens."""
        now = clock.monotonic()
        due: list[float | None] = []
        if self._door is not None and self._door.opens_at > now:
            due.append(self._door.opens_at)
        if self.requests is not None:
            due.append(self.requests.due(now, _DEADLINE_SECONDS))
        if self._hurries_until is not None:
            due.append(now if self._recorder.has_news and not self._awaits_hello() else now + _DEADLINE_SECONDS)
        if self._last_words_until is not None:
            due.append(self._last_words_until if self._awaits_hello() else now)
        due += [channel.greets_until for channel in self._channels if channel.waits_for_hello]
        due += self._states.due(self._channels)
        soonest = min((at for at in due if at is not None), default=None)
        return None if soonest is None else max(0, int((soonest - now) * 1000) + 1)

    def _has_to_tell(self) -> bool:
        return (
            self._recorder.has_news
            or self._awaits_hello()
            or any(channel.has_outgoing or self._states.is_behind(channel) for channel in self._channels)
        )

    def _leave(self) -> None:
        """The last client has hung up."""
        self._serving.is_stopping = True
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
        known = [*list(self._arriving), *list(self._channels)]
        return any(channel.is_hub and not channel.is_greeted and not channel.is_gone for channel in known)

    def _let_in(self, door: Door) -> None:
        try:
            sock = door.let_in()
        except OSError as error:
            self._failures.keep("While a client was let in", error)
            return
        if door.is_lost:
            door.close()
            self._door = None
        elif sock is not None:
            channel = Channel(sock, self.token)
            if len(self._channels) < _MOST_CHANNELS:
                channel.greets_until = clock.monotonic() + _HELLO_SECONDS
                self._channels.append(channel)
                return
            channel.is_ending = True
            channel.send(refusal(None, Refusal(f"This process has as many clients as it takes: {_MOST_CHANNELS}.")))
            channel.close()

    def detach(self, channel: Channel) -> bool:
        """Let a client go; True if it was the last one of a guest: it is sent the last words, and the probe goes."""
        others = (c for c in [*self._channels, *self._arriving] if c is not channel and not c.is_gone)
        if not self.is_guest or any(others) or not self._may_leave():
            channel.is_ending = True
            return False
        self._last_words_until = clock.monotonic() + _LAST_SECONDS
        return True

    def _breathe(self) -> None:
        """Let the program have the interpreter for a while, unless it waits for the end of this thread."""
        if not self._serving.is_stopping and self._last_words_until is None:
            pause_collectable(_BREATH_SECONDS)

    def _speak_last_words(self) -> None:
        until = self._last_words_until
        if until is None or (self._awaits_hello() and clock.monotonic() < until):
            return
        if self.requests is not None:
            self.requests.work.stop(max(0.0, until - clock.monotonic()))
            self.requests.go_on()
        if self._is_detaching:
            self.on_detach()
        # It has not become another program, or it could not speak any more.
        self._telling.becomes("")
        message = notification("bye", f'{{"state":{self._telling.json()}}}')
        for channel in self._channels:
            if channel.is_greeted:
                channel.send(message)
        while clock.monotonic() < until and (waiting := [c for c in self._channels if c.has_outgoing]):
            poller = poll()
            for channel in waiting:
                poller.register(channel.sock.fileno(), select.POLLOUT)
            poller.poll(max(1, int((until - clock.monotonic()) * 1000)))
            for channel in waiting:
                channel.flush()
        for channel in self._channels:
            channel.close()
        self._part_from_the_gone()
        self._last_words_until = None
        self._serving.is_stopping = True


def _nothing() -> None:
    return
