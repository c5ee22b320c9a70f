"""Signing in at the portal: sessions, codes, lock-out, forged requests, keys, and who may give rights."""

from types import SimpleNamespace

import pytest

from services.portal.keeping import KEY_MARK
from services.portal.signing_in import LockedOut, SignInFailed
from tests.services.people import PASSWORD, Browser, account, signed_in
from tests.services.test_portal import Portal, _no_settings, submitted  # noqa: F401 - a fixture

NEW_PASSWORD = "Beiling-Gongyuan-9"
ORIGIN = "https://localhost"


@pytest.fixture
def portal(town):
    """The portal alone."""
    return Portal(town)


@pytest.fixture
def loop(town):
    """The portal, and the services that it asks for a page of the desk."""
    for name in ("intake", "routing"):
        town.host(name)
    return Portal(town)


@pytest.fixture
def keeper(portal):
    """A security administrator who is all in."""
    return signed_in(portal, "anquan", "security-administrator")


def acts(portal, act=""):
    rows = portal.host.rows("SELECT act, who, about, address FROM audit ORDER BY number")
    return [row for row in rows if row[0].startswith(act)]


# Signing in


def test_an_officer_comes_in_by_password_device_and_a_password_of_their_own(portal):
    account(portal, "wangming", "supervisor", called="王明", chosen=False)
    browser = Browser(portal)

    assert browser.sign_in("WangMing").json["step"] == "enrol"
    assert browser.enrol().json["step"] == "new-password"
    assert len(browser.recovery_codes) == 10
    assert browser.get("/appeals").json["type"] == "/problems/sign-in-unfinished"
    done = browser.post("/session/password", {"old": PASSWORD, "password": NEW_PASSWORD}).json

    assert (done["step"], done["called"]) == ("", "王明")
    assert done["roles"] == [{"code": "supervisor", "label": "督办员"}]
    assert browser.get("/appeals").status_code == 200


def test_who_has_enrolled_is_asked_for_a_code_before_anything_else(portal):
    first = signed_in(portal, "wangming", "supervisor")
    portal.town.clock.advance(minutes=1)
    browser = Browser(portal)
    browser.secret = first.secret

    assert browser.sign_in("wangming").json["step"] == "code"
    assert browser.get("/appeals").status_code == 401
    assert browser.post("/keys", {"label": "x"}).status_code == 401
    assert browser.post("/session/password", {"old": PASSWORD, "password": NEW_PASSWORD}).status_code == 409
    assert browser.post("/session/totp/enrolment").status_code == 409
    assert browser.post("/session/totp", {"code": browser.code()}).json["step"] == ""
    assert browser.get("/appeals").status_code == 200


def test_a_code_is_taken_once_also_by_another_session(portal):
    first = signed_in(portal, "wangming", "supervisor")
    browser = Browser(portal)
    browser.sign_in("wangming")

    assert browser.post("/session/totp", {"code": first.code()}).status_code == 401


def test_a_recovery_code_is_good_once(portal):
    first = signed_in(portal, "wangming", "supervisor")
    code = first.recovery_codes[3]
    one, two = Browser(portal), Browser(portal)
    for browser in (one, two):
        browser.sign_in("wangming")

    assert one.post("/session/totp", {"code": code.lower()}).json["step"] == ""
    assert two.post("/session/totp", {"code": code}).status_code == 401
    assert [row[0] for row in acts(portal, "recovery")] == ["recovery-code.used"]


def test_an_unknown_a_disabled_and_a_known_account_fail_with_the_same_words_and_the_same_work(portal, keeper):
    account(portal, "wangming", "supervisor")
    account(portal, "lijing", "supervisor")
    keeper.post("/accounts/lijing/state", {"active": False})
    checked = []
    passwords = portal.visitors.signing_in._passwords
    check = passwords._verify
    passwords._verify = lambda kept, password: checked.append(kept) or check(kept, password)

    answers = [
        Browser(portal).sign_in("wangming", "Beiling-Gongyuan-9"),
        Browser(portal).sign_in("lijing"),
        Browser(portal).sign_in("nobody", "Beiling-Gongyuan-9"),
    ]

    assert {(answer.status_code, answer.data) for answer in answers} == {(401, answers[0].data)}
    assert len(checked) == 3
    assert {kept.rpartition("$")[0].rpartition("$")[0] for kept in checked} == {"$argon2id$v=19$m=8,t=1,p=1"}


