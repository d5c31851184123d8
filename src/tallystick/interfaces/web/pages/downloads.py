"""Fetch many rows as one file: what is few at once, what is many by the worker, with a page that says how far it is."""

from collections.abc import Sequence
from uuid import UUID

from django.http import HttpResponse, StreamingHttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from tallystick.domain.customers.rules import Act
from tallystick.domain.exports import operations, queries
from tallystick.domain.exports.rules import MOST_BYTES, MOST_EXPORTED, ExportKind, Subject, Wish
from tallystick.domain.invoicing import queries as invoicing
from tallystick.domain.purchasing import queries as purchasing
from tallystick.interfaces.web import fetching, narrowing, page, places
from tallystick.interfaces.web.pages import orders
from tallystick.lib import errors
from tallystick.reactions import exports

AT_ONCE: dict[ExportKind, int] = {ExportKind.ZIP: 10, ExportKind.CSV: 2000, ExportKind.XLSX: 2000}
"""So many rows are not worth a wait."""
BYTES_AT_ONCE = 20 << 20
"""Nor are documents of so many bytes together."""
_TYPES = {
    ExportKind.ZIP: "application/zip",
    ExportKind.CSV: "text/csv; charset=utf-8",
    ExportKind.XLSX: "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
}


@require_POST
@page.page(Act.SEE_FINANCES)
def ask(request: page.Seen, division_id: int) -> HttpResponse:
    """Take the wish for invoices: the ticked ones, or where none is ticked all of the filter that the address has."""
    with page.reading(request):
        where = places.of(request.viewer, division_id)
        kind = fetching.kind_of(request.POST)
        wanted = _invoices(request, where, MOST_EXPORTED[Subject.INVOICES][kind])
    if not wanted:
        raise errors.Invalid(_("No invoice is ticked, and none matches the filter. Tick one, or clear the filter."))
    return answer(request, _wish(Subject.INVOICES, kind, wanted))


@require_POST
@page.page(Act.SEE_FINANCES)
def ask_orders(request: page.Seen, division_id: int) -> HttpResponse:
    """Take the wish for purchase orders, as for invoices; a ZIP has their documents."""
    with page.reading(request):
        where = places.of(request.viewer, division_id)
        kind = fetching.kind_of(request.POST)
        wanted = _orders(request, where, MOST_EXPORTED[Subject.PURCHASE_ORDERS][kind])
        sizes = purchasing.document_sizes(viewer=request.viewer, purchase_order_ids=wanted) if kind is ExportKind.ZIP else []
    if not wanted:
        raise errors.Invalid(_("No purchase order is ticked, and none matches the filter. Tick one, or clear the filter."))
    if sum(sizes) > MOST_BYTES:
        operations.refuse_too_many(subject=Subject.PURCHASE_ORDERS, kind=kind, count=len(wanted), most=_fitting(sizes))
    return answer(request, _wish(Subject.PURCHASE_ORDERS, kind, wanted), is_light=sum(sizes) <= BYTES_AT_ONCE)


@page.page(Act.SEE_FINANCES)
def download(request: page.Seen, export_id: UUID) -> HttpResponse:
    """Show how far a file is, to who asked for it; when it is ready, a link."""
    found = queries.export(viewer=request.viewer, export_id=export_id, now=timezone.now())
    part = "web/parts/download.html" if request.headers.get("HX-Request") or request.headers.get("X-Part") else "web/download.html"
    return page.show(request, part, lambda: {"export": found, "where": places.of(request.viewer)})


@require_POST
@page.page(Act.SEE_FINANCES)
def anew(request: page.Seen, export_id: UUID) -> HttpResponse:
    """Ask for a file once more that could not be made, and wait for that one."""
    made = operations.ask_anew(viewer=request.viewer, export_id=export_id, now=timezone.now())
    return redirect("download", export_id=made)


@page.page(Act.SEE_FINANCES)
def content(request: page.Seen, export_id: UUID) -> HttpResponseBase:
    """Send the file to who asked for it, piece by piece: it is never whole in memory."""
    found = queries.export(viewer=request.viewer, export_id=export_id, now=timezone.now())
    pieces = queries.content(viewer=request.viewer, export_id=export_id, now=timezone.now())
    sent = StreamingHttpResponse(pieces, content_type=_TYPES[ExportKind(found.kind)])
    sent["Content-Length"] = str(found.size)
    return _named(sent, found.subject, found.kind, f"{timezone.localtime(found.asked_at):%Y-%m-%d}")


def answer(request: page.Seen, wish: Wish, *, is_light: bool = True) -> HttpResponse:
    """Send what is few, and queue what is many or heavy. Raises TooManyForOneFile."""
    operations.refuse_too_many(subject=wish.subject, kind=wish.kind, count=wish.total)
    if is_light and wish.total <= AT_ONCE[wish.kind]:
        sent = HttpResponse(exports.whole(request.viewer, wish), content_type=_TYPES[wish.kind])
        return _named(sent, wish.subject, wish.kind, f"{timezone.localdate():%Y-%m-%d}")
    made = operations.ask_export(viewer=request.viewer, wish=wish, now=timezone.now())
    return redirect("download", export_id=made)


def _invoices(request: page.Seen, where: places.Places, most: int) -> list[UUID]:
    asked = narrowing.read(request.GET, orders.INVOICES, where.currency)
    listing = orders.invoice_listing(asked, orders.division_ids(request, where))
    only = narrowing.ticked(request.POST, "invoice", "inv")
    if only:
        listing = invoicing.Listing(division_ids=listing.division_ids, only=only, sort=listing.sort, is_descending=listing.is_descending)
    return invoicing.listed_ids(viewer=request.viewer, listing=listing, today=timezone.localdate(), most=most)


def _orders(request: page.Seen, where: places.Places, most: int) -> list[UUID]:
    asked = narrowing.read(request.GET, orders.ORDERS, where.currency)
    listing = orders.order_listing(asked, orders.division_ids(request, where))
    only = narrowing.ticked(request.POST, "order", "po")
    if only:
        listing = purchasing.Listing(
            division_ids=listing.division_ids, state="all", only=only, sort=listing.sort, is_descending=listing.is_descending
        )
    return purchasing.listed_ids(viewer=request.viewer, listing=listing, most=most)


def _wish(subject: Subject, kind: ExportKind, wanted: Sequence[UUID]) -> Wish:
    return Wish(subject=subject, kind=kind, wanted={"ids": [str(one) for one in wanted]}, total=len(wanted))


def _fitting(sizes: Sequence[int]) -> int:
    """Tell of how many orders, from the first on, the documents fit into one file."""
    together = 0
    for count, size in enumerate(sizes):
        together += size
        if together > MOST_BYTES:
            return count
    return len(sizes)


def _named[A: HttpResponseBase](sent: A, subject: str, kind: str, day: str) -> A:
    sent["Content-Disposition"] = f'attachment; filename="{subject.replace("_", "-")}-{day}.{kind}"'
    return sent
