"""Figures at the portal's doors: each number checked against a small set of appeals, on both databases."""

import csv
import io
import re
from datetime import datetime

import pytest
from sqlalchemy import insert, inspect, select

from appeals.bus.database import Database, migrate
from appeals.calendar import BEIJING
from appeals.errors import Unanswered
from appeals.events import (
    AppealAccepted,
    AppealClosed,
    AppealEvaluated,
    AppealRejected,
    AppealReopened,
    AppealSubmitted,
    Applicant,
    DeadlineMissed,
    DeadlineSet,
    ExtensionApproved,
    FeedbackApproved,
    FeedbackSubmitted,
    OrderDispatched,
    OrderReturned,
    OrderSigned,
    SupervisionIssued,
    SupervisionLowered,
)
from services.portal import store
from services.portal.file_policy import load_file_policy
from services.portal.rights import Principal
from tests.services.conftest import ROOT, Town
from tests.services.evaluating import PERIOD, close, lead, receipt
from tests.services.test_portal import KEYS, Portal, TownAsker, _no_settings  # noqa: F401 - a fixture

FIGURES = "/api/v1/figures"
INDUSTRY, SASAC = "省工业和信息化厅", "省国资委"
ANSWERED, LATE, NEW, ABOUT_INDUSTRY, REFUSED, OLD, LONG_OVER = map(receipt, range(7))
POSTED = Principal(name="posted-to-industry", role="supervisor", department="industry")
PARTS = ("value", "n", "low", "high")
SPREADSHEET_FORMULA = "=HYPERLINK(0)"


def on(day, hour=9, minute=0, month=11):
    """A moment in Beijing, in the autumn of 2026."""
    return datetime(2026, month, day, hour, minute, tzinfo=BEIJING)


def came(of, at, kind="help", city="朝阳市", **changes):
    facts = {"title": "申报", "text": "请协调", "channel": "visit", "urgency": "normal", "category": "industry"}
    return AppealSubmitted(
        receipt=of, at=at, kind=kind, applicant=Applicant(name="某企业", city=city), **(facts | changes)
    )


def taken(submitted, at):
    names = (
        "receipt",
        "title",
        "text",
        "applicant",
        "channel",
        "kind",
        "urgency",
        "category",
        "classification",
        "accused",
    )
    return AppealAccepted(**{name: getattr(submitted, name) for name in names}, at=at, complexity="hard")


def order(of, number="01", department="industry"):
    return {"receipt": of, "order": f"{of}-{number}", "department": department}


def sent(submitted, at, number="01", department="industry", role="lead"):
    facts = {name: getattr(submitted, name) for name in ("title", "text", "applicant", "kind", "urgency")}
    where = order(submitted.receipt, number, department)
    return OrderDispatched(**where, **facts, at=at, role=role, complexity="hard")


