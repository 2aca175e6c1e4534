"""Requests side by side, and none that nobody waits for: a request under way cannot be called back, only left alone."""

import threading
from collections.abc import Callable, Sequence
from concurrent.futures import Future, wait
from typing import TypeVar

T = TypeVar("T")
_LOOK_SECONDS = 0.1  # how soon a cancel is seen


class Left(Exception):
    """Nobody waits for the answer any more."""


class Crew:
    """Runs calls in threads of their own, at most `size` at a time over all who ask."""

    def __init__(self, size: int) -> None:
        self._places = threading.BoundedSemaphore(size)

    def run(self, calls: Sequence[Callable[[], T]], cancelled: Callable[[], bool]) -> list[T]:
        """What the calls return, in order. Raises Left as soon as `cancelled` says so, and what a call raises."""
        left = threading.Event()
        futures: list[Future[T]] = [Future() for _ in calls]
        for call, future in zip(calls, futures, strict=True):
            # daemons: one that hangs must not keep the process from its end
            threading.Thread(target=self._do, args=(call, future, left), name="request", daemon=True).start()
        waiting = set(futures)
        while waiting:
            done, waiting = wait(waiting, timeout=_LOOK_SECONDS)
            failed = next((f for f in futures if f in done and f.exception()), None)
            if failed is not None or cancelled():
                left.set()
                if failed is not None:
                    failed.result()
                raise Left
        return [future.result() for future in futures]

    def _do(self, call: Callable[[], T], future: "Future[T]", left: threading.Event) -> None:
        with self._places:
            try:
                if left.is_set():
                    raise Left  # noqa: TRY301 - the same end as one that was left alone
                future.set_result(call())
            except BaseException as error:  # noqa: BLE001 - whoever waits is told
                future.set_exception(error)
