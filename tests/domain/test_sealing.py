"""What is sealed at rest, and what is shown of it."""

import base64
import dataclasses
import subprocess
import sys

import pytest
import yaml
from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes

from appeals.settings import WrongSettings
from services.masking import mask_name, mask_phone
from services.sealing import NotOpened, Seal, load_seal, make_keys

SEAL = Seal(keys={"k1": b"1" * 16, "k2": b"2" * 16}, current="k2", index_key=b"i" * 32)


def test_what_is_sealed_opens_again_and_tells_nothing():
    sealed = SEAL.seal("13812341234 李建国", "row 1")

    assert SEAL.open(sealed, "row 1") == "13812341234 李建国"
    assert "1381" not in sealed and sealed.startswith("k2:")


def test_the_same_text_is_sealed_differently_each_time():
    assert SEAL.seal("x", "row 1") != SEAL.seal("x", "row 1")


def test_the_cipher_is_sm4_in_gcm():
    """GCM encrypts as SM4 in counter mode does, from the second block of the counter on."""
    nonce = bytes(range(12))
    key, body = SEAL.keys["k2"], dataclasses.replace(SEAL, chance=lambda size: nonce).seal("x" * 40, "row 1")
    counter = Cipher(algorithms.SM4(key), modes.CTR(nonce + (2).to_bytes(4, "big"))).encryptor()

    assert base64.b64decode(body.split(":")[2])[:40] == counter.update(b"x" * 40)


@pytest.mark.parametrize(
    ("change", "about"),
    [
        (lambda sealed: sealed, "row 2"),
        (lambda sealed: sealed[:-6] + ("AAAAA=" if sealed[-6:] != "AAAAA=" else "BBBBB="), "row 1"),
        (lambda sealed: sealed.replace("k2:", "k1:", 1), "row 1"),
        (lambda sealed: sealed.replace("k2:", "k9:", 1), "row 1"),
    ],
)
def test_what_was_changed_or_moved_does_not_open(change, about):
    with pytest.raises(NotOpened):
        SEAL.open(change(SEAL.seal("x", "row 1")), about)


def test_an_old_key_still_opens_and_says_that_it_is_old():
    old = dataclasses.replace(SEAL, current="k1").seal("x", "row 1")

    assert SEAL.open(old, "row 1") == "x"
    assert not SEAL.is_current(old)


def test_a_blind_index_is_equal_for_equal_texts_and_needs_the_key():
    other = dataclasses.replace(SEAL, index_key=b"j" * 32)

    assert SEAL.index("138") == SEAL.index("138") != SEAL.index("139")
    assert SEAL.index("138") != other.index("138")
    assert SEAL.index("") == ""


def test_in_production_a_file_of_keys_has_to_be_given():
    with pytest.raises(WrongSettings, match="SEALING_KEYS"):
        load_seal("", "postgresql+psycopg2://x/y")


def test_an_embedded_database_gets_keys_of_its_own_once(tmp_path):
    first = load_seal("", f"sqlite:///{tmp_path}/")

    assert load_seal("", f"sqlite:///{tmp_path}/") == first
    assert (tmp_path / "sealing.yml").stat().st_mode & 0o777 == 0o600


def test_keys_that_cannot_be_are_told_with_file_and_line(tmp_path):
    path = tmp_path / "sealing.yml"
    path.write_text(yaml.safe_dump({"current": "k9", "index_key": "00", "keys": {"k1": "zz"}}))

    with pytest.raises(WrongSettings, match=r"sealing\.yml: line"):
        load_seal(str(path), "")


def test_a_file_of_keys_is_never_overwritten(tmp_path):
    path = tmp_path / "sealing.yml"
    make_keys(path)
    before = path.read_text()

    again = subprocess.run([sys.executable, "-m", "services.sealing", path], capture_output=True, text=True)

    assert (again.returncode, len(again.stderr.splitlines())) == (1, 1)
    assert path.read_text() == before


@pytest.mark.parametrize(
    ("name", "shown"), [("张三", "张*"), ("欧阳修文", "欧阳**"), ("李建国", "李**"), ("Li", "L*"), ("", "")]
)
def test_of_a_name_the_surname_is_shown(name, shown):
    assert mask_name(name) == shown


@pytest.mark.parametrize(
    ("phone", "shown"), [("13812341234", "138****1234"), ("024-11112222", "024*****2222"), ("7110", "**10"), ("", "")]
)
def test_of_a_number_both_ends_are_shown(phone, shown):
    assert mask_phone(phone) == shown
