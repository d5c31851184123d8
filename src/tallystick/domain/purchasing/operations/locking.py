"""Lock an order, check what may be done with it, and record what happened to it."""

from datetime import datetime
from uuid import UUID

from tallystick.domain.customers.rules import Act, Viewer, ViewerKind, permit, sees_division
from tallystick.domain.events import operations as events
from tallystick.domain.funds import operations as funds
from tallystick.domain.purchasing import models, refusals, rules
from tallystick.integrations.postgres import rows
from tallystick.lib import errors, ids, money, texts


def permit_writing(viewer: Viewer) -> None:
    """Let those pass who write orders: a customer's finance people, and staff that enter them. Raises NotAllowed."""
    permit(viewer, Act.ENTER if viewer.kind is ViewerKind.STAFF else Act.WRITE_ORDERS)


def lock(*, viewer: Viewer, purchase_order_id: UUID) -> models.PurchaseOrder:
    """Lock an order that the viewer sees: first in the lock order of the house. Raises OrderNotFound."""
    seen = "where id = %s and (%s::bigint is null or customer_id = %s) for no key update"
    found = rows.read(models.PurchaseOrder, seen, purchase_order_id, viewer.customer_id, viewer.customer_id)
    if not found or not sees_division(viewer, found[0].division_id):
        raise refusals.OrderNotFound(texts.marked("There is no such purchase order."))
    return found[0]


def _decided(order: models.PurchaseOrder) -> str:
    """Say what became of an order, and by whom where that is known."""
    number, name = order.number, order.decided_by
    return {
        (rules.State.APPROVED, True): texts.marked("%(number)s is approved by %(name)s.", number=number, name=name),
        (rules.State.APPROVED, False): texts.marked("%(number)s is approved.", number=number),
        (rules.State.REJECTED, True): texts.marked("%(number)s is rejected by %(name)s.", number=number, name=name),
        (rules.State.REJECTED, False): texts.marked("%(number)s is rejected.", number=number),
        (rules.State.WITHDRAWN, True): texts.marked("%(number)s is withdrawn by %(name)s.", number=number, name=name),
        (rules.State.WITHDRAWN, False): texts.marked("%(number)s is withdrawn.", number=number),
        (rules.State.PENDING, True): texts.marked("%(number)s is pending.", number=number),
        (rules.State.PENDING, False): texts.marked("%(number)s is pending.", number=number),
    }[rules.State(order.state), bool(name)]


def require(order: models.PurchaseOrder, target: rules.State, expected_revision: int | None) -> None:
    """Let an arrow of the table pass, on the revision that was looked at. Raises OrderDecided, StaleOrder."""
    if target not in rules.TRANSITIONS[rules.State(order.state)]:
        raise refusals.OrderDecided(_decided(order), facts={"state": order.state})
    if expected_revision is not None and expected_revision != order.revision:
        raise refusals.StaleOrder(
            texts.marked(
                "%(number)s was corrected since you opened it. Look at revision %(revision)s.", number=order.number, revision=order.revision
            ),
            facts={"revision": order.revision},
        )


def require_unscheduled(order: models.PurchaseOrder) -> None:
    """Let a locked order pass that nobody has approved on its page a moment ago. Raises ApprovalScheduled."""
    waiting = models.ScheduledApproval.objects.filter(
        customer_id=order.customer_id, purchase_order_id=order.id, state=rules.ScheduleState.WAITING
    ).first()
    if waiting is not None:
        raise refusals.ApprovalScheduled(
            texts.marked(
                "%(name)s approved %(number)s a moment ago, and the invoice is about to be issued. Undo that first.",
                name=waiting.person_name,
                number=order.number,
            ),
            facts={"person": waiting.person_name},
        )


def require_unused(*, customer_id: int, number: str, but: UUID | None = None) -> None:
    """Let a number pass that no other live order of the customer has. Raises NumberUsed."""
    same = models.PurchaseOrder.objects.filter(customer_id=customer_id, number_key=rules.number_key(number), state__in=list(rules.LIVE))
    first = (same.exclude(id=but) if but else same).values_list("id", "state").first()
    if first is not None:
        raise refusals.NumberUsed(
            texts.marked("%(number)s is used already. Enter the number of this order.", number=number),
            field="number",
            facts={"purchase_order_id": ids.public("po", first[0]), "state": first[1]},
        )


def hold_division_open(*, customer_id: int, division_id: int) -> None:
    """Keep the division from being closed while an order for it is written: closing takes the same locks. Raises InvalidFields."""
    if not funds.lock(customer_id)[division_id].is_open:
        raise errors.InvalidFields({"division": texts.marked("This division is closed. Choose an open one.")})


def decide(
    *,
    order: models.PurchaseOrder,
    target: rules.State,
    viewer: Viewer,
    now: datetime,
    reasons: tuple[rules.Reason, ...] = (),
    text: str = "",
    invoice_id: UUID | None = None,
) -> None:
    """Write a decision on the locked order: its state, and a row for the act."""
    order.state, order.decided_at, order.decided_by_id, order.decided_by = target, now, viewer.person_id, viewer.name
    order.invoice_id = invoice_id
    decision = models.Decision(
        customer_id=order.customer_id,
        purchase_order_id=order.id,
        revision=order.revision,
        verdict=target,
        reasons=list(reasons),
        text=text,
        person_id=viewer.person_id,
        person_name=viewer.name,
        decided_at=now,
    )
    rows.later(decision, rows.Change([order], ("state", "decided_at", "decided_by_id", "decided_by", "invoice_id")))


def record(*, order: models.PurchaseOrder, kind: str, viewer: Viewer, **facts: object) -> None:
    """Record an event of an order with its number and figures."""
    events.record(
        customer_id=order.customer_id,
        kind=kind,
        subject_id=ids.public("po", order.id),
        facts={
            "number": order.number,
            "revision": order.revision,
            "division_id": ids.public("div", order.division_id),
            "currency": order.currency,
            "net": money.text(order.net_minor, order.currency),
            "tax": money.text(order.tax_minor, order.currency),
            "gross": money.text(order.gross_minor, order.currency),
            **facts,
        },
        viewer=viewer,
    )
