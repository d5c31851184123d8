"""Say what of a document is signed: who asks whom for how much, and the account that it is to be paid to."""

from dataclasses import dataclass, fields

from tallystick.integrations.signatures.canonical import Value

LONGEST = 500
"""So many characters of a name are signed; a name that is longer is still drawn whole, and the file is covered whole."""
KINDS = ("invoice", "credit_note", "receipt")


@dataclass(frozen=True, slots=True, kw_only=True)
class Paper:
    """Name a document's facts as they are signed: amounts as plain decimals ("1400.00"), `day` in ISO form, what there is not as an empty text.

    `account`, `bic` and `reference` are the operator's bank account that it is paid to; `xml_sha256` is of the e-invoice that the PDF carries.
    """

    kind: str
    number: str
    day: str
    seller: str
    seller_tax_number: str = ""
    buyer: str
    buyer_tax_number: str = ""
    currency: str
    net: str = ""
    tax: str = ""
    gross: str
    account_holder: str = ""
    account: str = ""
    bic: str = ""
    reference: str = ""
    xml_sha256: str = ""

    def shape(self) -> dict[str, Value]:
        """Give what is signed, without what there is not."""
        return {name: value[:LONGEST] for name in _NAMES if (value := getattr(self, name))}


_NAMES = tuple(field.name for field in fields(Paper))
_REQUIRED = ("kind", "number", "day", "seller", "buyer", "currency", "gross")


def read(shape: object) -> Paper | None:
    """Read what was signed; None where it is no such thing. Names that a later version signs besides are left out."""
    if not isinstance(shape, dict) or not all(isinstance(key, str) and isinstance(value, str) for key, value in shape.items()):
        return None
    if not all(shape.get(name) for name in _REQUIRED):
        return None
    return Paper(**{name: shape.get(name, "") for name in _NAMES})
