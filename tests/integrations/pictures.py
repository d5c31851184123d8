"""Draw the first page of documents as pictures, to be looked at and compared: `PYTHONPATH=tests:src python -m integrations.pictures` makes them anew.

Whoever changes the template makes them anew and looks at each before it is committed.
"""

import io
import os
from pathlib import Path
from typing import Any

import django
import pypdfium2  # type: ignore[import-untyped]
from PIL import Image, ImageChops

from integrations import papers
from tallystick.integrations.pdf import documents

FOLDER = Path(__file__).resolve().parents[1] / "golden" / "pictures"
SIGNATURE = "https://finance.lanternfield.example/verify-document?n=INV-2026-01184&a=1190.00&c=EUR&k=2026-1&s=" + "mZ4x0Q_" * 12
_TILE, _GRAYS = 12, 20
"""Two pictures are one where no tile of so many points differs by more grays on average: edges of letters differ by less, a figure by more."""

CASES: dict[str, tuple[str, Any, str]] = {
    "invoice": ("invoice", papers.changed("invoice", logo=papers.LOGO), SIGNATURE),
    "invoice-rates": (
        "invoice",
        papers.changed(
            "invoice",
            currency="USD",
            original_number="D-10077",
            bank={"holder": "Lanternfield, Inc.", "bank_name": "Willamette Savings Bank", "account": "0042 118 2207", "bic": "000 000 000"},
            reference="INV-2026-01184",
            lines=[{**line, "tax_rate": rate} for line, rate in zip(papers.INVOICE["lines"], ("8.875\u00a0%", "0\u00a0%"), strict=True)],
            taxes=[
                {"label": "Sales tax", "rate": "8.875\u00a0%", "base": "740.00", "amount": "65.68"},
                {"rate": "0\u00a0%", "base": "260.00", "amount": "0.00", "note": "Exempt: resale certificate on file"},
            ],
            gross="1,065.68",
            to_pay="1,065.68",
        ),
        "",
    ),
    "invoice-ar": ("invoice", papers.changed("invoice", **papers.ARABIC), ""),
    "invoice-ja": ("invoice", papers.changed("invoice", **papers.JAPANESE), ""),
    "credit_note": ("credit_note", papers.CREDIT_NOTE, ""),
    "receipt": ("receipt", papers.RECEIPT, ""),
    "payment_slip": ("payment_slip", papers.SLIP, ""),
    "statement": ("statement", papers.STATEMENT, ""),
    "reminder": ("reminder", papers.REMINDER, ""),
}


def picture(content: bytes, *, page: int = 0, scale: float = 1) -> Image.Image:
    """Draw a page of a PDF in grays, a point for each point of the paper."""
    with pypdfium2.PdfDocument(content) as pdf:
        drawn: Image.Image = pdf[page].render(scale=scale, grayscale=True).to_pil()
    return drawn.convert("L")


def differs(one: Image.Image, other: Image.Image) -> bool:
    """Tell two pictures apart by more than the edges of their letters."""
    if one.size != other.size:
        return True
    return int(ImageChops.difference(one, other).reduce(_TILE).getextrema()[1]) > _GRAYS  # type: ignore[arg-type]  # one channel


def case(name: str) -> Image.Image:
    """Draw a case now."""
    kind, given, signature = CASES[name]
    return picture(documents.render(kind, given, qr=signature).content)


def kept(name: str) -> Image.Image:
    """Open the picture that was looked at."""
    return Image.open(io.BytesIO((FOLDER / f"{name}.png").read_bytes())).convert("L")


def main() -> None:
    """Make all pictures anew."""
    FOLDER.mkdir(parents=True, exist_ok=True)
    for name in CASES:
        case(name).quantize(16).save(FOLDER / f"{name}.png", optimize=True)


if __name__ == "__main__":
    os.environ |= {"DJANGO_SETTINGS_MODULE": "tallystick.config.settings", "TALLYSTICK_CHECKS": "1"}
    django.setup()
    main()
