"""Gather what Pay Invoice stands on: the division of the address or all of them, their figures, and the sums of the filter."""

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
from tallystick.interfaces.web import amounts, places, selection

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

    def narrowed(self, division_id: int | None, today: date) -> invoicing.Narrowed:
        """Say it to the domain; a day that is none finds nothing where it is the only one, and narrows nothing as an end."""
        ends = [end for end in (_day(self.by), _day(self.on) or (date.min if self.on else None)) if end]
        if self.due in _DUE_DAYS:
            ends.append(today + timedelta(days=_DUE_DAYS[self.due]))
        return invoicing.Narrowed(division_id=division_id, text=self.q, due_from=_day(self.on), due_to=min(ends, default=None))


@dataclass(frozen=True, slots=True)
class Outlook:
    """Show the funds of one division before and after a payment."""

    place: places.Place
    count: int
    total_minor: int
    after: Figures


@dataclass(frozen=True, slots=True)
class Unpaid:
    """What the page stands on; `of_all` is set where the page shows all divisions at once.

    `pays_from_balance`: something owed is open, and the balance is positive (law 7).
    """

    where: places.Places
    of_all: bool
    narrowed: Filter
    asked: invoicing.Narrowed
    names: invoicing.Names
    figures: dict[int, Figures]
    sums: list[invoicing.UnpaidSum]
    whole: int
    pays_from_balance: bool

    @property
    def here(self) -> Figures:
        """Give the figures of the division of the address."""
        return self.figures[self.where.here.id]

    @property
    def count(self) -> int:
        """Count the invoices of the filter."""
        return sum(one.count for one in self.sums)

    @property
    def open_minor(self) -> int:
        """Sum what is open of the filter."""
        return sum(one.open_minor for one in self.sums)

    @property
    def pays_from_credit(self) -> bool:
        """Tell whether there is unapplied credit; of several divisions each has its own, so one is to be chosen first."""
        return not self.of_all and self.here.unapplied_minor > 0

    @property
    def methods(self) -> list[str]:
        """List the methods that the customer's settings allow."""
        return self.where.customer.payment_methods

    @property
    def first_method(self) -> str:
        """Name the method that is chosen when the page opens: the settings' own where it can be used here, or else the first that comes in."""
        usable = {"card": True, "bank_transfer": True, "unapplied_credit": self.pays_from_credit, "balance": self.pays_from_balance}
        wanted = [self.where.customer.default_method, *self.methods]
        return next(method for method in wanted if method in self.methods and usable[method])

    def outlooks(self, chosen: selection.Selection, method: str) -> list[Outlook]:
        """Show for every fund that the payment reaches what it will be: the one of the address, or each with a ticked invoice."""
        if not self.of_all:
            after = chosen.after(self.here, from_balance=method == Method.BALANCE)
            return [Outlook(self.where.here, chosen.count, chosen.total_minor, after)]
        parts = [(place, chosen.of_division(place.id)) for place in self.where.divisions]
        return [
            Outlook(place, part.count, part.total_minor, part.after(self.figures[place.id]))
            for place, part in parts
            if part.count and place.id in self.figures
        ]


def load(viewer: rules.Viewer, division_id: int, asked: QueryDict, *, today: date) -> Unpaid:
    """Read what stands around the rows inside the running scope: places, customer, sums and figures. Raises NotFound."""
    where = places.of(viewer, division_id)
    names = invoicing.Names(where.customer.name, {place.id: place.name for place in where.divisions})
    every = invoicing.unpaid_sums(viewer=viewer, narrowed=invoicing.Narrowed())
    of_all = where.several_funds and asked.get("of", "") == EVERY
    typed = Filter(*(asked.get(name, "").strip()[:80] for name in ("q", "due", "by", "on")))
    narrowed = typed.narrowed(division_id if where.customer.separate_funds and not of_all else None, today)
    sums = (
        invoicing.unpaid_sums(viewer=viewer, narrowed=narrowed)
        if typed
        else [one for one in every if narrowed.division_id in {None, one.division_id}]
    )
    figures = funds.figures_by_division(viewer=viewer) if of_all else {division_id: funds.figures(viewer=viewer, division_id=division_id)}
    may = not of_all and figures[division_id].balance_minor > 0 and any(not one.is_funding for one in sums)
    return Unpaid(
        where=replace(where, divisions=_counted(where.divisions, every)),
        of_all=of_all,
        narrowed=typed,
        asked=narrowed,
        names=names,
        figures=figures,
        sums=sums,
        whole=sum(one.count for one in every),
        pays_from_balance=may and invoicing.has_amount_owed(viewer=viewer, narrowed=narrowed),
    )


def _day(written: str) -> date | None:
    try:
        return date.fromisoformat(written)
    except ValueError:
        return None


def _counted(divisions: Iterable[places.Place], sums: Iterable[invoicing.UnpaidSum]) -> list[places.Place]:
    counts: Counter[int] = Counter()
    for one in sums:
        counts[one.division_id] += one.count
    return [
        replace(place, note=amounts.counted(ngettext("%(n)d unpaid", "%(n)d unpaid", counts[place.id]), n=counts[place.id])) for place in divisions
    ]
