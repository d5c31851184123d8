"""Create, correct, withdraw and decide purchase orders, and be refused in every documented way."""

import re
import time
import uuid
from datetime import UTC, datetime
from uuid import UUID

import pytest

from stories import browsing, ordering, papers, reading, visiting, world
from tallystick.domain.purchasing import operations as purchasing
from tallystick.lib import ids

JONAS = "jonas@lanternfield.example"
PRIYA = "priya@lanternfield.example"


@pytest.fixture
def customer(visits: visiting.Visits) -> world.Company:
    """Open a customer."""
    return world.company(visits)


@pytest.fixture
def dana(customer: world.Company) -> str:
    """Let Dana work there."""
    return customer.person("Dana")


def _number() -> str:
    return f"NWL-{uuid.uuid4().hex[:8]}"


def _path(order_id: UUID, *, operator: bool = False) -> str:
    return f"/{'operator' if operator else 'finances'}/purchase-orders/{ids.public('po', order_id)}/"


def test_an_order_is_created_with_its_document(visits: visiting.Visits, dana: str) -> None:
    """The order waits for a decision, its document can be fetched, its totals are the server's."""
    number = _number()
    document = {"document": (f"{number}.pdf", papers.pdf(), "application/pdf")}
    made = ordering.submit(visits.as_(dana), ordering.typed(number, "1,250.50", **{"quantity-1": "2"}), files=document)
    said = reading.text(made.text)
    assert made.status_code == 200
    assert number in said
    assert "2,501.00" in said
    assert "Pending" in said
    fetched = visits.as_(dana).get(f"{made.url.path}document/")
    assert fetched.content.startswith(b"%PDF-")
    assert fetched.headers["Content-Disposition"].startswith("attachment")


def test_wrong_fields_come_back_marked_with_what_was_typed(visits: visiting.Visits, dana: str) -> None:
    """Three wrong fields: each is marked and listed, and everything typed stands there again."""
    entries = ordering.typed(_number(), "12.345", contact_mail="nobody", note="By Friday", bill_to_city="")
    answer = ordering.submit(visits.as_(dana), entries)
    form = ordering.kept(answer)
    for name in ("number", "description-1", "unit_price-1", "contact_mail", "note"):
        assert form.value(name) == entries[name]
    for name in ("unit_price-1", "contact_mail", "bill_to_city"):
        field = re.search(rf'<(?:input|textarea)[^>]*name="{name}"[^>]*>', answer.text)
        assert field is not None
        assert 'aria-invalid="true"' in field.group(0), name
    assert "second look" in answer.text


def test_a_number_used_before_leads_to_the_first_order(visits: visiting.Visits, customer: world.Company, dana: str) -> None:
    """The same number twice is refused beside the field, with a link to the order that has it; case and blanks make no other number."""
    number = _number()
    first = customer.order(dana, number, "100.00")
    answer = ordering.submit(visits.as_(dana), ordering.typed(f" {number.lower()} "))
    ordering.kept(answer)
    assert f'href="{_path(first)}"' in answer.text


@pytest.mark.parametrize("ended", ["rejected", "withdrawn"])
def test_the_number_of_an_ended_order_is_free_again(visits: visiting.Visits, customer: world.Company, dana: str, ended: str) -> None:
    """A rejected or withdrawn order does not hold its number."""
    number = _number()
    first = customer.order(dana, number, "100.00")
    if ended == "withdrawn":
        page = visits.as_(dana).get(_path(first))
        taken = visits.as_(dana).send(page, reading.form(page.text, action="/withdrawal/"))
        assert "Withdrawn" in reading.text(taken.text)
    else:
        _reject(visits, first)
    assert "Pending" in reading.text(ordering.submit(visits.as_(dana), ordering.typed(number)).text)


def _reject(visits: visiting.Visits, order_id: UUID) -> None:
    page = visits.as_(PRIYA).get(_path(order_id, operator=True))
    form = reading.form(page.text, action="/rejection/")
    empty = visits.as_(PRIYA).send(page, form)
    assert empty.status_code == 422
    assert "Tick at least one reason." in empty.text
    done = visits.as_(PRIYA).send(page, form, {"reasons": ["signature"], "text": "No signature on page 1."})
    assert done.status_code == 200, reading.text(done.text)[:500]


