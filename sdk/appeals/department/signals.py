"""SIGTERM and SIGINT as a question: was this process told to stop?"""

from __future__ import annotations

import signal
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from queue import Empty, SimpleQueue


@contextmanager
def stop_signals() -> Iterator[Callable[..., bool]]:
    """Within the block, the signals do nothing but answer `told_to_stop(within=seconds)`."""
    told: SimpleQueue = SimpleQueue()  # may be put to from within a signal handler, unlike threading.Event

    def told_to_stop(*, within: float) -> bool:
        try:
            told.put(told.get(timeout=within))
        except Empty:
            return False
        return True

    numbers = (signal.SIGTERM, signal.SIGINT)
    before = [signal.signal(number, lambda *_: told.put(None)) for number in numbers]
    try:
        yield told_to_stop
    finally:
        for number, handler in zip(numbers, before, strict=True):
            signal.signal(number, handler)
