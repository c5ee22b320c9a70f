"""Handing over: what another platform may hand over, once for each of its references, and what it is told of it."""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from appeals.categories import CATEGORIES
from appeals.commands import SubmitAppeal
from appeals.errors import NotOnTheList, Refused, WordNotAllowed
from appeals.events import (
    AppealAccepted,
    AppealAdvanced,
    AppealArchived,
    AppealClosed,
    AppealHandedOver,
    AppealRejected,
    AppealReopened,
    AppealWithdrawn,
    Event,
    HandoverRefused,
    HandoverTaken,
    HandoverUpdated,
    SupplementRequested,
)
from appeals.manifest import CLASSIFICATIONS, Manifest
from appeals.message import plain
from appeals.units import Units
from services.intake.domain import UnknownClassification
from services.intake.identity import shown

REFERENCE = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,38}")
# How long the texts may be, as at the other doors; those of the first line may not be empty.
LONGEST = {"title": 200, "text": 5000, "applicant.name": 100}
LONGEST |= {"applicant.kind": 32, "applicant.city": 50, "applicant.park": 100, "contact_name": 50, "contact_phone": 30}
FILLED = ("title", "text", "applicant.name")
MOST_ACCUSED, LONGEST_ACCUSED = 10, 60
# Drawn here, or whom to call: two hand-overs that differ in nothing else are the same.
_NOT_CONTENT = ("receipt", "at", "by", "platform", "outside_reference", "contact_name", "contact_phone")
_NOT_CONTENT += ("agent_name", "agent_phone", "authorisation")


class BadReference(Refused):
    """Raised when a reference cannot be kept, or `receipt` does not repeat it behind the platform's code."""

    status = 422
    field = "reference"
    zh = "转办编号应为 1–39 位字母、数字、点、横线或下划线，receipt 应为平台代码、半角冒号和编号（如 {platform}:A1）"
    en = "A reference has 1 to 39 letters, digits, dots, hyphens or underscores; `receipt` is `{platform}:` and it"


class ReferenceUsedBefore(Refused):
    """Raised when a platform hands something else over under a reference that it has used."""

    field = "reference"
    zh = "编号 {reference} 已用于内容不同的诉求，请使用新编号"
    en = "The reference {reference} was used before for something else; use a new one"


class HandedOverBefore(Refused):
    """Raised when a command hands over what was handed over before; whoever asks is given the first receipt."""

    field = "reference"
    zh = "编号 {reference} 的诉求此前已接收，受理编号 {receipt}"
    en = "What has the reference {reference} was handed over before; its receipt is {receipt}"

    def told(self) -> dict:
        return super().told() | {"receipt": self.facts["receipt"]}


class NotYourChannel(NotOnTheList):
    """Raised when a platform hands over by a channel that is not one of its own."""

    field = "channel"


class UnknownCategory(NotOnTheList):
    """Raised when a category is not known."""

    field = "category"


class AboveCeiling(Refused):
    """Raised when a platform hands over what is more confidential than its manifest lets it."""

    status = 422
    field = "classification"
    zh = "密级“{classification}”超出本平台的接入上限“{ceiling}”"
    en = "{classification} is above what this platform may hand over ({ceiling})"


class OutOfBounds(Refused):
    """Raised when a field is empty that may not be, or holds more than we can keep."""

    status = 422
    zh = "{field} 不符合要求（不能为空，且不超过 {longest} 字）"
    en = "{field} is not right: it may not be empty, and has at most {longest} characters"


