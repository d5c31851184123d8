"""Write a statement of account for its PDF: in the words and the numbers of a language, with the days of the viewer's zone."""

from collections.abc import Mapping
from datetime import datetime
from typing import Protocol
from uuid import UUID
from zoneinfo import ZoneInfo

from django.utils import translation
from django.utils.translation import gettext as _
from django.utils.translation import ngettext, pgettext

from tallystick.domain.customers import queries as customers
from tallystick.domain.customers.rules import Viewer
from tallystick.domain.invoicing import queries as invoicing
from tallystick.domain.invoicing.operations import freeze
from tallystick.domain.invoicing.queries import statements
from tallystick.domain.ledger.queries import Movement
from tallystick.integrations.pdf import facts, words
from tallystick.reactions.exports import movements

ROWS = 2000
"""So many movements, and so many unpaid invoices, are one by one in a PDF."""


class Account(Protocol):
    """Name what a statement needs of the customer's row."""

    name: str
    address: str
    legal_entity_id: int


class _Writer:
    """Write amounts and days of one statement."""

    def __init__(self, language: str, currency: str, zone: str) -> None:
        self.language, self.currency, self._zone = language, currency, ZoneInfo(zone)

    def amount(self, minor: int) -> str:
        """Write an amount without its currency."""
        return freeze.amount(minor, self.currency, self.language)

    def day(self, iso: str) -> str:
        """Write an ISO day."""
        return words.day(iso, self.language)

    def day_of(self, at: datetime) -> str:
        """Write the day of an instant in the zone."""
        return self.day(at.astimezone(self._zone).date().isoformat())

    def counted(self, sentence: str, count: int) -> str:
        """Put a number of things into a sentence, thousands grouped."""
        return sentence.replace("%(count)d", "%(count)s") % {"count": freeze.amount(count, "JPY", self.language)}


def sheet(viewer: Viewer, account: Account, division: str, told: statements.Statement, *, language: str) -> facts.Statement:
    """Write a statement in a language of the catalogues, inside the running scope; days are those of the viewer's zone."""
    seller = customers.legal_entity(legal_entity_id=account.legal_entity_id)
    write = _Writer(language, told.currency, viewer.zone)
    with translation.override(words.language(language)):
        since, until = write.day(told.since.isoformat()), write.day(told.until.isoformat())
        period = _("%(since)s to %(until)s") % {"since": since, "until": until}
        return facts.Statement(
            title=_("Statement of account"),
            number=period,
            issued_on=told.until.isoformat(),
            language=language,
            brand=seller.name,
            logo=customers.logo(sha256=seller.logo_sha256),
            parties=_parties(account, seller.name, seller.address),
            strip=[
                facts.Named(label=_("Division"), value=division),
                facts.Named(label=_("Period"), value=period),
                facts.Named(label=_("Currency"), value=told.currency),
            ],
            columns=[_("Date"), _("What"), _("Amount"), _("Balance")],
            rows=_rows(viewer, told, write, since),
            sums=_sums(told, write, until),
            unpaid_heading=_("Unpaid invoices at the end of %(day)s") % {"day": until},
            unpaid_columns=[_("Invoice"), _("Issued"), _("Due"), _("Open")],
            unpaid=_unpaid(told, write),
            unpaid_sum=facts.Named(label=_("Unpaid, %(currency)s") % {"currency": told.currency}, value=write.amount(told.unpaid_minor)),
            none_unpaid=_("Every invoice was paid."),
        )


def _rows(viewer: Viewer, told: statements.Statement, write: _Writer, since: str) -> list[list[str]]:
    numbers = invoicing.numbers(viewer=viewer, invoice_ids=[row.invoice_id for row in told.movements if row.invoice_id])
    return [
        [since, _("Balance at the start"), "", write.amount(told.opening_minor)],
        *_earlier(told, write),
        *(
            [write.day_of(row.posted_at), _line(row, numbers), write.amount(row.amount_minor), write.amount(row.balance_after_minor)]
            for row in told.movements
        ),
        *_others(told, write),
    ]


def _line(row: Movement, numbers: Mapping[UUID, str]) -> str:
    """Name a movement with its invoice, order and note, as pages do."""
    number = numbers.get(row.invoice_id, "") if row.invoice_id else ""
    order = _("order %(id)s") % {"id": row.order_id} if row.order_id else ""
    note = "" if row.note == number else row.note
    return ", ".join(part for part in (_(movements.title(row)), number, order, note) if part)


def _earlier(told: statements.Statement, write: _Writer) -> list[list[str]]:
    """Put the movements that are not listed into one row, so that the column still adds up."""
    if not told.earlier_count:
        return []
    sentence = ngettext(
        "%(count)d earlier movement, which the CSV file has", "%(count)d earlier movements, one by one in the CSV file", told.earlier_count
    )
    after = told.opening_minor + told.earlier_minor
    return [["", write.counted(sentence, told.earlier_count), write.amount(told.earlier_minor), write.amount(after)]]


def _others(told: statements.Statement, write: _Writer) -> list[list[str]]:
    """Put what divisions out of the reader's sight moved into one row, so that the balances still follow from each other."""
    return [["", _("Movements of other divisions"), write.amount(told.others_minor), ""]] if told.others_minor else []


def _sums(told: statements.Statement, write: _Writer, until: str) -> list[facts.Named]:
    return [
        facts.Named(label=_("Balance at the start"), value=write.amount(told.opening_minor)),
        facts.Named(label=_("Came in"), value=write.amount(told.in_minor)),
        facts.Named(label=_("Went out"), value=write.amount(-told.out_minor)),
        *(facts.Named(label=what, value=moved) for _day, what, moved, _balance in _others(told, write)),
        facts.Named(
            label=_("Balance at the end of %(day)s, %(currency)s") % {"day": until, "currency": told.currency}, value=write.amount(told.closing_minor)
        ),
    ]


def _unpaid(told: statements.Statement, write: _Writer) -> list[list[str]]:
    rows = [
        [row.number, write.day(row.issue_date.isoformat()), write.day(row.due_date.isoformat()), write.amount(row.open_minor)] for row in told.unpaid
    ]
    count = told.more_unpaid_count
    if count:
        words_of = ngettext("%(count)d more invoice", "%(count)d more invoices", count)
        rows.append([write.counted(words_of, count), "", "", write.amount(told.more_unpaid_minor)])
    return rows


def _parties(customer: Account, seller: str, address: str) -> list[facts.Headed]:
    """Name who states the account, and whose it is."""
    of, account = pgettext("who states the account", "From"), pgettext("whose account is stated", "For")
    return [
        facts.Headed(heading=of, name=seller, lines=[line for line in address.splitlines() if line]),
        facts.Headed(heading=account, name=customer.name, lines=[line for line in customer.address.splitlines() if line]),
    ]
