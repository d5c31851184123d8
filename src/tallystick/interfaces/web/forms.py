"""Make forms that keep what was typed, mark the field, and send each submission once.

In a template: `{% include "web/parts/form_errors.html" %}` above the form, `{% include "web/parts/field.html" with field=form.amount %}` for a
field, `{{ form.form_key }}` beside `{% csrf_token %}`.
"""

import uuid
from collections.abc import Mapping
from typing import Any

from django import forms
from django.forms.renderers import DjangoTemplates
from django.http import HttpRequest
from django.utils.html import conditional_escape
from django.utils.safestring import SafeString
from django.utils.translation import gettext_lazy as _

from tallystick.interfaces.web import amounts, words
from tallystick.lib import errors, money

NON_FIELD = "__all__"
_INPUTS = {f"django/forms/widgets/{kind}.html" for kind in ("text", "number", "email", "url", "password", "hidden", "date", "checkbox", "input")}


class Renderer(DjangoTemplates):
    """Draw widgets as Django does; those that are one input element without a template of three parts for each."""

    def render(self, template_name: str, context: Mapping[str, Any], request: HttpRequest | None = None) -> SafeString:
        """Draw a widget."""
        return _input(context["widget"]) if template_name in _INPUTS else SafeString(super().render(template_name, dict(context), request))


def _input(widget: Mapping[str, Any]) -> SafeString:
    value = widget["value"]
    given = {"type": widget["type"], "name": widget["name"], **({} if value is None else {"value": value}), **widget["attrs"]}
    written = (f" {name}" if one is True else f' {name}="{conditional_escape(str(one))}"' for name, one in given.items() if one is not False)
    return SafeString(f"<input{''.join(written)}>")


class Form(forms.Form):
    """A form with an idempotency token: the same submission sent twice has one effect."""

    required_css_class = ""
    template_name_label = ""
    default_renderer = Renderer
    form_key = forms.UUIDField(widget=forms.HiddenInput)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        """Start a new token with a new form; a returned form keeps its own."""
        kwargs.setdefault("label_suffix", "")
        super().__init__(*args, **kwargs)
        if not self.is_bound:
            self.initial["form_key"] = uuid.uuid4()

    @property
    def key(self) -> uuid.UUID:
        """Give the token of a valid form, to be passed on as idempotency key."""
        return uuid.UUID(str(self.cleaned_data["form_key"]))

    def refuse(self, refusal: errors.Refusal) -> None:
        """Show a refusal at its field, or above the form where it names none that this form has."""
        for name, sentence in words.complaints(refusal, elsewhere=NON_FIELD).items():
            self.add_error(name if name in self.fields else None, sentence)


def minor_of(written: str, currency: str) -> int:
    """Read an amount as typed in the reader's language; marks only where they group thousands (12,50 is no 1250 in English). Raises Invalid."""
    return money.parse(amounts.plain(written, currency), currency)


class AmountField(forms.CharField):
    """An amount as decimal text; cleans to whole minor units of the currency given to the form's constructor."""

    def __init__(self, *, currency: str = "USD", least_minor: int = 1, **kwargs: Any) -> None:
        """Refuse amounts below `least_minor`; the default refuses zero."""
        kwargs.setdefault("widget", forms.TextInput(attrs={"class": "amount", "inputmode": "decimal", "autocomplete": "off"}))
        kwargs.setdefault("max_length", 40)
        super().__init__(**kwargs)
        self.currency = currency
        self.least_minor = least_minor

    def clean(self, value: Any) -> int | None:  # noqa: ANN401 - Django's own signature
        """Read the text. Raises ValidationError with the refusal's sentence."""
        written = super().clean(value)
        if not written:
            return None
        try:
            minor = minor_of(written, self.currency)
        except errors.Invalid as refusal:
            raise forms.ValidationError(words.said(refusal.sentence), code=refusal.code) from refusal
        if minor < self.least_minor:
            raise forms.ValidationError(_("Enter an amount above 0."), code="amount_too_small")
        return minor
