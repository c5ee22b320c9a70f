"""The command that makes the first administrators, and hashing that holds nobody up."""

import subprocess
import sys
from pathlib import Path

import pytest

from appeals.settings import WrongSettings
from services.portal import service
from tests.services.people import PASSWORD

ROOT = Path(__file__).parents[2]
HASHING = """
from appeals import green
green.patch()
import eventlet
from services.portal.passwords import Passwords
from services.portal.server import aside

passwords, turns = Passwords(aside), []

def others():
    while True:
        turns.append(1)
        eventlet.sleep(0)

eventlet.spawn(others)
kept = passwords.hash("Wuhuan-Xilu-7Hao")
print(kept[:9], passwords.check(kept, "Wuhuan-Xilu-7Hao"), passwords.check(kept, "another"), len(turns) > 100)
"""


def run(tmp_path, *arguments, written=""):
    command = [sys.executable, "-m", "services.portal.people", *arguments]
    environment = {"DATABASE_URL": f"sqlite:///{tmp_path}/", "PATH": ""}
    return subprocess.run(command, cwd=ROOT, input=written, env=environment, capture_output=True, text=True)


def test_the_first_administrators_are_made_on_the_command_line(tmp_path):
    made = run(tmp_path, "security-administrator", "anquan", "--called", "张安全", written=PASSWORD)
    again = run(tmp_path, "auditor", "anquan", "--called", "李审计", written=PASSWORD)

    assert (made.returncode, made.stderr) == (0, "")
    assert PASSWORD not in made.stdout
    assert (again.returncode, again.stderr) == (2, "error: The account name anquan is taken\n")


def test_a_weak_first_password_is_refused_in_one_line(tmp_path):
    refused = run(tmp_path, "auditor", "shenji", "--called", "李审计", written="123456123456")

    assert (refused.returncode, len(refused.stderr.splitlines())) == (2, 1)


def test_only_those_who_are_kept_apart_are_made_there(tmp_path):
    assert run(tmp_path, "supervisor", "x", "--called", "x", written=PASSWORD).returncode == 2


def test_while_a_password_is_hashed_others_are_served():
    done = subprocess.run([sys.executable, "-c", HASHING], cwd=ROOT, capture_output=True, text=True)

    assert done.stdout == "$argon2id True False True\n", done.stderr


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"cookies": "plain", "host": "0.0.0.0"}, "COOKIES=plain"),
        ({"demo_accounts": "accounts.yml"}, "DEMO_ACCOUNTS"),
        ({"demo_accounts": "accounts.yml", "host": "0.0.0.0"}, "DEMO_ACCOUNTS"),
        ({"demo_accounts": "accounts.yml", "cookies": "plain", "proxies": 1}, "DEMO_ACCOUNTS"),
        ({"cookies": "yes"}, "COOKIES='yes'"),
        ({"requests_per_address": 0}, "REQUESTS_PER_ADDRESS"),
        ({"database_url": "postgresql+psycopg2://x/y"}, "SEALING_KEYS"),
    ],
)
def test_settings_that_would_not_be_safe_are_told_at_start_up(tmp_path, changes, said):
    facts = {"amqp_uri": "memory", "database_url": f"sqlite:///{tmp_path}/", "query_code_secret": "x" * 16}

    with pytest.raises(WrongSettings, match=said):
        service.configuration(service.Settings(**facts | changes))
