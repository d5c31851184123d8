"""Keep the texts of the languages: find them in the sources, carry them into each language's .po file, say what is missing there.

usage: script/catalogs extract               write locale/django.pot (customers' texts) and locale/operator.pot (not kept in git)
       script/catalogs update                extract, then bring every language's django.po up to it: new texts empty, unused ones gone
       script/catalogs compile               make the .mo files that are older than their .po files
       script/catalogs check [LANGUAGE...]   count and list what is untranslated, unused, or differs in its placeholders; fails where there is any
       script/catalogs missing LANGUAGE      write the untranslated texts as a .po file to standard output
       script/catalogs take LANGUAGE FILE    put the translations of such a file in their places

A language is named as its folder is: de, fr, es, it, pt_BR, ja, ko, zh_Hans, zh_Hant, nl, ar.
"""

import fnmatch
import io
import re
import sys
from collections.abc import Iterable, Iterator
from pathlib import Path

import django.conf
from babel.messages import catalog, extract, pofile
from django.utils.translation import template

from tallystick.interfaces.web import catalogs

ROOT = Path(__file__).resolve().parent.parent
SOURCE = ROOT / "src" / "tallystick"
LANGUAGES = ("de", "fr", "es", "it", "pt_BR", "ja", "ko", "zh_Hans", "zh_Hant", "nl", "ar")
KEYWORDS = {
    **dict.fromkeys(("_", "gettext", "gettext_lazy", "gettext_noop", "marked"), None),
    **dict.fromkeys(("ngettext", "ngettext_lazy"), (1, 2)),
    **dict.fromkeys(("pgettext", "pgettext_lazy"), ((1, "c"), 2)),
    **dict.fromkeys(("npgettext", "npgettext_lazy"), ((1, "c"), 2, 3)),
}
OPERATOR = (
    # what only the operator's staff meet: their pages, and what is refused only to them
    "interfaces/web/templates/operator/*",
    "interfaces/web/templates/design/*",
    "interfaces/web/pages/operator_*.py",
    "interfaces/web/pages/first_run.py",
    "interfaces/web/pages/design.py",
    "interfaces/web/pages/queue.py",
    "interfaces/web/pages/record_payment.py",
    "interfaces/web/pages/review.py",
    "interfaces/web/operator_rail.py",
    "interfaces/cli/*",
    "domain/administration/operations/master.py",
    "domain/administration/operations/proofs.py",
    "domain/verification/*",
    "domain/migration/*",
    "domain/customers/operations/entities.py",
    "domain/customers/operations/master.py",
    "domain/funds/operations/terms.py",
    "domain/invoicing/operations/crediting.py",
    "domain/invoicing/operations/four_eyes.py",
    "domain/invoicing/operations/numbers.py",
    "domain/invoicing/operations/writing_off.py",
    "domain/mail/operations/steering.py",
    "domain/invoicing/queries/write_offs.py",
    "domain/payments/operations/recording.py",
    "domain/payments/operations/refunding.py",
    "domain/payments/operations/restoring.py",
    "domain/payments/operations/reversing.py",
    "domain/purchasing/operations/deciding.py",
    "domain/purchasing/operations/scheduling.py",
    "domain/reminders/*",
    "integrations/pdf/logos.py",
)
"""A text that stands in none but these is the operator's: it may be translated (operator.po) and need not be."""
PLURALS = {
    # in the order that Django and GNU gettext know: none, one, two, few, many, other; babel has the last two the other way around
    "ar": "nplurals=6; plural=(n==0 ? 0 : n==1 ? 1 : n==2 ? 2 : n%100>=3 && n%100<=10 ? 3 : n%100>=11 ? 4 : 5);"
}
HEADER = "# Tallystick's texts. Kept by script/catalogs; see docs/languages.md."
_PLACEHOLDER = re.compile(r"%\((?P<name>\w+)\)[sd]|\{(?P<braced>\w*)\}|%[sd%]")
_DATES = re.compile(r'^"(?:POT-Creation-Date|PO-Revision-Date|Last-Translator|Language-Team|Generated-By|Report-Msgid-Bugs-To):.*\n', re.MULTILINE)


