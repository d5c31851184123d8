"""Look into the demo's mailbox; outside of the demo there is none."""

from pathlib import Path

import pytest
from django.conf import settings
from django.test import Client

from integrations.test_mail_sink import DANA, written
from tallystick.integrations.mail.sink import box


@pytest.fixture
def anybody() -> Client:
    """Be nobody in particular."""
    return Client(headers={"host": "localhost"})


@pytest.fixture
def mail(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    """Keep a mail in the demo's mailbox, and name it."""
    monkeypatch.setattr(settings, "MAILBOX", str(tmp_path))
    return box.Box(tmp_path).keep("billing@lanternfield.example", [DANA], written().as_bytes())


def test_mails_are_listed_and_shown_as_they_look(anybody: Client, mail: str) -> None:
    """By recipient; with HTML in a frame of its own, plain text, headers, attachments."""
    listed = anybody.get("/mailbox/").content.decode()
    assert f"/mailbox/{mail}/" in listed
    assert DANA in listed
    assert mail in anybody.get(f"/mailbox/?to={DANA}").content.decode()
    assert mail not in anybody.get("/mailbox/?to=nobody").content.decode()
    shown = anybody.get(f"/mailbox/{mail}/").content.decode()
    assert f'src="/mailbox/{mail}/html/" sandbox="allow-popups"' in shown
    assert "zwei Punkte am Anfang" in shown
    assert "&lt;7@lanternfield.example&gt;" in shown
    assert "<script" not in shown.split("<main", 1)[1]


def test_what_acts_in_a_mail_is_dead(anybody: Client, mail: str) -> None:
    """The frame's own policy: no scripts, no origin, nothing fetched."""
    answer = anybody.get(f"/mailbox/{mail}/html/")
    policy = answer.headers["Content-Security-Policy"]
    assert "default-src 'none'" in policy
    assert "sandbox allow-popups" in policy
    assert "script-src" not in policy
    assert "data:image/png;base64," in answer.content.decode()


def test_a_whole_page_stays_one(anybody: Client, mail: str) -> None:
    """Links open beside the mailbox; the mail's own head and document type stay in their places."""
    del mail
    message = written()
    message.clear_content()
    message.set_content("<!doctype html><html><head><title>T</title></head><body>x</body></html>", subtype="html")
    name = box.Box(Path(settings.MAILBOX)).keep("a@example", [DANA], message.as_bytes())
    said = anybody.get(f"/mailbox/{name}/html/").content.decode()
    assert said.startswith('<!doctype html><html><head><base target="_blank"><title>')


def test_an_attachment_is_saved_never_shown(anybody: Client, mail: str) -> None:
    """As bytes, under a plain name."""
    (place,) = [one.place for one in box.Box(Path(settings.MAILBOX)).mails()[0].attachments]
    answer = anybody.get(f"/mailbox/{mail}/attachments/{place}/")
    assert answer.content == b"%PDF-1.7 x"
    assert answer.headers["Content-Type"] == "application/octet-stream"
    assert answer.headers["Content-Disposition"] == 'attachment; filename="INV-2026-7.pdf"'


@pytest.mark.parametrize("path", ["", "{mail}/", "{mail}/html/", "{mail}/attachments/0/"])
def test_outside_of_the_demo_there_is_no_mailbox(anybody: Client, mail: str, monkeypatch: pytest.MonkeyPatch, path: str) -> None:
    """Nor where the demo has none; nor a mail that is not there."""
    address = f"/mailbox/{path.format(mail=mail)}"
    monkeypatch.setattr(settings, "DEMO", False)
    assert anybody.get(address).status_code == 404
    monkeypatch.setattr(settings, "DEMO", True)
    monkeypatch.setattr(settings, "MAILBOX", "")
    assert anybody.get(address).status_code == 404


def test_an_unknown_mail_is_not_found(anybody: Client, mail: str) -> None:
    """Also with a path for a name."""
    del mail
    for name in ("0" * 19 + "-00000000", "..", "%2e%2e"):
        assert anybody.get(f"/mailbox/{name}/").status_code == 404
