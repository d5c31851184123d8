"""Lists of the CertCentral face: rows to the letter, filters in all spellings, every order, pages with the exact total, CSV."""

import csv
import io
from datetime import UTC, datetime
from urllib.parse import quote

import pytest

from domain.payments import world
from interfaces.programs import account
from tallystick.domain.funds import operations as funds
from tallystick.domain.ledger import places
from tallystick.domain.payments import operations as payments
from tallystick.domain.payments import rules as paying

HISTORY = "finance/balance-history"
BOUGHT = "finance/purchase-history"
type Row = dict[str, str]


def get(shop: account.Program, at: str, *, key: str | None = None, **headers: str) -> account.httpx.Response:
    return account.ask("GET", f"/services/v2/{at}", headers={"X-DC-DEVKEY": shop.key if key is None else key, **headers})


def rows(shop: account.Program, at: str) -> list[Row]:
    answer = get(shop, at)
    assert answer.status_code == 200, answer.text
    found = answer.json()
    return found.get("adjustments") or found.get("order_transactions") or []


@pytest.fixture
def busy(shop: account.Program) -> account.Program:
    """Pay 500.00 in, buy five times, hold and capture, give one purchase back in part."""
    shop.books.fund(50_000)
    for place, cents in enumerate((300, 100, 500, 200, 400), 1):
        assert shop.charge(f"{cents / 100:.2f}", order_id=f"ord-{place}", note=f"Secure Site {place}").status_code == 201
    held = shop.post("holds", {"division_id": shop.div, "amount": {"amount": "40.00", "currency": "USD"}, "order_id": "ord-9"}).json()
    assert shop.post(f"holds/{held['id']}/capture", {"amount": {"amount": "30.00", "currency": "USD"}}).status_code < 300
    made = shop.charge("7.00", order_id="ord-7").json()
    assert shop.post(f"charges/{made['id']}/refund", {"amount": {"amount": "2.00", "currency": "USD"}}).status_code < 300
    return shop


def test_a_payment_s_row_is_the_published_example(shop: account.Program) -> None:
    shop.opening(24_600)
    shop.books.fund(19_500)
    answer = get(shop, HISTORY).json()
    row = answer["adjustments"][0]
    number = row["note"].removeprefix("Payment for invoice #")
    assert number.startswith("INV-2026-")
    assert datetime.strptime(row["transaction_date"], "%Y-%m-%d %H:%M:%S").replace(tzinfo=UTC) <= datetime.now(UTC)
    assert row == {
        "id": row["id"],
        "container": {"id": shop.top_id, "name": "Northwind Labs", "is_active": True},
        "credit": "195.00",
        "transaction_type": "Credit",
        "receipt_id": "0",
        "transaction_date": row["transaction_date"],
        "balance_after": "441.00",
        "note": f"Payment for invoice #{number}",
        "currency": "USD",
    }
    assert answer["page"] == {"total": 2, "limit": 1000, "offset": 0}


def test_every_row_has_texts_and_one_of_credit_and_debit(busy: account.Program) -> None:
    found = rows(busy, HISTORY)
    names = [row["transaction_type"] for row in found]
    sale = "Sale from Account Balance"
    assert names == ["Refund to Account Balance", sale, sale, "Hold Release", "Hold", *[sale] * 5, "Credit"]
    balance = 0
    for row in reversed(found):
        assert ("credit" in row) != ("debit" in row)
        assert all(isinstance(value, str) for name, value in row.items() if name != "container")
        balance += round(float(row.get("credit", 0)) * 100) - round(float(row.get("debit", 0)) * 100)
        assert row["balance_after"] == f"{balance / 100:.2f}"
    assert found[0]["order_id"] == "ord-7"
    assert "order_id" not in found[-1]


