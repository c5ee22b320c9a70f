"""Who may sign in, as what, and how long somebody waits who guesses. Decisions only."""

from datetime import UTC, datetime, timedelta

import pyotp
import pytest

from appeals.errors import Refused
from services.portal.accounts import Account, as_name
from services.portal.lockout import LONGEST_DELAY, Failures
from services.portal.passwords import PasswordTooWeak, check_password
from services.portal.rights import ALLOWED, Principal, may
from services.portal.roles import OF_ACCOUNTS, DepartmentNotNamed, RolesKeptApart, RoleStandsAlone, check_roles
from services.portal.sessions import Lasting, SignedIn, form_token, is_form_token
from services.portal.totp import as_recovery_code, new_recovery_codes, step_of

NOON = datetime(2026, 11, 24, 4, tzinfo=UTC)
SECRET = "JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP"
APART = ["auditor", "system-administrator", "security-administrator"]


def account(*roles, **more):
    return Account(name="wangming", called="王明", roles=list(roles), password_hash="", created_at=NOON, **more)


@pytest.mark.parametrize("one", APART)
@pytest.mark.parametrize("other", APART)
def test_nobody_holds_two_of_the_three_that_are_kept_apart(one, other):
    if one != other:
        with pytest.raises(RolesKeptApart):
            check_roles([one, other], "")


def test_only_officers_roles_are_held_together():
    check_roles(["intake-officer", "dispatcher", "supervisor"], "")
    for other in OF_ACCOUNTS - {"intake-officer", "dispatcher", "supervisor"}:
        with pytest.raises(RoleStandsAlone):
            check_roles(["supervisor", other], "industry")


def test_an_account_of_a_departments_staff_says_which_department():
    with pytest.raises(DepartmentNotNamed):
        check_roles(["department"], "")


def test_who_is_two_things_may_do_both_and_no_more():
    both = Principal(name="x", role="dispatcher", also=("intake-officer",))

    assert may(both, "accept") and may(both, "dispatch")
    assert not may(both, "approve-feedback")


def test_an_auditor_may_do_nothing_but_read():
    assert {action for action, roles in ALLOWED.items() if "auditor" in roles} == {
        "read",
        "list",
        "desk",
        "watch",
        "list-accounts",
        "read-audit",
        "scores",
        "export",
        "figures",
        "print-receipt",
        "print-orders",
    }


def test_a_system_administrator_gives_no_rights_and_a_security_administrator_does_no_operations():
    assert {action for action, roles in ALLOWED.items() if "system-administrator" in roles} == {"watch"}
    assert {action for action, roles in ALLOWED.items() if "security-administrator" in roles} == {
        "keep-accounts",
        "list-accounts",
    }


def test_nobody_changes_the_rights_of_their_own_account():
    keeper = account("security-administrator")

    for change in (
        lambda: keeper.become(["auditor"], "", by="wangming"),
        lambda: keeper.switch(False, by="wangming"),
    ):
        with pytest.raises(Refused, match="their own account"):
            change()


@pytest.mark.parametrize("role", sorted(OF_ACCOUNTS - {"enterprise", "department"}))
def test_officers_and_administrators_need_a_second_factor(role):
    assert account(role).next_step(proved=False) == "enrol"
    assert account(role, totp_proved=True).next_step(proved=False) == "code"
    assert account(role, totp_proved=True).next_step(proved=True) == "new-password"
    assert account(role, totp_proved=True, password_is_first=False).next_step(proved=True) == ""


def test_an_enterprise_may_do_without_one_until_it_has_enrolled():
    assert account("enterprise", password_is_first=False).next_step(proved=False) == ""
    assert account("enterprise", password_is_first=False, totp_proved=True).next_step(proved=False) == "code"


