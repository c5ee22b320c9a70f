"""Documents about the events, made from the code: an AsyncAPI 3 document and a page to read.

    python -m appeals.documents docs

A test compares what is in `docs/` with what this makes, so that neither can grow old.
"""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Iterator
from pathlib import Path

from appeals.bus.envelope import CONTENT_TYPE
from appeals.bus.topology import department_queues, inbox_exchange
from appeals.events import DEPARTMENT_WORDS, PLATFORM_EVENTS, PLATFORM_WORDS, Event
from appeals.json_schema import kind, message_schema, name_of
from appeals.meanings import heard_by, said_by
from appeals.samples import event_classes, sample, sample_envelope

INTRODUCTION = """\
# Events

Made by `python -m appeals.documents docs`; do not edit. Each event is CloudEvents 1.0 in structured JSON. The whole
envelope of each is in `sdk/appeals/golden/`, its JSON Schema as released in `sdk/appeals/schemas/`; the contract for
other languages is [asyncapi.json](asyncapi.json).

An event only grows: a new field has a default, a new meaning is a new version, and `python -m appeals.contract` refuses
anything else. Pass over fields you do not know.
"""


def asyncapi() -> dict:
    """The AsyncAPI 3 document of what a department receives and sends; `{code}` is the department's code."""
    told = [event for event in event_classes() if event.tells]
    words = (*DEPARTMENT_WORDS, *PLATFORM_WORDS)
    queue, inbox = department_queues("{code}").events, inbox_exchange("{code}")
    from_queue = {"is": "queue", "queue": {"name": queue, "durable": True}}
    to_exchange = {"is": "routingKey", "exchange": {"name": inbox, "type": "fanout", "durable": True}}
    return {
        "asyncapi": "3.0.0",
        "info": {
            "title": "AppealLoop 诉求闭环",
            "version": "1",
            "description": "What a department hears of an appeal's life, and what it says.",
            "license": {"name": "Apache-2.0"},
        },
        "defaultContentType": CONTENT_TYPE,
        "channels": {
            "told": _channel(queue, "What the department is told.", told, from_queue),
            "inbox": _channel(inbox, "What the department says.", words, to_exchange),
        },
        "operations": {
            "hear": {"action": "receive", "channel": {"$ref": "#/channels/told"}},
            "say": {"action": "send", "channel": {"$ref": "#/channels/inbox"}},
        },
        "components": {"messages": {name_of(event): _message(event) for event in (*told, *words)}},
    }


def _channel(address: str, meaning: str, events, binding: dict) -> dict:
    return {
        "address": address,
        "description": meaning,
        "parameters": {"code": {"description": "the department's code, as in its manifest"}},
        "messages": {name_of(event): {"$ref": f"#/components/messages/{name_of(event)}"} for event in events},
        "bindings": {"amqp": binding | {"bindingVersion": "0.3.0"}},
    }


def _message(event: type[Event]) -> dict:
    schema = message_schema(event)
    return {
        "name": event.type(),
        "title": schema["title"],
        "summary": schema["description"],
        "contentType": CONTENT_TYPE,
        "payload": {"schemaFormat": "application/schema+json;version=draft-07", "schema": schema},
        "examples": [{"payload": json.loads(sample_envelope(event).to_bytes())}],
    }


def page() -> str:
    """The events as a page to read, in story order."""
    return "\n".join([INTRODUCTION, *map(_chapter, event_classes())])


def _chapter(event: type[Event]) -> str:
    schema = message_schema(event)
    data = json.dumps(sample(event).to_data(), ensure_ascii=False, indent=2)
    rows = "\n".join(_rows(schema["properties"]["data"]))
    return (
        f"## {event.topic} (v{event.version})\n\n{schema['description']}\n\n{_says(event)} {_hears(event)}\n\n"
        f"| Field | Type | Required | Meaning |\n|---|---|---|---|\n{rows}\n\n```json\n{data}\n```\n"
    )


def _says(event: type[Event]) -> str:
    service = " and ".join(said_by(event))
    if event in DEPARTMENT_WORDS:
        return f"Said by a department to `inbox.<code>`; {service} checks it and says it to the platform."
    if event in PLATFORM_WORDS:
        return "Said by another platform to `inbox.<code>`; intake checks it and says `appeal.submitted`."
    return f"Said by {service}."


def _hears(event: type[Event]) -> str:
    told = [f"Heard by {' and '.join(services)}."] if (services := heard_by(event)) else []
    if event.tells:
        who = "The platform" if event in PLATFORM_EVENTS else "Each department"
        told.append(f"{who} in `{event.tells}` gets a copy, if its manifest lists the event.")
    return " ".join(told)


def _rows(schema: dict, path: str = "") -> Iterator[str]:
    """The table's rows for the fields of an object, and for those inside them."""
    for name, field in schema["properties"].items():
        required = "yes" if name in schema["required"] else f"no, else `{_json(field['default'])}`"
        yield f"| `{path}{name}` | {_type(field)} | {required} | {_meaning(field)} |"
        if "properties" in field:
            yield from _rows(field, f"{path}{name}.")


def _type(field: dict) -> str:
    inner = field.get("items") or field.get("additionalProperties")
    return f"{kind(field)} of {kind(inner)}" if inner else kind(field)


def _meaning(field: dict) -> str:
    told = field.get("description", "")
    return f"{told}: {', '.join(f'`{code}`' for code in field['enum'])}" if "enum" in field else told


def _json(value) -> str:
    return json.dumps(value, ensure_ascii=False)


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
