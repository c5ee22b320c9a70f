"""`python -m services.replay` on the services' own databases."""

import pytest

from appeals.events import AppealAccepted
from appeals.manifest import Directory
from appeals.samples import RECEIPT, sample
from appeals.testing import Clock, MemoryBroker
from services import replay
from tests.services.conftest import ROOT, Hosted


@pytest.fixture
def routing(tmp_path, monkeypatch):
    """Routing's database where the command looks for it, with one order to industry."""
    url, manifests = f"sqlite:///{tmp_path}/", ROOT / "deploy" / "departments"
    monkeypatch.setenv("DATABASE_URL", url)
    monkeypatch.setenv("MANIFESTS", str(manifests))
    hosted = Hosted("routing", url, "routing", MemoryBroker(Clock()), Clock(), Directory.load(manifests))
    hosted.pipeline.act(lambda service: service.dispatch(sample(AppealAccepted)))
    yield hosted
    hosted.database.close()


def unsent(routing):
    return [row[0] for row in routing.rows("SELECT audience FROM journal JOIN outbox USING (id) ORDER BY id")]


def test_the_messages_to_one_department_go_into_the_outbox_again(routing, capsys):
    before = unsent(routing)

    assert replay.main(["industry", "--receipt", RECEIPT, "--reason", "恢复备份", "--by", "王明"]) == 0

    assert unsent(routing)[len(before) :] == ["industry"]
    assert "1 messages are told to industry again; 0 withheld" in capsys.readouterr().out


def test_a_dry_run_only_counts(routing, capsys):
    before = unsent(routing)

    assert replay.main(["industry", "--since", "2020-01-01", "--reason", "试算", "--dry-run"]) == 0

    assert unsent(routing) == before
    assert "1 messages would be told" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("arguments", "problem"),
    [(["nobody", "--receipt", RECEIPT], "there is no department nobody"), (["industry"], "say from when on")],
)
def test_what_is_wrong_is_told_in_one_line(routing, capsys, arguments, problem):
    assert replay.main([*arguments, "--reason", "恢复备份"]) == 2

    (line,) = capsys.readouterr().err.splitlines()
    assert problem in line
