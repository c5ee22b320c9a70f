"""What the platform should say by itself about one appeal, from what people did: worked out independently.

`hear` takes what was said, in its order. What people did moves the reckoning on; what the platform said by itself
is set beside what it should have said. Plain rules, with the numbers of the policy files.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from datetime import datetime

from appeals.commands import SuspendOrder
from tests.simulation import days
from tests.simulation.intake import Intake
from tests.simulation.numbers import EVALUATION, SUPERVISION, column, limit_of, regime_of
from tests.simulation.steps import Step, at_look

LADDER = SUPERVISION["ladder"]
HEIGHTS = {"": 0, "reminder": 1, "urged": 2, "ordinary": 3, "letter": 3, "yellow": 4, "red": 5, "conference": 5}
UNHAPPY = ("dissatisfied", "very_dissatisfied")

Said = tuple  # moment, topic, and what it says


def seconds(text: str) -> float:
    """A time in JSON as seconds; whole ones as whole numbers."""
    value = datetime.fromisoformat(text).timestamp()
    return int(value) if value == int(value) else value


@dataclass
class Order:
    """A work order: its steps by name, its pauses, and how far it has come."""

    number: str
    facts: dict
    vertical: bool
    steps: dict[str, Step]
    state: str = "open"
    level: str = ""
    flags: set[str] = field(default_factory=set)
    sent_back: int = 0
    attempts: list[int] = field(default_factory=list)
    asked: int = 0
    paused_at: int | None = None
    until: int | None = None
    result: str = ""
    milestones: dict[str, int] = field(default_factory=dict)
    follow_ups: dict[str, int] = field(default_factory=dict)

    @property
    def leads(self) -> bool:
        return self.facts["role"] == "lead"


class Reckoning:
    """One appeal. `every` is how many seconds lie between two looks at the clocks."""

    def __init__(self, receipt: str, verticals: frozenset[str], every: int):
        self.receipt = receipt
        self.orders: dict[str, Order] = {}
        self.asked_until: int | None = None
        self.review_due: int | None = None
        self.call_by: int | None = None
        self._intake = Intake(self._expect)
        self._accepted: dict = {}
        self._flagged: set[str] = set()
        self.expected: Counter[Said] = Counter()
        self.said: Counter[Said] = Counter()
        self._verticals, self._every = verticals, every
        self._days: dict[str, int] = {}
        self._reached: float = 0

    def hear(self, topic: str, data: dict) -> None:
        """Something was said."""
        now = seconds(data["at"])
        if topic in _BY_ITSELF and _BY_ITSELF[topic](data):
            self.said[(now, topic, *_told(topic, data))] += 1
            if topic not in _DONE_BY_PEOPLE:
                return
        self.advance(now - 1)
        for party in (self, self._intake):
            if handler := getattr(party, "_" + topic.replace(".", "_"), None):
                handler(now, data)

    def ask(self, command: SuspendOrder) -> None:
        """A supervisor asks for so many working days; whether they are given is heard later."""
        self._days[command.order] = command.days

    def advance(self, now: float) -> None:
        """Say by itself what is to be said until now, one thing after another."""
        while True:
            moment, act = min(self._ahead(), key=lambda one: one[0], default=(now + 1, None))
            look = max(self._reached, at_look(moment, self._every))
            if act is None or look > now:
                self._reached = max(self._reached, now + 1)
                return
            self._reached = look
            act(look)

    def differences(self) -> list[str]:
        """What was said and should not have been, and the other way."""
        wrong = [("should not have been said", one) for one in (self.said - self.expected).elements()]
        wrong += [("should have been said", one) for one in (self.expected - self.said).elements()]
        return [f"{self.receipt}: {what}: {_shown(one)}" for what, one in sorted(wrong, key=lambda one: one[1][0])]

    # What comes by itself

    def _ahead(self):
        for order in self.orders.values():
            if order.paused_at is not None:
                yield order.until, lambda now, order=order: self._resume(order, now, by_itself=True)
            for step in order.steps.values():
                if (moment := step.next()) is not None:
                    yield moment, lambda now, order=order, step=step: self._come_due(order, step, now)
            for name, moment in order.milestones.items():
                yield moment, lambda now, order=order, name=name: self._miss_milestone(order, name, now)
            for name, moment in order.follow_ups.items():
                yield moment, lambda now, order=order, name=name: self._follow_up(order, name, now)
        yield from self._intake.ahead()
        if self.asked_until is not None:
            yield self.asked_until, self._lapse
        if self.review_due is not None:
            yield self.review_due, self._tell_review_overdue
        if self.call_by is not None:
            yield self.call_by, self._tell_uncalled

    def _come_due(self, order: Order, step: Step, now: int) -> None:
        if step.missed or now >= step.due:
            if not step.missed:
                step.missed = True
                self._expect(now, "deadline.missed", order.number, step.name, step.due)
            self._call_to_account(order, step.climb(), now)
            self._plan(order, step, now)
        else:
            step.said = step.passed(now)
            self._expect(now, "deadline.warned", order.number, step.name, step.due, step.said, step.light(now))

    def _plan(self, order: Order, step: Step, now: int) -> None:
        step.plan(now, lambda level: HEIGHTS[_for(order, level)] > HEIGHTS[order.level])

    def _hear_flags(self, order: Order, now: int) -> None:
        if order.leads and order.state == "open" and self._flagged - order.flags:
            order.flags |= self._flagged
            self._call_to_account(order, "ordinary", now)

    def _call_to_account(self, order: Order, level: str, now: int, by: str = "system") -> None:
        level = _for(order, level)
        if level != "urged" and HEIGHTS[level] <= HEIGHTS[order.level]:
            return
        order.level = max(order.level, level, key=HEIGHTS.get)
        within = LADDER["reply_within"].get(level)
        due = days.runs_out(now, within) if within else None
        self._expect(now, "supervision.issued", order.number, level, due, by)

    def _miss_milestone(self, order: Order, name: str, now: int) -> None:
        on = days.date_of(order.milestones.pop(name))
        self._expect(now, "milestone.missed", order.number, name, on.isoformat())

    def _follow_up(self, order: Order, name: str, now: int) -> None:
        self._expect(now, "followup.reached", "" if name == "ongoing" else name)
        if name == "ongoing":
            order.follow_ups[name] = days.runs_out(now, SUPERVISION["follow_up"]["ongoing"])
        else:
            del order.follow_ups[name]

    def _lapse(self, now: int) -> None:
        self.asked_until = None
        self._expect(now, "appeal.archived", "not evaluated")

    def _tell_review_overdue(self, now: int) -> None:
        self._expect(now, "review.overdue", self.review_due)
        self.review_due = None

    def _tell_uncalled(self, now: int) -> None:
        self._expect(now, "callback.overdue", self.call_by)
        self.call_by = None

    # What people do

    def _appeal_accepted(self, now: int, data: dict) -> None:
        self._accepted = {name: data[name] for name in ("urgency", "classification")}

    def _appeal_flagged(self, now: int, data: dict) -> None:
        self._flagged.add(data["flag"])
        for order in self.orders.values():
            self._hear_flags(order, now)

    def _order_dispatched(self, now: int, data: dict) -> None:
        names = ("sign", "contact", "reply") if data["role"] == "lead" else ("sign", "reply")
        order = Order(data["order"], data, data["department"] in self._verticals, {})
        for name in names:
            order.steps[name] = Step(name, limit_of(name, data), now)
            self._set(order, order.steps[name], now)
        if data["round"] > 1:
            self._cancel_follow_ups()
        self.orders[order.number] = order
        if order.leads and data["round"] == 1:
            for clock in regime_of(data).get("clocks", ()):
                if clock.get("milestone"):
                    order.milestones[clock["step"]] = days.runs_out(now, clock["limit"])
        self._hear_flags(order, now)

    def _order_signed(self, now: int, data: dict) -> None:
        self.orders[data["order"]].steps["sign"].finish(now)

    def _contact_made(self, now: int, data: dict) -> None:
        order = self.orders[data["order"]]
        apart = SUPERVISION["review"]["attempts_apart"]
        if not data["reached"]:
            if not order.attempts or days.runs_out(order.attempts[-1], apart) <= now:
                order.attempts.append(now)
            if len(order.attempts) < SUPERVISION["review"]["attempts"]:
                return
        if "contact" in order.steps:
            order.steps["contact"].finish(now)

    def _order_returned(self, now: int, data: dict) -> None:
        order = self.orders[data["order"]]
        order.state = "returned"
        order.paused_at = None
        order.milestones, order.follow_ups = {}, {}
        for step in order.steps.values():
            step.void = True
        if not order.leads:
            self._conclude(now)

    def _milestone_reached(self, now: int, data: dict) -> None:
        order = self.orders[data["order"]]
        if data["state"] == "planned" and data["on"]:
            on = datetime.fromisoformat(f"{data['on']}T00:00:00+08:00").timestamp()
            order.milestones[data["name"]] = int(on) + days.CLOSING
        elif data["state"] == "done":
            order.milestones.pop(data["name"], None)

    def _extension_requested(self, now: int, data: dict) -> None:
        order = self.orders[data["order"]]
        before = SUPERVISION["extension"]["ask_before"]
        if data["days"] > self._may_be_extended(order) or days.runs_out(now, before) > order.steps["reply"].due:
            self._expect(now, "extension.denied", order.number)
        else:
            order.asked = data["days"]

    def _may_be_extended(self, order: Order) -> int:
        given, regime = order.facts.setdefault("given", []), regime_of(order.facts)
        if "reply" in regime:
            most = int(regime.get("extension", {"limit": "0d"})["limit"].rstrip("wd"))
            return 0 if given else most if order.leads else max(1, most // 2)
        allowed = SUPERVISION["extension"][column(order.facts)]
        return min(allowed["most"], allowed["total"] - sum(given)) if len(given) < allowed["times"] else 0

    def _extension_approved(self, now: int, data: dict) -> None:
        order = self.orders[data["order"]]
        order.facts["given"].append(order.asked)
        regime = regime_of(order.facts)
        unit = regime["extension"]["limit"].lstrip("0123456789") if "reply" in regime else "wd"
        order.steps["reply"].extend(order.asked, unit, now)
        order.asked = 0
        self._expect(now, "extension.approved", order.number, order.steps["reply"].due)
        self.said[(now, "extension.approved", order.number, seconds(data["due"]))] += 1

    def _extension_denied(self, now: int, data: dict) -> None:
        self.orders[data["order"]].asked = 0

    def _order_suspended(self, now: int, data: dict) -> None:
        order = self.orders[data["order"]]
        since = order.until if order.paused_at is not None else now
        order.until = days.workdays_later(since, self._days[order.number])
        self._expect(now, "order.suspended", order.number, order.until)
        if order.paused_at is None:
            order.paused_at, order.state = now, "suspended"
            for step in order.steps.values():
                step.paused = step.done is None and not step.void
        self.said[(now, "order.suspended", data["order"], seconds(data["until"]))] += 1

    def _order_resumed(self, now: int, data: dict) -> None:
        self._resume(self.orders[data["order"]], now, by_itself=False)

    def _resume(self, order: Order, now: int, *, by_itself: bool) -> None:
        if by_itself:
            self._expect(now, "order.resumed", order.number)
        order.state = "open"
        for step in self._run_on(order, now):
            self._set(order, step, now)
        self._hear_flags(order, now)

    def _run_on(self, order: Order, now: int) -> list[Step]:
        """The pause is over; returns the steps whose clocks run on."""
        for step in order.steps.values():
            step.gaps.append((order.paused_at, min(now, order.until)))
        order.paused_at = order.until = None
        running = []
        for step in order.steps.values():
            if step.paused and step.done is None and step.missed:
                self._plan(order, step, now)
            elif step.paused and step.done is None:
                step.reckon()
                running.append(step)
            step.paused = False
        return running

    def _feedback_submitted(self, now: int, data: dict) -> None:
        order = self.orders[data["order"]]
        if order.paused_at is not None:
            for step in self._run_on(order, now):
                self._set(order, step, now)
        if order.asked:
            order.asked = 0
            self._expect(now, "extension.denied", order.number)
        order.state, order.result = "replied", data["result"]
        order.steps["reply"].finish(now)
        if data["contact"] and "contact" in order.steps:
            order.steps["contact"].finish(now)

    def _feedback_refused(self, now: int, data: dict) -> None:
        order = self.orders[data["order"]]
        order.state, reply = "open", order.steps["reply"]
        order.sent_back += 1
        if order.sent_back >= LADDER["sent_back"]["times"]:
            self._call_to_account(order, LADDER["sent_back"]["level"], now)
        reply.gaps.append((reply.done, now))
        reply.reckon()
        least = SUPERVISION["sent_back_at_least"]["limit"]
        if reply.missed:
            reply.done = None
            self._plan(order, reply, now)
        elif reply.due < days.runs_out(now, least):
            reply.begin_again(least, now)
        else:
            reply.done = None
        self._set(order, reply, now)
        self._hear_flags(order, now)

    def _feedback_approved(self, now: int, data: dict) -> None:
        self.orders[data["order"]].state = "approved"
        self._conclude(now)

    def _conclude(self, now: int) -> None:
        kept = [order for order in self.orders.values() if order.state != "returned"]
        newest = max((order.facts["round"] for order in kept), default=0)
        current = [order for order in kept if order.facts["round"] == newest]
        lead = next((order for order in current if order.leads), None)
        if lead is None or any(order.state != "approved" for order in current):
            return
        if lead.result == "ongoing":
            lead.follow_ups["ongoing"] = due = days.runs_out(now, SUPERVISION["follow_up"]["ongoing"])
            self._expect(now, "followup.planned", days.date_of(due).isoformat())
            return
        self._cancel_follow_ups()
        for order in current:
            order.state = "closed"
        self._expect(now, "appeal.closed", newest, lead.result)
        if lead.facts["complexity"] == "hard" or lead.facts["task_force"] or lead.result != "solved":
            for after in SUPERVISION["follow_up"]["after_close"]:
                lead.follow_ups[after] = days.runs_out(now, after)
        self.asked_until = now + EVALUATION["answer"]["days"] * days.DAY
        self._expect(now, "evaluation.requested", newest, self.asked_until)
        if self._accepted["classification"] != "anonymous":
            limit = EVALUATION["callback"]["due"][self._accepted["urgency"]]
            due = days.closing_from(now) if limit == "same-day" else days.runs_out(now, limit)
            self._expect(now, "callback.planned", newest, due)
            self.call_by = due

    def _cancel_follow_ups(self) -> None:
        for order in self.orders.values():
            order.follow_ups = {}

    def _appeal_urged(self, now: int, data: dict) -> None:
        for order in self.orders.values():
            if order.leads and order.state in ("open", "suspended"):
                self._call_to_account(order, "urged", now, by="applicant")

    def _supervision_issued(self, now: int, data: dict) -> None:
        self._call_to_account(self.orders[data["order"]], data["level"], now, by=data["by"])
        self.said[(now, "supervision.issued", *_told("supervision.issued", data))] += 1

    def _supervision_lowered(self, now: int, data: dict) -> None:
        order = self.orders[data["order"]]
        order.level = data["level"]
        for step in order.steps.values():
            if step.missed and step.done is None and not step.void:
                step.rung = 0
                self._plan(order, step, now)

    def _callback_made(self, now: int, data: dict) -> None:
        if data["reached"]:
            self.call_by = None

    def _callback_ended(self, now: int, data: dict) -> None:
        self.call_by = None

    def _appeal_evaluated(self, now: int, data: dict) -> None:
        self.asked_until = self.call_by = None
        if data["rating"] not in UNHAPPY and data["solved"] != "unsolved":
            self._expect(now, "appeal.archived", "evaluated")
        elif data["round"] > EVALUATION["rework"]["most"]:
            self.review_due = days.runs_out(now, EVALUATION["review"]["limit"])
            self._expect(now, "review.requested", data["round"], self.review_due)
        else:
            self._expect(now, "appeal.reopened", data["round"] + 1)

    def _review_decided(self, now: int, data: dict) -> None:
        self.review_due = None
        self._expect(now, "appeal.archived", "final review")

    def _set(self, order: Order, step: Step, now: int) -> None:
        provisional = days.is_provisional(step.due)
        self._expect(now, "deadline.set", order.number, step.name, step.due, step.limit, provisional)

    def _expect(self, now: int, topic: str, *told) -> None:
        self.expected[(now, topic, *told)] += 1


_FIELDS = {
    "deadline.set": ("order", "step", "due", "limit", "provisional"),
    "deadline.warned": ("order", "step", "due", "share", "light"),
    "deadline.missed": ("order", "step", "due"),
    "supervision.issued": ("order", "level", "reply_due", "by"),
    "order.resumed": ("order",),
    "acceptance.missed": ("due", "limit"),
    "supplement.requested": ("due",),
    "supplement.reminded": ("due",),
    "appeal.rejected": ("reason",),
    "milestone.missed": ("order", "name", "on"),
    "extension.denied": ("order",),
    "followup.planned": ("review_on",),
    "followup.reached": ("after",),
    "appeal.closed": ("round", "result"),
    "evaluation.requested": ("round", "until"),
    "callback.planned": ("round", "due"),
    "callback.overdue": ("due",),
    "review.requested": ("round", "due"),
    "review.overdue": ("due",),
    "appeal.archived": ("outcome",),
    "appeal.reopened": ("round",),
}
_DONE_BY_PEOPLE = ("supplement.requested",)  # and yet with a moment that the platform has worked out
_MOMENTS = ("due", "reply_due", "until")


def _for(order: Order, level: str) -> str:
    return LADDER["vertical"].get(level, level) if order.vertical else level


def _always(_: dict) -> bool:
    return True


def _by_rule(data: dict) -> bool:
    return data["by"] in ("system", "applicant")


# What the platform says by itself; of some, only when nobody else did.
_BY_ITSELF = dict.fromkeys(_FIELDS, _always) | dict.fromkeys(
    ("supervision.issued", "order.resumed", "extension.denied", "appeal.rejected"), _by_rule
)


def _told(topic: str, data: dict) -> tuple:
    return tuple(seconds(data[name]) if name in _MOMENTS and data[name] else data[name] for name in _FIELDS[topic])


def _shown(said: Said) -> str:
    moment, topic, *told = said
    shown = [_clock(one) if isinstance(one, (int, float)) and one > 10**9 else str(one) for one in told]
    return f"{_clock(moment)} {topic} {' '.join(shown)}"


def _clock(moment: float) -> str:
    return f"{datetime.fromtimestamp(moment, days.BEIJING):%Y-%m-%d %H:%M:%S}"
