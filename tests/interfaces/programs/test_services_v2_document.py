"""The OpenAPI document of /services/v2: valid, complete, equal to the kept one, and no stranger to any answer (promises.py).

TALLYSTICK_GOLDEN=write writes the kept one anew, to be reviewed as a file.
"""

import json
import os
import re
from pathlib import Path

import httpx
import jsonschema
import pytest
from django.test import Client
from openapi_spec_validator import validate

from interfaces.programs import account, promises
from tallystick.interfaces.services_v2 import document, urls

KEPT = Path(__file__).parents[2] / "golden" / "services_v2.json"
DOCUMENT = json.loads(document.text())
_OWN = {"services-reference", "services-openapi"}


def test_the_document_is_the_kept_one() -> None:
    if os.environ.get("TALLYSTICK_GOLDEN") == "write":
        KEPT.write_text(document.text(), encoding="utf-8")
    assert json.loads(KEPT.read_text(encoding="utf-8")) == DOCUMENT, "run this test with TALLYSTICK_GOLDEN=write, and review the change"


def test_the_document_is_valid_and_served_without_a_key() -> None:
    validate(DOCUMENT)
    served = account.ask("GET", "/services/v2/openapi.json")
    assert (served.status_code, served.headers["content-type"], served.json()) == (200, "application/json", DOCUMENT)
    assert account.ask("POST", "/services/v2/openapi.json").status_code == 405


def test_every_route_is_in_it() -> None:
    routes = {"/" + re.sub("<[a-z:]+>", "{id}", str(one.pattern)) for one in urls.urlpatterns if one.name and one.name not in _OWN}
    assert routes == DOCUMENT["paths"].keys()


def test_money_and_the_ids_of_rows_are_texts_and_containers_are_numbers() -> None:
    """As certcentral-api.md says under Types."""
    shapes = DOCUMENT["components"]["schemas"]
    for name in ("Balance", "HistoryRow", "Adjustment", "Purchase", "Receipt"):
        parts = shapes[name]["properties"]
        for part in ("balance", "credit", "debit", "balance_after", "amount", "acct_amount", "receipt_id", "order_id"):
            assert part not in parts or parts[part]["type"] == "string", (name, part)
    assert shapes["RowContainer"]["properties"]["id"]["type"] == "integer"
    assert {"receipt_id", "order_id"} & set(shapes["HistoryRow"]["required"]) == set()


def test_what_is_not_promised_is_noticed(shop: account.Program) -> None:
    """Answers are held against the document; so another type and another name have to fail."""
    at = "/services/v2/finance/balance"
    right = shop.balance()
    promises.hold("GET", at, right)
    for change in ({"balance": 454.0}, {"colour": "red"}, {"currency": None}):
        with pytest.raises(jsonschema.ValidationError):
            promises.hold("GET", at, httpx.Response(200, json={**right.json(), **change}))
    with pytest.raises(AssertionError):
        promises.hold("GET", "/services/v2/finance/unknown", right)


def test_people_read_it_on_a_page_beside_the_other() -> None:
    client = Client(headers={"Host": "127.0.0.1"})
    text = client.get("/services/v2/").content.decode()
    for verbs in DOCUMENT["paths"].values():
        for operation in verbs.values():
            assert f'id="{operation["operationId"]}"' in text
    assert set(re.findall(r'href="#([^"]+)"', text)) <= set(re.findall(r'id="([^"]+)"', text))
    assert 'href="/api/v1/"' in text
    assert 'href="/services/v2/openapi.json"' in text
    assert 'href="/services/v2/"' in client.get("/api/v1/").content.decode()
