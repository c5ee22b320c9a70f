"""A department is told again what it was told: nothing is lost to it, nothing has its effect twice, and it is noted."""

import json
from datetime import timedelta

import pytest

from appeals.bus.replay import Replay, count, replay
from appeals.bus.station import fresh_id
from appeals.events import OrderDispatched
from appeals.manifest import Manifest
from tests.contract.parts import NotOurs, dispatched, listener


class Platform:
    """A service that speaks to one department, and may tell it everything again."""

    def __init__(self, site, handler):
        self.site = site
        self.routing = site.service("routing", {})
        site.service("portal", {OrderDispatched: listener([])})
        self.industry = site.department("industry", {OrderDispatched: handler})

    def again(self, *, ceiling="ordinary", **wanted):
        """Replay, let it be heard, and return how many were told and withheld."""
        counts = replay(
            self.routing.pipeline.database,
            self.wanted(ceiling=ceiling, **wanted),
            clock=self.site.clock,
            new_id=fresh_id,
        )
        self.site.settle()
        return counts.told, counts.withheld

    def wanted(self, *, ceiling="ordinary", **wanted):
        manifest = Manifest(
            code=self.industry.name, name="省工信厅", events=("order.dispatched",), words=(), ceiling=ceiling
        )
        return Replay(department=manifest, by="王明", reason="恢复备份", **wanted)

    def say(self, *accepted):
        self.routing.say(*map(dispatched, accepted))
        self.site.settle()


@pytest.fixture
def heard():
    return []


@pytest.fixture
def platform(site, heard):
    return Platform(site, listener(heard))


def lose_everything(member):
    """The department's database is gone, and made anew."""
    with member.pipeline.database.transaction() as session:
        for table in ("inbox", "turns", "journal"):
            session.connection().exec_driver_sql(f"DELETE FROM {table}")  # noqa: S608


def test_a_department_that_lost_its_data_is_told_everything_again_in_order(platform, heard, an_accepted_appeal):
    first, second = an_accepted_appeal(), an_accepted_appeal()
    platform.say(first, second, first)
    lose_everything(platform.industry)

    assert platform.again(since=platform.site.clock() - timedelta(hours=1)) == (3, 0)

    assert [event.receipt for event in heard[3:]] == [first.receipt, second.receipt, first.receipt]


def test_what_was_applied_has_no_second_effect_however_often_it_is_told(platform, heard, an_accepted_appeal):
    platform.say(an_accepted_appeal())
    since = platform.site.clock() - timedelta(hours=1)

    assert platform.again(since=since) == (1, 0)
    assert platform.again(since=since) == (1, 0)

    assert len(heard) == 1


def test_what_was_refused_is_tried_once_more_and_the_department_notes_by_whom(site, an_accepted_appeal):
    heard, broken = [], [True]

    def take(_, event):
        if broken:
            raise NotOurs()
        heard.append(event)

    platform = Platform(site, take)
    accepted = an_accepted_appeal()
    platform.say(accepted)
    broken.clear()

    platform.again(receipt=accepted.receipt)

    assert len(heard) == 1
    assert platform.industry.rows("SELECT subject, by FROM journal WHERE audience = 'replay'") == [
        (accepted.receipt, "王明")
    ]


def test_only_one_appeal_or_only_what_came_since_is_told_again(platform, heard, an_accepted_appeal):
    first, second = an_accepted_appeal(), an_accepted_appeal()
    platform.say(first)
    platform.site.wait(0.05)
    since = platform.site.clock()
    platform.site.wait(0.05)
    platform.say(second)
    lose_everything(platform.industry)

    assert platform.again(receipt=first.receipt) == (1, 0)
    assert heard[-1].receipt == first.receipt
    if platform.site.real:  # ids are made by the real clock
        assert platform.again(since=since) == (1, 0)
        assert heard[-1].receipt == second.receipt


def test_what_todays_manifest_does_not_admit_is_withheld(platform, heard, an_accepted_appeal):
    accepted = an_accepted_appeal(classification="confidential")
    platform.routing.pipeline.act(lambda _: [accepted, dispatched(accepted)])
    platform.routing.publish()
    platform.site.settle()
    lose_everything(platform.industry)

    assert platform.again(receipt=accepted.receipt, ceiling="ordinary") == (0, 1)
    assert platform.again(receipt=accepted.receipt, ceiling="confidential") == (1, 0)
    assert len(heard) == 2


def test_who_asked_for_it_and_why_stays_in_the_journal(platform, an_accepted_appeal):
    accepted = an_accepted_appeal()
    platform.say(accepted)

    platform.again(receipt=accepted.receipt)

    ((by, body),) = platform.routing.rows("SELECT by, body FROM journal WHERE type = 'replay'")
    assert by == "王明"
    assert json.loads(bytes(body))["reason"] == "恢复备份"


def test_counting_tells_nobody_anything(platform, heard, an_accepted_appeal):
    accepted = an_accepted_appeal()
    platform.say(accepted)
    lose_everything(platform.industry)

    assert count(platform.routing.pipeline.database, platform.wanted(receipt=accepted.receipt)).told == 1
    platform.site.settle()

    assert len(heard) == 1
