"""Invite the users of a customer and the operator's own staff, and change what they may do."""

from collections.abc import Callable

from django import forms as django_forms
from django.http import HttpResponse
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods

from tallystick.domain.customers import operations, queries, rules
from tallystick.interfaces.web import forms, page
from tallystick.interfaces.web.pages import operator_form
from tallystick.interfaces.web.pages.operator_form import Crumb, Sheet
from tallystick.lib import errors

CUSTOMER_ROLES = [
    (rules.CustomerRole.ADMINISTRATOR.value, gettext_lazy("Administrator")),
    (rules.CustomerRole.MANAGER.value, gettext_lazy("Manager")),
    (rules.CustomerRole.FINANCE_MANAGER.value, gettext_lazy("Finance manager")),
    (rules.CustomerRole.STANDARD_USER.value, gettext_lazy("Standard user")),
    (rules.CustomerRole.LIMITED_USER.value, gettext_lazy("Limited user")),
]
STAFF_ROLES = [
    (rules.StaffRole.CLERK.value, gettext_lazy("Clerk: enters orders and payments")),
    (rules.StaffRole.APPROVER.value, gettext_lazy("Approver: decides as well")),
    (rules.StaffRole.AUDITOR.value, gettext_lazy("Auditor: reads everything")),
    (rules.StaffRole.ADMINISTRATOR.value, gettext_lazy("Administrator: sets up companies, customers and staff")),
]


class RoleForm(operator_form.Form):
    """What a user may do, and for which divisions."""

    role = django_forms.ChoiceField(label=gettext_lazy("Role"), choices=CUSTOMER_ROLES)
    divisions = django_forms.TypedMultipleChoiceField(
        label=gettext_lazy("Restricted to divisions"),
        coerce=int,
        required=False,
        widget=django_forms.CheckboxSelectMultiple,
        help_text=gettext_lazy("Tick none for all divisions, those of later too"),
    )

    def offer(self, divisions: list[tuple[int, str]]) -> None:
        """Offer the customer's divisions."""
        self.fields["divisions"].choices = divisions  # type: ignore[attr-defined]


class InvitationForm(RoleForm):
    """A person who is to work for a customer."""

    name = django_forms.CharField(label=gettext_lazy("Name"), max_length=200)
    email = django_forms.EmailField(label=gettext_lazy("E-mail"))
    field_order = ("name", "email", "role", "divisions")


class UserForm(RoleForm):
    """A user's rights; without the tick they can not get in any more. `version` tells whether a colleague was quicker."""

    version = django_forms.CharField(widget=django_forms.HiddenInput, max_length=16)

    is_active = django_forms.BooleanField(label=gettext_lazy("May work for this customer"), required=False)


class StaffForm(operator_form.Form):
    """A member of the operator's staff."""

    name = django_forms.CharField(label=gettext_lazy("Name"), max_length=200)
    email = django_forms.EmailField(label=gettext_lazy("E-mail"))
    role = django_forms.ChoiceField(label=gettext_lazy("Role"), choices=STAFF_ROLES)


@require_http_methods(["GET", "HEAD", "POST"])
@page.page(rules.Act.ADMINISTER)
def invite_user(request: page.Seen, customer_id: int) -> HttpResponse:
    """Let a person work for a customer, and show their one-time sign-in link."""
    customer = queries.customer(viewer=request.viewer, customer_id=customer_id)
    form = InvitationForm(request.POST or None)
    form.offer(_offered(request.viewer, customer_id))

    def invite(person_id: int) -> None:
        given = form.cleaned_data
        operations.set_membership(
            viewer=request.viewer,
            customer_id=customer_id,
            person_id=person_id,
            role=rules.CustomerRole(given["role"]),
            division_ids=given["divisions"] or None,
        )

    back = reverse("operator-customer", args=[customer_id])
    about = Sheet(
        title=_("Invite a user of %(name)s") % {"name": customer.name},
        says=_("They sign in by a link that works once, and choose a password or passkey then."),
        verb=_("Invite"),
        back=back,
        crumbs=(Crumb(_("Customers"), reverse("operator-customers")), Crumb(customer.name, back)),
    )
    return _invited(request, form, invite, about)


