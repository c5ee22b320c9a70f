"""What intake should say by itself about one appeal: a decision that is late, and how a supplement goes on."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from tests.simulation import days
from tests.simulation.numbers import INTAKE


class Intake:
    """The clock of the acceptance, and that of a supplement; one of them runs while nothing is decided."""

    def __init__(self, expect: Callable):
        self._expect = expect
        self._limit = ""
        self._accept_due: int | None = None
        self._remind_at: int | None = None
        self._supplement_due: int | None = None

    def ahead(self) -> Iterator[tuple[int, Callable[[int], None]]]:
        """What comes by itself, each with its moment."""
        if self._accept_due is not None:
            yield self._accept_due, self._miss
        if self._remind_at is not None:
            yield self._remind_at, self._remind
        if self._supplement_due is not None:
            yield self._supplement_due, self._lapse

    def _miss(self, now: int) -> None:
        self._expect(now, "acceptance.missed", self._accept_due, self._limit)
        self._accept_due = None

    def _remind(self, now: int) -> None:
        if now < self._supplement_due:
            self._expect(now, "supplement.reminded", self._supplement_due)
        self._remind_at = None

    def _lapse(self, now: int) -> None:
        self._expect(now, "appeal.rejected", "incomplete")
        self._decide()

    # What people do

    def _appeal_submitted(self, now: int, data: dict) -> None:
        self._limit = INTAKE["accept"][data["urgency"]]
        self._supplement_provided(now, data)

    def _supplement_requested(self, now: int, data: dict) -> None:
        self._decide()
        self._remind_at = days.runs_out(now, INTAKE["supplement"]["remind_after"])
        self._supplement_due = days.runs_out(now, INTAKE["supplement"]["limit"])
        self._expect(now, "supplement.requested", self._supplement_due)

    def _supplement_provided(self, now: int, data: dict) -> None:
        self._decide()
        self._accept_due = days.runs_out(now, self._limit)

    def _appeal_accepted(self, now: int, data: dict) -> None:
        self._decide()

    def _appeal_rejected(self, now: int, data: dict) -> None:
        self._decide()

    def _decide(self) -> None:
        self._accept_due = self._remind_at = self._supplement_due = None
