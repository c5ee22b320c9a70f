"""The portal: its read model on the bus in memory, and its API through Flask's test client."""

import hashlib
import json
import re
from types import SimpleNamespace

import pytest
import sqlalchemy
from sqlalchemy.exc import OperationalError

from appeals import events
from appeals.bus.asking import CommandRefused
from appeals.errors import Unanswered
from appeals.events import (
    AppealAccepted,
    AppealArchived,
    AppealClosed,
    AppealEvaluated,
    AppealReopened,
    AppealSubmitted,
    Applicant,
    DeadlineSet,
    EvaluationRequested,
    ExtensionApproved,
    FeedbackApproved,
    FeedbackRefused,
    FeedbackSubmitted,
    MilestoneReached,
    OrderDispatched,
    OrderReturned,
    OrderSigned,
    SupervisionIssued,
)
from appeals.samples import event_classes
from appeals.units import load_units
from appeals.watch import QueueWatch
from services.portal.api import make_app
from services.portal.asking import Desk
from services.portal.columns import Layout
from services.portal.doors import Doors
from services.portal.file_policy import load_file_policy
from services.portal.import_store import ImportStore
from services.portal.importing import Importer
from services.portal.incoming import Gate
from services.portal.keys import Keyring
from services.portal.paper.numbers import Numbers
from services.portal.paper.press import Press
from services.portal.paper.shop import PrintShop
from services.portal.paper.texts import load_texts
from services.portal.reading import ReadModel
from services.portal.receipts import Receipts
from services.portal.rights import Principal
from services.portal.streams import Streams
from services.portal.uploads import Uploads
from services.portal.words import EVENTS
from tests.services import evaluating
from tests.services.people import UNLIMITED, visitors

RECEIPT = "SQ-20261124-A1B2C3"
API = "/api/v1/appeals"
SECRET = "a secret of the test"
APPLICANT = Applicant(name="朝阳高新技术产业开发区", kind="park", city="朝阳市")
PARK = {"name": "朝阳高新技术产业开发区", "kind": "园区", "city": "朝阳市"}
APPEAL = {
    "title": "申报成立化工产业园区",
    "text": "希望协调省工信厅给予支持",
    "applicant": PARK,
    "category": "industry",
}
KEYS = {
    "officer": Principal(name="officer", role="intake-officer"),
    "dispatcher": Principal(name="dispatcher", role="dispatcher"),
    "supervisor": Principal(name="supervisor", role="supervisor"),
    "legal": Principal(name="legal", role="supervisor"),
    "chief": Principal(name="chief", role="supervisor"),
    "auditor": Principal(name="auditor", role="auditor"),
    "posted": Principal(name="posted", role="supervisor", department="securities", above=("province",)),
    "industry": Principal(name="industry", role="department", department="industry"),
    "sasac": Principal(name="sasac", role="department", department="sasac"),
    "securities": Principal(name="securities", role="department", department="securities"),
}


class TownAsker:
    """Asks the hosted services; `lost` answers get lost after the command was done."""

    def __init__(self, town):
        self._town = town
        self.lost = 0
        self.asked = []

    def ask(self, command, *, key, body):
        self.asked.append(command)
        said = self._town.ask(command, key, body)
        if self.lost:
            self.lost -= 1
            raise Unanswered("lost")
        return said

    def find_out(self, question, *, key, body):
        return self._town.find_out(question, key, body)


class Portal:
    """The portal hosted in a town, with a client at its door."""

    def __init__(self, town, **more):
        self.town = town
        self.host = town.host("portal")
        self.asker = more.pop("asker", None) or TownAsker(town)
        self.receipts = more.pop("receipts", Receipts(SECRET))
        self.reads = more.pop("reads", None) or ReadModel(self.host.database)
        digests = tuple((hashlib.sha256(key.encode()).hexdigest(), who) for key, who in KEYS.items())
        ids = iter(range(10_000))
        self.visitors = visitors(self.host.database, town)
        self.gate = Gate(Keyring(digests), self.receipts, self.visitors, more.pop("limits", UNLIMITED))
        departments = {code: town.directory.get(code).name for code in town.directory.codes}
        self.importer = Importer(
            store=ImportStore(self.host.database, self.receipts.fingerprint),
            desk=Desk(self.asker, self.reads, patience=0),
            receipts=self.receipts,
            layout=Layout.load(),
            departments=departments,
            units=load_units(),
            clock=town.clock,
        )
        doors = Doors(
            desk=Desk(self.asker, self.reads, patience=0.05),
            reads=self.reads,
            gate=self.gate,
            visitors=self.visitors,
            receipts=self.receipts,
            uploads=Uploads(self.host.database, load_file_policy()),
            streams=more.pop("streams", None) or Streams(),
            shop=PrintShop(
                press=more.pop("press", None) or Press(), texts=load_texts(), numbers=Numbers(self.host.database)
            ),
            watch=QueueWatch(town.directory, town.broker.depths, ("portal",), seconds=0),
            departments=departments,
            units=load_units(),
            importer=self.importer,
            clock=town.clock,
            new_id=lambda: f"id-{next(ids)}",
            aside=lambda work, *arguments: work(*arguments),
            demo=more.pop("demo", {}),
        )
        self.gate = doors.gate
        self.client = make_app(doors).test_client()

    def get(self, path, key="", code="", **headers):
        return self.client.get(path, headers=self._headers(key, code, headers))

    def post(self, path, body=None, key="", code="", data=None, content_type="application/json", **headers):
        raw = json.dumps(body).encode() if data is None else data
        return self.client.post(path, data=raw, content_type=content_type, headers=self._headers(key, code, headers))

    def submit(self, **changes):
        """An appeal that was handed in; returns receipt and query code."""
        answer = self.post(API, APPEAL | changes)
        assert answer.status_code == 201, answer.json
        return answer.json["receipt"], answer.json["query_code"]

    def count(self, table="appeals"):
        return self.host.rows(f"SELECT count(*) FROM {table}")[0][0]  # noqa: S608

    @staticmethod
    def _headers(key, code, headers):
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        named |= {"Authorization": f"Bearer {key}"} if key else {}
        return named | ({"X-Query-Code": code} if code else {})