@dataclass(eq=False, kw_only=True)
class Handover:
    """An appeal that a platform handed over under a reference of its own; `digest` tells its content."""

    platform: str
    reference: str
    receipt: str
    digest: str

    @classmethod
    def of(cls, submitted: SubmitAppeal) -> Handover | None:
        """What is kept of a hand-over; None when the appeal came from nobody else."""
        if not submitted.platform:
            return None
        return cls(
            platform=submitted.platform,
            reference=submitted.outside_reference,
            receipt=submitted.receipt,
            digest=digest(submitted),
        )

    def check_same(self, submitted: SubmitAppeal) -> None:
        """Whether this is handed over once more. Raises ReferenceUsedBefore when it is something else."""
        if self.digest != digest(submitted):
            raise ReferenceUsedBefore(reference=self.reference)

    def taken(self, now: datetime) -> HandoverTaken:
        """The receipt, as the platform is told."""
        return HandoverTaken(receipt=self.receipt, at=now, platform=self.platform, reference=self.reference)

    def updated(self, event: Event) -> HandoverUpdated | None:
        """What became of the appeal, as the platform is told."""
        match event:
            case AppealAccepted():
                state, note = "accepted", ""
            case AppealRejected():
                state, note = "rejected", "；".join(filter(None, (event.explanation, event.where_to_go)))
            case AppealWithdrawn():
                state, note = "withdrawn", event.reason
            case SupplementRequested():
                state, note = "supplementing", "；".join(filter(None, (*event.missing, event.note)))
            case AppealClosed():
                state, note = "closed", event.summary
            case AppealReopened():
                state, note = "reopened", event.reason
            case AppealArchived():
                state, note = "archived", event.outcome
            case AppealAdvanced():
                state, note = event.stage, event.summary
            case _:
                return None
        return HandoverUpdated(
            receipt=self.receipt,
            at=event.at,
            platform=self.platform,
            reference=self.reference,
            state=state,
            note=note,
        )


def digest(submitted: SubmitAppeal) -> str:
    """Tells the content of what is handed over, by whichever way it comes, but nothing of who hides."""
    content = {name: value for name, value in plain(submitted).items() if name not in _NOT_CONTENT}
    content["applicant"] = plain(shown(submitted.applicant, submitted.classification))
    return hashlib.sha256(json.dumps(content, sort_keys=True).encode()).hexdigest()


def check_number(platform: str, reference: str) -> None:
    """Whether we can keep it. Raises BadReference."""
    if not REFERENCE.fullmatch(reference):
        raise BadReference(platform=platform)


def check_word(word: AppealHandedOver, manifest: Manifest | None) -> None:
    """Whether the platform may hand this over. Raises a refusal that says what is wrong."""
    if manifest is None:
        raise WordNotAllowed(topic=word.topic)
    check_number(word.platform, word.reference)
    if word.receipt != f"{word.platform}:{word.reference}":
        raise BadReference(platform=word.platform)
    NotYourChannel.check(word.channel, manifest.channels)
    UnknownCategory.check(word.category, CATEGORIES)
    UnknownClassification.check(word.classification, CLASSIFICATIONS)
    if not manifest.clears(word.classification):
        raise AboveCeiling(classification=word.classification, ceiling=manifest.ceiling)
    _check_texts(word)


def _check_texts(word: AppealHandedOver) -> None:
    for field, longest in LONGEST.items():
        owner, _, name = field.rpartition(".")
        value = getattr(word.applicant if owner else word, name)
        if len(value) > longest or (field in FILLED and not value.strip()):
            raise OutOfBounds(field=field, longest=longest)
    if len(word.accused) > MOST_ACCUSED or any(not 0 < len(one) <= LONGEST_ACCUSED for one in word.accused):
        raise OutOfBounds(field="accused", longest=LONGEST_ACCUSED)


def as_submitted(
    word: AppealHandedOver, receipt: str, now: datetime, *, units: Units, names: Mapping[str, str]
) -> SubmitAppeal:
    """What is handed over, as any other appeal that comes in; units that it is about go by their codes."""
    facts = {name: value for name, value in vars(word).items() if name not in ("receipt", "at", "by", "reference")}
    accused = tuple(dict.fromkeys(code for written in word.accused for code in units.told(written, names)))
    facts |= {"accused": accused, "outside_reference": word.reference}
    return SubmitAppeal(receipt=receipt, at=now, by=word.platform, **facts)


def refused(word: AppealHandedOver, refusal: Refused, now: datetime) -> HandoverRefused:
    """Why it is not taken, as the platform is told."""
    told = refusal.told()
    return HandoverRefused(
        receipt=word.receipt,
        at=now,
        platform=word.platform,
        reference=word.reference,
        code=told["code"],
        zh=told["zh"],
        en=told["en"],
    )
