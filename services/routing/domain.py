"""Routing: who leads an appeal and who assists, and what a department may say about its order.

Decisions only: rules, time and orders arrive as arguments, and a fact or a refusal leaves.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime

from appeals.errors import NotFound, Refused
from appeals.events import (
    AppealAccepted,
    AppealHeld,
    AppealReopened,
    Applicant,
    Event,
    ExtensionRequested,
    FeedbackSubmitted,
    OrderDispatched,
    OrderReturned,
    OrderSigned,
)

LEAD, ASSIST = "lead", "assist"
RESULTS = ("solved", "partly", "unsolvable", "ongoing")
MOST_DAYS = 60
LONGEST_TEXT = 20_000
LONGEST_NAME = 128
ONGOING = "ongoing"

# What an order goes through; a returned one is over, a replied one may be sent back.
DISPATCHED, SIGNED, REPLIED, RETURNED, DONE = "dispatched", "signed", "replied", "returned", "done"
FOLLOWED = "followed"  # its reply stands, and the matter goes on


class NoSuchOrder(NotFound):
    """Raised when a department speaks of an order that is not its own, or that there is not.

    Both sound the same, so that nobody learns of an appeal by guessing.
    """

    zh = "未找到本单位的转办单 {order}"
    en = "There is no work order {order} of yours"


class WrongStep(Refused):
    """Raised when an order has not come to this step, or is past it."""

    zh = "转办单 {order} 当前状态为“{state}”,不能执行该操作"
    en = "Work order {order} is {state}; this step is not open"


class OutOfBounds(Refused):
    """Raised when a department says more, or something else, than the others could keep."""

    status = 422
    zh = "{name} 超出允许范围({bounds})"
    en = "{name} is out of bounds ({bounds})"


class CannotBeTold(Refused):
    """Raised when an appeal would go to a department whose manifest does not let it be told of it."""

    status = 422
    zh = "单位 {department} 的接入清单不含该类别或密级的诉求,不能转办"
    en = "The manifest of {department} does not admit an appeal of this category and classification"


class NotHeld(Refused):
    """Raised when a dispatcher sends out an appeal that is not waiting for one."""

    zh = "该诉求不在待人工转办状态"
    en = "This appeal is not held for a dispatcher"


class NoSuchDepartment(Refused):
    """Raised when a dispatcher names a department that is not plugged in."""

    status = 422
    zh = "没有代码为 {department} 的单位"
    en = "There is no department {department}"


class Accused(Refused):
    """Raised when the appeal is about the department it would go to."""

    zh = "被反映单位 {department} 应当回避,不得主办或协办"
    en = "The appeal is about {department}; it may neither lead nor assist"


@dataclass(frozen=True, kw_only=True)
class Rule:
    """A line of the dispatch catalogue: which matters are whose duty."""

    name: str
    department: str
    assist: tuple[str, ...] = ()
    categories: tuple[str, ...] = ()
    keywords: tuple[str, ...] = ()
    requirement: str = ""
    task_force: bool = False

    def weight(self, case: Case) -> int:
        """How well the rule fits; 0 is not at all. A category counts as two keywords."""
        words = sum(word in case.title or word in case.text for word in self.keywords)
        return words + 2 * (case.category in self.categories)


# Whether a department may be told of a case at all: its manifest says so.
Told = Callable[[str, "Case"], bool]


@dataclass(eq=False, kw_only=True)
class Order:
    """A work order to one department. `order` is its number: the receipt and a count."""

    order: str
    receipt: str
    department: str
    role: str
    round: int
    state: str = DISPATCHED


@dataclass(eq=False, kw_only=True)
class Case:
    """An accepted appeal, as routing sees it."""

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

    def dispatch(self, rules: Iterable[Rule], now: datetime, told: Told) -> list[Event]:
        """Send orders by the rule that fits best; a person decides when none is left.

        The department may be one that has refused already, that the appeal is about, or that may not be told
        of it: such rules are out.
        """
        open_rules = [rule for rule in rules if self._may_go_to(rule.department, told) and rule.weight(self)]
        if not open_rules:
            self.held = True
            reason = "every fitting department has returned it" if self.refused_by else "no rule fits"
            return [AppealHeld(receipt=self.receipt, at=now, reason=reason, considered=tuple(self.refused_by))]
        best = max(open_rules, key=lambda rule: rule.weight(self))
        assist = [code for code in best.assist if self._may_go_to(code, told)]
        return self._send(
            best.department,
            assist,
            now,
            requirement=best.requirement,
            task_force=best.task_force or self.task_force,
            why=best.name,
        )

    def dispatch_by_hand(
        self,
        lead: str,
        assist: Sequence[str],
        now: datetime,
        *,
        by: str,
        requirement: str,
        known: Iterable[str],
        told: Told,
    ) -> list[Event]:
        """Send orders as a dispatcher decides; each department gets one.

        Raises NotHeld, NoSuchDepartment, Accused or CannotBeTold.
        """
        if not self.held:
            raise NotHeld()
        known = set(known)
        for code in (lead, *assist):
            if code not in known:
                raise NoSuchDepartment(department=code)
            if code in self.accused:
                raise Accused(department=code)
            if not told(code, self):
                raise CannotBeTold(department=code)
        self.held = False
        assist = [code for code in dict.fromkeys(assist) if code != lead]
        return self._send(lead, assist, now, requirement=requirement, task_force=self.task_force, why=by, by=by)

    def reroute(self, rules: Iterable[Rule], *, refused_by: str, now: datetime, told: Told) -> list[Event]:
        """Try the next department whose rule fits; a person decides when none is left."""
        self.refused_by = [*self.refused_by, refused_by]
        return self.dispatch(rules, now, told)

    def reopen(self, reopened: AppealReopened, lead: str, now: datetime) -> list[Event]:
        """Send the appeal out once more, to those who had it."""
        self.round = reopened.round
        assist = [code for code in reopened.departments if code != lead]
        return self._send(lead, assist, now, requirement=reopened.reason, task_force=self.task_force, why="reopened")

    def _may_go_to(self, department: str, told: Told) -> bool:
        return department not in self.refused_by and department not in self.accused and told(department, self)

    def _send(self, lead: str, assist: Iterable[str], now: datetime, *, by: str = "system", **facts) -> list[Event]:
        return [
            OrderDispatched(
                receipt=self.receipt,
                at=now,
                by=by,
                order=self._next_order(),
                department=department,
                role=role,
                round=self.round,
                title=self.title,
                text=self.text,
                applicant=Applicant(**self.applicant),
                kind=self.kind,
                urgency=self.urgency,
                complexity=self.complexity,
                special_regime=self.special_regime,
                **facts,
            )
            for department, role in [(lead, LEAD), *((code, ASSIST) for code in assist)]
        ]

    def _next_order(self) -> str:
        self.count += 1
        return f"{self.receipt}-{self.count:02d}"


def take_word(word: Event, order: Order | None, now: datetime) -> Event:
    """What a department says about its order becomes a fact, at the time we hear it.

    Raises NoSuchOrder, WrongStep when it is not the time for that, or OutOfBounds.
    """
    if order is None or order.receipt != word.receipt or order.department != word.department:
        raise NoSuchOrder(order=word.order)
    allowed, after = _STEPS.get(type(word), (_IN_HAND, None))
    if order.state not in allowed:
        raise WrongStep(order=order.order, state=order.state)
    _check_bounds(word)
    order.state = after or order.state
    if isinstance(word, FeedbackSubmitted):
        return replace(word, at=now, role=order.role)
    return replace(word, at=now)


def _check_bounds(word: Event) -> None:
    """What everybody after us can keep and show."""
    if getattr(word, "result", RESULTS[0]) not in RESULTS:
        raise OutOfBounds(name="result", bounds=", ".join(RESULTS))
    if not 1 <= getattr(word, "days", 1) <= MOST_DAYS:
        raise OutOfBounds(name="days", bounds=f"1-{MOST_DAYS}")
    for name, value in vars(word).items():
        longest = LONGEST_NAME if name == "by" else LONGEST_TEXT
        if isinstance(value, str) and len(value) > longest:
            raise OutOfBounds(name=name, bounds=f"{longest}")


_IN_HAND = (SIGNED, REPLIED, FOLLOWED, DONE)  # progress and milestones go on after the reply

# In which states an order may be spoken of so, and what becomes of it.
_STEPS: dict[type[Event], tuple[tuple[str, ...], str | None]] = {
    OrderSigned: ((DISPATCHED,), SIGNED),
    OrderReturned: ((DISPATCHED, SIGNED), RETURNED),
    ExtensionRequested: ((SIGNED,), None),
    FeedbackSubmitted: ((SIGNED, FOLLOWED), REPLIED),
}
