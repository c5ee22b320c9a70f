"""Imports: a file of appeals is checked without effect, or submitted row by row, each row once."""

from io import BytesIO

import pytest
from openpyxl import load_workbook
from sqlalchemy import text

from appeals.errors import Unanswered
from services.portal.cells import to_csv, to_xlsx
from services.portal.file_policy import load_file_policy
from services.portal.importing import PORTION, Importer
from services.portal.problems import LARGEST_BODY
from services.portal.rights import Principal
from services.portal.sheets import LARGEST_FILE, read_table
from tests.services.test_portal import API, KEYS, Portal

IMPORTS = "/api/v1/imports"
HEADER = ["标题", "内容", "企业名称", "统一社会信用代码", "渠道", "密级", "联系电话"]
GOOD = ["申报化工园区", "希望协调", "朝阳高新区", "", "实地走访", "普通", "024-1"]


@pytest.fixture(autouse=True)
def _no_settings(monkeypatch):
    monkeypatch.setattr("services.portal.service.configuration", lambda settings: {"files": load_file_policy()})


@pytest.fixture
def office(town):
    """The portal and intake, with an officer at the door."""
    town.host("intake")
    return Office(town)


class Office(Portal):
    """The portal, and files that are handed in."""

    def hand_in(self, *rows, dry_run="false", key="officer", made=None, language="zh"):
        data = to_csv([HEADER, *rows]) if made is None else made
        return self.client.post(
            f"{IMPORTS}?dry_run={dry_run}",
            data={"file": (BytesIO(data), "诉求.csv")},
            headers={"Authorization": f"Bearer {key}", "Accept-Language": language},
        )

    def work(self):
        """Submit all that waits."""
        while self.importer.submit_portion():
            pass

    def shown(self, answer):
        return self.get(answer.headers["Location"], key="officer").json

    def states(self, answer):
        return [one["state"]["code"] for one in self.shown(answer)["rows"]]

    def receipts_of(self, answer):
        return [one["receipt"] for one in self.shown(answer)["rows"]]

    def cases(self):
        return self.town.hosts["intake"].rows("SELECT count(*) FROM cases")[0][0]


def row(**changes):
    names = ("title", "text", "name", "uscc", "channel", "classification", "phone")
    return [changes.get(name, cell) for name, cell in zip(names, GOOD, strict=True)]


def test_a_dry_run_tells_every_problem_of_every_row_and_submits_nothing(office):
    wrong = row(title="", uscc="9121", channel="飞鸽")

    answer = office.hand_in(GOOD, wrong, row(text="", phone="1" * 31), dry_run="true")

    assert answer.status_code == 200
    assert answer.json["totals"] == {"rows": 3, "good": 1, "refused": 2, "repeated": 0}
    good, second, third = answer.json["rows"]
    assert (good["row"], good["state"]["code"], good["appeal"]["channel"]) == (2, "good", "visit")
    assert good["appeal"]["contact_phone"] == "024-1"
    assert {one["field"]: one["column"] for one in second["problems"]} == {
        "title": "标题",
        "applicant.uscc": "统一社会信用代码",
        "channel": "渠道",
    }
    assert [one["field"] for one in third["problems"]] == ["text", "contact.phone"]
    assert second["problems"][0]["message"] == "缺少必填字段"
    office.work()
    assert (office.cases(), office.count("imports"), office.asker.asked) == (0, 0, [])


@pytest.mark.parametrize(
    ("changes", "column"),
    [
        ({"channel": "12345转办"}, "原平台编号"),
        ({"channel": "线上门户"}, "统一社会信用代码"),
        ({"channel": "电话", "kind": "个人", "uscc": "91110000600037341L"}, "统一社会信用代码"),
    ],
)
def test_a_dry_run_tells_what_intake_would_refuse_although_each_field_is_right(office, changes, column):
    header = [*HEADER, "主体类型"]

    answer = office.hand_in(made=to_csv([header, [*row(**changes), changes.get("kind", "企业")]]), dry_run="true")

    (problem,) = answer.json["rows"][0]["problems"]
    assert problem["column"] == column
    taken = office.hand_in(made=to_csv([header, [*row(**changes), changes.get("kind", "企业")]]))
    assert office.states(taken) == ["refused"]


def test_an_import_is_a_dry_run_unless_somebody_says_otherwise(office):
    answer = office.client.post(IMPORTS, data=to_csv([HEADER, GOOD]), headers={"Authorization": "Bearer officer"})

    assert (answer.status_code, answer.json["dry_run"]) == (200, True)


