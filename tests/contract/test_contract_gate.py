"""The contract gate refuses what an older reader or an older message could not live with, and nothing else."""

import json
import shutil
import subprocess
import sys
from datetime import date, datetime
from pathlib import Path

import jsonschema
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import appeals
from appeals.contract import SCHEMAS, breaks, breaks_of_all, main, proposed_schemas, released_schemas
from appeals.events import AppealEvaluated, OrderReturned
from appeals.json_schema import message_schema
from appeals.samples import sample_envelope
from tests.contract.changes import BAD, FIELDS, GONE, GOOD, Side, changed, event, patched, understands, visitor

RELEASED = Side(event(FIELDS))
PACKAGE = Path(appeals.__file__).parent


# A change of a class


@pytest.mark.parametrize("seeded", BAD)
def test_a_bad_change_is_refused_with_field_and_reason_and_real_readers_do_fail(seeded):
    change, named = BAD[seeded]
    proposed = Side(event(changed(change)))

    found = breaks(message_schema(RELEASED.cls), message_schema(proposed.cls))

    assert [line for line in found if line.startswith(named)], found
    assert not (understands(RELEASED, proposed, RELEASED.schema) and understands(proposed, RELEASED, RELEASED.schema))


@pytest.mark.parametrize("seeded", GOOD)
def test_a_good_change_passes_and_real_readers_do_understand(seeded):
    proposed = Side(event(changed(GOOD[seeded])))

    assert breaks(message_schema(RELEASED.cls), message_schema(proposed.cls)) == []
    assert understands(RELEASED, proposed, RELEASED.schema)
    assert understands(proposed, RELEASED, RELEASED.schema)


TYPES = [
    (str, "", "other"),
    (str | None, None, ""),
    (int, 0, 1),
    (float, 0.5),
    (bool, False, True),
    (datetime,),
    (date | None, None),
    (tuple[str, ...], ()),
    (tuple[int, ...], ()),
    (dict[str, int], {}),
    (dict[str, str], {}),
    (visitor(called=(str,)),),
    (visitor(called=(str,), city=(str, "")),),
    (visitor(called=(str,), city=(str,)),),
]
SPECS = st.sampled_from([(hint, *default) for hint, *defaults in TYPES for default in [(), *((d,) for d in defaults)]])
FIELD_SETS = st.dictionaries(st.sampled_from(["first", "second"]), SPECS)


@settings(max_examples=200, deadline=None)
@given(FIELD_SETS, FIELD_SETS)
def test_the_verdict_on_any_change_is_that_of_real_readers(before, edits):
    released = Side(event({"department": (str,)} | before))
    proposed = Side(event({"department": (str,)} | before | edits))
    shrunk = Side(event({"department": (str,)} | edits))

    for now in (proposed, shrunk):
        verdict = not breaks(message_schema(released.cls), message_schema(now.cls))
        there, back = understands(released, now, released.schema), understands(now, released, released.schema)
        assert verdict == (there and back), (before, edits)


# A change of a schema: codes, the envelope

EVALUATED = message_schema(AppealEvaluated)
REQUIRED = EVALUATED["required"]
LEVELS = EVALUATED["properties"]["data"]["properties"]["rating"]["enum"]


def rating(**words):
    return {"properties": {"data": {"properties": {"rating": words}}}}


def attribute(name, **words):
    return {"properties": {name: words}}


def without(name):
    return {"required": [one for one in REQUIRED if one != name]}


# By what is done: the change of the schema, what the gate has to say, and a message that only one side takes.
BAD_SCHEMAS = {
    "a code more": (rating(enum=[*LEVELS, "furious"]), 'data.rating may be "furious"', {"data": {"rating": "furious"}}),
    "a code less": (rating(enum=LEVELS[1:]), "data.rating may no longer be", {"data": {"rating": LEVELS[0]}}),
    "any code": (rating(enum=GONE), "data.rating held one of", {"data": {"rating": "furious"}}),
    "an attribute gone": (
        {"properties": {"subject": GONE}} | without("subject"),
        "subject is gone",
        {"subject": GONE},
    ),
    "an attribute that may be missing": (without("source"), "source had to be there", {"source": GONE}),
    "an attribute of another type": (attribute("sequence", type="string"), "sequence was integer", {"sequence": "2"}),
    "a shorter attribute": (attribute("source", maxLength=8), "source: maxLength was 64", {"source": "intake-of-sy"}),
    "a longer attribute": (attribute("source", maxLength=80), "source: maxLength was 64", {"source": "x" * 80}),
    "another type": (attribute("type", const="rated"), "type: const was", {"type": "rated"}),
    "another CloudEvents": (attribute("specversion", const="2.0"), "specversion: const was", {"specversion": "2.0"}),
    "no unknown fields": (attribute("data", additionalProperties=False), "data: additional", {"data": {"later": 1}}),
}


@pytest.mark.parametrize("seeded", BAD_SCHEMAS)
def test_a_bad_change_of_codes_or_envelope_is_refused_and_a_reader_by_schema_does_fail(seeded):
    patch, named, witness = BAD_SCHEMAS[seeded]
    proposed = patched(EVALUATED, patch)
    message = patched(json.loads(sample_envelope(AppealEvaluated).to_bytes()), witness)

    found = breaks(EVALUATED, proposed)

    assert [line for line in found if line.startswith(named)], found
    assert _takes(EVALUATED, message) != _takes(proposed, message)


def _takes(schema, message):
    return jsonschema.Draft7Validator(schema).is_valid(message)


