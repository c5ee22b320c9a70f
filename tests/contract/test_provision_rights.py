"""Thirty departments on a real broker, each trying to reach what is not its own. Nothing of it may have an effect."""

from concurrent.futures import ThreadPoolExecutor
from functools import partial

import amqp
import kombu
import pytest

from appeals.bus.rabbit import RabbitBroker
from appeals.bus.topology import (
    EVENTS,
    department_queues,
    echo,
    inbox_exchange,
    service_queues,
    service_topology,
    tail_queue,
)
from appeals.manifest import Directory, Manifest
from appeals.provision.access import Rabbitmqctl
from appeals.provision.operator import Operator
from appeals.provision.passwords import Passwords
from appeals.testing import wait_until
from deploy.local.rabbitmq import RabbitNode

# Codes that begin or end like each other, or like the names that queues are made of.
ALIKE = ["sa", "sas", "sasac", "sasac-", "sasac-2", "sasac--2", "sasac-20", "sac", "s-", "a-b", "a-bc", "ab"]
CONFUSING = ["inbox", "dept", "retry", "dead", "echo", "events", "routing", "appeal", "q-events", "amq", "x" * 31]
CODES = sorted([*ALIKE, *CONFUSING, *(f"bureau-{number}" for number in range(30 - len(ALIKE) - len(CONFUSING)))])
NEIGHBOUR = dict(zip(CODES, [*CODES[1:], CODES[0]], strict=True))
ELSEWHERE = "elsewhere"


class Town:
    """The broker, the departments' passwords, and what can be seen of it by an administrator."""

    def __init__(self, node, passwords):
        self.node = node
        self.passwords = passwords

    def connection(self, code, vhost="%2F", password=None):
        """How a department signs in."""
        place = self.node.uri.rpartition("@")[2].partition("/")[0]
        return kombu.Connection(f"amqp://{code}:{password or self.passwords[code]}@{place}/{vhost}")

    def depths(self):
        """How many messages each queue holds."""
        return self.depths_of([one["name"] for one in Rabbitmqctl(self.node.ctl).export()["queues"]])

    def depths_of(self, queues):
        """How many messages these queues hold."""
        with kombu.Connection(self.node.uri) as connection:
            declare = connection.default_channel.queue_declare
            return {name: declare(name, passive=True).message_count for name in queues}

    def declared(self):
        """Everything that is declared, and who may do what."""
        return {kind: sorted(map(str, all_)) for kind, all_ in Rabbitmqctl(self.node.ctl).export().items()}


@pytest.fixture(scope="module")
def town(tmp_path_factory):
    folder = tmp_path_factory.mktemp("rights")
    node = RabbitNode(folder / "rabbitmq")
    try:
        node.start()
        passwords = Passwords(folder / "secrets.yml")
        directory = Directory(Manifest(code=code, name=code, events=(), words=()) for code in CODES)
        Operator(directory, passwords, Rabbitmqctl(node.ctl)).apply()
        RabbitBroker(node.uri).declare(service_topology(service_queues("routing"), ["order.signed"], CODES))
        node.ctl("add_vhost", ELSEWHERE)
        yield Town(node, passwords)
    finally:
        node.remove()


def publish(channel, exchange, key="", **properties):
    """Publish, and wait until the broker has looked at it."""
    channel.basic_publish(amqp.Message(b"{}", delivery_mode=2, **properties), exchange, key)
    channel.basic_qos(0, 0, False)


def in_a_transaction(channel, exchange, key=""):
    channel.tx_select()
    channel.basic_publish(amqp.Message(b"{}"), exchange, key)
    channel.tx_commit()


