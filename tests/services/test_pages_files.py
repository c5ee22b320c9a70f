# ruff: noqa: F811
"""Files on forms, and appeals that officers write down for others: with agents, by their own channels, from e-mails."""

import io
import re

import pytest

from services.portal.file_policy import load_file_policy
from services.portal.pages import files
from services.portal.service import _uploads
from tests.domain.test_portal_files import PDF, PNG, an_email
from tests.services.test_attachments import HASH
from tests.services.test_pages import FORM
from tests.services.test_pages_entrance import visitor
from tests.services.test_portal import API, _no_settings, loop, portal  # noqa: F401 - fixtures

ENTRY = FORM | {"channel": "phone", "title": "电话反映的诉求"}


def sent(name="规划.pdf", content=PDF):
    """A file as a form brings it."""
    return (io.BytesIO(content), name)


def names(loop, receipt):
    """What the files of an appeal are called, as officers are shown them."""
    return [one["name"] for one in loop.get(f"{API}/{receipt}", key="officer").json["attachments"]]


def receipt_in(text):
    return re.search("SQ-[0-9]{8}-[0-9A-Z]{6}", text)[0]


@pytest.fixture
def officer(loop):
    """An intake officer with the form of an entry before them."""
    browser = visitor(loop, "wangming", "intake-officer")
    assert browser.get("/desk/new").status_code == 200
    return browser


def test_an_applicant_hands_files_in_with_the_form_and_without_javascript(loop):
    assert 'enctype="multipart/form-data"' in loop.client.get("/appeals/new").text

    answer = loop.client.post("/appeals/new", data=FORM | {"files": [sent(), sent("现场.png", PNG)]})

    assert answer.status_code == 303, answer.text
    assert names(loop, receipt_in(answer.location)) == ["规划.pdf", "现场.png"]


def test_files_are_kept_when_the_form_has_to_be_sent_again(loop):
    wrong = loop.client.post("/appeals/new", data=FORM | {"title": "", "files": sent()})
    assert wrong.status_code == 422
    kept = re.search(f'name="attachments" value="({HASH} 规划.pdf)" checked', wrong.text)[1]

    again = loop.client.post("/appeals/new", data=FORM | {"attachments": kept})

    assert names(loop, receipt_in(again.location)) == ["规划.pdf"]


@pytest.mark.parametrize(
    ("brought", "why"),
    [
        ([("规划.pdf", b"MZ" + bytes(99))], "可执行"),
        ([("规划.pdf", PNG)], "规划.pdf"),
        ([(f"{number}.pdf", PDF) for number in range(files.MOST + 1)], "一次最多上传 5 个文件"),
    ],
    ids=["program", "another-kind", "too-many"],
)
def test_a_file_that_is_not_taken_is_told_beside_the_files_and_nothing_is_handed_in(loop, brought, why):
    answer = loop.client.post("/appeals/new", data=FORM | {"files": [sent(*one) for one in brought]})

    assert answer.status_code == 422
    assert why in answer.text.split('id="files-fault"')[1].split("</small>")[0]
    assert loop.count() == 0


def test_a_hash_that_was_not_uploaded_cannot_be_written_into_the_form(loop):
    answer = loop.client.post("/appeals/new", data=FORM | {"attachments": f"{'0' * 64} 规划.pdf"})

    assert (answer.status_code, 'id="files-fault"' in answer.text) == (422, True)
    assert loop.count() == 0


def test_a_form_with_files_may_be_larger_than_other_requests_and_no_larger_than_said(loop):
    large = sent("大.pdf", PDF + bytes(300_000))
    assert loop.client.post("/appeals/new", data=FORM | {"files": large}).status_code == 303

    beyond = loop.client.post("/appeals/new", environ_overrides={"CONTENT_LENGTH": str(10**9)})
    other = loop.client.post("/follow", data={"receipt": "x" * 200_000})

    assert (beyond.status_code, other.status_code) == (413, 413)
    assert all(_uploads(load_file_policy())[page] > 128 * 1024 for page in files.PAGES)


def test_an_officer_writes_an_appeal_down_and_is_told_what_to_pass_on(loop, officer):
    entered = officer.send("/desk/new", **ENTRY, files=sent())

    receipt = receipt_in(entered.text)
    assert loop.receipts.query_code(receipt) in entered.text
    assert names(loop, receipt) == ["规划.pdf"]
    assert loop.host.rows("SELECT channel FROM appeals") == [("phone",)]
    assert loop.asker.asked[-1].by == "wangming"


