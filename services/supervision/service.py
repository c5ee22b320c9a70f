"""Supervision, 督办: watches that every order is signed, contacted and replied to in time; reviews and closes.

Hears AppealFlagged, OrderDispatched and what departments do about their orders; says everything from DeadlineSet to
AppealClosed in `appeals.events`.
"""

from dataclasses import dataclass
from pathlib import Path

from appeals.bus.on_nameko import Keeps, Known, Now, every, on
from appeals.calendar import load_calendar
from appeals.commands import (
    ApproveFeedback,
    DecideExtension,
    IssueSupervision,
    LowerSupervision,
    RefuseFeedback,
    ResumeOrder,
    SuspendOrder,
    UrgeAppeal,
)
from appeals.events import (
    AppealClosed,
    AppealFlagged,
    AppealUrged,
    ContactMade,
    ExtensionRequested,
    FeedbackSubmitted,
    MilestoneReached,
    OrderCancelled,
    OrderDispatched,
    OrderReturned,
    OrderSigned,
)
from appeals.settings import Settings as CommonSettings
from appeals.settings import setting
from appeals.units import load_units
from services.supervision import closing, extending, ladder, reviewing, suspending
from services.supervision.deadline import (
    FOLLOW_UP,
    MILESTONE,
    RESUME,
    Deadline,
    miss_milestone,
    revise,
    start_clocks,
    take_milestone,
    watch_regime,
)
from services.supervision.flagged import Flag, call_to_account
from services.supervision.order import RETURNED, Order
from services.supervision.policy import CONTACT, REPLY, SIGN, Rules
from services.supervision.policy_file import POLICY, load_policy
from services.supervision.store import SupervisionStore

AT_ONCE = 500


@dataclass(frozen=True, kw_only=True)
class Settings(CommonSettings):
    """What supervision needs to know."""

    supervision_policy: Path = setting("the numbers of supervision, as services/supervision/policy.yml", POLICY)


