"""The dispatch catalogue: every rule decides its own matter, and other people's appeals find their unit."""

import json

import pytest
import yaml

from tests.domain.routing_rules import FIXTURES, UNITS, catalogue, decision

RULES = yaml.safe_load((FIXTURES / "rules.yml").read_text(encoding="utf-8"))
SAMPLE = [json.loads(line) for line in (FIXTURES / "appeals_sample.jsonl").read_text(encoding="utf-8").splitlines()]
MORE = [json.loads(line) for line in (FIXTURES / "appeals_more.jsonl").read_text(encoding="utf-8").splitlines()]

UNSEEN = yaml.safe_load((FIXTURES / "unseen.yml").read_text(encoding="utf-8"))


def code(name):
    """The code of the unit with a name; no name is nobody."""
    return UNITS.identify(name)[0] if name else ""


def test_every_rule_has_an_appeal_of_its_own():
    assert [name for name, *_ in RULES] == [rule.name for rule in catalogue().rules]


@pytest.mark.parametrize(("name", "title", "text", "city"), RULES, ids=[rule[0] for rule in RULES])
def test_the_rule(name, title, text, city):
    found = decision(title, text, city=city)

    assert found.rule == name, found.explain()


def led(appeals, lead_of):
    """How many of these went to an expected lead, and which went to a unit that is not one."""
    right, wrong = 0, []
    for appeal, found, leads in lead_of(appeals):
        right += found.lead in leads
        if found.lead and found.lead not in leads:
            wrong.append(f"{appeal['id']} {found.explain()}")
    return right, wrong


def of_the_sample(appeals):
    for appeal in appeals:
        expected = appeal["expected"]
        found = decision(appeal["title"], appeal["text"], city=appeal["enterprise"]["city"] or "")
        yield appeal, found, [code(name) for name in (expected["lead"], *expected["lead_accept"])]


def of_more(appeals):
    for appeal in appeals:
        facts = {name: appeal[name] for name in ("city", "category", "accused")}
        found = decision(appeal["title"], appeal["text"], **facts)
        yield appeal, found, [code(name) for name in (appeal["lead"], *appeal["lead_accept"])]


def test_of_the_twenty_sample_appeals_at_least_eighteen_find_their_lead_and_none_a_wrong_one():
    right, wrong = led(SAMPLE, of_the_sample)

    assert right >= 18
    assert wrong == []


def test_of_many_more_appeals_nine_in_ten_find_their_lead_and_none_a_wrong_one():
    right, wrong = led(MORE, of_more)

    assert right >= 0.9 * len(MORE)
    assert wrong == []


@pytest.mark.parametrize("appeal", [one for one in MORE if one["never"]], ids=lambda one: one["id"])
def test_an_accused_unit_gets_none_of_its_appeals(appeal):
    found = decision(appeal["title"], appeal["text"], city=appeal["city"], accused=appeal["accused"])

    assert not {code(name) for name in appeal["never"]} & {found.lead, *found.assist}


def of_unseen(appeal):
    """Whose duty one of the unseen appeals is by the catalogue."""
    return decision(appeal["title"], appeal["text"], city=appeal["city"], accused=appeal.get("accused", ()))


def test_of_the_unseen_appeals_nine_in_ten_go_where_they_should_and_hardly_one_to_a_wrong_unit():
    led = [(appeal, of_unseen(appeal).lead or "held") for appeal in UNSEEN]
    astray = [(appeal["id"], lead) for appeal, lead in led if lead not in (appeal["lead"], *appeal.get("accept", ()))]

    assert len(astray) <= 0.1 * len(UNSEEN), astray
    assert len([one for one in astray if one[1] != "held"]) <= 0.02 * len(UNSEEN), astray


@pytest.mark.parametrize("appeal", [one for one in UNSEEN if "never" in one], ids=lambda one: one["id"])
def test_an_unseen_accusation_reaches_nobody_that_it_is_about(appeal):
    found = of_unseen(appeal)

    assert (found.lead or "held") in (appeal["lead"], *appeal.get("accept", ()))
    assert not set(appeal["never"]) & {found.lead, *found.assist}


@pytest.mark.parametrize("appeal", [one for one in UNSEEN if "rule" in one], ids=lambda one: one["id"])
def test_a_case_that_the_police_do_not_open_is_looked_into_and_not_taken_for_the_theft(appeal):
    assert of_unseen(appeal).rule == appeal["rule"]


@pytest.mark.parametrize("place", ["学校门口", "医院旁边", "税务局对面", "派出所附近", "near the court"])
def test_a_place_alone_is_no_matter(place):
    assert decision(place).undecided == "no rule fits"
    assert decision(f"{place} 停电").lead == "state-grid"


