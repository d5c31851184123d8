"""Write a customer's master record: what stands on its next documents. Who may, and what is fixed by then, is decided above."""

from dataclasses import asdict, dataclass

from tallystick.domain.customers import models
from tallystick.domain.customers.operations import rows
from tallystick.domain.customers.rules import Viewer
from tallystick.lib import errors, texts


class RecordChanged(errors.Conflict):
    """Say that somebody else changed the record since the form was opened."""

    code = "record_changed"


@dataclass(frozen=True, slots=True, kw_only=True)
class MasterRecord:
    """Describe a customer as its next documents show it; `tax_rate_id` None is untaxed."""

    legal_entity_id: int
    currency: str
    tax_rate_id: int | None
    name: str
    terms_days: int
    locale: str
    address: str
    country: str
    vat_number: str
    billing_name: str
    billing_email: str
    recipients: tuple[str, ...]


def master_record(customer: models.Customer) -> MasterRecord:
    """Read the record from the customer's row."""
    kept = {name: getattr(customer, name) for name in MasterRecord.__dataclass_fields__}
    return MasterRecord(**{**kept, "recipients": tuple(customer.recipients)})


def differences(before: MasterRecord, after: MasterRecord) -> dict[str, tuple[object, object]]:
    """Tell what changes: field to the value before and after."""
    was, will = _plain(before), _plain(after)
    return {name: (was[name], will[name]) for name in was if was[name] != will[name]}


def write_master_record(*, customer_id: int, version: int, record: MasterRecord, viewer: Viewer) -> bool:
    """Write the record inside the running scope and keep what it was; False where nothing differs.

    `version` is that of the row when the form was opened. Raises NotFound, RecordChanged.
    """
    held = models.Customer.objects.select_for_update(no_key=True).filter(id=customer_id).first()
    if held is None:
        raise errors.NotFound(texts.marked("There is no such customer."))
    changed = differences(master_record(held), record)
    if not changed:
        return False
    if held.version != version:
        raise RecordChanged(texts.marked("Someone changed this customer meanwhile. Open the form again, look at what they did, and send yours then."))
    models.Customer.objects.filter(id=customer_id).update(**_plain(record), version=version + 1)
    facts: dict[str, object] = {
        "before": {name: was for name, (was, _) in changed.items()},
        "after": {name: will for name, (_, will) in changed.items()},
    }
    rows.record_change(customer_id=customer_id, kind="customer.changed", facts=facts, viewer=viewer)
    return True


def _plain(record: MasterRecord) -> dict[str, object]:
    return {**asdict(record), "recipients": list(record.recipients)}
