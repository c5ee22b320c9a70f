"""Appeals that belong together, over HTTP through all services: who does what to them, and who is told of what."""

import json

import pytest

from appeals.events import FeedbackSubmitted, OrderSigned
from services.portal.rights import Principal
from tests.services.test_portal import API, APPEAL, KEYS, Portal, _no_settings  # noqa: F401 - a fixture

COMPANY = {"name": "北票恒铸特钢有限公司", "uscc": "91211300MAFGKMEQX7", "city": "朝阳市"}
SECRET = "只有主诉求里写的内容"
TWO_PARTS = [{"title": "一", "text": "一"}, {"title": "二", "text": "二"}]


@pytest.fixture
def loop(town, monkeypatch):
    """The portal and the services that decide; two of the officers belong to a unit."""
    for name, role in (("sasac-desk", "intake-officer"), ("sasac-supervisor", "supervisor")):
        monkeypatch.setitem(KEYS, name, Principal(name=name, role=role, department="sasac"))
    for name in ("intake", "routing", "supervision", "evaluation"):
        town.host(name)
    return Portal(town)


def submit(loop, **changes):
    """An appeal of one enterprise; returns receipt and query code."""
    return loop.submit(applicant=COMPANY, **changes)


def act(loop, receipt, path, key="officer", status=200, **body):
    answer = loop.post(f"{API}/{receipt}/{path}", body, key=key)
    assert answer.status_code == status, answer.json
    return answer.json


def topics(loop, receipt, **who):
    return [entry["event"] for entry in loop.get(f"{API}/{receipt}/timeline", **who).json["timeline"]]


def reply(town, **about):
    """A department signs its order and replies."""
    told = {"text": "已协调", "result": "solved", "evidence": ("纪要",), "contact": "电话"}
    return OrderSigned(at=town.clock(), **about), FeedbackSubmitted(at=town.clock(), **about, **told)


def everything(loop, receipt, **who):
    """All that somebody is shown of an appeal, as one text."""
    shown = [loop.get(f"{API}/{receipt}{path}", **who).get_data(as_text=True) for path in ("", "/timeline")]
    return json.dumps([json.loads(one) for one in shown], ensure_ascii=False)


def test_only_officers_are_told_that_an_appeal_may_repeat_others_or_is_flagged(loop):
    first, _ = submit(loop)
    second, _ = submit(loop)

    answer = loop.post(API, APPEAL | {"applicant": COMPANY})
    receipt, code = answer.json["receipt"], answer.json["query_code"]
    act(loop, receipt, "acceptance")

    assert [one["type"] for one in answer.json["said"]] == ["cn.appealloop.appeal.submitted.v1"]
    assert {"appeal.resembled", "appeal.flagged"} <= set(topics(loop, receipt, key="officer"))
    for who in ({"code": code}, {"key": "industry"}):
        told = everything(loop, receipt, **who)
        assert "order.dispatched" in told
        for secret in ("appeal.resembled", "appeal.flagged", first, second):
            assert secret not in told


def test_the_desk_sees_candidates_with_the_reasons_in_its_language(loop):
    first, _ = submit(loop)
    second, _ = submit(loop)

    answer = loop.get(f"{API}/{second}/candidates", key="officer").json
    english = loop.get(f"{API}/{second}/candidates", key="officer", Accept_Language="en").json

    (found,) = answer["candidates"]
    assert (found["receipt"], found["state"], found["mergeable"]) == (
        first,
        {"code": "submitted", "label": "已提交"},
        True,
    )
    assert found["reason"].startswith("同一企业、同一事项类别，同日；都提到 ")
    assert english["candidates"][0]["reason"].startswith("Same enterprise, same category, on the same day")
    assert (answer["days"], answer["policy_version"]) == (90, "2026-12")


@pytest.mark.parametrize(("key", "status"), [("", 401), ("dispatcher", 403), ("supervisor", 403), ("industry", 403)])
def test_candidates_are_for_the_acceptance_desk(loop, key, status):
    receipt, _ = submit(loop)

    assert loop.get(f"{API}/{receipt}/candidates", key=key).status_code == status


