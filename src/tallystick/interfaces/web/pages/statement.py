"""State the account of a division for any period: as a page, and as a PDF that is drawn on demand and not kept."""

from datetime import date, timedelta

from django import forms as django_forms
from django.http import HttpResponse
from django.urls import reverse
from django.utils import timezone, translation
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from tallystick.domain.customers.rules import Act
from tallystick.domain.exports.rules import Subject
from tallystick.domain.funds import histories
from tallystick.domain.invoicing.queries import statements
from tallystick.domain.statements import queries as monthly
from tallystick.integrations.pdf import documents
from tallystick.interfaces.web import fetching, movements, page, places, spans
from tallystick.interfaces.web.pages import downloads
from tallystick.lib import errors, texts
from tallystick.reactions import stating

_THREE = 3
_DECEMBER = 12
_FIRST_YEAR = 1970


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
        "months": monthly.monthly_statements(viewer=request.viewer, division_id=division_id),
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
        rows=stating.ROWS,
        unpaid_rows=stating.ROWS,
    )
    sheet = stating.sheet(request.viewer, where.customer, where.here.name, told, language=translation.get_language() or "en")
    answer = HttpResponse(documents.render("statement", sheet).content, content_type="application/pdf")
    name = f"statement-{where.here.id}-{since.isoformat()}-{until.isoformat()}"
    answer["Content-Disposition"] = f'attachment; filename="{name}.pdf"'
    return answer


@page.page(Act.SEE_FINANCES)
def month(request: page.Seen, division_id: int, year: int, number: int) -> HttpResponse:
    """Send the statement of a month as it was kept. Raises NotFound."""
    if not (1 <= number <= _DECEMBER and _FIRST_YEAR <= year <= date.max.year):
        raise errors.NotFound(texts.marked("There is no statement of this month."))
    content = monthly.monthly_document(viewer=request.viewer, division_id=division_id, month=date(year, number, 1))
    answer = HttpResponse(content, content_type="application/pdf")
    answer["Content-Disposition"] = f'attachment; filename="statement-{division_id}-{year:04}-{number:02}.pdf"'
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
