"""Read pages in each language: its letters' direction, its amounts and days; and type amounts as its readers do."""

import re
import uuid
from collections.abc import Iterator
from datetime import UTC, date, datetime

import pytest
from django.conf import settings
from django.contrib.auth import get_user_model
from django.test import Client
from django.utils import translation

import given
from interfaces.web import asking
from tallystick.domain.customers import operations as customers
from tallystick.domain.customers.rules import CustomerRole, StaffRole
from tallystick.interfaces.web import amounts, forms, selection
from tallystick.interfaces.web.templatetags import tally
from tallystick.lib import errors

NARROW = "\u202f"
AMOUNTS = {
    "en": "1,234,567.80",
    "de": "1.234.567,80",
    "fr": f"1{NARROW}234{NARROW}567,80",
    "es": "1.234.567,80",
    "it": "1.234.567,80",
    "pt-br": "1.234.567,80",
    "ja": "1,234,567.80",
    "ko": "1,234,567.80",
    "zh-hans": "1,234,567.80",
    "zh-hant": "1,234,567.80",
    "nl": "1.234.567,80",
    "ar": "1,234,567.80",
}
DAYS = {
    "en": ("4 Nov 2026", "4 November 2026", "4 Nov", "Nov", "November 2026", "4 Nov 2026, 14:05"),
    "de": ("04.11.2026", "4. November 2026", "4. Nov.", "Nov.", "November 2026", "04.11.2026, 14:05"),
    "fr": ("4 nov. 2026", "4 novembre 2026", "4 nov.", "nov.", "novembre 2026", "4 nov. 2026, 14:05"),
    "es": ("4 nov 2026", "4 de noviembre de 2026", "4 nov", "nov", "noviembre de 2026", "4 nov 2026, 14:05"),
    "it": ("4 nov 2026", "4 novembre 2026", "4 nov", "nov", "novembre 2026", "4 nov 2026, 14:05"),
    "pt-br": ("4 de nov. de 2026", "4 de novembro de 2026", "4 de nov.", "nov.", "novembro de 2026", "4 de nov. de 2026 14:05"),
    "ja": ("2026/11/04", "2026年11月4日", "11月4日", "11月", "2026年11月", "2026/11/04 14:05"),
    "ko": ("2026. 11. 4.", "2026년 11월 4일", "11월 4일", "11월", "2026년 11월", "2026. 11. 4. 오후 2:05"),
    "zh-hans": ("2026年11月4日", "2026年11月4日", "11月4日", "11月", "2026年11月", "2026年11月4日 14:05"),
    "zh-hant": ("2026年11月4日", "2026年11月4日", "11月4日", "11月", "2026年11月", "2026年11月4日 下午2:05"),
    "nl": ("4 nov 2026", "4 november 2026", "4 nov", "nov", "november 2026", "4 nov 2026, 14:05"),
    "ar": ("04\u200f/11\u200f/2026", "4 نوفمبر 2026", "4 نوفمبر", "نوفمبر", "نوفمبر 2026", "04\u200f/11\u200f/2026، 2:05 م"),
}
WITH_COMMA = ("de", "es", "it", "pt-br", "nl")
WITH_POINT = ("ja", "ko", "zh-hans", "zh-hant", "ar")


@pytest.fixture(autouse=True)
def _english_again() -> Iterator[None]:
    """Leave no language behind."""
    yield
    translation.activate("en")


def test_the_tables_name_every_language() -> None:
    codes = [code for code, _name in settings.LANGUAGES]
    assert list(AMOUNTS) == list(DAYS) == codes


@pytest.mark.parametrize("language", AMOUNTS)
def test_amounts_are_written_and_read_back_in_each_language(language: str) -> None:
    with translation.override(language):
        assert amounts.text(123_456_780, "USD") == AMOUNTS[language]
        assert amounts.text(-123_456_780, "USD") == f"\u2212{AMOUNTS[language]}"
        assert amounts.text(5, "JPY") == "5"
        for minor, currency in ((123_456_780, "USD"), (5, "USD"), (1_234_567, "JPY"), (1_234_567, "BHD"), (1_234_000, "BHD")):
            assert forms.minor_of(amounts.typed(minor, currency), currency) == minor
            assert forms.minor_of(amounts.text(minor, currency), currency) == minor
        assert forms.minor_of("1234.56", "USD") == 123_456  # the plain form is known everywhere


@pytest.mark.parametrize("language", DAYS)
def test_days_and_times_are_written_in_each_language(language: str) -> None:
    on, at = date(2026, 11, 4), datetime(2026, 11, 4, 14, 5, tzinfo=UTC)
    with translation.override(language):
        written = (tally.day(on), tally.long_day(on), tally.short_day(on), tally.month(on), tally.long_month(on), tally.instant(at))
    assert tuple(re.sub(r"[\u00a0\u202f]", " ", one) for one in written) == DAYS[language]


