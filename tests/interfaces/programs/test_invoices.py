"""Invoices and credit notes by program: list, open, fetch, credit, void; decided by another person than asked."""

from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

import httpx
import pytest

import given
from interfaces.programs import account, operator
from tallystick.domain.customers.rules import StaffRole
from tallystick.domain.invoicing import operations as invoicing
from tallystick.domain.invoicing import rules
from tallystick.integrations.postgres import scope
from tallystick.lib import ids


@pytest.fixture
def reader(shop: account.Program) -> operator.Program:
    """A program of the customer that reads invoices."""
    return operator.Program(operator.key(shop, "invoices:read"))


@pytest.fixture(scope="module")
def clerk(database: dict[str, str]) -> operator.Program:
    assert database, "the database comes first"
    return operator.Program(operator.staff_key(StaffRole.CLERK))


@pytest.fixture(scope="module")
def approver(database: dict[str, str]) -> operator.Program:
    assert database, "the database comes first"
    return operator.Program(operator.staff_key(StaffRole.APPROVER))


def code(answer: httpx.Response) -> tuple[int, str]:
    assert answer.headers["content-type"] == "application/problem+json", answer.text
    return answer.status_code, answer.json()["code"]


def issued(shop: account.Program, net_minor: int = 50_000, division_id: int | None = None) -> str:
    return ids.public("inv", shop.books.issue((net_minor, "0"), division_id=division_id))


def amount(text: str) -> dict[str, str]:
    return {"amount": text, "currency": "USD"}


def test_invoices_are_listed_narrowed_and_opened(shop: account.Program, reader: operator.Program) -> None:
    one, two = issued(shop), issued(shop, 7_000)
    rows = reader.get("invoices").json()["data"]
    assert [(row["id"], row["open"]) for row in rows] == [(two, amount("70.00")), (one, amount("500.00"))]
    due = rows[0]["due_date"]
    for query, found in (
        ("status=unpaid", [two, one]),
        ("status=paid", []),
        (f"due[gte]={due}", [two, one]),
        (f"due[lt]={due}", []),
        ("created[lt]=2020-01-01T00:00:00Z", []),
        (f"q={rows[1]['number']}", [one]),
        (f"before={one}", [two]),
        ("limit=1", [two]),
    ):
        assert [row["id"] for row in reader.get(f"invoices?{query}").json()["data"]] == found, query
    opened = reader.get(f"invoices/{one}")
    assert (opened.json()["lines"][0]["net"], opened.json()["taxes"][0]["percent"]) == (amount("500.00"), "0")
    assert reader.get(f"invoices/{one}", **{"If-None-Match": opened.headers["etag"]}).status_code == 304


@pytest.mark.parametrize("zone", ["Pacific/Kiritimati", "Pacific/Pago_Pago"])
def test_overdue_goes_by_the_day_of_the_legal_entity(clerk: operator.Program, zone: str) -> None:
    island = given.customer(legal_entity_id=given.legal_entity(time_zone=zone))
    line = rules.Line(description="Funds", quantity=Decimal(1), unit_price_minor=5000, percent_millionths=0)
    draft = invoicing.InvoiceDraft(customer_id=island.customer_id, division_id=island.top_id, lines=(line,), terms_days=30)
    today = datetime.now(ZoneInfo(zone)).date()
    with scope.of(account.ADA):
        _due, late = (
            invoicing.issue_funding_invoice(viewer=account.ADA, draft=draft, today=today - timedelta(days=days), now=account.NOW) for days in (30, 31)
        )
    found = clerk.get(f"invoices?status=overdue&customer={ids.public('cus', island.customer_id)}").json()["data"]
    assert [row["id"] for row in found] == [ids.public("inv", late.id)]


def test_the_pdf_is_there_once_it_is_made(shop: account.Program, reader: operator.Program) -> None:
    one = issued(shop)
    assert code(reader.get(f"invoices/{one}/pdf")) == (404, "document_not_made")
    invoicing.store_document(customer_id=shop.customer_id, invoice_id=ids.parse("inv", one), content=b"%PDF-1.7 made", now=account.NOW)
    made = reader.get(f"invoices/{one}/pdf")
    assert (made.content, made.headers["content-type"]) == (b"%PDF-1.7 made", "application/pdf")
    assert made.headers["content-disposition"].startswith("attachment")


def test_a_credit_note_is_asked_for_by_one_and_approved_by_another(
    shop: account.Program, reader: operator.Program, clerk: operator.Program, approver: operator.Program
) -> None:
    one = issued(shop)
    asked = clerk.post(f"invoices/{one}/credit-notes", {"amount": amount("50.00"), "reason": "Two were not used"}, idempotency_key="c")
    assert (asked.status_code, asked.json()["state"], asked.json()["number"]) == (201, "requested", None)
    again = clerk.post(f"invoices/{one}/credit-notes", {"amount": amount("50.00"), "reason": "Two were not used"}, idempotency_key="c")
    assert (again.content, again.headers["idempotent-replayed"]) == (asked.content, "true")
    at = f"credit-notes/{asked.json()['id']}"
    assert code(approver.post(f"{at}/approval")) == (428, "if_match_missing")
    assert code(approver.post(f"{at}/approval", **{"If-Match": '"approved-0"'})) == (412, "precondition_failed")
    approved = approver.post(f"{at}/approval", **{"If-Match": asked.headers["etag"]})
    assert (approved.status_code, approved.json()["state"], approved.json()["against_open"]) == (200, "approved", amount("50.00"))
    assert reader.get(f"invoices/{one}").json()["open"] == amount("450.00")
    assert [note["id"] for note in reader.get(f"invoices/{one}/credit-notes").json()["data"]] == [asked.json()["id"]]
    assert code(approver.post(f"{at}/rejection", {"text": "No"})) == (409, "credit_note_decided")