def main(words: list[str]) -> int:
    """Do what was asked for; 1 where something is missing or was not understood."""
    match words:
        case ["extract"]:
            _extract()
        case ["update"]:
            _update()
        case ["compile"]:
            print("\n".join(str(made.relative_to(ROOT)) for made in catalogs.compile_stale()) or "Every language is compiled.")
        case ["check", *names]:
            return _check(names or LANGUAGES)
        case ["missing", name]:
            _write(_missing(name), sys.stdout.buffer)
        case ["take", name, file]:
            return _take(name, Path(file))
        case _:
            print(__doc__, file=sys.stderr)
            return 1
    return 0


def found(*, operator: bool) -> catalog.Catalog:
    """Find the texts in the sources: those that customers meet, or those that only the operator does."""
    mine = catalog.Catalog(project="tallystick", version="1", charset="utf-8", fuzzy=False, header_comment=HEADER)
    others = set()
    for file, ids, context in _texts():
        if _is_operators(file) is operator:
            mine.add(ids, locations=[(file, 0)], context=context)
        else:
            others.add((ids if isinstance(ids, str) else ids[0], context))
    for message in list(mine) if operator else []:
        if (message.id if isinstance(message.id, str) else message.id[0], message.context) in others:
            mine.delete(message.id, message.context)
    return mine


def faults(told: catalog.Catalog, wanted: catalog.Catalog) -> Iterator[str]:
    """Say what is wrong with a language: untranslated, doubtful, unused, or other placeholders or plural forms than the text has."""
    for message in wanted:
        mine = told.get(message.id, message.context)
        if message.id and (mine is None or not _is_whole(mine)):
            yield f"untranslated: {_first(message)}"
    for message in told:
        if message.id and wanted.get(message.id, message.context) is None:
            yield f"unused: {_first(message)}"
        elif message.id and _is_whole(message):
            yield from _differences(told, message)


def _is_operators(file: str) -> bool:
    return any(fnmatch.fnmatch(file, pattern) for pattern in OPERATOR)


def _texts() -> Iterator[tuple[str, str | tuple[str, ...], str | None]]:
    for file in sorted([*SOURCE.rglob("*.py"), *SOURCE.rglob("templates/**/*.html"), *SOURCE.rglob("templates/**/*.txt")]):
        name = file.relative_to(SOURCE).as_posix()
        written = file.read_text(encoding="utf-8")
        if file.suffix != ".py":
            # templatize blots out what is no text; lines without indentation are lines that Python's tokenizer takes
            written = "\n".join(line.strip() for line in template.templatize(written, origin=name).splitlines())
        for _line, ids, _comments, context in extract.extract("python", io.BytesIO(written.encode()), keywords=KEYWORDS):
            yield name, ids, context


def _extract() -> catalog.Catalog:
    for operator, name in ((True, "operator.pot"), (False, "django.pot")):
        told = found(operator=operator)
        with (catalogs.FOLDER / name).open("wb") as opened:
            _write(told, opened)
        print(f"{name}: {len(told)} texts")
    return told


def _update() -> None:
    wanted = _extract()
    for name in LANGUAGES:
        file = _file(name)
        told = _told(name)
        told.update(wanted, no_fuzzy_matching=True, update_header_comment=False, keep_user_comments=False)
        file.parent.mkdir(parents=True, exist_ok=True)
        with file.open("wb") as opened:
            _write(told, opened)
        print(f"{name}: {sum(not _is_whole(message) for message in told if message.id)} of {len(told)} untranslated")


