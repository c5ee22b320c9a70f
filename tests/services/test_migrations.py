"""Every service's line of migrations makes exactly the tables that its store works with, on both databases."""

from importlib import import_module
from pathlib import Path

import pytest
from alembic.autogenerate import compare_metadata
from alembic.runtime.migration import MigrationContext
from sqlalchemy import text

from appeals.bus.database import Database, migrate

FOLDER = Path(__file__).parents[2] / "services"
SERVICES = sorted(path.parent.name for path in FOLDER.glob("*/store.py"))


@pytest.fixture(params=["sqlite", "postgresql"])
def empty_database(request, tmp_path):
    """A database in which there is nothing yet."""
    url = f"sqlite:///{tmp_path}/" if request.param == "sqlite" else request.getfixturevalue("postgresql_url")
    database = Database(url, "migrated")
    yield database
    if database.is_postgresql:
        with database.transaction() as session:
            session.execute(text('DROP SCHEMA "migrated" CASCADE'))
    database.close()


@pytest.mark.parametrize("service", SERVICES)
def test_the_migrations_make_exactly_the_tables_of_the_store(empty_database, service):
    store = import_module(f"services.{service}.store")

    migrate(empty_database, FOLDER / service / "migrations")

    with empty_database.engine.connect() as connection:
        context = MigrationContext.configure(connection, opts={"version_table": f"{service}_version"})
        assert compare_metadata(context, store.metadata) == []
