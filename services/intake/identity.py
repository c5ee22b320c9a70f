"""Who appeals, and whom to call: what others may know of it, and what stays in intake.

Events carry what `shown` and `signature` leave; contacts and identities are in no event.
"""

from __future__ import annotations

from dataclasses import dataclass

from appeals.commands import SubmitAppeal
from appeals.events import Applicant

# The names under which a hidden applicant is shown.
HIDDEN = {"confidential": "保密", "anonymous": "匿名"}


def shown(applicant: Applicant, classification: str) -> Applicant:
    """What others may know of who appeals: of a hidden one only the kind, and the city."""
    if classification in HIDDEN:
        return Applicant(name=HIDDEN[classification], kind=applicant.kind, city=applicant.city)
    return applicant


def signature(account: str, classification: str) -> str:
    """Who acted for the applicant; of a hidden one the account would tell who it is."""
    return "applicant" if classification in HIDDEN else account


@dataclass(eq=False, kw_only=True)
class Contact:
    """Whom to call about an appeal. It is in no event."""

    receipt: str
    name: str
    phone: str

    @classmethod
    def of(cls, submitted: SubmitAppeal) -> Contact | None:
        """Whom the applicant names, if anybody."""
        if submitted.contact_name or submitted.contact_phone:
            return cls(receipt=submitted.receipt, name=submitted.contact_name, phone=submitted.contact_phone)
        return None


@dataclass(eq=False, kw_only=True)
class Identity:
    """Who appeals confidentially or anonymously, and under which account. It is in no event."""

    receipt: str
    applicant: dict
    account: str

    @classmethod
    def of(cls, submitted: SubmitAppeal) -> Identity | None:
        """Who is behind a hidden name; None when the name is shown."""
        if submitted.classification in HIDDEN:
            return cls(receipt=submitted.receipt, applicant=vars(submitted.applicant).copy(), account=submitted.by)
        return None