@pytest.fixture(autouse=True)
def _no_settings(monkeypatch):
    monkeypatch.setattr("services.portal.service.configuration", lambda settings: {"files": load_file_policy()})


@pytest.fixture
def portal(town):
    """The portal alone: what others say it hears."""
    return Portal(town)


@pytest.fixture
def loop(town):
    """The portal, and the services that decide."""
    for name in ("intake", "routing", "supervision", "evaluation"):
        town.host(name)
    return Portal(town)


def about(town, **facts):
    return {"receipt": RECEIPT, "at": town.clock()} | facts


def facts_of(town, receipt=RECEIPT, **changes):
    facts = {
        "title": "申报成立化工产业园区",
        "text": "请协调",
        "applicant": APPLICANT,
        "channel": "visit",
        "kind": "help",
        "urgency": "normal",
        "category": "industry",
    }
    return about(town, receipt=receipt) | facts | changes


def submitted(town, receipt=RECEIPT, **changes):
    town.say("intake", AppealSubmitted(**facts_of(town, receipt, **changes)))


def accepted(town, receipt=RECEIPT, **changes):
    town.say("intake", AppealAccepted(**facts_of(town, receipt, complexity="hard", **changes)))


def dispatched(town, receipt=RECEIPT, department="industry", role="lead", number="01", round=1):
    facts = {name: value for name, value in facts_of(town, receipt).items() if name not in ("channel", "category")}
    order = f"{receipt}-{number}"
    town.say(
        "routing",
        OrderDispatched(**facts, order=order, department=department, role=role, complexity="hard", round=round),
    )


def of_order(town, cls, department="industry", number="01", source="routing", **facts):
    order = {"order": f"{RECEIPT}-{number}", "department": department}
    town.say(source, cls(**about(town), **order, **facts))


# The read model


def test_the_portal_hears_every_event_and_has_a_sentence_for_each(portal):
    every = {cls.topic for cls in event_classes() if cls.tells_core}

    assert set(EVENTS) == every
    assert {key.split(".", 1)[1].rsplit(".", 2)[0] for key in _bound_keys(portal)} == every


def _bound_keys(portal):
    return [key for key, queue, _ in portal.town.broker._bindings["appeal.events"] if queue == "portal.events"]


def test_an_appeal_is_shown_as_its_events_tell(town, portal):
    submitted(town, accused=("sasac",))
    accepted(town, category="state-assets", accused=("sasac",))
    dispatched(town)
    dispatched(town, department="natural-resources", role="assist", number="02")
    of_order(town, DeadlineSet, source="supervision", step="reply", due=town.clock())
    of_order(town, OrderSigned)

    shown = portal.get(f"{API}/{RECEIPT}", key="officer").json

    assert shown["state"] == {"code": "handling", "label": "办理中"}
    assert shown["category"] == {"code": "state-assets", "label": "国资国企"}
    assert shown["complexity"] == {"code": "hard", "label": "疑难"}
    assert shown["lead"] == {"code": "industry", "name": "省工业和信息化厅"}
    assert [one["code"] for one in shown["departments"]] == ["industry", "natural-resources"]
    assert [one["code"] for one in shown["accused"]] == ["sasac"]
    assert [(one["role"]["code"], one["state"]["code"]) for one in shown["orders"]] == [
        ("lead", "signed"),
        ("assist", "dispatched"),
    ]
    assert shown["due"] == shown["orders"][0]["reply_due"] == town.clock().isoformat()
    assert shown["applicant"]["kind"] == {"code": "park", "label": "园区"}


def test_the_state_follows_the_lead_through_two_rounds_to_the_archive(town, portal):
    def state():
        return portal.get(f"{API}/{RECEIPT}", key="officer").json["state"]["code"]

    reply = {"text": "已办", "result": "solved"}
    seen = []
    for step in (
        lambda: submitted(town),
        lambda: accepted(town),
        lambda: dispatched(town),
        lambda: dispatched(town, department="sasac", role="assist", number="02"),
        lambda: of_order(town, OrderSigned),
        lambda: of_order(town, FeedbackSubmitted, **reply),
        lambda: of_order(town, OrderSigned, "sasac", "02"),
        lambda: of_order(town, FeedbackRefused, source="supervision", reason="请补充佐证"),
        lambda: of_order(town, FeedbackSubmitted, "sasac", "02", role="assist", **reply),
        lambda: of_order(town, FeedbackSubmitted, **reply),
        lambda: of_order(town, FeedbackApproved, source="supervision", **reply),
        lambda: town.say(
            "supervision",
            AppealClosed(
                **about(town), lead="industry", departments=("industry",), round=1, result="solved", summary="已办"
            ),
        ),
        lambda: town.say("evaluation", EvaluationRequested(**about(town), round=1, until=town.clock())),
        lambda: town.say(
            "evaluation",
            AppealEvaluated(**about(town), department="industry", round=1, rating="dissatisfied", solved="unsolved"),
            AppealReopened(**about(town), departments=("industry",), round=2, reason="未解决"),
        ),
        lambda: dispatched(town, number="03", round=2),
        lambda: town.say(
            "evaluation", AppealArchived(**about(town), departments=("industry",), outcome="final review")
        ),
    ):
        step()
        seen.append(state())

    assert seen == [
        "submitted",
        "accepted",
        "dispatched",
        "dispatched",
        "handling",
        "replied",
        "replied",
        "handling",
        "handling",
        "replied",
        "replied",
        "closed",
        "evaluating",
        "reopened",
        "dispatched",
        "archived",
    ]
    shown = portal.get(f"{API}/{RECEIPT}", key="officer").json
    assert (shown["round"], shown["rating"]["label"], shown["outcome"]["label"]) == (2, "不满意", "上级复核后终结")
    assert [one["state"]["code"] for one in shown["orders"]] == ["approved", "replied", "dispatched"]


