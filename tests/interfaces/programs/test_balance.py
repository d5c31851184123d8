"""View balance, as certcentral-api.md has it: the figures of money.md's examples, and every refusal."""

import json
from pathlib import Path
from urllib.parse import quote

import pytest
from django.test import Client, override_settings

from interfaces.programs import account
from tallystick.domain.customers import operations as customers
from tallystick.domain.customers.rules import Act, CreditRule, CustomerRole


def figures(shop: account.Program, division_id: int | None = None) -> tuple[str, str, str, str, str]:
    shown = shop.balance(f"container_id={division_id or shop.top_id}").json()
    return tuple(  # type: ignore[return-value]
        shown[name]
        for name in ("balance", "unpaid_invoice_balance", "unpaid_po_invoice_balance", "used_credit_from_other_containers", "total_available_funds")
    )


def test_the_example_of_a_purchase_order_paid_in_two_parts(shop: account.Program) -> None:
    shop.opening(45_400)
    assert figures(shop) == ("454.00", "0.00", "0.00", "0.00", "2454.00")
    invoice = shop.books.funding(1_000_000)
    assert figures(shop) == ("454.00", "10000.00", "10000.00", "0.00", "2454.00")
    shop.books.record(400_000, (invoice, 400_000))
    assert figures(shop) == ("4454.00", "6000.00", "6000.00", "0.00", "6454.00")
    shop.books.record(600_000, (invoice, 600_000))
    assert figures(shop) == ("10454.00", "0.00", "0.00", "0.00", "12454.00")


def test_the_example_of_a_month_end(shop: account.Program) -> None:
    shop.spend(50_000)
    assert figures(shop) == ("-500.00", "0.00", "0.00", "0.00", "1500.00")
    invoice = shop.books.owed(50_000)
    assert figures(shop) == ("0.00", "500.00", "0.00", "0.00", "1500.00")
    shop.books.record(50_000, (invoice, 50_000))
    assert figures(shop) == ("0.00", "0.00", "0.00", "0.00", "2000.00")


def test_the_example_of_separate_funds() -> None:
    shop = account.opened(separate_funds=True)
    a, b, c = (shop.division(name) for name in "ABC")
    shop.spend(30_000, a)
    shop.opening(10_000, b)
    assert figures(shop, a) == ("-300.00", "0.00", "0.00", "0.00", "1700.00")
    assert figures(shop, b) == ("100.00", "0.00", "0.00", "300.00", "1800.00")
    assert figures(shop, c) == ("0.00", "0.00", "0.00", "300.00", "1700.00")


def test_the_other_credit_rule_is_the_published_formula_to_the_letter() -> None:
    shop = account.opened(rule=CreditRule.ALL_UNPAID)
    shop.opening(45_400)
    shop.books.funding(10_000)
    assert figures(shop) == ("454.00", "100.00", "100.00", "0.00", "2354.00")


def test_the_whole_answer_has_these_fields_as_texts(shop: account.Program) -> None:
    shop.opening(45_400)
    answer = shop.balance()
    assert answer.status_code == 200
    assert answer.headers["content-type"] == "application/json"
    assert answer.json() == {
        "balance": "454.00",
        "currency": "USD",
        "unpaid_invoice_balance": "0.00",
        "unpaid_po_invoice_balance": "0.00",
        "negative_balance_limit": "2000.00",
        "used_credit_from_other_containers": "0.00",
        "total_available_funds": "2454.00",
    }


def test_unlimited_has_a_flag_in_place_of_two_figures() -> None:
    shop = account.opened(limit_minor=None)
    shop.spend(100_070)
    assert shop.balance().json() == {
        "balance": "-1000.70",
        "currency": "USD",
        "unpaid_invoice_balance": "0.00",
        "unpaid_po_invoice_balance": "0.00",
        "used_credit_from_other_containers": "0.00",
        "unlimited_negative_balance": True,
    }


@pytest.mark.parametrize(("currency", "shown"), [("JPY", "45400"), ("USD", "454.00"), ("BHD", "45.400")])
def test_decimals_are_the_currency_s(currency: str, shown: str) -> None:
    shop = account.opened(currency=currency)
    shop.opening(45_400)
    assert shop.balance().json()["balance"] == shown


