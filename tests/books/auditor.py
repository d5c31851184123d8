"""Redo the rules of money in plain Python, without Django, SQL or a line of the program: the oracle of the bookkeeper.

Each verb either changes the books and gives None, or changes nothing and gives the code of the refusal.
Source: money.md sections 2 to 4.
"""

from collections.abc import Hashable, Sequence
from fractions import Fraction

from books.sums import Bill, Fund, Money, Placed, Sale, add, gross, net, over, tax


class Books:
    """Keep one customer's books."""

    def __init__(self, top: int, limit: int | None, percent: str) -> None:
        """Open them."""
        self.top, self.limit, self.percent, self.counts_funding = top, limit, Fraction(percent), False
        self.funds: dict[int, Fund] = {top: Fund()}
        self.serves: dict[int, int] = {top: top}
        self.parents: dict[int, int] = {}
        self.closed: set[int] = set()
        self.separate = False
        self.bills: dict[Hashable, Bill] = {}
        self.money: dict[Hashable, Money] = {}
        self.sales: dict[Hashable, Sale] = {}
        self.holds: dict[Hashable, Sale] = {}
        self.refunds: dict[Hashable, Sale] = {}

    def fund(self, division: int) -> Fund:
        """Find the fund that serves a division."""
        return self.funds[self.serves[division]]

    # the formula

    def n(self, fund: Fund) -> int:
        """Give N."""
        return fund.balance - fund.owed - (fund.funding if self.counts_funding else 0)

    @property
    def in_use(self) -> int:
        """Give the credit in use."""
        return sum(max(0, -self.n(fund)) for fund in self.funds.values())

    def available(self, division: int) -> int | None:
        """Give total available funds by the published formula: four terms."""
        if self.limit is None:
            return None
        fund = self.fund(division)
        counted = fund.owed + (fund.funding if self.counts_funding else 0)
        others = sum(max(0, -self.n(one)) for one in self.funds.values() if one is not fund)
        return fund.balance + self.limit - counted - others

    def movable(self, division: int) -> int:
        """Give what may leave a division."""
        shortfall = 0 if self.limit is None else max(0, self.in_use - self.limit)
        return max(0, self.n(self.fund(division)) - shortfall)

    def figures(self, division: int) -> tuple[int | None, ...]:
        """Show the figures of a division."""
        one = self.fund(division)
        return one.balance, one.held, one.funding, one.owed, one.unapplied, one.taxed, self.in_use, self.available(division), self.movable(division)

    def refuses(self, division: int, amount: int) -> str | None:
        """Decide about a charge or hold."""
        if division in self.closed:
            return "division_closed"
        available = self.available(division)
        return "insufficient_funds" if available is not None and amount > available else None

    # sales

    def charge(self, name: Hashable, division: int, amount: int) -> str | None:
        """Charge."""
        if refused := self.refuses(division, amount):
            return refused
        self.fund(division).balance -= amount
        self.sales[name] = Sale(self.serves[division], amount)
        return None

    def refund(self, name: Hashable, amount: int) -> str | None:
        """Give a charge back."""
        sale = self.sales[name]
        if amount > sale.left:
            return "refund_exceeds_charge"
        sale.left -= amount
        self.funds[sale.fund].balance += amount
        return None

    def hold(self, name: Hashable, division: int, amount: int) -> str | None:
        """Hold."""
        if refused := self.refuses(division, amount):
            return refused
        self.fund(division).balance -= amount
        self.fund(division).held += amount
        self.holds[name] = Sale(self.serves[division], amount)
        return None

    def end_hold(self, name: Hashable, captured: int) -> str | None:
        """Capture a part (0: release)."""
        held = self.holds[name]
        if held.left == 0:
            return "hold_not_open"
        if captured > held.left:
            return "capture_exceeds_hold"
        self.funds[held.fund].held -= held.left
        self.funds[held.fund].balance += held.left - captured
        self.sales[name] = Sale(held.fund, captured)
        held.left = 0
        return None

    def transfer(self, source: int, target: int, amount: int) -> str | None:
        """Move funds."""
        if self.serves[source] == self.serves[target]:
            return "invalid" if source == target else "separate_funds_not_enabled"
        if {source, target} & self.closed:
            return "division_closed"
        if amount > self.movable(source):
            return "insufficient_funds"
        self.fund(source).balance -= amount
        self.fund(target).balance += amount
        return None

    # invoices

    def issue(self, name: Hashable, kind: str, division: int, lines: Sequence[tuple[int, str]]) -> None:
        """Issue an invoice of (net, percent) lines."""
        rates = list(dict.fromkeys(percent for _, percent in lines))
        nets = [sum(amount for amount, percent in lines if percent == rate) for rate in rates]
        whole = [[amount, tax(amount, Fraction(rate))] for amount, rate in zip(nets, rates, strict=True)]
        bill = Bill(kind, division, whole, [Fraction(rate) == 0 for rate in rates], [list(part) for part in whole], [[0, 0] for _ in whole])
        self.bills[name] = bill
        self.owe(bill, gross(whole))
        if kind == "amount_owed":
            self.fund(division).balance += net(whole)

    def owe(self, bill: Bill, amount: int) -> None:
        """Move what is owed."""
        fund = self.fund(bill.division)
        if bill.kind == "funding":
            fund.funding += amount
        else:
            fund.owed += amount

    def void(self, name: Hashable) -> str | None:
        """Void an invoice of which nothing is paid or credited."""
        bill = self.bills[name]
        if bill.voided or bill.touched or gross(bill.paid):
            return "invoice_not_voidable"
        self.owe(bill, -gross(bill.whole))
        if bill.kind == "amount_owed":
            self.fund(bill.division).balance -= net(bill.whole)
        bill.still, bill.voided = [[0, 0] for _ in bill.whole], True
        return None

    def write_off(self, name: Hashable, amount: int) -> str | None:
        """Write a debt off."""
        bill = self.bills[name]
        if bill.kind == "funding":
            return "not_written_off"
        if gross(bill.still) == 0:
            return "invoice_not_open"
        if amount > gross(bill.still):
            return "amount_above_open"
        bill.still = add(bill.still, over(amount, bill.still), -1)
        bill.touched += amount
        self.owe(bill, -amount)
        return None

    def credit(self, name: Hashable, amount: int) -> str | None:
        """Credit: what is open first, the rest against what was paid."""
        bill = self.bills[name]
        if bill.kind == "correction" or bill.voided or amount > gross(bill.still) + gross(bill.paid):
            return "not_creditable"
        against_open = over(min(amount, gross(bill.still)), bill.still)
        against_paid = over(amount - gross(against_open), bill.paid)
        if bill.kind == "funding" and net(against_paid) > self.movable(bill.division):
            return "funds_already_used"
        bill.still, bill.paid = add(bill.still, against_open, -1), add(bill.paid, against_paid, -1)
        bill.touched += amount
        self.owe(bill, -gross(against_open))
        fund = self.fund(bill.division)
        fund.unapplied += gross(against_paid)
        if gross(against_paid):
            bill.credited.insert(0, self.serves[bill.division])
        if bill.kind == "funding":
            fund.balance -= net(against_paid)
        return None

    # payments

    def settle(self, payment: Money, name: Hashable, amount: int) -> None:
        """Let money reach an invoice: of a funding invoice the net part becomes funds at once."""
        bill = self.bills[name]
        part = over(amount, bill.still)
        bill.still, bill.paid = add(bill.still, part, -1), add(bill.paid, part)
        self.owe(bill, -amount)
        if bill.kind == "funding":
            self.fund(bill.division).balance += net(part)
        payment.placed.append(Placed(name, self.serves[bill.division], part))

    def pay(self, key: Hashable, amount: int, asks: Sequence[tuple[Hashable, int]], named: int | None) -> None:
        """Take money in: each invoice gets what was asked, never more than is due; the rest is unapplied credit."""
        payment, left = Money(), amount
        for name, wanted in asks:
            part = min(wanted, left, gross(self.bills[name].still))
            if part:
                self.settle(payment, name, part)
                left -= part
        self.keep(payment, named or self.bills[asks[-1][0]].division, left)
        self.money[key] = payment

    def keep(self, payment: Money, division: int, amount: int) -> None:
        """Keep a surplus."""
        payment.surplus, payment.surplus_division, payment.surplus_fund = amount, division, self.serves[division]
        self.fund(division).unapplied += amount

    def deposit(self, key: Hashable, bill_name: Hashable, division: int, arrived: int, asked: int | None) -> None:
        """Invoice what arrived for a deposit, taxed debt first, and pay it; `asked` is the untaxed part agreed, None for another amount."""
        debt = self.fund(division).taxed
        untaxed = min(arrived, debt if asked is None else min(asked, debt))
        taxed = next(try_ for try_ in range(arrived - untaxed, -1, -1) if try_ + tax(try_, self.percent) <= arrived - untaxed)
        rest = arrived - untaxed - taxed - tax(taxed, self.percent)
        payment = Money(deposit=True)
        lines = [(amount, percent) for amount, percent in ((untaxed, "0"), (taxed, str(self.percent))) if amount]
        if lines:
            self.issue(bill_name, "funding", division, lines)
            self.settle(payment, bill_name, gross(self.bills[bill_name].still))
        self.fund(division).taxed -= untaxed
        self.keep(payment, division, rest)
        self.money[key] = payment

    def pay_from_credit(self, division: int, asks: Sequence[tuple[Hashable, int]]) -> str | None:
        """Use unapplied credit."""
        if sum(amount for _, amount in asks) > self.fund(division).unapplied:
            return "not_enough_unapplied_credit"
        if any(amount > gross(self.bills[name].still) for name, amount in asks):
            return "amount_above_due"
        for name, amount in asks:
            self.fund(division).unapplied -= amount
            self.settle(Money(), name, amount)
        return None

    def pay_from_balance(self, name: Hashable, amount: int) -> str | None:
        """Pay an amount owed from a positive balance: the funds give the net, a credit note the tax."""
        bill = self.bills[name]
        if gross(bill.still) == 0:
            return "invoice_not_open"
        if amount > gross(bill.still):
            return "amount_above_due"
        if bill.kind != "amount_owed":
            return "not_from_balance"
        part = over(amount, bill.still)
        if net(part) > self.fund(bill.division).balance:
            return "insufficient_funds"
        self.fund(bill.division).balance -= net(part)
        self.owe(bill, -amount)
        bill.still, bill.paid = add(bill.still, part, -1), add(bill.paid, [[one[0], 0] for one in part])
        bill.touched += gross(part) - net(part)
        return None

    def refund_credit(self, name: Hashable, division: int, amount: int) -> str | None:
        """Start to refund unapplied credit."""
        if amount > self.fund(division).unapplied:
            return "not_enough_unapplied_credit"
        self.fund(division).unapplied -= amount
        self.refunds[name] = Sale(self.serves[division], amount)
        return None

    def fail_refund(self, name: Hashable) -> None:
        """Take a refund back that gave nothing."""
        failed = self.refunds.pop(name)
        self.funds[failed.fund].unapplied += failed.left

    def bounce(self, key: Hashable, amount: int) -> str | None:
        """Take a payment back: the surplus first, then its invoices, last first."""
        payment = self.money[key]
        if payment.stands == 0:
            return "payment_not_settled"
        if amount > payment.stands:
            return "amount_above_standing"
        part = min(amount, payment.surplus)
        payment.surplus -= part
        self.uncover(key, payment.surplus_division, part, [payment.surplus_fund])
        left = amount - part
        for place in reversed(payment.placed):
            part = min(left, gross(place.left))
            if part:
                self.take_back(key, payment, place, part)
            left -= part
        return None

    def take_back(self, key: Hashable, payment: Money, place: Placed, amount: int) -> None:
        """Reverse the stored split as far as credit notes left it; the rest comes out of unapplied credit."""
        bill = self.bills[place.bill]
        wanted = over(amount, place.left)
        place.left = add(place.left, wanted, -1)
        taken = [[min(a[0], b[0]), min(a[1], b[1])] for a, b in zip(wanted, bill.paid, strict=True)]
        more = min(amount, gross(bill.paid)) - gross(taken)
        taken = add(taken, over(more, add(bill.paid, taken, -1)))
        bill.paid, bill.still = add(bill.paid, taken, -1), add(bill.still, taken)
        self.owe(bill, gross(taken))
        if bill.kind == "funding":
            self.funds[place.fund].balance -= net(taken)
        if payment.deposit and gross(taken):  # nobody owes a deposit: what opened is credited
            bill.still = add(bill.still, taken, -1)
            bill.touched += gross(taken)
            self.owe(bill, -gross(taken))
            if self.percent:
                self.funds[place.fund].taxed += sum(part[0] for part, free in zip(taken, bill.untaxed, strict=True) if free)
        self.uncover(key, bill.division, amount - gross(taken), bill.credited)

    def uncover(self, key: Hashable, division: int, amount: int, got: Sequence[int]) -> None:
        """Take from unapplied credit where it went; what it does not cover becomes a correction invoice, a debt that counts."""
        for fund in got:
            covered = min(amount, self.funds[fund].unapplied)
            self.funds[fund].unapplied -= covered
            amount -= covered
        if amount:
            self.issue(("correction", key, len(self.bills)), "correction", division, [(amount, "0")])

    # divisions and terms

    def open_division(self, division: int, parent: int) -> None:
        """Open a division."""
        self.parents[division], self.funds[division] = parent, Fund()
        self.serves[division] = division if self.separate else self.serves[self.top]

    def pour(self, source: int, target: int) -> None:
        """Move everything of one fund to another, for ever: what comes back later of money that was there goes to the other too."""
        gone, into = self.funds[source], self.funds[target]
        for name in ("balance", "held", "funding", "owed", "unapplied", "taxed"):
            setattr(into, name, getattr(into, name) + getattr(gone, name))
            setattr(gone, name, 0)
        places = [place for payment in self.money.values() for place in payment.placed]
        for one in [*self.holds.values(), *self.sales.values(), *self.refunds.values(), *places]:
            one.fund = target if one.fund == source else one.fund
        for payment in self.money.values():
            payment.surplus_fund = target if payment.surplus_fund == source else payment.surplus_fund
        for bill in self.bills.values():
            bill.credited = [target if fund == source else fund for fund in bill.credited]

    def switch(self, *, separate: bool) -> None:
        """Separate: the money stays at the top, unpaid invoices go to their own. Off: everything is joined at the top."""
        if self.separate == separate:
            return
        self.separate = separate
        for division in self.funds:
            if division == self.top or division in self.closed:
                continue
            if separate:
                self.serves[division] = division
            elif self.serves[division] == division:
                self.pour(division, self.top)
        if separate:
            self.disperse()
        else:
            self.serves = dict.fromkeys(self.serves, self.top)

    def disperse(self) -> None:
        """Let each unpaid invoice count at its own division."""
        top = self.funds[self.top]
        for bill in self.bills.values():
            if bill.division in {self.top, *self.closed}:
                continue
            if bill.kind == "funding":
                top.funding -= gross(bill.still)
            else:
                top.owed -= gross(bill.still)
            self.owe(bill, gross(bill.still))

    def close(self, division: int) -> str | None:
        """Close a division: its money moves to the nearest open ancestor, and what comes back later goes there too."""
        if division == self.top:
            return "division_not_empty"
        if division in self.closed:
            return None
        fund, own = self.funds[division], self.serves[division] == division
        children = any(parent == division and child not in self.closed for child, parent in self.parents.items())
        unpaid = any(gross(bill.still) for bill in self.bills.values() if bill.division == division)
        if children or unpaid or (own and (fund.held or fund.balance < 0)):
            return "division_not_empty"
        if own:
            ancestor = self.parents[division]
            while ancestor in self.closed:
                ancestor = self.parents[ancestor]
            self.pour(division, ancestor)
            self.serves = {one: ancestor if serving == division else serving for one, serving in self.serves.items()}
        self.closed.add(division)
        return None

    def terms(self, limit: int | None, *, counts_funding: bool) -> None:
        """Change limit and rule."""
        self.limit, self.counts_funding = limit, counts_funding

    def opening(self, division: int, amount: int) -> None:
        """Bring a balance over; a negative one is taxed debt."""
        self.fund(division).balance += amount
        self.fund(division).taxed += max(0, -amount)
