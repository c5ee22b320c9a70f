"""Evaluation's tables: rounds that applicants are asked about, callbacks, reviews, facts of led orders, and scores."""

from collections import defaultdict
from collections.abc import Collection, Sequence
from datetime import datetime

from sqlalchemy import (
    JSON,
    Boolean,
    Column,
    Float,
    Index,
    Integer,
    MetaData,
    String,
    Table,
    Text,
    exists,
    or_,
    select,
    text,
)
from sqlalchemy.orm import registry

from appeals.bus.database import Moment
from appeals.store import Store
from services.evaluation.callbacks import Callback
from services.evaluation.cases import TOLD_OPENLY, Case
from services.evaluation.domain import Round
from services.evaluation.facts import Led
from services.evaluation.periods import Frozen
from services.evaluation.refusals import NoCallback, NoReviewOpen, NotClosedYet
from services.evaluation.reviewing import Review
from services.evaluation.unreasonable import Demand

metadata = MetaData()


def _name() -> String:
    return String(64)


def _code() -> String:
    return String(32)


cases = Table(
    "cases",
    metadata,
    Column("receipt", _name(), primary_key=True),
    Column("urgency", _code(), nullable=False),
    Column("category", _name(), nullable=False),
    Column("classification", _code(), nullable=False),
    Column("city", Text, nullable=False),
    Column("park", Text, nullable=False),
    Column("accepted_at", Moment, nullable=False),
    Column("accused", JSON, nullable=False),
    Column("closed_at", Moment),
    Column("approved_by", String(128), nullable=False),
    Column("archived", Boolean, nullable=False),
    Column("unreasonable", Boolean, nullable=False),
    Column("emergency", Boolean, nullable=False),
    Column("withdrawn", Boolean, nullable=False),
    Index("cases_accepted", "accepted_at"),
    Index(
        "cases_open", "accepted_at", postgresql_where=text("closed_at IS NULL"), sqlite_where=text("closed_at IS NULL")
    ),
)

_asked = text("state = 'asked'")
rounds = Table(
    "rounds",
    metadata,
    Column("receipt", _name(), primary_key=True),
    Column("round", Integer, primary_key=True, autoincrement=False),
    Column("lead", _name(), nullable=False),
    Column("departments", JSON, nullable=False),
    Column("until", Moment, nullable=False),
    Column("state", String(16), nullable=False),
    Column("rating", _code(), nullable=False),
    Column("solved", String(16), nullable=False),
    Column("comment", Text, nullable=False),
    Index("rounds_asked", "until", postgresql_where=_asked, sqlite_where=_asked),
)

_due_some_time = text("next_at IS NOT NULL")
callbacks = Table(
    "callbacks",
    metadata,
    Column("receipt", _name(), primary_key=True),
    Column("round", Integer, primary_key=True, autoincrement=False),
    Column("department", _name(), nullable=False),
    Column("due", Moment, nullable=False),
    Column("state", String(16), nullable=False),
    Column("attempts", Integer, nullable=False),
    Column("attempted_at", Moment),
    Column("next_at", Moment),
    Index("callbacks_next", "next_at", postgresql_where=_due_some_time, sqlite_where=_due_some_time),
)

reviews = Table(
    "reviews",
    metadata,
    Column("receipt", _name(), primary_key=True),
    Column("round", Integer, nullable=False),
    Column("departments", JSON, nullable=False),
    Column("due", Moment, nullable=False),
    Column("next_at", Moment),
    Column("decision", String(16), nullable=False),
    Index("reviews_next", "next_at", postgresql_where=_due_some_time, sqlite_where=_due_some_time),
)

demands = Table(
    "demands",
    metadata,
    Column("receipt", _name(), primary_key=True),
    Column("basis", Text, nullable=False),
    Column("asked_by", String(128), nullable=False),
    Column("state", String(16), nullable=False),
    Column("supported", Boolean, nullable=False),
    Column("reviewed_by", String(128), nullable=False),
)

