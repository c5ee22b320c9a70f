"""Duplicates, merges, links, splits and flags in intake with its real store, and what supervision makes of a flag."""

import pytest
import sqlalchemy

from appeals.bus.asking import CommandRefused
from appeals.commands import (
    AcceptAppeal,
    AppealPart,
    AskSupplement,
    FindCandidates,
    LinkAppeal,
    MergeAppeal,
    RejectAppeal,
    SplitAppeal,
    SubmitAppeal,
    UnmergeAppeal,
)
from appeals.events import AppealArchived, AppealClosed, AppealReopened, Applicant
from tests.services.test_portal import plans_of

ONE, TWO, THREE, FOUR = (f"SQ-20261124-00000{n}" for n in range(1, 5))
COMPANY = Applicant(name="北票恒铸特钢有限公司", uscc="91211300MAFGKMEQX7", city="朝阳市")
OTHERS = [Applicant(name=f"企业{n}", city="沈阳市") for n in range(3)]


def submit(town, receipt=ONE, **changes):
    facts = {
        "title": "仓库电缆连续被盗请尽快破案",
        "text": "沈抚示范区仓库被盗电缆约180米，损失32万元",
        "applicant": COMPANY,
        "channel": "hotline",
        "kind": "report",
        "category": "crime",
    }
    return town.ask(SubmitAppeal(receipt=receipt, at=town.clock(), by="company-7", **(facts | changes)))


def ask(town, command, receipt=ONE, **facts):
    return town.ask(command(receipt=receipt, at=town.clock(), by="受理员", **facts))


def refused(town, command, receipt=ONE, **facts):
    with pytest.raises(CommandRefused) as refusal:
        ask(town, command, receipt, **facts)
    return refusal.value.told["code"]


def candidates(town, receipt):
    return town.find_out(FindCandidates(receipt=receipt, at=town.clock(), by="受理员"))["candidates"]


def split(town, receipt=ONE, *parts):
    parts = parts or (
        AppealPart(receipt=TWO, title="电缆被盗", text="请破案"),
        AppealPart(receipt=THREE, title="道路不通", text="请修路", category="traffic", kind="help"),
    )
    return ask(town, SplitAppeal, receipt, parts=parts)


def ends(town, receipt, result="solved", summary="已追回"):
    about = {"receipt": receipt, "at": town.clock(), "departments": ("industry",)}
    return (
        AppealClosed(**about, lead="industry", round=1, result=result, summary=summary),
        AppealReopened(**about, round=2, reason="未解决"),
        AppealArchived(**about, outcome="evaluated"),
    )


def last(town, receipt):
    event, data = town.said(receipt)[-1]
    return event, data


def test_officers_are_told_of_candidates_when_an_appeal_comes_in(town):
    town.host("intake")
    submit(town)

    town.clock.advance(days=12)
    submit(town, TWO)

    assert town.facts(ONE) == ["appeal.submitted"]
    assert town.facts(TWO) == ["appeal.submitted", "appeal.resembled"]
    assert last(town, TWO)[1]["candidates"] == [ONE]
    (found,) = candidates(town, TWO)
    assert (found["receipt"], found["days"], found["mergeable"]) == (ONE, 12, True)
    assert found["zh"].startswith("同一企业、同一事项类别，12 天前；都提到 沈抚示范区、180米、32万元、")


def test_a_candidate_is_of_the_same_enterprise_and_category_and_not_too_old(town):
    town.host("intake")
    submit(town)
    submit(town, TWO, category="land")
    submit(town, THREE, applicant=OTHERS[0])
    town.clock.advance(days=91)

    submit(town, FOUR)

    assert town.facts(FOUR) == ["appeal.submitted"]
    assert candidates(town, FOUR) == []


def test_the_category_that_an_officer_gives_is_the_one_that_counts(town):
    town.host("intake")
    submit(town, category="other")
    ask(town, AcceptAppeal, category="crime")

    submit(town, TWO)

    assert last(town, TWO)[1]["candidates"] == [ONE]


@pytest.mark.parametrize(("classification", "found"), [("confidential", {ONE, TWO, FOUR}), ("anonymous", set())])
def test_a_hidden_appeal_is_compared_in_silence_and_an_anonymous_one_with_nobody(town, classification, found):
    intake = town.host("intake")
    submit(town)
    submit(town, TWO)

    submit(town, THREE, classification=classification)
    submit(town, FOUR)

    assert {one["receipt"] for one in candidates(town, THREE)} == found
    assert town.facts(THREE) == ["appeal.submitted"]
    told = [data for event, data in town.said() if event in ("appeal.resembled", "appeal.flagged")]
    assert not any(THREE in str(data) for data in told)
    shown = intake.rows(f"SELECT value FROM traits WHERE receipt = '{THREE}' AND kind <> 'enterprise'")  # noqa: S608
    assert shown == []


def test_the_parts_of_one_appeal_are_no_duplicates_of_each_other(town):
    town.host("intake")
    submit(town)
    parts = (AppealPart(receipt=TWO, title="一", text="一"), AppealPart(receipt=THREE, title="二", text="二"))

    split(town, ONE, *parts)

    assert candidates(town, TWO) == candidates(town, ONE) == []


