"""Walk purchase orders from submission to decision on PostgreSQL, by every arrow of their table and against every refusal."""

import hashlib
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from datetime import timedelta
from pathlib import Path

import pytest
from django.db import connections

from domain.invoicing import trade
from domain.invoicing.trade import ABE, ADA, AUDRA, CLEO, NOW, TODAY, Trade
from tallystick.domain.administration import operations as administration
from tallystick.domain.customers import operations as customers
from tallystick.domain.customers.rules import CustomerRole, Viewer
from tallystick.domain.events import queries as events
from tallystick.domain.purchasing import models, operations, queries, rules
from tallystick.integrations.postgres import scope
from tallystick.integrations.storage import store
from tallystick.lib import errors, ids


@dataclass(frozen=True)
class Upload:
    """Stand for a document that storage accepted."""

    name: str = "NWL-4518.pdf"
    kind: str = "application/pdf"
    content: bytes = b"%PDF"

    @property
    def sha256(self) -> str:
        return hashlib.sha256(self.content).hexdigest()


@pytest.fixture
def northwind() -> Trade:
    return trade.open_trade()


def submitted(world: Trade, **changes: object) -> models.PurchaseOrder:
    return operations.submit_purchase_order(viewer=world.dana, order=world.draft(**changes), now=NOW)  # type: ignore[arg-type]


def rejected(world: Trade, **changes: object) -> models.PurchaseOrder:
    order = submitted(world, **changes)
    return operations.reject_purchase_order(
        viewer=ABE, purchase_order_id=order.id, expected_revision=1, reasons=[rules.Reason.VENDOR], text="Name Lanternfield, Inc. in full.", now=NOW
    )


def approved(order: models.PurchaseOrder, viewer: Viewer = ABE) -> object:
    return operations.approve_purchase_order(viewer=viewer, purchase_order_id=order.id, expected_revision=order.revision, now=NOW)


def kinds(world: Trade, order: models.PurchaseOrder) -> list[str]:
    with scope.of(world.dana):
        return [event.kind for event in events.of_subject(customer_id=world.customer_id, subject_id=ids.public("po", order.id))]


def test_an_order_becomes_an_invoice_and_money(northwind: Trade) -> None:
    order = submitted(northwind)
    assert (order.net_minor, order.tax_minor, order.gross_minor, order.state) == (100_000, 19_000, 119_000, "pending")
    assert order.number in [one.number for one in queries.waiting(viewer=CLEO)]
    approved(order)
    shown = queries.purchase_order(viewer=northwind.dana, purchase_order_id=order.id)
    assert (shown.state, shown.decided_by, [one.verdict for one in shown.decisions]) == ("approved", "Abe Stone", ["approved"])
    assert shown.invoice_id is not None
    assert kinds(northwind, order) == ["purchase_order.submitted", "purchase_order.approved"]


def test_a_dry_run_tells_everything_and_writes_nothing(northwind: Trade) -> None:
    order = submitted(northwind, recipients="b@northwind.example")
    told, again = (
        operations.approve_purchase_order(viewer=ABE, purchase_order_id=order.id, expected_revision=1, now=NOW, dry_run=True) for _ in range(2)
    )
    assert told == again
    assert (told.number, told.issue_date, told.due_date) == ("INV-2026-00001", TODAY, TODAY + timedelta(days=30))
    assert told.mailed_to == ("ap@northwind.example", "b@northwind.example")
    assert (told.before.unpaid_minor, told.after.unpaid_minor, told.after_payment.balance_minor) == (0, 119_000, 100_000)
    assert told.before.available_minor == told.after.available_minor == 200_000
    assert queries.purchase_order(viewer=CLEO, purchase_order_id=order.id).state == "pending"
    assert northwind.figures().unpaid_minor == 0


def test_a_form_sent_twice_makes_one_order(northwind: Trade) -> None:
    draft = northwind.draft()

    def send(key: str = "form-1", amount: str = draft.amount) -> models.PurchaseOrder:
        try:
            return operations.submit_purchase_order(viewer=northwind.dana, order=replace(draft, amount=amount), now=NOW, form_key=key)
        finally:
            connections.close_all()

    with ThreadPoolExecutor(8) as pool:
        sent = {order.id for order in pool.map(lambda _: send(), range(16))}
    assert len(sent) == 1
    with pytest.raises(operations.FormReused):
        send(amount="999.00")


