"""The numbers of the policy files, as they stand there: plain YAML, read without the product's loaders."""

from pathlib import Path

import yaml

ROOT = Path(__file__).parents[2]


def _file(name: str) -> dict:
    return yaml.safe_load((ROOT / name).read_text(encoding="utf-8"))


SUPERVISION = _file("services/supervision/policy.yml")
ROUTING = _file("services/routing/policy.yml")
INTAKE = _file("services/intake/policy.yml")
EVALUATION = _file("services/evaluation/policy.yml")
REGIMES = _file("sdk/appeals/regimes.yml")["regimes"]


def column(order: dict) -> str:
    """Difficult matters that are not urgent have a column of their own."""
    return "hard" if (order["urgency"], order["complexity"]) == ("normal", "hard") else order["urgency"]


def limit_of(step: str, order: dict) -> str:
    """The time for a step of an order: halved for who assists and for a second round, unless a law sets it."""
    steps = SUPERVISION["steps"]
    if step != "reply":
        return steps[step][column(order)]
    if reply := REGIMES.get(order["special_regime"], {}).get("reply"):
        return reply
    limit = steps["reply"][order["kind"]][column(order)]
    unit = limit.lstrip("0123456789")
    amount = int(limit.removesuffix(unit))
    if order["role"] == "assist":
        amount = min(amount, max(SUPERVISION["assist_at_least"]["amount"], amount // 2))
    if order["round"] > 1:
        least = SUPERVISION["second_round_at_least"]["amount"] if unit == "wd" else 1
        amount = min(amount, max(least, amount // 2))
    return f"{amount}{unit}"


def clocks_of(order: dict) -> list[dict]:
    """The steps that a lawful procedure orders."""
    return REGIMES.get(order["special_regime"], {}).get("clocks", [])


def shares_of(step: str) -> list[int]:
    """At which shares of the time a reminder is said, in percent."""
    return SUPERVISION["reminders"][step]


def rungs_of(step: str) -> list[dict]:
    """The rungs of the ladder for a step."""
    return SUPERVISION["ladder"][step]
