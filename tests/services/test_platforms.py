"""Another platform hands appeals over, by its queue or by the API, and hears of its own."""

import json
from dataclasses import replace

import pytest

from appeals.bus.asking import CommandRefused
from appeals.bus.replay import Replay, replay
from appeals.bus.station import fresh_id
from appeals.categories import CATEGORIES
from appeals.commands import AcceptAppeal, AskSupplement, RejectAppeal
from appeals.events import AppealArchived, AppealClosed, AppealHandedOver, AppealReopened, Applicant, OrderSigned
from appeals.manifest import Directory, Manifest, ManifestSchema
from appeals.provision.rendering import without_users
from appeals.samples import sample
from appeals.settings import WrongSettings, from_yaml
from appeals.units import load_units
from services.portal.file_policy import load_file_policy
from services.portal.keys import Keyring
from services.portal.rights import Principal
from services.portal.words import CODES
from tests.services import test_portal
from tests.services.conftest import ROOT
from tests.services.test_portal import API, KEYS, Portal

MANIFEST = from_yaml(ROOT / "examples" / "platform" / "hotline-12345.yml", ManifestSchema)
HOTLINE = MANIFEST.code
OTHER = replace(MANIFEST, code="other-platform", name="另一平台", channels=("platform",), ceiling="ordinary")
DEPARTMENT = Manifest(code="parks", name="省园区办", events=(), words=("appeal.handed-over",))
ENTERPRISE = Applicant(name="朝阳某科技有限公司", kind="enterprise", city="朝阳市")


@pytest.fixture
def linked(town):
    """Intake, with two platforms plugged in beside the departments."""
    known = [town.directory.get(code) for code in town.directory.codes]
    town.directory = Directory([*known, MANIFEST, OTHER, DEPARTMENT])
    town.host("intake")
    return town


def ticket(town, reference="GD-1", platform=HOTLINE, **changes):
    facts = {
        "receipt": f"{platform}:{reference}",
        "at": town.clock(),
        "by": "坐席",
        "platform": platform,
        "reference": reference,
        "title": "厂区用电不稳",
        "text": "近期多次停电，影响生产",
        "applicant": ENTERPRISE,
        "channel": "hotline-12345" if platform == HOTLINE else "platform",
        "category": "utilities",
    }
    return AppealHandedOver(**facts | changes)


def hand_over(town, *tickets):
    town.say(tickets[0].platform, *tickets, inbox=True)


def told(town, platform=HOTLINE):
    """What intake has told a platform, as topics and data."""
    rows = town.hosts["intake"].rows(f"SELECT type, body FROM journal WHERE audience = '{platform}' ORDER BY id")  # noqa: S608
    return [(row.type.split(".", 2)[2].rpartition(".v")[0], json.loads(bytes(row.body))["data"]) for row in rows]


def topics(town, platform=HOTLINE):
    return [topic for topic, _ in told(town, platform)]


def receipt_of(town, reference="GD-1", platform=HOTLINE):
    return next(d["receipt"] for t, d in told(town, platform) if t == "handover.taken" and d["reference"] == reference)


def count(town, table="cases"):
    return town.hosts["intake"].rows(f"SELECT count(*) FROM {table}")[0][0]  # noqa: S608


# By the queue


def test_what_a_platform_hands_over_is_an_appeal_like_any_other_and_it_is_told_the_receipt(linked):
    hand_over(linked, ticket(linked, contact_name="李婷", contact_phone="0421"))

    receipt = receipt_of(linked)
    assert linked.facts(receipt) == ["appeal.submitted"]
    ((_, said),) = linked.said(receipt)
    assert (said["platform"], said["outside_reference"], said["channel"]) == (HOTLINE, "GD-1", "hotline-12345")
    assert "contact_name" not in said
    assert count(linked, "contacts") == 1


def test_what_is_handed_over_twice_is_one_appeal_with_one_receipt(linked):
    hand_over(linked, ticket(linked))
    hand_over(linked, ticket(linked))  # another message, with another id

    assert topics(linked) == ["handover.taken", "handover.taken"]
    assert len({data["receipt"] for _, data in told(linked)}) == 1
    assert count(linked) == 1
    assert linked.facts() == ["appeal.submitted"]