def test_an_accusation_goes_before_the_matter_it_came_up_in():
    found = decision("三个问题", "一是路口没有信号灯，货车超载；二是交警收红包；三是留抵退税没有到账", city="锦州市")

    assert found.lead == "discipline-police"
    assert "public-security" not in found.assist


def test_a_vague_appeal_is_for_a_person():
    found = decision("反映情况", "希望上级关心企业")

    assert (found.lead, found.undecided) == ("", "no rule fits")


def test_equally_good_rules_of_two_units_are_for_a_person_who_is_told_both():
    found = decision("增值税和营业执照")

    assert found.undecided == "too close to call"
    assert {fit.rule.lead for fit in found.runners_up} == {"tax", "market-regulation"}


def test_a_decision_explains_itself_with_rule_points_words_and_what_came_close():
    told = decision("消防验收拖延", "窗口没有一次性告知").explain()

    assert "“建设工程消防设计审查、消防验收由住建部门负责”" in told
    assert "标题“消防验收”6分" in told
    assert "相近规则：“政策承诺不兑现和政务服务由营商环境部门负责”" in told


@pytest.mark.parametrize(
    ("title", "lead"),
    [("化工园区停电", "state-grid"), ("产业园区电缆被盗", "public-security"), ("园区消防验收", "housing")],
)
def test_where_something_happened_does_not_decide_whose_duty_it_is(title, lead):
    assert decision(title).lead == lead


def test_a_word_in_the_title_counts_twice():
    assert decision("停电").fit.points == 2 * decision("", "停电").fit.points


def test_a_category_speaks_for_its_rules():
    assert decision("", "请协调", category="customs", city="沈阳市").lead == "customs-shenyang"


def test_a_hint_alone_does_not_make_a_rule_fit():
    assert decision("路口货车").undecided == "no rule fits"


def test_an_excluded_word_puts_a_rule_out():
    assert decision("消防", "营业前检查和消防整改").lead == "fire-rescue"
    assert decision("堵门", "讨要工资的工人堵门").lead == "human-resources"


def test_a_gate_blocked_over_wages_is_led_by_labour_and_assisted_by_the_police():
    found = decision("农民工堵厂门讨薪")

    assert found.lead == "human-resources"
    assert "public-security" in found.assist


def test_what_the_appeal_says_it_is_not_does_not_count():
    assert decision("", "不是欠薪，是村里的人堵门打伤了保安").lead == "public-security"
    assert decision("", "这不是电缆被盗").lead == decision("", "与盗窃无关").lead == ""
    assert decision("", "是不是电缆被盗").lead == decision("", "不是意外而是盗窃").lead == "public-security"


def test_the_area_decides_between_the_two_customs():
    assert decision("报关", city="沈阳市").lead == "customs-shenyang"
    assert decision("报关", city="丹东市").lead == "customs-dalian"
    assert decision("报关", "货在大连").lead == "customs-dalian"


def test_several_matters_go_to_several_units_the_first_of_which_leads():
    found = decision("三个问题", "一是路口没有信号灯；二是留抵退税没有到账；三是专精特新奖励没有兑现", city="锦州市")

    assert found.lead == "public-security"
    assert found.assist[:2] == ("tax", "industry")
    assert "多个事项" in found.explain()


def test_two_points_of_one_matter_are_one_matter():
    found = decision("消防验收", "一是窗口说缺检测报告；二是又说图纸不对")

    assert found.lead == "housing"
    assert found.several == ()


def test_a_title_that_names_a_matter_says_what_the_appeal_is_about():
    found = decision("厂区停电", "一是停电损坏设备；二是去年的专精特新奖励没有兑现")

    assert (found.lead, found.several) == ("state-grid", ())


@pytest.mark.parametrize(
    ("plain", "disguised"),
    [
        ("电缆被盗", "電纜被盜"),
        ("消防验收", "消 防 验 收"),
        ("专精特新", "专\u200b精特\u200b新"),
        ("ipo辅导", "IPO辅导"),
        ("电缆被盗", "<script>alert('电缆')</script>电缆被盗"),
        ("电缆被盗", "=cmd|' /C calc'!A0 电缆被盗"),
    ],
)
def test_a_disguise_changes_nothing(plain, disguised):
    assert decision(disguised, city="沈阳市").lead == decision(plain, city="沈阳市").lead != ""


def test_english_finds_its_unit():
    assert decision("Power outage", "Our plant had six power cuts").lead == "state-grid"
    assert decision("Taxi at the gate").undecided == "no rule fits"
