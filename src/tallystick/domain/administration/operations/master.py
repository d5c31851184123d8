"""Correct a customer's master record; what is posted, ordered or announced keeps its currency and its seller."""

from tallystick.domain.administration import queries
from tallystick.domain.customers import models
from tallystick.domain.customers import queries as known
from tallystick.domain.customers.operations import master, rows
from tallystick.domain.customers.rules import Act, Viewer, permit
from tallystick.domain.funds import operations as funds
from tallystick.domain.funds import queries as figures
from tallystick.domain.funds.operations import currencies
from tallystick.integrations.postgres import scope
from tallystick.lib import errors, money, texts

_LONGEST_NAME = 200
_FIXED = texts.marked("This can not change any more: something was posted, ordered or announced in it. Open another customer instead.")


@scope.retrying
def change_customer(*, viewer: Viewer, customer_id: int, version: int, record: master.MasterRecord) -> bool:
    """Change what stands on a customer's next documents, and keep before and after; issued documents are frozen and stay as they are.

    False where nothing differs. Currency and legal entity are fixed once something was posted, ordered or announced.
    Raises NotAllowed, NotFound, InvalidFields, RecordChanged.
    """
    permit(viewer, Act.ADMINISTER)
    with scope.of(viewer):
        found = known.customer(viewer=viewer, customer_id=customer_id)
        funds.lock(customer_id)  # nothing is posted between the look and the change
        wrong = _wrong(record) | _fixed(viewer, found, record)
        if wrong:
            raise errors.InvalidFields(wrong)
        changed = master.write_master_record(customer_id=customer_id, version=version, record=record, viewer=viewer)
        if record.currency != found.currency:
            currencies.set_currency(customer_id=customer_id, currency=record.currency)
    return changed


def _wrong(record: master.MasterRecord) -> dict[str, str]:
    wrong: dict[str, str] = {}
    if not record.name.strip() or len(record.name) > _LONGEST_NAME or not record.name.isprintable():
        wrong["name"] = texts.marked("Enter the customer's name, at most %(most)s characters.", most=_LONGEST_NAME)
    if not 0 <= record.terms_days <= rows.LONGEST_TERMS_DAYS:
        wrong["terms_days"] = texts.marked("Payment terms are at most Net %(days)s.", days=rows.LONGEST_TERMS_DAYS)
    if record.legal_entity_id not in {entity.pk for entity in known.legal_entities()}:
        wrong["legal_entity"] = texts.marked("Choose the legal entity that sells to this customer.")
    rates = {rate.pk for rate in known.tax_rates(legal_entity_id=record.legal_entity_id)}
    if record.tax_rate_id is not None and record.tax_rate_id not in rates:
        wrong["tax_rate"] = texts.marked("Choose a rate of the legal entity that sells to this customer.")
    return wrong


def _fixed(viewer: Viewer, found: models.Customer, record: master.MasterRecord) -> dict[str, str]:
    moved = [
        name
        for name, same in [("currency", record.currency == found.currency), ("legal_entity", record.legal_entity_id == found.legal_entity_id)]
        if not same
    ]
    if not moved:
        return {}
    if queries.is_fixed(viewer=viewer, customer_id=found.pk):
        return dict.fromkeys(moved, _FIXED)
    if "currency" in moved and money.exponent(record.currency) != money.exponent(found.currency):
        limit_minor = figures.exposures(viewer=viewer, customer_ids=[found.pk])[found.pk].limit_minor
        if limit_minor or found.notify_below_minor:
            return {
                "currency": texts.marked(
                    "The credit limit or the low-balance mark was set in %(currency)s, which has other decimals. Set both to 0 first.",
                    currency=found.currency,
                )
            }
    return {}