def test_a_returned_order_leaves_the_appeal_without_a_lead_until_the_next(town, portal):
    submitted(town)
    dispatched(town)
    of_order(town, OrderReturned, reason="不属于本单位职责")

    shown = portal.get(f"{API}/{RECEIPT}", key="officer").json

    assert (shown["lead"], shown["departments"]) == (None, [])
    assert shown["orders"][0]["state"]["code"] == "returned"
    assert portal.get(f"{API}/{RECEIPT}", key="industry").status_code == 404


def test_a_batch_with_many_events_of_one_appeal_is_applied_in_order(town, portal):
    voice = [AppealSubmitted(**facts_of(town)), AppealAccepted(**facts_of(town, complexity="hard"))]
    milestones = [
        MilestoneReached(**about(town), order=f"{RECEIPT}-01", department="industry", name=f"第{n}步")
        for n in range(20)
    ]

    town.say("intake", *voice, *milestones)

    told = portal.get(f"{API}/{RECEIPT}/timeline", key="officer").json["timeline"]
    assert [one["event"] for one in told] == ["appeal.submitted", "appeal.accepted", *["milestone.reached"] * 20]
    assert [one["details"]["name"] for one in told[2:]] == [f"第{n}步" for n in range(20)]


# Timelines


def test_the_applicant_reads_a_story_without_what_is_internal(town, portal):
    submitted(town)
    dispatched(town)
    of_order(town, SupervisionIssued, source="supervision", level="yellow", reason="内部理由", by="王科长")
    of_order(town, FeedbackSubmitted, text="未审核的答复", result="solved")
    due = town.clock()
    of_order(town, ExtensionApproved, source="supervision", reason="需现场勘查", due=due)
    code = portal.receipts.query_code(RECEIPT)

    answer = portal.get(f"{API}/{RECEIPT}/timeline", code=code)

    told = answer.json["timeline"]
    assert [one["label"] for one in told] == [
        "诉求已提交，等待受理审核",
        "诉求已转省工业和信息化厅主办",
        "已对省工业和信息化厅黄牌督办",
        "省工业和信息化厅已提交办理结果，正在审核",
        "已同意省工业和信息化厅延期至2026年11月24日 09:00：需现场勘查",
    ]
    assert told[1]["department_name"] == "省工业和信息化厅"
    for hidden in ("内部理由", "未审核的答复", "王科长"):
        assert hidden not in answer.get_data(as_text=True)
    staff = portal.get(f"{API}/{RECEIPT}/timeline", key="supervisor").get_data(as_text=True)
    assert all(shown in staff for shown in ("内部理由", "未审核的答复", "王科长"))


def test_a_timeline_is_told_in_english_on_request(town, portal):
    submitted(town)

    told = portal.get(f"{API}/{RECEIPT}/timeline", key="officer", Accept_Language="en-GB,en;q=0.9").json["timeline"]

    assert told[0]["label"] == "The appeal was submitted and waits to be accepted"


# Rights


def test_what_one_may_not_see_answers_like_what_there_is_not(town, portal):
    submitted(town, accused=("sasac",))
    dispatched(town)
    dispatched(town, department="sasac", role="assist", number="02")
    unknown = portal.get(f"{API}/SQ-20261124-ZZZZZZ", key="officer")

    for hidden in (
        portal.get(f"{API}/{RECEIPT}"),
        portal.get(f"{API}/{RECEIPT}", code="00000000"),
        portal.get(f"{API}/{RECEIPT}", key="securities"),
        portal.get(f"{API}/{RECEIPT}", key="sasac"),
        portal.get(f"{API}/{RECEIPT}/timeline", key="sasac"),
        portal.get(f"{API}/not-a-receipt", key="officer"),
        portal.get(f"{API}/%00", key="officer"),
        portal.post(f"{API}/{RECEIPT}/rating", {}, code="00000000"),
    ):
        assert hidden.status_code == unknown.status_code == 404
        assert hidden.data == unknown.data


def test_a_department_is_shown_its_appeal_but_not_whom_else_it_is_about(town, portal):
    submitted(town, accused=("sasac",))
    dispatched(town)

    shown = portal.get(f"{API}/{RECEIPT}", key="industry")

    assert shown.status_code == 200
    assert "accused" not in shown.json
    assert "accused" not in portal.get(f"{API}/{RECEIPT}/timeline", key="industry").get_data(as_text=True)


@pytest.mark.parametrize("authorization", ["Bearer wrong", "Bearer ", "Basic b2ZmaWNlcg==", "officer", ""])
def test_a_key_that_is_none_is_refused_everywhere(portal, authorization):
    for answer in (
        portal.get(f"{API}/{RECEIPT}", Authorization=authorization),
        portal.get(API, Authorization=authorization),
        portal.post(API, APPEAL, Authorization=authorization),
        portal.post(f"{API}/{RECEIPT}/rating", {}, Authorization=authorization),
    ):
        assert answer.status_code == 401
        assert answer.headers["WWW-Authenticate"] == "Bearer"


@pytest.mark.parametrize(
    ("path", "body", "role"),
    [
        ("acceptance", {}, "officer"),
        ("rejection", {"reason": "petition"}, "officer"),
        ("supplement-request", {"missing": ["合同"]}, "officer"),
        ("dispatch", {"lead": "industry"}, "dispatcher"),
        ("designation", {"lead": "industry", "minutes": "纪要"}, "supervisor"),
        (f"orders/{RECEIPT}-01/return-decision", {"approve": True, "reason": "x"}, "dispatcher"),
        (f"orders/{RECEIPT}-01/approval", {}, "supervisor"),
        (f"orders/{RECEIPT}-01/refusal", {"reason": "x"}, "supervisor"),
        (f"orders/{RECEIPT}-01/extension-decision", {"approve": True, "reason": "x"}, "supervisor"),
    ],
)
def test_each_decision_is_for_one_role(loop, path, body, role):
    receipt, code = loop.submit()

    for key in (name for name, who in KEYS.items() if who.role != KEYS[role].role):
        assert loop.post(f"{API}/{receipt}/{path}", body, key=key).status_code == 403
    assert loop.post(f"{API}/{receipt}/{path}", body, code=code).status_code == 401
    assert loop.asker.asked[1:] == []


