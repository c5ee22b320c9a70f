"""Reads `policy.yml`, and tells file, line and field of what is wrong in it."""

from __future__ import annotations

from math import isclose
from pathlib import Path

from marshmallow import Schema, ValidationError, fields, post_load, validate, validates_schema

from appeals.calendar import LimitField
from appeals.settings import from_yaml
from services.evaluation.policy import DAY, HALF_DAY, SAME_DAY, Callbacks, CommonProblems, Policy
from services.evaluation.scoring import Weights

POLICY = Path(__file__).with_name("policy.yml")
KINDS = ("consult", "help", "complaint", "report", "suggestion")
FULL = 100


def _count(least: int = 1, most: int = 366) -> fields.Integer:
    return fields.Integer(required=True, strict=True, validate=validate.Range(least, most))


def _number(most: float) -> fields.Float:
    return fields.Float(required=True, allow_nan=False, validate=validate.Range(0, most))


def _limit() -> LimitField:
    return LimitField(required=True)


class _Sourced(Schema):
    """A group of numbers; `source` says where they are from, and goes no further."""

    source = fields.String(required=True, validate=validate.Length(min=1), load_only=True)

    @post_load
    def drop_source(self, values, **_) -> dict:
        return {name: value for name, value in values.items() if name != "source"}


class _Answer(_Sourced):
    days = _count()


class _Rework(_Sourced):
    most = _count(0, 9)


class _Review(_Sourced):
    limit = _limit()


class _CallbackDue(LimitField):
    """A limit, or the same day, which is None."""

    def _deserialize(self, value, attr, data, **options):
        return None if value == SAME_DAY else super()._deserialize(value, attr, data, **options)


class _Callback(_Sourced):
    due = fields.Nested(
        Schema.from_dict({urgency: _CallbackDue(required=True) for urgency in ("critical", "urgent", "normal")}),
        required=True,
    )
    attempts = _count(1, 9)
    another = fields.String(required=True, validate=validate.OneOf((HALF_DAY, DAY)))
    apart = _limit()


class _ThreeRates(_Sourced):
    response, solution, satisfaction = (_number(1) for _ in range(3))

    @validates_schema
    def check_sum(self, values, **_) -> None:
        """Raises ValidationError unless the weights are shares of one whole."""
        if not isclose(whole := values["response"] + values["solution"] + values["satisfaction"], 1):
            raise ValidationError({"response": [f"response, solution and satisfaction are {whole:g} together, not 1"]})


class _Index(_Sourced):
    rates = _number(1)
    on_time, most_bonus = _number(FULL), _number(FULL)

    @validates_schema
    def check_sum(self, values, **_) -> None:
        """Raises ValidationError unless a unit without fault and bonus has the full index."""
        if not isclose(whole := FULL * values["rates"] + values["on_time"], FULL):
            raise ValidationError({"rates": [f"100·rates and on_time are {whole:g} together, not {FULL}"]})


class _Deductions(_Sourced):
    yellow_card, red_card, false_closing, invalid_return = (_number(FULL) for _ in range(4))


class _Ranking(_Sourced):
    fewest_answers = _count(1, 10_000)


class _NotRated(_Sourced):
    kinds = fields.List(fields.String(validate=validate.OneOf(KINDS)), required=True)


class _Freeze(_Sourced):
    after = _limit()


class _Scoring(Schema):
    three_rates = fields.Nested(_ThreeRates, required=True)
    index = fields.Nested(_Index, required=True)
    deductions = fields.Nested(_Deductions, required=True)
    ranking = fields.Nested(_Ranking, required=True)
    not_rated = fields.Nested(_NotRated, required=True)
    freeze = fields.Nested(_Freeze, required=True)


class _CommonProblems(_Sourced):
    least = _count(2)
    repeat_within, open_long = _limit(), _limit()
    fall = _number(1)
    most = _count(1, 100)


class _PolicySchema(Schema):
    version = fields.String(required=True, validate=validate.Length(1, 32))
    answer = fields.Nested(_Answer, required=True)
    rework = fields.Nested(_Rework, required=True)
    review = fields.Nested(_Review, required=True)
    callback = fields.Nested(_Callback, required=True)
    scoring = fields.Nested(_Scoring, required=True)
    common_problems = fields.Nested(_CommonProblems, required=True)

    @post_load
    def make(self, values, **_) -> Policy:
        scoring = values["scoring"]
        weights = Weights(
            **scoring["three_rates"],
            **scoring["index"],
            **scoring["deductions"],
            **scoring["ranking"],
            not_rated=tuple(scoring["not_rated"]["kinds"]),
        )
        return Policy(
            version=values["version"],
            answer_days=values["answer"]["days"],
            most_reworks=values["rework"]["most"],
            review=values["review"]["limit"],
            callbacks=Callbacks(**values["callback"]),
            weights=weights,
            freeze_after=scoring["freeze"]["after"],
            common_problems=CommonProblems(**values["common_problems"]),
        )


def load_policy(path: Path = POLICY) -> Policy:
    """The numbers in a file. Raises WrongSettings naming file, line and field."""
    return from_yaml(path, _PolicySchema)