@pytest.mark.parametrize("other", ["{}", " {} ", "{lower}"])
def test_the_same_number_twice_is_refused_with_the_first(northwind: Trade, other: str) -> None:
    first = submitted(northwind)
    with pytest.raises(operations.NumberUsed) as refused:
        submitted(northwind, number=other.format(first.number, lower=first.number.lower()))
    assert refused.value.field == "number"
    assert refused.value.facts == {"purchase_order_id": ids.public("po", first.id), "state": "pending"}
    assert submitted(trade.open_trade(), number=first.number).state == "pending"


@pytest.mark.parametrize("ending", ["rejected", "withdrawn"])
def test_a_number_is_free_again_after_a_rejection_or_withdrawal(northwind: Trade, ending: str) -> None:
    if ending == "rejected":
        first = rejected(northwind)
    else:
        first = operations.withdraw_purchase_order(viewer=northwind.dana, purchase_order_id=submitted(northwind).id, now=NOW)
    second = submitted(northwind, number=first.number)
    assert [one.id for one in queries.same_number(viewer=CLEO, purchase_order_id=second.id)] == [first.id]
    with pytest.raises(errors.Refusal):
        operations.resubmit_purchase_order(viewer=northwind.dana, purchase_order_id=first.id, order=northwind.draft(number=first.number), now=NOW)


def test_twenty_equal_numbers_at_once_make_one_order(northwind: Trade) -> None:
    draft = northwind.draft()

    def send(_: int) -> bool:
        try:
            operations.submit_purchase_order(viewer=northwind.dana, order=draft, now=NOW)
        except operations.NumberUsed:
            return False
        finally:
            connections.close_all()
        return True

    with ThreadPoolExecutor(10) as pool:
        assert sum(pool.map(send, range(20))) == 1


def test_a_rejected_order_comes_back_as_a_new_revision(northwind: Trade) -> None:
    document = Upload()
    draft = northwind.draft()
    first = operations.submit_purchase_order(viewer=northwind.dana, order=draft, now=NOW, document=document)
    operations.reject_purchase_order(
        viewer=CLEO, purchase_order_id=first.id, expected_revision=1, reasons=["vendor", "lines"], text="Mend it", now=NOW
    )
    line = rules.LineDraft(description="TLS certificate", quantity="10", unit_price="185.00")
    again = operations.resubmit_purchase_order(
        viewer=northwind.dana,
        purchase_order_id=first.id,
        order=replace(draft, amount="", lines=(line,)),
        now=NOW + timedelta(days=1),
        expected_revision=1,
    )
    assert (again.state, again.revision, again.net_minor) == ("pending", 2, 185_000)
    shown = queries.purchase_order(viewer=northwind.dana, purchase_order_id=first.id)
    assert [one.unit_price_minor for one in shown.lines] == [18_500]
    assert [(one.revision, one.facts["net_minor"]) for one in shown.revisions] == [(1, 100_000)]
    assert [(one.revision, one.verdict, len(one.reasons), one.text) for one in shown.decisions] == [(1, "rejected", 2, "Mend it")]
    assert queries.document(viewer=northwind.dana, purchase_order_id=first.id).content == document.content
    with pytest.raises(operations.StaleOrder):
        operations.approve_purchase_order(viewer=ABE, purchase_order_id=first.id, expected_revision=1, now=NOW)
    approved(again)
    assert kinds(northwind, first) == [f"purchase_order.{verb}" for verb in ("submitted", "rejected", "resubmitted", "approved")]


def reach(world: Trade, state: rules.State) -> models.PurchaseOrder:
    """Bring an order into a state by operations."""
    if state is rules.State.REJECTED:
        return rejected(world)
    order = submitted(world)
    if state is rules.State.APPROVED:
        approved(order)
    elif state is rules.State.WITHDRAWN:
        operations.withdraw_purchase_order(viewer=world.dana, purchase_order_id=order.id, now=NOW)
    return order


