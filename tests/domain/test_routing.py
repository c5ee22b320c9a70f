"""What a department may say of its order: routing's rules, without any set-up."""

from dataclasses import replace

import pytest

from appeals.events import MilestoneReached, ProgressReported
from appeals.samples import sample
from services.routing.domain import SIGNED, Order
from services.routing.refusals import NoSuchOrder, OutOfBounds
from services.routing.speaking import take_word
from tests.domain.routing_rules import a_case

WORD = sample(ProgressReported)


def an_order(**changes):
    facts = {
        "order": WORD.order,
        "receipt": WORD.receipt,
        "department": WORD.department,
        "role": "lead",
        "round": 1,
        "state": SIGNED,
    }
    return Order(**(facts | changes))


def test_a_word_becomes_a_fact_at_the_time_it_is_heard():
    now = WORD.at.replace(year=2027)

    assert take_word(WORD, an_order(), a_case(), now) == replace(WORD, at=now)


def test_a_name_longer_than_anybody_could_keep_is_refused():
    with pytest.raises(OutOfBounds, match="by"):
        take_word(replace(WORD, by="x" * 129), an_order(), a_case(), WORD.at)


@pytest.mark.parametrize("order", [None, an_order(department="sasac"), an_order(receipt="SQ-20261124-ZZZZZZ")])
def test_an_order_of_another_sounds_like_none(order):
    with pytest.raises(NoSuchOrder):
        take_word(WORD, order, a_case(), WORD.at)


@pytest.mark.parametrize(
    ("changes", "named"),
    [
        ({"state": "finished"}, "state"),
        ({"figures": {f"n{number}": 1 for number in range(21)}}, "figures"),
        ({"figures": {"x" * 65: 1}}, "figures"),
        ({"figures": {"value_cny": 10**15 + 1}}, "figures"),
    ],
)
def test_a_milestone_that_nobody_could_show_is_refused(changes, named):
    with pytest.raises(OutOfBounds, match=named):
        take_word(replace(sample(MilestoneReached), **changes), an_order(), a_case(), WORD.at)
