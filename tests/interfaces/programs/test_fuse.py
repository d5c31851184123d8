"""What a program is told when its division's spending fuse is open."""

from interfaces.programs import account
from tallystick.domain.funds import operations as funds


def test_an_open_fuse_answers_429_to_charges_batches_and_holds(shop: account.Program) -> None:
    """With a code that says why, whatever the amount; charges from before are replayed."""
    shop.opening(100_000)
    funds.set_fuse(viewer=shop.viewer, division_id=shop.top_id, amount_minor=10_00, count=None)
    assert shop.charge("9.00", idempotency_key="first").status_code == 201
    refused = shop.charge("2.00")
    assert refused.status_code == 429
    assert refused.json()["code"] == "spending_fuse_open"
    assert refused.json()["errors"] == [{"pointer": "/division_id", "detail": refused.json()["detail"]}]
    body = {"division_id": shop.div, "amount": {"amount": "0.01", "currency": "USD"}}
    assert shop.post("holds", body).status_code == 429
    batch = shop.post("charges/batch", {"charges": [{**body, "idempotency_key": "one"}, {**body, "idempotency_key": "two"}]}, idempotency_key=None)
    assert batch.status_code == 200
    assert [row["status"] for row in batch.json()["data"]] == [429, 429]
    replayed = shop.charge("9.00", idempotency_key="first")
    assert (replayed.status_code, replayed.headers["idempotent-replayed"]) == (201, "true")
    assert shop.balance().json()["balance"] == "991.00"