# Lists


def receipts_of(answer):
    assert answer.status_code == 200, answer.json
    return [one["receipt"] for one in answer.json["appeals"]]


def test_pages_follow_one_another_newest_first_without_gaps(town, portal):
    numbers = [f"SQ-20261124-00000{n}" for n in range(9)]
    for n, number in enumerate(numbers):
        submitted(town, number)
        if n % 3 == 0:
            town.clock.advance(seconds=1)

    found, path = [], f"{API}?limit=2&state=submitted"
    while path:
        answer = portal.get(path, key="officer")
        found += receipts_of(answer)
        path = answer.json["next"]

    times = portal.host.rows("SELECT receipt FROM appeals ORDER BY submitted_at DESC, receipt DESC")
    assert found == [row[0] for row in times]
    assert len(found) == 9


def test_a_list_is_narrowed_by_state_category_and_department(town, portal):
    one, two, three = (f"SQ-20261124-00000{n}" for n in range(3))
    submitted(town, one)
    accepted(town, two, category="tax")
    submitted(town, three)
    dispatched(town, three, department="sasac", number="01")
    dispatched(town, three, department="sasac", number="02", round=2)

    assert receipts_of(portal.get(f"{API}?state=submitted", key="officer")) == [one]
    assert receipts_of(portal.get(f"{API}?category=税务", key="officer")) == [two]
    assert receipts_of(portal.get(f"{API}?department=sasac", key="officer")) == [three]
    assert receipts_of(portal.get(f"{API}?department=sasac&state=accepted", key="officer")) == []
    assert receipts_of(portal.get(API, key="sasac")) == [three]
    assert receipts_of(portal.get(API, key="industry")) == []


def plans_of(database, statements):
    """How the database would run these; PostgreSQL is kept from reading small tables whole."""
    with database.engine.begin() as connection:
        if not database.is_postgresql:
            explained = [connection.exec_driver_sql(f"EXPLAIN QUERY PLAN {sql}", facts) for sql, facts in statements]
            return [" ".join(row[3] for row in rows) for rows in explained]
        for habit in ("seqscan", "sort", "bitmapscan"):
            connection.exec_driver_sql(f"SET LOCAL enable_{habit} = off")
        explained = [connection.exec_driver_sql(f"EXPLAIN {sql}", facts) for sql, facts in statements]
        return [" ".join(row[0] for row in rows) for rows in explained]


def test_no_list_reads_a_whole_table(portal):
    asked = []
    sqlalchemy.event.listen(
        portal.host.database.engine,
        "before_cursor_execute",
        lambda connection, cursor, statement, parameters, *_: asked.append((statement, parameters)),
    )
    for path, key in (("", "officer"), ("?state=held", "officer"), ("?category=tax", "officer"), ("", "sasac")):
        portal.get(API + path, key=key)

    plans = plans_of(portal.host.database, [one for one in asked if "LIMIT" in one[0]])

    assert len(plans) == 4
    for plan, index in zip(
        plans, ("appeals_newest", "appeals_state", "appeals_category", "orders_newest"), strict=True
    ):
        assert index in plan
        assert "TEMP B-TREE" not in plan
        assert "Sort" not in plan


def test_a_list_shows_an_accused_department_nothing_of_it(town, portal):
    submitted(town, accused=("sasac",))
    dispatched(town, department="sasac")

    assert receipts_of(portal.get(API, key="sasac")) == []
    assert receipts_of(portal.get(f"{API}?department=sasac", key="sasac")) == []


@pytest.mark.parametrize(
    ("query", "field"),
    [
        ("state=lost", "state"),
        ("limit=1000", "limit"),
        ("cursor=%00", "cursor"),
        ("cursor=xyz", "cursor"),
        ("cursor=MDAwMS0wMS0wMVQwMDowMDowMCsyMzo1OSB4", "cursor"),
        ("sort=at", "sort"),
        ("department=%F0%9F%98%80", "department"),
    ],
)
def test_a_wrong_filter_is_named(portal, query, field):
    answer = portal.get(f"{API}?{query}", key="officer")

    assert answer.status_code == 422
    assert [one["field"] for one in answer.json["errors"]] == [field]


def test_lists_are_for_staff(portal):
    assert portal.get(API).status_code == 401


# Handing in, and the whole loop


def test_an_appeal_that_is_handed_in_can_be_seen_at_once_by_its_applicant(loop):
    answer = loop.post(API, APPEAL)

    assert answer.status_code == 201
    receipt = answer.json["receipt"]
    assert answer.headers["Location"] == f"{API}/{receipt}"
    assert [one["type"] for one in answer.json["said"]] == ["cn.appealloop.appeal.submitted.v1"]
    shown = loop.get(answer.headers["Location"], code=answer.json["query_code"])
    assert shown.json["state"]["label"] == "已提交"
    assert loop.get(f"{API}/{receipt}?query_code={answer.json['query_code']}").status_code == 200


def test_contacts_go_to_intake_and_are_shown_nowhere(loop):
    receipt, _ = loop.submit(contact={"name": "李婷", "phone": "024-11112222"})

    assert loop.asker.asked[0].contact_phone == "024-11112222"
    for path in (f"{API}/{receipt}", f"{API}/{receipt}/timeline"):
        assert "李婷" not in loop.get(path, key="officer").get_data(as_text=True)