def take(world: Trade, order: models.PurchaseOrder, target: rules.State) -> object:
    """Try an arrow as a member of the staff."""
    if target is rules.State.APPROVED:
        return approved(order)
    if target is rules.State.REJECTED:
        return operations.reject_purchase_order(viewer=ABE, purchase_order_id=order.id, expected_revision=1, reasons=["terms"], now=NOW)
    if target is rules.State.WITHDRAWN:
        return operations.withdraw_purchase_order(viewer=ABE, purchase_order_id=order.id, now=NOW)
    return operations.resubmit_purchase_order(viewer=ABE, purchase_order_id=order.id, order=world.draft(number=order.number), now=NOW)


@pytest.mark.parametrize("target", list(rules.State))
@pytest.mark.parametrize("start", list(rules.State))
def test_every_arrow_that_the_table_lacks_is_refused(northwind: Trade, start: rules.State, target: rules.State) -> None:
    order = reach(northwind, start)
    if target in rules.TRANSITIONS[start]:
        take(northwind, order, target)
        assert queries.purchase_order(viewer=ABE, purchase_order_id=order.id).state == target
        return
    with pytest.raises(operations.OrderDecided):
        take(northwind, order, target)
    assert queries.purchase_order(viewer=ABE, purchase_order_id=order.id).state == start


def test_no_one_approves_what_they_entered(northwind: Trade) -> None:
    draft = northwind.draft(channel="mail")
    order = operations.enter_purchase_order(viewer=ABE, customer_id=northwind.customer_id, order=draft, now=NOW)
    assert order.is_entered_by_staff
    with pytest.raises(errors.NotAllowed) as refused:
        approved(order)
    assert refused.value.code == "four_eyes"
    approved(order, replace(ABE, person_id=999, name="Bea Lund"))


def test_an_operator_of_one_person_may_switch_four_eyes_off(northwind: Trade) -> None:
    order = operations.enter_purchase_order(viewer=ABE, customer_id=northwind.customer_id, order=northwind.draft(channel="post"), now=NOW)
    customers.set_setting(viewer=ADA, name="four_eyes", value=False)
    try:
        approved(order)
    finally:
        customers.set_setting(viewer=ADA, name="four_eyes", value=True)


def test_roles_keep_to_their_table(northwind: Trade) -> None:
    order = submitted(northwind)
    for viewer in (CLEO, AUDRA, ADA, northwind.dana):
        with pytest.raises(errors.NotAllowed):
            approved(order, viewer)
    for role in (CustomerRole.STANDARD_USER, CustomerRole.LIMITED_USER):
        plain = replace(northwind.dana, role=role)
        with pytest.raises(errors.NotAllowed):
            operations.submit_purchase_order(viewer=plain, order=northwind.draft(), now=NOW)
        with pytest.raises(errors.NotAllowed):
            queries.purchase_orders(viewer=plain)
    with pytest.raises(errors.NotAllowed):
        operations.enter_purchase_order(viewer=AUDRA, customer_id=northwind.customer_id, order=northwind.draft(), now=NOW)


def test_another_customer_and_another_division_find_nothing(northwind: Trade) -> None:
    order = submitted(northwind)
    stranger, restricted = trade.open_trade().dana, replace(northwind.dana, division_ids=frozenset({-1}))
    for viewer in (stranger, restricted):
        assert queries.purchase_orders(viewer=viewer) == []
        assert queries.pending_by_division(viewer=viewer) == {}
        with pytest.raises(operations.OrderNotFound):
            queries.purchase_order(viewer=viewer, purchase_order_id=order.id)
        with pytest.raises(operations.OrderNotFound):
            operations.withdraw_purchase_order(viewer=viewer, purchase_order_id=order.id, now=NOW)
    with pytest.raises(errors.InvalidFields) as refused:
        operations.submit_purchase_order(viewer=restricted, order=northwind.draft(), now=NOW)
    assert list(refused.value.fields) == ["division"]
    with pytest.raises(errors.InvalidFields):
        operations.submit_purchase_order(viewer=stranger, order=northwind.draft(), now=NOW)


