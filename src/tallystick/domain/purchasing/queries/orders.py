"""Ask for purchase orders: those of a division, the operator's queue, one with its history, those of one number."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from uuid import UUID

from django.db.models import Count, Q, QuerySet

from tallystick.domain.customers import models as customers
from tallystick.domain.customers.rules import Act, Viewer, permit, permit_division
from tallystick.domain.invoicing import rules as invoicing
from tallystick.domain.purchasing import models, reading, rules
from tallystick.domain.purchasing.queries import ground
from tallystick.domain.purchasing.refusals import OrderNotFound
from tallystick.integrations.postgres import scope
from tallystick.integrations.storage import chosen, store
from tallystick.lib import errors, texts

_MOST = 200


@dataclass(frozen=True, slots=True)
class Line:
    """Show one line; amounts in minor units."""

    position: int
    description: str
    quantity: Decimal
    unit_price_minor: int
    net_minor: int
    order_reference: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Order:
    """Show one purchase order as its latest revision states it; amounts in minor units."""

    id: UUID
    number: str
    state: str
    revision: int
    customer_id: int
    customer_name: str
    division_id: int
    division_name: str
    currency: str
    percent: Decimal
    net_minor: int
    tax_minor: int
    gross_minor: int
    terms_days: int
    bill_to_name: str
    bill_to_street: str
    bill_to_city: str
    bill_to_country: str
    contact_name: str
    contact_mail: str
    vat_number: str
    recipients: list[str]
    note: str
    signed: bool
    channel: str
    entered_by_id: int | None
    entered_by: str
    is_entered_by_staff: bool
    submitted_at: datetime
    decided_at: datetime | None
    decided_by: str
    invoice_id: UUID | None
    document_id: UUID | None
    document_name: str
    lines: tuple[Line, ...]

    @property
    def has_document(self) -> bool:
        """Tell whether a document was uploaded with it."""
        return self.document_id is not None

    @property
    def is_signed(self) -> bool:
        """Tell whether who sent it confirmed that it is signed."""
        return self.signed

    @property
    def bill_to_address(self) -> str:
        """Give the bill-to address on one line."""
        return ", ".join(part for part in (self.bill_to_street, self.bill_to_city, self.bill_to_country) if part)


@dataclass(frozen=True, slots=True)
class DecisionView:
    """Show what was decided on a revision; `reasons` are the documented ones, as sentences."""

    revision: int
    verdict: str
    reasons: tuple[str, ...]
    text: str
    person_name: str
    decided_at: datetime


@dataclass(frozen=True, slots=True)
class RevisionView:
    """Show an earlier revision as it stood."""

    revision: int
    facts: dict[str, object]
    entered_by: str
    submitted_at: datetime
    replaced_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class OrderView(Order):
    """Show one order entirely: with its decisions and earlier revisions, oldest first, and the requirements."""

    decisions: tuple[DecisionView, ...]
    revisions: tuple[RevisionView, ...]
    requirements: tuple[rules.Requirement, ...]


@dataclass(frozen=True, slots=True)
class StoredDocument:
    """Hold an uploaded document."""

    name: str
    kind: str
    sha256: str
    content: bytes


@dataclass(frozen=True, slots=True)
class Reckoned:
    """Show an order before it is sent: as it was read, with net, tax and gross."""

    order: rules.Order
    totals: invoicing.Totals
    currency: str


@dataclass(frozen=True, slots=True, kw_only=True)
class OrderFilter:
    """Narrow a list: `q` looks in the number; `before` pages on from an order, newest first, `newer_than` back; `created_from` is inclusive."""

    customer_id: int | None = None
    division_id: int | None = None
    states: Sequence[str] = ()
    q: str = ""
    created_from: datetime | None = None
    created_before: datetime | None = None
    before: UUID | None = None
    newer_than: UUID | None = None
    limit: int = 50


_LOOKED_UP = {"customer_name", "division_name", "lines"}
_COPIED = [name for name in Order.__dataclass_fields__ if name not in _LOOKED_UP]


def purchase_orders(*, viewer: Viewer, narrowed: OrderFilter | None = None) -> list[Order]:
    """List orders, newest first, at most 201 at once: a page and one more. Raises NotAllowed, NotFound."""
    permit(viewer, Act.SEE_FINANCES)
    chosen = narrowed or OrderFilter()
    with scope.of(viewer):
        found = _visible(viewer, chosen.customer_id)
        if chosen.division_id is not None:
            permit_division(viewer, chosen.division_id)
            found = found.filter(division_id=chosen.division_id)
        if chosen.states:
            found = found.filter(state__in=list(chosen.states))
        if chosen.q:
            found = found.filter(number__icontains=chosen.q)
        if chosen.created_from:
            found = found.filter(submitted_at__gte=chosen.created_from)
        if chosen.created_before:
            found = found.filter(submitted_at__lt=chosen.created_before)
        return _load(_paged(found, chosen))


def _paged(found: QuerySet[models.PurchaseOrder], chosen: OrderFilter) -> list[models.PurchaseOrder]:
    most = min(chosen.limit, _MOST + 1)
    if chosen.newer_than:
        return list(found.filter(id__gt=chosen.newer_than).order_by("id")[:most])[::-1]
    return list((found.filter(id__lt=chosen.before) if chosen.before else found).order_by("-id")[:most])


def by_ids(*, viewer: Viewer, purchase_order_ids: Sequence[UUID]) -> list[Order]:
    """Load these orders in this order, those out of sight left out."""
    with scope.of(viewer):
        found = {order.id: order for order in _load(_visible(viewer).filter(id__in=list(purchase_order_ids)))}
    return [found[one] for one in purchase_order_ids if one in found]


def document_sizes(*, viewer: Viewer, purchase_order_ids: Sequence[UUID]) -> list[int]:
    """Tell how many bytes the document of each of these orders has, in this order; none where none was sent or the order is out of sight."""
    assert viewer.customer_id is not None, "these lists belong to a customer"
    with scope.of(viewer):
        documents = dict(_visible(viewer).filter(id__in=list(purchase_order_ids), document_id__isnull=False).values_list("id", "document_id"))
        sizes = dict(models.Document.objects.filter(customer_id=viewer.customer_id, id__in=set(documents.values())).values_list("id", "size"))
    return [sizes.get(documents.get(one) or one, 0) for one in purchase_order_ids]


def waiting(*, viewer: Viewer, limit: int = _MOST) -> list[Order]:
    """List the orders that wait for review, oldest first: the operator's queue. Raises NotAllowed."""
    permit(viewer, Act.SEE_ALL)
    with scope.of(viewer):
        return _load(models.PurchaseOrder.objects.filter(state=rules.State.PENDING).order_by("submitted_at", "id")[:limit])


