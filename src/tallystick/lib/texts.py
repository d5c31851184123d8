"""Mark the sentences that a floor without languages says, so that a door may say them in the reader's language.

Domain, integrations and plain values speak English. A sentence that a person may read is written `texts.marked("At most %(most)s can be
moved.", most=...)`: in English it is that text, for programs, the command line and the log; a door that knows its reader's language finds
the sentence (the msgid of the catalogues) and its values in it. The extractor of the catalogues looks for `marked` beside `gettext`.
What people typed, and what is written into documents, is never marked.
"""

from typing import Any


class Marked(str):
    """An English text that remembers which sentence it is, and the values that were put into it; a value may be marked as well."""

    __slots__ = ("msgid", "values")
    msgid: str
    values: dict[str, Any]


class Amount(str):
    """An amount as English sentences have it, "454.00" or "454.00 USD", that a door may write in its reader's form."""

    __slots__ = ("currency", "minor")
    minor: int
    currency: str

    @property
    def is_named(self) -> bool:
        """Tell whether its currency stands behind it."""
        return self.endswith(self.currency)


def amount(written: str, *, minor: int, currency: str) -> Amount:
    """Remember of a written amount its minor units and currency; lib/money.py writes them."""
    made = Amount(written)
    made.minor = minor
    made.currency = currency
    return made


class Word(Marked):
    """A code as English sentences have it, that a door says in another language by the word that pages have for it."""

    __slots__ = ()


def word(text: str, *, msgid: str) -> Word:
    """Put a code into a sentence; the msgid is one that pages have already."""
    made = Word(text)
    made.msgid, made.values = msgid, {}
    return made


def marked(msgid: str, **values: Any) -> Marked:
    """Mark a whole sentence, a literal with `%(name)s` for each value; without values it stands as it is."""
    text = Marked(msgid % values if values else msgid)
    text.msgid = msgid
    text.values = values
    return text
