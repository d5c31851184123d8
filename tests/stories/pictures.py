"""Take pictures of every page with the story's data: wide and narrow, light and dark, named <who>-<page>-<width>-<theme>.png."""

import argparse
import contextlib
import os
import shutil
import sys
from pathlib import Path

import django

sys.path.insert(0, str(Path(__file__).parent.parent))
os.environ.setdefault("DJANGO_SETTINGS_MODULE", "tallystick.config.settings")
os.environ.setdefault("TALLYSTICK_CHECKS", "1")  # only the addresses are asked of the settings here, no database
django.setup()

import httpx  # noqa: E402 - the settings come first
from playwright.sync_api import Browser, sync_playwright  # noqa: E402 - as above

from stories import everywhere, served  # noqa: E402 - as above

WIDTHS = (1280, 390)
THEMES = ("light", "dark")


def main() -> int:
    """Start a server of its own, take the pictures, stop it, and say how many there are."""
    parser = argparse.ArgumentParser(prog="script/pictures", description=__doc__)
    parser.add_argument("folder", type=Path, metavar="DIR", help="where the pictures are put")
    parser.add_argument("--only", default="", help="pages whose picture's name begins so")
    options = parser.parse_args()
    program = os.environ.get("TALLYSTICK_CHROMIUM") or shutil.which("chromium") or shutil.which("chromium-browser")
    if not program:
        sys.stderr.write("Chromium is not here: install it, or name one with TALLYSTICK_CHROMIUM.\n")
        return 1
    options.folder.mkdir(parents=True, exist_ok=True)
    with served.demo() as server, contextlib.ExitStack() as stack, sync_playwright() as driver:
        people = {who: stack.enter_context(httpx.Client(base_url=server.url, timeout=30)) for who in everywhere.PEOPLE}
        for who, client in people.items():
            client.get(server.sign_in_links[everywhere.PEOPLE[who]], follow_redirects=True)
        pages = [page for page in everywhere.walk(people).pages if f"{page.who}-{page.route}".startswith(options.only)]
        browser = driver.chromium.launch(executable_path=program, args=["--no-sandbox", "--disable-gpu"])
        count = sum(
            _taken(browser, server.url, client, [page for page in pages if page.who == who], options.folder) for who, client in people.items()
        )
        browser.close()
    sys.stdout.write(f"{count} pictures of {len(pages)} pages in {options.folder}\n")
    return 0


def _taken(browser: Browser, url: str, client: httpx.Client, pages: list[everywhere.Page], folder: Path) -> int:
    for width in WIDTHS:
        for theme in THEMES:
            context = browser.new_context(
                base_url=url, viewport={"width": width, "height": 800}, color_scheme="dark" if theme == "dark" else "light", reduced_motion="reduce"
            )
            context.add_cookies([{"name": kept.name, "value": kept.value or "", "url": url} for kept in client.cookies.jar])
            shown = context.new_page()
            for page in pages:
                shown.goto(page.address)
                shown.screenshot(path=folder / f"{page.who}-{page.route}-{width}-{theme}.png", full_page=True)
            context.close()
    return len(pages) * len(WIDTHS) * len(THEMES)


if __name__ == "__main__":
    raise SystemExit(main())
