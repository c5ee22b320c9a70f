"""Every service's line of migrations makes exactly the tables that its store works with, on both databases."""

import json
from importlib import import_module
from pathlib import Path

import pytest
from alembic.autogenerate import compare_metadata
from alembic.runtime.migration import MigrationContext
from sqlalchemy import text

from appeals.bus.database import Database, migrate
from services.intake.identities import find, reseal
from services.intake.store import IntakeStore
from services.sealing import Seal

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


def test_identities_from_before_there_was_sealing_are_kept_until_they_are_sealed(empty_database):
    seal = Seal(keys={"k1": b"k" * 16}, current="k1", index_key=b"i" * 32)
    migrate(empty_database, FOLDER / "intake" / "migrations", "i0001")
    with empty_database.transaction() as session:
        session.execute(text("INSERT INTO contacts VALUES ('SQ-1', '李建国', '138:1234:1234')"))
        session.execute(
            text("INSERT INTO identities VALUES ('SQ-1', :applicant, 'company-7')"),
            {"applicant": json.dumps({"name": "某公司", "uscc": None})},
        )

    migrate(empty_database, FOLDER / "intake" / "migrations")

    assert reseal(empty_database, seal) == ["2 sealed with k1"]
    assert find(empty_database, seal, "13812341234", "") == ["SQ-1"]
    with empty_database.reading() as session:
        contact, identity = IntakeStore(session).contact("SQ-1"), IntakeStore(session).identity("SQ-1")
    assert contact.opened(seal) == {"name": "李建国", "phone": "138:1234:1234"}
    assert identity.opened(seal) == {"applicant": {"name": "某公司", "uscc": None}, "account": "company-7"}
    assert "李建国" not in contact.sealed
