"""A clock that stands still until it is moved."""

from datetime import UTC, datetime, timedelta

# 09:00 in Beijing on a working day.
TUESDAY_MORNING = datetime(2026, 11, 24, 1, 0, tzinfo=UTC)


class Clock:
    """Call it for the time; move it with `advance`."""

    def __init__(self, start: datetime = TUESDAY_MORNING):
        self.now = start

    def __call__(self) -> datetime:
        return self.now

    def advance(self, **by) -> None:
        """Move on, by the arguments of a timedelta, such as `seconds=10`."""
        self.now += timedelta(**by)
