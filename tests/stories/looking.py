"""Look at the page that a browser shows: axe, in themes and widths, and nothing wider than the screen."""

import os
from collections.abc import Iterable
from pathlib import Path

import axe_playwright_python
from playwright.sync_api import Page

AXE = (Path(axe_playwright_python.__file__).parent / "axe.min.js").read_text(encoding="utf-8")
RUN = "async (more) => (await axe.run(document, {resultTypes: ['violations'], iframes: false, ...more})).violations.map(one => `${one.id}: ${one.nodes.map(node => node.html).slice(0, 3).join(' | ')}`)"
WIDER_THAN_SCREEN = "() => document.documentElement.scrollWidth - document.documentElement.clientWidth"


NIGHTLY = os.environ.get("TALLYSTICK_NIGHTLY") == "1"
COLORS_ALONE = {"runOnly": {"type": "rule", "values": ["color-contrast", "link-in-text-block"]}}
"""A second theme of the same width differs by its colors and by nothing else; the nightly run looks at everything again all the same."""


def at(page: Page, looks: Iterable[tuple[str, int]]) -> None:
    """See that axe finds nothing in each theme and width."""
    before = page.viewport_size
    faults: list[str] = []
    seen: set[int] = set()
    page.evaluate(AXE)
    for theme, width in looks:
        page.emulate_media(color_scheme="dark" if theme == "dark" else "light", reduced_motion="reduce")
        page.set_viewport_size({"width": width, "height": 844})
        faults += [f"{page.url} {theme} {width}: {fault}" for fault in page.evaluate(RUN, COLORS_ALONE if width in seen and not NIGHTLY else {})]
        seen.add(width)
        if page.evaluate(WIDER_THAN_SCREEN) > 0:
            faults.append(f"{page.url} {theme} {width}: wider than the screen")
    assert not faults, "\n".join(faults)
    if before is not None:
        page.set_viewport_size(before)
    page.emulate_media(color_scheme="light")