def test_an_officer_of_an_accused_unit_is_shown_no_candidate_that_is_about_it(loop):
    about, _ = submit(loop, accused=["sasac"])
    other, _ = submit(loop)

    assert loop.get(f"{API}/{about}/candidates", key="sasac-desk").status_code == 404
    assert loop.get(f"{API}/{other}/candidates", key="sasac-desk").json["candidates"] == []
    assert len(loop.get(f"{API}/{other}/candidates", key="officer").json["candidates"]) == 1


def test_who_was_merged_sees_how_the_main_appeal_stands_and_nothing_that_it_says(loop):
    main, _ = submit(loop, text=SECRET, title="主诉求")
    merged, code = submit(loop)
    act(loop, main, "acceptance")

    act(loop, merged, "merge", into=main, reason="同一事项")
    shown = loop.get(f"{API}/{merged}", code=code).json

    assert shown["state"] == {"code": "merged", "label": "已并案"}
    standing = loop.get(f"{API}/{main}", key="officer").json
    assert shown["main"] == {name: standing[name] for name in ("state", "due", "lead")}
    assert shown["main"]["lead"]["code"] == "industry"
    told = everything(loop, merged, code=code)
    for secret in (main, SECRET, "主诉求"):
        assert secret not in told.replace("appeal.merged", "")
    assert loop.get(f"{API}/{main}", code=code).status_code == 404


def test_officers_see_both_sides_of_a_merge_and_departments_neither(loop):
    main, _ = submit(loop)
    merged, _ = submit(loop)
    act(loop, main, "acceptance")
    act(loop, merged, "merge", into=main)

    assert loop.get(f"{API}/{merged}", key="supervisor").json["main"]["receipt"] == main
    assert [one["receipt"] for one in loop.get(f"{API}/{main}", key="supervisor").json["merged"]] == [merged]
    assert merged not in everything(loop, main, key="industry")
    assert loop.get(f"{API}/{merged}", key="industry").status_code == 404


def test_a_merged_appeal_is_closed_and_archived_with_the_main_one(town, loop):
    main, main_code = submit(loop)
    merged, code = submit(loop)
    act(loop, main, "acceptance")
    act(loop, merged, "merge", into=main)

    for department, order in (("industry", f"{main}-01"), ("natural-resources", f"{main}-02")):
        town.say(department, *reply(town, receipt=main, order=order, department=department), inbox=True)
        act(loop, main, f"orders/{order}/approval", key="supervisor")
    closed = loop.get(f"{API}/{merged}", code=code).json
    loop.post(f"{API}/{main}/rating", {"rating": "satisfied", "solved": "solved"}, code=main_code)

    assert (closed["state"]["code"], closed["result"]["code"], closed["summary"]) == ("closed", "solved", "已协调")
    assert loop.get(f"{API}/{merged}", code=code).json["state"]["code"] == "archived"
    assert topics(loop, merged, code=code) == ["appeal.submitted", "appeal.merged"] + ["appeal.advanced"] * 2
    labels = [entry["label"] for entry in loop.get(f"{API}/{merged}/timeline", code=code).json["timeline"]]
    assert labels[-2:] == ["所并入的诉求已办结", "所并入的诉求已归档"]


def test_a_merge_is_taken_back_over_http(loop):
    main, _ = submit(loop)
    merged, code = submit(loop)
    act(loop, merged, "merge", into=main)

    act(loop, merged, "unmerge", reason="不是同一事项")

    shown = loop.get(f"{API}/{merged}", code=code).json
    assert (shown["state"]["code"], shown["main"]) == ("submitted", None)


def test_a_split_appeal_gives_its_applicant_what_opens_the_parts(loop):
    whole, code = submit(loop)
    parts = [{"title": "用地", "text": "请批地", "category": "土地与规划"}, {"title": "上市", "text": "请指导"}]

    answer = act(loop, whole, "split", parts=parts, status=201)
    shown = loop.get(f"{API}/{whole}", code=code).json

    assert shown["state"] == {"code": "split", "label": "已分拆"}
    assert sorted(one["receipt"] for one in shown["parts"]) == sorted(answer["parts"])
    for one in shown["parts"]:
        opened = loop.get(f"{API}/{one['receipt']}", code=one["query_code"]).json
        assert (opened["state"]["code"], opened["split_from"]) == ("submitted", whole)
    assert "query_code" not in loop.get(f"{API}/{whole}", key="officer").json["parts"][0]
    categories = [loop.get(f"{API}/{one}", key="officer").json["category"]["code"] for one in answer["parts"]]
    assert categories == ["land", "industry"]


