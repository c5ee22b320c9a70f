"""Evaluation, 评估: asks the applicant how it went, and archives the appeal or has it worked on once more.

Hears AppealClosed; says EvaluationRequested, AppealEvaluated, AppealReopened and AppealArchived.
"""

from appeals.bus.on_nameko import Keeps, Known, Now, every, on
from appeals.commands import RateAppeal
from appeals.events import AppealClosed
from appeals.settings import Settings
from services.evaluation.domain import Round
from services.evaluation.policy import load_policy
from services.evaluation.store import EvaluationStore

UNANSWERED_AT_ONCE = 500


class Evaluation:
    """The applicant's word at the end of every round."""

    name = "evaluation"

    store = Keeps(EvaluationStore)
    now = Now()
    policy = Known("policy")

    @on(AppealClosed)
    def ask_applicant(self, closed):
        """Ask the applicant about the round that was just closed."""
        asked = Round.of(closed, self.policy, self.now())
        self.store.add(asked)
        return asked.request(self.now())

    @on(RateAppeal)
    def take_rating(self, command):
        """Take the answer, once in a round, and do what it leads to."""
        return self.store.latest(command.receipt).rate(command, self.policy, self.now())

    @every(seconds=5, about="find_unanswered")
    def archive_unanswered(self, receipts):
        """Archive what nobody has rated in time."""
        now = self.now()
        return [unanswered.lapse(now) for unanswered in self.store.unanswered_of(receipts, now)]

    def find_unanswered(self):
        """The appeals that nobody has rated in time, oldest first and in portions."""
        return self.store.unanswered_at(self.now(), UNANSWERED_AT_ONCE)


SERVICE = Evaluation


def configuration(settings: Settings) -> dict:
    """What evaluation loads at its start: its numbers."""
    return {"policy": load_policy()}
