"""Keep accounts with the client as the operator's programs do: customers, terms, money that arrived or goes back, and what accountants read."""

import asyncio
import uuid
from datetime import UTC, date, datetime, timedelta

import pytest

from client import speaking
from interfaces.programs import account, operator
from tallystick.domain.customers import queries
from tallystick.domain.customers.rules import StaffRole
from tallystick.lib import ids
from tallystick_client import (
    Client,
    Conflict,
    CustomerDraft,
    MasterRecord,
    Money,
    NotAllowed,
    NotFound,
    PartDraft,
    RecordDraft,
    SettingsDraft,
    Stale,
)

SCOPES = ("payments:write", "invoices:write", "refunds:write", "unapplied_credit:write", "balance:read", "customers:write")


def usd(amount: str) -> Money:
    """Write an amount."""
    return Money(amount, "USD")


def at_desk(role: StaffRole = StaffRole.APPROVER) -> Client:
    """Speak as a program of the operator, of a new member of staff."""
    return speaking.client(operator.staff_key(role, *SCOPES))


def arrived(shop: account.Program, amount: str, **more: str | PartDraft) -> RecordDraft:
    """Say that money arrived, for one invoice where it is named."""
    invoice = more.get("invoice")
    return RecordDraft(
        customer_id=ids.public("cus", shop.customer_id),
        method="bank_transfer",
        amount=usd(amount),
        received_date=account.NOW.date(),
        reference=f"BANK-{uuid.uuid4().hex}",
        invoices=[invoice] if isinstance(invoice, PartDraft) else [],
    )


def test_a_customer_is_opened_and_corrected(shop: account.Program) -> None:
    entity = queries.customer(viewer=shop.viewer).legal_entity_id
    name = f"Cedar {uuid.uuid4().hex}"
    with at_desk(StaffRole.ADMINISTRATOR) as desk:
        made = desk.customers.open(CustomerDraft(legal_entity_id=entity, name=name, currency="USD", credit_limit=None))
        assert (made.credit_limit, made.separate_funds) == (None, False)
        shown = desk.customers.get(made.id)
        record = MasterRecord(legal_entity_id=entity, name=name, currency="USD", recipients=["ap@cedar.example"])
        assert desk.customers.change(made.id, record, if_match=shown.etag).recipients == ("ap@cedar.example",)
        with pytest.raises(Stale):
            desk.customers.change(made.id, record, if_match=shown.etag)
        settings = SettingsDraft(payment_methods=["bank_transfer"], default_method="bank_transfer", notify_below=usd("50.00"))
        with pytest.raises(NotAllowed):
            desk.customers.change_settings(made.id, settings)
        assert desk.customers.switch_separate_funds(made.id, separate=True).separate_funds
        assert [one.id for one in desk.customers.list(q=name, limit=1)] == [made.id]
    with speaking.client(operator.key(shop, "customers:write")) as own:
        changed = own.customers.change_settings(ids.public("cus", shop.customer_id), settings)
        assert (changed.payment_methods, changed.notify_below) == (("bank_transfer",), usd("50.00"))
        assert [one.id for one in own.customers.list()] == [changed.id]


def test_terms_are_asked_for_by_one_and_approved_by_another(shop: account.Program) -> None:
    cus = ids.public("cus", shop.customer_id)
    with at_desk() as clerk, at_desk() as chief:
        asked = clerk.credit_terms.request(cus, credit_limit=None, credit_rule="consumption", reason="Grows")
        assert (asked.state, asked.credit_limit) == ("requested", None)
        with pytest.raises(NotAllowed):
            clerk.credit_terms.approve(cus, asked.id)
        assert chief.credit_terms.approve(cus, asked.id).state == "approved"
        other = clerk.credit_terms.request(cus, credit_limit=usd("5.00"), credit_rule="all_unpaid")
        assert chief.credit_terms.decline(cus, other.id).state == "declined"
        assert [one.state for one in chief.credit_terms.list(cus)][:2] == ["declined", "approved"]


def test_money_is_recorded_and_taken_back_and_a_dry_run_writes_nothing(shop: account.Program) -> None:
    invoice = ids.public("inv", shop.books.issue((100_00, "0")))
    money = arrived(shop, "120.00", invoice=PartDraft(invoice_id=invoice, amount=usd("100.00")))
    with at_desk() as desk:
        foreseen = desk.payments.preview_record(money)
        assert foreseen.invoices[0].amount == usd("100.00")
        assert [one.unapplied for one in (*foreseen.funds_before, *foreseen.funds_after)] == [usd("0.00"), usd("20.00")]
        assert "payment.settled" in {one.type for one in foreseen.events}
        assert desk.invoices.get(invoice).state == "issued"
        made = desk.payments.record(money, idempotency_key="arrived")
        assert desk.payments.record(money, idempotency_key="arrived").replayed
        assert (made.state, desk.invoices.get(invoice).state) == ("settled", "paid")
        taken = desk.payments.preview_reversal(made.id, amount=usd("120.00"), reference="RETURN-1")
        assert (taken.state, desk.payments.get(made.id).state) == ("reversed", "settled")
        assert desk.payments.reverse(made.id, amount=usd("120.00"), reference="RETURN-1", reason="Closed").reversed == usd("120.00")
        with pytest.raises(Conflict):
            desk.payments.reverse(made.id, amount=usd("1.00"), reference="RETURN-2")


