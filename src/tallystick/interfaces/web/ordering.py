"""Read the form of a purchase order as it was typed; every check is the domain's, so that the same sentence stands everywhere."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from functools import cache
from typing import Any

from babel import Locale
from django import forms as django_forms
from django.http import QueryDict
from django.utils import translation
from django.utils.translation import gettext_lazy as _

from tallystick.domain.purchasing.rules import LineDraft, OrderDraft
from tallystick.interfaces.web import amounts, forms, places, words
from tallystick.lib import errors

MOST_LINES = 200
_PARTS = ("description", "quantity", "unit_price", "order_reference")
_COUNTRY = re.compile("[A-Z]{2}")
_NO_COUNTRIES = {"ZZ", "EU", "UN", "EZ", "XA", "XB"}
_TERMS = (("30", _("Net 30")), ("15", _("Net 15")), ("0", _("Due on receipt")))


@dataclass(slots=True)
class TypedLine:
    """One line as typed, with what is wrong in it by part."""

    place: int
    draft: LineDraft
    wrong: dict[str, str]

    @property
    def is_blank(self) -> bool:
        """Tell whether nothing was typed."""
        return not any(getattr(self.draft, part).strip() for part in _PARTS if part != "quantity")


class OrderForm(forms.Form):
    """Everything of an order but its lines; nothing is required here, the domain says what is missing."""

    number = django_forms.CharField(
        label=_("Purchase order number"), widget=django_forms.TextInput(attrs={"data-requires": "number", "autocomplete": "off"})
    )
    division = django_forms.ChoiceField(label=_("Division"))
    terms_days = django_forms.ChoiceField(label=_("Payment terms"), choices=_TERMS, help_text=_("At most 30 days"), initial="30")
    amount = django_forms.CharField(
        label=_("Amount, net"),
        required=False,
        help_text=_("Only where the order has no lines"),
        widget=django_forms.TextInput(attrs={"inputmode": "decimal", "autocomplete": "off"}),
    )
    bill_to_name = django_forms.CharField(label=_("Company name"), widget=django_forms.TextInput(attrs={"autocomplete": "organization"}))
    bill_to_street = django_forms.CharField(label=_("Street and number"), widget=django_forms.TextInput(attrs={"autocomplete": "street-address"}))
    bill_to_city = django_forms.CharField(label=_("City, state, code"))
    bill_to_country = django_forms.ChoiceField(label=_("Country"))
    contact_name = django_forms.CharField(label=_("Who processes the invoice"), widget=django_forms.TextInput(attrs={"autocomplete": "name"}))
    contact_mail = django_forms.CharField(label=_("Their e-mail"), widget=django_forms.EmailInput(attrs={"autocomplete": "email"}))
    vat_number = django_forms.CharField(label=_("VAT or GST number"), required=False)
    recipients = django_forms.CharField(label=_("Also mail to"), required=False, help_text=_("Addresses separated by commas"))
    note = django_forms.CharField(label=_("Note"), required=False, widget=django_forms.Textarea(attrs={"rows": 2}))
    signed = django_forms.BooleanField(
        label=_("The order is signed where its form has a place for it"),
        required=False,
        help_text=_("An unsigned order is the most frequent reason for a rejection."),
    )
    document = django_forms.FileField(
        label=_("Document"), required=False, widget=django_forms.FileInput(attrs={"class": "unseen", "accept": ".pdf,.png,.jpg,.jpeg"})
    )

    def __init__(self, *args: Any, where: places.Places, lines: list[TypedLine], **kwargs: Any) -> None:
        """Offer the open divisions in sight and the countries of the reader's language."""
        super().__init__(*args, **kwargs)
        self.lines = lines or [TypedLine(1, LineDraft(), {})]
        self.first_order = ""
        self.currency = where.currency
        self.ambiguous: dict[str, str] = {}
        self.fields["division"].choices = [(str(place.id), place.name) for place in where.divisions]  # type: ignore[attr-defined]
        self.fields["bill_to_country"].choices = [("", _("Choose")), *_countries(translation.get_language() or "en")]  # type: ignore[attr-defined]

    def draft(self) -> OrderDraft:
        """Give what was typed, unread; blank lines count for nothing."""
        sent = {
            name: (self.data.get(name) or "") for name in OrderDraft.__dataclass_fields__ if name not in {"lines", "signed", "channel", "currency"}
        }
        sent["amount"] = self._plain("amount", sent["amount"])
        filled = [line.draft for line in self.lines if not line.is_blank]
        lines = tuple(
            replace(draft, quantity=amounts.plain_number(draft.quantity), unit_price=self._plain(f"lines-{at}-unit_price", draft.unit_price))
            for at, draft in enumerate(filled)
        )
        return OrderDraft(**sent, lines=lines, signed=bool(self.data.get("signed")))

    def _plain(self, name: str, written: str) -> str:
        """Read an amount in the reader's language; what can be read in two ways is kept from the domain, and said in its place."""
        try:
            return amounts.plain(written, self.currency)
        except amounts.Ambiguous as refusal:
            self.ambiguous[name] = words.said(refusal.sentence)
            return f"{written}?"

    def refuse(self, refusal: errors.Refusal) -> None:
        """Show what the domain found at its field; a line's complaints stand in that line. A number used before leads to its order."""
        self.first_order = str(refusal.facts.get("purchase_order_id", ""))
        filled = [line for line in self.lines if not line.is_blank]
        for name, sentence in words.complaints(refusal, elsewhere=forms.NON_FIELD).items():
            sentence = self.ambiguous.get(name, sentence)  # noqa: PLW2901 - the narrower word takes the place of the domain's
            start, _, rest = name.partition("-")
            place, _, part = rest.partition("-")
            if name == "lines":
                (filled or self.lines)[0].wrong["unit_price"] = sentence  # it is about all lines: said once, where the amounts stand
            elif start == "lines" and place.isdecimal() and int(place) < len(filled):
                filled[int(place)].wrong[part] = sentence
            else:
                self.add_error(name if name in self.fields else None, sentence)

    def complaints(self) -> Iterator[tuple[str, str]]:
        """List each complaint with the id of its field, in the order of the form."""
        for sentence in self.non_field_errors():
            yield "", str(sentence)
        for name in ("document", "number", "division", "terms_days"):
            yield from ((f"id_{name}", str(sentence)) for sentence in self.errors.get(name, []))
        for line in self.lines:
            yield from ((f"{part}-{line.place}", sentence) for part, sentence in line.wrong.items())
        rest = [name for name in self.fields if name not in {"document", "number", "division", "terms_days", "form_key"}]
        for name in rest:
            yield from ((f"id_{name}", str(sentence)) for sentence in self.errors.get(name, []))


@cache
def _countries(language: str) -> list[tuple[str, str]]:
    """List the countries of ISO 3166-1 by their names in a language; unions and unknown regions are none."""
    names = Locale.parse(language, sep="-").territories.items()
    found = [(code, name) for code, name in names if _COUNTRY.fullmatch(code) and code not in _NO_COUNTRIES]
    return sorted(found, key=lambda country: country[1])


def typed_lines(sent: QueryDict) -> list[TypedLine]:
    """Read the lines in the order of their numbers, as many as were sent."""
    places = sorted({int(name.rpartition("-")[2]) for name in sent if name.startswith("description-") and name.rpartition("-")[2].isdecimal()})[
        :MOST_LINES
    ]
    return [TypedLine(at, LineDraft(**{part: sent.get(f"{part}-{number}", "") for part in _PARTS}), {}) for at, number in enumerate(places, 1)]


def lines_of(drafts: Mapping[int, LineDraft]) -> list[TypedLine]:
    """Give drafts as typed lines, for an order that is corrected."""
    return [TypedLine(place, draft, {}) for place, draft in sorted(drafts.items())]
