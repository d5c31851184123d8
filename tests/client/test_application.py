"""Do with the client what programs do, at the application itself: both kinds of clients, money, pages, refusals."""

import asyncio
import io
from datetime import UTC, datetime, timedelta

import pikepdf
import pytest

from client import speaking
from interfaces.programs import account, operator
from tallystick.domain.customers.rules import StaffRole
from tallystick_client import (
    BillTo,
    ChargeDraft,
    Client,
    Conflict,
    Contact,
    InsufficientFunds,
    Invalid,
    LineDraft,
    Money,
    NotAllowed,
    NotFound,
    OrderDraft,
    Stale,
    Unauthenticated,
    Upload,
    signatures,
)

ONE = Money("1.00", "USD")
WHERE = BillTo(name="Northwind Labs", street="1 Harbor Way", city="Portland, OR 97201", country="US")
WHO = Contact(name="Dana Reyes", mail="ap@northwind.example")


def order(shop: account.Program, number: str = "PO-1") -> OrderDraft:
    lines = [LineDraft(description="Certificates", unit_price=Money("250.00", "USD"))]
    return OrderDraft(number=number, division_id=shop.div, lines=lines, bill_to=WHERE, contact=WHO, signed=True)


def test_charges_happen_once(tally: Client, shop: account.Program) -> None:
    first = tally.charges.create(division_id=shop.div, amount=Money("12.5", "USD"), order_id="7", idempotency_key="k-7")
    again = tally.charges.create(division_id=shop.div, amount=Money("12.50", "USD"), order_id="7", idempotency_key="k-7")
    assert (first.amount, first.balance_after, first.replayed) == (Money("12.50", "USD"), Money("-12.50", "USD"), False)
    assert (again.id, again.replayed) == (first.id, True)
    with pytest.raises(Conflict) as caught:
        tally.charges.create(division_id=shop.div, amount=Money("12.50", "USD"), order_id="7")
    assert caught.value.code == "order_charged"
    back = tally.charges.refund(first.id, amount=Money("2.50", "USD"), note="Two less")
    assert (back.charge_id, back.amount) == (first.id, Money("2.50", "USD"))
    with pytest.raises(Invalid):
        tally.charges.refund(first.id, amount=Money("11.00", "USD"))


def test_the_balance_has_its_figures(tally: Client, shop: account.Program) -> None:
    tally.charges.create(division_id=shop.div, amount=ONE)
    figures = tally.balance.view(shop.div)
    assert figures == tally.balance.view()
    assert (figures.balance, figures.limit, figures.available) == (Money("-1", "USD"), Money("2000", "USD"), Money("1999", "USD"))
    with pytest.raises(ValueError, match="no division's id"):
        tally.balance.view("inv_1")
    with speaking.client(account.opened(limit_minor=None).key) as unlimited:
        assert unlimited.balance.view().available is None


def test_too_much_is_said_in_figures(tally: Client, shop: account.Program) -> None:
    with pytest.raises(InsufficientFunds) as caught:
        tally.charges.create(division_id=shop.div, amount=Money("2000.01", "USD"))
    short = caught.value
    assert (short.available, short.required, short.limit) == (Money("2000", "USD"), Money("2000.01", "USD"), Money("2000", "USD"))
    assert short.used_by_other_divisions == Money(0, "USD")


def test_a_batch_answers_each_element(tally: Client, shop: account.Program) -> None:
    drafts = [
        ChargeDraft(division_id=shop.div, amount=ONE, order_id="1"),
        ChargeDraft(division_id=shop.div, amount=Money("9999", "USD")),
        ChargeDraft(division_id=shop.div, amount=ONE, idempotency_key="third"),
    ]
    answered = tally.charges.create_batch(drafts)
    assert (answered.accepted, answered.refused) == (2, 1)
    assert answered.answers[0].made().order_id == "1"
    with pytest.raises(InsufficientFunds) as caught:
        answered.answers[1].made()
    assert caught.value.available is not None
    assert answered.answers[2].idempotency_key == "third"
    with pytest.raises(Invalid) as wrong:
        tally.charges.create_batch([ChargeDraft(division_id=shop.div, amount=Money("1", "EUR"))]).answers[0].made()
    assert wrong.value.errors[0].pointer == "/amount/currency"
    assert tally.charges.create_batch(drafts[2:]).answers[0].made().replayed


def test_holds_are_captured_and_released(tally: Client, shop: account.Program) -> None:
    held = tally.holds.create(division_id=shop.div, amount=Money("10", "USD"), lapses_at=datetime.now(UTC) + timedelta(hours=1))
    captured = tally.holds.capture(held.id, amount=Money("4", "USD"))
    assert (held.state, captured.state, captured.captured) == ("open", "captured", Money("4", "USD"))
    other = tally.holds.create(division_id=shop.div, amount=Money("10", "USD"))
    assert tally.holds.release(other.id).held == Money("10", "USD")
    with pytest.raises(Conflict):
        tally.holds.capture(other.id)
    assert tally.balance.view().balance == Money("-4", "USD")


