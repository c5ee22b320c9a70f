"""Routing: who leads an appeal and who assists. Decisions only: the rules and the time arrive as arguments."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from appeals.calendar import Calendar
from appeals.events import (
    AccusedCorrected,
    AppealAccepted,
    AppealHeld,
    AppealReopened,
    Applicant,
    Event,
    OrderDispatched,
)
from appeals.manifest import Directory
from appeals.units import Units
from services.routing.accused import barred, unclear
from services.routing.policy import Policy
from services.routing.proposing import NO_RULE, TOO_CLOSE, Decision, propose
from services.routing.refusals import (
    Accused,
    AccusedUnclear,
    CannotBeTold,
    DesignationNeeded,
    NoSuchDepartment,
    NotHeld,
    ReturnedIt,
)
from services.routing.rules import Catalogue, Matter
from services.routing.wording import plain

LEAD, ASSIST = "lead", "assist"
ORDER, LETTER = "order", "letter"  # 转办单, and 商请函 for a vertical organ

# What an order goes through; a returned one is over, a replied one may be sent back.
DISPATCHED, SIGNED, REPLIED, RETURNED, DONE = "dispatched", "signed", "replied", "returned", "done"
FOLLOWED = "followed"  # its reply stands, and the matter goes on
ONGOING = "ongoing"  # of a reply: the matter goes on
CANCELLED = "cancelled"  # the applicant has withdrawn
OVER = (RETURNED, DONE, CANCELLED)

# Why an appeal is held for a person, and what a dispatcher is told.
NOT_PLUGGED_IN, NOT_ADMITTED = "its unit is not plugged in", "its unit may not be told of it"
ALL_RETURNED, TO_DESIGNATE = "every fitting department has returned it", "the joint conference designates"
ACCUSED_UNKNOWN = "it is not clear whom it is about"
HELD = {
    NO_RULE: "没有符合的派单规则，请人工确定承办单位",
    TOO_CLOSE: "多个单位职责相近，请人工确定主办单位",
    ALL_RETURNED: "符合规则的单位均已退回，请人工确定承办单位",
    NOT_PLUGGED_IN: "应由{unit}主办，该单位尚未接入，请人工转送",
    NOT_ADMITTED: "应由{unit}主办，其接入清单不含该类别或者密级，请人工转送",
    TO_DESIGNATE: "退回次数已达上限，请提请联席会议指定承办单位",
    ACCUSED_UNKNOWN: "被反映单位无法识别，请人工核实应当回避的单位后转办",
}


@dataclass(frozen=True, kw_only=True)
class Rulebook:
    """All that a dispatch goes by: the versioned rules, and the departments that are plugged in now."""

    catalogue: Catalogue
    policy: Policy
    calendar: Calendar
    units: Units
    directory: Directory

    def tells(self, department: str, case: Case) -> bool:
        """Whether a department is plugged in and its manifest lets it be told of such a case."""
        manifest = self.directory.get(department)
        return bool(manifest) and manifest.admits(OrderDispatched.topic, case.category, case.classification)

    def form(self, department: str) -> str:
        """How a department is asked: a vertical organ by letter, any other by order."""
        manifest, unit = self.directory.get(department), self.units.get(department)
        return LETTER if any(one and one.vertical for one in (manifest, unit)) else ORDER


@dataclass(eq=False, kw_only=True)
class Order:
    """A work order to one department. `order` is its number: the receipt and a count.

    A return that waits for a dispatcher has `decide_by`, and what the department said.
    """

    order: str
    receipt: str
    department: str
    role: str
    round: int
    state: str = DISPATCHED
    designated: bool = False
    return_due: datetime | None = None
    decide_by: datetime | None = None
    return_reason: str = ""
    return_suggested: str = ""
    return_by: str = ""

    @classmethod
    def of(cls, said: OrderDispatched, return_due: datetime) -> Order:
        """The order that is just said."""
        names = ("order", "receipt", "department", "role", "round", "designated")
        return cls(**{name: getattr(said, name) for name in names}, return_due=return_due)


@dataclass(eq=False, kw_only=True)
class Case:
    """An accepted appeal, as routing sees it.

    `refused_by` are the units whose return was accepted, `asked_return` all that have asked for one.
    """

    receipt: str
    title: str
    text: str
    applicant: dict
    kind: str
    urgency: str
    complexity: str
    category: str
    classification: str = "ordinary"
    accused: list[str] = field(default_factory=list)
    special_regime: str = ""
    task_force: bool = False
    round: int = 1
    count: int = 0
    held: bool = False
    refused_by: list[str] = field(default_factory=list)
    asked_return: list[str] = field(default_factory=list)
    returns: int = 0
    designated: bool = False
    withdrawn: bool = False

    @classmethod
    def of(cls, accepted: AppealAccepted) -> Case:
        """The case of an appeal that was just accepted."""
        return cls(
            receipt=accepted.receipt,
            title=accepted.title,
            text=accepted.text,
            applicant=vars(accepted.applicant).copy(),
            kind=accepted.kind,
            urgency=accepted.urgency,
            complexity=accepted.complexity,
            category=accepted.category,
            classification=accepted.classification,
            accused=list(accepted.accused),
            special_regime=accepted.special_regime,
            task_force=accepted.task_force,
        )

    @property
    def matter(self) -> Matter:
        """What the catalogue is asked about."""
        city = self.applicant.get("city", "")
        return Matter(title=plain(self.title), text=plain(self.text), category=self.category, city=city)

    def barred(self, book: Rulebook) -> frozenset[str]:
        """The units that may take no part, since it is about them."""
        return barred(self.accused, book.units, book.directory.names)

    def unclear(self, book: Rulebook) -> list[str]:
        """Those of the accused of whom nobody knows yet who they are."""
        return unclear(self.accused, book.units, book.directory.names)

    def decide(self, book: Rulebook) -> Decision:
        """Whose duty this is by the catalogue, among all units that may have it."""
        return propose(self.matter, book.catalogue, barred=self.barred(book), tried=self.refused_by)

    def dispatch(self, book: Rulebook, now: datetime, *, working: Collection[str] = ()) -> list[Event]:
        """Send orders to whose duty it is; a person decides when that cannot be told, or they cannot be sent one.

        `working` are the departments that have an order of this round already.
        """
        decision = self.decide(book)
        if reason := self.held_because(decision, book):
            return [self._hold(reason, decision, book, now)]
        rule = decision.fit.rule
        able = [code for code in decision.assist if book.tells(code, self)]
        return self._send(
            decision.lead,
            [code for code in able if code not in working],
            book,
            now,
            requirement=rule.requirement,
            special_regime=self.special_regime or rule.regime,
            task_force=rule.task_force or self.task_force,
            why=rule.name,
            explanation=decision.explain(),
            rules_version=decision.version,
            consult=tuple(book.units.name(code) for code in decision.assist if code not in able),
        )

    def dispatch_by_hand(
        self,
        lead: str,
        assist: Sequence[str],
        book: Rulebook,
        now: datetime,
        *,
        by: str,
        requirement: str,
        working: Collection[str] = (),
    ) -> list[Event]:
        """Send orders as a dispatcher decides; each department gets one, and those `working` at it already have theirs.

        Raises NotHeld, DesignationNeeded, ReturnedIt, AccusedUnclear, NoSuchDepartment, Accused or CannotBeTold.
        """
        if self.held and self.returns >= book.policy.return_times:
            raise DesignationNeeded(returns=self.returns)
        if self.held and lead in self.refused_by:
            raise ReturnedIt(department=lead)
        return self._send_by_hand(lead, assist, book, now, by=by, working=working, requirement=requirement, why=by)

    def designate(
        self,
        lead: str,
        assist: Sequence[str],
        book: Rulebook,
        now: datetime,
        *,
        by: str,
        requirement: str,
        minutes: str,
        working: Collection[str] = (),
    ) -> list[Event]:
        """Send orders as the joint conference designates; nobody may return this appeal any more.

        `minutes` says where the conference put it down. Raises as dispatch_by_hand, but
        neither DesignationNeeded nor ReturnedIt.
        """
        facts = {"why": f"联席会议指定（{minutes}）", "minutes": minutes, "designated": True}
        said = self._send_by_hand(lead, assist, book, now, by=by, working=working, requirement=requirement, **facts)
        self.designated = True
        return said

    def correct_accused(
        self,
        accused: Sequence[str],
        book: Rulebook,
        now: datetime,
        *,
        by: str,
        reason: str,
        working: Collection[str] = (),
    ) -> list[Event]:
        """Put units that are known in the place of those that are not, and try the rules again.

        Who is known to be accused stays so; with none put there, nobody else has to stand aside. Raises NotHeld or
        AccusedUnclear.
        """
        if not self.held:
            raise NotHeld()
        unknown = self.unclear(book)
        if still := unclear(accused, book.units, book.directory.names):
            raise AccusedUnclear(accused="、".join(still))
        known = [one for one in self.accused if one not in unknown]
        self.accused = list(dict.fromkeys((*known, *accused)))
        self.held = False
        corrected = AccusedCorrected(receipt=self.receipt, at=now, by=by, accused=tuple(self.accused), reason=reason)
        return [corrected, *self.dispatch(book, now, working=working)]

    def reroute(self, book: Rulebook, now: datetime, *, refused_by: str, working: Collection[str] = ()) -> list[Event]:
        """Try the next department whose rule fits; a person decides when none is left, or it was returned too often."""
        self.refused_by = [*self.refused_by, refused_by]
        self.returns += 1
        return self.dispatch(book, now, working=working)

    def reopen(self, reopened: AppealReopened, lead: str, book: Rulebook, now: datetime) -> list[Event]:
        """Send the appeal out once more, to those who had it."""
        self.round = reopened.round
        assist = [code for code in reopened.departments if code != lead]
        facts = {"requirement": reopened.reason, "special_regime": self.special_regime, "task_force": self.task_force}
        return self._send(lead, assist, book, now, why="reopened", designated=self.designated, **facts)

    def held_because(self, decision: Decision, book: Rulebook) -> str:
        """Why a person has to send this out; empty when orders can go by the decision."""
        if self.returns >= book.policy.return_times:
            return TO_DESIGNATE
        if self.unclear(book):
            return ACCUSED_UNKNOWN
        if decision.undecided:
            return ALL_RETURNED if decision.undecided == NO_RULE and self.refused_by else decision.undecided
        if decision.lead not in book.directory.departments:
            return NOT_PLUGGED_IN
        return "" if book.tells(decision.lead, self) else NOT_ADMITTED

    def _hold(self, reason: str, decision: Decision, book: Rulebook, now: datetime) -> AppealHeld:
        self.held = True
        return AppealHeld(
            receipt=self.receipt,
            at=now,
            reason=reason,
            considered=decision.considered or tuple(self.refused_by),
            proposed=decision.lead,
            explanation=f"{HELD[reason].format(unit=book.units.name(decision.lead))}。{decision.explain()}",
            rules_version=decision.version,
        )

    def _send_by_hand(
        self,
        lead: str,
        assist: Sequence[str],
        book: Rulebook,
        now: datetime,
        *,
        by: str,
        working: Collection[str],
        **facts,
    ) -> list[Event]:
        if not self.held:
            raise NotHeld()
        if unknown := self.unclear(book):
            raise AccusedUnclear(accused="、".join(unknown))
        out = self.barred(book)
        for code in (lead, *assist):
            if code not in book.directory.departments:
                raise NoSuchDepartment(department=code)
            if code in out:
                raise Accused(department=code)
            if not book.tells(code, self):
                raise CannotBeTold(department=code)
        self.held = False
        facts |= {"special_regime": self.special_regime, "task_force": self.task_force}
        helpers = [code for code in dict.fromkeys(assist) if code != lead and code not in working]
        return self._send(lead, helpers, book, now, by=by, **facts)

    def _send(
        self, lead: str, assist: Iterable[str], book: Rulebook, now: datetime, *, by: str = "system", **facts
    ) -> list[Event]:
        return [
            OrderDispatched(
                receipt=self.receipt,
                at=now,
                by=by,
                order=self._next_order(),
                department=department,
                role=role,
                form=book.form(department),
                round=self.round,
                title=self.title,
                text=self.text,
                applicant=Applicant(**self.applicant),
                kind=self.kind,
                urgency=self.urgency,
                complexity=self.complexity,
                **facts,
            )
            for department, role in [(lead, LEAD), *((code, ASSIST) for code in assist)]
        ]

    def _next_order(self) -> str:
        self.count += 1
        return f"{self.receipt}-{self.count:02d}"
