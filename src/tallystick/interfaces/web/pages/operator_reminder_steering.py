"""Make and change schedules, put a customer into a group, and pause the reminders of a customer or an invoice."""

import uuid
from collections.abc import Callable
from datetime import date
from typing import Any

from django import forms as django_forms
from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from tallystick.domain.customers import queries as customers
from tallystick.domain.customers import rules
from tallystick.domain.invoicing import queries as invoicing
from tallystick.domain.reminders import operations, queries
from tallystick.domain.reminders import rules as reminders
from tallystick.interfaces.web import page
from tallystick.interfaces.web.pages import operator_form, operator_reminder_words
from tallystick.interfaces.web.pages.operator_form import Crumb, Sheet

_READS_AND_POSTS = ["GET", "HEAD", "POST"]


class GroupForm(operator_form.Form):
    """A group: its name, and up to eight steps, of which empty ones are left out."""

    name = django_forms.CharField(label=gettext_lazy("Name"), max_length=reminders.LONGEST_NAME)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        """Make a pair of fields for each step."""
        super().__init__(*args, **kwargs)
        self.fields["name"].across = True  # type: ignore[attr-defined]  # so that each step has a row
        tones = [(str(code), word) for code, word in operator_reminder_words.TONES.items()]
        for place in range(1, reminders.MOST_STEPS + 1):
            self.fields[f"days_{place}"] = django_forms.IntegerField(
                label=_("Step %(n)d: days after the due day") % {"n": place},
                required=False,
                min_value=-365,
                max_value=365,
            )
            self.fields[f"tone_{place}"] = django_forms.ChoiceField(
                label=_("Step %(n)d: how it speaks") % {"n": place}, choices=tones, required=False
            )

    @property
    def steps(self) -> list[reminders.Step]:
        """Give the steps of the valid form."""
        given = [(self.cleaned_data.get(f"days_{place}"), self.cleaned_data.get(f"tone_{place}")) for place in range(1, reminders.MOST_STEPS + 1)]
        return [reminders.Step(days, reminders.Tone(tone or reminders.Tone.NOTICE)) for days, tone in given if days is not None]


class PauseForm(operator_form.Form):
    """Until when nothing is sent, and why."""

    until = django_forms.DateField(label=gettext_lazy("To the end of"), widget=django_forms.DateInput(attrs={"type": "date"}))
    reason = django_forms.CharField(
        label=gettext_lazy("Reason"), widget=django_forms.Textarea(attrs={"rows": 3}), max_length=reminders.LONGEST_REASON
    )


class ChoiceForm(operator_form.Form):
    """Which group a customer is in."""

    group = django_forms.TypedChoiceField(label=gettext_lazy("Schedule"), coerce=int)


@require_safe
@page.page(rules.Act.SEE_ALL)
def groups(request: page.Seen) -> HttpResponse:
    """List the groups with their schedules."""
    return page.show(
        request,
        "operator/reminder_groups.html",
        lambda: {
            "rows": [(one, operator_reminder_words.schedule(one.steps)) for one in queries.groups(viewer=request.viewer)],
            "may_change": rules.permits(request.viewer, rules.Act.ADMINISTER),
        },
    )


@require_http_methods(_READS_AND_POSTS)
@page.page(rules.Act.ADMINISTER)
def create_group(request: page.Seen) -> HttpResponse:
    """Make a group, filled in with the default schedule."""
    form = GroupForm(request.POST or None, initial=_filled(reminders.DEFAULT))
    return operator_form.sheet(
        request,
        form,
        lambda: operations.create_group(viewer=request.viewer, name=form.cleaned_data["name"], steps=form.steps),
        lambda: (reverse("operator-reminder-groups"), _("The schedule is made. Put customers into it on their pages.")),
        lambda: _group_sheet(_("New schedule"), _("Make the schedule")),
    )


@require_http_methods(_READS_AND_POSTS)
@page.page(rules.Act.ADMINISTER)
def set_group(request: page.Seen, group_id: int) -> HttpResponse:
    """Change a group's name or schedule."""
    with page.reading(request):
        found = queries.group(viewer=request.viewer, group_id=group_id)
    form = GroupForm(request.POST or None, initial={"name": found.name, **_filled(found.steps)})
    return operator_form.sheet(
        request,
        form,
        lambda: operations.set_group(viewer=request.viewer, group_id=group_id, name=form.cleaned_data["name"], steps=form.steps),
        lambda: (reverse("operator-reminder-groups"), _("The schedule is changed. Steps that were taken stay taken.")),
        lambda: _group_sheet(found.name, _("Save")),
    )


def _filled(steps: tuple[reminders.Step, ...]) -> dict[str, object]:
    filled: dict[str, object] = {}
    for place, step in enumerate(steps, start=1):
        filled |= {f"days_{place}": step.days, f"tone_{place}": str(step.tone)}
    return filled


def _group_sheet(title: str, verb: str) -> Sheet:
    back = reverse("operator-reminder-groups")
    says = _(
        "Up to the due day a step is a notice; after it the first is friendly, none is milder than the one before, and the last comes after two others. Days before it have a minus; a step without days is left out. Without any step nobody in the group is reminded."
    )
    crumbs = (Crumb(_("Reminders"), reverse("operator-reminders")), Crumb(_("Schedules"), back))
    return Sheet(title=title, says=says, verb=verb, back=back, crumbs=crumbs)


