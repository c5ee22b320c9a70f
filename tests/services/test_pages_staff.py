# ruff: noqa: F811
"""The acceptance desk on pages: advice, one form for each decision, and what an officer is shown of an applicant."""

import re

import pytest

from appeals.errors import Unanswered
from tests.services.test_attachments import HASH, named, upload
from tests.services.test_pages_entrance import visitor
from tests.services.test_portal import API, Portal, TownAsker, _no_settings, loop, portal  # noqa: F401 - fixtures

THEFT = {
    "title": "仓库电缆连续被盗请尽快破案",
    "text": "沈抚示范区仓库被盗电缆约180米，损失32万元",
    "applicant": {"name": "北票恒铸特钢有限公司", "uscc": "91211300MAFGKMEQX7", "city": "朝阳市"},
    "category": "crime",
    "contact": {"name": "王经理", "phone": "13812345678"},
}


@pytest.fixture
def officer(loop):
    """An intake officer who has signed in."""
    return visitor(loop, "wangming", "intake-officer")


def form(page, path):
    """The form on a page that is sent to this path."""
    return re.search(rf'<form method="post" action="[^"]*{path}".*?</form>', page, re.DOTALL)[0]


def fields(form):
    """What the hidden inputs of a form hold."""
    return dict(re.findall(r'<input type="hidden" name="([^"]+)" value="([^"]*)"', form))


def chosen(form):
    """What is chosen in the selects of a form."""
    found = re.findall(r'<select [^>]*name="([^"]+)".*?</select>', form, re.DOTALL)
    selects = re.findall(r"<select .*?</select>", form, re.DOTALL)
    values = [re.search(r'value="([^"]*)" selected', select) for select in selects]
    return {name: value[1] for name, value in zip(found, values, strict=True) if value}


def test_who_accepts_begins_with_what_was_handed_in(loop, officer):
    receipt, _ = loop.submit(**THEFT, kind="report", urgency="urgent")

    asked = chosen(form(officer.get(f"/desk/appeals/{receipt}").text, "/acceptance"))

    assert asked == {"kind": "report", "urgency": "urgent", "category": "crime"}


def test_an_earlier_appeal_stands_beside_this_one_and_is_merged_or_linked_by_a_button(loop, officer):
    first, _ = loop.submit(**THEFT)
    second, _ = loop.submit(**THEFT | {"text": "沈抚示范区仓库又被盗电缆约180米，损失32万元"})

    shown = officer.get(f"/desk/appeals/{second}").text
    assert "同一企业、同一事项类别" in shown
    assert THEFT["text"] in shown
    officer.send(f"/desk/appeals/{second}/merge", **fields(form(shown, f"{second}/merge")))
    assert "已并案" in officer.follow().text
    third, _ = loop.submit(**THEFT)
    shown = officer.get(f"/desk/appeals/{third}").text
    officer.send(f"/desk/appeals/{third}/link", **fields(form(shown, f"{third}/link")))
    assert officer.shown.status_code == 303
    assert loop.host.rows(f"SELECT merged_into FROM appeals WHERE receipt = '{second}'") == [(first,)]  # noqa: S608
    assert loop.asker.asked[-1].linked_to in (first, second)


def test_the_rules_say_which_department_they_would_send_it_to_and_why(loop, officer):
    receipt, _ = loop.submit(category="industry")

    shown = officer.get(f"/desk/appeals/{receipt}").text

    assert "建议承办单位" in shown
    assert "工业和信息化厅" in shown.split("建议承办单位")[1].split("</section>")[0]


class Silent(TownAsker):
    """Commands are done, and no question is answered."""

    def find_out(self, question, *, key, body):
        raise Unanswered("lost")


def test_a_page_does_without_advice_that_is_not_to_be_had(town):
    town.host("intake")
    portal = Portal(town, asker=Silent(town))
    receipt, _ = portal.submit()
    browser = visitor(portal, "wangming", "intake-officer")

    shown = browser.get(f"/desk/appeals/{receipt}")

    assert (shown.status_code, "暂时无法取得" in shown.text, "建议承办单位" in shown.text) == (200, True, False)
    assert form(shown.text, "/acceptance")


@pytest.mark.parametrize(("decision", "regime"), [("confirmed", "criminal"), ("undone", "")])
def test_an_emergency_is_shown_as_a_banner_and_decided_there(loop, officer, decision, regime):
    receipt, _ = loop.submit(title="工地有人被绑架", text="工地上有人持刀绑架工人，正在行凶")
    shown = officer.get(f"/desk/appeals/{receipt}").text
    assert "已按紧急事项转110" in shown

    officer.send(f"/desk/appeals/{receipt}/acceptance", emergency=decision, special_regime=regime)

    assert "已按紧急事项转110" not in officer.follow().text
    assert loop.host.rows("SELECT emergency FROM appeals") == [(decision,)]


