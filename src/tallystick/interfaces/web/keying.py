"""Share what the pages of keys have in common, a customer's and the operator's: the form, the list, and a key that is made once."""

import dataclasses
from collections.abc import Callable, Iterable, Mapping
from datetime import datetime, timedelta
from uuid import UUID, uuid4

from django import forms as django_forms
from django.utils import timezone
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext_lazy

from tallystick.domain.customers import operations, queries, rules
from tallystick.domain.customers.rules import Right
from tallystick.interfaces import callers
from tallystick.interfaces.web import forms, page
from tallystick.lib import errors

_SENT = "sent_key_forms"
NAMES = {
    "balance": gettext_lazy("Balance"),
    "purchase_orders": gettext_lazy("Purchase orders"),
    "invoices": gettext_lazy("Invoices"),
    "payments": gettext_lazy("Payments"),
    "deposits": gettext_lazy("Deposits"),
    "charges": gettext_lazy("Charges"),
    "holds": gettext_lazy("Holds"),
    "refunds": gettext_lazy("Refunds"),
    "transfers": gettext_lazy("Transfers"),
    "unapplied_credit": gettext_lazy("Unapplied credit"),
    "statements": gettext_lazy("Statements"),
    "divisions": gettext_lazy("Divisions"),
    "customers": gettext_lazy("Settings"),
    "users": gettext_lazy("Users"),
    "keys": pgettext_lazy("API keys", "Keys"),
    "events": gettext_lazy("Audit log"),
    "webhooks": gettext_lazy("Webhooks"),
    "imports": gettext_lazy("Imports"),
}
"""A word for each resource of `rules.RESOURCES`."""
LIFETIMES = ((0, gettext_lazy("Never expires")), (30, gettext_lazy("30 days")), (90, gettext_lazy("90 days")), (365, gettext_lazy("365 days")))
OVERLAPS = (
    (0, gettext_lazy("The old key ends at once")),
    (24, gettext_lazy("It works for another day")),
    (168, gettext_lazy("It works for another week")),
)
"""Hours in which both keys work, and how a page says it."""


type Offer = tuple[str, str | Promise, list[tuple[str, bool, bool]]]
"""A resource, its word, and for reading and writing: the scope, whether it is ticked, whether it is offered."""


class KeyForm(forms.Form):
    """What a key is for, what it may do, from where, and for how long."""

    name = django_forms.CharField(label=gettext_lazy("Which program will use it?"), max_length=200)
    scopes = django_forms.MultipleChoiceField(
        label=gettext_lazy("It may"), choices=[(one, one) for one in rules.SCOPES], initial=[f"balance:{Right.READ}", f"invoices:{Right.READ}"]
    )
    lifetime = django_forms.TypedChoiceField(label=gettext_lazy("Valid for"), choices=LIFETIMES, required=False)
    networks = django_forms.CharField(
        label=gettext_lazy("Usable from"),
        required=False,
        max_length=4000,
        widget=django_forms.Textarea(attrs={"rows": 2, "spellcheck": "false"}),
        help_text=gettext_lazy("Addresses such as 192.0.2.7 or 192.0.2.0/24, one a line. Empty: from everywhere."),
    )


class RotationForm(forms.Form):
    """How long the old key goes on beside the new one."""

    overlap = django_forms.TypedChoiceField(choices=OVERLAPS, coerce=int)


@dataclasses.dataclass(frozen=True, slots=True)
class Row:
    """One key of a list; `token` makes each of its rotations once. Whose role it has and who made it, the operator's page shows."""

    key: queries.Key
    is_over: bool
    token: UUID
    person: str = ""
    maker: str = ""


def terms(form: KeyForm, *, now: datetime, division_ids: tuple[int, ...] | None = None) -> operations.KeyTerms:
    """Read what was typed."""
    typed = form.cleaned_data
    days = int(typed["lifetime"] or 0)
    return operations.KeyTerms(
        scopes=tuple(typed["scopes"]),
        division_ids=division_ids,
        networks=tuple(typed["networks"].split()),
        expires_at=now + timedelta(days=days) if days else None,
        mode=callers.key_mode(),
    )


def once(request: page.Seen, form: forms.Form, make: Callable[[], operations.NewKey]) -> operations.NewKey | None:
    """Make a key, but not for a form that was sent before: reloading the page that showed a key makes no other one."""
    sent = request.session.get(_SENT, [])
    try:
        if str(form.key) in sent:
            raise errors.Conflict(_("This form made its key already. Fill it in again for another one."))
        made = make()
    except errors.NotFound:
        raise
    except errors.Refusal as refusal:
        form.refuse(refusal)
        return None
    request.session[_SENT] = [*sent[-20:], str(form.key)]
    return made


def rotated(request: page.Seen, form: RotationForm, key_id: UUID) -> operations.NewKey | None:
    """Make a key in place of another, once; None where the form tells what was wrong. Raises NotFound."""
    if not form.is_valid():
        return None
    overlap = timedelta(hours=form.cleaned_data["overlap"])
    return once(request, form, lambda: operations.rotate_key(viewer=request.viewer, key_id=key_id, overlap=overlap, now=timezone.now()))


def refused(form: forms.Form) -> str:
    """Give the first sentence of what was wrong with a form."""
    return next((str(each[0]) for each in form.errors.values()), "")


def offered(form: KeyForm, offers: Callable[[str], bool]) -> list[Offer]:
    """List the resources of which anything is offered."""
    chosen = set(form["scopes"].value() or ())
    every: list[Offer] = [
        (name, word, [(f"{name}:{right}", f"{name}:{right}" in chosen, offers(f"{name}:{right}")) for right in Right]) for name, word in NAMES.items()
    ]
    return [each for each in every if any(may for *_rest, may in each[2])]


def rows(
    found: Iterable[queries.Key], *, now: datetime, people: Mapping[int, str] | None = None, makers: Mapping[UUID, str] | None = None
) -> list[Row]:
    """List keys with what a page says of each."""
    named, made_by = people or {}, makers or {}
    return [
        Row(key, key.expires_at is not None and key.expires_at <= now, uuid4(), named.get(key.person_id, ""), made_by.get(key.id, ""))
        for key in found
    ]
