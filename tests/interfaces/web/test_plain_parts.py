"""Try what the pages reckon by themselves: pictures to scale, typed amounts, words for states."""

from datetime import date, timedelta

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.template import Context, Template
from django.test import RequestFactory, override_settings
from django.utils import translation

from tallystick.interfaces.web import amounts, drawing, forms, statuses, uploads
from tallystick.lib import errors

TODAY = date(2026, 11, 23)


def test_the_waterfall_of_the_overview_is_drawn_to_scale() -> None:
    """The prototype's figures: balance, limit, counted unpaid, used by others, and the sum."""
    bars = drawing.waterfall([431260, 500000, -64025, -159040])
    assert [(bar.start, bar.width) for bar in bars] == [
        ("0.00%", "46.31%"),
        ("46.31%", "53.69%"),
        ("93.12%", "6.88%"),
        ("76.05%", "17.08%"),
        ("0.00%", "76.05%"),
    ]
    assert [bar.guide_above for bar in bars[:2]] == ["", "46.31%"]


@pytest.mark.parametrize("steps", [[-50000, 200000, 0, 0], [0, 0, 0], [-10, -10, -10], [10**15, -(10**15), 5]])
def test_no_bar_leaves_its_lane(steps: list[int]) -> None:
    """Debts, nothing at all, and the largest amounts stay between 0 and 100 percent."""
    for bar in drawing.waterfall(steps):
        start, width = (round(float(text.rstrip("%")) * 100) for text in (bar.start, bar.width))
        assert min(start, width) >= 0
        assert start + width <= 10_001


@pytest.mark.parametrize(("written", "minor"), [("1,250.00", 125000), ("1250", 125000), (" 0.05 ", 5), ("1,000,000.5", 100000050)])
def test_amounts_are_read_as_people_type_them(written: str, minor: int) -> None:
    """Commas group thousands."""
    assert forms.minor_of(written, "USD") == minor


@pytest.mark.parametrize("written", ["12,50", "1,25,000", "-5", "+5", "1e30", "1.234", "", "1 000", "\u0663", "1" * 40])
def test_amounts_that_can_not_be_right_are_refused(written: str) -> None:
    """A decimal comma is not taken for a group, and nothing is guessed."""
    with pytest.raises(errors.Invalid):
        forms.minor_of(written, "USD")


@pytest.mark.parametrize(
    ("currency", "minor", "shown"), [("USD", -64025, "\u2212640.25"), ("JPY", 1001, "1,001"), ("BHD", 12345, "12.345"), ("USD", 0, "0.00")]
)
def test_amounts_are_shown_with_all_decimals_and_a_real_minus(currency: str, minor: int, shown: str) -> None:
    """One filter shows every amount."""
    page = Template("{% load tally %}{{ minor|amount:currency }}").render(Context({"minor": minor, "currency": currency}))
    assert page == f'<span class="money">{shown}</span>'


@pytest.mark.parametrize(("currency", "minor"), [("USD", 909025), ("JPY", 1001), ("BHD", 12345)])
def test_what_a_field_shows_is_read_back(currency: str, minor: int) -> None:
    """The amount that stands in a field on opening is the amount that is sent."""
    assert forms.minor_of(amounts.typed(minor, currency), currency) == minor


@pytest.mark.parametrize(("days", "word"), [(-5, "5 days overdue"), (-1, "1 day overdue"), (0, "today"), (7, "in 7 days"), (8, None)])
def test_a_due_date_speaks_when_it_is_near_or_past(days: int, word: str | None) -> None:
    """Due soon means seven days."""
    told = statuses.due(TODAY + timedelta(days=days), TODAY)
    assert (told.word if told else None) == word


def test_overdue_replaces_unpaid_but_never_paid() -> None:
    """A paid invoice is paid, whenever it was due."""
    past = TODAY - timedelta(days=1)
    assert statuses.invoice("issued", past, TODAY) is statuses.OVERDUE
    assert statuses.invoice("paid", past, TODAY).word == "Paid"


@pytest.mark.parametrize(("sent", "kept"), [(1000, 1000), (10 * 1024 * 1024, 10 * 1024 * 1024), (30 * 1024 * 1024, None)])
def test_of_a_huge_upload_little_more_than_the_limit_is_kept(sent: int, kept: int | None) -> None:
    """What follows is dropped, the other fields arrive, and the file is still seen to be too large."""
    handlers = ["tallystick.interfaces.web.uploads.Capped", "django.core.files.uploadhandler.TemporaryFileUploadHandler"]
    with override_settings(FILE_UPLOAD_HANDLERS=handlers):
        request = RequestFactory().post("/", {"document": SimpleUploadedFile("order.pdf", b"x" * sent), "number": "7"})
        size = request.FILES["document"].size
        assert request.POST["number"] == "7"
    assert size == kept or (kept is None and 10 * 1024 * 1024 < size < uploads.KEPT_BYTES + 2**17)


@pytest.mark.parametrize(("spoken", "twelve", "one"), [("en", "12,345 invoices", "1 invoice"), ("de", "12.345 Rechnungen", "1 Rechnung")])
def test_numbers_of_things_have_their_thousands_grouped_and_choose_their_plural(spoken: str, twelve: str, one: str) -> None:
    """In templates and in sentences, without another text to translate."""
    text = "{% load i18n tally %}{% blocktranslate count count=n|many %}{{ count }} invoice{% plural %}{{ count }} invoices{% endblocktranslate %}"
    with translation.override(spoken):
        assert Template(text).render(Context({"n": 12_345})) == twelve
        assert Template(text).render(Context({"n": 1})) == one
        found = translation.ngettext("%(count)d more invoice", "%(count)d more invoices", 12_345)
        assert amounts.counted(found, count=12_345).startswith(twelve[:6])