def test_something_else_under_the_same_reference_is_refused_by_name(linked):
    hand_over(linked, ticket(linked))
    hand_over(linked, ticket(linked, text="换了内容"))

    (_, (topic, refusal)) = told(linked)
    assert (topic, refusal["code"], refusal["reference"]) == ("handover.refused", "reference-used-before", "GD-1")
    assert "GD-1" in refusal["zh"]
    assert count(linked) == 1


def test_the_same_reference_of_two_platforms_means_two_appeals(linked):
    hand_over(linked, ticket(linked))
    hand_over(linked, ticket(linked, platform=OTHER.code))

    assert receipt_of(linked) != receipt_of(linked, platform=OTHER.code)
    assert (topics(linked), topics(linked, OTHER.code)) == (["handover.taken"], ["handover.taken"])


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"channel": "letter"}, "not-your-channel"),
        ({"category": "a.b"}, "unknown-category"),
        ({"kind": "?"}, "unknown-kind"),
        ({"urgency": "?"}, "unknown-urgency"),
        ({"classification": "secret"}, "unknown-classification"),
        ({"classification": "anonymous"}, "above-ceiling"),
        ({"title": " "}, "out-of-bounds"),
        ({"text": "长" * 5001}, "out-of-bounds"),
        ({"applicant": Applicant(name="甲", uscc="9121")}, "wrong-credit-code"),
        ({"accused": ("甲",) * 11}, "out-of-bounds"),
        ({"reference": "含空格 "}, "bad-reference"),
        ({"receipt": "SQ-20261124-A1B2C3"}, "bad-reference"),
    ],
)
def test_what_cannot_be_taken_is_refused_with_its_reason_and_does_not_stay_with_the_dead_letters(linked, changes, code):
    hand_over(linked, ticket(linked, **changes))

    ((topic, refusal),) = told(linked)
    assert (topic, refusal["code"]) == ("handover.refused", code)
    assert refusal["zh"] and refusal["en"]
    assert (count(linked), linked.dead("intake")) == (0, [])


def test_what_was_refused_may_be_handed_over_corrected_under_the_same_reference(linked):
    hand_over(linked, ticket(linked, channel="letter"))
    hand_over(linked, ticket(linked))

    assert topics(linked) == ["handover.refused", "handover.taken"]


def test_who_hides_is_told_to_nobody_and_neither_is_the_reference_that_leads_to_them(linked):
    hand_over(linked, ticket(linked, classification="confidential", contact_name="李婷"))

    receipt = receipt_of(linked)
    ((_, said),) = linked.said(receipt)
    assert (said["applicant"]["name"], said["outside_reference"], said["by"]) == ("保密", "", "applicant")
    assert "某科技" not in json.dumps(said, ensure_ascii=False)
    assert count(linked, "identities") == 1


def test_what_is_kept_to_know_a_hand_over_again_tells_nothing_of_who_hides(linked):
    for name, phone in (("甲公司", "1"), ("乙公司", "2")):
        hidden = {"applicant": Applicant(name=name, city="朝阳市"), "contact_phone": phone}
        hand_over(linked, ticket(linked, classification="confidential", **hidden))

    assert topics(linked) == ["handover.taken", "handover.taken"]
    assert count(linked) == 1


def test_units_that_it_is_about_go_by_their_codes_so_that_they_are_kept_from_it(linked):
    hand_over(linked, ticket(linked, accused=("省工业和信息化厅", "某派出所")))

    ((_, said),) = linked.said(receipt_of(linked))
    assert said["accused"] == ["industry", "某派出所"]


