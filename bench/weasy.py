"""Draw invoices with WeasyPrint as PDF/A-3b with a file attached, and print how many a second. Run by papers.py with an interpreter that has it, never with ours."""

import html
import json
import sys
import time
from pathlib import Path

from weasyprint import HTML, Attachment

_WARM = 3
_STYLE = """
@page { size: A4; margin: 20mm 18mm; @bottom-right { content: "Page " counter(page) " of " counter(pages); font-size: 8pt } }
body { font: 10pt sans-serif } table { width: 100%; border-collapse: collapse } th, td { text-align: left; padding: 4px 0; border-bottom: 1px solid #ddd }
td.n, th.n { text-align: right } .parties { display: flex; justify-content: space-between }
"""


def page(facts: dict) -> str:
    """Write a document as HTML: the same parties, lines, sums and account as ours."""

    def party(name: str) -> str:
        one = facts[name]
        return "<p>" + "<br>".join(html.escape(line) for line in (one["name"], *one["lines"], one["country"], one["tax_number"])) + "</p>"

    rows = "".join(
        f"<tr><td>{html.escape(line['description'])}<td class=n>{line['quantity']}<td class=n>{line['unit_price']}<td class=n>{line['amount']}"
        for line in facts["lines"]
    )
    tax, bank = facts["taxes"][0], facts["bank"]
    return f"""<!doctype html><html lang=en><title>Invoice {facts["number"]}</title><style>{_STYLE}</style><h1>Invoice {facts["number"]}</h1>
<div class=parties>{party("seller")}{party("buyer")}</div><p>{facts["issued_on"]}, due {facts["due_on"]}, order {facts["purchase_order_number"]}
<table><thead><tr><th>Description<th class=n>Quantity<th class=n>Price<th class=n>Amount<tbody>{rows}</table>
<table><tr><td>Net<td class=n>{facts["net"]}<tr><td>Tax {tax["rate"]} of {tax["base"]}<td class=n>{tax["amount"]}<tr><th>Total {facts["currency"]}<th class=n>{facts["gross"]}</table>
<p>Paying adds {facts["adds_to_funds"]} to the funds of {facts["division"]}.<p>{bank["holder"]}, {bank["bank_name"]}, {bank["account"]}, {bank["bic"]}, {facts["reference"]}"""


def draw(facts: dict) -> bytes:
    """Draw one; nothing is fetched from anywhere."""
    file = Attachment(string="<a/>" * 1000, name="factur-x.xml", relationship="Alternative")
    return HTML(string=page(facts)).write_pdf(pdf_variant="pdf/a-3b", attachments=[file])


def main() -> None:
    """Warm up, then time the rest by the processor's clock."""
    papers = json.loads(Path(sys.argv[1]).read_text(encoding="utf-8"))
    for facts in papers[:_WARM]:
        draw(facts)
    begun = time.process_time()
    for facts in papers:
        assert draw(facts).startswith(b"%PDF")
    print(len(papers) / (time.process_time() - begun))


if __name__ == "__main__":
    main()
