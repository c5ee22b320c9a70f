"""What the departments of this repository do by themselves; their clerks do the rest."""

import ast
from pathlib import Path

import pytest

import departments
from appeals.department import Department
from departments.desk.consumer import desk_of
from departments.industry.consumer import industry
from departments.sasac.consumer import sasac
from departments.securities.consumer import securities
from tests.departments.conftest import RECEIPT

FOLDER = Path(departments.__file__).parent
TAKEN = ["order.signed"]
THEFT = {"title": "仓库电缆被盗，请尽快侦破", "text": "请组织侦破并加强周边巡逻"}
LISTING = {"title": "企业上市，请协调有关省直单位给予指导", "text": "正在进行企业上市的准备工作"}
OWNERSHIP = {"title": "请核实国资确权事宜", "text": "历史上的国有股权需要确认"}
OURS = [
    (industry, {}),
    (securities, LISTING),
    (sasac, OWNERSHIP),
    (desk_of("public-security"), THEFT),
    (desk_of("natural-resources"), {}),
]


def names(case):
    return case.code if isinstance(case, Department) else None


@pytest.mark.parametrize(("department", "matter"), OURS, ids=names)
def test_a_department_signs_what_is_its_own_and_claims_no_more(try_out, events, department, matter):
    trial = try_out(department)

    trial.hear(events.dispatched(department.code, **matter))

    assert trial.words == TAKEN


@pytest.mark.parametrize(
    ("department", "matter", "suggested"),
    [
        (industry, THEFT, "public-security"),
        (industry, {"title": "厂区消防验收"}, ""),
        (securities, OWNERSHIP, "sasac"),
        (sasac, THEFT, ""),
    ],
    ids=names,
)
def test_a_department_returns_what_is_not_its_own_with_a_reason(try_out, events, department, matter, suggested):
    trial = try_out(department)

    trial.hear(events.dispatched(department.code, **matter))

    assert trial.words == ["order.returned"]
    (returned,) = trial.said
    assert returned.reason
    assert returned.suggested == suggested


def test_securities_keeps_a_listing_that_touches_state_assets(try_out, events):
    trial = try_out(securities)

    trial.hear(events.dispatched("securities", title=LISTING["title"], text="上市前需要国资确权"))

    assert trial.words == TAKEN


@pytest.mark.parametrize(("department", "matter"), OURS, ids=names)
def test_a_missed_deadline_calls_the_clerk_and_says_nothing_by_itself(try_out, events, caplog, department, matter):
    trial = try_out(department)
    trial.hear(events.dispatched(department.code, **matter))

    trial.hear(events.missed("reply", department=department.code))

    assert trial.words == TAKEN
    assert "needs a clerk" in caplog.text


@pytest.mark.parametrize("department", [industry, sasac, securities], ids=names)
def test_a_reply_that_is_sent_back_is_noted_for_the_clerk(try_out, events, department):
    trial = try_out(department)
    trial.hear(events.dispatched(department.code, **LISTING, role="assist"))

    trial.hear(events.refused("缺少佐证", department=department.code))

    with trial.office.clerk() as desk:
        assert desk.order(RECEIPT).note == "缺少佐证"
    assert trial.words == ["order.signed"]


THE_KIT = ("appeals.department", "appeals.events", "appeals.webhook.forwarding", "logging", "sys", "argparse")


def test_a_department_uses_nothing_that_one_outside_could_not():
    for path in FOLDER.rglob("*.py"):
        own = f"departments.{path.parent.name}"
        imported = {
            module
            for node in ast.walk(ast.parse(path.read_text()))
            for module in ([node.module] if isinstance(node, ast.ImportFrom) else _names(node))
        }
        foreign = {module for module in imported if module not in THE_KIT and not module.startswith(f"{own}.")}
        assert not foreign, f"{path}: {foreign}"


def _names(node):
    return [alias.name for alias in node.names] if isinstance(node, ast.Import) else []
