"""Duplicates: which earlier appeals a new one may repeat, best first, each with its reasons in words.

The block decides who is compared at all: one enterprise, one category, so many days. Within it the texts only rank:
no threshold decides, a person merges, links or does neither.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from appeals.events import AppealResembled
from services.intake.domain import OPEN, Case
from services.intake.identity import HIDDEN
from services.intake.likeness import in_common, similarity
from services.intake.traits import Trait

MOST = 20
DAY = timedelta(days=1)
SHOWN_IN_COMMON = 6
SHARED_COUNTS = 0.1  # so much of a similarity is each thing in common worth, when candidates are put in order


@dataclass(frozen=True, kw_only=True)
class Candidate:
    """An appeal that another may repeat. `days` is how long before it came in; negative when it came later."""

    case: Case
    trait: Trait
    days: int
    similarity: float
    shared: tuple[str, ...]
    same_code: bool

    @property
    def rank(self) -> tuple[float, datetime]:
        """What candidates are put in order by."""
        return self.similarity + SHARED_COUNTS * len(self.shared), self.trait.submitted_at

    def told(self, *, mergeable: bool) -> dict:
        """The candidate as an officer is told of it."""
        return {
            "receipt": self.case.receipt,
            "title": self.case.title,
            "state": self.case.state,
            "submitted_at": self.trait.submitted_at.isoformat(),
            "days": self.days,
            "similarity": round(self.similarity, 2),
            "shared": list(self.shared),
            "mergeable": mergeable,
            "zh": self._zh(),
            "en": self._en(),
        }

    def _zh(self) -> str:
        who = "同一企业" if self.same_code else "企业名称和城市相同"
        when = f"{self.days} 天前" if self.days > 0 else f"{-self.days} 天后" if self.days < 0 else "同日"
        told = f"{who}、同一事项类别，{when}"
        return f"{told}；都提到 {'、'.join(self.shared)}" if self.shared else told

    def _en(self) -> str:
        who = "Same enterprise" if self.same_code else "Same name and city"
        when = f"{abs(self.days)} days {'earlier' if self.days > 0 else 'later'}" if self.days else "on the same day"
        told = f"{who}, same category, {when}"
        return f"{told}; both mention {', '.join(self.shared)}" if self.shared else told


def candidates(
    case: Case, own: Trait, block: Iterable[tuple[Trait, Case]], names: Mapping[str, str]
) -> list[Candidate]:
    """The other appeals of the block, the likest first. `names` are the units' names, by code."""
    found = [_compare(case, own, other, trait, names) for trait, other in block]
    return sorted(found, key=lambda one: one.rank, reverse=True)[:MOST]


def told(case: Case, found: Sequence[Candidate], *, days: int, version: str) -> dict:
    """The answer to an officer's question."""
    return {
        "receipt": case.receipt,
        "days": days,
        "policy_version": version,
        "candidates": [one.told(mergeable=may_be_merged(case, one.case)) for one in found],
    }


def resembled(case: Case, block: Sequence[tuple[Trait, Case]], now: datetime) -> list[AppealResembled]:
    """The word to officers that a new appeal may repeat others; who hides is compared, but never spoken of."""
    others = tuple(other.receipt for trait, other in block if not trait.hidden)[:MOST]
    if case.classification in HIDDEN or not others:
        return []
    return [AppealResembled(receipt=case.receipt, at=now, candidates=others)]


def may_be_merged(case: Case, main: Case) -> bool:
    """Whether a merge would be allowed, as far as the two appeals themselves tell."""
    hidden = {case.classification, main.classification} & HIDDEN.keys()
    return case.is_undecided and main.state in OPEN and not hidden and set(case.accused) == set(main.accused)


def _compare(case: Case, own: Trait, other: Case, trait: Trait, names: Mapping[str, str]) -> Candidate:
    left, right = f"{case.title}\n{case.text}", f"{other.title}\n{other.text}"
    both_about = [names.get(code, code) for code in case.accused if code in other.accused]
    return Candidate(
        case=other,
        trait=trait,
        days=round((own.submitted_at - trait.submitted_at) / DAY),
        similarity=similarity(left, right),
        shared=tuple(dict.fromkeys([*both_about, *in_common(left, right)]))[:SHOWN_IN_COMMON],
        same_code=own.enterprise == trait.enterprise,
    )
