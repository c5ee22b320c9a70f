# ruff: noqa: F811
"""Files of appeals through the API: handed in, named by an appeal, given out by its rights, swept."""

import hashlib
import json

import pytest

from appeals.events import AppealSubmitted, Attachment
from services.portal.uploads import Uploads
from tests.domain.test_portal_files import PDF, PNG, an_email, packed
from tests.services.test_portal import (  # noqa: F401 - fixtures
    API,
    RECEIPT,
    Portal,
    _no_settings,
    dispatched,
    facts_of,
    loop,
    portal,
)

FILES = "/api/v1/attachments"
HASH = hashlib.sha256(PDF).hexdigest()
COMPANY = {"name": "北票恒铸特钢有限公司", "uscc": "91211300MAFGKMEQX7"}


def upload(portal, content=PDF, name="规划.pdf", **options):
    answer = portal.post(f"{FILES}?name={name}", data=content, content_type="application/octet-stream", **options)
    assert answer.status_code == 201, answer.json
    return answer.json["sha256"]


def named(sha256=HASH, name="规划.pdf"):
    return [{"sha256": sha256, "name": name}]


def count(portal, table):
    return portal.count(table)


def test_an_upload_is_answered_with_its_hash_what_it_is_and_its_size_and_is_kept_by_then(portal):
    answer = portal.post(f"{FILES}?name=规划.pdf", data=PDF, content_type="application/pdf")

    assert answer.json == {"sha256": HASH, "name": "规划.pdf", "type": "pdf", "size": len(PDF)}
    assert b"".join(Uploads(portal.host.database, None).pieces(HASH)) == PDF


def test_the_same_content_is_kept_once(portal):
    assert upload(portal) == upload(portal, name="另一名.pdf")

    assert (count(portal, "uploads"), count(portal, "upload_pieces")) == (1, 1)


def test_a_large_file_is_kept_in_pieces_and_comes_back_whole(portal):
    content = PDF + bytes(600_000)

    sha256 = upload(portal, content)

    assert count(portal, "upload_pieces") == 3
    assert b"".join(Uploads(portal.host.database, None).pieces(sha256)) == content


@pytest.mark.parametrize(
    ("content", "name", "status", "code"),
    [
        (PNG, "规划.pdf", 422, "name-does-not-fit"),
        (b"MZ" + bytes(99), "规划.pdf", 422, "executable"),
        (PDF, "", 422, "file-name-missing"),
        (b"", "规划.pdf", 422, "file-empty"),
        (PDF + bytes(20 * 1024 * 1024), "规划.pdf", 413, "file-too-large"),
    ],
)
def test_a_file_that_is_not_taken_is_refused_by_name_and_leaves_nothing(portal, content, name, status, code):
    answer = portal.post(f"{FILES}?name={name}", data=content, content_type="application/pdf")

    assert (answer.status_code, answer.json["type"]) == (status, f"/problems/{code}")
    assert count(portal, "uploads") == count(portal, "upload_pieces") == 0


def test_an_appeal_names_its_files_and_who_may_see_it_takes_them_away(town, loop):
    upload(loop)
    receipt, code = loop.submit(attachments=named())

    shown = loop.get(f"{API}/{receipt}", key="officer").json["attachments"]
    assert shown == [{"sha256": HASH, "name": "规划.pdf", "type": "pdf", "size": len(PDF)}]
    for who in ({"key": "officer"}, {"code": code}):
        given = loop.get(f"{API}/{receipt}/attachments/{HASH}", **who)
        assert (given.status_code, given.data) == (200, PDF)
        assert given.headers["Content-Disposition"].startswith("attachment; ")
        assert given.headers["X-Content-Type-Options"] == "nosniff"
        assert given.headers["Content-Type"] == "application/pdf"
        assert "sandbox" in given.headers["Content-Security-Policy"]


def test_a_file_is_hidden_as_its_appeal_is(town, portal):
    upload(portal)
    file = Attachment(sha256=HASH, name="规划.pdf", type="pdf", size=len(PDF))
    town.say("intake", AppealSubmitted(**facts_of(town, accused=("sasac",)), attachments=(file,)))
    dispatched(town)
    dispatched(town, department="sasac", role="assist", number="02")
    path = f"{API}/{RECEIPT}/attachments/{HASH}"
    unknown = portal.get(f"{API}/SQ-20261124-ZZZZZZ/attachments/{HASH}", key="officer")

    assert portal.get(path, key="industry").data == PDF
    for hidden in (
        portal.get(path),
        portal.get(path, code="00000000"),
        portal.get(path, key="sasac"),
        portal.get(path, key="securities"),
        portal.get(f"{API}/{RECEIPT}/attachments/{'0' * 64}", key="officer"),
    ):
        assert (hidden.status_code, hidden.data) == (404, unknown.data)


