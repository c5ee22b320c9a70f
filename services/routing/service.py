"""Routing, 转办: sends each accepted appeal to the department whose duty it is.

Hears AppealAccepted, AppealClosed, AppealReopened, FeedbackRefused and FeedbackApproved, and what departments say
of their orders; says OrderDispatched, AppealHeld, and the departments' words once they are facts.
"""

from pathlib import Path

from appeals.bus.on_nameko import Keeps, Known, Now, on
from appeals.commands import DispatchAppeal
from appeals.events import (
    AppealAccepted,
    AppealClosed,
    AppealReopened,
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
from appeals.settings import Settings
from services.routing.catalogue import load_catalogue
from services.routing.domain import DONE, FOLLOWED, LEAD, ONGOING, RETURNED, SIGNED, Case, Order, take_word
from services.routing.store import RoutingStore

CATALOGUE = Path(__file__).parent / "catalogue.yml"


class Routing:
    """The one gate for what departments send back."""

    name = "routing"
    hears_departments = True

    store = Keeps(RoutingStore)
    now = Now()
    rules = Known("rules")
    directory = Known("directory")

    @on(AppealAccepted)
    def dispatch(self, accepted):
        """Send an accepted appeal to its departments, or hold it for a person."""
        case = Case.of(accepted)
        self.store.add(case)
        return self._keep(case.dispatch(self.rules, self.now(), self._told))

    @on(DispatchAppeal)
    def dispatch_by_hand(self, command):
        """Send a held appeal where a dispatcher decides."""
        case = self.store.case_or_refuse(command.receipt)
        return self._keep(
            case.dispatch_by_hand(
                command.lead,
                command.assist,
                self.now(),
                by=command.by,
                requirement=command.requirement,
                known=self.directory.codes,
                told=self._told,
            )
        )

    @on(OrderReturned)
    def reroute(self, word):
        """Try the next department when the lead says the appeal is not its to answer."""
        order = self.store.order(word.order)
        returned = take_word(word, order, self.now())
        if order.role != LEAD:
            return returned
        case = self.store.case(order.receipt)
        rerouted = case.reroute(self.rules, refused_by=order.department, now=self.now(), told=self._told)
        return [returned, *self._keep(rerouted)]

    @on(OrderSigned)
    @on(ContactMade)
    @on(ProgressReported)
    @on(MilestoneReached)
    @on(ExtensionRequested)
    @on(FeedbackSubmitted)
    def take_word(self, word):
        """Let what a department says become a fact, if the order is its own and it is the time for it."""
        return take_word(word, self.store.order(word.order), self.now())

    @on(FeedbackRefused)
    def open_again(self, refused):
        """A reply was sent back: the department may reply once more."""
        if order := self.store.own_order(refused):
            order.state = SIGNED

    @on(FeedbackApproved)
    def finish(self, approved):
        """A reply stands: the order is done, unless the matter goes on."""
        if order := self.store.own_order(approved):
            order.state = FOLLOWED if approved.result == ONGOING else DONE

    @on(AppealClosed)
    def close(self, closed):
        """Nothing is left to do on any order of this round."""
        for order in self.store.orders_of(closed.receipt, closed.round):
            if order.state != RETURNED:
                order.state = DONE

    @on(AppealReopened)
    def dispatch_again(self, reopened):
        """Send a reopened appeal to those who had it."""
        case = self.store.case(reopened.receipt)
        lead = self.store.lead_of(case.receipt, case.round)
        return self._keep(case.reopen(reopened, lead, self.now()))

    def _told(self, department, case):
        """Whether the department's manifest lets it be told of such a case."""
        manifest = self.directory.get(department)
        return bool(manifest) and manifest.admits(OrderDispatched.topic, case.category, case.classification)

    def _keep(self, said):
        """Keep the orders among what is said."""
        for event in said:
            if isinstance(event, OrderDispatched):
                self.store.add(
                    Order(
                        order=event.order,
                        receipt=event.receipt,
                        department=event.department,
                        role=event.role,
                        round=event.round,
                    )
                )
        return said


SERVICE = Routing


def configuration(settings: Settings) -> dict:
    """What routing loads at its start: the dispatch catalogue."""
    return {"rules": load_catalogue(CATALOGUE)}