def test_the_loop_runs_over_http(town, loop):
    receipt, code = loop.submit()
    base = f"{API}/{receipt}"

    def post(path, body, **who):
        answer = loop.post(f"{base}/{path}", body, **who)
        assert answer.status_code == 200, answer.json
        return [one["type"].removeprefix("cn.appealloop.") for one in answer.json["said"]]

    def word(cls, department, number, **facts):
        order = {"order": f"{receipt}-{number}", "department": department}
        town.say(department, cls(receipt=receipt, at=town.clock(), **order, **facts), inbox=True)

    assert post("supplement-request", {"missing": ["园区规划"]}, key="officer") == ["supplement.requested.v1"]
    assert post("supplement", {"text": "规划见附件"}, code=code) == ["supplement.provided.v1"]
    assert post("acceptance", {"complexity": "疑难"}, key="officer") == ["appeal.accepted.v1"]
    for department, number in (("natural-resources", "02"), ("industry", "01")):
        word(OrderSigned, department, number)
        word(events.ContactMade, department, number, how="电话")
        word(FeedbackSubmitted, department, number, text="已办", result="solved", evidence=("批复",))
    assert post(f"orders/{receipt}-01/refusal", {"reason": "请补充"}, key="supervisor")[0] == "feedback.refused.v1"
    word(FeedbackSubmitted, "industry", "01", text="已补充", result="solved", evidence=("批复",))
    assert post(f"orders/{receipt}-02/approval", {}, key="supervisor") == ["feedback.approved.v1"]
    assert post(f"orders/{receipt}-01/approval", {}, key="supervisor") == ["feedback.approved.v1", "appeal.closed.v1"]
    rating = {"rating": "非常满意", "solved": "解决"}
    assert post("rating", rating, code=code) == ["appeal.evaluated.v1", "appeal.archived.v1"]

    shown = loop.get(base, code=code).json
    assert shown["state"]["label"] == "已归档"
    assert shown["rating"]["label"] == "非常满意"
    assert loop.count("timeline") == len(loop.get(f"{base}/timeline", code=code).json["timeline"])


def test_a_held_appeal_is_dispatched_by_hand(town, loop):
    receipt, _ = loop.submit(title="别的事", text="别的事", category="other")
    loop.post(f"{API}/{receipt}/acceptance", {}, key="officer")
    assert loop.get(f"{API}/{receipt}", key="dispatcher").json["state"]["label"] == "待人工转办"

    answer = loop.post(f"{API}/{receipt}/dispatch", {"lead": "securities", "assist": ["sasac"]}, key="dispatcher")

    assert answer.status_code == 200
    assert loop.get(f"{API}/{receipt}", key="securities").json["state"]["label"] == "已转办"


def test_a_held_appeal_tells_officers_whose_duty_it_is_and_why_but_not_the_applicant(loop):
    receipt, code = loop.submit(title="消防验收拖延", text="窗口没有一次性告知", category="other")
    loop.post(f"{API}/{receipt}/acceptance", {}, key="officer")

    told = loop.get(f"{API}/{receipt}/timeline", key="dispatcher").json["timeline"][-1]["details"]

    assert (told["proposed"], told["reason"]) == ("housing", "its unit is not plugged in")
    assert "应由省住建厅主办" in told["explanation"]
    assert loop.get(f"{API}/{receipt}/timeline", code=code).json["timeline"][-1]["details"] == {}


def test_the_joint_conference_designates_a_held_appeal(loop):
    receipt, _ = loop.submit(title="别的事", text="别的事", category="other")
    loop.post(f"{API}/{receipt}/acceptance", {}, key="officer")

    body = {"lead": "sasac", "minutes": "〔2026〕3号纪要"}
    assert loop.post(f"{API}/{receipt}/designation", body, key="supervisor").status_code == 200

    assert loop.get(f"{API}/{receipt}", key="sasac").json["lead"]["code"] == "sasac"


def test_trying_the_dispatch_rules_tells_who_and_why_and_leaves_nothing(loop):
    asked = {"title": "仓库被盗", "text": "请尽快破案", "accused": ["省公安厅治安总队"]}

    told = loop.post("/api/v1/dispatch/trial", {"title": "仓库被盗", "text": "请尽快破案"}, key="dispatcher").json
    barred = loop.post("/api/v1/dispatch/trial", asked, key="dispatcher").json

    assert (told["lead"]["code"], told["held"]) == ("public-security", "")
    assert "标题“被盗”6分" in told["explanation"]
    assert (barred["lead"], barred["held"]) == (None, "no rule fits")
    assert loop.count() == loop.count("timeline") == 0


@pytest.mark.parametrize(("key", "status"), [("officer", 200), ("supervisor", 200), ("industry", 403), ("", 401)])
def test_the_rules_are_tried_by_officers_only(loop, key, status):
    assert loop.post("/api/v1/dispatch/trial", {"title": "停电", "text": "停电"}, key=key).status_code == status


def test_an_appeal_may_be_about_a_unit_that_is_not_plugged_in_and_is_kept_with_its_code(loop):
    receipt, _ = loop.submit(accused=["省住建厅", "沈阳市公安局铁西分局"])

    told = loop.get(f"{API}/{receipt}", key="officer").json["accused"]

    assert told == [
        {"code": "housing", "name": "省住建厅"},
        {"code": "shenyang-police", "name": "沈阳市公安局"},
        {"code": "沈阳市公安局铁西分局", "name": "沈阳市公安局铁西分局"},
    ]


def test_a_taken_receipt_is_drawn_again(town):
    town.host("intake")
    drawn = iter("000000" + "000000" + "111111")
    portal = Portal(town, receipts=Receipts(SECRET, choice=lambda letters: next(drawn)))

    first, _ = portal.submit()
    second, _ = portal.submit(title="另一件")

    assert (first, second) == ("SQ-20261124-000000", "SQ-20261124-111111")


# Repeating


def test_the_same_request_with_the_same_key_gets_the_same_receipt(loop):
    answers = [loop.post(API, APPEAL, Idempotency_Key="once") for _ in range(3)]

    assert len({answer.json["receipt"] for answer in answers}) == 1
    assert len({answer.json["query_code"] for answer in answers}) == 1
    assert [answer.status_code for answer in answers] == [201] * 3
    assert loop.count() == 1


