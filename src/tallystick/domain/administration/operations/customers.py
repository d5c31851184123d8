"""Open a customer: its row, its top-level division, its fund and its credit, in one transaction."""

from dataclasses import dataclass

from tallystick.domain.customers import operations as customers
from tallystick.domain.customers.rules import Act, Viewer, permit
from tallystick.domain.funds import operations as funds
from tallystick.integrations.postgres import scope


@dataclass(frozen=True, slots=True)
class Opened:
    """Name what was opened."""

    customer_id: int
    top_division_id: int


@scope.retrying
def create_customer(*, viewer: Viewer, draft: customers.CustomerDraft) -> Opened:
    """Open a customer with its first credit terms; the top-level division bears its name unless the draft says otherwise.

    Raises NotAllowed, InvalidFields.
    """
    permit(viewer, Act.ADMINISTER)
    with scope.of(viewer):
        customer_id = customers.add_customer(draft=draft)
        division_id = customers.add_division(customer_id=customer_id, parent_id=None, name=draft.top_division or draft.name)
        funds.open_credit(customer_id=customer_id, currency=draft.currency, limit_minor=draft.limit_minor, rule=draft.rule)
        funds.open_fund(customer_id=customer_id, division_id=division_id, holder_id=division_id)
        facts: dict[str, object] = {
            "name": draft.name,
            "currency": draft.currency,
            "top_division_id": division_id,
            "separate_funds": draft.separate_funds,
        }
        customers.record_change(customer_id=customer_id, kind="customer.opened", facts=facts, viewer=viewer)
    return Opened(customer_id, division_id)