def test_what_an_amount_owed_invoice_writes_is_no_deposit(shop: account.Program) -> None:
    """It has its own name; paid from outside it writes no row, paid from the balance a debit."""
    shop.spend(50_000)
    invoice = shop.books.owed(30_000)
    row = rows(shop, HISTORY)[0]
    assert (row["transaction_type"], row["credit"]) == ("Amount Owed Invoice", "300.00")
    assert row["note"].startswith("Invoice #INV-2026-")
    assert row["note"].endswith(" for amount owed")
    shop.books.record(30_000, (invoice, 30_000))
    assert len(rows(shop, HISTORY)) == 2


def test_the_history_of_a_container_is_that_of_the_funds_that_serve_it(shop: account.Program) -> None:
    below = shop.division("Research")
    shop.opening(10_000)
    shop.spend(300, below)
    shop.spend(200)
    assert [row["container"]["id"] for row in rows(shop, f"{HISTORY}?container_id={below}")] == [shop.top_id, below, shop.top_id]  # type: ignore[index]
    for name in ("filters[container_id]", "filters[container_id][0]", quote("filters[container_id]"), "filters%5Bcontainer_id%5D"):
        assert len(rows(shop, f"{HISTORY}?{name}={below}")) == 3, name
    assert [row["debit"] for row in rows(shop, f"{HISTORY}?container_id={shop.top_id}&filters[container_id]={below}")] == ["3.00"]
    assert get(shop, HISTORY).json()["errors"][0]["code"] == "missing_required_parameter|container_id"


def test_both_ends_of_a_transfer_have_rows_of_their_own() -> None:
    shop = account.opened(separate_funds=True)
    below = shop.division("Research")
    shop.opening(10_000)
    funds.transfer(viewer=shop.viewer, from_division_id=shop.top_id, to_division_id=below, amount_minor=400, idempotency_key="t")
    gave, got = rows(shop, f"{HISTORY}?container_id={shop.top_id}")[0], rows(shop, f"{HISTORY}?container_id={below}")[0]
    assert (gave["debit"], gave["balance_after"], got["credit"], got["balance_after"]) == ("4.00", "96.00", "4.00", "4.00")
    assert gave["id"] != got["id"]
    for row in (gave, got):
        shown = get(shop, f"finance/adjustment/{row['id']}").json()
        assert (shown["balance_after"], shown.get("credit"), shown.get("debit")) == (row["balance_after"], row.get("credit"), row.get("debit"))
    both = rows(shop, f"{HISTORY}?filters[container_id][0]={shop.top_id}&filters[container_id][1]={below}")
    assert {row["id"] for row in both} > {gave["id"], got["id"]}


@pytest.mark.parametrize(
    ("query", "count"),
    [
        ("filters[adjust_type]=Credit", 1),
        ("filters[adjust_type]=credit", 1),
        ("filters%5Badjust_type%5D=Hold", 1),
        ("filters[adjust_type][0]=Hold&filters[adjust_type][1]=Hold+Release", 2),
        ("filters[adjust_type]=%25hold", 2),
        ("filters[adjust_type]=%25sale", 7),
        ("filters[adjust_type]=Credit+Card+Deposit", 0),
        ("filters[adjust_type]=Nothing", 0),
        ("filters[adjust_type]=", 11),
        ("filters[expiration_date]=2026-1-1...2027-1-1", 0),
        ("filters[transaction_date]=%3E2001-1-1", 11),
        ("filters[transaction_date]=<2001-1-1", 0),
        ("filters[transaction_date]=2001-1-1...2001-12-31", 0),
        ("filters[transaction_date][0]=>2001-1-1&filters[transaction_date][1]=<2100-1-1", 11),
        ("filters[transaction_date]=2001-1-1+9:5:3...2100-7-10+9:5:3", 11),
        ("filters[unknown]=1&surplus=2", 11),
    ],
)
def test_filters_of_the_balance_history(busy: account.Program, query: str, count: int) -> None:
    answer = get(busy, f"{HISTORY}?{query}").json()
    assert (len(answer["adjustments"]), answer["page"]["total"]) == (count, count)


