"""Approve from the page: it takes effect in a moment, can be undone until then, and whatever happens in between is answered in words."""

import uuid
from datetime import timedelta

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from interfaces.operator.operating import INSTALLER, Town, hidden_of, moment_passes, signed_in, staff
from tallystick.domain.customers import operations as customers
from tallystick.domain.customers import queries as people
from tallystick.domain.customers.rules import StaffRole, Viewer, ViewerKind
from tallystick.domain.events import models as events
from tallystick.domain.events import operations as queues
from tallystick.domain.invoicing import queries as invoicing
from tallystick.domain.purchasing import models, operations
from tallystick.domain.purchasing import queries as purchasing
from tallystick.integrations.postgres import scope
from tallystick.lib import errors
from tallystick.reactions import worker


@pytest.fixture(scope="module")
def customer_id(town: Town) -> int:
    """Open a customer."""
    return town.customer("Eight Seconds")


@pytest.fixture(scope="module")
def second(town: Town) -> Client:  # noqa: ARG001 - the company comes first
    """Sign a second approver in."""
    return staff(StaffRole.APPROVER, "second@lanternfield.example")


@pytest.fixture
def order(town: Town, customer_id: int) -> purchasing.Order:
    """Enter an order."""
    return town.order(customer_id, f"ES-{uuid.uuid4().hex[:8]}")


def approve(client: Client, order: purchasing.Order) -> object:
    """Press the button."""
    form = hidden_of(client.get(reverse("review", args=[order.id])))
    return client.post(reverse("review-approve", args=[order.id]), form)


def scheduled(order: purchasing.Order) -> models.ScheduledApproval:
    """Look at the row."""
    with scope.of(INSTALLER):
        return models.ScheduledApproval.objects.filter(purchase_order_id=order.id).latest("id")


def state(order: purchasing.Order) -> str:
    """Look at the order's state."""
    return purchasing.purchase_order(viewer=INSTALLER, purchase_order_id=order.id).state


def shown(client: Client, order: purchasing.Order) -> str:
    """Read the order's review page."""
    return client.get(reverse("review", args=[order.id])).content.decode()


def test_it_stays_pending_for_the_moment_and_colleagues_are_told(town: Town, second: Client, order: purchasing.Order) -> None:
    """Nothing is issued; queue and review say who approved it; nobody else decides in between."""
    assert approve(town.approver, order).status_code == 302  # type: ignore[attr-defined]
    row = scheduled(order)
    assert (state(order), row.state, row.due_at - row.scheduled_at) == ("pending", "waiting", timedelta(seconds=8))
    assert not invoicing.open_invoices(viewer=INSTALLER, customer_id=order.customer_id)
    assert f"{order.number} is pending, and approved by" in shown(second, order)
    assert "approved it, which takes effect in a moment" in second.get(reverse("queue")).content.decode()
    assert "Approve and issue" not in shown(second, order)
    form = {"form_key": str(uuid.uuid4()), "revision": "1"}
    again = second.post(reverse("review-approve", args=[order.id]), form)
    assert again.status_code == 409
    assert "approved" in again.content.decode()
    rejected = second.post(reverse("review-reject", args=[order.id]), {**form, "reasons": ["vendor"]})
    assert rejected.status_code == 422
    assert "Undo that first." in rejected.content.decode()
    moment_passes()
    assert (state(order), scheduled(order).state) == ("approved", "approved")
    moment_passes()
    assert (
        len([one for one in invoicing.open_invoices(viewer=INSTALLER, customer_id=order.customer_id) if one.purchase_order_number == order.number])
        == 1
    )


def test_undo_cancels_it(town: Town, order: purchasing.Order) -> None:
    """The job then finds nothing to do; undoing twice, or what ran, is refused in words."""
    approve(town.approver, order)
    address = reverse("review-undo", args=[scheduled(order).id])
    assert town.clerk.post(address).status_code == 403
    assert town.approver.post(address).status_code == 302
    moment_passes()
    assert (state(order), scheduled(order).state) == ("pending", "cancelled")
    twice = town.approver.post(address)
    assert twice.status_code == 409
    assert "This was undone already." in twice.content.decode()
    assert approve(town.approver, order).status_code == 302  # type: ignore[attr-defined]
    moment_passes()
    late = town.approver.post(reverse("review-undo", args=[scheduled(order).id]))
    assert late.status_code == 409
    assert "It is too late to undo this" in late.content.decode()
    assert town.approver.post(reverse("review-undo", args=[uuid.uuid4()])).status_code == 404


def test_row_and_job_are_one_and_the_worker_runs_it(town: Town, order: purchasing.Order) -> None:
    """Nothing is lost by a crash: the job is there exactly when the row is, due with it; the worker takes it when its time has come."""
    approve(town.approver, order)
    row = scheduled(order)
    with scope.of(INSTALLER):
        job = events.Job.objects.get(reaction="approve_scheduled", event_id=row.id)
        assert timedelta(seconds=7) < job.run_at - row.scheduled_at < timedelta(seconds=10)
    worker.drain()
    assert state(order) == "pending", "its time has not come"
    with scope.of(INSTALLER):
        events.Job.objects.filter(id=job.id).update(run_at=timezone.now() - timedelta(seconds=1))
    worker.drain()
    assert state(order) == "approved"


