"""`appeals publish-sample`: a sample event comes to the department, and to nobody else.

It goes the way a message takes that is tried again, by the department's own first retry tier, since its user
may write nowhere else. Its receipt belongs to no appeal; what the department says about it stays with it.
"""

from __future__ import annotations

import json
import secrets

from appeals.bus.broker import ORIGIN, Outgoing
from appeals.bus.envelope import Envelope
from appeals.bus.station import fresh_id, utc_now
from appeals.bus.topology import EVENTS, department_queues
from appeals.cli.place import Place, add_options, place
from appeals.errors import Malformed
from appeals.events import Event
from appeals.message import read
from appeals.samples import SAMPLE, event_classes, is_sample, sample_for
from appeals.settings import WrongSettings

SOURCE = "sample"


def add(commands) -> None:
    """Add the command to the parser."""
    parser = commands.add_parser("publish-sample", help="have a sample event come to your own queue")
    parser.add_argument("topic", help="such as order.dispatched; one of the manifest's events")
    parser.add_argument("--receipt", help=f"the same as before, to go on with one sample; it begins with {SAMPLE}")
    parser.add_argument("--id", help="the same as before, to see that a message that comes twice has one effect")
    parser.add_argument(
        "--set", action="append", default=[], metavar="FIELD=VALUE", help="another value for a field, such as title=…"
    )
    add_options(parser)
    parser.set_defaults(run=run)


def run(arguments) -> int:
    """Publish one sample. Raises WrongSettings, Malformed or BrokerGone."""
    here = place(arguments)
    receipt = arguments.receipt or f"{SAMPLE}{secrets.token_hex(4).upper()}"
    if not is_sample(receipt):
        raise WrongSettings(f"--receipt {receipt}: a sample's receipt begins with {SAMPLE}")
    event = _event(arguments, here, receipt)
    id_ = arguments.id or fresh_id()
    _publish(here, _envelope(event, id_, here.code))
    print(f"{event.topic} is on its way to {here.code}; it arrives in a second")
    print(f"the same message again:     --id {id_} --receipt {receipt}")
    print(f"another about the same one: --receipt {receipt}")
    return 0


def _event(arguments, here: Place, receipt: str) -> Event:
    """The sample, about this department and receipt, with the values that were set."""
    if arguments.topic not in here.manifest.events:
        raise WrongSettings(f"{arguments.topic} is not among the events of {here.code}'s manifest")
    known = [cls for cls in event_classes() if cls.topic == arguments.topic]
    if not known:
        raise WrongSettings(f"{arguments.topic}: this version of the software knows no such event")
    event = sample_for(here.code, known[-1], receipt=receipt, at=utc_now())
    return read(event.type(), event.to_data() | dict(map(_pair, arguments.set)))


def _pair(written: str) -> tuple[str, object]:
    """`title=…`, `round=2` or `departments=["a"]`."""
    name, found, value = written.partition("=")
    if not found:
        raise Malformed(problems=f"--set {written}: FIELD=VALUE was expected")
    try:
        return name, json.loads(value)
    except ValueError:
        return name, value


def _envelope(event: Event, id_: str, code: str) -> Envelope:
    return Envelope(
        id=id_,
        source=SOURCE,
        type=event.type(),
        subject=event.receipt,
        time=event.at,
        data=event.to_data(),
        audience=code,
        sequence=1,
        after={},
    )


def _publish(here: Place, envelope: Envelope) -> None:
    queues = department_queues(here.code)
    outgoing = Outgoing(
        id=fresh_id(),
        exchange=queues.retry(queues.retry_seconds[0]),
        routing_key=envelope.routing_key,
        body=envelope.to_bytes(),
        headers={ORIGIN: EVENTS},
    )
    publisher = here.broker.publisher()
    try:
        if refused := publisher.publish([outgoing]):
            raise WrongSettings(f"no queue took it: {next(iter(refused.values()))}; has the operator provisioned it?")
    finally:
        publisher.close()
