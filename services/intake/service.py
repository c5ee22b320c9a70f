"""Intake, 受理: takes appeals in, asks for what is missing, and takes them on or says why not.

Says everything from AppealSubmitted to AppealRejected in `appeals.events`, and IdentityViewed. It also finds
duplicates, merges, links and splits, and hears AppealClosed, AppealReopened and AppealArchived, since an appeal
without orders of its own ends with those it depends on. Nobody withdraws from a procedure by law, which a dispatch rule
may have begun, so it hears OrderDispatched. It hears what other platforms hand over, and tells them what becomes of it.
"""

import secrets
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

from appeals.bus.on_nameko import Keeps, Known, Now, every, on
from appeals.bus.participant import ToldOnce
from appeals.calendar import load_calendar
from appeals.channels import load_channels
from appeals.commands import (
    AcceptAppeal,
    AskSupplement,
    FindCandidates,
    LinkAppeal,
    MergeAppeal,
    ProvideSupplement,
    ReferAppeal,
    RejectAppeal,
    SplitAppeal,
    SubmitAppeal,
    UnmergeAppeal,
    ViewIdentity,
    WithdrawAppeal,
)
from appeals.errors import Refused
from appeals.events import (
    AppealAccepted,
    AppealAdvanced,
    AppealArchived,
    AppealClosed,
    AppealHandedOver,
    AppealRejected,
    AppealReopened,
    AppealWithdrawn,
    Applicant,
    OrderDispatched,
    SupplementRequested,
)
from appeals.manifest import PLATFORM
from appeals.reasons import load_reasons
from appeals.receipts import draw_receipt
from appeals.regimes import load_regimes
from appeals.settings import Settings as CommonSettings
from appeals.settings import setting
from appeals.units import load_units
from services.intake import duplicates, flags, following, linking, merging, splitting, withdrawing
from services.intake.agents import Agent
from services.intake.domain import REJECTED, WITHDRAWN, Case, ReceiptTaken
from services.intake.emergency import find_emergency
from services.intake.handing_over import (
    HandedOverBefore,
    Handover,
    as_submitted,
    check_number,
    check_word,
    refused,
)
from services.intake.identity import Contact, Identity, viewed
from services.intake.policy import POLICY_FILE, load_emergencies, load_policy
from services.intake.store import IntakeStore
from services.intake.traits import ENTERPRISE, traits_of
from services.sealing import load_seal

AT_ONCE = 500


@dataclass(frozen=True, kw_only=True)
class Settings(CommonSettings):
    """What intake needs to know besides."""

    intake_policy: Path = setting("the numbers of intake, as services/intake/policy.yml", POLICY_FILE)
    sealing_keys: str = setting("a YAML file of sealing keys; made beside an embedded database if not given", "")