def hostile(code, other):
    """What a department may try on its neighbour, the platform and the broker, by what it is."""
    own, its = department_queues(code), department_queues(other)
    own_inbox, its_inbox = inbox_exchange(code), inbox_exchange(other)
    routing = service_queues("routing")
    return {
        # read
        "consume another's queue": lambda c: c.basic_consume(its.events),
        "get from another's queue": lambda c: c.basic_get(its.events),
        "get from another's dead letters": lambda c: c.basic_get(its.dead),
        "get from another's tail": lambda c: c.basic_get(tail_queue(other)),
        "get from another's echo": lambda c: c.basic_get(echo(other)[1]),
        "get from another's retries": lambda c: c.basic_get(its.retry(1)),
        "get from another's inbox": lambda c: c.basic_get(its_inbox),
        "get from its own inbox": lambda c: c.basic_get(own_inbox),
        "get from its own retries": lambda c: c.basic_get(own.retry(1)),
        "consume a service's queue": lambda c: c.basic_consume(routing.events),
        "consume a service's commands": lambda c: c.basic_consume(routing.commands),
        # empty and delete
        "empty another's queue": lambda c: c.queue_purge(its.events),
        "empty another's dead letters": lambda c: c.queue_purge(its.dead),
        "empty its own inbox": lambda c: c.queue_purge(own_inbox),
        "delete another's queue": lambda c: c.queue_delete(its.events),
        "delete its own queue": lambda c: c.queue_delete(own.events),
        "delete the events": lambda c: c.exchange_delete(EVENTS),
        "delete its own inbox": lambda c: c.exchange_delete(own_inbox),
        # declare
        "declare a queue": lambda c: c.queue_declare(f"dept.{code}.q.more", durable=True),
        "declare a queue with a name from the server": lambda c: c.queue_declare("", exclusive=True),
        "declare a queue whose dead letters go to another": lambda c: c.queue_declare(
            f"dept.{code}.q.trap", arguments={"x-dead-letter-exchange": "", "x-dead-letter-routing-key": its.events}
        ),
        "declare its own queue again": lambda c: c.queue_declare(own.events, durable=True),
        "declare an exchange": lambda c: c.exchange_declare(f"{own_inbox}.more", "fanout"),
        "declare an exchange that passes on to another": lambda c: c.exchange_declare(
            f"{own_inbox}.more", "fanout", arguments={"alternate-exchange": its_inbox}
        ),
        # bind
        "bind its queue to the events": lambda c: c.queue_bind(own.events, EVENTS, "#"),
        "bind its queue to another's copies": lambda c: c.queue_bind(own.events, f"dept.{other}", ""),
        "bind its queue to a topic exchange of the broker": lambda c: c.queue_bind(own.events, "amq.topic", "#"),
        "bind its retries to the events": lambda c: c.queue_bind(own.retry(1), EVENTS, "#"),
        "bind its retries to a fanout of the broker": lambda c: c.queue_bind(own.retry(1), "amq.fanout", ""),
        "bind its inbox to the events": lambda c: c.exchange_bind(own_inbox, EVENTS, "#"),
        "bind its inbox to another's": lambda c: c.exchange_bind(own_inbox, its_inbox, ""),
        "bind its dead letters into its inbox": lambda c: c.exchange_bind(own_inbox, own.dead_exchange, ""),
        "bind another's inbox to its own": lambda c: c.exchange_bind(its_inbox, own_inbox, ""),
        "unbind another's queue": lambda c: c.queue_unbind(its.events, f"dept.{other}", ""),
        "unbind its own queue": lambda c: c.queue_unbind(own.events, f"dept.{code}", ""),
        "cut another off the events": lambda c: c.exchange_unbind(f"dept.{other}", EVENTS, f"{other}.#"),
        # publish
        "publish to another's inbox": lambda c: publish(c, its_inbox),
        "publish to the events": lambda c: publish(c, EVENTS, "core.order.dispatched.other.v1"),
        "publish to its own copies": lambda c: publish(c, f"dept.{code}"),
        "publish to another's copies": lambda c: publish(c, f"dept.{other}"),
        "publish to another's retries": lambda c: publish(c, its.retry(1)),
        "publish to another's dead letters": lambda c: publish(c, its.dead_exchange),
        "publish to another's echo": lambda c: publish(c, echo(other)[0]),
        "publish to the services' retries": lambda c: publish(c, routing.retry(1), routing.events),
        "publish to a service's dead letters": lambda c: publish(c, routing.dead_exchange),
        "publish to another's queue by the default exchange": lambda c: publish(c, "", its.events),
        "publish to a service's commands by the default exchange": lambda c: publish(c, "", routing.commands),
        "publish to its own queue by the default exchange": lambda c: publish(c, "", own.events),
        "publish to a topic exchange of the broker": lambda c: publish(c, "amq.topic", "x"),
        "publish to an answer line": lambda c: publish(c, "", "amq.rabbitmq.reply-to.g1h2AA.x"),
        "publish to another's inbox in a transaction": lambda c: in_a_transaction(c, its_inbox),
        "publish to the events in a transaction": lambda c: in_a_transaction(c, EVENTS, f"{other}.x"),
    }


def tried(connection, operation, error=amqp.AccessRefused):
    """Whether the broker refuses an operation, on a channel of its own."""
    channel = connection.channel()
    try:
        operation(channel)
    except error:
        return True
    channel.close()
    return False


def test_what_is_not_a_departments_own_is_refused_to_each_of_thirty_and_nothing_changes(town):
    declared, depths = town.declared(), town.depths()

    allowed = []
    for code, other in NEIGHBOUR.items():
        with town.connection(code) as connection:
            for name, operation in hostile(code, other).items():
                if not tried(connection, operation):
                    allowed.append(f"{code}: {name} ({other})")

    assert len(CODES) == 30
    assert allowed == []
    assert town.declared() == declared
    assert town.depths() == depths


