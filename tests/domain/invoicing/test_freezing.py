"""Freeze facts in the customer's language and form, and make of an invoice's number a reference that a bank can check."""

from decimal import Decimal

import pytest
from stdnum import iso11649

from tallystick.domain.customers import tax_categories
from tallystick.domain.invoicing import rules
from tallystick.domain.invoicing.operations import freeze
from tallystick.integrations.pdf import facts


@pytest.mark.parametrize(
    ("locale", "currency", "minor", "written"),
    [
        ("en", "USD", 123_456_789, "1,234,567.89"),
        ("de", "EUR", 123_456_789, "1.234.567,89"),
        ("de-at", "EUR", 123_456_789, "1.234.567,89"),
        ("fr", "EUR", 123_456_789, "1\u202f234\u202f567,89"),
        ("pt-br", "BRL", 123_456, "1.234,56"),
        ("zh-hans", "CNY", -123_456, "\u22121,234.56"),
        ("ja", "JPY", 123_456, "123,456"),
        ("ar", "KWD", 1_234_567, "1,234.567"),
        ("xx", "USD", 5, "0.05"),
    ],
)
def test_amounts_are_written_as_the_language_does(locale: str, currency: str, minor: int, written: str) -> None:
    """Every language of the settings, forms of a country, and one that nobody knows."""
    assert freeze.amount(minor, currency, locale) == written


@pytest.mark.parametrize(
    ("locale", "value", "rate", "quantity"),
    [
        ("en", "8.875000", "8.875\u00a0%", "8.875"),
        ("de", "8.875000", "8,875\u00a0%", "8,875"),
        ("fr", "20", "20\u00a0%", "20"),
        ("nl", "1E+2", "100\u00a0%", "100"),
    ],
)
def test_rates_and_quantities_have_no_idle_decimals(locale: str, value: str, rate: str, quantity: str) -> None:
    """With the decimal mark of the language."""
    assert (freeze.rate(Decimal(value), locale), freeze.quantity(Decimal(value), locale)) == (rate, quantity)


@pytest.mark.parametrize(("number", "body"), [("INV-2026-01184", "INV202601184"), ("inv/7", "INV7"), ("A" * 21, "A" * 21), ("\u0416-12 7", "127")])
def test_a_number_becomes_a_reference_that_a_bank_can_check(number: str, body: str) -> None:
    """ISO 11649: RF, two digits that check the rest, letters and digits of the number."""
    made = rules.creditor_reference(number)
    assert made == f"RF{made[2:4]}{body}"
    assert iso11649.is_valid(made)


@pytest.mark.parametrize("number", ["", "--", "A" * 22])
def test_a_number_that_makes_none_stays_as_it_is(number: str) -> None:
    """Nothing to check, or too much of it."""
    assert rules.creditor_reference(number) == number


def test_why_nothing_is_taxed_stands_with_the_rate() -> None:
    """With 0 % only, and not where the tax does not concern the sale at all; the usual reasons are those that documents have words for."""
    sums = [rules.RateSum(19_000_000, 10_000, 1_900), rules.RateSum(0, 5_000, 0)]
    told = freeze.taxes(sums, "EUR", "en", zero={"category": "AE", "reason": "Reverse charge"})
    assert [tax.get("note") for tax in told] == [None, "Reverse charge"]
    outside = freeze.taxes(sums, "EUR", "en", zero={"category": "O", "reason": "Not subject to VAT"})
    assert [tax.get("note") for tax in outside] == [None, None]
    usual = {reason for reason in tax_categories.REASONS.values() if reason} - {tax_categories.REASONS[tax_categories.TaxCategory.OUTSIDE]}
    assert usual == set(facts.USUAL_REASONS)
