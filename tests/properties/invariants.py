"""What holds of every appeal at every moment, asked of the stores and of all that was said."""

from __future__ import annotations

import json
from collections import Counter
from datetime import UTC, datetime

from appeals.message import read
from appeals.units import load_units
from services.portal.reading import ReadModel
from services.portal.rights import DEPARTMENT, Principal, readable

PREFIX = "cn.appealloop."
STEPS = ("sign", "contact", "reply")
OVER = ("returned", "done")
SECRETS = ("不可见的企业", "hidden-account", "13900001111")  # of those who appeal under a hidden name
Heard = list[tuple[str, dict]]  # what was said of an appeal: topics and data, in order


def moment(value) -> datetime | None:
    """A time from a column or from JSON."""
    value = datetime.fromisoformat(value) if isinstance(value, str) else value
    return value.replace(tzinfo=UTC) if value and value.tzinfo is None else value


def check_orders(town, receipt: str) -> None:
    """One lead while open, nobody twice, and no unit that the appeal is about."""
    routing = town.hosts["routing"]
    cases = routing.rows(f"SELECT round, held FROM cases WHERE receipt = '{receipt}'")
    if not cases:
        return
    round_, held = cases[0]
    where = f"receipt = '{receipt}' AND round = {round_} AND state != 'returned'"
    orders = routing.rows(f"SELECT department, role, state FROM orders WHERE {where}")
    leads = [one for one in orders if one.role == "lead"]
    assert len(leads) == (0 if held else 1), f"{len(leads)} lead"
    at_work = Counter((one.department, one.role) for one in orders if one.state not in OVER)
    assert all(count == 1 for count in at_work.values()), f"a unit has two orders: {at_work}"


def check_exclusion(town, receipt: str, barred: frozenset[str]) -> None:
    """A unit that the appeal is about, or below one, is sent nothing and may not read."""
    reads = ReadModel(town.hosts["portal"].database)
    lineage = load_units().lineage
    for code in barred & set(town.directory.codes):
        who = Principal(name=code, role=DEPARTMENT, department=code, above=lineage(code)[1:])
        assert reads.appeal(receipt, readable(who)) is None, f"{code} may read"
        for host in town.hosts.values():
            copies = f"SELECT count(*) FROM journal WHERE subject = '{receipt}' AND audience = '{code}'"
            assert host.rows(copies)[0][0] == 0, f"{code} is told"


def check_secrecy(town) -> None:
    """Who appeals under a hidden name stands in no event and in no table but intake's own."""
    for host in town.hosts.values():
        for (body,) in host.rows("SELECT body FROM journal"):
            assert not any(secret in bytes(body).decode() for secret in SECRETS)
    for table in ("appeals", "timeline", "orders"):
        for row in town.hosts["portal"].rows(f"SELECT * FROM {table}"):
            assert not any(secret in str(row) for secret in SECRETS)


def check_deadlines(town, receipt: str, heard: Heard) -> None:
    """The deadline that was told last, the one that is shown and the one that counts are the same."""
    told = {}
    for topic, data in heard:
        if topic == "deadline.set":
            told[data["order"], data["step"]] = moment(data["due"])
        elif topic == "extension.approved":
            told[data["order"], "reply"] = moment(data["due"])
    where = f"receipt = '{receipt}' AND step IN {STEPS}"
    counted = town.hosts["supervision"].rows(f'SELECT "order", step, due FROM deadlines WHERE {where}')
    assert {(order, step): moment(due) for order, step, due in counted} == told
    columns = ", ".join(f"{step}_due" for step in STEPS)
    for order, *dues in town.hosts["portal"].rows(
        f"SELECT \"order\", {columns} FROM orders WHERE receipt = '{receipt}'"
    ):
        shown = {(order, step): moment(due) for step, due in zip(STEPS, dues, strict=True) if due}
        assert shown == {key: due for key, due in told.items() if key[0] == order}


def check_said_once(heard: Heard) -> None:
    """Each reminder and each miss of a deadline is said once."""
    counts = Counter(
        (topic, data["order"], data["step"], data["due"], data.get("share"))
        for topic, data in heard
        if topic in ("deadline.warned", "deadline.missed")
    )
    assert all(count == 1 for count in counts.values()), counts.most_common(1)


def check_close(town, receipt: str, heard: Heard) -> None:
    """A close has text, evidence and a record of the contact behind it, and no order of its round is open."""
    orders = town.hosts["supervision"].rows(
        f"SELECT role, round, state, text, evidence, contacted, attempts FROM orders WHERE receipt = '{receipt}'"
    )
    for topic, data in heard:
        if topic == "appeal.closed":
            for one in (one for one in orders if one.round == data["round"]):
                assert one.state in ("closed", "returned"), f"closed over an order that is {one.state}"
    for one in (one for one in orders if one.state == "closed"):
        assert one.text and one.evidence not in ("[]", [])
        assert one.role != "lead" or one.contacted or one.attempts >= 3


def check_replay(town, again, receipt: str, heard: Heard) -> None:
    """What was said, heard once more from the beginning by an empty portal, gives the same picture."""
    with again.database.transaction() as session:
        store = again.service_class.store._store_class(session)
        for topic, data in heard:
            store.note(read(f"{PREFIX}{topic}.v1", data))
            session.flush()
    for table in ("appeals", "orders"):
        question = f"SELECT * FROM {table} WHERE receipt = '{receipt}'"
        assert sorted(map(str, town.hosts["portal"].rows(question))) == sorted(map(str, again.rows(question)))


def said(town, receipt: str) -> Heard:
    """What services said of an appeal, in order."""
    question = f"SELECT id, type, body FROM journal WHERE subject = '{receipt}' AND audience = 'core'"
    rows = sorted(row for host in town.hosts.values() for row in host.rows(question))
    return [
        (type_.removeprefix(PREFIX).rpartition(".v")[0], json.loads(bytes(body))["data"]) for _, type_, body in rows
    ]