def test_a_supplement_brings_files_too(loop):
    receipt, code = loop.submit()
    loop.post(f"{API}/{receipt}/supplement-request", {"missing": ["规划"]}, key="officer")
    upload(loop)

    answer = loop.post(f"{API}/{receipt}/supplement", {"text": "见附件", "attachments": named()}, code=code)

    assert answer.status_code == 200
    assert [one["name"] for one in loop.get(f"{API}/{receipt}", code=code).json["attachments"]] == ["规划.pdf"]


@pytest.mark.parametrize("files", [named("0" * 64), [*named(), *named("0" * 64)]])
def test_a_file_that_was_not_uploaded_cannot_be_named(loop, files):
    upload(loop)

    answer = loop.post(
        API, {"title": "a", "text": "b", "applicant": {"name": "甲", "kind": "园区"}, "attachments": files}
    )

    assert (answer.status_code, answer.json["type"]) == (422, "/problems/not-uploaded")
    assert answer.json["errors"][0]["field"] == "attachments"
    assert loop.count() == 0


def test_who_only_knows_a_hash_cannot_have_the_file_by_naming_it(town, loop):
    upload(loop)
    loop.submit(attachments=named())
    town.clock.advance(days=2)

    answer = loop.post(
        API, {"title": "a", "text": "b", "applicant": {"name": "甲", "kind": "园区"}, "attachments": named()}
    )

    assert answer.json["type"] == "/problems/not-uploaded"


def test_a_file_is_not_named_as_something_else_than_it_is(loop):
    upload(loop)

    answer = loop.post(
        API,
        {"title": "a", "text": "b", "applicant": {"name": "甲", "kind": "园区"}, "attachments": named(name="a.exe")},
    )

    assert answer.json["type"] == "/problems/name-does-not-fit"


def test_the_event_of_a_confidential_appeal_tells_a_neutral_name(loop):
    upload(loop)

    receipt, _ = loop.submit(
        applicant=COMPANY, classification="confidential", attachments=named(name="北票恒铸特钢营业执照.pdf")
    )

    assert [one["name"] for one in loop.get(f"{API}/{receipt}", key="officer").json["attachments"]] == ["附件1.pdf"]
    journal = loop.town.hosts["intake"].rows("SELECT body FROM journal")
    assert not [body for (body,) in journal if "北票恒铸" in bytes(body).decode()]


def test_an_upload_that_no_appeal_names_is_swept_after_a_day_and_others_stay(town, loop):
    upload(loop)
    other = upload(loop, PNG, "现场.png")
    loop.submit(attachments=named())

    town.clock.advance(hours=23)
    loop.host.tick()
    assert count(loop, "uploads") == 2
    town.clock.advance(hours=2)
    loop.host.tick()

    assert [sha for (sha,) in loop.host.rows("SELECT sha256 FROM uploads")] == [HASH]
    assert list(Uploads(loop.host.database, None).pieces(other)) == []
    town.clock.advance(days=300)
    loop.host.tick()
    assert b"".join(Uploads(loop.host.database, None).pieces(HASH)) == PDF


def test_a_refused_appeal_lets_its_files_go(town, loop):
    upload(loop)
    nameless = {"name": "甲公司", "kind": "企业"}

    refused = loop.post(API, {"title": "a", "text": "b", "applicant": nameless, "attachments": named()})
    assert refused.json["errors"][0]["field"] == "applicant.uscc"
    town.clock.advance(hours=25)
    loop.host.tick()

    assert count(loop, "uploads") == 0


# Agents


def test_the_document_of_an_agent_is_for_officers_and_in_no_event(town, loop):
    agent = {"name": "王律师", "phone": "13900001111", "authorisation": upload(loop)}

    receipt, _ = loop.submit(applicant=COMPANY, agent=agent)
    loop.post(f"{API}/{receipt}/acceptance", {}, key="officer")
    path = f"{API}/{receipt}/attachments/{HASH}"

    assert loop.get(path, key="officer").data == PDF
    assert loop.get(f"{API}/{receipt}", key="industry").json["attachments"] == []
    assert loop.get(path, key="industry").status_code == 404
    for (body,) in town.hosts["intake"].rows("SELECT body FROM journal"):
        told = bytes(body).decode()
        assert not [secret for secret in ("王律师", "13900001111", HASH) if secret in told]
    ((sealed,),) = town.hosts["intake"].rows("SELECT sealed FROM agents")
    assert "王律师" not in sealed


