"""Type what is wrong into pages: a clear refusal beside the field, nothing changed, what was typed is kept."""

import re
import socket
import urllib.parse
import uuid
from collections.abc import Iterator
from datetime import UTC, datetime

import httpx
import pytest

from stories import ordering, papers, reading, visiting, world
from tallystick.domain.administration import operations as administration
from tallystick.interfaces.cli.prepare import OPERATOR
from tallystick.lib import ids

PRIYA = "priya@lanternfield.example"
WRONG_AMOUNTS = ["0", "0.00", "-5", "1e30", "10.999", "12,50", "5 EUR", "€5", "NaN", "Infinity", "٣", "9" * 30, "five"]


@pytest.fixture(scope="module")
def customer(visits: visiting.Visits) -> world.Company:
    """Open a customer with one unpaid invoice."""
    made = world.company(visits)
    made.invoice("100.00")
    return made


@pytest.fixture(scope="module")
def dana(customer: world.Company) -> str:
    """Let Dana work there."""
    return customer.person("Dana")


@pytest.fixture
def unchanged(customer: world.Company, dana: str, visits: visiting.Visits) -> Iterator[None]:
    """See that the figures and the orders are at the end as they were."""

    def standing() -> tuple[dict[str, str], str]:
        return visits.balance(key, customer.top_id), reading.text(visits.as_(dana).get("/finances/orders/").text)

    key = customer.key(dana)
    before = standing()
    yield
    assert standing() == before


def _marked(answer: httpx.Response, name: str) -> None:
    field = re.search(rf'<(?:input|textarea|select)[^>]*name="{re.escape(name)}"[^>]*>', answer.text)
    assert field is not None, f"no field {name}"
    assert 'aria-invalid="true"' in field.group(0), f"{name} is not marked: {reading.text(answer.text)[:500]}"


@pytest.mark.usefixtures("unchanged")
@pytest.mark.parametrize("amount", WRONG_AMOUNTS)
def test_a_wrong_price_of_an_order(visits: visiting.Visits, dana: str, amount: str) -> None:
    """The line's price is marked and kept."""
    answer = ordering.submit(visits.as_(dana), ordering.typed(f"N-{uuid.uuid4().hex[:6]}", amount))
    assert ordering.kept(answer).value("unit_price-1") == amount
    _marked(answer, "unit_price-1")


@pytest.mark.usefixtures("unchanged")
@pytest.mark.parametrize("amount", ["", *WRONG_AMOUNTS, "100.01"])
def test_a_wrong_part_of_an_invoice(visits: visiting.Visits, dana: str, amount: str) -> None:
    """The row's amount is marked and kept; nothing is paid."""
    visitor = visits.as_(dana)
    page = visitor.get("/finances/pay-invoice/")
    form = reading.form(page.text, id="pay")
    field = next(name for name, _ in form.fields if name.startswith("amount-"))
    for target in ("review/", "payment/"):
        answer = visitor.send(page, form, {field: amount}, action=f"{page.url.path}{target}")
        assert answer.status_code == 422
        _marked(answer, field)
        assert reading.form(answer.text, id="pay").value(field) == amount


@pytest.mark.usefixtures("unchanged")
@pytest.mark.parametrize("amount", ["", *WRONG_AMOUNTS])
@pytest.mark.parametrize("door", ["deposit", "record"])
def test_a_wrong_deposit_or_recorded_payment(visits: visiting.Visits, customer: world.Company, dana: str, door: str, amount: str) -> None:
    """The amount is marked and kept."""
    visitor = visits.as_(dana if door == "deposit" else PRIYA)
    path = "/finances/deposit/" if door == "deposit" else f"/operator/customers/{ids.public('cus', customer.id)}/payments/new/"
    page = visitor.get(path)
    form = next(one for one in reading.forms(page.text) if any(name == "amount" for name, _ in one.fields))
    answer = visitor.send(page, form, {"amount": amount, "reference": uuid.uuid4().hex})
    assert answer.status_code == 422
    _marked(answer, "amount")
    again = next(one for one in reading.forms(answer.text) if any(name == "amount" for name, _ in one.fields))
    assert again.value("amount") == amount


@pytest.mark.usefixtures("unchanged")
@pytest.mark.parametrize("number", ["", "   ", "N" * 300, "N\x01", "N\nX", "N\x00", "\u202eN", "N\u200b"])
def test_a_wrong_order_number(visits: visiting.Visits, dana: str, number: str) -> None:
    """Too long, empty or with letters that can not be seen."""
    answer = ordering.submit(visits.as_(dana), ordering.typed(number))
    form = ordering.kept(answer)
    _marked(answer, "number")
    assert form.value("number") == number or not number.isprintable()


@pytest.mark.usefixtures("unchanged")
@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("order.pdf", b"MZ\x90\x00 a program"),
        ("order.png", papers.pdf()),
        ("order.pdf", b"%PDF-1.7 and then nothing"),
        ("order.svg", b"<svg xmlns='http://www.w3.org/2000/svg'/>"),
        ("order.html", b"<script>alert(1)</script>"),
        ("order.pdf", b""),
        ("order.pdf", b"%PDF-1.7\n" + b"0" * 11_000_000),
    ],
    ids=["program", "pdf as png", "damaged", "svg", "html", "empty", "11 MB"],
)
def test_a_file_that_is_not_what_its_name_says(visits: visiting.Visits, dana: str, name: str, content: bytes) -> None:
    """The document is refused beside its field, and the order's fields are kept."""
    entries = ordering.typed(f"N-{uuid.uuid4().hex[:6]}")
    answer = ordering.submit(visits.as_(dana), entries, files={"document": (name, content, "application/pdf")})
    form = ordering.kept(answer)
    assert 'id="id_document_error"' in answer.text
    assert form.value("number") == entries["number"]


