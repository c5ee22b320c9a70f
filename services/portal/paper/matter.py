"""The matter of a paper: an appeal, one of its orders and what happened to it, as its reader may see them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from services.portal.words import label, moment

SUPERVISION = ("ordinary", "yellow", "red")
REQUESTS = ("letter", "conference")  # to a vertical organ
ISSUED, DISPATCHED = "supervision.issued", "order.dispatched"


@dataclass(frozen=True, kw_only=True)
class Entry:
    """One thing that happened; `number` is its place in the timeline."""

    number: int
    at: datetime
    event: str
    label: str
    unit: str
    by: str
    facts: Mapping


@dataclass(frozen=True, kw_only=True)
class Matter:
    """What views tell one reader: the `appeal`, the `order`, and all `entries`, first to last."""

    appeal: Mapping
    order: Mapping
    entries: Sequence[Entry]
    language: str

    def latest(self, *events: str, before: int | None = None) -> Entry | None:
        """The last of these events about the order, perhaps before an entry."""
        found = [
            entry
            for entry in self.entries
            if entry.event in events
            and entry.facts.get("order") == self.order["order"]
            and (before is None or entry.number < before)
        ]
        return found[-1] if found else None

    def issued(self, *levels: str) -> Entry | None:
        """The last time that the order was called to account on one of these levels."""
        found = [
            entry
            for entry in self.entries
            if entry.event == ISSUED
            and entry.facts.get("order") == self.order["order"]
            and entry.facts.get("level") in levels
        ]
        return found[-1] if found else None

    def request(self) -> Entry | None:
        """The last letter to a vertical organ: by which the order went out, or that calls it to account."""
        sent = self.latest(DISPATCHED)
        return self.issued(*REQUESTS) or (sent if sent and sent.facts.get("form") == "letter" else None)

    def overdue(self, before: int) -> str:
        """Which deadline the unit had missed by then: `应于2026年11月25日 09:00前签收，至今未完成`."""
        missed = self.latest("deadline.missed", before=before)
        if missed is None:
            return ""
        due = moment(datetime.fromisoformat(missed.facts["due"]), self.language)
        return f"应于{due}前{label('step', missed.facts['step'], self.language)}，至今未完成"

    def time(self, written: str | None) -> str:
        """A time as views tell it, as people read it; nothing where there is none."""
        return moment(datetime.fromisoformat(written), self.language) if written else ""


def entries_of(told: Sequence[Mapping], numbers: Sequence[int]) -> list[Entry]:
    """A timeline as views tell it to staff, with the number of each entry."""
    return [
        Entry(
            number=number,
            at=datetime.fromisoformat(one["at"]),
            event=one["event"],
            label=one["label"],
            unit=one["department_name"] or "",
            by=one.get("by", ""),
            facts=one["details"],
        )
        for one, number in zip(told, numbers, strict=True)
    ]


def place_of(applicant: Mapping) -> str:
    """Where an applicant is."""
    return " ".join(part for part in (applicant["city"], applicant["park"]) if part)
