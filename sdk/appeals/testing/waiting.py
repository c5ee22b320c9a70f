"""A test waits for a fact, with a limit."""

import time
from collections.abc import Callable


def wait_until(fact: Callable[[], object], seconds: float = 20, every: float = 0.02):
    """The first true answer of `fact`. Raises TimeoutError when it does not come within so many seconds."""
    latest = time.monotonic() + seconds
    while not (found := fact()):
        if time.monotonic() > latest:
            raise TimeoutError(f"not within {seconds} s: {fact}")
        time.sleep(every)
    return found
