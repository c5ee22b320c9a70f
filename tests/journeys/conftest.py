"""The whole product, every service and department in a process of its own, started once for all journeys."""

import pytest

from deploy.fleet import Fleet
from deploy.people import People, case_book


@pytest.fixture(scope="session")
def fleet(amqp_uri, postgresql_url, tmp_path_factory):
    """Services on PostgreSQL and a real RabbitMQ, departments on SQLite with their own broker users."""
    made = Fleet(tmp_path_factory.mktemp("fleet"), database_url=postgresql_url)
    made.start()
    yield made
    made.stop()
    made.node.remove()


@pytest.fixture
def people(fleet):
    """An applicant, officers and clerks."""
    return People(fleet)


@pytest.fixture
def case():
    """One of the five real cases, by its key; changed as asked."""

    def find(key, **changes):
        return next(one for one in case_book()["cases"] if one["key"] == key) | changes

    return find