def test_what_paying_and_correcting_would_do_is_shown(shop: account.Program) -> None:
    invoice = ids.public("inv", shop.books.issue((100_00, "0")))
    with speaking.client(operator.key(shop, "payments:write", "deposits:write", "invoices:read")) as own, at_desk() as desk, at_desk() as chief:
        part = PartDraft(invoice_id=invoice, amount=usd("100.00"))
        assert own.payments.preview_start(invoices=[part], method="bank_transfer").amount == usd("100.00")
        assert own.deposits.preview_start(division_id=shop.div, amount=usd("30.00"), method="bank_transfer").gross == usd("30.00")
        assert list(own.payments.list()) == []
        assert list(own.deposits.list(division=shop.div)) == []
        etag = desk.invoices.get(invoice).etag
        assert desk.invoices.preview_void(invoice, reason="Wrong customer", if_match=etag).state == "voided"
        assert desk.invoices.preview_credit_note(invoice, amount=usd("40.00"), reason="Too much").gross == usd("40.00")
        assert list(desk.invoices.credit_notes(invoice)) == []
        note = desk.invoices.request_credit_note(invoice, amount=usd("40.00"), reason="Too much")
        assert chief.credit_notes.preview_approval(note.id, if_match=desk.credit_notes.get(note.id).etag).state == "approved"
        assert desk.credit_notes.get(note.id).state == "requested"


def test_unapplied_credit_pays_and_goes_back(shop: account.Program) -> None:
    cus = ids.public("cus", shop.customer_id)
    invoice = ids.public("inv", shop.books.issue((30_00, "0")))
    with at_desk() as desk, at_desk() as chief:
        desk.payments.record(arrived(shop, "100.00"))
        assert [(one.division_id, one.amount) for one in desk.unapplied_credit.list(customer=cus)] == [(shop.div, usd("100.00"))]
        part = PartDraft(invoice_id=invoice, amount=usd("30.00"))
        used = desk.unapplied_credit.use(customer_id=cus, division_id=shop.div, invoices=[part])
        assert used.amount == usd("30.00")
        asked = [
            desk.refunds.request(customer_id=cus, division_id=shop.div, amount=usd("20.00"), reason="Closing", account=f"ACC-{place}")
            for place in range(3)
        ]
        etags = [chief.refunds.get(one.id).etag for one in asked]
        assert chief.refunds.decline(asked[0].id, reason="No", if_match=etags[0]).state == "declined"
        started = [chief.refunds.approve(one.id, if_match=etag) for one, etag in zip(asked[1:], etags[1:], strict=True)]
        assert [one.state for one in started] == ["started", "started"]
        assert chief.refunds.settle(asked[1].id).state == "settled"
        assert chief.refunds.fail(asked[2].id, reason="Account closed").failure == "Account closed"
        assert {one.state for one in desk.refunds.list(customer=cus, limit=2)} == {"declined", "settled", "failed"}
        assert next(desk.unapplied_credit.list(customer=cus)).amount == usd("50.00")


def test_an_account_is_stated(shop: account.Program) -> None:
    invoice = ids.public("inv", shop.books.issue((100_00, "0")))
    today = datetime.now(UTC).date()
    with speaking.client(operator.key(shop, "statements:read", "invoices:read")) as own:
        told = own.statements.get(shop.div, since=date(2026, 1, 1), until=today + timedelta(days=1))
        assert (told.closing_balance, [one.open for one in told.unpaid_invoices]) == (usd("0.00"), [usd("100.00")])
        assert own.statements.pdf(shop.div, since=date(2026, 1, 1), until=date(2026, 1, 31)).startswith(b"%PDF")
        assert [one.id for one in own.open_invoices.list(limit=1)] == [invoice]
        sums = own.open_invoices.sums()
        assert (sums.count, sums.open, sums.oldest_due[0].id) == (1, usd("100.00"), invoice)
        with pytest.raises(NotAllowed):
            list(own.ageing.list(day=today))
        with pytest.raises(NotFound) as missing:
            own.invoices.xml(invoice, syntax="ubl")
        assert missing.value.code == "document_not_made"
    with at_desk() as desk:
        cus = ids.public("cus", shop.customer_id)
        assert [one.open for one in desk.ageing.list(day=today) if one.customer_id == cus] == [usd("100.00")]


def test_the_client_that_does_not_wait_reads_them_too(shop: account.Program) -> None:
    invoice = ids.public("inv", shop.books.issue((100_00, "0")))
    key = operator.key(shop, "invoices:read")

    async def work() -> tuple[list[str], Money]:
        async with speaking.async_client(key) as own:
            return [one.id async for one in own.open_invoices.list()], (await own.open_invoices.sums()).open

    assert asyncio.run(work()) == ([invoice], usd("100.00"))
