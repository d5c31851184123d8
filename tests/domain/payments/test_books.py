"""Let a random bookkeeper pay, bounce, win disputes, credit and refund, and an auditor re-add everything after each step."""

import copy
import os
import random
from collections import defaultdict

import pytest

from domain.payments import world
from domain.payments.world import World
from tallystick.domain.administration import operations as administration
from tallystick.domain.invoicing import models as documents
from tallystick.domain.invoicing import operations as invoicing
from tallystick.domain.ledger import models as ledger
from tallystick.domain.ledger.rules import Account
from tallystick.domain.payments import models, operations, rules
from tallystick.integrations.postgres import scope
from tallystick.lib import errors

RUNS = int(os.environ.get("TALLYSTICK_BOOK_RUNS", "10"))
STEPS = int(os.environ.get("TALLYSTICK_BOOK_STEPS", "25"))
DEBITS_RAISE = {Account.RECEIVABLE_FUNDING, Account.RECEIVABLE_OWED, Account.CASH}


class Bookkeeper:
    """Do one lawful or refused thing after the other."""

    def __init__(self, seed: int) -> None:
        """Open a customer with two divisions of their own funds."""
        self.dice = random.Random(seed)
        self.place = world.opened(percent=self.dice.choice(["19", "0", "8.625"]), separate_funds=True)
        place = self.place
        self.divisions = [
            place.top_id,
            administration.create_division(viewer=world.ADMIN, customer_id=place.customer_id, parent_id=place.top_id, name="A"),
        ]
        administration.switch_separate_funds(viewer=world.ADMIN, customer_id=place.customer_id, separate=True)
        self.invoices = [place.funding(100_00), place.funding(33_33, 7_01, division_id=self.divisions[1])]
        self.payments: list[object] = []

    def step(self) -> None:
        """Do something; a refusal is an answer too."""
        verbs = [self.issue, self.pay, self.pay, self.bounce, self.bounce, self.restore, self.credit, self.use, self.refund, self.deposit]
        try:
            self.dice.choice(verbs)()
        except errors.Refusal:
            return

    def issue(self) -> None:
        """Issue a funding invoice."""
        self.invoices.append(self.place.funding(self.dice.randint(1, 200_00), division_id=self.dice.choice(self.divisions)))

    def _asks(self) -> list[tuple[object, int]]:
        chosen = self.dice.sample(self.invoices, self.dice.randint(1, min(3, len(self.invoices))))
        return [(invoice, self.dice.randint(1, 150_00)) for invoice in chosen]

    def pay(self) -> None:
        """Record a transfer over some invoices, often with a surplus."""
        asks = self._asks()
        extra = self.dice.choice([0, 0, self.dice.randint(1, 50_00)])
        named = self.dice.choice([None, *self.divisions])
        self.payments.append(self.place.record(sum(part for _, part in asks) + extra, *asks, division_id=named))  # type: ignore[arg-type]

    def deposit(self) -> None:
        """Announce a deposit, and record some amount for it."""
        wish = rules.DepositRequest(
            division_id=self.dice.choice(self.divisions),
            amount_minor=self.dice.randint(1, 90_00),
            method=rules.Method.BANK_TRANSFER,
            idempotency_key=world.key(),
        )
        started = operations.start_deposit(viewer=self.place.fiona, request=wish, now=world.NOW)
        self.payments.append(self.place.record(self.dice.choice([started.amount_minor, self.dice.randint(1, 99_00)]), payment_id=started.payment_id))

    def bounce(self) -> None:
        """Let a payment bounce, whole or part."""
        if not self.payments:
            return
        payment = self.place.row(self.dice.choice(self.payments))  # type: ignore[arg-type]
        stands = payment.settled_minor - payment.reversed_minor
        self.place.bounce(payment.id, self.dice.choice([stands, self.dice.randint(1, max(1, stands))]), world.key())

    def restore(self) -> None:
        """Win a dispute, whole or part."""
        bounced = [row for row in self.place.payments() if row.reversed_minor]
        if bounced:
            row = self.dice.choice(bounced)
            amount_minor = self.dice.choice([row.reversed_minor, self.dice.randint(1, row.reversed_minor)])
            operations.undo_reversal(viewer=world.CLERK, payment_id=row.id, amount_minor=amount_minor, reference=world.key(), now=world.NOW)

    def credit(self) -> None:
        """Credit an invoice."""
        invoice_id, amount_minor = self.dice.choice(self.invoices), self.dice.randint(1, 80_00)
        note = invoicing.request_credit_note(viewer=world.CLERK, invoice_id=invoice_id, amount_minor=amount_minor, reason="Less", now=world.NOW)
        invoicing.approve_credit_note(viewer=world.APPROVER, credit_note_id=note.id, today=world.TODAY, now=world.NOW)

    def use(self) -> None:
        """Use unapplied credit of one division on invoices of any."""
        division_id = self.dice.choice(self.divisions)
        asks = [rules.Ask(invoice, max(1, part // 10)) for invoice, part in self._asks()]  # type: ignore[arg-type]
        wish = rules.PaymentRequest(invoices=asks, method=rules.Method.UNAPPLIED_CREDIT, idempotency_key=world.key(), division_id=division_id)
        operations.use_unapplied_credit(viewer=world.CLERK, customer_id=self.place.customer_id, request=wish, now=world.NOW)

    def refund(self) -> None:
        """Refund unapplied credit; sometimes it comes back."""
        own = {"customer_id": self.place.customer_id, "now": world.NOW}
        wish = rules.RefundRequest(
            customer_id=self.place.customer_id,
            division_id=self.dice.choice(self.divisions),
            amount_minor=self.dice.randint(1, 30_00),
            reason="Wish",
            account="DE02",
            idempotency_key=world.key(),
        )
        asked = operations.request_refund(viewer=world.CLERK, request=wish, now=world.NOW)
        operations.approve_refund(viewer=world.APPROVER, refund_id=asked.id, **own)  # type: ignore[arg-type]
        if self.dice.random() < 0.5:
            operations.settle_refund(viewer=world.CLERK, refund_id=asked.id, **own)  # type: ignore[arg-type]
        else:
            operations.fail_refund(viewer=world.CLERK, refund_id=asked.id, reason="", **own)  # type: ignore[arg-type]


def accounts(place: World) -> dict[Account, dict[int, int]]:
    """Re-add the journal: account, fund, balance on its own side."""
    sums: dict[Account, dict[int, int]] = defaultdict(lambda: defaultdict(int))
    for row in ledger.Transfer.objects.filter(customer_id=place.customer_id):
        debit, credit = Account(row.debit), Account(row.credit)
        sums[debit][row.fund_id] += row.amount_minor if debit in DEBITS_RAISE else -row.amount_minor
        sums[credit][row.credit_fund_id or row.fund_id] += -row.amount_minor if credit in DEBITS_RAISE else row.amount_minor
    return sums


def audit(place: World, division_ids: list[int]) -> None:
    """Re-add money, allocations, invoices and figures, each from the other side."""
    with scope.of(world.ADMIN):
        books = accounts(place)
        own = {"customer_id": place.customer_id}
        payments = list(models.Payment.objects.filter(**own))
        refunds = models.Refund.objects.filter(**own, state="settled").values_list("amount_minor", flat=True)
        lefts: dict[object, int] = defaultdict(int)
        for allocation in models.Allocation.objects.filter(**own):
            lefts[allocation.payment_id] += allocation.amount_minor - allocation.reversed_minor
            lefts[allocation.invoice_id] += allocation.amount_minor - allocation.reversed_minor
            assert sum(map(sum, allocation.left_split)) == allocation.amount_minor - allocation.reversed_minor
        for surplus in models.Surplus.objects.filter(**own):
            lefts[surplus.payment_id] += surplus.amount_minor - surplus.reversed_minor
        arrived = 0
        for payment in payments:
            stands = payment.settled_minor - payment.reversed_minor
            assert lefts[payment.id] == stands
            arrived += stands if payment.method != "unapplied_credit" else 0
        assert sum(books[Account.CASH].values()) == arrived - sum(refunds)
        for invoice in documents.Invoice.objects.filter(**own):
            assert invoice.paid_minor <= lefts[invoice.id]
            assert invoice.open_minor >= 0
    for division_id in division_ids:
        figures = place.figures(division_id)
        assert figures.balance_minor == books[Account.FUNDS][division_id]
        assert figures.unapplied_minor == books[Account.UNAPPLIED_CREDIT][division_id]
        assert figures.unpaid_funding_minor == books[Account.RECEIVABLE_FUNDING][division_id]
        assert figures.unpaid_owed_minor == books[Account.RECEIVABLE_OWED][division_id]


@pytest.mark.slow
@pytest.mark.parametrize("seed", range(RUNS))
def test_the_auditor_finds_nothing(seed: int) -> None:
    """After every step of every run."""
    keeper = Bookkeeper(seed)
    for _ in range(STEPS):
        keeper.step()
        audit(keeper.place, keeper.divisions)


@pytest.mark.slow
def test_bookkeepers_at_once() -> None:
    """Eight bookkeepers on one customer: no deadlock reaches anybody, nothing is lost, and the books are right after it."""
    first = Bookkeeper(1)
    for _ in range(6):
        first.pay()

    def keep(place: int) -> None:
        keeper = copy.copy(first)
        keeper.dice, keeper.invoices, keeper.payments = random.Random(place), list(first.invoices), list(first.payments)
        for _ in range(12):
            keeper.step()

    answers = world.at_once(8, keep)
    assert [answer for answer in answers if answer is not None] == []
    audit(first.place, first.divisions)