def test_an_appeal_is_rejected_for_a_lawful_reason_from_the_list_only(loop, officer):
    receipt, code = loop.submit()
    rejection = form(officer.get(f"/desk/appeals/{receipt}").text, "/rejection")
    assert '<option value="litigation">已经或者依法应当通过诉讼、仲裁途径解决</option>' in rejection

    refused = officer.send(f"/desk/appeals/{receipt}/rejection", reason="busy")
    assert refused.status_code == 422
    assert officer.send(f"/desk/appeals/{receipt}/rejection", reason="litigation").status_code == 303

    (told,) = loop.get(f"{API}/{receipt}/timeline", code=code).json["timeline"][-1:]
    assert told["details"]["where_to_go"] == "请向有管辖权的人民法院或者仲裁机构提出"


def test_an_appeal_is_split_by_a_form_with_faults_where_they_were_written(loop, officer):
    receipt, _ = loop.submit()
    path = f"/desk/appeals/{receipt}/split"
    officer.get(f"/desk/appeals/{receipt}")
    parts = {"parts.0.title": "电缆被盗", "parts.0.text": "请破案", "parts.3.title": "道路不通"}

    wrong = officer.send(path, **parts)
    assert wrong.status_code == 422
    assert re.findall(r'id="split-parts-(\d)-(\w+)-fault"', wrong.text) == [("3", "text")]
    assert 'value="道路不通"' in wrong.text
    assert officer.send(path, **parts, **{"parts.3.text": "请修路"}).status_code == 303

    assert officer.follow().text.count('<a href="/desk/appeals/SQ-') == 2


def test_an_identity_is_masked_and_shown_in_clear_for_a_purpose_that_is_noted(loop, officer):
    receipt, code = loop.submit(**THEFT)
    assert "13812345678" not in officer.get(f"/desk/appeals/{receipt}").text

    masked = officer.send(f"/desk/appeals/{receipt}/identity", purpose="").text
    clear = officer.send(f"/desk/appeals/{receipt}/identity", purpose="联系核实案情").text

    assert ("13812345678" in masked, "已掩码" in masked) == (False, True)
    assert ("13812345678" in clear, "已掩码" in clear) == (True, False)
    assert "已查看身份和联系信息" in str(loop.get(f"{API}/{receipt}/timeline", code=code).json["timeline"])
    assert "13812345678" not in officer.get(f"/desk/appeals/{receipt}").text


def test_files_are_listed_on_the_desk_and_given_to_who_may_see_the_appeal(loop, officer):
    upload(loop)
    receipt, _ = loop.submit(attachments=named())

    link = re.search(r'href="(/desk/appeals/[^"]+/attachments/[^"]+)"', officer.get(f"/desk/appeals/{receipt}").text)[1]

    assert link.endswith(HASH)
    assert officer.get(link).headers["Content-Disposition"].startswith("attachment; ")
    stranger = visitor(loop, "zhanghong", "department", department="industry")
    assert stranger.get(link).status_code == 404


@pytest.mark.parametrize("role", ["dispatcher", "supervisor", "auditor"])
def test_who_does_not_accept_is_offered_no_acceptance_and_no_split(loop, role):
    receipt, _ = loop.submit(**THEFT)
    browser = visitor(loop, "lihua", role)

    shown = browser.get(f"/desk/appeals/{receipt}").text

    for path in ("/acceptance", "/rejection", "/split", "/merge"):
        assert f'{path}"' not in shown
        assert browser.send(f"/desk/appeals/{receipt}{path}").status_code == 403


def test_who_has_several_roles_has_the_lists_of_all_of_them(portal):
    browser = visitor(portal, "lihua", "dispatcher", "supervisor")

    shown = browser.get("/desk").text

    assert all(f"/desk?list={name}" in shown for name in ("dispatch", "work", "replies", "review", "ended"))


def test_a_desk_begins_with_the_first_list_on_which_something_is_to_be_done(loop, officer):
    receipt, _ = loop.submit(**THEFT)
    loop.post(f"{API}/{receipt}/supplement-request", {"missing": ["营业执照"]}, key="officer")

    assert re.search('list=supplement" aria-current', officer.get("/desk").text)
    assert re.search('list=accept" aria-current', officer.get("/desk?list=accept").text)


def test_pages_that_are_everybodys_show_whoever_is_signed_in_the_way_to_their_own(loop, officer):
    assert 'href="/desk"' in officer.get("/").text
    assert 'href="/desk"' not in loop.client.get("/", headers={"Accept": "text/html"}).text