def test_another_body_under_the_same_key_is_refused(loop):
    loop.post(API, APPEAL, Idempotency_Key="once")

    answer = loop.post(API, APPEAL | {"title": "另一件"}, Idempotency_Key="once")

    assert answer.status_code == 409
    assert answer.json["type"] == "/problems/key-used-before"
    assert answer.json["errors"][0]["field"] == "Idempotency-Key"
    assert loop.count() == 1
    assert len(loop.asker.asked) == 2


def test_the_same_key_at_another_door_or_of_another_person_is_another_key(loop):
    one, _ = loop.submit()
    two, _ = loop.submit()

    assert loop.post(f"{API}/{one}/acceptance", {}, key="officer", Idempotency_Key="k").status_code == 200
    assert loop.post(f"{API}/{two}/acceptance", {}, key="officer", Idempotency_Key="k").status_code == 200
    assert loop.post(API, APPEAL, Idempotency_Key="k").json["receipt"] not in (one, two)
    assert (
        loop.post(API, APPEAL, key="officer", Idempotency_Key="k").json["receipt"]
        != loop.post(API, APPEAL, Idempotency_Key="k").json["receipt"]
    )


def test_a_lost_answer_says_how_to_repeat_and_the_repetition_has_its_effect_once(loop):
    loop.asker.lost = 1

    lost = loop.post(API, APPEAL)
    again = loop.post(API, APPEAL, Idempotency_Key=lost.json["idempotency_key"])

    assert lost.status_code == 503
    assert lost.headers["Retry-After"] == "5"
    assert lost.headers["Idempotency-Key"] == lost.json["idempotency_key"]
    assert "Idempotency-Key" in lost.json["detail"]
    assert again.status_code == 201
    assert loop.count() == 1


@pytest.mark.parametrize("key", ["", "with space", "密钥".encode().decode("latin-1"), "k" * 129])
def test_a_key_that_cannot_be_one_is_named(loop, key):
    answer = loop.post(API, APPEAL, Idempotency_Key=key)

    assert answer.status_code == 400
    assert answer.json["errors"][0]["field"] == "Idempotency-Key"
    assert loop.asker.asked == []


# Bad input changes nothing


BAD = {
    "malformed": (b'{"title": ', 400, "malformed-json"),
    "not UTF-8": ('{"title": "长"}'.encode("gb18030"), 400, "malformed-json"),
    "not a number": (b'{"title": NaN}', 400, "malformed-json"),
    "nested without end": (b"[" * 60_000, 400, "malformed-json"),
    "not an object": (b"[]", 422, "invalid-fields"),
    "empty": (b"{}", 422, "invalid-fields"),
    "no body": (b"", 422, "invalid-fields"),
    "title too long": (json.dumps(APPEAL | {"title": "长" * 4001}).encode(), 422, "invalid-fields"),
    "NUL": (json.dumps(APPEAL | {"text": "a\0b"}).encode(), 422, "invalid-fields"),
    "half a pair": (json.dumps(APPEAL | {"text": "a\ud800b"}).encode(), 422, "invalid-fields"),
    "half a pair as a name": (json.dumps(APPEAL | {"\ud800": "x"}).encode(), 422, "invalid-fields"),
    "unknown category": (json.dumps(APPEAL | {"category": "天气"}).encode(), 422, "invalid-fields"),
    "unknown field": (json.dumps(APPEAL | {"titel": "x"}).encode(), 422, "invalid-fields"),
    "wrong check digit": (
        json.dumps(APPEAL | {"applicant": PARK | {"uscc": "91211300MAFWGHKP9A"}}).encode(),
        422,
        "invalid-fields",
    ),
    "too large": (json.dumps(APPEAL | {"text": "x" * 200_000}).encode(), 413, "too-large"),
}


@pytest.mark.parametrize("case", BAD)
@pytest.mark.parametrize("language", ["zh-CN", "en"])
def test_bad_input_is_told_clearly_and_changes_nothing(town, loop, case, language):
    data, status, code = BAD[case]

    answer = loop.post(API, data=data, Accept_Language=language)

    assert answer.status_code == answer.json["status"] == status
    assert answer.content_type == "application/problem+json"
    assert answer.json["type"] == f"/problems/{code}"
    assert answer.json["title"] and answer.json["detail"]
    assert answer.headers["Content-Language"] == language[:2]
    if status == 422:
        assert all(one["message"] and one["expected"] for one in answer.json["errors"])
    assert loop.asker.asked == []
    assert town.facts() == []


def test_other_media_types_are_refused(loop):
    answer = loop.post(API, APPEAL, content_type="text/plain")

    assert (answer.status_code, answer.json["type"]) == (415, "/problems/json-needed")


def test_an_upload_of_unknown_length_is_refused(loop):
    answer = loop.post(API, APPEAL, Transfer_Encoding="chunked")

    assert (answer.status_code, answer.json["type"]) == (411, "/problems/length-needed")


def test_paths_and_methods_that_there_are_not_are_told_as_problems(portal):
    missing = portal.get("/api/v1/nothing")
    wrong = portal.client.delete(API)

    assert (missing.status_code, missing.content_type) == (404, "application/problem+json")
    assert (wrong.status_code, wrong.content_type) == (405, "application/problem+json")
    assert set(wrong.headers["Allow"].split(", ")) >= {"GET", "POST"}


def test_an_unknown_receipt_is_not_found_for_actions_too(loop):
    unknown = loop.get(f"{API}/SQ-20261124-ZZZZZZ", key="officer")
    answer = loop.post(f"{API}/SQ-20261124-ZZZZZZ/acceptance", {}, key="officer")

    assert answer.status_code == 404
    assert answer.data == unknown.data


