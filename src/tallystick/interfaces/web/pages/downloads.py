"""Fetch many invoices as one file: what is few at once, what is many by the worker, with a page that says how far it is."""

from uuid import UUID

from django.http import HttpResponse, QueryDict
from django.shortcuts import redirect
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from tallystick.domain.customers.rules import Act
from tallystick.domain.invoicing import operations
from tallystick.domain.invoicing import queries as invoicing
from tallystick.domain.invoicing.rules import MOST_EXPORTED, ExportKind
from tallystick.interfaces.web import narrowing, page, places
from tallystick.interfaces.web.pages import orders
from tallystick.lib import errors
from tallystick.reactions import exports

AT_ONCE: dict[ExportKind, int] = {ExportKind.ZIP: 10, ExportKind.CSV: 1000, ExportKind.XLSX: 1000}
"""So many invoices are not worth a wait."""
_TYPES = {
    ExportKind.ZIP: "application/zip",
    ExportKind.CSV: "text/csv; charset=utf-8",
    ExportKind.XLSX: "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
}


@require_POST
@page.page(Act.SEE_FINANCES)
def ask(request: page.Seen, division_id: int) -> HttpResponse:
    """Take the wish: the ticked invoices, or where none is ticked all of the filter that the address has."""
    with page.reading(request):
        where = places.of(request.viewer, division_id)
        kind = _kind(request.POST)
        wanted = _wanted(request, where, MOST_EXPORTED[kind])
    if not wanted:
        raise errors.Invalid(_("No invoice is ticked, and none matches the filter. Tick one, or clear the filter."))
    operations.refuse_too_many(kind=kind, count=len(wanted))
    if len(wanted) <= AT_ONCE[kind]:
        return _file(kind, exports.file_of(request.viewer, kind, wanted, progress=lambda _made: None), _today())
    made = operations.ask_export(viewer=request.viewer, kind=kind, wanted=wanted, now=timezone.now())
    return redirect("download", export_id=made)


@page.page(Act.SEE_FINANCES)
def download(request: page.Seen, export_id: UUID) -> HttpResponse:
    """Show how far a file is, to who asked for it; when it is ready, a link."""
    found = invoicing.export(viewer=request.viewer, export_id=export_id, now=timezone.now())
    part = "web/parts/download.html" if request.headers.get("HX-Request") or request.headers.get("X-Part") else "web/download.html"
    return page.show(request, part, lambda: {"export": found, "where": places.of(request.viewer)})


@page.page(Act.SEE_FINANCES)
def content(request: page.Seen, export_id: UUID) -> HttpResponse:
    """Send the file to who asked for it."""
    found = invoicing.export(viewer=request.viewer, export_id=export_id, now=timezone.now())
    kept = invoicing.export_content(viewer=request.viewer, export_id=export_id, now=timezone.now())
    return _file(ExportKind(found.kind), kept, f"{timezone.localtime(found.asked_at):%Y-%m-%d}")


def _wanted(request: page.Seen, where: places.Places, most: int) -> list[UUID]:
    asked = narrowing.read(request.GET, orders.INVOICES, where.currency)
    listing = orders.invoice_listing(asked, orders.division_ids(request, where))
    only = narrowing.ticked(request.POST, "invoice", "inv")
    if only:
        listing = invoicing.Listing(division_ids=listing.division_ids, only=only, sort=listing.sort, is_descending=listing.is_descending)
    return invoicing.listed_ids(viewer=request.viewer, listing=listing, today=timezone.localdate(), most=most)


def _kind(sent: QueryDict) -> ExportKind:
    try:
        return ExportKind(sent.get("kind", ""))
    except ValueError as unknown:
        raise errors.Invalid(_("Choose ZIP, CSV or XLSX.")) from unknown


def _file(kind: ExportKind, content: bytes, day: str) -> HttpResponse:
    answer = HttpResponse(content, content_type=_TYPES[kind])
    answer["Content-Disposition"] = f'attachment; filename="invoices-{day}.{kind}"'
    return answer


def _today() -> str:
    return f"{timezone.localdate():%Y-%m-%d}"
