"""Look at the reminders of today as staff do: what goes out and why something does not, the mail as it would look, schedules, pauses, the log."""

import json
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from types import SimpleNamespace

import pytest
from django.db import connections
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

import given
from domain.mail import post
from interfaces.operator.operating import Town, hidden_of
from tallystick.domain.invoicing import operations as invoicing
from tallystick.domain.reminders import operations, queries, rules
from tallystick.integrations.postgres import scope
from tallystick.interfaces.cli import main
from tallystick.interfaces.cli import reminders as command
from tallystick.interfaces.web.pages import operator_reminder_steering, operator_reminder_words, operator_reminders
from tallystick.lib import ids

DUE = date(2026, 12, 20)
TODAY = datetime(2026, 12, 23, 12, tzinfo=UTC)


@pytest.fixture(autouse=True)
def three_days_late(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let the pages look on the third day after the due day."""
    for module in (operator_reminders, operator_reminder_words, operator_reminder_steering):
        monkeypatch.setattr(module, "timezone", SimpleNamespace(now=lambda: TODAY))


def today(town: Town, customer: given.Customer) -> str:
    """Open today's page at a customer: others of the shared database stand before and behind it."""
    return town.auditor.get(reverse("operator-reminders"), {"after": str(customer.customer_id - 1)}).content.decode()


def own(town: Town, customer: given.Customer) -> str:
    """Open a customer's page."""
    return town.clerk.get(reverse("operator-reminders-customer", args=[customer.customer_id])).content.decode()


def test_today_says_what_goes_out_and_why_something_does_not(town: Town) -> None:
    acme = post.customer()
    sent, disputed = acme.issue((10_000, "0")), acme.issue((777, "0"))
    invoicing.mark_disputed(viewer=given.CLERK, invoice_id=disputed, reason="Wrong <price>")
    with CaptureQueriesContext(connections["operator"]) as asked:
        page = today(town, acme)
    assert len(asked) <= 16, "\n".join(one["sql"][:150] for one in asked)
    assert reverse("operator-invoice", args=[disputed]) in page
    assert "Wrong &lt;price&gt;" in page
    assert "100.00" in page
    assert "Send now" not in page  # an auditor looks
    page = own(town, acme)
    assert "Goes out today" in page
    assert "Send now" in page
    assert "ap@acme.example" in page
    frame = town.auditor.get(reverse("operator-reminders-body", args=[acme.customer_id]))
    assert "INV-00001" in frame.content.decode()
    assert "INV-00002" not in frame.content.decode()
    assert "sandbox" in frame["Content-Security-Policy"]
    assert town.auditor.get(reverse("operator-reminders-letter", args=[acme.customer_id])).status_code == 404
    assert town.auditor.get(reverse("operator-invoice", args=[sent])).status_code == 200
    shown = town.clerk.get(reverse("operator-invoice", args=[disputed])).content.decode()
    assert "marked by Carl" in shown
    with CaptureQueriesContext(connections["operator"]) as asked, scope.of(given.ADMIN):
        operator_reminder_words.of_invoice(given.ADMIN, acme.customer_id, sent)
    assert len([one for one in asked if "set_config" not in one["sql"] and one["sql"] not in {"BEGIN", "COMMIT"}]) == 3
    assert "Resolve" in shown


def test_send_now_sends_once_and_stands_in_the_log(town: Town) -> None:
    acme = post.customer()
    invoice_id = acme.issue((10_000, "0"))
    for said in ("The reminder is on its way.", "Nothing is to be sent any more"):
        answer = town.clerk.post(reverse("operator-reminders-send", args=[acme.customer_id]), follow=True)
        assert said in answer.content.decode()
    assert len(post.mails(acme)) == 1
    assert "Sent in the last day" in today(town, acme)
    page = town.auditor.get(reverse("operator-invoice", args=[invoice_id])).content.decode()
    assert "Friendly reminder" in page
    assert "Reminded at this step" in page
    assert "sent by" in page
    assert town.auditor.post(reverse("operator-reminders-send", args=[acme.customer_id])).status_code == 403


def test_a_pause_of_customer_and_invoice_holds_back_until_it_is_ended(town: Town) -> None:
    acme = post.customer()
    invoice_id = acme.issue((10_000, "0"))
    for address, end in (
        (reverse("operator-reminders-pause", args=[acme.customer_id]), reverse("operator-reminders-resume", args=[acme.customer_id])),
        (reverse("operator-invoice-pause", args=[invoice_id]), reverse("operator-invoice-resume", args=[invoice_id])),
    ):
        form = hidden_of(town.clerk.get(address))
        late = town.clerk.post(address, {**form, "until": "2026-12-22", "reason": "On holiday"})
        assert (late.status_code, "Choose today or a day to come." in late.content.decode()) == (422, True)
        assert town.clerk.post(address, {**form, "until": "2026-12-24", "reason": "On holiday"}).status_code == 302
        assert "On holiday" in own(town, acme)
        assert operations.remind(viewer=given.CLERK, customer_id=acme.customer_id, paying_path="/", now=TODAY) is None
        assert town.clerk.post(end).status_code == 302
        assert "Goes out today" in own(town, acme)
        assert town.clerk.post(end).status_code == 404
    assert [one.lifted_by != "" for one in queries.pauses(viewer=given.ADMIN, customer_id=acme.customer_id)] == [True, True]


def test_a_schedule_is_made_changed_and_chosen(town: Town) -> None:
    acme = post.customer()
    acme.issue((10_000, "0"))
    address = reverse("operator-reminder-group-create")
    assert "Standard" in town.auditor.get(reverse("operator-reminder-groups")).content.decode()
    form = hidden_of(town.administrator.get(address))
    name = f"Patient {acme.customer_id}"
    wrong = town.administrator.post(address, {**form, "name": name, "days_1": "3", "tone_1": "last"})
    assert (wrong.status_code, "The first reminder is a friendly one" in wrong.content.decode()) == (422, True)
    right = {"name": name, "days_1": "20", "tone_1": "friendly", "days_4": "-5", "tone_4": "notice"}
    assert town.administrator.post(address, {**form, **right}).status_code == 302
    made = next(one for one in queries.groups(viewer=given.ADMIN) if one.name == name)
    assert made.steps == (rules.Step(-5, rules.Tone.NOTICE), rules.Step(20, rules.Tone.FRIENDLY))
    choose = reverse("operator-reminders-group", args=[acme.customer_id])
    assert town.clerk.post(choose, {**hidden_of(town.clerk.get(choose)), "group": str(made.id)}).status_code == 302
    page = own(town, acme)
    assert name in page
    assert "No step has come" in page
    change = reverse("operator-reminder-group", args=[made.id])
    form = hidden_of(town.administrator.get(change))
    assert town.administrator.post(change, {**form, "name": name, "days_1": "2", "tone_1": "friendly"}).status_code == 302
    assert "Goes out today" in own(town, acme)
    form = hidden_of(town.administrator.get(change))
    assert town.administrator.post(change, {**form, "name": name}).status_code == 302
    assert "Goes out today" not in own(town, acme)
    assert "Nobody in this group is reminded." in town.auditor.get(reverse("operator-reminder-groups")).content.decode()
    assert town.administrator.get(reverse("operator-reminder-group", args=[10**9])).status_code == 404
    assert town.clerk.get(change).status_code == 403


def test_the_last_one_shows_its_letter(town: Town, monkeypatch: pytest.MonkeyPatch) -> None:
    acme = post.customer()
    acme.issue((10_000, "0"))
    for day in (3, 14):
        now = datetime(DUE.year, DUE.month, DUE.day, 12, tzinfo=UTC) + timedelta(days=day)
        operations.remind(viewer=given.CLERK, customer_id=acme.customer_id, paying_path="/", now=now)
    monkeypatch.setattr(operator_reminders, "timezone", SimpleNamespace(now=lambda: TODAY + timedelta(days=25)))
    assert "The letter that goes along" in own(town, acme)
    letter = town.auditor.get(reverse("operator-reminders-letter", args=[acme.customer_id]))
    assert letter.content.startswith(b"%PDF")


def test_the_command_line_looks_and_takes_the_turn_once(tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
    acme = post.customer()
    acme.issue((10_000, "0"))
    disputed = acme.issue((777, "0"))
    invoicing.mark_disputed(viewer=given.CLERK, invoice_id=disputed, reason="Wrong price")
    monkeypatch.setattr(command, "datetime", SimpleNamespace(now=lambda _zone: TODAY))
    # of this customer alone: what other tests left in the database is not this one's to send
    monkeypatch.setattr(queries, "due", lambda *, viewer, now, after: [queries.look(viewer=viewer, customer_id=acme.customer_id, now=now)][after:])
    monkeypatch.setattr(queries, "waiting", lambda **_: [(acme.customer_id, TODAY.date())])

    def said(*words: str) -> str:
        assert main.main(["reminders", *words, "--data", str(tmp_path)]) == 0
        return capsys.readouterr().out

    assert "100.00 USD, friendly, INV-00001\n  held back: INV-00002, disputed" in said("--dry-run")
    assert post.mails(acme) == []
    told = json.loads(said("--json"))
    mine = {"customer": ids.public("cus", acme.customer_id), "name": "Acme", "tone": "friendly", "asked": "100.00", "currency": "USD"}
    assert told["customers"] == [{**mine, "invoices": ["INV-00001"], "held": {"INV-00002": "disputed"}}]
    assert told["sent"] == [mine["customer"]]
    assert json.loads(said("--json"))["sent"] == []
    assert len(post.mails(acme)) == 1
