"""How every department and service is doing, seen from the broker: depths of queues become a finding in words.

Only passive declarations are needed, no management plugin. A message in a consumer's hands is not seen; a
consumer that keeps some and takes no more shows as a queue that does not get empty.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from appeals.bus.broker import Depth
from appeals.bus.topology import QueueNames, department_queues, inbox_exchange, service_queues
from appeals.manifest import Directory

WELL, WARNING, CRITICAL = "well", "warning", "critical"
SEVERITIES = (WELL, WARNING, CRITICAL)

LOOK_SECONDS = 5.0
LAG_SECONDS = 300.0
FLOOD = 1_000
NEARLY_FULL = 0.8


@dataclass(frozen=True, kw_only=True)
class Look:
    """What was seen of one department or service.

    `waiting` messages it has not taken yet, for `waiting_seconds` without the queue ever having been seen empty;
    `retrying` wait for another try; `words` are what it has said and we have not heard yet. `limit` is how
    many may wait before the broker takes no more; 0 is no limit.
    """

    code: str
    provisioned: bool = True
    waiting: int = 0
    waiting_seconds: float = 0
    consumers: int = 0
    retrying: int = 0
    dead: int = 0
    words: int = 0
    limit: int = 0

    @property
    def full(self) -> float:
        """How full the fuller of its two queues is; 1 is full."""
        return max(self.waiting, self.words) / self.limit if self.limit else 0.0


@dataclass(frozen=True)
class Finding:
    """What an operator is told: how bad it is, and why."""

    severity: str
    zh: str
    en: str


def finding(look: Look) -> Finding:
    """Everything that is wrong, the worst severity of it; or that all is well."""
    found = list(_findings(look)) or [Finding(WELL, "正常", "All is well")]
    return Finding(
        max((one.severity for one in found), key=SEVERITIES.index),
        "；".join(one.zh for one in found),
        "; ".join(one.en for one in found),
    )


def _findings(look: Look):
    if not look.provisioned:
        yield Finding(CRITICAL, "未开通：队列不存在", "Not provisioned: its queue is not there")
        return
    waiting = f"{look.waiting:,}"
    if not look.consumers and look.waiting:
        yield Finding(CRITICAL, f"未运行：没有消费者，{waiting} 条待收", f"Not running: no consumer, {waiting} waiting")
    elif not look.consumers:
        yield Finding(WARNING, "未运行：没有消费者", "Not running: no consumer")
    elif look.waiting and look.waiting_seconds >= LAG_SECONDS:
        minutes = int(look.waiting_seconds // 60)
        yield Finding(
            WARNING,
            f"处理滞后：{waiting} 条待收，已持续 {minutes} 分钟",
            f"Lagging: {waiting} waiting, for {minutes} minutes now",
        )
    if look.limit and look.waiting >= look.limit:
        yield Finding(CRITICAL, f"队列已满：{waiting} 条待收", f"Its queue is full: {waiting} waiting")
    elif look.limit and look.waiting >= NEARLY_FULL * look.limit:
        yield Finding(WARNING, f"队列将满：上限 {look.limit:,} 条", f"Its queue is nearly full: at most {look.limit:,}")
    if look.words >= FLOOD:
        yield Finding(
            WARNING, f"发送过快：收件箱积压 {look.words:,} 条", f"Sends too fast: {look.words:,} words in its inbox"
        )
    if look.limit and look.words >= look.limit:
        yield Finding(CRITICAL, "收件箱已满", "Its inbox is full")
    if look.retrying:
        yield Finding(WARNING, f"{look.retrying:,} 条正在重试", f"{look.retrying:,} being tried again")
    if look.dead:
        yield Finding(WARNING, f"死信 {look.dead:,} 条，请处理", f"{look.dead:,} dead letters to deal with")


class QueueWatch:
    """Looks at the queues of all departments and of these services, at most every so many seconds.

    `depths` asks the broker, `clock` gives monotonic seconds.
    """

    def __init__(
        self,
        directory: Directory,
        depths: Callable[[Sequence[str]], Mapping[str, Depth | None]],
        services: Sequence[str] = (),
        *,
        seconds: float = LOOK_SECONDS,
        clock: Callable[[], float] = time.monotonic,
    ):
        self._directory = directory
        self._depths = depths
        self._services = services
        self._seconds = seconds
        self._clock = clock
        self._turn = threading.Lock()
        self._looked: float | None = None
        self._seen: tuple[list[Look], list[Look]] = ([], [])
        self._not_empty_since: dict[str, float] = {}

    def departments(self) -> list[Look]:
        """Every department that is plugged in. Raises BrokerGone."""
        return self._look()[0]

    def services(self) -> list[Look]:
        """Every service. Raises BrokerGone."""
        return self._look()[1]

    def _look(self) -> tuple[list[Look], list[Look]]:
        with self._turn:
            now = self._clock()
            if self._looked is None or now - self._looked >= self._seconds:
                self._seen = self._ask(now)
                self._looked = now
            return self._seen

    def _ask(self, now: float) -> tuple[list[Look], list[Look]]:
        departments = {code: department_queues(code) for code in self._directory.codes}
        services = {name: service_queues(name) for name in self._services}
        wanted = [queue for code, names in departments.items() for queue in (*_of(names), inbox_exchange(code))]
        wanted += [queue for names in services.values() for queue in (names.events, names.dead)]
        depths = self._depths(wanted)
        return (
            [self._of_department(code, names, depths, now) for code, names in departments.items()],
            [self._of_service(name, names, depths, now) for name, names in services.items()],
        )

    def _of_department(self, code: str, names: QueueNames, depths: Mapping, now: float) -> Look:
        events = depths[names.events]
        if events is None:
            return Look(code=code, provisioned=False)
        return Look(
            code=code,
            waiting=events.waiting,
            waiting_seconds=self._waiting_seconds(names.events, events, now),
            consumers=events.consumers,
            retrying=sum(_waiting(depths[names.retry(seconds)]) for seconds in names.retry_seconds),
            dead=_waiting(depths[names.dead]),
            words=_waiting(depths[inbox_exchange(code)]),
            limit=self._directory.get(code).queue_limit,
        )

    def _of_service(self, name: str, names: QueueNames, depths: Mapping, now: float) -> Look:
        events = depths[names.events]
        if events is None:
            return Look(code=name, provisioned=False)
        return Look(
            code=name,
            waiting=events.waiting,
            waiting_seconds=self._waiting_seconds(names.events, events, now),
            consumers=events.consumers,
            dead=_waiting(depths[names.dead]),
        )

    def _waiting_seconds(self, queue: str, depth: Depth, now: float) -> float:
        if not depth.waiting:
            self._not_empty_since.pop(queue, None)
            return 0.0
        return now - self._not_empty_since.setdefault(queue, now)


def _of(names: QueueNames) -> list[str]:
    return [names.events, names.dead, *(names.retry(seconds) for seconds in names.retry_seconds)]


def _waiting(depth: Depth | None) -> int:
    return depth.waiting if depth else 0
