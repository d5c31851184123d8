"""Review a purchase order: its document beside the fields, what approving would do, and the decision."""

import uuid
from dataclasses import dataclass

from django import forms as django_forms
from django.http import HttpResponse
from django.urls import reverse
from django.utils import timezone
from django.utils.http import content_disposition_header
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods, require_safe

from tallystick.domain.customers import queries as customers
from tallystick.domain.customers import rules
from tallystick.domain.funds import queries as funds
from tallystick.domain.funds.rules import Figures
from tallystick.domain.invoicing import queries as invoicing
from tallystick.domain.purchasing import operations
from tallystick.domain.purchasing import queries as purchasing
from tallystick.interfaces.web import page, words
from tallystick.interfaces.web.pages import operator_form, operator_requirements, operator_scheduled
from tallystick.lib import errors


class ApprovalForm(operator_form.Form):
    """The decision to approve what was seen: the revision on the screen."""

    revision = django_forms.IntegerField(widget=django_forms.HiddenInput)


class RejectionForm(operator_form.Form):
    """The decision to reject, with documented reasons and a message to who sent the order."""

    revision = django_forms.IntegerField(widget=django_forms.HiddenInput)
    reasons = django_forms.MultipleChoiceField(
        label=gettext_lazy("Reasons"),
        choices=list(operator_requirements.REASONS.items()),
        widget=django_forms.CheckboxSelectMultiple,
        error_messages={"required": gettext_lazy("Tick at least one reason.")},
    )
    text = django_forms.CharField(
        label=gettext_lazy("Message"),
        widget=django_forms.Textarea(attrs={"rows": 3}),
        max_length=2000,
        required=False,
        help_text=gettext_lazy("Goes out with the reasons."),
    )


@dataclass(frozen=True, slots=True)
class Compared:
    """One figure of the dry run: now, once approved, once paid (minor units; None is unlimited)."""

    name: str
    now_minor: int | None
    approved_minor: int | None
    paid_minor: int | None

    @property
    def approval_moves(self) -> bool:
        """Tell whether approving changes it."""
        return self.approved_minor != self.now_minor

    @property
    def payment_moves(self) -> bool:
        """Tell whether it is another once the invoice is paid."""
        return self.paid_minor != self.approved_minor


@require_safe
@page.page(rules.Act.SEE_ALL)
def review(request: page.Seen, purchase_order_id: uuid.UUID) -> HttpResponse:
    """Show the order and the decision, or the decision that was taken."""
    return _shown(request, purchase_order_id, None)


@require_http_methods(["POST"])
@page.page(rules.Act.APPROVE)
def approve(request: page.Seen, purchase_order_id: uuid.UUID) -> HttpResponse:
    """Approve the revision that was on the screen in a moment, and open the next order; until then it can be undone."""
    form = ApprovalForm(request.POST)
    if not form.is_valid():
        raise errors.Conflict(_("This form is not complete. Look at the order again."))
    refusals: list[errors.Refusal] = []

    def schedule() -> None:
        try:
            operations.schedule_approval(
                viewer=request.viewer, purchase_order_id=purchase_order_id, expected_revision=form.cleaned_data["revision"], now=timezone.now()
            )
        except errors.Refusal as refusal:
            refusals.append(refusal)
            raise

    answer = operator_form.sent(request, form, schedule, lambda: (_next_address(request.viewer, purchase_order_id), ""))
    if answer is None and isinstance(refusals[-1], operations.StaleOrder | operations.ApprovalScheduled):
        return _shown(request, purchase_order_id, None, refusals[-1])
    if answer is None:
        raise refusals[-1]
    return answer


@require_http_methods(["POST"])
@page.page(rules.Act.ENTER)
def reject(request: page.Seen, purchase_order_id: uuid.UUID) -> HttpResponse:
    """Reject the revision that was on the screen, and open the next order; the reasons and the message go to who sent it."""
    form = RejectionForm(request.POST)
    answer = operator_form.sent(
        request,
        form,
        lambda: operations.reject_purchase_order(
            viewer=request.viewer,
            purchase_order_id=purchase_order_id,
            expected_revision=form.cleaned_data["revision"],
            reasons=form.cleaned_data["reasons"],
            text=form.cleaned_data["text"],
            now=timezone.now(),
        ),
        lambda: (_next_address(request.viewer, purchase_order_id), _("Rejected. The reasons are on their way to who sent it.")),
    )
    return answer or _shown(request, purchase_order_id, form)


def _next_address(viewer: rules.Viewer, order_id: uuid.UUID) -> str:
    """Name the page of the next order that the viewer can decide on; the queue where there is none."""
    submitted_at = purchasing.purchase_order(viewer=viewer, purchase_order_id=order_id).submitted_at
    scheduled = operator_scheduled.strip(viewer, timezone.now()).by_order
    free = [
        one for one in purchasing.waiting(viewer=viewer) if one.id != order_id and one.id not in scheduled and one.entered_by_id != viewer.person_id
    ]
    later = [one for one in free if (one.submitted_at, one.id) > (submitted_at, order_id)]
    following = (later or free)[:1]
    return reverse("review", args=[following[0].id]) if following else reverse("queue")


