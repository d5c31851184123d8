"""Follow reminders from the worker's turn through a real mail server: once a day and step, one mail for all invoices, looked at again under locks."""

from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from html import unescape
from uuid import UUID

import pytest
from django.urls import reverse

import given
from domain.mail import post
from domain.payments.world import at_once
from tallystick.domain.invoicing import operations as invoicing
from tallystick.domain.payments.rules import Method
from tallystick.domain.reminders import facts, models, operations, queries, rules
from tallystick.domain.reminders.rules import Reason
from tallystick.integrations.mail import reminding as wording
from tallystick.integrations.pdf import documents
from tallystick.integrations.postgres import scope
from tallystick.lib import errors, ids
from tallystick.reactions import mailing
from tallystick.reactions.mailing import reminder_letter

DUE = date(2026, 12, 20)
"""Of what is issued on given.TODAY."""
PATH = "/finances/pay-invoice/"


def noon(day: int) -> datetime:
    """Be at noon of a day, by its distance from the due day."""
    return datetime(DUE.year, DUE.month, DUE.day, 12, tzinfo=UTC) + timedelta(days=day)


def turn(customer: given.Customer, day: int) -> operations.reminding.Reminded | None:
    """Let the worker look at a customer."""
    return operations.take_turn(customer_id=customer.customer_id, paying_path=PATH, now=noon(day))


def reason(customer: given.Customer, invoice_id: UUID, day: int) -> Reason:
    """Tell what would be decided."""
    return queries.look(viewer=given.ADMIN, customer_id=customer.customer_id, now=noon(day)).decisions[invoice_id].reason


def kept(customer: given.Customer) -> list[tuple[int, int, int]]:
    """List what was kept: step, open, owed; oldest first."""
    with scope.of(given.ADMIN):
        rows = models.Told.objects.filter(customer_id=customer.customer_id).order_by("id")
        return [(row.step, row.open_minor, row.owed_minor) for row in rows]


def send(customer: given.Customer) -> None:
    """Send what waits of the customer's mails, and nothing else."""
    post.due_now(customer)
    for mail in post.mails(customer):
        if mail.state == "queued" and mail.kind == "reminder":
            mailing.send_mail(customer.customer_id, mail.id)


@pytest.fixture
def office() -> Iterator[post.Office]:
    with post.running() as opened:
        yield opened


def test_all_overdue_invoices_arrive_in_one_mail_less_credit_and_what_is_on_its_way(office: post.Office) -> None:
    acme = post.customer(recipients=("books@acme.example",))
    first, second = acme.issue((10_000, "0")), acme.issue((20_000, "0"))
    acme.record(1_500, (first, 1_000))  # 5.00 of it stays as unapplied credit
    acme.start(Method.BANK_TRANSFER, (second, 8_000))
    made = turn(acme, 3)
    assert made
    assert set(made.invoice_ids) == {first, second}
    assert len(made.mail_ids) == 2
    assert sorted(kept(acme)) == [(1, 9_000, 8_500), (1, 20_000, 12_000)]
    send(acme)
    (message,) = office.to("ap@acme.example")
    assert message["Subject"] == "Reminder: unpaid invoices, 205.00 USD to pay"
    assert (message["Auto-Submitted"], message["List-Unsubscribe"]) == ("auto-generated", None)
    plain = message.get_body(("plain",)).get_content()  # type: ignore[union-attr]
    html = message.get_body(("html",)).get_content()  # type: ignore[union-attr]
    for words in ("INV-00001", "INV-00002", "90.00", "200.00", "The due day is past", "is taken off already", PATH, "billing contact of Acme"):
        assert words in plain.replace("\r\n", " ")
        assert words in unescape(html)
    assert "Unapplied credit: \u22125.00\u00a0USD\r\nOn its way: \u221280.00\u00a0USD" in plain
    assert not list(message.iter_attachments())
    assert len(office.to("books@acme.example")) == 1
    assert turn(acme, 3) is None
    assert turn(acme, 4) is None
    send(acme)
    assert len(office.of(acme)) == 2


