"""Appeals followed from HTTP to their evaluation, through a real RabbitMQ and real processes."""

import time

import amqp
import kombu
import pytest
import requests

from appeals.department import Department
from appeals.events import Applicant
from appeals.testing import wait_until
from deploy.fleet import ROOT, Member
from deploy.people import case_book, signed_by
from deploy.plugging import plug_in, unplug
from services.portal.cells import to_csv


@pytest.fixture(scope="module")
def receipts():
    """The receipts of the real cases, since one is linked to another."""
    return {}


@pytest.mark.parametrize("real", case_book()["cases"], ids=lambda one: one["key"])
def test_a_real_case_reaches_its_end_with_its_lead_its_assistants_and_its_milestones(people, real, receipts):
    appeal = people.carry(real, receipts)

    orders = {(order["department"]["code"], order["role"]["code"]) for order in appeal["orders"]}
    assert orders == {(real["lead"], "lead")} | {(code, "assist") for code in real["assist"]}
    timeline = people.timeline(appeal["receipt"])["timeline"]
    reached = [(e["department"], e["details"]["name"]) for e in timeline if e["event"] == "milestone.reached"]
    wanted = [(one.get("department", real["lead"]), one["name"]) for one in real["milestones"]]
    for code in {code for code, _ in wanted}:  # between departments there is no order to keep
        assert [name for said, name in reached if said == code] == [name for said, name in wanted if said == code]
    events = [entry["event"] for entry in timeline if entry["department"] in (None, real["lead"])]
    story = ["appeal.submitted", "appeal.accepted", "order.dispatched", "order.signed", "milestone.reached"]
    story += ["feedback.submitted", "feedback.approved"]
    assert [events.index(event) for event in story] == sorted(events.index(event) for event in story)
    assert ("appeal.evaluated" in events) == ("evaluation" in real)


@pytest.mark.parametrize("victim", ["intake", "routing", "supervision", "evaluation", "portal", "industry"])
def test_any_service_killed_in_the_middle_finishes_the_same_journey(fleet, people, case, victim):
    chemical = case("chemical-park", evaluation={"score": "满意", "comment": ""}, end="archived")
    chemical["replies"] = chemical["replies"] | {"industry": chemical["replies"]["industry"] | {"result": "solved"}}
    answer = people.submit(chemical)
    receipt = answer["receipt"]

    fleet.members[victim].kill()
    fleet.members[victim].start()
    fleet.wait_until_ready()
    people.accept(chemical, receipt)
    fleet.members[victim].kill()
    fleet.members[victim].start()
    fleet.wait_until_ready()
    appeal = people.wait_for(receipt, lambda found: len(signed_by(found)) == 2, "signed by both")
    people.work(chemical, appeal)
    people.wait_for(receipt, lambda found: all(one["state"]["code"] == "replied" for one in found["orders"]), "replied")
    fleet.members[victim].kill()
    fleet.members[victim].start()
    fleet.wait_until_ready()
    people.review(receipt)
    people.rate(chemical, receipt, answer["query_code"])

    people.wait_for(receipt, lambda found: found["state"]["code"] == "archived", "archived")
    events = [entry["event"] for entry in people.timeline(receipt)["timeline"]]
    for once in ("appeal.submitted", "appeal.accepted", "appeal.closed", "appeal.evaluated", "appeal.archived"):
        assert events.count(once) == 1
    assert events.count("order.dispatched") == events.count("order.signed") == 2


def test_a_returned_order_goes_to_the_next_department_and_in_the_end_to_a_dispatcher(people, case):
    # 申报…园区 fits industry's rule, 治安 in the title makes industry return it, and public security takes it.
    theft = case("chemical-park", title="申报产业园区的治安防范", text="请指导园区治安防范", category="industry")
    answer = people.submit(theft)
    people.accept(theft, answer["receipt"])

    appeal = people.wait_for(
        answer["receipt"], lambda found: "public-security" in signed_by(found), "public security has signed"
    )

    states = {order["department"]["code"]: order["state"]["code"] for order in appeal["orders"]}
    assert states["industry"] == "returned"


