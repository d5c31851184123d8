"""Try every field of a purchase order with what people and programs may send."""

from dataclasses import replace
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as some

from tallystick.domain.purchasing import reading, rules
from tallystick.domain.purchasing.rules import LineDraft, OrderDraft
from tallystick.lib import errors

SETTING = reading.Setting(currency="USD", longest_terms_days=30, divisions={1: True, 2: False})
GOOD = OrderDraft(
    number="NWL-4518",
    division="1",
    amount="1000.00",
    bill_to_name="Northwind Labs, Inc.",
    bill_to_street="2140 Alder Street, Suite 300",
    bill_to_city="Portland, OR 97205",
    bill_to_country="US",
    contact_name="Dana Whitfield",
    contact_mail="ap@northwind.example",
    signed=True,
)
LINE = LineDraft(description="TLS certificate", quantity="10", unit_price="185.00")


def test_a_good_order_is_read() -> None:
    order = reading.read(replace(GOOD, recipients="a@b.example, c@d.example;a@b.example", terms_days="15"), SETTING)
    assert (order.number, order.division_id, order.terms_days, order.recipients) == ("NWL-4518", 1, 15, ("a@b.example", "c@d.example"))
    assert [(line.quantity, line.unit_price_minor) for line in order.lines] == [(Decimal(1), 100_000)]


def test_lines_are_read_and_may_agree_with_the_amount() -> None:
    order = reading.read(replace(GOOD, amount="2262.50", lines=(LINE, replace(LINE, quantity="2.5", unit_price="165"))), SETTING)
    assert [(line.quantity, line.unit_price_minor) for line in order.lines] == [(Decimal(10), 18_500), (Decimal("2.5"), 16_500)]


WRONG: list[tuple[str, dict[str, object], str]] = [
    ("amount of zero", {"amount": "0"}, "amount"),
    ("amount of 0.00", {"amount": "0.00"}, "amount"),
    ("negative amount", {"amount": "-5.00"}, "amount"),
    ("1e30", {"amount": "1e30"}, "amount"),
    ("a number of forty digits", {"amount": "1" * 40}, "amount"),
    ("ten trillion", {"amount": "10000000000000"}, "amount"),
    ("three decimals in USD", {"amount": "1.005"}, "amount"),
    ("a comma", {"amount": "1,000.00"}, "amount"),
    ("no amount and no lines", {"amount": ""}, "amount"),
    ("not a number", {"amount": "NaN"}, "amount"),
    ("infinity", {"amount": "Infinity"}, "amount"),
    ("digits of another script", {"amount": "٣٠"}, "amount"),
    ("an amount that is not the lines' sum", {"amount": "1.00", "lines": (LINE,)}, "amount"),
    ("another currency", {"currency": "EUR"}, "currency"),
    ("no currency at all", {"currency": "XXXX"}, "currency"),
    ("no number", {"number": ""}, "number"),
    ("a number of blanks", {"number": "  \t "}, "number"),
    ("a number of 300 characters", {"number": "N" * 300}, "number"),
    ("a number with a control character", {"number": "NWL\x07-1"}, "number"),
    ("a number with a null", {"number": "NWL\x00"}, "number"),
    ("a number with a line break", {"number": "NWL\n1"}, "number"),
    ("a number that turns round", {"number": "NWL\u202e1"}, "number"),
    ("a number with an unseen blank", {"number": "NWL\u200b1"}, "number"),
    ("a closed division", {"division": "2"}, "division"),
    ("another customer's division", {"division": "3"}, "division"),
    ("no division", {"division": ""}, "division"),
    ("a division that is no number", {"division": "1 or 1=1"}, "division"),
    ("terms of 31 days", {"terms_days": "31"}, "terms_days"),
    ("negative terms", {"terms_days": "-1"}, "terms_days"),
    ("terms in words", {"terms_days": "Net 30"}, "terms_days"),
    ("no name", {"bill_to_name": ""}, "bill_to_name"),
    ("a name of 300 letters", {"bill_to_name": "N" * 300}, "bill_to_name"),
    ("no street", {"bill_to_street": " "}, "bill_to_street"),
    ("no city", {"bill_to_city": ""}, "bill_to_city"),
    ("no country", {"bill_to_country": ""}, "bill_to_country"),
    ("a country in words", {"bill_to_country": "United States"}, "bill_to_country"),
    ("no person", {"contact_name": ""}, "contact_name"),
    ("no mail address", {"contact_mail": ""}, "contact_mail"),
    ("half a mail address", {"contact_mail": "ap@northwind"}, "contact_mail"),
    ("a mail address with a header", {"contact_mail": "ap@n.example\nBcc: x@y.example"}, "contact_mail"),
    ("two addresses in one", {"contact_mail": "a@b.example,c@d.example"}, "contact_mail"),
    ("a recipient that is none", {"recipients": "a@b.example, nobody"}, "recipients"),
    ("eleven recipients", {"recipients": " ".join(f"a{n}@b.example" for n in range(11))}, "recipients"),
    ("a tax number with signs", {"vat_number": "<script>"}, "vat_number"),
    ("a long note", {"note": "n" * 2001}, "note"),
    ("not signed", {"signed": False}, "signed"),
    ("a strange channel", {"channel": "fax"}, "channel"),
    ("a line without description", {"amount": "", "lines": (replace(LINE, description=" "),)}, "lines-0-description"),
    ("a line of quantity zero", {"amount": "", "lines": (replace(LINE, quantity="0"),)}, "lines-0-quantity"),
    ("a line of negative quantity", {"amount": "", "lines": (LINE, replace(LINE, quantity="-2"))}, "lines-1-quantity"),
    ("a quantity of 1e9", {"amount": "", "lines": (replace(LINE, quantity="1e9"),)}, "lines-0-quantity"),
    ("a quantity of seven decimals", {"amount": "", "lines": (replace(LINE, quantity="1.1234567"),)}, "lines-0-quantity"),
    ("a price of three decimals", {"amount": "", "lines": (replace(LINE, unit_price="1.005"),)}, "lines-0-unit_price"),
    ("a line without price", {"amount": "", "lines": (replace(LINE, unit_price=""),)}, "lines-0-unit_price"),
    ("lines for nothing", {"amount": "", "lines": (replace(LINE, unit_price="0"),)}, "lines"),
    ("lines of too much", {"amount": "", "lines": (replace(LINE, unit_price="9999999999999", quantity="999999999"),)}, "lines"),
    ("201 lines", {"amount": "", "lines": (LINE,) * 201}, "lines"),
]


