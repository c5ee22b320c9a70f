"""Lock-out: whoever fails to sign in waits, longer each time. Decisions only; the time arrives as an argument.

An attempt is counted before the password is looked at, and given back when it was right, so that many at the
same time gain nothing. An unknown account is locked like one that there is.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

FIRST_DELAY, LONGEST_DELAY = timedelta(seconds=15), timedelta(minutes=15)
FORGOTTEN_AFTER = timedelta(hours=24)
OF_ACCOUNT, OF_ADDRESS = 5, 50  # failures that nobody waits for; behind one address may sit a whole office


@dataclass(frozen=True, kw_only=True)
class Failures:
    """How often one account, or one address, has failed lately, and when last; `free` is how often that is nothing."""

    free: int
    count: int = 0
    last: datetime | None = None

    def wait(self, now: datetime) -> timedelta:
        """How long it may not be tried yet: 15 s after the first failure too many, doubled up to 15 min."""
        if self.last is None or self.count < self.free or self._forgotten(now):
            return timedelta()
        doubled = min(self.count - self.free, 10)  # beyond, it is the longest anyway
        delay = min(FIRST_DELAY * 2**doubled, LONGEST_DELAY)
        return max(self.last + delay - now, timedelta())

    def one_more(self, now: datetime) -> Failures:
        """After another attempt."""
        count = 1 if self._forgotten(now) else self.count + 1
        return Failures(free=self.free, count=count, last=now)

    def _forgotten(self, now: datetime) -> bool:
        return self.last is not None and now >= self.last + FORGOTTEN_AFTER
