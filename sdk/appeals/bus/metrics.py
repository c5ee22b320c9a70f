"""What is measured of one participant, as Prometheus metrics: `measured` counts, and a scrape asks the tables."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from datetime import UTC, datetime

import prometheus_client
from prometheus_client import CollectorRegistry, Histogram
from prometheus_client.core import GaugeMetricFamily, Metric
from sqlalchemy import func, literal_column, select
from sqlalchemy.exc import SQLAlchemyError

from appeals.bus.broker import ORIGIN, REASON, Outgoing
from appeals.bus.causality import INBOX
from appeals.bus.database import Database
from appeals.bus.ledger import PARKED
from appeals.bus.outbox import held_counts
from appeals.bus.participant import Participant
from appeals.bus.tables import inbox, journal, outbox
from appeals.bus.topology import EVENTS
from appeals.errors import Refused

SIZES = (1, 2, 5, 10, 20, 50, 100, 200)
SECONDS = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30)
DEFECT = "defect"
WHO = "participant"

OLDEST_UNSENT = select(journal.c.at).join(outbox, outbox.c.id == journal.c.id).order_by(outbox.c.id).limit(1)
PARKED_SINCE = select(func.count(), func.min(inbox.c.at)).where(
    inbox.c.state == literal_column(f"'{PARKED}'")  # as it stands in the partial index, and not a parameter
)


class Metrics:
    """The counters of one participant, in a registry of their own.

    Labels come from closed lists only: departments that are plugged in, audiences we write to, codes of refusals.
    """

    def __init__(self, participant: Participant, database: Database):
        self.registry = CollectorRegistry(auto_describe=False)
        self._participant = participant
        self.handled = self._counter("messages_handled", "Messages taken off the queues, after their commit")
        self.broker_lost = self._counter("broker_lost", "Connections to the broker that broke or were refused")
        self.ticks = self._counter("ticks", "Pieces of own work done, such as a look at the clocks")
        self.batch_size = self._histogram("batch_size", "Messages in a batch", SIZES)
        self.batch_seconds = self._histogram("batch_seconds", "From a batch's arrival to its end", SECONDS)
        self._published = self._counter("messages_published", "Messages that the broker confirmed")
        self._retried = self._counter("messages_retried", "Failed messages sent to a retry tier")
        self._set_aside = prometheus_client.Counter(
            "appeals_messages_set_aside",
            "Messages sent to the dead letters: whose words they were, and why",
            (WHO, "department", "reason"),
            registry=self.registry,
        )
        self._refused = prometheus_client.Counter(
            "appeals_relay_refused",
            "Times that no queue took a message, by whom it was for",
            (WHO, "audience"),
            registry=self.registry,
        )
        self.registry.register(Tables(participant.name, database))

    def published(self, outgoing: Outgoing) -> None:
        """The broker has confirmed a message."""
        self._published.inc()
        if REASON in outgoing.headers:
            department, reason = self._whose(outgoing), _known_reason(outgoing.headers[REASON])
            self._set_aside.labels(self._participant.name, department, reason).inc()
        elif outgoing.exchange.startswith(f"{self._participant.queues.retry_prefix}."):
            self._retried.inc()

    def refused(self, outgoing: Outgoing) -> None:
        """No queue took a message."""
        audience = _audience(outgoing.exchange, outgoing.routing_key)
        self._refused.labels(self._participant.name, audience).inc()

    def _whose(self, letter: Outgoing) -> str:
        """The department whose word was set aside; empty when it was nobody's."""
        origin = letter.headers.get(ORIGIN, "")
        code = origin.removeprefix(INBOX)
        return code if origin.startswith(INBOX) and code in self._participant.inboxes() else ""

    def _counter(self, name: str, meaning: str) -> prometheus_client.Counter:
        counter = prometheus_client.Counter(f"appeals_{name}", meaning, (WHO,), registry=self.registry)
        return counter.labels(self._participant.name)

    def _histogram(self, name: str, meaning: str, buckets: tuple[float, ...]) -> Histogram:
        histogram = Histogram(f"appeals_{name}", meaning, (WHO,), buckets=buckets, registry=self.registry)
        return histogram.labels(self._participant.name)


class Tables:
    """What stands in the outbox and the inbox, read when it is scraped."""

    def __init__(self, name: str, database: Database):
        self._name = name
        self._database = database

    def collect(self) -> Iterator[Metric]:
        """The gauges; only that it is down when the database is."""
        try:
            found = self._ask()
        except SQLAlchemyError:
            yield self._gauge("database_up", "Whether the database answers", 0)
            return
        now = datetime.now(UTC)
        yield self._gauge("database_up", "Whether the database answers", 1)
        yield self._gauge("outbox_unsent", "Messages said and not confirmed by the broker", found["unsent"])
        yield self._gauge("outbox_oldest_seconds", "Age of the oldest of them", _age(found["oldest_unsent"], now))
        yield self._held(found["held"])
        yield self._gauge("inbox_parked", "Messages that wait for an earlier one", found["parked"])
        yield self._gauge("inbox_parked_oldest_seconds", "Age of the oldest of them", _age(found["oldest"], now))

    def _ask(self) -> dict:
        with self._database.reading() as session:
            parked, since = session.execute(PARKED_SINCE).one()
            return {
                "unsent": session.scalar(select(func.count()).select_from(outbox)),
                "oldest_unsent": session.scalar(OLDEST_UNSENT),
                "held": held_counts(session),
                "parked": parked,
                "oldest": since,
            }

    def _held(self, counts: dict[str, int]) -> Metric:
        """One value for each audience; that of a destination stands in front of its routing key."""
        held: Counter[str] = Counter()
        for place, count in counts.items():
            exchange, _, key = place.partition("/")
            held[_audience(exchange, key)] += count
        family = GaugeMetricFamily("appeals_outbox_held", "Messages that no queue takes", labels=(WHO, "audience"))
        for audience, count in held.items():
            family.add_metric((self._name, audience), count)
        return family

    def _gauge(self, name: str, meaning: str, value: float) -> Metric:
        family = GaugeMetricFamily(f"appeals_{name}", meaning, labels=(WHO,))
        family.add_metric((self._name,), value)
        return family


def _audience(exchange: str, key: str) -> str:
    """Whom a message is for: an audience of the events, or the exchange that leads to its one queue."""
    return key.partition(".")[0] if exchange == EVENTS else exchange


def _age(since: datetime | None, now: datetime) -> float:
    return max(0.0, (now - since).total_seconds()) if since else 0.0


def _known_reason(reason: str) -> str:
    """The code of a refusal; anything else is a defect, whatever it calls itself."""
    return reason if reason in _codes(Refused) else DEFECT


def _codes(family: type[Refused]) -> set[str]:
    return {family.code()}.union(*map(_codes, family.__subclasses__()))