def test_passwords_tokens_and_codes_are_in_no_table(portal):
    browser = signed_in(portal, "wangming", "supervisor")
    key = browser.post("/keys", {"label": "报表"}).json["key"]
    Browser(portal).sign_in("wangming", NEW_PASSWORD)

    kept = ""
    for table in ("accounts", "recovery_codes", "sessions", "api_keys", "attempts", "audit"):
        kept += str(portal.host.rows(f"SELECT * FROM {table}"))  # noqa: S608
    for secret in (PASSWORD, NEW_PASSWORD, browser.token, browser.secret, browser.csrf, key, browser.recovery_codes[0]):
        assert secret not in kept


# Lock-out


def test_who_fails_too_often_waits_and_then_comes_in(portal):
    account(portal, "wangming", "enterprise")
    for _ in range(5):
        assert Browser(portal).sign_in("wangming", NEW_PASSWORD).status_code == 401

    locked = Browser(portal).sign_in("wangming")
    assert (locked.status_code, locked.json["type"]) == (429, "/problems/locked-out")
    assert 0 < int(locked.headers["Retry-After"]) <= 16
    portal.town.clock.advance(seconds=16)
    assert Browser(portal).sign_in("wangming").status_code == 200


def test_an_unknown_account_is_locked_like_a_known_one(portal):
    account(portal, "wangming", "enterprise")

    told = {
        name: [Browser(portal).sign_in(name, NEW_PASSWORD).data for _ in range(7)] for name in ("wangming", "nobody")
    }

    assert told["wangming"] == told["nobody"]


def test_an_address_is_locked_whatever_names_it_tries(portal):
    account(portal, "wangming", "enterprise")
    for number in range(50):
        Browser(portal).sign_in(f"guess-{number}", NEW_PASSWORD)

    assert Browser(portal).sign_in("wangming").status_code == 429
    assert Browser(portal, address="198.51.100.7").sign_in("wangming").status_code == 200


def test_who_knows_the_password_does_not_guess_the_code_for_ever(portal):
    signed_in(portal, "wangming", "supervisor")
    statuses = []
    for number in range(7):
        browser = Browser(portal)
        if browser.sign_in("wangming").status_code == 429:
            break
        statuses.append(browser.post("/session/totp", {"code": f"00000{number}"}).status_code)

    assert statuses == [401] * 5


def test_a_wrong_name_is_not_written_down_for_it_may_be_a_password(portal):
    account(portal, "wangming", "enterprise")
    Browser(portal).sign_in("my secret word", NEW_PASSWORD)
    Browser(portal).sign_in("wangming", NEW_PASSWORD)

    assert [row[1:] for row in acts(portal, "sign-in")] == [
        ("", "", "192.0.2.1"),
        ("wangming", "wangming", "192.0.2.1"),
    ]
    assert "my secret word" not in str(portal.host.rows("SELECT * FROM attempts"))


def test_many_attempts_at_once_are_counted_before_any_password_is_looked_at(portal):
    account(portal, "wangming", "enterprise")
    signing_in = portal.visitors.signing_in
    reached = []

    def slowly(kept, password):
        """While this one is checked, another request comes."""
        reached.append(password)
        if len(reached) < 20:
            with pytest.raises((LockedOut, SignInFailed)):
                signing_in.sign_in("wangming", NEW_PASSWORD, "192.0.2.1")
        return False

    signing_in._passwords = SimpleNamespace(check=slowly)
    Browser(portal).sign_in("wangming", NEW_PASSWORD)

    assert len(reached) == 5


# Sessions


def test_a_token_that_somebody_else_set_is_never_taken_over(portal):
    account(portal, "wangming", "enterprise")
    browser = Browser(portal)
    browser.client.set_cookie("__Host-session", "planted", domain="localhost", secure=True)

    browser.sign_in("wangming")

    assert browser.token != "planted"
    assert portal.visitors.signing_in.seated("planted") is None


