"""What somebody writes to do harm is text on every page: nothing runs, loads, leads elsewhere or breaks a form."""

import json
from pathlib import Path

from tests.browser.visitor import FORM, Visitor, hand_in

TEXTS = [
    json.loads(line)
    for line in (Path(__file__).parents[1] / "fixtures" / "hostile.txt").read_text(encoding="utf-8").splitlines()
    if not line.startswith("#")
]
REFUSED = [text for text in TEXTS if "\0" in text]
KEPT = [text for text in TEXTS if text not in REFUSED]
TOGETHER = 20
WRITE_ALL = """texts => {
    const fields = [...document.querySelectorAll('main form input[type=text], main form textarea')]
    fields.forEach((field, at) => { field.value = texts[at % texts.length] })
}"""
SHAPE = "[...document.querySelectorAll('main form [name]')].map(one => one.name).join()"


def pieces(texts, size):
    """The texts, so many at a time."""
    return [texts[at : at + size] for at in range(0, len(texts), size)]


def as_shown(text):
    """A text as a browser has it: with one kind of line end."""
    return text.replace("\r\n", "\n").replace("\r", "\n").strip()


def check(visitor: Visitor, *texts: str) -> None:
    """The page is where it should be, nothing ran, and it shows these as text."""
    assert visitor.page.evaluate("window.ran") is None
    shown = visitor.page.evaluate("document.querySelector('main').textContent")
    assert [text for text in texts if as_shown(text) not in shown] == []


def test_what_is_handed_in_is_text_for_the_applicant_on_lists_and_on_the_desk(visit):
    enterprise, officer = visit(), visit("intake-officer")
    for texts in pieces(KEPT, TOGETHER):
        short = [text.strip() for text in texts if 0 < len(text.strip()) <= 50 and "\n" not in as_shown(text)]
        receipt = enterprise.send(
            "/appeals/new",
            {name.replace("__", "."): text for name, text in FORM.items()}
            | {"title": short[0], "text": "\n".join(texts), "applicant.name": short[1]}
            | {"contact.name": short[2], "applicant.city": short[3], "applicant.park": short[4]},
        ).partition("?")[0][-18:]
        enterprise.open(f"/appeals/{receipt}").unfold()
        check(enterprise, "\n".join(texts), short[0])
        officer.open(f"/desk/appeals/{receipt}").see("等待受理")
        check(officer, "\n".join(texts), short[0], short[1], short[3], short[4])
    officer.open("/desk")
    check(officer, short[0])


def test_what_a_department_writes_is_text_in_the_story_of_an_appeal(visit):
    enterprise, officer, staff = visit(), visit("intake-officer"), visit("department")
    receipt, _ = hand_in(enterprise, title="请给予消防安全培训", text="希望开展防火培训，并指导隐患排查。")
    desk = f"/desk/appeals/{receipt}"
    officer.open(desk).see("等待受理").do("受理")
    staff.open(desk).see("待签收").do("签收").see("办理中")
    for texts in pieces(KEPT, 2 * TOGETHER):
        staff.send(f"{desk}/orders/{receipt}-01/progress", {"note": "\n".join(texts)})
    short = [text for text in KEPT if 0 < len(text.strip()) <= 60][:TOGETHER]
    reply = {"text": "\n".join(short), "result": "solved", "evidence": short[1], "contact": short[2]}
    staff.send(f"{desk}/orders/{receipt}-01/contact", {"how": short[0], "reached": "true", "note": short[3]})
    staff.send(f"{desk}/orders/{receipt}-01/feedback", reply)

    staff.open(desk).see("已反馈待审核")
    check(staff, *KEPT)
    enterprise.open(f"/appeals/{receipt}").unfold()
    check(enterprise)


def test_a_form_that_is_shown_again_holds_what_was_written_and_is_not_broken_by_it(visit):
    enterprise, officer = visit(), visit("intake-officer")
    for visitor, page in ((enterprise, "/appeals/new"), (officer, "/desk/new")):
        shape = visitor.open(page).page.evaluate(SHAPE)
        for texts in pieces(TEXTS, 2 * TOGETHER):
            visitor.open(page).unfold().page.evaluate(WRITE_ALL, [*texts])
            visitor.press("提交")
            visitor.page.locator(".trouble").wait_for()  # never a credit code
            check(visitor)
            assert visitor.page.evaluate(SHAPE) == shape


def test_what_cannot_be_kept_is_refused_beside_its_field(visit):
    enterprise = visit()
    for text in REFUSED:
        enterprise.open("/appeals/new").page.evaluate(WRITE_ALL, [f"x{text}x"])
        enterprise.press("提交")
        assert enterprise.page.locator("#text-fault").is_visible()