def test_steps_grow_plainer_answer_each_other_and_the_last_has_its_letter(office: post.Office) -> None:
    acme = post.customer()
    acme.issue((10_000, "0"))
    for day in (-5, -3, -2, 3, 4, 14, 27, 28, 29, 60):
        turn(acme, day)
        send(acme)
    came = office.to("ap@acme.example")
    assert [message["Subject"].partition(":")[0] for message in came] == [
        "Invoice INV-00001 is due on 20 December 2026",
        "Reminder",
        "Reminder",
        "Last reminder",
    ]
    assert [step for step, _, _ in kept(acme)] == [-1, 1, 2, 3]
    assert came[0]["In-Reply-To"] is None
    assert [message["In-Reply-To"] for message in came[1:]] == [message["Message-ID"] for message in came[:-1]]
    (letter,) = came[-1].iter_attachments()
    assert letter.get_filename() == "Last reminder 2027-01-17.pdf"
    assert letter.get_content().startswith(b"%PDF")
    assert "The letter is attached." in came[-1].get_body(("plain",)).get_content()  # type: ignore[union-attr]
    assert not [part for message in came[:-1] for part in message.iter_attachments()]


def test_each_reads_it_in_their_language(office: post.Office) -> None:
    acme = post.customer("bolzen", locale="de")
    acme.issue((10_000, "0"))
    turn(acme, 3)
    send(acme)
    (message,) = office.to("ap@bolzen.example")
    assert message["Subject"] == "Zahlungserinnerung: Rechnung INV-00001, 100,00 USD zu zahlen"


def test_the_letter_says_what_is_set_off() -> None:
    acme = post.customer()
    invoice_id = acme.issue((10_000, "0"))
    acme.start(Method.BANK_TRANSFER, (invoice_id, 2_500))
    with scope.of(acme.worker):
        looked = facts.looked([acme.customer_id], noon(3))[0]
        part = operations.reminding.part(looked, looked.sent, paying_path=PATH)
        letter = reminder_letter.letter(part, part["invoices"], "en")  # type: ignore[arg-type]
    assert (letter["total"], letter["unapplied"], letter["coming"], letter["owed"]) == ("100.00", "", "\u221225.00", "75.00")
    assert documents.render("reminder", letter).content == documents.render("reminder", letter).content
    assert wording.reminder([part], "en", ()).amount == "75.00"


def test_what_holds_a_reminder_back_and_lets_it_go() -> None:
    acme = post.customer()
    invoice_id = acme.issue((10_000, "0"))
    own = {"viewer": given.CLERK, "customer_id": acme.customer_id}
    invoicing.mark_disputed(viewer=given.CLERK, invoice_id=invoice_id, reason="Wrong price")
    assert reason(acme, invoice_id, 3) is Reason.DISPUTED
    assert turn(acme, 3) is None
    invoicing.mark_disputed(viewer=given.CLERK, invoice_id=invoice_id, reason="")
    operations.pause_reminders(**own, until=DUE + timedelta(days=9), reason="On holiday", now=noon(3))
    assert reason(acme, invoice_id, 9) is Reason.PAUSED_CUSTOMER
    operations.lift_pause(**own, now=noon(4))
    operations.pause_reminders(**own, invoice_id=invoice_id, until=DUE + timedelta(days=5), reason="Promised", now=noon(4))
    assert reason(acme, invoice_id, 5) is Reason.PAUSED_INVOICE
    assert reason(acme, invoice_id, 6) is Reason.SEND
    operations.lift_pause(**own, invoice_id=invoice_id, now=noon(4))
    note = invoicing.request_credit_note(viewer=given.CLERK, invoice_id=invoice_id, amount_minor=10_000, reason="Returned", now=noon(4))
    assert note
    assert reason(acme, invoice_id, 5) is Reason.CREDIT_NOTE_COVERS
    acme.record(10_000, (acme.issue((1, "0")), 1))
    assert reason(acme, invoice_id, 5) is Reason.CREDIT_NOTE_COVERS
    assert kept(acme) == []


def test_credit_that_arrives_before_the_turn_stops_it() -> None:
    acme = post.customer()
    invoice_id = acme.issue((10_000, "0"))
    acme.record(10_001, (acme.issue((1, "0")), 1))
    assert reason(acme, invoice_id, 3) is Reason.CREDIT_COVERS
    assert turn(acme, 3) is None
    assert post.mails(acme) == []


def test_what_is_due_later_and_one_invoice_alone_change_no_decision() -> None:
    acme = post.customer()
    first, second, third = (acme.issue((minor, "0")) for minor in (10_000, 20_000, 30_000))
    for unapplied in (0, 10_000, 5_000, 40_000):
        if unapplied:
            acme.record(unapplied + 1, (acme.issue((1, "0")), 1))
        with scope.of(given.ADMIN):
            whole = facts.looked([acme.customer_id], noon(3))[0].decisions
            near = facts.looked([acme.customer_id], noon(3), due_until=DUE)[0].decisions
            alone = {one: facts.looked([acme.customer_id], noon(3), only=one)[0].decisions[one] for one in (first, second, third)}
        assert whole == near == alone


