"""Judge a document whole: by the official rules, by checkers of PDF that are not ours, and by the journal."""

import io
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pikepdf
from lxml import etree

from einvoices.chain import Paper
from integrations import pdfs, test_document_checks
from tallystick.integrations.einvoicing import embedding, making
from tallystick.lib import money

_TOTALS: dict[making.Syntax, dict[str, str]] = {
    "cii": {
        "net": "//*[local-name()='SpecifiedTradeSettlementHeaderMonetarySummation']/*[local-name()='TaxBasisTotalAmount']",
        "tax": "//*[local-name()='SpecifiedTradeSettlementHeaderMonetarySummation']/*[local-name()='TaxTotalAmount']",
        "gross": "//*[local-name()='SpecifiedTradeSettlementHeaderMonetarySummation']/*[local-name()='GrandTotalAmount']",
        "due": "//*[local-name()='SpecifiedTradeSettlementHeaderMonetarySummation']/*[local-name()='DuePayableAmount']",
    },
    "ubl": {
        "net": "//*[local-name()='LegalMonetaryTotal']/*[local-name()='TaxExclusiveAmount']",
        "tax": "/*/*[local-name()='TaxTotal']/*[local-name()='TaxAmount']",
        "gross": "//*[local-name()='LegalMonetaryTotal']/*[local-name()='TaxInclusiveAmount']",
        "due": "//*[local-name()='LegalMonetaryTotal']/*[local-name()='PayableAmount']",
    },
}
_PARSER = etree.XMLParser(resolve_entities=False, no_network=True)
_FORMS = str.maketrans("", "", "\u00a0\u202f\u2066\u2069\u200e\u200f ")


@dataclass(frozen=True, slots=True)
class Verdict:
    """Hold what each check of a document found; nothing found is what is wanted."""

    cii: list[str]
    ubl: list[str]
    pdf: list[str]
    embedded: list[str]
    journal: list[str]
    text: list[str]

    def faults(self) -> list[str]:
        """Join what was found."""
        return [f"{name}: {fault}" for name in self.__slots__ for fault in getattr(self, name)]


def judged(paper: Paper, folder: Path) -> Verdict:
    """Judge a document; the checkers of PDF read it from the folder."""
    ruled = {syntax: [f"{fault.rule} {fault.text}" for fault in making.WRITER.check(syntax, xml).faults] for syntax, xml in paper.xml.items()}
    return Verdict(
        cii=ruled["cii"],
        ubl=ruled["ubl"],
        pdf=test_document_checks.checked(paper.pdf, folder),
        embedded=list(_embedded(paper)),
        journal=list(_journal(paper)),
        text=list(_text(paper)),
    )


def _embedded(paper: Paper) -> Iterator[str]:
    """The file that is in the PDF is the one that is stored, and the PDF says what it is."""
    with pikepdf.open(io.BytesIO(paper.pdf)) as pdf:
        attached = pdf.attachments.get(embedding.FILE_NAME)
        if attached is None:
            yield "no XML in the PDF"
            return
        if attached.get_file().read_bytes() != paper.xml["cii"]:
            yield "the XML in the PDF is not the stored one"
        if attached.obj.AFRelationship != pikepdf.Name.Alternative:
            yield f"related as {attached.obj.AFRelationship}"
        said = pdf.Root.Metadata.read_bytes()
        yield from (
            f"metadata without {wanted.decode()}"
            for wanted in (b"<fx:ConformanceLevel>EN 16931<", b"<fx:DocumentFileName>factur-x.xml<", b"urn:factur-x:pdfa:CrossIndustryDocument")
            if wanted not in said
        )


def _journal(paper: Paper) -> Iterator[str]:
    """The totals of both files are those of the journal, to the cent."""
    exact, currency = paper.facts["exact"], paper.facts["currency"]
    if exact["gross_minor"] != paper.posted_minor:
        yield f"the document says {exact['gross_minor']}, the journal {paper.posted_minor}"
    due_minor = paper.posted_minor - exact["paid_minor"] + exact.get("rounding_minor", 0)
    wanted = {"net": exact["net_minor"], "tax": paper.posted_minor - exact["net_minor"], "gross": paper.posted_minor, "due": due_minor}
    for syntax, xml in paper.xml.items():
        root = etree.fromstring(xml, _PARSER)
        for name, minor in wanted.items():
            found = root.xpath(_TOTALS[syntax][name])
            written = [one.text for one in found]  # type: ignore[union-attr]  # the paths give elements
            if len(written) != 1 or _minor(str(written[0]), currency) != minor:
                yield f"{syntax}: {name} is {written}, not {money.text(minor, currency)}"


def _minor(written: str, currency: str) -> int:
    """Read an amount, which has no more decimals than two even where its currency has three."""
    sign = -1 if written.startswith("-") else 1
    return sign * money.parse(written.removeprefix("-"), currency)


def _text(paper: Paper) -> Iterator[str]:
    """Who reads the page reads the same totals."""
    said = pdfs.text(paper.pdf).translate(_FORMS)
    for name in ("number", "net", "gross"):
        if str(paper.facts[name]).translate(_FORMS) not in said:
            yield f"{name} {paper.facts[name]} is not on the pages"
