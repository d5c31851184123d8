"""Read a typed order: every field is checked, and each wrong one has a sentence that says what to do. Pure."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal

from tallystick.domain.invoicing import rules as invoicing
from tallystick.domain.purchasing import rules
from tallystick.domain.purchasing.rules import Line, Order, OrderDraft
from tallystick.lib import errors, money, texts

_QUANTITY = re.compile(r"[0-9]{1,9}(\.[0-9]{1,6})?")
_COUNTRY = re.compile(r"[A-Z]{2}")
_TAX_NUMBER = re.compile(r"[A-Za-z0-9 ./-]{4,30}")

_NEEDED = {
    "bill_to_name": texts.marked("Enter the name of the company to bill."),
    "bill_to_street": texts.marked("Enter the street of the bill-to address."),
    "bill_to_city": texts.marked("Enter the city of the bill-to address."),
    "contact_name": texts.marked("Enter the name of the person who processes the invoice."),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Setting:
    """Say what the order is read against: the customer's currency, its longest terms, and its divisions (id to whether it is open)."""

    currency: str
    longest_terms_days: int
    divisions: Mapping[int, bool]


def read(draft: OrderDraft, setting: Setting) -> Order:
    """Read the order. Raises InvalidFields with a sentence for each wrong field, in the order of the form."""
    wrong: dict[str, str] = {}
    _check_texts(draft, wrong)
    division_id = _division(draft.division, setting, wrong)
    terms_days = _terms(draft.terms_days, setting.longest_terms_days, wrong)
    lines = _amounts(draft, setting.currency, wrong)
    if not draft.signed:
        wrong["signed"] = texts.marked("Confirm that the order is signed where its form has a place for it.")
    if draft.channel not in set(rules.Channel):
        wrong["channel"] = texts.marked("Say by which channel the order came: page, api, mail or post.")
    if wrong:
        raise errors.InvalidFields(_in_form_order(wrong))
    return Order(
        number=draft.number.strip(),
        number_key=rules.number_key(draft.number),
        division_id=division_id,
        lines=lines,
        terms_days=terms_days,
        bill_to_name=draft.bill_to_name.strip(),
        bill_to_street=draft.bill_to_street.strip(),
        bill_to_city=draft.bill_to_city.strip(),
        bill_to_country=draft.bill_to_country.strip().upper(),
        contact_name=draft.contact_name.strip(),
        contact_mail=draft.contact_mail.strip(),
        vat_number=draft.vat_number.strip(),
        recipients=tuple(rules.recipients(draft.recipients)),
        note=draft.note.strip(),
        signed=draft.signed,
        channel=rules.Channel(draft.channel),
    )


def _check_number(number: str, wrong: dict[str, str]) -> None:
    if not rules.number_key(number):
        wrong["number"] = texts.marked("Enter the number of the purchase order.")
    elif len(number) > rules.LONGEST_NUMBER or not rules.is_clean(number):
        wrong["number"] = texts.marked(
            "Enter the number in at most %(most)s letters and digits, as it stands on the order.", most=rules.LONGEST_NUMBER
        )


def _check_texts(draft: OrderDraft, wrong: dict[str, str]) -> None:
    _check_number(draft.number.strip(), wrong)
    for field, sentence in _NEEDED.items():
        value = getattr(draft, field).strip()
        if not value:
            wrong[field] = sentence
        elif len(value) > rules.LONGEST_TEXT or not rules.is_clean(value):
            wrong[field] = texts.marked("Enter at most %(most)s letters on one line.", most=rules.LONGEST_TEXT)
    if _COUNTRY.fullmatch(draft.bill_to_country.strip().upper()) is None:
        wrong["bill_to_country"] = texts.marked("Choose the country of the bill-to address.")
    if not rules.is_mail(draft.contact_mail.strip()):
        wrong["contact_mail"] = texts.marked("Enter the mail address of the person who processes the invoice, such as ap@example.com.")
    if draft.vat_number.strip() and _TAX_NUMBER.fullmatch(draft.vat_number.strip()) is None:
        wrong["vat_number"] = texts.marked("Enter the VAT or GST number in letters and digits, or leave it empty.")
    _check_optional(draft, wrong)


def _check_optional(draft: OrderDraft, wrong: dict[str, str]) -> None:
    further = rules.recipients(draft.recipients)
    bad = next((one for one in further if not rules.is_mail(one)), None)
    if bad is not None:
        wrong["recipients"] = texts.marked("%(address)s is not a mail address. Separate addresses by commas.", address=bad[:80])
    elif len(further) > rules.MOST_RECIPIENTS:
        wrong["recipients"] = texts.marked("Enter at most %(most)s addresses.", most=rules.MOST_RECIPIENTS)
    if len(draft.note) > rules.LONGEST_NOTE or not rules.is_clean(draft.note, several_lines=True):
        wrong["note"] = texts.marked("Write at most %(most)s letters.", most=rules.LONGEST_NOTE)


