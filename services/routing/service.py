"""Routing, 转办: sends each accepted appeal to the department whose duty it is.

Hears AppealAccepted, AppealWithdrawn, AppealClosed, AppealReopened, FeedbackRefused and FeedbackApproved, and what
departments say of their orders, from their own systems or at the portal's desk; says OrderDispatched, AppealHeld,
AccusedCorrected, ReturnRequested, ReturnDenied, OrderCancelled, and the departments' words once they are facts.
"""

from dataclasses import dataclass
from pathlib import Path

from appeals.bus.on_nameko import Keeps, Known, Now, every, on
from appeals.calendar import load_calendar
from appeals.commands import (
    CorrectAccused,
    DecideReturn,
    Designate,
    DispatchAppeal,
    RecordContact,
    ReportMilestone,
    ReportProgress,
    RequestExtension,
    ReturnOrder,
    SignOrder,
    SubmitFeedback,
    TryDispatch,
)
from appeals.events import (
    AppealAccepted,
    AppealClosed,
    AppealReopened,
    AppealWithdrawn,
    ContactMade,
    ExtensionRequested,
    FeedbackApproved,
    FeedbackRefused,
    FeedbackSubmitted,
    MilestoneReached,
    OrderDispatched,
    OrderReturned,
    OrderSigned,
    ProgressReported,
)
from appeals.manifest import DEPARTMENT
from appeals.settings import Settings as CommonSettings
from appeals.settings import setting
from appeals.units import load_units
from services.routing.catalogue import CATALOGUE, load_catalogue
from services.routing.domain import DONE, FOLLOWED, ONGOING, OVER, SIGNED, Case, Order, Rulebook
from services.routing.policy import POLICY, load_policy
from services.routing.refusals import NoSuchOrder
from services.routing.returning import accept_return, ask_return, decide_return
from services.routing.speaking import check_word, take_word, word_of
from services.routing.store import RoutingStore
from services.routing.trying import try_dispatch
from services.routing.withdrawal import cancel, check_not_withdrawn

LOOK_SECONDS = 60
OVERDUE_AT_ONCE = 100


@dataclass(frozen=True, kw_only=True)
class Settings(CommonSettings):
    """What routing needs to know besides."""

    catalogue: Path = setting("the dispatch catalogue; by default the one that comes along", CATALOGUE)
    return_policy: Path = setting("the rules of returns; by default those that come along", POLICY)


