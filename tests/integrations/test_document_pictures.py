"""Compare the drawn documents with pictures that a person has looked at (tests/golden/pictures)."""

import pytest

from integrations import papers, pictures
from tallystick.integrations.pdf import documents


@pytest.mark.parametrize("name", pictures.CASES)
def test_a_document_looks_as_it_was_looked_at(name: str) -> None:
    """integrations/pictures.py says how they are made anew, and that they are looked at then."""
    assert not pictures.differs(pictures.kept(name), pictures.case(name))


@pytest.mark.parametrize("changes", [{"to_pay": "9,999.00"}, {"currency": "USD"}, {"language": "de"}])
def test_another_amount_currency_or_language_is_another_picture(changes: dict[str, str]) -> None:
    """Plant a fault: a figure alone must be seen."""
    made = documents.render("invoice", papers.changed("invoice", logo=papers.LOGO, **changes), qr=pictures.SIGNATURE)
    assert pictures.differs(pictures.kept("invoice"), pictures.picture(made.content))


def test_every_kept_picture_is_of_a_case() -> None:
    """Nothing stays behind that nobody compares."""
    assert {file.stem for file in pictures.FOLDER.glob("*.png")} == set(pictures.CASES)
