"""The tree of units: who is below whom, and whom a written name means."""

import pytest

from appeals.manifest import Directory
from appeals.units import load_units
from deploy.fleet import ROOT

UNITS = load_units()


def test_all_below_a_unit_come_with_it():
    assert {"public-security", "shenyang-police"} <= UNITS.below(["public-security"])
    assert "public-security" not in UNITS.below(["shenyang-police"])


def test_a_city_bureau_is_below_its_city_and_below_its_provincial_department():
    assert UNITS.lineage("dalian-police") == ("dalian-police", "dalian", "public-security", "province")


@pytest.mark.parametrize(
    ("written", "codes"),
    [
        ("housing", ("housing",)),
        ("省住建厅", ("housing",)),
        ("省住建厅验收处", ("housing",)),
        ("沈阳市公安局铁西分局", ("shenyang-police",)),
        ("国家税务总局辽宁省税务局", ("tax",)),
        ("省 公安 厅", ("public-security",)),
        ("某派出所", ()),
    ],
)
def test_a_unit_is_known_by_its_code_its_name_and_its_other_names(written, codes):
    assert UNITS.identify(written) == codes


@pytest.mark.parametrize(
    ("written", "line"),
    [
        ("铁西区公安分局", "public-security"),
        ("某派出所民警张某", "public-security"),
        ("和平区公安分局", "public-security"),
        ("国家税务总局沈阳市铁西区税务局", "tax"),
        ("皇姑区市场监管局", "market-regulation"),
        ("海城市供电公司", "state-grid"),
        ("税务局", ""),  # perhaps the province's
        ("辽宁税务局", ""),
        ("公安厅", ""),
        ("铁西区公安分局和税务所", ""),
        ("铁西区公安分局纪检组", ""),
        ("某科长", ""),
    ],
)
def test_a_local_unit_that_is_not_listed_has_its_line_where_that_is_certain(written, line):
    assert UNITS.line_of(written) == line


def test_every_plugged_in_department_has_its_name_in_the_tree():
    directory = Directory.load(ROOT / "deploy" / "departments")

    assert {code: UNITS.name(code) for code in directory.codes} == dict(directory.names)
