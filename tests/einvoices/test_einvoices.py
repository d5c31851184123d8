"""Make each document of the table and judge it; break some, and see the right rule refuse them."""

import dataclasses
import json
import os
import re
from pathlib import Path
from typing import Any

import pytest

from einvoices import broken, cases, chain, judging
from tallystick.integrations.einvoicing import making

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