def test_an_agent_without_a_document_is_refused_with_its_field(loop):
    body = {"title": "a", "text": "b", "applicant": COMPANY, "agent": {"name": "王律师", "phone": "1"}}

    answer = loop.post(API, body)

    assert [one["field"] for one in answer.json["errors"]] == ["agent.authorisation"]


# E-mails, channels and emergencies


def test_an_officer_reads_an_email_into_a_draft_with_its_attachments_and_hands_it_in(loop):
    raw = an_email(
        files=[("规划.pdf", PDF), ("宏.docx", packed({"[Content_Types].xml": b"", "word/vbaProject.bin": b""}))]
    )

    answer = loop.post("/api/v1/emails", data=raw.read(), content_type="message/rfc822", key="officer")
    draft = answer.json

    assert (draft["title"], draft["text"]) == ("仓库电缆被盗", "请尽快破案")
    assert [one["name"] for one in draft["attachments"]] == ["规划.pdf"]
    assert [one["name"] for one in draft["refused"]] == ["宏.docx"]
    files = [{"sha256": one["sha256"], "name": one["name"]} for one in draft["attachments"]]
    appeal = {"title": draft["title"], "text": draft["text"], "channel": "email", "applicant": {"name": "甲公司"}}
    handed_in = loop.post(API, appeal | {"attachments": files}, key="officer")
    assert handed_in.status_code == 201, handed_in.json


@pytest.mark.parametrize(("key", "status"), [("", 401), ("industry", 403), ("supervisor", 403)])
def test_emails_are_read_by_intake_officers(portal, key, status):
    assert portal.post("/api/v1/emails", data=b"x", content_type="message/rfc822", key=key).status_code == status


def test_a_channel_that_is_not_theirs_is_refused_and_the_officer_who_writes_down_is_the_recorder(loop):
    appeal = {"title": "a", "text": "b", "applicant": {"name": "甲公司"}, "channel": "电话"}

    refused, taken = loop.post(API, appeal), loop.post(API, appeal, key="officer")

    assert (refused.status_code, refused.json["type"]) == (403, "/problems/channel-not-yours")
    entry = loop.get(f"{API}/{taken.json['receipt']}/timeline", key="supervisor").json["timeline"][0]
    assert (entry["by"], entry["details"]["channel"]) == ("officer", "phone")


def test_an_emergency_leaves_at_once_and_the_applicant_is_told_to_call_110_now(town, loop):
    appeal = {"title": "有人持刀威胁", "text": "在厂门口", "applicant": {"name": "高新区", "kind": "园区"}}

    answer = loop.post(API, appeal)

    receipt = answer.json["receipt"]
    assert "请立即拨打110" in answer.json["notice"]
    assert [one["type"].split(".", 2)[2] for one in answer.json["said"]] == [
        "appeal.submitted.v1",
        "appeal.referred.v1",
    ]
    assert town.said(receipt)[1][1]["where"] == "110"
    assert loop.get(f"{API}/{receipt}", key="officer").json["emergency"]["code"] == "flagged"
    undecided = loop.post(f"{API}/{receipt}/acceptance", {}, key="officer")
    assert undecided.json["type"] == "/problems/emergency-undecided"
    body = {"emergency": "confirmed", "special_regime": "治安案件办理程序"}
    assert loop.post(f"{API}/{receipt}/acceptance", body, key="officer").status_code == 200
    shown = loop.get(f"{API}/{receipt}", key="officer").json
    assert (shown["emergency"]["code"], shown["special_regime"]["code"]) == ("confirmed", "public-order")


def test_what_is_no_emergency_is_answered_without_a_notice(loop):
    answer = loop.post(API, {"title": "a", "text": "b", "applicant": {"name": "高新区", "kind": "园区"}})

    assert answer.json.get("notice") is None


def test_an_appeal_that_is_not_supplemented_closes_by_itself_and_a_late_supplement_opens_it(town, loop):
    receipt, code = loop.submit()
    loop.post(f"{API}/{receipt}/supplement-request", {"missing": ["规划"]}, key="officer")

    for days in (7, 1):  # the reminder, then the end
        town.clock.advance(days=days)
        town.hosts["intake"].tick()
        town.settle()

    story = json.loads(loop.get(f"{API}/{receipt}/timeline", code=code).get_data())["timeline"]
    assert [one["event"] for one in story][-2:] == ["supplement.reminded", "appeal.rejected"]
    assert loop.get(f"{API}/{receipt}", code=code).json["state"]["code"] == "rejected"
    assert loop.post(f"{API}/{receipt}/supplement", {"text": "规划如下"}, code=code).status_code == 200
    assert loop.get(f"{API}/{receipt}", code=code).json["state"]["code"] == "submitted"
