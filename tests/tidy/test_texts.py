"""Look for texts that are not translated, not used any more, or changed where they must not be: in the templates and in every language's file."""

import importlib.util
import sys
from pathlib import Path
from types import ModuleType

import pytest
from babel.messages import catalog
from django.conf import settings
from django.utils import translation

from tallystick.interfaces.web import catalogs as compiling
from tidy import house, unmarked

COMPLETE: tuple[str, ...] = ("ar", "de", "es", "fr", "it", "ja", "ko", "nl", "pt_BR", "zh_Hans", "zh_Hant")
"""The languages, as their folders are named, in which no text of a customer's page is missing."""
TEMPLATES = "src/tallystick/interfaces/web/templates"


def _program() -> ModuleType:
    spec = importlib.util.spec_from_file_location("script_catalogs", house.ROOT / "script" / "catalogs.py")
    assert spec is not None
    assert spec.loader is not None
    loaded = importlib.util.module_from_spec(spec)
    sys.modules["script_catalogs"] = loaded
    spec.loader.exec_module(loaded)
    return loaded


catalogs = _program()


@pytest.fixture(scope="module")
def wanted() -> catalog.Catalog:
    """Every text of customers' pages, as it stands in the sources now."""
    return catalogs.found(operator=False)


def _templates() -> list[house.Source]:
    found = [*house.tree(TEMPLATES, ".html"), *house.tree(TEMPLATES, ".txt")]
    return [source for source in found if not {"operator", "design"} & set(source.path.parts)]


def test_every_text_of_a_customers_template_is_marked() -> None:
    found = house.faults(unmarked.unmarked, tuple(_templates()))
    assert not found, "\n".join(found)


@pytest.mark.parametrize(
    "planted",
    [
        "<p>Pay now</p>",
        '<input aria-label="Amount">',
        "<p>{{ count }} invoices</p>",
        '{% include "web/parts/head.html" with title="Pay Invoice" %}',
        "<img alt='A picture'>",
        "{% if late %}Overdue{% endif %}",
    ],
)
def test_a_planted_text_is_found(planted: str) -> None:
    assert list(unmarked.unmarked(house.Source(Path("planted.html"), planted)))


@pytest.mark.parametrize(
    "marked",
    [
        "<p>{% translate 'Pay now' %}</p>",
        "{% blocktranslate %}Pay {{ amount }}{% endblocktranslate %}",
        '{% include "web/parts/head.html" with title=_("Pay Invoice") %}',
        '<svg viewBox="0 0 10 10" class="plot"><path d="M0 0"/></svg>',
        "{% comment %}A word{% endcomment %}<b>{{ name }}</b>, {{ currency }} · CSV",
    ],
)
def test_what_is_marked_or_no_text_is_not_found(marked: str) -> None:
    assert not list(unmarked.unmarked(house.Source(Path("planted.html"), marked)))


def test_every_language_of_the_settings_has_its_file() -> None:
    names = [translation.to_locale(code) for code, _name in settings.LANGUAGES if code != "en"]
    assert sorted(names) == sorted(catalogs.LANGUAGES) == sorted(folder.parent.name for folder in compiling.folders())


@pytest.mark.parametrize("name", catalogs.LANGUAGES)
def test_a_language_has_no_text_too_many_and_no_other_placeholders(name: str, wanted: catalog.Catalog) -> None:
    told = compiling.read(compiling.FOLDER / name / "LC_MESSAGES" / "django.po")
    found = [fault for fault in catalogs.faults(told, wanted) if not fault.startswith("untranslated")]
    assert not found, "\n".join([*found, "script/catalogs update mends what is unused."])


@pytest.mark.parametrize("name", COMPLETE)
def test_a_language_is_complete(name: str, wanted: catalog.Catalog) -> None:
    told = compiling.read(compiling.FOLDER / name / "LC_MESSAGES" / "django.po")
    found = [fault for fault in catalogs.faults(told, wanted) if fault.startswith("untranslated")]
    assert not found, "\n".join(found)


def _language(*messages: tuple[object, object]) -> catalog.Catalog:
    made = catalog.Catalog(locale="de")
    for ids, strings in messages:
        made.add(ids, strings)  # type: ignore[arg-type]
    return made


ONE, MANY = "%(count)d invoice", "%(count)d invoices"


@pytest.mark.parametrize(
    ("ids", "strings", "fault"),
    [
        ("Pay", "", "untranslated"),
        ("Pay", None, "untranslated"),
        ("Pay %(number)s", "Zahlen", "other placeholders"),
        ("Pay %(number)s", "%(nummer)s zahlen", "other placeholders"),
        ("Between {least} and {most}", "Zwischen {least} und", "other placeholders"),
        ((ONE, MANY), ("%(count)d Rechnung",), "1 plural forms"),
        ((ONE, MANY), ("%(count)d Rechnung", ""), "untranslated"),
        ((ONE, MANY), ("%(count)d Rechnung", "%(n)d Rechnungen"), "other placeholders"),
    ],
)
def test_a_planted_fault_of_a_language_is_found(ids: object, strings: object, fault: str) -> None:
    told = _language() if strings is None else _language((ids, strings))
    assert any(found.startswith(fault) for found in catalogs.faults(told, _language((ids, ""))))


def test_what_is_right_or_says_one_by_a_word_is_no_fault() -> None:
    told = _language(((ONE, MANY), ("eine Rechnung", "%(count)d Rechnungen")), ("Pay %(number)s", "%(number)s zahlen"))
    assert list(catalogs.faults(told, _language(((ONE, MANY), ""), ("Pay %(number)s", "")))) == []
    assert list(catalogs.faults(told, _language())) == ["unused: %(count)d invoice", "unused: Pay %(number)s"]


def test_a_language_is_compiled_anew_when_its_texts_are_newer(tmp_path: Path) -> None:
    folder = tmp_path / "de" / "LC_MESSAGES"
    folder.mkdir(parents=True)
    source = folder / "django.po"
    source.write_text('msgid ""\nmsgstr "Content-Type: text/plain; charset=utf-8\\n"\n\nmsgid "Pay"\nmsgstr "Zahlen"\n', encoding="utf-8")
    assert compiling.compile_stale(tmp_path) == [folder / "django.mo"]
    assert compiling.compile_stale(tmp_path) == []
    (folder / "operator.po").write_text('msgid ""\nmsgstr ""\n\nmsgid "Approve"\nmsgstr "Freigeben"\n', encoding="utf-8")
    assert compiling.compile_stale(tmp_path) == [folder / "django.mo"]
    compiled = (folder / "django.mo").read_bytes()
    assert b"Zahlen" in compiled
    assert b"Freigeben" in compiled
