"""Tries the weights of a policy on the months that are open, and shows which figures would be otherwise.

    python -m services.evaluation.dry_run my-policy.yml

Frozen months stay as they are, whatever the weights. Nothing is written. Exit status: 0 nothing would be otherwise, 1
something would, 2 the file, the settings or the database are wrong.
"""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from appeals.bus.station import utc_now
from appeals.settings import from_environment, setting
from services import dry_runs
from services.evaluation.facts import Led
from services.evaluation.periods import POINTS, Standing, rounded, standings
from services.evaluation.policy_file import POLICY, load_policy
from services.evaluation.scoring import Weights
from services.evaluation.store import EvaluationStore


@dataclass(frozen=True, kw_only=True)
class Settings:
    """What a dry run reads: no broker is needed."""

    evaluation_policy: Path = setting("the numbers of evaluation in force", POLICY)
    database_url: str = setting("where evaluation keeps its facts", "sqlite:///.run/data/")


@dataclass(frozen=True, kw_only=True)
class Tried:
    """A unit in an open month, by the weights in force and by those that are tried."""

    period: str
    before: Standing
    after: Standing

    @property
    def told(self) -> tuple[str, str]:
        """Its figures as a person reads them, before and after."""
        return tuple(_figures(one) for one in (self.before, self.after))


def try_weights(
    months: Iterable[tuple[str, Iterable[Led]]], old: Weights, new: Weights, now: datetime
) -> Iterator[Tried]:
    """Every unit of these months by both weights."""
    for period, rows in months:
        rows = list(rows)
        after = {one.department: one for one in standings(rows, new, now)}
        for before in standings(rows, old, now):
            yield Tried(period=period, before=before, after=after[before.department])


def report(found: Iterable[Tried], frozen: int, say: Callable[[str], None]) -> int:
    """Say what would be otherwise, and count; returns the exit status."""
    units = others = 0
    for one in found:
        units += 1
        before, after = one.told
        if before != after:
            others += 1
            say(f"{one.period} {one.before.department}: {before} → {after}")
    say(f"{units} units in open months, {others} would have other figures; {frozen} frozen months stay as they are")
    return 1 if others else 0


def main(arguments: list[str] | None = None) -> int:
    """Try the policy on the command line; returns the exit status."""
    parser = argparse.ArgumentParser(
        prog="python -m services.evaluation.dry_run",
        description="Show what other weights would mean for the months that are not frozen. Nothing is written.",
    )
    parser.add_argument("policy", type=Path, help="the policy to try")
    asked = parser.parse_args(arguments)
    return dry_runs.attempt(lambda: _try(asked.policy))


def _try(policy: Path) -> int:
    settings = from_environment(Settings, os.environ)
    old, new = load_policy(settings.evaluation_policy).weights, load_policy(policy).weights
    with dry_runs.reading(settings.database_url, "evaluation") as session:
        store = EvaluationStore(session)
        months = ((period, store.due_in(period)) for period in store.open_periods())
        return report(try_weights(months, old, new, utc_now()), len(store.frozen_periods()), dry_runs.say)


def _figures(standing: Standing) -> str:
    score = standing.score
    numbers = {"S": score.index, "S3": score.three_rates, "K": score.deduction}
    told = [f"{name} {'–' if number is None else rounded(number, POINTS)}" for name, number in numbers.items()]
    return ", ".join([*told, f"rank {standing.rank or '样本不足'}"])


if __name__ == "__main__":
    sys.exit(main())