def purchase_order(*, viewer: Viewer, purchase_order_id: UUID) -> OrderView:
    """Open one order with its history. Raises NotAllowed, OrderNotFound."""
    permit(viewer, Act.SEE_FINANCES)
    with scope.of(viewer):
        row = _one(viewer, purchase_order_id)
        order = _load([row])[0]
        own = {"customer_id": row.customer_id, "purchase_order_id": row.id}
        decisions = models.Decision.objects.filter(**own).order_by("revision")
        revisions = models.Revision.objects.filter(**own).order_by("revision")
        return OrderView(
            **{name: getattr(order, name) for name in Order.__dataclass_fields__},
            decisions=tuple(_decision(one) for one in decisions),
            revisions=tuple(RevisionView(one.revision, one.facts, one.entered_by, one.submitted_at, one.replaced_at) for one in revisions),
            requirements=rules.requirements(_as_read(order), has_document=order.has_document),
        )


def same_number(*, viewer: Viewer, purchase_order_id: UUID) -> list[Order]:
    """List the customer's other orders of that number, newest first. Raises NotAllowed, OrderNotFound."""
    permit(viewer, Act.SEE_FINANCES)
    with scope.of(viewer):
        row = _one(viewer, purchase_order_id)
        same = _visible(viewer, row.customer_id).filter(number_key=row.number_key).exclude(id=row.id)
        return _load(same.order_by("-id")[:_MOST])


def pending_by_division(*, viewer: Viewer, customer_id: int | None = None) -> dict[int, int]:
    """Count the pending orders of each division that has any, by division id. Raises NotAllowed."""
    permit(viewer, Act.SEE_FINANCES)
    with scope.of(viewer):
        pending = _visible(viewer, customer_id).filter(state=rules.State.PENDING)
        return dict(pending.values_list("division_id").annotate(n=Count("id")))


