"""Show what waits for somebody: purchase orders oldest first, then the exceptions."""

from dataclasses import dataclass

from django.http import HttpResponse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from tallystick.domain.customers import rules
from tallystick.domain.events import queries as events
from tallystick.domain.payments import queries as payments
from tallystick.domain.purchasing import queries as purchasing
from tallystick.interfaces.web import page
from tallystick.interfaces.web.pages import operator_requirements, operator_words
from tallystick.interfaces.web.statuses import Status


@dataclass(frozen=True, slots=True)
class Row:
    """One purchase order in the queue, with what is shown of it beside its fields."""

    order: purchasing.Order
    waiting: Status
    met: Status
    mine: bool


@require_safe
@page.page(rules.Act.SEE_ALL)
def queue(request: page.Seen) -> HttpResponse:
    """List the orders that wait, and what needs a hand."""
    return page.show(request, "operator/queue.html", lambda: _read(request))


def _read(request: page.Seen) -> dict[str, object]:
    now = timezone.now()
    which = operator_words.chosen(request, "show", ("", "doubt", "mine"))
    looked_for = operator_words.searched(request)
    every = [_row(request.viewer, order, now) for order in purchasing.waiting(viewer=request.viewer)]
    rows = [row for row in every if _wanted(row, which, looked_for)]
    judge = sum(row.met.tone == "heed" for row in every)
    words = {
        "": _("All %(n)d") % {"n": len(every)},
        "doubt": _("To judge %(n)d") % {"n": judge},
        "mine": _("Entered by you %(n)d") % {"n": sum(row.mine for row in every)},
    }
    return {
        "rows": rows,
        "every": every,
        "sums": _sums(rows),
        "oldest": every[0] if every else None,
        "looked_for": looked_for,
        "show": which,
        "choices": operator_words.choices("show", words, which, {"q": looked_for}),
        "failed": payments.failed(viewer=request.viewer),
        "parked": events.parked(),
    }


def _row(viewer: rules.Viewer, order: purchasing.Order, now: object) -> Row:
    met = operator_requirements.summary(operator_requirements.of(order))
    return Row(order, operator_words.waiting(order.submitted_at, now), met, order.entered_by_id == viewer.person_id)


def _wanted(row: Row, which: str, looked_for: str) -> bool:
    if which == "mine" and not row.mine:
        return False
    if which == "doubt" and row.met.tone != "heed":
        return False
    return looked_for.casefold() in f"{row.order.number} {row.order.customer_name} {row.order.division_name}".casefold()


def _sums(rows: list[Row]) -> list[tuple[str, int]]:
    """Add the amounts up, a sum for each currency: unlike currencies are never added."""
    sums: dict[str, int] = {}
    for row in rows:
        sums[row.order.currency] = sums.get(row.order.currency, 0) + row.order.gross_minor
    return sorted(sums.items())
