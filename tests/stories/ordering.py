"""Fill in the form of a purchase order over plain HTTP."""

import httpx

from stories import reading, visiting

NEW = "/finances/purchase-orders/new/"
Files = dict[str, tuple[str, bytes, str]] | None


def typed(number: str, amount: str = "100.00", **more: str | None) -> visiting.Typed:
    """Give what a person types into an order of one line."""
    return {
        "number": number,
        "description-1": "Prepaid funds",
        "quantity-1": "1",
        "unit_price-1": amount,
        "bill_to_city": "Salem, OR 97301",
        "contact_name": "Dana Whitfield",
        "contact_mail": "ap@northwind.example",
        "signed": "on",
        **more,
    }


def submit(visitor: visiting.Visitor, entries: visiting.Typed, *, path: str = NEW, files: Files = None) -> httpx.Response:
    """Open the form, type these in and send it."""
    page = visitor.get(path)
    form = reading.form(page.text, id="order") if 'id="order"' in page.text else reading.form(page.text, action="")
    return visitor.send(page, form, entries, files=files)


def kept(answer: httpx.Response) -> reading.Form:
    """Read the form that came back."""
    assert answer.status_code == 422, f"{answer.status_code} {reading.text(answer.text)[:400]}"
    return reading.form(answer.text, id="order")