def test_every_step_gives_a_new_token_and_the_old_one_ends(portal):
    account(portal, "wangming", "supervisor", chosen=False)
    browser = Browser(portal)
    tokens = []
    browser.sign_in("wangming")
    tokens.append(browser.token)
    browser.enrol()
    tokens.append(browser.token)
    browser.post("/session/password", {"old": PASSWORD, "password": NEW_PASSWORD})
    tokens.append(browser.token)
    portal.town.clock.advance(minutes=1)
    browser.sign_in("wangming", NEW_PASSWORD)
    tokens.append(browser.token)

    assert len(set(tokens)) == 4
    assert [portal.visitors.signing_in.seated(token) is not None for token in tokens] == [False, False, False, True]


def test_the_cookie_is_for_this_host_over_tls_and_no_script_reads_it(portal):
    account(portal, "wangming", "enterprise")

    cookie = Browser(portal).sign_in("wangming").headers["Set-Cookie"]

    assert cookie.startswith("__Host-session=")
    assert {part.strip() for part in cookie.split(";")[1:]} == {"Secure", "HttpOnly", "Path=/", "SameSite=Lax"}


@pytest.mark.parametrize(("step", "times", "last"), [({"minutes": 31}, 1, 401), ({"minutes": 29}, 24, 200)])
def test_a_session_lives_by_being_used(portal, step, times, last):
    browser = signed_in(portal, "wangming", "enterprise")
    for _ in range(times):
        portal.town.clock.advance(**step)
        status = browser.get("/session").status_code

    assert status == last
    portal.town.clock.advance(minutes=29)
    assert browser.get("/session").status_code == 401  # used or not, by now it has had its 12 hours


def test_signing_out_ends_the_session_and_everywhere_ends_all(portal):
    account(portal, "wangming", "enterprise")
    one, two, three = (Browser(portal).come_in("wangming") for _ in range(3))
    old = one.token

    assert one.delete("/session").status_code == 200
    assert one.token is None
    assert portal.visitors.signing_in.seated(old) is None
    assert two.get("/session").status_code == 200
    two.delete("/sessions")
    assert three.get("/session").status_code == 401


def test_a_new_password_ends_every_other_session(portal):
    account(portal, "wangming", "enterprise")
    one, two = (Browser(portal).come_in("wangming") for _ in range(2))

    one.post("/session/password", {"old": PASSWORD, "password": NEW_PASSWORD})

    assert (one.get("/session").status_code, two.get("/session").status_code) == (200, 401)
    assert Browser(portal).sign_in("wangming").status_code == 401


def test_a_new_password_needs_the_old_one(portal):
    browser = signed_in(portal, "wangming", "enterprise")

    assert browser.post("/session/password", {"old": NEW_PASSWORD, "password": NEW_PASSWORD}).status_code == 401
    assert browser.post("/session/password", {"old": PASSWORD, "password": "wangming-wangming"}).status_code == 422


# Forged requests


@pytest.mark.parametrize(
    "headers",
    [{"X_CSRF_Token": ""}, {"X_CSRF_Token": "0" * 64}, {"Origin": "https://evil.example"}, {"Origin": "null"}],
)
def test_what_none_of_our_pages_has_sent_changes_nothing(portal, headers):
    browser = signed_in(portal, "wangming", "intake-officer")
    before = len(acts(portal))

    for method, path in (("POST", "/keys"), ("POST", "/appeals"), ("DELETE", "/sessions"), ("DELETE", "/session")):
        answer = browser.ask(method, path, {"label": "x"}, **headers)
        assert (answer.status_code, answer.json["type"]) == (403, "/problems/not-from-our-page")
    assert len(acts(portal)) == before
    assert browser.get("/session").status_code == 200


def test_our_own_pages_and_forms_are_served(portal):
    browser = signed_in(portal, "wangming", "intake-officer")

    assert browser.post("/keys", {"label": "x"}, Origin=ORIGIN).status_code == 201


def test_another_site_signs_nobody_in(portal):
    account(portal, "wangming", "enterprise")
    browser = Browser(portal)

    answer = browser.post("/session", {"name": "wangming", "password": PASSWORD}, Origin="https://evil.example")

    assert answer.status_code == 403
    assert browser.token is None


