"""State the account of a division for any period: as a page, and as a PDF that is drawn on demand and not kept."""

from datetime import date, timedelta

from django import forms as django_forms
from django.http import HttpResponse
from django.urls import reverse
from django.utils import timezone, translation
from django.utils.translation import gettext as _
from django.utils.translation import ngettext, pgettext
from django.views.decorators.http import require_POST

from tallystick.domain.customers import queries as customers
from tallystick.domain.customers.rules import Act
from tallystick.domain.exports.rules import Subject
from tallystick.domain.funds import histories
from tallystick.domain.invoicing.queries import statements
from tallystick.integrations.pdf import documents, facts
from tallystick.interfaces.web import amounts, fetching, movements, page, places, spans
from tallystick.interfaces.web.pages import downloads
from tallystick.interfaces.web.templatetags import tally

_PDF_ROWS = 2000
_THREE = 3


class PeriodForm(django_forms.Form):
    """The days of a statement, both inclusive; the last whole month where none are chosen."""

    since = spans.Day(label=spans.FROM, required=False)
    until = spans.Day(label=spans.TO, required=False)

    def clean(self) -> dict[str, object]:
        """Refuse a range that ends before it starts."""
        return spans.in_order(self, super().clean() or {})

    def period(self, today: date) -> tuple[date, date]:
        """Give the days to state; an open end is closed by the month of the other one, or by today."""
        asked = self.cleaned_data if self.is_valid() else {}
        since: date | None = asked.get("since")
        until: date | None = asked.get("until")
        if since is None:
            return (until.replace(day=1), until) if until else _months(today, back=1)
        return since, until or max(today, since)


def _months(today: date, *, back: int, count: int = 1) -> tuple[date, date]:
    """Give the first and the last day of whole months, the last of them so many months ago; of this month only the days until today."""
    first = today.replace(day=1)
    last = today
    for _step in range(back):
        last = first - timedelta(days=1)
        first = last.replace(day=1)
    for _step in range(count - 1):
        first = (first - timedelta(days=1)).replace(day=1)
    return first, last


@page.page(Act.SEE_FINANCES)
def start(request: page.Seen) -> HttpResponse:
    """Go to the statement of the chosen or top-level division."""
    return places.send_on(request, "statement-division")


@page.page(Act.SEE_FINANCES)
def statement(request: page.Seen, division_id: int) -> HttpResponse:
    """Show opening balance, movements, closing balance and what was unpaid at the end."""
    where = places.of(request.viewer, division_id)
    today = timezone.localdate()
    form = PeriodForm(request.GET)
    since, until = form.period(today)
    form = form if form.errors else PeriodForm({"since": since, "until": until})
    told = statements.statement(viewer=request.viewer, division_id=division_id, since=since, until=until, separate=where.customer.separate_funds)
    here = reverse("statement-division", kwargs={"division_id": division_id})
    context = {
        "where": where,
        "currency": where.currency,
        "form": form,
        "told": told,
        "since": since,
        "until": until,
        "sums": [(movements.WORDS.get(one.kind, one.kind.name), one) for one in told.sums],
        "rows": movements.tell(request.viewer, told.movements),
        "today": today,
        "query": f"since={since.isoformat()}&until={until.isoformat()}",
        "periods": [
            (words, f"{here}?since={first.isoformat()}&until={last.isoformat()}", (first, last) == (since, until))
            for words, (first, last) in (
                (_("This month"), _months(today, back=0)),
                (_("Last month"), _months(today, back=1)),
                (_("Last three months"), _months(today, back=1, count=_THREE)),
                (_("This year"), (today.replace(month=1, day=1), today)),
            )
        ],
    }
    return page.show(request, "web/statement.html", lambda: context, status=200 if form.is_valid() else 422)


@page.page(Act.SEE_FINANCES)
def document(request: page.Seen, division_id: int) -> HttpResponse:
    """Send the statement as a PDF."""
    where = places.of(request.viewer, division_id)
    form = PeriodForm(request.GET)
    spans.required(form)
    since, until = form.period(timezone.localdate())
    told = statements.statement(
        viewer=request.viewer,
        division_id=division_id,
        since=since,
        until=until,
        separate=where.customer.separate_funds,
        rows=_PDF_ROWS,
        unpaid_rows=_PDF_ROWS,
    )
    rows = movements.tell(request.viewer, told.movements)
    answer = HttpResponse(documents.render("statement", _facts(where, told, rows)).content, content_type="application/pdf")
    name = f"statement-{where.here.id}-{since.isoformat()}-{until.isoformat()}"
    answer["Content-Disposition"] = f'attachment; filename="{name}.pdf"'
    return answer


@require_POST
@page.page(Act.SEE_FINANCES)
def file(request: page.Seen, division_id: int) -> HttpResponse:
    """Send the statement as a file for spreadsheets, however many movements it has."""
    form = PeriodForm(request.GET)
    spans.required(form)
    since, until = form.period(timezone.localdate())
    with page.reading(request):
        where = places.of(request.viewer, division_id)
        wish = fetching.movements(request, where, Subject.STATEMENT, histories.MovementFilter(since=since, until=until))
    return downloads.answer(request, wish)


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


def _facts(where: places.Places, told: statements.Statement, rows: list[movements.Told]) -> facts.Statement:
    """Write a statement in the reader's language."""
    seller = customers.legal_entity(legal_entity_id=where.customer.legal_entity_id)

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
        parties=_parties(where, seller.name, seller.address),
        strip=[
            facts.Named(label=_("Division"), value=where.here.name),
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
        ],
        sums=[
            facts.Named(label=_("Balance at the start"), value=amount(told.opening_minor)),
            facts.Named(label=_("Came in"), value=amount(told.in_minor)),
            facts.Named(label=_("Went out"), value=amount(-told.out_minor)),
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


def _parties(where: places.Places, seller: str, address: str) -> list[facts.Headed]:
    """Name who states the account, and whose it is."""
    of, account = pgettext("who states the account", "From"), pgettext("whose account is stated", "For")
    return [
        facts.Headed(heading=of, name=seller, lines=[line for line in address.splitlines() if line]),
        facts.Headed(heading=account, name=where.customer.name, lines=[line for line in where.customer.address.splitlines() if line]),
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


def _line(row: movements.Told) -> str:
    return ", ".join(part for part in (str(row.title), row.invoice_number, row.detail) if part)
