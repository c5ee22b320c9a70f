"""Unreasonable demands, 不合理诉求: asked for on a legal basis, reviewed, and decided by three different people.

Nothing here is ever decided by rule. After 信访工作条例 (2022), article 32, and 潍坊市12345条例, article 21.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from appeals.commands import DecideUnreasonable, RequestUnreasonable, ReviewUnreasonable
from appeals.events import UnreasonableDecided, UnreasonableRequested, UnreasonableReviewed
from services.evaluation.refusals import NothingRequested, NothingWritten, NotReviewedYet, OpinionAgainst, SameAccount

ASKED, REVIEWED, APPROVED, DENIED = "asked", "reviewed", "approved", "denied"


@dataclass(eq=False, kw_only=True)
class Demand:
    """The request to hold an appeal's demand unreasonable, and how far it has come."""

    receipt: str
    basis: str
    asked_by: str
    state: str = ASKED
    supported: bool = False
    reviewed_by: str = ""

    @classmethod
    def of(cls, asked: RequestUnreasonable) -> Demand:
        """The request that an officer makes. Raises NothingWritten."""
        _check_written(asked.basis, "basis", "the legal basis", "法律依据")
        _check_written(asked.reason, "reason", "the reasons", "理由")
        return cls(receipt=asked.receipt, basis=asked.basis, asked_by=asked.by)

    def request(self, asked: RequestUnreasonable, now: datetime) -> UnreasonableRequested:
        """The request as it is told."""
        return UnreasonableRequested(receipt=self.receipt, at=now, by=asked.by, basis=asked.basis, reason=asked.reason)

    def review(self, reviewed: ReviewUnreasonable, now: datetime) -> UnreasonableReviewed:
        """Note the opinion of legal review. Raises NothingRequested, SameAccount or NothingWritten."""
        if self.state != ASKED:
            raise NothingRequested()
        self._check_account(reviewed.by)
        _check_written(reviewed.opinion, "opinion", "the opinion", "审查意见")
        self.state, self.supported, self.reviewed_by = REVIEWED, reviewed.supported, reviewed.by
        return UnreasonableReviewed(
            receipt=self.receipt, at=now, by=reviewed.by, supported=reviewed.supported, opinion=reviewed.opinion
        )

    def decide(self, decided: DecideUnreasonable, departments: Sequence[str], now: datetime) -> UnreasonableDecided:
        """Hold the demand unreasonable, or not.

        Raises NotReviewedYet, NothingRequested, SameAccount, NothingWritten, or OpinionAgainst when legal review does
        not support it.
        """
        if self.state == ASKED:
            raise NotReviewedYet()
        if self.state != REVIEWED:
            raise NothingRequested()
        self._check_account(decided.by)
        _check_written(decided.reason, "reason", "the reasons, for the appellant to read", "向申请人说明的理由")
        if decided.approve:
            _check_written(decided.remedies, "remedies", "the remedies", "救济途径")
            if not self.supported:
                raise OpinionAgainst()
        self.state = APPROVED if decided.approve else DENIED
        return UnreasonableDecided(
            receipt=self.receipt,
            at=now,
            by=decided.by,
            departments=tuple(departments),
            approved=decided.approve,
            reason=decided.reason,
            basis=self.basis,
            remedies=decided.remedies,
        )

    def _check_account(self, by: str) -> None:
        if by in (self.asked_by, self.reviewed_by):
            raise SameAccount(by=by)


def _check_written(text: str, field: str, what: str, what_zh: str) -> None:
    if not text.strip():
        raise NothingWritten(field=field, what=what, what_zh=what_zh)
