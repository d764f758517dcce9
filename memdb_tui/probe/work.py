"""What takes time, in a thread of its own: one piece at a time, each with its deadline."""

from __future__ import annotations

from collections import deque

from .bare import clock
from .collector import collector
from .threads import Thread
from .wire import Refusal

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable

    from .channel import Channel
    from .guard import Failures
    from .recorder import Recorder

_MOST_WAITING = 32
_LONG_SECONDS = 0.25


class Job:
    """A request that is being answered.

    Attributes:
        run: Makes the answer, as JSON text; may raise Refusal.
        seconds: How long it may run before it is interrupted.
        keep: For a copy: takes the image and makes the answer of it.
        interrupt: Stops it, from another thread; called again and again until it has ended.
        until: When that begins, None before it runs, in `time.monotonic()`.
        is_cancelled: Nobody wants the answer any more.
        text: The answer, empty where `error` says why there is none.
    """

    __slots__ = (
        "channel",
        "error",
        "interrupt",
        "is_cancelled",
        "keep",
        "request",
        "run",
        "seconds",
        "text",
        "until",
    )

    def __init__(self, channel: Channel, request: int, *, seconds: float) -> None:
        self.channel = channel
        self.request = request
        self.seconds = seconds
        self.run: Callable[[], str] = _nothing
        self.keep: Callable[[bytes], str] = _keep_nothing
        self.interrupt: Callable[[], None] = _do_nothing
        self.until: float | None = None
        self.is_cancelled = False
        self.text = ""
        self.error: Refusal | None = None

    @property
    def is_due(self) -> bool:
        """It has had its time."""
        return self.until is not None and clock.monotonic() >= self.until

    @property
    def long_at(self) -> float | None:
        """From when on it runs for longer than the program's garbage should wait for it, as `until`."""
        return None if self.until is None else self.until - self.seconds + _LONG_SECONDS

    def should_stop(self) -> bool:
        """It is to end now."""
        return self.is_cancelled or self.is_due

    def perform(self, recorder: Recorder, failures: Failures) -> None:
        """Make the answer, in the calling thread; what it opens is not recorded; never raises."""
        self.until = clock.monotonic() + self.seconds
        try:
            self.text = recorder.as_ours(self.run)
        except Refusal as refusal:
            self.error = refusal
        except Exception as error:  # noqa: BLE001 - the edge: a request that fails is answered, whatever happened
            failures.keep("While a request was answered", error)
            self.error = Refusal(f"The probe failed: {type(error).__name__}: {error}.")


class Work:
    """The jobs of a process.

    Args:
        recorder: Told not to record what jobs open.
        failures: Keeps what went wrong.
        wake: Called when a job has begun or ended.
    """

    def __init__(self, recorder: Recorder, failures: Failures, wake: Callable[[], None]) -> None:
        self._recorder = recorder
        self.finished: deque[Job] = deque()
        self._failures = failures
        self._wake = wake
        self._waiting: deque[Job] = deque()
        self._running: Job | None = None
        self._thread: Thread | None = None

    @property
    def running(self) -> Job | None:
        """The job whose deadline is to be watched."""
        return self._running

    @property
    def thread(self) -> Thread | None:
        """What the job runs in, or what the last one ran in."""
        return self._thread

    @property
    def is_held_up(self) -> bool:
        """A job waits for the thread of the one before to end."""
        return self._running is None and bool(self._waiting)

    def add(self, job: Job) -> None:
        """Do a job when those before it are done.

        Raises:
            Refusal: Too many wait.
        """
        if len(self._waiting) >= _MOST_WAITING:
            raise Refusal("The process has too many requests to answer.", hint="Ask again when it has answered.")
        self._waiting.append(job)
        self.go_on()

    def go_on(self) -> None:
        """Start the next job, if none runs; called by the server's thread alone."""
        thread, job = self._thread, self._running
        if thread is not None and job is not None and job.long_at is not None and clock.monotonic() >= job.long_at:
            collector.work(thread.ident)
        if thread is not None and self._running is None and thread.join(0):
            self._thread = thread = None
        if thread is None and self._waiting:
            self._start(self._waiting.popleft())

    def _start(self, job: Job) -> None:
        self._running = job
        try:
            self._thread = thread = Thread(self._work)
            thread.start()
        except RuntimeError as error:
            self._running = self._thread = None
            job.error = Refusal(f"The process can start no thread to answer with: {error}.")
            self.finished.append(job)
            self._wake()

    def cancel(self, wanted: Callable[[Job], bool]) -> None:
        """Give up jobs."""
        for job in list(self._waiting):
            if wanted(job):
                self._waiting.remove(job)
                job.is_cancelled = True
                job.error = Refusal("It was cancelled before it began.")
                self.finished.append(job)
        job_now = self._running
        if job_now is not None and wanted(job_now):
            job_now.is_cancelled = True
            job_now.interrupt()

    def stop(self, seconds: float) -> bool:
        """Interrupt what runs and wait for its end, at most so long; False if it goes on."""
        thread = self._thread
        if thread is None:
            return True
        until = clock.monotonic() + seconds
        while not thread.join(0.005):
            job = self._running
            if job is not None:
                job.is_cancelled = True
                job.interrupt()
            if clock.monotonic() > until:
                return False
        self._thread = None
        return True

    def _work(self) -> None:
        job = self._running
        if job is None:
            return
        self._wake()
        try:
            job.perform(self._recorder, self._failures)
        finally:
            self._running = None
            self.finished.append(job)
            self._wake()


def _nothing() -> str:
    return "null"


def _keep_nothing(_: bytes) -> str:
    return "null"


def _do_nothing() -> None:
    return
