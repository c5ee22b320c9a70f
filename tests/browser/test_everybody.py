"""The pages are for everybody: without JavaScript, without a mouse, in English, and at the first sign-in."""

import pyotp

from tests.browser.people import PASSWORD
from tests.browser.visitor import FORM, hand_in

CHINESE = (
    r"[...document.querySelectorAll('body *')].filter(one => one.childElementCount === 0 && one.checkVisibility())"
)
CHINESE += r".map(one => one.textContent.trim()).filter(text => /\p{Script=Han}/u.test(text))"
FOCUS = "(one => one.name || one.textContent.trim())(document.activeElement)"
OUTLINE = "parseFloat(getComputedStyle(document.activeElement).outlineWidth)"


def test_an_appeal_is_handed_in_and_followed_without_javascript(visit):
    enterprise = visit(java_script_enabled=False)
    receipt, code = hand_in(enterprise, title="没有脚本也能提交")
    later = visit(java_script_enabled=False).open("/follow").write(receipt=receipt, query_code=code)

    later.press("查询").see("没有脚本也能提交", "诉求已提交")
    later.do("撤回诉求", reason="已解决").see("已撤回")


def test_an_appeal_is_handed_in_with_the_keyboard_alone_and_the_focus_is_always_seen(visit):
    enterprise = visit().open("/appeals/new")
    keys, wanted = enterprise.page.keyboard, {name.replace("__", "."): text for name, text in FORM.items()}
    for _ in range(40):
        keys.press("Tab")
        focus = enterprise.page.evaluate(FOCUS)
        assert enterprise.page.evaluate(OUTLINE) >= 2, focus
        if focus in wanted:
            keys.insert_text(wanted.pop(focus))
        elif focus == "提交":
            break
    assert not wanted
    with enterprise.page.expect_navigation():
        keys.press("Enter")

    assert "已收到您的诉求" in enterprise.text()


def test_the_first_stop_of_the_keyboard_leads_past_the_menu_to_the_text(visit):
    page = visit().open("/appeals/new").page
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")

    assert page.evaluate("document.activeElement.id") == "content"


def test_in_english_no_word_of_ours_is_left_in_chinese(visit):
    enterprise = visit().open("/")
    enterprise.page.get_by_role("button", name="English").click()
    form = dict.fromkeys(FORM, "x") | {"applicant__uscc": FORM["applicant__uscc"], "title": "A lamp at the gate"}
    for page in ("/", "/appeals/new", "/confidential", "/follow", "/sign-in", "/register"):
        assert set(enterprise.open(page).unfold().page.evaluate(CHINESE)) <= {"中文"}, page

    enterprise.open("/appeals/new").write(**form).press("Hand in")
    assert enterprise.page.evaluate("document.documentElement.lang") == "en"
    assert set(enterprise.see("waits to be accepted").page.evaluate(CHINESE)) <= {"中文"}


def test_a_newcomer_goes_from_the_first_password_by_a_device_to_the_desk(visit, cast):
    cast.account("xinshou", "supervisor", chosen=False)
    newcomer = visit().open("/sign-in").write(name="xinshou", password=PASSWORD).press("登录")
    newcomer.press("显示二维码")
    secret = newcomer.page.locator("code.secret").inner_text()
    newcomer.write(code=pyotp.TOTP(secret).now()).press("确认")
    newcomer.page.locator("main a[role=button]").click()
    newcomer.write(old=PASSWORD, password="Liaohe-Qiao-9Hao").press("修改密码")

    newcomer.see("我的待办")
