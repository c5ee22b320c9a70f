"""Rights: who may do what, and whose appeals they may see. What is not allowed here is not allowed."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import ColumnElement, and_, exists, false, or_, select, true

from appeals.manifest import CLASSIFICATIONS
from services.portal.domain import RETURNED
from services.portal.people_tables import submissions
from services.portal.roles import (
    ANONYMOUS,
    APPLICANT,
    AUDITOR,
    DEPARTMENT,
    DISPATCHER,
    ENTERPRISE,
    INTAKE_OFFICER,
    OFFICERS,
    PLATFORM,
    SECURITY_ADMINISTRATOR,
    STAFF,
    SUPERVISOR,
    SYSTEM_ADMINISTRATOR,
)
from services.portal.store import accused, appeals, orders

SAYS_MORE = STAFF - {AUDITOR}  # an auditor only reads
OPEN = ("public", "ordinary")  # what an enterprise's people see of one another; the rest hides who appeals

ALLOWED: dict[str, frozenset[str]] = {
    "submit": SAYS_MORE | {ENTERPRISE, PLATFORM, APPLICANT, ANONYMOUS},
    "import": frozenset({INTAKE_OFFICER}),
    "read": STAFF | {ENTERPRISE, PLATFORM, APPLICANT},
    "list": STAFF | {ENTERPRISE, PLATFORM},
    "export": STAFF,
    "print-orders": STAFF,
    "print-receipt": (STAFF - {DEPARTMENT}) | {ENTERPRISE, APPLICANT},
    "desk": STAFF,
    "accept": frozenset({INTAKE_OFFICER}),
    "reject": frozenset({INTAKE_OFFICER}),
    "find-candidates": frozenset({INTAKE_OFFICER}),
    "merge": frozenset({INTAKE_OFFICER}),
    "unmerge": frozenset({INTAKE_OFFICER}),
    "link": frozenset({INTAKE_OFFICER}),
    "split": frozenset({INTAKE_OFFICER}),
    "refer": frozenset({INTAKE_OFFICER}),
    "ask-supplement": frozenset({INTAKE_OFFICER}),
    "provide-supplement": frozenset({ENTERPRISE, APPLICANT}),
    "dispatch": frozenset({DISPATCHER}),
    "read-email": frozenset({INTAKE_OFFICER}),
    "try-dispatch": frozenset({INTAKE_OFFICER, DISPATCHER, SUPERVISOR}),
    "designate": frozenset({SUPERVISOR}),
    "correct-accused": frozenset({DISPATCHER}),
    "decide-return": frozenset({DISPATCHER}),
    "approve-feedback": frozenset({SUPERVISOR}),
    "refuse-feedback": frozenset({SUPERVISOR}),
    "decide-extension": frozenset({SUPERVISOR}),
    "suspend": frozenset({SUPERVISOR}),
    "resume": frozenset({SUPERVISOR}),
    "issue-supervision": frozenset({SUPERVISOR}),
    "lower-supervision": frozenset({SUPERVISOR}),
    "view-identity": frozenset({INTAKE_OFFICER, SUPERVISOR}),
    "sign": frozenset({DEPARTMENT}),
    "return": frozenset({DEPARTMENT}),
    "record-contact": frozenset({DEPARTMENT}),
    "report-progress": frozenset({DEPARTMENT}),
    "report-milestone": frozenset({DEPARTMENT}),
    "request-extension": frozenset({DEPARTMENT}),
    "submit-feedback": frozenset({DEPARTMENT}),
    "withdraw": frozenset({ENTERPRISE, APPLICANT}),
    "urge": frozenset({ENTERPRISE, APPLICANT}),
    "rate": frozenset({ENTERPRISE, APPLICANT}),
    "watch": frozenset({SUPERVISOR, AUDITOR, SYSTEM_ADMINISTRATOR}),
    "keep-accounts": frozenset({SECURITY_ADMINISTRATOR}),
    "list-accounts": frozenset({SECURITY_ADMINISTRATOR, AUDITOR}),
    "verify-enterprise": frozenset({INTAKE_OFFICER}),
    "keep-keys": SAYS_MORE | {ENTERPRISE},
    "read-audit": frozenset({AUDITOR}),
    "record-callback": frozenset({INTAKE_OFFICER, SUPERVISOR}),
    "decide-review": frozenset({SUPERVISOR}),
    "request-unreasonable": frozenset({INTAKE_OFFICER, SUPERVISOR}),
    "review-unreasonable": frozenset({SUPERVISOR}),
    "decide-unreasonable": frozenset({SUPERVISOR}),
    "scores": frozenset({SUPERVISOR, AUDITOR, DEPARTMENT}),
    "common-problems": frozenset({SUPERVISOR}),
    "figures": frozenset({SUPERVISOR, AUDITOR, DEPARTMENT}),
}

# What only officers are told: neither departments nor the applicant.
OFFICERS_ONLY = frozenset({"appeal.resembled", "appeal.flagged", "appeal.linked"})


@dataclass(frozen=True, kw_only=True)
class Principal:
    """Who asks. `department` is the unit they belong to, `receipt` the one appeal that an applicant has opened.

    `above` are the units that theirs is below, `cleared` the classifications that a department may be told of.
    An officer may be more than one thing: `also` are the other roles. Of an enterprise's account, `uscc` is the
    enterprise that an officer has verified, and `mark` what the account's submissions are known by.
    `platform` is another platform that hands appeals over, by its `channels`, and sees what it has handed over.
    """

    name: str
    role: str
    also: tuple[str, ...] = ()
    uscc: str = ""
    mark: str = ""
    department: str = ""
    receipt: str = ""
    above: tuple[str, ...] = ()
    cleared: tuple[str, ...] = CLASSIFICATIONS
    platform: str = ""
    channels: tuple[str, ...] = ()

    @classmethod
    def applicant(cls, receipt: str) -> Principal:
        """The applicant of one appeal."""
        return cls(name=APPLICANT, role=APPLICANT, receipt=receipt)

    @property
    def is_officer(self) -> bool:
        """Whether they work for the platform, and not for a department or themselves."""
        return self.role in OFFICERS

    @property
    def is_on_applicants_side(self) -> bool:
        """Whether what they see is their own appeal, told as applicants are told."""
        return self.role in (APPLICANT, ENTERPRISE)

    def need_not_look(self, receipt: str) -> bool:
        """Whether nothing about an appeal could keep it from them: their own, or an officer of no unit.

        What they ask goes to the service that owns it, also while the read model has not heard of it yet.
        """
        return self.receipt == receipt or (self.is_officer and not self.department)


NOBODY = Principal(name=ANONYMOUS, role=ANONYMOUS)


def may(principal: Principal, action: str) -> bool:
    """Whether somebody may do this at all."""
    return not ALLOWED.get(action, frozenset()).isdisjoint((principal.role, *principal.also))


def may_hear(principal: Principal, topic: str) -> bool:
    """Whether somebody is shown events of this topic, among those of an appeal that they may see."""
    return principal.is_officer or topic not in OFFICERS_ONLY


def readable(principal: Principal) -> ColumnElement[bool]:
    """The condition that every query about appeals carries: true for those that this principal may see.

    Whoever belongs to a unit sees nothing that is about that unit or one above it; a department sees what it has an
    order in.
    """
    if not may(principal, "read"):
        return false()
    if principal.role == APPLICANT:
        return appeals.c.receipt == principal.receipt
    if principal.role == ENTERPRISE:
        own = _submitted_by(principal)
        return or_(appeals.c.receipt.in_(own), appeals.c.split_from.in_(own))
    if principal.role == PLATFORM:
        own = and_(appeals.c.platform == principal.platform, appeals.c.classification.in_(principal.cleared))
        return own if principal.platform else false()
    conditions = [true()]
    if principal.department:
        conditions.append(~_about((principal.department, *principal.above)))
    if principal.role == DEPARTMENT:
        conditions.append(_has_order(principal.department))
        conditions.append(appeals.c.classification.in_(principal.cleared))
    return and_(*conditions)


def published() -> ColumnElement[bool]:
    """The condition for who is nobody in particular: appeals handed in as public, and about no unit.

    One that is about a unit would be read there too, by whoever leaves their key at home.
    """
    about_somebody = exists().where(accused.c.receipt == appeals.c.receipt)
    return and_(appeals.c.classification == "public", ~about_somebody)


def _submitted_by(principal: Principal):
    """The receipts that an enterprise's account may open without their query codes.

    An appeal in the enterprise's name is its own business, whichever of its people submitted it and whoever has
    left since: it is seen by every account that an officer has bound to that code. One that somebody else handed in
    under the enterprise's name, without such an account, is not: a code is public, and proves nothing.
    A confidential one may well be hidden from the enterprise's own people, so only the account that submitted it
    sees it. An anonymous one no account sees: nothing is kept that ties it to one.
    """
    own = and_(submissions.c.mark == principal.mark, submissions.c.uscc == "")
    if not principal.uscc:
        return select(submissions.c.receipt).where(own)
    return select(submissions.c.receipt).where(or_(own, submissions.c.uscc == principal.uscc))


def submission(principal: Principal, uscc: str | None, classification: str) -> tuple[str, str] | None:
    """What is kept of an appeal that this account submits: its mark, and the enterprise that sees it too.

    None where nothing may tie the two: for whoever has no enterprise's account, and for an anonymous appeal.
    """
    if principal.role != ENTERPRISE or classification == "anonymous":
        return None
    shared = uscc == principal.uscc and classification in OPEN
    return principal.mark, principal.uscc if shared else ""


def _about(units: tuple[str, ...]) -> ColumnElement[bool]:
    return exists().where(accused.c.receipt == appeals.c.receipt, accused.c.department.in_(units))


def _has_order(department: str) -> ColumnElement[bool]:
    own = orders.alias("own")  # a query may well have orders of its own
    return exists().where(own.c.receipt == appeals.c.receipt, own.c.department == department, own.c.state != RETURNED)