TYPED = [
    # languages, what is typed, currency, minor units; None where it is refused
    (WITH_COMMA, "1.234,56", "USD", 123_456),
    (WITH_COMMA, "1234,5", "USD", 123_450),
    (WITH_COMMA, "12,50", "USD", 1250),
    (WITH_COMMA, "12.50", "USD", 1250),
    (WITH_COMMA, "1.234", "USD", 123_400),  # no dollar has three decimals
    (WITH_COMMA, "1.234", "JPY", 1234),
    (WITH_COMMA, "1.234", "BHD", None),
    (WITH_COMMA, "1.234,000", "BHD", 1_234_000),
    (WITH_COMMA, "1,234", "BHD", 1234),
    (WITH_COMMA, "1,234", "USD", None),
    (WITH_COMMA, "1,234.56", "USD", 123_456),
    (WITH_COMMA, "1 234,56", "USD", 123_456),
    (WITH_COMMA, "1.23.456,00", "USD", None),
    (WITH_COMMA, "1,2,3", "USD", None),
    (("fr",), f"1{NARROW}234,56", "USD", 123_456),
    (("fr",), "1\u00a0234,56", "USD", 123_456),
    (("fr",), "1 234", "USD", 123_400),
    (("fr",), "1.234", "BHD", 1234),  # a point never stands between thousands there
    (("fr",), "1.234,56", "USD", None),
    (("en", *WITH_POINT), "1,234.56", "USD", 123_456),
    (("en", *WITH_POINT), "12,50", "USD", None),
    (("en", *WITH_POINT), "1.234,56", "USD", None),
    (WITH_POINT, "１２３４．５６", "USD", 123_456),  # noqa: RUF001 - digits of other scripts are what it is about
    (("ar",), "١٬٢٣٤٫٥٦", "USD", 123_456),  # noqa: RUF001 - digits of other scripts are what it is about
]


@pytest.mark.parametrize(("language", "typed", "currency", "minor"), [(one, *rest) for many, *rest in TYPED for one in many])
def test_amounts_are_read_as_the_language_writes_them(language: str, typed: str, currency: str, minor: int | None) -> None:
    with translation.override(language):
        if minor is None:
            with pytest.raises(errors.Invalid):
                forms.minor_of(typed, currency)
        else:
            assert forms.minor_of(typed, currency) == minor


def test_what_can_be_read_in_two_ways_says_both() -> None:
    with translation.override("de"), pytest.raises(amounts.Ambiguous) as caught:
        forms.minor_of("1.234", "BHD")
    assert caught.value.sentence == "1.234 can be read in two ways. Write 1.234,000 or 1,234."


@pytest.mark.parametrize(
    ("language", "typed", "may"),
    [
        ("de", "1.2", True),
        ("de", "1.234,", True),
        ("de", "12,5", True),
        ("de", "12.5", True),
        ("de", ",5", False),
        ("de", "12,555", False),
        ("de", "9.999.999", False),
        ("fr", f"1{NARROW}2", True),
        ("fr", "1.234", False),
        ("en", "1,2", True),
        ("en", "12.", True),
        ("en", "1.234", False),
    ],
)
def test_what_is_being_typed_may_become_right_in_its_language(language: str, typed: str, *, may: bool) -> None:
    with translation.override(language):
        assert selection.may_become_right(typed, currency="USD", most_minor=1_000_000) is may


@pytest.mark.parametrize(("language", "typed", "plain"), [("de", "2,5", "2.5"), ("de", "2.5", "2.5"), ("en", "2,5", "2,5"), ("ar", "٢٫٥", "2.5")])  # noqa: RUF001 - digits of other scripts are what it is about
def test_quantities_have_the_decimal_mark_of_the_language(language: str, typed: str, plain: str) -> None:
    with translation.override(language):
        assert amounts.plain_number(typed) == plain


@pytest.fixture(scope="module")
def acme() -> given.Customer:
    """A customer with funds, purchases and an unpaid invoice."""
    made = given.customer(limit_minor=500_000)
    made.fund(1_234_500)
    made.charge(10_000)
    made.issue((345_600, "0"))
    return made


@pytest.fixture(scope="module")
def clients(acme: given.Customer) -> dict[str, Client]:
    """A person in each language."""
    made = {}
    for language in AMOUNTS:
        made[language] = asking.person(acme, CustomerRole.FINANCE_MANAGER)
        answer = made[language].post("/preferences/", {"language": language})
        assert answer.status_code == 302
    return made