def test_a_closed_division_takes_no_order_and_is_not_closed_with_one(northwind: Trade) -> None:
    child = administration.create_division(viewer=ADA, customer_id=northwind.customer_id, parent_id=northwind.top_id, name="Research")
    order = submitted(northwind, division=str(child))
    assert queries.pending_by_division(viewer=northwind.dana) == {child: 1}
    with pytest.raises(errors.Conflict):
        administration.close_division(viewer=ADA, customer_id=northwind.customer_id, division_id=child, now=NOW)
    operations.withdraw_purchase_order(viewer=northwind.dana, purchase_order_id=order.id, now=NOW)
    administration.close_division(viewer=ADA, customer_id=northwind.customer_id, division_id=child, now=NOW)
    with pytest.raises(errors.InvalidFields) as refused:
        submitted(northwind, division=str(child))
    assert refused.value.fields == {"division": "This division is closed. Choose an open one."}


@pytest.mark.parametrize(
    ("reasons", "text"), [([], ""), (["because"], ""), (["vendor", "because"], ""), (["vendor"], "x" * 2001), (["vendor"], "a\x00b")]
)
def test_a_rejection_needs_documented_reasons_and_clean_words(northwind: Trade, reasons: list[str], text: str) -> None:
    order = submitted(northwind)
    with pytest.raises(errors.Invalid):
        operations.reject_purchase_order(viewer=ABE, purchase_order_id=order.id, expected_revision=1, reasons=reasons, text=text, now=NOW)
    assert queries.purchase_order(viewer=ABE, purchase_order_id=order.id).state == "pending"


def test_terms_of_the_customer_are_the_longest(northwind: Trade) -> None:
    with pytest.raises(errors.InvalidFields) as refused:
        submitted(northwind, terms_days="31", amount="1.005", currency="EUR")
    assert list(refused.value.fields) == ["amount", "currency", "terms_days"]


def test_an_order_is_reckoned_before_it_is_sent(northwind: Trade) -> None:
    reckoned = queries.reckoned(viewer=northwind.dana, order=northwind.draft("500.00"))
    assert (reckoned.totals.net_minor, reckoned.totals.tax_minor, reckoned.totals.gross_minor, reckoned.currency) == (50_000, 9_500, 59_500, "USD")


def test_yen_have_no_decimals() -> None:
    tokyo = trade.open_trade(currency="JPY", percent="10")
    assert tokyo.approved("1001").gross_minor == 1_101
    with pytest.raises(errors.InvalidFields):
        submitted(tokyo, amount="1001.5")


def test_lists_narrow_and_page(northwind: Trade) -> None:
    orders = [submitted(northwind) for _ in range(3)]

    def found(**narrowed: object) -> list[str]:
        return [one.number for one in queries.purchase_orders(viewer=northwind.dana, narrowed=queries.OrderFilter(**narrowed))]  # type: ignore[arg-type]

    numbers = [order.number for order in reversed(orders)]
    assert found() == found(states=["pending"]) == found(division_id=northwind.top_id) == numbers
    assert found(limit=2) == numbers[:2]
    assert found(before=orders[1].id) == numbers[2:]
    assert found(q=numbers[0].lower()) == numbers[:1]
    assert found(states=["approved"]) == []


def test_a_document_may_be_kept_outside_the_database(northwind: Trade, tmp_path: Path) -> None:
    folder = store.FolderStore(tmp_path)
    order = operations.submit_purchase_order(viewer=northwind.dana, order=northwind.draft(), now=NOW, document=Upload(), kept_in=folder)
    assert queries.document(viewer=northwind.dana, purchase_order_id=order.id, kept_in=folder).content == b"%PDF"
    assert len([path for path in tmp_path.rglob("*") if path.is_file()]) == 1


def test_an_order_without_document_says_so(northwind: Trade) -> None:
    with pytest.raises(errors.NotFound):
        queries.document(viewer=northwind.dana, purchase_order_id=submitted(northwind).id)
