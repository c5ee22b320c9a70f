# ruff: noqa: F811
"""Papers, really printed and read back, and the numbers of letters."""

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from io import BytesIO

import pytest
from docx import Document
from pypdf import PdfReader

from appeals.events import (
    AppealSubmitted,
    Applicant,
    DeadlineMissed,
    DeadlineSet,
    FeedbackSubmitted,
    OrderDispatched,
    OrderSigned,
    SupervisionIssued,
)
from deploy.local.paper import set_up_printing
from services.portal.file_policy import load_file_policy
from services.portal.paper.numbers import Numbers
from services.portal.paper.press import Press
from services.portal.problems import NotDone
from tests.services.conftest import Town
from tests.services.test_portal import (  # noqa: F401 - fixtures
    API,
    RECEIPT,
    Portal,
    _no_settings,
    accepted,
    dispatched,
    facts_of,
    of_order,
    portal,
    submitted,
)

LONG = "为引进产业链、提高竞争力，需要申报成立化工产业园区，希望协调辽宁省工信厅给予支持。" * 5
PERSON = "SQ-20261124-A1B2C4"


@pytest.fixture(scope="module")
def printed(tmp_path_factory):
    """A portal with an appeal that has gone badly, on a machine that can print."""
    set_up_printing()
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("services.portal.service.configuration", lambda settings: {"files": load_file_policy()})
        town = Town(f"sqlite:///{tmp_path_factory.mktemp('printed')}/")
        made = Portal(town)
        went_badly(town)
        yield made
        town.close()


def went_badly(town):
    """Lead industry has missed its time and was urged, then given a yellow card; securities was asked by letter."""
    submitted(town, text=LONG)
    accepted(town, text=LONG)
    facts = {name: value for name, value in facts_of(town).items() if name not in ("channel", "category")}
    facts |= {"complexity": "hard", "round": 1}
    asked = {
        "order": f"{RECEIPT}-01",
        "department": "industry",
        "role": "lead",
        "requirement": "牵头会商自然资源等部门",
    }
    letter = {"order": f"{RECEIPT}-02", "department": "securities", "role": "assist", "form": "letter"}
    town.say("routing", OrderDispatched(**facts, **asked), OrderDispatched(**facts, **letter))
    due = town.clock() + timedelta(days=1)
    for step in ("sign", "contact", "reply"):
        of_order(town, DeadlineSet, source="supervision", step=step, due=due)
    of_order(town, OrderSigned, by="王明")
    of_order(town, DeadlineMissed, source="supervision", step="reply", due=due)
    of_order(town, SupervisionIssued, source="supervision", level="urged", reason="申请人两次催办")
    of_order(
        town,
        SupervisionIssued,
        source="supervision",
        level="yellow",
        reason="催办后仍未答复",
        reply_due=due + timedelta(3),
    )
    of_order(town, FeedbackSubmitted, text="园区总体规划已公示", result="solved")


def text_of(answer):
    """What a PDF says, without blanks and line ends."""
    assert answer.status_code == 200, answer.text
    return "".join("".join(page.extract_text() for page in PdfReader(BytesIO(answer.data)).pages).split())


def words_of(answer):
    """What a Word document says."""
    document = Document(BytesIO(answer.data))
    cells = [cell.text for table in document.tables for row in table.rows for cell in row.cells]
    return "\n".join([one.text for one in document.paragraphs] + cells)


def paper(portal, name, key="supervisor", order="01"):
    return portal.get(f"{API}/{RECEIPT}/orders/{order}/{name}", key)


def test_the_form_of_an_order_says_number_units_limits_requirement_and_result(printed):
    answer = paper(printed, "order.pdf", "officer")

    said = text_of(answer)
    for part in (
        f"{RECEIPT}-01",
        "申报成立化工产业园区",
        "朝阳高新技术产业开发区",
        "省工业和信息化厅（主办，第1轮）",
        "辽宁证监局",
        "2026年11月25日09:00",
        "牵头会商自然资源等部门",
        "王明2026年11月24日09:00",
        "已解决：园区总体规划已公示",
        "officer2026年11月24日09:00打印",
    ):
        assert part in said, part
    assert answer.content_type == "application/pdf"
    assert answer.headers["Content-Disposition"].startswith(f'attachment; filename="{RECEIPT}-01-order.pdf"')


def test_a_long_text_follows_the_form_in_full(printed):
    said = text_of(paper(printed, "order.pdf"))

    assert "全文附后" in said
    assert LONG.replace("\n", "") in said.rpartition("诉求全文")[2].replace("supervisor2026年11月24日09:00打印", "")


def test_a_letter_of_supervision_says_what_was_missed_what_is_asked_and_how_it_went(printed):
    said = text_of(paper(printed, "supervision.pdf"))

    for part in (
        "〔2026〕",
        "关于限期办理“申报成立化工产业园区”诉求的黄牌督办函",
        "省工业和信息化厅：",
        "应于2026年11月25日09:00前答复，至今未完成",
        "催办后仍未答复",
        "于2026年11月28日09:00前书面回复",
        "附件：办理流转记录",
        "省工业和信息化厅已签收",
    ):
        assert part in said, part
    assert "已提交办理结果" not in said  # that came later


def test_a_vertical_organ_gets_a_request_and_no_record_of_others(printed):
    said = text_of(paper(printed, "letter.pdf", order="02"))

    assert "关于商请办理“申报成立化工产业园区”诉求的函" in said
    assert "辽宁证监局：" in said
    assert "督办" not in said.replace("抄送：督办部门存档", "").replace("涉企诉督", "")


