"""Purchase orders: send with or without a document, list, open, withdraw, approve, reject, send again corrected."""

from collections.abc import Callable
from datetime import UTC, datetime
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from ninja import Query

from tallystick.domain.customers.rules import Viewer, ViewerKind
from tallystick.domain.invoicing import queries as invoicing
from tallystick.domain.purchasing import operations, queries
from tallystick.integrations.postgres import scope
from tallystick.integrations.storage import chosen, files, store
from tallystick.interfaces.api.framework import bodies, callers, conditions, paging, resource, shapes
from tallystick.interfaces.api.framework.replies import Told
from tallystick.interfaces.api.framework.resource import Act, Need
from tallystick.interfaces.api.resources import invoice_shapes, order_shapes, rehearsed
from tallystick.interfaces.api.resources.order_shapes import OrderAsked, OrdersAsked, PurchaseOrder, PurchaseOrderInFull, RejectionAsked
from tallystick.lib import errors, ids

orders = resource.Resource("purchase_orders", tag="Purchase orders", prefix="/purchase-orders")
RESOURCES = (orders,)
_PREFIX = "po"
_TAKEN = bodies.Taken(OrderAsked, "order")


class ApprovalPreview(shapes.Shape):
    """Show what an approval would do: nothing is written."""

    number: str
    issue_date: shapes.Day
    due_date: shapes.Day
    net: shapes.Money
    tax: shapes.Money
    gross: shapes.Money
    mailed_to: list[str]
    funds_before: rehearsed.FundsShown
    funds_after: rehearsed.FundsShown
    funds_after_payment: rehearsed.FundsShown


@orders.reading("", answers=shapes.Listed[PurchaseOrder])
def list_purchase_orders(request: HttpRequest, asked: Query[OrdersAsked]) -> Told:
    """List purchase orders, newest first."""
    at = paging.cursor(asked, _PREFIX)
    customer = callers.customer_id(request, asked.customer)
    narrowed = queries.OrderFilter(
        customer_id=customer,
        division_id=callers.division_id(request, asked.division, customer),
        states=[asked.status] if asked.status else [],
        q=asked.q or "",
        created_from=asked.created_from,
        created_before=asked.created_before,
        before=at.older_than,
        newer_than=at.newer_than,
        limit=at.limit,
    )
    found = queries.purchase_orders(viewer=callers.of(request).viewer, narrowed=narrowed)
    return paging.told(request, found, at, prefix=_PREFIX, shape=shapes.Listed[PurchaseOrder], show=order_shapes.show)


@orders.reading("/{purchase_order_id}", answers=PurchaseOrderInFull)
def get_purchase_order(request: HttpRequest, purchase_order_id: str) -> Told:
    """Open a purchase order, with its lines and what was decided on it."""
    return _told(_seen(request, purchase_order_id))


@orders.reading("/{purchase_order_id}/document", answers=None, extra={"x-media": ["application/pdf", "image/png", "image/jpeg"]})
def get_purchase_order_document(request: HttpRequest, purchase_order_id: str) -> HttpResponse:
    """Fetch the document that was sent with a purchase order."""
    found = queries.document(viewer=callers.of(request).viewer, purchase_order_id=ids.parse(_PREFIX, purchase_order_id))
    return HttpResponse(found.content, content_type=found.kind, headers={"X-Content-Type-Options": "nosniff"})


@orders.writing("", answers=PurchaseOrderInFull, status=201, body=_TAKEN)
def create_purchase_order(request: HttpRequest) -> Act:
    """Send a purchase order to be reviewed: as JSON, or as a form of the part order (JSON) and a document (PDF, PNG or JPEG, up to 10 MB)."""
    asked, sent = bodies.read(request, OrderAsked, part=_TAKEN.part)
    viewer = callers.of(request).viewer
    owner = callers.customer_id(request, asked.customer_id)
    document, kept_in = _document(sent)

    def act() -> Told:
        now = datetime.now(UTC)
        draft = order_shapes.draft(asked)
        if viewer.kind is ViewerKind.STAFF:
            if owner is None:
                raise errors.Invalid("Name the customer whose order it is.", code="customer_missing", field="customer_id")
            made = operations.enter_purchase_order(viewer=viewer, customer_id=owner, order=draft, now=now, document=document, kept_in=kept_in)
        else:
            made = operations.submit_purchase_order(viewer=viewer, order=draft, now=now, document=document, kept_in=kept_in)
        return _read_again(viewer, made.id, created=True)

    return _pointing(asked, act)


@orders.writing("/{purchase_order_id}/revisions", answers=PurchaseOrderInFull, status=201, match=Need.OPTIONAL, body=_TAKEN)
def resubmit_purchase_order(request: HttpRequest, purchase_order_id: str) -> Act:
    """Send a rejected purchase order again, corrected: as a new revision, with its old document unless another comes with it."""
    asked, sent = bodies.read(request, OrderAsked, part=_TAKEN.part)
    viewer, owner = callers.of(request).viewer, callers.customer_id(request, asked.customer_id)
    document, kept_in = _document(sent)

    def act() -> Told:
        order = _looked_at(request, purchase_order_id)
        if owner not in {None, order.customer_id}:
            raise errors.NotFound("There is no such purchase order.", code="purchase_order_not_found")
        operations.resubmit_purchase_order(
            viewer=viewer,
            purchase_order_id=order.id,
            order=order_shapes.draft(asked),
            now=datetime.now(UTC),
            expected_revision=order.revision,
            document=document,
            kept_in=kept_in,
        )
        return _read_again(viewer, order.id)

    return _pointing(asked, act)