def test_a_key_needs_no_token_of_a_page(town, portal):
    key = signed_in(portal, "wangming", "intake-officer").post("/keys", {"label": "x"}).json["key"]

    answer = portal.post("/api/v1/appeals/SQ-20261124-A1B2C3/acceptance", {"kind": "?"}, key=key)

    assert answer.status_code == 422


# Keys


def test_a_key_does_what_its_owner_may_until_it_is_revoked(portal):
    browser = signed_in(portal, "wangming", "supervisor")
    made = browser.post("/keys", {"label": "报表"}).json

    assert made["key"].startswith(KEY_MARK)
    assert portal.get("/api/v1/appeals", key=made["key"]).status_code == 200
    assert [one["label"] for one in browser.get("/keys").json["keys"]] == ["报表"]
    assert browser.delete(f"/keys/{made['id']}").status_code == 200
    assert portal.get("/api/v1/appeals", key=made["key"]).status_code == 401


def test_a_key_makes_and_takes_no_key(portal):
    made = signed_in(portal, "wangming", "supervisor").post("/keys", {"label": "x"}).json

    assert portal.post("/api/v1/keys", {"label": "y"}, key=made["key"]).status_code == 403
    assert (
        portal.client.delete(
            f"/api/v1/keys/{made['id']}", headers={"Authorization": f"Bearer {made['key']}"}
        ).status_code
        == 403
    )


def test_nobody_sees_or_takes_back_the_key_of_another(portal):
    made = signed_in(portal, "wangming", "supervisor").post("/keys", {"label": "x"}).json
    other = signed_in(portal, "lijing", "supervisor")

    assert other.get("/keys").json["keys"] == []
    assert other.delete(f"/keys/{made['id']}").status_code == 404
    assert portal.get("/api/v1/appeals", key=made["key"]).status_code == 200


def test_a_key_of_a_disabled_account_opens_nothing(portal, keeper):
    key = signed_in(portal, "wangming", "supervisor").post("/keys", {"label": "x"}).json["key"]
    keeper.post("/accounts/wangming/state", {"active": False})

    assert portal.get("/api/v1/appeals", key=key).status_code == 401


@pytest.mark.parametrize("role", ["auditor", "system-administrator", "security-administrator"])
def test_who_is_kept_apart_works_in_person_and_has_no_key(portal, role):
    assert signed_in(portal, "wangming", role).post("/keys", {"label": "x"}).status_code == 403


# Accounts and rights


NEW = {"name": "lijing", "called": "李静", "password": PASSWORD, "roles": ["dispatcher", "intake-officer"]}


def test_a_security_administrator_makes_accounts_and_changes_what_they_are(portal, keeper):
    made = keeper.post("/accounts", NEW)
    assert (made.status_code, "password" in made.text) == (201, False)
    browser = Browser(portal)
    browser.sign_in("lijing")

    changed = keeper.post("/accounts/lijing/roles", {"roles": ["督办员"]}).json

    assert [role["code"] for role in changed["roles"]] == ["supervisor"]
    assert browser.get("/session").status_code == 401
    assert keeper.post("/accounts", NEW).json["type"] == "/problems/name-taken"
    assert keeper.post("/accounts/nobody/roles", {"roles": ["supervisor"]}).status_code == 404


@pytest.mark.parametrize(
    ("changes", "problem"),
    [
        ({"roles": ["auditor", "system-administrator"]}, "roles-kept-apart"),
        ({"roles": ["supervisor", "auditor"]}, "role-stands-alone"),
        ({"roles": ["department"]}, "department-not-named"),
        ({"roles": ["department"], "department": "atlantis"}, "invalid-fields"),
        ({"roles": ["king"]}, "invalid-fields"),
        ({"roles": ["supervisor"], "uscc": "91211300MAFGKMEQX7"}, "invalid-fields"),
        ({"password": "short"}, "password-too-weak"),
        ({"name": "a b"}, "invalid-fields"),
    ],
)
def test_an_account_that_breaks_a_rule_is_not_made(portal, keeper, changes, problem):
    answer = keeper.post("/accounts", NEW | changes)

    assert answer.json["type"] == f"/problems/{problem}"
    assert portal.host.rows("SELECT name FROM accounts WHERE name <> 'anquan'") == []


