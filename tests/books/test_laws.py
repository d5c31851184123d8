"""Hold each law of money.md section 3 on PostgreSQL for amounts, splits and orders that nobody chose."""

import itertools
from collections import Counter
from collections.abc import Callable
from uuid import UUID

import psycopg
import pytest
from django.db import connections
from django.db.utils import DatabaseError
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from domain.payments.world import ADMIN, CLERK, NOW, key, opened, tell
from domain.payments.world import Till as Gateway
from given import Customer, Kind, customer, faults, legal_entity
from tallystick.domain.customers.rules import CreditRule
from tallystick.domain.funds import operations as funds
from tallystick.domain.invoicing import models as documents
from tallystick.domain.ledger import models as ledger
from tallystick.domain.ledger.rules import Account, EntryKind
from tallystick.domain.payments import operations as payments
from tallystick.domain.payments import refusals, rules
from tallystick.integrations.postgres import scope

LIMIT = 200_000
few = settings(max_examples=12, deadline=None, derandomize=True, suppress_health_check=[HealthCheck.too_slow])
amounts = st.integers(min_value=1, max_value=900_00)
percents = st.sampled_from(["0", "7", "8.625", "19"])
rates = st.lists(st.tuples(amounts, percents), min_size=1, max_size=3)
credit_rules = st.sampled_from(list(CreditRule))


def gross_of(place: Customer, invoice_id: object) -> int:
    """Read what an invoice asks for."""
    return place.invoice(invoice_id).gross_minor  # type: ignore[arg-type]  # an invoice's id


def rises(place: Customer) -> int:
    """Read available funds of a customer with a limit."""
    available = place.available()
    assert available is not None, "these customers have a limit"
    return available


@few
@given(amounts, amounts)
def test_law_1_entries_balance_and_nothing_posted_changes(net: int, price: int) -> None:
    """Each row names one debit and one credit account, and neither role nor owner can change or delete it; a refund is a new row."""
    place = customer()
    place.fund(net + price)
    charged = place.charge(price).transfer_id
    assert charged is not None
    funds.refund_charge(viewer=place.viewer(), transfer_id=charged, amount_minor=None, idempotency_key=key())
    with scope.of(ADMIN):
        rows = list(ledger.Transfer.objects.filter(customer_id=place.customer_id))
        sums = Counter({side: sum(row.amount_minor for row in rows) for side in ("debit", "credit")})
    assert all(row.debit and row.credit and row.amount_minor > 0 for row in rows)
    assert sums["debit"] == sums["credit"]
    assert [row.reverses_id for row in rows if row.kind == EntryKind.CHARGE_REFUND] == [charged]
    for alias, statement in itertools.product(
        ("default", "operator", "worker", "owner"), ("update ledger_transfer set amount_minor = 1", "delete from ledger_transfer")
    ):
        with connections[alias].cursor() as cursor:
            cursor.execute("select set_config('tallystick.customer_id', %s, false)", [str(place.customer_id)])
            with pytest.raises(DatabaseError):
                cursor.execute(statement)


@few
@given(rates, credit_rules)
def test_law_2_issuing_takes_no_spending_power(lines: list[tuple[int, str]], rule: CreditRule) -> None:
    """A funding invoice changes nothing (its gross under all_unpaid); an amount-owed invoice takes exactly the tax it adds."""
    place = customer()
    place.terms(LIMIT, rule)
    before = rises(place)
    funding = place.invoice(place.issue(*lines))
    assert before - rises(place) == (funding.gross_minor if rule is CreditRule.ALL_UNPAID else 0)
    before = rises(place)
    owed = place.invoice(place.issue(*lines, kind=Kind.AMOUNT_OWED))
    assert before - rises(place) == owed.tax_minor


