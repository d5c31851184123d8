"""Send forms what their ground can not bear: decimals where the currency has none, settings of a company that is not there."""

import uuid

import pytest
from django.urls import reverse
from django.utils import timezone

from interfaces.operator.operating import INSTALLER, Town, sent
from interfaces.operator.test_wrong_forms import rows
from tallystick.domain.customers import queries as known


def test_yen_have_no_decimals(town: Town) -> None:
    """A customer in JPY: 5.5 is neither a limit nor a payment."""
    name = f"Yen {uuid.uuid4().hex[:8]}"
    values = {"name": name, "legal_entity": town.entity_id, "currency": "JPY", "limit": "2000", "rule": "consumption", "terms_days": "30"}
    address = reverse("operator-customer-create")
    assert sent(town.administrator, address, **{**values, "limit": "2000.5"}).status_code == 422
    assert sent(town.administrator, address, **values).status_code == 302
    customer_id = next(row.id for row in known.customers(viewer=INSTALLER, text=name))
    top_id = known.divisions(viewer=INSTALLER, customer_id=customer_id)[0].id
    before = rows()
    terms = reverse("operator-credit-terms", args=[customer_id])
    assert sent(town.clerk, terms, limit="5.5", rule="consumption", reason="More").status_code == 422
    paid = {"method": "cheque", "received_date": timezone.localdate().isoformat(), "reference": f"Y {uuid.uuid4()}", "division": top_id}
    assert sent(town.clerk, reverse("record-payment-of", args=[customer_id]), amount="5.5", **paid).status_code == 422
    refund = reverse("operator-refund-request", args=[customer_id, top_id])
    assert sent(town.clerk, refund, amount="5.5", account="JP", reason="Back").status_code == 422
    assert rows() == before


UNKNOWN = ["operator-rate-create", "operator-account-create", "operator-logo", "operator-series"]


@pytest.mark.parametrize("route", UNKNOWN)
@pytest.mark.parametrize("entity_id", [999_999, 10**30])
def test_no_setting_of_an_unknown_company(town: Town, route: str, entity_id: int) -> None:
    """A legal entity that is not there is not found, whatever is sent."""
    address = reverse(route, args=[entity_id, "invoice"] if route == "operator-series" else [entity_id])
    right = {"name": "T", "percent": "1", "currency": "USD", "holder": "H", "account": "1", "pattern": "A-{number}", "form_key": str(uuid.uuid4())}
    before = rows()
    assert town.administrator.get(address).status_code == 404
    assert town.administrator.post(address, right).status_code == 404
    assert rows() == before
