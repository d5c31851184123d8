"""Draw the code of a bank transfer for a page; what it says is written by integrations.pdf.epc, for pages and documents alike."""

from django.utils.safestring import SafeString, mark_safe

from tallystick.integrations.pdf import epc


def picture(transfer: epc.Transfer) -> SafeString:
    """Draw the code as SVG for the page, dark on light in either theme; empty where there is none."""
    drawn = epc.code(transfer)
    if drawn is None:
        return SafeString("")
    svg = drawn.svg_inline(border=4, dark="#000", light="#fff", omitsize=True, svgclass="code", lineclass=None)
    return mark_safe(svg.replace("<svg ", '<svg aria-hidden="true" ', 1))  # noqa: S308 - made of squares only
