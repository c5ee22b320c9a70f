"""The queue watch as Prometheus gauges, read when they are scraped."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from prometheus_client.core import GaugeMetricFamily, Metric

from appeals.bus.broker import BrokerGone
from appeals.watch import SEVERITIES, Look, QueueWatch, finding

Read = Callable[[Look], float]

OF_ALL: tuple[tuple[str, str, Read], ...] = (
    ("provisioned", "Whether its queue is there", lambda look: look.provisioned),
    ("consumers", "Consumers of its queue; 0 is not running", lambda look: look.consumers),
    ("waiting", "Messages that it has not taken yet", lambda look: look.waiting),
    ("waiting_seconds", "Since when its queue was never seen empty", lambda look: look.waiting_seconds),
    ("dead_letters", "Messages set aside", lambda look: look.dead),
    ("severity", "0 well, 1 warning, 2 critical", lambda look: SEVERITIES.index(finding(look).severity)),
)
OF_DEPARTMENTS: tuple[tuple[str, str, Read], ...] = (
    *OF_ALL,
    ("retrying", "Messages that wait for another try", lambda look: look.retrying),
    ("words_waiting", "Words it has said that were not heard yet", lambda look: look.words),
    ("queue_limit", "Messages that may wait for it, and words of it", lambda look: look.limit),
    ("queue_full_ratio", "How full the fuller of its two queues is", lambda look: look.full),
)


class WatchMetrics:
    """A collector of what a queue watch sees."""

    def __init__(self, watch: QueueWatch):
        self._watch = watch

    def collect(self) -> Iterator[Metric]:
        """The gauges; only that nothing can be seen when the broker is gone."""
        try:
            departments, services = self._watch.departments(), self._watch.services()
        except BrokerGone:
            yield GaugeMetricFamily("appeals_watch_up", "Whether the queues can be looked at", 0)
            return
        yield GaugeMetricFamily("appeals_watch_up", "Whether the queues can be looked at", 1)
        yield from _families("department", OF_DEPARTMENTS, departments)
        yield from _families("service", OF_ALL, services)


def _families(kind: str, gauges: tuple[tuple[str, str, Read], ...], looks: list[Look]) -> Iterator[Metric]:
    for name, meaning, read in gauges:
        family = GaugeMetricFamily(f"appeals_{kind}_{name}", meaning, labels=(kind,))
        for look in looks:
            family.add_metric((look.code,), float(read(look)))
        yield family
