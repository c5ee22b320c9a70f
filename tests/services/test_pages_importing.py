# ruff: noqa: F811
"""Importing on pages: a file is checked before anything is submitted, and what was checked is what is imported."""

import re
from io import BytesIO

import pytest

from services.portal.cells import to_csv, to_xlsx
from tests.services.test_imports import GOOD, HEADER, row
from tests.services.test_pages_entrance import visitor
from tests.services.test_portal import _no_settings, loop, portal  # noqa: F401 - fixtures

PAGE = "/desk/import"


@pytest.fixture
def officer(loop):
    """An intake officer who has signed in, with the page shown."""
    browser = visitor(loop, "wangmin", "intake-officer")
    browser.get(PAGE)
    return browser


def check(officer, *rows, made=None):
    data = to_csv([HEADER, *rows]) if made is None else made
    return officer.send(PAGE, file=(BytesIO(data), "诉求.csv"))


def confirm(officer):
    hidden = dict(re.findall('type="hidden" name="(sha256|name)" value="([^"]*)"', officer.shown.text))
    return officer.send(f"{PAGE}/confirmation", **hidden)


def work(loop):
    while loop.importer.submit_portion():
        pass


def test_a_file_is_checked_row_by_row_with_reasons_and_nothing_is_submitted_before_it_is_confirmed(loop, officer):
    shown = check(officer, GOOD, row(title=""))

    assert shown.status_code == 200
    assert re.search(r"可导入 1\s*行，未通过 1\s*行", shown.text)
    assert "标题" in shown.text
    work(loop)
    assert loop.count() == 0


@pytest.mark.parametrize("make", [to_csv, lambda rows: to_xlsx(("Sheet1", rows))])
def test_what_was_checked_is_imported_and_the_page_tells_how_far_it_is_and_gives_refused_rows_back(loop, officer, make):
    check(officer, made=make([HEADER, GOOD, row(title="")]))
    confirm(officer)
    waiting = officer.follow().text
    work(loop)
    done = officer.get(officer.shown.request.path).text

    assert "hx-get" in waiting
    assert "hx-get" not in done
    assert re.search("/desk/appeals/SQ-[0-9A-Z-]+", done)
    refused = re.search('href="(/api/v1/imports/[^"]*csv)"', done)[1]
    assert "标题" in officer.get(refused).data.decode("utf-8-sig")
    assert loop.count() == 1


def test_the_same_file_once_more_leads_to_the_same_import_and_submits_nothing_twice(loop, officer):
    places = []
    for _ in range(2):
        officer.get(PAGE)
        check(officer, GOOD)
        places.append(confirm(officer).location)
        work(loop)

    assert places[0] == places[1]
    assert loop.count() == 1


def test_what_is_no_table_is_refused_in_words_on_the_page_and_nothing_can_be_confirmed(officer):
    shown = check(officer, made=b"\x00\x01")

    assert shown.status_code == 422
    assert 'role="alert"' in shown.text
    assert "confirmation" not in shown.text


def test_a_file_that_was_not_checked_here_within_the_day_is_not_imported(loop, officer):
    assert officer.send(f"{PAGE}/confirmation", sha256="0" * 64, name="x").status_code == 422
    assert loop.count("imports") == 0


def test_only_intake_officers_are_shown_the_page_and_its_imports(loop, officer):
    check(officer, GOOD)
    place = confirm(officer).location
    other = visitor(loop, "lihua", "supervisor")

    assert [other.get(path).status_code for path in (PAGE, place, f"{place}/progress")] == [403] * 3
    assert PAGE not in other.get("/desk").text
