"""Make, list, rotate and revoke keys from the command line: they work, are shown once, and wrong words change nothing."""

import re
import uuid
from pathlib import Path

import pytest

from interfaces.programs import account
from tallystick.domain.customers import operations as customers
from tallystick.domain.customers import queries
from tallystick.domain.customers.rules import CustomerRole, StaffRole
from tallystick.interfaces.cli import main
from tallystick.lib import ids


class Command:
    """Run `tallystick keys`."""

    def __init__(self, folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
        self.folder, self.capsys = folder, capsys

    def __call__(self, *words: str) -> str:
        """Give what it says; a refusal begins with "tallystick:"."""
        code = main.main(["keys", *words, "--data", str(self.folder)])
        said = self.capsys.readouterr()
        assert (code, said.out if code else said.err) in {(0, ""), (2, "")}
        return said.err if code else said.out

    def make(self, *words: str) -> tuple[str, str]:
        """Make a key, or another in place of one: its id and the secret."""
        found = re.fullmatch(r"(key_\w+), shown this once:\n(ts[ko]_(?:live|test)_[\w-]{43})\n", self(*words))
        assert found is not None
        return found[1], found[2]


@pytest.fixture
def keys(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> Command:
    """Run it on the tests' database."""
    return Command(tmp_path, capsys)


@pytest.fixture
def dana(shop: account.Program) -> str:
    """Give the address of a finance manager."""
    email = f"{uuid.uuid4().hex[:12]}@northwind.example"
    person_id = customers.add_person(viewer=account.ADA, email=email, name="Dana")
    customers.set_membership(viewer=account.ADA, customer_id=shop.customer_id, person_id=person_id, role=CustomerRole.FINANCE_MANAGER)
    return email


def test_a_customers_key_from_its_making_to_its_end(keys: Command, shop: account.Program, dana: str) -> None:
    """With scopes, divisions, addresses and an end; rotated with both working, then revoked."""
    whose = ("--customer", str(shop.customer_id))
    terms = ("--scopes", "balance:read, charges:write", "--divisions", str(shop.top_id), "--addresses", "127.0.0.1", "--days", "30")
    first, secret = keys.make("make", "--name", "Reactor shop", "--email", dana, *whose, *terms)
    assert shop.balance(key=secret).status_code == 200
    row = next(row for row in queries.keys(viewer=shop.viewer) if row.id == ids.parse("key", first))
    assert (row.scopes, row.division_ids, row.networks) == (["balance:read", "charges:write"], [shop.top_id], ["127.0.0.1/32"])
    assert row.expires_at is not None
    listed = keys("list", *whose)
    assert re.search(rf"{first}  {secret[:13]}\.\.\.  until 20\S+ \S+Z  .*  Reactor shop", listed)
    assert secret not in listed
    second, newer = keys.make("rotate", first, "--overlap", "1")
    assert [shop.balance(key=one).status_code for one in (secret, newer)] == [200, 200]
    assert "is revoked" in keys("revoke", second)
    assert shop.balance(key=newer).status_code == 403
    assert f"{second}  {newer[:13]}...  revoked" in keys("list", *whose)


def test_an_operators_key(keys: Command) -> None:
    """Without a customer it is the operator's, of a member of staff."""
    email = f"{uuid.uuid4().hex[:12]}@tallystick.example"
    person_id = customers.add_person(viewer=account.ADA, email=email, name="Max")
    customers.set_staff(viewer=account.ADA, person_id=person_id, role=StaffRole.APPROVER)
    made, secret = keys.make("make", "--name", "Approver", "--email", email, "--scopes", "purchase_orders:write")
    assert secret.startswith("tso_")
    assert made in keys("list")


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        (["--scopes", "balance"], "There is no scope balance; write a resource, a colon, and read or write."),
        (["--scopes", ","], "Choose what the key may do."),
        (["--scopes", "divisions:write"], "A key may do what you may do, at most."),
        (["--email", "nobody@northwind.example"], "Nobody has the address nobody@northwind.example"),
        (["--customer", "9" * 19], "--customer must be a number of at most 18 digits, or cus_... as programs write it."),
        (["--customer", "999999"], "You do not work for this customer any more."),
        (["--divisions", "1"], "There is no such division."),
        (["--addresses", "elsewhere"], "Write each address as 192.0.2.7, 192.0.2.0/24 or 2001:db8::/32."),
        (["--days", "4000"], "--days must be a whole number of at most 3650."),
        (["--name", ""], "Name the program that will use this key."),
        (["--name", "Shop\x1b[2J"], "--name is at most 200 characters long, and all of them can be printed."),
    ],
)
def test_wrong_words_make_no_key(keys: Command, shop: account.Program, dana: str, words: list[str], sentence: str) -> None:
    """One sentence says what to do."""
    before = len(queries.keys(viewer=shop.viewer))
    good = {"--name": "Shop", "--email": dana, "--customer": str(shop.customer_id), "--scopes": "balance:read"}
    typed = good | dict(zip(words[::2], words[1::2], strict=True))
    said = keys("make", *(part for pair in typed.items() for part in pair))
    assert said.startswith("tallystick: ")
    assert sentence in said
    assert said.count("\n") == 1
    assert len(queries.keys(viewer=shop.viewer)) == before


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        (["revoke", "nothing"], "There is no nothing."),
        (["revoke", ids.public("key", uuid.uuid4())], "There is no such key."),
        (["rotate", ids.public("key", uuid.uuid4())], "There is no such key."),
        (["rotate", ids.public("key", uuid.uuid4()), "--overlap", "721"], "--overlap must be a whole number of at most 720."),
        (["list", "--customer", "999999"], "There is no such customer."),
    ],
)
def test_what_is_not_there_is_said_in_a_sentence(keys: Command, words: list[str], sentence: str) -> None:
    """And nothing else happens."""
    assert keys(*words) == f"tallystick: {sentence}\n"