def test_a_platform_hears_what_becomes_of_its_own_appeals_and_of_no_others(linked):
    hand_over(linked, ticket(linked))
    hand_over(linked, ticket(linked, "GD-2"))
    hand_over(linked, ticket(linked, "XX-1", platform=OTHER.code))
    first, second, other = receipt_of(linked), receipt_of(linked, "GD-2"), receipt_of(linked, "XX-1", OTHER.code)

    linked.ask(AcceptAppeal(receipt=first, at=linked.clock(), by="officer"))
    linked.ask(RejectAppeal(receipt=second, at=linked.clock(), by="officer", reason="litigation", explanation=""))
    linked.ask(AcceptAppeal(receipt=other, at=linked.clock(), by="officer"))
    end = {"receipt": first, "at": linked.clock(), "departments": ("industry",)}
    closed = {"lead": "industry", "round": 1, "result": "solved", "summary": "已恢复供电"}
    linked.say("supervision", AppealClosed(**end, **closed))
    linked.say("evaluation", AppealArchived(**end, outcome="evaluated"))

    updates = [(d["reference"], d["state"], d["note"]) for topic, d in told(linked) if topic == "handover.updated"]
    assert updates[0] == ("GD-1", "accepted", "")
    assert updates[1][:2] == ("GD-2", "rejected")
    assert "人民法院" in updates[1][2]
    assert updates[2:] == [("GD-1", "closed", "已恢复供电"), ("GD-1", "archived", "evaluated")]
    others = [d["reference"] for topic, d in told(linked, OTHER.code) if topic == "handover.updated"]
    assert others == ["XX-1"]
    assert {d["receipt"] for _, d in told(linked)} == {first, second}


def test_a_platform_is_told_what_is_missing_and_of_a_reopening(linked):
    hand_over(linked, ticket(linked))
    receipt = receipt_of(linked)

    linked.ask(
        AskSupplement(receipt=receipt, at=linked.clock(), by="受理员", missing=("合同", "验收单"), note="复印件即可")
    )
    linked.ask(AcceptAppeal(receipt=receipt, at=linked.clock(), by="受理员"))
    linked.say("supervision", replace(sample(AppealClosed), receipt=receipt, round=1))
    linked.say("evaluation", replace(sample(AppealReopened), receipt=receipt, round=2, reason="没有解决"))

    updates = [(data["state"], data["note"]) for topic, data in told(linked) if topic == "handover.updated"]
    assert updates[0] == ("supplementing", "合同；验收单；复印件即可")
    assert updates[-1] == ("reopened", "没有解决")
    assert [state for state, _ in updates] == ["supplementing", "accepted", "closed", "reopened"]


def test_a_copy_for_a_platform_carries_no_mark_of_what_others_were_told(linked):
    hand_over(linked, ticket(linked))
    linked.ask(AcceptAppeal(receipt=receipt_of(linked), at=linked.clock(), by="officer"))

    rows = linked.hosts["intake"].rows(f"SELECT body FROM journal WHERE audience = '{HOTLINE}'")  # noqa: S608
    marks = [mark for row in rows for mark in json.loads(bytes(row.body)).get("after", "").split()]
    assert marks
    assert all(mark.startswith(f"{HOTLINE}/intake/handover.") for mark in marks)


def test_what_is_now_above_a_platforms_ceiling_it_is_no_longer_told(linked):
    hand_over(linked, ticket(linked, classification="confidential"))
    receipt = receipt_of(linked)
    known = [linked.directory.get(code) for code in linked.directory.codes if code != HOTLINE]
    linked.hosts["intake"].config["directory"].__init__([*known, replace(MANIFEST, ceiling="ordinary")])

    linked.ask(AcceptAppeal(receipt=receipt, at=linked.clock(), by="officer"))

    assert topics(linked) == ["handover.taken"]


def test_a_platform_that_lost_its_data_is_told_again_as_todays_manifest_admits(linked):
    hand_over(linked, ticket(linked), ticket(linked, "GD-2", classification="confidential"))
    today = Replay(department=replace(MANIFEST, ceiling="ordinary"), by="王明", reason="恢复备份")
    database = linked.hosts["intake"].database

    counts = replay(database, today, clock=linked.clock, new_id=fresh_id)

    assert (counts.told, counts.withheld) == (1, 1)


# Rights


