"""Catalogue, units and rules of returns are checked when they are loaded; a mistake is named with its line."""

import pytest

from appeals.calendar import CALENDAR_FILE
from appeals.settings import Settings, WrongSettings
from appeals.units import load_units
from services.routing.catalogue import CATALOGUE, load_catalogue
from services.routing.policy import POLICY, load_policy
from services.routing.service import configuration
from tests.domain.routing_rules import UNITS


def spoiled(tmp_path, source, old, new):
    """A copy of a file with one thing in it changed."""
    path, text = tmp_path / source.name, source.read_text(encoding="utf-8")
    assert old in text
    path.write_text(text.replace(old, new, 1), encoding="utf-8")
    return path


@pytest.mark.parametrize(
    ("old", "new", "named"),
    [
        ("lead: housing", "lead: houses", r"line \d+: rules\.\d+\.lead: houses is not in the tree of units"),
        ("name: 供电由电网企业保障", "names: 供电", r"line \d+: rules\.\d+\.names: Unknown field"),
        ("categories: [payments]", "categories: [payment]", r"line \d+: rules\.\d+\.categories\.0: payment is no cat"),
        ("areas: [大连市]", "areas: [大连]", r"line \d+: rules\.\d+\.(except_)?areas\.0: 大连 has no government"),
        ("  keyword: 3", "  keyword: three", r"line \d+: points\.keyword"),
        ("  margin: 1", "  margin: 0", r"line \d+: points\.margin"),
        ("[停电|断电", "[停电||断电", r"line \d+: rules\.\d+\.keywords\.0: .*has an empty part"),
        ("营业执照|无证", "营业执照(|无证", r"line \d+: rules\.\d+\.keywords\.0: .*bracket too many"),
        ("name: 大连税费由大连税务机关负责", "name: 税费由税务机关负责", r"line \d+: rules\.\d+\.name: stands twice"),
        ("    source: practice\n", "", r"line \d+: rules\.\d+\.source: Missing data"),
    ],
)
def test_a_mistake_in_the_catalogue_is_named_with_its_line(tmp_path, old, new, named):
    with pytest.raises(WrongSettings, match=named) as raised:
        load_catalogue(spoiled(tmp_path, CATALOGUE, old, new), UNITS)

    assert "catalogue.yml" in str(raised.value)


@pytest.mark.parametrize(
    ("old", "new", "named"),
    [
        ("urgent: 2h", "urgent: soon", r"line \d+: return_within\.urgent"),
        ("return_times: 2", "return_times: 0", r"line \d+: return_times"),
        ("return_decision: auto", "return_decision: never", r"line \d+: return_decision"),
    ],
)
def test_a_mistake_in_the_rules_of_returns_is_named_with_its_line(tmp_path, old, new, named):
    with pytest.raises(WrongSettings, match=named):
        load_policy(spoiled(tmp_path, POLICY, old, new))


def test_a_unit_below_one_that_is_not_there_is_named_with_its_line(tmp_path):
    path = tmp_path / "units.yml"
    path.write_text('version: "1"\nunits:\n  - {code: a1, name: 甲}\n  - {code: b1, name: 乙, above: [c1]}\n')

    with pytest.raises(WrongSettings, match=r"line 4: units\.1\.above: c1 is no unit"):
        load_units(path)


def test_the_calendar_that_is_named_counts_for_returns_too(tmp_path):
    named = spoiled(tmp_path, CALENDAR_FILE, "version: '", "version: 'our-")

    rules = configuration(Settings(amqp_uri="memory", calendar=named))["rules"]

    assert rules["calendar"].version.startswith("our-")