def test_a_department_with_a_part_is_not_told_of_the_whole_or_the_other_parts(loop):
    whole, _ = submit(loop)
    parts = [{"title": APPEAL["title"], "text": APPEAL["text"]}, {"title": "用地", "text": "请批地"}]
    first, second = act(loop, whole, "split", parts=parts, status=201)["parts"]

    act(loop, first, "acceptance")

    told = everything(loop, first, key="industry")
    assert APPEAL["title"] in told
    assert whole not in told
    assert second not in told


@pytest.mark.parametrize("parts", [[], TWO_PARTS[:1], [*TWO_PARTS, {"title": "三"}]])
def test_a_split_into_fewer_than_two_whole_parts_is_named_and_changes_nothing(loop, parts):
    receipt, _ = submit(loop)

    answer = loop.post(f"{API}/{receipt}/split", {"parts": parts}, key="officer")

    assert answer.status_code == 422
    assert answer.json["errors"][0]["field"].startswith("parts")
    assert loop.count() == 1


def test_the_same_split_with_the_same_key_is_done_once(loop):
    receipt, _ = submit(loop)
    body = {"parts": TWO_PARTS}

    answers = [loop.post(f"{API}/{receipt}/split", body, key="officer", Idempotency_Key="once") for _ in range(2)]

    assert answers[0].json == answers[1].json
    assert loop.count() == 3


def test_an_accused_unit_learns_nothing_of_appeals_about_it_from_those_that_belong_with_them(loop):
    about, _ = submit(loop, accused=["sasac"])
    other, _ = submit(loop)
    act(loop, other, "link", linked_to=about, reason="相互关联")
    act(loop, other, "acceptance", linked_to=about)

    for key in ("sasac-supervisor", "sasac-desk"):
        assert loop.get(f"{API}/{other}", key=key).status_code == 200
        assert about not in everything(loop, other, key=key)
    assert about in everything(loop, other, key="supervisor")
    for path, body in (
        ("merge", {"into": about}),
        ("link", {"linked_to": about, "reason": "x"}),
        ("rejection", {"reason": "no-new-facts", "earlier": about}),
    ):
        unknown = {name: "SQ-20261124-000000" if value == about else value for name, value in body.items()}
        answers = [loop.post(f"{API}/{other}/{path}", one, key="sasac-desk") for one in (body, unknown)]
        assert [answer.status_code for answer in answers] == [404, 404]
        assert answers[0].json == answers[1].json


@pytest.mark.parametrize("path", ["merge", "unmerge", "link", "split"])
def test_only_the_acceptance_desk_merges_links_and_splits(loop, path):
    receipt, code = submit(loop)

    for key in ("dispatcher", "supervisor", "industry"):
        assert loop.post(f"{API}/{receipt}/{path}", {}, key=key).status_code == 403
    assert loop.post(f"{API}/{receipt}/{path}", {}, code=code).status_code == 401


def test_the_pages_show_what_belongs_together_to_whom_it_concerns(loop):
    main, _ = submit(loop, text=SECRET)
    merged, code = submit(loop)
    whole, whole_code = submit(loop)
    act(loop, main, "acceptance")
    act(loop, merged, "merge", into=main)
    parts = act(loop, whole, "split", parts=TWO_PARTS, status=201)["parts"]

    def page(receipt, query_code):
        return loop.client.post("/follow", data={"receipt": receipt, "query_code": query_code}, follow_redirects=True)

    shown = page(merged, code).text
    assert "一并办理的诉求：已转办 · 省工业和信息化厅" in shown
    assert main not in shown
    assert SECRET not in shown
    shown = page(whole, whole_code).text
    for part in parts:
        assert part in shown
        assert loop.receipts.query_code(part) in shown
