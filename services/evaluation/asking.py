"""What evaluation answers when it is asked about a month; asking has no effect."""

from __future__ import annotations

from datetime import datetime, timedelta

from appeals.commands import AskCommonProblems, AskScores
from services.evaluation.common import common_problems
from services.evaluation.periods import check_period, figures, first_dispatch, last_day, month_before, scored, standings
from services.evaluation.policy import Rules
from services.evaluation.store import EvaluationStore


def scores(question: AskScores, store: EvaluationStore, rules: Rules, now: datetime) -> dict:
    """The figures of a month, of all units or of one: as they stand now, or as they were frozen.

    The accuracy of the first dispatch is told with those of all units, and None where it was not counted.
    Raises NoSuchPeriod.
    """
    check_period(question.period)
    frozen = store.frozen(question.period)
    if frozen:
        units, as_of, version = frozen.units, frozen.frozen_at, frozen.weights_version
        first = frozen.first_dispatch
    else:
        weights, as_of, version = rules.policy.weights, now, rules.policy.version
        units = [
            figures(scored(one, question.period, weights, version, now))
            for one in standings(store.due_in(question.period), weights, now)
        ]
        first = first_dispatch(store.first_leads_in(question.period), now)
    return {
        "period": question.period,
        "frozen": frozen is not None,
        "as_of": as_of.isoformat(),
        "weights_version": version,
        "first_dispatch": first if first and not question.department else None,
        "units": [unit for unit in units if question.department in ("", unit["department"])],
    }


def common(question: AskCommonProblems, store: EvaluationStore, rules: Rules, now: datetime) -> dict:
    """The common problems of a month, without what the asker may not see. Raises NoSuchPeriod."""
    check_period(question.period)
    months = (question.period, month_before(question.period))
    zone = rules.calendar.zone
    begins = datetime.fromisoformat(f"{question.period}-01").replace(tzinfo=zone)
    ends = datetime.combine(last_day(question.period) + timedelta(days=1), datetime.min.time(), zone)
    since = begins - (rules.calendar.due(begins, rules.policy.common_problems.repeat_within) - begins)
    cases = store.told_openly(since, ends, months, question.without)
    return common_problems(cases, store.led_by_receipt(months), question.period, now, rules)
