"""Deadlines: everything that has a time. Each knows the next moment at which something is to be said about it."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from appeals.calendar import Calendar, Limit
from appeals.events import DeadlineMissed, DeadlineSet, DeadlineWarned, Event, MilestoneMissed, MilestoneReached
from services.supervision import ladder
from services.supervision.clock import Clock
from services.supervision.order import SUSPENDED, Order, Pause
from services.supervision.policy import CONTACT, REPLY, SIGN, Rules

CLOCKS = (SIGN, CONTACT, REPLY)
RESUME, MILESTONE, FOLLOW_UP = "resume", "milestone", "follow-up"

RUNNING, PAUSED, MET, MISSED, VOID = "running", "paused", "met", "missed", "void"


@dataclass(eq=False, kw_only=True)
class Deadline:
    """By when something is due: a step of an order, or a day that was named. `key` is unique.

    A step has a `limit` that began at `started`; a day has none. `warned` is the highest share, in percent, that was
    warned of, `rung` how far the ladder was climbed for it. `next_at` is None when nothing is left to be said.
    """

    key: str
    order: str
    receipt: str
    department: str
    step: str
    due: datetime
    calendar_version: str
    policy_version: str
    name: str = ""
    limit: str = ""
    started: datetime | None = None
    extra_days: int = 0
    extra_unit: str = "wd"
    state: str = RUNNING
    done_at: datetime | None = None
    warned: int = 0
    rung: int = 0
    next_at: datetime | None = None

    @classmethod
    def on(cls, step: str, order: Order, due: datetime, rules: Rules, *, name: str = "") -> Deadline:
        """A day that was named: something is to be said then."""
        key = f"{order.order}/{step}"
        return cls(
            key=f"{key}/{hashlib.sha256(name.encode()).hexdigest()[:16]}" if name else key,
            order=order.order,
            receipt=order.receipt,
            department=order.department,
            step=step,
            due=due,
            calendar_version=rules.calendar.version,
            policy_version=rules.policy.version,
            name=name,
            next_at=due,
        )

    def begin(self, limit: Limit, now: datetime, rules: Rules) -> None:
        """Start a clock of this limit now."""
        self.limit, self.started, self.extra_days = str(limit), now, 0
        self.state, self.done_at, self.warned, self.rung = RUNNING, None, 0, 0
        self.set_due(rules, (), now)

    def clock(self, pauses: Iterable[Pause]) -> Clock | None:
        """The clock of a step; None for a day that was named."""
        if not self.limit:
            return None
        ours = (pause for pause in pauses if pause.stops(self.step))
        intervals = tuple(pause.interval for pause in sorted(ours, key=lambda pause: pause.start))
        return Clock(
            started=self.started,
            limit=Limit.parse(self.limit),
            extra_days=self.extra_days,
            extra_unit=self.extra_unit,
            pauses=intervals,
        )

    def set_due(
        self, rules: Rules, pauses: Iterable[Pause], now: datetime, *, earliest: datetime | None = None
    ) -> None:
        """Work the due date out anew, but not before `earliest`, and what is to be said next."""
        if clock := self.clock(pauses):
            due = clock.due(rules.calendar)
            self.due = max(due, earliest) if earliest else due
        self.calendar_version = rules.calendar.version
        self.plan(rules, pauses)

    def plan(self, rules: Rules, pauses: Iterable[Pause]) -> None:
        """When something is to be said next: the next share, or the miss."""
        clock, ahead = self.clock(pauses), self._shares(rules)
        if self.state != RUNNING:
            self.next_at = None
        elif clock and ahead:
            self.next_at = min(self.due, clock.moment_of(ahead[0] / 100, rules.calendar, self.due))
        else:
            self.next_at = self.due

    def meet(self, now: datetime) -> None:
        """The step is done, in time or late; a miss stays a miss."""
        if self.state in (RUNNING, PAUSED):
            self.state = MET
        self.done_at = self.done_at or now
        self.next_at = None

    def cancel(self) -> None:
        """It no longer counts."""
        if self.state in (RUNNING, PAUSED):
            self.state = VOID
        self.next_at = None

    def pause(self) -> None:
        """Nothing is said until it goes on."""
        if self.state == RUNNING:
            self.state = PAUSED
        self.next_at = None

    def go_on(self, order: Order, rules: Rules, pauses: Iterable[Pause], now: datetime) -> bool:
        """The pause is over; returns whether a clock runs on. What was missed before goes on up the ladder."""
        if self.state == PAUSED:
            self.state = RUNNING
            self.set_due(rules, pauses, now)
            return True
        if self.state == MISSED and self.done_at is None:
            self._plan_rung(order, rules, now)
        return False

    def come_down(self, order: Order, rules: Rules, now: datetime) -> None:
        """The order's level was lowered: what was missed climbs the ladder again from there, and from now on."""
        if self.step in CLOCKS and self.state == MISSED and self.done_at is None:
            self.rung = 0
            self._plan_rung(order, rules, now)
            if order.state == SUSPENDED:
                self.next_at = None

    def extend(self, more: Limit, rules: Rules, pauses: Iterable[Pause], now: datetime) -> None:
        """Add days; a step that is still to be done may run again, and is warned of anew."""
        self.extra_days, self.extra_unit = self.extra_days + more.amount, more.unit
        self.set_due(rules, pauses, now)
        if self.done_at is None and self.state in (RUNNING, MISSED) and self.due > now:
            self.state, self.rung = RUNNING, 0
            used = 100 * self.clock(pauses).share(rules.calendar, now, self.due)
            self.warned = max((share for share in rules.policy.reminders[self.step] if share <= used), default=0)
            self.plan(rules, pauses)

    def come_due(self, order: Order, pauses: Iterable[Pause], now: datetime, rules: Rules) -> list[Event]:
        """Say what is to be said of a step now, each thing once.

        After a long stop only the highest share is warned of; once the time has run out, only that is said. The
        ladder is climbed one rung at a time, so that nobody gets a card without the time to act on the one before.
        """
        if self.state == MISSED:
            return self._climb(order, now, rules)
        if now >= self.due:
            self.state = MISSED
            missed = DeadlineMissed(step=self.step, due=self.due, **order.about(now))
            return [missed, *self._climb(order, now, rules)]
        clock = self.clock(pauses)
        share = 100 * clock.share(rules.calendar, now, self.due)
        said = []
        passed = [one for one in self._shares(rules) if one <= share or self._moment(clock, one, rules) <= now]
        if passed:
            self.warned = max(passed)
            light = clock.light(rules.calendar, now, self.due, rules.policy.lights)
            said = [DeadlineWarned(step=self.step, due=self.due, share=self.warned, light=light, **order.about(now))]
        self.plan(rules, pauses)
        return said

    def tell(self, now: datetime, calendar: Calendar, reason: str = "") -> DeadlineSet:
        """The deadline as its department is told of it."""
        return DeadlineSet(
            receipt=self.receipt,
            at=now,
            order=self.order,
            department=self.department,
            step=self.step,
            due=self.due,
            limit=self.limit,
            reason=reason,
            calendar_version=self.calendar_version,
            provisional=calendar.is_provisional(self.due.astimezone(calendar.zone).date()),
        )

    def _climb(self, order: Order, now: datetime, rules: Rules) -> list[Event]:
        rung = rules.policy.ladder.rungs[self.step][self.rung]
        self.rung += 1
        issued = ladder.climb(order, rung.level, ladder.overdue(self.step, self.due, rules), now, rules)
        self._plan_rung(order, rules, now)
        return [issued] if issued else []

    def _plan_rung(self, order: Order, rules: Rules, now: datetime) -> None:
        """The next rung is one that was not reached yet, by whatever way."""
        rungs, self.next_at = rules.policy.ladder.rungs[self.step], None
        while self.rung < len(rungs) and not ladder.is_above(rungs[self.rung].level, order, rules):
            self.rung += 1
        if self.rung < len(rungs):
            after = rungs[self.rung].after or rules.policy.ladder.after_lowering
            self.next_at = rules.calendar.due(now, after)

    def _shares(self, rules: Rules) -> list[int]:
        return [share for share in rules.policy.reminders.get(self.step, ()) if share > self.warned]

    def _moment(self, clock: Clock, share: int, rules: Rules) -> datetime:
        return clock.moment_of(share / 100, rules.calendar, self.due)