@pytest.mark.parametrize(("changes", "field"), [pytest.param(changes, field, id=name) for name, changes, field in WRONG])
def test_a_wrong_field_is_named_with_a_sentence(changes: dict[str, object], field: str) -> None:
    with pytest.raises(errors.InvalidFields) as refused:
        reading.read(replace(GOOD, **changes), SETTING)  # type: ignore[arg-type]
    assert list(refused.value.fields) == [field]
    assert refused.value.fields[field].endswith((".", ".com."))


def test_all_wrong_fields_are_named_at_once_in_the_order_of_the_form() -> None:
    with pytest.raises(errors.InvalidFields) as refused:
        reading.read(OrderDraft(lines=(LineDraft(),)), SETTING)
    assert list(refused.value.fields) == [
        "number",
        "division",
        "lines-0-description",
        "lines-0-unit_price",
        "bill_to_name",
        "bill_to_street",
        "bill_to_city",
        "bill_to_country",
        "contact_name",
        "contact_mail",
        "signed",
    ]


@given(some.text(max_size=80), some.text(max_size=40))
def test_any_text_is_read_or_refused(number: str, amount: str) -> None:
    try:
        order = reading.read(replace(GOOD, number=number, amount=amount), SETTING)
    except errors.InvalidFields:
        return
    assert order.number_key
    assert order.lines[0].unit_price_minor > 0


@pytest.mark.parametrize(("one", "other"), [("NWL-1", "nwl-1"), ("NWL 1", "NWL1"), ("\uff2e\uff37\uff2c-1", "NWL-1"), (" NWL-1 ", "NWL-1")])
def test_two_writings_of_one_number_are_equal(one: str, other: str) -> None:
    assert rules.number_key(one) == rules.number_key(other)


def test_requirements_leave_to_judge_what_only_the_document_shows() -> None:
    found = {one.reason: one.met for one in rules.requirements(reading.read(GOOD, SETTING), has_document=True)}
    assert [reason for reason, met in found.items() if met is None] == [rules.Reason.NOT_A_PURCHASE_ORDER, rules.Reason.VENDOR]
    assert all(met is not False for met in found.values())
    assert set(found) == set(rules.Reason)
