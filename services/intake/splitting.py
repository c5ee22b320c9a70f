"""Splitting, 一单多事: a text with several matters becomes an appeal for each, with receipt and clock of its own.

Who appeals and who acts for them, whom it is about, whom to call, what was attached and how confidential it is go
over to each part unchanged.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence
from datetime import datetime

from appeals.calendar import Calendar
from appeals.commands import AppealPart, SplitAppeal
from appeals.errors import Refused
from appeals.events import AppealSplit, AppealSubmitted
from services.intake.agents import Agent
from services.intake.domain import KINDS, SPLIT, Case, Policy, UnknownKind
from services.intake.identity import Contact, Identity, Sealing
from services.intake.merging import check_nothing_merged

FEWEST = 2


class TooFewParts(Refused):
    """Raised when an appeal is split into fewer than two parts."""

    status = 422
    field = "parts"
    zh = "一单多事至少分拆为 2 件"
    en = "An appeal is split into two parts or more"


class PartOfAnother(Refused):
    """Raised when a part is to be split once more."""

    zh = "该诉求由 {parent} 分拆而来，不能再次分拆"
    en = "This appeal is a part of {parent}; it cannot be split again"


def split(
    case: Case, command: SplitAppeal, now: datetime, *, merged: Sequence[Case], policy: Policy, calendar: Calendar
) -> tuple[list[Case], AppealSplit]:
    """The parts of an undecided appeal, each with the whole time to decide on it, and the word about the appeal.

    Raises AlreadyDecided, PartOfAnother, HasMerged, TooFewParts or UnknownKind.
    """
    case.check_undecided()
    if case.split_from:
        raise PartOfAnother(parent=case.split_from)
    check_nothing_merged(merged)
    if len({part.receipt for part in command.parts}) < FEWEST:
        raise TooFewParts()
    parts = [_part_of(case, part) for part in command.parts]
    for part in parts:
        part.start_clock(now, policy=policy, calendar=calendar)
    case.state, case.supplement_due, case.next_at = SPLIT, None, None
    receipts = tuple(part.receipt for part in parts)
    return parts, AppealSplit(receipt=case.receipt, at=now, by=command.by, parts=receipts, reason=command.reason)


def submitted(part: Case, now: datetime, *, by: str) -> AppealSubmitted:
    """The part as others are told of it; the officer has handed it in."""
    return dataclasses.replace(part.submitted(now, by=by), by=by, split_from=part.split_from)


def kept_apart(
    part: Case, contact: Contact | None, identity: Identity | None, agent: Agent | None, seal: Sealing
) -> list[Contact | Identity | Agent]:
    """Whom to call about a part, who hides behind its name, who acts for them: as with its parent, each sealed anew."""
    found: list[Contact | Identity | Agent] = []
    if contact:
        own = Contact(receipt=part.receipt, sealed="", phone_index="")
        own.close(contact.opened(seal), seal)
        found.append(own)
    if identity:
        hidden = Identity(receipt=part.receipt, sealed="", uscc_index="")
        hidden.close(identity.opened(seal), seal)
        found.append(hidden)
    if agent:
        found.append(agent.of_part(part.receipt, seal))
    return found


def _part_of(case: Case, part: AppealPart) -> Case:
    kind = part.kind or case.kind
    UnknownKind.check(kind, KINDS)
    return Case(
        receipt=part.receipt,
        title=part.title,
        text=part.text,
        applicant=dict(case.applicant),
        channel=case.channel,
        kind=kind,
        urgency=case.urgency,
        complexity=case.complexity,
        category=part.category or case.category,
        classification=case.classification,
        accused=list(case.accused),
        outside_reference=case.outside_reference,
        attachments=[dict(one) for one in case.attachments],
        split_from=case.receipt,
    )
