"""Show one form on a page of its own, and send it once: what the operator's small pages have in common."""

import unicodedata
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any, Protocol
from zoneinfo import ZoneInfo

from django import forms as django_forms
from django.contrib import messages
from django.core.exceptions import ValidationError
from django.core.validators import MaxLengthValidator
from django.http import HttpResponse
from django.shortcuts import redirect
from django.utils import timezone
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from tallystick.domain.customers.operations import submissions
from tallystick.integrations.postgres import scope
from tallystick.interfaces.web import forms, page
from tallystick.lib import errors

type Words = str | Promise

_LONGEST_MAIL = 254
"""Source: RFC 5321, section 4.5.3.1.3, less the brackets."""

_CONTROLS = {"Cc", "Cs", "Co", "Zl", "Zp"}


def _refuse_controls(written: str) -> None:
    """Let nothing through that no keyboard writes and no document shows; a text of several lines may have them. Raises ValidationError."""
    if any(unicodedata.category(letter) in _CONTROLS and letter not in "\r\n\t" for letter in written):
        raise ValidationError(_("Leave out control characters."), code="control_characters")


class Form(forms.Form):
    """A form of the operator's, whose empty fields say what to do."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        """Give each field that names no other sentence one for being left empty."""
        super().__init__(*args, **kwargs)
        for field_ in self.fields.values():
            if isinstance(field_, django_forms.CharField) and not isinstance(field_, django_forms.UUIDField):
                field_.validators.append(_refuse_controls)
            if isinstance(field_, django_forms.EmailField):
                field_.validators.append(MaxLengthValidator(_LONGEST_MAIL))
            chosen = isinstance(field_, django_forms.ChoiceField)
            if field_.error_messages["required"] == django_forms.Field.default_error_messages["required"]:
                field_.error_messages["required"] = _("Choose one.") if chosen else _("Fill this in.")


class Zoned(Protocol):
    """A legal entity, or what one sold, as far as its days are asked for."""

    @property
    def time_zone(self) -> str:
        """Name the zone."""


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


def today_of(sold: Zoned) -> date:
    """Tell the day it is for the legal entity that sells here: its days are those of documents and value dates."""
    return timezone.localdate(timezone=ZoneInfo(sold.time_zone))


def sent(request: page.Seen, form: forms.Form, perform: Callable[[], object], done: Callable[[], tuple[str, Words]]) -> HttpResponse | None:
    """Perform what a valid form asks for, once, and lead on; None where the page is to be shown.

    A refusal goes to its field and what was typed is kept. The same form sent again (a double click, the back button) is led to
    where it led before, and has no second effect. `done` gives address and sentence; an empty sentence says nothing.
    """
    if request.method != "POST":
        return None
    if form.is_valid():
        try:
            address, sentence = _performed(request, form, perform, done)
        except submissions.AlreadySent:
            return _led_before(request, form)
        except errors.Refusal as refusal:
            form.refuse(refusal)
        else:
            if sentence:
                messages.success(request, str(sentence))
            return redirect(address)
    return _led_before(request, form)


@scope.retrying
def _performed(request: page.Seen, form: forms.Form, perform: Callable[[], object], done: Callable[[], tuple[str, Words]]) -> tuple[str, Words]:
    with scope.of(request.viewer):
        submissions.take_form(viewer=request.viewer, key=form.key, now=timezone.now())
        perform()
        address, sentence = done()
        submissions.lead_form(key=form.key, address=address)
    return address, sentence


def _led_before(request: page.Seen, form: forms.Form) -> HttpResponse | None:
    """Lead a form that had its effect before to where it led; what else is wrong with it now does not matter then."""
    if not form.is_bound or "form_key" in form.errors:
        return None
    address = submissions.form_led_to(viewer=request.viewer, key=form.key)
    if address is None:
        return None
    messages.info(request, _("This was done already. It was not done twice."))
    return redirect(address)


def sheet(
    request: page.Seen, form: forms.Form, perform: Callable[[], object], done: Callable[[], tuple[str, Words]], about: Callable[[], Sheet]
) -> HttpResponse:
    """Show the form; once it is performed, say so and go on. `about` is read inside the scope."""
    answer = sent(request, form, perform, done)
    return answer or page.show(request, "operator/form.html", lambda: {"form": form, "sheet": about()})
