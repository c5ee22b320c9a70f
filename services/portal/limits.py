"""Rate limits: how many requests one address, and one principal, may make. Decisions only; the time is an argument.

Each process counts for itself.
"""

from __future__ import annotations

from collections import OrderedDict
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


@dataclass(frozen=True)
class Limits:
    """The limits of the portal's doors."""

    of_address: Limit
    of_principal: Limit
