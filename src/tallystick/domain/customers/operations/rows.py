"""Write the rows of customers and divisions, and keep every change of them with its date."""

from dataclasses import dataclass, field
from datetime import datetime

from tallystick.domain.customers import models
from tallystick.domain.customers.rules import DEPOSIT_METHODS, PAYMENT_METHODS, Act, CreditRule, Viewer, permit
from tallystick.domain.events import operations as events
from tallystick.integrations.postgres import scope
from tallystick.lib import errors, ids, money, texts

LONGEST_TERMS_DAYS = 30


class SettingsChanged(errors.Conflict):
    """Say that somebody else changed the settings since the form was opened."""

    code = "settings_changed"


@dataclass(frozen=True, slots=True)
class CustomerDraft:
    """Describe a new customer; `limit_minor` None is unlimited, `tax_rate_id` None is untaxed."""

    legal_entity_id: int
    name: str
    currency: str
    limit_minor: int | None = 0
    rule: CreditRule = CreditRule.CONSUMPTION
    tax_rate_id: int | None = None
    terms_days: int = LONGEST_TERMS_DAYS
    address: str = ""
    country: str = ""
    vat_number: str = ""
    billing_name: str = ""
    billing_email: str = ""
    separate_funds: bool = False
    top_division: str = ""
    recipients: tuple[str, ...] = field(default=())


@dataclass(frozen=True, slots=True)
class SettingsDraft:
    """Describe a customer's own settings; `version` is that of the row when the form was opened."""

    version: int
    notify_below_minor: int | None
    vat_number: str
    billing_name: str
    billing_email: str
    recipients: tuple[str, ...]
    payment_methods: tuple[str, ...] = PAYMENT_METHODS
    default_method: str = PAYMENT_METHODS[0]


def add_customer(*, draft: CustomerDraft) -> int:
    """Write a customer's row inside the running scope. Raises InvalidFields."""
    wrong: dict[str, str] = {}
    if not draft.name.strip():
        wrong["name"] = texts.marked("Enter the customer's name.")
    if not 0 <= draft.terms_days <= LONGEST_TERMS_DAYS:
        wrong["terms_days"] = texts.marked("Payment terms are at most Net 30.")
    if draft.limit_minor is not None and not 0 <= draft.limit_minor < money.LARGEST_MINOR:
        wrong["limit"] = texts.marked("Enter a limit of zero or more.")
    if not models.LegalEntity.objects.filter(pk=draft.legal_entity_id).exists():
        wrong["legal_entity"] = texts.marked("Choose the legal entity that sells to this customer.")
    if wrong:
        raise errors.InvalidFields(wrong)
    money.exponent(draft.currency)
    return models.Customer.objects.create(
        legal_entity_id=draft.legal_entity_id,
        tax_rate_id=draft.tax_rate_id,
        name=draft.name.strip(),
        address=draft.address,
        country=draft.country,
        vat_number=draft.vat_number,
        currency=draft.currency,
        terms_days=draft.terms_days,
        billing_name=draft.billing_name,
        billing_email=draft.billing_email,
        recipients=list(draft.recipients),
        separate_funds=draft.separate_funds,
    ).pk


def add_division(*, customer_id: int, parent_id: int | None, name: str) -> int:
    """Write a division's row inside the running scope. Raises Invalid."""
    free = _free_name(customer_id=customer_id, parent_id=parent_id, name=name, own_id=None)
    return models.Division.objects.create(customer_id=customer_id, parent_id=parent_id, name=free).pk


def rename_division_row(*, customer_id: int, division_id: int, name: str) -> tuple[str, str]:
    """Write a division's other name inside the running scope; give the name before and the one by now. Raises NotFound, Invalid."""
    held = models.Division.objects.select_for_update(no_key=True).filter(customer_id=customer_id, id=division_id).first()
    if held is None:
        raise errors.NotFound(texts.marked("There is no such division."), field="division")
    free = _free_name(customer_id=customer_id, parent_id=held.parent_id, name=name, own_id=division_id)
    if free != held.name:
        models.Division.objects.filter(customer_id=customer_id, id=division_id).update(name=free)
    return held.name, free


