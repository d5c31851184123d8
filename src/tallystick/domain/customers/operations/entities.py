"""Set up the operator's side: legal entities, tax rates, bank accounts, settings."""

import hashlib
import re
from decimal import Decimal
from zoneinfo import ZoneInfo, available_timezones

from tallystick.domain.customers import models, tax_categories
from tallystick.domain.customers.rules import TOLERANCE, Act, Viewer, permit
from tallystick.domain.customers.tax_categories import TaxCategory
from tallystick.integrations.pdf import logos
from tallystick.integrations.postgres import scope
from tallystick.lib import errors, money, texts

_LARGEST_PERCENT = Decimal(100)
_PERCENT = re.compile(r"[0-9]{1,3}(\.[0-9]{1,6})?")


def create_legal_entity(
    *, viewer: Viewer, name: str, address: str, country: str, tax_number: str = "", email: str = "", time_zone: str = "UTC"
) -> int:
    """Add a company of the operator; its name and address are copied onto every document. Raises NotAllowed, InvalidFields."""
    permit(viewer, Act.ADMINISTER)
    wrong: dict[str, str] = {}
    if not name.strip():
        wrong["name"] = texts.marked("Enter the legal name of the company.")
    if not address.strip():
        wrong["address"] = texts.marked("Enter the address as it stands in the register.")
    if len(country) != 2 or not country.isalpha():  # noqa: PLR2004 - ISO 3166-1 alpha-2
        wrong["country"] = texts.marked("Enter the two letters of the country, such as US.")
    if time_zone not in available_timezones():
        wrong["time_zone"] = texts.marked("Enter a time zone such as America/New_York.")
    if wrong:
        raise errors.InvalidFields(wrong)
    with scope.of(viewer):
        made = models.LegalEntity.objects.create(
            name=name.strip(),
            address=address.strip(),
            country=country.upper(),
            tax_number=tax_number,
            email=email,
            time_zone=str(ZoneInfo(time_zone)),
        )
    return made.pk


def set_logo(*, viewer: Viewer, legal_entity_id: int, content: bytes | None) -> None:
    """Put a logo (SVG or PNG) on the next documents of a legal entity, or take it off with None; issued documents keep theirs.

    Raises NotAllowed, Invalid.
    """
    permit(viewer, Act.ADMINISTER)
    svg = "" if content is None else logos.read(content)
    sha256 = hashlib.sha256(svg.encode()).hexdigest() if svg else ""
    with scope.of(viewer):
        if svg:
            models.Logo.objects.get_or_create(sha256=sha256, defaults={"svg": svg})
        models.LegalEntity.objects.filter(pk=legal_entity_id).update(logo_sha256=sha256)


def create_tax_rate(*, viewer: Viewer, legal_entity_id: int, name: str, percent: str, category: str = "", reason: str = "") -> int:
    """Add a tax rate with up to six decimals of a percent, such as 8.625; one of 0 % may say why. Raises NotAllowed, Invalid.

    `category` is one of UNCL 5305, empty for the usual one; `reason` is what documents say, empty for the usual words.
    """
    permit(viewer, Act.ADMINISTER)
    if _PERCENT.fullmatch(percent.strip()) is None or Decimal(percent.strip()) > _LARGEST_PERCENT:
        raise errors.Invalid(texts.marked("Enter a percentage from 0 to 100 with at most six decimals."), field="percent")
    rate = Decimal(percent.strip())
    chosen = TaxCategory(category) if category else tax_categories.usual(rate)
    if not tax_categories.fits(chosen, rate):
        raise errors.Invalid(texts.marked("A rate above 0 % is a standard rate, and one of 0 % is not."), field="category")
    words = reason.strip() or tax_categories.REASONS[chosen]
    if chosen is TaxCategory.EXEMPT and not words:
        raise errors.Invalid(texts.marked("Name the law that exempts it."), field="reason")
    with scope.of(viewer):
        made = models.TaxRate.objects.create(
            legal_entity_id=legal_entity_id, name=name or f"{percent} %", percent=rate, category=chosen, reason=words
        )
    return made.pk


def create_bank_account(*, viewer: Viewer, legal_entity_id: int, currency: str, holder: str, account: str, bank_name: str = "", bic: str = "") -> int:
    """Add an account into which customers pay in one currency. Raises NotAllowed, Invalid."""
    permit(viewer, Act.ADMINISTER)
    money.exponent(currency)
    if not holder.strip() or not account.strip():
        raise errors.InvalidFields({"account": texts.marked("Enter the holder and the number of the account.")})
    with scope.of(viewer):
        made = models.BankAccount.objects.create(
            legal_entity_id=legal_entity_id, currency=currency, holder=holder, account=account, bank_name=bank_name, bic=bic
        )
    return made.pk


def set_setting(*, viewer: Viewer, name: str, value: object) -> None:
    """Set one of the operator's settings. Raises NotAllowed."""
    permit(viewer, Act.ADMINISTER)
    with scope.of(viewer):
        models.Setting.objects.update_or_create(name=name, defaults={"value": value})


def set_write_off_tolerance(*, viewer: Viewer, currency: str, amount_minor: int) -> None:
    """Set up to how many minor units of a currency one approver writes off alone. Raises NotAllowed, Invalid."""
    permit(viewer, Act.ADMINISTER)
    money.exponent(currency)
    if not 0 <= amount_minor < money.LARGEST_MINOR:
        raise errors.Invalid(texts.marked("Enter zero or an amount above it."), field="amount")
    set_setting(viewer=viewer, name=TOLERANCE.format(currency=currency), value=amount_minor)