@few
@given(rates, st.data(), credit_rules)
def test_law_3_part_payments_release_their_net_and_the_last_the_rest(lines: list[tuple[int, str]], data: st.DataObject, rule: CreditRule) -> None:
    """The balance rises by the net part at once, available funds by it (and by p under all_unpaid); all parts together by the net."""
    place = customer()
    place.terms(LIMIT, rule)
    invoice_id = place.issue(*lines)
    invoice, left = place.invoice(invoice_id), gross_of(place, invoice_id)
    while left:
        part = data.draw(st.one_of(st.just(left), st.integers(1, left)))
        before, available = place.figures(), rises(place)
        payment = place.record(part, (invoice_id, part))
        net = sum(one[0] for one in place.allocations(payment)[0].split)
        assert place.figures().balance_minor - before.balance_minor == net
        assert rises(place) - available == net + (part if rule is CreditRule.ALL_UNPAID else 0)
        left -= part
        if part < 10_00 and left:  # enough small ones
            place.record(left, (invoice_id, left))
            left = 0
    assert place.figures().balance_minor == invoice.net_minor
    assert place.figures().unpaid_minor == 0


@few
@given(amounts, percents, st.data())
def test_law_4_paying_an_amount_owed(net: int, percent: str, data: st.DataObject) -> None:
    """From outside: unpaid falls and available rises by p, the balance stays. From the balance: it falls by the net, available rises by the tax."""
    place = customer()
    place.charge(min(net, LIMIT // 2))
    outside, inside = (place.issue((net, percent), kind=Kind.AMOUNT_OWED) for _ in range(2))
    part = data.draw(st.integers(1, gross_of(place, outside)))
    before, available = place.figures(), rises(place)
    place.record(part, (outside, part))
    after = place.figures()
    assert (before.unpaid_minor - after.unpaid_minor, rises(place) - available) == (part, part)
    assert after.balance_minor == before.balance_minor
    place.fund(5_000_00)
    before, available, owed = place.figures(), rises(place), place.invoice(inside)
    place.start(rules.Method.BALANCE, (inside, owed.gross_minor))
    assert (before.balance_minor - place.figures().balance_minor, rises(place) - available) == (owed.net_minor, owed.tax_minor)
    with scope.of(ADMIN):
        assert ledger.Transfer.objects.filter(customer_id=place.customer_id, kind=EntryKind.PAID_FROM_BALANCE, debit=Account.FUNDS).count() == 1


@few
@given(st.integers(0, 500_00), st.integers(0, 500_00), st.data())
def test_law_5_nothing_is_spent_above_the_limit(limit: int, funded: int, data: st.DataObject) -> None:
    """Up to the last minor unit, on divisions that share the limit; and after the limit was lowered open holds can still be captured."""
    place = customer(limit_minor=limit, divisions=2)
    place.separate(separate=True)
    if funded:
        place.fund(funded, place.division_ids[1])
    held = place.hold(limit + funded, place.division_ids[1]) if limit + funded else None
    assert held is None or held.answer.outcome is funds.Outcome.ACCEPTED
    for division in place.division_ids:
        assert place.charge(1, division).outcome is funds.Outcome.INSUFFICIENT_FUNDS
    place.terms(data.draw(st.integers(0, limit)))
    assert place.figures().credit_in_use_minor == limit
    assert place.charge(1).outcome is funds.Outcome.INSUFFICIENT_FUNDS
    if held:
        funds.capture_hold(viewer=place.viewer(), hold_id=held.hold_id, amount_minor=None, idempotency_key=key())
    assert place.figures().credit_in_use_minor == limit


@few
@given(amounts, amounts, st.booleans())
def test_law_6_a_surplus_is_unapplied_credit(net: int, surplus: int, named: bool) -> None:
    """No invoice is paid above its due; the surplus goes to the division named, else to the last invoice's, and into no figure."""
    place = customer(divisions=2)
    place.separate(separate=True)
    top, first, second = place.division_ids
    bills = [place.issue((net, "19"), division_id=one) for one in (top, first)]
    gross = gross_of(place, bills[0])
    before = rises(place)
    place.record(2 * gross + surplus, (bills[0], gross), (bills[1], gross + surplus), division_id=second if named else None)
    assert [place.invoice(one).paid_minor for one in bills] == [gross, gross]
    assert {one: place.figures(one).unapplied_minor for one in place.division_ids} == {top: 0, first: 0, second: 0} | {
        second if named else first: surplus
    }
    assert (rises(place) - before, place.figures(second).balance_minor) == (net, 0)


@few
@given(amounts, percents, amounts)
def test_law_7_a_balance_pays_only_what_it_holds_and_only_debts(net: int, percent: str, held: int) -> None:
    """A funding invoice never; an amount owed out of a positive balance, with a credit note for its tax, never out of credit."""
    place = customer(limit_minor=None)
    funding = place.issue((net, percent))
    with pytest.raises(refusals.NotFromBalance):
        place.start(rules.Method.BALANCE, (funding, 1))
    owed = place.invoice(place.issue((net, percent), kind=Kind.AMOUNT_OWED))
    place.charge(net)  # what the invoice asks for has left the balance again: it is 0.00
    if held < owed.net_minor:
        place.fund(held)
        with pytest.raises(Exception, match="balance holds"):
            place.start(rules.Method.BALANCE, (owed.id, owed.gross_minor))
        assert place.figures().balance_minor == held
    else:
        place.fund(held)
        place.start(rules.Method.BALANCE, (owed.id, owed.gross_minor))
        assert place.figures().balance_minor == held - owed.net_minor
        with scope.of(ADMIN):
            notes = list(documents.CreditNote.objects.filter(customer_id=place.customer_id).values_list("gross_minor", flat=True))
        assert notes == ([owed.tax_minor] if owed.tax_minor else [])


@few
@given(amounts, amounts)
def test_law_8_a_key_has_one_effect_and_one_answer(first: int, second: int) -> None:
    """Charges, holds, refunds, payments: the same again is the same answer; another request is refused; a refusal is forgotten."""
    place = customer(limit_minor=0)
    name = key()
    assert place.charge(first, idempotency_key=name).outcome is funds.Outcome.INSUFFICIENT_FUNDS
    place.fund(2_000_00)
    done, again = (place.charge(first, idempotency_key=name) for _ in range(2))
    assert (done.outcome.value, again.outcome.value) == ("accepted", "replayed")
    assert (done.transfer_id, done.balance_after_minor, done.posted_at) == (again.transfer_id, again.balance_after_minor, again.posted_at)
    assert place.charge(first + second, idempotency_key=name).outcome is funds.Outcome.KEY_REUSED
    assert place.hold(first, idempotency_key=name).answer.outcome is funds.Outcome.KEY_REUSED
    held = key()
    assert place.hold(second, idempotency_key=held).hold_id == place.hold(second, idempotency_key=held).hold_id
    paid, bank = key(), key()
    invoice_id = place.issue((first, "0"))
    same = {"idempotency_key": paid, "reference": bank}
    assert place.record(first, (invoice_id, first), **same) == place.record(first, (invoice_id, first), **same)
    with pytest.raises(refusals.IdempotencyKeyReused):
        place.record(first + second, (invoice_id, first), **same)
    assert place.figures().balance_minor == 2_000_00 - second


def test_law_9_no_reference_credits_twice() -> None:
    """Every order of settled, charged back and its doubles ends in the same figures; a bank's reference counts once; one open card attempt."""
    till, seen = Gateway(), set()
    try:
        for order in itertools.islice(itertools.permutations(range(4)), 0, None, 5):
            place = opened(percent="19")
            invoice_id = place.funding(100_00)
            started = place.start(rules.Method.CARD, (invoice_id, 119_00), gateway=till.gateway)  # type: ignore[arg-type]  # its name is only read
            with pytest.raises(refusals.PaymentInProgress):
                place.start(rules.Method.CARD, (invoice_id, 119_00), gateway=till.gateway)  # type: ignore[arg-type]  # its name is only read
            reference = place.row(started.payment_id).provider_reference
            till.pay(reference, "4000000000003055")
            said = list(till.messages(reference)) * 4
            tell(*(said[at % len(said)] for at in (*order, *range(len(said)))))
            row = place.row(started.payment_id)
            seen.add((row.settled_minor, row.reversed_minor, place.figures().balance_minor))
    finally:
        till.close()
    assert seen == {(119_00, 59_50, 50_00)}
    other, bank = customer(), key()
    other.record(10_00, division_id=other.top_id, reference=bank)
    with pytest.raises(refusals.ReferenceTaken):
        other.record(10_00, division_id=other.top_id, reference=f" {bank.lower()} ")
    assert other.figures().unapplied_minor == 10_00


def issue_and_break(place: Customer) -> None:
    """Issue an invoice in a transaction that comes to nothing."""
    with scope.of(ADMIN):
        place.issue((100, "0"))
        raise ZeroDivisionError


def test_law_10_numbers_are_gapless_per_series_and_taken_with_the_invoice() -> None:
    """Two customers of one legal entity share its series; an issue that is undone gives its number back."""
    seller = legal_entity()
    places = [customer(legal_entity_id=seller) for _ in range(2)]
    numbers = []
    for turn in range(6):
        place = places[turn % 2]
        numbers.append(place.invoice(place.issue((100, "0"))).number)
        with pytest.raises(ZeroDivisionError):
            issue_and_break(place)
    assert numbers == [f"INV-{number:05}" for number in range(1, 7)]


@few
@given(st.sampled_from(["balance_minor", "held_minor", "unpaid_funding_minor", "unpaid_owed_minor", "unapplied_minor"]), amounts)
def test_law_11_verify_notices_any_kept_figure_that_moves_alone(column: str, amount: int) -> None:
    """The figures equal the journal re-added; moved by hand, as the owner, the proof names the customer; moved back, it is clean."""
    place = customer(percent="19")
    place.fund(1_000_00)
    place.hold(1_00)

    def wrong() -> list[str]:
        return [fault for fault in faults() if f"customer {place.customer_id}," in fault]

    assert not wrong()
    facts = connections["owner"].settings_dict
    conninfo = psycopg.conninfo.make_conninfo(
        host=facts["HOST"], port=str(facts["PORT"]), user=str(facts["USER"]), password=str(facts["PASSWORD"]), dbname=str(facts["NAME"])
    )
    with psycopg.connect(conninfo, autocommit=True) as owner:
        for change in (amount, -amount):
            statement = psycopg.sql.SQL("update funds_fund set {0} = {0} + %s where customer_id = %s").format(psycopg.sql.Identifier(column))
            assert owner.execute(statement, [change, place.customer_id]).rowcount == 1
            assert bool(wrong()) is (change > 0)


@few
@given(amounts, percents)
def test_law_12_only_the_listed_events_raise_a_balance(net: int, percent: str) -> None:
    """Of all that can happen to an invoice and a sale, the balance rises by these alone."""
    place = customer(percent=percent, limit_minor=None, divisions=1)
    place.separate(separate=True)
    top, below = place.division_ids
    made: dict[str, UUID] = {}
    sold: dict[str, int] = {}

    def pay(name: str, surplus: int) -> None:
        gross = gross_of(place, made[name])
        made["payment"] = place.record(gross + surplus, (made[name], gross))

    def use() -> None:
        asks = [rules.Ask(place.issue((net, "0")), 1)]
        wish = rules.PaymentRequest(invoices=asks, method=rules.Method.UNAPPLIED_CREDIT, idempotency_key=key(), division_id=top)
        payments.use_unapplied_credit(viewer=CLERK, customer_id=place.customer_id, request=wish, now=NOW)

    def refund() -> None:
        funds.refund_charge(viewer=place.viewer(), transfer_id=sold["charge"], amount_minor=None, idempotency_key=key())

    events: list[tuple[str, Callable[[], object]]] = [
        ("issue", lambda: made.update(funding=place.issue((net, percent)))),
        ("terms", lambda: place.terms(None, CreditRule.ALL_UNPAID)),
        ("payment", lambda: pay("funding", net)),
        ("charge", lambda: sold.update(charge=place.charge(net).transfer_id or 0)),
        ("hold", lambda: made.update(hold=place.hold(net).hold_id)),
        ("release", lambda: funds.release_hold(viewer=place.viewer(), hold_id=made["hold"], idempotency_key=key())),
        ("refund", refund),
        ("outgoing transfer", lambda: place.transfer(net, top, below)),
        ("incoming transfer", lambda: place.transfer(net, below, top)),
        ("credit note", lambda: place.credit(made["funding"], gross_of(place, made["funding"]))),
        ("amount owed", lambda: made.update(owed=place.issue((net, percent), kind=Kind.AMOUNT_OWED))),
        ("amount owed paid", lambda: pay("owed", net)),
        ("bounce", lambda: place.bounce(made["payment"], 1, key())),
        ("unapplied credit used", use),
        ("joined, with nothing below", lambda: place.separate(separate=False)),
    ]
    raised = []
    for name, act in events:
        before = place.figures().balance_minor
        act()
        raised += [name] * (place.figures().balance_minor > before)
    assert raised == ["payment", "release", "refund", "incoming transfer", "amount owed", "unapplied credit used"]