@pytest.mark.parametrize("language", AMOUNTS)
def test_pages_speak_the_chosen_language(language: str, acme: given.Customer, clients: dict[str, Client]) -> None:
    with translation.override(language):
        balance, unpaid = amounts.text(1_224_500, "USD"), amounts.text(345_600, "USD")
    for page, figures in {"overview": (balance, unpaid), "pay-invoice": (unpaid,), "orders": (unpaid,)}.items():
        answer = clients[language].get(asking.at(page, acme.top_id), headers={"accept-language": "sv"})
        shown = answer.content.decode()
        direction = "rtl" if language == "ar" else "ltr"
        assert f'<html lang="{language}" dir="{direction}"' in shown
        assert answer.headers["Content-Language"] == language
        for figure in figures:
            assert f'<span class="money">{figure}</span>' in shown, (page, figure)


def test_a_language_asks_no_further_question(acme: given.Customer, clients: dict[str, Client]) -> None:
    asked = {}
    for language in ("en", "ar"):
        clients[language].get(asking.at("overview", acme.top_id))
        with asking.statements() as statements:
            clients[language].get(asking.at("overview", acme.top_id))
        asked[language] = len(statements)
    assert asked["en"] == asked["ar"]


def test_a_part_amount_typed_in_german_is_paid(acme: given.Customer, clients: dict[str, Client]) -> None:
    page = clients["de"].get(asking.at("pay-invoice", acme.top_id)).content.decode()
    found = re.search(r'name="(?P<name>amount-inv_\w+)"[^>]*value="3\.456,00"', page)
    assert found, "the field shows what German reads back"
    invoice = found["name"].removeprefix("amount-")
    sent = {"invoice": invoice, found["name"]: "1.234,56", "method": "card", "form_key": str(uuid.uuid4())}
    answer = clients["de"].post(f"{asking.at('pay-invoice', acme.top_id)}review/", sent)
    assert "1.234,56" in answer.content.decode()


def test_before_sign_in_the_browser_chooses_and_afterwards_the_person() -> None:
    acme = given.customer()
    client = asking.person(acme)
    for wanted, language in {"de-AT,de;q=0.9": "de", "pt": "pt-br", "zh-TW": "zh-hant", "zh-CN": "zh-hans", "sv": "en"}.items():
        door = Client(headers={"host": "localhost"}).get("/sign-in/", headers={"accept-language": wanted})
        assert f'<html lang="{language}"' in door.content.decode()
        assert f'<html lang="{language}"' in client.get("/preferences/", headers={"accept-language": wanted}).content.decode()
    client.post("/preferences/", {"language": "nl"})
    assert '<html lang="nl"' in client.get("/preferences/", headers={"accept-language": "de"}).content.decode()
    assert '<html lang="nl"' in client.get("/account/2fa/", headers={"accept-language": "de"}, follow=True).content.decode()
    client.post("/preferences/", {"language": ""})
    assert '<html lang="de"' in client.get("/preferences/", headers={"accept-language": "de"}).content.decode()
    assert client.post("/preferences/", {"language": "tlh"}).status_code == 422


def test_a_chosen_language_keeps_the_keys_and_the_keys_the_language() -> None:
    client = asking.person(given.customer())
    client.post("/preferences/", {})  # no single keys
    client.post("/preferences/", {"language": "fr"})
    shown = client.get("/preferences/").content.decode()
    assert 'data-single-keys="off"' in shown
    assert '<html lang="fr"' in shown
    assert re.search(r'<option value="fr" lang="fr" selected>Français</option>', shown)


def test_staff_who_chose_nothing_read_english_whatever_their_browser_asks_for() -> None:
    person_id = customers.add_person(viewer=given.ADMIN, email=f"{uuid.uuid4().hex}@tally.example", name="Priya")
    customers.set_staff(viewer=given.ADMIN, person_id=person_id, role=StaffRole.CLERK)
    staff = Client(headers={"host": "localhost"})
    staff.force_login(get_user_model().objects.get(pk=person_id))
    assert '<html lang="en"' in staff.get("/account/2fa/", headers={"accept-language": "de"}, follow=True).content.decode()


def test_programs_are_answered_in_english() -> None:
    answer = Client(headers={"host": "localhost"}).get("/api/v1/nothing", headers={"accept-language": "de"})
    assert answer.headers["Content-Language"] == "en"


def test_arrows_point_along_the_line(acme: given.Customer, clients: dict[str, Client]) -> None:
    assert 'class="icon mirrored"' in clients["ar"].get(asking.at("pay-invoice", acme.top_id)).content.decode()
    assert "mirrored" not in clients["de"].get(asking.at("pay-invoice", acme.top_id)).content.decode()


def test_files_for_programs_stay_as_they_are(acme: given.Customer, clients: dict[str, Client]) -> None:
    address = f"{asking.at('balance-history', acme.top_id)}file/"
    english, arabic = (clients[language].post(address, {"kind": "csv"}).content.decode() for language in ("en", "ar"))
    assert english.splitlines()[0].startswith("\ufeffPosted at (UTC),What,")
    assert english == arabic
