"""Bundle documents in a ZIP, some at a time: the PDFs of invoices, or what was uploaded with purchase orders and an index of it."""

from collections.abc import Sequence
from uuid import UUID

from tallystick.domain.customers import rules as customers
from tallystick.domain.exports.rules import Piece, Subject, Wish
from tallystick.domain.invoicing import queries as invoicing
from tallystick.domain.purchasing import queries as purchasing
from tallystick.integrations import tables
from tallystick.integrations.pdf import documents
from tallystick.lib import errors
from tallystick.reactions.exports import sources

_INVOICES = 25
_BYTES = 4 << 20
"""A piece of uploaded documents ends with the one that reaches so many bytes."""
_ORDERS = 100
_INDEX = "index.csv"
_ENDINGS = {"application/pdf": "pdf", "image/png": "png", "image/jpeg": "jpg"}


def piece(viewer: customers.Viewer, wish: Wish, so_far: Piece) -> Piece:
    """Put the next documents in, and after the last one the directory."""
    every = [UUID(one) for one in wish.wanted["ids"]]
    archive = tables.Archive(so_far.state.get("file"))
    if wish.subject is Subject.INVOICES:
        return _invoices(viewer, every, archive, so_far)
    return _orders(viewer, every, archive, so_far)


def _invoices(viewer: customers.Viewer, every: Sequence[UUID], archive: tables.Archive, so_far: Piece) -> Piece:
    made = min(so_far.made + _INVOICES, len(every))
    wanted = every[so_far.made : made]
    numbers = invoicing.numbers(viewer=viewer, invoice_ids=wanted)
    content = b"".join(archive.put(f"{tables.file_name(numbers[one])}.pdf", paper(viewer, one)) for one in wanted if one in numbers)
    is_last = made == len(every)
    return Piece(content=content + (archive.end() if is_last else b""), made=made, state={"file": archive.state}, is_last=is_last)


def _orders(viewer: customers.Viewer, every: Sequence[UUID], archive: tables.Archive, so_far: Piece) -> Piece:
    names: dict[str, str] = dict(so_far.state.get("names", {}))
    written: list[bytes] = []
    made = so_far.made
    for order in purchasing.by_ids(viewer=viewer, purchase_order_ids=every[so_far.made : so_far.made + _ORDERS]):
        if order.has_document:
            found = purchasing.document(viewer=viewer, purchase_order_id=order.id)
            names[str(order.id)] = name = _free(order.number, _ENDINGS.get(found.kind, "bin"), archive.names)
            written.append(archive.put(name, found.content))
        made = every.index(order.id, made) + 1
        if sum(map(len, written)) >= _BYTES:
            break
    else:
        made = min(so_far.made + _ORDERS, len(every))
    is_last = made == len(every)
    if is_last:
        written += [archive.put(_INDEX, _index(viewer, every, names)), archive.end()]
    return Piece(content=b"".join(written), made=made, state={"file": archive.state, "names": names}, is_last=is_last)


def _free(number: str, ending: str, taken: set[str]) -> str:
    """Name a document by its order; orders of one number, of which but one is alive, are counted."""
    same = {one.casefold() for one in taken}
    stem, count = tables.file_name(number), 1
    name = f"{stem}.{ending}"
    while name.casefold() in same:
        count += 1
        name = f"{stem} ({count}).{ending}"
    return name


def _index(viewer: customers.Viewer, every: Sequence[UUID], names: dict[str, str]) -> bytes:
    """List the orders as the table has them, each with the file that its document is in this ZIP."""
    table = sources.Orders()
    orders = purchasing.by_ids(viewer=viewer, purchase_order_ids=every)
    return tables.csv_of(tables.Table(table.name, table.heads, table.rows(viewer, orders, names)))


def paper(viewer: customers.Viewer, invoice_id: UUID) -> bytes:
    """Give an invoice's PDF; while the worker has not kept it yet, the same frozen facts draw the same bytes."""
    try:
        return invoicing.invoice_document(viewer=viewer, invoice_id=invoice_id)
    except errors.NotFound as refusal:
        if refusal.code != "document_not_made":
            raise
    return documents.render("invoice", invoicing.invoice_facts(viewer=viewer, invoice_id=invoice_id)).content