def test_a_block_is_one_range_of_an_index_however_many_appeals_there_are(town):
    intake = town.host("intake")
    submit(town)
    asked = []
    sqlalchemy.event.listen(
        intake.database.engine,
        "before_cursor_execute",
        lambda connection, cursor, statement, parameters, *_: asked.append((statement, parameters)),
    )

    submit(town, TWO)

    (plan, *_) = plans_of(intake.database, [one for one in asked if "LIMIT" in one[0] and "traits" in one[0]])
    assert "traits_block" in plan
    assert "SCAN cases" not in plan
    assert "Seq Scan" not in plan


def test_a_merged_appeal_goes_as_the_main_one_and_gets_no_orders_and_no_rating_of_its_own(town):
    town.host("intake")
    evaluation = town.host("evaluation")
    submit(town)
    submit(town, TWO)
    ask(town, AcceptAppeal)

    ask(town, MergeAppeal, TWO, into=ONE)
    closed, reopened, archived = ends(town, ONE)
    for event in (closed, reopened, archived):
        town.say("supervision", event)

    assert town.facts(TWO) == ["appeal.submitted", "appeal.resembled", "appeal.merged"] + ["appeal.advanced"] * 3
    told = [(data["stage"], data["result"], data["summary"]) for event, data in town.said(TWO)[-3:]]
    assert told == [("closed", "solved", "已追回"), ("reopened", "", ""), ("archived", "", "")]
    assert evaluation.rows("SELECT receipt FROM rounds") == [(ONE,)]
    assert refused(town, AcceptAppeal, TWO) == "already-decided"


def test_a_merge_is_allowed_into_one_open_appeal_of_the_block_and_no_other(town):
    town.host("intake")
    for receipt in (ONE, TWO, THREE):
        submit(town, receipt)
    submit(town, FOUR, applicant=OTHERS[0])

    assert refused(town, MergeAppeal, TWO, into=TWO) == "not-mergeable"
    assert refused(town, MergeAppeal, TWO, into="SQ-20261124-NOBODY") == "not-mergeable"
    assert refused(town, MergeAppeal, TWO, into=FOUR) == "not-the-same-matter"
    ask(town, MergeAppeal, TWO, into=ONE)
    assert refused(town, MergeAppeal, THREE, into=TWO) == "main-not-open"
    assert refused(town, MergeAppeal, ONE, into=THREE) == "has-merged"
    assert refused(town, RejectAppeal, ONE, reason="market", explanation="") == "has-merged"
    town.say("supervision", ends(town, ONE)[0])
    assert refused(town, MergeAppeal, THREE, into=ONE) == "main-not-open"
    assert refused(town, UnmergeAppeal, TWO, reason="误并") == "not-merged"


def test_a_merge_is_taken_back_while_the_main_appeal_is_open(town):
    town.host("intake")
    submit(town)
    submit(town, TWO)
    ask(town, MergeAppeal, TWO, into=ONE)

    ask(town, UnmergeAppeal, TWO, reason="不是同一事项")
    ask(town, AcceptAppeal, TWO)
    town.say("supervision", ends(town, ONE)[0])

    assert town.facts(TWO)[-2:] == ["appeal.unmerged", "appeal.accepted"]


def test_a_merge_and_the_close_of_the_main_appeal_in_one_batch_agree(town):
    intake = town.host("intake")
    submit(town)
    submit(town, TWO)
    ask(town, AcceptAppeal)
    ask(town, MergeAppeal, TWO, into=ONE)
    closed, _, archived = ends(town, ONE)

    town.say("supervision", closed, archived)

    assert intake.rows("SELECT state FROM cases ORDER BY receipt") == [("archived",), ("archived",)]
    assert [data["stage"] for _, data in town.said(TWO)[-2:]] == ["closed", "archived"]


def test_an_accepted_appeal_is_linked_to_another_and_goes_on_by_itself(town):
    intake = town.host("intake")
    submit(town)
    submit(town, TWO, applicant=OTHERS[0])
    ask(town, AcceptAppeal)

    ask(town, LinkAppeal, linked_to=TWO, reason="出现新的证据")

    assert last(town, ONE) == ("appeal.linked", last(town, ONE)[1] | {"linked_to": TWO, "reason": "出现新的证据"})
    assert intake.rows(f"SELECT state, linked_to FROM cases WHERE receipt = '{ONE}'") == [("accepted", TWO)]  # noqa: S608
    assert refused(town, LinkAppeal, linked_to=ONE, reason="x") == "not-linkable"


def test_who_tells_nothing_new_is_rejected_and_told_how_the_earlier_appeal_stands(town):
    town.host("intake")
    submit(town)
    submit(town, TWO)
    submit(town, THREE, applicant=OTHERS[0])
    ask(town, AcceptAppeal)
    town.say("supervision", ends(town, ONE)[0])
    no_news = {"reason": "no-new-facts", "explanation": ""}

    assert refused(town, RejectAppeal, TWO, **no_news, earlier=THREE) == "not-earlier-of-the-same"
    ask(town, RejectAppeal, TWO, **no_news, earlier=ONE)

    told = last(town, TWO)[1]["explanation"]
    assert told == f"同一事项正在办理或者已经办结，没有新的事实和理由；原诉求 {ONE} 办理状态：已办结"


