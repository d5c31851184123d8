"""Read the changes of a customer's master record: who changed which field, from what to what."""

from typing import Any

from django.conf import settings
from django.utils.translation import gettext_lazy

from tallystick.domain.administration import queries as administration
from tallystick.domain.customers import queries, rules

FIELDS = {
    "name": gettext_lazy("Name"),
    "legal_entity_id": gettext_lazy("Buys from"),
    "currency": gettext_lazy("Currency"),
    "tax_rate_id": gettext_lazy("Tax on orders and deposits"),
    "terms_days": gettext_lazy("Payment terms, days"),
    "locale": gettext_lazy("Language"),
    "address": gettext_lazy("Billing address"),
    "country": gettext_lazy("Country"),
    "vat_number": gettext_lazy("VAT or GST number"),
    "billing_name": gettext_lazy("Billing contact"),
    "billing_email": gettext_lazy("Their e-mail"),
    "recipients": gettext_lazy("Also mail invoices to"),
}


def differences(viewer: rules.Viewer, customer_id: int) -> list[tuple[administration.RecordChange, list[tuple[object, str, str]]]]:
    """Pair each change of the record with its fields by name, before and after, for reading."""
    entities = {entity.pk: entity.name for entity in queries.legal_entities()}
    rates = {rate.pk: rate.name for entity_id in entities for rate in queries.tax_rates(legal_entity_id=entity_id)}
    named: dict[str, dict[Any, str]] = {
        "legal_entity_id": entities,
        "tax_rate_id": rates,
        "locale": {code: str(word) for code, word in settings.LANGUAGES},
    }

    def read(field: str, value: object) -> str:
        if isinstance(value, list):
            return ", ".join(value)
        return str(named.get(field, {}).get(value, "" if value is None else value))

    return [
        (change, [(FIELDS[one.field], read(one.field, one.before), read(one.field, one.after)) for one in change.differences])
        for change in administration.record_changes(viewer=viewer, customer_id=customer_id)
    ]