def test_a_change_that_is_not_allowed_is_a_conflict_in_both_languages(loop):
    receipt, code = loop.submit()
    loop.post(f"{API}/{receipt}/acceptance", {}, key="officer")

    again = loop.post(f"{API}/{receipt}/acceptance", {}, key="officer")
    early = loop.post(f"{API}/{receipt}/rating", {"rating": "满意", "solved": "解决"}, code=code, Accept_Language="en")

    assert (again.status_code, again.json["type"]) == (409, "/problems/already-decided")
    assert "已受理" in again.json["detail"]
    assert early.status_code == 409
    assert early.json["detail"] == "This appeal is not closed yet; it can be rated then"


def test_a_defect_of_ours_is_told_with_a_reference_and_without_its_text(town):
    class Broken:
        def ask(self, command, *, key, body):
            raise RuntimeError("secret inside")

    portal = Portal(town, asker=Broken())

    answer = portal.post(API, APPEAL)

    assert answer.status_code == 500
    assert answer.json["reference"] in answer.json["detail"]
    assert "secret" not in answer.get_data(as_text=True)


def test_a_refusal_by_defect_of_the_owner_is_passed_on(town):
    class Defect:
        def ask(self, command, *, key, body):
            raise CommandRefused({"code": "broken", "status": 500, "field": None, "zh": "编号 7", "en": "reference 7"})

    answer = Portal(town, asker=Defect()).post(API, APPEAL)

    assert (answer.status_code, answer.json["detail"]) == (500, "编号 7")


def test_a_database_that_is_gone_is_told_as_unavailable(town):
    class Gone(ReadModel):
        def appeal(self, receipt, readable):
            raise OperationalError("SELECT secret", {}, Exception("connection refused"))

    host = town.host("portal")

    answer = Portal(town, reads=Gone(host.database)).get(f"{API}/{RECEIPT}", key="officer")

    assert (answer.status_code, answer.headers["Retry-After"]) == (503, "5")
    assert "secret" not in answer.get_data(as_text=True)


# Read your writes


def test_an_answer_waits_for_the_read_model_but_not_for_ever(town):
    class Late(ReadModel):
        looked = 0

        def has_heard(self, ids):
            self.looked += 1
            return self.looked > 2 and super().has_heard(ids)

    class Never(ReadModel):
        def has_heard(self, ids):
            return False

    town.host("intake")
    host = town.host("portal")
    late = Late(host.database)

    assert Portal(town, reads=late).post(API, APPEAL).status_code == 201
    assert late.looked == 3
    assert Portal(town, reads=Never(host.database)).post(API, APPEAL).status_code == 201


def test_the_read_model_knows_what_it_has_heard(town, loop):
    said = loop.post(API, APPEAL).json["said"]

    assert loop.reads.has_heard([one["id"] for one in said])
    assert not loop.reads.has_heard([said[0]["id"], "another"])


def test_a_name_that_stands_twice_in_a_body_is_refused_and_nothing_is_done(loop):
    receipt, _ = loop.submit()

    answer = loop.post(f"{API}/{receipt}/rejection", data=b'{"reason": "petition", "reason": "other"}', key="officer")

    assert (answer.status_code, answer.json["type"]) == (400, "/problems/repeated-name")
    assert "reason" in answer.json["detail"]
    assert loop.get(f"{API}/{receipt}", key="officer").json["state"]["code"] == "submitted"


# Descriptions


def test_the_vocabulary_has_all_codes_and_the_departments(portal):
    told = portal.get("/api/v1/vocabulary").json

    assert {"code": "help", "zh": "求助", "en": "Request for help"} in told["kind"]
    assert len(told["category"]) == 18
    assert {"code": "industry", "name": "省工业和信息化厅"} in told["department"]


def test_the_description_covers_every_route_with_its_problems(portal):
    told = portal.get("/api/v1/openapi.json").json
    rules = portal.client.application.url_map.iter_rules()
    routes = {
        (re.sub("<([a-z0-9]+)>", r"{\1}", rule.rule).replace("{written}", "{receipt}"), method.lower())
        for rule in rules
        if rule.rule.startswith("/api/")
        for method in rule.methods - {"HEAD", "OPTIONS"}
    }

    assert told["openapi"] == "3.1.0"
    assert {(path, method) for path, item in told["paths"].items() for method in item} == routes
    for path, item in told["paths"].items():
        for method, operation in item.items():
            if "appeals" in path:
                assert "application/problem+json" in operation["responses"]["500"]["content"]
            if method == "post":
                others = {
                    "/api/v1/attachments": "application/octet-stream",
                    "/api/v1/emails": "message/rfc822",
                    "/api/v1/imports": "multipart/form-data",
                }
                assert others.get(path, "application/json") in operation["requestBody"]["content"]


def test_a_receipt_that_the_read_model_has_not_heard_of_yet_is_told_to_be_safe(portal):
    code = portal.receipts.query_code(RECEIPT)

    answer = portal.get(f"{API}/{RECEIPT}", code=code)

    assert (answer.status_code, answer.json["type"]) == (503, "/problems/not-shown-yet")
    assert answer.headers["Retry-After"]


def test_an_officer_may_act_on_an_appeal_that_the_read_model_has_not_heard_of_yet(loop, town):
    deaf = loop.host.consumer
    loop.host.consumer = SimpleNamespace(consume_once=lambda subscription, wait: 0)
    receipt, code = loop.submit()
    assert loop.get(f"{API}/{receipt}", code=code).json["type"] == "/problems/not-shown-yet"

    answer = loop.post(f"{API}/{receipt}/acceptance", {}, key="officer")
    loop.host.consumer = deaf
    town.settle()

    assert answer.status_code == 200
    assert loop.get(f"{API}/{receipt}", code=code).json["state"]["code"] == "dispatched"


def test_what_is_inside_an_answer_is_told_in_its_language_and_with_names(town, portal):
    submitted(town)
    dispatched(town)

    shown = portal.get(f"{API}/{RECEIPT}", key="officer", Accept_Language="en").json
    (listed,) = portal.get(API, key="officer", Accept_Language="en").json["appeals"]

    assert shown["orders"][0]["department"] == {"code": "industry", "name": "省工业和信息化厅"}
    assert shown["orders"][0]["role"]["label"] == "lead"
    assert shown["applicant"]["kind"]["label"] == "Park"
    assert listed["state"]["label"].isascii()
    assert listed["lead"]["name"] == "省工业和信息化厅"


