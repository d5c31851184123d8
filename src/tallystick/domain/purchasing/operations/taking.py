"""Take purchase orders in: submitted by a customer, entered by staff, corrected and sent again, withdrawn."""

import hashlib
import json
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Protocol
from uuid import UUID

from tallystick.domain.customers.rules import Act, Viewer, permit
from tallystick.domain.invoicing import rules as invoicing
from tallystick.domain.purchasing import models, reading, refusals, rules
from tallystick.domain.purchasing.operations import locking
from tallystick.domain.purchasing.queries import ground
from tallystick.integrations.postgres import scope
from tallystick.integrations.storage import chosen, store
from tallystick.lib import errors, ids, texts

_LONGEST_KEY = 200


class Upload(Protocol):
    """Hold a document that integrations.storage accepted: sniffed, capped, sanitised and hashed."""

    @property
    def name(self) -> str:
        """Name the file as it was sent."""

    @property
    def kind(self) -> str:
        """Name its media type as its bytes have it."""

    @property
    def sha256(self) -> str:
        """Give the hash of its bytes in hexadecimal."""

    @property
    def content(self) -> bytes:
        """Give its bytes."""


@dataclass(frozen=True, slots=True)
class _Taking:
    viewer: Viewer
    customer_id: int
    draft: rules.OrderDraft
    document: Upload | None
    placed: store.Placed | None
    form_key: str
    now: datetime


@scope.retrying
def submit_purchase_order(
    *,
    viewer: Viewer,
    order: rules.OrderDraft,
    now: datetime,
    document: Upload | None = None,
    form_key: str = "",
    kept_in: store.Store = chosen.CHOSEN,
) -> models.PurchaseOrder:
    """Send an order to be reviewed; the same form sent again gives the order it made.

    Raises NotAllowed, InvalidFields, NumberUsed, FormReused.
    """
    locking.permit_writing(viewer)
    if viewer.customer_id is None:
        raise errors.NotAllowed(texts.marked("Enter the order for a customer."))
    return _take(_Taking(viewer, viewer.customer_id, order, document, _placed(document, kept_in), form_key, now))


@scope.retrying
def enter_purchase_order(
    *,
    viewer: Viewer,
    customer_id: int,
    order: rules.OrderDraft,
    now: datetime,
    document: Upload | None = None,
    form_key: str = "",
    kept_in: store.Store = chosen.CHOSEN,
) -> models.PurchaseOrder:
    """Enter an order for a customer that came by mail or post; who entered it may not approve it.

    Raises NotAllowed, NotFound, InvalidFields, NumberUsed, FormReused.
    """
    permit(viewer, Act.ENTER)
    return _take(_Taking(viewer, customer_id, order, document, _placed(document, kept_in), form_key, now))


@scope.retrying
def resubmit_purchase_order(
    *,
    viewer: Viewer,
    purchase_order_id: UUID,
    order: rules.OrderDraft,
    now: datetime,
    expected_revision: int | None = None,
    document: Upload | None = None,
    kept_in: store.Store = chosen.CHOSEN,
) -> models.PurchaseOrder:
    """Send a rejected order corrected, as a new revision; the old one is kept, and its document stays unless another is sent.

    Raises NotAllowed, OrderNotFound, OrderDecided, StaleOrder, InvalidFields, NumberUsed.
    """
    locking.permit_writing(viewer)
    placed = _placed(document, kept_in)
    with scope.of(viewer):
        row = locking.lock(viewer=viewer, purchase_order_id=purchase_order_id)
        locking.require(row, rules.State.PENDING, expected_revision)
        taking = _Taking(viewer, row.customer_id, order, document, placed, row.form_key, now)
        _keep_revision(row, now)
        values = _values(taking, but=row.id)
        kept = {} if document else {"document_id": row.document_id, "document_name": row.document_name}
        fresh: dict[str, object] = {
            "state": rules.State.PENDING,
            "revision": row.revision + 1,
            "decided_at": None,
            "decided_by_id": None,
            "decided_by": "",
        }
        for name, value in {**values.columns, **kept, **fresh}.items():
            setattr(row, name, value)
        row.save(force_update=True)
        models.PurchaseOrderLine.objects.filter(customer_id=row.customer_id, purchase_order_id=row.id).delete()
        _insert_lines(row, values)
        locking.record(order=row, kind="purchase_order.resubmitted", viewer=viewer)
    return row


@scope.retrying
def withdraw_purchase_order(*, viewer: Viewer, purchase_order_id: UUID, now: datetime, expected_revision: int | None = None) -> models.PurchaseOrder:
    """Take a pending order back; its number is free again. Raises NotAllowed, OrderNotFound, OrderDecided, StaleOrder."""
    locking.permit_writing(viewer)
    with scope.of(viewer):
        row = locking.lock(viewer=viewer, purchase_order_id=purchase_order_id)
        locking.require(row, rules.State.WITHDRAWN, expected_revision)
        locking.decide(order=row, target=rules.State.WITHDRAWN, viewer=viewer, now=now)
        locking.record(order=row, kind="purchase_order.withdrawn", viewer=viewer)
    return row


@dataclass(frozen=True, slots=True)
class _Values:
    order: rules.Order
    totals: invoicing.Totals
    columns: dict[str, object]


