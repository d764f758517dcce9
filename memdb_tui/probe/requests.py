"""What clients may ask, and how each request is answered."""

from __future__ import annotations

from _operator import _compare_digest as compare_digest

from .bare import clock
from .images import Images
from .own_copies import OwnCopies, Wanted
from .process import VERSION
from .targets import target_of
from .wire import INVALID_PARAMS, METHOD_NOT_FOUND, Refusal, refusal, result, to_json
from .work import Job, Work

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any

    from .channel import Channel
    from .guard import Failures
    from .inline import Inline
    from .record import Record
    from .recorder import Recorder
    from .telling import Telling
    from .visit import Target
    from .wire import Request

_MOST_MILLISECONDS = 600_000
_MOST_SECONDS = 3600
_ROWS = 10_000
_BYTES = 4 << 20
_MOST_ROWS = 1_000_000
_MOST_BYTES = 32 << 20
_SCHEMA_SECONDS = 2.0
_MOST_NAME = 20


class Requests:
    """Answers clients, in the server's thread.

    Args:
        telling: Makes states.
        recorder: Knows the connections.
        failures: Keeps what went wrong.
        wake: Lets the server's thread look up.
    """

    def __init__(self, telling: Telling, recorder: Recorder, failures: Failures, wake: Callable[[], None]) -> None:
        self.work = Work(recorder, failures, wake)
        self.inline: Inline | None = None
        self.rescan: Callable[[], int] = _none_found
        self.process: Callable[[], dict[str, Any]] = dict
        self.leave: Callable[[Channel], bool] = _stays
        self._telling = telling
        self._recorder = recorder
        self._failures = failures
        self._wake = wake
        self._images = Images()
        self.own_copies = OwnCopies(recorder, failures, self._done)
        telling.waiting_copies = self.own_copies.told
        self._methods: dict[str, Callable[[Channel, Request], str | None]] = {
            "hello": self.hello,
            "state": self._state,
            "rescan": self._rescan,
            "live": self._live,
            "schema": self._schema,
            "copy": self._copy,
            "copyPart": self._copy_part,
            "copyRelease": self._copy_release,
            "cancel": self._cancel,
            "detach": self._detach,
            "resume": self._resume,
        }

    def hello(self, channel: Channel, request: Request) -> str:
        """The `process` object, for a client that knows the token.

        Raises:
            Refusal: It does not, speaks another version, or asks for something else first.
        """
        if request.method != "hello":
            raise Refusal("The first request must be hello.")
        if request.params.get("version") != VERSION:
            raise Refusal(
                f"This process speaks version {VERSION} of the protocol.",
                hint="Use the same memdb-tui on both sides.",
            )
        token = request.params.get("token")
        if not isinstance(token, str) or not compare_digest(token.encode("utf-8", "replace"), channel.token.encode()):
            raise Refusal("The token is wrong.")
        channel.greet()
        return to_json(self.process())

    def answer(self, channel: Channel, request: Request) -> str | None:
        """The answer, as JSON text; None where it comes later.

        Raises:
            Refusal: There is none.
        """
        method = self._methods.get(request.method)
        if method is None:
            raise Refusal(f"There is no method {request.method}.", code=METHOD_NOT_FOUND)
        return method(channel, request)

    def go_on(self) -> None:
        """Send what is finished, interrupt what is due, begin what waits."""
        running = self.work.running
        if running is not None and running.is_due:
            running.interrupt()
        self.own_copies.give_up()
        finished = self.work.finished
        while finished:
            job = finished.popleft()
            if job.error is not None:
                job.channel.send(refusal(job.request, job.error))
            else:
                began = clock.perf_counter()
                line = result(job.request, job.text)
                self._telling.held(clock.perf_counter() - began)
                job.channel.send(line)
        self.work.go_on()

    def due(self, now: float, every_seconds: float) -> float | None:
        """When the next deadline is, in `time.monotonic()`; None without any."""
        due = [at for at in (self.own_copies.next_due,) if at is not None]
        running = self.work.running
        if running is not None and running.until is not None and running.long_at is not None:
            due.append(max(running.long_at if now < running.long_at else running.until, now + every_seconds))
        if self.work.is_held_up:
            due.append(now + every_seconds)
        return min(due, default=None)

    def left(self, channel: Channel) -> None:
        """A client is gone: nobody wants its answers."""
        self.work.cancel(lambda job: job.channel is channel)
        self.own_copies.cancel(lambda job: job.channel is channel)
        self._images.left(channel)
        if self.inline is not None and self.inline.is_for(channel):
            self.inline.resume()

    def become_child(self) -> None:
        """This is the child of a fork: what was asked was asked of the parent."""
        self.work = Work(self._recorder, self._failures, self._wake)
        self.own_copies = OwnCopies(self._recorder, self._failures, self._done)
        self._telling.waiting_copies = self.own_copies.told
        self._images = Images()
        self.inline = None
        # Who waits is a thread of the parent.
        self._telling.waits_no_more()

    def _state(self, _: Channel, __: Request) -> str:
        return self._telling.json()

    def _detach(self, channel: Channel, _: Request) -> str:
        return to_json({"out": self.leave(channel)})

    def _rescan(self, _: Channel, __: Request) -> str:
        return to_json({"found": self.rescan()})

    def _live(self, channel: Channel, request: Request) -> str | None:
        sql = request.text("sql")
        limits = {
            "max_rows": request.number("max_rows", _ROWS, most=_MOST_ROWS),
            "max_bytes": request.number("max_bytes", _BYTES, most=_MOST_BYTES),
        }
        milliseconds = request.number("milliseconds", 100, most=_MOST_MILLISECONDS)
        record = self._record(request)
        if record is None:
            return to_json(_GONE)
        from .live import Live, as_text  # noqa: PLC0415 - seldom needed, and it needs sqlite3

        target = self._target(record)
        live = Live(target, sql, write=request.flag("write"), connect=self._recorder.connect_ours, **limits)
        job = self._job(channel, request, seconds=milliseconds / 1000)
        job.interrupt = live.interrupt

        def run() -> str:
            found = live.run()
            self._telling.held(found["block_seconds"])
            return as_text(found, self._telling.held)

        job.run = run
        self.work.add(job)
        return None

    def _schema(self, channel: Channel, request: Request) -> str | None:
        record = self._record(request)
        if record is None:
            return to_json({"status": "gone", "tables": [], "error": None})
        from .live import schema  # noqa: PLC0415 - as above

        target = self._target(record)
        job = self._job(channel, request, seconds=_SCHEMA_SECONDS)
        job.run = lambda: to_json(schema(target, self._recorder.connect_ours))
        self.work.add(job)
        return None

    def _copy(self, channel: Channel, request: Request) -> str | None:
        seconds = request.amount("seconds", 30, most=_MOST_SECONDS)
        record = self._record(request)
        if record is None:
            raise Refusal("The database is gone: its connection was closed.")
        target = target_of(record, self._recorder)
        job = self._job(channel, request, seconds=seconds)
        if target is None:
            self._copy_own(record, job)
            return None
        from .copying import CopyError, backup_copy  # noqa: PLC0415 - as above

        def run() -> str:
            try:
                image = backup_copy(
                    target,
                    connect=self._recorder.connect_ours,
                    should_stop=job.should_stop,
                    held=self._telling.held,
                )
            except CopyError as error:
                raise Refusal(str(error), hint=error.hint) from error
            return self._images.keep(channel, image, "backup")

        job.run = run
        self.work.add(job)
        return None

    def _copy_own(self, record: Record, job: Job) -> None:
        if record.ident is None:
            raise Refusal(
                "Which thread uses this connection is not known, so nobody can be asked for a copy.",
                hint="It was opened with check_same_thread=False before memdb-tui came.",
            )
        job.keep = lambda image: self._images.keep(job.channel, image, "serialize")
        self.own_copies.want(Wanted(record, job, until=clock.monotonic() + job.seconds))
        if self.inline is not None and self.inline.owns(record):
            # If it goes on before it comes to this, the copy still waits for it.
            self.inline.do(self.own_copies.serve)
        else:
            self._recorder.has_news = True

    def _copy_part(self, channel: Channel, request: Request) -> str:
        number, offset, size = (request.number(name) for name in ("copy", "offset", "size"))
        return self._images.part(channel, number, offset=offset, size=size)

    def _copy_release(self, channel: Channel, request: Request) -> str:
        self._images.release(channel, request.number("copy"))
        return "{}"

    def _cancel(self, channel: Channel, request: Request) -> str:
        number = request.number("id")

        def is_wanted(job: Job) -> bool:
            return job.channel is channel and job.request == number

        self.work.cancel(is_wanted)
        self.own_copies.cancel(is_wanted)
        return "{}"

    def _resume(self, channel: Channel, _: Request) -> str:
        if self.inline is None or not self.inline.is_for(channel):
            raise Refusal("The program does not wait for this client.")
        self.inline.resume()
        return "{}"

    def _job(self, channel: Channel, request: Request, *, seconds: float) -> Job:
        if request.id is None:
            raise Refusal(f"{request.method} must be a request.", code=INVALID_PARAMS)
        return Job(channel, request.id, seconds=seconds)

    def _record(self, request: Request) -> Record | None:
        name = request.text("connection")
        if not (name.startswith("c") and name[1:].isdecimal() and name.isascii()) or len(name) > _MOST_NAME:
            raise Refusal(f"There is no connection {name}.", code=INVALID_PARAMS)
        return self._recorder.open.get(int(name[1:]))

    def _target(self, record: Record) -> Target:
        target = target_of(record, self._recorder)
        if target is None:
            raise Refusal("This database is private: nobody else can open it.", hint="A copy of it can be asked for.")
        return target

    def _done(self, job: Job) -> None:
        self.work.finished.append(job)
        self._wake()


_GONE = {
    "status": "gone",
    "columns": [],
    "rows": [],
    "truncated": False,
    "changes": None,
    "error": None,
    "sqlite_count": None,
    "block_seconds": 0.0,
    "elapsed_seconds": 0.0,
}


def _stays(_: Channel) -> bool:
    return False


def _none_found() -> int:
    return 0