def test_an_appeal_is_found_by_any_piece_of_what_it_says_in_both_scripts(town, portal):
    one, two = "SQ-20261124-000001", "SQ-20261124-000002"
    submitted(town, one, title="申报成立化工产业园区", text="请协调省工信厅")
    submitted(town, two, title="电缆被盗", text="厂区 YJV22 电缆被盗约200米")

    def found(text, key="officer"):
        return receipts_of(portal.client.get(API, query_string={"q": text}, headers={"Authorization": f"Bearer {key}"}))

    assert found("化工产业") == found("產業園區") == found("园区 工信厅") == [one]
    assert found("yjv22") == found("200米") == [two]
    assert found("朝阳高新") == [two, one]
    assert found("化工电缆") == []
    assert found("' OR 1=1 --%_") == found("?") == []
    assert found("电缆", key="sasac") == []


def test_what_is_added_later_is_found_too(town, portal):
    submitted(town)
    town.say("intake", events.SupplementProvided(**about(town), text="附环评报告"))

    assert receipts_of(portal.get(f"{API}?q=环评报告", key="officer")) == [RECEIPT]
    assert receipts_of(portal.get(f"{API}?q=化工产业", key="officer")) == [RECEIPT]


# Evaluation, scores and common problems


@pytest.fixture
def asked(town):
    """A portal beside evaluation, with an appeal of July that was closed."""
    portal = Portal(town)
    town.host("evaluation")
    town.clock.advance(days=-130)
    evaluating.lead(town)
    evaluating.close(town)
    return portal


SCORES, COMMON = "/api/v1/scores", "/api/v1/common-problems"


def test_an_officer_records_a_callback_with_its_answer(asked):
    body = {"reached": True, "contact_confirmed": True, "rating": "满意", "solved": "解决", "note": "已了解"}

    answer = asked.post(f"{API}/{RECEIPT}/callback", body, key="officer")

    said = [one["type"].split(".")[-2] for one in answer.json["said"]]
    assert (answer.status_code, said) == (200, ["made", "evaluated", "archived"])
    assert asked.post(f"{API}/{RECEIPT}/callback", body, key="industry").status_code == 403
    assert asked.post(f"{API}/{RECEIPT}/callback", body, key="officer").json["type"].endswith("callback-over")


def test_three_officers_decide_on_an_unreasonable_demand_and_the_applicant_reads_the_remedies(town, asked):
    steps = (
        ("unreasonable", "officer", {"basis": "信访工作条例第三十二条", "reason": "已有生效判决"}),
        ("unreasonable/legal-review", "legal", {"supported": True, "opinion": "符合规定"}),
        ("unreasonable/decision", "chief", {"approve": True, "reason": "缺乏依据", "remedies": "可申请复核"}),
    )
    for path, who, body in steps:
        assert asked.post(f"{API}/{RECEIPT}/{path}", body, key=who).status_code == 200

    code = asked.receipts.query_code(RECEIPT)
    entries = asked.get(f"{API}/{RECEIPT}/timeline", code=code).json["timeline"]
    decided = next(one for one in entries if one["event"] == "unreasonable.decided")
    assert decided["label"] == "诉求合理性审批结果：认定为不合理诉求。理由：缺乏依据"
    assert decided["details"]["remedies"] == "可申请复核"
    assert all("opinion" not in one["details"] for one in entries)


def test_the_superior_decides_over_http_and_the_applicant_reads_it(town, asked):
    for number in (1, 2, 3):
        if number > 1:
            town.say("supervision", evaluating.closed(town, number=number))
        evaluating.rate(town, "dissatisfied")
    code = asked.receipts.query_code(RECEIPT)
    assert asked.get(f"{API}/{RECEIPT}", code=code).json["state"]["code"] == "reviewing"

    asked.post(f"{API}/{RECEIPT}/review-decision", {"decision": "变更", "reason": "责成重新答复"}, key="chief")

    entries = asked.get(f"{API}/{RECEIPT}/timeline", code=code).json["timeline"]
    assert [one["label"] for one in entries[-2:]] == [
        "上级复核决定：变更。责成重新答复",
        "诉求已归档（上级复核后终结）",
    ]


def test_scores_of_a_month_are_for_supervisors_and_auditors_and_a_department_reads_its_own(asked):
    for who in ("supervisor", "auditor", "securities"):
        (found,) = asked.get(f"{SCORES}?period=2026-07", key=who).json["units"]
        assert (found["department"], found["name"], found["orders"]) == ("securities", "辽宁证监局", 1)
    for path in (f"{SCORES}?period=2026-07", f"{SCORES}?period=2026-07&department=securities"):
        assert asked.get(path, key="industry").json["units"] == []
    for who in ("officer", "dispatcher"):
        assert asked.get(f"{SCORES}?period=2026-07", key=who).status_code == 403
    assert asked.get(f"{SCORES}?period=2026-07").status_code == 401


def test_common_problems_are_for_supervisors_and_nobody_reads_what_is_about_their_own_unit(town, asked):
    for number in range(4):
        town.say("intake", evaluating.accepted(town, evaluating.receipt(number), accused=("securities",)))

    def found(who):
        return asked.get(f"{COMMON}?period=2026-07", key=who).json["repeats"]

    assert [one["count"] for one in found("supervisor")] == [4]
    assert found("posted") == []
    assert asked.get(f"{COMMON}?period=2026-07", key="auditor").status_code == 403


@pytest.mark.parametrize("path", [SCORES, f"{SCORES}?period=2026-13", f"{COMMON}?period=July"])
def test_a_month_is_asked_for_as_a_month(asked, path):
    answer = asked.get(path, key="supervisor")

    assert (answer.status_code, answer.json["errors"][0]["field"]) == (422, "period")
