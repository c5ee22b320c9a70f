"""An envelope: a message as it travels, CloudEvents 1.0 in structured JSON.

The attributes hold no names, telephone numbers or free text; those are in `data`.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import datetime

from appeals.bus import causality
from appeals.bus.causality import Marks
from appeals.errors import Malformed
from appeals.message import TYPE_PREFIX

CONTENT_TYPE = "application/cloudevents+json"
MAX_BYTES = 1_000_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Envelope:
    """One copy of a message for one audience.

    `sequence` counts what `source` has said about the appeal to this audience, from 1. `after` are the
    marks of what the source knew of the appeal: whoever hears one of these topics applies it first.
    """

    id: str
    source: str
    type: str
    subject: str
    time: datetime
    data: dict
    audience: str = ""
    sequence: int = 0
    after: Marks
    category: str = "other"
    classification: str = "ordinary"
    correlation: str = ""
    causation: str = ""
    traceparent: str = ""

    @property
    def topic(self) -> str:
        """The type without prefix and version, as in `order.signed`."""
        return self.type.removeprefix(f"{TYPE_PREFIX}.").rpartition(".v")[0]

    @property
    def version(self) -> str:
        """The major version, as in `v1`."""
        return "v" + self.type.rpartition(".v")[2]

    @property
    def routing_key(self) -> str:
        """`<audience>.<entity>.<fact>.<category>.v<major>`."""
        return f"{self.audience}.{self.topic}.{self.category}.{self.version}"

    def to_bytes(self) -> bytes:
        """The envelope as UTF-8 JSON."""
        attributes = {
            "specversion": "1.0",
            "id": self.id,
            "source": self.source,
            "type": self.type,
            "subject": self.subject,
            "time": self.time.isoformat(),
            "datacontenttype": "application/json",
            "dataschema": f"urn:{self.type}",
            "audience": self.audience,
            "sequence": self.sequence,
            "after": causality.to_text(self.after),
            "category": self.category,
            "dataclassification": self.classification,
            "correlationid": self.correlation,
            "causationid": self.causation,
            "traceparent": self.traceparent,
            "data": self.data,
        }
        filled = {name: value for name, value in attributes.items() if value != ""}
        return json.dumps(filled, ensure_ascii=False, separators=(",", ":")).encode()

    @classmethod
    def from_bytes(cls, body: bytes) -> Envelope:
        """Read an envelope.

        Raises Malformed when the bytes are not UTF-8 JSON, are too many, or an attribute is missing or
        of the wrong kind. Attributes it does not know are passed over.
        """
        if len(body) > MAX_BYTES:
            raise Malformed(problems=f"{len(body)} bytes are more than {MAX_BYTES}")
        values = json_values(body)
        if not isinstance(values, dict) or values.get("specversion") != "1.0":
            raise Malformed(problems="not a CloudEvents 1.0 envelope in structured JSON")
        return cls(
            id=_text(values, "id", 64),
            source=_text(values, "source", 64),
            type=_text(values, "type", 128),
            subject=_text(values, "subject", 64),
            time=_time(values),
            data=_object(values, "data"),
            audience=_text(values, "audience", 64, ""),
            sequence=_count(values, "sequence"),
            after=causality.from_text(_text(values, "after", MAX_BYTES, "")),
            category=_text(values, "category", 64, "other"),
            classification=_text(values, "dataclassification", 64, "ordinary"),
            correlation=_text(values, "correlationid", 64, ""),
            causation=_text(values, "causationid", 64, ""),
            traceparent=_text(values, "traceparent", 64, ""),
        )


def json_values(body: bytes) -> object:
    """The values in a JSON text from outside. Raises Malformed when it is none, or holds what no database keeps."""
    try:
        values = json.loads(body.decode(), parse_constant=_no_such_number)
        if b"\\u" in body:
            _check_text(values)
    except (ValueError, RecursionError) as error:
        raise Malformed(problems=f"not UTF-8 JSON ({error})") from None
    return values


def _no_such_number(name: str):
    raise ValueError(f"{name} is not a JSON number")


def _check_text(values: object) -> None:
    """Databases hold no NUL, and UTF-8 no half surrogate pair; both can hide in JSON escapes."""
    text = json.dumps(values, ensure_ascii=False).replace("\\\\", "")
    if "\\u0000" in text or any("\ud800" <= char <= "\udfff" for char in text):
        raise Malformed(problems="a text holds NUL or half a surrogate pair")


def _text(values: dict, name: str, longest: int, default: str | None = None) -> str:
    value = values.get(name, default)
    if not isinstance(value, str) or len(value) > longest or "\0" in value:
        raise Malformed(problems=f"{name}: text of at most {longest} characters was expected")
    if value == "" and default is None:
        raise Malformed(problems=f"{name}: may not be empty")
    return value


def _count(values: dict, name: str) -> int:
    value = values.get(name, 0)
    if not isinstance(value, int) or isinstance(value, bool) or not 0 <= value < 2**31:
        raise Malformed(problems=f"{name}: a whole number was expected")
    return value


def _object(values: dict, name: str) -> dict:
    value = values.get(name)
    if not isinstance(value, dict):
        raise Malformed(problems=f"{name}: a JSON object was expected")
    return value


def _time(values: dict) -> datetime:
    try:
        time = datetime.fromisoformat(_text(values, "time", 40))
    except ValueError:
        raise Malformed(problems="time: an RFC 3339 time was expected") from None
    if time.tzinfo is None:
        raise Malformed(problems="time: a zone was expected")
    return time
