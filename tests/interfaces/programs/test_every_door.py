"""What holds at every route of both faces for programs: HEAD, parameters by their types, refusals and failures in the face's own words."""

import json
from datetime import UTC, datetime, timedelta, timezone

import httpx
import pytest
from django.test import override_settings

from interfaces.programs import account, operator
from tallystick.config import intake
from tallystick.interfaces.api import charges, openapi
from tallystick.interfaces.api.framework import document
from tallystick.interfaces.services_v2 import door, lane

PROBLEM = "application/problem+json"
LISTS = sorted(path for path, method, _ in document.operations(json.loads(openapi.text())) if method == "get" and "{" not in path)
SERVICES = ("finance/balance", "finance/balance-history", "finance/purchase-history", "account", "container", "user/me")


@pytest.fixture
def asking(shop: account.Program) -> operator.Program:
    return operator.Program(operator.key(shop, "purchase_orders:write", "invoices:read", "events:read", "holds:write", "webhooks:write"))


def told(answer: httpx.Response) -> tuple[int, str]:
    """Give status and code of a problem."""
    assert answer.headers["content-type"] == PROBLEM
    shown = answer.json()
    assert (shown["status"], shown["request_id"]) == (answer.status_code, answer.headers["x-request-id"])
    return answer.status_code, shown["code"]


def alike(got: httpx.Response, asked: httpx.Response) -> bool:
    varying = {"x-request-id", "ratelimit"}
    return got.status_code == asked.status_code and all(asked.headers[name] == value for name, value in got.headers.items() if name not in varying)


@pytest.mark.parametrize("at", [*LISTS, "/api/v1/invoices/inv_1", "/api/v1/openapi.json", "/api/v1/nothing"])
def test_head_answers_like_get_on_the_native_face(asking: operator.Program, at: str) -> None:
    headers = {"Authorization": f"Bearer {asking.key}"}
    got, asked = (account.ask(method, at, headers=headers) for method in ("GET", "HEAD"))
    assert alike(got, asked)
    assert account.ask("HEAD", at).status_code == account.ask("GET", at).status_code


@pytest.mark.parametrize("at", SERVICES)
def test_head_answers_like_get_on_certcentrals_face(shop: account.Program, at: str) -> None:
    headers = {"X-DC-DEVKEY": shop.key}
    got, asked = (account.ask(method, f"/services/v2/{at}?container_id={shop.top_id}", headers=headers) for method in ("GET", "HEAD"))
    assert alike(got, asked)
    assert account.ask("HEAD", f"/services/v2/{at}").status_code == 401


def test_head_of_what_only_takes_posts_is_refused(shop: account.Program) -> None:
    for at, allowed in (("charges", "POST"), ("purchase-orders/po_1/withdrawal", "POST")):
        refused = account.ask("HEAD", f"/api/v1/{at}", headers={"Authorization": f"Bearer {shop.key}"})
        assert (refused.status_code, refused.headers["allow"]) == (405, allowed)
    assert account.ask("HEAD", "/services/v2/finance/transfer", headers={"X-DC-DEVKEY": shop.key}).headers["allow"] == "POST"


@pytest.mark.parametrize(
    ("at", "name"),
    [
        ("purchase-orders?limit=1.0", "limit"),
        ("purchase-orders?limit=+1", "limit"),
        ("purchase-orders?limit=", "limit"),
        ("purchase-orders?created[lt]=0", "created[lt]"),
        ("purchase-orders?created[gte]=1e9", "created[gte]"),
        ("purchase-orders?created[gte]=2026-11-22", "created[gte]"),
        ("invoices?due[lt]=0", "due[lt]"),
        ("invoices?due[lt]=2026-11-22T00:00:00Z", "due[lt]"),
        ("events?after=7.0", "after"),
    ],
)
def test_a_parameter_is_written_as_its_type(asking: operator.Program, at: str, name: str) -> None:
    refused = asking.get(at)
    assert told(refused)[0] == 422
    assert refused.json()["errors"][0]["pointer"] == f"?{name}"


