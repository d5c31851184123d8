"""Execute docs/ledger.md: its chart of accounts is the program's, its entries balance, and its figures follow from its entries.

They follow twice: in plain Python here, and from the same entries posted by `funds.post` on PostgreSQL.
"""

import dataclasses
import uuid
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from tallystick.domain.administration import operations as administration
from tallystick.domain.customers import operations as customers
from tallystick.domain.customers import rules as people
from tallystick.domain.funds import operations as funds
from tallystick.domain.funds import queries
from tallystick.domain.invoicing import entries as documents
from tallystick.domain.invoicing import rules as invoices
from tallystick.domain.ledger import rules
from tallystick.integrations.postgres import scope
from tallystick.lib import money

DOCUMENT = Path(__file__).resolve().parents[3] / "docs" / "ledger.md"
LIMIT_MINOR = 200_000
DEBIT_SIDE = {
    rules.Account.RECEIVABLE_FUNDING,
    rules.Account.RECEIVABLE_OWED,
    rules.Account.CASH,
    rules.Account.WRITE_OFF,
}


@dataclass(frozen=True)
class Step:
    """One transfer of the document, with the event it belongs to."""

    event: str
    kind: rules.EntryKind
    transfer: rules.Transfer
    debit_fund: str
    credit_fund: str


@dataclass
class Story:
    """One section: its transfers in order, and the figures that it says follow."""

    title: str
    steps: list[Step] = field(default_factory=list)
    figures: list[tuple[str, str, tuple[int, ...]]] = field(default_factory=list)

    @property
    def events(self) -> list[str]:
        """The events, in order."""
        return list(dict.fromkeys(step.event for step in self.steps))


def minor(text: str) -> int:
    """Read `-1,190.00`."""
    value = money.parse(text.lstrip("-").replace(",", ""), "USD")
    return -value if text.startswith("-") else value


def account(text: str) -> rules.Account:
    """Read `receivable funding`."""
    return rules.Account[text.upper().replace(" ", "_")]


def tables(text: str) -> Iterator[tuple[str, list[str], list[list[str]]]]:
    """Every table of the document: the heading it stands under, its columns, its rows."""
    heading, rows = "", []
    for line in [*text.splitlines(), ""]:
        if line.startswith("## "):
            heading = line[3:]
        if line.startswith("|"):
            rows.append([cell.strip() for cell in line.strip("|").split("|")])
        elif rows:
            yield heading, rows[0], rows[2:]
            rows = []


def stories() -> list[Story]:
    """Every section that has a table of events."""
    found: dict[str, Story] = {}
    for heading, columns, rows in tables(DOCUMENT.read_text(encoding="utf-8")):
        if columns[0] == "event":
            found[heading] = Story(heading, list(steps(rows)))
        elif columns[0] == "after":
            found[heading].figures = [(row[0], row[1], tuple(minor(cell) for cell in row[2:])) for row in rows]
    return list(found.values())


def steps(rows: list[list[str]]) -> Iterator[Step]:
    """Read the rows of one table of events; an empty event or kind continues the one above."""
    event, kind = "", ""
    for row in rows:
        event, kind = row[0] or event, row[1] or kind
        debit_fund, _, credit_fund = row[4].partition(" > ")
        transfer = rules.Transfer(account(row[2]), account(row[3]), minor(row[5]), fund_id=0)
        yield Step(event, rules.EntryKind[kind.upper()], transfer, debit_fund, credit_fund or debit_fund)


STORIES = stories()
each_story = pytest.mark.parametrize("story", STORIES, ids=lambda story: story.title)


def test_the_chart_of_accounts_is_the_programs() -> None:
    (rows,) = [rows for heading, _, rows in tables(DOCUMENT.read_text(encoding="utf-8")) if heading == "Chart of accounts"]
    assert {account(row[1]): int(row[0]) for row in rows} == {each: int(each) for each in rules.Account}
    assert {account(row[1]) for row in rows if row[2] == "debit"} == DEBIT_SIDE


