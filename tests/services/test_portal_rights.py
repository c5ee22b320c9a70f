"""The matrix of rights: every endpoint of the OpenAPI document, every role, five appeals. The table is the fixture."""

import hashlib
import json
from pathlib import Path
from urllib.parse import urlencode

import pytest
import yaml

from appeals.events import AppealSubmitted, Attachment, OrderDispatched, SupervisionIssued
from services.portal.file_policy import load_file_policy
from tests.domain.test_portal_files import PDF
from tests.services.conftest import Town
from tests.services.people import Browser, account, signed_in
from tests.services.test_portal import Portal, facts_of

TABLE = yaml.safe_load((Path(__file__).parents[1] / "fixtures" / "rights.yml").read_text(encoding="utf-8"))["endpoints"]
SITUATIONS = ("own", "other enterprise", "other department", "accused department", "confidential")
RECEIPTS = {name: f"SQ-20261124-00000{number}" for number, name in enumerate(SITUATIONS)}
UNKNOWN = "SQ-20261124-ZZZZZZ"
OURS, OTHERS = "91211300MAFGKMEQX7", "91110000600037341L"
ACCOUNTS = {
    "enterprise": ("enterprise", ""),
    "intake-officer": ("intake-officer", ""),
    "dispatcher": ("dispatcher", ""),
    "department": ("department", "industry"),
    "supervisor": ("supervisor", ""),
    "supervisor-of-industry": ("supervisor", "industry"),
    "auditor": ("auditor", ""),
    "system-administrator": ("system-administrator", ""),
    "security-administrator": ("security-administrator", ""),
}
FILE = Attachment(sha256=hashlib.sha256(PDF).hexdigest(), name="规划.pdf", type="pdf", size=len(PDF))
KEPT_FROM_ORDERS = ("channel", "category", "classification", "accused")
ROLES = ("anonymous", "applicant", *ACCOUNTS)


class Agreeable:
    """Services that do whatever they are asked, so that only the door decides; a new appeal has its receipt."""

    def ask(self, command, *, key, body):
        said = [{"id": key, "type": command.type(), "receipt": command.receipt}]
        return said if command.topic == "command.submit" else []

    def find_out(self, question, *, key, body):
        return {"candidates": [], "units": []}


class Blank:
    """A press that prints nothing, since only the door decides."""

    def print(self, paper, form):
        return b""


