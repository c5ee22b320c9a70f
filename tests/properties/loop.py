"""Everything that people, departments and the bus can do with an appeal, in any order that hypothesis thinks of."""

from __future__ import annotations

from itertools import count

from hypothesis import strategies as some
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule

from appeals import commands as ask
from appeals import events as say
from appeals.bus.asking import CommandRefused
from appeals.bus.broker import Outgoing
from appeals.testing.clock import TUESDAY_MORNING
from appeals.units import load_units
from tests.properties import invariants

UNITS = ("industry", "natural-resources", "sasac", "securities", "public-security")
SPANS = some.sampled_from(
    [{"minutes": 1}, {"minutes": 20}, {"hours": 3}, {"hours": 9}, {"days": 1}, {"hours": 48}, {"days": 5}, {"weeks": 3}]
)
LETTERS = some.integers(0, 3)  # which order, of those that there are


class Loop(RuleBasedStateMachine):
    """One appeal on a town that all examples share; `town` is set by the test."""

    town = None
    replica = None
    again = None
    numbers = count(1)
    months = None

    @initialize(
        classification=some.sampled_from(("ordinary", "anonymous")),
        accused=some.sampled_from(((), (), (), ("industry",), ("省政府",))),
        title=some.sampled_from(("申报成立化工产业园区", "企业上市辅导协调", "厂区电缆被盗", "一件说不清的事")),
        begun=some.sampled_from(("submitted", "accepted", "signed", "signed", "signed")),
    )
    def submit(self, classification, accused, title, begun):
        self.town.clock.now = TUESDAY_MORNING
        self.receipt = f"SQ-20261124-{next(self.numbers):06d}"
        self.barred = load_units().below(code for one in accused for code in load_units().identify(one))
        self.used, self.ratings = {}, {}
        hidden = classification == "anonymous"
        self.ask(
            ask.SubmitAppeal,
            title=title,
            text="请协调解决",
            applicant=say.Applicant(name=invariants.SECRETS[0] if hidden else "朝阳高新区", kind="park"),
            channel="visit",
            classification=classification,
            accused=accused,
            contact_phone=invariants.SECRETS[2] if hidden else "",
            by=invariants.SECRETS[1] if hidden else "park",
        )
        assert self.facts("appeal.submitted")
        if begun != "submitted":
            self.accept("normal", "normal")
        if begun == "signed":
            for which in range(len(self.orders())):
                self.sign(which)

    # Intake and routing

    @rule()
    def ask_for_more(self):
        self.ask(ask.AskSupplement, missing=("合同",))

    @rule()
    def supplement(self):
        self.ask(ask.ProvideSupplement, text="补充材料")

    @rule(urgency=some.sampled_from(("normal", "urgent")), complexity=some.sampled_from(("normal", "hard")))
    def accept(self, urgency, complexity):
        self.ask(ask.AcceptAppeal, urgency=urgency, complexity=complexity)

    @rule(lead=some.sampled_from(UNITS), assist=some.lists(some.sampled_from(UNITS), max_size=2))
    def dispatch(self, lead, assist):
        self.ask(ask.DispatchAppeal, lead=lead, assist=tuple(assist))

    @rule(lead=some.sampled_from(UNITS))
    def designate(self, lead):
        self.ask(ask.Designate, lead=lead, minutes="联席会议纪要")

    # Departments

    @rule(which=LETTERS)
    def sign(self, which):
        self.word(say.OrderSigned, which)

    @rule(which=LETTERS, reached=some.booleans())
    def contact(self, which, reached):
        self.word(say.ContactMade, which, how="电话", reached=reached)

    @rule(which=LETTERS)
    def give_back(self, which):
        self.word(say.OrderReturned, which, reason="不属于本单位职责")

    @rule(which=LETTERS, days=some.sampled_from((1, 5, 11)))
    def ask_for_time(self, which, days):
        self.word(say.ExtensionRequested, which, days=days, reason="需核查", plan="两周内")

    @rule(
        which=LETTERS,
        result=some.sampled_from(("solved", "partly", "ongoing")),
        evidence=some.sampled_from(((), ("会议纪要",))),
        contact=some.sampled_from(("", "电话")),
    )
    def reply(self, which, result, evidence, contact):
        self.word(say.FeedbackSubmitted, which, text="已办", result=result, evidence=evidence, contact=contact)

    # Supervisors and applicants

    @rule(which=LETTERS, approve=some.booleans())
    def decide_on_time(self, which, approve):
        self.about_order(ask.DecideExtension, which, approve=approve, reason="研究决定", conference="会议纪要")

    @rule(which=LETTERS, days=some.integers(1, 6))
    def suspend(self, which, days):
        self.about_order(ask.SuspendOrder, which, reason="statutory", days=days, basis="鉴定委托书")

    @rule(which=LETTERS)
    def resume(self, which):
        self.about_order(ask.ResumeOrder, which, reason="鉴定完成")

    @rule(which=LETTERS)
    def approve(self, which):
        self.about_order(ask.ApproveFeedback, which)

    @rule(which=LETTERS)
    def send_back(self, which):
        self.about_order(ask.RefuseFeedback, which, reason="未说明办理结果")

    @rule()
    def urge(self):
        self.ask(ask.UrgeAppeal)

    @rule(rating=some.sampled_from(("satisfied", "dissatisfied")))
    def rate(self, rating):
        self.ask(ask.RateAppeal, rating=rating, solved="solved")

    # Several steps at once, so that the end of the loop is reached often

    @rule(result=some.sampled_from(("solved", "ongoing")), contact=some.sampled_from(("", "电话")))
    def all_reply(self, result, contact):
        for which in range(len(self.orders())):
            self.sign(which)
            self.reply(which, result, ("会议纪要",), contact)

    @rule(result=some.sampled_from(("solved", "partly")), contact=some.sampled_from(("", "电话")))
    def all_reply_and_are_approved(self, result, contact):
        self.all_reply(result, contact)
        self.all_are_approved()

    @rule()
    def all_are_approved(self):
        for which in range(len(self.orders())):
            self.approve(which)

    # Time and the bus

    @rule()
    def a_day_passes(self):
        self.time_passes({"days": 1})

    @rule(span=SPANS)
    def some_time_passes(self, span):
        self.time_passes(span)

    def time_passes(self, span):
        before = self.used_times()
        self.town.clock.advance(**span)
        for host in (*self.town.hosts.values(), self.replica):
            host.tick()
            host.tick()
        self.town.settle()
        after = self.used_times()
        for key, (used, state) in before.items():
            stood_still = "suspended" in state and after[key][1] == state
            assert after[key][0] == used if stood_still else after[key][0] >= used, "the clock is wrong"

    @rule(which=some.integers(0, 40))
    def deliver_again(self, which):
        for name in ("intake", "routing", "supervision", "evaluation"):
            columns = "id, exchange, routing_key, body"
            rows = self.town.hosts[name].rows(
                f"SELECT {columns} FROM journal WHERE subject = '{self.receipt}' AND exchange != '' ORDER BY id"
            )
            for row in rows[which : which + 3]:
                again = {"exchange": row.exchange, "routing_key": row.routing_key, "body": bytes(row.body)}
                self.town.broker.publish(Outgoing(id=row.id, **again))
        self.town.settle()

    # What always holds

    @invariant()
    def everything_holds(self):
        invariants.check_orders(self.town, self.receipt)
        invariants.check_exclusion(self.town, self.receipt, self.barred)
        heard = invariants.said(self.town, self.receipt)
        invariants.check_deadlines(self.town, self.receipt, heard)
        invariants.check_said_once(heard)
        invariants.check_close(self.town, self.receipt, heard)
        rated = self.town.hosts["evaluation"].rows(
            f"SELECT round, rating, solved FROM rounds WHERE receipt = '{self.receipt}' AND rating != ''"
        )
        assert all(self.ratings.setdefault(one.round, one) == one for one in rated), "a rating has changed"
        for month, units in self.town.hosts["evaluation"].rows("SELECT period, units FROM periods"):
            assert self.months.setdefault(month, units) == units, "a month that was frozen has changed"
        for name in ("intake", "supervision", "evaluation", "portal"):
            assert self.town.dead(name) == [], f"{name} could not handle a message"

    def teardown(self):
        invariants.check_replay(self.town, self.again, self.receipt, invariants.said(self.town, self.receipt))
        invariants.check_secrecy(self.town)

    # How it is done

    def facts(self, wanted):
        return [data for topic, data in invariants.said(self.town, self.receipt) if topic == wanted]

    def orders(self):
        return self.facts("order.dispatched")

    def one_of_the_orders(self, which):
        orders = self.orders()
        return [orders[which % len(orders)]] if orders else []

    def ask(self, command, **facts):
        try:
            self.town.ask(command(receipt=self.receipt, at=self.town.clock(), **({"by": "officer"} | facts)))
        except CommandRefused as refused:
            assert refused.told["code"] != "broken", refused.told

    def about_order(self, command, which, **facts):
        for order in self.one_of_the_orders(which):
            self.ask(command, order=order["order"], **facts)

    def word(self, word, which, **facts):
        for order in self.one_of_the_orders(which):
            about = {"receipt": self.receipt, "at": self.town.clock(), "order": order["order"]}
            self.town.say(order["department"], word(**about, department=order["department"], **facts), inbox=True)

    def used_times(self):
        supervision = self.town.hosts["supervision"]
        with supervision.database.reading() as session:
            store = supervision.service_class.store._store_class(session)
            calendar, now = supervision.config["rules"].calendar, self.town.clock()
            return {
                order.order: (reply.clock(store.pauses(order.order)).used(calendar, now), order.state + reply.limit)
                for order in store.orders(self.receipt)
                if (reply := store.deadline(order.order, "reply"))
            }
