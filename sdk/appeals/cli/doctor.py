"""`appeals doctor`: is everything there that a department needs, and nothing that it must not have?"""

from __future__ import annotations

import json
import os
from collections.abc import Iterator
from dataclasses import asdict, replace

from appeals.bus.broker import BrokerGone
from appeals.bus.rabbit import RabbitBroker
from appeals.cli import checks
from appeals.cli.checks import FAULT, SIGNS, Finding
from appeals.cli.place import Place, add_options, place


def add(commands) -> None:
    """Add the command to the parser."""
    parser = commands.add_parser("doctor", help="check credentials, TLS, queues, rights, versions and clock")
    parser.add_argument("--against", help="another department, whose things must be out of reach")
    parser.add_argument("--database-url", help="or DATABASE_URL; what waits there is looked at too")
    parser.add_argument("--json", action="store_true", help="as JSON")
    add_options(parser)
    parser.set_defaults(run=run)


def run(arguments) -> int:
    """Print every finding with its mend; returns 1 when one is a fault. Raises WrongSettings."""
    here = place(arguments)
    other = arguments.against or ("industry" if here.code == "sasac" else "sasac")
    database_url = arguments.database_url or os.environ.get("DATABASE_URL", "")
    found = list(_findings(here, other, database_url))
    if arguments.json:
        print(json.dumps([asdict(one) for one in found], ensure_ascii=False, indent=2))
    else:
        for one in found:
            print(f"{SIGNS[one.severity]} {one.what}" + (f"\n    → {one.mend}" if one.mend else ""))
    return int(any(one.severity == FAULT for one in found))


def _findings(here: Place, other: str, database_url: str) -> Iterator[Finding]:
    yield checks.manifest(here.manifest)
    yield checks.tls(here.amqp_uri)
    broker = here.broker
    try:
        with broker.channel() as channel:
            yield checks.credentials(here.amqp_uri, here.code)
            yield checks.version(channel)
    except BrokerGone as error:
        yield checks.unreachable(error, here.code)
        return
    yield from checks.queues(broker, here.code)
    yield from checks.rights(broker, here.code, other)
    yield from _echo(broker, here.code)
    if database_url:
        yield from checks.database(database_url, here.code)


def _echo(broker: RabbitBroker, code: str) -> Iterator[Finding]:
    try:
        yield from checks.round_trip(broker, code)
    except BrokerGone as error:
        yield replace(checks.NO_ECHO, what=f"{checks.NO_ECHO.what}: {error}")