def test_an_appeal_that_no_rule_fits_is_held_and_a_dispatcher_sends_it_out(people, case):
    other = case("chemical-park", title="反映情况", text="请协调解决有关问题", category="other")
    receipt = people.submit(other)["receipt"]
    people.accept(other, receipt)
    people.wait_for(receipt, lambda found: found["state"]["code"] == "held", "held")

    people.post(f"/appeals/{receipt}/dispatch", {"lead": "sasac", "assist": ["industry"]}, role="dispatcher")

    appeal = people.wait_for(receipt, lambda found: found["orders"], "dispatched")
    assert {order["department"]["code"] for order in appeal["orders"]} == {"sasac", "industry"}


def test_an_applicant_who_is_not_satisfied_gets_a_second_round(people, case):
    theft = case("cable-theft")
    answer = people.submit(theft)
    receipt = answer["receipt"]
    people.accept(theft, receipt)
    appeal = people.wait_for(receipt, lambda found: signed_by(found), "signed")
    people.work(theft, appeal)
    people.review(receipt)
    people.wait_for(receipt, lambda found: found["state"]["code"] == "evaluating", "asked")

    body = {"rating": "不满意", "solved": "unsolved", "comment": "尚未追回"}
    people.post(f"/appeals/{receipt}/rating", body, query_code=answer["query_code"])

    appeal = people.wait_for(
        receipt,
        lambda found: len(found["orders"]) == 2 and found["orders"][1]["state"]["code"] == "signed",
        "second round",
    )
    assert [order["department"]["code"] for order in appeal["orders"]] == ["public-security", "public-security"]


def test_a_supplement_is_asked_for_and_given_before_the_acceptance(people, case):
    vague = case("safety-training")
    answer = people.submit(vague)
    receipt = answer["receipt"]

    people.post(f"/appeals/{receipt}/supplement-request", {"missing": ["培训人数"]}, role="intake-officer")
    people.wait_for(receipt, lambda found: found["state"]["code"] == "supplementing", "asked for more")
    people.post(f"/appeals/{receipt}/supplement", {"text": "约120人"}, query_code=answer["query_code"])
    people.accept(vague, receipt)

    people.wait_for(receipt, lambda found: signed_by(found) == {"public-security"}, "signed")


def test_what_one_applicant_may_read_another_may_not(people, case):
    first, second = people.submit(case("cable-theft")), people.submit(case("cable-theft"))

    assert people.get(f"/appeals/{first['receipt']}", query_code=first["query_code"])["receipt"] == first["receipt"]
    for code in (second["query_code"], ""):
        with pytest.raises(requests.HTTPError) as refused:
            people.get(f"/appeals/{first['receipt']}", query_code=code)
        assert refused.value.response.status_code == 404


def test_a_department_is_plugged_in_and_taken_out_again_while_everything_runs(fleet, people, case, tmp_path):
    manifest = tmp_path / "parks.yml"
    manifest.write_text(PARKS)
    plugged = plug_in(fleet, manifest)
    own = {"AMQP_URI": fleet.amqp_of("parks"), "DATABASE_URL": fleet.database_of("parks"), "MANIFEST": str(manifest)}
    parks = Member("parks", ("departments.desk", "parks"), own, tmp_path)
    parks.start()
    answer = people.submit(case("chemical-park", category="other", title="请协调解决", text="请给予协调支持"))
    receipt = answer["receipt"]
    people.accept(case("chemical-park"), receipt)
    people.wait_for(receipt, lambda found: found["state"]["code"] == "held", "held")

    people.post(f"/appeals/{receipt}/dispatch", {"lead": "parks"}, role="dispatcher")

    people.wait_for(receipt, lambda found: signed_by(found) == {"parks"}, "signed by the department plugged in")
    assert plugged.code == "parks"
    parks.stop()
    told = "\n".join(unplug(fleet, "parks"))
    assert "user parks is deleted" in told
    with pytest.raises(amqp.AccessRefused):
        kombu.Connection(own["AMQP_URI"]).connect()
    assert all(member.running() for member in fleet.members.values())