def test_every_kind_of_entry_is_worked() -> None:
    worked = {step.kind for story in STORIES for step in story.steps}
    assert set(rules.EntryKind) - worked == set()


def test_every_account_is_used() -> None:
    used = {side for story in STORIES for step in story.steps for side in (step.transfer.debit, step.transfer.credit)}
    assert set(rules.Account) - used == set()


@each_story
def test_a_transfer_has_two_accounts_and_an_amount(story: Story) -> None:
    for step in story.steps:
        assert step.transfer.amount_minor > 0
        assert (step.transfer.debit, step.debit_fund) != (step.transfer.credit, step.credit_fund)


@each_story
def test_the_figures_follow_from_the_entries(story: Story) -> None:
    assert figures(story) == story.figures


@each_story
def test_the_books_add_up(story: Story) -> None:
    sums = balances(story.steps)
    assert sum(sums.values()) == 0
    assert all(value >= 0 for (_, side), value in sums.items() if side in {rules.Account.HELD, rules.Account.UNAPPLIED_CREDIT})
    receivables = {rules.Account.RECEIVABLE_FUNDING, rules.Account.RECEIVABLE_OWED}
    assert all(value <= 0 for (_, side), value in sums.items() if side in receivables)


def balances(posted: list[Step]) -> dict[tuple[str, rules.Account], int]:
    """Credit less debit of each account of each fund."""
    sums: dict[tuple[str, rules.Account], int] = defaultdict(int)
    for step in posted:
        sums[step.debit_fund, step.transfer.debit] -= step.transfer.amount_minor
        sums[step.credit_fund, step.transfer.credit] += step.transfer.amount_minor
    return sums


def figures(story: Story) -> list[tuple[str, str, tuple[int, ...]]]:
    """The figures of each fund after each event, where they changed (money.md section 2, rule *consumption*)."""
    funds = list(dict.fromkeys(fund for _, fund, _ in story.figures))
    found: list[tuple[str, str, tuple[int, ...]]] = []
    before: dict[str, tuple[int, ...]] = {}
    for event in story.events:
        until = story.events[: story.events.index(event) + 1]
        for fund, row in state(balances([step for step in story.steps if step.event in until]), funds).items():
            if before.get(fund) != row:
                found.append((event, fund, row))
            before[fund] = row
    return found


def state(sums: dict[tuple[str, rules.Account], int], funds: list[str]) -> dict[str, tuple[int, ...]]:
    """Balance, unpaid, of it funding, held, unapplied, available of each fund."""
    net = {fund: sums[fund, rules.Account.FUNDS] + sums[fund, rules.Account.RECEIVABLE_OWED] for fund in funds}
    in_use = sum(max(0, -value) for value in net.values())
    return {
        fund: (
            sums[fund, rules.Account.FUNDS],
            -sums[fund, rules.Account.RECEIVABLE_FUNDING] - sums[fund, rules.Account.RECEIVABLE_OWED],
            -sums[fund, rules.Account.RECEIVABLE_FUNDING],
            sums[fund, rules.Account.HELD],
            sums[fund, rules.Account.UNAPPLIED_CREDIT],
            LIMIT_MINOR - in_use + max(0, net[fund]),
        )
        for fund in funds
    }


SPLIT = invoices.Split((invoices.Part(100, 19),))
UNTAXED = invoices.Split((invoices.Part(100, 0),))


