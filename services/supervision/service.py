"""Supervision, 督办: watches that every order is signed, contacted and replied to in time; reviews and closes.

Hears OrderDispatched and what departments do about their orders; says DeadlineSet, DeadlineMissed,
SupervisionIssued, ExtensionApproved, ExtensionDenied, FeedbackApproved, FeedbackRefused, FollowUpPlanned and
AppealClosed.
"""

from pathlib import Path

from appeals.bus.on_nameko import Keeps, Known, Now, every, on
from appeals.calendar import load_calendar
from appeals.commands import ApproveFeedback, DecideExtension, RefuseFeedback
from appeals.events import (
    ContactMade,
    ExtensionRequested,
    FeedbackSubmitted,
    OrderDispatched,
    OrderReturned,
    OrderSigned,
)
from appeals.settings import Settings
from services.supervision.domain import LEAD, RETURNED, RUNNING, VOID, Order, conclude, tell
from services.supervision.policy import CONTACT, REPLY, SIGN, load_policy
from services.supervision.store import SupervisionStore

POLICY = Path(__file__).parent / "policy.yml"
OVERDUE_AT_ONCE = 500


class Supervision:
    """The clocks, the reviews and the close."""

    name = "supervision"

    store = Keeps(SupervisionStore)
    now = Now()
    policy = Known("policy")
    calendar = Known("calendar")

    @on(OrderDispatched)
    def start_clocks(self, dispatched):
        """Start the clocks of a new order, from the moment of its dispatch."""
        order = Order.of(dispatched)
        deadlines = order.start_clocks(self.policy, self.calendar, dispatched.at)
        for thing in (order, *deadlines):
            self.store.add(thing)
        return [tell(deadline, self.now()) for deadline in deadlines]

    @on(OrderSigned)
    def note_signature(self, signed):
        """The order is in hand."""
        self.store.deadline(signed.order, SIGN).meet()

    @on(ContactMade)
    def note_contact(self, made):
        """The applicant was spoken to."""
        self.store.order(made.order).contacted = True
        if deadline := self.store.deadline(made.order, CONTACT):
            deadline.meet()

    @on(OrderReturned)
    def stop_clocks(self, returned):
        """The department is rid of the order; its clocks stop, and perhaps the others were done already."""
        order = self.store.order(returned.order)
        order.state = RETURNED
        for step in (SIGN, CONTACT, REPLY):
            deadline = self.store.deadline(returned.order, step)
            if deadline and deadline.state == RUNNING:
                deadline.state = VOID
        return None if order.role == LEAD else self._conclude(order.receipt)

    @on(ExtensionRequested)
    def note_extension(self, asked):
        """Keep what the department asks for until a supervisor decides."""
        self.store.order(asked.order).ask_extension(asked)

    @on(DecideExtension)
    def decide_extension(self, command):
        """Give the department more time, or not."""
        order = self.store.order_of(command.receipt, command.order)
        reply = self.store.deadline(order.order, REPLY)
        return order.decide_extension(
            reply,
            command.approve,
            command.reason,
            self.now(),
            by=command.by,
            policy=self.policy,
            calendar=self.calendar,
        )

    @on(FeedbackSubmitted)
    def take_feedback(self, feedback):
        """A reply has come; its clock stops until it is reviewed."""
        self.store.order(feedback.order).take_feedback(feedback)
        self.store.deadline(feedback.order, REPLY).meet()
        if feedback.contact and (contact := self.store.deadline(feedback.order, CONTACT)):
            contact.meet()

    @on(ApproveFeedback)
    def approve_feedback(self, command):
        """Let a reply stand, and close the appeal if it was the last."""
        order = self.store.order_of(command.receipt, command.order)
        approved = order.approve(self.now(), by=command.by)
        end = self._conclude(order.receipt)
        return [approved, end] if end else approved

    @on(RefuseFeedback)
    def refuse_feedback(self, command):
        """Send a reply back; the department has the rest of its time, and at least a working day."""
        order = self.store.order_of(command.receipt, command.order)
        refused = order.send_back(command.reason, self.now(), by=command.by)
        reply = self.store.deadline(order.order, REPLY)
        reply.due = max(reply.due, self.calendar.due(self.now(), self.policy.redo))
        reply.state = RUNNING
        return [refused, tell(reply, self.now())]

    def _conclude(self, receipt):
        return conclude(self.store.orders(receipt), self.now(), policy=self.policy, calendar=self.calendar)

    @every(seconds=1)
    def watch(self):
        """Find every deadline that has passed, signed or not, and say so once."""
        now = self.now()
        return [event for deadline in self.store.overdue_at(now, OVERDUE_AT_ONCE) for event in deadline.miss(now)]


SERVICE = Supervision


def configuration(settings: Settings) -> dict:
    """What supervision loads at its start: the limits and the working calendar."""
    return {"policy": load_policy(POLICY), "calendar": load_calendar()}
