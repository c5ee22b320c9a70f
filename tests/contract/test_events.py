"""The published language: every event has a golden file, and what was once published can still be read."""

import json
from dataclasses import replace

import pytest

from appeals.bus.envelope import Envelope
from appeals.errors import Malformed, UnknownType
from appeals.events import FeedbackSubmitted, OrderDispatched, OrderReturned
from appeals.message import read
from appeals.samples import GOLDEN, event_classes, golden_name, sample, sample_envelope

GOLDEN_FILES = sorted(GOLDEN.glob("*.json"))


def test_every_event_has_a_golden_file():
    assert {path.name for path in GOLDEN_FILES} == {golden_name(cls) for cls in event_classes()}


@pytest.mark.parametrize("path", GOLDEN_FILES, ids=lambda path: path.stem)
def test_what_was_once_published_can_still_be_read(path):
    envelope = Envelope.from_bytes(path.read_bytes())
    event = read(envelope.type, envelope.data)

    assert event.receipt == envelope.subject
    assert f"{event.topic}.v{event.version}.json" == path.name
    for name, value in json.loads(path.read_text())["data"].items():
        assert event.to_data()[name] == value, f"{name} has changed its meaning"


@pytest.mark.parametrize("event_class", event_classes(), ids=lambda cls: cls.topic)
def test_an_event_survives_its_journey(event_class):
    envelope = sample_envelope(event_class)

    arrived = Envelope.from_bytes(envelope.to_bytes())

    assert arrived == envelope
    assert read(arrived.type, arrived.data) == sample(event_class)


def test_an_older_reader_passes_over_fields_it_does_not_know():
    data = sample(OrderReturned).to_data() | {"new_field": {"of": "a later version"}}

    assert read(OrderReturned.type(), data) == sample(OrderReturned)


def test_a_field_with_a_default_may_be_missing():
    data = sample(OrderReturned).to_data()
    del data["suggested"]

    assert read(OrderReturned.type(), data) == replace(sample(OrderReturned), suggested="")


@pytest.mark.parametrize(
    ("changes", "named"),
    [
        ({"order": None}, "order"),
        ({"round": "1"}, "round"),
        ({"round": True}, "round"),
        ({"at": "2026-11-24 09:00"}, "at"),
        ({"applicant": {"kind": "park"}}, "applicant.name"),
        ({"applicant": "朝阳"}, "applicant"),
    ],
)
def test_a_wrong_field_is_named(changes, named):
    with pytest.raises(Malformed, match=named):
        read(OrderDispatched.type(), sample(OrderDispatched).to_data() | changes)


def test_a_missing_field_is_named():
    data = sample(FeedbackSubmitted).to_data()
    del data["text"]

    with pytest.raises(Malformed, match="text"):
        read(FeedbackSubmitted.type(), data)


def test_a_type_nobody_knows_is_told():
    with pytest.raises(UnknownType, match="eaten"):
        read("cn.appealloop.order.eaten.v1", {})


def test_the_envelope_is_cloudevents_and_its_attributes_hold_no_names_or_text():
    values = json.loads(sample_envelope(OrderDispatched).to_bytes())

    assert values["specversion"] == "1.0"
    assert values["datacontenttype"] == "application/json"
    attributes = {name: value for name, value in values.items() if name != "data"}
    assert all(name.isalnum() and name.islower() for name in attributes)
    assert "朝阳" not in json.dumps(attributes, ensure_ascii=False)


@pytest.mark.parametrize(
    "spoil",
    [
        {"specversion": "0.3"},
        {"id": ""},
        {"id": 7},
        {"subject": "x" * 65},
        {"time": "yesterday"},
        {"time": "2026-11-24T09:00:00"},
        {"data": []},
        {"data": {"text": "\0"}},
        {"data": {"text": "\ud800"}},
        {"data": {"amount": float("nan")}},
        {"sequence": -1},
        {"sequence": 1.5},
        {"after": "core/order.dispatched=1"},
        {"after": "core/routing/order.dispatched=one"},
    ],
)
def test_a_spoiled_envelope_is_malformed(spoil):
    values = json.loads(sample_envelope(OrderDispatched).to_bytes()) | spoil

    with pytest.raises(Malformed):
        Envelope.from_bytes(json.dumps(values).encode())
