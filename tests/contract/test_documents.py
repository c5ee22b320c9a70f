"""The documents about events say what the code does."""

import ast
import inspect
import json
import re
from importlib import import_module
from pathlib import Path

import jsonschema
import pytest

from appeals.bus.envelope import Envelope
from appeals.documents import asyncapi, documents, page
from appeals.errors import Malformed
from appeals.events import DEPARTMENT_WORDS, PLATFORM_WORDS, Event, OrderDispatched, WordRefused
from appeals.json_schema import message_schema, name_of
from appeals.manifest import CLASSIFICATIONS
from appeals.meanings import CODES, HEARD_BY, MEANINGS, SAID_BY, heard_by
from appeals.samples import event_classes, sample_envelope
from services.evaluation import domain as evaluation
from services.evaluation import reviewing
from services.intake import domain as intake
from services.intake import flags, following
from services.routing import domain as routing
from services.routing.speaking import RESULTS
from services.supervision.policy import CONTACT, REPLY, SIGN

ROOT = Path(__file__).parents[2]
SERVICES = ("intake", "routing", "supervision", "evaluation", "portal")


def validator(event_class):
    return jsonschema.Draft7Validator(message_schema(event_class), format_checker=jsonschema.FormatChecker())


@pytest.mark.parametrize("name", documents())
def test_what_is_in_docs_is_what_the_code_says(name):
    text = (ROOT / "docs" / name).read_text(encoding="utf-8")

    assert text == documents()[name], "run: python -m appeals.documents docs"


# JSON Schemas


@pytest.mark.parametrize("event_class", event_classes(), ids=name_of)
def test_a_sample_fits_its_schema_and_a_spoiled_one_does_not(event_class):
    schema, values = message_schema(event_class), json.loads(sample_envelope(event_class).to_bytes())

    jsonschema.Draft7Validator.check_schema(schema)
    validator(event_class).validate(values)
    for name in schema["properties"]["data"]["required"]:
        spoiled = values | {"data": {key: value for key, value in values["data"].items() if key != name}}
        assert not validator(event_class).is_valid(spoiled)


@pytest.mark.parametrize("event_class", event_classes(), ids=name_of)
def test_a_schema_has_a_name_of_its_own_and_tells_what_each_field_means(event_class):
    schema, values = message_schema(event_class), json.loads(sample_envelope(event_class).to_bytes())
    data = schema["properties"]["data"]

    assert data["$id"] == values["dataschema"]
    assert schema["$id"] == f"{data['$id']}:message"
    assert schema["description"]
    assert [name for name in data["properties"] if not data["properties"][name].get("description")] == []


def test_every_meaning_is_that_of_a_field():
    schemas = {cls.topic: message_schema(cls)["properties"]["data"] for cls in event_classes()}
    submitted = schemas["appeal.submitted"]["properties"]
    nested = {
        "Applicant": submitted["applicant"],
        "Attachment": submitted["attachments"]["items"],
        "Rate": schemas["unit.scored"]["properties"]["response"],
    }
    owners = {owner: set(schema["properties"]) for owner, schema in (schemas | nested).items()}
    named = {f"{owner}.{name}" for owner, names in owners.items() for name in names} | set().union(*owners.values())

    assert set(MEANINGS) - named == set()
    assert set(CODES) - named == set()


@pytest.mark.parametrize(
    "spoil",
    [
        {"specversion": "0.3"},
        {"id": ""},
        {"id": 7},
        {"id": "x" * 65},
        {"source": "x" * 65},
        {"subject": "x" * 65},
        {"time": 20261124},
        {"data": []},
        {"sequence": -1},
        {"sequence": 1.5},
        {"sequence": 2**31},
        {"after": 1},
        {"category": "x" * 65},
        {"dataclassification": None},
        {"traceparent": "x" * 65},
    ],
)
def test_what_the_reader_refuses_of_an_envelope_its_schema_refuses_too(spoil):
    values = json.loads(sample_envelope(OrderDispatched).to_bytes()) | spoil

    assert not validator(OrderDispatched).is_valid(values)
    with pytest.raises(Malformed):
        Envelope.from_bytes(json.dumps(values).encode())


def test_an_envelope_may_be_as_bare_and_as_full_as_its_schema_says():
    schema, whole = message_schema(OrderDispatched), json.loads(sample_envelope(OrderDispatched).to_bytes())
    bare = {name: whole[name] for name in schema["required"]}
    longest = {
        name: "x" * inner["maxLength"]
        for name, inner in schema["properties"].items()
        if "maxLength" in inner and name not in ("time", "after")
    }

    for values in (bare, whole | longest | {"sequence": 2**31 - 1}):
        validator(OrderDispatched).validate(values)
        assert Envelope.from_bytes(json.dumps(values).encode()).data == whole["data"]


# AsyncAPI


