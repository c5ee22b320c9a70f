"""The published language: every event has a golden file, and what was once published can still be read."""

import json
from dataclasses import replace

import jsonschema
import pytest
from hypothesis import given
from hypothesis import strategies as st

from appeals.bus.envelope import Envelope
from appeals.contract import released_schemas
from appeals.errors import Malformed, UnknownType
from appeals.events import FeedbackSubmitted, OrderDispatched, OrderReturned
from appeals.json_schema import message_schema
from appeals.message import read
from appeals.samples import GOLDEN, event_classes, golden_name, sample, sample_envelope

GOLDEN_FILES = sorted(GOLDEN.glob("*.json"))
RELEASED = released_schemas()


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


@pytest.mark.parametrize("name", RELEASED)
def test_what_was_once_published_is_as_its_released_schema_says(name):
    values = json.loads((GOLDEN / f"{name}.json").read_text(encoding="utf-8"))

    jsonschema.Draft7Validator(RELEASED[name], format_checker=jsonschema.FormatChecker()).validate(values)
    for field in RELEASED[name]["properties"]["data"]["required"]:
        spoiled = values | {"data": {key: value for key, value in values["data"].items() if key != field}}
        assert not jsonschema.Draft7Validator(RELEASED[name]).is_valid(spoiled)


@pytest.mark.parametrize("event_class", event_classes(), ids=lambda cls: cls.topic)
def test_an_event_survives_its_journey(event_class):
    envelope = sample_envelope(event_class)

    arrived = Envelope.from_bytes(envelope.to_bytes())

    assert arrived == envelope
    assert read(arrived.type, arrived.data) == sample(event_class)


def test_an_older_reader_passes_over_fields_it_does_not_know():
    data = sample(OrderReturned).to_data() | {"new_field": {"of": "a later version"}}

    assert read(OrderReturned.type(), data) == sample(OrderReturned)


TEXT = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"), max_size=8)
VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | TEXT,
    lambda inner: st.lists(inner, max_size=2) | st.dictionaries(TEXT, inner, max_size=2),
    max_leaves=4,
)
UNKNOWN = st.dictionaries(TEXT.map("later_{}".format), VALUES, max_size=3)


@given(st.sampled_from(event_classes()), st.data())
def test_unknown_fields_at_any_level_change_nothing_that_is_read(event_class, drawn):
    known = sample_envelope(event_class)
    values = json.loads(known.to_bytes())

    more = _with_unknown(values, message_schema(event_class), drawn)
    arrived = Envelope.from_bytes(json.dumps(more).encode())

    assert replace(arrived, data=known.data) == known
    assert read(arrived.type, arrived.data) == sample(event_class)


def _with_unknown(values, schema, drawn):
    """The same with fields that nobody knows in every object; a map, which has no fields of its own, stays."""
    if not isinstance(values, dict) or "properties" not in schema:
        return values
    inner = {name: _with_unknown(value, schema["properties"].get(name, {}), drawn) for name, value in values.items()}
    return drawn.draw(UNKNOWN) | inner | drawn.draw(UNKNOWN)


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
