"""Fill the fake gateway's pages; every value is escaped."""

import functools
import html
import importlib.resources
import string

from tallystick.integrations.gateways.fake import book, cards
from tallystick.lib import money

_REASONS = {
    "card_declined": "The bank declined this card.",
    "insufficient_funds": "There is not enough money on this card.",
    "canceled": "You stopped this payment.",
    "authentication_failed": "The payment was not confirmed.",
}


@functools.cache
def file(name: str) -> str:
    """Read a page or the style sheet beside this module."""
    return (importlib.resources.files("tallystick.integrations.gateways.fake") / "pages" / name).read_text(encoding="utf-8")


def pay(payment: book.Payment, *, typed: tuple[str, str] = ("4242 4242 4242 4242", "12/30"), wrong: cards.CardUnusable | None = None) -> str:
    """Show the payment page, with what was typed and what to mend."""
    rows = "\n".join(
        f'        <tr><th scope="row">{cards.spaced(number)}</th><td>{html.escape(behavior)}</td></tr>' for number, behavior in cards.CARDS.items()
    )
    title = "Error: pay by card" if wrong else "Pay by card"
    return _page(
        "pay.html",
        title,
        {
            "amount": _amount(payment),
            "description": html.escape(payment.attempt.description),
            "reference": html.escape(payment.reference),
            "number": html.escape(typed[0]),
            "expiry": html.escape(typed[1]),
            "cards": rows,
            **_marks("number", wrong),
            **_marks("expiry", wrong),
        },
    )


def authenticate(payment: book.Payment) -> str:
    """Show the page of extra authentication."""
    return _page("authenticate.html", "Confirm this payment", {"amount": _amount(payment), "reference": html.escape(payment.reference)})


def failed(payment: book.Payment, return_url: str) -> str:
    """Say that nothing was charged, and lead back."""
    reason = payment.messages[-1].reason if payment.messages else ""
    sentence = _REASONS.get(reason, "The payment did not succeed.")
    return _page("failed.html", "The card was not charged", {"amount": _amount(payment), "reason": sentence, "return_url": html.escape(return_url)})


def missing() -> str:
    """Say that there is no such payment."""
    return _page("missing.html", "There is no such payment", {})


def _page(name: str, title: str, values: dict[str, str]) -> str:
    body = string.Template(file(name)).substitute(values)
    return string.Template(file("frame.html")).substitute(title=title, body=body)


def _marks(field: str, wrong: cards.CardUnusable | None) -> dict[str, str]:
    """Mark the field that is wrong, for eyes and for readers."""
    if wrong is None or wrong.field != field:
        return {f"{field}_marks": ' class="short"' if field == "expiry" else "", f"{field}_sentence": ""}
    return {
        f"{field}_marks": f' class="wrong{" short" if field == "expiry" else ""}" aria-invalid="true" aria-describedby="{field}-sentence" autofocus',
        f"{field}_sentence": f'      <p class="sentence" id="{field}-sentence">{html.escape(wrong.sentence)}</p>',
    }


def _amount(payment: book.Payment) -> str:
    """Write the amount with groups of three, as Tallystick's own pages do."""
    whole, point, part = money.text(payment.attempt.amount_minor, payment.attempt.currency).partition(".")
    return html.escape(f"{int(whole):,}{point}{part} {payment.attempt.currency}")
