"""Ask which transfers customers have announced, what each is for, and what stands against recording it as it is."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from tallystick.domain.customers import models as customers
from tallystick.domain.customers.rules import Act, Viewer, permit
from tallystick.domain.invoicing import models as invoicing
from tallystick.domain.payments import models, rules
from tallystick.integrations.postgres import scope

PAGE = 50
_SHOWN = {"waiting": [rules.State.STARTED], "ended": [rules.State.EXPIRED, rules.State.FAILED]}


@dataclass(frozen=True, slots=True, kw_only=True)
class Announced:
    """Show a transfer that a customer said is coming; amounts in minor units of `currency`.

    `numbers` are the invoices it is for, none of them for a deposit; `twice` are the references of other waiting announcements for any of them.
    """

    id: UUID
    customer_id: int
    customer_name: str
    reference: str
    state: str
    amount_minor: int
    currency: str
    announced_at: datetime
    announced_by: str
    is_deposit: bool
    numbers: tuple[str, ...]
    twice: tuple[str, ...]


def announced(
    *, viewer: Viewer, show: str = "waiting", search: str = "", before: UUID | None = None, customer_id: int | None = None
) -> list[Announced]:
    """Page through announced transfers, oldest first while they wait, newest first once they lapsed or were withdrawn. Raises NotAllowed.

    `before` is the last one seen.
    """
    permit(viewer, Act.SEE_ALL)
    with scope.of(viewer):
        rows = models.Payment.objects.filter(method=rules.Method.BANK_TRANSFER, state__in=_SHOWN[show])
        if customer_id is not None:
            rows = rows.filter(customer_id=customer_id)
        if search:
            named = customers.Customer.objects.filter(name__icontains=search).values_list("id", flat=True)[:200]
            rows = rows.filter(reference__icontains=search) | rows.filter(customer_id__in=list(named))
        if before:
            rows = rows.filter(id__gt=before) if show == "waiting" else rows.filter(id__lt=before)
        return _load(list(rows.order_by("id" if show == "waiting" else "-id")[:PAGE]))


def waiting_count(*, viewer: Viewer) -> int:
    """Count the announced transfers that wait for their money. Raises NotAllowed."""
    permit(viewer, Act.SEE_ALL)
    with scope.of(viewer):
        return models.Payment.objects.filter(method=rules.Method.BANK_TRANSFER, state=rules.State.STARTED).count()


def twice(*, viewer: Viewer, payment_id: UUID) -> tuple[str, ...]:
    """Name the other waiting announcements for any of the invoices that this one is for, by reference. Raises NotAllowed."""
    permit(viewer, Act.SEE_ALL)
    with scope.of(viewer):
        payment = models.Payment.objects.filter(id=payment_id).first()
        return _load([payment])[0].twice if payment else ()


def _load(found: list[models.Payment]) -> list[Announced]:
    owners, wanted = {row.customer_id for row in found}, {row.id for row in found}
    names = dict(customers.Customer.objects.filter(id__in=owners).values_list("id", "name"))
    deposits = set(models.Deposit.objects.filter(customer_id__in=owners, payment_id__in=wanted).values_list("payment_id", flat=True))
    asked = _by_payment(models.Attempt.objects.filter(customer_id__in=owners, payment_id__in=wanted).order_by("place"))
    invoice_ids = {invoice_id for invoices in asked.values() for invoice_id in invoices}
    numbers = dict(invoicing.Invoice.objects.filter(customer_id__in=owners, id__in=invoice_ids).values_list("id", "number"))
    rivals = _rivals(owners, invoice_ids)
    return [
        Announced(
            id=row.id,
            customer_id=row.customer_id,
            customer_name=names[row.customer_id],
            reference=row.reference,
            state=row.state,
            amount_minor=row.amount_minor,
            currency=row.currency,
            announced_at=row.started_at,
            announced_by=row.entered_by,
            is_deposit=row.id in deposits,
            numbers=tuple(numbers[one] for one in asked.get(row.id, [])),
            twice=tuple(sorted({reference for one in asked.get(row.id, []) for other, reference in rivals.get(one, []) if other != row.id})),
        )
        for row in found
    ]


def _by_payment(attempts: Iterable[models.Attempt]) -> dict[UUID, list[UUID]]:
    found: dict[UUID, list[UUID]] = {}
    for attempt in attempts:
        found.setdefault(attempt.payment_id, []).append(attempt.invoice_id)
    return found


def _rivals(owners: set[int], invoice_ids: set[UUID]) -> dict[UUID, list[tuple[UUID, str]]]:
    """Find for each invoice the waiting transfers that are announced for it."""
    attempts = models.Attempt.objects.filter(customer_id__in=owners, invoice_id__in=invoice_ids)
    pairs = list(attempts.values_list("payment_id", "invoice_id"))
    waiting = models.Payment.objects.filter(
        customer_id__in=owners, id__in={payment_id for payment_id, _ in pairs}, method=rules.Method.BANK_TRANSFER, state=rules.State.STARTED
    )
    references = dict(waiting.values_list("id", "reference"))
    found: dict[UUID, list[tuple[UUID, str]]] = {}
    for payment_id, invoice_id in pairs:
        if payment_id in references:
            found.setdefault(invoice_id, []).append((payment_id, references[payment_id]))
    return found
