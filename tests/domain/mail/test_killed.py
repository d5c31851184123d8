"""Kill a real worker, by kill -9, at every step between an event and the noted answer: no mail is lost, none is written twice, every state is true."""

import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest

import given
from domain.mail import post
from tallystick.domain.mail import rules
from tallystick.reactions import worker

_STEPS = [
    ("after", "queue_letter"),
    ("after", "take_mail"),
    ("after", "fix_content"),
    ("after", "begin_try"),
    ("smtp", "RCPT"),
    ("smtp", "DATA"),
    ("smtp", "QUIT"),
    ("before", "note_answer"),
    ("after", "note_answer"),
]
"""What comes before a step is killed behind the one before it."""
_TAKEN = {("before", "note_answer"), ("smtp", "DATA"), ("smtp", "QUIT")}
"""Where the office has the message, and nobody noted it."""
_CHILD = """
import datetime, os, signal, sys
import django
django.setup()
from tallystick.domain.mail import operations, rules
from tallystick.reactions import worker

rules.TOGETHER_FOR = datetime.timedelta(0)
when, step, customer_id = sys.argv[1], sys.argv[2], int(sys.argv[3])
if when != "smtp":
    real = getattr(operations, step)
    def dying(**told):
        mine = told.get("customer_id") == customer_id
        if mine and when == "before":
            os.kill(os.getpid(), signal.SIGKILL)
        answer = real(**told)
        if mine:
            os.kill(os.getpid(), signal.SIGKILL)
        return answer
    setattr(operations, step, dying)
print("ready", flush=True)
sys.stdin.readline()
worker.drain()
"""


@pytest.fixture
def office() -> Iterator[post.Office]:
    with post.running() as opened:
        yield opened


@pytest.fixture(autouse=True)
def at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(rules, "TOGETHER_FOR", timedelta(0))


def killed(office: post.Office, customer: given.Customer, when: str, step: str) -> int:
    """Let a worker of its own work until it is killed; tell how it ended."""
    environment = {
        **os.environ,
        "PYTHONPATH": os.pathsep.join(path for path in sys.path if path) or str(Path.cwd()),
        "TALLYSTICK_MAIL_HOST": "127.0.0.1",
        "TALLYSTICK_MAIL_PORT": str(office.port),
        "TALLYSTICK_MAIL_FROM": "billing@tally.example",
        "TALLYSTICK_MAIL_BOUNCES": "bounces@tally.example",
    }
    command = [sys.executable, "-c", _CHILD, when, step, str(customer.customer_id)]
    with subprocess.Popen(command, env=environment, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as child:
        assert child.stdout
        assert child.stdout.readline() == "ready\n"
        if when == "smtp":
            office.kill = (step, child.pid)
        child.communicate("go\n", timeout=120)
        return child.returncode


@pytest.mark.parametrize(("when", "step"), _STEPS)
def test_a_killed_worker_loses_nothing(office: post.Office, when: str, step: str) -> None:
    worker.drain()  # what other tests left shall not be what the worker dies at
    acme = post.customer()
    acme.issue((10_000, "0"))
    assert killed(office, acme, when, step) == -signal.SIGKILL
    before = post.mails(acme)
    assert all(mail.state == "queued" and mail.accepted_at is None for mail in before) or (when, step) == ("after", "note_answer")
    taken = len(office.of(acme))
    post.due_now(acme)
    worker.drain()
    (mail,) = post.mails(acme)
    assert mail.state == "accepted"
    assert {message["Message-ID"] for _, _, message in office.of(acme)} == {mail.message_id}
    assert len(office.of(acme)) == (2 if (when, step) in _TAKEN else 1)
    assert taken == (1 if (when, step) in {*_TAKEN, ("after", "note_answer")} else 0)
    unknown = [one for one in post.tries(acme, mail.id) if one.ended_at is None]
    assert len(unknown) == (1 if (when, step) in {("after", "begin_try"), ("before", "note_answer")} or when == "smtp" else 0)
