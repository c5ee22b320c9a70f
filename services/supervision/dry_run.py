"""Tries a policy on past orders, and shows which limits and due dates it would have given. Nothing is written.

    python -m services.supervision.dry_run my-policy.yml

Orders keep the numbers that they began with: this shows what the file would do to others like them. Exit status: 0
nothing would be otherwise, 1 something would, 2 the file, the settings or the database are wrong.
"""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path

from appeals.bus.station import utc_now
from appeals.calendar import load_calendar
from appeals.settings import CALENDAR_FILE, from_environment, setting
from appeals.units import UNITS_FILE, load_units
from services import dry_runs
from services.supervision.deadline import Deadline, effective_limit
from services.supervision.order import Order, Pause
from services.supervision.policy import Rules
from services.supervision.policy_file import load_policy
from services.supervision.store import SupervisionStore


@dataclass(frozen=True, kw_only=True)
class Settings:
    """What a dry run reads: no broker is needed."""

    units: Path = setting("the tree of units", UNITS_FILE)
    calendar: Path = setting("the working calendar", CALENDAR_FILE)
    database_url: str = setting("where supervision keeps its orders", "sqlite:///.run/data/")


@dataclass(frozen=True, kw_only=True)
class Tried:
    """A step of the past, with its limit and due date as they were and as the policy would have them."""

    order: str
    step: str
    limits: tuple[str, str]
    dues: tuple[datetime, datetime]
    done_at: datetime | None

    @property
    def is_otherwise(self) -> bool:
        """Whether the due date would be another."""
        return self.dues[0] != self.dues[1]

    def missed(self, now: datetime) -> tuple[bool, bool]:
        """Whether the step was done too late, or is not done, by each due date."""
        return tuple((self.done_at or now) > due for due in self.dues)


def try_policy(steps: Iterable[tuple[Order, Deadline, list[Pause]]], rules: Rules) -> Iterator[Tried]:
    """Every step as it was, and by these rules: from the same moment, with the same pauses and days added."""
    for order, deadline, pauses in steps:
        limit = effective_limit(deadline.step, order, deadline.started, rules)
        before = [pause for pause in pauses if deadline.done_at is None or pause.start < deadline.done_at]
        due = replace(deadline.clock(before), limit=limit).due(rules.calendar)
        yield Tried(
            order=order.order,
            step=deadline.step,
            limits=(deadline.limit, str(limit)),
            dues=(deadline.due, due),
            done_at=deadline.done_at,
        )


def report(found: Iterable[Tried], rules: Rules, now: datetime, say: Callable[[str], None]) -> int:
    """Say what would be otherwise, and count; returns the exit status."""
    steps = others = 0
    missed = [0, 0]
    for one in found:
        steps += 1
        missed = [count + was for count, was in zip(missed, one.missed(now), strict=True)]
        if one.is_otherwise:
            others += 1
            before, after = (f"{due.astimezone(rules.calendar.zone):%Y-%m-%d %H:%M}" for due in one.dues)
            say(f"{one.order} {one.step}: {' → '.join(one.limits)}, {before} → {after}")
    say(f"{steps} steps, {others} would have another due date; missed {missed[0]} → {missed[1]}")
    return 1 if others else 0


def main(arguments: list[str] | None = None) -> int:
    """Try the policy on the command line; returns the exit status."""
    parser = argparse.ArgumentParser(
        prog="python -m services.supervision.dry_run",
        description="Show what a policy would have meant for past orders. Nothing is written.",
    )
    parser.add_argument("policy", type=Path, help="the policy to try")
    asked = parser.parse_args(arguments)
    return dry_runs.attempt(lambda: _try(asked.policy))


def _try(policy: Path) -> int:
    settings = from_environment(Settings, os.environ)
    rules = Rules(policy=load_policy(policy, load_units(settings.units)), calendar=load_calendar(settings.calendar))
    with dry_runs.reading(settings.database_url, "supervision") as session:
        found = try_policy(SupervisionStore(session).each_step(), rules)
        return report(found, rules, utc_now(), dry_runs.say)


if __name__ == "__main__":
    sys.exit(main())
