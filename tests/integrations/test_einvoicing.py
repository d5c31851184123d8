"""The process that writes and checks electronic invoices: it comes when it is needed, goes when it is idle, and takes nobody along when it dies."""

import json
import os
import select
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from integrations import papers
from tallystick.integrations.einvoicing import making, terms

FIGURES: terms.Exact = {
    "lines": [
        {"description": "TLS certificate", "order_reference": "", "quantity": "4", "unit_price_minor": 18_500, "net_minor": 74_000, "percent": "19"},
        {"description": "Wildcard", "order_reference": "L 2", "quantity": "1", "unit_price_minor": 26_000, "net_minor": 26_000, "percent": "19"},
    ],
    "rates": [{"percent": "19", "net_minor": 100_000, "tax_minor": 19_000}],
    "net_minor": 100_000,
    "tax_minor": 19_000,
    "gross_minor": 119_000,
    "paid_minor": 0,
    "zero": {"category": "O", "reason": "Not subject to VAT"},
}
WORDED = terms.terms(papers.INVOICE, FIGURES)
ENTITIES = b"""<?xml version="1.0"?><!DOCTYPE a [<!ENTITY b SYSTEM "file:///etc/hostname"><!ENTITY c "cccccccccc">]>
<Invoice xmlns="urn:oasis:names:specification:ubl:schema:xsd:Invoice-2">&b;&c;</Invoice>"""

OWN_RULES = """<xsl:stylesheet version="2.0" xmlns:xsl="http://www.w3.org/1999/XSL/Transform" xmlns:svrl="http://purl.oclc.org/dsdl/svrl"
    xmlns:cac="urn:oasis:names:specification:ubl:schema:xsd:CommonAggregateComponents-2"
    xmlns:cbc="urn:oasis:names:specification:ubl:schema:xsd:CommonBasicComponents-2">
  <xsl:template match="/"><svrl:schematron-output>
    <xsl:if test="not(//cac:AccountingCustomerParty/cac:Party/cbc:EndpointID)">
      <svrl:failed-assert id="PEPPOL-EN16931-R010" flag="fatal"><svrl:text>Buyer electronic address MUST be provided</svrl:text></svrl:failed-assert>
    </xsl:if>
    <xsl:if test="//cbc:CustomizationID != 'PEPPOL'">
      <svrl:failed-assert id="PEPPOL-EN16931-R004" flag="fatal"><svrl:text>Specification identifier</svrl:text></svrl:failed-assert>
    </xsl:if>
  </svrl:schematron-output></xsl:template>
</xsl:stylesheet>""".replace("PEPPOL'", terms.PEPPOL + "'")


@pytest.fixture
def writer() -> Iterator[making.Writer]:
    made = making.Writer()
    yield made
    made.close()


def test_it_writes_both_syntaxes_and_the_same_bytes_again(writer: making.Writer) -> None:
    for syntax in making.SYNTAXES:
        made = writer.make(syntax, WORDED)
        assert made.faults == ()
        assert b"INV-2026-01184" in made.xml
        assert b"NWL-4502" in made.xml
        assert writer.make(syntax, WORDED).xml == made.xml
        assert writer.check(syntax, made.xml).faults == ()


def test_it_is_started_again_after_its_death(writer: making.Writer) -> None:
    assert writer.make("ubl", WORDED).is_valid
    before = writer.pid
    assert before is not None
    os.kill(before, signal.SIGKILL)
    assert writer.make("ubl", WORDED).is_valid
    assert writer.pid != before


def test_one_that_hangs_is_ended_and_told_of(writer: making.Writer, monkeypatch: pytest.MonkeyPatch) -> None:
    assert writer.make("ubl", WORDED).is_valid
    hanging = writer._process
    assert hanging is not None
    os.kill(hanging.pid, signal.SIGSTOP)
    monkeypatch.setattr(making, "LONGEST_SECONDS", 0.05)
    with pytest.raises(making.WriterUnavailableError):
        writer.make("ubl", WORDED)
    assert hanging.poll() is not None
    monkeypatch.setattr(making, "LONGEST_SECONDS", 60.0)
    assert writer.make("ubl", WORDED).is_valid


def test_it_ends_by_itself_when_nothing_is_asked() -> None:
    code = "from tallystick.integrations.einvoicing import making, writing; making.IDLE_SECONDS = 0.2; raise SystemExit(writing.main())"
    with subprocess.Popen([sys.executable, "-c", code], stdin=subprocess.PIPE, stdout=subprocess.PIPE) as alone:
        assert alone.wait(30) == 0


