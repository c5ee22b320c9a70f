"""Flags: a matter that an enterprise brings up again and again, or that many enterprises bring up at once.

Supervision hears of it. A matter is a category and the units that it is about: only appeals about the same units count
together, since whoever leads one is told how many there are, and may not learn of those that are about it. Who hides
takes no part: that an appeal is flagged, or is not, would tell whose it is.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime

from appeals.events import AppealFlagged
from services.intake.domain import OPEN, Case
from services.intake.traits import Likeness, Trait

REPEATED, COLLECTIVE = "repeated", "collective"

Alike = tuple[Trait, Case]


def repeated(case: Case, own: Trait, others: Sequence[Alike], likeness: Likeness, now: datetime) -> list[AppealFlagged]:
    """Flag the open appeals of an enterprise when there are enough of them; the parts of one count as one."""
    others = _about_the_same(case, others)
    least, days = likeness.repeated.least, likeness.repeated.days
    count = len({own.submission, *(trait.submission for trait, _ in others)})
    if count < least:
        return []
    reason = f"同一企业就同一事项类别 {days} 天内已提出 {count} 次诉求"
    return _flag(REPEATED, count, days, reason, own, others, now)


def collective(
    case: Case, own: Trait, others: Sequence[Alike], likeness: Likeness, now: datetime
) -> list[AppealFlagged]:
    """Flag the open appeals about one accused unit or from one park when enough enterprises have appealed."""
    others = _about_the_same(case, others)
    least, days = likeness.collective.least, likeness.collective.days
    count = len({own.enterprise, *(trait.enterprise for trait, _ in others)})
    if count < least:
        return []
    reason = f"{days} 天内已有 {count} 家企业就同一事项类别、同一被反映单位或者同一园区提出诉求"
    return _flag(COLLECTIVE, count, days, reason, own, others, now)


def _about_the_same(case: Case, others: Sequence[Alike]) -> list[Alike]:
    return [(trait, other) for trait, other in others if not trait.hidden and set(other.accused) == set(case.accused)]


def _flag(
    flag: str, count: int, days: int, reason: str, own: Trait, others: Iterable[Alike], now: datetime
) -> list[AppealFlagged]:
    open_ = [case.receipt for _, case in others if case.state in OPEN]
    facts = {"at": now, "flag": flag, "count": count, "days": days, "reason": reason}
    return [AppealFlagged(receipt=receipt, **facts) for receipt in dict.fromkeys((own.receipt, *open_))]
