"""Read from an address which part of a history is asked for: days, kinds, an order, and from where to page on."""

from collections.abc import Mapping
from datetime import date
from typing import Any

from django import forms as django_forms
from django.http import QueryDict
from django.utils import timezone
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from tallystick.domain.funds import histories
from tallystick.domain.ledger.rules import EntryKind
from tallystick.lib import errors

_PURCHASES = (EntryKind.CHARGE, EntryKind.CHARGE_REFUND, EntryKind.CAPTURE, EntryKind.HOLD, EntryKind.HOLD_RELEASE)
_FIRST_DAY = date(2000, 1, 1)
_LAST_DAY = date(2200, 1, 1)
FROM, TO = _("From"), _("To")

GROUPS: Mapping[str, Mapping[str, tuple[str | Promise, tuple[EntryKind, ...]]]] = {
    "balance-history": {
        "in": (
            _("Payments and deposits"),
            (
                EntryKind.INVOICE_PAID,
                EntryKind.PAYMENT_REVERSED,
                EntryKind.PAYMENT_RESTORED,
                EntryKind.UNAPPLIED_CREDIT_USED,
                EntryKind.OPENING_BALANCE,
            ),
        ),
        "bought": (_("Purchases and refunds"), (EntryKind.CHARGE, EntryKind.CHARGE_REFUND, EntryKind.CAPTURE)),
        "held": (_("Holds"), (EntryKind.HOLD, EntryKind.HOLD_RELEASE)),
        "moved": (_("Between divisions"), (EntryKind.TRANSFER, EntryKind.DIVISION_JOINED)),
        "other": (
            _("Corrections"),
            (
                EntryKind.CREDIT_NOTE,
                EntryKind.INVOICE_VOIDED,
                EntryKind.AMOUNT_OWED,
                EntryKind.INVOICE_ISSUED,
                EntryKind.PAID_FROM_BALANCE,
                EntryKind.EXPIRY,
                EntryKind.CORRECTION,
                EntryKind.WRITE_OFF,
            ),
        ),
    },
    "purchase-history": {
        "bought": (_("Purchases"), (EntryKind.CHARGE, EntryKind.CAPTURE)),
        "refunded": (_("Refunds"), (EntryKind.CHARGE_REFUND,)),
        "held": (_("Holds"), (EntryKind.HOLD, EntryKind.HOLD_RELEASE)),
    },
}
"""What a history can be narrowed to: by the address's word, the name that stands on the page and the kinds behind it."""


class Day(django_forms.DateField):
    """A day of the address; one in a far century is refused before anything is reckoned with it."""

    widget = django_forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d")

    def validate(self, value: date | None) -> None:
        """Refuse what is no day of any journal."""
        super().validate(value)
        if value is not None and not _FIRST_DAY <= value <= _LAST_DAY:
            raise django_forms.ValidationError(_("Choose a day between the years 2000 and 2200."))


def in_order(form: django_forms.Form, values: dict[str, object]) -> dict[str, object]:
    """Refuse two days of which the last lies before the first."""
    since, until = values.get("since"), values.get("until")
    if isinstance(since, date) and isinstance(until, date) and until < since:
        form.add_error("until", _("Choose a day that is not before the first."))
    return values


class SpanForm(django_forms.Form):
    """The filters of a history; days are inclusive."""

    since = Day(label=FROM, required=False)
    until = Day(label=TO, required=False)
    kind = django_forms.MultipleChoiceField(label=_("Show"), required=False, widget=django_forms.CheckboxSelectMultiple)
    order = django_forms.CharField(label=_("Order"), required=False, max_length=200)
    before = django_forms.IntegerField(required=False, min_value=1, max_value=2**63 - 2, widget=django_forms.HiddenInput)

    def __init__(self, sent: QueryDict, route: str) -> None:
        """Take what the address says; the route says which kinds there are."""
        self.groups = GROUPS[route]
        self.route = route
        super().__init__(sent)
        choices: Any = self.fields["kind"]
        choices.choices = [(name, words) for name, (words, _kinds) in self.groups.items()]

    def clean(self) -> dict[str, object]:
        """Refuse a range that ends before it starts."""
        return in_order(self, super().clean() or {})

    def asked(self, name: str) -> Any:  # noqa: ANN401 - a day, a number, a text, by the field
        """Give what was asked for; nothing while the form has errors."""
        return self.cleaned_data.get(name) if self.is_valid() else None

    def days(self) -> tuple[date, date] | None:
        """Give the chosen days, open ends closed by the first day of all and by today; None where none were chosen."""
        since, until = self.asked("since"), self.asked("until")
        return (since or _FIRST_DAY, until or max(timezone.localdate(), since or _FIRST_DAY)) if since or until else None

    def kinds(self) -> tuple[EntryKind, ...]:
        """Give the kinds that are shown: those of the ticked groups; without any all, which in a purchase history are purchases only."""
        ticked = self.asked("kind") or []
        if not ticked:
            return _PURCHASES if self.route == "purchase-history" else ()
        return tuple(kind for name in ticked for kind in self.groups[name][1])

    def narrowed(self, *, limit: int) -> histories.MovementFilter:
        """Make the filter of the question."""
        return histories.MovementFilter(
            before=self.asked("before"),
            since=self.asked("since"),
            until=self.asked("until"),
            kinds=self.kinds(),
            order_id=self.asked("order") or "",
            limit=limit,
        )

    def query(self, *, before: int | None = None) -> str:
        """Write the filters as an address has them, with where to page on from."""
        kept = QueryDict(mutable=True)
        for name in ("since", "until"):
            if self.asked(name):
                kept[name] = self.asked(name).isoformat()
        kept.setlist("kind", self.asked("kind") or [])
        if self.asked("order"):
            kept["order"] = self.asked("order")
        if before is not None:
            kept["before"] = str(before)
        return kept.urlencode()


def required(form: django_forms.Form) -> None:
    """Refuse what a file or document is asked for with days that make no sense. Raises Invalid."""
    if not form.is_valid():
        raise errors.Invalid(next(str(wrong) for found in form.errors.values() for wrong in found))


def form_of(sent: QueryDict, route: str) -> SpanForm:
    """Read the filters of a history from an address."""
    form = SpanForm(sent, route)
    form.is_valid()
    return form