def _wait_for_invoice(visits: visiting.Visits, dana: str, order: UUID) -> None:
    """Wait the seconds in which the approval can be undone, until the worker has run it."""
    ends = time.monotonic() + 20
    while "Approved" not in (said := reading.text(visits.as_(dana).get(_path(order)).text)):
        assert time.monotonic() < ends, said
        time.sleep(0.5)


def test_rejected_is_corrected_and_approved(visits: visiting.Visits, customer: world.Company, dana: str) -> None:
    """The reasons reach Dana; her correction is revision 2, which Jonas approves; the invoice stands in her table."""
    number = _number()
    order = customer.order(dana, number, "100.00")
    _reject(visits, order)
    said = reading.text(visits.as_(dana).get(_path(order)).text)
    assert "Rejected" in said
    assert "No signature on page 1." in said
    corrected = ordering.submit(visits.as_(dana), {"unit_price-1": "120.00", "signed": "on"}, path=f"{_path(order)}correction/")
    assert "Revision 2" in reading.text(corrected.text)
    page = visits.as_(JONAS).get(_path(order, operator=True))
    approved = visits.as_(JONAS).send(page, reading.form(page.text, action="/approval/"))
    assert approved.status_code == 200
    _wait_for_invoice(visits, dana, order)
    table = reading.text(visits.as_(dana).get("/finances/orders/").text)
    assert number in table
    assert "120.00" in table
    assert "Pay invoice" in table


def test_stale_approval_is_refused(visits: visiting.Visits, customer: world.Company, dana: str) -> None:
    """Jonas reads revision 1 while another one is sent: what he read is not what he would approve."""
    order = customer.order(dana, _number(), "100.00")
    page = visits.as_(JONAS).get(_path(order, operator=True))
    form = reading.form(page.text, action="/approval/")
    _reject(visits, order)
    again = purchasing.resubmit_purchase_order
    again(viewer=customer.viewer(dana), purchase_order_id=order, order=customer.draft(_number(), "9000.00"), document=None, now=datetime.now(UTC))
    answer = visits.as_(JONAS).send(page, form)
    assert answer.status_code in {409, 422}
    assert "Pending" in reading.text(visits.as_(dana).get(_path(order)).text)


def test_who_entered_an_order_may_not_approve_it(visits: visiting.Visits, customer: world.Company) -> None:
    """Jonas enters an order that came by post: his page offers no approval, and his hand-made request is refused."""
    path = f"/operator/customers/{ids.public('cus', customer.id)}/purchase-orders/new/"
    jonas = visits.as_(JONAS)
    page = jonas.get(path)
    form = next(one for one in reading.forms(page.text) if any(name == "bill_to_name" for name, _ in one.fields))
    entered = jonas.send(page, form, ordering.typed(_number(), bill_to_street="1 Main Street"))
    assert entered.status_code == 200, reading.text(entered.text)[:600]
    assert "somebody else decides on it" in entered.text
    assert "/approval/" not in entered.text
    forced = jonas.post(f"{entered.url.path}approval/", {"revision": "1", "form_key": str(uuid.uuid4())})
    assert forced.status_code in {403, 409, 422}
    assert "Pending" in reading.text(jonas.get(entered.url.path).text)


def test_lines_can_be_added_with_the_keyboard(screens: browsing.Screens, dana: str) -> None:
    """Enter in the last field adds a line; the totals follow what is typed."""
    page = screens.of(dana)
    page.goto(ordering.NEW)
    page.get_by_label("Description, line 1").fill("Certificates")
    page.get_by_label("Quantity, line 1").fill("3")
    page.get_by_label("Unit price, line 1").fill("10.50")
    page.get_by_label("Unit price, line 1").press("Enter")
    page.get_by_label("Description, line 2").fill("Installation")
    page.get_by_label("Quantity, line 2").fill("1")
    page.get_by_label("Unit price, line 2").fill("8.50")
    page.locator("#order-total", has_text="40.00").wait_for()
    page.get_by_label("Remove line 1").click()
    page.locator("#order-total", has_text="8.50").wait_for()
