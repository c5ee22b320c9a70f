"""The desk: what a department says about its orders, one call for each of its words."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from datetime import date, datetime
from typing import Protocol

from sqlalchemy.orm import Session

from appeals.bus.participant import Received
from appeals.department.work_list import WorkList, WorkOrder
from appeals.errors import ForgedSource, Refused
from appeals.events import (
    AppealHandedOver,
    Applicant,
    ContactMade,
    Event,
    ExtensionRequested,
    FeedbackSubmitted,
    MilestoneReached,
    OrderReturned,
    OrderSigned,
    ProgressReported,
)
from appeals.manifest import WORDS_OF, Manifest


class NotOurWord(Refused):
    """Raised when a department says what its manifest does not list among its words.

    Nothing is written. In a handler, the message is set aside; the manifest may then be widened and the
    message replayed.
    """

    status = 403
    zh = "{department} 的接入清单未开通 {topic}"
    en = "The manifest of {department} does not let it say {topic}"


class Order(Protocol):
    """What a word is about: an order of the work list, or any event that names one."""

    receipt: str
    order: str


class Desk:
    """Says the department's words. Handlers get one for each event, clerks one for each piece of work.

    What is said is written down when the handler returns or the clerk's block ends, all of it or nothing.
    """

    def __init__(self, work_list: WorkList, manifest: Manifest, now: Callable[[], datetime], by: str = ""):
        self._work_list = work_list
        self._manifest = manifest
        self._now = now
        self._by = by or manifest.code
        self.words: list[Event] = []

    # What is there

    @property
    def session(self) -> Session:
        """The transaction of a handler, for tables of your own; a clerk's only reads."""
        return self._work_list.session

    @property
    def heard(self) -> Received | None:
        """The message that a handler is called for, as it came; a clerk has none."""
        return self._work_list.heard

    def now(self) -> datetime:
        """The time, with its zone."""
        return self._now()

    def order(self, number_or_receipt: str) -> WorkOrder:
        """The order with this number, or the current one of the appeal with this receipt. Raises NoSuchOrder."""
        return self._work_list.order(number_or_receipt)

    def open_orders(self) -> list[WorkOrder]:
        """The orders that leave something to do, the most urgent first."""
        return self._work_list.open_orders()

    # What is said

    def sign(self, order: Order) -> None:
        """We have the order in hand."""
        self._say(OrderSigned, order)

    def return_order(self, order: Order, reason: str, suggested: str = "") -> None:
        """It is not ours to answer; perhaps it is for the department with the code `suggested`."""
        self._say(OrderReturned, order, reason=reason, suggested=suggested)

    def contact(self, order: Order, how: str, note: str = "", *, reached: bool = True) -> None:
        """We have spoken with the applicant, by `phone`, `visit`, ..., or have tried to and not `reached` anybody."""
        self._say(ContactMade, order, how=how, note=note, reached=reached)

    def progress(self, order: Order, note: str) -> None:
        """This is what we are doing."""
        self._say(ProgressReported, order, note=note)

    def milestone(
        self,
        order: Order,
        name: str,
        state: str = "done",
        *,
        on: date | str | None = None,
        figures: Mapping[str, int] | None = None,
        note: str = "",
    ) -> None:
        """A named step is `done`, `in-progress` or `planned`; figures are counts and amounts."""
        on = date.fromisoformat(on) if isinstance(on, str) else on
        self._say(MilestoneReached, order, name=name, state=state, on=on, figures=dict(figures or {}), note=note)

    def request_extension(self, order: Order, days: int, reason: str, plan: str) -> None:
        """We need so many working days more."""
        self._say(ExtensionRequested, order, days=days, reason=reason, plan=plan)

    def feedback(
        self, order: Order, text: str, result: str, *, evidence: Iterable[str] = (), contact: str = ""
    ) -> None:
        """Our reply. `result` is solved, partly, unsolvable or ongoing."""
        role = getattr(order, "role", "lead")
        self._say(
            FeedbackSubmitted, order, role=role, text=text, result=result, evidence=tuple(evidence), contact=contact
        )

    def hand_over(
        self, reference: str, *, title: str, text: str, applicant: Applicant, channel: str = "", **more
    ) -> None:
        """As another platform: hand an appeal over under our own reference, once; `handover.taken` brings its receipt.

        `channel` is the first of our manifest by default; `more` are further fields of `AppealHandedOver`.
        """
        code, channels = self._manifest.code, self._manifest.channels
        word = AppealHandedOver(
            receipt=f"{code}:{reference}",
            at=self._now(),
            by=self._by,
            platform=code,
            reference=reference,
            title=title,
            text=text,
            applicant=applicant,
            channel=channel or next(iter(channels), ""),
            **more,
        )
        self.say(word)

    def say(self, word: Event) -> None:
        """Say a word that was made elsewhere. Raises NotOurWord, or ForgedSource when it is in another's name."""
        if not isinstance(word, WORDS_OF[self._manifest.kind]) or word.topic not in self._manifest.words:
            raise NotOurWord(department=self._manifest.code, topic=word.topic)
        if word.speaker != self._manifest.code:
            raise ForgedSource()
        self.words.append(word)

    def _say(self, word: type[Event], order: Order, **facts) -> None:
        about = {"receipt": order.receipt, "order": order.order, "department": self._manifest.code}
        self.say(word(at=self._now(), by=self._by, **about, **facts))
