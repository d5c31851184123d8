"""Follow mails through a real mail server that accepts, defers, refuses and drops the line: none lost, none twice, every state true."""

from collections.abc import Iterator
from datetime import timedelta
from html import unescape

import pytest
from django.utils import timezone

import given
from domain.mail import post
from tallystick.domain.customers.rules import system
from tallystick.domain.mail import operations, queries, rules
from tallystick.integrations.postgres import scope
from tallystick.lib import errors, ids
from tallystick.reactions import mailing, worker


@pytest.fixture
def office() -> Iterator[post.Office]:
    with post.running() as opened:
        yield opened


@pytest.fixture(autouse=True)
def at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let nothing wait for others of its kind, but where a test says so."""
    monkeypatch.setattr(rules, "TOGETHER_FOR", timedelta(0))


def test_an_issued_invoice_arrives_with_its_pdf_and_is_sent_only_then(office: post.Office) -> None:
    acme = post.customer(recipients=("books@acme.example",))
    invoice_id = acme.issue((10_000, "0"))
    assert post.mails(acme) == []
    worker.drain()
    assert {mail.address: mail.state for mail in post.mails(acme)} == {"ap@acme.example": "accepted", "books@acme.example": "accepted"}
    (message,) = [one[2] for one in office.of(acme) if one[1] == "ap@acme.example"]
    assert message["Subject"] == "Invoice INV-00001 over 100.00 USD, due 20 December 2026"
    assert message["From"] == '"Tally Inc." <billing@tally.example>'
    assert message["To"] == "Alma Petersen <ap@acme.example>"
    assert message["Auto-Submitted"] == "auto-generated"
    assert message["List-Unsubscribe"] is None
    (pdf,) = [part for part in message.iter_attachments() if part.get_content_type() == "application/pdf"]
    assert pdf.get_filename() == "INV-00001.pdf"
    assert pdf.get_content().startswith(b"%PDF")
    plain = message.get_body(("plain",)).get_content()  # type: ignore[union-attr]
    html = message.get_body(("html",)).get_content()  # type: ignore[union-attr]
    for words in ("Please pay it by 20 December 2026", "adds 100.00\u00a0USD to the funds", "The PDF is attached", "billing contact of Acme"):
        assert words in plain.replace("\n", " ")
        assert words in unescape(html)
    envelope = next(sender for sender, recipient, _ in office.of(acme) if recipient == "ap@acme.example")
    mail = next(one for one in post.mails(acme) if one.address == "ap@acme.example")
    assert rules.named_in(envelope) == (acme.customer_id, mail.id) == rules.named_in(message["Message-ID"])
    shown = queries.about(viewer=acme.viewer(), subject_id=ids.public("inv", invoice_id))
    assert [(one.address, one.state) for one in shown] == [("ap@acme.example", "accepted"), ("books@acme.example", "accepted")]
    (tried,) = post.tries(acme, mail.id)
    assert (tried.code, tried.answer, tried.ended_at is not None) == (250, "Taken as 4711", True)


def test_the_event_twice_writes_once(office: post.Office) -> None:
    acme = post.customer()
    acme.issue((10_000, "0"))
    worker.drain()
    (issued,) = post.events(acme, "invoice.issued")
    mailing.mail_invoice(acme.customer_id, issued.id)
    worker.drain()
    (mail,) = post.mails(acme)
    mailing.send_mail(acme.customer_id, mail.id)
    assert len(office.of(acme)) == 1


def test_many_invoices_in_a_minute_are_one_mail(office: post.Office, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(rules, "TOGETHER_FOR", timedelta(seconds=60))
    acme = post.customer()
    invoices = [acme.issue((10_000 + place, "0")) for place in range(20)]
    worker.drain()
    assert office.of(acme) == []
    post.due_now(acme)
    worker.drain()
    message = office.of(acme)[0][2]
    assert len(office.of(acme)) == 1
    assert message["Subject"].startswith("Invoices INV-00001 to INV-00020: ")
    assert len(list(message.iter_attachments())) == 20
    for invoice_id in invoices:
        (shown,) = queries.about(viewer=acme.viewer(), subject_id=ids.public("inv", invoice_id))
        assert shown.state == "accepted"
    acme.issue((5, "0"))
    worker.drain()
    assert len(post.mails(acme)) == 2


def test_deferred_is_tried_again_with_growing_pauses_under_one_name_and_then_given_up(office: post.Office) -> None:
    acme = post.customer()
    office.recipients["ap@acme.example"] = "450 Greylisted"
    acme.issue((10_000, "0"))
    worker.drain()
    pauses = []
    while (mail := post.mails(acme)[0]).state == "queued":
        assert mail.next_at
        assert mail.accepted_at is None
        began = post.tries(acme, mail.id)[-1].ended_at
        assert began
        pauses.append((mail.next_at - began).total_seconds())
        if len(pauses) == 3:
            office.recipients.clear()
            office.content = "451 Later"
        post.due_now(acme)
        worker.drain()
    assert mail.state == "failed"
    assert len(pauses) == len(rules.PAUSES_SECONDS)
    assert pauses == sorted(pauses)
    assert {one.code for one in post.tries(acme, mail.id)} == {450, 451}
    assert office.of(acme) == []
    office.content = post.ACCEPT
    operations.retry_mail(viewer=given.CLERK, mail_id=mail.id, now=timezone.now())
    worker.drain()
    (message,) = [one[2] for one in office.of(acme) if one[1] == "ap@acme.example"]
    assert message["Message-ID"] == mail.message_id
    assert post.mails(acme)[0].state == "accepted"


def test_refused_for_good_goes_to_the_next_contact_and_is_recorded(office: post.Office) -> None:
    acme = post.customer()
    office.recipients["ap@acme.example"] = "550 No such person"
    invoice_id = acme.issue((10_000, "0"))
    worker.drain()
    first, second = post.mails(acme)
    assert (first.state, first.last_answer, first.attempts) == ("bounced", "550 No such person", 1)
    assert (second.address, second.state, second.cause) == (f"fm-{acme.customer_id}@acme.example", "accepted", "next_contact")
    (message,) = office.to(second.address)
    assert "came back" in message.get_body(("plain",)).get_content()  # type: ignore[union-attr]
    (told,) = post.events(acme, "email.bounced")
    assert told.facts["recipient"] == "ap@acme.example"
    assert told.facts["next_recipient"] == second.address
    assert ids.public("inv", invoice_id) in told.facts["subjects"]
    assert first.id in [one.id for one in queries.troubles(viewer=given.CLERK, limit=1000)]
    operations.deal_with_mail(viewer=given.CLERK, mail_id=first.id, now=timezone.now())
    assert first.id not in [one.id for one in queries.troubles(viewer=given.CLERK, limit=1000)]


def test_a_line_that_drops_leaves_the_outcome_open_and_the_same_mail_goes_again(office: post.Office) -> None:
    acme = post.customer()
    office.content = "drop"
    acme.issue((10_000, "0"))
    worker.drain()
    (mail,) = post.mails(acme)
    assert (mail.state, mail.last_code, mail.accepted_at) == ("queued", 0, None)
    office.content = post.ACCEPT
    post.due_now(acme)
    worker.drain()
    assert post.mails(acme)[0].state == "accepted"
    assert {message["Message-ID"] for message in [one[2] for one in office.of(acme) if one[1] == "ap@acme.example"]} == {mail.message_id}


def test_a_fault_of_ours_loses_no_mail(office: post.Office) -> None:
    """A sender that our own server refuses is ours to mend: the mail waits."""
    acme = post.customer()
    office.sender = "550 Sign in first"
    acme.issue((10_000, "0"))
    worker.drain()
    assert post.mails(acme)[0].state == "queued"
    office.sender = "250 Fine"
    post.due_now(acme)
    worker.drain()
    assert post.mails(acme)[0].state == "accepted"


def test_two_customers_with_one_address_never_share_a_mail(office: post.Office, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(rules, "TOGETHER_FOR", timedelta(seconds=60))
    acme, other = post.customer(), post.customer()
    acme.issue((10_000, "0"))
    invoice_id = other.issue((77_700, "0"))
    worker.drain()
    for one in (acme, other):
        post.due_now(one)
    worker.drain()
    for one in (acme, other):
        ((_, _, message),) = office.of(one)
        assert len(list(message.iter_attachments())) == 1
    assert queries.about(viewer=acme.viewer(), subject_id=ids.public("inv", invoice_id)) == []
    (mail,) = post.mails(other)
    with pytest.raises(errors.NotAllowed):
        queries.mail(viewer=acme.viewer(), mail_id=mail.id)
    with scope.of(system(acme.customer_id)):
        assert operations.take_mail(customer_id=acme.customer_id, mail_id=mail.id, now=timezone.now()) is None


def test_without_a_mail_server_mails_wait_with_their_words() -> None:
    acme = post.customer()
    acme.issue((10_000, "0"))
    worker.drain()
    (mail,) = post.mails(acme)
    assert (mail.state, mail.attempts, bool(mail.subject)) == ("queued", 0, True)
    with post.running() as office:
        post.due_now(acme)
        worker.drain()
        assert len(office.of(acme)) == 1
    assert post.mails(acme)[0].state == "accepted"


def test_killed_between_handing_over_and_noting_it_is_sent_again_under_its_name(office: post.Office) -> None:
    """The lease keeps a second worker off while the first may still be at it; the try without an answer stays in the log."""
    acme = post.customer()
    acme.issue((10_000, "0"))
    with pytest.MonkeyPatch.context() as dying:
        dying.setattr(operations, "note_answer", _die)
        worker.drain()
    (mail,) = post.mails(acme)
    assert mail.state == "queued"
    mailing.send_mail(acme.customer_id, mail.id)  # the job's lease ended before the row's
    assert len(office.of(acme)) == 1
    post.due_now(acme)
    worker.drain()
    assert [one.code for one in post.tries(acme, mail.id)] == [None, 250]
    assert len(office.of(acme)) == 2
    assert {message["Message-ID"] for message in [one[2] for one in office.of(acme) if one[1] == "ap@acme.example"]} == {mail.message_id}


def _die(**_: object) -> None:
    raise RuntimeError("killed")