@pytest.mark.parametrize(
    ("role", "department", "has", "has_not"),
    [
        ("intake-officer", "", {"hotline", "hotline-12345", "email", "phone"}, {"portal", "mini-program"}),
        ("supervisor", "", {"phone", "visit", "letter"}, {"hotline", "email", "portal", "import"}),
        ("department", "industry", {"phone", "visit"}, {"hotline-12345", "platform", "portal"}),
    ],
)
def test_officers_choose_among_the_channels_that_are_theirs(loop, role, department, has, has_not):
    browser = visitor(loop, "lihua", role, department=department)

    select = re.search(r'<select id="channel".*?</select>', browser.get("/desk/new").text, re.DOTALL)[0]
    offered = set(re.findall(r'<option value="([^"]*)"', select))

    assert (has <= offered, has_not & offered) == (True, set())
    if role == "supervisor":
        assert browser.send("/desk/new", **ENTRY | {"channel": "hotline"}).status_code == 403


@pytest.mark.parametrize(("role", "status"), [("auditor", 403), ("system-administrator", 403), ("enterprise", 404)])
def test_who_is_no_officer_writes_nothing_down_for_others(loop, role, status):
    browser = visitor(loop, "lihua", role)

    assert browser.get("/desk/new").status_code == status
    for path in ("/desk/new", "/desk/new/email"):
        assert browser.send(path, **ENTRY).status_code in (403, 404)


def test_an_agents_authorisation_is_uploaded_with_the_form_and_stays_when_it_is_sent_again(loop, officer):
    agent = {"agent.name": "李律师", "agent.phone": "13900000000"}

    wrong = officer.send("/desk/new", **ENTRY | {"title": ""}, **agent, authorisation=sent("委托书.pdf"))
    assert wrong.status_code == 422
    kept = re.search('name="agent.authorisation" value="([0-9a-f]{64})"', wrong.text)[1]
    entered = officer.send("/desk/new", **ENTRY, **agent, **{"agent.authorisation": kept})

    assert names(loop, receipt_in(entered.text)) == ["授权委托书.pdf"]
    assert loop.asker.asked[-1].agent_name == "李律师"


def test_an_authorisation_that_is_no_document_is_told_beside_it(officer):
    agent = {"agent.name": "李律师", "agent.phone": "13900000000"}

    wrong = officer.send("/desk/new", **ENTRY, **agent, authorisation=sent("委托书.pdf", b"MZ" + bytes(99)))

    assert (wrong.status_code, 'id="authorisation-fault"' in wrong.text) == (422, True)


def test_an_email_fills_the_form_in_with_its_files_and_hands_nothing_in(loop, officer):
    mail = an_email(files=[("规划.pdf", PDF), ("坏.exe", b"MZ" + bytes(99))]).getvalue()

    shown = officer.send("/desk/new/email", email=sent("mail.eml", mail)).text

    assert loop.count() == 0
    for written in ('value="仓库电缆被盗"', "请尽快破案", "王经理", f'value="{HASH} 规划.pdf" checked', "坏.exe"):
        assert written in shown
    assert re.search('<option value="email" selected', shown)


@pytest.mark.parametrize("brought", [("x.eml", PDF), ("", b"")])
def test_what_is_no_email_is_told_beside_it(officer, brought):
    wrong = officer.send("/desk/new/email", email=sent(*brought))

    assert (wrong.status_code, 'id="email-fault"' in wrong.text) == (422, True)


def asked_to_add(loop):
    """An appeal that was handed in on the page and waits for a supplement."""
    receipt = receipt_in(loop.client.post("/appeals/new", data=FORM).location)
    loop.post(f"{API}/{receipt}/supplement-request", {"missing": ["规划"]}, key="officer")
    return receipt


def test_a_supplement_brings_files_on_the_page_and_keeps_them_when_something_else_was_wrong(loop):
    receipt = asked_to_add(loop)
    wrong = loop.client.post("/supplement", data={"receipt": receipt, "text": "", "files": sent()})
    kept = re.search(f'name="attachments" value="({HASH} 规划.pdf)" checked', wrong.text)[1]

    again = {"receipt": receipt, "text": "规划见附件", "attachments": kept, "files": sent("现场.png", PNG)}

    assert wrong.status_code == 422
    assert loop.client.post("/supplement", data=again).status_code == 303
    assert names(loop, receipt) == ["规划.pdf", "现场.png"]


def test_a_file_of_a_supplement_that_is_not_taken_is_told_beside_it_and_nothing_is_added(loop):
    receipt = asked_to_add(loop)

    refused = loop.client.post(
        "/supplement", data={"receipt": receipt, "text": "见附件", "files": sent("a.pdf", b"MZ")}
    )

    assert 'id="files-fault"' in refused.text
    assert "见附件" in refused.text
    assert loop.get(f"{API}/{receipt}", key="officer").json["state"]["code"] == "supplementing"


def test_a_stranger_leaves_no_file_by_the_door_of_supplements(loop):
    receipt = asked_to_add(loop)
    stranger = loop.client.application.test_client()

    assert stranger.post("/supplement", data={"receipt": receipt, "text": "x", "files": sent()}).status_code == 404
    assert loop.count("uploads") == 0
