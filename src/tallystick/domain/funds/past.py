"""Ask for the figures of divisions as they were at an instant: as statements and histories tell it, under the terms of then."""

from dataclasses import replace
from datetime import datetime

from tallystick.domain.customers.rules import Act, CreditRule, Viewer, owner, permit
from tallystick.domain.funds import models, queries, rules
from tallystick.domain.ledger import past
from tallystick.integrations.postgres import scope


def figures_by_division(*, viewer: Viewer, instant: datetime, customer_id: int | None = None) -> dict[int, rules.Figures]:
    """Read the figures of every division that the viewer sees as they were just before an instant, by division id.

    Each division is shown by the fund that serves it now, as its history and its statements are. Raises NotAllowed.
    """
    permit(viewer, Act.SEE_FINANCES)
    whose = owner(viewer, customer_id)
    with scope.of(viewer):
        now = queries.read_figures(customer_id=whose)
        moved = models.Joining.objects.filter(customer_id=whose).values_list("fund_id", flat=True)
        holders = {one.fund_id: one for one in now.values()}
        found = past.stood(customer_id=whose, fund_ids=sorted({*holders, *moved}), instant=instant)
        terms = models.Terms.objects.filter(customer_id=whose, state="approved", in_force_at__lt=instant).order_by("-in_force_at", "-id").first()
    limit_minor = terms.limit_minor if terms else 0
    counts_funding = terms is not None and terms.rule == CreditRule.ALL_UNPAID
    empty = next(iter(now.values()))
    then = {
        fund_id: _then(holders.get(fund_id) or _emptied(empty, fund_id), stood, limit_minor, counts_funding=counts_funding)
        for fund_id, stood in found.items()
    }
    in_use = sum(one.own_use_minor for one in then.values())
    shortfall = max(0, in_use - limit_minor) if limit_minor is not None else 0
    return {
        key: replace(then[one.fund_id], division_id=key, is_open=one.is_open, credit_in_use_minor=in_use, shortfall_minor=shortfall)
        for key, one in now.items()
        if viewer.division_ids is None or key in viewer.division_ids
    }


def _emptied(like: rules.Figures, fund_id: int) -> rules.Figures:
    """Give the figures of a fund whose money has moved on."""
    return replace(
        like, fund_id=fund_id, balance_minor=0, held_minor=0, unpaid_funding_minor=0, unpaid_owed_minor=0, unapplied_minor=0, taxed_debt_minor=0
    )


def _then(now: rules.Figures, stood: past.Stood, limit_minor: int | None, *, counts_funding: bool) -> rules.Figures:
    return replace(
        now,
        balance_minor=stood.balance_minor,
        held_minor=now.held_minor - stood.held_since_minor,
        unpaid_funding_minor=now.unpaid_funding_minor - stood.unpaid_funding_since_minor,
        unpaid_owed_minor=now.unpaid_owed_minor - stood.unpaid_owed_since_minor,
        unapplied_minor=now.unapplied_minor - stood.unapplied_since_minor,
        limit_minor=limit_minor,
        counts_funding=counts_funding,
    )