@pytest.mark.usefixtures("unchanged")
@pytest.mark.parametrize("announced", [True, False], ids=["announced", "in chunks"])
def test_an_upload_of_2_gb_is_refused_without_reading_it(visits: visiting.Visits, dana: str, *, announced: bool) -> None:
    """The server answers long before 2 GB are sent."""
    visitor = visits.as_(dana)
    split = urllib.parse.urlsplit(visits.server.url)
    cookies = "; ".join(f"{name}={value}" for name, value in visitor.client.cookies.items())
    length = f"Content-Length: {2 * 1024**3}" if announced else "Transfer-Encoding: chunked"
    head = f"POST {ordering.NEW} HTTP/1.1\r\nHost: {split.netloc}\r\nCookie: {cookies}\r\nContent-Type: multipart/form-data; boundary=x\r\n{length}\r\n\r\n"
    piece = b"0" * 65536
    sent = 0
    with socket.create_connection((split.hostname or "", split.port or 0), timeout=20) as line:
        line.sendall(head.encode())
        answered = b""
        line.settimeout(0.001)
        while not answered and sent < 200_000_000:
            try:
                answered = line.recv(4096)
            except TimeoutError:
                line.settimeout(20)
                try:
                    line.sendall(piece if announced else b"10000\r\n" + piece + b"\r\n")
                except (BrokenPipeError, ConnectionResetError):
                    answered = b"closed"
                sent += len(piece)
                line.settimeout(0.001)
    assert answered.startswith((b"HTTP/1.1 413", b"closed")), answered[:200]
    assert sent < 100_000_000


def test_a_used_an_expired_and_an_invented_link(visits: visiting.Visits, dana: str) -> None:
    """A sign-in link works once; what is no link says the same, and never signs in."""
    link = visits.link(dana)
    with visits.stranger() as first, visits.stranger() as second:
        assert first.get(link, follow_redirects=True).status_code == 200
        for address in (link, f"{visits.server.url}/sign-in/link/{'x' * 43}"):
            again = second.get(address)
            assert again.status_code == 403
            assert "used already or has expired" in again.text
        assert "/sign-in/" in str(second.get("/finances/overview/", follow_redirects=True).url)


@pytest.mark.usefixtures("unchanged")
def test_a_closed_division(visits: visiting.Visits, customer: world.Company, dana: str) -> None:
    """A division that was closed while the form was open is refused beside its field."""
    other = customer.division(f"Closing {uuid.uuid4().hex[:4]}")
    visitor = visits.as_(dana)
    page = visitor.get(ordering.NEW)
    form = reading.form(page.text, id="order")
    administration.close_division(viewer=OPERATOR, customer_id=customer.id, division_id=other, now=datetime.now(UTC))
    answer = visitor.send(page, form, ordering.typed(f"N-{uuid.uuid4().hex[:6]}", division=str(other)))
    ordering.kept(answer)
    _marked(answer, "division")
    for path in ("pay-invoice", "deposit", "overview", "orders", "balance-history"):
        assert visitor.get(f"/finances/{path}/{ids.public('div', other)}/").status_code == 404, path


def test_stale_settings(visits: visiting.Visits, customer: world.Company) -> None:
    """Two administrators open the settings; the second to save is told, and what was typed is kept."""
    ruth = visits.as_(customer.person("Ruth", world.CustomerRole.ADMINISTRATOR))
    page = ruth.get("/finances/settings/")
    form = next(one for one in reading.forms(page.text) if any(name == "billing_email" for name, _ in one.fields))
    assert ruth.send(page, form, {"billing_name": "First"}).status_code == 200
    answer = ruth.send(page, form, {"billing_name": "Second", "form_key": str(uuid.uuid4())})
    assert answer.status_code in {409, 422}
    assert "Second" in answer.text
    now = ruth.get("/finances/settings/")
    assert "First" in now.text


@pytest.mark.usefixtures("unchanged")
def test_a_forged_form(visits: visiting.Visits, dana: str) -> None:
    """A form of another site carries no token: refused, nothing changed."""
    answer = visits.as_(dana).client.post(ordering.NEW, data={"number": "forged"})
    assert answer.status_code == 403


@pytest.mark.usefixtures("unchanged")
@pytest.mark.parametrize(
    "path",
    [
        "/finances/pay-invoice/?invoice=inv_x",
        "/finances/pay-invoice/?division=div_x",
        "/finances/purchase-orders/new/?division=9",
        "/finances/invoices/inv_1/",
        "/nowhere/",
        "/find/?q=%00",
        "/finances/pay-invoice/?q=%00",
    ],
)
def test_a_wrong_address(visits: visiting.Visits, dana: str, path: str) -> None:
    """An address that names nothing is not found, and says so in words."""
    answer = visits.as_(dana).get(path)
    assert answer.status_code == 404
    assert reading.text(answer.text)
