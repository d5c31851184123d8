"""Say in the reader's language what the floors below say in English: refusals, and words kept as codes."""

from collections.abc import Iterable
from typing import Any

from django.utils.functional import Promise
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from tallystick.domain.customers.rules import CustomerRole, StaffRole
from tallystick.domain.payments.rules import Method
from tallystick.interfaces.web import amounts
from tallystick.lib import errors, texts

METHODS: dict[str, str | Promise] = {
    Method.CARD: _("Card"),
    Method.BANK_TRANSFER: _("Bank transfer"),
    Method.CHEQUE: _("Cheque"),
    Method.OTHER: _("Other"),
    Method.UNAPPLIED_CREDIT: _("Unapplied credit"),
    Method.BALANCE: _("Account balance"),
}
"""A word for each way to pay."""

ROLES: dict[str, str | Promise] = {
    CustomerRole.ADMINISTRATOR: _("Administrator"),
    CustomerRole.MANAGER: _("Manager"),
    CustomerRole.FINANCE_MANAGER: _("Finance manager"),
    CustomerRole.STANDARD_USER: _("Standard user"),
    CustomerRole.LIMITED_USER: _("Limited user"),
    StaffRole.CLERK: _("Clerk"),
    StaffRole.APPROVER: _("Approver"),
    StaffRole.AUDITOR: _("Auditor"),
}
"""A word for each role; the administrators of a customer and of the operator are named alike."""

_DECLINED = _("The card processor declined it. Nothing was charged.")
_FAILURES: dict[str, str | Promise] = {
    "card_declined": _("The bank declined this card. Nothing was charged."),
    "insufficient_funds": _("There is not enough money on this card. Nothing was charged."),
    "authentication_failed": _("The payment was not confirmed. Nothing was charged."),
    "canceled": _("The payment was stopped. Nothing was charged."),
}
"""What the gateways' short words for a failure say to a person."""


def failure(reason: str) -> str:
    """Say why a payment failed: a gateway's known word as a sentence, its own sentence as it stands, anything else in general."""
    return reason if " " in reason else str(_FAILURES.get(reason, _DECLINED))


def said(sentence: str) -> str:
    """Say a marked sentence in the active language; anything else stands as it is: people typed it, or it was said in that language."""
    if not isinstance(sentence, texts.Marked):
        return sentence
    told = gettext(sentence.msgid)
    return told % {name: _value(value) for name, value in sentence.values.items()} if sentence.values else told


def said_all(sentences: Iterable[str]) -> tuple[str, ...]:
    """Say several."""
    return tuple(said(one) for one in sentences)


def complaints(refusal: errors.Refusal, *, elsewhere: str) -> dict[str, str]:
    """Say a refusal by field; what names no field stands under `elsewhere`."""
    told = refusal.fields if isinstance(refusal, errors.InvalidFields) else {refusal.field or elsewhere: refusal.sentence}
    return {name: said(sentence) for name, sentence in told.items()}


def _value(value: Any) -> Any:  # noqa: ANN401 - what a sentence holds: texts and numbers
    if isinstance(value, texts.Amount) and amounts.language() != "en":
        written = amounts.text(value.minor, value.currency)
        return f"{written}\u00a0{value.currency}" if value.is_named else written
    if isinstance(value, texts.Word) and amounts.language() == "en":
        return value
    return said(value) if isinstance(value, str) else value
