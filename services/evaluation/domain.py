"""Evaluation: what the applicant's answer leads to, and what no answer leads to.

Decisions only: the policy and the time arrive as arguments, and facts or refusals leave.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from appeals.commands import RateAppeal
from appeals.errors import Refused
from appeals.events import AppealArchived, AppealClosed, AppealEvaluated, AppealReopened, EvaluationRequested, Event

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

# Of one round: asked, answered by the applicant, or over without an answer.
ASKED, ANSWERED, UNANSWERED = "asked", "answered", "unanswered"

# How the loop ends.
EVALUATED, NOT_EVALUATED, FINAL_REVIEW = "evaluated", "not evaluated", "final review"


class NotClosedYet(Refused):
    """Raised when somebody rates an appeal that was not closed."""

    zh = "该诉求尚未办结,暂不能评价"
    en = "This appeal is not closed yet; it can be rated then"


class RatedAlready(Refused):
    """Raised when an appeal is rated twice in one round."""

    zh = "该诉求本轮(第 {round} 轮)已评价,不能重复评价"
    en = "This appeal was rated already in round {round}"


class RatedTooLate(Refused):
    """Raised when an appeal is rated after the time for that has passed."""

    zh = "评价期限已过,不能再评价"
    en = "The time for rating this appeal has passed"


class UnknownRating(Refused):
    """Raised when a rating is none of the five levels."""

    status = 422
    field = "rating"
    zh = "没有“{value}”这一评价等级,可选:{known}"
    en = "{value!r} is no rating; one of: {known}"


class UnknownAnswer(Refused):
    """Raised when `solved` is none of the three answers."""

    status = 422
    field = "solved"
    zh = "没有“{value}”这一选项,可选:{known}"
    en = "{value!r} is no answer; one of: {known}"


@dataclass(frozen=True, kw_only=True)
class Policy:
    """The versioned numbers of evaluation; each has its source in the file."""

    version: str
    answer_days: int
    most_reopenings: int


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

    def rate(self, rated: RateAppeal, policy: Policy, now: datetime) -> list[Event]:
        """Take the answer, and end the loop or have the appeal worked on once more.

        Raises RatedAlready, RatedTooLate, UnknownRating or UnknownAnswer.
        """
        if self.state == ANSWERED:
            raise RatedAlready(round=self.round)
        if self.state == UNANSWERED or self.until <= now:
            raise RatedTooLate()
        if rated.rating not in RATINGS:
            raise UnknownRating(value=rated.rating, known=", ".join(RATINGS))
        if rated.solved not in ANSWERS:
            raise UnknownAnswer(value=rated.solved, known=", ".join(ANSWERS))
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
        )
        return [evaluated, self._next_step(policy, now)]

    def lapse(self, now: datetime) -> AppealArchived:
        """End the loop without an answer, which is not a good one."""
        self.state = UNANSWERED
        return self._archived(NOT_EVALUATED, now)

    def _next_step(self, policy: Policy, now: datetime) -> Event:
        if self.rating not in DISSATISFIED and self.solved != UNSOLVED:
            return self._archived(EVALUATED, now)
        if self.round > policy.most_reopenings:
            return self._archived(FINAL_REVIEW, now)
        told = f"申请人评价为{RATINGS[self.rating]}、{ANSWERS[self.solved]}"
        return AppealReopened(
            receipt=self.receipt,
            at=now,
            departments=tuple(self.departments),
            round=self.round + 1,
            reason=f"{told}:{self.comment}" if self.comment else told,
        )

    def _archived(self, outcome: str, now: datetime) -> AppealArchived:
        return AppealArchived(receipt=self.receipt, at=now, departments=tuple(self.departments), outcome=outcome)
