# ruff: noqa: F811
"""What a client has seen: it is not sent again, and nothing is decided on a picture that has changed since."""

import pytest

from appeals.events import OrderSigned
from tests.services.test_portal import API, _no_settings, loop  # noqa: F401 - fixtures


@pytest.fixture
def appeal(loop):
    """An appeal that waits for its acceptance, and its tag as the officer sees it."""
    receipt, code = loop.submit()
    return receipt, code, tag(loop, receipt)


def tag(loop, receipt, key="officer", **more):
    return loop.get(f"{API}/{receipt}", key=key, **more).headers["ETag"]


def topics(loop, receipt):
    return [one["event"] for one in loop.get(f"{API}/{receipt}/timeline", key="officer").json["timeline"]]


def test_what_a_client_has_already_is_not_sent_again_until_something_happens(loop, appeal):
    receipt, _, seen = appeal

    same = loop.get(f"{API}/{receipt}", key="officer", If_None_Match=seen)
    loop.post(f"{API}/{receipt}/acceptance", {}, key="officer")
    moved = loop.get(f"{API}/{receipt}", key="officer", If_None_Match=seen)

    assert (same.status_code, same.data, same.headers["ETag"]) == (304, b"", seen)
    assert (moved.status_code, moved.json["state"]["code"]) == (200, "dispatched")
    assert moved.headers["ETag"] != seen


def test_a_tag_is_strong_and_another_in_another_language_and_for_another_reader(loop, appeal):
    receipt, code, seen = appeal

    tags = {seen, tag(loop, receipt, Accept_Language="en"), tag(loop, receipt, key="", code=code)}

    assert len(tags) == 3
    assert not any(one.startswith("W/") for one in tags)
    assert tag(loop, receipt) == seen


def test_a_tag_changes_with_what_becomes_of_the_appeal_that_it_goes_with(loop, appeal):
    main, _, _ = appeal
    loop.post(f"{API}/{main}/acceptance", {}, key="officer")
    receipt, code = loop.submit(title="另一件")
    merged = loop.post(f"{API}/{receipt}/merge", {"into": main}, key="officer")
    seen, told = tag(loop, receipt, key="", code=code), topics(loop, receipt)

    loop.town.say("routing", OrderSigned(receipt=main, at=loop.town.clock(), order=f"{main}-01", department="industry"))

    assert (merged.status_code, topics(loop, receipt)) == (200, told)
    assert tag(loop, receipt, key="", code=code) != seen


def test_a_decision_on_what_is_still_shown_is_taken(loop, appeal):
    receipt, _, seen = appeal

    answer = loop.post(f"{API}/{receipt}/acceptance", {}, key="officer", If_Match=seen, Accept_Language="en")

    assert answer.status_code == 200
    assert "appeal.accepted" in topics(loop, receipt)


def test_a_decision_on_a_picture_that_has_changed_does_nothing(loop, appeal):
    receipt, code, seen = appeal
    loop.post(f"{API}/{receipt}/supplement-request", {"missing": ["合同"]}, key="officer")
    before = topics(loop, receipt)

    answer = loop.post(f"{API}/{receipt}/acceptance", {}, key="officer", If_Match=seen, Accept_Language="en")

    assert (answer.status_code, answer.json["type"]) == (412, "/problems/moved-on")
    assert "look again" in answer.json["detail"]
    assert topics(loop, receipt) == before
    assert loop.post(f"{API}/{receipt}/supplement", {"text": "附上"}, code=code, If_Match='"other"').status_code == 412


def test_a_lost_answer_is_asked_for_again_without_the_tag(loop, appeal):
    receipt, _, seen = appeal
    first = loop.post(f"{API}/{receipt}/acceptance", {}, key="officer", If_Match=seen, Idempotency_Key="k1")

    again = loop.post(f"{API}/{receipt}/acceptance", {}, key="officer", If_Match=seen, Idempotency_Key="k1")
    without = loop.post(f"{API}/{receipt}/acceptance", {}, key="officer", Idempotency_Key="k1")

    assert (again.status_code, without.json) == (412, first.json)
    assert "If-Match" in again.json["detail"]


def test_any_appeal_that_is_shown_matches_the_star_and_a_hidden_one_is_not_found(loop, appeal):
    receipt, _, _ = appeal

    hidden = loop.post(f"{API}/{receipt}/urge", {}, code="WRONG", If_Match="*")
    taken = loop.post(f"{API}/{receipt}/acceptance", {}, key="officer", If_Match="*")

    assert (hidden.status_code, taken.status_code) == (404, 200)


def test_splitting_too_is_not_done_on_a_picture_that_has_changed(loop, appeal):
    receipt, _, _ = appeal
    parts = {"parts": [{"title": "一", "text": "一"}, {"title": "二", "text": "二"}]}

    answer = loop.post(f"{API}/{receipt}/split", parts, key="officer", If_Match='"other"')

    assert answer.status_code == 412
    assert "appeal.split" not in topics(loop, receipt)