def told_to(portal_town):
    """Seven appeals, of which one is about industry and confidential, and one was over before the thirty days."""
    answered, late = came(ANSWERED, on(20)), came(LATE, on(20), "complaint", "沈阳市")
    new = came(NEW, on(24, 0, 30))  # in UTC that is the day before
    about = came(ABOUT_INDUSTRY, on(21), "report", classification="confidential", accused=("industry",))
    refused, old, over = (
        came(REFUSED, on(21), "suggestion"),
        came(OLD, on(1, month=10)),
        came(LONG_OVER, on(1, month=10)),
    )
    reply = {"text": "已办", "result": "solved"}
    of_late, of_about = order(LATE, department="sasac"), order(ABOUT_INDUSTRY, department="sasac")
    portal_town.say(
        "core",
        *(old, over, AppealRejected(receipt=LONG_OVER, at=on(2, month=10), reason="duplicate", explanation="")),
        *(taken(old, on(2, month=10)), sent(old, on(5, month=10))),
        sent(old, on(5, month=10), "02", "natural-resources", "assist"),
        OrderReturned(**order(OLD, "02", "natural-resources"), at=on(6, month=10), reason="不属于"),
        *(answered, taken(answered, on(20)), sent(answered, on(20, 10))),
        sent(answered, on(20, 10), "02", "natural-resources", "assist"),  # never answered, and over with the appeal
        DeadlineSet(**order(ANSWERED), at=on(20, 10), step="reply", due=on(23, 17)),
        OrderSigned(**order(ANSWERED), at=on(20, 11)),
        FeedbackSubmitted(**order(ANSWERED), at=on(22, 9), **reply),
        FeedbackApproved(**order(ANSWERED), at=on(22, 10), **reply),
        AppealClosed(
            receipt=ANSWERED,
            at=on(22, 10),
            lead="industry",
            departments=("industry",),
            round=1,
            result="solved",
            summary="",
        ),
        AppealEvaluated(
            receipt=ANSWERED, at=on(22, 12), department="industry", round=1, rating="satisfied", solved="solved"
        ),
        *(late, taken(late, on(20)), sent(late, on(20, 10), department="sasac")),
        DeadlineSet(**of_late, at=on(20, 10), step="reply", due=on(23, 17)),
        DeadlineMissed(**of_late, at=on(23, 17), step="reply", due=on(23, 17)),
        SupervisionIssued(**of_late, at=on(23, 18), level="yellow", reason="逾期"),
        *(about, taken(about, on(21)), sent(about, on(21, 10), department="sasac")),
        DeadlineSet(**of_about, at=on(21, 10), step="reply", due=on(27, 17)),
        OrderSigned(**of_about, at=on(21, 11)),
        SupervisionIssued(**of_about, at=on(23, 18), level="red", reason="推诿"),
        SupervisionLowered(**of_about, at=on(23, 19), level="urged", was="red", reason="已改正"),
        *(refused, AppealRejected(receipt=REFUSED, at=on(22), reason="petition", explanation="")),
        new,
    )


@pytest.fixture(scope="module", params=["sqlite", "postgresql"])
def told(request, tmp_path_factory):
    """A portal that has heard of the seven appeals."""
    folder = tmp_path_factory.mktemp("figures")
    url = f"sqlite:///{folder}/" if request.param == "sqlite" else request.getfixturevalue("postgresql_url")
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("services.portal.service.configuration", lambda settings: {"files": load_file_policy()})
        patch.setitem(KEYS, POSTED.name, POSTED)
        town = Town(url)
        made = Portal(town, asker=Silent(town))
        told_to(town)
        yield made
        town.close()


class Silent(TownAsker):
    """Nobody answers questions."""

    def find_out(self, question, *, key, body):
        raise Unanswered("nobody there")


def rows(portal, name, key="supervisor", **query):
    answer = portal.client.get(f"{FIGURES}/{name}", query_string=query, headers={"Authorization": f"Bearer {key}"})
    assert answer.status_code == 200, answer.text
    assert all(len(row) == len(answer.json["columns"]) for row in answer.json["rows"])
    return answer.json["rows"]


def column(found, number=1):
    return [row[number] for row in found]


def test_the_funnel_tells_how_many_have_come_to_each_station(told):
    assert rows(told, "funnel") == [
        ["提交", 5, 1.0],
        ["受理", 3, 0.6],
        ["转办", 3, 0.6],
        ["签收办理", 2, 0.4],
        ["反馈", 1, 0.2],
        ["办结", 1, 0.2],
        ["评价", 1, 0.2],
    ]


def test_each_day_is_that_of_beijing_and_tells_what_came_what_ended_and_what_is_open(told):
    days = rows(told, "flow")

    assert (len(days), days[0]) == (30, ["2026-10-26", 0, 0, 1])
    assert days[-5:] == [
        ["2026-11-20", 2, 0, 3],
        ["2026-11-21", 2, 0, 5],
        ["2026-11-22", 0, 2, 3],
        ["2026-11-23", 0, 0, 3],
        ["2026-11-24", 1, 0, 4],
    ]