@require_http_methods(_READS_AND_POSTS)
@page.page(rules.Act.ENTER)
def choose_group(request: page.Seen, customer_id: int) -> HttpResponse:
    """Put a customer into a group."""
    now = timezone.now()
    with page.reading(request):
        looked = queries.look(viewer=request.viewer, customer_id=customer_id, now=now)
        every = queries.groups(viewer=request.viewer)
    form = ChoiceForm(request.POST or None, initial={"group": looked.group_id})
    form.fields["group"].choices = [(one.id, one.name) for one in every]  # type: ignore[attr-defined]
    return operator_form.sheet(
        request,
        form,
        lambda: operations.choose_group(viewer=request.viewer, customer_id=customer_id, group_id=form.cleaned_data["group"], now=now),
        _back(customer_id, lambda: _("Its next reminders follow this schedule.")),
        lambda: _sheet(
            looked.customer_name,
            customer_id,
            title=_("Schedule of %(name)s") % {"name": looked.customer_name},
            says=_("Steps that were taken stay taken; the next one comes by the new schedule."),
            verb=_("Save"),
        ),
    )


@require_http_methods(_READS_AND_POSTS)
@page.page(rules.Act.ENTER)
def pause(request: page.Seen, customer_id: int) -> HttpResponse:
    """Pause all reminders of a customer until a day."""
    with page.reading(request):
        found = customers.customer(viewer=request.viewer, customer_id=customer_id)
    form = _pause_form(request, operator_form.today_of(found))
    return operator_form.sheet(
        request,
        form,
        lambda: operations.pause_reminders(
            viewer=request.viewer, customer_id=customer_id, until=form.cleaned_data["until"], reason=form.cleaned_data["reason"], now=timezone.now()
        ),
        _back(customer_id, lambda: _("Reminders are paused.")),
        lambda: _sheet(
            found.name,
            customer_id,
            title=_("Pause the reminders of %(name)s") % {"name": found.name},
            says=_("Nothing is sent to the end of the day. Steps that come meanwhile follow one by one afterwards."),
            verb=_("Pause"),
        ),
    )


@require_POST
@page.page(rules.Act.ENTER)
def resume(request: page.Seen, customer_id: int) -> HttpResponse:
    """End a customer's pause."""
    _lift(request, customer_id, None)
    return redirect("operator-reminders-customer", customer_id=customer_id)


@require_http_methods(_READS_AND_POSTS)
@page.page(rules.Act.ENTER)
def pause_invoice(request: page.Seen, invoice_id: uuid.UUID) -> HttpResponse:
    """Pause the reminders of one invoice until a day."""
    found = invoicing.invoice(viewer=request.viewer, invoice_id=invoice_id)
    form = _pause_form(request, operator_form.today_of(found))
    here = reverse("operator-invoice", args=[invoice_id])
    return operator_form.sheet(
        request,
        form,
        lambda: operations.pause_reminders(
            viewer=request.viewer,
            customer_id=found.customer_id,
            invoice_id=invoice_id,
            until=form.cleaned_data["until"],
            reason=form.cleaned_data["reason"],
            now=timezone.now(),
        ),
        lambda: (here, _("Reminders are paused.")),
        lambda: Sheet(
            title=_("Pause the reminders of %(number)s") % {"number": found.number},
            says=_("Nothing is sent to the end of the day. Steps that come meanwhile follow one by one afterwards."),
            verb=_("Pause"),
            back=here,
            crumbs=(Crumb(_("Invoices"), reverse("operator-invoices")), Crumb(found.number, here)),
        ),
    )


@require_POST
@page.page(rules.Act.ENTER)
def resume_invoice(request: page.Seen, invoice_id: uuid.UUID) -> HttpResponse:
    """End the pause of one invoice."""
    found = invoicing.invoice(viewer=request.viewer, invoice_id=invoice_id)
    _lift(request, found.customer_id, invoice_id)
    return redirect("operator-invoice", invoice_id=invoice_id)


def _lift(request: page.Seen, customer_id: int, invoice_id: uuid.UUID | None) -> None:
    operations.lift_pause(viewer=request.viewer, customer_id=customer_id, invoice_id=invoice_id, now=timezone.now())
    messages.success(request, _("Reminders go on."))


def _pause_form(request: page.Seen, today: date) -> PauseForm:
    form = PauseForm(request.POST or None)
    form.fields["until"].widget.attrs["min"] = today.isoformat()
    return form


def _back(customer_id: int, sentence: Callable[[], str]) -> Callable[[], tuple[str, str]]:
    return lambda: (reverse("operator-reminders-customer", args=[customer_id]), sentence())


def _sheet(name: str, customer_id: int, *, title: str, says: str, verb: str) -> Sheet:
    back = reverse("operator-reminders-customer", args=[customer_id])
    return Sheet(title=title, says=says, verb=verb, back=back, crumbs=(Crumb(_("Reminders"), reverse("operator-reminders")), Crumb(name, back)))