def _division(written: str, setting: Setting, wrong: dict[str, str]) -> int:
    chosen = int(written) if re.fullmatch(r"[0-9]{1,18}", written.strip()) else 0
    if chosen not in setting.divisions:
        wrong["division"] = texts.marked("Choose a division of your account.")
    elif not setting.divisions[chosen]:
        wrong["division"] = texts.marked("This division is closed. Choose an open one.")
    return chosen


def _terms(written: str, longest_days: int, wrong: dict[str, str]) -> int:
    longest = min(longest_days, rules.LONGEST_TERMS_DAYS)
    days = int(written) if re.fullmatch(r"[0-9]{1,3}", written.strip()) else -1
    if not 0 <= days <= longest:
        wrong["terms_days"] = texts.marked("Choose payment terms of at most %(longest)s days.", longest=longest)
    return days


def _amounts(draft: OrderDraft, currency: str, wrong: dict[str, str]) -> tuple[Line, ...]:
    """Read lines or the one amount; where both are given they have to agree."""
    if draft.currency.strip() and draft.currency.strip().upper() != currency:
        wrong["currency"] = texts.marked("Your account is in %(currency)s. Enter the order in %(currency)s.", currency=currency)
    if len(draft.lines) > rules.MOST_LINES:
        wrong["lines"] = texts.marked("Enter at most %(most)s lines.", most=rules.MOST_LINES)
        return ()
    amount_minor = _positive(draft.amount, currency, "amount", wrong) if draft.amount.strip() or not draft.lines else 0
    before = len(wrong)
    if not draft.lines:
        text = f"Funds on account, purchase order {draft.number.strip()}"
        return (Line(description=text, quantity=Decimal(1), unit_price_minor=amount_minor, order_reference=""),)
    lines = tuple(_line(draft, place, currency, wrong) for place in range(len(draft.lines)))
    if len(wrong) == before:
        _check_sum(lines, amount_minor, currency, wrong)
    return lines


def _check_sum(lines: tuple[Line, ...], amount_minor: int, currency: str, wrong: dict[str, str]) -> None:
    net_minor = sum(invoicing.line_net(line.quantity, line.unit_price_minor) for line in lines)
    if net_minor <= 0:
        wrong["lines"] = texts.marked("Enter lines that add up to more than zero.")
    elif net_minor >= money.LARGEST_MINOR:
        wrong["lines"] = texts.marked("These lines add up to too large an amount. Split the order.")
    elif amount_minor and amount_minor != net_minor:
        wrong.setdefault(
            "amount",
            texts.marked(
                "The lines add up to %(text)s %(currency)s. Enter that amount, or mend the lines.",
                text=money.shown(net_minor, currency),
                currency=currency,
            ),
        )


def _line(draft: OrderDraft, place: int, currency: str, wrong: dict[str, str]) -> Line:
    line, name = draft.lines[place], f"lines-{place}"
    description = line.description.strip()
    if not description or len(description) > rules.LONGEST_NOTE or not rules.is_clean(description, several_lines=True):
        wrong[f"{name}-description"] = texts.marked("Describe line %(line)s in at most %(most)s letters.", line=place + 1, most=rules.LONGEST_NOTE)
    if len(line.order_reference) > rules.LONGEST_TEXT or not rules.is_clean(line.order_reference):
        wrong[f"{name}-order_reference"] = texts.marked(
            "Enter the reference of line %(line)s in at most %(most)s letters.", line=place + 1, most=rules.LONGEST_TEXT
        )
    quantity = Decimal(line.quantity.strip()) if _QUANTITY.fullmatch(line.quantity.strip()) else Decimal(0)
    if quantity <= 0:
        wrong[f"{name}-quantity"] = texts.marked("Enter the quantity of line %(line)s, such as 10 or 2.5.", line=place + 1)
    try:
        unit_price_minor = money.parse(line.unit_price, currency, field=f"{name}-unit_price")
    except errors.Invalid as refusal:
        wrong[f"{name}-unit_price"] = refusal.sentence
        unit_price_minor = 0
    return Line(description=description, quantity=quantity, unit_price_minor=unit_price_minor, order_reference=line.order_reference.strip())


def _positive(written: str, currency: str, field: str, wrong: dict[str, str]) -> int:
    try:
        minor = money.parse(written, currency, field=field)
    except errors.Invalid as refusal:
        wrong[field] = refusal.sentence
        return 0
    if minor == 0:
        wrong[field] = texts.marked("Enter an amount above zero.")
    return minor


def _in_form_order(wrong: Mapping[str, str]) -> dict[str, str]:
    fields = list(OrderDraft.__dataclass_fields__)
    return dict(sorted(wrong.items(), key=lambda item: fields.index(item[0].partition("-")[0])))
