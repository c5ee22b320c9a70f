"""Traits: what an appeal is found alike by: its enterprise, the units it is about, and the park it is in.

They stand in a table of their own, so that a block is one look into an index. An anonymous appeal has none. Of a
confidential one only the enterprise is kept, for the eyes of intake's officers: it takes part in no flag.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

from appeals.applicants import PERSON
from appeals.events import Applicant
from services.intake.identity import HIDDEN, Sealing

ENTERPRISE, ACCUSED, PARK = "enterprise", "accused", "park"
ANONYMOUS = "anonymous"
_BY_CODE = "uscc:"


@dataclass(frozen=True, kw_only=True)
class Threshold:
    """How many, within how many days."""

    least: int
    days: int


@dataclass(frozen=True, kw_only=True)
class Likeness:
    """The numbers by which appeals are found alike: for how many days they are compared, and when they are flagged."""

    days: int
    repeated: Threshold
    collective: Threshold

    @property
    def window(self) -> timedelta:
        """How far back an appeal is compared."""
        return timedelta(days=self.days)


@dataclass(eq=False, kw_only=True)
class Trait:
    """One thing by which an appeal is found.

    `enterprise` is who appeals, by code or else by name and city; `submission` the receipt under which it was handed
    in, which the parts of a split appeal share.
    """

    receipt: str
    kind: str
    value: str
    category: str
    submitted_at: datetime
    enterprise: str
    submission: str
    hidden: bool


def traits_of(
    applicant: Applicant,
    accused: Iterable[str],
    *,
    receipt: str,
    category: str,
    classification: str,
    at: datetime,
    submission: str = "",
    seal: Sealing,
) -> list[Trait]:
    """What an appeal is found by; `applicant` is who is really behind it. One of a person has no enterprise."""
    names = enterprise_keys(applicant, seal) if classification != ANONYMOUS else ()
    if not names:
        return []
    hidden = classification in HIDDEN
    found = [(ENTERPRISE, name) for name in names]
    if not hidden:
        found += [(ACCUSED, written[:200]) for written in dict.fromkeys(accused)]
        found += [(PARK, f"{_plain(applicant.city)}/{_plain(applicant.park)}")] if applicant.park else []
    about = {"receipt": receipt, "category": category, "submitted_at": at, "submission": submission or receipt}
    return [Trait(kind=kind, value=value, enterprise=names[0], hidden=hidden, **about) for kind, value in found]


def enterprise_keys(applicant: Applicant, seal: Sealing) -> tuple[str, ...]:
    """The blind indexes of an enterprise: of its credit code, if it gives one, and of its name with the city.

    They are blind for all, so that they tell of nobody who they are, and those that hide are found with the others.
    """
    if applicant.kind == PERSON:
        return ()
    by_name = "name:" + seal.index(f"{_plain(applicant.name)}/{_plain(applicant.city)}")
    return (_BY_CODE + seal.index(applicant.uscc.upper()), by_name) if applicant.uscc else (by_name,)


def in_one_block(one: Iterable[Trait], other: Iterable[Trait], window: timedelta) -> bool:
    """Whether two appeals are of one enterprise and category, and no further apart than the window."""
    return any(
        left.kind == right.kind == ENTERPRISE
        and left.value == right.value
        and left.category == right.category
        and not differ(left, right)
        and abs(left.submitted_at - right.submitted_at) <= window
        for left in one
        for right in other
    )


def is_by_same_enterprise(one: Iterable[Trait], other: Iterable[Trait]) -> bool:
    """Whether two appeals are of one enterprise, whatever they are about."""
    return any(
        left.kind == right.kind == ENTERPRISE and left.value == right.value and not differ(left, right)
        for left in one
        for right in other
    )


def differ(one: Trait, other: Trait) -> bool:
    """Whether two credit codes tell that enterprises of one name are not one."""
    return one.enterprise != other.enterprise and all(t.enterprise.startswith(_BY_CODE) for t in (one, other))


def _plain(name: str) -> str:
    letters = "".join(char for char in unicodedata.normalize("NFKC", name).casefold() if char.isalnum())
    return letters.removesuffix("市")