def _check(names: Iterable[str]) -> int:
    wanted = found(operator=False)
    wrong = 0
    for name in names:
        listed = list(faults(_told(name), wanted))
        wrong += len(listed)
        print("\n".join([f"{name}: {len(listed)} faults in {len(wanted)} texts", *(f"  {fault}" for fault in listed)]))
    return 1 if wrong else 0


def _missing(name: str) -> catalog.Catalog:
    told, asked = _told(name), _empty(name)
    for message in found(operator=False):
        mine = told.get(message.id, message.context)
        if message.id and (mine is None or not _is_whole(mine)):
            asked.add(message.id, locations=message.locations, context=message.context)
    return asked


def _take(name: str, file: Path) -> int:
    wanted, told = found(operator=False), _told(name)
    told.update(wanted, no_fuzzy_matching=True, update_header_comment=False)
    with file.open("rb") as opened:
        given = pofile.read_po(opened, locale=name, abort_invalid=True)
    refused = []
    for message in given:
        mine = told.get(message.id, message.context) if message.id else None
        wrong = list(_differences(told, message)) if message.id and _is_whole(message) else []
        if mine is None and message.id:
            wrong.append(f"unused: {_first(message)}")
        if mine is not None and _is_whole(message) and not wrong:
            mine.string = message.string
            mine.flags.discard("fuzzy")
        refused += wrong
    _file(name).parent.mkdir(parents=True, exist_ok=True)
    with _file(name).open("wb") as opened:
        _write(told, opened)
    print("\n".join([*(f"not taken: {wrong}" for wrong in refused), f"{name}: {sum(not _is_whole(each) for each in told if each.id)} untranslated"]))
    return 1 if refused else 0


def _file(name: str) -> Path:
    return catalogs.FOLDER / name / "LC_MESSAGES" / catalogs.OF_CUSTOMERS


def _told(name: str) -> catalog.Catalog:
    file = _file(name)
    told = catalogs.read(file) if file.exists() else _empty(name)
    told.header_comment = HEADER
    return told


def _empty(name: str) -> catalog.Catalog:
    told = catalog.Catalog(locale=name, project="tallystick", version="1", charset="utf-8", fuzzy=False, header_comment=HEADER)
    if name in PLURALS:  # a header that says so is how a catalogue learns of other forms than babel's
        told.mime_headers = [(key, PLURALS[name] if key == "Plural-Forms" else value) for key, value in told.mime_headers]
    return told


def _first(message: catalog.Message) -> str:
    return message.id if isinstance(message.id, str) else message.id[0]


def _strings(message: catalog.Message) -> list[str]:
    return [message.string] if isinstance(message.string, str) else list(message.string)


def _is_whole(message: catalog.Message) -> bool:
    return bool(message.string) and all(_strings(message)) and not message.fuzzy


def _differences(told: catalog.Catalog, message: catalog.Message) -> Iterator[str]:
    ids, strings = [message.id] if isinstance(message.id, str) else list(message.id), _strings(message)
    if len(ids) > 1 and len(strings) != told.num_plurals:
        yield f"{len(strings)} plural forms, not {told.num_plurals}: {ids[0]}"
    named = [_placeholders(each) for each in ids]
    for string in strings:
        # a form for one, two or none may name the number by a word instead
        if _placeholders(string) not in named and not (len(ids) > 1 and _placeholders(string) < named[-1]):
            yield f"other placeholders: {ids[-1]} -> {string}"


def _placeholders(text: str) -> set[str]:
    return {each[0] for each in _PLACEHOLDER.finditer(text)}


def _write(told: catalog.Catalog, opened: io.BufferedIOBase) -> None:
    written = io.BytesIO()
    pofile.write_po(written, told, width=0, include_lineno=False, ignore_obsolete=True)
    opened.write(_DATES.sub("", written.getvalue().decode()).encode())


if __name__ == "__main__":
    django.conf.settings.configure()  # reading a template's tags asks for settings, any will do
    sys.exit(main(sys.argv[1:]))
