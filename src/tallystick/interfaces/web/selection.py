"""Read which invoices a person ticked on the Pay Invoice page, and how much of each; say what paying that would give."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cache
from uuid import UUID

from django.http import QueryDict
from django.urls import reverse
from django.utils.translation import gettext as _

from tallystick.domain.funds.rules import Figures
from tallystick.domain.invoicing.queries import OpenInvoice
from tallystick.interfaces.web import amounts, forms, invoices, words
from tallystick.interfaces.web.templatetags import tally
from tallystick.lib import errors, ids, money

SHOWN = 200
"""So many rows are drawn; the rest of a longer list is ticked or not as one."""
_DIGITS = 15


@dataclass(frozen=True, slots=True)
class Row:
    """An open invoice as ticked: what was typed for it, what that is in minor units, or why it can not be."""

    invoice: OpenInvoice
    ticked: bool
    typed: str
    amount_minor: int
    wrong: str = ""

    @property
    def public_id(self) -> str:
        """Give the invoice's outside id, which the row's box sends."""
        return ids.public("inv", self.invoice.id)

    @property
    def field(self) -> str:
        """Name the row's amount field."""
        return f"amount-{self.public_id}"

    @property
    def address(self) -> str:
        """Give the invoice's page."""
        before, after = _around_id()
        return f"{before}{self.public_id}{after}"

    @property
    def tick_label(self) -> str:
        """Name the row's box for those who do not see the row."""
        return _("Pay %(number)s") % {"number": self.invoice.number}

    @property
    def amount_label(self) -> str:
        """Name the row's amount field for those who do not see the row."""
        return _("Amount to pay now for %(number)s, %(currency)s") % {"number": self.invoice.number, "currency": self.invoice.currency}

    @property
    def tax_minor(self) -> int:
        """Tell how much of what is open is tax, which never comes into the balance."""
        return self.invoice.open_minor - self.invoice.open_net_minor

    @property
    def origin(self) -> str:
        """Say where the invoice comes from."""
        return invoices.origin(self.invoice)


@dataclass(frozen=True, slots=True)
class Selection:
    """All rows of the page; only the ticked and right ones count."""

    rows: list[Row] = field(default_factory=list)

    @property
    def ticked(self) -> list[Row]:
        """List what would be paid."""
        return [row for row in self.rows if row.ticked and not row.wrong]

    @property
    def wrong(self) -> list[Row]:
        """List what needs a second look."""
        return [row for row in self.rows if row.wrong]

    @property
    def shown(self) -> list[Row]:
        """List the rows that are drawn."""
        return self.rows[:SHOWN]

    @property
    def rest(self) -> list[Row]:
        """List the rows that are ticked or not as one."""
        return self.rows[SHOWN:]

    @property
    def rest_minor(self) -> int:
        """Sum what is open beyond the drawn rows."""
        return sum(row.invoice.open_minor for row in self.rest)

    @property
    def rest_ticked(self) -> bool:
        """Tell whether the rest is ticked."""
        return any(row.ticked for row in self.rest)

    @property
    def total_minor(self) -> int:
        """Sum what would be paid."""
        return sum(row.amount_minor for row in self.ticked)

    @property
    def all_ticked(self) -> bool:
        """Tell whether every row of the filter is ticked."""
        return all(row.ticked for row in self.rows)

    def of_division(self, division_id: int) -> "Selection":
        """Narrow to the rows of one division."""
        return Selection([row for row in self.rows if row.invoice.division_id == division_id])

    def after(self, figures: Figures, *, from_balance: bool = False) -> Figures:
        """Give the figures as paying this would leave them."""
        funding = [row for row in self.ticked if row.invoice.kind == "funding"]
        owed_minor = sum(row.amount_minor for row in self.ticked) - sum(row.amount_minor for row in funding)
        brings_minor = sum(invoices.net_of(row.invoice, row.amount_minor) for row in funding)
        takes_minor = (
            sum(invoices.net_of(row.invoice, row.amount_minor) for row in self.ticked if row.invoice.kind != "funding") if from_balance else 0
        )
        return figures.after(
            balance_minor=brings_minor - takes_minor, unpaid_funding_minor=-sum(row.amount_minor for row in funding), unpaid_owed_minor=-owed_minor
        )


