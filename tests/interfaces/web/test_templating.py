"""Pages are rendered by quicker nodes than Django's; what they give is what Django's give."""

from typing import Any

import pytest
from django import forms
from django.forms import renderers
from django.template import Context, Engine, Template, base
from django.utils import safestring, translation

from interfaces.web import qr
from tallystick.interfaces.web import authenticator, templating
from tallystick.interfaces.web import forms as web_forms

_LIBRARIES = {
    "i18n": "django.templatetags.i18n",
    "static": "django.templatetags.static",
    "tally": "tallystick.interfaces.web.templatetags.tally",
}
_PARTS = {"part.html": "<b>{{ title }}{{ number }}</b>{% if absent %}no{% endif %}", "top.html": "{% block page %}top{% endblock %}!"}


def _engine(quicker: bool) -> Engine:
    inner = ("django.template.loaders.locmem.Loader", _PARTS)
    loader = "tallystick.interfaces.web.templating.Loader" if quicker else "django.template.loaders.cached.Loader"
    return Engine(loaders=[(loader, [inner])], libraries=_LIBRARIES)


PLAIN, QUICK = _engine(quicker=False), _engine(quicker=True)


class _Row:
    number = "A & <b>"
    safe = safestring.mark_safe("<i>safe</i>")

    @property
    def failing(self) -> str:
        return self.nowhere  # type: ignore[attr-defined, no-any-return]

    def method(self) -> str:
        return "called"

    def deletes(self) -> str:
        raise AssertionError("a page called what changes something")

    deletes.alters_data = True  # type: ignore[attr-defined]

    def asking(self, what: str) -> str:
        return what


class _Form(forms.Form):
    name = forms.CharField(label="Who & what", initial='"x"')
    land = forms.ChoiceField(choices=[("de", "Germany"), ("a&b", "<none>")], initial="a&b")


def _values() -> dict[str, Any]:
    return {
        "row": _Row(),
        "rows": [_Row(), _Row()],
        "title": "<title>",
        "number": 12345,
        "words": {"items": "a key", "key": "<value>"},
        "form": _Form(),
        "pairs": [(1, "one"), (2, "two")],
        "nothing": None,
    }


@pytest.mark.parametrize(
    "source",
    [
        "{{ title }} {{ number }} {{ nothing }} {{ absent }} {{ absent.more }} {{ row.absent }} {{ rows.0.number }} {{ rows.9 }}",
        "{{ row.number }} {{ row.safe }} {{ row.method }} {{ row.deletes }} {{ row.asking }} {{ words.items }} {{ words.key }} {{ words.values }}",
        "{% autoescape off %}{{ title }}{{ row.number }}{% load i18n %}{% translate 'Pay & go' %}{% endautoescape %}",
        "{{ title|lower|default:'x' }} {{ absent|default:title }} {{ absent|default:_('Close') }} {{ number|add:5 }} {{ row.safe|upper }} {{ title|slice:':3' }}",
        "{% if absent %}1{% elif row.method == 'called' %}2{% endif %}{% if not nothing and number > 5 %}3{% endif %}{% if 'a' in words %}4{% endif %}",
        "{% for one, word in pairs %}{{ forloop.counter }}{{ one }}{{ word }}{% empty %}-{% endfor %}{% for x in absent %}{% empty %}none{% endfor %}",
        "{% load i18n %}{% translate 'Close' %} {% translate 'Keys' context 'API keys' %} {% translate title %} {% translate 'Close' as kept %}{{ kept }} 100%",
        "{% load i18n %}{% blocktranslate %}Close{% endblocktranslate %} {% blocktranslate with n=number t=title %}{{ n }} of {{ t }}, 100%{% endblocktranslate %}",
        "{% load i18n %}{% blocktranslate count n=number %}{{ n }} row{% plural %}{{ n }} rows of {{ title }}{% endblocktranslate %}",
        "{% load i18n tally %}{% for r in rows %}{% blocktranslate with m=r.number asvar said %}Pay {{ m }}{% endblocktranslate %}{{ said }}{% icon 'pay' %}{% endfor %}",
        "{% url 'overview' %} {% url 'pay-invoice-division' number %} {% url 'overview' as here %}{{ here }} {% load static %}{% static 'tallystick/base.css' %}",
        "{% include 'part.html' %}{% include 'part.html' with title=row.safe number=1 %}{% include 'part.html' with title='x' only %}{{ number }}",
        "{% extends 'top.html' %}{% comment %}nothing{% endcomment %}{% block page %}{{ block.super }}{{ title }}{% endblock %}",
        "{{ form.name }} {{ form.name.label }} {{ form.name.widget_type }} {{ form.name.errors }} {% for part in form %}{{ part.html_name }}{% endfor %}",
        "{% with x=row.number y=1 %}{{ x }}{{ y }}{% endwith %}{{ x }} {% firstof absent title %} {% now 'Y' %} {% widthratio 1 2 100 %}",
    ],
)
@pytest.mark.parametrize("language", ["en", "de", "ar"])
def test_renders_as_django_does(source: str, language: str) -> None:
    """Twice, because what is settled is said from memory the second time."""
    plain, quick = Template(source, engine=PLAIN), templating.Template(source, engine=QUICK)
    with translation.override(language):
        wanted = plain.render(Context(_values()))
        assert [quick.render(Context(_values())) for _ in range(2)] == [wanted, wanted]


