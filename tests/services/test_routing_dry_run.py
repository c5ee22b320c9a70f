"""The dry run: what a catalogue would change for past appeals, on a file and on routing's own database."""

import json

import pytest

from appeals.bus.database import Database, migrate
from deploy.fleet import ROOT
from services.routing.catalogue import CATALOGUE
from services.routing.dry_run import main
from tests.domain.routing_rules import NOW, a_case, book, orders_of

THEFT = {"id": "A1", "title": "仓库被盗", "text": "电缆被盗", "lead": "省公安厅"}


@pytest.fixture
def changed(tmp_path):
    """A catalogue in which theft is somebody else's duty."""
    path, text = tmp_path / "mine.yml", CATALOGUE.read_text(encoding="utf-8")
    rule = "成立工作专班\n    lead: public-security"
    assert rule in text
    path.write_text(text.replace(rule, rule.replace("public-security", "emergency")), encoding="utf-8")
    return path


@pytest.fixture
def appeals(tmp_path):
    """A file of past appeals."""
    path = tmp_path / "appeals.jsonl"
    path.write_text(json.dumps(THEFT, ensure_ascii=False) + "\n", encoding="utf-8")
    return path


def test_a_changed_rule_is_shown_with_the_old_and_the_new_lead_and_why(changed, appeals, capsys):
    assert main([str(changed), "--appeals", str(appeals)]) == 1

    told = capsys.readouterr().out
    assert "A1: 省公安厅 → 省应急厅" in told
    assert "标题“被盗”6分" in told
    assert told.endswith("1 appeals, 1 would change, 0 would be held for a person\n")


def test_where_nothing_would_change_the_status_is_zero(appeals):
    assert main(["--appeals", str(appeals)]) == 0


def test_the_appeals_of_the_database_are_tried_by_who_really_led_them(tmp_path, changed, capsys, monkeypatch):
    url = f"sqlite:///{tmp_path}/"
    database = Database(url, "routing")
    migrate(database, ROOT / "services" / "routing" / "migrations")
    rules = book()
    with database.transaction() as session:
        for case in (a_case(title="仓库被盗", receipt="SQ-1"), a_case(title="停电", receipt="SQ-2")):
            session.add(case)
            session.add_all(orders_of(case, case.dispatch(rules, NOW), rules).values())
    monkeypatch.setenv("DATABASE_URL", url)

    assert main([str(changed)]) == 1

    told = capsys.readouterr().out
    assert "SQ-1: 省公安厅 → 省应急厅" in told
    assert "SQ-2" not in told  # nobody led it, and both catalogues say the same
    database.close()


def test_a_database_that_cannot_be_asked_is_told_in_one_line(tmp_path, capsys, monkeypatch):
    monkeypatch.setenv("DATABASE_URL", f"sqlite:///{tmp_path}/")

    assert main([]) == 2

    (line,) = capsys.readouterr().err.splitlines()
    assert "the database cannot be asked" in line


@pytest.mark.parametrize(
    ("line", "named"),
    [('{"title": "只有标题"}', "line 1: KeyError 'text'"), ("not json", "line 1: JSONDecodeError")],
)
def test_a_line_that_cannot_be_read_is_named(tmp_path, line, named, capsys):
    path = tmp_path / "appeals.jsonl"
    path.write_text(line, encoding="utf-8")

    assert main(["--appeals", str(path)]) == 2

    assert named in capsys.readouterr().err


def test_a_catalogue_that_is_wrong_is_told_in_one_line(tmp_path, capsys):
    path = tmp_path / "mine.yml"
    path.write_text("version: 1\n", encoding="utf-8")

    assert main([str(path)]) == 2

    (line,) = capsys.readouterr().err.splitlines()
    assert "mine.yml" in line
