"""Receipts and query codes."""

from datetime import UTC, datetime

import pytest

from services.portal.receipts import ALPHABET, Receipts, as_receipt

SECRET = "a secret of the test"
EVENING = datetime(2026, 11, 24, 17, 30, tzinfo=UTC)  # the 25th in Beijing


def receipts(*drawn):
    letters = iter("".join(drawn))
    return Receipts(SECRET, choice=lambda alphabet: next(letters))


def test_a_receipt_carries_the_date_in_beijing_and_six_random_characters():
    assert receipts("7K3MXQ").draw(EVENING) == "SQ-20261125-7K3MXQ"


def test_receipts_leave_out_characters_that_are_read_wrongly():
    assert len(set(ALPHABET)) == 32
    assert not set("ILOU") & set(ALPHABET)


def test_drawn_receipts_are_receipts_and_differ():
    drawn = {Receipts(SECRET).draw(EVENING) for _ in range(500)}

    assert len(drawn) == 500
    assert all(as_receipt(receipt) == receipt for receipt in drawn)


def test_a_query_code_opens_its_own_appeal_only():
    one = Receipts(SECRET)
    code = one.query_code("SQ-20261125-7K3MXQ")

    assert len(code) == 8
    assert set(code) <= set(ALPHABET)
    assert one.opens("SQ-20261125-7K3MXQ", code)
    assert not one.opens("SQ-20261125-7K3MXR", code)
    assert not Receipts("another secret here").opens("SQ-20261125-7K3MXQ", code)


@pytest.mark.parametrize("code", ["", "00000000", "密码密码", "\x00", "A" * 100_000])
def test_what_is_no_query_code_opens_nothing(code):
    assert not Receipts(SECRET).opens("SQ-20261125-7K3MXQ", code)


def test_receipts_and_codes_may_be_typed_in_small_letters_and_with_likely_mistakes():
    one = Receipts(SECRET)
    code = one.query_code("SQ-20261125-01K3MX")

    assert as_receipt(" sq-20261125-oik3mx ") == "SQ-20261125-01K3MX"
    assert one.opens("SQ-20261125-01K3MX", code.lower().replace("0", "o").replace("1", "l"))


@pytest.mark.parametrize(
    "written", ["", "SQ-20261125-7K3MX", "SQ-20261125-7K3MXQ0", "SQ-２０２６1125-7K3MXQ", "' OR 1=1 --"]
)
def test_what_is_no_receipt_is_none(written):
    assert as_receipt(written) is None