def test_nobody_approves_their_own_credit_note(shop: account.Program, approver: operator.Program) -> None:
    one = issued(shop)
    asked = approver.post(f"invoices/{one}/credit-notes", {"amount": amount("1.00"), "reason": "Less"})
    refused = approver.post(f"credit-notes/{asked.json()['id']}/approval", **{"If-Match": asked.headers["etag"]})
    assert code(refused) == (403, "four_eyes")


def test_an_untouched_invoice_is_voided(shop: account.Program, reader: operator.Program, clerk: operator.Program, approver: operator.Program) -> None:
    one = issued(shop)
    before = reader.get(f"invoices/{one}").headers["etag"]
    assert code(clerk.post(f"invoices/{one}/void", {"reason": "Twice"})) == (403, "not_allowed")
    assert code(approver.post(f"invoices/{one}/void", {"reason": ""})) == (422, "invalid_fields")
    voided = approver.post(f"invoices/{one}/void", {"reason": "Twice"}, **{"If-Match": before})
    assert (voided.status_code, voided.json()["state"], voided.json()["open"]) == (200, "voided", amount("0.00"))
    assert code(approver.post(f"invoices/{one}/void", {"reason": "Twice"}, **{"If-Match": before})) == (412, "precondition_failed")
    assert code(approver.post(f"invoices/{one}/void", {"reason": "Twice"})) == (409, "invoice_not_voidable")


@pytest.mark.parametrize("wrong", ["0.00", "0.001", "500.01", "1e3", "-1"])
def test_amounts_that_cannot_be_credited(shop: account.Program, clerk: operator.Program, wrong: str) -> None:
    refused = clerk.post(f"invoices/{issued(shop)}/credit-notes", {"amount": amount(wrong), "reason": "Less"})
    assert refused.status_code == (409 if wrong == "500.01" else 422), refused.text
    assert refused.status_code == 409 or refused.json()["errors"][0]["pointer"] == "/amount/amount"


ROUTES = [
    ("get", "invoices/{inv}", None),
    ("get", "invoices/{inv}/pdf", None),
    ("get", "invoices/{inv}/credit-notes", None),
    ("post", "invoices/{inv}/void", {"reason": "Twice"}),
    ("post", "invoices/{inv}/credit-notes", {"amount": amount("1.00"), "reason": "Less"}),
    ("get", "credit-notes/{cn}", None),
    ("get", "credit-notes/{cn}/pdf", None),
    ("post", "credit-notes/{cn}/approval", None),
    ("post", "credit-notes/{cn}/rejection", {"text": "No"}),
]


@pytest.mark.parametrize(("verb", "path", "body"), ROUTES)
def test_every_route_refuses_the_outsider(shop: account.Program, clerk: operator.Program, verb: str, path: str, body: dict[str, Any] | None) -> None:
    """No key, an unknown one, another scope, another division, another customer: an id that exists is answered like one that does not."""
    one = issued(shop)
    note = clerk.post(f"invoices/{one}/credit-notes", {"amount": amount("1.00"), "reason": "Less"}).json()["id"]
    real = path.format(inv=one, cn=note)
    nothing = path.format(inv=ids.public("inv", ids.new()), cn=ids.public("cn", ids.new()))

    def ask(key: str, at: str) -> tuple[int, dict[str, Any]]:
        program = operator.Program(key)
        answer = program.get(at) if verb == "get" else program.post(at, body, **{"If-Match": "*"})
        assert answer.headers["content-type"] == "application/problem+json", answer.text
        shown = answer.json()
        return answer.status_code, {name: shown[name] for name in shown if name not in {"instance", "request_id"}}

    assert account.ask(verb.upper(), f"/api/v1/{real}").status_code == 401
    assert ask("tsk_live_unknown", real)[0] == 401
    assert ask(operator.key(shop, "purchase_orders:write"), real)[1]["code"] == "scope_missing"
    if verb == "post":
        assert ask(operator.key(shop, "invoices:read"), real)[1]["code"] == "scope_missing"
        assert ask(operator.key(shop, "invoices:write"), real)[0] == 403
    stranger = account.opened()
    north = shop.division("North")
    for key in (operator.key(stranger, "invoices:write"), operator.key(shop, "invoices:write", divisions=(north,))):
        assert ask(key, real) == ask(key, nothing)
        assert ask(key, real)[0] == 404