def test_the_container_is_found_under_all_its_names(shop: account.Program) -> None:
    other = shop.division("Research")
    shop.opening(100)
    name = quote("filters[container_id]")
    for query in (f"container_id={other}", f"filters[container_id]={other}", f"{name}={other}", f"surplus=1&container_id={other}&a[b]=c"):
        assert shop.balance(query).json()["balance"] == "1.00", query


def denied(code: str) -> dict[str, list[dict[str, str]]]:
    return {"errors": [{"code": f"access_denied|{code}", "message": f"Access denied due to {code}."}]}


def test_wrong_and_missing_keys(shop: account.Program) -> None:
    missing = account.ask("GET", "/services/v2/finance/balance")
    assert (missing.status_code, missing.json()) == (401, denied("access_denied_missing_key"))
    wrong = shop.balance(key="tsk_live_wrong")
    assert (wrong.status_code, wrong.json()) == (403, denied("access_denied_invalid_key"))
    customers.revoke_key(viewer=shop.viewer, key_id=shop.key_id, now=account.NOW)
    assert (shop.balance().status_code, shop.balance().json()) == (403, denied("access_denied_invalid_key"))


@pytest.mark.parametrize("role", [CustomerRole.STANDARD_USER, CustomerRole.LIMITED_USER])
def test_roles_without_finance_see_nothing(shop: account.Program, role: CustomerRole) -> None:
    answer = shop.balance(key=shop.another_key(role=role))
    assert (answer.status_code, answer.json()) == (403, denied("missing_permission"))


def test_a_key_without_the_act_sees_nothing(shop: account.Program) -> None:
    assert shop.balance(key=shop.another_key(acts=[Act.CHARGE])).json() == denied("missing_permission")


def test_the_container_must_be_named_when_there_are_several(shop: account.Program) -> None:
    assert shop.balance("").status_code == 200
    shop.division("Research")
    for query in ("", "container_id=", "other=1"):
        answer = shop.balance(query)
        assert (answer.status_code, answer.json()["errors"][0]["code"]) == (400, "missing_required_parameter|container_id"), query


def test_containers_of_others_and_out_of_sight_are_not_found(shop: account.Program) -> None:
    other = account.opened()
    own = shop.division("Research")
    narrow = shop.another_key(divisions=[own])
    assert shop.balance(f"container_id={own}", key=narrow).status_code == 200
    for number, key in ((other.top_id, shop.key), (99_999_999, shop.key), (10**30, shop.key), (0, shop.key), (shop.top_id, narrow)):
        answer = shop.balance(f"container_id={number}", key=key)
        assert (answer.status_code, answer.json()["errors"][0]["code"]) == (404, "not_found"), number


@pytest.mark.parametrize("written", ["abc", "1.5", "-1", "1e3", "%D9%A1", "1%00", "0x1"])
def test_a_container_that_is_no_number(shop: account.Program, written: str) -> None:
    answer = shop.balance(f"container_id={written}")
    assert (answer.status_code, answer.json()["errors"][0]["code"]) == (400, "bad_request_format")


def test_other_methods_are_refused(shop: account.Program) -> None:
    for method in ("POST", "PUT", "DELETE", "PATCH"):
        answer = account.ask(method, "/services/v2/finance/balance", headers={"X-DC-DEVKEY": shop.key})
        assert (answer.status_code, answer.headers["allow"]) == (405, "GET, HEAD")
        assert answer.json()["errors"][0]["code"] == "not_found|route"


def test_the_django_view_answers_the_same(shop: account.Program, tmp_path: Path) -> None:
    shop.opening(45_400)
    with override_settings(ROOT_URLCONF="tallystick.interfaces.services_v2.urls", STATIC_ROOT=tmp_path, ALLOWED_HOSTS=["testserver"]):
        check_django(shop)


def check_django(shop: account.Program) -> None:
    direct = Client().get(f"/services/v2/finance/balance?container_id={shop.top_id}", headers={"X-DC-DEVKEY": shop.key})
    assert json.loads(direct.content) == shop.balance().json()
    assert Client().post("/services/v2/finance/balance").status_code == 405
    unknown = Client().get("/services/v2/finance/nothing")
    assert (unknown.status_code, json.loads(unknown.content)["errors"][0]["code"]) == (404, "not_found|route")
