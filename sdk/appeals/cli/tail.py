"""`appeals tail`: the department's own events as they come, beside its running process.

They are copies in a queue of their own that holds the last ten minutes; reading them takes nothing from the
department.
"""

from __future__ import annotations

import json

from appeals.bus.broker import Delivery
from appeals.bus.envelope import Envelope
from appeals.bus.topology import tail_queue
from appeals.calendar import BEIJING
from appeals.cli.place import add_options, place
from appeals.errors import Malformed

TOLD = ("order", "role", "title", "step", "due", "level", "result", "rating", "word", "zh", "reason", "summary")
LONGEST = 40
LOOK = 100


def add(commands) -> None:
    """Add the command to the parser."""
    parser = commands.add_parser("tail", help="follow your own events, as they come")
    parser.add_argument("--once", action="store_true", help="print what is there, and end")
    parser.add_argument("--json", action="store_true", help="whole messages, a line each")
    add_options(parser)
    parser.set_defaults(run=run)


def run(arguments) -> int:
    """Print until Ctrl-C. Raises WrongSettings or BrokerGone."""
    here = place(arguments)
    subscription = here.broker.subscribe([tail_queue(here.code)], LOOK)
    try:
        while True:
            found = subscription.fetch(LOOK, timeout=1.0)
            for delivery in found:
                print(delivery.body.decode("utf-8", "replace") if arguments.json else line(delivery), flush=True)
            if found:
                subscription.acknowledge(found)
            elif arguments.once:
                return 0
    finally:
        subscription.close()


def line(delivery: Delivery) -> str:
    """An event in one line: when, what, which appeal, and what it tells."""
    try:
        envelope = Envelope.from_bytes(delivery.body)
    except Malformed:
        return f"{len(delivery.body)} bytes that cannot be read"
    when = envelope.time.astimezone(BEIJING)
    told = [_short(envelope.data[name]) for name in TOLD if envelope.data.get(name)]
    return f"{when:%H:%M:%S}  {envelope.topic:20} {envelope.subject}  {' · '.join(told)}"


def _short(value: object) -> str:
    text = value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
    text = " ".join(text.split())
    return text if len(text) <= LONGEST else f"{text[: LONGEST - 1]}…"
