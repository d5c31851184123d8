"""Show what goes out today and what is held back and why, look at one customer's reminders as they would be read, and send them now."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from urllib.parse import urlencode

from django.conf import settings
from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils import timezone
from django.utils.http import content_disposition_header
from django.utils.translation import gettext as _
from django.views.decorators.csp import csp_override
from django.views.decorators.http import require_POST, require_safe

from tallystick.domain.customers import queries as customers
from tallystick.domain.customers import rules
from tallystick.domain.reminders import facts, operations, queries
from tallystick.domain.reminders import rules as reminders
from tallystick.integrations.mail import figures, letters, wording
from tallystick.interfaces.web import page
from tallystick.interfaces.web.pages import operator_mails, operator_reminder_words, operator_words
from tallystick.lib import errors, texts
from tallystick.reactions.mailing import reminder_letter

_LEFTWARD = frozenset({"ar"})


@dataclass(frozen=True, slots=True)
class Row:
    """Show an open invoice with what was decided about it."""

    invoice: reminders.Invoice
    number: str
    decision: reminders.Decision
    said: operator_reminder_words.Said


@require_safe
@page.page(rules.Act.SEE_ALL)
def reminders_today(request: page.Seen) -> HttpResponse:
    """List what goes out today by customer, and what is held back by invoice."""
    return page.show(request, "operator/reminders.html", lambda: _today(request))


def _today(request: page.Seen) -> dict[str, object]:
    after = request.GET.get("after", "")
    now = timezone.now()
    looked = queries.due(viewer=request.viewer, now=now, after=int(after) if after.isdecimal() and len(after) < 19 else 0)  # noqa: PLR2004 - digits of a bigint
    sent = [one for one in looked if one.sent]
    return {
        "sent": [(one, [one.numbers[each.id] for each in one.sent], operator_reminder_words.tone(one.tone)) for one in sent],
        "held": [(one, row) for one in looked for row in _rows(one, one.held)],
        "currency": operator_words.one_currency(one.currency for one in looked),
        "from_hour": reminders.FROM_HOUR,
        "lately": [(one, operator_reminder_words.tone(one.tone)) for one in queries.newest(viewer=request.viewer, since=now - timedelta(days=1))],
        "next": urlencode({"after": looked[-1].customer_id}) if len(looked) == queries.PAGE else "",
        "may_send": rules.permits(request.viewer, rules.Act.ENTER),
    }


@require_safe
@page.page(rules.Act.SEE_ALL)
def customer(request: page.Seen, customer_id: int) -> HttpResponse:
    """Look at one customer: what it really owes, what is decided about each invoice, its schedule, pauses, and what it was reminded of."""
    return page.show(request, "operator/reminders_customer.html", lambda: _customer(request, customer_id))


def _customer(request: page.Seen, customer_id: int) -> dict[str, object]:
    looked = queries.look(viewer=request.viewer, customer_id=customer_id, now=timezone.now())
    open_minor = sum(one.open_minor for one in looked.invoices)
    disputed_minor = sum(one.open_minor for one in looked.invoices if one.is_disputed)
    pauses = queries.pauses(viewer=request.viewer, customer_id=customer_id)
    foreseen = operations.foresee(viewer=request.viewer, looked=looked, paying_path=reverse("pay-invoice"))
    return {
        "looked": looked,
        "rows": _rows(looked, looked.invoices),
        "open_minor": open_minor,
        "disputed_minor": disputed_minor,
        "coming_minor": open_minor - disputed_minor - looked.account.unapplied_minor - looked.exposure.net_minor,
        "steps": operator_reminder_words.schedule(looked.steps),
        "pauses": [(one, looked.numbers.get(one.invoice_id, "") if one.invoice_id else "") for one in pauses],
        "paused": next((one for one in pauses if one.invoice_id is None and one.lifted_at is None and one.until >= looked.today), None),
        "told": operator_reminder_words.told(queries.told(viewer=request.viewer, customer_id=customer_id)),
        "readers": [one.address for one in foreseen.readers] if foreseen else [],
        "has_letter": any(looked.decisions[one.id].tone is reminders.Tone.LAST for one in looked.sent),
        "may_send": rules.permits(request.viewer, rules.Act.ENTER),
    }


@csp_override(operator_mails.FRAME)
@require_safe
@page.page(rules.Act.SEE_ALL)
def body(request: page.Seen, customer_id: int) -> HttpResponse:
    """Give the mail as it would look, in the language of its first reader, for the frame that shows it."""
    foreseen = _foreseen(request, customer_id)
    if foreseen is None:
        return HttpResponse(_("Nothing is to be sent today."), content_type="text/plain; charset=utf-8")
    contact = foreseen.readers[0]
    reader = wording.Reader(name=contact.name, role=contact.role, locale=contact.locale)
    enclosed = ["application/pdf"] if _is_last(foreseen) else []
    letter = wording.letter("reminder", [foreseen.part], reader, url=settings.URL, enclosed=enclosed)
    spoken = figures.language(contact.locale)
    return HttpResponse(letters.html(letter, language=spoken, is_leftward=spoken in _LEFTWARD))


@require_safe
@page.page(rules.Act.SEE_ALL)
def letter(request: page.Seen, customer_id: int) -> HttpResponse:
    """Give the letter that would go along."""
    foreseen = _foreseen(request, customer_id)
    found = reminder_letter.enclosed(foreseen.part, foreseen.readers[0].locale) if foreseen else []
    if not found:
        raise errors.NotFound(texts.marked("No letter goes along today."))
    disposition = content_disposition_header(as_attachment=False, filename=found[0].name) or "inline"
    return HttpResponse(found[0].content, content_type="application/pdf", headers={"Content-Disposition": disposition})


@require_POST
@page.page(rules.Act.ENTER)
def send(request: page.Seen, customer_id: int) -> HttpResponse:
    """Send a customer's reminders of today now; what covers them since is looked at again."""
    with page.reading(request):
        customers.customer(viewer=request.viewer, customer_id=customer_id)
    made = operations.remind(viewer=request.viewer, customer_id=customer_id, paying_path=reverse("pay-invoice"), now=timezone.now())
    if made is None:
        messages.info(request, _("Nothing is to be sent any more: see below what was decided."))
    else:
        messages.success(request, _("The reminder is on its way."))
    return redirect("operator-reminders-customer", customer_id=customer_id)


def _foreseen(request: page.Seen, customer_id: int) -> operations.Foreseen | None:
    looked = queries.look(viewer=request.viewer, customer_id=customer_id, now=timezone.now())
    return operations.foresee(viewer=request.viewer, looked=looked, paying_path=reverse("pay-invoice"))


def _is_last(foreseen: operations.Foreseen) -> bool:
    return any(one["tone"] == reminders.Tone.LAST for one in foreseen.part["invoices"])


def _rows(looked: facts.Looked, invoices: Sequence[reminders.Invoice]) -> list[Row]:
    return [Row(one, looked.numbers[one.id], looked.decisions[one.id], operator_reminder_words.said(looked, one)) for one in invoices]
