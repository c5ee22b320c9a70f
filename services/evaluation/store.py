"""Evaluation's table: a row for every round that an applicant is asked about."""

from collections.abc import Collection
from datetime import datetime

from sqlalchemy import JSON, Column, Index, Integer, MetaData, String, Table, Text, select, text
from sqlalchemy.orm import registry

from appeals.bus.database import Moment
from appeals.store import Store
from services.evaluation.domain import NotClosedYet, Round

metadata = MetaData()

_asked = text("state = 'asked'")
rounds = Table(
    "rounds",
    metadata,
    Column("receipt", String(64), primary_key=True),
    Column("round", Integer, primary_key=True, autoincrement=False),
    Column("lead", String(64), nullable=False),
    Column("departments", JSON, nullable=False),
    Column("until", Moment, nullable=False),
    Column("state", String(16), nullable=False),
    Column("rating", String(32), nullable=False),
    Column("solved", String(16), nullable=False),
    Column("comment", Text, nullable=False),
    Index("rounds_asked", "until", postgresql_where=_asked, sqlite_where=_asked),
)

mapper = registry(metadata=metadata)
mapper.map_imperatively(Round, rounds)


class EvaluationStore(Store):
    """What evaluation asks of its table."""

    def latest(self, receipt: str) -> Round:
        """The last round of an appeal. Raises NotClosedYet when there is none."""
        question = select(Round).where(rounds.c.receipt == receipt).order_by(rounds.c.round.desc()).limit(1)
        found = self.session.scalars(question).first()
        if found is None:
            raise NotClosedYet()
        return found

    def unanswered_at(self, moment: datetime, limit: int) -> list[str]:
        """The appeals whose time has passed without an answer, oldest first."""
        question = select(rounds.c.receipt).where(_asked, rounds.c.until <= moment).order_by(rounds.c.until)
        return list(self.session.scalars(question.limit(limit)))

    def unanswered_of(self, receipts: Collection[str], moment: datetime) -> list[Round]:
        """The rounds of these appeals whose time has passed without an answer."""
        question = select(Round).where(_asked, rounds.c.until <= moment, rounds.c.receipt.in_(receipts))
        return list(self.session.scalars(question.order_by(rounds.c.until)))
