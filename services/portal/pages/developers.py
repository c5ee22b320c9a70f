"""The pages for developers: every door of the API and every event, from the documents that describe them."""

from __future__ import annotations

import json
from collections.abc import Iterator
from functools import cache

from flask import Blueprint, Response

from appeals.bus.topology import department_queues, inbox_exchange
from appeals.events import DEPARTMENT_WORDS, Event
from appeals.json_schema import message_schema
from appeals.meanings import heard_by, said_by
from appeals.samples import event_classes, sample
from services.portal.examples import example_of
from services.portal.openapi import describe
from services.portal.pages import looks

DOCUMENT = "/api/v1"
SECURITY = {"key": ("访问密钥", "key"), "session": ("登录", "session"), "queryCode": ("查询码", "query code")}


def routes() -> Blueprint:
    """The pages, which anybody may read."""
    pages = Blueprint("developers", __name__)
    pages.before_request(looks.begin)

    @pages.get("/developers")
    def show_operations() -> Response:
        """What can be called, and how one gets a key."""
        return looks.page("developers.html", groups=operations(), security=SECURITY, document=DOCUMENT)

    @pages.get("/developers/events")
    def show_events() -> Response:
        """What is said on the bus."""
        places = {"queue": department_queues("<code>").events, "inbox": inbox_exchange("<code>")}
        return looks.page("developers_events.html", events=events(), **places)

    return pages


@cache
def operations() -> dict[str, list[dict]]:
    """Every operation of the document, by the first part of its path."""
    document = describe(DOCUMENT)
    groups: dict[str, list[dict]] = {}
    for path, item in document["paths"].items():
        group = path.removeprefix(f"{DOCUMENT}/").partition("/")[0].partition(".")[0]
        for method, operation in item.items():
            groups.setdefault(group, []).append(_operation(method.upper(), path, operation, document))
    return groups


def _operation(method: str, path: str, operation: dict, document: dict) -> dict:
    answers = operation["responses"]
    return {
        "id": f"{method}-{path.removeprefix(DOCUMENT).strip('/')}".replace("/", "-").translate({123: None, 125: None}),
        "method": method,
        "path": path,
        "summary": operation["summary"],
        "security": [next(iter(one), "") for one in operation.get("security", [{}])],
        "parameters": [one | {"kind": _kind(one["schema"])} for one in operation.get("parameters", [])],
        "bodies": list(_examples(operation.get("requestBody", {}), document)),
        "answers": [
            {"status": status, "description": answer["description"], "bodies": list(_examples(answer, document))}
            for status, answer in answers.items()
        ],
    }


def _examples(part: dict, document: dict) -> Iterator[tuple[str, str]]:
    """Each media type of a body, with an example where it is JSON."""
    for media_type, content in part.get("content", {}).items():
        is_json = media_type == "application/json"
        found = example_of(content.get("schema", {}), document["components"]["schemas"]) if is_json else None
        yield media_type, json.dumps(found, ensure_ascii=False, indent=2) if is_json else ""


def _kind(schema: dict) -> str:
    """What a parameter may be, in a few words."""
    if "enum" in schema:
        return " | ".join(map(str, schema["enum"]))
    kinds = schema.get("type", "string")
    kind = kinds if isinstance(kinds, str) else kinds[0]
    if "maxLength" in schema:
        return f"{kind} ({schema.get('minLength', 0)}–{schema['maxLength']})"
    return f"{kind} ({schema['minimum']}–{schema['maximum']})" if "maximum" in schema else kind


@cache
def events() -> list[dict]:
    """Every event in the order of the story, with a sample of its data."""
    return [_event(event) for event in event_classes()]


def _event(event: type[Event]) -> dict:
    return {
        "topic": event.topic,
        "version": event.version,
        "description": message_schema(event)["description"],
        "said_by": said_by(event),
        "heard_by": heard_by(event),
        "is_word": event in DEPARTMENT_WORDS,
        "is_told": bool(event.tells),
        "sample": json.dumps(sample(event).to_data(), ensure_ascii=False, indent=2),
    }
