"""Say why something is taxed or not: the categories of UNCL 5305 that EN 16931 takes, with their usual reasons."""

from decimal import Decimal
from enum import StrEnum


class TaxCategory(StrEnum):
    """Name why a rate is what it is; every one but STANDARD is a rate of 0 %."""

    STANDARD = "S"
    ZERO_RATED = "Z"
    EXEMPT = "E"
    REVERSE_CHARGE = "AE"
    INTRA_COMMUNITY = "K"
    EXPORT = "G"
    OUTSIDE = "O"


REASONS = {
    TaxCategory.STANDARD: "",
    TaxCategory.ZERO_RATED: "",
    TaxCategory.EXEMPT: "",
    TaxCategory.REVERSE_CHARGE: "Reverse charge",
    TaxCategory.INTRA_COMMUNITY: "Intra-community supply",
    TaxCategory.EXPORT: "Export outside the EU",
    TaxCategory.OUTSIDE: "Not subject to VAT",
}
"""What a document says where the operator gave no words; an exemption has no usual ones: it names its law."""


def usual(percent: Decimal) -> TaxCategory:
    """Give the category of a rate of which nothing else is said."""
    return TaxCategory.STANDARD if percent else TaxCategory.OUTSIDE


def fits(category: TaxCategory, percent: Decimal) -> bool:
    """Tell whether a rate may be of a category: STANDARD is above zero, and no other is."""
    return (category is TaxCategory.STANDARD) == bool(percent)
