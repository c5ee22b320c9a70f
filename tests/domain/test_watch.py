"""From what is seen of a department's queues to what an operator is told."""

from pathlib import Path

import pytest

from appeals.bus.broker import Depth
from appeals.bus.topology import department_queues, inbox_exchange, service_queues
from appeals.manifest import Directory
from appeals.watch import Look, QueueWatch, finding

DIRECTORY = Directory.load(Path(__file__).parents[2] / "deploy" / "departments")
RUNS = {"code": "sasac", "consumers": 1, "limit": 200_000}


@pytest.mark.parametrize(
    ("seen", "severity", "zh"),
    [
        ({}, "well", "正常"),
        ({"waiting": 5, "waiting_seconds": 10}, "well", "正常"),
        ({"provisioned": False}, "critical", "未开通：队列不存在"),
        ({"consumers": 0}, "warning", "未运行：没有消费者"),
        ({"consumers": 0, "waiting": 3}, "critical", "未运行：没有消费者，3 条待收"),
        ({"waiting": 3, "waiting_seconds": 360}, "warning", "处理滞后：3 条待收，已持续 6 分钟"),
        ({"waiting": 160_000}, "warning", "队列将满：上限 200,000 条"),
        ({"waiting": 200_000}, "critical", "队列已满：200,000 条待收"),
        ({"words": 50_000}, "warning", "发送过快：收件箱积压 50,000 条"),
        ({"words": 200_000}, "critical", "发送过快：收件箱积压 200,000 条；收件箱已满"),
        ({"retrying": 4}, "warning", "4 条正在重试"),
        ({"dead": 2}, "warning", "死信 2 条，请处理"),
        ({"dead": 2, "consumers": 0}, "warning", "未运行：没有消费者；死信 2 条，请处理"),
    ],
)
def test_a_finding_says_everything_that_is_wrong_and_how_bad_it_is(seen, severity, zh):
    found = finding(Look(**(RUNS | seen)))

    assert (found.severity, found.zh) == (severity, zh)
    assert found.en.isascii()


class Queues:
    """Depths as a test sets them; everything else is empty and consumed."""

    def __init__(self):
        self.depths = {}
        self.asked = 0
        self.now = 0.0

    def __call__(self, names):
        self.asked += 1
        return {name: self.depths.get(name, Depth(0, 1)) for name in names}

    def watch(self):
        return QueueWatch(DIRECTORY, self, ("routing",), clock=lambda: self.now)


def sasac(watch):
    return next(look for look in watch.departments() if look.code == "sasac")


def test_a_look_adds_up_the_queues_of_a_department():
    queues, names = Queues(), department_queues("sasac")
    tiers = {names.retry(seconds): Depth(1, 0) for seconds in names.retry_seconds}
    queues.depths = tiers | {
        names.events: Depth(7, 2),
        names.dead: Depth(4, 0),
        inbox_exchange("sasac"): Depth(9, 1),
        service_queues("routing").dead: Depth(5, 0),
    }
    watch = queues.watch()

    limit = DIRECTORY.get("sasac").queue_limit
    assert sasac(watch) == Look(code="sasac", waiting=7, consumers=2, retrying=3, dead=4, words=9, limit=limit)
    assert watch.services() == [Look(code="routing", consumers=1, dead=5)]


def test_a_queue_that_there_is_not_is_a_department_that_is_not_provisioned():
    queues = Queues()
    queues.depths = {department_queues("sasac").events: None}

    assert not sasac(queues.watch()).provisioned


def test_the_broker_is_asked_at_most_every_five_seconds():
    queues = Queues()
    watch = queues.watch()

    watch.departments(), watch.services()
    queues.now = 4.9
    watch.departments()
    assert queues.asked == 1

    queues.now = 5.0
    watch.departments()
    assert queues.asked == 2


def test_lag_is_counted_since_the_queue_was_last_seen_empty():
    queues, events = Queues(), department_queues("sasac").events
    watch = queues.watch()
    seen = []

    for now, waiting in ((0, 0), (10, 3), (20, 5), (30, 0), (40, 2), (50, 2)):
        queues.now, queues.depths = now, {events: Depth(waiting, 1)}
        seen.append(sasac(watch).waiting_seconds)

    assert seen == [0, 0, 10, 0, 0, 10]