def pending_count(*, viewer: Viewer, customer_id: int, division_id: int) -> int:
    """Count the pending orders of one division: what must be none before it is closed."""
    with scope.of(viewer):
        return models.PurchaseOrder.objects.filter(customer_id=customer_id, division_id=division_id, state=rules.State.PENDING).count()


def document(*, viewer: Viewer, purchase_order_id: UUID, kept_in: store.Store = chosen.CHOSEN) -> StoredDocument:
    """Give the document of an order's latest revision, checked against its hash. Raises NotAllowed, OrderNotFound, NotFound; Lost is a fault."""
    permit(viewer, Act.SEE_FINANCES)
    with scope.of(viewer):
        row = _one(viewer, purchase_order_id)
        found = models.Document.objects.filter(customer_id=row.customer_id, id=row.document_id) if row.document_id else models.Document.objects.none()
        kept = found.first()
    if kept is None:
        raise errors.NotFound(texts.marked("No document was sent with this order."))
    placed = store.Placed(content=bytes(kept.content) if kept.content is not None else None, reference=kept.reference)
    return StoredDocument(row.document_name, kept.kind, kept.sha256, kept_in.get(kept.sha256, placed))


def reckoned(*, viewer: Viewer, order: rules.OrderDraft, customer_id: int | None = None) -> Reckoned:
    """Read an order before it is sent, and add the customer's tax. Staff name the customer. Raises NotFound, InvalidFields."""
    owner = viewer.customer_id or customer_id
    assert owner is not None, "staff name the customer"
    with scope.of(viewer):
        place = ground.load(viewer=viewer, customer_id=owner)
    read = reading.read(order, place.setting)
    return Reckoned(read, place.totals(read), place.currency)


def _visible(viewer: Viewer, customer_id: int | None = None) -> QuerySet[models.PurchaseOrder]:
    found = models.PurchaseOrder.objects.all()
    owner = viewer.customer_id or customer_id
    if owner is not None:
        found = found.filter(customer_id=owner)
    return found if viewer.division_ids is None else found.filter(division_id__in=sorted(viewer.division_ids))


def _one(viewer: Viewer, purchase_order_id: UUID) -> models.PurchaseOrder:
    found = _visible(viewer).filter(id=purchase_order_id).first()
    if found is None:
        raise OrderNotFound(texts.marked("There is no such purchase order."))
    return found


def _load(rows: Iterable[models.PurchaseOrder]) -> list[Order]:
    """Make views with names and lines, three questions for all of them."""
    found = list(rows)
    names = dict(customers.Customer.objects.filter(id__in={row.customer_id for row in found}).values_list("id", "name"))
    divisions = dict(customers.Division.objects.filter(id__in={row.division_id for row in found}).values_list("id", "name"))
    lines: dict[UUID, list[Line]] = {row.id: [] for row in found}
    of_these = Q(customer_id__in={row.customer_id for row in found}, purchase_order_id__in=list(lines))
    for line in models.PurchaseOrderLine.objects.filter(of_these).order_by("position"):
        lines[line.purchase_order_id].append(
            Line(line.position, line.description, line.quantity, line.unit_price_minor, line.net_minor, line.order_reference)
        )
    return [
        Order(
            customer_name=names[row.customer_id],
            division_name=divisions[row.division_id],
            lines=tuple(lines[row.id]),
            **{name: getattr(row, name) for name in _COPIED},
        )
        for row in found
    ]


def _decision(row: models.Decision) -> DecisionView:
    sentences = tuple(rules.REASON_SENTENCES[rules.Reason(one)] for one in row.reasons)
    return DecisionView(row.revision, row.verdict, sentences, row.text, row.person_name, row.decided_at)


def _as_read(order: Order) -> rules.Order:
    copied = [name for name in rules.Order.__dataclass_fields__ if name not in {"lines", "number_key", "channel", "recipients"}]
    lines = tuple(
        rules.Line(description=line.description, quantity=line.quantity, unit_price_minor=line.unit_price_minor, order_reference=line.order_reference)
        for line in order.lines
    )
    return rules.Order(
        number_key=rules.number_key(order.number),
        lines=lines,
        channel=rules.Channel(order.channel),
        recipients=tuple(order.recipients),
        **{name: getattr(order, name) for name in copied},
    )
