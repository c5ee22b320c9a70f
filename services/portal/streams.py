"""Streams: how many may be open at once, how often they look and how long they last."""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Callable


class Streams:
    """The streams of one process; `pause` waits that many seconds, `seconds` counts them."""

    retry_seconds = 3
    look_seconds = 2
    heartbeat_seconds = 15

    def __init__(
        self,
        *,
        most: int = 200,
        most_of_one: int = 10,
        lasting_seconds: float = 300,
        pause: Callable[[float], None] = time.sleep,
        seconds: Callable[[], float] = time.monotonic,
    ):
        self._most, self._most_of_one = most, most_of_one
        self.lasting_seconds = lasting_seconds
        self.pause = pause
        self.seconds = seconds
        self.ending = False
        self._open: Counter[str] = Counter()

    def take(self, who: str) -> bool:
        """Open one more, unless there are too many, in all or of this reader."""
        if self.ending or self._open.total() >= self._most or self._open[who] >= self._most_of_one:
            return False
        self._open[who] += 1
        return True

    def give_back(self, who: str) -> None:
        """One has ended."""
        self._open[who] -= 1
        self._open += Counter()  # forget those that have none

    def end(self) -> None:
        """Have all of them end at their next look, since the process stops."""
        self.ending = True
