"""Make each document of the table and judge it; break some, and see the right rule refuse them."""

import dataclasses
import io
import json
import os
import re
from pathlib import Path
from typing import Any

import pikepdf
import pytest

from domain.payments.world import ADMIN
from einvoices import broken, cases, chain, judging
from tallystick.domain.invoicing import queries
from tallystick.integrations.einvoicing import embedding, making
from tallystick.lib import errors
from tallystick.reactions import worker

FOLDER = os.environ.get("TALLYSTICK_DOCUMENTS", "")
EVERY = bool(FOLDER) or os.environ.get("TALLYSTICK_NIGHTLY") == "1"
CHOSEN = [case for case in cases.CASES if EVERY or case.name in cases.FEW]
RIGHT = next(case for case in cases.CASES if case.name == "standard 19 %")


def _place(name: str, tmp_path: Path) -> Path:
    """Give the folder of a case: one that stays where somebody asked for it."""
    if not FOLDER:
        return tmp_path
    place = Path(FOLDER) / re.sub(r"[^a-z0-9]+", "-", name.lower()).strip("-")
    place.mkdir(parents=True, exist_ok=True)
    return place


def test_the_table_is_large_and_its_names_differ() -> None:
    names = [case.name for case in cases.CASES]
    assert len(names) == len(set(names)) >= 60
    assert set(cases.FEW) <= set(names)


@pytest.mark.parametrize("case", CHOSEN, ids=lambda case: case.name)
def test_a_document_is_right_in_every_form(case: cases.Case, tmp_path: Path) -> None:
    paper = chain.made(case)
    place = _place(case.name, tmp_path)
    verdict = judging.judged(paper, place)
    if FOLDER:
        (place / "paper.pdf").write_bytes(paper.pdf)
        for syntax, xml in paper.xml.items():
            (place / f"{syntax}.xml").write_bytes(xml)
        (place / "verdict.json").write_text(
            json.dumps({"name": case.name, **dataclasses.asdict(verdict)}, ensure_ascii=False, indent=1), encoding="utf-8"
        )
    assert verdict.faults() == []


@pytest.fixture(scope="module")
def right() -> chain.Paper:
    return chain.made(RIGHT)


@pytest.mark.parametrize("syntax", making.SYNTAXES)
@pytest.mark.parametrize("one", broken.BROKEN, ids=lambda one: one.name)
def test_a_broken_one_is_refused_by_its_rule(one: broken.Broken, syntax: making.Syntax, right: chain.Paper, tmp_path: Path) -> None:
    found = one.found(right.facts, right.facts["exact"], syntax)
    if FOLDER:
        told: dict[str, Any] = {"name": f"broken, {syntax}: {one.name}", "wanted": one.wanted(syntax), "refused_by": found}
        (_place(f"broken-{syntax}-{one.name}", tmp_path) / "verdict.json").write_text(
            json.dumps(told, ensure_ascii=False, indent=1), encoding="utf-8"
        )
    assert one.wanted(syntax) in found


def test_a_judge_that_is_shown_another_file_says_so(right: chain.Paper, tmp_path: Path) -> None:
    swapped = dataclasses.replace(right, xml={**right.xml, "cii": right.xml["cii"].replace(b">119.00<", b">119.01<")}, posted_minor=11_902)
    told = judging.judged(swapped, tmp_path)
    assert "BR-CO-15" in " ".join(told.cii)
    assert told.embedded == ["the XML in the PDF is not the stored one"]
    assert "the document says 11900, the journal 11902" in told.journal
    assert {one.split(" is ")[0] for one in told.journal if ": " in one} >= {"cii: tax", "cii: gross", "ubl: tax", "ubl: gross", "ubl: due"}
    assert told.pdf == told.text == told.ubl == []


PARKED = [
    (dataclasses.replace(RIGHT, name="a third decimal", seller=cases.AMERICAN, currency="KWD", lines=(("1", 12_345, "10"),)), "BR-DEC-12"),
    (dataclasses.replace(RIGHT, name="untaxed beside taxed", lines=(("1", 10_000, "19"), ("1", 5_000, "0"))), "BR-O-11"),
]


@pytest.mark.parametrize(("case", "rule"), PARKED, ids=lambda one: getattr(one, "name", one))
def test_what_breaks_a_rule_is_parked_and_its_pdf_leaves_without_xml(case: cases.Case, rule: str) -> None:
    buyer, invoice_id = chain.issued(case)
    worker.drain()
    viewer = buyer.viewer()
    told = queries.einvoices(viewer=viewer, subject_id=invoice_id)
    for syntax in making.SYNTAXES:
        assert rule in told[syntax]
        with pytest.raises(errors.Conflict) as refused:
            queries.invoice_xml(viewer=viewer, invoice_id=invoice_id, syntax=syntax)
        assert refused.value.code == "einvoice_parked"
    pdf = queries.invoice_document(viewer=viewer, invoice_id=invoice_id)
    with pikepdf.open(io.BytesIO(pdf)) as opened:
        assert embedding.FILE_NAME not in opened.attachments
        assert b"factur-x" not in opened.Root.Metadata.read_bytes()
    assert invoice_id in {one.invoice_id for one in queries.parked(viewer=ADMIN)}