def test_it_ends_after_so_many_documents() -> None:
    code = "from tallystick.integrations.einvoicing import writing; writing.MOST_DOCUMENTS = 2; raise SystemExit(writing.main())"
    asked = json.dumps({"syntax": "ubl", "xml": "<a/>"}) + "\n"
    with subprocess.Popen([sys.executable, "-c", code], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as alone:
        assert alone.stdin is not None
        assert alone.stdout is not None
        for _ in range(2):
            alone.stdin.write(asked)
            alone.stdin.flush()
            assert select.select([alone.stdout], [], [], 30)[0]
            assert json.loads(alone.stdout.readline())["faults"][0][0] == "XSD"
        assert alone.wait(30) == 0


@pytest.mark.parametrize(
    ("xml", "rule"),
    [
        (b"", "TERMS"),
        (b"not XML", "TERMS"),
        (b"<Invoice/>", "XSD"),
        (b"<Order/>", "XSD"),
        (ENTITIES, "XSD"),
        (b"<Invoice>" + b"x" * 11_000_000 + b"</Invoice>", "TERMS"),
        (b"<Invoice>" + b"<a>" * 5_000 + b"</a>" * 5_000 + b"</Invoice>", "TERMS"),
    ],
    ids=["nothing", "text", "empty", "another root", "entities", "eleven megabytes", "deep"],
)
def test_what_is_no_invoice_is_refused(xml: bytes, rule: str, writer: making.Writer) -> None:
    found = writer.check("ubl", xml).faults
    assert [fault.rule for fault in found][:1] == [rule]
    with open("/etc/hostname", encoding="utf-8") as file:  # noqa: PTH123 - what the entity asked for
        assert file.read().strip() not in "".join(fault.text for fault in found)


def test_terms_that_no_document_can_carry_are_refused(writer: making.Writer) -> None:
    assert [fault.rule for fault in writer.make("cii", {**WORDED, "BT-2": "no day"}).faults] == ["TERMS"]
    assert writer.make("cii", WORDED).is_valid


def test_the_operators_own_rules_hold_for_ubl_and_for_nothing_else(writer: making.Writer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    rules = tmp_path / "rules.xslt"
    rules.write_text(OWN_RULES, encoding="utf-8")
    monkeypatch.setenv(making.RULES, str(rules))
    reached = {**papers.INVOICE, "buyer": {**papers.BUYER, "contact": "ap@northwind.example"}}
    found = {
        "plain": writer.make("ubl", WORDED),
        "unreached": writer.make("ubl", terms.peppol(WORDED, papers.INVOICE)),
        "reached": writer.make("ubl", terms.peppol(terms.terms(reached, FIGURES), reached)),
        "cii": writer.make("cii", WORDED),
    }
    assert {name: [fault.rule for fault in made.faults] for name, made in found.items()} == {
        "plain": ["PEPPOL-EN16931-R010", "PEPPOL-EN16931-R004"],
        "unreached": ["PEPPOL-EN16931-R010"],
        "reached": [],
        "cii": [],
    }
    assert terms.PEPPOL.encode() in found["reached"].xml
    assert b"<cbc:ProfileID>" + terms.PEPPOL_PROCESS.encode() in found["reached"].xml


def test_rules_that_are_none_stop_the_making(writer: making.Writer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    rules = tmp_path / "rules.xslt"
    rules.write_text("no stylesheet", encoding="utf-8")
    monkeypatch.setenv(making.RULES, str(rules))
    with pytest.raises(making.WriterUnavailableError):
        writer.make("ubl", WORDED)


def test_ctrl_c_is_not_for_it_and_it_goes_with_its_worker(writer: making.Writer) -> None:
    assert writer.make("ubl", WORDED).is_valid
    running = writer._process
    assert running is not None
    running.send_signal(signal.SIGINT)
    assert writer.make("ubl", WORDED).is_valid
    assert writer._process is running
    writer._process = None
    with running:  # closes the pipes, as the end of a worker does
        pass
    assert running.returncode == 0


def test_it_gets_no_secret(monkeypatch: pytest.MonkeyPatch, writer: making.Writer) -> None:
    monkeypatch.setenv("TALLYSTICK_SECRET_KEY", "not for everybody")
    assert writer.make("cii", WORDED).is_valid
    assert b"not for everybody" not in Path(f"/proc/{writer.pid}/environ").read_bytes()
