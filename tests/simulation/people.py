"""How applicants, officers and departments behave: what each does about what is said, and when.

Most work at the pace of the trade; some units are slow, some never sign, some return what is not theirs. Chance is
drawn for each appeal by itself, so that it goes its way whatever else happens.
"""

from __future__ import annotations

import random
from collections.abc import Iterator
from zlib import crc32

from appeals import commands as ask
from appeals import events as say
from tests.simulation import days
from tests.simulation.numbers import limit_of

Act = tuple[int, ask.Command | say.Event]

SLOW_UNITS, NEVER_SIGNED, RETURNED, ASKED_MORE_TIME, SUSPENDED = 0.15, 0.01, 0.05, 0.14, 0.07
HOUR = 3600


class People:
    """All people of the simulated year; `hear` gives what they will do about something that was said."""

    def __init__(self, seed: int, every: int):
        self._seed, self._every = seed, every
        self._chances: dict[str, random.Random] = {}
        self._dispatched: dict[str, dict] = {}
        self._denied: set[str] = set()

    def gives_up(self, act: ask.Command | say.Event) -> bool:
        """Whether somebody no longer wants what was planned: an extension was denied by rule already."""
        return isinstance(act, ask.DecideExtension) and act.order in self._denied

    def hear(self, topic: str, data: dict, now: int) -> Iterator[Act]:
        """What people will do, each with its moment."""
        receipt = data["receipt"]
        if receipt not in self._chances:
            self._chances[receipt] = random.Random(f"{self._seed}/{receipt}/people")
        handler = getattr(self, "_" + topic.replace(".", "_"), None)
        for moment, cls, facts in handler(data, now, self._chances[receipt]) if handler else ():
            moment = max(now + self._every, round(moment) // self._every * self._every)
            yield moment, cls(receipt=receipt, at=days.as_time(moment), **({"by": "officer"} | facts))

    def refused(self, command: ask.Command, now: int) -> Iterator[Act]:
        """A supervisor whose approval was refused sends the reply back."""
        if isinstance(command, ask.ApproveFeedback):
            back = {"order": command.order, "reason": "缺少联系记录", "by": "supervisor"}
            moment = now + self._every
            yield moment, ask.RefuseFeedback(receipt=command.receipt, at=days.as_time(moment), **back)

    # Intake

    def _appeal_submitted(self, data, now, chance):
        when, way = _office(now, chance, 1.0), chance.random()
        if way < 0.02:
            yield when, ask.RejectAppeal, {"reason": "market", "explanation": ""}
        elif way < 0.06:
            yield when, ask.AskSupplement, {"missing": ("合同",)}
        else:
            yield when, ask.AcceptAppeal, self._accepted(data, chance)

    def _accepted(self, data, chance):
        self._dispatched.setdefault(data["receipt"], data)
        way = chance.random()
        regime = "petition" if way < 0.01 else "criminal" if way < 0.03 else ""
        return {
            "complexity": "hard" if chance.random() < 0.15 else "normal",
            "special_regime": regime,
            "task_force": chance.random() < 0.03,
        }

    def _supplement_requested(self, data, now, chance):
        if chance.random() < 0.8:
            yield now + chance.uniform(2, 150) * HOUR, ask.ProvideSupplement, {"text": "补充材料"}

    def _appeal_rejected(self, data, now, chance):
        if data["reason"] == "incomplete" and chance.random() < 0.3:
            yield now + chance.uniform(1, 40 * 24) * HOUR, ask.ProvideSupplement, {"text": "补充材料"}

    def _supplement_provided(self, data, now, chance):
        yield _office(now, chance, 1.0), ask.AcceptAppeal, self._accepted(data, chance)

    # Routing

    def _appeal_held(self, data, now, chance):
        lead, assist = chance.choice((("housing", ()), ("commerce", ("transport",)), ("justice", ()), ("science", ())))
        facts = {"lead": lead, "assist": assist, "by": "dispatcher"}
        if data["reason"] == "the joint conference designates":
            yield _office(now, chance, 8.0), ask.Designate, facts | {"minutes": "联席会议纪要"}
        else:
            yield _office(now, chance, 2.0), ask.DispatchAppeal, facts

    # Departments

    def _order_dispatched(self, data, now, chance):
        self._dispatched[data["order"]] = data
        pace = 2.5 if _draw(data["department"]) < SLOW_UNITS else 1.0
        if chance.random() < NEVER_SIGNED:
            return
        sign = _work(data, "sign", now, chance.lognormvariate(-1.2, 0.8) * pace)
        if chance.random() < RETURNED:
            yield sign, say.OrderReturned, _of(data) | {"reason": "不属于本单位职责"}
            if chance.random() < 0.9:
                return
        yield sign + self._every, say.OrderSigned, _of(data)
        yield from self._contacts(data, now, sign, pace, chance)
        yield from self._works(data, now, sign, pace, chance)

    def _contacts(self, data, now, sign, pace, chance):
        contact = max(sign + 2 * self._every, _work(data, "contact", now, chance.lognormvariate(-0.8, 0.7) * pace))
        way = chance.random()
        if way < 0.05:
            for attempt in range(3):
                yield contact + attempt * 2.2 * HOUR, say.ContactMade, _of(data) | {"how": "电话", "reached": False}
        elif way < 0.95:
            yield contact, say.ContactMade, _of(data) | {"how": "电话"}

    def _works(self, data, now, sign, pace, chance):
        share = chance.lognormvariate(-0.55, 0.45) * pace
        reply = max(sign + 3 * self._every, _work(data, "reply", now, share))
        if chance.random() < ASKED_MORE_TIME:
            self._denied.discard(data["order"])
            asked = _work(data, "reply", now, min(share, chance.uniform(0.2, 0.9)))
            facts = {"days": chance.randint(1, 12), "reason": "需现场核查", "plan": "两周内完成"}
            yield max(asked, sign + 2 * self._every), say.ExtensionRequested, _of(data) | facts
        if chance.random() < SUSPENDED:
            yield from self._suspends(data, sign, reply, chance)
        if chance.random() < 0.05:
            day = days.date_of(days.workdays_later(now, chance.randint(1, 8)))
            facts = {"name": "现场核查", "state": "planned", "on": day}
            yield sign + 2 * self._every, say.MilestoneReached, _of(data) | facts
            done = days.workdays_later(now, chance.randint(1, 10))
            yield done, say.MilestoneReached, _of(data) | {"name": "现场核查"}
        yield reply, say.FeedbackSubmitted, _of(data) | self._reply(chance)

    def _suspends(self, data, sign, reply, chance):
        begin = chance.uniform(sign + 2 * self._every, max(reply, sign + 3 * self._every))
        facts = {"order": data["order"], "reason": "statutory", "basis": "鉴定委托书", "by": "supervisor"}
        amount = chance.randint(1, 10)
        yield begin, ask.SuspendOrder, facts | {"days": amount}
        way = chance.random()
        if way < 0.4:
            yield (
                begin + chance.uniform(1, amount * 30) * HOUR,
                ask.ResumeOrder,
                {"order": data["order"], "reason": "鉴定完成"},
            )
        elif way < 0.6:
            yield begin + 20 * HOUR, ask.SuspendOrder, facts | {"days": chance.randint(1, 5)}

    def _reply(self, chance):
        result = chance.choices(("solved", "partly", "unsolvable", "ongoing"), weights=(76, 12, 8, 4))[0]
        evidence = ("会议纪要",) if chance.random() < 0.97 else ()
        contact = "电话" if chance.random() < 0.9 else ""
        return {"text": "已办理", "result": result, "evidence": evidence, "contact": contact}

    def _followup_reached(self, data, now, chance):
        if not data["after"]:
            for order in self._orders_of(data["receipt"]):
                if order["role"] == "lead":
                    reply = {"text": "已办结", "result": "solved", "evidence": ("照片",), "contact": "电话"}
                    yield _office(now, chance, 10.0), say.FeedbackSubmitted, _of(order) | reply

    def _word_refused(self, data, now, chance):
        """Who may not return an order does the work."""
        order = self._dispatched.get(data["order"])
        if data["word"] == "order.returned" and order:
            yield now + self._every, say.OrderSigned, _of(order)
            yield from self._contacts(order, now, now, 1.0, chance)
            yield from self._works(order, now, now, 1.0, chance)

    # Supervisors

    def _extension_requested(self, data, now, chance):
        approve = chance.random() < 0.8
        facts = {"order": data["order"], "approve": approve, "reason": "同意" if approve else "理由不足"}
        yield _office(now, chance, 3.0), ask.DecideExtension, facts | {"conference": "会议纪要"}

    def _extension_denied(self, data, now, chance):
        self._denied.add(data["order"])
        return ()

    def _feedback_submitted(self, data, now, chance):
        when = _office(now, chance, 3.0)
        if chance.random() < 0.08:
            yield when, ask.RefuseFeedback, {"order": data["order"], "reason": "未说明办理结果"}
        else:
            yield when, ask.ApproveFeedback, {"order": data["order"]}

    def _feedback_refused(self, data, now, chance):
        order = self._dispatched[data["order"]]
        reply = self._reply(chance) | {"evidence": ("照片",), "contact": "电话"}
        yield _office(now, chance, 6.0), say.FeedbackSubmitted, _of(order) | reply

    def _deadline_missed(self, data, now, chance):
        if data["step"] == "reply" and chance.random() < 0.2:
            yield now + chance.uniform(1, 60) * HOUR, ask.UrgeAppeal, {"note": "请尽快"}

    def _supervision_issued(self, data, now, chance):
        way = chance.random()
        if data["level"] in ("yellow", "red") and way < 0.15:
            facts = {"order": data["order"], "level": "ordinary", "reason": "已在整改"}
            yield _office(now, chance, 5.0), ask.LowerSupervision, facts
        elif data["level"] == "urged" and way < 0.1:
            facts = {"order": data["order"], "level": "yellow", "reason": "影响较大"}
            yield _office(now, chance, 2.0), ask.IssueSupervision, facts

    # Applicants

    def _evaluation_requested(self, data, now, chance):
        if chance.random() < 0.3:
            return
        rating = chance.choices(
            ("very_satisfied", "satisfied", "basically_satisfied", "dissatisfied", "very_dissatisfied"),
            weights=(30, 35, 22, 9, 4),
        )[0]
        solved = chance.choices(("solved", "partly", "unsolved"), weights=(84, 10, 6))[0]
        facts = {"rating": rating, "solved": solved, "by": "applicant"}
        late = chance.random() < 0.02
        yield now + (chance.uniform(1, 14 * 24) + late * 10 * 24) * HOUR, ask.RateAppeal, facts

    def _callback_planned(self, data, now, chance):
        """The applicant is called back, on another day when nobody answers."""
        for attempt in range(3):
            when = days.office_moment(days.office_time(now) + (attempt * 7.5 + chance.uniform(0.5, 7)) * HOUR)
            confirmed = chance.random() < 0.9
            if reached := chance.random() < 0.7:
                rated = {"rating": "satisfied", "solved": "solved"} if chance.random() < 0.1 else {}
                facts = {"reached": reached, "contact_confirmed": confirmed, "round": data["round"], "by": "caller"}
                yield when, ask.RecordCallback, facts | rated
                return
            yield when, ask.RecordCallback, {"reached": False, "round": data["round"], "by": "caller"}

    def _review_requested(self, data, now, chance):
        facts = {"decision": chance.choice(("upheld", "changed")), "reason": "经复核", "by": "superior"}
        yield now + chance.uniform(5 * 24, 40 * 24) * HOUR, ask.DecideReview, facts

    def _appeal_archived(self, data, now, chance):
        """Nobody does anything any more; what was kept of the appeal goes."""
        self._chances.pop(data["receipt"], None)
        for order in self._orders_of(data["receipt"]):
            del self._dispatched[order["order"]]
        self._dispatched.pop(data["receipt"], None)
        return ()

    def _orders_of(self, receipt: str) -> list[dict]:
        numbers = (f"{receipt}-{number:02d}" for number in range(1, 60))
        return [self._dispatched[number] for number in numbers if number in self._dispatched]


def _of(order: dict) -> dict:
    return {"order": order["order"], "department": order["department"], "by": order["department"]}


def _draw(name: str) -> float:
    """The same number between 0 and 1 for the same name."""
    return crc32(name.encode()) % 1000 / 1000


def _office(now: int, chance: random.Random, hours: float) -> float:
    """Some time later, in office hours, with a tail."""
    return days.office_moment(days.office_time(now) + 60 + chance.expovariate(1 / hours) * HOUR)


def _work(order: dict, step: str, now: int, share: float) -> float:
    """When this share of a step's time is used: urgent work goes on day and night, other in office hours."""
    limit = limit_of(step, order)
    due = days.runs_out(now, limit)
    if limit.endswith(("m", "h")) and not limit.endswith("wh"):
        return now + share * (due - now)
    begin, end = days.office_time(now), days.office_time(due)
    return days.office_moment(begin + max(60, share * (end - begin)))