def _shown(request: page.Seen, purchase_order_id: uuid.UUID, form: RejectionForm | None, refusal: errors.Refusal | None = None) -> HttpResponse:
    status = page.status_of(refusal) if refusal else None
    return page.show(request, "operator/review.html", lambda: {**_read(request, purchase_order_id, form), "refusal": refusal}, status=status)


def _read(request: page.Seen, purchase_order_id: uuid.UUID, form: RejectionForm | None) -> dict[str, object]:
    order = purchasing.purchase_order(viewer=request.viewer, purchase_order_id=purchase_order_id)
    requirements = operator_requirements.of(order)
    is_pending = order.state == "pending"
    own = is_pending and order.entered_by_id is not None and order.entered_by_id == request.viewer.person_id
    dry = _dry_run(request.viewer, order) if is_pending else None
    strip = operator_scheduled.strip(request.viewer, timezone.now(), order.id)
    scheduled = strip.by_order.get(order.id)
    return {
        "order": order,
        "place_name": _("top level") if order.division_name == order.customer_name else order.division_name,
        "requirements": requirements,
        "met": operator_requirements.summary(requirements),
        "same_number": purchasing.same_number(viewer=request.viewer, purchase_order_id=order.id),
        "queue": _place(request.viewer, order.id) if is_pending else None,
        "strip": strip,
        "scheduled": scheduled,
        "may_undo": scheduled is not None and rules.permits(request.viewer, rules.Act.APPROVE),
        "may_reject": is_pending and scheduled is None and rules.permits(request.viewer, rules.Act.ENTER),
        "own": own and customers.setting(name="four_eyes", default=True) is not False,
        "compared": _compared(request.viewer, order, dry) if is_pending else [],
        "approval": ApprovalForm(initial={"revision": order.revision}),
        "form": form or RejectionForm(initial={"revision": order.revision}),
        "dry": dry,
        "is_picture": order.document_name.lower().endswith((".png", ".jpg", ".jpeg")),
        "invoice_number": invoicing.numbers(viewer=request.viewer, invoice_ids=[order.invoice_id])[order.invoice_id] if order.invoice_id else "",
    }


@dataclass(frozen=True, slots=True)
class Place:
    """Where an order stands in the queue, and which one is next."""

    number: int
    length: int
    next_id: uuid.UUID | None


def _place(viewer: rules.Viewer, order_id: uuid.UUID) -> Place | None:
    if not rules.permits(viewer, rules.Act.SEE_ALL):
        return None
    waiting = [one.id for one in purchasing.waiting(viewer=viewer)]
    if order_id not in waiting:
        return None
    at = waiting.index(order_id)
    return Place(at + 1, len(waiting), waiting[(at + 1) % len(waiting)] if len(waiting) > 1 else None)


@dataclass(frozen=True, slots=True)
class DryRun:
    """What approving would do, or why it can not be done."""

    approval: operations.Approval | None
    refused: str = ""


def _dry_run(viewer: rules.Viewer, order: purchasing.OrderView) -> DryRun | None:
    """Ask what approving would do, where the viewer may approve."""
    if not rules.permits(viewer, rules.Act.APPROVE):
        return None
    try:
        found = operations.approve_purchase_order(
            viewer=viewer, purchase_order_id=order.id, expected_revision=order.revision, now=timezone.now(), dry_run=True
        )
    except errors.Refusal as refusal:
        return DryRun(None, words.said(refusal.sentence))
    return DryRun(found)


def _compared(viewer: rules.Viewer, order: purchasing.OrderView, dry: DryRun | None) -> list[Compared]:
    """Show the division's figures now, approved and paid: the dry run's, or reckoned for who may not approve."""
    if dry is not None and dry.approval is not None:
        stages = (dry.approval.before, dry.approval.after, dry.approval.after_payment)
    else:
        now = funds.figures(viewer=viewer, division_id=order.division_id, customer_id=order.customer_id)
        approved = now.after(unpaid_funding_minor=order.gross_minor)
        stages = (now, approved, approved.after(balance_minor=order.net_minor, unpaid_funding_minor=-order.gross_minor))
    names = {
        _("Balance"): "balance_minor",
        _("Unpaid invoices"): "unpaid_minor",
        _("of it from purchase orders"): "unpaid_funding_minor",
        _("Counted unpaid invoices"): "counted_minor",
        _("Used by other divisions"): "used_by_others_minor",
        _("Available funds"): "available_minor",
    }
    return [_figure(name, field, stages) for name, field in names.items()]


def _figure(name: str, field: str, stages: tuple[Figures, Figures, Figures]) -> Compared:
    now, approved, paid = (getattr(stage, field) for stage in stages)
    return Compared(name, now, approved, paid)


@require_safe
@page.page(rules.Act.SEE_ALL)
def document(request: page.Seen, purchase_order_id: uuid.UUID) -> HttpResponse:
    """Give the uploaded document, cleaned when it came in, to be looked at inside our own page only."""
    found = purchasing.document(viewer=request.viewer, purchase_order_id=purchase_order_id)
    answer = HttpResponse(found.content, content_type=found.kind)
    answer["Content-Disposition"] = content_disposition_header(as_attachment=False, filename=found.name) or "inline"
    answer["X-Frame-Options"] = "SAMEORIGIN"
    answer["Content-Security-Policy"] = "default-src 'none'; style-src 'unsafe-inline'; object-src 'self'; frame-ancestors 'self'"
    return answer
