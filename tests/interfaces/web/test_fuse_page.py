"""The pages of spending fuses: set by an administrator, told where people look, closed by whoever pays or approves."""

import dataclasses
import uuid

from django.contrib.auth import get_user_model
from django.test import Client

import given
from interfaces.web import asking
from tallystick.domain.customers import operations as customers
from tallystick.domain.customers.rules import CustomerRole, StaffRole
from tallystick.domain.funds import operations as funds
from tallystick.domain.funds import queries
from tallystick.lib import ids


def page(division_id: int) -> str:
    """Write the address of a division's fuse."""
    return f"/account/divisions/{ids.public('div', division_id)}/fuse/"


def shop() -> given.Customer:
    """Open a customer with two divisions."""
    return given.customer(limit_minor=100_000_00, separate=True, divisions=1)


def runaway(acme: given.Customer) -> None:
    """Let the top-level division's fuse open."""
    funds.set_fuse(viewer=acme.viewer(), division_id=acme.top_id, amount_minor=10_00, count=None)
    assert acme.charge(20_00).outcome is funds.Outcome.SPENDING_FUSE_OPEN


def staff(role: StaffRole) -> Client:
    """Sign a member of staff in."""
    person_id = customers.add_person(viewer=given.ADMIN, email=f"{uuid.uuid4().hex}@tallystick.example", name="Max")
    customers.set_staff(viewer=dataclasses.replace(given.ADMIN, staff_role=StaffRole.ADMINISTRATOR), person_id=person_id, role=role)
    client = Client(headers={"host": "localhost"})
    client.force_login(get_user_model().objects.get(pk=person_id))
    return client


def test_an_administrator_sets_a_fuse_and_takes_it_away() -> None:
    """Amount, count, or both; both empty is none."""
    acme = shop()
    client = asking.person(acme, CustomerRole.ADMINISTRATOR)
    for typed, kept in (
        ({"amount": "250.50", "count": "12"}, (250_50, 12)),
        ({"amount": "", "count": "3"}, (None, 3)),
        ({"amount": "", "count": ""}, (None, None)),
    ):
        assert client.post(page(acme.top_id), {**typed, "form_key": str(uuid.uuid4())}).status_code == 302
        found = queries.fuse(viewer=acme.viewer(), division_id=acme.top_id)
        assert found is not None
        assert (found.amount_minor, found.count) == kept
    for wrong in ({"amount": "-1"}, {"amount": "1e3"}, {"count": "0"}, {"count": "many"}):
        assert client.post(page(acme.top_id), {**wrong, "form_key": str(uuid.uuid4())}).status_code == 422
    client.post(page(acme.top_id), {"amount": "250.50", "count": "12", "form_key": str(uuid.uuid4())})
    shown = client.get(page(acme.top_id)).content.decode()
    assert 'value="250.50"' in shown
    assert 'value="12"' in shown


def test_who_may_not_set_it_sees_it() -> None:
    """A finance manager is shown the limits without a form, and a forged form is refused."""
    acme = shop()
    runaway(acme)
    client = asking.person(acme)
    assert "10.00 USD" in asking.seen(client, page(acme.top_id))
    assert client.post(page(acme.top_id), {"amount": "1", "form_key": str(uuid.uuid4())}).status_code == 422
    found = queries.fuse(viewer=acme.viewer(), division_id=acme.top_id)
    assert found is not None
    assert found.amount_minor == 10_00


def test_an_open_fuse_is_told_on_the_overview_and_closed_on_its_page() -> None:
    """Of any division in sight; afterwards nothing is told any more."""
    acme = shop()
    client = asking.person(acme)
    overview = asking.at("overview", acme.division_ids[1])
    assert "spending fuse" not in asking.seen(client, overview).lower()
    runaway(acme)
    assert "is open: its charges are refused" in asking.seen(client, overview)
    assert "Close the fuse" in asking.seen(client, page(acme.top_id))
    assert client.post(f"{page(acme.top_id)}closing/", follow=True).status_code == 200
    assert acme.charge(1_00).outcome is funds.Outcome.ACCEPTED
    assert "spending fuse" not in asking.seen(client, overview).lower()


def test_others_divisions_have_no_fuse_to_see() -> None:
    """Another customer's, and one's own customer's out of sight, are not there."""
    acme, other = shop(), shop()
    runaway(acme)
    stranger = asking.person(other, CustomerRole.ADMINISTRATOR)
    narrow = asking.person(acme, divisions=[acme.division_ids[1]])
    for client in (stranger, narrow):
        assert client.get(page(acme.top_id)).status_code == 404
        assert client.post(f"{page(acme.top_id)}closing/").status_code == 404
    assert "spending fuse of" not in asking.seen(narrow, asking.at("overview", acme.division_ids[1])).lower()
    assert acme.charge(1).outcome is funds.Outcome.SPENDING_FUSE_OPEN


def test_staff_see_open_fuses_in_the_work_queue_and_approvers_close_them() -> None:
    """A clerk sees it without the button, and is refused where the button is forged."""
    acme = shop()
    runaway(acme)
    closing = f"/operator/fuses/{ids.public('cus', acme.customer_id)}/{ids.public('div', acme.top_id)}/closing/"
    clerk, approver = staff(StaffRole.CLERK), staff(StaffRole.APPROVER)
    assert "Spending fuse open" in asking.seen(clerk, "/operator/")
    assert closing not in clerk.get("/operator/").content.decode()
    assert clerk.post(closing).status_code == 403
    assert asking.person(acme, CustomerRole.ADMINISTRATOR).post(closing).status_code == 403
    assert closing in approver.get("/operator/").content.decode()
    assert approver.post(closing).status_code == 302
    assert acme.charge(1_00).outcome is funds.Outcome.ACCEPTED


def test_the_page_asks_few_questions() -> None:
    """With a fuse and without."""
    acme = shop()
    client = asking.person(acme, CustomerRole.ADMINISTRATOR)
    with asking.statements() as few:
        client.get(page(acme.top_id))
    runaway(acme)
    with asking.statements() as many:
        client.get(page(acme.top_id))
    assert len(many) == len(few) <= 10, "\n".join(many)
