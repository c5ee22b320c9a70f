"""How often somebody may ask."""

import pytest

from services.portal.limits import REMEMBERED, Limit, TooManyRequests


def taken(limit, who, now, times):
    """How many of so many requests get through."""
    through = 0
    for _ in range(times):
        try:
            limit.take(who, now)
            through += 1
        except TooManyRequests:
            pass
    return through


def test_so_many_a_minute_may_come_at_once_and_no_more():
    assert taken(Limit(60), "a", 0, 100) == 60


def test_what_is_used_up_comes_back_with_time():
    limit = Limit(60)
    taken(limit, "a", 0, 60)

    assert taken(limit, "a", 10, 100) == 10
    assert taken(limit, "a", 3600, 100) == 60


def test_who_is_refused_is_told_when_to_come_again():
    limit = Limit(6)
    taken(limit, "a", 0, 6)

    with pytest.raises(TooManyRequests) as refusal:
        limit.take("a", 0)

    assert refusal.value.facts["seconds"] == 11
    limit.take("a", 11)


def test_one_does_not_use_up_what_another_has():
    limit = Limit(6)
    taken(limit, "a", 0, 10)

    assert taken(limit, "b", 0, 10) == 6


def test_only_so_many_are_remembered():
    limit = Limit(6)
    for number in range(REMEMBERED + 5):
        limit.take(str(number), 0)

    assert len(limit._buckets) == REMEMBERED