@require_http_methods(["GET", "HEAD", "POST"])
@page.page(rules.Act.ADMINISTER)
def invite_staff(request: page.Seen) -> HttpResponse:
    """Give a person a role on the operator's side, and show their one-time sign-in link."""
    form = StaffForm(request.POST or None)
    back = reverse("operator-settings")
    about = Sheet(
        title=_("Invite a colleague"),
        says=_("An address that is known already gets the role given here."),
        verb=_("Invite"),
        back=back,
        crumbs=(Crumb(_("Settings"), back),),
    )
    return _invited(
        request,
        form,
        lambda person_id: operations.set_staff(viewer=request.viewer, person_id=person_id, role=rules.StaffRole(form.cleaned_data["role"])),
        about,
    )


@require_http_methods(["GET", "HEAD", "POST"])
@page.page(rules.Act.ADMINISTER)
def user(request: page.Seen, customer_id: int, person_id: int) -> HttpResponse:
    """Change what a user of a customer may do, or stop them."""
    customer = queries.customer(viewer=request.viewer, customer_id=customer_id)
    found = next((one for one in queries.users(viewer=request.viewer, customer_id=customer_id) if one.person_id == person_id), None)
    if found is None:
        raise errors.NotFound(_("There is no such user."))
    first = {"role": found.role, "divisions": found.division_ids or [], "is_active": found.is_active}
    first["version"] = rules.standing(found.role, found.division_ids, is_active=found.is_active)
    form = UserForm(request.POST or None, initial=first)
    form.offer(_offered(request.viewer, customer_id))
    back = reverse("operator-customer", args=[customer_id])
    return operator_form.sheet(
        request,
        form,
        lambda: operations.set_membership(
            viewer=request.viewer,
            customer_id=customer_id,
            person_id=person_id,
            role=rules.CustomerRole(form.cleaned_data["role"]),
            division_ids=form.cleaned_data["divisions"] or None,
            is_active=form.cleaned_data["is_active"],
            expected=form.cleaned_data["version"],
        ),
        lambda: (back, _("The rights of %(name)s are changed.") % {"name": found.name}),
        lambda: Sheet(
            title=found.name,
            says=found.email,
            verb=_("Save"),
            back=back,
            crumbs=(Crumb(_("Customers"), reverse("operator-customers")), Crumb(customer.name, back)),
        ),
    )


def _offered(viewer: rules.Viewer, customer_id: int) -> list[tuple[int, str]]:
    divisions = queries.divisions(viewer=viewer, customer_id=customer_id)
    return [(division.id, division.name) for division in divisions if division.closed_at is None]


def _invited(request: page.Seen, form: forms.Form, invite: Callable[[int], None], about: Sheet) -> HttpResponse:
    """Add the person, invite them, and show the link this one time: the mail server may not be set up yet."""
    links: list[str] = []

    def perform() -> None:
        person_id = operations.add_person(viewer=request.viewer, email=form.cleaned_data["email"], name=form.cleaned_data["name"])
        invite(person_id)
        links.append(operations.issue_sign_in_link(viewer=request.viewer, person_id=person_id, now=timezone.now()))

    answer = operator_form.sent(request, form, perform, lambda: (about.back, ""))
    if not links or answer is None:
        return answer or page.show(request, "operator/form.html", lambda: {"form": form, "sheet": about})
    link = request.build_absolute_uri(reverse("sign-in-link", args=[links[-1]]))
    days = operations.access.LINK_LASTS.days
    return page.show(request, "operator/link.html", lambda: {"link": link, "days": days, "who": form.cleaned_data["name"], "sheet": about})