def test_a_department_never_hands_over_whatever_its_manifest_says(linked):
    linked.host("routing")

    linked.say(DEPARTMENT.code, ticket(linked, platform=DEPARTMENT.code), inbox=True)

    (letter,) = linked.dead("routing")
    assert letter.headers["x-reason"] == "word-not-allowed"
    assert (count(linked), linked.dead("intake"), linked.facts()) == (0, [], [])


def test_a_platform_speaks_for_itself_only_and_says_no_departments_word(linked):
    linked.host("routing")
    order = {"order": "SQ-20261124-A1B2C3-01", "department": "industry"}

    linked.say(HOTLINE, ticket(linked, platform=OTHER.code), inbox=True)
    linked.say(HOTLINE, OrderSigned(receipt="SQ-20261124-A1B2C3", at=linked.clock(), **order), inbox=True)

    reasons = sorted(letter.headers["x-reason"] for letter in linked.dead("intake"))
    assert reasons == ["forged-source", "word-not-allowed"]
    assert (count(linked), linked.facts()) == (0, [])
    assert f"inbox.{HOTLINE}" not in linked.hosts["routing"].pipeline.participant.heard()


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"words": ["order.signed"]}, "words"),
        ({"events": ["order.dispatched"]}, "events"),
        ({"events": ["appeal.closed"]}, "events"),
        ({"channels": []}, "channels"),
        ({"categories": ["tax"]}, "categories"),
        ({"code": "a" * 25}, "code"),
        ({"kind": "department"}, "words"),
    ],
)
def test_a_platforms_manifest_lists_its_own_word_and_events_and_no_others(changes, field):
    written = {
        "kind": "platform",
        "code": HOTLINE,
        "name": "热线",
        "channels": ["hotline-12345"],
        "events": ["handover.taken"],
        "words": ["appeal.handed-over"],
    }

    assert field in ManifestSchema().validate(written | changes)
    assert ManifestSchema().validate(written) == {}


def test_a_platform_is_no_department_that_orders_could_go_to(linked):
    assert HOTLINE not in linked.directory.departments
    assert HOTLINE not in linked.directory.names
    assert HOTLINE in linked.directory.codes


def test_the_categories_are_those_of_the_vocabulary():
    assert set(CATEGORIES) == set(CODES["category"])


def write_keys(folder, **changes):
    key = {"name": "12345", "role": "platform", "platform": HOTLINE, "channels": ["hotline-12345"]}
    path = folder / "keys.yml"
    path.write_text(json.dumps({"keys": [key | {"key_sha256": "0" * 64} | changes]}))
    return str(path)


def test_a_platforms_key_says_which_platform_by_which_channels_and_up_to_which_classification(linked, tmp_path):
    ((_, holder),) = Keyring.load(write_keys(tmp_path), linked.directory, load_units()).keys

    assert (holder.platform, holder.channels, holder.cleared) == (
        HOTLINE,
        ("hotline-12345",),
        ("public", "ordinary"),
    )
    for wrong in (
        {"platform": ""},
        {"channels": []},
        {"channels": ["pigeon"]},
        {"department": "industry"},
        {"role": "auditor"},
    ):
        with pytest.raises(WrongSettings):
            Keyring.load(write_keys(tmp_path, **wrong), linked.directory, load_units())


# By the API

BODY = {
    "reference": "GD-1",
    "title": "厂区用电不稳",
    "text": "近期多次停电",
    "applicant": {"name": "朝阳某科技有限公司"},
    "channel": "hotline-12345",
    "category": "utilities",
}


@pytest.fixture
def door(linked, monkeypatch):
    """The portal, with the keys of both platforms."""
    monkeypatch.setattr("services.portal.service.configuration", lambda settings: {"files": load_file_policy()})
    for manifest in (MANIFEST, OTHER):
        key = Principal(
            name=manifest.code,
            role="platform",
            platform=manifest.code,
            channels=manifest.channels,
            cleared=("public", "ordinary"),
        )
        monkeypatch.setitem(KEYS, manifest.code, key)
    return Portal(linked)


