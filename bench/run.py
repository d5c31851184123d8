"""Measure what matters, each figure against a limit of the same run on one server with the settings of script/server."""

import argparse
import os

import django

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "tallystick.config.settings")
os.environ.setdefault("TALLYSTICK_CHECKS", "1")  # no connection of Django's is used here, so its settings need no secret
django.setup()

import charges  # noqa: E402 - Django's apps must be ready before the domain is loaded
import documents  # noqa: E402 - Django's apps must be ready before the domain is loaded
import marks  # noqa: E402 - Django's apps must be ready before the domain is loaded
import million  # noqa: E402 - Django's apps must be ready before the domain is loaded
import over_http  # noqa: E402 - Django's apps must be ready before the domain is loaded
import pages  # noqa: E402 - Django's apps must be ready before the domain is loaded
import papers  # noqa: E402 - Django's apps must be ready before the domain is loaded
import peers  # noqa: E402 - Django's apps must be ready before the domain is loaded
import world  # noqa: E402 - Django's apps must be ready before the domain is loaded
from figures import Figures  # noqa: E402 - as above

_PORT = 8770


def main() -> int:
    """Run all, print each figure as it comes or everything as JSON at the end."""
    parser = argparse.ArgumentParser(prog="script/bench", description=__doc__)
    parser.add_argument("--quick", action="store_true", help="under two minutes")
    parser.add_argument("--json", action="store_true", help="print one JSON object at the end")
    parser.add_argument("--tryton", action="store_true", help="install Tryton into a passing environment and measure it too, a minute more")
    options = parser.parse_args()
    figures = Figures(quiet=options.json)
    seconds = 5 if options.quick else 15
    entries = 300_000 if options.quick else 5_000_000
    tryton_seconds = peers.tryton(10) if options.tryton else None
    papers.measure(figures, count=100 if options.quick else 1_000)
    with world.server(_PORT) as running:
        figures.add("first start to first page, installation aside", running.start_seconds, "s", limit=8, against="8 s", aim="<= 1")
        over_http.idle_memory(running, figures)
        pages.measure(running, figures, times=9 if options.quick else 40, painted=not options.quick)
        documents.measure(running, figures, count=40 if options.quick else 300, tryton_seconds=tryton_seconds)
        world.settle(running)
        world.fill(running)
        keys = over_http.make_keys(running)
        over_http.view_balance(running, figures, keys, seconds=seconds)  # before a million rows that PostgreSQL goes on writing behind
        bare = charges.measure(running, figures, quick=options.quick)
        over_http.charges(running, figures, keys, seconds=seconds)
        marks.batches(running, figures, keys, bare=bare, seconds=seconds)
        marks.bare(running, figures, keys, seconds=seconds)
        charges.grow(running, entries)
        charges.read_balance(running, figures, entries)
        with running.connect("owner") as owner:
            row = owner.execute("select count(*) from ledger_transfer").fetchone()
        documents.prove(running, figures, int(str(row[0])) if row else 1)
    with world.server(_PORT + 2, TALLYSTICK_RATE_LIMIT="off") as running:
        over_http.view_balance_alone(running, figures, seconds=seconds)
    if not options.quick:
        with world.server(_PORT + 4) as running:  # one of its own: no book knows these invoices
            million.measure(running, figures, times=30)
    if options.json:
        print(figures.as_json())
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
