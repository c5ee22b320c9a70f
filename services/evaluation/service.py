"""Evaluation, 评估: asks the applicant how it went, and what follows from that; scores the departments.

Hears what happens to appeals and to the orders that lead them; says everything from EvaluationRequested to UnitScored
in `appeals.events`.
"""

from dataclasses import dataclass
from pathlib import Path

from appeals.bus.on_nameko import Keeps, Known, Now, every, on
from appeals.calendar import load_calendar
from appeals.commands import (
    AskCommonProblems,
    AskScores,
    DecideReview,
    DecideUnreasonable,
    RateAppeal,
    RecordCallback,
    RequestUnreasonable,
    ReviewUnreasonable,
)
from appeals.events import (
    AccusedCorrected,
    AppealAccepted,
    AppealArchived,
    AppealClosed,
    AppealEvaluated,
    AppealReopened,
    AppealWithdrawn,
    ContactMade,
    DeadlineMissed,
    DeadlineSet,
    ExtensionApproved,
    FeedbackApproved,
    FeedbackRefused,
    FeedbackSubmitted,
    OrderCancelled,
    OrderDispatched,
    OrderResumed,
    OrderReturned,
    OrderSigned,
    OrderSuspended,
    ReturnDenied,
    ReviewRequested,
    SupervisionIssued,
    SupervisionLowered,
)
from appeals.settings import Settings as CommonSettings
from appeals.settings import setting
from services.evaluation import asking, periods
from services.evaluation.callbacks import Callback
from services.evaluation.cases import Case
from services.evaluation.domain import APPLICANT, CALLBACK, Round
from services.evaluation.facts import LEAD, Led
from services.evaluation.policy import Rules
from services.evaluation.policy_file import POLICY, load_policy
from services.evaluation.refusals import ArchivedAlready, NotAccepted, NothingRequested, RequestedAlready
from services.evaluation.reviewing import Review
from services.evaluation.store import EvaluationStore
from services.evaluation.unreasonable import Demand

AT_ONCE = 500
FREEZE_SECONDS = 60


@dataclass(frozen=True, kw_only=True)
class Settings(CommonSettings):
    """What evaluation needs to know."""

    evaluation_policy: Path = setting("the numbers of evaluation, as services/evaluation/policy.yml", POLICY)


