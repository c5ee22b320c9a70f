"""Departments on trial, on both databases, with the manifests of this repository."""

import uuid
from contextlib import ExitStack, closing
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import create_engine, make_url, text

from appeals.bus.database import Database
from appeals.department import Department, Office, schema_name
from appeals.events import (
    DEPARTMENT_WORDS,
    AppealClosed,
    AppealReopened,
    Applicant,
    DeadlineMissed,
    DeadlineSet,
    FeedbackApproved,
    FeedbackRefused,
    OrderDispatched,
)
from appeals.manifest import Directory
from appeals.testing import Trial
from appeals.testing.clock import TUESDAY_MORNING

ROOT = Path(__file__).parents[2]
RECEIPT = "SQ-20261124-A1B2C3"
ORDER = f"{RECEIPT}-01"
MANIFESTS = Directory.load(ROOT / "deploy" / "departments")


@pytest.fixture(scope="session")
def own_postgresql_url(postgresql_url):
    """A database that no other run of the tests works in."""
    name = f"departments_{uuid.uuid4().hex[:12]}"
    server = create_engine(postgresql_url, isolation_level="AUTOCOMMIT")
    with server.connect() as connection:
        connection.execute(text(f"CREATE DATABASE {name}"))
    yield make_url(postgresql_url).set(database=name).render_as_string(hide_password=False)
    with server.connect() as connection:
        connection.execute(text(f"DROP DATABASE {name} WITH (FORCE)"))
    server.dispose()


@pytest.fixture(params=["sqlite", "postgresql"])
def database_url(request, tmp_path):
    """A folder for SQLite files, or a PostgreSQL database."""
    return f"sqlite:///{tmp_path}/" if request.param == "sqlite" else request.getfixturevalue("own_postgresql_url")


@pytest.fixture
def try_out(database_url):
    """Puts a department on trial, with its own manifest or another."""

    def begin(department, manifest=None):
        database = Database(database_url, schema_name(department.code), pool_size=department.concurrency + 2)
        manifest = manifest or MANIFESTS.get(department.code)
        return trials.enter_context(Trial(department, manifest, database=database))

    with ExitStack() as trials:
        yield begin


@pytest.fixture
def another_process(database_url):
    """Opens the office of a department once more: another connection to its database, and no broker."""
    with ExitStack() as offices:
        yield lambda trial: offices.enter_context(
            closing(
                Office({}, trial.manifest, Database(database_url, schema_name(trial.manifest.code)), clock=trial.clock)
            )
        )


def reasons(trial):
    """Why events were set aside, in order."""
    return [letter.reason for letter in trial.dead]


@pytest.fixture
def industry():
    """A department without handlers yet."""
    return Department("industry")


def sign(order, desk):
    """The least that a handler does."""
    desk.sign(order)


def without(*words):
    """The manifest of industry, but for these words."""
    manifest = MANIFESTS.get("industry")
    return replace(manifest, words=tuple(word for word in manifest.words if word not in words))


class Events:
    """Makes the platform's events about one appeal."""

    def dispatched(self, department="industry", **changes):
        """A work order."""
        facts = {
            "order": ORDER,
            "role": "lead",
            "title": "申报成立化工产业园区，请协调省工信厅支持",
            "text": "为引进产业链，需要申报成立化工产业园区",
            "applicant": Applicant(name="朝阳高新技术产业开发区", kind="park"),
            "kind": "help",
            "urgency": "normal",
            "complexity": "hard",
        }
        return self._make(OrderDispatched, department=department, **(facts | changes))

    def deadline(self, step, *, days, cls=DeadlineSet, **changes):
        """A deadline in so many days, set or missed."""
        due = TUESDAY_MORNING + timedelta(days=days)
        return self._about_order(cls, step=step, due=due, **changes)

    def missed(self, step, **changes):
        """A deadline that passed yesterday."""
        return self.deadline(step, days=-1, cls=DeadlineMissed, **changes)

    def refused(self, reason, **changes):
        """A reply that was sent back."""
        return self._about_order(FeedbackRefused, reason=reason, **changes)

    def approved(self, **changes):
        """A reply that stands."""
        return self._about_order(FeedbackApproved, result="solved", text="已办结", **changes)

    def closed(self):
        """The end of the appeal."""
        facts = {"lead": "industry", "departments": ("industry",), "result": "solved", "summary": "已办结"}
        return self._make(AppealClosed, round=1, **facts)

    def reopened(self, reason):
        """A new round."""
        return self._make(AppealReopened, departments=("industry",), round=2, reason=reason)

    def _about_order(self, cls, **facts):
        return self._make(cls, **({"order": ORDER, "department": "industry"} | facts))

    def _make(self, cls, **facts):
        return cls(receipt=RECEIPT, at=TUESDAY_MORNING, **facts)


@pytest.fixture
def events():
    """Makes events."""
    return Events()


ALL_WORDS = [word.topic for word in DEPARTMENT_WORDS]