@pytest.fixture(scope="module")
def matrix(tmp_path_factory):
    """A portal with the five appeals, and somebody of every role at its doors."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("services.portal.service.configuration", lambda settings: {"files": load_file_policy()})
        town = Town(f"sqlite:///{tmp_path_factory.mktemp('matrix')}/")
        made = Matrix(town)
        yield made
        town.close()


class Matrix:
    """Asks every door as everybody."""

    def __init__(self, town):
        self.portal = Portal(town, asker=Agreeable(), press=Blank())
        self.portal.post("/api/v1/attachments?name=规划.pdf", data=PDF, content_type="application/pdf")
        self._say_appeals(town)
        self.browsers = {
            name: signed_in(self.portal, f"is-{name}", role, department=department)
            for name, (role, department) in ACCOUNTS.items()
        }
        self.browsers |= {name: Browser(self.portal) for name in ("anonymous", "applicant")}
        account(self.portal, "anybody", "enterprise")
        account(self.portal, "target", "enterprise", claimed_uscc=OURS)
        self._note_submissions()
        told = self.browsers["anonymous"].get("/openapi.json").json
        self.endpoints = [
            f"{method.upper()} {path.removeprefix('/api/v1')}"
            for path, item in told["paths"].items()
            for method in item
        ]

    def _say_appeals(self, town):
        said = []
        for name, receipt in RECEIPTS.items():
            accused = ("industry",) if name == "accused department" else ()
            classification = "confidential" if name == "confidential" else "ordinary"
            department = "sasac" if name == "other department" else "industry"
            facts = facts_of(town, receipt, accused=accused, classification=classification)
            said.append(AppealSubmitted(**facts, attachments=(FILE,)))
            order = {
                name: value
                for name, value in facts.items()
                if name not in ("channel", "category", "classification", "accused")
            }
            order |= {"order": f"{receipt}-01", "department": department, "role": "lead", "round": 1}
            said.append(OrderDispatched(**order, complexity="hard"))
            about = {name: order[name] for name in ("receipt", "at", "order", "department")}
            said += [SupervisionIssued(**about, level=level, reason="超期") for level in ("urged", "yellow", "letter")]
        town.say("intake", *said)

    def _note_submissions(self):
        keeping, seal = self.portal.visitors.keeping, self.portal.visitors.seal
        mine, theirs = (seal.index(f"submitted by {name}") for name in ("is-enterprise", "anybody"))
        keeping.submitted(RECEIPTS["own"], mine, "")
        keeping.submitted(RECEIPTS["confidential"], theirs, "")
        for name in ("other enterprise", "other department", "accused department"):
            keeping.submitted(RECEIPTS[name], theirs, OTHERS)

    def ask(self, role, endpoint, receipt=""):
        """One request at one door, as one role."""
        method, path = endpoint.split(" ")
        browser = self.browsers[role]
        names = {"receipt": receipt, "order": f"{receipt}-01", "name": "target", "id": "no-such-key"}
        names |= {"sha256": FILE.sha256, "form": "csv", "figure": "funnel"}
        body = json.loads(json.dumps(TABLE[endpoint].get("body", {})).replace("ROLE", role))
        headers = {"X_Query_Code": self.portal.receipts.query_code(RECEIPTS["own"])} if role == "applicant" else {}
        query = f"?{urlencode(TABLE[endpoint]['query'])}" if "query" in TABLE[endpoint] else ""
        answer = browser.ask(method, path.format(**names) + query, body, **headers)
        self._come_back(role, browser)
        return answer

    def _come_back(self, role, browser):
        """Be signed in as oneself again, after a door that ends or changes the session."""
        told = browser.get("/session").json
        if role in ACCOUNTS and told.get("name") != f"is-{role}":
            self.portal.town.clock.advance(minutes=1)
            if browser.sign_in(f"is-{role}").json["step"] == "code":
                browser.post("/session/totp", {"code": browser.code()})
        elif role not in ACCOUNTS:
            browser.client.delete_cookie("__Host-session", domain="localhost")
            browser.csrf = ""


def expected(row, role):
    """The five statuses of a row, for one role."""
    statuses = row[role] if isinstance(row[role], list) else [row[role]] * len(SITUATIONS)
    return [row.get("done", 200) if status == 200 else status for status in statuses]


def test_every_endpoint_has_a_row_for_every_role(matrix):
    assert sorted(TABLE) == sorted(matrix.endpoints)
    for endpoint, row in TABLE.items():
        assert set(row) - {"body", "done", "query"} == set(ROLES), endpoint


@pytest.mark.parametrize("role", ROLES)
def test_everybody_gets_at_every_door_what_the_table_says(matrix, role):
    wrong = []
    for endpoint in matrix.endpoints:
        about_appeal = "{receipt}" in endpoint
        for situation, status in zip(SITUATIONS, expected(TABLE[endpoint], role), strict=True):
            answer = matrix.ask(role, endpoint, RECEIPTS[situation])
            if answer.status_code != status:
                wrong.append(f"{endpoint} ({situation}): {answer.status_code}, not {status}: {answer.text[:200]}")
            if not about_appeal:
                break
    assert wrong == []


@pytest.mark.parametrize("role", ROLES)
def test_what_is_hidden_answers_in_every_byte_like_what_there_is_not(matrix, role):
    for endpoint in (one for one in matrix.endpoints if "{receipt}" in one):
        unknown = matrix.ask(role, endpoint, UNKNOWN)
        for situation, status in zip(SITUATIONS, expected(TABLE[endpoint], role), strict=True):
            if status == 404:
                hidden = matrix.ask(role, endpoint, RECEIPTS[situation])
                assert (hidden.status_code, hidden.data) == (
                    404,
                    matrix.ask(role, "GET /appeals/{receipt}", UNKNOWN).data,
                )
                if unknown.status_code == 404:
                    assert set(hidden.headers.keys()) == set(unknown.headers.keys())


@pytest.mark.parametrize("role", [role for role in ROLES if TABLE["GET /appeals"][role] == 200])
def test_a_list_holds_what_can_be_opened_and_nothing_else(matrix, role):
    listed = {one["receipt"] for one in matrix.browsers[role].get("/appeals").json["appeals"]}

    readable = expected(TABLE["GET /appeals/{receipt}"], role)
    assert listed == {RECEIPTS[name] for name, status in zip(SITUATIONS, readable, strict=True) if status == 200}
