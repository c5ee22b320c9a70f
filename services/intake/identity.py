"""Who appeals, and whom to call: what others may know of it, and what stays in intake.

Events carry what `shown` and `signature` leave; contacts and identities are in no event.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from appeals.applicants import PERSON
from appeals.commands import SubmitAppeal, ViewIdentity
from appeals.errors import Refused
from appeals.events import Applicant, IdentityViewed
from services.masking import mask_name, mask_phone

# The names under which a hidden applicant is shown.
HIDDEN = {"confidential": "保密", "anonymous": "匿名"}


class Sealing(Protocol):
    """What seals and opens: `services.sealing.Seal`."""

    def seal(self, text: str, about: str) -> str:
        """A text, sealed for one row."""

    def open(self, sealed: str, about: str) -> str:
        """The text again."""

    def index(self, text: str) -> str:
        """What equal texts have in common."""


def shown(applicant: Applicant, classification: str) -> Applicant:
    """What others may know of who appeals: of a hidden one only the kind, and the city."""
    if classification in HIDDEN:
        return Applicant(name=HIDDEN[classification], kind=applicant.kind, city=applicant.city)
    return applicant


def signature(account: str, classification: str) -> str:
    """Who acted for the applicant; of a hidden one the account would tell who it is."""
    return "applicant" if classification in HIDDEN else account


class StaysAnonymous(Refused):
    """Raised when somebody would know who appeals anonymously; nobody is told, for whatever purpose."""

    zh = "匿名诉求不提供身份信息，任何人不得查看"
    en = "Who appeals anonymously, nobody is told"


@dataclass(eq=False, kw_only=True)
class Contact:
    """Whom to call about an appeal. It is in no event, and sealed in the table; `phone_index` finds equal numbers."""

    receipt: str
    sealed: str
    phone_index: str

    @classmethod
    def of(cls, submitted: SubmitAppeal, seal: Sealing) -> Contact | None:
        """Whom the applicant names, if anybody."""
        name, phone = submitted.contact_name, submitted.contact_phone
        if not (name or phone):
            return None
        contact = cls(receipt=submitted.receipt, sealed="", phone_index="")
        contact.close({"name": name, "phone": phone}, seal)
        return contact

    def close(self, facts: dict, seal: Sealing) -> None:
        """Seal what is known."""
        self.sealed = seal.seal(json.dumps(facts, ensure_ascii=False), f"contact of {self.receipt}")
        self.phone_index = seal.index(digits(facts["phone"]))

    def opened(self, seal: Sealing) -> dict:
        """Name and phone, in clear."""
        return json.loads(seal.open(self.sealed, f"contact of {self.receipt}"))


@dataclass(eq=False, kw_only=True)
class Identity:
    """Who appeals confidentially or anonymously, and under which account. It is in no event, and sealed in the table.

    `uscc_index` finds those of one enterprise.
    """

    receipt: str
    sealed: str
    uscc_index: str

    @classmethod
    def of(cls, submitted: SubmitAppeal, seal: Sealing) -> Identity | None:
        """Who is behind a hidden name; None when the name is shown."""
        if submitted.classification not in HIDDEN:
            return None
        identity = cls(receipt=submitted.receipt, sealed="", uscc_index="")
        identity.close({"applicant": vars(submitted.applicant), "account": submitted.by}, seal)
        return identity

    def close(self, facts: dict, seal: Sealing) -> None:
        """Seal what is known."""
        self.sealed = seal.seal(json.dumps(facts, ensure_ascii=False), f"identity of {self.receipt}")
        self.uscc_index = seal.index(facts["applicant"]["uscc"] or "")

    def opened(self, seal: Sealing) -> dict:
        """The applicant and the account, in clear."""
        return json.loads(seal.open(self.sealed, f"identity of {self.receipt}"))


def viewed(
    asked: ViewIdentity,
    now: datetime,
    *,
    applicant: dict,
    classification: str,
    contact: Contact | None,
    identity: Identity | None,
    seal: Sealing,
) -> tuple[dict, IdentityViewed | None]:
    """What an officer is told of who appeals: masked, or in clear with a purpose, and then the fact that they were.

    `applicant` is what the appeal itself shows. Raises StaysAnonymous.
    """
    if classification == "anonymous":
        raise StaysAnonymous()
    applicant = identity.opened(seal)["applicant"] if identity else applicant
    reached = contact.opened(seal) if contact else {"name": "", "phone": ""}
    purpose = asked.purpose.strip()
    if purpose:
        told = {"masked": False, "applicant": applicant, "contact": reached}
        return told, IdentityViewed(receipt=asked.receipt, at=now, by=asked.by, purpose=purpose)
    hidden = applicant if applicant["kind"] != PERSON and not identity else _masked(applicant)
    reached = {"name": mask_name(reached["name"]), "phone": mask_phone(reached["phone"])}
    return {"masked": True, "applicant": hidden, "contact": reached}, None


def _masked(applicant: dict) -> dict:
    uscc = applicant["uscc"]
    return applicant | {"name": mask_name(applicant["name"]), "uscc": uscc and mask_phone(uscc), "park": ""}


def digits(phone: str) -> str:
    """A number however it was written, so that it is found."""
    return "".join(char for char in phone if char.isdigit())
