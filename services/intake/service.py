"""Intake, 受理: takes appeals in, asks for what is missing, and takes them on or says why not.

Says AppealSubmitted, SupplementRequested, SupplementProvided, AppealAccepted, AppealRejected and IdentityViewed;
hears nobody.
"""

from dataclasses import dataclass

from appeals.bus.on_nameko import Keeps, Known, Now, on
from appeals.bus.participant import ToldOnce
from appeals.calendar import load_calendar
from appeals.commands import AcceptAppeal, AskSupplement, ProvideSupplement, RejectAppeal, SubmitAppeal, ViewIdentity
from appeals.settings import Settings as CommonSettings
from appeals.settings import setting
from services.intake.domain import Case, ReceiptTaken
from services.intake.identity import Contact, Identity, viewed
from services.intake.policy import load_policy, load_reasons
from services.intake.store import IntakeStore
from services.sealing import load_seal


@dataclass(frozen=True, kw_only=True)
class Settings(CommonSettings):
    """What intake needs to know besides."""

    sealing_keys: str = setting("a YAML file of sealing keys; made beside an embedded database if not given", "")


class Intake:
    """The way in; it keeps to itself whom to call and who appeals in confidence."""

    name = "intake"

    store = Keeps(IntakeStore)
    now = Now()
    policy = Known("policy")
    reasons = Known("reasons")
    calendar = Known("calendar")
    seal = Known("seal")

    @on(SubmitAppeal)
    def take_in(self, command):
        """Take an appeal in under its receipt."""
        if self.store.case(command.receipt):
            raise ReceiptTaken(receipt=command.receipt)
        case = Case.of(command)
        for kept in filter(None, (case, Contact.of(command, self.seal), Identity.of(command, self.seal))):
            self.store.add(kept)
        return case.submitted(self.now(), by=command.by)

    @on(AskSupplement)
    def ask_supplement(self, command):
        """Ask the applicant for what is missing, with a due date in working days."""
        case = self.store.case_or_refuse(command.receipt)
        return case.ask_supplement(command, self.now(), policy=self.policy, calendar=self.calendar)

    @on(ProvideSupplement)
    def take_supplement(self, command):
        """Add what the applicant tells to the appeal."""
        return self.store.case_or_refuse(command.receipt).take_supplement(command, self.now())

    @on(AcceptAppeal)
    def accept(self, command):
        """Take the appeal on."""
        case = self.store.case_or_refuse(command.receipt)
        linked = self.store.case(command.linked_to) if command.linked_to else None
        return case.accept(command, self.now(), linked=linked)

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


SERVICE = Intake


def configuration(settings: Settings) -> dict:
    """What intake loads at its start: its numbers, the lawful reasons, the working calendar and the sealing keys."""
    return {
        "policy": load_policy(),
        "reasons": load_reasons(),
        "calendar": load_calendar(settings.calendar),
        "seal": load_seal(settings.sealing_keys, settings.database_url),
    }
