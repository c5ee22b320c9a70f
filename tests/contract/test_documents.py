"""The documents about events say what the code does."""

import json
from pathlib import Path

import jsonschema
import pytest

from appeals.documents import documents, envelope_schema
from appeals.samples import event_classes, sample_envelope

DOCS = Path(__file__).parents[2] / "docs"


@pytest.mark.parametrize("name", documents())
def test_what_is_in_docs_is_what_the_code_says(name):
    assert (DOCS / name).read_text(encoding="utf-8") == documents()[name], "run: python -m appeals.documents docs"


@pytest.mark.parametrize("event_class", event_classes(), ids=lambda cls: cls.topic)
def test_a_sample_fits_its_schema_and_a_spoiled_one_does_not(event_class):
    schema, values = envelope_schema(event_class), json.loads(sample_envelope(event_class).to_bytes())

    jsonschema.validate(values, schema)
    for name in schema["properties"]["data"]["required"]:
        spoiled = values | {"data": {key: value for key, value in values["data"].items() if key != name}}
        with pytest.raises(jsonschema.ValidationError):
            jsonschema.validate(spoiled, schema)
