"""Expensive things are started once for each worker, empty: a private RabbitMQ node and a private PostgreSQL cluster.

`AMQP_URI` and `DATABASE_URL` name others to use instead.
"""

import os
from pathlib import Path

import pytest
from hypothesis import settings
from xdist.scheduler import LoadFileScheduling

from appeals import green  # noqa: F401 - quiets eventlet, before anything imports nameko
from deploy.local.postgres import PostgresCluster
from deploy.local.rabbitmq import RabbitNode

settings.register_profile("any speed", deadline=None)
settings.load_profile("any speed")

ROOT = Path(__file__).parent.parent
RUN = ROOT / ".run" / "test" / os.environ.get("PYTEST_XDIST_WORKER", "alone")


class OneTown(LoadFileScheduling):
    """Each file goes to one worker, and all files of the browser tests to the same: their town is started once."""

    def _split_scope(self, nodeid):
        place = super()._split_scope(nodeid)
        return "tests/browser" if place.startswith("tests/browser/") else place


def pytest_xdist_make_scheduler(config, log):
    """How the tests are spread over the workers."""
    return OneTown(config, log)


@pytest.fixture(scope="session")
def amqp_uri():
    """A RabbitMQ node, gone at the end if it was started here."""
    if given := os.environ.get("AMQP_URI"):
        yield given
        return
    node = RabbitNode(RUN / "rabbitmq")
    ours = not node.running()
    if ours:
        node.remove()
    yield node.start()
    if ours:
        node.remove()


@pytest.fixture(scope="session")
def postgresql_url():
    """A PostgreSQL database, gone at the end if it was started here."""
    given = os.environ.get("DATABASE_URL", "")
    if given.startswith("postgresql"):
        yield given
        return
    cluster = PostgresCluster(RUN / "postgres")
    ours = not cluster.running()
    if ours:
        cluster.remove()
    yield cluster.start()
    if ours:
        cluster.remove()
