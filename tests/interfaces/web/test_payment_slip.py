"""Try the slip of a bank transfer against the guidelines, line by line, and read its code back from the squares.

Source: European Payments Council, EPC069-12 v2.1.
"""

from dataclasses import replace

import pytest

from interfaces.web import qr
from tallystick.integrations.pdf import epc
from tallystick.interfaces.web import slip

IBAN, BIC, REFERENCE = "DE89 3704 0044 0532 0130 00", "COBADEFFXXX", "RF18539007547034"
TRANSFER = epc.Transfer("Lanternfield GmbH", IBAN, BIC, 123_456, "EUR", REFERENCE)
TWELVE = ["BCD", "002", "1", "SCT", "COBADEFFXXX", "Lanternfield GmbH", "DE89370400440532013000", "EUR1234.56", "", "RF18539007547034", "", ""]
_VERSION_13_SQUARES = 69


def test_the_code_has_twelve_lines_in_the_guidelines_order() -> None:
    """Tag, version, characters, kind, BIC, name, IBAN, amount, purpose, structured reference, free text, note."""
    assert epc.payload(TRANSFER).split("\n") == TWELVE


@pytest.mark.parametrize(
    ("changed", "line", "text"),
    [
        ({"bic": ""}, 4, ""),  # version 002: the BIC may be left out
        ({"bic": "cobadeff"}, 4, "COBADEFF"),
        ({"amount_minor": 1}, 7, "EUR0.01"),
        ({"amount_minor": 99_999_999_999}, 7, "EUR999999999.99"),
        ({"holder": "M" * 80}, 5, "M" * 70),
        ({"holder": "Two\nLines"}, 5, "Two Lines"),  # a line end would shift all that follows
        ({"holder": "Größe & Söhne"}, 5, "Größe & Söhne"),
        ({"account": "nl91abna0417164300"}, 6, "NL91ABNA0417164300"),
        ({"reference": "INV 7"}, 9, ""),
        ({"reference": "INV 7"}, 10, "INV 7"),
    ],
)
def test_each_line_keeps_its_rule(changed: dict[str, str | int], line: int, text: str) -> None:
    """What stands in a line when the transfer is this one."""
    lines = epc.payload(replace(TRANSFER, **changed)).split("\n")  # type: ignore[arg-type]  # one field of the transfer each
    assert (len(lines), lines[line]) == (12, text)


@pytest.mark.parametrize(
    "changed",
    [
        {"currency": "USD"},
        {"currency": "CHF"},
        {"amount_minor": 0},
        {"amount_minor": -1},
        {"amount_minor": 100_000_000_000},
        {"account": "DE89 3704 0044 0532 0130 01"},  # its check digits are wrong
        {"account": "021000021 4417 0098"},
        {"bic": "COBADE"},
        {"holder": " "},
    ],
)
def test_where_the_guidelines_have_no_code_none_is_drawn(changed: dict[str, str | int]) -> None:
    """Another currency, an amount out of range, an account that is no IBAN: the slip stays, without a code."""
    transfer = replace(TRANSFER, **changed)  # type: ignore[arg-type]  # one field of the transfer each
    assert epc.payload(transfer) == ""
    assert epc.code(transfer) is None
    assert slip.picture(transfer) == ""


@pytest.mark.parametrize("holder", ["Lanternfield GmbH", "Größe & Söhne", "木" * 70])
def test_the_drawn_squares_say_what_the_slip_says(holder: str) -> None:
    """Small codes of one block and large ones of several, read as a banking app reads them."""
    transfer = replace(TRANSFER, holder=holder)
    drawn = epc.code(transfer)
    assert drawn is not None
    assert drawn.error == "M"
    assert len(drawn.matrix) <= _VERSION_13_SQUARES
    assert qr.read(drawn) == epc.payload(transfer)


def test_the_picture_obeys_the_content_policy() -> None:
    """Attributes only: no style, no script; the words stand beside it."""
    picture = slip.picture(TRANSFER)
    assert picture.startswith('<svg aria-hidden="true" ')
    assert 'class="code"' in picture
    assert "style" not in picture
    assert "script" not in picture
