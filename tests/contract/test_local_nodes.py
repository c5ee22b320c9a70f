"""What a fleet and its private nodes tell before they start, and leave behind."""

import json
import socket

import pytest

from deploy.fleet import Fleet
from deploy.local.process import LocalSetupError, NodeFolder, free_ports


def test_a_port_that_is_taken_is_told_in_one_line_before_anything_starts(tmp_path):
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        fleet = Fleet(tmp_path / "fleet", port=other.getsockname()[1])

        with pytest.raises(LocalSetupError, match=rf"port {fleet.port}, where portal is to answer, is taken"):
            fleet.start()

    assert not (tmp_path / "fleet" / "rabbitmq").exists()


def test_a_database_that_cannot_be_reached_is_told_in_one_line_without_its_password(tmp_path):
    port = free_ports(1)[0]
    fleet = Fleet(tmp_path / "fleet", database_url=f"postgresql+psycopg2://somebody:secret@127.0.0.1:{port}/appealloop")

    with pytest.raises(LocalSetupError, match=r"the database cannot be reached: .*Connection refused") as told:
        fleet.start()

    assert "secret" not in str(told.value)
    assert "\n" not in str(told.value)
    assert not (tmp_path / "fleet" / "rabbitmq").exists()


def test_a_node_that_is_removed_leaves_nothing_wherever_its_home_was(tmp_path):
    folder, home = NodeFolder(tmp_path / "node", account=""), tmp_path / "far" / "home"
    home.mkdir(parents=True)
    folder.path.mkdir()
    folder.settings_file.write_text(json.dumps({"home": str(home)}))

    folder.remove()

    assert not home.exists()
    assert not folder.path.exists()
