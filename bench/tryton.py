"""Create, post and pay invoices through Tryton's model API, each step a transaction, and print the median seconds of each step as JSON.

Run by peers.py with an interpreter that has Tryton, never with ours. What Tryton leaves to its queue (the printed invoice) is not counted, as
our invoice's PDF is not.
"""

import json
import os
import statistics
import sys
import time
from datetime import date
from decimal import Decimal

_NAME = "tryton_peer"
os.environ["DB_NAME"] = _NAME

from proteus import Model  # noqa: E402 - reads the name above as it is loaded
from trytond.modules.account.tests.tools import create_chart, create_fiscalyear, create_tax, get_accounts  # noqa: E402 - as above
from trytond.modules.account_invoice.tests.tools import set_fiscalyear_invoice_sequences  # noqa: E402 - as above
from trytond.modules.company.tests.tools import create_company, get_company  # noqa: E402 - as above
from trytond.pool import Pool  # noqa: E402 - as above
from trytond.tests.tools import activate_modules  # noqa: E402 - as above
from trytond.transaction import Transaction, TransactionError  # noqa: E402 - as above

_LINES = 8
_WARM = 3


def main() -> None:
    """Set a company up as Tryton's own scenarios do, then measure."""
    user_id = activate_modules("account_invoice", create_company, create_chart).user
    today = date.today()  # noqa: DTZ011 - the day that Tryton takes for today
    set_fiscalyear_invoice_sequences(create_fiscalyear(today=today)).click("create_period")
    accounts, company = get_accounts(), get_company()
    tax = create_tax(Decimal("0.10"))
    tax.save()
    (journal,) = Model.get("account.journal").find([("type", "=", "cash")])
    (revenue_journal,) = Model.get("account.journal").find([("type", "=", "revenue")])
    cash = accounts["cash"]
    method = Model.get("account.invoice.payment.method")(name="Cash", journal=journal, credit_account=cash, debit_account=cash)
    method.save()
    party = Model.get("party.party")(name="Party")
    party.save()
    term = Model.get("account.invoice.payment_term")(name="Term")
    term.lines.new(type="remainder").relativedeltas[0].days = 30
    term.save()
    account_ids = {"receivable": accounts["receivable"].id, "revenue": accounts["revenue"].id, "journal": revenue_journal.id}
    invoice = _invoice(company, party, term.id, tax.id, account_ids)
    context = {"company": company.id, "companies": [company.id], "employee": None}
    steps = [_one(user_id, context, invoice, method.id, today) for _ in range(int(sys.argv[1]) + _WARM)][_WARM:]
    print(json.dumps({name: statistics.median(step[name] for step in steps) for name in ("create", "post", "pay")}))


def _invoice(company, party, term_id: int, tax_id: int, account_ids: dict[str, int]) -> dict:  # noqa: ANN001 - rows of Tryton's
    (unit,) = Model.get("product.uom").find([("name", "=", "Unit")])
    both = {"company": company.id, "currency": company.currency.id}
    line = {
        **both,
        "type": "line",
        "invoice_type": "out",
        "account": account_ids["revenue"],
        "quantity": 2,
        "unit": unit.id,
        "unit_price": Decimal(100),
        "description": "Certificate",
        "taxes": [("add", [tax_id])],
    }
    return {
        **both,
        "type": "out",
        "party": party.id,
        "invoice_address": party.addresses[0].id,
        "account": account_ids["receivable"],
        "journal": account_ids["journal"],
        "payment_term": term_id,
        "lines": [("create", [dict(line) for _ in range(_LINES)])],
    }


def _one(user_id: int, context: dict, invoice: dict, method_id: int, today: date) -> dict[str, float]:
    pool, made = Pool(_NAME), []

    def row():  # noqa: ANN202 - a class that Tryton builds as it starts
        return pool.get("account.invoice")(made[0])

    def pay() -> None:
        row().pay_invoice(row().amount_to_pay, pool.get("account.invoice.payment.method")(method_id), today)

    verbs = {
        "create": lambda: made.append(pool.get("account.invoice").create([invoice])[0].id),
        "post": lambda: pool.get("account.invoice").post([row()]),
        "pay": pay,
    }
    taken = {}
    for name, verb in verbs.items():
        begun = time.perf_counter()
        _run(verb, user_id, context)
        taken[name] = time.perf_counter() - begun
    return taken


def _run(verb, user_id: int, context: dict) -> None:  # noqa: ANN001 - as Tryton's dispatcher runs a call
    more: dict = {}
    while True:
        with Transaction().start(_NAME, user_id, context=context, **more) as transaction:
            try:
                verb()
                transaction.commit()
            except TransactionError as wanted:
                transaction.rollback()
                wanted.fix(more)
            else:
                return
            finally:
                transaction.tasks.clear()


if __name__ == "__main__":
    main()
