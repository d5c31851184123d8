"""Use a Tallystick from the command line elsewhere: with an address and a key, safely again and again, in sentences and in JSON."""

import functools
import json
import re
import subprocess
import sys
from pathlib import Path

import httpx
import pytest

from client import speaking
from interfaces.programs import account, operator
from tallystick.domain.customers.rules import StaffRole
from tallystick.interfaces.cli import main
from tallystick.interfaces.cli.remote import access
from tallystick.lib import ids
from tallystick_client import Client


class Command:
    """Run a remote command in this process."""

    def __init__(self, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
        self.capsys, self.monkeypatch = capsys, monkeypatch

    def answered_by(self, answer: speaking.Scripted) -> None:
        self.monkeypatch.setattr(access, "Client", functools.partial(Client, retries=speaking.QUICK, transport=httpx.MockTransport(answer)))

    def use(self, key: str) -> None:
        self.monkeypatch.setenv("TALLYSTICK_URL", speaking.URL)
        self.monkeypatch.setenv("TALLYSTICK_KEY", key)

    def __call__(self, *words: str, code: int = 0) -> str:
        """Give what was printed; what went wrong goes to standard error alone."""
        assert main.main(list(words)) == code
        said = self.capsys.readouterr()
        assert (said.out == "") == (code != 0)
        return said.err if code else said.out


@pytest.fixture
def command(shop: account.Program, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Command:
    """Speak to the application with the shop's key; nobody's own file is read."""
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path))
    made = Command(capsys, monkeypatch)
    made.answered_by(speaking.application)  # type: ignore[arg-type]  # it answers as well
    made.use(shop.key)
    return made


def test_the_balance_is_shown(command: Command, shop: account.Program) -> None:
    shop.spend(5000)
    lines = [line.split(maxsplit=1) for line in command("balance").splitlines()]
    assert lines[0] == ["Balance", "-50.00 USD"]
    assert lines[-1] == ["Available", "1950.00 USD"]
    told = json.loads(command("balance", "--division", shop.div, "--json"))
    assert told["available"] == {"amount": "1950.00", "currency": "USD"}


def test_an_order_is_charged_once_however_often_it_is_run(command: Command, shop: account.Program) -> None:
    words = ["charge", "--division", shop.div, "--amount", "12.50", "--currency", "USD", "--order-id", "Order 7 \u00e9"]
    first, again = command(*words), command(*words)
    assert first.endswith("12.50 USD charged; balance after it -12.50 USD\n")
    assert "by an earlier run" in again
    assert first.split(":", maxsplit=1)[0] == again.split(":", maxsplit=1)[0]
    assert "order" in command(*words, "--idempotency-key", "other", code=3)
    assert json.loads(command(*words, "--json"))["replayed"] is True
    other = command(*words, "--line-reference", "2")
    assert "balance after it -25.00 USD" in other


def test_a_key_makes_a_charge_safe_too(command: Command, shop: account.Program) -> None:
    words = ["charge", "--division", shop.div, "--amount", "1", "--currency", "USD"]
    assert command(*words, "--idempotency-key", "k").split(":")[0] == command(*words, "--idempotency-key", "k").split(":")[0]
    assert "-2.00 USD" in command(*words)


def test_too_little_money_has_a_code_of_its_own(command: Command, shop: account.Program) -> None:
    words = ["charge", "--division", shop.div, "--amount", "2000.01", "--currency", "USD"]
    assert "Available: 2000.00 USD; asked for: 2000.01 USD." in command(*words, code=4)
    told = json.loads(command(*words, "--json", code=4))
    assert (told["code"], told["available"]) == ("insufficient_funds", {"amount": "2000.00", "currency": "USD"})


def test_no_answer_says_how_to_go_on(command: Command, shop: account.Program) -> None:
    command.answered_by(speaking.Scripted([httpx.ReadTimeout("slow")] * 5))
    said = command("charge", "--division", shop.div, "--amount", "1", "--currency", "USD", "--idempotency-key", "k-1", code=5)
    assert said.startswith("tallystick: No answer came, 5 times: ReadTimeout slow.")
    assert "run it again with --idempotency-key k-1, and it happens once" in said
    command.answered_by(speaking.Scripted([httpx.ConnectError("refused")] * 5))
    assert command("balance", code=5).endswith("Try again later.\n")


def test_an_order_is_sent_and_becomes_an_invoice(command: Command, shop: account.Program, tmp_path: Path) -> None:
    command.use(operator.key(shop, "purchase_orders:write", "invoices:read"))
    bill = ["--bill-name", "Northwind Labs", "--bill-street", "1 Harbor Way", "--bill-city", "Portland, OR 97201", "--bill-country", "US"]
    words = ["po", "create", "--number", "PO-9", "--division", shop.div, "--amount", "100.00", "--currency", "USD", *bill]
    said = command(*words, "--contact-name", "Dana", "--contact-mail", "ap@northwind.example", code=3)
    assert "signed" in said
    words += ["--contact-name", "Dana", "--contact-mail", "ap@northwind.example", "--signed", "--idempotency-key", "po-9"]
    sent = json.loads(command(*words, "--json"))
    assert (sent["state"], sent["net"]) == ("pending", {"amount": "100.00", "currency": "USD"})
    assert command(*words) == f"{sent['id']}: PO-9 over 100.00 USD is pending, by an earlier run\n"
    with speaking.client(operator.staff_key(StaffRole.APPROVER)) as desk:
        issued = desk.purchase_orders.approve(sent["id"], if_match=desk.purchase_orders.get(sent["id"]).etag)
    assert f"{issued.number}  issued" in command("invoices", "--search", "PO-9", "--pdfs", str(tmp_path / "pdfs"))
    assert [one["id"] for one in json.loads(command("invoices", "--json", "--status", "unpaid", "--most", "1"))] == [issued.id]
    assert json.loads(command("invoices", "--json", "--due-before", "2020-01-01")) == []


