"""Add, rename and close a customer's divisions, and switch separate division funds."""

from django import forms as django_forms
from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods, require_POST

from tallystick.domain.administration import operations
from tallystick.domain.customers import queries, rules
from tallystick.interfaces.web import forms, page
from tallystick.interfaces.web.pages import operator_form
from tallystick.interfaces.web.pages.operator_form import Crumb, Sheet


class DivisionForm(operator_form.Form):
    """A new division and where it stands in the tree."""

    name = django_forms.CharField(label=gettext_lazy("Name"), max_length=200)
    parent = django_forms.TypedChoiceField(label=gettext_lazy("Below"), coerce=int)


@require_http_methods(["GET", "HEAD", "POST"])
@page.page(rules.Act.ADMINISTER)
def create_division(request: page.Seen, customer_id: int) -> HttpResponse:
    """Add a division below another."""
    customer = queries.customer(viewer=request.viewer, customer_id=customer_id)
    form = DivisionForm(request.POST or None)
    divisions = queries.divisions(viewer=request.viewer, customer_id=customer_id)
    form.fields["parent"].choices = [(one.id, one.name) for one in divisions if one.closed_at is None]  # type: ignore[attr-defined]
    here = reverse("operator-customer", args=[customer_id])
    return operator_form.sheet(
        request,
        form,
        lambda: operations.create_division(
            viewer=request.viewer, customer_id=customer_id, parent_id=form.cleaned_data["parent"], name=form.cleaned_data["name"]
        ),
        lambda: (here, _("The division %(name)s is there.") % {"name": form.cleaned_data["name"]}),
        lambda: Sheet(
            title=_("Add a division"),
            says=_("With separate division funds it gets a balance of its own, else it shares the customer's."),
            verb=_("Add the division"),
            back=here,
            crumbs=(Crumb(_("Customers"), reverse("operator-customers")), Crumb(customer.name, here)),
        ),
    )


class NameForm(operator_form.Form):
    """A division's other name."""

    name = django_forms.CharField(label=gettext_lazy("Name"), max_length=200)


@require_http_methods(["GET", "HEAD", "POST"])
@page.page(rules.Act.ADMINISTER)
def rename_division(request: page.Seen, customer_id: int, division_id: int) -> HttpResponse:
    """Give a division another name; issued documents keep the old one."""
    division = queries.division(viewer=request.viewer, division_id=division_id, customer_id=customer_id)
    form = NameForm(request.POST or None, initial={"name": division.name})
    here = reverse("operator-customer", args=[customer_id])
    return operator_form.sheet(
        request,
        form,
        lambda: operations.rename_division(viewer=request.viewer, customer_id=customer_id, division_id=division_id, name=form.cleaned_data["name"]),
        lambda: (here, _("The division is called %(name)s now.") % {"name": " ".join(form.cleaned_data["name"].split())}),
        lambda: Sheet(
            title=_("Rename the division"),
            says=_("Documents that are issued already keep the name they were issued with."),
            verb=_("Rename"),
            back=here,
            crumbs=(Crumb(_("Customers"), reverse("operator-customers")), Crumb(_("Customer"), here)),
        ),
    )


@require_http_methods(["GET", "HEAD", "POST"])
@page.page(rules.Act.ADMINISTER)
def close_division(request: page.Seen, customer_id: int, division_id: int) -> HttpResponse:
    """Close a division for good; asked for on a page of its own, because it can not be undone."""
    form = forms.Form(request.POST or None)
    division = queries.division(viewer=request.viewer, division_id=division_id, customer_id=customer_id)
    here = reverse("operator-customer", args=[customer_id])
    return operator_form.sheet(
        request,
        form,
        lambda: operations.close_division(viewer=request.viewer, customer_id=customer_id, division_id=division_id, now=timezone.now()),
        lambda: (here, _("%(name)s is closed.") % {"name": division.name}),
        lambda: Sheet(
            title=_("Close %(name)s?") % {"name": division.name},
            says=_("Its money and unapplied credit move to the division above. A closed division is not opened again."),
            verb=_("Close the division"),
            back=here,
            crumbs=(Crumb(_("Customers"), reverse("operator-customers")), Crumb(_("Customer"), here)),
            harm=True,
        ),
    )


@require_POST
@page.page(rules.Act.ADMINISTER)
def separate_funds(request: page.Seen, customer_id: int) -> HttpResponse:
    """Give every division funds of its own, or join all at the top."""
    separate = request.POST.get("separate") == "yes"
    if operations.switch_separate_funds(viewer=request.viewer, customer_id=customer_id, separate=separate):
        said = (
            _("Every division has funds of its own now; all of them are with the top-level division.")
            if separate
            else _("All funds are joined at the top now.")
        )
        messages.success(request, said)
    return redirect("operator-customer", customer_id=customer_id)