def test_a_problem_is_told_in_english_on_request(office):
    answer = office.hand_in(row(title=""), dry_run="true", language="en")

    (problem,) = answer.json["rows"][0]["problems"]
    assert (problem["column"], problem["message"]) == ("Title", "This field is missing")


def test_rows_that_say_the_same_are_submitted_once_and_look_alikes_are_pointed_out(office):
    same = row(channel="visit")  # the code of what the label says

    checked = office.hand_in(GOOD, same, row(text="另一件事"), dry_run="true").json
    answer = office.hand_in(GOOD, same, row(text="另一件事"))
    office.work()

    assert [one["state"]["code"] for one in checked["rows"]] == ["good", "repeated", "good"]
    assert (checked["rows"][1]["repeats"], len(checked["rows"][2]["warnings"])) == (2, 1)
    first, second, third = office.receipts_of(answer)
    assert first == second != third
    assert office.cases() == 2


def test_a_formula_is_taken_as_text_with_a_warning(office):
    made = load_workbook(BytesIO(to_xlsx(("Sheet1", [HEADER, GOOD]))))
    made.active["A2"].value = '=HYPERLINK("http://x","y")'
    out = BytesIO()
    made.save(out)

    (checked,) = office.hand_in(made=out.getvalue(), dry_run="true").json["rows"]

    assert checked["appeal"]["title"] == '=HYPERLINK("http://x","y")'
    assert "公式" in checked["warnings"][0]


def test_every_good_row_becomes_an_appeal_by_the_officer_with_a_receipt_and_a_query_code(office):
    answer = office.hand_in(GOOD, row(title=""), row(title="第二件"))
    assert (answer.status_code, answer.json["done"], answer.json["finished"]) == (202, 1, False)

    office.work()

    shown = office.shown(answer)
    assert (shown["done"], shown["total"], shown["finished"], shown["by"]) == (3, 3, True, "officer")
    assert shown["totals"] == {"waiting": 0, "submitted": 2, "refused": 1, "repeated": 0}
    first = shown["rows"][0]
    appeal = office.get(f"{API}/{first['receipt']}", code=first["query_code"]).json
    assert (appeal["title"], appeal["channel"]["code"]) == ("申报化工园区", "visit")
    assert [command.by for command in office.asker.asked] == ["officer", "officer"]


def test_the_same_file_submits_nothing_twice_and_gives_the_same_receipts(office):
    first = office.hand_in(GOOD, row(title="第二件"))
    office.work()
    receipts = office.receipts_of(first)

    again = office.hand_in(GOOD, row(title="第二件"))
    office.work()

    assert again.headers["Location"] == first.headers["Location"]
    assert office.receipts_of(again) == receipts
    assert office.cases() == 2


def test_a_corrected_file_submits_only_what_was_not_submitted_before(office):
    first = office.hand_in(GOOD, row(title=""))
    office.work()

    corrected = office.hand_in(GOOD, row(title="改好了"))
    office.work()

    assert office.states(corrected) == ["repeated", "submitted"]
    assert office.receipts_of(corrected)[0] == office.receipts_of(first)[0]
    assert office.cases() == 2


def test_a_row_keeps_its_receipt_even_when_the_portal_has_lost_its_tables(office):
    first = office.hand_in(GOOD)
    office.work()
    receipts = office.receipts_of(first)
    with office.host.database.transaction() as session:
        for table in ("imports", "import_rows"):
            session.execute(text(f"DELETE FROM {table}"))  # noqa: S608

    again = office.hand_in(GOOD)
    office.work()

    assert office.receipts_of(again) == receipts
    assert office.cases() == 1


def test_two_portals_that_take_the_same_rows_submit_each_once(office):
    answer = office.hand_in(*[row(title=f"第{number}件") for number in range(5)])
    rows = office.importer.store.waiting(PORTION)

    for other in (office.importer, office.importer):
        assert all(other._submit(one) for one in rows)

    assert office.cases() == 5
    assert len(set(office.receipts_of(answer))) == 5
    assert set(office.states(answer)) == {"submitted"}


def test_an_import_goes_on_after_a_restart_in_bounded_portions(office, town):
    answer = office.hand_in(*[row(title=f"第{number}件") for number in range(PORTION + 5)])
    office.importer.submit_portion()
    assert office.shown(answer)["done"] == PORTION

    fresh = Importer(**vars(office.importer))
    while fresh.submit_portion():
        pass

    assert office.shown(answer)["finished"]
    assert office.cases() == PORTION + 5


