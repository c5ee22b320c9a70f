"""Callbacks, reviews and unreasonable demands on the desk: lists of what waits, and forms while it does."""

import json
from pathlib import Path

import pytest
from sqlalchemy import inspect, text

from appeals.bus.database import Database, migrate
from appeals.events import (
    CallbackEnded,
    CallbackMade,
    CallbackPlanned,
    ReviewRequested,
    UnreasonableDecided,
    UnreasonableRequested,
    UnreasonableReviewed,
)
from tests.services.evaluating import close, lead
from tests.services.test_pages_entrance import visitor
from tests.services.test_portal import RECEIPT, Portal, _no_settings  # noqa: F401 - fixtures

MIGRATIONS = Path(__file__).parents[2] / "services" / "portal" / "migrations"


@pytest.fixture
def closed(town):
    """The portal in a town in which an appeal was led and closed."""
    town.host("evaluation")
    portal = Portal(town)
    lead(town)
    close(town)
    return portal


def is_on(browser, name):
    """Whether the appeal is on this list of the desk."""
    return RECEIPT in browser.get(f"/desk?list={name}").text


@pytest.mark.parametrize(
    ("role", "answer", "stays"),
    [
        ("intake-officer", {"note": "无人接听"}, True),
        (
            "supervisor",
            {"reached": "true", "contact_confirmed": "true", "rating": "satisfied", "solved": "solved"},
            False,
        ),
    ],
)
def test_who_is_to_be_called_back_is_on_a_list_until_they_were_reached(closed, role, answer, stays):
    browser = visitor(closed, "wangming", role)
    page = f"/desk/appeals/{RECEIPT}"

    assert is_on(browser, "callback")
    assert "回访期限" in browser.shown.text
    assert "应回访于 2026年11月27日 17:00" in browser.get(page).text
    assert browser.send(f"{page}/callback", **answer).status_code == 303
    assert is_on(browser, "callback") == stays


def test_a_callback_that_is_overdue_has_a_red_light_on_the_list_and_a_line_in_the_appeal(town, closed):
    assert "已超期" not in visitor(closed, "wangming", "intake-officer").get("/desk?list=callback").text

    town.clock.advance(days=4)
    town.hosts["evaluation"].tick()
    town.settle()
    browser = visitor(closed, "zhaoqian", "intake-officer")

    assert '<span class="light red"></span> 已超期 ' in browser.get("/desk?list=callback").text
    assert "回访超过2026年11月27日 17:00的期限" in browser.get(f"/desk/appeals/{RECEIPT}").text


@pytest.mark.parametrize("over", [CallbackMade, CallbackEnded])
def test_a_callback_that_is_over_is_on_no_list(town, closed, over):
    browser = visitor(closed, "wangming", "supervisor")
    facts = {"reached": True, "attempt": 1} if over is CallbackMade else {"attempts": 3}

    town.say("evaluation", over(receipt=RECEIPT, at=town.clock(), department="securities", round=1, **facts))

    assert not is_on(browser, "callback")


def test_an_answer_that_does_not_fit_is_told_and_kept(closed):
    browser = visitor(closed, "wangming", "intake-officer")
    browser.get(f"/desk/appeals/{RECEIPT}")

    wrong = browser.send(f"/desk/appeals/{RECEIPT}/callback", rating="satisfied", solved="solved", note="王经理说好")

    assert 400 <= wrong.status_code < 500
    assert "王经理说好" in wrong.text


def test_a_review_waits_on_the_supervisors_desk_with_the_form_of_its_decision(town, closed):
    browser = visitor(closed, "lihua", "supervisor")
    facts = {"receipt": RECEIPT, "at": town.clock(), "departments": ("securities",), "round": 3, "reason": "仍不满意"}

    town.say("evaluation", ReviewRequested(**facts, due=town.clock()))

    assert is_on(browser, "review")
    assert f'action="/desk/appeals/{RECEIPT}/review-decision"' in browser.get(f"/desk/appeals/{RECEIPT}").text


def test_each_step_about_an_unreasonable_demand_is_offered_when_it_is_due(town, closed):
    browser = visitor(closed, "lihua", "supervisor")
    about = {"receipt": RECEIPT, "at": town.clock()}

    def offered():
        shown = browser.get(f"/desk/appeals/{RECEIPT}").text
        steps = ("unreasonable", "unreasonable/legal-review", "unreasonable/decision")
        return [step for step in steps if f'action="/desk/appeals/{RECEIPT}/{step}"' in shown]

    assert (offered(), is_on(browser, "unreasonable")) == (["unreasonable"], False)
    town.say("evaluation", UnreasonableRequested(**about, basis="依据", reason="理由"))
    assert (offered(), is_on(browser, "unreasonable")) == (["unreasonable/legal-review"], True)
    town.say("evaluation", UnreasonableReviewed(**about, supported=True, opinion="支持"))
    assert (offered(), is_on(browser, "unreasonable")) == (["unreasonable/decision"], True)
    decided = UnreasonableDecided(**about, departments=("securities",), approved=True, reason="理由", basis="依据")
    town.say("evaluation", decided)
    assert (offered(), is_on(browser, "unreasonable")) == (["unreasonable"], False)


def test_departments_have_neither_list(closed):
    browser = visitor(closed, "zhanghong", "department", department="securities")

    for name in ("callback", "review", "unreasonable"):
        assert browser.get(f"/desk?list={name}").status_code == 404


def test_what_waited_before_the_lists_were_there_is_on_them_afterwards(town):
    portal, at = Portal(town), town.clock()
    town.say(
        "evaluation",
        CallbackPlanned(receipt=RECEIPT, at=at, department="securities", round=1, due=at),
        UnreasonableRequested(receipt=RECEIPT, at=at, basis="依据", reason="理由"),
    )
    database = Database(town.url, "upgraded")
    try:
        migrate(database, MIGRATIONS, "p0024")
        for table in ("appeals", "timeline"):
            copy(portal.host.database, database, table)

        migrate(database, MIGRATIONS)

        with database.reading() as session:
            question = text("SELECT unreasonable, callback_due IS NOT NULL FROM appeals")
            assert session.execute(question).all() == [("requested", True)]
    finally:
        if database.is_postgresql:
            with database.transaction() as session:
                session.execute(text("DROP SCHEMA upgraded CASCADE"))
        database.close()


def copy(database, other, table):
    """Copy a table's rows from one database to another, without columns that the other has not."""
    schema = other.schema if other.is_postgresql else None
    there = {column["name"] for column in inspect(other.engine).get_columns(table, schema=schema)}
    with database.reading() as session:
        rows = session.execute(text(f"SELECT * FROM {table}")).mappings().all()  # noqa: S608
    with other.transaction() as session:
        for row in rows:
            kept = {name: _plain(value) for name, value in row.items() if name in there}
            names = ", ".join(f'"{name}"' for name in kept)
            given = ", ".join(f":{name}" for name in kept)
            session.execute(text(f"INSERT INTO {table} ({names}) VALUES ({given})"), kept)  # noqa: S608


def _plain(value):
    return json.dumps(value) if isinstance(value, dict | list) else value