def _free_name(*, customer_id: int, parent_id: int | None, name: str, own_id: int | None) -> str:
    """Tidy a division's name up, which no other one below the same parent has. Raises Invalid."""
    cleaned = " ".join(name.split())
    if not cleaned or len(cleaned) > 200 or not cleaned.isprintable():  # noqa: PLR2004 - the column of every list
        raise errors.Invalid(texts.marked("Enter a name of at most 200 characters."), field="name")
    if models.Division.objects.filter(customer_id=customer_id, parent_id=parent_id, name=cleaned).exclude(id=own_id or 0).exists():
        raise errors.Invalid(texts.marked("There is a division %(name)s here already.", name=cleaned), field="name")
    return cleaned


def close_division_row(*, customer_id: int, division_id: int, now: datetime) -> None:
    """Mark a division closed inside the running scope."""
    models.Division.objects.filter(customer_id=customer_id, id=division_id).update(closed_at=now)


def set_separate_funds(*, customer_id: int, separate: bool) -> None:
    """Note on the customer's row whether its divisions have funds of their own, inside the running scope."""
    models.Customer.objects.filter(id=customer_id).update(separate_funds=separate)


def record_change(*, customer_id: int, kind: str, facts: dict[str, object], viewer: Viewer) -> None:
    """Keep a change of the customer with its instant (as-of figures need it) and as an event, inside the running scope."""
    with scope.cursor() as cursor:
        cursor.execute("select ledger_now()")
        instant = cursor.fetchone()[0]
    models.Change.objects.create(customer_id=customer_id, kind=kind, facts=facts, changed_at=instant, viewer_name=viewer.name)
    events.record(customer_id=customer_id, kind=kind, subject_id=ids.public("cus", customer_id), facts=facts, viewer=viewer)


@scope.retrying
def change_settings(*, viewer: Viewer, draft: SettingsDraft) -> None:
    """Change a customer's own settings, all or none, and keep what each was. Raises NotAllowed, Invalid, SettingsChanged."""
    permit(viewer, Act.CHANGE_SETTINGS)
    customer_id = viewer.customer_id
    assert customer_id is not None, "settings are a customer's own"
    _check_methods(draft)
    wanted = {
        "notify_below_minor": draft.notify_below_minor,
        "vat_number": draft.vat_number,
        "billing_name": draft.billing_name,
        "billing_email": draft.billing_email,
        "recipients": list(draft.recipients),
        "payment_methods": [method for method in PAYMENT_METHODS if method in draft.payment_methods],
        "default_method": draft.default_method,
    }
    with scope.of(viewer):
        held = models.Customer.objects.select_for_update(no_key=True).get(id=customer_id)
        if held.version != draft.version:
            raise SettingsChanged(texts.marked("Someone changed these settings meanwhile. Look at them and send yours again."))
        before = {name: getattr(held, name) for name, value in wanted.items() if getattr(held, name) != value}
        models.Customer.objects.filter(id=customer_id).update(**wanted, version=draft.version + 1)
        facts: dict[str, object] = {
            "billing_email": draft.billing_email,
            "before": before,
            "after": {name: wanted[name] for name in before},
        }
        record_change(customer_id=customer_id, kind="settings.changed", facts=facts, viewer=viewer)


def _check_methods(draft: SettingsDraft) -> None:
    """Refuse methods nobody could use. Raises Invalid."""
    chosen = set(draft.payment_methods)
    if chosen - set(PAYMENT_METHODS):
        raise errors.Invalid(texts.marked("Choose how to pay."), field="payment_methods")
    if not chosen & DEPOSIT_METHODS:
        raise errors.Invalid(texts.marked("Allow card, bank transfer or both: without them no money could come in."), field="payment_methods")
    if draft.default_method not in chosen:
        raise errors.Invalid(texts.marked("The method that is chosen at first must be an allowed one."), field="default_method")
