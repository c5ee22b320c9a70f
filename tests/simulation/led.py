"""What became of one order that a unit led, gathered from what was said, as far as it counts for a score."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime

from tests.simulation import days

LEVELS = ("", "reminder", "urged", "ordinary", "yellow", "red")


@dataclass
class Led:
    """An order with its lead; moments are times with a zone, and hours are office hours."""

    unit: str
    kind: str
    round: int
    dispatched: datetime
    anonymous: bool
    dues: dict[str, datetime] = field(default_factory=dict)
    signed: datetime | None = None
    contacted: datetime | None = None
    tried: datetime | None = None
    contact_missed: bool = False
    confirmed: bool = False
    replied: datetime | None = None
    closed: bool = False
    returned: bool = False
    stopped: tuple[datetime, datetime] | None = None
    stood_still: float = 0.0
    rating: str = ""
    solved: str = ""
    reopened: bool = False
    extended: bool = False
    cards: list[str] = field(default_factory=list)
    result: str = ""
    false: bool = False
    scored: bool = False

    @classmethod
    def of(cls, order: dict, *, anonymous: bool) -> Led:
        """The order that was just dispatched."""
        at = datetime.fromisoformat(order["at"])
        return cls(order["department"], order["kind"], order["round"], at, anonymous)

    def hear(self, topic: str, data: dict) -> None:
        """Something was said of the order."""
        handler = getattr(self, "_" + topic.replace(".", "_"), None)
        if handler:
            handler(data, datetime.fromisoformat(data["at"]))

    def hear_of_round(self, topic: str, data: dict) -> None:
        """Something was said of the round that it led."""
        if topic == "appeal.closed":
            self.closed, self.replied = True, self.replied or datetime.fromisoformat(data["at"])
            self.result = data["result"]
        elif topic == "appeal.evaluated":
            self.rating, self.solved = data["rating"], data["solved"]
        elif topic == "appeal.reopened":
            self.reopened = True
        elif data["contact_confirmed"]:
            self.confirmed = True

    @property
    def due(self) -> datetime:
        return self.dues["reply"]

    @property
    def month(self) -> str:
        return self.due.astimezone(days.BEIJING).isoformat()[:7]

    @property
    def exempt(self) -> bool:
        return self.returned or self.stopped is not None

    @property
    def responded(self) -> bool:
        """Signed in time, and the applicant was spoken to in time, which is proved; whom nobody can call excepted."""
        spoken = self.contacted or (None if self.contact_missed else self.tried)
        in_time = bool(spoken) and spoken <= self.dues["contact"] and self.confirmed
        return bool(self.signed) and self.signed <= self.dues["sign"] and (self.anonymous or in_time)

    @property
    def hours(self) -> float:
        """How long it was worked on."""
        return max(0.0, _office_hours(self.dispatched, self.replied) - self.stood_still)

    def _deadline_set(self, data: dict, at: datetime) -> None:
        self.dues[data["step"]] = datetime.fromisoformat(data["due"])

    def _deadline_missed(self, data: dict, at: datetime) -> None:
        self.contact_missed = self.contact_missed or data["step"] == "contact"

    def _extension_approved(self, data: dict, at: datetime) -> None:
        self.dues["reply"], self.extended = datetime.fromisoformat(data["due"]), True

    def _order_signed(self, data: dict, at: datetime) -> None:
        self.signed = self.signed or at

    def _order_returned(self, data: dict, at: datetime) -> None:
        self.returned = True

    def _contact_made(self, data: dict, at: datetime) -> None:
        if data["reached"]:
            self.contacted = self.contacted or at
        else:
            self.tried = at

    def _order_suspended(self, data: dict, at: datetime) -> None:
        begun = self.stopped[0] if self.stopped else at
        self.stopped = (begun, datetime.fromisoformat(data["until"]))

    def _order_resumed(self, data: dict, at: datetime) -> None:
        if self.stopped:
            begun, until = self.stopped
            self.stood_still += _office_hours(begun, min(at, until))
            self.stopped = None

    def _feedback_submitted(self, data: dict, at: datetime) -> None:
        self._order_resumed(data, at)
        self.replied = at
        if data["contact"]:
            self.contacted = self.contacted or at

    def _feedback_refused(self, data: dict, at: datetime) -> None:
        self.replied = None

    def _supervision_issued(self, data: dict, at: datetime) -> None:
        if data["level"] in ("yellow", "red"):
            self.cards.append(data["level"])

    def _supervision_lowered(self, data: dict, at: datetime) -> None:
        """Cards above the level that is left are taken back."""
        left = data["level"] if data["level"] in LEVELS else ""
        self.cards = [card for card in self.cards if LEVELS.index(card) <= LEVELS.index(left)]
        if left in ("yellow", "red") and left not in self.cards:
            self.cards.append(left)


def _office_hours(start: datetime, end: datetime) -> float:
    return (days.office_time(int(end.timestamp())) - days.office_time(int(start.timestamp()))) / 3600