def test_the_backlog_counts_what_was_still_open_when_the_days_began(told):
    assert rows(told, "flow", since="2026-11-22", until="2026-11-22") == [["2026-11-22", 0, 2, 3]]


def test_open_orders_are_told_by_unit_and_age_and_ended_ones_are_not(told):
    assert rows(told, "ages") == [[SASAC, 0, 2, 0, 0, 0, 0, 2], [INDUSTRY, 0, 0, 0, 0, 0, 1, 1]]


def test_handling_time_is_told_of_approved_replies_only(told):
    assert rows(told, "handling") == [[INDUSTRY, 1, 2.0, 2.0, 2.0, 2.0, 2.0]]


def test_an_order_counts_as_overdue_in_the_week_it_was_due_and_not_before_it_is_due(told):
    assert rows(told, "overdue", until="2026-11-30") == [["2026-11-23", 2, 1, 0.5, 0.5, 0.0, 1.0]]


def test_an_order_is_counted_at_the_level_at_which_it_stands(told):
    (row,) = rows(told, "levels")

    assert dict(zip(_codes(told, "levels"), row, strict=True)) == {
        "unit": SASAC,
        **dict.fromkeys(("reminder", "ordinary", "red", "letter", "conference"), 0),
        "urged": 1,
        "yellow": 1,
        "all": 2,
    }


def _codes(portal, name):
    return [one["code"] for one in portal.get(f"{FIGURES}/{name}", key="supervisor").json["columns"]]


def test_kinds_are_told_by_who_leads_and_those_that_nobody_leads_yet_too(told):
    assert _codes(told, "kinds") == ["unit", "consult", "help", "complaint", "report", "suggestion", "all"]
    assert rows(told, "kinds") == [
        ["未转办", 0, 1, 0, 0, 1, 2],
        [SASAC, 0, 0, 1, 1, 0, 2],
        [INDUSTRY, 0, 1, 0, 0, 0, 1],
    ]


def test_kind_and_city_narrow_every_figure_of_appeals_and_of_orders(told):
    assert column(rows(told, "funnel", kind="complaint")) == [1, 1, 1, 0, 0, 0, 0]
    assert column(rows(told, "funnel", city="沈阳市")) == [1, 1, 1, 0, 0, 0, 0]
    assert rows(told, "ages", city="沈阳市") == [[SASAC, 0, 1, 0, 0, 0, 0, 1]]
    assert column(rows(told, "levels", kind="report"), -1) == [1]


def test_what_is_about_a_unit_never_counts_for_its_people(told):
    key = POSTED.name

    assert column(rows(told, "funnel", key)) == [4, 2, 2, 1, 1, 1, 1]
    assert rows(told, "ages", key) == [[SASAC, 0, 1, 0, 0, 0, 0, 1], [INDUSTRY, 0, 0, 0, 0, 0, 1, 1]]
    assert column(rows(told, "levels", key), -1) == [1]
    assert [row for row in rows(told, "kinds", key) if row[4]] == []
    assert ["2026-11-21", 1, 0, 4] in rows(told, "flow", key)
    assert column(rows(told, "flow", key), -1)[-1] == 3


def test_somebody_of_a_department_is_told_of_its_own_unit_only(told):
    assert column(rows(told, "funnel", "sasac")) == [2, 2, 2, 1, 0, 0, 0]
    assert column(rows(told, "funnel", "industry")) == [1, 1, 1, 1, 1, 1, 1]
    assert rows(told, "handling", "sasac") == []
    for name in ("ages", "kinds", "levels"):
        assert column(rows(told, name, "sasac"), 0) == [SASAC]
    assert column(rows(told, "overdue", "industry"), 2) == [0]


