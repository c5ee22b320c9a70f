"""Two versions of one event side by side: every reader applies a fact once, in the version it knows."""

from dataclasses import dataclass, replace
from datetime import timedelta
from itertools import permutations

import pytest

from appeals import message
from appeals.bus.broker import Outgoing
from appeals.bus.participant import by_type
from appeals.events import Event
from tests.contract.parts import listener


@pytest.fixture
def versions():
    """An event in two versions, as if it had grown a new meaning; forgotten after the test."""
    before = dict(message._classes)

    @dataclass(frozen=True, kw_only=True)
    class PatrolMade(Event, topic="patrol.made", tells="department"):
        department: str
        minutes: int

    @dataclass(frozen=True, kw_only=True)
    class PatrolMade2(Event, topic="patrol.made", version=2, tells="department"):
        department: str
        hours: float

        def older(self):
            return PatrolMade(
                receipt=self.receipt, at=self.at, by=self.by, department=self.department, minutes=round(self.hours * 60)
            )

        @classmethod
        def from_older(cls, older):
            return cls(
                receipt=older.receipt,
                at=older.at,
                by=older.by,
                department=older.department,
                hours=older.minutes / 60,
            )

    yield PatrolMade, PatrolMade2
    message._classes.clear()
    message._classes.update(before)


@pytest.fixture
def platform(site):
    """A service that says the event, and one that hears the platform's copy, so that it finds a queue."""
    return site.service("routing", {})


def about(accepted, cls, **facts):
    return cls(receipt=accepted.receipt, at=accepted.at, department="industry", **facts)


def test_an_old_reader_applies_the_old_version_once_and_keeps_nothing(site, platform, versions, an_accepted_appeal):
    old, new = versions
    heard, accepted = [], an_accepted_appeal()
    industry = site.department("industry", {old: listener(heard)})
    site.service("portal", {new: listener([])})

    platform.say(about(accepted, new, hours=1.5), about(accepted, new, hours=2))
    site.settle()

    assert heard == [about(accepted, old, minutes=90), about(accepted, old, minutes=120)]
    assert industry.rows("SELECT state, count(*) FROM inbox GROUP BY state") == [("applied", 2)]


def test_a_new_reader_applies_the_new_version_once(site, platform, versions, an_accepted_appeal):
    _, new = versions
    heard, accepted = [], an_accepted_appeal()
    site.department("industry", {new: listener(heard)})
    site.service("portal", {new: listener([])})

    platform.say(about(accepted, new, hours=1.5))
    site.settle()

    assert heard == [about(accepted, new, hours=1.5)]


def test_a_new_reader_understands_an_old_platform(site, platform, versions, an_accepted_appeal):
    old, new = versions
    heard, accepted = [], an_accepted_appeal()
    site.department("industry", {new: listener(heard)})
    site.service("portal", {new: listener([])})

    platform.say(about(accepted, old, minutes=90))
    site.settle()

    assert heard == [about(accepted, new, hours=1.5)]


def test_a_reader_that_is_renewed_does_nothing_again(site, platform, versions, an_accepted_appeal):
    old, new = versions
    heard, accepted = [], an_accepted_appeal()
    industry = site.department("industry", {old: listener(heard)})
    site.service("portal", {new: listener([])})
    platform.say(about(accepted, new, hours=1.5))
    site.settle()
    assert heard == [about(accepted, old, minutes=90)]

    participant = industry.pipeline.participant
    industry.pipeline.participant = replace(participant, handlers=by_type({new: listener(heard)}))
    industry.pipeline.sweep(timedelta(0))
    platform.say(about(accepted, new, hours=2))
    site.settle()

    assert heard == [about(accepted, old, minutes=90), about(accepted, new, hours=2)]


def test_when_the_old_version_is_no_longer_said_an_old_reader_waits_for_its_renewal(
    site, platform, versions, an_accepted_appeal, monkeypatch
):
    old, new = versions
    heard, accepted = [], an_accepted_appeal()
    industry = site.department("industry", {old: listener(heard)})
    site.service("portal", {new: listener([])})
    monkeypatch.setattr(new, "older", lambda self: None)

    platform.say(about(accepted, new, hours=1.5))
    site.settle()
    assert heard == []
    assert industry.rows("SELECT state FROM inbox") == [("parked",)]

    participant = industry.pipeline.participant
    industry.pipeline.participant = replace(participant, handlers=by_type({new: listener(heard)}))
    industry.pipeline.sweep(timedelta(0))

    assert heard == [about(accepted, new, hours=1.5)]


@pytest.mark.parametrize("apart", [True, False], ids=["one by one", "in one batch"])
def test_in_whatever_order_versions_arrive_each_fact_is_applied_once_and_in_order(
    site, platform, versions, an_accepted_appeal, apart
):
    if site.real:
        pytest.skip("many orders; the broker in memory is enough")
    old, new = versions
    heard = []
    industry = site.department("industry", {old: listener(heard)})
    publisher = site.broker.publisher()
    for order in permutations(range(4)):
        heard.clear()
        accepted = an_accepted_appeal()
        platform.pipeline.act(lambda _, a=accepted: [about(a, new, hours=1), about(a, new, hours=2)])
        copies = platform.rows(
            "SELECT id, exchange, routing_key, body FROM journal WHERE audience <> 'core' ORDER BY id"
        )[-4:]
        for number in order:
            id_, exchange, key, body = copies[number]
            publisher.publish([Outgoing(id=id_, exchange=exchange, routing_key=key, body=bytes(body))])
            if apart:
                industry.consume()
        industry.consume()

        assert [event.minutes for event in heard] == [60, 120], order
    assert industry.rows("SELECT count(*) FROM inbox WHERE state = 'parked'") == [(0,)]
