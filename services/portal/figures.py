"""The figures that supervisors, auditors and departments are shown: each is a table, which pages also draw."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from sqlalchemy import Row

from services.portal import counting, figuring
from services.portal.counting import Scope
from services.portal.domain import STATIONS
from services.portal.doors import Doors
from services.portal.figure_words import FIGURES
from services.portal.rights import Principal, readable
from services.portal.roles import DEPARTMENT
from services.portal.scores import ask_scores
from services.portal.words import CODES, EN, label

RIGHT = "figures"
RATES = ("response", "solution", "satisfaction")
DIGITS = 4

Cell = str | int | float | None
Rows = list[list[Cell]]


@dataclass(frozen=True, kw_only=True)
class Asked:
    """Who asks for figures, of what, and in which language."""

    doors: Doors
    principal: Principal
    scope: Scope
    language: str

    def rows(self, question: Callable[[Scope], object]) -> Sequence[Row]:
        """What a question finds, with the rights of who asks."""
        return self.doors.reads.counted(question(self.scope))

    def unit(self, code: str) -> str:
        """What a unit is called."""
        return self.doors.names.get(code, code)


def asked_by(doors: Doors, principal: Principal, wanted: Mapping, language: str) -> Asked:
    """What somebody asks for; somebody of a department is only shown the figures of its own unit."""
    now = doors.clock()
    unit = principal.department if principal.role == DEPARTMENT else ""
    scope = Scope(readable=readable(principal), now=now, unit=unit, **wanted)
    return Asked(doors=doors, principal=principal, scope=scope, language=language)


def figure(name: str, asked: Asked) -> dict:
    """One figure, as a table with its labels. Raises KeyError when there is none of this name, or NotDone."""
    rows, about = MAKERS[name](asked), FIGURES[name]
    return {
        "name": name,
        "title": about.title.said(asked.language),
        "tells": about.tells.said(asked.language).format(month=_month(asked)),
        "since": asked.scope.since.isoformat(),
        "until": asked.scope.until.isoformat(),
        "as_of": asked.scope.now.isoformat(),
        "columns": about.columns(asked.language),
        "rows": rows,
    }


def _month(asked: Asked) -> str:
    """The month in which the period ends, as people say it."""
    until = asked.scope.until
    return f"{until:%Y-%m}" if asked.language == EN else f"{until.year}年{until.month}月"


def _rates(asked: Asked) -> Rows:
    """Evaluation's figures of the month in which the period ends."""
    answer = ask_scores(asked.doors, asked.principal, period=f"{asked.scope.until:%Y-%m}")
    return [
        [unit["name"], *(unit[rate][part] for rate in RATES for part in ("value", "n", "low", "high"))]
        for unit in answer["units"]
    ]


def _funnel(asked: Asked) -> Rows:
    came = figuring.furthest(dict(map(tuple, asked.rows(counting.reached))), len(STATIONS))
    return [
        [label("station", station, asked.language), count, round(count / came[0], DIGITS) if came[0] else None]
        for station, count in zip(STATIONS, came, strict=True)
    ]


def _flow(asked: Asked) -> Rows:
    scope = asked.scope
    days = _days(scope.since, min(scope.until, scope.today))
    came, went = (dict(map(tuple, asked.rows(question))) for question in (counting.received, counting.ended))
    received, ended = [came.get(day, 0) for day in days], [went.get(day, 0) for day in days]
    waiting = asked.rows(counting.waiting)[0][0]
    still = figuring.backlog(waiting, received, ended)
    return [list(row) for row in zip((day.isoformat() for day in days), received, ended, still, strict=True)]


def _days(since: date, until: date) -> list[date]:
    return [since + timedelta(days=number) for number in range((until - since).days + 1)]


def _ages(asked: Asked) -> Rows:
    by_unit = defaultdict(list)
    for unit, day, count in asked.rows(counting.open_orders):
        by_unit[unit].append((day, count))
    made = {unit: figuring.by_age(days, asked.scope.today) for unit, days in by_unit.items()}
    return _largest_first([[asked.unit(unit), *bins, sum(bins)] for unit, bins in made.items()])


def _handling(asked: Asked) -> Rows:
    by_unit = defaultdict(dict)
    for unit, hours, count in asked.rows(counting.hours):
        by_unit[unit][hours] = count
    boxes = {unit: figuring.box(counts) for unit, counts in by_unit.items()}
    made = [
        [asked.unit(unit), one.n, *map(_in_days, (one.least, one.lower, one.middle, one.upper, one.most))]
        for unit, one in boxes.items()
    ]
    return sorted(made, key=lambda row: (-row[4], row[0]))


def _in_days(hours: float) -> float:
    return round(hours / 24, 2)


def _overdue(asked: Asked) -> Rows:
    weeks = figuring.control_chart({day: (due, late) for day, due, late in asked.rows(counting.due)})
    return [
        [week.begins.isoformat(), week.due, week.late]
        + [round(share, DIGITS) for share in (week.rate, week.centre, week.low, week.high)]
        for week in weeks
    ]


def _levels(asked: Asked) -> Rows:
    return _crossed(asked, counting.levels, "level")


def _kinds(asked: Asked) -> Rows:
    return _crossed(asked, counting.kinds, "kind")


def _crossed(asked: Asked, question: Callable, listed: str) -> Rows:
    """A row for each unit, a column for each code of a list, and all."""
    by_unit = defaultdict(dict)
    for unit, code, count in asked.rows(question):
        by_unit[unit][code] = count
    nobody = "Not dispatched" if asked.language == EN else "未转办"
    return _largest_first(
        [asked.unit(unit) or nobody, *(counts.get(code, 0) for code in CODES[listed]), sum(counts.values())]
        for unit, counts in by_unit.items()
    )


def _largest_first(rows: Iterable[list]) -> Rows:
    return sorted(rows, key=lambda row: (-row[-1], row[0]))


MAKERS: dict[str, Callable[[Asked], Rows]] = {
    "rates": _rates,
    "funnel": _funnel,
    "flow": _flow,
    "ages": _ages,
    "handling": _handling,
    "overdue": _overdue,
    "levels": _levels,
    "kinds": _kinds,
}