@pytest.mark.parametrize(
    ("query", "orders"),
    [
        ("", ["ord-7", "ord-7", "ord-9", "ord-5", "ord-4", "ord-3", "ord-2", "ord-1"]),
        ("filters[order_id]=ord-3", ["ord-3"]),
        ("filters[order_id][0]=ord-3&filters[order_id][1]=ord-1", ["ord-3", "ord-1"]),
        ("filters[order_id]=%25RD-", ["ord-7", "ord-7", "ord-9", "ord-5", "ord-4", "ord-3", "ord-2", "ord-1"]),
        ("filters[order_id]=%25_", []),
        ("filters[payment_type]=card", []),
        ("filters[payment_type]=wire_transfer", []),
        ("filters[payment_type]=balance&filters[order_id]=ord-2", ["ord-2"]),
        ("sort=amount&limit=3", ["ord-7", "ord-2", "ord-4"]),
        ("sort=product_name,-id&limit=4&offset=3", ["ord-1", "ord-2", "ord-3", "ord-4"]),
        ("sort=-order_id,transaction_type&limit=3", ["ord-9", "ord-7", "ord-7"]),
        ("sort=payment_type,acct_adjust_id,receipt_id&limit=1", ["ord-1"]),
    ],
)
def test_filters_and_orders_of_the_purchase_history(busy: account.Program, query: str, orders: list[str]) -> None:
    assert [row["order_id"] for row in rows(busy, f"{BOUGHT}?{query}")] == orders


def test_a_purchase_s_row(busy: account.Program) -> None:
    back, bought = rows(busy, BOUGHT)[:2]
    assert (back["transaction_type"], back["amount"]) == ("refund", "-2.00")
    assert bought == {
        "id": bought["id"],
        "container": {"id": busy.top_id, "name": "Northwind Labs", "is_active": True},
        "order_id": "ord-7",
        "receipt_id": bought["id"],
        "acct_adjust_id": bought["id"],
        "amount": "7.00",
        "payment_type": "balance",
        "transaction_date": bought["transaction_date"],
        "transaction_type": "purchase",
        "product_name": "",
    }
    assert get(busy, f"finance/adjustment/{bought['acct_adjust_id']}").json()["debit"] == "7.00"


def test_every_order_of_the_balance_history_is_the_sorted_whole(busy: account.Program) -> None:
    """An oracle in Python: rows without a value first when rising, last when falling; equal ones by id."""
    whole = rows(busy, HISTORY)

    def worth(row: Row, name: str) -> tuple[bool, float | str]:
        value = row.get(name)
        if value is None:
            return (False, 0)
        return (True, float(value) if name in {"id", "credit", "debit", "balance_after", "receipt_id"} else value)

    for name in ("id", "credit", "debit", "transaction_type", "receipt_id", "transaction_date", "balance_after", "order_id", "expiration_date"):
        for sign in ("", "-"):
            expected = sorted(whole, key=lambda row, name=name: (worth(row, name), int(row["id"])), reverse=bool(sign))  # type: ignore[misc]
            found = rows(busy, f"{HISTORY}?sort={sign}{name}")
            assert [row["id"] for row in found] == [row["id"] for row in expected], sign + name


@pytest.mark.parametrize("sort", ["", "id", "-id", "transaction_date", "-transaction_date,id", "transaction_date,-id", "-debit,id"])
def test_pages_put_together_are_the_whole(busy: account.Program, sort: str) -> None:
    """Whatever the size of the page and wherever it begins, also when pages are asked for in any order."""
    whole = [row["id"] for row in rows(busy, f"{HISTORY}?sort={sort}")]
    for limit in (1, 2, 3, 7):
        for offset in (8, 0, 4, 10, 11, 2, 6, 1, 3, 5, 7, 9):
            answer = get(busy, f"{HISTORY}?sort={sort}&limit={limit}&offset={offset}").json()
            assert [row["id"] for row in answer["adjustments"]] == whole[offset : offset + limit], (limit, offset)
            assert answer["page"] == {"total": 11, "limit": limit, "offset": offset}


