"""Counting: the questions behind the figures. Each carries the rights of who asks, and is bound by an index."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from functools import partial

from sqlalchemy import ColumnElement, Date, Select, case, func, or_, select
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.sql.functions import FunctionElement

from appeals.calendar import BEIJING
from services.portal.domain import RETURNED
from services.portal.store import appeals, orders


@dataclass(frozen=True, kw_only=True)
class Scope:
    """What is counted: appeals that may be read, from one day to another, perhaps of one kind, city or unit only."""

    readable: ColumnElement[bool]
    since: date
    until: date
    now: datetime
    kind: str = ""
    city: str = ""
    unit: str = ""

    @property
    def today(self) -> date:
        """The day in Beijing."""
        return self.now.astimezone(BEIJING).date()

    @property
    def begins(self) -> datetime:
        """The first moment that counts."""
        return datetime.combine(self.since, time.min, BEIJING)

    @property
    def ends(self) -> datetime:
        """The moment before which things count."""
        return datetime.combine(self.until + timedelta(days=1), time.min, BEIJING)

    def during(self, moment: ColumnElement) -> ColumnElement[bool]:
        """Whether it happened in these days."""
        return moment.between(self.begins, self.ends - timedelta(microseconds=1))

    @property
    def _wanted(self) -> list[ColumnElement[bool]]:
        filters = {appeals.c.kind: self.kind, appeals.c.city: self.city}
        return [self.readable, *(column == value for column, value in filters.items() if value)]

    def of_appeals(self, *columns: ColumnElement) -> Select:
        """These columns, of the appeals that count."""
        return select(*columns).select_from(appeals).where(*self._wanted)

    def of_orders(self, *columns: ColumnElement) -> Select:
        """These columns, of the orders that count."""
        joined = orders.join(appeals, appeals.c.receipt == orders.c.receipt)
        own = [orders.c.department == self.unit] if self.unit else []
        return select(*columns).select_from(joined).where(*own, *self._wanted)


class beijing_day(FunctionElement):
    """The day in Beijing on which a moment lies."""

    type = Date()
    inherit_cache = True


@compiles(beijing_day, "postgresql")
def _on_postgresql(element, compiler, **options):
    return f"CAST({compiler.process(element.clauses, **options)} AT TIME ZONE 'Asia/Shanghai' AS date)"


@compiles(beijing_day, "sqlite")
def _on_sqlite(element, compiler, **options):
    return f"date({compiler.process(element.clauses, **options)}, '+8 hours')"


def reached(scope: Scope) -> Select:
    """How many of the appeals that came in have reached which station at the furthest."""
    station = appeals.c.reached
    return scope.of_appeals(station, func.count()).where(scope.during(appeals.c.submitted_at)).group_by(station)


def waiting(scope: Scope) -> Select:
    """How many were open when the first day began."""
    still = or_(appeals.c.ended_at.is_(None), appeals.c.ended_at >= scope.begins)
    return scope.of_appeals(func.count()).where(appeals.c.submitted_at < scope.begins, still)


def _by_day(moment: ColumnElement, scope: Scope) -> Select:
    day = beijing_day(moment)
    return scope.of_appeals(day, func.count()).where(scope.during(moment)).group_by(day)


received: Callable[[Scope], Select] = partial(_by_day, appeals.c.submitted_at)
ended: Callable[[Scope], Select] = partial(_by_day, appeals.c.ended_at)


def kinds(scope: Scope) -> Select:
    """How many appeals of which kind came in that a unit leads, or nobody yet."""
    each = (appeals.c.lead, appeals.c.kind)
    question = scope.of_appeals(*each, func.count()).where(scope.during(appeals.c.submitted_at)).group_by(*each)
    return question.where(appeals.c.lead == scope.unit) if scope.unit else question


def open_orders(scope: Scope) -> Select:
    """How many orders a unit is working on now, by the day on which they were dispatched."""
    each = (orders.c.department, beijing_day(orders.c.dispatched_at))
    now_open = (orders.c.ended_at.is_(None), appeals.c.ended_at.is_(None))
    return scope.of_orders(*each, func.count()).where(*now_open).group_by(*each)


def levels(scope: Scope) -> Select:
    """How many orders of a unit stand at which rung of supervision that was told in these days."""
    each = (orders.c.department, orders.c.level)
    told = (orders.c.level != "", scope.during(orders.c.level_at))
    return scope.of_orders(*each, func.count()).where(*told).group_by(*each)


def hours(scope: Scope) -> Select:
    """How many orders of a unit took how many hours, of those whose reply was approved in these days."""
    each = (orders.c.department, orders.c.hours)
    approved = (orders.c.hours.is_not(None), scope.during(orders.c.ended_at))
    return scope.of_orders(*each, func.count()).where(*approved).group_by(*each)


def due(scope: Scope) -> Select:
    """How many orders were due on a day by now, and how many of them were late."""
    day = beijing_day(orders.c.reply_due)
    late = func.sum(case((orders.c.overdue, 1), else_=0))
    by_now = (scope.during(orders.c.reply_due), orders.c.reply_due <= scope.now, orders.c.state != RETURNED)
    return scope.of_orders(day, func.count(), late).where(*by_now).group_by(day)
