"""Explain each figure where it stands: what it is, how it is computed, where the rows stand that it is made of.

In a template: `{% load tally %}<dt>{% translate "Balance" %} {% explain "balance" %}</dt>`. It may stand in a heading, a term, a cell or a
paragraph, never inside a link, a label or a button. The link to the rows leads to the division of the page (`where` in its context); staff
pages name the customer, or the address itself: `{% explain "exposure" address=address_of_the_rows %}`.
Source: money.md section 2.
"""

from collections.abc import Mapping
from dataclasses import dataclass

from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from tallystick.interfaces.web.entries import Words


@dataclass(frozen=True, slots=True)
class Explanation:
    """Say of one figure what it is and how it comes about; `route` shows its rows, `rows` is the link's text.

    A route that needs a division ends in `-division`; one of staff that needs a customer is listed in OF_CUSTOMERS.
    """

    name: Words
    what: Words
    how: Words
    route: str = ""
    rows: Words = ""
    query: str = ""


OF_CUSTOMERS = frozenset({"operator-customer"})

_MOVEMENTS = _("See the movements")
_UNPAID = _("See the unpaid invoices")

_FIGURES = {
    "available_funds": Explanation(
        _("Available funds"),
        _("What orders may spend at this moment, credit included."),
        _("Balance plus credit limit, less the unpaid invoices that count, less what other divisions use of the limit."),
        "overview-division",
        _("See the sum"),
    ),
    "balance": Explanation(
        _("Balance"),
        _("Your own funds. Below zero it shows how much credit is used."),
        _("Everything paid in or credited, less purchases and open holds. Every movement has a row with the balance after it."),
        "balance-history-division",
        _MOVEMENTS,
    ),
    "credit_limit": Explanation(
        _("Credit limit"),
        _("How far all divisions together may go below zero. We agreed it with you."),
        _("One limit for the whole account: what one division uses is missing for the others."),
        "overview-division",
        _("See who uses it"),
    ),
    "credit_left": Explanation(
        _("Credit left"),
        _("What is still free of the credit limit."),
        _("The limit less the credit that every division uses: the amount by which its balance less its counted unpaid invoices is below zero."),
        "overview-division",
        _("See who uses it"),
    ),
    "used_elsewhere": Explanation(
        _("Used by other divisions"),
        _("The part of the shared credit limit that other divisions use now."),
        _("For each of them: how far its balance less its counted unpaid invoices is below zero. Divisions above zero use nothing."),
        "orders",
        _("See the divisions"),
    ),
    "counted_unpaid": Explanation(
        _("Counted unpaid invoices"),
        _("Invoices that lower what may be spent until they are paid."),
        _(
            "What is still open on invoices for amounts owed and on corrections. An invoice from a purchase order neither gives nor takes before it is paid."
        ),
        "orders-division",
        _UNPAID,
        "state=unpaid",
    ),
    "counted_every_unpaid": Explanation(
        _("Counted unpaid invoices"),
        _("Invoices that lower what may be spent until they are paid."),
        _("What is still open on all unpaid invoices: that is the credit rule of your account."),
        "orders-division",
        _UNPAID,
        "state=unpaid",
    ),
    "unpaid_orders": Explanation(
        _("Unpaid purchase order invoices"),
        _("What is still to be paid on invoices made from purchase orders. Paying them brings funds in."),
        _("The open amounts of these invoices, tax included. The balance rises by the part without tax as soon as a payment arrives."),
        "orders-division",
        _UNPAID,
        "state=unpaid",
    ),
    "unpaid": Explanation(
        _("Unpaid invoices"),
        _("What is still to be paid, tax included."),
        _("The open amounts of all invoices that are neither paid nor voided: their totals less payments and credit notes."),
        "orders-division",
        _UNPAID,
        "state=unpaid",
    ),
    "overdue": Explanation(
        _("Overdue"),
        _("What should have been paid before today."),
        _("The open amounts of the invoices whose due date has passed."),
        "orders-division",
        _("See the overdue invoices"),
        "state=overdue",
    ),
    "due_soon": Explanation(
        _("Due in 7 days"),
        _("What is to be paid by a week from now."),
        _("The open amounts of the invoices that are due today or in the next seven days."),
        "pay-invoice-division",
        _UNPAID,
    ),
    "due_later": Explanation(
        _("Due later"),
        _("What is to be paid more than a week from now."),
        _("The open amounts of the invoices that are due after the next seven days."),
        "pay-invoice-division",
        _UNPAID,
    ),
    "pending_orders": Explanation(
        _("Pending purchase orders"),
        _("Purchase orders that we have not decided yet."),
        _("Their totals, tax included. An approved one becomes an invoice and leaves this sum, so does a rejected or withdrawn one."),
        "orders-division",
        _("See the purchase orders"),
    ),
    "held": Explanation(
        _("Open holds"),
        _("Reserved for orders that are being worked on."),
        _("Taken off the balance already. What an order does not need comes back, at the latest when the hold lapses."),
        "balance-history-division",
        _MOVEMENTS,
    ),
    "unapplied_credit": Explanation(
        _("Unapplied credit"),
        _("Money of yours that pays no invoice yet: what was paid too much, or credited after paying."),
        _("Not part of the balance. Use it on Pay Invoice, or ask us to pay it out."),
        "pay-invoice-division",
        _("Use it on an invoice"),
    ),
    "running_balance": Explanation(
        _("Balance after each row"),
        _("The balance as it was directly after that movement."),
        _("Written together with the movement and never changed: the row below plus this row's amount gives this row's balance."),
    ),
    "opening_balance": Explanation(
        _("Balance at the start"),
        _("The balance before the first day shown."),
        _("The balance after the last movement before that day. With all rows shown it adds up to the balance at the end."),
    ),
    "closing_balance": Explanation(
        _("Balance at the end"),
        _("The balance at the end of the last day shown."),
        _("Balance at the start plus every amount of these rows."),
    ),
    "purchases": Explanation(
        _("Purchases"),
        _("What was bought against the funds in these days."),
        _("Charges and captured holds, less what was refunded of them. Tax was settled when the funds came in."),
        "purchase-history-division",
        _("See the purchases"),
    ),
    "spending_by_month": Explanation(
        _("Spending by month"),
        _("What was bought in each month."),
        _("Purchases of the month less refunds of the month, by the day on which they were posted."),
        "purchase-history-division",
        _("See the purchases"),
    ),
    "spending_by_division": Explanation(
        _("Spending by division"),
        _("Which division bought how much."),
        _("Purchases less refunds of the same days, each counted for the division that made the order."),
        "purchase-history-division",
        _("See the purchases"),
    ),
    "forecast": Explanation(
        _("How long it lasts"),
        _("For how many days the balance is enough if spending goes on as before. It is said once there are three purchases in two weeks."),
        _(
            "The balance divided by what a day took over the last 30 days, refunds taken off. Credit, and invoices that you may pay until then, are not counted."
        ),
        "purchase-history-division",
        _("See the purchases"),
    ),
    "pay_total": Explanation(
        _("To pay"),
        _("What you pay if you go on now."),
        _("The amounts of the ticked rows: what is open, or the smaller amount that you typed."),
    ),
    "balance_after": Explanation(
        _("Balance after"),
        _("The balance as it will be when this money has arrived."),
        _(
            "Today's balance plus the part without tax of what you pay on purchase order invoices. Paying an amount owed does not move the balance: it left when it was invoiced."
        ),
        "balance-history-division",
        _MOVEMENTS,
    ),
    "available_after": Explanation(
        _("Available after"),
        _("What orders may spend when this money has arrived."),
        _("Today's available funds plus what these payments bring. By card that is at once, by bank transfer on the day on which it arrives."),
        "overview-division",
        _("See today's sum"),
    ),
    "of_it_tax": Explanation(
        _("Of it tax"),
        _("The part of the payment that is tax."),
        _("Shared out in the proportion of the invoice; the last payment takes exactly what is left. Tax never becomes balance."),
    ),
    "not_a_sum": Explanation(
        _("Why this is not added up"),
        _("Every division may draw on the same credit limit."),
        _("Adding the column would count the limit more than once."),
    ),
}
_STAFF = {
    "exposure": Explanation(
        _("Exposure"),
        _("What the operator would lose if this customer paid nothing any more."),
        _("Credit in use: for each division how far its balance less its counted unpaid invoices is below zero, added up."),
        "operator-customer",
        _("See the divisions"),
    ),
    "credit_in_use": Explanation(
        _("Credit in use"),
        _("How much of the limit all divisions of the customer use."),
        _("The sum over the divisions of what each is below zero: balance less counted unpaid invoices. Own funds of one do not cover another."),
        "operator-customer",
        _("See the divisions"),
    ),
    "shortfall": Explanation(
        _("Shortfall"),
        _("How far the credit in use is above the limit; nearly always 0."),
        _("It comes from a reversed payment, a lower limit or tax of an amount owed. Charges are refused until it is covered."),
    ),
    "customer_available": Explanation(
        _("Available funds"),
        _("What the customer's orders may spend at this moment."),
        _("Balance plus limit, less counted unpaid invoices, less what other divisions use of the limit; here for the top-level division."),
    ),
    "customer_balance": Explanation(
        _("Balance"),
        _("The customer's own funds, all divisions together."),
        _("Everything paid in or credited, less purchases and open holds."),
    ),
    "customer_unpaid": Explanation(
        _("Unpaid invoices"),
        _("What this customer still has to pay, tax included."),
        _("The open amounts of all invoices that are neither paid nor voided."),
        "operator-invoices",
        _("See the invoices"),
    ),
    "customer_unapplied": Explanation(
        _("Unapplied credit"),
        _("Money of the customer that pays no invoice yet."),
        _("What was paid above an invoice or credited after paying, less what was used or paid out. In none of the figures beside it."),
        "operator-refunds",
        _("See credit notes and refunds"),
    ),
    "credit_rule": Explanation(
        _("Credit rule"),
        _("Which unpaid invoices lower available funds."),
        _("Consumption: amounts owed and corrections only. All unpaid: purchase order invoices too, from the day they are issued."),
    ),
    "ageing": Explanation(
        _("Ageing"),
        _("What is owed, by how long it is overdue."),
        _("Open amounts of unpaid invoices as of the chosen day, each in the column of the days since its due date."),
        "operator-invoices",
        _("See the invoices"),
    ),
    "queue_age": Explanation(
        _("Waiting"),
        _("How long a purchase order has waited for a decision."),
        _("From the moment when this revision was sent until now, the oldest first."),
        "operator-orders",
        _("See all purchase orders"),
    ),
    "after_approval": Explanation(
        _("Figures after approval"),
        _("What the customer's figures would be if this purchase order were approved now."),
        _("Reckoned by the same rules as the approval itself, without doing it. Under the rule consumption only the unpaid sum moves."),
    ),
}
EXPLANATIONS: Mapping[str, Explanation] = {**_FIGURES, **_STAFF}
"""Every explanation by the name that templates use."""


def address_of(told: Explanation, division_id: int | None = None, customer_id: int | None = None) -> str:
    """Give the address of the rows behind a figure; empty where the page knows neither division nor customer."""
    args: list[int] = []
    if told.route.endswith("-division"):
        args = [division_id] if division_id else []
    elif told.route in OF_CUSTOMERS:
        args = [customer_id] if customer_id else []
    if not told.route or (not args and (told.route.endswith("-division") or told.route in OF_CUSTOMERS)):
        return ""
    return reverse(told.route, args=args) + (f"?{told.query}" if told.query else "")