def test_pages_stay_right_while_rows_come_in(busy: account.Program) -> None:
    for turn in range(5):
        answer = get(busy, f"{HISTORY}?limit=3&offset=2").json()
        whole = [row["id"] for row in rows(busy, HISTORY)]
        assert [row["id"] for row in answer["adjustments"]] == whole[2:5]
        assert answer["page"]["total"] == len(whole) == 11 + turn
        busy.spend(100)


def test_few_anchors_serve_as_well_as_many(busy: account.Program, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(places, "_MOST_ANCHORS", 2)
    test_pages_put_together_are_the_whole(busy, "")


def test_a_long_list_is_counted_once(busy: account.Program) -> None:
    """Of what was counted, nothing is looked at again: a wrong count that is remembered stays wrong by as much."""
    assert get(busy, f"{HISTORY}?limit=1").json()["page"]["total"] == 11
    (counted,) = [one for name, one in places._remembered.items() if getattr(name, "customer_id", 0) == busy.customer_id]
    last, count = counted.seen[busy.top_id]
    counted.seen[busy.top_id] = (last, count + 100)
    busy.spend(100)
    assert get(busy, f"{HISTORY}?limit=1").json()["page"]["total"] == 112


def test_the_most_rows_are_a_thousand(shop: account.Program) -> None:
    assert get(shop, f"{HISTORY}?limit=5000").json()["page"]["limit"] == 1000


@pytest.mark.parametrize(
    "query",
    [
        *("limit=0", "limit=-1", "limit=x", "limit=1.5", "offset=-1", "offset=x", "sort=nothing", "sort=m.amount"),
        *("filters[transaction_date]=yesterday", "filters[transaction_date]=2026-13-1", "filters[transaction_date]=2026-2-30...2026-3-1"),
        *("filters[transaction_date]=2026-7-4+25:00:00", "container_id=x", "filters[container_id]=1e3"),
    ],
)
@pytest.mark.parametrize("at", [HISTORY, BOUGHT])
def test_what_cannot_be_read_is_refused(shop: account.Program, at: str, query: str) -> None:
    answer = get(shop, f"{at}?{query}")
    assert (answer.status_code, answer.json()["errors"][0]["code"]) == (400, "bad_request_format")


def test_lists_as_tables(busy: account.Program) -> None:
    answer = get(busy, f"{HISTORY}?limit=2", Accept="text/csv")
    assert answer.headers["content-type"].startswith("text/csv")
    found = list(csv.DictReader(io.StringIO(answer.text)))
    assert [(row["credit"], row["debit"], row["container_id"]) for row in found] == [("2.00", "", str(busy.top_id)), ("", "7.00", str(busy.top_id))]
    bought = list(csv.DictReader(io.StringIO(get(busy, BOUGHT, Accept="text/csv").text)))
    assert (bought[0]["amount"], len(bought)) == ("-2.00", 8)
    assert "public_id" in get(busy, "container", Accept="text/csv").text
    assert "shortened_number" in get(busy, "finance/payment-profile", Accept="text/csv").text


def test_a_text_in_a_table_is_no_formula(shop: account.Program) -> None:
    shop.charge("1.00", order_id="=1+1", note="@now")
    (row,) = csv.DictReader(io.StringIO(get(shop, BOUGHT, Accept="text/csv").text))
    assert (row["order_id"], row["product_name"]) == ("'=1+1", "'@now")


@pytest.mark.parametrize(("currency", "shown"), [("JPY", "45400"), ("BHD", "45.400")])
def test_amounts_have_the_currency_s_decimals(currency: str, shown: str) -> None:
    shop = account.opened(currency=currency)
    shop.opening(45_400)
    (row,) = rows(shop, HISTORY)
    assert (row["credit"], row["balance_after"], row["currency"]) == (shown, shown, currency)


def test_the_receipt_of_a_sale(busy: account.Program) -> None:
    bought = rows(busy, BOUGHT)[1]
    shown = get(busy, f"finance/receipt/{bought['receipt_id']}").json()
    assert (shown["acct_amount"], shown["cc_amount"], shown["gross_amount"], shown["tax_amount"]) == ("7.00", "0.00", "7.00", "0.00")
    assert (shown["id"], shown["payment_method"], shown["transaction_type"]) == (bought["receipt_id"], "balance", "purchase")
    assert isinstance(shown["billing_entity_id"], int)
    assert "vat_number" not in shown
    paid_in = rows(busy, HISTORY)[-1]
    assert get(busy, f"finance/receipt/{paid_in['id']}").status_code == 404


def test_a_deposit_by_card_has_its_name_and_its_receipt() -> None:
    """Deposit of 200.00 at 19 %: the card pays 238.00, of which the balance gets what is before tax."""
    acme, till = world.opened(percent="19"), world.Till()
    try:
        request = paying.DepositRequest(
            division_id=acme.top_id, amount_minor=200_00, method=paying.Method.CARD, idempotency_key=world.key(), return_url="http://127.0.0.1:9/"
        )
        started = payments.start_deposit(viewer=acme.fiona, request=request, now=world.NOW, gateway=till.gateway)
        reference = acme.row(started.payment_id).provider_reference
        till.pay(reference)
        world.tell(*till.messages(reference))
    finally:
        till.close()
    shop = account.of(acme.customer_id, acme.top_id, person_id=acme.fiona.person_id or 0)
    (row,) = rows(shop, f"{HISTORY}?filters[adjust_type]=Credit+Card+Deposit")
    assert (row["credit"], row["transaction_type"], row["receipt_id"]) == ("200.00", "Credit Card Deposit", row["id"])
    assert rows(shop, f"{HISTORY}?filters[adjust_type]=Credit") == []
    shown = get(shop, f"finance/receipt/{row['receipt_id']}").json()
    assert (shown["cc_amount"], shown["acct_amount"], shown["gross_amount"], shown["tax_amount"]) == ("238.00", "0.00", "200.00", "38.00")
    assert (shown["cc_type"], shown["cc_last4"], len(shown["cc_exp_date"])) == ("visa", "4242", 4)
    profile = get(shop, "finance/payment-profile").json()["profiles"][0]
    assert (profile["is_default"], profile["status"], profile["credit_card"]["type"]) == (True, "active", "visa")
    assert isinstance(profile["id"], int)
    others = get(shop, "finance/payment-profile", key=account.of(acme.customer_id, acme.top_id, person_id=4711).key).json()
    assert others["profiles"] == []


def test_neighbors_that_clients_call_first(shop: account.Program) -> None:
    below = shop.division("Research")
    whole = get(shop, "account").json()
    assert (whole["id"], whole["root_container_id"], whole["balance_negative_limit"]) == (shop.customer_id, shop.top_id, 2000)
    assert "balance_negative_limit" not in get(account.opened(limit_minor=None), "account").json()
    assert get(account.opened(limit_minor=199_999), "account").json()["balance_negative_limit"] == 1999
    listed = get(shop, "container").json()
    assert [(one["id"], one["parent_id"], one["is_active"]) for one in listed["containers"]] == [(shop.top_id, 0, True), (below, shop.top_id, True)]
    assert listed["page"] == {"total": 2, "limit": 1000, "offset": 0}
    assert [one["id"] for one in get(shop, "container?sort=-id&limit=1").json()["containers"]] == [below]
    assert get(shop, f"container/{below}").json() == listed["containers"][1]
    me = get(shop, "user/me").json()
    assert (me["account_id"], me["access_roles"], me["status"]) == (shop.customer_id, [{"id": 1, "name": "Administrator"}], "active")
    assert me["container"] == {"id": shop.top_id, "name": "Northwind Labs"}
    assert me["has_container_assignments"] is False
    assert get(shop, "user/me", key=shop.another_key(divisions=[below])).json()["has_container_assignments"] is True
