"""Linking, 关联: an appeal with new facts belongs with an earlier one and has a clock of its own; one without is
rejected, and told how the earlier one stands."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterable
from datetime import datetime

from appeals.commands import LinkAppeal
from appeals.errors import Refused
from appeals.events import AppealLinked, AppealRejected
from services.intake.domain import DECIDED, SUBMITTED, SUPPLEMENTING, Case, NotLinkable
from services.intake.merging import check_about_the_same, check_nobody_hides
from services.intake.traits import Trait, is_by_same_enterprise

STANDS = DECIDED | {SUBMITTED: "待受理", SUPPLEMENTING: "补正中"}


class LinkedAlready(Refused):
    """Raised when an appeal is linked once more to the one it is linked to."""

    field = "linked_to"
    zh = "该诉求已关联 {linked_to}"
    en = "This appeal is linked to {linked_to} already"


class NotEarlierOfTheSame(Refused):
    """Raised when the earlier appeal is not there, or not of the same enterprise: how it stands is not told then."""

    status = 422
    field = "earlier"
    zh = "{earlier} 不是同一企业此前提出的诉求，不能告知其办理情况"
    en = "{earlier} is not an earlier appeal of the same enterprise; how it stands cannot be told"


def link(case: Case, linked: Case | None, command: LinkAppeal, now: datetime) -> AppealLinked:
    """Note that an appeal belongs with another. Raises NotLinkable or LinkedAlready."""
    if linked in (None, case):
        raise NotLinkable(linked_to=command.linked_to)
    if case.linked_to == linked.receipt:
        raise LinkedAlready(linked_to=linked.receipt)
    case.linked_to = linked.receipt
    return AppealLinked(receipt=case.receipt, at=now, by=command.by, linked_to=linked.receipt, reason=command.reason)


def telling_of_earlier(
    rejected: AppealRejected,
    case: Case,
    earlier: Case | None,
    named: str,
    *,
    traits: Iterable[Trait],
    earlier_traits: Iterable[Trait],
) -> AppealRejected:
    """A rejection that also tells how the earlier appeal stands, of which `named` is the receipt.

    Raises NotEarlierOfTheSame, HiddenApplicant or AccusesOthers.
    """
    if earlier in (None, case) or not is_by_same_enterprise(traits, earlier_traits):
        raise NotEarlierOfTheSame(earlier=named)
    check_nobody_hides(case, earlier)
    check_about_the_same(case, earlier)
    stands = f"原诉求 {earlier.receipt} 办理状态：{STANDS[earlier.state]}"
    return dataclasses.replace(rejected, explanation=f"{rejected.explanation}；{stands}")
