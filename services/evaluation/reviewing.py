"""Review by the superior, 上级复核: what follows when rework is used up; it is final, 终结."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from appeals.commands import DecideReview
from appeals.events import AppealArchived, Event, ReviewDecided, ReviewOverdue, ReviewRequested
from services.evaluation.domain import FINAL_REVIEW
from services.evaluation.refusals import NoReviewOpen, NothingWritten, ReviewsOwnApproval, UnknownDecision

UPHELD, CHANGED = "upheld", "changed"
DECISIONS = (UPHELD, CHANGED)


@dataclass(eq=False, kw_only=True)
class Review:
    """The superior's review of one appeal. `decision` is empty while it is open; `next_at` is when it is overdue."""

    receipt: str
    round: int
    departments: list[str]
    due: datetime
    next_at: datetime | None
    decision: str = ""

    @classmethod
    def of(cls, requested: ReviewRequested) -> Review:
        """The review that was just requested."""
        return cls(
            receipt=requested.receipt,
            round=requested.round,
            departments=list(requested.departments),
            due=requested.due,
            next_at=requested.due,
        )

    def decide(self, decided: DecideReview, now: datetime, *, approved_by: str) -> list[Event]:
        """Uphold or change what the department did, and archive the appeal.

        `approved_by` let the reply stand. Raises NoReviewOpen, UnknownDecision, NothingWritten or
        ReviewsOwnApproval.
        """
        if self.decision:
            raise NoReviewOpen()
        UnknownDecision.check(decided.decision, DECISIONS)
        if not decided.reason.strip():
            raise NothingWritten(field="reason", what="the reasons", what_zh="复核理由")
        if decided.by == approved_by:
            raise ReviewsOwnApproval()
        self.decision, self.next_at = decided.decision, None
        about = {"receipt": self.receipt, "at": now, "departments": tuple(self.departments)}
        return [
            ReviewDecided(by=decided.by, decision=self.decision, reason=decided.reason, **about),
            AppealArchived(outcome=FINAL_REVIEW, review=self.decision, **about),
        ]

    @property
    def has_changed(self) -> bool:
        """Whether the superior has changed what the department did."""
        return self.decision == CHANGED

    def come_due(self, now: datetime) -> ReviewOverdue:
        """Nobody has decided in time; that is told once."""
        self.next_at = None
        return ReviewOverdue(receipt=self.receipt, at=now, due=self.due)
