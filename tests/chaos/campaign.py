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
from dataclasses import asdict
from pathlib import Path

import requests
from sqlalchemy import create_engine, text

from deploy.fleet import Fleet
from deploy.local.postgres import PostgresCluster
from deploy.local.rabbitmq import RabbitNode
from services import SERVICES
from tests.chaos.checker import CATEGORIES, Report, check

ROOT = Path(__file__).parents[2]
RUN = ROOT / ".run" / "chaos"
CLIENTS = 4
QUIET_SECONDS = 120


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
                "applicant": {"kind": "park", "name": f"第{number}产业园"},  # nobody repeats what another has said
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
    clear_away()
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


def clear_away() -> None:
    """Delete all that an earlier campaign has left to look at."""
    for node in (RabbitNode(RUN / "rabbitmq"), PostgresCluster(RUN / "postgres")):
        node.remove()
    shutil.rmtree(RUN, ignore_errors=True)


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