def test_a_switch_is_true_or_false(asking: operator.Program) -> None:
    refused = asking.post("purchase-orders/po_1/approval?dry_run=yes", **{"If-Match": "*"})
    assert (told(refused)[0], refused.json()["errors"][0]["pointer"]) == (422, "?dry_run")


@pytest.mark.parametrize(
    "written", ["0245-10-23T14:49:46.7%2B17:28", "2026-11-22T09:30:00-23:59", "2026-11-22t09:30:00z", "0001-01-01T00:00:00-23:00"]
)
def test_an_instant_may_come_with_any_zone(asking: operator.Program, written: str) -> None:
    """PostgreSQL itself refuses zones beyond 16 hours."""
    assert asking.get(f"purchase-orders?created[lt]={written}").status_code == 200
    assert asking.get(f"invoices?created[gte]={written}").status_code == 200


def test_an_instant_outside_of_the_calendar_is_refused(asking: operator.Program) -> None:
    assert told(asking.get("invoices?created[lt]=0001-01-01T00:00:00%2B02:00"))[0] == 422


def test_a_hold_may_lapse_in_any_zone(shop: account.Program) -> None:
    lapses = datetime.now(UTC).astimezone(timezone(timedelta(hours=17))) + timedelta(hours=1)
    body = {"division_id": shop.div, "amount": {"amount": "1.00", "currency": "USD"}, "lapses_at": lapses.isoformat()}
    assert shop.post("holds", body).status_code == 201


def test_an_empty_key_of_idempotency_is_none(asking: operator.Program) -> None:
    assert told(asking.post("purchase-orders", idempotency_key=None, **{"Idempotency-Key": ""})) == (400, "idempotency_key_missing")


def test_a_vast_body_is_refused_in_the_words_of_its_face() -> None:
    vast = {"content-length": str(intake.LARGEST_BODY_BYTES + 1)}
    assert told(account.ask("POST", "/api/v1/purchase-orders", headers=vast, content=b"{}")) == (413, "body_too_large")
    refused = account.ask("POST", "/services/v2/finance/transfer", headers=vast, content=b"{}")
    assert (refused.status_code, refused.json()["errors"][0]["code"]) == (413, "bad_request_format")
    assert account.ask("POST", "/sign-in/", headers=vast, content=b"{}").headers["content-type"].startswith("text/plain")


def _break(*_asked: object, **_named: object) -> object:
    raise RuntimeError("as planned")


def test_what_fails_is_told_in_the_words_of_its_face(shop: account.Program, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(charges, "_posted", _break)
    assert told(shop.charge()) == (500, "internal_error")
    monkeypatch.setattr(door.gate, "admit", _break)
    failed = account.ask("GET", "/services/v2/account", headers={"X-DC-DEVKEY": shop.key})
    assert (failed.status_code, failed.json()["errors"][0]["code"]) == (500, "internal_error")
    native = account.ask("GET", "/api/v1/events", headers={"Authorization": f"Bearer {shop.key}"})
    assert told(native) == (500, "internal_error")
    monkeypatch.setattr(lane, "admit", _break)
    failed = shop.balance()
    assert (failed.status_code, failed.json()["errors"][0]["code"]) == (500, "internal_error")


@override_settings(ALLOWED_HOSTS=["tallystick.example"])
def test_what_django_refuses_is_told_in_the_words_of_its_face() -> None:
    refused = account.ask("GET", "/api/v1/nothing")
    assert told(refused) == (400, "body_malformed")
    refused = account.ask("GET", "/services/v2/nothing")
    assert (refused.status_code, refused.json()["errors"][0]["code"]) == (400, "bad_request_format")


def test_what_fails_in_front_of_every_view_is_told_in_the_words_of_its_face(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("django.http.HttpRequest.get_host", _break)
    assert told(account.ask("GET", "/api/v1/nothing")) == (500, "internal_error")
    assert account.ask("GET", "/services/v2/nothing").json()["errors"][0]["code"] == "internal_error"
    assert account.ask("GET", "/sign-in/").headers["content-type"].startswith("text/html")


def test_the_document_takes_no_post() -> None:
    refused = account.ask("POST", "/api/v1/openapi.json")
    assert (told(refused), refused.headers["allow"]) == ((405, "method_not_allowed"), "GET, HEAD")