def test_one_template_speaks_each_language() -> None:
    """What was said in one language is not said in another."""
    made = templating.Template("{% load i18n %}{% translate 'Close' %}", engine=QUICK)
    said = []
    for language in ("en", "de", "en"):
        with translation.override(language):
            said.append(made.render(Context()))
    assert said[0] == said[2] == "Close" != said[1]


def test_failures_stay_failures() -> None:
    """A property that fails, and an address that is none, are the page's fault and said."""
    for source in ("{{ row.failing }}", "{% url 'no-such-page' %}"):
        for made in (Template(source, engine=PLAIN), templating.Template(source, engine=QUICK)):
            with pytest.raises(Exception, match=r"nowhere|no-such-page"):
                made.render(Context(_values()))


def test_pages_are_compiled_by_it() -> None:
    """The settings name the loader, so that pages have the quicker nodes; with debugging on they have Django's."""
    assert isinstance(Engine.get_default().get_template("base.html"), templating.Template)
    debugged = Engine(debug=True, loaders=[("tallystick.interfaces.web.templating.Loader", [("django.template.loaders.locmem.Loader", _PARTS)])])
    assert type(debugged.get_template("part.html")) is base.Template


@pytest.mark.parametrize("value", [None, "", "<a>", 12345, '"'])
@pytest.mark.parametrize(
    "kind", [forms.TextInput, forms.EmailInput, forms.HiddenInput, forms.DateInput, forms.CheckboxInput, forms.NumberInput, forms.Textarea]
)
def test_inputs_are_drawn_as_django_draws_them(kind: type[forms.Widget], value: object) -> None:
    """A widget's attributes, true, false or a text, stand as in Django's own template."""
    widget = kind(attrs={"class": "amount & more", "autofocus": True, "hidden": False, "maxlength": 10000})
    plain = widget.render("na<me", value, renderer=renderers.DjangoTemplates())
    assert widget.render("na<me", value, renderer=web_forms.Renderer()) == plain


def test_the_authenticators_code_reads_as_its_address() -> None:
    """The one mask that is used is undone by who reads the code."""
    url = "otpauth://totp/Tallystick%3Ahelen%40lanternfield.example?secret=JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP&issuer=Tallystick"
    assert qr.read(authenticator.code(url)) == url
    assert authenticator.Adapter().build_totp_svg(url).count("<path") == 1