def _take(taking: _Taking) -> models.PurchaseOrder:
    if len(taking.form_key) > _LONGEST_KEY:
        raise errors.Invalid(texts.marked("Send a key of at most %(most)s characters.", most=_LONGEST_KEY), field="form_key")
    with scope.of(taking.viewer):
        before = _sent_before(taking)
        if before is not None:
            return before
        try:
            values = _values(taking)
        except refusals.NumberUsed:
            # two clicks on one form at once: the other one's order has the number since we looked
            before = _sent_before(taking)
            if before is None:
                raise
            return before
        row = models.PurchaseOrder(customer_id=taking.customer_id, id=ids.new(), **values.columns)
        row.save(force_insert=True)
        _insert_lines(row, values)
        locking.record(order=row, kind="purchase_order.submitted", viewer=taking.viewer, entered_by_staff=row.is_entered_by_staff)
    return row


def _sent_before(taking: _Taking) -> models.PurchaseOrder | None:
    """Find the order that this form made; a corrected one keeps its key but another fingerprint, and is still the answer's order."""
    if not taking.form_key:
        return None
    found = models.PurchaseOrder.objects.filter(customer_id=taking.customer_id, form_key=taking.form_key).first()
    if found is None:
        return None
    if found.revision == 1 and found.fingerprint != _fingerprint(taking):
        raise refusals.FormReused(texts.marked("This form was sent before with other contents. Open the order that it made, or start a new one."))
    return found


def _fingerprint(taking: _Taking) -> str:
    facts = [asdict(taking.draft), taking.document.sha256 if taking.document else ""]
    return hashlib.sha256(json.dumps(facts, sort_keys=True).encode()).hexdigest()


def _values(taking: _Taking, but: UUID | None = None) -> _Values:
    """Read the draft, reckon it, and keep its document. Raises InvalidFields, NumberUsed."""
    place = ground.load(viewer=taking.viewer, customer_id=taking.customer_id)
    order = reading.read(taking.draft, place.setting)
    locking.require_unused(customer_id=taking.customer_id, number=order.number, but=but)
    locking.hold_division_open(customer_id=taking.customer_id, division_id=order.division_id)
    totals = place.totals(order)
    columns: dict[str, object] = {name: getattr(order, name) for name in rules.Order.__dataclass_fields__ if name not in {"lines", "recipients"}}
    columns |= {
        "recipients": list(order.recipients),
        "currency": place.currency,
        "percent": invoicing.percent(place.percent_millionths),
        "net_minor": totals.net_minor,
        "tax_minor": totals.tax_minor,
        "gross_minor": totals.gross_minor,
        "form_key": taking.form_key,
        "fingerprint": _fingerprint(taking),
        "entered_by_id": taking.viewer.person_id,
        "entered_by": taking.viewer.name,
        "is_entered_by_staff": taking.viewer.staff_role is not None,
        "submitted_at": taking.now,
        "document_id": _store(taking),
        "document_name": taking.document.name[:200] if taking.document else "",
    }
    return _Values(order, totals, columns)


def _placed(document: Upload | None, kept_in: store.Store) -> store.Placed | None:
    """Give the bytes to the store before the transaction; a file without a row does no harm."""
    return kept_in.put(document.sha256, document.content) if document else None


def _store(taking: _Taking) -> UUID | None:
    document, placed = taking.document, taking.placed
    if document is None or placed is None:
        return None
    kept, _ = models.Document.objects.get_or_create(
        customer_id=taking.customer_id,
        sha256=document.sha256,
        defaults={"kind": document.kind, "size": len(document.content), "content": placed.content, "reference": placed.reference},
    )
    return kept.id


def _insert_lines(row: models.PurchaseOrder, values: _Values) -> None:
    models.PurchaseOrderLine.objects.bulk_create(
        models.PurchaseOrderLine(
            customer_id=row.customer_id,
            purchase_order_id=row.id,
            position=position,
            description=line.description,
            quantity=line.quantity,
            unit_price_minor=line.unit_price_minor,
            net_minor=values.totals.line_nets[position],
            order_reference=line.order_reference,
        )
        for position, line in enumerate(values.order.lines)
    )


def _keep_revision(row: models.PurchaseOrder, now: datetime) -> None:
    """Freeze the revision as it stood, before it is written over."""
    names = [name for name in rules.Order.__dataclass_fields__ if name not in {"lines", "number_key"}]
    lines = models.PurchaseOrderLine.objects.filter(customer_id=row.customer_id, purchase_order_id=row.id).order_by("position")
    facts: dict[str, object] = {name: getattr(row, name) for name in names}
    facts |= {"net_minor": row.net_minor, "tax_minor": row.tax_minor, "gross_minor": row.gross_minor, "document_name": row.document_name}
    facts["document_id"] = str(row.document_id) if row.document_id else None
    facts["lines"] = [
        {
            "description": line.description,
            "quantity": f"{line.quantity.normalize():f}",
            "unit_price_minor": line.unit_price_minor,
            "net_minor": line.net_minor,
            "order_reference": line.order_reference,
        }
        for line in lines
    ]
    models.Revision.objects.create(
        customer_id=row.customer_id,
        purchase_order_id=row.id,
        revision=row.revision,
        facts=facts,
        entered_by=row.entered_by,
        submitted_at=row.submitted_at,
        replaced_at=now,
    )
