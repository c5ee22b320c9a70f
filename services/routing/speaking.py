"""What a department says of its order: whether it is its own, whether it is the time, and what others can keep."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime

from appeals.commands import (
    Command,
    RecordContact,
    ReportMilestone,
    ReportProgress,
    RequestExtension,
    ReturnOrder,
    SignOrder,
    SubmitFeedback,
)
from appeals.errors import WordNotAllowed
from appeals.events import (
    ContactMade,
    Event,
    ExtensionRequested,
    FeedbackSubmitted,
    MilestoneReached,
    OrderReturned,
    OrderSigned,
    ProgressReported,
)
from appeals.manifest import Directory
from services.routing.domain import DISPATCHED, DONE, FOLLOWED, REPLIED, SIGNED, Case, Order
from services.routing.refusals import NoSuchOrder, OutOfBounds, WrongStep
from services.routing.withdrawal import check_not_withdrawn

RESULTS = ("solved", "partly", "unsolvable", "ongoing")
MILESTONE_STATES = ("done", "in-progress", "planned")
MOST_DAYS = 60
LONGEST_TEXT = 20_000
LONGEST_NAME = 128
MOST_FIGURES = 20
LONGEST_FIGURE = 64
LARGEST_FIGURE = 10**15
MOST_EVIDENCE = 100

_IN_HAND = (SIGNED, REPLIED, FOLLOWED, DONE)  # progress and milestones go on after the reply

# In which states an order may be spoken of so, and what becomes of it.
_STEPS: dict[type[Event], tuple[tuple[str, ...], str | None]] = {
    OrderSigned: ((DISPATCHED,), SIGNED),
    OrderReturned: ((DISPATCHED, SIGNED), None),
    ExtensionRequested: ((SIGNED,), None),
    FeedbackSubmitted: ((SIGNED, FOLLOWED), REPLIED),
}


# The word that each command of a person at the portal's desk stands for.
_WORD_OF: dict[type[Command], type[Event]] = {
    SignOrder: OrderSigned,
    ReturnOrder: OrderReturned,
    RecordContact: ContactMade,
    ReportProgress: ProgressReported,
    ReportMilestone: MilestoneReached,
    RequestExtension: ExtensionRequested,
    SubmitFeedback: FeedbackSubmitted,
}


def word_of(command: Command, directory: Directory) -> Event:
    """What somebody of a department says at the portal's desk, as their own system would say it.

    Raises WordNotAllowed when the department's manifest does not list it.
    """
    word = _WORD_OF[type(command)](**vars(command))
    manifest = directory.get(word.department)
    if manifest is None or word.topic not in manifest.words:
        raise WordNotAllowed(topic=word.topic)
    return word


def take_word(word: Event, order: Order | None, case: Case | None, now: datetime) -> Event:
    """What a department says about its order becomes a fact, at the time we hear it.

    Raises NoSuchOrder, WithdrawnByApplicant, WrongStep when it is not the time for that, or OutOfBounds.
    """
    check_word(word, order, case)
    _, after = _STEPS.get(type(word), (_IN_HAND, None))
    order.state = after or order.state
    if isinstance(word, FeedbackSubmitted):
        order.decide_by = None  # who replies no longer returns
        return replace(word, at=now, role=order.role)
    return replace(word, at=now)


def check_word(word: Event, order: Order | None, case: Case | None) -> None:
    """Whether a department may say this now. `case` is that of the receipt it names.

    Raises NoSuchOrder, WithdrawnByApplicant, WrongStep or OutOfBounds.
    """
    if order is None or order.receipt != word.receipt or order.department != word.department:
        raise NoSuchOrder(order=word.order)
    check_not_withdrawn(case)
    allowed, _ = _STEPS.get(type(word), (_IN_HAND, None))
    if order.state not in allowed:
        raise WrongStep(order=order.order, state=order.state)
    _check_bounds(word)


def _check_bounds(word: Event) -> None:
    """What everybody after us can keep and show."""
    if getattr(word, "result", RESULTS[0]) not in RESULTS:
        raise OutOfBounds(name="result", bounds=", ".join(RESULTS))
    if getattr(word, "state", MILESTONE_STATES[0]) not in MILESTONE_STATES:
        raise OutOfBounds(name="state", bounds=", ".join(MILESTONE_STATES))
    if not 1 <= getattr(word, "days", 1) <= MOST_DAYS:
        raise OutOfBounds(name="days", bounds=f"1-{MOST_DAYS}")
    figures = getattr(word, "figures", {})
    if len(figures) > MOST_FIGURES or any(
        len(name) > LONGEST_FIGURE or abs(number) > LARGEST_FIGURE for name, number in figures.items()
    ):
        bounds = f"{MOST_FIGURES} names of {LONGEST_FIGURE} characters, numbers up to {LARGEST_FIGURE}"
        raise OutOfBounds(name="figures", bounds=bounds)
    evidence = getattr(word, "evidence", ())
    if len(evidence) > MOST_EVIDENCE or any(len(piece) > LONGEST_TEXT for piece in evidence):
        raise OutOfBounds(name="evidence", bounds=f"{MOST_EVIDENCE} pieces of {LONGEST_TEXT} characters")
    for name, value in vars(word).items():
        longest = LONGEST_NAME if name in ("by", "suggested") else LONGEST_TEXT
        if isinstance(value, str) and len(value) > longest:
            raise OutOfBounds(name=name, bounds=f"{longest}")