def effective_limit(step: str, order: Order, now: datetime, rules: Rules) -> Limit:
    """Of the limits for a step that begins now, the one that runs out first."""
    return min(rules.policy.limits(step, order), key=lambda one: rules.calendar.due(now, one))


def start_clocks(order: Order, now: datetime, rules: Rules) -> list[Deadline]:
    """The deadlines of a new order. They run from the dispatch, so that leaving it unsigned gains nothing."""
    started = []
    for step in CLOCKS if order.is_lead else (SIGN, REPLY):
        deadline = Deadline.on(step, order, now, rules)
        deadline.begin(effective_limit(step, order, now, rules), now, rules)
        started.append(deadline)
    return started


def watch_regime(order: Order, now: datetime, rules: Rules) -> list[Deadline]:
    """The steps that a lawful procedure orders at its beginning, as planned milestones of the lead's first order."""
    regime = rules.policy.regimes.get(order.special_regime)
    if regime is None or not order.is_lead or order.round > 1:
        return []
    return [
        Deadline.on(MILESTONE, order, rules.calendar.due(now, clock.limit), rules, name=clock.step)
        for clock in regime.milestones
    ]


def revise(deadline: Deadline, pauses: Iterable[Pause], now: datetime, rules: Rules) -> list[Event]:
    """Work a running deadline out anew by the calendar now; its department is told of a change.

    It may come earlier, but never sooner than the notice after that is told.
    """
    before = deadline.due
    earliest = min(before, rules.calendar.due(now, rules.policy.calendar_notice))
    deadline.set_due(rules, pauses, now, earliest=earliest)
    return [deadline.tell(now, rules.calendar, "工作日历修订")] if deadline.due != before else []


def take_milestone(
    known: Deadline | None, reached: MilestoneReached, order: Order, now: datetime, rules: Rules
) -> Deadline | None:
    """Watch the day of a planned milestone, or stop watching it; returns the deadline if it is new."""
    planned = reached.state == "planned" and reached.on is not None
    if not planned:
        if known and reached.state == "done":
            known.meet(now)
        return None
    due = rules.calendar.closing(reached.on)
    if known is None:
        return Deadline.on(MILESTONE, order, due, rules, name=reached.name)
    known.due = known.next_at = due
    known.state, known.done_at = RUNNING, None
    return None


def miss_milestone(deadline: Deadline, now: datetime, rules: Rules) -> MilestoneMissed:
    """The day of a planned milestone has passed."""
    deadline.state, deadline.next_at = MISSED, None
    return MilestoneMissed(
        receipt=deadline.receipt,
        at=now,
        order=deadline.order,
        department=deadline.department,
        name=deadline.name,
        on=deadline.due.astimezone(rules.calendar.zone).date(),
    )
