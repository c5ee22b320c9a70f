"""What is rendered from the manifests for RabbitMQ, looked at without one."""

import json
import re

import pytest

from appeals.bus.topology import department_queues, inbox_exchange
from appeals.manifest import Manifest, ManifestSchema
from appeals.provision.passwords import Passwords
from appeals.provision.rendering import definitions, password_hash, permission, policy, salt_of
from appeals.settings import WrongSettings, from_yaml
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
    assert salt_of("kI3GCqW5JLMJa4iX1lo7X4D6XbYqlLgxIs30+P6tENUV2POR") == bytes.fromhex("908DC60A")
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
    pattern = policy(Manifest(code="tax", name="税务", events=(), words=(), queue_limit=7))["pattern"]
    assert re.search(pattern, department_queues("tax").events)
    assert re.search(pattern, inbox_exchange("tax"))
    for other in ("taxi", "tax-office"):
        assert not re.search(pattern, department_queues(other).events)
        assert not re.search(pattern, inbox_exchange(other))


def test_no_department_is_called_like_the_platforms_own_audience(tmp_path):
    path = tmp_path / "core.yml"
    path.write_text("code: core\nname: x\nevents: []\nwords: []\n")

    with pytest.raises(WrongSettings, match=r"core\.yml: line 1.*the platform's own audience"):
        from_yaml(path, ManifestSchema)


def test_passwords_are_kept_for_their_owner_only(tmp_path):
    path = tmp_path / "kept" / "secrets.yml"

    Passwords(path).make(["parks", "tax"])
    Passwords(path).make(["parks"], lambda: "new")
    Passwords(path).forget("tax")

    assert dict(Passwords(path)) == {"parks": "new"}
    assert path.stat().st_mode & 0o777 == 0o600
    assert [one.name for one in path.parent.iterdir()] == ["secrets.yml"]


def test_a_file_of_passwords_that_others_can_read_is_refused(tmp_path):
    path = tmp_path / "secrets.yml"
    path.write_text("parks: secret\n")
    path.chmod(0o640)

    with pytest.raises(WrongSettings, match=f"chmod 600 {path}"):
        Passwords(path)


def test_a_password_that_is_no_text_is_told_without_being_shown(tmp_path):
    path = tmp_path / "secrets.yml"
    path.write_text("parks: 123456\n")
    path.chmod(0o600)

    with pytest.raises(WrongSettings, match=r"secrets\.yml: .*parks") as told:
        Passwords(path)

    assert "123456" not in str(told.value)
