"""Callbacks, 回访: after every close the applicant is called, at most so often and at different times.

An anonymous applicant is not called, and answers with the query code only.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from appeals.commands import RecordCallback
from appeals.events import AppealClosed, CallbackEnded, CallbackMade, CallbackOverdue, CallbackPlanned, Event
from services.evaluation.policy import HALF_DAY, Rules
from services.evaluation.refusals import (
    AnswerIncomplete,
    AttemptTooSoon,
    CallbackOver,
    NobodyAnswered,
    NoProof,
    WithdrawnBefore,
)

PLANNED, REACHED, NOT_REACHED, WITHDRAWN = "planned", "reached", "not reached", "withdrawn"
ANOTHER = {"half-day": "另一半天", "day": "另一日"}


@dataclass(eq=False, kw_only=True)
class Callback:
    """The task to call the applicant of one closed round; `next_at` is when it is overdue, as long as that matters."""

    receipt: str
    round: int
    department: str
    due: datetime
    state: str = PLANNED
    attempts: int = 0
    attempted_at: datetime | None = None
    next_at: datetime | None = None

    @classmethod
    def of(cls, closed: AppealClosed, urgency: str, now: datetime, rules: Rules) -> Callback:
        """The task that a close leads to, due by the appeal's urgency."""
        limit, calendar = rules.policy.callbacks.due[urgency], rules.calendar
        due = calendar.due(now, limit) if limit else calendar.closing_after(now)
        return cls(receipt=closed.receipt, round=closed.round, department=closed.lead, due=due, next_at=due)

    def plan(self, now: datetime) -> CallbackPlanned:
        """The task as it is told."""
        return CallbackPlanned(due=self.due, **self._about(now, "system"))

    def record(self, made: RecordCallback, now: datetime, rules: Rules) -> list[Event]:
        """Note an attempt; the last one that fails ends the task.

        Raises WithdrawnBefore, CallbackOver, AttemptTooSoon, NobodyAnswered, AnswerIncomplete or NoProof.
        """
        if self.state == WITHDRAWN:
            raise WithdrawnBefore()
        if self.state != PLANNED:
            raise CallbackOver(round=self.round)
        self._check_time(now, rules)
        _check_answer(made)
        self.attempts, self.attempted_at = self.attempts + 1, now
        about = self._about(now, made.by)
        said: list[Event] = [
            CallbackMade(
                attempt=self.attempts,
                reached=made.reached,
                contact_confirmed=made.contact_confirmed,
                record=made.record,
                note=made.note,
                **about,
            )
        ]
        if made.reached:
            self.state, self.next_at = REACHED, None
        elif self.attempts >= rules.policy.callbacks.attempts:
            self.state, self.next_at = NOT_REACHED, None
            said.append(CallbackEnded(attempts=self.attempts, **about))
        return said

    def withdraw(self) -> None:
        """The applicant has withdrawn the appeal, and is not called any more."""
        if self.state == PLANNED:
            self.state = WITHDRAWN
        self.next_at = None

    def wait_no_longer(self) -> None:
        """The applicant has answered in writing: they may still be called, and nobody has to be urged to it."""
        self.next_at = None

    def come_due(self, now: datetime) -> CallbackOverdue:
        """Nobody was reached in time; that is told once."""
        self.next_at = None
        return CallbackOverdue(due=self.due, attempts=self.attempts, **self._about(now, "system"))

    def _check_time(self, now: datetime, rules: Rules) -> None:
        policy, calendar, last = rules.policy.callbacks, rules.calendar, self.attempted_at
        if last is None:
            return

        def part(moment: datetime) -> tuple:
            local = moment.astimezone(calendar.zone)
            morning = policy.another == HALF_DAY and local.time() < calendar.office_hours[0][1]
            return local.date(), morning

        if part(now) == part(last) or now < calendar.due(last, policy.apart):
            raise AttemptTooSoon(
                last=f"{last.astimezone(calendar.zone):%Y-%m-%d %H:%M}",
                another=policy.another,
                another_zh=ANOTHER[policy.another],
                apart=policy.apart,
            )

    def _about(self, now: datetime, by: str) -> dict:
        return {"receipt": self.receipt, "at": now, "by": by, "department": self.department, "round": self.round}


def _check_answer(made: RecordCallback) -> None:
    if not made.reached and (made.rating or made.solved):
        raise NobodyAnswered()
    if bool(made.rating) != bool(made.solved):
        raise AnswerIncomplete(field="solved" if made.rating else "rating")
    if made.contact_confirmed and not made.reached and not made.record.strip():
        raise NoProof()
