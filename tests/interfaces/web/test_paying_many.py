"""Pay many invoices: what is ticked travels as exceptions, and the server's total is that of the ticked rows, whatever was clicked."""

import random
import re
from dataclasses import dataclass, field
from html import unescape

import pytest
from django.http import HttpResponse
from django.test import Client

import given
from interfaces.web import asking
from tallystick.domain.payments import rules
from tallystick.interfaces.web import selection
from tallystick.lib import ids

_SHOWN = 3
type Fields = dict[str, list[str]]


def _fields(page: str) -> Fields:
    """Read the form as a browser would send it."""
    form = page[page.index('id="pay"') : page.index("</form>", page.index('id="pay"'))]
    found: Fields = {}
    for tag in re.findall(r"<input[^>]*>", form):
        facts = dict(re.findall(r'([\w-]+)="([^"]*)"', tag))
        if "form" in facts or "name" not in facts:
            continue
        if facts.get("type") in {"checkbox", "radio"} and not re.search(r"\schecked\b", tag):
            continue
        found.setdefault(facts["name"], []).append(unescape(facts.get("value", "on")))
    return found


@dataclass
class Desk:
    """A finance manager before some more invoices than are drawn at once; `meant` is what she means to pay of each, in cents."""

    customer: given.Customer
    client: Client
    meant: dict[str, int] = field(default_factory=dict)
    open_minor: dict[str, int] = field(default_factory=dict)
    fields: Fields = field(default_factory=dict)

    @property
    def address(self) -> str:
        """Give the page."""
        return asking.at("pay-invoice", self.customer.top_id)

    def issue(self, *nets: int) -> None:
        """Write invoices."""
        for net in nets:
            name = ids.public("inv", self.customer.issue((net, "0")))
            self.meant[name] = self.open_minor[name] = net

    def open(self) -> None:
        """Open the page."""
        self.fields = _fields(self.client.get(self.address).content.decode())

    def send(self, step: str, **more: str) -> HttpResponse:
        """Send the form as it stands."""
        answer: HttpResponse = self.client.post(f"{self.address}{step}/", {**self.fields, **more})
        return answer

    def turn(self, button: str) -> None:
        """Press a button that shows the page again."""
        self.fields = _fields(self.send("review", back=button).content.decode())

    @property
    def drawn(self) -> list[str]:
        """List the rows on the page."""
        return self.fields.get("seen", list(self.open_minor))

    def tick(self, name: str, *, ticked: bool) -> None:
        """Click a box."""
        wanted = [one for one in self.fields.get("invoice", []) if one != name]
        self.fields["invoice"] = [*wanted, name] if ticked else wanted
        self.meant[name] = _minor(self.fields[f"amount-{name}"][0]) if ticked else 0

    def type(self, name: str, minor: int) -> None:
        """Type an amount, which ticks the row."""
        self.fields[f"amount-{name}"] = [f"{minor / 100:.2f}"]
        self.tick(name, ticked=True)

    def expect(self) -> None:
        """See count and total of what is meant."""
        said = asking_text(self.send("outcome"))
        paid = [minor for minor in self.meant.values() if minor]
        assert f"Paying {len(paid)} of {len(self.meant)} invoices {sum(paid) / 100:,.2f} USD" in said, said


def _minor(typed: str) -> int:
    return round(float(typed.replace(",", "")) * 100)


def asking_text(answer: HttpResponse) -> str:
    """Read an answer without its tags."""
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", answer.content.decode()))


@pytest.fixture
def desk(database: dict[str, str], monkeypatch: pytest.MonkeyPatch) -> Desk:
    """Draw three rows at once."""
    assert database, "the database comes first"
    monkeypatch.setattr(selection, "SHOWN", _SHOWN)
    customer = given.customer()
    return Desk(customer, asking.person(customer))


def _click(desk: Desk, chance: random.Random) -> None:
    name = chance.choice(desk.drawn)
    match chance.randrange(6):
        case 0 | 1:
            desk.tick(name, ticked=chance.random() < 0.5)
        case 2:
            desk.type(name, chance.randrange(1, desk.open_minor[name] + 1))
        case 3:
            desk.turn(chance.choice(["next", "first"]))
        case 4:
            desk.turn("sum")
        case _ if chance.random() < 0.3:
            button = chance.choice(["all", "none"])
            typed = {one: _minor(desk.fields[f"amount-{one}"][0]) for one in desk.open_minor if f"amount-{one}" in desk.fields}
            desk.turn(button)
            desk.meant = {one: typed.get(one, whole) if button == "all" else 0 for one, whole in desk.open_minor.items()}
        case _:
            pass


@pytest.mark.parametrize("seed", range(6))
def test_the_total_is_that_of_the_ticked_rows_whatever_is_clicked(desk: Desk, seed: int) -> None:
    """Tick, untick, type, turn pages, tick all or nothing: the server adds up what is meant, and pays exactly that."""
    chance = random.Random(seed)
    desk.issue(*(chance.randrange(100, 10_000) for _ in range(11)))
    desk.open()
    desk.expect()
    for _ in range(25):
        _click(desk, chance)
        desk.expect()
    if not any(desk.meant.values()):
        return
    review = desk.send("review")
    assert review.status_code == 200
    listed = re.findall(r'rowheader" class="lead"><a href="[^"]*/(inv_\w+)/".*?class="num key">(?:<[^>]*>)?([\d,.]+)', review.content.decode())
    rows = {name: _minor(amount) for name, amount in listed}
    assert rows == {name: minor for name, minor in desk.meant.items() if minor}
    reviewed = re.search(r'name="reviewed" value="([^"]+)"', review.content.decode())
    assert reviewed is not None
    assert desk.send("payment", method="bank_transfer", reviewed=reviewed[1]).status_code == 302


def test_a_wrong_amount_is_shown_again_though_its_row_was_turned_away(desk: Desk) -> None:
    """The complaint leads to a field that is there."""
    desk.issue(*[1000] * 5)
    desk.open()
    name = desk.drawn[0]
    desk.type(name, 2000)
    page = desk.send("review", back="next").content.decode()
    assert f'href="#amount-{name}"' in page
    assert f'id="amount-{name}"' in page


def test_more_than_one_payment_takes_is_refused_in_words(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    """The page says how many are ticked, and how many may be."""
    monkeypatch.setattr("tallystick.interfaces.web.pages.pay_invoice.MOST_INVOICES", 4)
    desk.issue(*[1000] * 5)
    desk.open()
    answer = desk.send("review")
    assert answer.status_code == 422
    assert "One payment takes at most 4 invoices; 5 are ticked." in asking_text(answer)


def test_the_domain_refuses_more_than_a_payment_takes(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    """Whoever asks."""
    desk.issue(1000, 1000)
    desk.open()
    monkeypatch.setattr(rules, "MOST_INVOICES", 1)
    answer = desk.send("payment", method="bank_transfer")
    assert answer.status_code == 422
    assert "One payment takes at most 1 invoices." in asking_text(answer)