def test_an_order_comes_from_a_file(command: Command, shop: account.Program, tmp_path: Path) -> None:
    command.use(operator.key(shop, "purchase_orders:write"))
    buyer = operator.Buyer(shop, "")
    file = tmp_path / "order.json"
    file.write_text(json.dumps(buyer.order(number="PO-1")), encoding="utf-8")
    assert "PO-2 over 500.00 USD is pending" in command("po", "create", "--order", str(file), "--number", "PO-2")
    file.write_text("{", encoding="utf-8")
    assert "is no JSON" in command("po", "create", "--order", str(file), code=2)
    assert "can not be written or read: no such file" in command("po", "create", "--order", str(tmp_path / "none"), code=2)


def test_invoices_are_paid(command: Command, shop: account.Program) -> None:
    first, second = (ids.public("inv", shop.books.issue((net_minor, "0"))) for net_minor in (45_400, 10_000))
    command.use(operator.key(shop, "payments:write", "invoices:read"))
    said = command("pay", first, second, "--method", "bank_transfer", "--idempotency-key", "p")
    assert re.fullmatch(r"pay_\w+: 554.00 USD is to be transferred with the reference \S+\n", said)
    assert command("pay", first, second, "--method", "bank_transfer", "--idempotency-key", "p") == f"{said[:-1]}, by an earlier run\n"
    part = json.loads(command("pay", first, "--method", "bank_transfer", "--amount", "4.00", "--currency", "USD", "--json"))
    assert part["invoices"][0]["amount"] == {"amount": "4.00", "currency": "USD"}
    assert "open" in command("pay", first, "--method", "bank_transfer", "--amount", "454.01", "--currency", "USD", code=3)
    assert "name one, or leave --amount out" in command("pay", first, second, "--method", "card", "--amount", "1", "--currency", "USD", code=2)


WRONG = [
    (["charge"], "The following arguments are required: --division, --amount, --currency; tallystick charge --help says what it takes."),
    (["charge", "--division", "1", "--amount", "1", "--currency", "USD"], "Argument --division: 1 is no division's id"),
    (["charge", "--division", "div_0000000000001", "--amount", "1,5", "--currency", "USD"], "1,5 is no amount; write it as 12.50."),
    (["charge", "--division", "div_0000000000001", "--amount", "1", "--currency", "USD", "--idempotency-key", "a b"], "visible ASCII"),
    (["invoices", "--due-before", "soon"], "soon is no day"),
    (["po"], "The following arguments are required: DEED"),
    (["po", "create", "--amount", "1"], "Name --amount and --currency, both."),
]


@pytest.mark.parametrize(("words", "sentence"), WRONG, ids=str)
def test_wrong_words_send_nothing(command: Command, words: list[str], sentence: str) -> None:
    command.answered_by(speaking.Scripted([]))
    said = command(*words, code=2)
    assert sentence in said
    assert said.count("\n") == 1


def test_the_key_is_read_from_a_file_that_is_its_owners_alone(
    command: Command, shop: account.Program, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.delenv("TALLYSTICK_KEY")
    assert "Set TALLYSTICK_KEY, or write it into " in command("balance", code=2)
    usual = tmp_path / "tallystick" / "remote"
    usual.parent.mkdir()
    usual.write_text(f"# ours\nTALLYSTICK_URL=http://elsewhere.invalid\nTALLYSTICK_KEY = '{shop.key}'\n", encoding="utf-8")
    usual.chmod(0o640)
    assert f"chmod 600 {usual}" in command("balance", code=2)
    usual.chmod(0o600)
    assert "2000.00 USD" in command("balance")  # the address of the environment goes before the file's
    named = tmp_path / "named"
    named.write_text(f"TALLYSTICK_URL={speaking.URL}\nTALLYSTICK_KEY=wrong key\n", encoding="utf-8")
    named.chmod(0o600)
    assert "signs that no key has" in command("balance", "--remote", str(named), code=2)
    monkeypatch.setenv("TALLYSTICK_URL", "tally.example")
    assert "is no address, such as https://tally.example." in command("balance", code=2)


def test_remote_commands_load_no_django() -> None:
    program = (
        "import sys\nfrom tallystick.interfaces.cli import main\n"
        "for name in ('balance', 'invoices', 'pay', 'po', 'charge'):\n"
        "    try:\n        main.main([name, '--help'])\n    except SystemExit:\n        pass\n"
        "print(sorted({'django', 'psycopg'} & sys.modules.keys()), 'tallystick_client' in sys.modules)\n"
    )
    said = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True).stdout
    assert said.endswith("[] True\n")
    assert "exit codes: 0 done" in said
