"""`appeals dlq`: the dead letters of a department (or, for the operator, of a service), listed, explained, replayed.

Looking takes nothing from the queue. A replayed letter goes back to the queue it came from by the first retry
tier and leaves the dead letters once the broker has confirmed that; should the tool die in between, both are
there, and the inbox absorbs the one too many. Whoever applies it notes in its journal who replayed it.
"""

from __future__ import annotations

import getpass
import json
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from appeals.bus import letters
from appeals.bus.broker import ORIGIN
from appeals.bus.rabbit import RabbitBroker
from appeals.bus.shelf import Shelf, shelf
from appeals.bus.station import fresh_id
from appeals.bus.topology import EVENTS, QueueNames, department_queues, service_queues
from appeals.cli.dead_letters import Letter
from appeals.cli.place import add_options, amqp_uri_of, place
from appeals.settings import WrongSettings

MOST = 1_000


def add(commands) -> None:
    """Add the command to the parser."""
    parser = commands.add_parser("dlq", help="list, show or replay dead letters")
    actions = parser.add_subparsers(title="actions", metavar="ACTION", required=True)
    listing = actions.add_parser("list", help="one line each")
    listing.add_argument("--json", action="store_true", help="as JSON, a line each")
    listing.set_defaults(run=list_letters)
    showing = actions.add_parser("show", help="everything about one, and what to do")
    showing.add_argument("id", help="its id, or how that begins")
    showing.set_defaults(run=show)
    replaying = actions.add_parser("replay", help="have them delivered once more")
    replaying.add_argument("ids", nargs="*", metavar="ID", help="their ids, or how those begin")
    replaying.add_argument("--all", action="store_true", help="all there are")
    replaying.add_argument("--by", default=getpass.getuser(), help="who replays; kept in the journal")
    replaying.add_argument("--origin", help="the exchange they first came through, where that is not sure")
    replaying.set_defaults(run=replay)
    for action in (listing, showing, replaying):
        action.add_argument("--limit", type=int, default=MOST, help=f"look at the first so many ({MOST})")
        action.add_argument("--service", help="for the operator: the dead letters of this service of the platform")
        add_options(action)


@dataclass(frozen=True)
class _Whose:
    """Whose dead letters: the queues around them, and the exchange that all of them came through, if it is one."""

    broker: RabbitBroker
    queues: QueueNames
    only_origin: str = ""

    def origin(self, letter: Letter, named: str | None) -> str:
        """The exchange a letter first came through. Raises WrongSettings when that is not sure.

        What the broker itself has set aside came as its sender made it, who may have written any header.
        """
        if self.only_origin or named:
            return self.only_origin or named
        if letter.delivery.exchange != self.queues.dead_exchange:
            raise WrongSettings(
                f"{letter.id} was set aside by the broker, so its headers are its sender's and prove nothing; "
                f"name the exchange it came through with --origin, {EVENTS} or inbox.<code>"
            )
        return str(letter.delivery.headers.get(ORIGIN, ""))


def list_letters(arguments) -> int:
    """List them; nothing is no fault."""
    with _dead_letters(arguments) as (_, _, found):
        for letter in found:
            print(json.dumps(letter.summary(), ensure_ascii=False) if arguments.json else letter.line())
        if not found:
            print("no dead letters", file=sys.stderr)
        elif len(found) == arguments.limit:
            print(f"these are the first {len(found)}; --limit shows more", file=sys.stderr)
    return 0


def show(arguments) -> int:
    """Show one. Raises WrongSettings when there is no such letter."""
    with _dead_letters(arguments) as (_, _, found):
        print(_chosen(found, arguments.id).whole())
    return 0


def replay(arguments) -> int:
    """Replay those that were named, in the order of the queue. Raises WrongSettings."""
    if arguments.all == bool(arguments.ids):
        raise WrongSettings("name letters by their ids, or say --all")
    with _dead_letters(arguments) as (whose, dead, found):
        chosen = found if arguments.all else [_chosen(found, id_) for id_ in arguments.ids]
        origins = [whose.origin(letter, arguments.origin) for letter in chosen]
        publisher = whose.broker.publisher()
        try:
            for letter, origin in zip(chosen, origins, strict=True):
                again = letters.replayed(letter.delivery, whose.queues, by=arguments.by, id_=fresh_id(), origin=origin)
                if refused := publisher.publish([again]):
                    raise WrongSettings(f"{letter.id}: {refused[again.id]}")
                dead.take_off(letter.delivery)
                print(f"replayed {letter.line()}")
        finally:
            publisher.close()
    return 0


@contextmanager
def _dead_letters(arguments) -> Iterator[tuple[_Whose, Shelf, list[Letter]]]:
    whose = _whose(arguments)
    with shelf(whose.broker, whose.queues.dead) as dead:
        yield whose, dead, [Letter.of(delivery) for delivery in dead.letters(arguments.limit)]


def _whose(arguments) -> _Whose:
    if arguments.service:
        return _Whose(RabbitBroker(amqp_uri_of(arguments)), service_queues(arguments.service))
    here = place(arguments)
    return _Whose(here.broker, department_queues(here.code), only_origin=EVENTS)  # nobody else can write there


def _chosen(found: list[Letter], id_: str) -> Letter:
    fitting = [letter for letter in found if letter.id.startswith(id_)]
    if not fitting:
        raise WrongSettings(f"there is no dead letter {id_}")
    if len({letter.id for letter in fitting}) > 1:
        raise WrongSettings(f"{id_} is how {len(fitting)} dead letters begin; say more of it")
    return fitting[0]