def opening(rows: Sequence[OpenInvoice], only: str = "") -> Selection:
    """Tick everything, whole; or only the one invoice that a row's button named."""
    known = {ids.public("inv", row.id) for row in rows}
    single = only if only in known else ""
    return Selection(
        [Row(row, not single or ids.public("inv", row.id) == single, amounts.typed(row.open_minor, row.currency), row.open_minor) for row in rows]
    )


def posted(rows: Sequence[OpenInvoice], sent: QueryDict, *, typing: str = "") -> Selection:
    """Read the form: what was typed is kept; an amount that can not be paid is said beside its field.

    Rows beyond the shown ones are ticked together, by the box `rest`. The field named by `typing` has the focus: it is only
    marked when it cannot become right any more.
    """
    wanted, rest = set(sent.getlist("invoice")), "rest" in sent
    read = [_read(row, sent, ticked=ids.public("inv", row.id) in wanted or (rest and place >= SHOWN)) for place, row in enumerate(rows)]
    return Selection([_patient(row) if row.wrong and row.field == typing else row for row in read])


def ticked_as_one(chosen: Selection, *, ticked: bool) -> Selection:
    """Tick all of the filter, or nothing of it; typed amounts stay."""
    return Selection([replace(row, ticked=ticked, wrong="") for row in chosen.rows])


def may_become_right(typed: str, *, currency: str, most_minor: int) -> bool:
    """Tell whether typing on can make an amount of it that is at most so much: 0, 12. and 1,2 may; 1.234, .5 and 12x may not."""
    return any(_fits(whole, part, currency, most_minor) for whole, part in amounts.begun(typed))


def _fits(whole: str, part: str, currency: str, most_minor: int) -> bool:
    places = money.exponent(currency)
    if len(whole) > _DIGITS or len(part) > places + 1 or (part and not places):
        return False
    return money.parse(f"{whole}{part if len(part) > 1 else ''}", currency) <= most_minor


def gone(rows: Sequence[OpenInvoice], sent: QueryDict) -> int:
    """Count the ticked invoices that are not open any more: paid meanwhile, in another tab or by another person."""
    return len(set(sent.getlist("invoice")) - {ids.public("inv", row.id) for row in rows})


def by_id(selection: Selection) -> Mapping[UUID, int]:
    """Give the amounts by invoice id."""
    return {row.invoice.id: row.amount_minor for row in selection.ticked}


@cache
def _around_id() -> tuple[str, str]:
    """Split the address of an invoice's page around its id, once: finding a route by name for each row is what a long list spends its time on."""
    none = UUID(int=0)
    before, _id, after = reverse("invoice", kwargs={"invoice_id": none}).partition(ids.public("inv", none))
    return before, after


def _patient(row: Row) -> Row:
    return replace(row, wrong="") if may_become_right(row.typed, currency=row.invoice.currency, most_minor=row.invoice.open_minor) else row


def _read(row: OpenInvoice, sent: QueryDict, *, ticked: bool) -> Row:
    typed = sent.get(f"amount-{ids.public('inv', row.id)}", amounts.typed(row.open_minor, row.currency))[:40]
    if not ticked:
        return Row(row, ticked, typed, 0)
    try:
        amount_minor = forms.minor_of(typed, row.currency)
    except errors.Invalid as refusal:
        return Row(row, ticked, typed, 0, words.said(refusal.sentence))
    if not 0 < amount_minor <= row.open_minor:
        least = tally.written(1, row.currency)
        return Row(row, ticked, typed, 0, _("Between %(least)s and %(most)s") % {"least": least, "most": tally.written(row.open_minor, row.currency)})
    return Row(row, ticked, typed, amount_minor)
