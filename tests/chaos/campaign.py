"""Kill everything at random under load, and count what is lost, done twice, out of order or stuck.

    python -m tests.chaos.campaign [--seed N] [--appeals 500] [--kills 60] [--database-stops 3] [--broker-kills 1]

Its own RabbitMQ node, PostgreSQL cluster and processes are killed only by their own pids. The load client keeps
its own ledger: an answer is ok or unknown, and what is unknown is asked again with the same key. The schedule of
faults follows from the seed; how the machine interleaves them does not.
"""

from __future__ import annotations

import argparse
import json
import random
import shutil
import sys
import threading
import time
from collections import Counter
from dataclasses import asdict, dataclass, field
from pathlib import Path

import requests
from sqlalchemy import create_engine, text

from deploy.fleet import SERVICES, Fleet
from deploy.local.postgres import PostgresCluster

ROOT = Path(__file__).parents[2]
RUN = ROOT / ".run" / "chaos"
CLIENTS = 4
QUIET_SECONDS = 120
CATEGORIES = {
    "industry": {"industry", "natural-resources"},
    "finance": {"securities", "sasac"},
    "crime": {"public-security"},
}


@dataclass
class Report:
    """What the checker found; all of the first six have to be 0."""

    lost: int = 0
    twice: int = 0
    out_of_order: int = 0
    stuck: int = 0
    unexplained: int = 0
    dead_letters: int = 0
    appeals: int = 0
    events: int = 0
    faults: dict = field(default_factory=dict)
    unknown_answers: int = 0
    recovery_seconds: float = 0.0
    seed: int = 0
    details: list = field(default_factory=list)

    @property
    def clean(self) -> bool:
        """Whether nothing is wrong."""
        return not any((self.lost, self.twice, self.out_of_order, self.stuck, self.unexplained, self.dead_letters))

    def line(self) -> str:
        """The result in one line."""
        names = ("lost", "twice", "out_of_order", "stuck", "unexplained", "dead_letters")
        return " ".join(f"{name}={getattr(self, name)}" for name in names)


class Client(threading.Thread):
    """Submits appeals and accepts them; asks again with the same key until it knows."""

    def __init__(self, fleet: Fleet, numbers: list[int], randomness: random.Random):
        super().__init__(daemon=True)
        self._fleet = fleet
        self._numbers = numbers
        self._random = randomness
        self._http = requests.Session()
        self._http.trust_env = False
        self.accepted: dict[str, str] = {}
        self.unknown = 0
        self.surprises: list[str] = []

    def run(self) -> None:
        for number in self._numbers:
            category = self._random.choice(sorted(CATEGORIES))
            body = {
                "title": f"第{number}件诉求",
                "text": "请协调解决",
                "applicant": {"kind": "park", "name": "朝阳高新技术产业开发区"},
                "category": category,
            }
            answer = self._insist("/appeals", body, f"submit-{number}")
            receipt = answer["receipt"]
            self._insist(f"/appeals/{receipt}/acceptance", {}, f"accept-{number}", role="intake-officer")
            if receipt in self.accepted:
                self.surprises.append(f"{receipt} was given twice")
            self.accepted[receipt] = category

    def _insist(self, path: str, body: dict, key: str, role: str = "") -> dict:
        headers = {"Idempotency-Key": key}
        if role:
            headers["Authorization"] = f"Bearer {self._fleet.key(role)}"
        while True:
            try:
                url = f"{self._fleet.address}/api/v1{path}"
                response = self._http.post(url, json=body, headers=headers, timeout=30)
                if response.ok:
                    return response.json()
                if response.status_code < 500:
                    self.surprises.append(f"{path} {response.status_code} {response.text}")
                    return {"receipt": ""}
            except requests.RequestException:
                pass  # unknown: ask again
            self.unknown += 1
            time.sleep(0.3)


class Faults(threading.Thread):
    """Does what the seed says: kills members, stops the database, kills the broker; the campaign starts them again."""

    def __init__(self, fleet: Fleet, cluster: PostgresCluster, plan: list[str], pace: float):
        super().__init__(daemon=True)
        self._fleet = fleet
        self._cluster = cluster
        self._plan = plan
        self._pace = pace
        self.done: Counter = Counter()

    def run(self) -> None:
        for fault in self._plan:
            time.sleep(self._pace)
            if fault == "database":
                self._cluster.stop("immediate")
                self._cluster.start()
            elif fault == "broker":
                self._fleet.kill_broker()
            else:
                self._fleet.members[fault].kill()
                self._fleet.members[fault].start()
            self.done[fault] += 1


def run(*, seed: int, appeals: int, kills: int, database_stops: int, broker_kills: int, pace: float, say) -> Report:
    """One campaign; returns what the checker found."""
    randomness = random.Random(seed)
    shutil.rmtree(RUN, ignore_errors=True)
    cluster = PostgresCluster(RUN / "postgres")
    fleet = Fleet(RUN, database_url=cluster.start())
    try:
        fleet.start(say)
        victims = [*SERVICES, *fleet.directory.codes]
        plan = [randomness.choice(victims) for _ in range(kills)]
        plan += ["database"] * database_stops + ["broker"] * broker_kills
        randomness.shuffle(plan)
        faults = Faults(fleet, cluster, plan, pace)
        numbers = list(range(appeals))
        clients = [Client(fleet, numbers[n::CLIENTS], random.Random(f"{seed}/{n}")) for n in range(CLIENTS)]
        for thread in (*clients, faults):
            thread.start()
        while any(thread.is_alive() for thread in (*clients, faults)):
            time.sleep(1)
            made = sum(len(client.accepted) for client in clients)
            say(f"{made}/{appeals} appeals accepted, {sum(faults.done.values())}/{len(plan)} faults")
        report = Report(seed=seed, faults=dict(faults.done), unknown_answers=sum(c.unknown for c in clients))
        report.recovery_seconds = wait_until_quiet(fleet, cluster.url, say)
        check(report, fleet, cluster.url, {k: v for client in clients for k, v in client.accepted.items()})
        for client in clients:
            report.unexplained += len(client.surprises)
            report.details += client.surprises
        return report
    finally:
        fleet.stop()
        cluster.stop()


