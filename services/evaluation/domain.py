"""Evaluation: what the applicant's answer leads to, and what no answer leads to.

Decisions only: the policy, the calendar and the time arrive as arguments, and facts or refusals leave.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from appeals.commands import RateAppeal, RecordCallback
from appeals.events import (
    AppealArchived,
    AppealClosed,
    AppealEvaluated,
    AppealReopened,
    EvaluationRequested,
    Event,
    ReviewRequested,
)
from services.evaluation.policy import Policy, Rules
from services.evaluation.refusals import RatedAlready, RatedTooLate, UnknownAnswer, UnknownRating, WithdrawnBefore

# The five levels of 好差评 and the three answers, as an officer reads them.
RATINGS = {
    "very_satisfied": "非常满意",
    "satisfied": "满意",
    "basically_satisfied": "基本满意",
    "dissatisfied": "不满意",
    "very_dissatisfied": "非常不满意",
}
ANSWERS = {"solved": "已解决", "partly": "部分解决", "unsolved": "未解决"}
DISSATISFIED = ("dissatisfied", "very_dissatisfied")
UNSOLVED = "unsolved"

# Of one round: asked, answered by the applicant, over without an answer, or withdrawn by the applicant.
ASKED, ANSWERED, UNANSWERED, WITHDRAWN = "asked", "answered", "unanswered", "withdrawn"

# How the loop ends.
EVALUATED, NOT_EVALUATED, FINAL_REVIEW = "evaluated", "not evaluated", "final review"

# Who has told the answer: the applicant in writing, or an officer who has called.
APPLICANT, CALLBACK = "applicant", "callback"


@dataclass(eq=False, kw_only=True)
class Round:
    """One round of an appeal, about which the applicant is asked until a moment."""

    receipt: str
    round: int
    lead: str
    departments: list[str]
    until: datetime
    state: str = ASKED
    rating: str = ""
    solved: str = ""
    comment: str = ""

    @classmethod
    def of(cls, closed: AppealClosed, policy: Policy, now: datetime) -> Round:
        """The round that was just closed, to be evaluated."""
        return cls(
            receipt=closed.receipt,
            round=closed.round,
            lead=closed.lead,
            departments=list(closed.departments),
            until=now + timedelta(days=policy.answer_days),
        )

    def request(self, now: datetime) -> EvaluationRequested:
        """Ask the applicant how it went."""
        return EvaluationRequested(receipt=self.receipt, at=now, round=self.round, until=self.until)

    def rate(
        self,
        rated: RateAppeal | RecordCallback,
        rules: Rules,
        now: datetime,
        *,
        via: str = APPLICANT,
        rework: bool = True,
    ) -> list[Event]:
        """Take the answer, once in a round; end the loop, have the appeal worked on once more, or reviewed.

        Without `rework` the demand was held unreasonable, and the answer ends the loop. Raises WithdrawnBefore,
        RatedAlready, RatedTooLate, UnknownRating or UnknownAnswer.
        """
        if self.state == WITHDRAWN:
            raise WithdrawnBefore()
        if self.state == ANSWERED:
            raise RatedAlready(round=self.round)
        if self.state == UNANSWERED or self.until <= now:
            raise RatedTooLate()
        UnknownRating.check(rated.rating, RATINGS)
        UnknownAnswer.check(rated.solved, ANSWERS)
        self.state = ANSWERED
        self.rating, self.solved, self.comment = rated.rating, rated.solved, rated.comment
        evaluated = AppealEvaluated(
            receipt=self.receipt,
            at=now,
            by=rated.by,
            department=self.lead,
            round=self.round,
            rating=self.rating,
            solved=self.solved,
            comment=self.comment,
            via=via,
        )
        return [evaluated, self._next_step(rules, now, rework=rework)]

    def withdraw(self) -> None:
        """The applicant has withdrawn the appeal, and is asked no longer."""
        if self.state == ASKED:
            self.state = WITHDRAWN

    def lapse(self, now: datetime) -> AppealArchived:
        """End the loop without an answer, which is not a good one."""
        self.state = UNANSWERED
        return self._archived(NOT_EVALUATED, now)

    def _next_step(self, rules: Rules, now: datetime, *, rework: bool) -> Event:
        content = self.rating not in DISSATISFIED and self.solved != UNSOLVED
        if content or not rework:
            return self._archived(EVALUATED, now)
        told = f"申请人评价为{RATINGS[self.rating]}、{ANSWERS[self.solved]}"
        reason = f"{told}：{self.comment}" if self.comment else told
        about = {"receipt": self.receipt, "at": now, "departments": tuple(self.departments), "reason": reason}
        if self.round > rules.policy.most_reworks:
            return ReviewRequested(round=self.round, due=rules.calendar.due(now, rules.policy.review), **about)
        return AppealReopened(round=self.round + 1, **about)

    def _archived(self, outcome: str, now: datetime) -> AppealArchived:
        return AppealArchived(receipt=self.receipt, at=now, departments=tuple(self.departments), outcome=outcome)