class Routing:
    """The one gate for what departments send back."""

    name = "routing"
    hears = DEPARTMENT

    store = Keeps(RoutingStore)
    now = Now()
    rules = Known("rules")
    directory = Known("directory")

    @on(AppealAccepted)
    def dispatch(self, accepted):
        """Send an accepted appeal to its departments, or hold it for a person."""
        case = Case.of(accepted)
        self.store.add(case)
        return self._keep(case, case.dispatch(self._book(), self.now()))

    @on(DispatchAppeal)
    def dispatch_by_hand(self, command):
        """Send a held appeal where a dispatcher decides."""
        case = self._open_case(command.receipt)
        said = case.dispatch_by_hand(
            command.lead,
            command.assist,
            self._book(),
            self.now(),
            by=command.by,
            requirement=command.requirement,
            working=self.store.at_work(case.receipt, case.round),
        )
        return self._keep(case, said)

    @on(Designate)
    def designate(self, command):
        """Send a held appeal where the joint conference has designated."""
        case = self._open_case(command.receipt)
        said = case.designate(
            command.lead,
            command.assist,
            self._book(),
            self.now(),
            by=command.by,
            requirement=command.requirement,
            minutes=command.minutes,
            working=self.store.at_work(case.receipt, case.round),
        )
        return self._keep(case, said)

    @on(CorrectAccused)
    def correct_accused(self, command):
        """Put right whom a held appeal is about, and try the rules again."""
        case = self._open_case(command.receipt)
        said = case.correct_accused(
            command.accused,
            self._book(),
            self.now(),
            by=command.by,
            reason=command.reason,
            working=self.store.at_work(case.receipt, case.round),
        )
        return self._keep(case, said)

    @on(TryDispatch)
    def try_dispatch(self, question):
        """Answer whose duty an appeal would be, and why; nothing happens."""
        return try_dispatch(question, self._book())

    @on(OrderReturned)
    def hear_return(self, word):
        """A department says that an order is not its to answer."""
        order, case = self.store.order(word.order), self.store.case(word.receipt)
        check_word(word, order, case)
        said = ask_return(word, order, case, self._book(), self.now(), working=self.store.working(order))
        return self._keep(case, said)

    @on(DecideReturn)
    def decide_return(self, command):
        """A dispatcher lets an order go on, or leaves it where it is."""
        order = self.store.order(command.order)
        if order is None or order.receipt != command.receipt:
            raise NoSuchOrder(order=command.order)
        case = self._open_case(order.receipt)
        said = decide_return(
            order,
            case,
            self._book(),
            self.now(),
            approve=command.approve,
            reason=command.reason,
            by=command.by,
            working=self.store.working(order),
        )
        return self._keep(case, said)

    @every(LOOK_SECONDS)
    def decide_in_time(self):
        """A return that nobody has decided on its day is decided by the catalogue."""
        said = []
        for order in self.store.undecided_since(self.now(), OVERDUE_AT_ONCE):
            case = self.store.case(order.receipt)
            rerouted = accept_return(order, case, self._book(), self.now(), working=self.store.working(order))
            said += self._keep(case, rerouted)
        return said

    @on(OrderSigned)
    @on(ContactMade)
    @on(ProgressReported)
    @on(MilestoneReached)
    @on(ExtensionRequested)
    @on(FeedbackSubmitted)
    def take_word(self, word):
        """Let what a department says become a fact, if the order is its own and it is the time for it."""
        return take_word(word, self.store.order(word.order), self.store.case(word.receipt), self.now())

    # The same, said by a person at the portal's desk

    @on(ReturnOrder)
    def return_order(self, command):
        """Somebody of a department returns an order."""
        return self.hear_return(word_of(command, self.directory))

    @on(SignOrder)
    @on(RecordContact)
    @on(ReportProgress)
    @on(ReportMilestone)
    @on(RequestExtension)
    @on(SubmitFeedback)
    def take_command(self, command):
        """Somebody of a department says any other of its words."""
        return self.take_word(word_of(command, self.directory))

    # What becomes of orders afterwards

    @on(FeedbackRefused)
    def open_again(self, refused):
        """A reply was sent back: the department may reply once more."""
        if order := self.store.order_in_work(refused):
            order.state = SIGNED

    @on(FeedbackApproved)
    def finish(self, approved):
        """A reply stands: the order is done, unless the matter goes on."""
        if order := self.store.order_in_work(approved):
            order.state = FOLLOWED if approved.result == ONGOING else DONE

    @on(AppealClosed)
    def close(self, closed):
        """Nothing is left to do on any order of this round."""
        for order in self.store.orders_of(closed.receipt, closed.round):
            if order.state not in OVER:
                order.state, order.decide_by = DONE, None

    @on(AppealWithdrawn)
    def cancel(self, withdrawn):
        """Nobody works on it any more; one that was not accepted yet has no orders."""
        if case := self.store.case(withdrawn.receipt):
            return cancel(case, self.store.orders_of(case.receipt, case.round), withdrawn, self.now())
        return None

    @on(AppealReopened)
    def dispatch_again(self, reopened):
        """Send a reopened appeal to those who had it, unless it was withdrawn meanwhile."""
        case = self.store.case(reopened.receipt)
        if case.withdrawn:
            return None
        lead = self.store.lead_of(case.receipt, case.round)
        return self._keep(case, case.reopen(reopened, lead, self._book(), self.now()))

    def _open_case(self, receipt):
        """The case that somebody names. Raises NotFound or WithdrawnByApplicant."""
        case = self.store.case_or_refuse(receipt)
        check_not_withdrawn(case)
        return case

    def _book(self):
        """All that is decided by, with the departments that are plugged in now."""
        return Rulebook(directory=self.directory, **self.rules)

    def _keep(self, case, said):
        """Keep the orders among what is said, with the time in which each may be returned."""
        policy, calendar = self.rules["policy"], self.rules["calendar"]
        for event in said:
            if isinstance(event, OrderDispatched):
                due = policy.return_due(event.at, calendar, urgency=case.urgency, complexity=case.complexity)
                self.store.add(Order.of(event, due))
        return said


SERVICE = Routing


def configuration(settings: CommonSettings) -> dict:
    """What routing loads at its start: the catalogue, the units, the rules of returns and the calendar."""
    units = load_units(settings.units)
    rules = {
        "catalogue": load_catalogue(getattr(settings, "catalogue", CATALOGUE), units),
        "policy": load_policy(getattr(settings, "return_policy", POLICY)),
        "calendar": load_calendar(settings.calendar),
        "units": units,
    }
    return {"rules": rules}
