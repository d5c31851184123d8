"""Page, narrow, download and state histories: full pages whatever the filter, the same few questions, sums that hold."""

import re

import pytest

import given
from interfaces.web import asking
from tallystick.domain.customers.rules import CustomerRole
from tallystick.domain.funds import histories
from tallystick.domain.ledger.rules import EntryKind
from tallystick.interfaces.web import spans

_EVERYTHING = "since=2020-01-01&until=2100-01-01"


def _rows(content: bytes) -> int:
    """Count the rows of the table of movements."""
    moves = content.decode().split('id="moves"')[1]
    return moves.split("</table>")[0].count("<tr") - 1


def _busy() -> given.Customer:
    acme = given.customer(divisions=1, separate=True, limit_minor=10_000_000)
    acme.fund(900_000)
    given.funds.charge(viewer=acme.viewer(), charges=[acme.asked(100 + place, order_id=f"A-{place}") for place in range(120)])
    for _ in range(3):
        acme.hold(50)
    acme.transfer(40, acme.top_id, acme.division_ids[1])
    return acme


@pytest.fixture(scope="module")
def busy(database: dict[str, str]) -> given.Customer:
    """A fund with more movements than a page has rows."""
    assert database, "the database comes first"
    return _busy()


def test_a_page_is_full_whatever_is_filtered(busy: given.Customer) -> None:
    client = asking.person(busy)
    everything = asking.at("balance-history", busy.top_id)
    assert _rows(client.get(everything).content) == 50
    assert _rows(client.get(f"{everything}?kind=bought").content) == 50
    assert _rows(client.get(f"{everything}?kind=held&kind=in&kind=moved").content) == 5
    assert _rows(client.get(asking.at("purchase-history", busy.top_id)).content) == 50


def test_every_row_is_met_once_on_the_way_through_the_pages(busy: given.Customer) -> None:
    client = asking.person(busy)
    address = asking.at("purchase-history", busy.top_id)
    met: list[str] = []
    found = f"{address}?kind=bought"
    while found:
        content = client.get(found).content.decode()
        met += re.findall(r'order=(A-\d+)"', content)
        older = re.search(r'href="\?([^"]*before=\d+)"', content)
        found = f"{address}?{older[1].replace('&amp;', '&')}" if older else ""
    assert len(met) == len(set(met)) == 120


def test_pages_ask_the_same_few_questions(busy: given.Customer) -> None:
    quiet = given.customer()
    for page, few, many in (("balance-history", 12, 12), ("purchase-history", 10, 10), ("statement", 16, 17)):
        for acme, expected in ((quiet, few), (busy, many)):
            client, address = asking.person(acme), f"{asking.at(page, acme.top_id)}?{_EVERYTHING}"
            client.get(address)
            with asking.statements() as asked:
                assert client.get(address).status_code == 200
            assert len(asked) == expected, (page, "\n".join(asked))


def test_an_order_shows_all_that_it_moved() -> None:
    acme = given.customer(limit_minor=500_000)
    bought = acme.charge(900, order_id="B-1")
    acme.charge(100, order_id="B-2")
    assert bought.transfer_id is not None
    given.funds.refund_charge(viewer=acme.viewer(), transfer_id=bought.transfer_id, amount_minor=300, idempotency_key=given.key())
    seen = asking.seen(asking.person(acme), f"{asking.at('purchase-history', acme.top_id)}?order=B-1")
    assert "2 rows" in seen
    assert "These rows together moved the balance by \u22126.00 USD." in seen
    assert "B-2" not in seen


def test_the_days_are_inclusive_and_the_line_shows_them(busy: given.Customer) -> None:
    client = asking.person(busy)
    address = asking.at("balance-history", busy.top_id)
    newest = histories.movements(viewer=busy.viewer(), division_id=busy.top_id, narrowed=histories.MovementFilter(limit=1))[0]
    day = newest.posted_at.date().isoformat()
    assert _rows(client.get(f"{address}?since={day}&until={day}").content) == 50
    before = client.get(f"{address}?until=2020-01-01")
    assert "Nothing moved that fits this filter" in before.content.decode()
    assert "Balance over time" in client.get(address).content.decode()


@pytest.mark.parametrize(
    "asked", ["since=2026-11-02&until=2026-11-01", "since=yesterday", "since=0001-01-01", "until=9999-12-31", "kind=none", "before=x"]
)
def test_what_makes_no_sense_is_told(busy: given.Customer, asked: str) -> None:
    answer = asking.person(busy).get(f"{asking.at('balance-history', busy.top_id)}?{asked}")
    assert answer.status_code == 422


def test_the_statement_adds_up_and_becomes_a_pdf(busy: given.Customer) -> None:
    client = asking.person(busy)
    address = asking.at("statement", busy.top_id)
    seen = asking.seen(client, f"{address}?{_EVERYTHING}")
    for amount in (
        "+9,000.00",
        "\u2212193.30",
        "8,806.70 USD",
    ):  # 120 charges of 1.00 to 2.19 (191.40), three holds of 0.50, and 0.40 to the other division
        assert amount in seen
    assert "Every invoice was paid." in seen
    document = client.get(f"{address}document/?{_EVERYTHING}")
    assert document.headers["Content-Type"] == "application/pdf"
    assert document.content.startswith(b"%PDF")
    assert client.get(f"{address}?since=2026-11-02&until=2026-11-01").status_code == 422


def test_of_shared_funds_a_restricted_person_sees_what_their_divisions_moved() -> None:
    """On every page that lists movements; a statement says what the others moved as one sum, its PDF too (ADR 0021)."""
    acme = given.customer(divisions=1, limit_minor=500_000)
    acme.fund(10_000)
    mine = acme.division_ids[1]
    acme.charge(100, order_id="THEIRS-1")
    acme.charge(30, mine, order_id="MINE-1")
    narrow, wide = (asking.person(acme, divisions=divisions) for divisions in ([mine], None))
    for page in ("balance-history", "purchase-history", "statement", "overview"):
        address = f"{asking.at(page, mine)}{'' if page == 'overview' else f'?{_EVERYTHING}'}"
        seen, every = asking.seen(narrow, address), asking.seen(wide, address)
        assert "MINE-1" in seen, page
        assert "THEIRS-1" in every, page
        assert "THEIRS-1" not in seen, page
        assert ("Movements of other divisions" in seen) is (page == "statement")
        assert "Movements of other divisions" not in every
    assert "98.70 USD" in asking.seen(narrow, f"{asking.at('statement', mine)}?{_EVERYTHING}")
    document = narrow.get(f"{asking.at('statement', mine)}document/?{_EVERYTHING}")
    assert document.content.startswith(b"%PDF")


@pytest.mark.parametrize("page", ["balance-history", "purchase-history", "statement"])
def test_nobody_else_reads_a_history(busy: given.Customer, page: str) -> None:
    address = asking.at(page, busy.top_id)
    assert asking.person(given.customer()).get(address).status_code == 404
    assert asking.person(busy, divisions=[busy.division_ids[1]]).get(address).status_code == 404
    assert asking.person(busy, role=CustomerRole.STANDARD_USER).get(address).status_code == 403


def test_every_kind_that_moves_a_balance_can_be_filtered() -> None:
    shown = {kind for _words, kinds in spans.GROUPS["balance-history"].values() for kind in kinds}
    never = {EntryKind.SURPLUS, EntryKind.REFUND_STARTED, EntryKind.REFUND_SETTLED, EntryKind.REFUND_FAILED}
    assert shown == set(EntryKind) - never