def invoice_entries() -> list[rules.Entry]:
    """Every entry that invoices and credit notes can post."""
    found = []
    for kind in invoices.Kind:
        subject = documents.Subject(invoice_id=uuid.uuid4(), kind=kind, number="INV-1", division_id=1, fund_id=1)
        # a correction is owed because money left: it bears no tax and voiding it would bring the money back from nowhere
        untaxed = kind is invoices.Kind.CORRECTION
        found += [documents.issued(subject, UNTAXED if untaxed else SPLIT), documents.restored(subject, SPLIT, money_fund_id=1)]
        found += [] if untaxed else [documents.voided(subject, SPLIT)]
        for source in (rules.Account.CASH, rules.Account.UNAPPLIED_CREDIT):
            found.append(documents.paid(subject, SPLIT, source=source))
            found.append(documents.payment_reversed(subject, SPLIT, source=source, money_fund_id=1))
        if not untaxed:
            found.append(documents.credited(subject, SPLIT, SPLIT))
        if kind is not invoices.Kind.FUNDING:
            found.append(documents.written_off(subject, 50))
        if kind is invoices.Kind.AMOUNT_OWED:
            found.append(documents.paid_from_balance(subject, SPLIT))
    return found


def test_invoices_post_nothing_that_the_document_does_not_show() -> None:
    shown = {(step.kind, step.transfer.debit, step.transfer.credit) for story in STORIES for step in story.steps}
    posted = {(entry.kind, step.debit, step.credit) for entry in invoice_entries() for step in entry.transfers}
    missing = sorted(f"{kind.name}: {debit.name} / {credit.name}" for kind, debit, credit in posted - shown)
    assert not missing, "\n".join(missing)


STAFF = people.Viewer(kind=people.ViewerKind.STAFF, name="Ada", staff_role=people.StaffRole.ADMINISTRATOR)


def customer_with(names: list[str]) -> tuple[int, dict[str, int]]:
    """Open a customer with a fund of this name each; the first is the top-level division's."""
    entity_id = customers.create_legal_entity(viewer=STAFF, name="Operator", address="1 Main Street", country="US")
    draft = customers.CustomerDraft(
        legal_entity_id=entity_id, name="Worked", currency="USD", limit_minor=LIMIT_MINOR, top_division=names[0], separate_funds=True
    )
    opened = administration.create_customer(viewer=STAFF, draft=draft)
    ids = {names[0]: opened.top_division_id}
    for name in names[1:]:
        ids[name] = administration.create_division(viewer=STAFF, parent_id=opened.top_division_id, name=name, customer_id=opened.customer_id)
    return opened.customer_id, ids


def entries(posted: list[Step], ids: dict[str, int]) -> list[rules.Entry]:
    """Shape the journal entries of one event: one per kind, in the order of the document."""
    return [
        rules.Entry(
            kind=kind,
            division_id=ids[posted[0].debit_fund],
            transfers=tuple(
                dataclasses.replace(
                    step.transfer, fund_id=ids[step.debit_fund], credit_fund_id=ids[step.credit_fund] if step.credit_fund != step.debit_fund else None
                )
                for step in posted
                if step.kind is kind
            ),
        )
        for kind in dict.fromkeys(step.kind for step in posted)
    ]


def kept(customer_id: int, ids: dict[str, int]) -> dict[str, tuple[int, ...]]:
    """The figures that the database keeps, as the document shows them."""
    found = queries.figures_by_division(viewer=STAFF, customer_id=customer_id)
    return {
        name: (
            found[division_id].balance_minor,
            found[division_id].unpaid_minor,
            found[division_id].unpaid_funding_minor,
            found[division_id].held_minor,
            found[division_id].unapplied_minor,
            found[division_id].available_minor or 0,
        )
        for name, division_id in ids.items()
    }


@each_story
@pytest.mark.usefixtures("database")
def test_the_database_keeps_the_same_figures(story: Story) -> None:
    customer_id, ids = customer_with(list(dict.fromkeys(fund for _, fund, _ in story.figures)))
    expected: dict[str, tuple[int, ...]] = {}
    for event in story.events:
        with scope.of(STAFF):
            funds.post(customer_id=customer_id, entries=entries([step for step in story.steps if step.event == event], ids))
            figures_now = kept(customer_id, ids)
        expected |= {fund: row for name, fund, row in story.figures if name == event}
        assert (event, figures_now) == (event, expected)
