"""Execute docs/ledger.md: its chart of accounts is the program's, its entries balance, and its figures follow from its entries."""

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from tallystick.domain.ledger import rules
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
    found, before = [], {}
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
