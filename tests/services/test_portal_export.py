# ruff: noqa: F811
"""The list of appeals as a file: whose it holds, what for, and nothing that starts a formula."""

import csv
from io import BytesIO, StringIO

import pytest
from openpyxl import load_workbook

from appeals.events import AppealSubmitted, Applicant
from services.portal import exporting
from tests.services.test_portal import API, _no_settings, dispatched, facts_of, portal, submitted  # noqa: F401

PURPOSE = {"purpose": "月度分析"}


def rows_of(answer):
    """Head and rows of a file, as a spreadsheet reads them."""
    assert answer.status_code == 200, answer.text
    if answer.content_type.startswith("text/csv"):
        return list(csv.reader(StringIO(answer.data.decode("utf-8-sig"))))
    sheet = load_workbook(BytesIO(answer.data)).active
    assert "f" not in {cell.data_type for row in sheet.iter_rows() for cell in row}
    return [[cell or "" for cell in row] for row in sheet.iter_rows(values_only=True)]


def export(portal, form="csv", key="supervisor", **query):
    return portal.client.get(
        f"{API}.{form}", query_string=PURPOSE | query, headers={"Authorization": f"Bearer {key}"} if key else {}
    )


def several(portal, count, **changes):
    facts = [facts_of(portal.town, f"SQ-20261124-{number:06}", **changes) for number in range(count)]
    portal.town.say("intake", *(AppealSubmitted(**one) for one in facts))


@pytest.mark.parametrize("form", ["csv", "xlsx"])
def test_a_file_holds_the_list_under_a_head_in_the_readers_language(portal, form):
    submitted(portal.town, title="申报成立化工产业园区")

    head, row = rows_of(export(portal, form))

    assert head[:4] == ["受理编号", "标题", "申请人", "所在市"]
    assert row[1:4] == ["申报成立化工产业园区", "朝阳高新技术产业开发区", "朝阳市"]
    assert "2026年11月24日 09:00" in row


@pytest.mark.parametrize("form", ["csv", "xlsx"])
def test_no_cell_of_a_file_starts_a_formula(portal, form):
    submitted(portal.town, title='=HYPERLINK("http://example.org")', applicant=Applicant(name="@SUM(1)", city="+1\x0b"))

    _, row = rows_of(export(portal, form))

    assert row[1:4] == ['\'=HYPERLINK("http://example.org")', "'@SUM(1)", "'+1 "]


def test_a_file_needs_a_purpose_and_the_audit_keeps_it_with_the_filters(portal):
    assert export(portal, purpose="").status_code == 422
    assert portal.visitors.keeping.audit(None, 1) == []

    export(portal, "xlsx", state="submitted")

    (noted,) = portal.visitors.keeping.audit(None, 2)
    assert (noted.who, noted.act, noted.about) == ("supervisor", "appeals.exported", "xlsx")
    assert noted.details == {"purpose": "月度分析", "state": "submitted"}


def test_a_file_has_the_filters_of_the_list(portal):
    several(portal, 3)
    submitted(portal.town, title="消防验收", category="fire")

    assert [row[1] for row in rows_of(export(portal, category="fire"))[1:]] == ["消防验收"]
    assert [row[1] for row in rows_of(export(portal, q="消防"))[1:]] == ["消防验收"]
    assert export(portal, limit="5").status_code == 422


def test_a_file_holds_what_its_reader_may_see_and_masks_persons(portal):
    submitted(portal.town, "SQ-20261124-000001", applicant=Applicant(name="张小明", kind="person"))
    submitted(portal.town, "SQ-20261124-000002", accused=("industry",))
    submitted(portal.town, "SQ-20261124-000003")
    for receipt in ("SQ-20261124-000001", "SQ-20261124-000002"):
        dispatched(portal.town, receipt)

    assert [row[:3:2] for row in rows_of(export(portal, key="industry"))[1:]] == [["SQ-20261124-000001", "张**"]]
    assert len(rows_of(export(portal))) == 4


def test_a_long_list_is_read_page_by_page_and_cut_off_with_a_word(portal, monkeypatch):
    monkeypatch.setattr(exporting, "PAGE", 2)
    several(portal, 5)

    assert len({row[0] for row in rows_of(export(portal))[1:]}) == 5
    monkeypatch.setattr(exporting, "MOST", 3)
    rows = rows_of(export(portal))
    assert len(rows) == 5
    assert rows[-1] == ["仅导出最新的 3 件，请缩小范围后分次导出"]
    monkeypatch.setattr(exporting, "MOST", 5)
    assert len(rows_of(export(portal))) == 6


def test_a_third_export_at_once_is_refused_by_name_and_whoever_else_asks_is_not(portal):
    running = [export(portal), export(portal, "xlsx")]  # nobody has read them to the end

    refused = export(portal)

    assert (refused.status_code, refused.json["type"]) == (429, "/problems/too-many-at-once")
    assert export(portal, key="auditor").status_code == 200
    running.pop().close()
    assert export(portal).status_code == 200


def test_an_export_that_is_refused_does_not_count_as_under_way(portal):
    for _ in range(exporting.EXPORTS_AT_ONCE):
        assert export(portal, purpose="").status_code == 422

    assert export(portal).status_code == 200
