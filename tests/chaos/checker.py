"""After the faults: exact sets are compared, across receipts, orders, timelines and the departments' own work lists."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field

from sqlalchemy import create_engine, text

from appeals.department import schema_name
from deploy.fleet import Fleet
from services import SERVICES

# Who gets an order in each category that the load client uses.
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
                (rows(f"SELECT count(*) FROM {name}.held")[0][0], "held"),
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
        own = create_engine(f"{fleet.database_of(code)}{schema_name(code)}.sqlite3")
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
