"""What is known of each appeal, callbacks, reviews, unreasonable demands, facts of led orders, and frozen months."""

import sqlalchemy as sa
from alembic import op

revision = "e0002"
down_revision = "e0001"

MOMENT = sa.DateTime(timezone=True)


def upgrade():
    op.create_table(
        "cases",
        sa.Column("receipt", sa.String(64), primary_key=True),
        _code("urgency"),
        sa.Column("category", sa.String(64), nullable=False),
        _code("classification"),
        sa.Column("city", sa.Text, nullable=False),
        sa.Column("park", sa.Text, nullable=False),
        sa.Column("accepted_at", MOMENT, nullable=False),
        sa.Column("accused", sa.JSON, nullable=False),
        sa.Column("closed_at", MOMENT),
        sa.Column("approved_by", sa.String(128), nullable=False),
        _flag("archived"),
        _flag("unreasonable"),
    )
    op.create_index("cases_accepted", "cases", ["accepted_at"])
    _partial_index("cases_open", "cases", "accepted_at", "closed_at IS NULL")
    op.create_table(
        "callbacks",
        sa.Column("receipt", sa.String(64), primary_key=True),
        sa.Column("round", sa.Integer, primary_key=True, autoincrement=False),
        sa.Column("department", sa.String(64), nullable=False),
        sa.Column("due", MOMENT, nullable=False),
        sa.Column("state", sa.String(16), nullable=False),
        sa.Column("attempts", sa.Integer, nullable=False),
        sa.Column("attempted_at", MOMENT),
    )
    op.create_table(
        "reviews",
        sa.Column("receipt", sa.String(64), primary_key=True),
        sa.Column("round", sa.Integer, nullable=False),
        sa.Column("departments", sa.JSON, nullable=False),
        sa.Column("due", MOMENT, nullable=False),
        sa.Column("next_at", MOMENT),
        sa.Column("decision", sa.String(16), nullable=False),
    )
    _partial_index("reviews_next", "reviews", "next_at", "next_at IS NOT NULL")
    op.create_table(
        "demands",
        sa.Column("receipt", sa.String(64), primary_key=True),
        sa.Column("basis", sa.Text, nullable=False),
        sa.Column("asked_by", sa.String(128), nullable=False),
        sa.Column("state", sa.String(16), nullable=False),
        _flag("supported"),
        sa.Column("reviewed_by", sa.String(128), nullable=False),
    )
    op.create_table(
        "led",
        sa.Column("order", sa.String(80), primary_key=True),
        sa.Column("receipt", sa.String(64), nullable=False),
        sa.Column("round", sa.Integer, nullable=False),
        sa.Column("department", sa.String(64), nullable=False),
        _code("kind"),
        sa.Column("dispatched", MOMENT, nullable=False),
        _flag("anonymous"),
        _flag("unreasonable"),
        *(sa.Column(name, MOMENT) for name in ("sign_due", "signed", "contact_due", "contacted", "attempted")),
        _flag("contact_missed"),
        _flag("contact_confirmed"),
        *(sa.Column(name, MOMENT) for name in ("due", "replied")),
        _flag("closed"),
        *(sa.Column(name, MOMENT) for name in ("suspended_at", "suspended_until")),
        sa.Column("paused_hours", sa.Float, nullable=False),
        sa.Column("handling_hours", sa.Float),
        _code("rating"),
        sa.Column("solved", sa.String(16), nullable=False),
        _flag("reopened"),
        _flag("extended"),
        _flag("returned"),
        sa.Column("denied_returns", sa.Integer, nullable=False),
        sa.Column("cards", sa.JSON, nullable=False),
        sa.Column("period", sa.String(7), nullable=False),
        sa.Column("scored_in", sa.String(7), nullable=False),
    )
    op.create_index("led_receipt", "led", ["receipt"])
    op.create_index("led_period", "led", ["period"])
    op.create_table(
        "periods",
        sa.Column("period", sa.String(7), primary_key=True),
        sa.Column("frozen_at", MOMENT, nullable=False),
        _code("weights_version"),
        sa.Column("units", sa.JSON, nullable=False),
    )


def _code(name):
    return sa.Column(name, sa.String(32), nullable=False)


def _flag(name):
    return sa.Column(name, sa.Boolean, nullable=False)


def _partial_index(name, table, column, condition):
    where = sa.text(condition)
    op.create_index(name, table, [column], postgresql_where=where, sqlite_where=where)
