"""Show one form on a page of its own, and send it once: what the operator's small pages have in common."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any, Protocol
from zoneinfo import ZoneInfo

from django import forms as django_forms
from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect
from django.utils import timezone
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from tallystick.domain.customers import queries
from tallystick.interfaces.web import forms, page
from tallystick.lib import errors

type Words = str | Promise


class Form(forms.Form):
    """A form of the operator's, whose empty fields say what to do."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        """Give each field that names no other sentence one for being left empty."""
        super().__init__(*args, **kwargs)
        for field_ in self.fields.values():
            chosen = isinstance(field_, django_forms.ChoiceField)
            if field_.error_messages["required"] == django_forms.Field.default_error_messages["required"]:
                field_.error_messages["required"] = _("Choose one.") if chosen else _("Fill this in.")


class Sold(Protocol):
    """A customer, as far as its legal entity is asked for."""

    legal_entity_id: int


@dataclass(frozen=True, slots=True)
class Crumb:
    """A page above this one: its name and address."""

    name: Words
    address: str


@dataclass(frozen=True, slots=True)
class Sheet:
    """Say what a form page is about: title, one sentence, the verb of its button, where it leads and lies.

    `harm` marks a button that can not be undone; `notice` is one sentence above the form.
    """

    title: Words
    says: Words
    verb: Words
    back: str
    crumbs: Sequence[Crumb] = field(default_factory=tuple)
    harm: bool = False
    notice: Words = ""


def today_of(customer: Sold) -> date:
    """Tell the day it is for the legal entity that sells to this customer: its days are those of documents and value dates."""
    entity = queries.legal_entity(legal_entity_id=customer.legal_entity_id)
    return timezone.localdate(timezone=ZoneInfo(entity.time_zone))


def sent(request: page.Seen, form: forms.Form, perform: Callable[[], object]) -> bool:
    """Perform what a valid form asks for; a refusal goes to its field and what was typed is kept. Tell whether it was done."""
    if request.method != "POST" or not form.is_valid():
        return False
    try:
        perform()
    except errors.Refusal as refusal:
        form.refuse(refusal)
        return False
    return True


def sheet(
    request: page.Seen, form: forms.Form, perform: Callable[[], object], done: Callable[[], tuple[str, Words]], about: Callable[[], Sheet]
) -> HttpResponse:
    """Show the form; once it is performed, say so and go on. `done` gives address and sentence, `about` is read inside the scope."""
    if sent(request, form, perform):
        address, sentence = done()
        messages.success(request, str(sentence))
        return redirect(address)
    return page.show(request, "operator/form.html", lambda: {"form": form, "sheet": about()})