class Intake:
    """The way in; it keeps to itself whom to call and who appeals in confidence."""

    name = "intake"
    hears = PLATFORM

    store = Keeps(IntakeStore)
    now = Now()
    policy = Known("policy")
    reasons = Known("reasons")
    emergencies = Known("emergencies")
    channels = Known("channels")
    regimes = Known("regimes")
    calendar = Known("calendar")
    seal = Known("seal")
    units = Known("units")
    directory = Known("directory")

    @on(SubmitAppeal)
    def take_in(self, command):
        """Take an appeal in under its receipt; an emergency leaves at once, and officers hear what it may repeat."""
        self._check_free(command.receipt)
        if command.platform:
            check_number(command.platform, command.outside_reference)
            if before := self.store.handover(command.platform, command.outside_reference):
                before.check_same(command)
                raise HandedOverBefore(reference=before.reference, receipt=before.receipt)
        return self._keep(command)

    @on(AppealHandedOver)
    def take_over(self, word):
        """Take in what another platform hands over, once for each of its references; tell it the receipt, or why not.

        A refusal is an answer like any other, so that what was handed over does not stay with the dead letters.
        """
        now = self.now()
        try:
            check_word(word, self.directory.get(word.platform))
            names = self.directory.names
            submitted = as_submitted(word, self._fresh_receipt(now), now, units=self.units, names=names)
            if before := self.store.handover(word.platform, word.reference):
                before.check_same(submitted)
                return before.taken(now)
            return [*self._keep(submitted), Handover.of(submitted).taken(now)]
        except Refused as refusal:
            return refused(word, refusal, now)

    @on(SupplementRequested)
    @on(AppealAccepted)
    @on(AppealRejected)
    @on(AppealWithdrawn)
    @on(AppealAdvanced)
    def tell_platform(self, event):
        """Tell the platform that handed an appeal over what has become of it."""
        handover = self.store.handover_of(event.receipt)
        return handover and handover.updated(event)

    @on(AskSupplement)
    def ask_supplement(self, command):
        """Ask the applicant for what is missing, with a due date in working days."""
        case = self.store.case_or_refuse(command.receipt)
        return case.ask_supplement(command, self.now(), policy=self.policy, calendar=self.calendar)

    @on(ProvideSupplement)
    def take_supplement(self, command):
        """Add what the applicant tells to the appeal; a part that was closed as incomplete opens what it is part of."""
        case = self.store.case_or_refuse(command.receipt)
        provided = case.take_supplement(command, self.now(), policy=self.policy, calendar=self.calendar)
        return [provided, *self._tell_parents(case)]

    @on(ReferAppeal)
    def refer(self, command):
        """Send an appeal to an emergency number, as an officer sees that it is one."""
        case = self.store.case_or_refuse(command.receipt)
        numbers = sorted({rule.where for rule in self.emergencies})
        return case.refer_by_hand(command, self.now(), numbers=numbers, policy=self.policy, calendar=self.calendar)

    @on(AcceptAppeal)
    def accept(self, command):
        """Take the appeal on."""
        case = self.store.case_or_refuse(command.receipt)
        linked = self.store.case(command.linked_to) if command.linked_to else None
        accepted = case.accept(command, self.now(), linked=linked, regimes=self.regimes)
        self.store.recategorise(case.receipt, case.category)
        return accepted

    @on(RejectAppeal)
    def reject(self, command):
        """Do not take the appeal on, for a lawful reason; perhaps tell how the earlier one stands."""
        case = self.store.case_or_refuse(command.receipt)
        merging.check_nothing_merged(self.store.merged_into(case.receipt))
        rejected = case.reject(command, self.now(), reasons=self.reasons)
        if command.earlier:
            rejected = linking.telling_of_earlier(
                rejected,
                case,
                self.store.case(command.earlier),
                command.earlier,
                traits=self.store.traits(case.receipt),
                earlier_traits=self.store.traits(command.earlier),
            )
        return [rejected, *self._tell_parents(case)]

    # Withdrawing

    @on(WithdrawAppeal)
    def withdraw(self, command):
        """The applicant takes the appeal back; what was merged into it is on its own again."""
        case = self.store.case_or_refuse(command.receipt)
        if case.merged_into:
            self.store.locked(case.merged_into)
        case = self.store.locked(case.receipt)
        parts = self.store.parts_of(case.receipt)
        withdrawn = withdrawing.withdraw(case, command, self.now(), parts=parts, regimes=self.regimes)
        return [withdrawn, *self._let_go(case, withdrawing.MAIN_WITHDRAWN), *self._tell_parents(case)]

    @on(OrderDispatched)
    def note_procedure(self, dispatched):
        """A dispatch rule may have begun a procedure by law, from which nobody withdraws."""
        case = self.store.case(dispatched.receipt)
        case.special_regime = case.special_regime or dispatched.special_regime

    # Duplicates

    @on(FindCandidates)
    def find_candidates(self, question):
        """Answer which others an appeal may repeat, and why; nothing happens."""
        case = self.store.case_or_refuse(question.receipt)
        own = self.store.traits(case.receipt)
        found = (
            duplicates.candidates(case, own[0], self._block(own, self.policy.likeness.window), self.units.names)
            if own
            else []
        )
        return duplicates.told(case, found, days=self.policy.likeness.days, version=self.policy.version)

    @on(MergeAppeal)
    def merge(self, command):
        """Let an appeal go as another open one about the same matter goes."""
        case = self.store.case_or_refuse(command.receipt)
        return merging.merge(
            case,
            self.store.locked(command.into),
            command,
            self.now(),
            merged=self.store.merged_into(case.receipt),
            traits=self.store.traits(case.receipt),
            main_traits=self.store.traits(command.into),
            likeness=self.policy.likeness,
        )

    @on(UnmergeAppeal)
    def unmerge(self, command):
        """Take a merge back while the main appeal is open."""
        case = self.store.case_or_refuse(command.receipt)
        self.store.locked(case.merged_into)
        return merging.unmerge(case, command, self.now(), policy=self.policy, calendar=self.calendar)

    @on(LinkAppeal)
    def link(self, command):
        """Note that an appeal belongs with another, also after its acceptance."""
        case = self.store.case_or_refuse(command.receipt)
        return linking.link(case, self.store.case(command.linked_to), command, self.now())

    @on(SplitAppeal)
    def split(self, command):
        """Make an appeal of each matter of a text."""
        case = self.store.case_or_refuse(command.receipt)
        for part in command.parts:
            self._check_free(part.receipt)
        parts, said = splitting.split(
            case,
            command,
            self.now(),
            merged=self.store.merged_into(case.receipt),
            policy=self.policy,
            calendar=self.calendar,
        )
        contact, identity = self.store.contact(case.receipt), self.store.identity(case.receipt)
        agent = self.store.agent(case.receipt)
        applicant = Applicant(**(identity.opened(self.seal)["applicant"] if identity else case.applicant))
        for part in parts:
            for kept in (part, *splitting.kept_apart(part, contact, identity, agent, self.seal)):
                self.store.add(kept)
            self._keep_traits(part, applicant, submission=case.receipt)
        self.store.forget_traits(case.receipt)
        return [said, *(splitting.submitted(part, self.now(), by=command.by) for part in parts)]

    @on(AppealClosed)
    @on(AppealReopened)
    @on(AppealArchived)
    def follow(self, event):
        """Tell those that depend on an appeal, and the platform that handed it over, how it has gone on.

        An appeal that was withdrawn meanwhile stays so.
        """
        case = self.store.locked(event.receipt)
        if case.state == WITHDRAWN:
            return None
        following.follow(case, event)
        merged = self.store.merged_into(case.receipt)
        told = [*following.tell_merged(case, merged, event, self.now()), *self._tell_parents(case, *merged)]
        return [*told, *filter(None, [self.tell_platform(event)])]

    # Who appeals

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

    # Time

    def find_due(self):
        """The appeals about which intake has something to say by now, in one indexed question, and in portions."""
        return self.store.due_at(self.now(), AT_ONCE)

    @every(seconds=1, about="find_due")
    def watch(self, receipts):
        """Say what is to be said by now: reminders, closes as incomplete, and decisions that are late."""
        now, said = self.now(), []
        for case in self.store.due_among(receipts, now):
            said += case.come_due(now, policy=self.policy, calendar=self.calendar, reasons=self.reasons)
            if case.state == REJECTED:
                said += [*self._let_go(case, merging.MAIN_LAPSED), *self._tell_parents(case)]
        return said

    # What several of these do

    def _check_free(self, receipt):
        if self.store.case(receipt):
            raise ReceiptTaken(receipt=receipt)

    def _keep_traits(self, case, applicant, submission=""):
        """Keep what an appeal is found by; `applicant` is who is really behind it."""
        own = traits_of(
            applicant,
            case.accused,
            receipt=case.receipt,
            category=case.category,
            classification=case.classification,
            at=self.now(),
            submission=submission,
            seal=self.seal,
        )
        for trait in own:
            self.store.add(trait)
        return own

    def _block(self, own, window):
        """The other appeals of one enterprise and category, so long back, the newest first."""
        names = [trait for trait in own if trait.kind == ENTERPRISE]
        return self.store.alike(names, names[0].submitted_at - window) if names else []

    def _resembled_and_flags(self, case, own):
        """What officers are told of a new appeal: which it may repeat, and the flags that it raises, each once.

        Both ask for one enterprise's appeals, in as many days as the longer of the two needs.
        """
        now, likeness = self.now(), self.policy.likeness
        repeated = timedelta(days=likeness.repeated.days)
        block = self._block(own, max(likeness.window, repeated))

        def within(window):
            return [(trait, other) for trait, other in block if trait.submitted_at >= own[0].submitted_at - window]

        said = duplicates.resembled(case, within(likeness.window), now)
        if not own or own[0].hidden:
            return said
        shared = [trait for trait in own if trait.kind != ENTERPRISE]
        since = now - timedelta(days=likeness.collective.days)
        raised = flags.repeated(case, own[0], within(repeated), likeness, now)
        raised += flags.collective(case, own[0], self.store.alike(shared, since), likeness, now)
        return [*said, *self.store.raise_flags(raised)]

    def _tell_parents(self, *parts):
        """What the parents of parts are told when the parts have gone on."""
        parents = {part.split_from: None for part in parts if part.split_from}
        told = (
            following.tell_parent(self.store.locked(parent), self.store.parts_of(parent), self.now())
            for parent in parents
        )
        return [said for said in told if said]

    def _let_go(self, main, reason):
        """What was merged into an appeal that lapses, or is withdrawn, is on its own again."""
        now, rules = self.now(), {"policy": self.policy, "calendar": self.calendar}
        return [
            merging.unmerge(one, UnmergeAppeal(receipt=one.receipt, at=now, reason=reason), now, **rules)
            for one in self.store.merged_into(main.receipt)
        ]

    def _keep(self, submitted):
        """Keep an appeal, and apart from it whom to call, who acts, who hides and who handed it over.

        Returns what others are told; an emergency leaves at once.
        """
        now, case = self.now(), Case.of(submitted, channels=self.channels, policy=self.policy)
        private = (Contact.of(submitted, self.seal), Agent.of(submitted, self.seal), Identity.of(submitted, self.seal))
        for kept in filter(None, (case, *private, Handover.of(submitted))):
            self.store.add(kept)
        own = self._keep_traits(case, submitted.applicant)
        said = [case.submitted(now, by=submitted.by, platform=submitted.platform)]
        if emergency := find_emergency(f"{case.title}\n{case.text}", self.emergencies):
            said.append(case.refer(emergency, now))
        case.start_clock(now, policy=self.policy, calendar=self.calendar)
        return [*said, *self._resembled_and_flags(case, own)]

    def _fresh_receipt(self, now):
        """A receipt that no appeal has."""
        receipt = draw_receipt(now, secrets.choice)
        return self._fresh_receipt(now) if self.store.case(receipt) else receipt


SERVICE = Intake


def configuration(settings: Settings) -> dict:
    """What intake loads at its start: its numbers, the lists it checks by, the calendar, sealing keys and units."""
    return {
        "policy": load_policy(getattr(settings, "intake_policy", POLICY_FILE)),
        "reasons": load_reasons(),
        "emergencies": load_emergencies(),
        "channels": load_channels(),
        "regimes": load_regimes(),
        "calendar": load_calendar(settings.calendar),
        "seal": load_seal(settings.sealing_keys, settings.database_url),
        "units": load_units(settings.units),
    }