@pytest.mark.parametrize(("key", "status"), [("", 401), ("officer", 403), ("dispatcher", 403)])
@pytest.mark.parametrize("path", [f"{FIGURES}/funnel", f"{FIGURES}/funnel.csv", "/figures"])
def test_nobody_else_is_told_figures(told, path, key, status):
    assert told.get(path, key=key).status_code == status


def test_a_figure_that_there_is_not_is_not_found(told):
    for path in ("nothing", "nothing.csv", "funnel.xml"):
        assert told.get(f"{FIGURES}/{path}", key="supervisor").status_code == 404


@pytest.mark.parametrize(
    ("query", "field"),
    [
        ("since=2025-11-23&until=2026-11-24", "since"),
        ("since=2026-11-25&until=2026-11-24", "since"),
        ("since=2026-02-30", "since"),
        ("until=tomorrow", "until"),
        ("kind=nothing", "kind"),
        ("month=2026-11", "month"),
    ],
)
def test_days_the_wrong_way_round_or_more_than_a_year_are_refused_by_name(told, query, field):
    answer = told.get(f"{FIGURES}/funnel?{query}", key="supervisor")

    assert answer.status_code == 422
    assert [one["field"] for one in answer.json["errors"]] == [field]


def test_a_whole_year_may_be_asked_for(told):
    assert len(rows(told, "flow", since="2025-11-24", until="2026-11-24")) == 366


def test_a_figure_is_also_a_csv_with_the_same_numbers(told):
    by_name = told.get(f"{FIGURES}/kinds.csv", key="supervisor")
    by_type = told.get(f"{FIGURES}/kinds", key="supervisor", Accept="text/csv")

    assert by_name.data == by_type.data
    assert by_name.mimetype == by_type.mimetype == "text/csv"
    assert 'filename="kinds-2026-10-26-2026-11-24.csv"' in by_name.headers["Content-Disposition"]
    header, *table = csv.reader(io.StringIO(by_name.data.decode("utf-8-sig")))
    assert header == ["主办单位", "咨询", "求助", "投诉", "举报", "建议", "合计"]
    assert table == [[str(cell) for cell in row] for row in rows(told, "kinds")]


def test_no_cell_of_a_csv_starts_a_formula(town):
    portal = Portal(town)
    submitted = came(NEW, on(24, 0, 30))
    town.say("core", submitted, sent(submitted, on(24, 1), department=SPREADSHEET_FORMULA))

    answer = portal.get(f"{FIGURES}/kinds.csv", key="supervisor")

    _, (unit, *_) = csv.reader(io.StringIO(answer.data.decode("utf-8-sig")))
    assert unit == f"'{SPREADSHEET_FORMULA}"


def test_an_appeal_that_is_opened_again_is_open_and_has_been_closed(town):
    portal = Portal(town)
    told_to(town)
    assert column(rows(portal, "flow"), -1)[-1] == 4

    town.say(
        "core", AppealReopened(receipt=ANSWERED, at=on(24, 8), departments=("industry",), round=2, reason="未解决")
    )

    assert column(rows(portal, "flow"), -1)[-3:] == [4, 4, 5]
    assert column(rows(portal, "funnel")) == [5, 3, 3, 2, 1, 1, 1]


def test_more_time_makes_a_late_order_due_again(town):
    portal = Portal(town)
    told_to(town)

    town.say("core", ExtensionApproved(**order(LATE, department="sasac"), at=on(24, 8), reason="复杂", due=on(26, 17)))

    assert column(rows(portal, "overdue", until="2026-11-30"), 2) == [0]
    town.clock.advance(days=3)
    assert rows(portal, "overdue", until="2026-11-30")[0][1:3] == [2, 0]


