# ruff: noqa: F811
"""The pages, through Flask's test client: what a browser without JavaScript is shown and may send."""

import re

import pytest

from appeals.events import ContactMade, FeedbackSubmitted, OrderSigned
from tests.services.test_portal import API, _no_settings, loop, portal  # noqa: F401 - fixtures

FORM = {
    "applicant.name": "朝阳高新技术产业开发区",
    "applicant.kind": "park",
    "applicant.city": "朝阳市",
    "title": "申报成立化工产业园区",
    "text": "希望协调省工信厅给予支持",
    "category": "industry",
    "contact.name": "王经理",
    "contact.phone": "13800000000",
}


def hand_in(loop, **changes):
    answer = loop.client.post("/appeals/new", data=FORM | changes)
    assert answer.status_code == 303, answer.text
    return re.search("SQ-[0-9A-Z-]+", answer.location)[0]


def of_order(town, receipt, department, number, cls, **facts):
    order = {"order": f"{receipt}-{number}", "department": department}
    town.say(department, cls(receipt=receipt, at=town.clock(), **order, **facts), inbox=True)


def test_what_is_handed_in_on_a_page_is_shown_with_its_receipt_and_query_code(loop):
    receipt = hand_in(loop)

    shown = loop.client.get(f"/appeals/{receipt}?new=yes").text

    assert receipt in shown
    assert loop.receipts.query_code(receipt) in shown
    assert "等待受理人员审核" in shown


def test_who_has_no_query_code_is_shown_nothing_and_learns_not_whether_there_is_such_an_appeal(loop):
    receipt = hand_in(loop)
    stranger = loop.client.application.test_client()

    answers = [
        stranger.get(f"/appeals/{receipt}"),
        stranger.get("/appeals/SQ-20261124-AAAAAA"),
        stranger.post(f"/appeals/{receipt}/urge", data={}),
        stranger.post("/appeals/SQ-20261124-AAAAAA/urge", data={}),
    ]

    assert {answer.status_code for answer in answers} == {404}
    assert len({re.sub(r'name="back" value="[^"]*"', "", answer.text) for answer in answers}) == 1


def test_receipt_and_query_code_open_an_appeal_until_it_is_closed_again(loop):
    receipt = hand_in(loop)
    visitor = loop.client.application.test_client()

    wrong = visitor.post("/follow", data={"receipt": receipt, "query_code": "AAAAAAAA"})
    right = visitor.post("/follow", data={"receipt": receipt.lower(), "query_code": loop.receipts.query_code(receipt)})

    assert (wrong.status_code, right.status_code) == (404, 303)
    assert receipt in wrong.text
    assert visitor.get(right.location).status_code == 200
    visitor.post("/follow/end")
    assert visitor.get(f"/appeals/{receipt}").status_code == 404


def test_what_is_wrong_is_told_beside_its_field_and_all_that_was_written_is_kept(loop):
    answer = loop.client.post("/appeals/new", data=FORM | {"title": "", "applicant.uscc": "123"})

    assert answer.status_code == 422
    assert loop.count() == 0
    for written in ("希望协调省工信厅给予支持", "王经理", 'value="123"'):
        assert written in answer.text
    for field in ("title", "applicant-uscc"):
        assert f'id="{field}-fault"' in answer.text


def test_a_second_click_hands_nothing_in_twice(loop):
    first, second = hand_in(loop, key="one-form"), hand_in(loop, key="one-form")

    assert first == second
    assert loop.count() == 1


def test_an_anonymous_appeal_needs_neither_name_nor_contact(loop):
    facts = {name: value for name, value in FORM.items() if not name.startswith(("applicant", "contact"))}
    answer = loop.client.post("/appeals/new", data=facts | {"classification": "anonymous"})

    assert answer.status_code == 303
    assert loop.host.rows("SELECT classification FROM appeals") == [("anonymous",)]


def test_what_another_site_sends_is_refused(loop):
    for told in ({"Sec-Fetch-Site": "cross-site"}, {"Origin": "https://elsewhere.example"}):
        assert loop.client.post("/appeals/new", data=FORM, headers=told).status_code == 403
    assert loop.count() == 0


def test_a_page_loads_nothing_from_elsewhere_and_runs_nothing_written_into_it(loop):
    receipt = hand_in(loop, title="<script>alert(1)</script>")
    answer = loop.client.get(f"/appeals/{receipt}")

    assert "<script>alert" not in answer.text
    assert not re.search(r'(src|href)="(https?:)?//', answer.text)
    policy = answer.headers["Content-Security-Policy"]
    assert "default-src 'none'" in policy
    assert "unsafe" not in policy
    assert re.findall(r"<script[^>]*>", answer.text) and all(
        "integrity=" in tag for tag in re.findall(r"<script[^>]*>", answer.text)
    )


@pytest.mark.parametrize(
    ("choice", "shows"),
    [
        ({"lang": "en"}, 'lang="en"'),
        ({"print": "large"}, 'class="large"'),
        ({"contrast": "high"}, 'data-contrast="high"'),
    ],
)
def test_language_print_and_contrast_are_kept_as_chosen(loop, choice, shows):
    assert shows not in loop.client.get("/").text.split("</head>")[0]

    back = loop.client.post("/preferences", data=choice | {"back": "//elsewhere.example/follow"})

    assert back.location == "/follow"
    assert shows in loop.client.get("/").text.split("</head>")[0]


def test_an_applicant_supplements_urges_and_rates_on_the_page(town, loop):
    receipt = hand_in(loop)
    page = f"/appeals/{receipt}"
    loop.post(f"{API}/{receipt}/supplement-request", {"missing": ["园区规划"]}, key="officer")
    assert 'action="/supplement"' in loop.client.get(page).text
    added = {"receipt": receipt, "text": "规划见附件"}
    assert loop.client.post("/supplement", data=added).status_code == 303
    loop.post(f"{API}/{receipt}/acceptance", {}, key="officer")

    assert f'action="{page}/rating"' not in loop.client.get(page).text
    assert loop.client.post(f"{page}/urge", data={"note": "请尽快"}).status_code == 303
    assert "催办" in loop.client.get(page).text
    again = loop.client.post(f"{page}/urge", data={"note": "再催一次"})
    assert again.status_code == 409
    assert "再催一次" in again.text

    for department, number in (("industry", "01"), ("natural-resources", "02")):
        of_order(town, receipt, department, number, OrderSigned)
        of_order(town, receipt, department, number, ContactMade, how="电话")
        of_order(town, receipt, department, number, FeedbackSubmitted, text="已办", result="solved", evidence=("批复",))
    for number in ("01", "02"):
        answer = loop.post(f"{API}/{receipt}/orders/{receipt}-{number}/approval", {}, key="supervisor")
        assert answer.status_code == 200, answer.json

    assert loop.client.post(f"{page}/rating", data={"rating": "satisfied", "solved": "solved"}).status_code == 303
    assert "已归档" in loop.client.get(page).text


def test_a_page_that_there_is_not_says_so_as_a_page(portal):
    answer = portal.client.get("/nothing", headers={"Accept": "text/html"})

    assert answer.status_code == 404
    assert answer.mimetype == "text/html"
