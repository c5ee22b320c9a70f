"""Timelines as server-sent events: what is told, to whom, from where on, and when it ends."""

import json

import pytest

from appeals.events import AppealResembled, AppealSubmitted, MilestoneReached
from services.portal.streams import Streams
from tests.services.people import signed_in
from tests.services.test_portal import (  # noqa: F401 - fixtures
    API,
    RECEIPT,
    Portal,
    _no_settings,
    about,
    accepted,
    dispatched,
    facts_of,
    submitted,
)


class Waiting:
    """Instead of waiting: the time that has passed, and what happens meanwhile, one thing in each pause."""

    def __init__(self):
        self.now = 0.0
        self.happens = []

    def pause(self, seconds):
        self.now += seconds
        if self.happens:
            self.happens.pop(0)()


@pytest.fixture
def waiting():
    return Waiting()


@pytest.fixture
def portal(town, waiting):
    """A portal whose streams last 20 seconds; an appeal is there."""
    streams = Streams(most=3, most_of_one=2, lasting_seconds=20, pause=waiting.pause, seconds=lambda: waiting.now)
    made = Portal(town, streams=streams)
    made.streams = streams
    submitted(town)
    return made


def milestone(town, name="已立项"):
    facts = {"order": f"{RECEIPT}-01", "department": "industry", "name": name}
    town.say("routing", MilestoneReached(**about(town), **facts))


def follow(portal, **who):
    return portal.get(f"{API}/{RECEIPT}/stream", **who)


def read(answer):
    """The events of a stream until it ends: number, topic, data."""
    found = []
    for block in answer.text.split("\n\n"):
        fields = dict(line.split(": ", 1) for line in block.splitlines() if not line.startswith(":"))
        if "id" in fields:
            found.append((int(fields["id"]), fields["event"], json.loads(fields["data"])))
    return found


def test_a_stream_tells_what_has_happened_and_then_what_happens(town, portal, waiting):
    waiting.happens = [lambda: accepted(town), lambda: dispatched(town), lambda: milestone(town)]

    answer = follow(portal, key="officer")
    told = read(answer)

    assert answer.content_type == "text/event-stream; charset=utf-8"
    assert [(number, topic) for number, topic, _ in told] == [
        (1, "appeal.submitted"),
        (2, "appeal.accepted"),
        (3, "order.dispatched"),
        (4, "milestone.reached"),
    ]
    assert [data for _, _, data in told] == portal.get(f"{API}/{RECEIPT}/timeline", key="officer").json["timeline"]


def test_a_stream_goes_on_after_the_entry_that_the_client_has_had(town, portal, waiting):
    accepted(town)
    waiting.happens = [lambda: dispatched(town)]

    told = read(follow(portal, key="officer", Last_Event_ID="1"))

    assert [number for number, _, _ in told] == [2, 3]
    assert follow(portal, key="officer", Last_Event_ID="-1").status_code == 400


def test_a_quiet_stream_says_every_15_seconds_that_it_is_there_and_ends_after_its_time(portal, waiting):
    answer = follow(portal, key="officer")

    assert answer.text.count(": still here") == 1
    assert 20 <= waiting.now <= 22


def test_an_applicant_is_told_what_the_timeline_tells_them_and_in_their_language(town, portal):
    code = portal.receipts.query_code(RECEIPT)
    town.say("intake", AppealResembled(**about(town), candidates=("SQ-20261112-A1B2C3",)))
    accepted(town)

    told = read(follow(portal, code=code, Accept_Language="en"))

    shown = portal.get(f"{API}/{RECEIPT}/timeline", code=code, Accept_Language="en").json["timeline"]
    assert [data for _, _, data in told] == shown
    assert [number for number, _, _ in told] == [1, 3]


def test_a_stream_ends_when_its_reader_may_not_see_the_appeal_any_more(town, portal, waiting):
    dispatched(town)
    accuse = AppealSubmitted(**facts_of(town, accused=("industry",)))
    waiting.happens = [lambda: town.say("intake", accuse), lambda: milestone(town, "不应看到")]

    answer = follow(portal, key="industry")

    assert "不应看到" not in answer.text
    assert waiting.now < 20
    assert follow(portal, key="industry").status_code == 404


def test_a_stream_ends_when_the_session_ends_and_does_not_keep_it_alive(town, portal, waiting):
    browser = signed_in(portal, "liu", "supervisor")
    waiting.happens = [lambda: town.clock.advance(minutes=20), lambda: town.clock.advance(minutes=11)]

    assert browser.get(f"/appeals/{RECEIPT}/stream").text.count("event:") == 1

    assert waiting.now < 20
    assert browser.get("/session").status_code == 401


def test_looking_again_does_not_count_as_asking(portal, waiting, monkeypatch):
    counted = []
    gate = portal.gate
    monkeypatch.setattr(gate._limits.of_principal, "take", lambda who, now: counted.append(who))

    read(follow(portal, key="officer"))

    assert counted == ["intake-officer:officer"]


def test_so_many_streams_are_open_at_once_of_one_reader_and_in_all_and_a_closed_one_makes_room(portal):
    first = [follow(portal, key="officer") for _ in range(2)]

    assert follow(portal, key="officer").json["type"] == "/problems/too-many-streams"
    assert follow(portal, key="dispatcher").status_code == 200
    full = follow(portal, key="supervisor")
    assert (full.status_code, full.headers["Retry-After"]) == (503, "30")
    first[0].close()
    assert follow(portal, key="supervisor").status_code == 200


def test_streams_end_when_the_process_stops_and_none_begins(portal, waiting):
    waiting.happens = [portal.streams.end]

    assert read(follow(portal, key="officer"))

    assert waiting.now == Streams.look_seconds
    assert follow(portal, key="officer").status_code == 503


def test_a_stream_holds_no_connection_to_the_database_while_it_waits(portal, waiting):
    held = []
    pool = portal.host.database.engine.pool
    waiting.happens = [lambda: held.append(getattr(pool, "checkedout", lambda: 0)())]

    read(follow(portal, key="officer"))

    assert held == [0]


def test_what_is_hidden_is_not_found(portal):
    assert follow(portal, key="sasac").status_code == 404
    assert follow(portal, code="WRONG").status_code == 404
