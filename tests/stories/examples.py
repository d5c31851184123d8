"""Ask for what nobody in the story has asked for, through the pages, so that the pages that follow have something to show."""

import re
from collections.abc import Iterator, Mapping

import httpx

from stories import reading

_INVOICE = re.compile(r'href="(/operator/invoices/inv_[0-9a-z]+/)"')
_LEFT = re.compile(r'href="(/operator/refunds/cus_[0-9a-z]+/div_[0-9a-z]+/new/)"')
_SETTLE = re.compile(r"(/operator/refunds/cus_[0-9a-z]+/[0-9a-f-]{36}/)(?:approval|refusal)/")
_WHY = {"reason": "Agreed by telephone"}


def made(people: dict[str, httpx.Client]) -> dict[str, set[str]]:
    """Make all there are; give the addresses that no link leads to, by who may open them."""
    _one_invoice_more(people)
    _key(people["staff-administrator"])
    return {
        "finance-manager": set(_files(people["finance-manager"])),
        "administrator": {_endpoint(people["administrator"])},
        "clerk": _waiting(people),
    }


def _one_invoice_more(people: dict[str, httpx.Client]) -> None:
    """Deposit by transfer, and record the money: with the story's ten invoices more than are sent at once."""
    announced = _send(people["finance-manager"], "/finances/deposit/", "", amount="50.00", method="bank_transfer", step="pay").headers["Location"]
    payment = announced.rstrip("/").rpartition("/")[2]
    _send(people["clerk"], f"/operator/payments/{payment}/arrival/", "", reference="Statement 47, line 3")


def _files(client: httpx.Client) -> Iterator[str]:
    """Ask for the PDFs of more invoices than are sent at once."""
    here = re.search(r"/finances/orders/div_[0-9a-z]+/", client.get("/finances/orders/").text)
    assert here, "the summary leads to divisions"
    address = _post(client, f"{here[0]}download/", {"kind": "zip"}).headers["Location"]
    yield address
    yield f"{address}content/"


def _key(client: httpx.Client) -> None:
    """Make a key for a program of the operator's."""
    asked = client.get("/operator/settings/api-keys/").text
    form = next(one for one in reading.forms(asked) if "networks" in {name for name, _value in one.fields})
    _post(client, "/operator/settings/api-keys/", form.filled({"name": "Bank feed", "scopes": ["payments:write"]}))


def _endpoint(client: httpx.Client) -> str:
    """Have messages sent to an address; nobody answers there."""
    answer = _send(client, "/account/webhooks/", "", url="https://books.northwind.example/tallystick", description="The books")
    found = re.search(r'href="(/account/webhooks/wh_[0-9a-z]+/)"', client.get("/account/webhooks/").text)
    assert found, answer.text[:1000]
    return found[1]


def _waiting(people: dict[str, httpx.Client]) -> set[str]:
    """Ask for a credit note, a write-off, another limit and two refunds; one refund is approved and under way."""
    clerk, approver = people["clerk"], people["approver"]
    for address in _INVOICE.findall(clerk.get("/operator/invoices/").text):
        page = clerk.get(address).text
        if f'{address}write-off/"' in page:
            _send(clerk, f"{address}write-off/", "", amount="1.00", **_WHY)
        elif f'{address}credit-notes/new/"' in page:
            _send(clerk, f"{address}credit-notes/new/", "", amount="1.00", **_WHY)
    left = _LEFT.findall(clerk.get("/operator/refunds/").text)[0]
    for amount in ("1.00", "2.00"):
        _send(clerk, left, "", amount=amount, account="000123456789", **_WHY)
    first = _SETTLE.findall(approver.get("/operator/refunds/").text)[0]
    _send(approver, "/operator/refunds/", f"{first}approval/")
    customer = left.split("/")[3]
    _send(clerk, f"/operator/customers/{customer}/credit-terms/new/", "", limit="9000.00", **_WHY)
    return {f"{first}return/"}


def _send(client: httpx.Client, address: str, action: str, **typed: str) -> httpx.Response:
    """Send a form of a page, the one whose address ends so, or the last one of those that are filled in."""
    page = client.get(address, follow_redirects=True)
    every = [one for one in reading.forms(page.text) if one.method == "post"]
    form = next(one for one in reversed(every) if (one.action.endswith(action) if action else set(typed) & {name for name, _value in one.fields}))
    return _post(client, str(page.url.join(form.action or str(page.url))), form.filled(dict(typed)))


def _post(client: httpx.Client, address: str, sent: Mapping[str, object]) -> httpx.Response:
    answer = client.post(
        address, data={**sent, "csrfmiddlewaretoken": client.cookies.get("csrftoken") or ""}, headers={"Referer": str(client.base_url)}
    )
    assert not answer.is_error, f"{address}: {reading.text(answer.text)[:1500]}"
    return answer
