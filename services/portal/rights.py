"""Rights: who may do what, and whose appeals they may see. What is not allowed here is not allowed."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import ColumnElement, and_, exists, false, true

from appeals.manifest import CLASSIFICATIONS
from services.portal.domain import RETURNED
from services.portal.store import accused, appeals, orders

INTAKE_OFFICER, DISPATCHER, SUPERVISOR = "intake-officer", "dispatcher", "supervisor"
DEPARTMENT, AUDITOR = "department", "auditor"
APPLICANT, ANONYMOUS = "applicant", "anonymous"

OFFICERS = frozenset({INTAKE_OFFICER, DISPATCHER, SUPERVISOR, AUDITOR})
STAFF = OFFICERS | {DEPARTMENT}
ANYBODY = STAFF | {APPLICANT, ANONYMOUS}

ALLOWED: dict[str, frozenset[str]] = {
    "submit": ANYBODY,
    "read": STAFF | {APPLICANT},
    "list": STAFF,
    "accept": frozenset({INTAKE_OFFICER}),
    "reject": frozenset({INTAKE_OFFICER}),
    "ask-supplement": frozenset({INTAKE_OFFICER}),
    "provide-supplement": frozenset({APPLICANT}),
    "dispatch": frozenset({DISPATCHER}),
    "try-dispatch": frozenset({INTAKE_OFFICER, DISPATCHER, SUPERVISOR}),
    "designate": frozenset({SUPERVISOR}),
    "decide-return": frozenset({DISPATCHER}),
    "approve-feedback": frozenset({SUPERVISOR}),
    "refuse-feedback": frozenset({SUPERVISOR}),
    "decide-extension": frozenset({SUPERVISOR}),
    "suspend": frozenset({SUPERVISOR}),
    "resume": frozenset({SUPERVISOR}),
    "issue-supervision": frozenset({SUPERVISOR}),
    "lower-supervision": frozenset({SUPERVISOR}),
    "urge": frozenset({APPLICANT}),
    "rate": frozenset({APPLICANT}),
    "watch": frozenset({SUPERVISOR, AUDITOR}),
}


@dataclass(frozen=True, kw_only=True)
class Principal:
    """Who asks. `department` is the unit they belong to, `receipt` the one appeal that an applicant has opened.

    `above` are the units that theirs is below, `cleared` the classifications that a department may be told of.
    """

    name: str
    role: str
    department: str = ""
    receipt: str = ""
    above: tuple[str, ...] = ()
    cleared: tuple[str, ...] = CLASSIFICATIONS

    @classmethod
    def applicant(cls, receipt: str) -> Principal:
        """The applicant of one appeal."""
        return cls(name=APPLICANT, role=APPLICANT, receipt=receipt)

    @property
    def is_officer(self) -> bool:
        """Whether they work for the platform, and not for a department or themselves."""
        return self.role in OFFICERS

    def need_not_look(self, receipt: str) -> bool:
        """Whether nothing about an appeal could keep it from them: their own, or an officer of no unit.

        What they ask goes to the service that owns it, also while the read model has not heard of it yet.
        """
        return self.receipt == receipt or (self.is_officer and not self.department)


NOBODY = Principal(name=ANONYMOUS, role=ANONYMOUS)


def may(principal: Principal, action: str) -> bool:
    """Whether somebody may do this at all."""
    return principal.role in ALLOWED.get(action, frozenset())


def readable(principal: Principal) -> ColumnElement[bool]:
    """The condition that every query about appeals carries: true for those that this principal may see.

    Whoever belongs to a unit sees nothing that is about that unit or one above it; a department sees what it has an
    order in.
    """
    if not may(principal, "read"):
        return false()
    if principal.role == APPLICANT:
        return appeals.c.receipt == principal.receipt
    conditions = [true()]
    if principal.department:
        conditions.append(~_about((principal.department, *principal.above)))
    if principal.role == DEPARTMENT:
        conditions.append(_has_order(principal.department))
        conditions.append(appeals.c.classification.in_(principal.cleared))
    return and_(*conditions)


def _about(units: tuple[str, ...]) -> ColumnElement[bool]:
    return exists().where(accused.c.receipt == appeals.c.receipt, accused.c.department.in_(units))


def _has_order(department: str) -> ColumnElement[bool]:
    own = orders.alias("own")  # a query may well have orders of its own
    return exists().where(own.c.receipt == appeals.c.receipt, own.c.department == department, own.c.state != RETURNED)