def test_asyncapi_tells_all_that_a_department_may_hear_and_say():
    document = asyncapi()
    channels = {name: list(channel["messages"]) for name, channel in document["channels"].items()}

    assert channels["told"] == [name_of(cls) for cls in event_classes() if cls.tells]
    assert channels["inbox"] == [name_of(cls) for cls in (*DEPARTMENT_WORDS, *PLATFORM_WORDS)]
    assert document["operations"]["hear"] == {"action": "receive", "channel": {"$ref": "#/channels/told"}}
    assert document["operations"]["say"] == {"action": "send", "channel": {"$ref": "#/channels/inbox"}}


def test_asyncapi_has_no_reference_into_the_void_and_examples_that_fit():
    document = asyncapi()

    for reference in re.findall(r'"\$ref": "#/([^"]+)"', json.dumps(document)):
        found = document
        for step in reference.split("/"):
            found = found[step]
    for message in document["components"]["messages"].values():
        jsonschema.Draft7Validator(message["payload"]["schema"]).validate(message["examples"][0]["payload"])


# What only the documents tell, against the services that do it


def test_the_codes_are_those_that_the_services_keep_to():
    kept_to = {
        "kind": intake.KINDS,
        "Applicant.kind": (),
        "urgency": intake.URGENCIES,
        "complexity": intake.COMPLEXITIES,
        "classification": CLASSIFICATIONS,
        "order.dispatched.role": (routing.LEAD, routing.ASSIST),
        "result": RESULTS,
        "step": (SIGN, CONTACT, REPLY),
        "emergency": ("", intake.CONFIRMED, intake.UNDONE),
        "rating": tuple(evaluation.RATINGS),
        "solved": tuple(evaluation.ANSWERS),
        "flag": (flags.REPEATED, flags.COLLECTIVE),
        "way": (following.BY_MERGE, following.BY_PARTS),
        "stage": (intake.CLOSED, following.REOPENED, intake.ARCHIVED),
        "outcome": (evaluation.EVALUATED, evaluation.NOT_EVALUATED, evaluation.FINAL_REVIEW),
        "via": (evaluation.APPLICANT, evaluation.CALLBACK),
        "review": ("", *reviewing.DECISIONS),
        "decision": reviewing.DECISIONS,
    }

    assert kept_to == CODES


@pytest.mark.parametrize("service", SERVICES)
def test_who_says_an_event_is_who_makes_it(service):
    by_name = {cls.__name__: cls.topic for cls in event_classes()}
    made = {
        by_name[call.func.id]
        for path in (ROOT / "services" / service).glob("*.py")
        for call in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(call, ast.Call) and isinstance(call.func, ast.Name) and call.func.id in by_name
    }
    passed_on = {cls.topic for cls in (*DEPARTMENT_WORDS, WordRefused)} if service == "routing" else set()

    assert set(SAID_BY.get(service, ())) == made | passed_on


@pytest.mark.parametrize("service", SERVICES)
def test_who_hears_an_event_is_who_has_a_handler_for_it(service):
    words = {cls.topic for cls in DEPARTMENT_WORDS} if service == "routing" else set()
    heard = _events_with_handlers(import_module(f"services.{service}.service").SERVICE)

    if service == "portal":
        assert {cls.topic for cls in event_classes() if "portal" in heard_by(cls)} == heard
    else:
        assert set(HEARD_BY.get(service, ())) == heard - words


def _events_with_handlers(service):
    entrypoints = [
        entrypoint
        for _, method in inspect.getmembers(service, inspect.isfunction)
        for entrypoint in getattr(method, "nameko_entrypoints", ())
    ]
    classes = {getattr(one, "message_class", None) for one in entrypoints} - {None}
    return {cls.topic for cls in classes if issubclass(cls, Event)}


# The page


@pytest.mark.parametrize("event_class", event_classes(), ids=name_of)
def test_the_page_tells_of_each_event_its_fields_who_says_and_hears_it_and_one_sample(event_class):
    (chapter,) = (
        part for part in page().split("\n## ") if part.startswith(f"{event_class.topic} (v{event_class.version})\n")
    )
    schema = message_schema(event_class)["properties"]["data"]
    rows = dict(re.findall(r"^\| `([a-z_]+)` \| [^|]+ \| (yes|no, else `[^|]*`) \| [^|]+ \|$", chapter, re.MULTILINE))

    assert schema["description"] in chapter
    assert "Said by " in chapter
    assert "Heard by " in chapter or "gets a copy" in chapter
    assert {name for name, required in rows.items() if required == "yes"} == set(schema["required"])
    assert list(rows) == list(schema["properties"])
    (told,) = re.findall(r"```json\n(.*?)\n```", chapter, re.DOTALL)
    assert json.loads(told) == sample_envelope(event_class).data


def test_the_page_names_every_event_once():
    assert re.findall(r"^## (\S+) \((v\d+)\)$", page(), re.MULTILINE) == [
        (cls.topic, f"v{cls.version}") for cls in event_classes()
    ]