def test_papers_that_were_not_issued_are_not_there(printed):
    answer = paper(printed, "supervision.pdf", order="02")

    assert (answer.status_code, answer.json["type"]) == (404, "/problems/not-issued")
    assert paper(printed, "order.pdf", order="03").json["type"] == "/problems/not-found"


@pytest.mark.parametrize(
    ("name", "order", "says"),
    [
        ("order.docx", "01", "牵头会商自然资源等部门"),
        ("supervision.docx", "01", "关于限期办理“申报成立化工产业园区”诉求的黄牌督办函"),
        ("letter.docx", "02", "现商请你单位依法依规予以办理"),
        ("urging.docx", "01", "申请人两次催办"),
    ],
)
def test_every_paper_of_an_order_is_had_as_a_document_to_work_on(printed, name, order, says):
    assert says in words_of(paper(printed, name, order=order))


def test_an_applicants_receipt_has_the_query_code_and_an_officers_has_not(printed):
    code = printed.receipts.query_code(RECEIPT)

    own = text_of(printed.get(f"{API}/{RECEIPT}/receipt.pdf", code=code, Accept_Language="en"))
    officers = text_of(printed.get(f"{API}/{RECEIPT}/receipt.pdf", "officer"))

    assert RECEIPT in own and code in own
    assert "Receiptofanappeal" in own and "Printedbytheapplicant" in own
    assert RECEIPT in officers and code not in officers


def test_what_staff_print_is_in_the_audit(printed):
    paper(printed, "urging.docx", "auditor")

    last = printed.visitors.keeping.audit(None, 1)[0]
    assert (last.who, last.act, last.about) == ("auditor", "paper.printed", f"{RECEIPT}-01")
    assert last.details == {"paper": "urging", "form": "docx"}


def test_the_desk_links_to_the_papers_that_there_are(printed):
    page = printed.get(f"/desk/appeals/{RECEIPT}", "supervisor").text

    for name in ("01/order.pdf", "01/supervision.pdf", "01/urging.docx", "02/letter.pdf"):
        assert f"/desk/appeals/{RECEIPT}/orders/{RECEIPT}-{name}" in page
    assert f"{RECEIPT}-02/supervision.pdf" not in page
    link = f"/desk/appeals/{RECEIPT}/orders/{RECEIPT}-01/urging.docx"
    assert "催办" in words_of(printed.get(link, "supervisor"))


def test_an_applicant_prints_the_receipt_from_the_page(printed):
    browser = printed.client.application.test_client()
    browser.post("/follow", data={"receipt": RECEIPT, "query_code": printed.receipts.query_code(RECEIPT)})

    assert f'href="/appeals/{RECEIPT}/receipt.pdf"' in browser.get(f"/appeals/{RECEIPT}").text
    assert "涉企诉求受理回执" in text_of(browser.get(f"/appeals/{RECEIPT}/receipt.pdf"))
    assert f'value="{RECEIPT}"' in browser.get(f"/follow?receipt={RECEIPT}").text


def test_a_machine_without_libraries_says_in_a_line_what_to_do(printed, monkeypatch, tmp_path):
    monkeypatch.setenv("PATH", str(tmp_path))

    answer = paper(printed, "order.pdf")

    assert (answer.status_code, answer.json["type"]) == (503, "/problems/printing-not-set-up")
    assert "make paper" in answer.json["detail"]


def test_what_cannot_be_rendered_is_refused_and_tells_nothing_of_the_inside():
    with pytest.raises(NotDone) as refused:
        Press().print(None, "docx")

    assert refused.value.problem.code == "printing-failed"


def test_who_comes_when_too_many_wait_is_told_to_come_again():
    with pytest.raises(NotDone) as refused:
        Press(room=0).print(None, "docx")

    assert refused.value.problem.code == "printing-busy"


def test_a_persons_name_is_masked_on_paper(printed):
    person = facts_of(printed.town, PERSON, applicant=Applicant(name="欧阳小明", kind="person"))
    printed.town.say("intake", AppealSubmitted(**person))
    dispatched(printed.town, PERSON)

    said = words_of(printed.get(f"{API}/{PERSON}/orders/01/order.docx", "officer"))

    assert "小明" not in said


# Numbers


def test_a_letter_keeps_its_number_and_every_year_begins_anew(portal):
    numbers = Numbers(portal.host.database)

    drawn = [
        numbers.of(RECEIPT, entry, series="涉企诉督", year=year) for entry, year in ((3, 2026), (5, 2026), (9, 2027))
    ]

    assert drawn == ["涉企诉督〔2026〕1号", "涉企诉督〔2026〕2号", "涉企诉督〔2027〕1号"]
    assert numbers.of(RECEIPT, 3, series="另一字号", year=2027) == drawn[0]


def test_letters_printed_at_the_same_moment_get_different_numbers(portal):
    numbers = Numbers(portal.host.database)

    with ThreadPoolExecutor(4) as pool:
        drawn = list(pool.map(lambda entry: numbers.of(RECEIPT, entry, series="涉企诉督", year=2026), range(8)))

    assert sorted(drawn) == [f"涉企诉督〔2026〕{number}号" for number in range(1, 9)]


def test_one_letter_printed_twice_at_the_same_moment_has_one_number(portal):
    numbers = Numbers(portal.host.database)

    with ThreadPoolExecutor(4) as pool:
        drawn = set(pool.map(lambda _: numbers.of(RECEIPT, 3, series="涉企诉督", year=2026), range(8)))

    assert drawn == {"涉企诉督〔2026〕1号"}
    assert numbers.of(RECEIPT, 4, series="涉企诉督", year=2026) == "涉企诉督〔2026〕2号"