_not_scored = text("scored_in = ''")
led = Table(
    "led",
    metadata,
    Column("order", String(80), primary_key=True),
    Column("receipt", _name(), nullable=False),
    Column("round", Integer, nullable=False),
    Column("department", _name(), nullable=False),
    Column("kind", _code(), nullable=False),
    Column("dispatched", Moment, nullable=False),
    Column("anonymous", Boolean, nullable=False),
    Column("unreasonable", Boolean, nullable=False),
    Column("emergency", Boolean, nullable=False),
    Column("withdrawn", Boolean, nullable=False),
    Column("sign_due", Moment),
    Column("signed", Moment),
    Column("contact_due", Moment),
    Column("contacted", Moment),
    Column("attempted", Moment),
    Column("contact_missed", Boolean, nullable=False),
    Column("contact_confirmed", Boolean, nullable=False),
    Column("due", Moment),
    Column("replied", Moment),
    Column("closed", Boolean, nullable=False),
    Column("suspended_at", Moment),
    Column("suspended_until", Moment),
    Column("paused_hours", Float, nullable=False),
    Column("handling_hours", Float),
    Column("rating", _code(), nullable=False),
    Column("solved", String(16), nullable=False),
    Column("reopened", Boolean, nullable=False),
    Column("extended", Boolean, nullable=False),
    Column("returned", Boolean, nullable=False),
    Column("denied_returns", Integer, nullable=False),
    Column("cards", JSON, nullable=False),
    Column("result", _code(), nullable=False),
    Column("false_closing", Boolean, nullable=False),
    Column("period", String(7), nullable=False),
    Column("scored_in", String(7), nullable=False),
    Index("led_receipt", "receipt"),
    Index("led_period", "period"),
)

# What is frozen is only ever added to.
periods = Table(
    "periods",
    metadata,
    Column("period", String(7), primary_key=True),
    Column("frozen_at", Moment, nullable=False),
    Column("weights_version", _code(), nullable=False),
    Column("units", JSON, nullable=False),
    Column("first_dispatch", JSON, nullable=False),
)

mapper = registry(metadata=metadata)
for _class, _table in (
    (Case, cases),
    (Round, rounds),
    (Callback, callbacks),
    (Review, reviews),
    (Demand, demands),
    (Led, led),
    (Frozen, periods),
):
    mapper.map_imperatively(_class, _table)