@pytest.mark.parametrize(
    ("role", "problem"),
    [
        ("system-administrator", "system-administrator-has-no-rights-here"),
        ("auditor", "auditor-only-reads"),
        ("supervisor", "not-allowed"),
    ],
)
def test_nobody_else_gives_rights(portal, role, problem):
    account(portal, "lijing", "supervisor")
    browser = signed_in(portal, "wangming", role)

    for path, body in (
        ("/accounts", NEW),
        ("/accounts/lijing/roles", {"roles": ["auditor"]}),
        ("/accounts/lijing/state", {"active": False}),
        ("/accounts/lijing/reset", {"password": NEW_PASSWORD}),
    ):
        answer = browser.post(path, body)
        assert (answer.status_code, answer.json["type"]) == (403, f"/problems/{problem}")


def test_a_security_administrator_does_no_operations_and_reads_no_appeal(town, portal, keeper):
    submitted(town)

    for answer in (keeper.get("/appeals"), keeper.post("/appeals/SQ-20261124-A1B2C3/acceptance")):
        assert answer.json["type"] == "/problems/security-administrator-does-no-operations"
    assert keeper.get("/appeals/SQ-20261124-A1B2C3").status_code == 404


def test_an_auditor_hands_no_appeal_in(portal):
    answer = signed_in(portal, "wangming", "auditor").post("/appeals", {})

    assert (answer.status_code, answer.json["type"]) == (403, "/problems/auditor-only-reads")


def test_a_lost_device_is_enrolled_again_after_a_reset(portal, keeper):
    signed_in(portal, "wangming", "supervisor")

    keeper.post("/accounts/wangming/reset", {"password": NEW_PASSWORD, "second_factor": True})

    browser = Browser(portal)
    assert browser.sign_in("wangming").status_code == 401
    assert browser.sign_in("wangming", NEW_PASSWORD).json["step"] == "enrol"
    assert browser.enrol().json["step"] == "new-password"


def test_every_act_is_in_the_audit_with_who_what_and_from_where(portal, keeper):
    keeper.post("/accounts", NEW)
    keeper.post("/accounts/lijing/state", {"active": False})
    before = [row[0] for row in acts(portal)]

    assert before == [
        "account.created",
        "session.began",
        "second-factor.enrolled",
        "account.created",
        "account.disabled",
    ]
    assert acts(portal)[-1] == ("account.disabled", "anquan", "lijing", "192.0.2.1")
    keeper.post("/accounts/nobody/state", {"active": False})
    keeper.post("/accounts/anquan/state", {"active": False})
    assert [row[0] for row in acts(portal)] == before  # what was refused has not happened


def test_the_audit_is_for_auditors_and_is_read_page_by_page(portal, keeper):
    auditor = signed_in(portal, "shenji", "auditor")
    found, path = [], "/audit?limit=2"
    while path:
        told = auditor.get(path.removeprefix("/api/v1")).json
        found += [one["act"] for one in told["acts"]]
        path = told["next"]

    assert found == [row[0] for row in reversed(acts(portal))]
    assert keeper.get("/audit").status_code == 403


# Pages


def test_who_is_signed_in_works_on_the_pages_and_their_forms_bring_the_token_along(loop):
    receipt, _ = loop.submit()
    browser = signed_in(loop, "wangming", "intake-officer")
    address = f"/desk/appeals/{receipt}"

    shown = browser.client.get(address, base_url="https://localhost")
    forged = browser.client.post(f"{address}/acceptance", data={}, base_url="https://localhost")
    ours = browser.client.post(
        f"{address}/acceptance", data={"csrf_token": browser.csrf, "kind": "?"}, base_url="https://localhost"
    )

    assert f'name="csrf_token" value="{browser.csrf}"' in shown.text
    assert (shown.status_code, forged.status_code, ours.status_code) == (200, 403, 422)


@pytest.mark.parametrize("role", ["enterprise", "security-administrator"])
def test_the_desk_is_for_staff(portal, role):
    browser = signed_in(portal, "wangming", role)

    assert browser.client.get("/desk", base_url="https://localhost").status_code == 403
