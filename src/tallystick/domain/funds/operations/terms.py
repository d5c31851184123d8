"""Set a customer's credit limit and credit rule: requested, then approved by another person; each change kept with its instant."""

from datetime import datetime
from uuid import UUID

from tallystick.domain.customers.rules import Act, CreditRule, Viewer, permit
from tallystick.domain.events import operations as events
from tallystick.domain.funds import models
from tallystick.domain.funds.operations import posting
from tallystick.integrations.postgres import scope
from tallystick.lib import errors, ids, money, texts


class TermsDecided(errors.Conflict):
    """Say that this request was approved or declined already."""

    code = "terms_decided"


class OwnRequest(errors.NotAllowed):
    """Say that nobody approves what they themselves entered."""

    code = "own_entry"


def open_credit(*, customer_id: int, currency: str, limit_minor: int | None, rule: CreditRule) -> None:
    """Give a new customer its credit row and the first dated terms, inside the running scope."""
    models.Credit.objects.create(customer_id=customer_id, currency=currency, limit_minor=limit_minor, rule=rule)
    with scope.cursor() as cursor:
        cursor.execute(
            "insert into funds_terms (customer_id, id, state, rule, limit_minor, reason, in_force_at) values (%s, %s, 'approved', %s, %s, '', ledger_now())",
            [customer_id, ids.new(), rule, limit_minor],
        )


@scope.retrying
def request_terms(*, viewer: Viewer, customer_id: int, limit_minor: int | None, rule: CreditRule, reason: str) -> UUID:
    """Ask for another limit (None: unlimited) or rule; nothing changes until another person approves. Raises NotAllowed, Invalid."""
    permit(viewer, Act.ENTER)
    if limit_minor is not None and not 0 <= limit_minor < money.LARGEST_MINOR:
        raise errors.Invalid(texts.marked("Enter a limit of zero or more."), field="limit")
    with scope.of(viewer):
        if not models.Credit.objects.filter(customer_id=customer_id).exists():
            raise errors.NotFound(texts.marked("There is no such customer."))
        made = models.Terms.objects.create(
            customer_id=customer_id, state="requested", rule=rule, limit_minor=limit_minor, requested_by=viewer.person_id, reason=reason
        )
        _record(made, "terms.requested", viewer)
    return made.id


@scope.retrying
def approve_terms(*, viewer: Viewer, customer_id: int, terms_id: UUID, four_eyes: bool = True) -> datetime:
    """Put requested terms in force: available funds follow at once, nothing posted is undone. Give the instant.

    Raises NotAllowed, OwnRequest, TermsDecided, NotFound.
    """
    permit(viewer, Act.APPROVE)
    with scope.of(viewer):
        asked = _requested(customer_id, terms_id)
        if four_eyes and asked.requested_by == viewer.person_id:
            raise OwnRequest(texts.marked("Someone else must approve this: nobody approves what they entered."))
        posting.lock(customer_id)
        with scope.cursor() as cursor:
            cursor.execute("update funds_credit set limit_minor = %s, rule = %s where customer_id = %s", [asked.limit_minor, asked.rule, customer_id])
            cursor.execute("update funds_fund set counts_funding = %s where customer_id = %s", [asked.rule == CreditRule.ALL_UNPAID, customer_id])
            cursor.execute("select funds_restate(%s)", [customer_id])
            cursor.execute(
                "update funds_terms set state = 'approved', decided_by = %s, in_force_at ="
                " greatest(ledger_now(), (select max(last_posted_at) from funds_fund where customer_id = %s))"
                " where customer_id = %s and id = %s returning in_force_at",
                [viewer.person_id, customer_id, customer_id, terms_id],
            )
            in_force_at: datetime = cursor.fetchone()[0]
        _record(asked, "terms.approved", viewer)
    return in_force_at


@scope.retrying
def decline_terms(*, viewer: Viewer, customer_id: int, terms_id: UUID) -> None:
    """Decline requested terms. Raises NotAllowed, TermsDecided, NotFound."""
    permit(viewer, Act.APPROVE)
    with scope.of(viewer):
        asked = _requested(customer_id, terms_id)
        asked.state, asked.decided_by = "declined", viewer.person_id
        models.Terms.objects.filter(customer_id=customer_id, id=terms_id).update(state="declined", decided_by=viewer.person_id)
        _record(asked, "terms.declined", viewer)


def _requested(customer_id: int, terms_id: UUID) -> models.Terms:
    asked = models.Terms.objects.select_for_update(no_key=True).filter(customer_id=customer_id, id=terms_id).first()
    if asked is None:
        raise errors.NotFound(texts.marked("There is no such request."))
    if asked.state != "requested":
        raise TermsDecided(texts.marked("This request was %(state)s already.", state=asked.state))
    return asked


def _record(terms: models.Terms, kind: str, viewer: Viewer) -> None:
    facts = {"limit_minor": terms.limit_minor, "rule": terms.rule, "reason": terms.reason}
    events.record(customer_id=terms.customer_id, kind=kind, subject_id=ids.public("cus", terms.customer_id), facts=facts, viewer=viewer)
