"""Give one customer a million invoices, set-based, and time the lists people work in beside the same lists with the story's data."""

import time

import pages
import psycopg
from figures import Figures
from world import Running

from tallystick.lib import ids

COUNT = 1_000_000
_SETTLED_SECONDS = 20
"""What PostgreSQL writes behind a million rows is not what a page costs."""
_CUSTOMER, _PERSON, _STAFF = "Northwind Labs", "dana@northwind.example", "jonas@lanternfield.example"
_LISTS = {
    "newest first": "",
    "unpaid, by due date": "?state=unpaid&sort=due&order=up",
    "by amount": "?sort=amount",
    "a number's end": "?q=99871",
}
_PAGES = ("overview", "pay-invoice", "balance-history", "purchase-history", "statement")

# one row in ten is open, half of these overdue; nobody reads `frozen` in a list; states and sums as the table's own checks want them
_INSERT = """
insert into invoicing_invoice (customer_id, id, division_id, number, kind, state, purchase_order_number, original_number, issue_date, due_date,
       currency, net_minor, tax_minor, gross_minor, paid_minor, credited_minor, written_off_minor, open_minor, disputed, dispute_reason,
       frozen, document_sha256, version, issued_at)
select %(customer)s, gen_random_uuid(), %(division)s, 'M-' || lpad(g::text, 8, '0'), 'funding',
       case when g %% 10 = 0 then 'issued' else 'paid' end, 'BIG-' || g, '', day, day + 30,
       'USD', worth, 0, worth, case when g %% 10 = 0 then 0 else worth end, 0, 0, case when g %% 10 = 0 then worth else 0 end, false, '',
       '{}', '', 1, day
  from generate_series(1, %(count)s) g
 cross join lateral (select current_date - (g %% 2000) as day, 10000 + (g::bigint * 7919) %% 5000000 as worth) made
"""


def fill(connection: psycopg.Connection[tuple[object, ...]], *, customer_id: int, division_id: int, count: int) -> None:
    """Write so many invoices of one division; the books know nothing of them, so this is for looking at lists only."""
    connection.execute(_INSERT, {"customer": customer_id, "division": division_id, "count": count})
    connection.execute("analyze invoicing_invoice")


def measure(running: Running, figures: Figures, *, times: int) -> None:
    """Time each list before and after; aim is at most one and a half times."""
    guest, staff = pages.sign_in(running, _PERSON), pages.sign_in(running, _STAFF)
    customer_id = int(str(running.facts["customer_ids"][_CUSTOMER]))
    with running.connect("owner") as owner:
        row = owner.execute("select id from customers_division where customer_id = %s and parent_id is null", [customer_id]).fetchone()
        assert row is not None, "the story has its divisions"
        division_id = int(str(row[0]))
        path = f"/finances/orders/{ids.public('div', division_id)}/"
        asked = {f"list, {name}": (guest, path + query) for name, query in _LISTS.items()}
        asked |= {f"page {page}": (guest, f"/finances/{page}/{ids.public('div', division_id)}/") for page in _PAGES}
        asked |= {
            "page orders, summary": (guest, "/finances/orders/"),
            "operator's list": (staff, "/operator/invoices/?show=all"),
            "operator's list of the customer": (staff, f"/operator/invoices/?show=all&customer={ids.public('cus', customer_id)}"),
        }
        before = {name: pages.median_ms(running, address, who.cookies, times) for name, (who, address) in asked.items()}
        fill(owner, customer_id=customer_id, division_id=division_id, count=COUNT)
        owner.execute("vacuum (analyze) invoicing_invoice, invoicing_due")
    time.sleep(_SETTLED_SECONDS)
    for name, (who, address) in asked.items():
        value = pages.median_ms(running, address, who.cookies, times)
        figures.add(f"{COUNT:,} invoices: {name}", value, "ms", limit=before[name], against="the story's", aim="<= 1.5")