class Supervision:
    """The clocks, the ladder, the reviews and the close."""

    name = "supervision"

    store = Keeps(SupervisionStore)
    now = Now()
    rules = Known("rules")
    directory = Known("directory")

    # Orders

    @on(OrderDispatched)
    def start_clocks(self, dispatched):
        """Start the clocks of a new order, from the moment of its dispatch."""
        manifest = self.directory.get(dispatched.department)
        order = Order.of(dispatched, vertical=bool(manifest and manifest.vertical))
        if order.round > 1:
            self._cancel_follow_ups(order.receipt)
        self.store.add(order)
        deadlines = start_clocks(order, dispatched.at, self.rules)
        for deadline in (*deadlines, *watch_regime(order, dispatched.at, self.rules)):
            self.store.add(deadline)
        told = [deadline.tell(self.now(), self.rules.calendar) for deadline in deadlines]
        return told + self._call_to_account(order)

    @on(OrderSigned)
    def note_signature(self, signed):
        """The order is in hand."""
        self.store.order(signed.order).signed = True
        self.store.deadline(signed.order, SIGN).meet(self.now())

    @on(ContactMade)
    def note_contact(self, made):
        """The applicant was spoken to, or could not be reached."""
        order = self.store.order(made.order)
        contact = self.store.deadline(made.order, CONTACT)
        if order.take_contact(made, self.now(), self.rules) and contact:
            contact.meet(self.now())

    @on(OrderReturned)
    def stop_clocks(self, returned):
        """The department is rid of the order; its clocks stop, and perhaps the others were done already."""
        order = self.store.order(returned.order)
        order.state = RETURNED
        for deadline in self.store.deadlines(order.order):
            deadline.cancel()
        return None if order.is_lead else self._conclude(order.receipt)

    @on(OrderCancelled)
    def stop_for_good(self, cancelled):
        """The applicant has withdrawn: no clock runs on, no card follows and nothing is looked at again."""
        self.store.order(cancelled.order).cancel()
        for deadline in self.store.deadlines(cancelled.order):
            deadline.cancel()

    @on(MilestoneReached)
    def watch_milestone(self, reached):
        """Watch the day of a planned milestone until it is done."""
        order = self.store.order(reached.order)
        key = Deadline.on(MILESTONE, order, self.now(), self.rules, name=reached.name).key
        new = take_milestone(self.store.find(order.order, key), reached, order, self.now(), self.rules)
        if new:
            self.store.add(new)

    # Extensions and suspensions

    @on(ExtensionRequested)
    def note_extension(self, asked):
        """Keep what the department asks for until a supervisor decides, or deny what nobody may grant."""
        order = self.store.order(asked.order)
        return extending.ask(order, asked, self.store.deadline(asked.order, REPLY), self.now(), self.rules)

    @on(DecideExtension)
    def decide_extension(self, command):
        """Give the department more time, or not."""
        order = self.store.order_of(command.receipt, command.order)
        return extending.decide(
            order,
            self.store.deadline(order.order, REPLY),
            self.store.pauses(order.order),
            self.now(),
            self.rules,
            approve=command.approve,
            reason=command.reason,
            by=command.by,
            conference=command.conference,
        )

    @on(SuspendOrder)
    def suspend(self, command):
        """Let the clocks of an order stand still for a time."""
        suspended, new = suspending.suspend(
            self.store.watched(self.store.order_of(command.receipt, command.order)),
            self.now(),
            self.rules,
            reason=command.reason,
            days=command.days,
            basis=command.basis,
            by=command.by,
        )
        for one in new:
            self.store.add(one)
        return suspended

    @on(ResumeOrder)
    def resume(self, command):
        """Let the clocks of an order run on before the suspension ends by itself."""
        return self._resume(self.store.order_of(command.receipt, command.order), reason=command.reason, by=command.by)

    # The ladder

    @on(UrgeAppeal)
    def urge(self, command):
        """The applicant urges; the lead is reminded."""
        reminded = ladder.urge(self.store.orders(command.receipt), command.note, self.now(), self.rules)
        return [AppealUrged(receipt=command.receipt, at=self.now(), by=command.by, note=command.note), *reminded]

    @on(AppealFlagged)
    def supervise_flagged(self, flagged):
        """The matter is brought up again and again, or by many: whoever leads it is called to account."""
        flag = Flag.of(flagged)
        self.store.add(flag)
        return call_to_account(self.store.orders(flagged.receipt), [flag], self.now(), self.rules)

    @on(IssueSupervision)
    def issue_supervision(self, command):
        """A supervisor calls a department to account."""
        order = self.store.order_of(command.receipt, command.order)
        return ladder.issue(order, command.level, command.reason, self.now(), self.rules, by=command.by)

    @on(LowerSupervision)
    def lower_supervision(self, command):
        """Somebody with the authority lowers the level, or takes it back."""
        order = self.store.order_of(command.receipt, command.order)
        lowered = ladder.lower(order, command.level, command.reason, self.now(), by=command.by)
        for deadline in self.store.deadlines(order.order):
            deadline.come_down(order, self.rules, self.now())
        return lowered

    # Reviews and the close

    @on(FeedbackSubmitted)
    def take_feedback(self, feedback):
        """A reply has come; its clock stops until it is reviewed."""
        order, now = self.store.order(feedback.order), self.now()
        said = suspending.end_for_reply(self.store.watched(order), now, self.rules)
        said += extending.end_with_reply(order, now)
        order.take_feedback(feedback)
        self.store.deadline(feedback.order, REPLY).meet(now)
        if feedback.contact.strip() and (contact := self.store.deadline(feedback.order, CONTACT)):
            contact.meet(now)
        return said

    @on(ApproveFeedback)
    def approve_feedback(self, command):
        """Let a reply stand, and close the appeal if it was the last."""
        order = self.store.order_of(command.receipt, command.order)
        approved = reviewing.approve(order, self.now(), self.rules, by=command.by)
        end = self._conclude(order.receipt)
        return [approved, end] if end else approved

    @on(RefuseFeedback)
    def refuse_feedback(self, command):
        """Send a reply back; the department has the rest of its time, and at least what the policy says."""
        order = self.store.order_of(command.receipt, command.order)
        said, review = reviewing.send_back(
            order,
            self.store.deadline(order.order, REPLY),
            self.store.pauses(order.order),
            self.now(),
            self.rules,
            reason=command.reason,
            by=command.by,
        )
        self.store.add(review)
        return said + self._call_to_account(order)

    # Time

    def find_due(self):
        """The appeals about which something is to be said by now, in one indexed question, and in portions."""
        return self.store.due_at(self.now(), AT_ONCE)

    @every(seconds=1, about="find_due")
    def watch(self, receipts):
        """Say what is to be said by now: reminders, misses, rungs of the ladder, ends of suspensions, follow-ups."""
        due = self.store.due_among(receipts, self.now())
        return [event for deadline in due if deadline.next_at for event in self._come_due(deadline)]

    def find_outdated(self):
        """The appeals whose deadlines were worked out by another version of the calendar, in portions."""
        return self.store.reckoned_otherwise(self.rules.calendar.version, AT_ONCE)

    @every(seconds=10, about="find_outdated")
    def revise(self, receipts):
        """Work running deadlines out anew when the calendar was revised; what is over stays as it was."""
        return [
            event
            for deadline in self.store.running(receipts)
            for event in revise(deadline, self.store.pauses(deadline.order), self.now(), self.rules)
        ]

    def _come_due(self, deadline):
        now, rules = self.now(), self.rules
        if deadline.step == FOLLOW_UP:
            return [closing.reach_follow_up(deadline, self.store.orders(deadline.receipt), now, rules)]
        if deadline.step == MILESTONE:
            return [miss_milestone(deadline, now, rules)]
        order = self.store.order(deadline.order)
        if deadline.step == RESUME:
            return self._resume(order, reason="挂起期满")
        return deadline.come_due(order, self.store.pauses(order.order), now, rules)

    def _resume(self, order, **facts):
        resumed = suspending.resume(self.store.watched(order), self.now(), self.rules, **facts)
        return resumed + self._call_to_account(order)

    def _call_to_account(self, order):
        return call_to_account([order], self.store.flags(order.receipt), self.now(), self.rules)

    def _conclude(self, receipt):
        end, follow_ups = closing.conclude(self.store.orders(receipt), self.now(), self.rules)
        if isinstance(end, AppealClosed):
            self._cancel_follow_ups(receipt)
        for follow_up in follow_ups:
            self.store.keep(follow_up)
        return end

    def _cancel_follow_ups(self, receipt):
        for order in self.store.orders(receipt):
            for deadline in self.store.deadlines(order.order):
                if deadline.step == FOLLOW_UP:
                    deadline.cancel()


SERVICE = Supervision


def configuration(settings: CommonSettings) -> dict:
    """What supervision loads at its start: its numbers and the working calendar."""
    policy = load_policy(getattr(settings, "supervision_policy", POLICY), load_units(settings.units))
    return {"rules": Rules(policy=policy, calendar=load_calendar(settings.calendar))}
