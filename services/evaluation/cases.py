"""An appeal, as evaluation knows it: who may be called back, and what it has in common with others."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime

from appeals.events import AppealAccepted

ANONYMOUS = "anonymous"
CONFIRMED = "confirmed"  # of an emergency
TOLD_OPENLY = ("public", "ordinary")  # others are left out where a small number could tell who appeals


@dataclass(eq=False, kw_only=True)
class Case:
    """One accepted appeal. `closed_at` is None while it is worked on; `unreasonable` was decided by people.

    An `emergency` was confirmed as one, and goes its own way (转紧急).
    """

    receipt: str
    urgency: str
    category: str
    classification: str
    city: str
    park: str
    accepted_at: datetime
    accused: list[str] = field(default_factory=list)
    closed_at: datetime | None = None
    approved_by: str = ""
    archived: bool = False
    unreasonable: bool = False
    emergency: bool = False
    withdrawn: bool = False

    @classmethod
    def of(cls, accepted: AppealAccepted) -> Case:
        """The appeal that was just accepted; who appeals is not kept, only where."""
        return cls(
            receipt=accepted.receipt,
            urgency=accepted.urgency,
            category=accepted.category,
            classification=accepted.classification,
            city=accepted.applicant.city,
            park=accepted.applicant.park,
            accepted_at=accepted.at,
            accused=list(accepted.accused),
            emergency=accepted.emergency == CONFIRMED,
        )

    def withdraw(self, at: datetime) -> None:
        """The applicant has taken it back: it is worked on no longer, and nobody is asked about it."""
        self.withdrawn, self.closed_at = True, self.closed_at or at

    @property
    def is_anonymous(self) -> bool:
        """Whether nobody knows whom to call."""
        return self.classification == ANONYMOUS
