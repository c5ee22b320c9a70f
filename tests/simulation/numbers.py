"""The numbers of the policy files, as they stand there: plain YAML, read without the product's loaders."""

from pathlib import Path

import yaml

ROOT = Path(__file__).parents[2]


def _read(path: str) -> dict:
    return yaml.safe_load((ROOT / path).read_text(encoding="utf-8"))


def _file(service: str) -> dict:
    return _read(f"services/{service}/policy.yml")


SUPERVISION = _file("supervision")
ROUTING = _file("routing")
INTAKE = _file("intake")
EVALUATION = _file("evaluation")
REGIMES = _read("sdk/appeals/regimes.yml")["regimes"]


def column(order: dict) -> str:
    """Difficult matters that are not urgent have a column of their own."""
    return "hard" if (order["urgency"], order["complexity"]) == ("normal", "hard") else order["urgency"]


def regime_of(order: dict) -> dict:
    """The lawful procedure of an order, by its code or one of its names; empty when there is none."""
    name = order["special_regime"]
    named = (one for code, one in REGIMES.items() if name in (code, one["zh"], *one["also"]))
    return next(named, {}) if name else {}


def limit_of(step: str, order: dict) -> str:
    """The time for a step of an order: halved for who assists and for a second round, unless a law sets it."""
    steps = SUPERVISION["steps"]
    if step != "reply":
        return steps[step][column(order)]
    if "reply" in (regime := regime_of(order)):
        limit, order = regime["reply"], order | {"round": 1}
    else:
        limit = steps["reply"][order["kind"]][column(order)]
    unit = limit.lstrip("0123456789")
    amount = int(limit.removesuffix(unit))
    if order["role"] == "assist":
        amount = min(amount, max(SUPERVISION["assist_at_least"]["amount"], amount // 2))
    if order["round"] > 1:
        least = SUPERVISION["second_round_at_least"]["amount"] if unit == "wd" else 1
        amount = min(amount, max(least, amount // 2))
    return f"{amount}{unit}"


def shares_of(step: str) -> list[int]:
    """At which shares of the time a reminder is said, in percent."""
    return SUPERVISION["reminders"][step]


def rungs_of(step: str) -> list[dict]:
    """The rungs of the ladder for a step."""
    return SUPERVISION["ladder"][step]
