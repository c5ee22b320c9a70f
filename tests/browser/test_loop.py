"""The whole loop in a browser: an enterprise, officers and a department's staff, each in a window of their own."""

from tests.browser.visitor import hand_in

NO_RULE_KNOWS_IT = {"title": "厂门前的路灯不亮", "text": "请协调恢复照明，夜班职工出行不便。"}


def test_an_appeal_goes_from_the_enterprise_through_every_desk_and_back_to_its_rating(visit):
    enterprise = visit()
    receipt, _ = hand_in(enterprise, **NO_RULE_KNOWS_IT)
    assert "诉求已提交" in enterprise.text()
    desk = f"/desk/appeals/{receipt}"

    visit("intake-officer").open("/desk").see(receipt).open(desk).do("受理").see("诉求已受理")

    dispatcher = visit("dispatcher").open("/desk").see(receipt).open(desk)
    dispatcher.do("转办", choose={"lead": "public-security"}).see("诉求已转省公安厅主办")

    staff = visit("department").open("/desk").see(receipt).open(desk).see("签收期限")
    staff.do("签收").see("已签收")
    staff.do("登记联系", choose={"reached": "true"}, how="电话", note="已了解诉求").see("联系")
    staff.do("提交反馈", choose={"result": "solved"}, text="路灯已恢复。", evidence="现场照片", contact="电话")
    staff.see("路灯已恢复。")

    supervisor = visit("supervisor").open("/desk").see(receipt).open(desk)
    supervisor.do("审核通过").see("评价中")

    enterprise.open(f"/appeals/{receipt}").see("路灯已恢复。")
    enterprise.do("评价", choose={"rating": "very_satisfied", "solved": "solved"}, comment="很及时").see("已归档")
    supervisor.open(desk).see("非常满意", "已归档")
    evaluated = supervisor.open("/figures").page.locator("#funnel tr", has_text="评价").locator("td").first
    assert int(evaluated.get_attribute("data-value")) >= 1


def test_an_enterprise_adds_what_is_missing_urges_and_withdraws(visit):
    enterprise = visit()
    receipt, code = hand_in(enterprise, title="办公楼前经常堵车，请疏导")
    desk = f"/desk/appeals/{receipt}"

    officer = visit("intake-officer").open("/desk").see(receipt).open(desk)
    officer.do("告知补正", missing="具体时段")
    at_home = visit().open("/follow").write(receipt=receipt, query_code=code).press("查询")
    at_home.see("具体时段").do("补充材料", text="早上七点到九点").see("补充")
    officer.open(desk).see("早上七点到九点").do("受理").see("诉求已受理")

    at_home.see("已转办").do("催办", note="请尽快").see("催办")
    at_home.do("撤回诉求", reason="已自行协调解决").see("已撤回")
    officer.open(desk).see("已撤回")
