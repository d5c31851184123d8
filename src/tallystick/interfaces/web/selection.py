"""Read which invoices a person ticked on the Pay Invoice page, and how much of each; say what paying that would give."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cache
from uuid import UUID

from django.http import QueryDict
from django.urls import reverse
from django.utils.translation import gettext as _

from tallystick.domain.funds.rules import Figures
from tallystick.domain.invoicing.queries import OpenInvoice, UnpaidSum
from tallystick.interfaces.web import amounts, forms, invoices, words
from tallystick.interfaces.web.templatetags import tally
from tallystick.lib import errors, ids, money

SHOWN = 50
"""So many rows are drawn at once; the others of a longer list are ticked or not as one, but for those that were drawn before."""
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
    def is_funding(self) -> bool:
        """Tell whether paying the invoice brings funds."""
        return self.invoice.kind == "funding"

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
    """What is ticked: the drawn rows, those that were drawn before and differ from the rest, and the rest as sums, ticked or not as one.

    Only ticked and right rows count. `after_id` is the row
    behind which the drawn ones begin, `more` whether others follow.
    """

    rows: list[Row] = field(default_factory=list)
    elsewhere: list[Row] = field(default_factory=list)
    rest: Sequence[UnpaidSum] = ()
    rest_ticked: bool = False
    after_id: str = ""
    more: bool = False

    @property
    def named(self) -> list[Row]:
        """List the rows that are known one by one."""
        return [*self.rows, *self.elsewhere]

    @property
    def ticked(self) -> list[Row]:
        """List what would be paid of the rows known one by one."""
        return [row for row in self.named if row.ticked and not row.wrong]

    @property
    def wrong(self) -> list[Row]:
        """List what needs a second look."""
        return [row for row in self.named if row.wrong]

    @property
    def unticked_elsewhere(self) -> list[Row]:
        """List the rows that are not drawn and stay out while the rest is ticked."""
        return [row for row in self.elsewhere if not row.ticked]

    @property
    def ticked_elsewhere(self) -> list[Row]:
        """List the rows that are not drawn and are paid with an amount of their own, or while the rest is not ticked."""
        return [row for row in self.elsewhere if row.ticked]

    @property
    def is_long(self) -> bool:
        """Tell whether there are more rows than are drawn."""
        return bool(self.rest or self.elsewhere or self.after_id)

    @property
    def last_id(self) -> str:
        """Name the last drawn row, behind which the next ones begin."""
        return self.rows[-1].public_id if self.rows else ""

    @property
    def rest_count(self) -> int:
        """Count the rest."""
        return sum(one.count for one in self.rest)

    @property
    def rest_minor(self) -> int:
        """Sum what is open of the rest."""
        return sum(one.open_minor for one in self.rest)

    @property
    def paid_rest(self) -> Sequence[UnpaidSum]:
        """Give the sums of the rest that would be paid."""
        return self.rest if self.rest_ticked else ()

    @property
    def whole(self) -> int:
        """Count the invoices of the filter."""
        return len(self.rows) + len(self.elsewhere) + self.rest_count

    @property
    def count(self) -> int:
        """Count what would be paid."""
        return len(self.ticked) + sum(one.count for one in self.paid_rest)

    @property
    def total_minor(self) -> int:
        """Sum what would be paid."""
        return sum(row.amount_minor for row in self.ticked) + sum(one.open_minor for one in self.paid_rest)

    @property
    def all_ticked(self) -> bool:
        """Tell whether every row of the filter is ticked."""
        return all(row.ticked for row in self.named) and (self.rest_ticked or not self.rest)

    def of_division(self, division_id: int) -> "Selection":
        """Narrow to what is of one division."""
        return replace(
            self,
            rows=[row for row in self.rows if row.invoice.division_id == division_id],
            elsewhere=[row for row in self.elsewhere if row.invoice.division_id == division_id],
            rest=[one for one in self.rest if one.division_id == division_id],
        )

    def after(self, figures: Figures, *, from_balance: bool = False) -> Figures:
        """Give the figures as paying this would leave them."""
        gross, net = {True: 0, False: 0}, {True: 0, False: 0}
        for row in self.ticked:
            gross[row.is_funding] += row.amount_minor
            net[row.is_funding] += invoices.net_of(row.invoice, row.amount_minor)
        for one in self.paid_rest:
            gross[one.is_funding] += one.open_minor
            net[one.is_funding] += one.open_net_minor
        takes_minor = net[False] if from_balance else 0
        return figures.after(balance_minor=net[True] - takes_minor, unpaid_funding_minor=-gross[True], unpaid_owed_minor=-gross[False])


def untouched(row: OpenInvoice, *, ticked: bool = True) -> Row:
    """Take a row as the page opens with it: whole."""
    return Row(row, ticked, amounts.typed(row.open_minor, row.currency), row.open_minor if ticked else 0)


def remaining(sums: Sequence[UnpaidSum], named: Sequence[Row]) -> list[UnpaidSum]:
    """Take the rows that are known one by one out of the sums of the filter."""
    left = {(one.division_id, one.is_funding): [one.count, one.open_minor, one.open_net_minor] for one in sums}
    for row in named:
        taken = left.setdefault((row.invoice.division_id, row.is_funding), [0, 0, 0])
        taken[0] -= 1
        taken[1] -= row.invoice.open_minor
        taken[2] -= row.invoice.open_net_minor
    return [UnpaidSum(*key, *amounts) for key, amounts in left.items() if amounts[0] > 0]


def read(row: OpenInvoice, sent: QueryDict, *, ticked: bool, typing: str = "") -> Row:
    """Read a row of the form: what was typed is kept; an amount that can not be paid is said beside its field.

    The field named by `typing` has the focus: it is only marked when it cannot become right any more.
    """
    found = _read(row, sent, ticked=ticked)
    return _patient(found) if found.wrong and found.field == typing else found


def may_become_right(typed: str, *, currency: str, most_minor: int) -> bool:
    """Tell whether typing on can make an amount of it that is at most so much: 0, 12. and 1,2 may; 1.234, .5 and 12x may not."""
    return any(_fits(whole, part, currency, most_minor) for whole, part in amounts.begun(typed))


def _fits(whole: str, part: str, currency: str, most_minor: int) -> bool:
    places = money.exponent(currency)
    if len(whole) > _DIGITS or len(part) > places + 1 or (part and not places):
        return False
    return money.parse(f"{whole}{part if len(part) > 1 else ''}", currency) <= most_minor


def by_id(paid: Sequence[Row]) -> Mapping[UUID, int]:
    """Give the amounts by invoice id."""
    return {row.invoice.id: row.amount_minor for row in paid}


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
