"""What figures are asked of: the days, and perhaps a kind of appeals and a city."""

from __future__ import annotations

import re
from datetime import date, datetime, timedelta

from marshmallow import ValidationError, post_load

from appeals.calendar import BEIJING
from services.portal.fields import Body, Choice, Fault, Line

USUAL, LONGEST = 30, 366  # days
BEFORE = (f"不晚于止日，起止不超过 {LONGEST} 天", f"not after until, and no more than {LONGEST} days in all")


class Day(Line):
    """A day, such as 2026-11-24."""

    def __init__(self, **options):
        super().__init__(10, metadata={"format": "date"}, **options)
        self.expected = ("日期，如 2026-11-24", "a day such as 2026-11-24")

    def _deserialize(self, value, attr, data, **options) -> date | None:
        written = super()._deserialize(value, attr, data, **options)
        if not written:
            return None
        if not re.fullmatch(r"20\d\d-\d\d-\d\d", written, re.ASCII):
            raise self.fault("invalid")
        try:
            return date.fromisoformat(written)
        except ValueError:
            raise self.fault("invalid") from None


class FiguresQuery(Body):
    """From which day to which, the last thirty unless told; perhaps of one kind or one city only."""

    since = Day(load_default=None)
    until = Day(load_default=None)
    kind = Choice("kind", load_default="")
    city = Line(50)

    def __init__(self, now: datetime | None = None, **options):
        super().__init__(**options)
        self.now = now

    @post_load
    def whole(self, values, **_) -> dict:
        """Fill in the days that were left out. Raises ValidationError for too many, or the wrong way round."""
        until = values["until"] or self.now.astimezone(BEIJING).date()
        since = values["since"] or until - timedelta(days=USUAL - 1)
        if not 0 <= (until - since).days < LONGEST:
            raise ValidationError({"since": [Fault("invalid", BEFORE)]})
        return values | {"since": since, "until": until}
