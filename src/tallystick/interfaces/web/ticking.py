"""Load what is ticked on Pay Invoice: a page of rows, and of the others only those that the form names; a form never carries them all.

Fields of the form: `seen` the drawn rows, `invoice` the ticked ones, `rest` that all others are ticked too, `out` those of the others that
are not, `amount-<id>` an amount, `from` the row behind which the drawn ones begin, `last` the last of them.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from django.http import QueryDict

from tallystick.domain.customers import rules
from tallystick.domain.invoicing import queries as invoicing
from tallystick.interfaces.web import selection
from tallystick.interfaces.web.unpaid import Unpaid
from tallystick.lib import errors, ids

_AMOUNT = "amount-"


@dataclass(frozen=True, slots=True)
class Sent:
    """What a form says of its rows, as outside ids; `all` is set where a button ticks everything or nothing."""

    fields: QueryDict
    wanted: frozenset[str]
    seen: frozenset[str]
    out: frozenset[str]
    rest: bool
    all: bool | None = None

    @property
    def named(self) -> list[UUID]:
        """List every row that the form names."""
        typed = (name.removeprefix(_AMOUNT) for name in self.fields if name.startswith(_AMOUNT))
        return [found for one in {*self.wanted, *self.seen, *self.out, *typed} if (found := id_of(one)) is not None]

    def ticks(self, row: invoicing.OpenInvoice) -> bool:
        """Tell whether a row is ticked."""
        if self.all is not None:
            return self.all
        name = ids.public("inv", row.id)
        return name in self.wanted or (self.rest and name not in self.seen and name not in self.out)


def sent_by(fields: QueryDict, turn: str = "") -> Sent:
    """Read a form; the buttons that tick all or nothing of the filter overrule its boxes."""
    wanted, seen, out = (frozenset(fields.getlist(name)) for name in ("invoice", "seen", "out"))
    everything = {"all": True, "none": False}.get(turn)
    return Sent(fields, wanted, seen, out, "rest" in fields if everything is None else everything, everything)


def id_of(written: str) -> UUID | None:
    """Read an outside id; None where it is none."""
    try:
        return ids.parse("inv", written)
    except errors.NotFound:
        return None


def opening(viewer: rules.Viewer, work: Unpaid, only: str = "") -> selection.Selection:
    """Tick everything, whole; or only the one invoice that a row's button named."""
    rows, more = _page(viewer, work, None)
    named = id_of(only) if only else None
    if named is not None and all(row.id != named for row in rows):
        found = invoicing.unpaid_named(viewer=viewer, narrowed=work.asked, names=work.names, invoice_ids=[named])
        rows, named = [*found, *rows], named if found else None
    drawn = [selection.untouched(row, ticked=named is None or row.id == named) for row in rows]
    rest = selection.remaining(work.sums, drawn)
    return selection.Selection(drawn, [], rest, rest_ticked=named is None and bool(rest), more=more)


def posted(viewer: rules.Viewer, work: Unpaid, fields: QueryDict, *, typing: str = "", turn: str = "") -> selection.Selection:
    """Read the form, and draw the rows that it had; `turn` goes on to the next ones or back to the first, or ticks all or nothing."""
    sent = sent_by(fields, turn)
    known = {row.id: row for row in invoicing.unpaid_named(viewer=viewer, narrowed=work.asked, names=work.names, invoice_ids=sent.named)}
    begin = {"next": fields.get("last", ""), "first": ""}.get(turn, fields.get("from", ""))
    page, more = _page(viewer, work, id_of(begin) if begin else None)
    if not page and begin:
        begin, (page, more) = "", _page(viewer, work, None)
    drawn = [selection.read(row, fields, ticked=sent.ticks(row), typing=typing) for row in page]
    shown = {row.id for row in page}
    others = [selection.read(row, fields, ticked=sent.ticks(row), typing=typing) for row in known.values() if row.id not in shown]
    # what is not right is drawn wherever it stands; what is as the rest is needs no name
    drawn = [row for row in others if row.wrong] + drawn
    kept = [row for row in others if not row.wrong and (row.ticked != sent.rest or (row.ticked and row.amount_minor != row.invoice.open_minor))]
    rest = selection.remaining(work.sums, [*drawn, *kept])
    return selection.Selection(drawn, kept, rest, rest_ticked=sent.rest, after_id=begin, more=more)


def every_row(viewer: rules.Viewer, work: Unpaid, chosen: selection.Selection, *, most: int) -> list[selection.Row]:
    """List all that would be paid, oldest due first; more than `most` is for the caller to refuse first."""
    if not chosen.paid_rest:
        return sorted(chosen.ticked, key=_turn)
    named = {row.invoice.id: row for row in chosen.named}
    found = invoicing.unpaid_page(viewer=viewer, narrowed=work.asked, names=work.names, limit=most + len(named) + 1)
    return [row for row in (named.get(one.id) or selection.untouched(one) for one in found) if row.ticked and not row.wrong]


def gone(viewer: rules.Viewer, work: Unpaid, fields: QueryDict) -> int:
    """Count the ticked invoices that are not open any more: paid meanwhile, in another tab or by another person."""
    wanted = frozenset(fields.getlist("invoice"))
    known = [found for one in wanted if (found := id_of(one)) is not None]
    return len(wanted) - len(invoicing.unpaid_named(viewer=viewer, narrowed=work.asked, names=work.names, invoice_ids=known))


def _turn(row: selection.Row) -> tuple[object, ...]:
    return (row.invoice.due_date, row.invoice.id)


def _page(viewer: rules.Viewer, work: Unpaid, after: UUID | None) -> tuple[Sequence[invoicing.OpenInvoice], bool]:
    found = invoicing.unpaid_page(viewer=viewer, narrowed=work.asked, names=work.names, after=after, limit=selection.SHOWN + 1)
    return found[: selection.SHOWN], len(found) > selection.SHOWN
