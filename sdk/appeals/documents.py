"""Documents about the events, made from the code: JSON Schemas, an AsyncAPI 3 document and a page to read.

    python -m appeals.documents docs

A test compares what is in `docs/` with what this makes, so that neither can grow old.
"""

from __future__ import annotations

import argparse
import dataclasses
import json
import sys
import types
import typing
from datetime import date, datetime
from pathlib import Path

from appeals.events import CORE, DEPARTMENT_WORDS, Event
from appeals.samples import event_classes, sample, sample_envelope

DIALECT = "https://json-schema.org/draft/2020-12/schema"
INTRODUCTION = """\
# Events

Made by `python -m appeals.documents docs`; do not edit. Each event is CloudEvents 1.0 in structured JSON. The whole
envelope of each is in `sdk/appeals/golden/`; the contract for other languages is [asyncapi.json](asyncapi.json).

An event only grows: a new field has a default, a new meaning is a new version. Pass over fields you do not know.
"""
_SIMPLE = {
    str: {"type": "string"},
    int: {"type": "integer"},
    float: {"type": "number"},
    bool: {"type": "boolean"},
    datetime: {"type": "string", "format": "date-time"},
    date: {"type": "string", "format": "date"},
}


def json_schema(cls: type) -> dict:
    """The JSON Schema of an event's `data`; fields that it does not name may be there."""
    hints = typing.get_type_hints(cls)
    fields = dataclasses.fields(cls)
    required = [
        one.name for one in fields if one.default is dataclasses.MISSING and one.default_factory is dataclasses.MISSING
    ]
    return {
        "type": "object",
        "description": " ".join((cls.__doc__ or "").split()),
        "properties": {one.name: _of_hint(hints[one.name]) for one in fields},
        "required": required,
    }


def _of_hint(hint) -> dict:
    if dataclasses.is_dataclass(hint):
        return json_schema(hint)
    if typing.get_origin(hint) is types.UnionType:
        (inner,) = (arm for arm in typing.get_args(hint) if arm is not types.NoneType)
        return {"anyOf": [_of_hint(inner), {"type": "null"}]}
    if typing.get_origin(hint) is tuple:
        return {"type": "array", "items": _of_hint(typing.get_args(hint)[0])}
    if typing.get_origin(hint) is dict:
        return {"type": "object", "additionalProperties": _of_hint(typing.get_args(hint)[1])}
    return _SIMPLE[hint]


def asyncapi() -> dict:
    """The AsyncAPI 3 document of what a department receives and sends; `{code}` is the department's code."""
    received = [cls for cls in event_classes() if cls.tells]
    address = {
        "told": ("dept.{code}.q.events", "What the department is told.", received),
        "inbox": ("inbox.{code}", "What the department says.", DEPARTMENT_WORDS),
    }
    return {
        "asyncapi": "3.0.0",
        "info": {"title": "AppealLoop 诉求闭环", "version": "1", "description": "Events of an appeal's life."},
        "defaultContentType": "application/cloudevents+json",
        "channels": {
            name: {
                "address": queue,
                "description": meaning,
                "parameters": {"code": {"description": "the department's code, as in its manifest"}},
                "messages": {_name(cls): {"$ref": f"#/components/messages/{_name(cls)}"} for cls in events},
            }
            for name, (queue, meaning, events) in address.items()
        },
        "operations": {
            "hear": {"action": "receive", "channel": {"$ref": "#/channels/told"}},
            "say": {"action": "send", "channel": {"$ref": "#/channels/inbox"}},
        },
        "components": {"messages": {_name(cls): _message(cls) for cls in (*received, *DEPARTMENT_WORDS)}},
    }


def _message(cls: type[Event]) -> dict:
    return {
        "name": cls.type(),
        "summary": " ".join(cls.__doc__.split()),
        "payload": {"schemaFormat": DIALECT, "schema": envelope_schema(cls)},
        "examples": [{"payload": json.loads(sample_envelope(cls).to_bytes())}],
    }


def envelope_schema(cls: type[Event]) -> dict:
    """The JSON Schema of a whole message: CloudEvents attributes around the data."""
    text = {"type": "string"}
    return {
        "type": "object",
        "properties": {
            "specversion": {"const": "1.0"},
            "id": text,
            "source": text,
            "type": {"const": cls.type()},
            "subject": text | {"description": "the appeal's receipt"},
            "time": {"type": "string", "format": "date-time"},
            "audience": text,
            "sequence": {"type": "integer", "minimum": 1},
            "after": text | {"description": "what has to be applied first, as audience/source/topic=sequence"},
            "category": text,
            "dataclassification": text,
            "correlationid": text,
            "causationid": text,
            "traceparent": text,
            "data": json_schema(cls),
        },
        "required": ["specversion", "id", "source", "type", "subject", "time", "data"],
    }


def page() -> str:
    """The events as a page to read, in story order."""
    parts = [INTRODUCTION]
    for cls in event_classes():
        data = json.dumps(sample(cls).to_data(), ensure_ascii=False, indent=2)
        parts += [f"## {cls.topic} (v{cls.version})\n", f"{' '.join(cls.__doc__.split())}\n", f"{_told(cls)}\n"]
        parts += [f"```json\n{data}\n```\n"]
    return "\n".join(parts)


def _told(cls: type[Event]) -> str:
    if cls in DEPARTMENT_WORDS:
        return "Said by a department to `inbox.<code>`; routing checks it and says it to the platform."
    if cls.tells:
        return f"Told to the platform and to the department in `{cls.tells}`."
    return f"Told to the platform (`{CORE}`)."


def _name(cls: type[Event]) -> str:
    return f"{cls.topic}.v{cls.version}"


def documents() -> dict[str, str]:
    """Every document by its file name."""
    return {
        "events.md": page(),
        "asyncapi.json": json.dumps(asyncapi(), ensure_ascii=False, indent=1) + "\n",
    }


def main(folder: Path) -> int:
    """Write the documents; returns the exit status."""
    for name, text in documents().items():
        (folder / name).write_text(text, encoding="utf-8")
    return 0


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description="Write the documents that are made from the code.")
    parser.add_argument("folder", type=Path, nargs="?", default=Path("docs"))
    sys.exit(main(parser.parse_args().folder))