class Evaluation:
    """The applicant's word at the end of every round, and the figures that come of it."""

    name = "evaluation"

    store = Keeps(EvaluationStore)
    now = Now()
    rules = Known("rules")

    # Facts

    @on(AppealAccepted)
    def note_appeal(self, accepted):
        """Remember what the appeal is about, and whether its applicant may be called."""
        self.store.add(Case.of(accepted))

    @on(AccusedCorrected)
    def note_accused(self, corrected):
        """Remember whom it is about, now that an officer has settled it."""
        if case := self.store.case(corrected.receipt):
            case.accused = list(corrected.accused)

    @on(OrderDispatched)
    def note_order(self, dispatched):
        """Begin the facts of an order that leads; one that assists is not scored."""
        if dispatched.role == LEAD:
            self.store.add(Led.of(dispatched, self.store.case(dispatched.receipt)))

    @on(OrderSigned)
    @on(OrderReturned)
    @on(OrderCancelled)
    @on(ReturnDenied)
    @on(ContactMade)
    @on(DeadlineSet)
    @on(DeadlineMissed)
    @on(SupervisionIssued)
    @on(SupervisionLowered)
    @on(OrderSuspended)
    @on(OrderResumed)
    @on(ExtensionApproved)
    @on(FeedbackSubmitted)
    @on(FeedbackRefused)
    def note_fact(self, fact):
        """Add what happened to an order to its facts."""
        if led := self.store.led(fact.receipt, fact.order):
            led.hear(fact, self.rules.calendar)

    @on(FeedbackApproved)
    def note_approval(self, approved):
        """Remember who let the reply stand; somebody else reviews it."""
        if self.store.led(approved.receipt, approved.order) and (case := self.store.case(approved.receipt)):
            case.approved_by = approved.by

    # The close, and the applicant's word

    @on(AppealClosed)
    def ask_applicant(self, closed):
        """Ask the applicant about the round that was just closed, unless they have withdrawn, and plan to call them."""
        now, case = self.now(), self.store.case(closed.receipt)
        if case and case.withdrawn:
            return None
        asked = Round.of(closed, self.rules.policy, now)
        self.store.add(asked)
        if led := self.store.led_in(closed.receipt, closed.round):
            led.close(closed, self.rules.calendar)
        if case is None:
            return asked.request(now)
        case.closed_at = closed.at
        if case.is_anonymous:
            return asked.request(now)
        callback = Callback.of(closed, case.urgency, now, self.rules)
        self.store.add(callback)
        return [asked.request(now), callback.plan(now)]

    @on(AppealWithdrawn)
    def ask_no_longer(self, withdrawn):
        """The applicant has withdrawn: nobody is asked, also when a close has crossed it."""
        if case := self.store.case(withdrawn.receipt):
            case.withdraw(withdrawn.at)
        for asked in self.store.asked(withdrawn.receipt):
            asked.withdraw()

    @on(RateAppeal)
    def take_rating(self, command):
        """Take the answer, once in a round, and do what it leads to."""
        return self._answer(self.store.latest(command.receipt), command, via=APPLICANT)

    @on(RecordCallback)
    def record_callback(self, command):
        """Note an attempt to call the applicant back, and the answer if there is one."""
        callback = self.store.callback(command.receipt, command.round)
        said = callback.record(command, self.now(), self.rules)
        if command.contact_confirmed and (led := self.store.led_in(callback.receipt, callback.round)):
            led.contact_confirmed = True
        if command.rating:
            said += self._answer(self.store.round(callback.receipt, callback.round), command, via=CALLBACK)
        return said

    def find_unanswered(self):
        """The appeals that nobody has rated in time, oldest first and in portions."""
        return self.store.unanswered_at(self.now(), AT_ONCE)

    @every(seconds=5, about="find_unanswered")
    def archive_unanswered(self, receipts):
        """Archive what nobody has rated in time."""
        now = self.now()
        return [self._keep(unanswered.lapse(now)) for unanswered in self.store.unanswered_of(receipts, now)]

    def find_uncalled(self):
        """The appeals whose applicant was not called back in time, oldest first and in portions."""
        return self.store.uncalled_at(self.now(), AT_ONCE)

    @every(seconds=5, about="find_uncalled")
    def tell_uncalled(self, receipts):
        """Tell of each callback that was not made in time, once."""
        now = self.now()
        return [callback.come_due(now) for callback in self.store.uncalled_of(receipts, now)]

    # The superior's review

    @on(DecideReview)
    def decide_review(self, command):
        """The superior upholds or changes what was done; that is final."""
        review, case = self.store.review(command.receipt), self.store.case(command.receipt)
        said = review.decide(command, self.now(), approved_by=case.approved_by if case else "")
        if review.has_changed and (led := self.store.led_in(review.receipt, review.round)):
            led.find_false()
        return [self._keep(event) for event in said]

    def find_overdue(self):
        """The appeals whose review was not decided in time, oldest first and in portions."""
        return self.store.overdue_at(self.now(), AT_ONCE)

    @every(seconds=5, about="find_overdue")
    def tell_overdue(self, receipts):
        """Tell of each review that was not decided in time, once."""
        now = self.now()
        return [review.come_due(now) for review in self.store.overdue_of(receipts, now)]

    # Unreasonable demands

    @on(RequestUnreasonable)
    def request_unreasonable(self, command):
        """An officer asks that the demand be held unreasonable."""
        case = self.store.case(command.receipt)
        if case is None:
            raise NotAccepted()
        if case.archived:
            raise ArchivedAlready()
        if self.store.demand(command.receipt):
            raise RequestedAlready()
        demand = Demand.of(command)
        self.store.add(demand)
        return demand.request(command, self.now())

    @on(ReviewUnreasonable)
    def review_unreasonable(self, command):
        """Legal review gives its opinion."""
        return self._demand(command).review(command, self.now())

    @on(DecideUnreasonable)
    def decide_unreasonable(self, command):
        """A supervisor decides; what is held unreasonable counts for the response only, in all its rounds."""
        demand, orders = self._demand(command), self.store.orders(command.receipt)
        departments = dict.fromkeys(one.department for one in orders if not one.returned)
        decided = demand.decide(command, tuple(departments), self.now())
        if decided.approved:
            self.store.case(command.receipt).unreasonable = True
            for one in orders:
                one.unreasonable = True
        return decided

    # Scores

    @on(AskScores)
    def tell_scores(self, question):
        """Answer with the figures of a month, as they are now or as they were frozen."""
        return asking.scores(question, self.store, self.rules, self.now())

    @on(AskCommonProblems)
    def tell_common_problems(self, question):
        """Answer what went wrong in common in a month."""
        return asking.common(question, self.store, self.rules, self.now())

    def find_ended(self):
        """The months whose time to be frozen has come."""
        now, months = self.now(), self.store.open_periods()
        return [periods.receipt_of(one) for one in months if periods.freezes_at(one, self.rules) <= now]

    @every(seconds=FREEZE_SECONDS, about="find_ended")
    def freeze(self, receipts):
        """Freeze what is over: each unit is told its figures, and nothing that comes later changes them."""
        said = []
        for period in map(periods.period_of, receipts):
            if self.store.frozen(period) is None:
                first = periods.first_dispatch(self.store.first_leads_in(period), self.now())
                frozen, scored = periods.freeze(period, self.store.due_in(period), first, self.rules, self.now())
                self.store.add(frozen)
                said += scored
        return said

    # What several of these do

    def _answer(self, asked, rated, *, via):
        if callback := self.store.callback_of(asked.receipt, asked.round):
            callback.wait_no_longer()
        case = self.store.case(asked.receipt)
        rework = not (case and case.unreasonable)
        return [self._keep(event) for event in asked.rate(rated, self.rules, self.now(), via=via, rework=rework)]

    def _demand(self, command):
        demand = self.store.demand(command.receipt)
        if demand is None:
            raise NothingRequested()
        return demand

    def _keep(self, said):
        """Keep what was just said in the tables that it concerns; returns it."""
        case = self.store.case(said.receipt)
        match said:
            case AppealEvaluated() if led := self.store.led_in(said.receipt, said.round):
                led.take_answer(said)
            case AppealReopened():
                if led := self.store.led_in(said.receipt, said.round - 1):
                    led.reopened = True
                if case:
                    case.closed_at = None
            case ReviewRequested():
                self.store.add(Review.of(said))
            case AppealArchived() if case:
                case.archived = True
        return said


SERVICE = Evaluation


def configuration(settings: CommonSettings) -> dict:
    """What evaluation loads at its start: its numbers and the working calendar."""
    policy = load_policy(getattr(settings, "evaluation_policy", POLICY))
    return {"rules": Rules(policy=policy, calendar=load_calendar(settings.calendar))}
