"""Who may do what, and whose appeals they may see."""

from datetime import UTC, datetime

import pytest
from sqlalchemy import create_engine, select

from appeals.bus.database import Moment
from services.portal.keys import Keyring
from services.portal.rights import ALLOWED, NOBODY, STAFF, Principal, may, readable
from services.portal.store import accused, appeals, metadata, orders

NOON = datetime(2026, 11, 24, 4, tzinfo=UTC)


def principal(role, department="", **more):
    return Principal(name=role, role=role, department=department, **more)


@pytest.fixture
def seen_by():
    """Four appeals; the function tells which of them a principal sees."""
    engine = create_engine("sqlite://")
    metadata.create_all(engine)
    with engine.begin() as connection:
        for receipt, classification in (("one", "ordinary"), ("two", "ordinary"), ("three", "confidential")):
            connection.execute(appeals.insert(), _appeal(receipt, classification))
        connection.execute(orders.insert(), [_order("one"), _order("two"), _order("three")])
        connection.execute(orders.insert(), [_order("two", "sasac", "returned"), _order("one", "sasac")])
        connection.execute(accused.insert(), [{"receipt": "two", "department": "industry"}])

    def seen(who):
        with engine.connect() as connection:
            return set(connection.scalars(select(appeals.c.receipt).where(readable(who))))

    yield seen
    engine.dispose()


def _appeal(receipt, classification):
    texts = {column.name: "" for column in appeals.c if not isinstance(column.type, Moment)}
    facts = {"receipt": receipt, "classification": classification, "submitted_at": NOON, "updated_at": NOON}
    return texts | facts | {"round": 1, "events": 1}


def _order(receipt, department="industry", state="dispatched"):
    return {
        "order": f"{receipt}-{department}",
        "receipt": receipt,
        "department": department,
        "role": "lead",
        "round": 1,
        "first": True,
        "dispatched_at": NOON,
        "submitted_at": NOON,
        "state": state,
        "result": "",
    }


@pytest.mark.parametrize("role", ["intake-officer", "dispatcher", "supervisor", "auditor"])
def test_officers_see_all_appeals(seen_by, role):
    assert seen_by(principal(role)) == {"one", "two", "three"}


def test_a_department_sees_what_it_has_an_order_in(seen_by):
    assert seen_by(principal("department", "sasac")) == {"one"}
    assert seen_by(principal("department", "securities")) == set()


def test_a_department_never_sees_what_is_about_it(seen_by):
    assert seen_by(principal("department", "industry")) == {"one", "three"}


def test_a_department_sees_only_what_it_is_cleared_for(seen_by):
    assert seen_by(principal("department", "industry", cleared=("public", "ordinary"))) == {"one"}


def test_a_unit_below_an_accused_one_does_not_see_the_appeal(seen_by):
    assert seen_by(principal("supervisor", "a-division", above=("industry", "province"))) == {"one", "three"}


def test_an_officer_who_belongs_to_an_accused_unit_does_not_see_the_appeal(seen_by):
    assert seen_by(principal("supervisor", "industry")) == {"one", "three"}


def test_an_applicant_sees_their_own_appeal(seen_by):
    assert seen_by(Principal.applicant("two")) == {"two"}


@pytest.mark.parametrize("who", [NOBODY, principal("no such role"), principal("")])
def test_who_has_no_right_to_read_sees_nothing(seen_by, who):
    assert seen_by(who) == set()


def test_what_is_not_in_the_table_nobody_may_do():
    assert not any(may(principal(role), "no such action") for role in STAFF)


@pytest.mark.parametrize(
    ("action", "roles"),
    [
        ("accept", {"intake-officer"}),
        ("reject", {"intake-officer"}),
        ("ask-supplement", {"intake-officer"}),
        ("find-candidates", {"intake-officer"}),
        ("merge", {"intake-officer"}),
        ("unmerge", {"intake-officer"}),
        ("link", {"intake-officer"}),
        ("split", {"intake-officer"}),
        ("provide-supplement", {"applicant", "enterprise"}),
        ("dispatch", {"dispatcher"}),
        ("designate", {"supervisor"}),
        ("decide-return", {"dispatcher"}),
        ("approve-feedback", {"supervisor"}),
        ("refuse-feedback", {"supervisor"}),
        ("decide-extension", {"supervisor"}),
        ("rate", {"applicant", "enterprise"}),
    ],
)
def test_each_decision_belongs_to_one_role(action, roles):
    assert ALLOWED[action] == roles


def test_a_key_opens_for_its_holder_only():
    digest = "2c70e12b7a0646f92279f427c7b38e7334d8e5389cff167a1dc30e73f826b683"  # of "key"
    keyring = Keyring(((digest, principal("auditor")),))

    assert keyring.holder("key") == principal("auditor")
    assert keyring.holder("Key") is None
    assert keyring.holder("") is None
    assert keyring.holder("密钥\udcff") is None
