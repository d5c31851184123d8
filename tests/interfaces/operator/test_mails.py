"""Look at the E-mails page and at one mail as staff do, send it elsewhere and again, and see on the invoice what became of it."""

from collections.abc import Iterator
from datetime import timedelta

import pytest
from django.db import connections
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

import given
from domain.mail import post
from interfaces.operator.operating import Town, hidden_of
from interfaces.web import asking
from tallystick.domain.mail import rules
from tallystick.lib import ids
from tallystick.reactions import worker


@pytest.fixture
def office() -> Iterator[post.Office]:
    with post.running() as opened:
        yield opened


@pytest.fixture(autouse=True)
def at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(rules, "TOGETHER_FOR", timedelta(0))


def bounced(office: post.Office) -> tuple[given.Customer, object]:
    """Let an invoice come back from the billing contact and arrive at the finance manager."""
    acme = post.customer()
    office.recipients["ap@acme.example"] = "550 No <such> person"
    invoice_id = acme.issue((10_000, "0"))
    worker.drain()
    return acme, invoice_id


def test_the_list_finds_narrows_and_asks_little(town: Town, office: post.Office) -> None:
    acme, _ = bounced(office)
    narrowed = {"customer": ids.public("cus", acme.customer_id)}
    with CaptureQueriesContext(connections["operator"]) as asked:
        page = town.auditor.get(reverse("operator-mails"), narrowed).content.decode()
    assert len(asked) <= 14, "\n".join(one["sql"][:150] for one in asked)
    assert page.count("ap@acme.example") == 1
    assert "Came back" in page
    assert "ap@acme.example" not in town.auditor.get(reverse("operator-mails"), {**narrowed, "show": "accepted"}).content.decode()
    assert "ap@acme.example" in town.auditor.get(reverse("operator-mails"), {**narrowed, "show": "trouble"}).content.decode()
    assert "No e-mail matches" in town.auditor.get(reverse("operator-mails"), {**narrowed, "q": "nowhere"}).content.decode()


def test_one_mail_shows_its_tries_and_looks_without_any_power(town: Town, office: post.Office) -> None:
    acme, _ = bounced(office)
    mail = post.mails(acme)[0]
    page = town.auditor.get(reverse("operator-mail", args=[mail.id])).content.decode()
    assert "550" in page
    assert "No &lt;such&gt; person" in page
    assert 'sandbox=""' in page
    assert "Send to another address" not in page
    body = town.auditor.get(reverse("operator-mail-body", args=[mail.id]))
    policy = body["Content-Security-Policy"]
    assert "default-src 'none'" in policy
    assert "sandbox" in policy
    assert "script-src" not in policy


def test_it_is_sent_elsewhere_again_and_looked_after(town: Town, office: post.Office) -> None:
    acme, _ = bounced(office)
    mail = post.mails(acme)[0]
    assert "ap@acme.example" in town.clerk.get(reverse("queue")).content.decode()
    elsewhere = reverse("operator-mail-resend", args=[mail.id])
    wrong = town.clerk.post(elsewhere, {**hidden_of(town.clerk.get(elsewhere)), "address": "nobody"})
    assert wrong.status_code == 422
    answer = town.clerk.post(elsewhere, {**hidden_of(town.clerk.get(elsewhere)), "address": "new@acme.example"})
    made = post.mails(acme)[-1]
    assert answer["Location"] == reverse("operator-mail", args=[made.id])
    worker.drain()
    assert [recipient for _, recipient, _ in office.of(acme)] == [f"fm-{acme.customer_id}@acme.example", "new@acme.example"]
    office.recipients.clear()
    town.clerk.post(reverse("operator-mail-retry", args=[mail.id]))
    worker.drain()
    assert post.mails(acme)[0].state == "accepted"
    assert "Only a mail that came back" in town.clerk.post(reverse("operator-mail-retry", args=[mail.id]), follow=True).content.decode()
    assert town.auditor.post(reverse("operator-mail-retry", args=[mail.id])).status_code == 403


def test_the_invoice_says_what_is_true_to_both_sides(town: Town, office: post.Office) -> None:
    acme, invoice_id = bounced(office)
    operators = town.auditor.get(reverse("operator-invoice", args=[invoice_id])).content.decode()
    customers = asking.person(acme).get(reverse("invoice", args=[invoice_id])).content.decode()
    for page in (operators, customers):
        assert "Came back" in page
        assert ">Sent<" in page
    assert "No &lt;such&gt; person" in operators
    assert "No &lt;such&gt; person" not in customers
    health = town.auditor.get(reverse("operator-health")).content.decode()
    assert "came back or could not be sent" in health
