"""What a webhook has to be told."""

import base64

import pytest
import yaml

from appeals.manifest import ManifestSchema
from appeals.settings import WrongSettings, from_yaml
from appeals.webhook.forwarding import run
from tests.departments.conftest import RECEIPT, ROOT
from tests.departments.webhook.conftest import NEW, OLD, signature
from tests.receiver import Receiver


@pytest.mark.parametrize(
    ("block", "told"),
    [
        ({"url": "http://agency.example/"}, "https was expected"),
        ({"url": "ftp://agency.example/"}, "a URL such as"),
        ({"url": "https:///appeals"}, "a URL such as"),
        ({"url": "https://agency.example:99999/"}, "a URL such as"),
        ({"url": "https://me:secret@agency.example/"}, "no user, password or fragment"),
        ({"url": "https://agency.example/ a"}, "ASCII without spaces"),
        ({"url": "https://agency.example/", "timeout": 0}, "timeout"),
        ({"url": "https://agency.example/", "timeout": 60}, "timeout"),
        ({"url": "https://agency.example/", "retries": 3}, "retries"),
        ({}, "webhook.url"),
    ],
)
def test_a_wrong_block_in_the_manifest_is_told_with_its_place(tmp_path, block, told):
    path = tmp_path / "parks.yml"
    manifest = {"code": "parks", "name": "省园区办", "events": [], "words": [], "webhook": block}
    path.write_text(yaml.safe_dump(manifest), encoding="utf-8")

    with pytest.raises(WrongSettings, match=told) as wrong:
        from_yaml(path, ManifestSchema)

    assert "secret" not in str(wrong.value)


def test_a_manifest_without_a_webhook_is_told_in_one_line(monkeypatch, capsys):
    monkeypatch.setenv("MANIFEST", str(ROOT / "deploy" / "departments"))
    monkeypatch.setenv("WEBHOOK_SECRET", NEW)

    assert run("industry") == 2
    assert capsys.readouterr().err == "industry: the manifest has no block webhook\n"


@pytest.mark.parametrize("secret", ["", "letmein", "whsec_!", f"whsec_{base64.b64encode(b'short').decode()}"])
def test_without_a_strong_secret_nothing_is_delivered_and_the_secret_is_not_told(webhook, secret):
    with pytest.raises(WrongSettings, match="webhook secret") as wrong:
        webhook("https://agency.example/", secret=secret)

    assert not secret or secret not in str(wrong.value)


def test_the_secret_may_be_in_a_file(events, webhook, tmp_path, monkeypatch):
    file = tmp_path / "secret"
    file.write_text(f"{OLD}\n{NEW}\n", encoding="ascii")
    monkeypatch.setenv("WEBHOOK_SECRET_FILE", str(file))
    with Receiver() as agency:
        trial = webhook(agency.url, secret="")
        trial.hear(events.dispatched())

    (delivery,) = agency.deliveries
    assert delivery.headers["webhook-signature"].split() == [signature(OLD, delivery), signature(NEW, delivery)]


def test_a_clerk_of_such_a_department_needs_no_webhook(events, webhook, another_process):
    with Receiver() as agency:
        trial = webhook(agency.url)
        trial.hear(events.dispatched())
    with another_process(trial).clerk(by="李静") as desk:
        desk.sign(desk.order(RECEIPT))
    trial.settle()

    assert trial.words == ["order.signed"]