def test_with_the_worker_stopped_it_waits_and_says_so(town: Town, order: purchasing.Order) -> None:
    """Long after its moment it is neither lost nor done, can still be undone, and the page says what it waits for."""
    approve(town.approver, order)
    with scope.of(INSTALLER):
        models.ScheduledApproval.objects.filter(id=scheduled(order).id).update(due_at=timezone.now() - timedelta(minutes=3))
    said = town.approver.get(reverse("operator-scheduled")).content.decode()
    assert f"{order.number} waits: the work behind the pages does not run." in said
    assert town.approver.post(reverse("review-undo", args=[scheduled(order).id])).status_code == 302


def test_a_second_approver_who_was_quicker_is_named(town: Town, second: Client, order: purchasing.Order) -> None:
    """The operation approves at once; what was scheduled then ends as refused, in words, for who scheduled it."""
    assert second
    approve(town.approver, order)
    person_id = next(one.person.pk for one in people.staff() if one.person.email == "second@lanternfield.example")
    viewer = people.staff_viewer(person_id=person_id)
    assert viewer is not None
    operations.approve_purchase_order(viewer=viewer, purchase_order_id=order.id, expected_revision=1, now=timezone.now())
    moment_passes()
    assert scheduled(order).state == "refused"
    assert f"{order.number} is not approved: {order.number} is approved by Second." in town.approver.get(reverse("queue")).content.decode()


def test_who_left_in_between_approves_nothing(town: Town, order: purchasing.Order) -> None:
    """A colleague whose place is taken away after pressing the button does not approve any more."""
    assert town
    with scope.of(INSTALLER):
        person_id = customers.add_person(viewer=INSTALLER, email=f"{uuid.uuid4().hex}@lanternfield.example", name="Lena Left")
        customers.set_staff(viewer=INSTALLER, person_id=person_id, role=StaffRole.APPROVER)
    assert approve(signed_in(person_id), order).status_code == 302  # type: ignore[attr-defined]
    with scope.of(INSTALLER):
        customers.set_staff(viewer=INSTALLER, person_id=person_id, role=StaffRole.CLERK)
    moment_passes()
    row = scheduled(order)
    assert (state(order), row.state) == ("pending", "refused")
    assert row.refusal in shown(town.approver, order)


def test_a_stale_revision_is_refused(order: purchasing.Order) -> None:
    """What was seen is what is approved."""
    viewer = Viewer(kind=ViewerKind.STAFF, name="Nora", person_id=1, staff_role=StaffRole.APPROVER)
    with pytest.raises(errors.Conflict):
        operations.schedule_approval(viewer=viewer, purchase_order_id=order.id, expected_revision=2, now=timezone.now())


def test_the_next_order_opens(town: Town, customer_id: int) -> None:
    """After a decision the next one in the queue is shown, and never one whose approval is on its way."""
    orders = [town.order(customer_id, f"NX-{place}-{uuid.uuid4().hex[:6]}") for place in range(3)]
    answer = approve(town.approver, orders[0])
    assert answer.headers["Location"] == reverse("review", args=[orders[1].id])  # type: ignore[attr-defined]
    form = hidden_of(town.approver.get(reverse("review", args=[orders[1].id])))
    answer = town.approver.post(reverse("review-reject", args=[orders[1].id]), {**form, "reasons": ["vendor"]})
    assert answer.headers["Location"] == reverse("review", args=[orders[2].id])  # type: ignore[attr-defined]
    moment_passes()


def test_a_worker_that_dies_is_followed_by_another(town: Town, order: purchasing.Order) -> None:
    """Its lease runs out; who takes the job up again approves once."""
    approve(town.approver, order)
    past = timezone.now() - timedelta(seconds=1)
    with scope.of(INSTALLER):
        job = events.Job.objects.filter(reaction="approve_scheduled", event_id=scheduled(order).id)
        job.update(run_at=past, leased_until=timezone.now() + timedelta(minutes=1), attempts=1)
    worker.drain()
    assert state(order) == "pending", "another worker has it"
    with scope.of(INSTALLER):
        job.update(leased_until=past)
    worker.drain()
    assert state(order) == "approved"


def test_without_its_job_there_is_no_row(town: Town, order: purchasing.Order, monkeypatch: pytest.MonkeyPatch) -> None:
    """What is cut off between the two is undone as a whole: nobody is told that an approval waits which nothing would run."""

    def cut(**_facts: object) -> None:
        raise ConnectionError

    monkeypatch.setattr(queues, "schedule", cut)
    town.approver.raise_request_exception = False
    assert approve(town.approver, order).status_code == 500  # type: ignore[attr-defined]
    town.approver.raise_request_exception = True
    with scope.of(INSTALLER):
        assert not models.ScheduledApproval.objects.filter(purchase_order_id=order.id).exists()
