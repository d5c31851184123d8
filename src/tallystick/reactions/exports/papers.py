"""Bundle documents in a ZIP, some at a time: the PDFs of invoices, or what was uploaded with purchase orders and an index of it.

A document that its store has lost does not cost the others: no repeat brings it back, and who asked for a thousand has use for 999. It is named in a text
file of the ZIP, counted for the page, and logged as the fault that it is. A store that does not answer is another matter: the worker tries again, and the page
says so.
"""

import logging
from collections.abc import Callable, Sequence
from uuid import UUID

from tallystick.domain.customers import rules as customers
from tallystick.domain.exports.rules import Piece, Subject, Wish
from tallystick.domain.invoicing import queries as invoicing
from tallystick.domain.purchasing import queries as purchasing
from tallystick.integrations import tables
from tallystick.integrations.storage import store
from tallystick.lib import errors
from tallystick.reactions import documents
from tallystick.reactions.exports import sources

_INVOICES = 25
_BYTES = 4 << 20
"""A piece of uploaded documents ends with the one that reaches so many bytes."""
_ORDERS = 100
_INDEX = "index.csv"
_MISSING = "missing-documents.txt"
_MISSING_HEAD = "These documents could not be read from where they are kept, and are not in this file. The operator can look for them.\n\n"
_log = logging.getLogger(__name__)
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
    missing: list[str] = list(so_far.state.get("missing", []))
    numbers = invoicing.numbers(viewer=viewer, invoice_ids=every[so_far.made : made])
    written: list[bytes] = []
    for one in every[so_far.made : made]:
        if one not in numbers:
            continue
        content = _read(lambda one=one: paper(viewer, one), numbers[one], missing)  # type: ignore[misc]  # the loop's own invoice
        if content is not None:
            written.append(archive.put(f"{tables.file_name(numbers[one])}.pdf", content))
    is_last = made == len(every)
    if is_last:
        written += [_named(archive, missing), archive.end()]
    state = {"file": archive.state, "missing": missing}
    return Piece(content=b"".join(written), made=made, missing=len(missing), state=state, is_last=is_last)


def _orders(viewer: customers.Viewer, every: Sequence[UUID], archive: tables.Archive, so_far: Piece) -> Piece:
    names: dict[str, str] = dict(so_far.state.get("names", {}))
    missing: list[str] = list(so_far.state.get("missing", []))
    written: list[bytes] = []
    made = so_far.made
    for order in purchasing.by_ids(viewer=viewer, purchase_order_ids=every[so_far.made : so_far.made + _ORDERS]):
        if order.has_document:
            name, content = _uploaded(viewer, order, archive.names, missing)
            names[str(order.id)] = name
            written.append(b"" if content is None else archive.put(name, content))
        made = every.index(order.id, made) + 1
        if sum(map(len, written)) >= _BYTES:
            break
    else:
        made = min(so_far.made + _ORDERS, len(every))
    is_last = made == len(every)
    if is_last:
        written += [archive.put(_INDEX, _index(viewer, every, names)), _named(archive, missing), archive.end()]
    state = {"file": archive.state, "names": names, "missing": missing}
    return Piece(content=b"".join(written), made=made, missing=len(missing), state=state, is_last=is_last)


def _uploaded(viewer: customers.Viewer, order: purchasing.Order, taken: set[str], missing: list[str]) -> tuple[str, bytes | None]:
    """Give an order's document and how it is called in the ZIP; of one that is lost, where that is said."""
    found = _read(lambda: purchasing.document(viewer=viewer, purchase_order_id=order.id), f"{order.number}: {order.document_name}", missing)
    if found is None:
        return f"missing, see {_MISSING}", None
    return _free(order.number, _ENDINGS.get(found.kind, "bin"), taken), found.content


def _read[T](read: Callable[[], T], name: str, missing: list[str]) -> T | None:
    """Read a document; None for one that its store has lost, whose name is then among the missing."""
    try:
        return read()
    except store.Lost:
        _log.exception("A document is lost: %s. A ZIP is made without it.", name)
        missing.append(name)
        return None


def _named(archive: tables.Archive, missing: Sequence[str]) -> bytes:
    """Name the documents that are missing, in a file of the ZIP; nothing where none is."""
    if not missing:
        return b""
    return archive.put(_MISSING, (_MISSING_HEAD + "".join(f"- {name}\n" for name in missing)).encode())


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
    """Give an invoice's PDF; one that no worker has made yet is made here and kept, for it is made once."""
    try:
        return invoicing.invoice_document(viewer=viewer, invoice_id=invoice_id)
    except errors.NotFound as refusal:
        if refusal.code != "document_not_made":
            raise
    documents.make_invoice(customers.owner(viewer), invoice_id)
    return invoicing.invoice_document(viewer=viewer, invoice_id=invoice_id)
