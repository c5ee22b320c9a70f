"""Merging, 并案: an officer lets an appeal go as another open one about the same matter goes, and may take it back.

Every submitter keeps the own receipt. A merge needs one enterprise, one category and one set of accused units, so
that nobody comes to handle or to read what is about them. Who hides is never merged: it would tell who they are.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime

from appeals.calendar import Calendar
from appeals.commands import MergeAppeal, UnmergeAppeal
from appeals.errors import Refused
from appeals.events import AppealMerged, AppealUnmerged
from services.intake.domain import MERGED, OPEN, SUBMITTED, Case, Policy
from services.intake.identity import HIDDEN
from services.intake.traits import Likeness, Trait, in_one_block

MAIN_LAPSED = "主诉求逾期未补正，不予受理"


class NotMergeable(Refused):
    """Raised when an appeal is to be merged into itself, or into one that there is not."""

    status = 422
    field = "into"
    zh = "主诉求 {into} 不存在，或就是本诉求"
    en = "{into} is not another appeal"


class MainNotOpen(Refused):
    """Raised when an appeal is to be merged into one that is over, or that was merged or split itself."""

    field = "into"
    zh = "主诉求 {into} 不在办理中，不能并入；有新的事实和理由的，可以关联"
    en = "{into} is not open; with new facts the appeal can be linked to it"


class HasMerged(Refused):
    """Raised when others were merged into an appeal that is to be merged, split or rejected itself."""

    zh = "已有诉求并入本诉求（{merged}），请先解除并案"
    en = "Others were merged into this appeal ({merged}); take those back first"


class NotTheSameMatter(Refused):
    """Raised when two appeals are not of one enterprise and category within the days of the policy."""

    field = "into"
    zh = "两件诉求不是同一企业在 {days} 天内就同一事项类别提出的，不能并案"
    en = "The two are not of one enterprise and category within {days} days"


class AccusesOthers(Refused):
    """Raised when two appeals are not about the same units: one of these could come to handle or read the other."""

    zh = "两件诉求的被反映单位不一致，不能并案或者告知其办理情况，可以关联"
    en = "The two are not about the same units, so neither is merged into or told of in the other; link them instead"


class HiddenApplicant(Refused):
    """Raised when a merge, or naming the earlier appeal, would tell others who hides behind a name."""

    zh = "保密或者匿名诉求不得并案，也不得写明其与其他诉求出自同一申请人"
    en = "A confidential or anonymous appeal is not merged, nor is it told to be of another's applicant"


class NotMerged(Refused):
    """Raised when a merge is taken back that is not in force."""

    zh = "该诉求当前未并入其他诉求，或者主诉求已经办结"
    en = "This appeal is not merged into an open one"


def merge(
    case: Case,
    main: Case | None,
    command: MergeAppeal,
    now: datetime,
    *,
    merged: Sequence[Case],
    traits: Iterable[Trait],
    main_traits: Iterable[Trait],
    likeness: Likeness,
) -> AppealMerged:
    """Let an undecided appeal go as an open one goes; `merged` are those that were merged into it before.

    Raises NotMergeable, HiddenApplicant, AlreadyDecided, HasMerged, MainNotOpen, AccusesOthers or NotTheSameMatter.
    """
    if main is None or main is case:
        raise NotMergeable(into=command.into)
    check_nobody_hides(case, main)
    case.check_undecided()
    check_nothing_merged(merged)
    if main.state not in OPEN:
        raise MainNotOpen(into=command.into)
    check_about_the_same(case, main)
    if not in_one_block(traits, main_traits, likeness.window):
        raise NotTheSameMatter(days=likeness.days)
    case.state, case.supplement_due, case.next_at, case.merged_into = MERGED, None, None, main.receipt
    return AppealMerged(receipt=case.receipt, at=now, by=command.by, into=main.receipt, reason=command.reason)


def unmerge(case: Case, command: UnmergeAppeal, now: datetime, *, policy: Policy, calendar: Calendar) -> AppealUnmerged:
    """Take a merge back while the main appeal is open; the desk then decides, in its whole time. Raises NotMerged."""
    if case.state != MERGED:
        raise NotMerged()
    into, case.state, case.merged_into = case.merged_into, SUBMITTED, ""
    case.start_clock(now, policy=policy, calendar=calendar)
    return AppealUnmerged(receipt=case.receipt, at=now, by=command.by, into=into, reason=command.reason)


def check_nothing_merged(merged: Sequence[Case]) -> None:
    """No other appeal goes as this one goes. Raises HasMerged."""
    if merged:
        raise HasMerged(merged=", ".join(one.receipt for one in merged))


def check_about_the_same(case: Case, other: Case) -> None:
    """Two appeals are about the same units. Raises AccusesOthers."""
    if set(case.accused) != set(other.accused):
        raise AccusesOthers()


def check_nobody_hides(*cases: Case) -> None:
    """Nobody hides behind a name. Raises HiddenApplicant."""
    if any(case.classification in HIDDEN for case in cases):
        raise HiddenApplicant()