@orders.writing("/{purchase_order_id}/withdrawal", answers=PurchaseOrderInFull, match=Need.OPTIONAL)
def withdraw_purchase_order(request: HttpRequest, purchase_order_id: str) -> Act:
    """Take a pending purchase order back; its number is free again."""
    viewer = callers.of(request).viewer

    def act() -> Told:
        order = _looked_at(request, purchase_order_id)
        operations.withdraw_purchase_order(viewer=viewer, purchase_order_id=order.id, now=datetime.now(UTC), expected_revision=order.revision)
        return _read_again(viewer, order.id)

    return act


@orders.writing(
    "/{purchase_order_id}/approval",
    answers=invoice_shapes.InvoiceInFull,
    status=201,
    key=Need.REQUIRED,
    match=Need.REQUIRED,
    previews=ApprovalPreview,
)
def approve_purchase_order(request: HttpRequest, purchase_order_id: str, dry_run: bool = False) -> Act:  # noqa: FBT001, FBT002 - a parameter of the address
    """Approve a purchase order and issue its invoice; dry_run=true says what would happen. For programs of the operator."""
    viewer = callers.of(request).viewer

    def act() -> Told:
        order = _looked_at(request, purchase_order_id)
        now = datetime.now(UTC)
        if dry_run:
            shown = operations.approve_purchase_order(
                viewer=viewer, purchase_order_id=order.id, expected_revision=order.revision, now=now, dry_run=True
            )
            return Told(content=_preview(shown))
        issued = operations.approve_purchase_order(viewer=viewer, purchase_order_id=order.id, expected_revision=order.revision, now=now)
        scope.write_gathered()
        return invoice_shapes.told(invoicing.invoice(viewer=viewer, invoice_id=issued.id), created=True)

    return act


@orders.writing("/{purchase_order_id}/rejection", answers=PurchaseOrderInFull, key=Need.REQUIRED, match=Need.OPTIONAL)
def reject_purchase_order(request: HttpRequest, purchase_order_id: str, asked: RejectionAsked) -> Act:
    """Reject a purchase order for documented reasons; its number is free again. For programs of the operator."""
    viewer = callers.of(request).viewer

    def act() -> Told:
        order = _looked_at(request, purchase_order_id)
        operations.reject_purchase_order(
            viewer=viewer,
            purchase_order_id=order.id,
            expected_revision=order.revision,
            reasons=asked.reasons,
            now=datetime.now(UTC),
            text=asked.text,
        )
        return _read_again(viewer, order.id)

    return act


def _seen(request: HttpRequest, written: str) -> queries.OrderView:
    return queries.purchase_order(viewer=callers.of(request).viewer, purchase_order_id=ids.parse(_PREFIX, written))


def _looked_at(request: HttpRequest, written: str) -> queries.OrderView:
    """Open an order that is still what the caller looked at. Raises OrderNotFound, Stale."""
    order = _seen(request, written)
    conditions.require(request, _tag(order))
    return order


def _tag(order: queries.OrderView) -> str:
    return conditions.tag(order.revision, order.state)


def _told(order: queries.OrderView, *, created: bool = False) -> Told:
    headers = {"Location": f"/api/v1/purchase-orders/{ids.public(_PREFIX, order.id)}"} if created else {}
    return Told(content=order_shapes.show_in_full(order), etag=_tag(order), headers=headers)


def _read_again(viewer: Viewer, purchase_order_id: UUID, *, created: bool = False) -> Told:
    """Show an order as it is after the operation of the same transaction."""
    scope.write_gathered()
    return _told(queries.purchase_order(viewer=viewer, purchase_order_id=purchase_order_id), created=created)


def _document(sent: bodies.Sent | None) -> tuple[files.Accepted | None, store.Store]:
    """Check a document and keep its bytes before any transaction begins: the store may be far away."""
    if sent is None:
        return None, chosen.CHOSEN
    accepted = files.accept(sent.name or "document", sent)
    return accepted, _Placed(chosen.CHOSEN.put(accepted.sha256, accepted.content))


class _Placed:
    """Give what was placed already."""

    def __init__(self, placed: store.Placed) -> None:
        self._placed = placed

    def put(self, _sha256: str, _content: bytes) -> store.Placed:
        """Say where it is."""
        return self._placed

    def get(self, sha256: str, placed: store.Placed) -> bytes:
        """Read it."""
        return chosen.CHOSEN.get(sha256, placed)


def _pointing(asked: OrderAsked, act: Callable[[], Told]) -> Act:
    """Point the domain's refusals into the body."""

    def pointed() -> Told:
        try:
            return act()
        except errors.Refusal as refusal:
            raise bodies.repointed(refusal, order_shapes.pointers(asked)) from refusal

    return pointed


def _preview(shown: operations.Approval) -> ApprovalPreview:
    return ApprovalPreview(
        number=shown.number,
        issue_date=shown.issue_date,
        due_date=shown.due_date,
        net=shapes.money(shown.net_minor, shown.currency),
        tax=shapes.money(shown.tax_minor, shown.currency),
        gross=shapes.money(shown.gross_minor, shown.currency),
        mailed_to=list(shown.mailed_to),
        funds_before=rehearsed.shown(shown.before),
        funds_after=rehearsed.shown(shown.after),
        funds_after_payment=rehearsed.shown(shown.after_payment),
    )
