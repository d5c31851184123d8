"""Take up what comes back: reports of other servers find their mail, change its state once, and the next contact is told."""

import io
import sys
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from django.utils import timezone

import given
from domain.mail import post
from tallystick.domain.mail import operations, queries, rules
from tallystick.domain.mail.refusals import MailNotReturned
from tallystick.integrations.mail import reports
from tallystick.interfaces.cli import mail as command
from tallystick.lib import errors
from tallystick.reactions import worker

_REPORT = """\
Return-Path: <>
From: Mail Delivery System <MAILER-DAEMON@mx.acme.example>
To: {to}
Subject: Undelivered Mail Returned to Sender
MIME-Version: 1.0
Content-Type: multipart/report; report-type=delivery-status; boundary="part"

--part
Content-Type: text/plain; charset=us-ascii

This is the mail system at mx.acme.example. I'm sorry to have to inform you.

--part
Content-Type: message/delivery-status

Reporting-MTA: dns; mx.acme.example

Final-Recipient: rfc822; {recipient}
Action: {action}
Status: {status}
Diagnostic-Code: smtp; {words}

--part
Content-Type: text/rfc822-headers

From: billing@tally.example
Message-ID: {name}
Subject: Invoice INV-00001

--part--
"""


@pytest.fixture
def office() -> Iterator[post.Office]:
    with post.running() as opened:
        yield opened


@pytest.fixture(autouse=True)
def at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(rules, "TOGETHER_FOR", timedelta(0))


def report(name: str, *, to: str = "billing@tally.example", action: str = "failed", words: str = "550 5.1.1 No such person") -> bytes:
    """Write a report as Postfix does."""
    status = "5.1.1" if action == "failed" else "4.4.1"
    text = _REPORT.format(to=to, recipient="ap@acme.example", action=action, status=status, words=words, name=name)
    return text.replace("\n", "\r\n").encode()


def test_a_later_bounce_ends_a_sent_mail_and_tells_the_next_contact_once(office: post.Office) -> None:
    acme = post.customer()
    acme.issue((10_000, "0"))
    worker.drain()
    (mail,) = post.mails(acme)
    assert mail.state == "accepted"
    said = command.take_up(report(office.of(acme)[0][2]["Message-ID"]), now=timezone.now())
    assert said == "bounced: ap@acme.example"
    assert command.take_up(report(office.of(acme)[0][2]["Message-ID"]), now=timezone.now()).startswith("bounced, which changes nothing")
    worker.drain()
    first, second = post.mails(acme)
    assert (first.state, first.last_answer, second.state) == ("bounced", "550 5.1.1 No such person", "accepted")
    assert len(office.of(acme)) == 2
    assert [one.source for one in post.tries(acme, mail.id)] == ["server", "report"]
    assert len(post.events(acme, "email.bounced")) == 1


def test_an_old_report_that_comes_again_does_not_end_a_mail_that_is_queued_anew(office: post.Office) -> None:
    acme = post.customer()
    acme.issue((10_000, "0"))
    worker.drain()
    (mail,) = post.mails(acme)
    returned = report(office.of(acme)[0][2]["Message-ID"])
    assert command.take_up(returned, now=timezone.now()) == "bounced: ap@acme.example"
    operations.retry_mail(viewer=given.CLERK, mail_id=mail.id, now=timezone.now())
    assert command.take_up(returned, now=timezone.now()).startswith("bounced, which changes nothing")
    worker.drain()
    assert [one.state for one in post.mails(acme)] == ["accepted", "accepted"]
    assert len(post.events(acme, "email.bounced")) == 1
    assert len(office.of(acme)) == 3


def test_the_envelope_names_the_mail_where_the_report_has_no_headers(office: post.Office) -> None:
    acme = post.customer()
    acme.issue((10_000, "0"))
    worker.drain()
    envelope = office.of(acme)[0][0]
    assert command.take_up(report("<lost@elsewhere.example>", to=envelope), now=timezone.now()).startswith("bounced")
    assert post.mails(acme)[0].state == "bounced"


def test_a_delay_changes_nothing_and_stands_in_the_log(office: post.Office) -> None:
    acme = post.customer()
    acme.issue((10_000, "0"))
    worker.drain()
    delayed = report(office.of(acme)[0][2]["Message-ID"], action="delayed", words="421 4.4.1 No answer from host")
    assert command.take_up(delayed, now=timezone.now()) == "delayed, which changes nothing: ap@acme.example"
    (mail,) = post.mails(acme)
    assert mail.state == "accepted"
    assert [(one.source, one.code) for one in post.tries(acme, mail.id)] == [("server", 250), ("report", 421)]