def test_another_platform_hands_over_by_its_queue_and_hears_what_becomes_of_its_own(fleet, people, case, tmp_path):
    manifest = plug_in(fleet, ROOT / "examples" / "platform" / "hotline-12345.yml")
    code = manifest.code
    own = {"AMQP_URI": fleet.amqp_of(code), "DATABASE_URL": fleet.database_of(code), "PYTHONUNBUFFERED": "1"}
    own["MANIFEST"] = str(ROOT / "examples" / "platform" / "hotline-12345.yml")
    hotline = Member(code, ("examples.platform.consumer",), own, tmp_path)
    hotline.start()
    department = Department(code, manifest=own["MANIFEST"], database_url=own["DATABASE_URL"], amqp_uri=own["AMQP_URI"])
    theft = case("cable-theft")

    def line(beginning):
        return wait_until(
            lambda: next((one for one in hotline.log.read_text().splitlines() if one.startswith(beginning)), ""),
        )

    for reference, channel in (("GD-1", ""), ("GD-2", "letter")):
        with department.clerk() as desk:
            applicant = Applicant(name="朝阳某电缆厂", kind="enterprise")
            facts = {"category": theft["category"], "urgency": theft["urgency"], "kind": theft["kind"]}
            desk.hand_over(
                reference, title=theft["title"], text=theft["text"], applicant=applicant, channel=channel, **facts
            )
    receipt = line("GD-1: SQ-").removeprefix("GD-1: ")
    assert "不在可选范围内" in line("GD-2: ")
    people.accept(theft, receipt)
    appeal = people.wait_for(receipt, lambda found: signed_by(found), "signed")
    people.work(theft, appeal)
    people.review(receipt)

    assert line("GD-1: accepted")
    assert line("GD-1: closed")
    assert "GD-1: SQ-" not in fleet.members["public-security"].log.read_text()
    for exchange, key in (("inbox.industry", ""), ("appeal.events", "core.appeal.accepted"), ("", "intake.commands")):
        with kombu.Connection(own["AMQP_URI"]) as connection, pytest.raises(amqp.AccessRefused):
            connection.default_channel.basic_publish(amqp.Message(b"{}"), exchange, key)
            connection.default_channel.basic_qos(0, 0, False)
    for queue in ("dept.industry.q.events", "intake.events"):
        with kombu.Connection(own["AMQP_URI"]) as connection, pytest.raises(amqp.AccessRefused):
            connection.default_channel.basic_get(queue)
    hotline.stop()
    list(unplug(fleet, code))


PARKS = """
code: parks
name: 省园区办
events: [order.dispatched, deadline.set, deadline.missed, feedback.refused, feedback.approved, appeal.closed]
words: [order.signed, order.returned]
"""


def test_a_file_of_appeals_is_imported_while_the_portal_is_killed(fleet, people):
    header = ["标题", "内容", "企业名称", "渠道"]
    data = to_csv([header, *([f"第{number}件", "长" * 1500, "朝阳高新区", "走访"] for number in range(60))])
    address = f"{fleet.address}/api/v1/imports?dry_run=false"
    assert len(data) > 200_000  # more than any other request may bring
    assert requests.post(address, data=data, timeout=30).status_code == 401
    key = {"Authorization": f"Bearer {fleet.key('intake-officer')}"}
    taken = requests.post(address, files={"file": ("走访.csv", data)}, headers=key, timeout=30)

    fleet.members["portal"].kill()
    fleet.members["portal"].start()
    fleet.wait_until_ready()

    assert taken.status_code == 202
    path = taken.headers["Location"].removeprefix("/api/v1")
    latest = time.monotonic() + 60
    while not (shown := people.get(path, role="intake-officer"))["finished"] and time.monotonic() < latest:
        time.sleep(0.2)
    receipts = {one["receipt"] for one in shown["rows"]}
    assert (shown["totals"]["submitted"], len(receipts)) == (60, 60)
    assert {people.get(f"/appeals/{one}", role="supervisor")["title"] for one in receipts} == {
        f"第{number}件" for number in range(60)
    }
