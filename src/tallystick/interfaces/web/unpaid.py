"""Gather what Pay Invoice stands on: the division of the address or all of them, their figures, and the unpaid invoices of the filter."""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import date, timedelta

from django.http import QueryDict
from django.utils.translation import ngettext

from tallystick.domain.customers import rules
from tallystick.domain.funds import queries as funds
from tallystick.domain.funds.rules import Figures
from tallystick.domain.invoicing import queries as invoicing
from tallystick.domain.payments.rules import Method
from tallystick.interfaces.web import places, selection

EVERY = "all"
"""The address's `of`, and the dropdown's choice, for the unpaid invoices of all divisions with funds of their own."""
_DUE_DAYS = {"overdue": -1, "week": 7, "month": 30}


@dataclass(frozen=True, slots=True)
class Filter:
    """What the address narrows the list to; empty texts narrow nothing."""

    q: str = ""
    due: str = ""
    by: str = ""
    on: str = ""

    def __bool__(self) -> bool:
        """Tell whether anything is narrowed."""
        return any((self.q, self.due, self.by, self.on))

    def passes(self, row: invoicing.OpenInvoice, today: date) -> bool:
        """Tell whether an invoice is among what was asked for."""
        sought = self.q.casefold()
        if sought and not any(sought in text.casefold() for text in (row.number, row.purchase_order_number, row.original_number)):
            return False
        due = row.due_date.isoformat()
        if (self.on and due != self.on) or (self.by and due > self.by):
            return False
        return self.due not in _DUE_DAYS or row.due_date <= today + timedelta(days=_DUE_DAYS[self.due])


@dataclass(frozen=True, slots=True)
class Outlook:
    """Show the funds of one division before and after a payment."""

    place: places.Place
    count: int
    total_minor: int
    after: Figures


@dataclass(frozen=True, slots=True)
class Unpaid:
    """What the page stands on; `of_all` is set where the page shows all divisions at once."""

    where: places.Places
    of_all: bool
    narrowed: Filter
    figures: dict[int, Figures]
    rows: list[invoicing.OpenInvoice]
    whole: int

    @property
    def here(self) -> Figures:
        """Give the figures of the division of the address."""
        return self.figures[self.where.here.id]

    @property
    def open_minor(self) -> int:
        """Sum what is open of the filter."""
        return sum(row.open_minor for row in self.rows)

    @property
    def pays_from_balance(self) -> bool:
        """Tell whether the balance may pay: something owed is open, and the balance is positive (law 7)."""
        return not self.of_all and self.here.balance_minor > 0 and any(row.kind == "amount_owed" for row in self.rows)

    @property
    def pays_from_credit(self) -> bool:
        """Tell whether there is unapplied credit; of several divisions each has its own, so one is to be chosen first."""
        return not self.of_all and self.here.unapplied_minor > 0

    def outlooks(self, chosen: selection.Selection, method: str) -> list[Outlook]:
        """Show for every fund that the payment reaches what it will be: the one of the address, or each with a ticked invoice."""
        if not self.of_all:
            after = chosen.after(self.here, from_balance=method == Method.BALANCE)
            return [Outlook(self.where.here, len(chosen.ticked), chosen.total_minor, after)]
        parts = [(place, chosen.of_division(place.id)) for place in self.where.divisions]
        return [
            Outlook(place, len(part.ticked), part.total_minor, part.after(self.figures[place.id]))
            for place, part in parts
            if part.ticked and place.id in self.figures
        ]


def load(viewer: rules.Viewer, division_id: int, asked: QueryDict, *, today: date) -> Unpaid:
    """Read it inside the running scope: places, customer, invoices and figures, one statement each. Raises NotFound."""
    where = places.of(viewer, division_id)
    names = invoicing.Names(where.customer.name, {place.id: place.name for place in where.divisions})
    every = invoicing.open_invoices(viewer=viewer, names=names)
    of_all = where.several_funds and asked.get("of", "") == EVERY
    narrowed = Filter(*(asked.get(name, "").strip()[:80] for name in ("q", "due", "by", "on")))
    own = [row for row in every if of_all or not where.customer.separate_funds or row.division_id == division_id]
    figures = funds.figures_by_division(viewer=viewer) if of_all else {division_id: funds.figures(viewer=viewer, division_id=division_id)}
    rows = [row for row in own if narrowed.passes(row, today)]
    return Unpaid(replace(where, divisions=_counted(where.divisions, every)), of_all, narrowed, figures, rows, len(every))


def _counted(divisions: Iterable[places.Place], rows: Iterable[invoicing.OpenInvoice]) -> list[places.Place]:
    counts = Counter(row.division_id for row in rows)
    return [replace(place, note=ngettext("%(n)d unpaid", "%(n)d unpaid", counts[place.id]) % {"n": counts[place.id]}) for place in divisions]
