"""When an applicant is to be called back, and whether it is to be decided that a demand is unreasonable."""

import json
from datetime import UTC, datetime

import sqlalchemy as sa
from alembic import op

revision = "p0020"
down_revision = "p0024"

REQUESTED, REVIEWED, DECIDED = "unreasonable.requested", "unreasonable.reviewed", "unreasonable.decided"
PLANNED, MADE = "callback.planned", "callback.made"
OVER = ("callback.ended", "appeal.evaluated", "appeal.reopened", "appeal.archived")


def upgrade():
    with op.batch_alter_table("appeals") as appeals:
        appeals.add_column(sa.Column("callback_due", sa.DateTime(timezone=True)))
        appeals.add_column(sa.Column("unreasonable", sa.String(16), nullable=False, server_default=""))
    for index, name, some in (
        ("appeals_callback", "callback_due", sa.text("callback_due IS NOT NULL")),
        ("appeals_unreasonable", "unreasonable", sa.text("unreasonable <> ''")),
    ):
        op.create_index(index, "appeals", [name], postgresql_where=some, sqlite_where=some)
    _tell_from_timelines()


def _tell_from_timelines():
    """Tell both of the appeals that there are from what has happened to them, first to last."""
    timeline = sa.table("timeline", *map(sa.column, ("receipt", "number", "topic", "data")))
    appeals = sa.table(
        "appeals",
        sa.column("receipt"),
        sa.column("callback_due", sa.DateTime(timezone=True)),
        sa.column("unreasonable"),
    )
    topics = (REQUESTED, REVIEWED, DECIDED, PLANNED, MADE, *OVER)
    question = sa.select(timeline).where(timeline.c.topic.in_(topics)).order_by(timeline.c.receipt, timeline.c.number)
    waiting: dict[str, dict] = {}
    for receipt, _, topic, data in op.get_bind().execute(question):
        facts = json.loads(data) if isinstance(data, str) else data
        waiting.setdefault(receipt, {}).update(_said(topic, facts))
    for receipt, facts in waiting.items():
        if any(facts.values()):
            op.execute(sa.update(appeals).where(appeals.c.receipt == receipt).values(**facts))


def _said(topic, facts):
    if topic == PLANNED:
        return {"callback_due": datetime.fromisoformat(facts["due"]).astimezone(UTC)}
    if topic in OVER or (topic == MADE and facts["reached"]):
        return {"callback_due": None}
    return {REQUESTED: {"unreasonable": "requested"}, REVIEWED: {"unreasonable": "reviewed"}}.get(
        topic, {"unreasonable": ""} if topic == DECIDED else {}
    )
