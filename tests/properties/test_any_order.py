"""Whatever people, departments and the bus do, and in whatever order, what has to hold of an appeal holds."""

import uuid

import pytest
from hypothesis import HealthCheck, Phase, settings
from hypothesis.stateful import run_state_machine_as_test

from services.portal.file_policy import load_file_policy
from tests.properties.loop import Loop
from tests.services.conftest import Hosted

EXAMPLES = {"sqlite": 8, "postgresql": 2}
STEPS = 25


@pytest.mark.timeout(600)
def test_the_invariants_hold_whatever_happens_in_whatever_order(town, monkeypatch):
    monkeypatch.setattr(
        "services.portal.service.configuration", lambda settings: {"files": load_file_policy()}
    )  # nobody knocks at its door
    for name in ("intake", "routing", "supervision", "evaluation", "portal"):
        town.host(name)
    first = town.hosts["supervision"]
    replica = town.host("supervision")
    town.hosts["supervision"] = first
    again = Hosted("portal", town.url, f"again_{uuid.uuid4().hex[:8]}", town.broker, town.clock, town.directory)
    on_town = type("OnTown", (Loop,), {"town": town, "replica": replica, "again": again, "months": {}})
    examples = EXAMPLES[first.database.engine.dialect.name]
    rules = settings(
        max_examples=examples,
        stateful_step_count=STEPS,
        phases=(Phase.generate,),
        suppress_health_check=list(HealthCheck),
    )

    try:
        run_state_machine_as_test(on_town, settings=rules)
    finally:
        replica.database.close()
        town.hosts["again"] = again  # so that it is given back with the others
