"""Do one lawful or refused thing after the other, in the program and in the auditor's books, and compare answers and figures."""

import random
from collections.abc import Callable, Hashable
from uuid import UUID

import given
from books.auditor import Books
from books.sums import gross
from domain.payments.world import ADMIN, APPROVER, CLERK, NOW, key
from tallystick.domain.administration import operations as administration
from tallystick.domain.customers.rules import CreditRule
from tallystick.domain.funds import operations as funds
from tallystick.domain.invoicing import models as documents
from tallystick.domain.invoicing import operations as invoicing
from tallystick.domain.payments import operations as payments
from tallystick.domain.payments import rules
from tallystick.integrations.postgres import scope
from tallystick.lib import errors

_AMOUNTS = (1, 7, 99, 10_00, 33_33, 50_00, 119_00, 250_00, 1_000_00)
_MOST_DIVISIONS = 5


class Bookkeeper:
    """Keep one customer by a seed; `told` is what was done, for the one who reads a failure."""

    def __init__(self, seed: int) -> None:
        """Open a customer with two more divisions and sometimes an opening balance."""
        self.dice = random.Random(seed)
        limit = self.dice.choice([None, 0, 500_00, 2_000_00])
        percent = self.dice.choice(["0", "19", "8.625"])
        self.place = given.customer(percent=percent, limit_minor=limit, divisions=0)
        self.books = Books(self.place.top_id, limit, percent)
        self.divisions = [self.place.top_id]
        self.invoices: list[UUID] = []
        self.payments: list[UUID] = []
        self.charges: list[int] = []
        self.holds: list[UUID] = []
        self.told = [f"seed {seed}: limit {limit}, {percent} %"]
        for _ in range(2):
            self.grow()
        if self.dice.random() < 0.4:
            amount = self.dice.choice([-700_00, 300_00])
            self.place.opening(amount)
            self.books.opening(self.place.top_id, amount)

    def verbs(self) -> list[Callable[[], None]]:
        """List what there is to do, the usual more often."""
        daily = [
            self.issue,
            self.issue,
            self.pay,
            self.pay,
            self.pay,
            self.charge,
            self.charge,
            self.batch,
            self.batch,
            self.hold,
            self.end_hold,
            self.refund,
        ]
        money = [self.credit, self.bounce, self.bounce, self.use, self.use, self.from_balance, self.refund_credit, self.deposit, self.transfer]
        rare = [self.end_refund, self.transfer, self.void, self.write_off, self.terms, self.grow, self.close]
        return [*daily, *money, *rare, self.switch, self.switch, self.switch]

    def step(self) -> None:
        """Do something, and compare every division's figures."""
        verb = self.dice.choice(self.verbs())
        self.told.append(verb.__name__)
        verb()
        every = {division: self.place.figures(division) for division in self.divisions}
        for division, one in every.items():
            shown = (one.balance_minor, one.held_minor, one.unpaid_funding_minor, one.unpaid_owed_minor, one.unapplied_minor, one.taxed_debt_minor)
            shown += (one.credit_in_use_minor, one.available_minor, one.movable_minor)  # type: ignore[assignment]  # it grows
            assert shown == self.books.figures(division), self.story(f"division {division}")

    def story(self, about: str) -> str:
        """Tell what was done."""
        return "\n".join([about, *self.told])

    def agree(self, expected: str | None, act: Callable[[], object], *facts: object) -> object:
        """Do it and expect what the auditor said: None for done, else the code of the refusal."""
        self.told[-1] += f" {facts} -> {expected or 'done'}"
        answer, code = None, None
        try:
            answer = act()
        except errors.Refusal as refusal:
            code = refusal.code
        assert code == expected, self.story(f"{expected} was expected, and it is {code}")
        return answer

    # dice

    def amount(self) -> int:
        """Choose an amount in minor units."""
        return self.dice.choice([self.dice.choice(_AMOUNTS), self.dice.randint(1, 200_00)])

    def division(self, *, open_only: bool = True) -> int:
        """Choose a division."""
        return self.dice.choice([one for one in self.divisions if not (open_only and one in self.books.closed)])

    def bill(self) -> UUID | None:
        """Choose an invoice; corrections were issued by the program, under the auditor's own name."""
        return self.dice.choice(self.invoices) if self.invoices else None

    def asks(self) -> list[tuple[UUID, int]]:
        """Choose up to three invoices and an amount for each, often just what is open."""
        chosen = self.dice.sample(self.invoices, min(len(self.invoices), self.dice.randint(1, 3)))
        return [(one, self.dice.choice([max(1, gross(self.books.bills[one].still)), self.amount()])) for one in chosen]

    # sales

    def charge(self) -> None:
        """Charge, also closed divisions and more than there is."""
        division, amount = self.division(open_only=False), self.amount()
        name = object()
        expected = self.books.charge(name, division, amount)
        answer = self.place.charge(amount, division)
        self.told[-1] += f" {division} {amount} -> {expected}"
        assert answer.outcome.value == (expected or "accepted"), self.story(answer.outcome.value)
        if answer.transfer_id is not None:
            self.books.sales[answer.transfer_id] = self.books.sales.pop(name)
            self.charges.append(answer.transfer_id)

    def batch(self) -> None:
        """Charge several at once, sometimes one of them twice: each is answered as if it had come alone, in order; a double as its first."""
        first: dict[str, str | None] = {}
        asked: list[funds.Charge] = []
        expected: list[str] = []
        for _ in range(self.dice.randint(2, 7)):
            if asked and self.dice.random() < 0.2:
                again = self.dice.choice(asked)
                asked.append(again)
                expected.append(first[again.idempotency_key] or "replayed")
                continue
            asked.append(self.place.asked(self.amount(), self.division(open_only=False)))
            one = asked[-1]
            first[one.idempotency_key] = self.books.charge(one.idempotency_key, one.division_id, one.amount_minor)
            expected.append(first[one.idempotency_key] or "accepted")
        self.told[-1] += f" {[(one.division_id, one.amount_minor) for one in asked]} -> {expected}"
        answers = funds.charge(viewer=self.place.viewer(), charges=asked)
        assert [answer.outcome.value for answer in answers] == expected, self.story(str([answer.outcome.value for answer in answers]))
        for one, answer in zip(asked, answers, strict=True):
            if answer.outcome is funds.Outcome.ACCEPTED and answer.transfer_id is not None:
                self.books.sales[answer.transfer_id] = self.books.sales.pop(one.idempotency_key)
                self.charges.append(answer.transfer_id)

    def refund(self) -> None:
        """Refund a charge, whole or part."""
        if self.charges:
            name = self.dice.choice(self.charges)
            amount = self.dice.choice([self.books.sales[name].left or 1, self.amount()])
            expected = self.books.refund(name, amount)
            own = {"viewer": self.place.viewer(), "transfer_id": name, "amount_minor": amount}
            self.agree(expected, lambda: funds.refund_charge(**own, idempotency_key=key()), name, amount)  # type: ignore[arg-type]

    def hold(self) -> None:
        """Hold."""
        division, amount = self.division(open_only=False), self.amount()
        name = object()
        expected = self.books.hold(name, division, amount)
        held = self.place.hold(amount, division)
        self.told[-1] += f" {division} {amount} -> {expected}"
        assert held.answer.outcome.value == (expected or "accepted"), self.story(held.answer.outcome.value)
        if expected is None:
            self.books.holds[held.hold_id] = self.books.holds.pop(name)
            self.holds.append(held.hold_id)

    def end_hold(self) -> None:
        """Capture a part or all of a hold, or release it."""
        if not self.holds:
            return
        name = self.dice.choice(self.holds)
        captured = self.dice.choice([0, self.books.holds[name].left, self.amount()])
        own = {"viewer": self.place.viewer(), "hold_id": name, "idempotency_key": key()}
        expected = self.books.end_hold(name, captured)
        if captured:
            made = self.agree(expected, lambda: funds.capture_hold(**own, amount_minor=captured), name, captured)  # type: ignore[arg-type]
            if isinstance(made, int):
                self.books.sales[made] = self.books.sales.pop(name)
                self.charges.append(made)
        else:
            self.agree(expected, lambda: funds.release_hold(**own), name)  # type: ignore[arg-type]

    def transfer(self) -> None:
        """Move funds, often exactly what is movable or one more."""
        source, target = self.division(open_only=False), self.division(open_only=False)
        movable = self.books.movable(source)
        amount = self.dice.choice([max(1, movable), movable + 1, self.amount()])
        self.agree(self.books.transfer(source, target, amount), lambda: self.place.transfer(amount, source, target), source, target, amount)

    # invoices

    def issue(self) -> None:
        """Issue a funding or amount-owed invoice of one or two rates."""
        kind = self.dice.choice([given.Kind.FUNDING, given.Kind.FUNDING, given.Kind.AMOUNT_OWED])
        lines = [(self.amount(), self.dice.choice(["0", "7", "19"])) for _ in range(self.dice.randint(1, 2))]
        division = self.division()
        self.told[-1] += f" {kind} {division} {lines}"
        name = self.place.issue(*lines, kind=kind, division_id=division)
        self.books.issue(name, kind.value, division, lines)
        self.invoices.append(name)

    def void(self) -> None:
        """Void an invoice."""
        if name := self.bill():
            expected = self.books.void(name)
            self.agree(expected, lambda: invoicing.void_invoice(viewer=APPROVER, invoice_id=name, reason="Wrong"), name)

    def write_off(self) -> None:
        """Write a debt off."""
        if name := self.bill():
            amount = self.amount()
            expected = self.books.write_off(name, amount)
            self.agree(expected, lambda: self.place.write_off(name, amount), name, amount)

    def credit(self) -> None:
        """Credit an invoice."""
        if name := self.bill():
            amount = self.amount()
            self.agree(self.books.credit(name, amount), lambda: self.place.credit(name, amount), name, amount)

    # payments

    def pay(self) -> None:
        """Record a transfer over some invoices, sometimes with a surplus."""
        asks = self.asks()
        named = self.dice.choice([None, self.division()]) if asks else self.division()
        total = sum(amount for _, amount in asks) + self.dice.choice([0, 0, self.amount()])
        if total:
            self.told[-1] += f" {total} {asks} {named}"
            name = self.place.record(total, *asks, division_id=named)
            self.books.pay(name, total, asks, named)
            self.payments.append(name)

    def deposit(self) -> None:
        """Announce a deposit, and let this or another amount arrive."""
        division, amount = self.division(), self.amount()
        wish = rules.DepositRequest(division_id=division, amount_minor=amount, method=rules.Method.BANK_TRANSFER, idempotency_key=key())
        started = payments.start_deposit(viewer=self.place.fiona, request=wish, now=NOW)
        arrived = self.dice.choice([started.amount_minor, self.amount()])
        agreed = min(amount, self.books.fund(division).taxed) if arrived == started.amount_minor else None
        self.told[-1] += f" {division} {amount}, arrived {arrived}"
        name = self.place.record(arrived, payment_id=started.payment_id)
        with scope.of(ADMIN):
            made = documents.Invoice.objects.filter(customer_id=self.place.customer_id).order_by("-id").values_list("id", flat=True).first()
        before = set(self.books.bills)
        self.books.deposit(name, made, division, arrived, agreed)
        self.invoices += [one for one in self.books.bills if one not in before and isinstance(one, UUID)]
        self.payments.append(name)

    def bounce(self) -> None:
        """Let a payment bounce, whole or part."""
        if not self.payments:
            return
        name: Hashable = self.dice.choice(self.payments)
        amount = self.dice.choice([max(1, self.books.money[name].stands), self.amount()])
        expected = self.books.bounce(name, amount)
        self.agree(expected, lambda: self.place.bounce(name, amount, key()), name, amount)  # type: ignore[arg-type]  # a payment's id

    def use(self) -> None:
        """Use unapplied credit on invoices of any division."""
        division = self.division()
        has = self.books.fund(division).unapplied
        asks = [(name, max(1, min(amount, self.dice.choice([has, has // 2, amount])))) for name, amount in self.asks()]
        if asks:
            wish = rules.PaymentRequest(
                invoices=[rules.Ask(*ask) for ask in asks], method=rules.Method.UNAPPLIED_CREDIT, idempotency_key=key(), division_id=division
            )
            own = {"viewer": CLERK, "customer_id": self.place.customer_id, "request": wish, "now": NOW}
            expected = self.books.pay_from_credit(division, asks)
            self.agree(expected, lambda: payments.use_unapplied_credit(**own), division, asks)  # type: ignore[arg-type]

    def from_balance(self) -> None:
        """Pay an invoice from the balance."""
        if name := self.bill():
            amount = self.dice.choice([max(1, gross(self.books.bills[name].still)), self.amount()])
            expected = self.books.pay_from_balance(name, amount)
            self.agree(expected, lambda: self.place.start(rules.Method.BALANCE, (name, amount)), name, amount)

    def refund_credit(self) -> None:
        """Start to refund unapplied credit."""
        division, amount, name = self.division(), self.amount(), object()
        wish = rules.RefundRequest(
            customer_id=self.place.customer_id, division_id=division, amount_minor=amount, reason="Wish", account="DE02", idempotency_key=key()
        )

        def ask() -> UUID:
            asked = payments.request_refund(viewer=CLERK, request=wish, now=NOW)
            return payments.approve_refund(viewer=APPROVER, customer_id=self.place.customer_id, refund_id=asked.id, now=NOW).id

        started = self.agree(self.books.refund_credit(name, division, amount), ask, division, amount)
        if isinstance(started, UUID):
            self.books.refunds[started] = self.books.refunds.pop(name)

    def end_refund(self) -> None:
        """Let the bank settle a refund, or send it back."""
        if self.books.refunds:
            name = self.dice.choice(list(self.books.refunds))
            failed = self.dice.random() < 0.5
            self.told[-1] += f" {name} {'failed' if failed else 'settled'}"
            own = {"viewer": CLERK, "customer_id": self.place.customer_id, "refund_id": name, "now": NOW}
            if failed:
                payments.fail_refund(**own, reason="")  # type: ignore[arg-type]
                self.books.fail_refund(name)
            else:
                payments.settle_refund(**own)  # type: ignore[arg-type]
                del self.books.refunds[name]

    # divisions and terms

    def terms(self) -> None:
        """Change limit and rule."""
        limit, rule = self.dice.choice([None, 0, 100_00, 2_000_00]), self.dice.choice(list(CreditRule))
        self.told[-1] += f" {limit} {rule}"
        self.place.terms(limit, rule)
        self.books.terms(limit, counts_funding=rule is CreditRule.ALL_UNPAID)

    def switch(self) -> None:
        """Switch separate division funds."""
        separate = not self.books.separate if self.dice.random() < 0.8 else self.books.separate
        self.told[-1] += f" {separate}"
        self.place.separate(separate=separate)
        self.books.switch(separate=separate)

    def grow(self) -> None:
        """Open a division below any open one."""
        if len(self.divisions) < _MOST_DIVISIONS:
            parent = self.division()
            made = self.place.add_division(f"Division {len(self.divisions)}", parent)
            self.told[-1] += f" {parent} -> {made}"
            self.books.open_division(made, parent)
            self.divisions.append(made)

    def close(self) -> None:
        """Close a division."""
        division = self.division(open_only=False)
        own = {"viewer": ADMIN, "customer_id": self.place.customer_id, "division_id": division, "now": NOW}
        self.agree(self.books.close(division), lambda: administration.close_division(**own), division)  # type: ignore[arg-type]
