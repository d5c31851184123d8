"""Dry runs: the whole answer with figures before and after, by the same code as the real one, and not a row of any table is another."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import httpx
import pytest
from django.db import connections

from interfaces.programs import account, operator
from tallystick.domain.customers.models import Customer
from tallystick.domain.customers.rules import StaffRole
from tallystick.domain.mail.models import Mail
from tallystick.domain.mail.rules import Kind
from tallystick.integrations.gateways import protocol
from tallystick.integrations.postgres import scope
from tallystick.interfaces import gateway
from tallystick.lib import ids
from tallystick.reactions import worker

_VARYING = {"id", "payment_id", "reference", "started_at", "settled_at", "requested_at", "decided_at", "redirect_url", "has_document"}
"""What another payment has of its own."""
_ADDED = {"funds_before", "funds_after", "events", "mailed_to", "net", "tax", "lapses_at"}
_UNTOLD = {"customers_apikey", "customers_keyuse"}
"""When a key was last used is told of every request."""


def amount(text: str) -> dict[str, str]:
    return {"amount": text, "currency": "USD"}


def _everything() -> dict[str, tuple[int, str]]:
    """Count and add up all rows of all tables."""
    with scope.of(account.ADA), connections["auditor"].cursor() as cursor:
        cursor.execute("select format('%I', tablename) from pg_tables where schemaname = 'public' order by 1")
        names = [row[0] for row in cursor.fetchall() if row[0] not in _UNTOLD]
        found = {}
        for name in names:
            cursor.execute("select has_table_privilege(%s, 'select')", [name])
            if cursor.fetchone()[0]:
                cursor.execute(f"select count(*), coalesce(sum(hashtextextended(t::text, 0)::numeric), 0)::text from {name} t")
                found[name] = tuple(cursor.fetchone())
    return found


@contextmanager
def unchanged() -> Iterator[None]:
    before = _everything()
    assert len(before) > 40
    assert {"payments_payment", "ledger_transfer", "events_event", "answers_answer", "events_unnumbered"} & before.keys()
    yield
    after = _everything()
    assert {name: (before[name], after[name]) for name in before if before[name] != after[name]} == {}


def told(program: operator.Program, path: str, body: object, **headers: str) -> tuple[dict[str, Any], dict[str, Any], httpx.Response]:
    """Ask what would be, then do it with the same key: it is what was told, and its events are what was told."""
    once = str(ids.new())
    with unchanged():
        foreseen = program.post(f"{path}?dry_run=true", body, idempotency_key=once, **headers)
        assert foreseen.status_code == 200, foreseen.text
        assert program.post(f"{path}?dry_run=true", body, idempotency_key=once, **headers).status_code == 200
    done = program.post(path, body, idempotency_key=once, **headers)
    assert done.status_code in {200, 201}, done.text
    assert "idempotent-replayed" not in done.headers
    shown, real = foreseen.json(), done.json()
    assert _same(shown) == _same(real)
    return shown, real, done


def _same(shown: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in shown.items() if name not in _VARYING and (name not in _ADDED or "gross_minor" in shown)}


def written(program: account.Program, mark: object) -> list[str]:
    with scope.of(account.ADA), scope.cursor() as cursor:
        cursor.execute(
            "select kind from events_event where customer_id = %s and id > %s and kind not like 'key.%%' order by id", [program.customer_id, mark]
        )
        return [row[0] for row in cursor.fetchall()]


def issued(shop: account.Program, net_minor: int = 45_400) -> str:
    return ids.public("inv", shop.books.issue((net_minor, "0")))


def funds(shop: account.Program) -> dict[str, Any]:
    program = operator.Program(operator.key(shop, "balance:read"))
    shown = program.get(f"balance/{shop.div}").json()
    return {"balance": shown["balance"], "unpaid": shown["unpaid_invoices"], "available": shown["available"], "unapplied": shown["unapplied_credit"]}


def as_shown(shown: dict[str, Any], name: str) -> dict[str, Any]:
    (one,) = shown[name]
    return {part: one[part] for part in ("balance", "unpaid", "available", "unapplied")}


@pytest.mark.parametrize("method", ["bank_transfer", "balance", "unapplied_credit"])
def test_a_payment_is_foreseen(shop: account.Program, method: str) -> None:
    desk = operator.Program(operator.staff_key(StaffRole.CLERK, "payments:write"))
    if method == "unapplied_credit":
        _arrived(shop, desk, "500.00")
    invoice = issued(shop)
    if method == "balance":
        shop.opening(100_000)
        shop.books.separate(separate=False)
    program = operator.Program(operator.key(shop, "payments:write"))
    wish = {"invoices": [{"invoice_id": invoice, "amount": amount("54.00")}], "method": method, "division_id": shop.div}
    first = program.post("payments?dry_run=true", wish)
    if method == "balance":
        # an invoice that brings funds is not paid from them: the rehearsal is refused as the real one is
        assert (first.status_code, first.json()["code"]) == (409, program.post("payments", wish).json()["code"])
        return
    before, mark = funds(shop), ids.new()
    shown, _, _ = told(program, "payments", wish)
    assert (as_shown(shown, "funds_before"), as_shown(shown, "funds_after")) == (before, funds(shop))
    assert [one["type"] for one in shown["events"]] == written(shop, mark)
    assert shown["events"][0]["type"] == "payment.started"


def _arrived(shop: account.Program, desk: operator.Program, text: str, **more: object) -> httpx.Response:
    return desk.post("payments/record", _record(shop, text, **more))


def _record(shop: account.Program, text: str, **more: object) -> dict[str, object]:
    customer = ids.public("cus", shop.customer_id)
    wish = {"customer_id": customer, "method": "bank_transfer", "amount": amount(text), "received_date": "2026-11-20"}
    return {**wish, "reference": f"BANK-{ids.new()}", **more}


def test_what_arrived_and_what_bounced_is_foreseen(shop: account.Program) -> None:
    desk, invoice = operator.Program(operator.staff_key(StaffRole.CLERK, "payments:write")), issued(shop)
    with scope.of(account.ADA):
        Customer.objects.filter(id=shop.customer_id).update(billing_email="ap@northwind.example", billing_name="Accounts")
    before, mark = funds(shop), ids.new()
    wish = _record(shop, "60.00", invoices=[{"invoice_id": invoice, "amount": amount("54.00")}])
    shown, made, _ = told(desk, "payments/record", wish)
    assert (as_shown(shown, "funds_before"), as_shown(shown, "funds_after")) == (before, funds(shop))
    assert as_shown(shown, "funds_after")["unapplied"] == amount("6.00")
    assert [one["type"] for one in shown["events"]] == written(shop, mark)
    worker.drain()
    with scope.of(account.ADA):
        queued = Mail.objects.filter(customer_id=shop.customer_id, kind=Kind.PAYMENT_RECEIVED).values_list("address", flat=True)
        assert shown["mailed_to"] == list(queued) == ["ap@northwind.example"]
    before, mark = funds(shop), ids.new()
    bounce = {"amount": amount("60.00"), "reference": "R-1", "reason": "bounced"}
    with unchanged():
        foreseen = desk.post(f"payments/{made['id']}/reversal?dry_run=true", bounce).json()
    assert foreseen["reversed"] == amount("60.00")
    done = desk.post(f"payments/{made['id']}/reversal", bounce).json()
    assert {name: foreseen[name] for name in done} == done
    assert (as_shown(foreseen, "funds_before"), as_shown(foreseen, "funds_after")) == (before, funds(shop))
    assert [one["type"] for one in foreseen["events"]] == written(shop, mark)


class Gateway:
    """Count how often it is called."""

    name = "fake"

    def __init__(self) -> None:
        self.starts = 0

    def start(self, attempt: protocol.Attempt) -> protocol.Started:
        self.starts += 1
        return protocol.Started(redirect_url=f"https://gateway.example/{attempt.idempotency_key}", provider_reference=f"gw-{ids.new()}")


def test_no_gateway_is_called(shop: account.Program, monkeypatch: pytest.MonkeyPatch) -> None:
    cards = Gateway()
    monkeypatch.setattr(gateway, "configured", lambda: cards)
    back = {"method": "card", "return_url": "https://northwind.example/back"}
    program = operator.Program(operator.key(shop, "payments:write", "deposits:write"))
    wishes = {
        "payments": {"invoices": [{"invoice_id": issued(shop), "amount": amount("1.00")}], **back},
        "deposits": {"division_id": shop.div, "amount": amount("100.00"), **back},
    }
    for done, (path, wish) in enumerate(wishes.items()):
        with unchanged():
            foreseen = program.post(f"{path}?dry_run=true", wish, idempotency_key=path)
        assert (foreseen.status_code, cards.starts) == (200, done), foreseen.text
        assert foreseen.json()["redirect_url"] is None
        assert program.post(path, wish, idempotency_key=path).json()["redirect_url"]
        assert cards.starts == done + 1


def test_a_deposit_is_foreseen(shop: account.Program) -> None:
    program, mark = operator.Program(operator.key(shop, "deposits:write")), ids.new()
    shown, made, _ = told(program, "deposits", {"division_id": shop.div, "amount": amount("100.00"), "method": "bank_transfer"})
    assert (shown["net"], shown["tax"], shown["gross"]) == (amount("100.00"), amount("0.00"), made["gross"])
    assert as_shown(shown, "funds_before") == as_shown(shown, "funds_after") == funds(shop)
    assert [one["type"] for one in shown["events"]] == written(shop, mark)
    (waiting,) = program.get(f"deposits?division={shop.div}").json()["data"]
    assert shown["lapses_at"][:16] == waiting["lapses_at"][:16]


def test_credit_notes_and_voids_are_foreseen(shop: account.Program) -> None:
    clerk = operator.Program(operator.staff_key(StaffRole.CLERK))
    approver = operator.Program(operator.staff_key(StaffRole.APPROVER))
    invoice, other = issued(shop), issued(shop, 10_000)
    before = funds(shop)
    shown, note, _ = told(clerk, f"invoices/{invoice}/credit-notes", {"amount": amount("54.00"), "reason": "Less"})
    assert as_shown(shown, "funds_before") == as_shown(shown, "funds_after") == before
    etag = approver.get(f"credit-notes/{note['id']}").headers["etag"]
    assert approver.post(f"credit-notes/{note['id']}/approval?dry_run=true").status_code == 428
    shown, real, _ = told(approver, f"credit-notes/{note['id']}/approval", {}, **{"If-Match": etag})
    assert shown["number"] == real["number"]
    assert (as_shown(shown, "funds_before"), as_shown(shown, "funds_after")) == (before, funds(shop))
    assert [one["type"] for one in shown["events"] if one["type"] == "credit_note.issued"]
    refused = clerk.post(f"invoices/{other}/void?dry_run=true", {"reason": "Twice"})
    assert refused.status_code == clerk.post(f"invoices/{other}/void", {"reason": "Twice"}).status_code == 403
    before = funds(shop)
    shown, _, _ = told(approver, f"invoices/{other}/void", {"reason": "Twice"})
    assert shown["state"] == "voided"
    assert (as_shown(shown, "funds_before"), as_shown(shown, "funds_after")) == (before, funds(shop))


def test_a_narrow_key_is_told_of_its_own_divisions_only(shop: account.Program) -> None:
    north = shop.division("North")
    invoice = ids.public("inv", shop.books.issue((10_000, "0"), division_id=north))
    program = operator.Program(operator.key(shop, "payments:write", divisions=(north,)))
    wish = {"invoices": [{"invoice_id": invoice, "amount": amount("54.00")}], "method": "bank_transfer"}
    shown = program.post("payments?dry_run=true", wish).json()
    assert [one["division_id"] for one in shown["funds_after"]] == [ids.public("div", north)]
    assert shown["events"] == []


def test_a_refused_rehearsal_is_refused_as_the_real_one(shop: account.Program) -> None:
    program = operator.Program(operator.key(shop, "payments:write"))
    above = {"invoices": [{"invoice_id": issued(shop), "amount": amount("454.01")}], "method": "bank_transfer"}
    with unchanged():
        foreseen, real = (program.post(path, above) for path in ("payments?dry_run=true", "payments"))
    assert (foreseen.status_code, foreseen.json()["code"]) == (real.status_code, real.json()["code"])
    assert program.post("payments?dry_run=yes", above).status_code == 422
    assert program.post("payments?dry_run=true", above, idempotency_key=None).status_code == 400
