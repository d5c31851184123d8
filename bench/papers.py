"""Measure what a whole document takes: XML in both syntaxes, checked by the official rules, drawn, and the XML in it; beside WeasyPrint, which draws only.

`python bench/papers.py N` in the environment of script/bench makes N alone, and says at each tenth how much memory the three processes have.
"""

import contextlib
import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import django
import psutil

os.environ |= {"DJANGO_SETTINGS_MODULE": "tallystick.config.settings", "TALLYSTICK_CHECKS": "1"}
django.setup()

from figures import Figures  # noqa: E402 - Django's apps must be ready before ours are loaded, where this file is run alone

from tallystick.integrations import apart  # noqa: E402 - as above
from tallystick.integrations.einvoicing import embedding, making, terms  # noqa: E402 - as above
from tallystick.integrations.pdf import documents  # noqa: E402 - as above

_WANTED = ("weasyprint==70.*",)
_INSTALL_SECONDS, _RUN_SECONDS = 300, 300
_LINES = 8
_WARM = 20
_MIB = 1024


def measure(figures: Figures, *, count: int) -> None:
    """Make documents one after another in a process of its own; maker, checker and drawer take turns, so that one core works at a time."""
    done = subprocess.run([sys.executable, __file__, str(count)], stdout=subprocess.PIPE, text=True, check=True)
    found = json.loads(done.stdout.splitlines()[-1])
    peer = _weasyprint(max(count // 10, 20))
    against = "WeasyPrint 70, the same content, no XML made or checked" if peer else ""
    figures.add("whole documents: XML twice, checked, drawn, embedded", found["each"], "/s per core", limit=peer, against=against, aim=">= 1")
    figures.add("of it: drawn", found["drawn"], "/s per core", limit=peer, against=against, aim=">= 1")
    half = len(found["memory"]) // 2
    first, second = (max(sum(one["memory"]) for one in part) for part in (found["memory"][:half], found["memory"][half:]))
    figures.add(f"memory of making {count:,} documents", second, "MiB", limit=first, against="its first half", aim="<= 1.1")


def document(place: int) -> dict[str, Any]:
    """Give an invoice of eight lines as its frozen facts and figures."""
    net_minor = _LINES * 18_500
    tax_minor = net_minor * 19 // 100
    gross_minor = net_minor + tax_minor

    def shown(minor: int) -> str:
        return f"{minor // 100:,}.{minor % 100:02}"

    lines = [f"TLS certificate {place}-{line}, organization validated, 1 year" for line in range(_LINES)]
    exact_lines = [
        {"description": line, "order_reference": "", "quantity": "1", "unit_price_minor": 18_500, "net_minor": 18_500, "percent": "19"}
        for line in lines
    ]
    return {
        "number": f"INV-2026-{place:06}",
        "kind": "funding",
        "issued_on": "2026-11-20",
        "due_on": "2026-12-20",
        "currency": "EUR",
        "language": "en",
        "brand": "Lanternfield",
        "seller": {
            "name": "Lanternfield GmbH",
            "lines": ["Hafenweg 88", "20457 Hamburg"],
            "country": "DE",
            "contact": "",
            "tax_number": "DE811907980",
        },
        "buyer": {"name": "Northwind B.V.", "lines": ["Elzenstraat 2140", "1017 AB Amsterdam"], "country": "NL", "contact": "", "tax_number": ""},
        "division": "Research",
        "purchase_order_number": "NWL-4502",
        "original_number": "",
        "terms_days": 30,
        "lines": [{"description": line, "quantity": "1", "unit_price": "185.00", "amount": "185.00"} for line in lines],
        "net": shown(net_minor),
        "taxes": [{"rate": "19\u00a0%", "base": shown(net_minor), "amount": shown(tax_minor)}],
        "gross": shown(gross_minor),
        "to_pay": shown(gross_minor),
        "to_pay_minor": gross_minor,
        "adds_to_funds": shown(net_minor),
        "bank": {"holder": "Lanternfield GmbH", "bank_name": "Elbe Sparbank", "account": "DE89370400440532013000", "bic": "COBADEFFXXX"},
        "reference": "RF48INV202601184",
        "exact": {
            "lines": exact_lines,
            "rates": [{"percent": "19", "net_minor": net_minor, "tax_minor": tax_minor}],
            "net_minor": net_minor,
            "tax_minor": tax_minor,
            "gross_minor": gross_minor,
            "paid_minor": 0,
            "zero": {"category": "O", "reason": "Not subject to VAT"},
        },
    }


def _weasyprint(count: int) -> float | None:
    """Give how many PDFs of the same content WeasyPrint draws in a second, in a passing environment; None where it does not install or run."""
    with tempfile.TemporaryDirectory(prefix="tallystick-weasyprint-") as place:
        folder = Path(place)
        python = folder / "environment" / "bin" / "python"
        for command in ([sys.executable, "-m", "venv", str(folder / "environment")], [str(python), "-m", "pip", "install", "--quiet", *_WANTED]):
            if subprocess.run(command, check=False, timeout=_INSTALL_SECONDS, stdout=sys.stderr).returncode:
                print("WeasyPrint does not install here.", file=sys.stderr)
                return None
        facts = folder / "facts.json"
        facts.write_text(json.dumps([document(number) for number in range(count)]), encoding="utf-8")
        command = [str(python), str(Path(__file__).with_name("weasy.py")), str(facts)]
        done = subprocess.run(command, check=False, timeout=_RUN_SECONDS, stdout=subprocess.PIPE, text=True)
    if done.returncode:
        print("WeasyPrint does not run here.", file=sys.stderr)
        return None
    return float(done.stdout)


def _child(count: int) -> None:
    spent: dict[str, float] = {}
    for _ in _made(_WARM, spent):
        pass
    spent.clear()
    memory = []
    for place, pids in enumerate(_made(count, spent), start=1):
        if place % max(count // 10, 1) == 0:
            memory.append({"documents": place, "memory": [_resident(pid) for pid in pids]})
            print(memory[-1], file=sys.stderr)
    making.WRITER.close()
    apart.DRAWING.close()
    print(json.dumps({"each": count / spent["whole"], "drawn": count / spent["drawn"], "memory": memory}))


def _made(count: int, spent: dict[str, float]) -> Iterator[list[int]]:
    """Make documents as the worker does, storing and signing aside; give after each the ids of the processes that make, check and draw.

    `spent` adds up seconds of processor time of all three, whatever else runs on the machine: of the whole, and of drawing in it.
    """
    for place in range(count):
        begun = _worked()
        facts: Mapping[str, Any] = document(place)
        worded = terms.terms(facts, facts["exact"])
        cii, ubl = (making.WRITER.make(syntax, worded) for syntax in making.SYNTAXES)
        assert cii.is_valid, cii.faults
        assert ubl.is_valid, ubl.faults
        attached = documents.Attachment(
            name=embedding.FILE_NAME, content=cii.xml, media_type="text/xml", relationship="alternative", description="EN 16931"
        )
        written = _worked()
        drawn = documents.render("invoice", facts, attachments=[attached])
        seen = _worked()
        embedding.hybrid(drawn.content)
        spent["drawn"] = spent.get("drawn", 0.0) + _between(written, seen)
        spent["whole"] = spent.get("whole", 0.0) + _between(begun, _worked())
        yield _pids()


def _pids() -> list[int]:
    """Name the processes that work; one that ended is replaced by another, with another id."""
    return [os.getpid(), *(pid for pid in (making.WRITER.pid, apart.DRAWING.pid) if pid)]


def _worked() -> dict[int, float]:
    """Read the processor seconds of each process so far."""
    worked: dict[int, float] = {}
    for pid in _pids():
        with contextlib.suppress(psutil.NoSuchProcess):
            taken = psutil.Process(pid).cpu_times()
            worked[pid] = taken.user + taken.system
    return worked


def _between(before: Mapping[int, float], after: Mapping[int, float]) -> float:
    """Add up what was worked between two readings; a process that is new began at zero."""
    return sum(seconds - before.get(pid, 0.0) for pid, seconds in after.items())


def _resident(pid: int) -> float:
    """Read how many MiB of a process are in memory."""
    try:
        status = Path(f"/proc/{pid}/status").read_text(encoding="utf-8")
    except OSError:
        return 0.0
    return round(int(status.split("VmRSS:")[1].split()[0]) / _MIB, 1)


if __name__ == "__main__":
    _child(int(sys.argv[1]))
