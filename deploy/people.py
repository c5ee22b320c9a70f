"""The people around the loop: an applicant and officers at the HTTP doors, clerks in their departments' own systems.

They carry a case of `tests/fixtures/cases.json` through the whole loop; the demo and the journey tests use them.
"""

from __future__ import annotations

import json
import time
from collections.abc import Callable
from pathlib import Path

import requests

from appeals.department import Department
from deploy.fleet import Fleet

WAIT_SECONDS = 60
LOOK_EVERY = 0.05
CASES = Path(__file__).parents[1] / "tests" / "fixtures" / "cases.json"
APPLICANTS_OWN = ("portal", "线上门户")
FIGURES = ("count", "value_cny", "suspects", "trained_backbone", "hazards", "documents")


def case_book() -> dict:
    """The five real cases, and what the names of their ends mean."""
    return json.loads(CASES.read_text(encoding="utf-8"))


class StuckCase(Exception):
    """Raised when a case does not come to the step that it should; says which, and where it stands."""


class People:
    """Everybody who takes part in one town, through the doors that each really has.

    `watch` is shown an appeal's timeline whenever somebody looks at the appeal.
    """

    def __init__(self, fleet: Fleet, watch: Callable[[dict], None] | None = None):
        self._fleet = fleet
        self._watch = watch
        self._http = requests.Session()
        self._http.trust_env = False

    # At the doors

    def post(self, path: str, body: dict, *, role: str = "", query_code: str = "", key: str = "") -> dict:
        """Ask the portal for something; returns its answer. Raises requests.HTTPError with the problem told."""
        headers = self._headers(role, query_code) | ({"Idempotency-Key": key} if key else {})
        response = self._http.post(f"{self._fleet.address}/api/v1{path}", json=body, headers=headers, timeout=30)
        if not response.ok:
            raise requests.HTTPError(f"{path}: {response.status_code} {response.text}", response=response)
        return response.json()

    def get(self, path: str, *, role: str = "", query_code: str = "") -> dict:
        """Read from the portal. Raises requests.HTTPError."""
        headers = self._headers(role, query_code)
        response = self._http.get(f"{self._fleet.address}/api/v1{path}", headers=headers, timeout=30)
        response.raise_for_status()
        return response.json()

    def wait_for(self, receipt: str, fact: Callable[[dict], object], what: str) -> dict:
        """The appeal once a fact is true of it. Raises StuckCase."""
        latest = time.monotonic() + WAIT_SECONDS
        while True:
            appeal = self.get(f"/appeals/{receipt}", role="supervisor")
            if self._watch:
                self._watch(self.timeline(receipt))
            if fact(appeal):
                return appeal
            if time.monotonic() > latest:
                raise StuckCase(f"{receipt} is {appeal['state']['code']} and did not come to: {what}")
            time.sleep(LOOK_EVERY)

    def timeline(self, receipt: str) -> dict:
        """What has happened to an appeal so far, as a supervisor reads it."""
        return self.get(f"/appeals/{receipt}/timeline", role="supervisor")

    # Steps of a case

    def submit(self, case: dict) -> dict:
        """The applicant submits, or an officer writes it down; returns the answer with `receipt` and `query_code`."""
        applicant = {name: value for name, value in case["applicant"].items() if value is not None}
        body = {name: case[name] for name in ("title", "text", "channel", "kind", "category", "urgency")}
        role = "" if case["channel"] in APPLICANTS_OWN else "intake-officer"  # who takes down a call or a visit
        key = f"submit-{case['key']}-{time.time_ns()}"
        return self.post("/appeals", body | {"applicant": applicant}, role=role, key=key)

    def accept(self, case: dict, receipt: str, linked_to: str = "") -> None:
        """The intake officer accepts."""
        body = {
            "complexity": case["complexity"],
            "special_regime": case.get("special_regime", ""),
            "task_force": case.get("task_force", False),
            "linked_to": linked_to,
        }
        self.post(f"/appeals/{receipt}/acceptance", body, role="intake-officer")

    def work(self, case: dict, appeal: dict) -> None:
        """The clerks contact the applicant, report milestones, and reply: assistants first."""
        orders = {
            order["department"]["code"]: order for order in appeal["orders"] if order["state"]["code"] == "signed"
        }
        lead = orders[case["lead"]]
        with self.clerk(case["lead"]) as desk:
            desk.contact(desk.order(lead["order"]), how="电话", note="已与企业联系，了解诉求")
        for milestone in case["milestones"]:
            code = milestone.get("department") or case["lead"]
            with self.clerk(code) as desk:
                desk.milestone(
                    desk.order(orders[code]["order"]),
                    name=milestone["name"],
                    state=milestone.get("state", "done"),
                    on=milestone.get("date"),
                    figures={name: milestone[name] for name in FIGURES if name in milestone},
                    note="、".join(milestone.get("inspection_kinds", ())),
                )
        for code in (*case["assist"], case["lead"]):
            reply = case["replies"][code]
            with self.clerk(code) as desk:
                desk.feedback(
                    desk.order(orders[code]["order"]),
                    text=reply["text"],
                    result=reply["result"],
                    evidence=reply["evidence"],
                    contact="电话" if code == case["lead"] else "",
                )

    def review(self, receipt: str) -> None:
        """The supervisor lets every reply stand."""
        appeal = self.wait_for(receipt, _all_replied, "every department has replied")
        for order in appeal["orders"]:
            if order["state"]["code"] == "replied":
                self.post(f"/appeals/{receipt}/orders/{order['order']}/approval", {}, role="supervisor")

    def rate(self, case: dict, receipt: str, query_code: str) -> None:
        """The applicant says how it went, if the case tells."""
        self.wait_for(receipt, lambda appeal: appeal["state"]["code"] == "evaluating", "the applicant is asked")
        evaluation = case["evaluation"]
        body = {"rating": evaluation["score"], "solved": "solved", "comment": evaluation["comment"]}
        self.post(f"/appeals/{receipt}/rating", body, query_code=query_code)

    def carry(self, case: dict, receipts: dict[str, str]) -> dict:
        """Carry one case through the loop; returns the appeal at its end. `receipts` are those of earlier cases."""
        answer = self.submit(case)
        receipt = receipts[case["key"]] = answer["receipt"]
        self.accept(case, receipt, receipts.get(case.get("linked_to", ""), ""))
        wanted = {case["lead"], *case["assist"]}
        appeal = self.wait_for(receipt, lambda found: signed_by(found) >= wanted, f"signed by {sorted(wanted)}")
        self.work(case, appeal)
        self.review(receipt)
        if "evaluation" in case:
            self.rate(case, receipt, answer["query_code"])
        return self.wait_for(receipt, lambda found: found["state"]["code"] == case["end"], case["end"])

    def clerk(self, code: str):
        """A clerk's desk in a department: writes into the department's own outbox."""
        folder = Path(__file__).parent / "departments"
        department = Department(
            code,
            manifest=folder / f"{code}.yml",
            database_url=self._fleet.database_of(code),
            amqp_uri=self._fleet.amqp_of(code),
        )
        return department.clerk()

    def _headers(self, role: str, query_code: str) -> dict:
        headers = {"Accept-Language": "zh-CN"}
        if role:
            headers["Authorization"] = f"Bearer {self._fleet.key(role)}"
        if query_code:
            headers["X-Query-Code"] = query_code
        return headers


def signed_by(appeal: dict) -> set[str]:
    """The departments that have signed and not yet replied."""
    return {order["department"]["code"] for order in appeal["orders"] if order["state"]["code"] == "signed"}


def _all_replied(appeal: dict) -> bool:
    states = [order["state"]["code"] for order in appeal["orders"] if order["state"]["code"] != "returned"]
    return bool(states) and all(state in ("replied", "approved", "done") for state in states)