def wait_until_quiet(fleet: Fleet, url: str, say) -> float:
    """Seconds until nothing is under way any more, or the longest we wait."""
    begun = time.monotonic()
    engine = create_engine(url)
    last, since = None, begun
    while time.monotonic() - begun < QUIET_SECONDS:
        with engine.connect() as connection:
            counts = [
                connection.execute(text(f"SELECT count(*) FROM {service}.{table}")).scalar()
                for service in SERVICES
                for table in ("outbox", "inbox")
            ]
        under_way = sum(counts[0::2])
        if under_way or counts != last:
            last, since = counts, time.monotonic()
        elif time.monotonic() - since > 5:
            break
        say(f"settling: {under_way} messages unsent")
        time.sleep(0.5)
    engine.dispose()
    return round(since - begun, 1)


def check(report: Report, fleet: Fleet, url: str, accepted: dict[str, str]) -> None:
    """Compare exact sets: receipts, cases, orders, deadlines, timelines, and the departments' own work lists."""
    engine = create_engine(url)
    with engine.connect() as connection:

        def rows(sql: str) -> list:
            return list(connection.execute(text(sql)))

        report.appeals = len(accepted)
        report.events = rows("SELECT " + " + ".join(f"(SELECT count(*) FROM {name}.journal)" for name in SERVICES))[0][
            0
        ]
        for name in SERVICES:
            for count, what in (
                (rows(f"SELECT count(*) FROM {name}.outbox")[0][0], "unsent"),
                (rows(f"SELECT count(*) FROM {name}.inbox WHERE state = 'parked'")[0][0], "parked"),
            ):
                if count:
                    report.stuck += count
                    report.details.append(f"{name}: {count} {what}")
            dead = rows(f"SELECT count(*) FROM {name}.journal WHERE audience = 'dead'")[0][0]
            if dead:
                report.dead_letters += dead
                report.details.append(f"{name}: {dead} dead letters")
        told: dict[str, list[str]] = {}
        for receipt, topic, department in rows(
            "SELECT receipt, topic, department FROM portal.timeline ORDER BY receipt, number"
        ):
            told.setdefault(receipt, []).append(f"{topic} {department}" if department else topic)
        routed = Counter((r, d) for r, d in rows("SELECT receipt, department FROM routing.orders"))
        watched = Counter((r, d) for r, d in rows("SELECT receipt, department FROM supervision.orders"))
    engine.dispose()
    listed = Counter()
    for code in fleet.directory.codes:
        own = create_engine(fleet.database_of(code) + f"dept_{code.replace(chr(45), chr(95))}.sqlite3")
        with own.connect() as connection:
            listed.update((receipt, code) for (receipt,) in connection.execute(text("SELECT receipt FROM work_orders")))
        own.dispose()
    for receipt, category in accepted.items():
        for department in CATEGORIES[category]:
            for where, found in (("routing", routed), ("supervision", watched), (department, listed)):
                count = found.pop((receipt, department), 0)
                report.lost += count == 0
                report.twice += count > 1
                if count != 1:
                    report.details.append(f"{receipt}: {count} orders to {department} in {where}")
        story = told.pop(receipt, [])
        expected = Counter(["appeal.submitted", "appeal.accepted"])
        for department in CATEGORIES[category]:
            expected.update([f"order.dispatched {department}", f"order.signed {department}"])
        counted = Counter(entry for entry in story if entry in expected)
        report.lost += sum((expected - counted).values())
        report.twice += sum((counted - expected).values())
        if counted != expected:
            report.details.append(f"{receipt}: {story}")
        report.out_of_order += not in_order(story)
    leftover = [*routed, *watched, *listed, *told]
    report.unexplained += len(leftover)
    report.details += [f"nobody asked for {one}" for one in leftover[:20]]


def in_order(story: list[str]) -> bool:
    """Whether causes stand before their effects."""
    place = {entry: number for number, entry in reversed(list(enumerate(story)))}

    def before(first: str, second: str) -> bool:
        return first not in place or second not in place or place[first] < place[second]

    dispatched = [entry for entry in place if entry.startswith("order.dispatched ")]
    return (
        before("appeal.submitted", "appeal.accepted")
        and all(before("appeal.accepted", entry) for entry in dispatched)
        and all(before(entry, entry.replace("dispatched", "signed")) for entry in dispatched)
    )


def main(arguments: list[str] | None = None) -> int:
    """Run a campaign from the command line; returns 0 if it is clean."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--seed", type=int, default=random.randrange(10**6))
    parser.add_argument("--appeals", type=int, default=500)
    parser.add_argument("--kills", type=int, default=60)
    parser.add_argument("--database-stops", type=int, default=3)
    parser.add_argument("--broker-kills", type=int, default=1)
    parser.add_argument("--pace", type=float, default=1.0, help="seconds between faults")
    chosen = parser.parse_args(arguments)
    print(f"seed {chosen.seed}")
    report = run(say=lambda line: print(f"\r\033[K… {line}", end="", flush=True), **vars(chosen))
    print("\r\033[K" + json.dumps(asdict(report), ensure_ascii=False))
    print(report.line())
    return 0 if report.clean else 1


if __name__ == "__main__":
    sys.exit(main())