def test_two_workers_and_a_button_at_once_send_once() -> None:
    acme = post.customer()
    acme.issue((10_000, "0"))

    def act(place: int) -> object:
        if place == 0:
            return operations.remind(viewer=given.CLERK, customer_id=acme.customer_id, paying_path=PATH, now=noon(3))
        return turn(acme, 3)

    answers = at_once(4, act)
    assert not [answer for answer in answers if isinstance(answer, Exception)]
    assert len([answer for answer in answers if answer]) == 1
    assert [mail.kind for mail in post.mails(acme)] == ["reminder"]
    assert len(kept(acme)) == 1


def test_what_breaks_on_the_way_leaves_nothing_and_is_done_by_the_next(monkeypatch: pytest.MonkeyPatch) -> None:
    acme = post.customer()
    acme.issue((10_000, "0"))
    with monkeypatch.context() as broken:
        broken.setattr(operations.reminding.mail, "queue_letter", lambda **_: 1 / 0)
        with pytest.raises(ZeroDivisionError):
            turn(acme, 3)
    assert (kept(acme), post.mails(acme), post.events(acme, rules.REMINDED)) == ([], [], [])
    assert turn(acme, 3)
    assert len(kept(acme)) == len(post.mails(acme)) == 1


def test_the_worker_waits_for_the_morning_of_each_legal_entity() -> None:
    acme = post.customer()
    acme.issue((10_000, "0"))
    morning = noon(3).replace(hour=rules.FROM_HOUR)

    def asked(now: datetime) -> bool:
        return acme.customer_id in {customer_id for customer_id, _ in queries.waiting(now=now, limit=100_000)}

    assert not asked(morning - timedelta(minutes=1))
    assert asked(morning)
    turn(acme, 3)
    assert not asked(morning)
    assert asked(morning + timedelta(days=1))


def test_a_group_has_its_own_schedule() -> None:
    acme = post.customer()
    invoice_id = acme.issue((10_000, "0"))
    name = f"Patient {acme.customer_id}"
    group_id = operations.create_group(viewer=given.ADMIN, name=name, steps=[rules.Step(30, rules.Tone.FRIENDLY)])
    operations.choose_group(viewer=given.CLERK, customer_id=acme.customer_id, group_id=group_id, now=given.NOW)
    assert reason(acme, invoice_id, 29) is Reason.NOT_YET
    operations.set_group(viewer=given.ADMIN, group_id=group_id, name=name, steps=[rules.Step(5, rules.Tone.FRIENDLY)])
    assert reason(acme, invoice_id, 5) is Reason.SEND
    with pytest.raises(errors.Conflict):
        operations.create_group(viewer=given.ADMIN, name=name.upper(), steps=rules.DEFAULT)
    assert queries.group(viewer=given.ADMIN, group_id=group_id).members == 1
    with pytest.raises(errors.NotAllowed):
        operations.create_group(viewer=given.CLERK, name="Mine", steps=rules.DEFAULT)


def test_who_can_be_written_to_by_nobody_is_shown_and_not_counted_as_reminded() -> None:
    lone = given.customer()
    invoice_id = lone.issue((10_000, "0"))
    assert reason(lone, invoice_id, 3) is Reason.NO_ADDRESS
    assert turn(lone, 3) is None
    assert kept(lone) == []


def test_the_mail_is_about_its_invoices_and_nobody_else_reminds() -> None:
    acme = post.customer()
    invoice_id = acme.issue((10_000, "0"))
    turn(acme, 3)
    (row,) = queries.told(viewer=given.ADMIN, customer_id=acme.customer_id, invoice_ids=[invoice_id])
    assert (row.number, row.step, row.owed_minor, row.asked_by) == ("INV-00001", 1, 10_000, "")
    (event,) = post.events(acme, rules.REMINDED)
    assert event.subject_id == ids.public("rem", row.reminder_id)
    with pytest.raises(errors.NotAllowed):
        operations.remind(viewer=acme.viewer(), customer_id=acme.customer_id, paying_path=reverse("pay-invoice"), now=noon(3))