class EvaluationStore(Store):
    """What evaluation asks of its tables."""

    case_class = Case
    of_a_case = (Led, Round, Callback)

    # One appeal

    def latest(self, receipt: str) -> Round:
        """The last round of an appeal. Raises NotClosedYet when there is none."""
        found = self.rows(Round, receipt)
        if not found:
            raise NotClosedYet()
        return found[-1]

    def round(self, receipt: str, number: int) -> Round:
        """One round of an appeal that was closed."""
        return self.session.get_one(Round, (receipt, number))

    def callback(self, receipt: str, number: int) -> Callback:
        """The callback of a round, or the last one. Raises NoCallback."""
        found = [one for one in self.rows(Callback, receipt) if number in (0, one.round)]
        if not found:
            raise NoCallback()
        return found[-1]

    def callback_of(self, receipt: str, number: int) -> Callback | None:
        """The callback of a round; an anonymous applicant is not called."""
        return next((one for one in self.rows(Callback, receipt) if one.round == number), None)

    def asked(self, receipt: str) -> list[Round | Callback]:
        """What the applicant of an appeal was asked, or is to be asked, in writing and by telephone."""
        return [*self.rows(Round, receipt), *self.rows(Callback, receipt)]

    def review(self, receipt: str) -> Review:
        """The superior's review of an appeal. Raises NoReviewOpen when there is none."""
        found = self.session.get(Review, receipt)
        if found is None:
            raise NoReviewOpen()
        return found

    def demand(self, receipt: str) -> Demand | None:
        """The request to hold an appeal's demand unreasonable."""
        return self.session.get(Demand, receipt)

    def led(self, receipt: str, order: str) -> Led | None:
        """The facts of an order of an appeal that was led; an assistant's has none."""
        return next((one for one in self.rows(Led, receipt) if one.order == order), None)

    def orders(self, receipt: str) -> list[Led]:
        """The led orders of an appeal, first to last."""
        return self.rows(Led, receipt)

    def led_in(self, receipt: str, number: int) -> Led | None:
        """The order of a round with its lead, without those that were returned."""
        kept = [one for one in self.orders(receipt) if one.round == number and not one.returned]
        return kept[-1] if kept else None

    # What is due

    def unanswered_at(self, moment: datetime, limit: int) -> list[str]:
        """The appeals whose time has passed without an answer, oldest first."""
        question = select(rounds.c.receipt).where(_asked, rounds.c.until <= moment).order_by(rounds.c.until)
        return list(self.session.scalars(question.limit(limit)))

    def unanswered_of(self, receipts: Collection[str], moment: datetime) -> list[Round]:
        """The rounds of these appeals whose time has passed without an answer."""
        question = select(Round).where(_asked, rounds.c.until <= moment, rounds.c.receipt.in_(receipts))
        return list(self.session.scalars(question.order_by(rounds.c.until)))

    def uncalled_at(self, moment: datetime, limit: int) -> list[str]:
        """The appeals whose callback has become overdue, oldest first."""
        return self._due_at(Callback, moment, limit)

    def uncalled_of(self, receipts: Collection[str], moment: datetime) -> list[Callback]:
        """The callbacks of these appeals that have become overdue."""
        return self._due_of(Callback, receipts, moment)

    def overdue_at(self, moment: datetime, limit: int) -> list[str]:
        """The appeals whose review has become overdue, oldest first."""
        return self._due_at(Review, moment, limit)

    def overdue_of(self, receipts: Collection[str], moment: datetime) -> list[Review]:
        """The reviews of these appeals that have become overdue."""
        return self._due_of(Review, receipts, moment)

    def _due_at(self, kind: type, moment: datetime, limit: int) -> list[str]:
        question = select(kind.receipt).where(kind.next_at <= moment).order_by(kind.next_at)
        return list(self.session.scalars(question.limit(limit)))

    def _due_of(self, kind: type, receipts: Collection[str], moment: datetime) -> list:
        question = select(kind).where(kind.next_at <= moment, kind.receipt.in_(receipts))
        return list(self.session.scalars(question.order_by(kind.next_at)))

    # Periods

    def frozen(self, period: str) -> Frozen | None:
        """The figures of a month, once they are frozen."""
        return self.session.get(Frozen, period)

    def open_periods(self) -> list[str]:
        """The months that have led orders and are not frozen, oldest first."""
        frozen = select(periods.c.period)
        question = select(led.c.period).where(_not_scored, led.c.period != "", led.c.period.not_in(frozen))
        return list(self.session.scalars(question.distinct().order_by(led.c.period)))

    def frozen_periods(self) -> list[str]:
        """The months that are frozen, oldest first."""
        return list(self.session.scalars(select(periods.c.period).order_by(periods.c.period)))

    def due_in(self, period: str) -> Sequence[Led]:
        """The led orders of a month that no frozen month has counted."""
        question = select(Led).where(led.c.period == period, _not_scored).order_by(led.c.order)
        return self.session.scalars(question).all()

    def first_leads_in(self, period: str) -> Sequence[Led]:
        """The orders of a month with which their appeals were dispatched for the first time."""
        before = led.alias()
        earlier = exists().where(before.c.receipt == led.c.receipt, before.c.order < led.c.order)
        return self.session.scalars(select(Led).where(led.c.period == period, led.c.round == 1, ~earlier)).all()

    # What appeals have in common

    def told_openly(
        self, since: datetime, until: datetime, months: Collection[str], without: Collection[str]
    ) -> list[Case]:
        """The appeals accepted in between, still open, or due in these months, that may be told.

        Left out are confidential and anonymous ones, and those about a unit in `without`.
        """
        due = select(led.c.receipt).where(led.c.period.in_(months))
        wanted = or_(cases.c.accepted_at >= since, cases.c.closed_at.is_(None), cases.c.receipt.in_(due))
        question = select(Case).where(cases.c.classification.in_(TOLD_OPENLY), cases.c.accepted_at < until, wanted)
        return [case for case in self.session.scalars(question) if not set(case.accused) & set(without)]

    def led_by_receipt(self, months: Collection[str]) -> dict[str, list[Led]]:
        """The led orders of these months, by appeal."""
        found = defaultdict(list)
        for one in self.session.scalars(select(Led).where(led.c.period.in_(months)).order_by(led.c.order)):
            found[one.receipt].append(one)
        return found
