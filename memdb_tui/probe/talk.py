"""Reading what a client sends and answering it, each request once."""

from __future__ import annotations

import select

from .wire import Refusal, WireError, refusal, request_of, result

TYPE_CHECKING = False
if TYPE_CHECKING:
    from .channel import Channel
    from .guard import Failures
    from .requests import Requests
    from .wire import Request


def talk(channel: Channel, event: int, requests: Requests | None, failures: Failures) -> None:
    """Send what waits for a client, read what it has sent, and answer that.

    Args:
        channel: The client.
        event: What `poll` says of its socket.
        requests: Knows the answers; None while nothing is answered.
        failures: Keeps what went wrong.
    """
    if event & select.POLLNVAL:
        channel.close()
        return
    if event & select.POLLOUT:
        channel.flush()
    if event & (select.POLLIN | select.POLLHUP | select.POLLERR) and not channel.is_ending:
        try:
            for line in channel.read():
                _answer(channel, request_of(line), requests, failures)
                if channel.is_ending or channel.is_gone:
                    break
        except WireError as error:
            channel.is_ending = True
            channel.send(refusal(None, Refusal(str(error), code=-32700)))


def _answer(channel: Channel, request: Request, requests: Requests | None, failures: Failures) -> None:
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
        failures.keep(f"While {request.method} was answered", error)
        channel.send(refusal(request.id, Refusal(f"The probe failed: {error}.", code=-32603)))
        return
    if answer is not None:
        channel.send(result(request.id, answer))
