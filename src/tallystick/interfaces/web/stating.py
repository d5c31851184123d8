"""Write a statement of account for its PDF: in the words and the numbers of a language, with the days of a zone."""

from django.utils import translation
from django.utils.translation import gettext as _
from django.utils.translation import ngettext, pgettext

from tallystick.domain.customers import queries as customers
from tallystick.domain.customers.rules import Viewer
from tallystick.domain.invoicing.queries import statements
from tallystick.integrations.pdf import facts
from tallystick.interfaces.web import amounts, movements, places
from tallystick.interfaces.web.templatetags import tally

ROWS = 2000
"""So many movements, and so many unpaid invoices, are one by one in a PDF."""


def sheet(viewer: Viewer, account: places.Account, division: str, told: statements.Statement) -> facts.Statement:
    """Write a statement in the reader's language, inside the running scope; days are those of the active zone."""
    seller = customers.legal_entity(legal_entity_id=account.legal_entity_id)
    rows = movements.tell(viewer, told.movements)

    def amount(minor: int) -> str:
        return tally.written(minor, told.currency)

    since, until = tally.day(told.since), tally.day(told.until)
    period = _("%(since)s to %(until)s") % {"since": since, "until": until}
    return facts.Statement(
        title=_("Statement of account"),
        number=period,
        issued_on=told.until.isoformat(),
        language=translation.get_language() or "en",
        brand=seller.name,
        logo=customers.logo(sha256=seller.logo_sha256),
        parties=_parties(account, seller.name, seller.address),
        strip=[
            facts.Named(label=_("Division"), value=division),
            facts.Named(label=_("Period"), value=period),
            facts.Named(label=_("Currency"), value=told.currency),
        ],
        columns=[_("Date"), _("What"), _("Amount"), _("Balance")],
        rows=[
            [since, _("Balance at the start"), "", amount(told.opening_minor)],
            *_earlier(told),
            *(
                [tally.day(row.movement.posted_at), _line(row), amount(row.movement.amount_minor), amount(row.movement.balance_after_minor)]
                for row in rows
            ),
            *_others(told),
        ],
        sums=[
            facts.Named(label=_("Balance at the start"), value=amount(told.opening_minor)),
            facts.Named(label=_("Came in"), value=amount(told.in_minor)),
            facts.Named(label=_("Went out"), value=amount(-told.out_minor)),
            *(facts.Named(label=what, value=moved) for _day, what, moved, _balance in _others(told)),
            facts.Named(
                label=_("Balance at the end of %(day)s, %(currency)s") % {"day": until, "currency": told.currency}, value=amount(told.closing_minor)
            ),
        ],
        unpaid_heading=_("Unpaid invoices at the end of %(day)s") % {"day": until},
        unpaid_columns=[_("Invoice"), _("Issued"), _("Due"), _("Open")],
        unpaid=[[row.number, tally.day(row.issue_date), tally.day(row.due_date), amount(row.open_minor)] for row in told.unpaid] + _more(told),
        unpaid_sum=facts.Named(label=_("Unpaid, %(currency)s") % {"currency": told.currency}, value=amount(told.unpaid_minor)),
        none_unpaid=_("Every invoice was paid."),
    )


def _more(told: statements.Statement) -> list[list[str]]:
    """Say in one line what was unpaid beyond the listed invoices."""
    count = told.more_unpaid_count
    if not count:
        return []
    return [
        [
            amounts.counted(ngettext("%(count)d more invoice", "%(count)d more invoices", count), count=count),
            "",
            "",
            tally.written(told.more_unpaid_minor, told.currency),
        ]
    ]


def _parties(customer: places.Account, seller: str, address: str) -> list[facts.Headed]:
    """Name who states the account, and whose it is."""
    of, account = pgettext("who states the account", "From"), pgettext("whose account is stated", "For")
    return [
        facts.Headed(heading=of, name=seller, lines=[line for line in address.splitlines() if line]),
        facts.Headed(heading=account, name=customer.name, lines=[line for line in customer.address.splitlines() if line]),
    ]


def _earlier(told: statements.Statement) -> list[list[str]]:
    """Put the movements that are not listed into one row, so that the column still adds up."""
    if not told.earlier_count:
        return []
    words = ngettext(
        "%(count)d earlier movement, which the CSV file has", "%(count)d earlier movements, one by one in the CSV file", told.earlier_count
    )
    after = told.opening_minor + told.earlier_minor
    return [
        ["", amounts.counted(words, count=told.earlier_count), tally.written(told.earlier_minor, told.currency), tally.written(after, told.currency)]
    ]


def _others(told: statements.Statement) -> list[list[str]]:
    """Put what divisions out of the reader's sight moved into one row, so that the balances still follow from each other."""
    return [["", _("Movements of other divisions"), tally.written(told.others_minor, told.currency), ""]] if told.others_minor else []


def _line(row: movements.Told) -> str:
    return ", ".join(part for part in (str(row.title), row.invoice_number, row.detail) if part)
