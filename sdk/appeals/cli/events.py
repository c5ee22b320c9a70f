"""`appeals events`: every event there is, each with a real sample, or one of them as it travels."""

from __future__ import annotations

import json

from appeals.errors import UnknownType
from appeals.events import DEPARTMENT_WORDS, PLATFORM_EVENTS, PLATFORM_WORDS, Event
from appeals.samples import event_classes, sample, sample_envelope


def add(commands) -> None:
    """Add the command to the parser."""
    parser = commands.add_parser("events", help="show every event with a sample, or one as it travels")
    parser.add_argument("topic", nargs="?", help="such as order.dispatched; without it all are shown")
    parser.set_defaults(run=run)


def run(arguments) -> int:
    """Print all, or one event. Raises UnknownType."""
    if arguments.topic:
        print(_whole(arguments.topic))
        return 0
    for cls in event_classes():
        print(f"{cls.topic} v{cls.version}, {_way(cls)}: {' '.join(cls.__doc__.split())}")
        print(f"    {json.dumps(sample(cls).to_data(), ensure_ascii=False)}")
    return 0


def _way(cls: type[Event]) -> str:
    if cls in DEPARTMENT_WORDS:
        return "said by departments"
    if cls in PLATFORM_WORDS:
        return "said by other platforms"
    if cls in PLATFORM_EVENTS:
        return "heard by other platforms"
    return "heard by departments" if cls.tells else "within the platform"


def _whole(topic: str) -> str:
    found = [cls for cls in event_classes() if topic in (cls.topic, f"{cls.topic}.v{cls.version}", cls.type())]
    if not found:
        raise UnknownType(type=topic)
    return json.dumps(json.loads(sample_envelope(found[-1]).to_bytes()), ensure_ascii=False, indent=2)