def test_a_row_whose_answer_is_lost_waits_and_is_submitted_once(office):
    answer = office.hand_in(GOOD)
    office.asker.lost = 1

    assert not office.importer.submit_portion()
    assert office.states(answer) == ["waiting"]
    office.work()

    assert office.states(answer) == ["submitted"]
    assert office.cases() == 1


def test_while_intake_does_not_answer_the_work_does_not_go_on_in_circles(office):
    def silent(command, *, key, body):
        raise Unanswered("nobody there")

    office.hand_in(GOOD)
    office.asker.ask = silent

    assert office.importer.submit_portion() is False


def test_refused_rows_are_given_back_with_their_reasons_and_come_in_again(office):
    answer = office.hand_in(GOOD, row(title="", text="=1+1", phone="+86 1"))
    office.work()
    as_csv, as_xlsx = office.shown(answer)["refused_rows"]

    for address in (as_csv, as_xlsx):
        header, line = read_table(office.get(address, key="officer").data)
        assert header.cells == ("原行号", "未导入原因", *HEADER)
        assert line.cells[:5] == ("3", "标题：缺少必填字段", "", "'=1+1", "朝阳高新区")
        assert line.formulas == ()
    corrected = [header.cells, [*line.cells[:2], "改好了", *line.cells[3:]]]
    again = office.hand_in(made=to_csv(corrected))
    office.work()

    assert office.states(again) == ["submitted"]
    assert office.asker.asked[-1].text == "=1+1"
    assert office.asker.asked[-1].contact_phone == "+86 1"


def test_what_a_row_said_is_forgotten_once_it_is_submitted_and_of_refused_rows_after_a_week(office, town):
    answer = office.hand_in(row(classification="匿名"), row(title=""))
    office.work()
    kept = office.host.rows("SELECT number, body, cells FROM import_rows ORDER BY number")
    assert kept[0][1:] == (None, None)
    assert kept[1][2] is not None

    town.clock.advance(days=7, seconds=1)
    office.work()

    assert office.host.rows("SELECT count(cells) FROM import_rows")[0][0] == 0
    assert office.states(answer) == ["submitted", "refused"]


@pytest.mark.parametrize("key", sorted(KEYS.keys() - {"officer"}))
def test_only_intake_officers_import(office, key):
    for answer in (
        office.hand_in(GOOD, key=key),
        office.get(f"{IMPORTS}/template.xlsx", key=key),
        office.get(f"{IMPORTS}/{'0' * 64}", key=key),
    ):
        assert answer.status_code == 403
    assert office.hand_in(GOOD, key="").status_code == 401


def test_an_import_of_others_is_not_shown_to_an_officer_who_belongs_to_a_unit(office, monkeypatch):
    answer = office.hand_in(GOOD)
    of_unit = Principal(name="unit officer", role="intake-officer", department="sasac")
    monkeypatch.setattr(type(office.gate), "staff", lambda self, request, right: of_unit)

    assert office.get(answer.headers["Location"]).status_code == 404
    assert office.get(f"{answer.headers['Location']}/refused.csv").status_code == 404


def test_a_file_that_is_no_table_or_too_large_or_missing_is_refused_by_name(office):
    def told(answer):
        return answer.status_code, answer.json["type"].removeprefix("/problems/")

    assert told(office.hand_in(made=b"\xd0\xcf\x11\xe0")) == (422, "old-or-locked-workbook")
    assert told(office.hand_in(made=b"a,b\n1,2")) == (422, "column-missing")
    assert told(office.hand_in(made=to_csv([HEADER]))) == (422, "no-rows")
    for size in (LARGEST_FILE + 1, LARGEST_FILE + LARGEST_BODY + 1):
        assert told(office.post(IMPORTS, key="officer", data=b"x" * size)) == (413, "file-too-large")
    assert told(office.hand_in(made=b"")) == (422, "file-needed")
    assert told(office.hand_in(GOOD, dry_run="perhaps")) == (422, "invalid-fields")


def test_the_template_can_be_filled_in_and_imported(office):
    made = load_workbook(BytesIO(office.get(f"{IMPORTS}/template.xlsx", key="officer").data))
    guide = [[cell.value for cell in line] for line in made.worksheets[1].rows]
    examples = {name: example for name, _, example, _ in guide[1:]}
    header = [cell.value for cell in made.worksheets[0][1]]
    for place, name in enumerate(header, 1):
        made.worksheets[0].cell(2, place).value = examples[name.rstrip("*")]
    out = BytesIO()
    made.save(out)

    checked = office.hand_in(made=out.getvalue(), dry_run="true").json

    assert [one["state"]["code"] for one in checked["rows"]] == ["good"], checked
