"""`appeals events`: every event there is, or one of them with a whole sample."""

from __future__ import annotations

import json

from appeals.errors import UnknownType
from appeals.events import DEPARTMENT_WORDS
from appeals.samples import event_classes, sample_envelope


def add(commands) -> None:
    """Add the command to the parser."""
    parser = commands.add_parser("events", help="list the events, or show one with a sample")
    parser.add_argument("topic", nargs="?", help="such as order.dispatched; without it all are listed")
    parser.set_defaults(run=run)


def run(arguments) -> int:
    """Print the list, or one event. Raises UnknownType."""
    if arguments.topic:
        print(_whole(arguments.topic))
        return 0
    for cls in event_classes():
        way = "said" if cls in DEPARTMENT_WORDS else "heard" if cls.tells else "inside"
        print(f"{way:6} {cls.topic:20} v{cls.version}  {' '.join(cls.__doc__.split())}")
    return 0


def _whole(topic: str) -> str:
    found = [cls for cls in event_classes() if topic in (cls.topic, f"{cls.topic}.v{cls.version}", cls.type())]
    if not found:
        raise UnknownType(type=topic)
    return json.dumps(json.loads(sample_envelope(found[-1]).to_bytes()), ensure_ascii=False, indent=2)