@pytest.mark.parametrize(
    "password",
    [
        "short-Pw-11",
        "x" * 129,
        "aaaaaaaaaaaaaaaa",
        "ababababababab",
        "my-wangming-has-a-house",
        "WANGMING-has-a-house",
        "王明的房子在五环西路七号院内",
        "correct-password-horse",
        "P@ssw0rd-2026-x",
        "zx-123456-cv-bn",
    ],
)
def test_a_password_is_long_not_the_name_and_nothing_common(password):
    with pytest.raises(PasswordTooWeak):
        check_password(password, "wangming", "王明")


@pytest.mark.parametrize("password", ["Wuhuan-Xilu-7Hao", "西塔小学门前有两棵老槐树呢", "tg7 kz2 vw9 qx4"])
def test_a_long_uncommon_password_will_do(password):
    check_password(password, "wangming", "王明")


def test_names_that_look_the_same_are_the_same():
    assert as_name(" WangMing") == as_name("wangming") == "wangming"


def failed(times, free=5):
    failures = Failures(free=free)
    for _ in range(times):
        failures = failures.one_more(NOON)
    return failures


def test_each_failure_too_many_doubles_the_wait_up_to_the_longest():
    waits = [failed(times).wait(NOON).total_seconds() for times in (4, 5, 6, 7, 8, 40)]

    assert waits == [0, 15, 30, 60, 120, LONGEST_DELAY.total_seconds()]


def test_a_wait_ends_and_a_day_later_all_is_forgotten():
    assert not failed(5).wait(NOON + timedelta(seconds=15))
    assert failed(40).wait(NOON + timedelta(minutes=14))
    assert failed(40).one_more(NOON + timedelta(hours=25)).count == 1


def test_a_code_of_the_app_is_taken_once_and_only_in_its_time():
    code = pyotp.TOTP(SECRET).at(NOON)
    step = step_of(code, SECRET, NOON, 0)

    assert step == int(NOON.timestamp()) // 30
    assert step_of(code, SECRET, NOON, step) is None
    assert step_of(code, SECRET, NOON + timedelta(seconds=30), 0) == step
    assert step_of(code, SECRET, NOON + timedelta(seconds=90), 0) is None
    assert step_of("", SECRET, NOON, 0) is None


def test_recovery_codes_are_read_however_they_are_typed():
    letters = iter("0123456789ABCDEFGHJKMNPQRSTVWXYZ" * 5)
    codes = new_recovery_codes(lambda _: next(letters))

    assert (len(codes), codes[0]) == (10, "0123-4567-89AB-CDEF")
    assert as_recovery_code(" 0123-4567 89ab-cdef ") == as_recovery_code(codes[0])


def test_a_session_ends_when_it_rests_and_at_the_latest_after_its_whole_time():
    lasting = Lasting(idle=timedelta(minutes=30), at_most=timedelta(hours=12))
    session = SignedIn(digest="", account="x", began_at=NOON, seen_at=NOON + timedelta(hours=11, minutes=50))

    assert session.lasts(NOON + timedelta(hours=11, minutes=59), lasting)
    assert not session.lasts(NOON + timedelta(hours=12), lasting)
    session.began_at = NOON + timedelta(hours=11)
    assert not session.lasts(NOON + timedelta(hours=12, minutes=20), lasting)


def test_a_forms_token_belongs_to_one_session():
    assert is_form_token("session", form_token("session"))
    assert not is_form_token("another", form_token("session"))
    assert not is_form_token("session", "")


def test_an_enterprises_claim_holds_only_once_an_officer_has_verified_it():
    claimed, refused = (account("enterprise", claimed_uscc="91211300MAFGKMEQX7") for _ in range(2))

    claimed.be_verified(True)
    refused.be_verified(False)

    assert (claimed.uscc, claimed.claimed_uscc) == ("91211300MAFGKMEQX7", "")
    assert (refused.uscc, refused.claimed_uscc) == ("", "")
    with pytest.raises(Refused, match="waits to be verified"):
        claimed.be_verified(True)
    with pytest.raises(Refused, match="waits to be verified"):
        account("supervisor", claimed_uscc="91211300MAFGKMEQX7").be_verified(True)