def test_a_purchase_order_becomes_an_invoice(shop: account.Program) -> None:
    written = io.BytesIO()
    made = pikepdf.new()
    made.add_blank_page()
    made.save(written)
    document = Upload('order "1".pdf', written.getvalue())
    desk_key = operator.staff_key(StaffRole.APPROVER)
    with speaking.client(operator.key(shop, "purchase_orders:write", "invoices:read")) as tally, speaking.client(desk_key) as desk:
        sent = tally.purchase_orders.create(order(shop), document=document, idempotency_key="once")
        again = tally.purchase_orders.create(order(shop), document=document, idempotency_key="once")
        assert (again.id, again.replayed, sent.replayed) == (sent.id, True, False)
        assert tally.purchase_orders.document(sent.id).startswith(b"%PDF")
        with pytest.raises(NotAllowed):
            tally.purchase_orders.approve(sent.id, if_match=sent.etag)
        with pytest.raises(Stale):
            desk.purchase_orders.approve(sent.id, if_match='"other"')
        assert desk.purchase_orders.preview_approval(sent.id, if_match=sent.etag).gross == Money("250", "USD")
        issued = desk.purchase_orders.approve(sent.id, if_match=sent.etag)
        assert tally.purchase_orders.get(sent.id).invoice_id == issued.id
        shown = tally.invoices.get(issued.id)
        assert (shown.open, shown.lines[0].quantity, shown.etag) == (Money("250", "USD"), 1, issued.etag)
        assert [one.id for one in tally.invoices.list(status="unpaid", q=issued.number)] == [issued.id]
        with pytest.raises(NotFound) as caught:
            tally.invoices.pdf(issued.id)
        assert caught.value.code == "document_not_made"


def test_lists_go_on_to_their_end(shop: account.Program) -> None:
    with speaking.client(operator.key(shop, "purchase_orders:write", "events:read")) as tally:
        for number in range(5):
            tally.purchase_orders.create(order(shop, f"PO-{number}"))
        assert [one.number for one in tally.purchase_orders.list(limit=2, status="pending")] == [f"PO-{number}" for number in (4, 3, 2, 1, 0)]
        first = next(tally.purchase_orders.list(limit=1))
        assert tally.purchase_orders.withdraw(first.id, if_match=None).state == "withdrawn"
        assert list(tally.events.list(after=10**6)) == []
        assert list(tally.purchase_orders.list(created_before=datetime(2020, 1, 1, tzinfo=UTC))) == []


def test_webhooks_are_kept(shop: account.Program) -> None:
    with speaking.client(operator.key(shop, "webhooks:write")) as tally:
        made = tally.webhooks.add(url="https://9.9.9.9/hook", secret=signatures.new_secret(), events=["invoice.paid"])
        assert [one.id for one in tally.webhooks.list()] == [made.id]
        assert tally.webhooks.change(made.id, url=made.url, events=[]).events == ()
        assert tally.webhooks.rotate(made.id, secret=signatures.new_secret()).id == made.id
        assert tally.webhooks.switch_off(made.id).state == "off"
        assert tally.webhooks.switch_on(made.id).state == "on"
        sent = tally.webhooks.test(made.id)
        assert [one.id for one in tally.webhooks.messages(made.id, limit=1)] == [sent.id]
        assert tally.webhooks.message(sent.id).cause == "test"
        tally.webhooks.remove(made.id)
        with pytest.raises(NotFound):
            tally.webhooks.get(made.id)


def test_a_wrong_key_is_said() -> None:
    with speaking.client("tsk_live_wrong") as stranger:
        with pytest.raises(Unauthenticated):
            list(stranger.invoices.list())
        with pytest.raises(NotAllowed):
            stranger.balance.view()


def test_the_client_that_does_not_wait_does_the_same(shop: account.Program) -> None:
    for number in range(3):
        with speaking.client(operator.key(shop, "purchase_orders:write")) as tally:
            tally.purchase_orders.create(order(shop, f"PO-{number}"))

    key = operator.key(shop, "purchase_orders:read", "charges:write", "balance:read")

    async def work() -> tuple[list[str], Money]:
        async with speaking.async_client(key) as tally:
            numbers = [one.number async for one in tally.purchase_orders.list(limit=2)]
            await asyncio.gather(*(tally.charges.create(division_id=shop.div, amount=ONE, idempotency_key="same") for _ in range(20)))
            with pytest.raises(InsufficientFunds):
                await tally.charges.create(division_id=shop.div, amount=Money("5000", "USD"))
            return numbers, (await tally.balance.view()).balance

    assert account.run(work()) == (["PO-2", "PO-1", "PO-0"], Money("-1", "USD"))
