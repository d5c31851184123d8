"""Compile the catalogues of the languages: what is read while the program runs is made of the .po files whenever one of them is newer.

A .po file is what people write and what is kept; its .mo file is made by `compile_stale` when a wheel is built, when the program starts
and by `script/catalogs compile`, so that none is ever older than its texts. `operator.po`, where a language has one, goes into the same .mo.
"""

import logging
import secrets
from collections.abc import Iterator
from pathlib import Path

from babel.messages import catalog, mofile, pofile

FOLDER = Path(__file__).resolve().parent / "locale"
OF_CUSTOMERS = "django.po"
OF_OPERATOR = "operator.po"

logger = logging.getLogger(__name__)


def compile_stale(folder: Path = FOLDER) -> list[Path]:
    """Compile each language whose texts are newer than what was made of them; give what was written, nothing in a folder that only reads."""
    made = []
    for texts in folders(folder):
        compiled = texts / "django.mo"
        if compiled.exists() and compiled.stat().st_mtime_ns >= max(source.stat().st_mtime_ns for source in sources(texts)):
            continue
        try:
            _write(texts, compiled)
        except OSError as problem:
            logger.warning("The language in %s can not be compiled: %s.", texts, problem.strerror)
        else:
            made.append(compiled)
    return made


def folders(folder: Path = FOLDER) -> list[Path]:
    """List where the languages keep their texts: locale/pt_BR/LC_MESSAGES."""
    return sorted(found.parent for found in folder.glob(f"*/LC_MESSAGES/{OF_CUSTOMERS}"))


def sources(texts: Path) -> Iterator[Path]:
    """Name the files that one language is made of."""
    return (texts / name for name in (OF_OPERATOR, OF_CUSTOMERS) if (texts / name).exists())


def read(file: Path) -> catalog.Catalog:
    """Read a .po file. Raises an error for one that is malformed."""
    name = file.parent.parent.name
    with file.open("rb") as opened:
        return pofile.read_po(opened, locale=name, abort_invalid=True)


def _write(texts: Path, compiled: Path) -> None:
    told, *more = [read(source) for source in sources(texts)]
    for other in more:
        for message in other:
            if message.id:
                told[message.id] = message
    fresh = compiled.with_name(f".{secrets.token_hex(4)}.mo")  # several processes may start at once: each puts a whole file in place
    with fresh.open("wb") as opened:
        mofile.write_mo(opened, told)
    fresh.replace(compiled)