def test_a_department_speaks_in_no_other_users_name(town):
    depths = town.depths()

    allowed = []
    for code, other in NEIGHBOUR.items():
        with town.connection(code) as connection:
            for name in (other, "appealloop", ""):
                forged = partial(publish, exchange=inbox_exchange(code), user_id=name)
                if not tried(connection, forged, amqp.PreconditionFailed):
                    allowed.append(f"{code} as {name!r}")

    assert allowed == []
    assert town.depths() == depths


def test_a_department_comes_into_no_other_virtual_host_and_not_with_anothers_name(town):
    def refused(code, error, **how):
        try:
            town.connection(code, **how).connect()
        except error:
            return True
        return False

    with ThreadPoolExecutor(2 * len(CODES)) as pool:  # the broker has each of them wait for a while
        elsewhere = [pool.submit(refused, code, amqp.NotAllowed, vhost=ELSEWHERE) for code in CODES]
        as_another = [
            pool.submit(refused, other, amqp.AccessRefused, password=town.passwords[code])
            for code, other in NEIGHBOUR.items()
        ]

    assert all(one.result() for one in elsewhere + as_another)


def test_headers_expiry_and_rejections_lead_a_message_to_its_senders_own_queues_only(town):
    before = town.depths()

    for code, other in NEIGHBOUR.items():
        its, mine = department_queues(other), department_queues(code)
        others = [its.events, its.dead, inbox_exchange(other), "routing.events", "routing.dead", f"{other}.x.y.v1"]
        death = [{"queue": its.events, "reason": "expired", "exchange": "", "routing-keys": others, "count": 1}]
        tricks = {
            "CC": others,
            "BCC": others,
            "x-death": death,
            "x-first-death-queue": its.events,
            "x-first-death-exchange": EVENTS,
            "x-origin": EVENTS,
            "x-dead-letter-exchange": "",
            "x-dead-letter-routing-key": its.events,
        }
        with town.connection(code) as connection:
            say = partial(publish, connection.default_channel, application_headers=tricks)
            say(inbox_exchange(code), its.events, app_id=other, reply_to=its.events)
            say(mine.dead_exchange, its.events)
            say(echo(code)[0], its.events)
            say(mine.retry(1), its.events)
            say(mine.retry(60), its.events, expiration="1")
    own = {code: department_queues(code) for code in CODES}
    tiers = [queues.retry(seconds) for queues in own.values() for seconds in (1, 60)]
    wait_until(lambda: not any(town.depths_of(tiers).values()))
    for code in CODES:
        with town.connection(code) as connection:
            channel = connection.default_channel
            refused = wait_until(partial(channel.basic_get, own[code].events))
            channel.basic_reject(refused.delivery_tag, requeue=False)
            channel.basic_qos(0, 0, False)
    dead = [queues.dead for queues in own.values()]
    wait_until(lambda: all(depth == before[name] + 2 for name, depth in town.depths_of(dead).items()))

    after = town.depths()
    gained = {name: after[name] - before[name] for name in after if after[name] != before[name]}
    assert gained == {
        name: count
        for code in CODES
        for name, count in (
            (inbox_exchange(code), 1),
            (own[code].dead, 2),
            (own[code].events, 1),
            (echo(code)[1], 1),
        )
    }


def test_a_word_taken_back_in_a_transaction_was_never_said(town):
    code = CODES[0]
    before = town.depths()

    with town.connection(code) as connection:
        channel = connection.default_channel
        channel.tx_select()
        channel.basic_publish(amqp.Message(b"{}"), inbox_exchange(code))
        channel.tx_rollback()

    assert town.depths() == before


def test_an_answer_line_of_its_own_gives_a_department_no_way_to_others(town):
    code, other = CODES[0], NEIGHBOUR[CODES[0]]
    before = town.depths()

    with town.connection(code) as connection:
        channel = connection.default_channel
        channel.basic_consume("amq.rabbitmq.reply-to", no_ack=True)
        refused = tried(connection, lambda c: publish(c, "", department_queues(other).events))
        with pytest.raises(amqp.AccessRefused):
            publish(channel, "", "routing.commands", reply_to="amq.rabbitmq.reply-to")

    assert refused
    assert town.depths() == before


def test_the_broker_tells_anyone_that_a_queue_is_there_and_how_full_it_is(town):
    # RabbitMQ asks for no right when a declaration is passive; docs/guarantees.md says so.
    code, other = CODES[0], NEIGHBOUR[CODES[0]]
    held = town.depths()

    with town.connection(code) as connection:
        told = connection.channel().queue_declare(inbox_exchange(other), passive=True)
        connection.channel().exchange_declare(inbox_exchange(other), "fanout", passive=True)

    assert told.message_count == held[inbox_exchange(other)]
