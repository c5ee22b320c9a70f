"""A block: how long intake takes to find what an appeal may repeat, with more and more appeals in its tables.

    python -m benchmarks.block [--most 1000000]

On a private PostgreSQL with fsync on. Every enterprise has about ten appeals, as one has that appeals often; the same
question is asked of as many enterprises each time, and the median is told in milliseconds.
"""

import argparse
import random
import shutil
import statistics
import sys
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path

from sqlalchemy import text

from appeals.bus.database import Database, migrate
from deploy.local.postgres import PostgresCluster
from services.intake.store import IntakeStore
from services.intake.traits import ENTERPRISE, Trait

ROOT = Path(__file__).parent.parent
RUN = ROOT / ".run" / "block"
APPEALS_OF_EACH, QUESTIONS = 10, 300
NOW = datetime(2026, 11, 24, tzinfo=UTC)
WINDOW = timedelta(days=90)
CASES = """
INSERT INTO cases (receipt, title, text, applicant, channel, kind, urgency, category, classification, accused, state,
                   reason, linked_to, merged_into, split_from)
SELECT 'SQ-' || n, '标题', '内容', '{}', 'portal', 'help', 'normal', 'crime', 'ordinary', '[]', 'accepted',
       '', '', '', ''
FROM generate_series(:first, :last) AS n
"""
TRAITS = """
INSERT INTO traits (receipt, kind, value, category, submitted_at, enterprise, submission, hidden)
SELECT 'SQ-' || n, 'enterprise', 'uscc:' || n / :each, 'crime', :now - (n % 90) * interval '1 day',
       'uscc:' || n / :each, 'SQ-' || n, false
FROM generate_series(:first, :last) AS n
"""


def main() -> int:
    """Fill the tables further and further, and ask; returns the exit status."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--most", type=int, default=1_000_000)
    most = parser.parse_args().most
    shutil.rmtree(RUN, ignore_errors=True)
    cluster = PostgresCluster(RUN / "postgres")
    database = Database(cluster.start(), "block")
    try:
        migrate(database, ROOT / "services" / "intake" / "migrations")
        first = 0
        for last in (most // 100, most // 10, most):
            _fill(database, first, last - 1)
            first = last
            sys.stdout.write(f"{last} appeals: {_ask(database, last):.2f} ms a question\n")
    finally:
        database.close()
        cluster.stop()
    return 0


def _fill(database: Database, first: int, last: int) -> None:
    about = {"first": first, "last": last}
    with database.transaction() as session:
        session.execute(text(CASES), about)
        session.execute(text(TRAITS), about | {"each": APPEALS_OF_EACH, "now": NOW})
    with database.engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        connection.execute(text("VACUUM ANALYZE"))


def _ask(database: Database, appeals: int) -> float:
    chance = random.Random(1)
    took = []
    for _ in range(QUESTIONS):
        own = _trait(f"uscc:{chance.randrange(appeals // APPEALS_OF_EACH)}")
        with database.reading() as session:
            began = time.perf_counter()
            found = IntakeStore(session).alike([own], NOW - WINDOW)
            took.append(1000 * (time.perf_counter() - began))
        if len(found) != APPEALS_OF_EACH:
            raise AssertionError(f"{own.value}: {len(found)} found")
    return statistics.median(took)


def _trait(value: str) -> Trait:
    about = {"receipt": "SQ-new", "category": "crime", "submitted_at": NOW, "submission": "SQ-new", "hidden": False}
    return Trait(kind=ENTERPRISE, value=value, enterprise=value, **about)


if __name__ == "__main__":
    sys.exit(main())