def test_words_that_only_explain_may_change():
    proposed = patched(EVALUATED, {"title": "rated", "properties": {"source": {"description": "who"}}})

    assert breaks(EVALUATED, proposed) == []


# Who is told, who may say it, and versions

SIGHTING = FIELDS | {"departments": (tuple[str, ...],)}


@pytest.mark.parametrize(
    ("was", "now", "named"),
    [
        ({"tells": "department"}, {"tells": ""}, "it was told to the departments in `department`"),
        ({"tells": "department"}, {"tells": "departments"}, "it was told to the departments in `department`"),
        ({"tells": "departments"}, {"tells": "department"}, "it was told to the departments in `departments`"),
        ({"tells_core": True}, {"tells_core": False}, "the platform was told it"),
        ({"tells": ""}, {"tells": "department"}, ""),
        ({"tells_core": False}, {"tells_core": True}, ""),
    ],
)
def test_whoever_was_told_is_told_still(was, now, named):
    before, after = event(SIGHTING, **was), event(SIGHTING, **now)

    found = breaks(message_schema(before), message_schema(after))

    missed = set(_audiences(before)) - set(_audiences(after))
    assert bool(found) == bool(missed)
    assert all(line.startswith(named) for line in found)


def _audiences(cls):
    facts = {"receipt": "", "at": "", "order": "", "minutes": 1, "share": 1.0, "begun": "", "urgent": True}
    return cls(**facts, visitor=None, department="industry", departments=("sasac", "securities")).audiences()


def test_what_departments_might_say_they_may_say_still():
    released = message_schema(OrderReturned)

    assert breaks(released, released | {"x-departments-say": False}) == [
        "departments might say it and may no longer; what they say would be refused"
    ]
    assert breaks(released | {"x-departments-say": False}, released) == []


class Convertible:
    """What a second version has to have."""

    def older(self):
        return None

    @classmethod
    def from_older(cls, older):
        return cls()


@pytest.mark.parametrize(
    ("second", "kept"),
    [
        (Convertible.__dict__, True),
        ({"older": Convertible.older}, False),
        ({"from_older": Convertible.__dict__["from_older"]}, False),
        ({}, False),
    ],
)
def test_a_released_version_stays_while_the_next_one_tells_how_it_is_said_and_read(second, kept):
    conversions = {name: second[name] for name in ("older", "from_older") if name in second}
    first = event(FIELDS)
    newer = event({"hours": (float,)}, version=2, **conversions)

    found = breaks_of_all(proposed_schemas([first]), proposed_schemas([first, newer]))

    assert found == ([] if kept else [f"visit.made.v1 {NO_LONGER}"])


NO_LONGER = "is no longer said and read; older readers and older messages know only that version"


def test_a_new_event_passes_and_one_that_is_gone_does_not():
    visit = proposed_schemas([event(FIELDS)])

    assert breaks_of_all({}, visit) == []
    assert breaks_of_all(visit, {}) == [f"visit.made.v1 {NO_LONGER}"]


# The gate as CI runs it


@pytest.fixture
def package(tmp_path):
    """A copy of the distribution, to be spoiled."""
    ignored = shutil.ignore_patterns("__pycache__")
    return shutil.copytree(PACKAGE, tmp_path / "appeals", ignore=ignored)


def gate(package, *arguments):
    command = [sys.executable, "-m", "appeals.contract", *arguments]
    return subprocess.run(command, cwd=package.parent, capture_output=True, text=True, timeout=60)


def edit(package, old, new):
    """Change the copy's events; everything is released as it was before."""
    path = package / "events.py"
    text = path.read_text(encoding="utf-8")
    assert old in text
    path.write_text(text.replace(old, new), encoding="utf-8")


@pytest.mark.parametrize(
    ("old", "new", "told"),
    [
        ("    reason: str\n    suggested", "    suggested", "order.returned.v1: data.reason is gone"),
        ("    days: int\n", "    days: float\n", "extension.requested.v1: data.days was integer and is number"),
        ("    uscc: str | None = None", '    uscc: str = ""', "order.dispatched.v1: data.applicant.uscc was string or"),
        ('topic="contact.made"', 'topic="contact.had"', "contact.made.v1 is no longer said"),
        ('"deadline.missed", tells="department"', '"deadline.missed"', "deadline.missed.v1: it was told to"),
    ],
)
def test_a_bad_change_in_the_code_stops_ci_and_is_never_released(package, old, new, told):
    released = released_schemas(package / "schemas")
    edit(package, old, new)

    looked, tried = gate(package), gate(package, "--release")

    assert (looked.returncode, tried.returncode, looked.stderr) == (1, 1, "")
    assert told in looked.stdout
    assert tried.stdout == looked.stdout
    assert released_schemas(package / "schemas") == released


def test_a_good_change_in_the_code_passes_ci_and_binds_once_it_is_released(package):
    edit(package, "    plan: str\n", '    plan: str\n    support: str = ""\n')

    looked = gate(package)
    edit(package, '    support: str = ""\n', "    support: int = 0\n")
    released = gate(package, "--release")
    edit(package, "    support: int = 0\n", "")
    withdrawn = gate(package)

    assert (looked.returncode, released.returncode, withdrawn.returncode) == (0, 0, 1)
    assert "extension.requested.v1 has grown" in looked.stdout
    assert "extension.requested.v1 is released" in released.stdout
    assert withdrawn.stdout.startswith("extension.requested.v1: data.support is gone")


def test_the_code_as_it_is_breaks_nothing_that_was_released(capsys):
    assert released_schemas()
    assert main(folder=SCHEMAS) == 0
