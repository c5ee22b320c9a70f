"""Intake, 受理: takes appeals in, asks for what is missing, and takes them on or says why not.

Says AppealSubmitted, AppealReferred, SupplementRequested, SupplementReminded, SupplementProvided, AcceptanceMissed,
AppealAccepted, AppealRejected and IdentityViewed; hears nobody.
"""

from dataclasses import dataclass

from appeals.bus.on_nameko import Keeps, Known, Now, every, on
from appeals.bus.participant import ToldOnce
from appeals.calendar import load_calendar
from appeals.channels import load_channels
from appeals.commands import AcceptAppeal, AskSupplement, ProvideSupplement, RejectAppeal, SubmitAppeal, ViewIdentity
from appeals.regimes import load_regimes
from appeals.settings import Settings as CommonSettings
from appeals.settings import setting
from services.intake.applicants import Agent
from services.intake.domain import Case, ReceiptTaken
from services.intake.emergency import find_emergency
from services.intake.identity import Contact, Identity, viewed
from services.intake.policy import load_emergencies, load_policy, load_reasons
from services.intake.store import IntakeStore
from services.sealing import load_seal


@dataclass(frozen=True, kw_only=True)
class Settings(CommonSettings):
    """What intake needs to know besides."""

    sealing_keys: str = setting("a YAML file of sealing keys; made beside an embedded database if not given", "")


AT_ONCE = 500


class Intake:
    """The way in; it keeps to itself whom to call and who appeals in confidence."""

    name = "intake"

    store = Keeps(IntakeStore)
    now = Now()
    policy = Known("policy")
    reasons = Known("reasons")
    emergencies = Known("emergencies")
    channels = Known("channels")
    regimes = Known("regimes")
    calendar = Known("calendar")
    seal = Known("seal")

    @on(SubmitAppeal)
    def take_in(self, command):
        """Take an appeal in under its receipt; an emergency leaves at once for 110 or another such number."""
        if self.store.case(command.receipt):
            raise ReceiptTaken(receipt=command.receipt)
        now, case = self.now(), Case.of(command, channels=self.channels, policy=self.policy)
        private = (Contact.of(command, self.seal), Agent.of(command, self.seal), Identity.of(command, self.seal))
        for kept in filter(None, (case, *private)):
            self.store.add(kept)
        said = [case.submitted(now, by=command.by)]
        if emergency := find_emergency(f"{case.title}\n{case.text}", self.emergencies):
            said.append(case.refer(emergency, now))
        case.start_clock(now, policy=self.policy, calendar=self.calendar)
        return said

    @on(AskSupplement)
    def ask_supplement(self, command):
        """Ask the applicant for what is missing, with a due date in working days."""
        case = self.store.case_or_refuse(command.receipt)
        return case.ask_supplement(command, self.now(), policy=self.policy, calendar=self.calendar)

    @on(ProvideSupplement)
    def take_supplement(self, command):
        """Add what the applicant tells to the appeal."""
        case = self.store.case_or_refuse(command.receipt)
        return case.take_supplement(command, self.now(), policy=self.policy, calendar=self.calendar)

    @on(AcceptAppeal)
    def accept(self, command):
        """Take the appeal on."""
        case = self.store.case_or_refuse(command.receipt)
        linked = self.store.case(command.linked_to) if command.linked_to else None
        return case.accept(command, self.now(), linked=linked, regimes=self.regimes)

    @on(RejectAppeal)
    def reject(self, command):
        """Do not take the appeal on, for a lawful reason."""
        return self.store.case_or_refuse(command.receipt).reject(command, self.now(), reasons=self.reasons)

    @on(ViewIdentity)
    def view_identity(self, command):
        """Tell an officer who appeals: masked, or in clear with a purpose, which is noted and told once."""
        case = self.store.case_or_refuse(command.receipt)
        told, fact = viewed(
            command,
            self.now(),
            applicant=case.applicant,
            classification=case.classification,
            contact=self.store.contact(command.receipt),
            identity=self.store.identity(command.receipt),
            seal=self.seal,
        )
        return ToldOnce(told, (fact,) if fact else ())

    def find_due(self):
        """The appeals about which intake has something to say by now, in one indexed question, and in portions."""
        return self.store.due_at(self.now(), AT_ONCE)

    @every(seconds=1, about="find_due")
    def watch(self, receipts):
        """Say what is to be said by now: reminders, closes as incomplete, and decisions that are late."""
        now, rules = self.now(), {"policy": self.policy, "calendar": self.calendar, "reasons": self.reasons}
        return [said for case in self.store.due_among(receipts, now) for said in case.come_due(now, **rules)]


SERVICE = Intake


def configuration(settings: Settings) -> dict:
    """What intake loads at its start: its numbers, the lists it checks by, the calendar and the sealing keys."""
    return {
        "policy": load_policy(),
        "reasons": load_reasons(),
        "emergencies": load_emergencies(),
        "channels": load_channels(),
        "regimes": load_regimes(),
        "calendar": load_calendar(settings.calendar),
        "seal": load_seal(settings.sealing_keys, settings.database_url),
    }
