"""Try the explanations behind the figures: each complete, each with its rows, none that a page cannot find."""

import re
from pathlib import Path
from types import SimpleNamespace

import pytest
from django.template import Context, Template
from django.test import RequestFactory

from tallystick.interfaces.web import explanations

_USED = re.compile(r'{% explain "(?P<name>\w+)"')
_TEMPLATES = Path(explanations.__file__).parent / "templates"


def _shown(source: str, at: str = "/", **more: object) -> str:
    here = SimpleNamespace(here=SimpleNamespace(id=7))
    return Template("{% load tally %}" + source).render(Context({"request": RequestFactory().get(at), "where": here, **more}))


def test_a_figure_is_explained_behind_a_button_that_needs_no_script() -> None:
    """What it is, how it comes about, and the way to its rows; the button says of which figure."""
    shown = _shown('{% explain "balance" %}')
    assert 'popovertarget="why-balance" aria-label="What is “Balance”?"' in shown
    assert 'id="why-balance" popover' in shown
    assert 'href="/finances/balance-history/div_0000000000007/">See the movements</a>' in shown


def test_the_rows_are_not_linked_from_their_own_page() -> None:
    """A link that leads to where one is helps nobody."""
    assert "<a " not in _shown('{% explain "balance" %}', "/finances/balance-history/div_0000000000007/")


def test_two_explanations_of_one_figure_have_names_of_their_own() -> None:
    """An id stands once on a page."""
    assert re.findall(r'id="(why-[\w-]+)"', _shown('{% explain "balance" %}{% explain "balance" %}')) == ["why-balance", "why-balance-2"]


def test_an_unknown_figure_is_a_bug() -> None:
    """A misspelt name does not pass in silence."""
    with pytest.raises(KeyError):
        _shown('{% explain "balanse" %}')


@pytest.mark.parametrize("name", explanations.EXPLANATIONS)
def test_every_explanation_is_whole(name: str) -> None:
    """Two sentences at least, and a link's text exactly where there is a route; the address exists."""
    told = explanations.EXPLANATIONS[name]
    assert str(told.what).endswith(".")
    assert str(told.how).endswith(".")
    assert bool(told.route) == bool(told.rows) == bool(explanations.address_of(told, 7, 9))


def test_templates_use_only_what_there_is() -> None:
    """Each name in a template is one of the table."""
    used = {found["name"] for path in _TEMPLATES.rglob("*.html") for found in _USED.finditer(path.read_text(encoding="utf-8"))}
    assert used <= set(explanations.EXPLANATIONS)
