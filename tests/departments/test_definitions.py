"""What is rendered from the manifests for RabbitMQ, looked at without one."""

import json
import re

import pytest

from appeals.bus.topology import department_queues, inbox_exchange
from appeals.provision import definitions, password_hash, permission
from appeals.settings import WrongSettings
from tests.departments.conftest import MANIFESTS

PASSWORDS = {code: f"secret-of-{code}" for code in MANIFESTS.codes}
SALTS = dict.fromkeys(MANIFESTS.codes, b"salt")


def test_the_definitions_are_the_same_for_the_same_salts():
    first = definitions(MANIFESTS, PASSWORDS, salts=SALTS)

    assert json.dumps(first) == json.dumps(definitions(MANIFESTS, PASSWORDS, salts=SALTS))
    assert first != definitions(MANIFESTS, PASSWORDS)


def test_a_password_is_kept_only_as_rabbitmqs_salted_hash():
    # The example of https://www.rabbitmq.com/docs/passwords
    assert password_hash("test12", bytes.fromhex("908DC60A")) == "kI3GCqW5JLMJa4iX1lo7X4D6XbYqlLgxIs30+P6tENUV2POR"
    assert "secret-of" not in json.dumps(definitions(MANIFESTS, PASSWORDS))


def test_a_department_without_a_password_stops_the_provision():
    with pytest.raises(WrongSettings, match="no password for sasac"):
        definitions(MANIFESTS, PASSWORDS | {"sasac": ""})


def test_a_code_that_begins_like_anothers_opens_nothing_of_the_other():
    rights = permission("tax")

    for other in ("taxi", "tax-office"):
        queues = department_queues(other)
        for name in (inbox_exchange(other), queues.dead, queues.retry(1)):
            assert not re.search(rights["write"], name)
        assert not re.search(rights["read"], queues.events)