def test_the_three_rates_are_those_of_evaluation_with_n_and_bounds(town):
    town.host("evaluation")
    portal = Portal(town)
    lead(town, receipt(0))
    close(town, receipt(0))
    lead(town, receipt(1), department="industry")
    town.clock.advance(days=5)

    scored = {one["name"]: one for one in portal.get(f"/api/v1/scores?period={PERIOD}", key="supervisor").json["units"]}
    expected = [
        [name, *(one[rate][part] for rate in ("response", "solution", "satisfaction") for part in PARTS)]
        for name, one in scored.items()
    ]

    assert len(expected) == 2
    assert expected[0][2] == 1
    assert rows(portal, "rates") == expected
    assert column(rows(portal, "rates", "industry"), 0) == [INDUSTRY]


def test_the_page_has_a_table_for_every_figure_and_its_csv(told):
    page = told.get("/figures", key="supervisor").text

    for name in ("funnel", "flow", "ages", "handling", "overdue", "levels", "kinds"):
        (section,) = re.findall(rf'<section class="figure" id="{name}".*?</section>', page, re.DOTALL)
        assert section.count("<tr>") == len(rows(told, name)) + 1
        (link,) = re.findall(r'href="([^"]*\.csv[^"]*)"', section)
        assert told.get(link.replace("&amp;", "&"), key="supervisor").status_code == 200
        assert '<div class="plot" hidden></div>' in section
    assert "60.0%" in page
    assert "<style" not in page and "style=" not in page
    assert all("integrity=" in tag for tag in re.findall(r"<script[^>]*>", page))


def test_the_page_shows_the_other_figures_when_evaluation_does_not_answer(told):
    answer = told.get("/figures", key="supervisor")

    (rates,) = re.findall(r'<section class="figure" id="rates".*?</section>', answer.text, re.DOTALL)
    assert answer.status_code == 200
    assert "<table>" not in rates and 'class="note"' in rates
    assert told.get(f"{FIGURES}/rates", key="supervisor").status_code == 503


def test_the_page_says_what_is_wrong_with_its_days_and_shows_the_usual_ones(told):
    answer = told.get("/figures?since=2020-01-01&until=2026-11-24&kind=&city=", key="supervisor")

    assert answer.status_code == 422
    assert "不超过 366 天" in answer.text
    assert 'value="2026-10-26"' in answer.text


def test_the_page_leaves_out_what_was_left_empty_and_keeps_what_was_chosen(told):
    page = told.get("/figures?since=&until=&kind=report&city=", key="supervisor", Accept_Language="en").text

    assert '<option value="report" selected>' in page
    assert "kind=report" in page
    assert "Funnel of stations" in page


def rows_of(database, table, names):
    """The rows of a table, with these of its columns."""
    columns = [column for column in table.c if column.name in names]
    with database.reading() as session:
        return [row._asdict() for row in session.execute(select(*columns).order_by(*table.primary_key))]


def test_a_read_model_from_before_the_figures_is_counted_like_a_new_one(told, request, tmp_path):
    sqlite = not told.host.database.is_postgresql
    before = Database(
        f"sqlite:///{tmp_path}/" if sqlite else request.getfixturevalue("postgresql_url"), "before_figures"
    )
    folder = ROOT / "services" / "portal" / "migrations"
    migrate(before, folder, "p0020")
    added = {store.appeals: {"city", "reached", "ended_at"}, store.timeline: set()}
    added[store.orders] = {"dispatched_at", "ended_at", "hours", "overdue", "level", "level_at"}
    with before.engine.connect() as connection:
        kept = {table: {column["name"] for column in inspect(connection).get_columns(table.name)} for table in added}
    with before.transaction() as session:
        for table, names in kept.items():
            for row in rows_of(told.host.database, table, names):
                session.execute(insert(table).values(row))

    migrate(before, folder)

    for table, names in kept.items():
        wanted = names | added[table]
        assert rows_of(before, table, wanted) == rows_of(told.host.database, table, wanted)
    if before.is_postgresql:
        with before.engine.begin() as connection:
            connection.exec_driver_sql('DROP SCHEMA "before_figures" CASCADE')
    before.close()
