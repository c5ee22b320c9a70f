"""Limits: how many requests one address, and one principal, may make, and how much at once.

Decisions only; the time is an argument. Each process counts for itself.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass

from appeals.errors import Refused

REMEMBERED = 10_000  # who was not seen for longest is forgotten, and begins anew


class TooManyRequests(Refused):
    """Raised when an address or a principal asks more often than it may; it passes by waiting."""

    status = 429
    zh = "请求过于频繁，请于 {seconds} 秒后重试"
    en = "There were too many requests; try again in {seconds} seconds"


@dataclass(slots=True)
class Bucket:
    """What is left to one of them, and when that was so, in seconds."""

    left: float
    at: float


class Limit:
    """So many requests a minute for each; as many may come at once."""

    def __init__(self, a_minute: int):
        self._most = float(a_minute)
        self._buckets: OrderedDict[str, Bucket] = OrderedDict()

    def take(self, who: str, now: float) -> None:
        """Count a request; `now` is in seconds, from whenever. Raises TooManyRequests."""
        bucket = self._buckets.pop(who, None) or Bucket(self._most, now)
        bucket.left = min(self._most, bucket.left + (now - bucket.at) * self._most / 60)
        bucket.at = now
        self._buckets[who] = bucket
        if len(self._buckets) > REMEMBERED:
            self._buckets.popitem(last=False)
        if bucket.left < 1:
            raise TooManyRequests(seconds=int((1 - bucket.left) * 60 / self._most) + 1)
        bucket.left -= 1


class TooManyAtOnce(Refused):
    """Raised when somebody begins a long piece of work while their earlier ones still run."""

    status = 429
    zh = "您已有 {most} 个导出正在进行，请待其完成后再试"
    en = "{most} of your exports are still under way; try again when they are done"


class AtOnce:
    """So many long pieces of work at the same time for each."""

    def __init__(self, most: int):
        self._most = most
        self._running: dict[str, set[object]] = {}

    def begin(self, who: str) -> Callable[[], None]:
        """Count a piece of work; returns what is to be called, once or more, when it ends. Raises TooManyAtOnce."""
        theirs, this = self._running.setdefault(who, set()), object()
        if len(theirs) >= self._most:
            raise TooManyAtOnce(most=self._most)
        theirs.add(this)
        return lambda: theirs.discard(this)


@dataclass(frozen=True)
class Limits:
    """The limits of the portal's doors."""

    of_address: Limit
    of_principal: Limit
