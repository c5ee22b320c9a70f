"""What the tests of routing share: the rules as they come along, and appeals to try them on."""

from datetime import UTC, datetime, timedelta
from functools import cache
from pathlib import Path

from appeals.calendar import load_calendar
from appeals.manifest import Directory
from appeals.units import load_units
from services.routing.accused import barred
from services.routing.catalogue import CATALOGUE, load_catalogue
from services.routing.domain import Case, Order, Rulebook
from services.routing.policy import load_policy
from services.routing.proposing import propose
from services.routing.rules import Matter
from services.routing.wording import plain

FIXTURES = Path(__file__).parents[1] / "fixtures"
DEPARTMENTS = Path(__file__).parents[2] / "deploy" / "departments"
NOW = datetime(2026, 11, 24, 2, 0, tzinfo=UTC)  # a Tuesday, 10:00 in Beijing
HOUR = timedelta(hours=1)

UNITS = load_units()


@cache
def catalogue():
    """The dispatch catalogue that comes along."""
    return load_catalogue(CATALOGUE, UNITS)


def book(**changes):
    """All that routing decides by, with the departments that come along."""
    rules = {
        "catalogue": catalogue(),
        "policy": load_policy(),
        "calendar": load_calendar(),
        "units": UNITS,
        "directory": Directory.load(DEPARTMENTS),
    }
    return Rulebook(**(rules | changes))


def a_case(title="申报成立化工产业园区", text="希望协调给予支持", city="朝阳市", **changes):
    """An accepted appeal."""
    facts = {
        "receipt": "SQ-20261124-K7M2QX",
        "title": title,
        "text": text,
        "applicant": {"name": "某公司", "city": city},
        "kind": "help",
        "urgency": "normal",
        "complexity": "normal",
        "category": "other",
    }
    return Case(**(facts | changes))


def orders_of(case, said, rules):
    """The orders that were just said, by department, as the service keeps them."""
    due = rules.policy.return_due(NOW, rules.calendar, urgency=case.urgency, complexity=case.complexity)
    return {one.department: Order.of(one, due) for one in said if one.topic == "order.dispatched"}


def sent(said):
    """To whom orders went, in short."""
    return [f"{one.role} {one.department}" for one in said if one.topic == "order.dispatched"]


def decision(title, text="", *, city="", category="", accused=(), tried=()):
    """Whose duty an appeal is, by the whole catalogue."""
    matter = Matter(title=plain(title), text=plain(text), category=category, city=city)
    return propose(matter, catalogue(), barred=barred(accused, UNITS, {}), tried=tried)