def test_a_mail_that_nobody_gets_ends_with_the_last_contact(office: post.Office) -> None:
    acme = post.customer()
    office.recipients = {"ap@acme.example": "550 No", f"fm-{acme.customer_id}@acme.example": "550 Nor here"}
    acme.issue((10_000, "0"))
    worker.drain()
    assert [mail.state for mail in post.mails(acme)] == ["bounced", "bounced"]
    assert [event.facts["next_recipient"] for event in post.events(acme, "email.bounced")] == [f"fm-{acme.customer_id}@acme.example", None]


def test_the_command_reads_standard_input_files_and_folders(
    office: post.Office, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    acme = post.customer()
    acme.issue((10_000, "0"))
    worker.drain()
    (tmp_path / "1").write_bytes(report(office.of(acme)[0][2]["Message-ID"]))
    (tmp_path / "2").write_bytes(b"From: x@acme.example\r\nSubject: I am away\r\n\r\nUntil Monday.")
    (tmp_path / "3").write_bytes(report("<lost@elsewhere.example>"))
    parser = command.argparse.ArgumentParser()
    command.add_arguments(parser)
    assert command.run(parser.parse_args(["bounce", str(tmp_path)])) == 0
    lines = capsys.readouterr().out.splitlines()
    assert [line.partition(": ")[2] for line in lines] == [
        "bounced: ap@acme.example",
        "no report of delivery; left as it is",
        "a report of a mail that is not ours",
    ]
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO((tmp_path / "1").read_bytes())))
    assert command.run(parser.parse_args(["bounce"])) == 0
    assert "changes nothing" in capsys.readouterr().out


def test_what_is_broken_is_no_report() -> None:
    for content in (
        b"",
        b"\xff\xfe\x00",
        b"Content-Type: multipart/report; report-type=delivery-status; boundary=x\r\n\r\n--x\r\nContent-Type: message/delivery-status",
    ):
        assert reports.read(content) is None


def test_staff_send_it_to_another_address_and_others_may_not(office: post.Office) -> None:
    acme = post.customer()
    office.recipients["ap@acme.example"] = "550 No such person"
    acme.issue((10_000, "0"))
    worker.drain()
    bounced = post.mails(acme)[0]
    auditor = given.Viewer(kind=given.ViewerKind.STAFF, name="Audra", person_id=905, staff_role=None)
    with pytest.raises(errors.NotAllowed):
        operations.resend_mail(viewer=auditor, mail_id=bounced.id, address="new@acme.example", now=timezone.now())
    with pytest.raises(errors.Invalid):
        operations.resend_mail(viewer=given.CLERK, mail_id=bounced.id, address="new@acme.example, other@acme.example", now=timezone.now())
    made = operations.resend_mail(viewer=given.CLERK, mail_id=bounced.id, address="new@acme.example", now=timezone.now())
    worker.drain()
    (message,) = office.to("new@acme.example")
    assert [part.get_filename() for part in message.iter_attachments()] == ["INV-00001.pdf"]
    shown = queries.mail(viewer=given.CLERK, mail_id=made)
    assert (shown.state, shown.previous_id, shown.asked_by) == ("accepted", bounced.id, "Carl")
    assert queries.mail(viewer=given.CLERK, mail_id=bounced.id).dealt_at is not None
    with pytest.raises(MailNotReturned):
        operations.retry_mail(viewer=given.CLERK, mail_id=made, now=timezone.now())


def test_a_complaint_ends_alerts_and_nothing_else(office: post.Office) -> None:
    acme = post.customer()
    acme.issue((10_000, "0"))
    worker.drain()
    (mail,) = post.mails(acme)
    said = {"answer": "Unwanted", "source": rules.Source.PROVIDER, "now": timezone.now()}
    assert operations.report(customer_id=acme.customer_id, mail_id=mail.id, state=rules.State.COMPLAINED, **said)  # type: ignore[arg-type]
    assert post.mails(acme)[0].state == "complained"
    acme.issue((10_000, "0"))
    worker.drain()
    assert len([one[2] for one in office.of(acme) if one[1] == "ap@acme.example"]) == 2
