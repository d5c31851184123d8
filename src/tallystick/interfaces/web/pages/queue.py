"""Show what waits for somebody: purchase orders oldest first, then the exceptions."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from django.http import HttpResponse
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from tallystick.domain.customers import queries as customers
from tallystick.domain.customers import rules
from tallystick.domain.events import queries as events
from tallystick.domain.funds import queries as funds
from tallystick.domain.invoicing import queries as invoicing
from tallystick.domain.mail import queries as mail
from tallystick.domain.payments import queries as payments
from tallystick.domain.purchasing import queries as purchasing
from tallystick.interfaces.web import page, statuses
from tallystick.interfaces.web.pages import operator_scheduled, operator_words
from tallystick.interfaces.web.statuses import Status
from tallystick.interfaces.web.templatetags import tally


@dataclass(frozen=True, slots=True)
class Row:
    """One purchase order in the queue: how long it waits, whether it has a document to judge, whether the viewer entered it."""

    order: purchasing.Order
    waiting: Status
    document: Status
    mine: bool
    scheduled: operator_scheduled.Followed | None


@dataclass(frozen=True, slots=True)
class Hand:
    """One exception: what it is, in a sentence, since when, and where to go; `closes` is where a button ends it, where one does."""

    status: Status
    says: str
    since: str
    address: str
    closes: str = ""


@require_safe
@page.page(rules.Act.SEE_ALL)
def queue(request: page.Seen) -> HttpResponse:
    """List the orders that wait, and what needs a hand."""
    return page.show(request, "operator/queue.html", lambda: _read(request))


def _read(request: page.Seen) -> dict[str, object]:
    now = timezone.now()
    which = operator_words.chosen(request, "show", ("", "late", "document", "mine"))
    looked_for = operator_words.searched(request)
    strip = operator_scheduled.strip(request.viewer, now)
    every = [_row(request.viewer, order, now, strip) for order in purchasing.waiting(viewer=request.viewer)]
    rows = [row for row in every if _wanted(row, which, looked_for)]
    words = {
        "": _("All %(n)d") % {"n": len(every)},
        "late": _("Over 2 days %(n)d") % {"n": sum(bool(row.waiting.tone) for row in every)},
        "document": _("With document %(n)d") % {"n": sum(row.order.has_document for row in every)},
        "mine": _("Entered by you %(n)d") % {"n": sum(row.mine for row in every)},
    }
    return {
        "strip": strip,
        "rows": rows,
        "every": every,
        "sums": _sums(rows),
        "currency": operator_words.one_currency(row.order.currency for row in rows),
        "oldest": next((row for row in every if row.scheduled is None), None),
        "looked_for": looked_for,
        "show": which,
        "choices": operator_words.choices("show", words, which, {"q": looked_for}),
        "is_new": not every and rules.permits(request.viewer, rules.Act.ADMINISTER) and not customers.customers(viewer=request.viewer, limit=1),
        "hands": _hands(request.viewer, now),
    }


def _row(viewer: rules.Viewer, order: purchasing.Order, now: datetime, strip: operator_scheduled.Strip) -> Row:
    document = Status(_("to compare"), "file") if order.has_document else Status(_("none"), "warn", "heed")
    return Row(
        order, operator_words.waiting(order.submitted_at, now), document, order.entered_by_id == viewer.person_id, strip.by_order.get(order.id)
    )


def _wanted(row: Row, which: str, looked_for: str) -> bool:
    fits = {"": True, "late": bool(row.waiting.tone), "mine": row.mine, "document": row.order.has_document}
    if not fits[which]:
        return False
    return looked_for.casefold() in f"{row.order.number} {row.order.customer_name} {row.order.division_name}".casefold()


def _sums(rows: Sequence[Row]) -> list[tuple[str, int]]:
    """Add the amounts up, a sum for each currency: unlike currencies are never added."""
    sums: dict[str, int] = {}
    for row in rows:
        sums[row.order.currency] = sums.get(row.order.currency, 0) + row.order.gross_minor
    return sorted(sums.items())


def _hands(viewer: rules.Viewer, now: datetime) -> list[Hand]:
    """Collect the exceptions: failed payments, decisions that another person has to take, parked jobs."""
    failed = [
        Hand(
            Status(_("Payment failed"), "card", "bad"),
            f"{one.customer_name}, {tally.written(one.amount_minor, one.currency)} {one.currency}{', ' if one.failure else ''}{one.failure}",
            operator_words.waited(one.started_at, now),
            reverse("operator-payment", args=[one.id]),
        )
        for one in payments.failed(viewer=viewer)
    ]
    parked = [
        Hand(
            Status(_("Job parked"), "wait", "heed"),
            f"{job.reaction}: {job.last_error[:120]}",
            operator_words.waited(job.parked_at, now),
            reverse("operator-health"),
        )
        for job in events.parked()
    ]
    return _fuses(viewer, now) + failed + _decisions(viewer, now) + _mails(viewer, now) + parked


def _mails(viewer: rules.Viewer, now: datetime) -> list[Hand]:
    """Collect the mails that came back, were reported as unwanted or that no server took, until somebody deals with them."""
    return [
        Hand(
            statuses.of("mail", one.state),
            f"{one.customer_name}, {one.address}: {one.subject}",
            operator_words.waited(one.ended_at or one.queued_at, now),
            reverse("operator-mail", args=[one.id]),
        )
        for one in mail.troubles(viewer=viewer)
    ]


def _fuses(viewer: rules.Viewer, now: datetime) -> list[Hand]:
    """Collect the divisions whose programs ran away: whoever approves lets them spend again from here."""
    may = rules.permits(viewer, rules.Act.APPROVE)
    return [
        Hand(
            Status(_("Spending fuse open"), "warn", "bad"),
            f"{one.customer_name}, {one.division_name}",
            operator_words.waited(one.opened_at, now),
            reverse("operator-customer", args=[one.customer_id]),
            reverse("operator-fuse-close", args=[one.customer_id, one.division_id]) if may else "",
        )
        for one in funds.open_fuses(viewer=viewer)
    ]


def _decisions(viewer: rules.Viewer, now: datetime) -> list[Hand]:
    """Collect what one person asked for and another has to decide."""
    notes = [
        Hand(
            Status(_("Credit note to decide"), "refund", "act"),
            f"{note.invoice_number}, {note.customer_name}",
            operator_words.waited(note.requested_at, now),
            reverse("operator-refunds"),
        )
        for note in invoicing.credit_notes(viewer=viewer, state="requested")
    ]
    given_up = [
        Hand(
            Status(_("Write-off to decide"), "void", "act"),
            f"{one.invoice_number}, {tally.written(one.amount_minor, one.currency)} {one.currency}",
            operator_words.waited(one.requested_at, now),
            reverse("operator-refunds"),
        )
        for one in invoicing.write_offs(viewer=viewer, state="requested")
    ]
    refunds = [
        Hand(
            Status(_("Refund to decide"), "refund", "act"),
            f"{tally.written(one.amount_minor, one.currency)} {one.currency}, {one.reason}",
            operator_words.waited(one.requested_at, now),
            reverse("operator-refunds"),
        )
        for one in payments.refunds(viewer=viewer)
        if one.state == "requested"
    ]
    terms = [
        Hand(
            Status(_("Credit limit to decide"), "credit", "act"),
            one.reason,
            operator_words.waited(one.requested_at, now),
            reverse("operator-customer", args=[one.customer_id]),
        )
        for one in funds.requested_terms(viewer=viewer)
    ]
    return notes + given_up + refunds + terms
