"""Keep the figures of one run: what was measured, the limit measured beside it, and their ratio."""

import json
import os
import platform
import statistics
import subprocess
import time
from collections.abc import Callable
from dataclasses import asdict, dataclass, field


@dataclass(frozen=True, slots=True)
class Figure:
    """Give one figure; `limit` is what it is held against, `ratio` value / limit, `aim` what the ratio should be."""

    name: str
    value: float
    unit: str
    limit: float | None = None
    against: str = ""
    ratio: float | None = None
    aim: str = ""


@dataclass(slots=True)
class Figures:
    """Collect the figures and say each as it comes."""

    quiet: bool = False
    rows: list[Figure] = field(default_factory=list)

    def add(self, name: str, value: float, unit: str, *, limit: float | None = None, against: str = "", aim: str = "") -> float:
        """Keep a figure; give its value back."""
        ratio = round(value / limit, 4) if limit else None
        figure = Figure(name, round(value, 3), unit, round(limit, 3) if limit is not None else None, against, ratio, aim)
        self.rows.append(figure)
        if not self.quiet:
            beside = f"  = {ratio:.2f} x {against} ({figure.limit:,.6g})" if ratio is not None else ""
            wanted = f"  [aim {aim}]" if aim else ""
            print(f"{name:58} {value:14,.6g} {unit}{beside}{wanted}", flush=True)
        return value

    def as_json(self) -> str:
        """Give the whole run."""
        return json.dumps({"machine": machine(), "figures": [asdict(row) for row in self.rows]}, indent=1)


def machine() -> dict[str, str]:
    """Describe the machine, so that nobody compares figures of two."""
    with open("/proc/meminfo", encoding="utf-8") as facts:  # noqa: PTH123 - one line of a kernel file
        memory = facts.readline().split()[1]
    cpu = subprocess.run(
        ["sh", "-c", "grep -m1 'model name' /proc/cpuinfo | cut -d: -f2"], capture_output=True, text=True, check=False
    ).stdout.strip()
    return {
        "cores": str(os.cpu_count()),
        "memory_gib": f"{int(memory) / 2**20:.1f}",
        "cpu": cpu,
        "system": platform.platform(),
        "python": platform.python_version(),
        "at": time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime()),
    }


def seconds_of(work: Callable[[], object]) -> float:
    """Time one call."""
    begun = time.perf_counter()
    work()
    return time.perf_counter() - begun


def median_seconds(work: Callable[[], object], times: int) -> float:
    """Time many calls and take the median."""
    return statistics.median(seconds_of(work) for _ in range(times))
