"""Alembic's entry to this line of migrations."""

from appeals.bus.database import run_migrations

run_migrations()
