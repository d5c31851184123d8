"""Walk through every remote command against a server that is one: what is done, and each failure as one sentence with its exit code."""

import functools
import json
import os
import re
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

import pytest

from client import speaking
from interfaces.programs import account, operator
from interfaces.programs.test_served import free_port
from tallystick.domain.customers import operations as customers
from tallystick.interfaces.cli import main
from tallystick.interfaces.cli.remote import access
from tallystick.lib import ids
from tallystick_client import Client

SCOPES = ("balance:read", "charges:write", "invoices:read", "payments:write", "purchase_orders:write")
BILL = ["--bill-name", "Northwind Labs", "--bill-street", "1 Harbor Way", "--bill-city", "Portland, OR 97201", "--bill-country", "US"]
CONTACT = ["--contact-name", "Dana", "--contact-mail", "ap@northwind.example", "--signed"]


@dataclass
class Shell:
    """Sit at another machine, with an address and a key."""

    shop: account.Program
    url: str
    key: str
    home: Path
    capsys: pytest.CaptureFixture[str]
    monkeypatch: pytest.MonkeyPatch

    def ran(self, *words: str) -> tuple[int, str, str]:
        """Run a command here, over real lines."""
        self._sit_down()
        code = main.main(list(words))
        said = self.capsys.readouterr()
        return code, said.out, said.err

    def _sit_down(self, **other: str) -> None:
        for name, value in {"URL": self.url, "KEY": self.key, **other}.items():
            self.monkeypatch.setenv(f"TALLYSTICK_{name}", value)
        self.monkeypatch.setenv("XDG_CONFIG_HOME", str(self.home))

    def started(self, *words: str) -> tuple[int, str, str]:
        """Start the program itself."""
        here = {name: value for name, value in os.environ.items() if not name.startswith(("TALLYSTICK_", "DJANGO_"))}
        there = {"TALLYSTICK_URL": self.url, "TALLYSTICK_KEY": self.key, "XDG_CONFIG_HOME": str(self.home)}
        done = subprocess.run(
            [sys.executable, "-m", "tallystick.interfaces.cli.main", *words], env=here | there, capture_output=True, text=True, check=False
        )
        return done.returncode, done.stdout, done.stderr

    def refused(self, *words: str, key: str = "", url: str = "") -> tuple[int, str]:
        """Run a command that fails, and give its code and its one sentence; as JSON it is the same refusal."""
        self._sit_down(URL=url or self.url, KEY=key or self.key)
        self.monkeypatch.setattr(access, "Client", functools.partial(Client, retries=speaking.QUICK))
        code = main.main(list(words))
        done, said = self.capsys.readouterr()
        assert done == ""
        assert re.fullmatch(r"tallystick: [^\n]+\.\n", said), said
        assert main.main([*words, "--json"]) == code
        assert json.loads(self.capsys.readouterr().err)["detail"]
        return code, said


@pytest.fixture
def shell(served: int, shop: account.Program, tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> Shell:
    """Have a key that may do what the commands do."""
    return Shell(shop, f"http://127.0.0.1:{served}", operator.key(shop, *SCOPES), tmp_path, capsys, monkeypatch)


def test_a_day_at_the_shell(shell: Shell) -> None:
    """Each command says in a line what it did; one is started as the program that it is."""
    first = ids.public("inv", shell.shop.books.issue((45_400, "0")))
    where = ["--division", shell.shop.div, "--currency", "USD"]
    for run, words, pattern in (
        (shell.ran, ["balance"], r"Balance +0\.00 USD\n(?s:.*)Available +2000\.00 USD\n"),
        (shell.started, ["charge", *where, "--amount", "12.50", "--order-id", "7"], r"chg_\w+: 12\.50 USD charged; balance after it -12\.50 USD\n"),
        (shell.ran, ["po", "create", *where, "--number", "PO-1", "--amount", "100", *BILL, *CONTACT], r"po_\w+: PO-1 over 100\.00 USD is pending\n"),
        (shell.ran, ["invoices", "--status", "unpaid"], r"INV-\S+  issued(?s:.*)454\.00 USD(?s:.*)\n"),
        (shell.ran, ["pay", first, "--method", "bank_transfer"], r"pay_\w+: 454\.00 USD is to be transferred with the reference \S+\n"),
    ):
        code, said, wrong = run(*words)
        assert (code, wrong) == (0, ""), words
        assert re.fullmatch(pattern, said), said


def test_every_refusal_is_a_sentence_and_a_code(shell: Shell) -> None:
    """3 is refused, 4 is too little money; whatever the command."""
    shop = shell.shop
    paying = ["pay", ids.public("inv", shop.books.issue((45_400, "0"))), "--method", "bank_transfer"]
    charging = ["charge", "--division", shop.div, "--amount", "1", "--currency", "USD"]
    order = ["po", "create", "--division", shop.div, "--number", "PO-1", "--amount", "1", "--currency", "USD", *BILL, *CONTACT]
    other = operator.key(shop, "events:read")
    for words in (["balance"], ["invoices"], paying, charging, order):
        assert shell.refused(*words, key=other)[0] == 3, words
    gone = customers.make_key(viewer=shop.viewer, name="Gone", terms=customers.KeyTerms(SCOPES))
    customers.revoke_key(viewer=shop.viewer, key_id=gone.id, now=account.NOW)
    rival = account.opened().div
    for words, key, code in (
        (["balance"], "tsk_live_wrong", 3),
        (charging, gone.secret, 3),
        (["balance", "--division", rival], "", 3),
        ([*charging[:2], rival, *charging[3:]], "", 3),
        ([*order[:3], rival, *order[4:]], "", 3),
        (["pay", ids.public("inv", ids.new()), "--method", "bank_transfer"], "", 3),
        ([*charging[:6], "EUR"], "", 3),
        ([*charging[:4], "2000.01", *charging[5:]], "", 4),
    ):
        assert shell.refused(*words, key=key)[0] == code, words


def test_no_server_is_a_sentence_and_a_code(shell: Shell) -> None:
    """5: run it again; and what is no Tallystick is told from one."""
    nowhere = f"http://127.0.0.1:{free_port()}"
    invoice = ids.public("inv", ids.new())
    for words in (
        ["balance"],
        ["invoices"],
        ["pay", invoice, "--method", "card"],
        ["charge", "--division", shell.shop.div, "--amount", "1", "--currency", "USD"],
    ):
        code, said = shell.refused(*words, url=nowhere)
        assert (code, "No answer came, 5 times" in said) == (5, True), words
    code, said = shell.refused("invoices", url=f"{shell.url}/elsewhere")
    assert code in {3, 5}, said