def test_a_platform_hands_over_by_the_api_once_for_each_reference(door, linked):
    first = door.post(API, BODY, key=HOTLINE)
    again = door.post(API, BODY | {"kind": "求助"}, key=HOTLINE)  # says the same
    changed = door.post(API, BODY | {"text": "换了内容"}, key=HOTLINE)

    assert (first.status_code, again.status_code) == (201, 201)
    assert first.json["receipt"] == again.json["receipt"]
    assert (changed.status_code, changed.json["type"]) == (409, "/problems/reference-used-before")
    assert count(linked) == 1


def test_the_first_receipt_comes_back_whichever_way_it_is_handed_over_again(door, linked):
    hand_over(linked, ticket(linked, text="近期多次停电", applicant=Applicant(name="朝阳某科技有限公司"), by=HOTLINE))

    answer = door.post(API, BODY, key=HOTLINE)

    assert (answer.status_code, answer.json["receipt"]) == (201, receipt_of(linked))
    assert count(linked) == 1


def test_a_platform_sees_its_own_appeals_and_nothing_of_others(door):
    mine = door.post(API, BODY, key=HOTLINE).json["receipt"]
    theirs = door.post(API, BODY | {"channel": "platform"}, key=OTHER.code).json["receipt"]
    public = door.submit()[0]

    assert [one["receipt"] for one in door.get(API, key=HOTLINE).json["appeals"]] == [mine]
    assert [one["receipt"] for one in door.get(f"{API}?outside_reference=GD-1", key=HOTLINE).json["appeals"]] == [mine]
    assert door.get(f"{API}/{mine}", key=HOTLINE).json["outside_reference"] == "GD-1"
    for hidden in (theirs, public):
        assert door.get(f"{API}/{hidden}", key=HOTLINE).status_code == 404
        assert door.get(f"{API}/{hidden}/timeline", key=HOTLINE).status_code == 404
    assert door.post(f"{API}/{mine}/acceptance", {}, key=HOTLINE).status_code == 403


def test_a_platform_is_shown_what_an_applicant_is_shown_and_not_who_did_it(door, linked):
    receipt = door.post(API, BODY, key=HOTLINE).json["receipt"]
    door.post(f"{API}/{receipt}/acceptance", {}, key="officer")

    timeline = door.get(f"{API}/{receipt}/timeline", key=HOTLINE).json["timeline"]

    assert [one["event"] for one in timeline][:2] == ["appeal.submitted", "appeal.accepted"]
    assert all("by" not in one for one in timeline)
    (listed,) = door.get(API, key=HOTLINE).json["appeals"]
    assert not {"accused", "level"} & {*door.get(f"{API}/{receipt}", key=HOTLINE).json, *listed}
    assert door.get("/desk", key=HOTLINE).status_code == 403


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"channel": "letter"}, "channel"),
        ({"classification": "anonymous"}, "classification"),
        ({"reference": ""}, "reference"),
        ({"reference": None}, "reference"),
        ({"reference": "含空格 的"}, "reference"),
    ],
)
def test_by_the_api_too_it_keeps_to_its_channels_its_ceiling_and_its_references(door, changes, field):
    answer = door.post(API, BODY | changes, key=HOTLINE)

    assert answer.status_code == 422, answer.json
    assert [one["field"] for one in answer.json["errors"]] == [field]


def test_nobody_else_gives_a_reference(door):
    answer = door.post(API, test_portal.APPEAL | {"reference": "GD-1"}, key="officer")

    assert [one["field"] for one in answer.json["errors"]] == ["reference"]


def test_intake_itself_gives_one_reference_one_appeal(door, linked):
    door.post(API, BODY, key=HOTLINE)
    first = door.asker.asked[0]

    with pytest.raises(CommandRefused) as refused:
        linked.ask(replace(first, receipt="SQ-20261124-ZZZZZZ"))

    assert refused.value.told["code"] == "handed-over-before"


def test_what_the_broker_itself_sets_aside_of_a_platforms_words_goes_to_intake(linked):
    queues = {one["name"]: one["arguments"] for one in without_users(linked.directory)["queues"]}

    assert queues[f"inbox.{HOTLINE}"]["x-dead-letter-routing-key"] == "intake.dead"
    assert queues["inbox.industry"]["x-dead-letter-routing-key"] == "routing.dead"