def test_each_part_is_an_appeal_of_its_own_and_the_whole_ends_with_them(town):
    intake = town.host("intake")
    submit(town, classification="confidential", accused=("sasac",), contact_name="李建国", contact_phone="138")
    ask(town, AskSupplement, missing=("受案回执",))

    split(town)
    ask(town, AcceptAppeal, TWO)
    ask(town, RejectAppeal, THREE, reason="market", explanation="")
    before = town.facts(ONE)
    for event in ends(town, TWO):
        town.say("supervision", event)

    assert before == ["appeal.submitted", "supplement.requested", "appeal.split"]
    assert [data["stage"] for event, data in town.said(ONE)[3:]] == ["closed", "reopened", "archived"]
    part = town.said(THREE)[0][1]
    assert (part["split_from"], part["category"], part["kind"], part["by"]) == (ONE, "traffic", "help", "受理员")
    assert (part["classification"], part["accused"], part["applicant"]["name"]) == ("confidential", ["sasac"], "保密")
    assert [receipt for (receipt,) in intake.rows("SELECT receipt FROM contacts ORDER BY receipt")] == [ONE, TWO, THREE]
    assert len(intake.rows("SELECT DISTINCT phone_index FROM contacts")) == 1
    assert len(intake.rows("SELECT receipt FROM identities")) == 3
    assert COMPANY.name not in str(town.said())


def test_a_part_is_merged_and_the_whole_ends_with_the_one_it_went_into(town):
    town.host("intake")
    submit(town, FOUR)
    submit(town)
    split(town)
    ask(town, RejectAppeal, THREE, reason="market", explanation="")
    ask(town, AcceptAppeal, FOUR)
    ask(town, MergeAppeal, TWO, into=FOUR)

    town.say("supervision", ends(town, FOUR)[0])

    assert last(town, TWO)[1]["stage"] == last(town, ONE)[1]["stage"] == "closed"


def test_a_part_needs_a_receipt_that_is_free(town):
    town.host("intake")
    submit(town)
    submit(town, TWO)

    with pytest.raises(CommandRefused) as refusal:
        split(town)

    assert refusal.value.told["code"] == "receipt-taken"
    assert town.facts(ONE) == ["appeal.submitted"]


def test_the_third_appeal_flags_the_matter_once_for_each_appeal(town):
    town.host("intake")
    for receipt in (ONE, TWO, THREE, FOUR):
        submit(town, receipt)

    assert [town.facts(receipt).count("appeal.flagged") for receipt in (ONE, TWO, THREE, FOUR)] == [1, 1, 1, 1]
    assert [data["count"] for event, data in town.said() if event == "appeal.flagged"] == [3, 3, 3, 4]


@pytest.mark.parametrize("shared", [{"accused": ("sasac",)}, {"park": "凌河高新区"}])
def test_three_enterprises_about_one_unit_or_from_one_park_are_flagged(town, shared):
    town.host("intake")
    park, accused = shared.get("park", ""), shared.get("accused", ())
    for receipt, company in zip((ONE, TWO, THREE), OTHERS, strict=True):
        submit(town, receipt, applicant=Applicant(name=company.name, city="朝阳市", park=park), accused=accused)

    told = [data for event, data in town.said() if event == "appeal.flagged"]

    assert sorted(data["receipt"] for data in told) == [ONE, TWO, THREE]
    assert {(data["flag"], data["count"]) for data in told} == {("collective", 3)}


def test_three_enterprises_of_one_city_are_no_collective_matter(town):
    town.host("intake")
    for receipt, company in zip((ONE, TWO, THREE), OTHERS, strict=True):
        submit(town, receipt, applicant=company)

    assert "appeal.flagged" not in town.facts()


def test_whoever_leads_a_flagged_matter_is_called_to_account(town):
    town.host("intake")
    town.host("routing")
    supervision = town.host("supervision")
    for receipt in (ONE, TWO):
        submit(town, receipt)
    ask(town, AcceptAppeal)
    before = [fact for fact in town.facts(ONE) if fact.startswith("supervision.issued")]

    submit(town, THREE)
    ask(town, AcceptAppeal, THREE)

    assert before == []
    for receipt in (ONE, THREE):
        (issued,) = [data for event, data in town.said(receipt) if event.startswith("supervision.issued")]
        assert (issued["level"], issued["department"]) == ("ordinary", "public-security")
        assert issued["reason"] == "同一企业就同一事项类别 90 天内已提出 3 次诉求"
    assert supervision.rows("SELECT receipt, flag FROM flags ORDER BY receipt") == [
        (receipt, "repeated") for receipt in (ONE, TWO, THREE)
    ]
    assert not any(town.dead(service) for service in town.hosts)
