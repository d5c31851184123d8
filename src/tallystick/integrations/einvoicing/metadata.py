"""Say in a PDF's own metadata that it carries an electronic invoice: the Factur-X properties with their extension schema.

All that the metadata said before stays, so that PDF/A-3a and PDF/UA-1 hold on. The same bytes for the same document.
Loaded only by the process that `embedding` asks.
Source: Factur-X 1.0.7, section 7 (extension schema for PDF/A).
"""

import io
from typing import Any

import pikepdf
from lxml import etree

from tallystick.integrations.einvoicing.embedding import FILE_NAME

_RDF = "http://www.w3.org/1999/02/22-rdf-syntax-ns#"
_EXTENSION = "http://www.aiim.org/pdfa/ns/extension/"
_FX = "urn:factur-x:pdfa:CrossIndustryDocument:invoice:1p0#"
_PROPERTIES = {
    "DocumentFileName": "The name of the embedded XML document",
    "DocumentType": "The type of the hybrid document in capital letters, e.g. INVOICE or ORDER",
    "Version": "The actual version of the standard applying to the embedded XML document",
    "ConformanceLevel": "The conformance level of the embedded XML document",
}
_SCHEMA = """
<rdf:li xmlns:rdf="{rdf}" xmlns:pdfaSchema="http://www.aiim.org/pdfa/ns/schema#" xmlns:pdfaProperty="http://www.aiim.org/pdfa/ns/property#" rdf:parseType="Resource">
  <pdfaSchema:schema>Factur-X PDFA Extension Schema</pdfaSchema:schema>
  <pdfaSchema:namespaceURI>{fx}</pdfaSchema:namespaceURI>
  <pdfaSchema:prefix>fx</pdfaSchema:prefix>
  <pdfaSchema:property><rdf:Seq>{properties}</rdf:Seq></pdfaSchema:property>
</rdf:li>"""
_PROPERTY = """
<rdf:li rdf:parseType="Resource">
  <pdfaProperty:name>{name}</pdfaProperty:name>
  <pdfaProperty:valueType>Text</pdfaProperty:valueType>
  <pdfaProperty:category>external</pdfaProperty:category>
  <pdfaProperty:description>{description}</pdfaProperty:description>
</rdf:li>"""
_DESCRIPTION = """
<rdf:Description xmlns:rdf="{rdf}" xmlns:fx="{fx}" rdf:about="">
  <fx:DocumentType>INVOICE</fx:DocumentType>
  <fx:DocumentFileName>{name}</fx:DocumentFileName>
  <fx:Version>1.0</fx:Version>
  <fx:ConformanceLevel>EN 16931</fx:ConformanceLevel>
</rdf:Description>"""
_PARSER = etree.XMLParser(resolve_entities=False, no_network=True)


def mark(_told: dict[str, Any], content: bytes) -> tuple[dict[str, Any], bytes]:
    """Mark a PDF that has factur-x.xml attached as a Factur-X document of the profile EN 16931."""
    with pikepdf.open(io.BytesIO(content)) as pdf:
        before = pdf.Root.Metadata.read_bytes()
        pdf.Root.Metadata = pdf.make_stream(_described(before), Type=pikepdf.Name.Metadata, Subtype=pikepdf.Name.XML)
        written = io.BytesIO()
        # metadata stays readable to programs that read no PDF (ISO 19005-3, 6.6.2.1), so that nothing is compressed that was not
        pdf.save(written, compress_streams=False, stream_decode_level=pikepdf.StreamDecodeLevel.none, deterministic_id=True)
    return {}, written.getvalue()


def _described(xmp: bytes) -> bytes:
    """Add the schema to the bag of extension schemas, which stands once, and the properties beside it."""
    begin, end = xmp.index(b"<x:xmpmeta"), xmp.index(b"</x:xmpmeta>") + len(b"</x:xmpmeta>")
    packet = etree.fromstring(xmp[begin:end], _PARSER)
    rdf = packet.find(f"{{{_RDF}}}RDF")
    assert rdf is not None, "typst writes metadata"
    bag = packet.find(f".//{{{_EXTENSION}}}schemas/{{{_RDF}}}Bag")
    if bag is None:
        about = etree.SubElement(rdf, f"{{{_RDF}}}Description", {f"{{{_RDF}}}about": ""}, nsmap={"pdfaExtension": _EXTENSION})
        bag = etree.SubElement(etree.SubElement(about, f"{{{_EXTENSION}}}schemas"), f"{{{_RDF}}}Bag")
    properties = "".join(_PROPERTY.format(name=name, description=description) for name, description in _PROPERTIES.items())
    bag.append(etree.fromstring(_SCHEMA.format(rdf=_RDF, fx=_FX, properties=properties)))
    rdf.append(etree.fromstring(_DESCRIPTION.format(rdf=_RDF, fx=_FX, name=FILE_NAME)))
    return xmp[:begin] + bytes(etree.tostring(packet, encoding="utf-8")) + xmp[end:]
