"""Measure over HTTP with wrk, on the running server: View balance, single charges, pages; and what the server takes when idle."""

import contextlib
import hashlib
import os
import re
import secrets
import statistics
import subprocess
import sys
import tempfile
import time
import urllib.parse
import urllib.request
import uuid
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import psutil
from figures import Figures
from world import FIRST_CUSTOMER, FIRST_FUND, FUNDS, Running, pgbench

from tallystick.lib import ids

_KEYS = 1000
_CHARGE = """
local n = 0
local mark = "%(mark)s"
local thread_count = 0
function setup(thread) thread:set("id", thread_count) thread_count = thread_count + 1 end
request = function()
  n = n + 1
  local headers = {["Authorization"] = "Bearer %(key)s", ["Content-Type"] = "application/json", ["Idempotency-Key"] = mark .. id .. "-" .. n}
  return wrk.format("POST", "/api/v1/charges", headers, '{"division_id":"%(division)s","amount":{"amount":"0.01","currency":"USD"}}')
end
"""
_BALANCE = """
local keys = {%(keys)s}
local n = 0
request = function()
  n = n %% #keys + 1
  return wrk.format("GET", "/services/v2/finance/balance?container_id=" .. keys[n][2], {["X-DC-DEVKEY"] = keys[n][1]})
end
"""
_DONE = """
done = function(summary, latency)
  local errors = summary.errors
  local bad = errors.status + errors.connect + errors.read + errors.write + errors.timeout
  io.write(string.format("told %.1f %.1f %.1f %d\\n", latency:percentile(50), latency:percentile(95), latency:percentile(99), bad))
end
"""


@dataclass(frozen=True, slots=True)
class Load:
    """Hold what wrk saw: requests per second, three percentiles of the time to an answer in milliseconds, and the answers that were not 2xx."""

    rate: float
    p50: float
    p95: float
    p99: float
    bad: int


def wrk(url: str, script: str, *, connections: int, seconds: int) -> Load:
    """Run wrk with a script that makes the requests."""
    with tempfile.NamedTemporaryFile("w", suffix=".lua") as file:
        file.write(script + _DONE)
        file.flush()
        command = ["wrk", "-t1", f"-c{connections}", f"-d{seconds}s", "--timeout", "20s", "-s", file.name, url]
        done = subprocess.run(command, capture_output=True, text=True, check=True)
    rate = float(re.findall(r"Requests/sec:\s+([0-9.]+)", done.stdout)[0])
    told = re.findall(r"^told ([0-9.]+) ([0-9.]+) ([0-9.]+) ([0-9]+)$", done.stdout, re.MULTILINE)[0]
    return Load(rate, *(float(value) / 1000 for value in told[:3]), int(told[3]))


def make_keys(running: Running) -> list[tuple[str, int]]:
    """Write a thousand keys, each of a customer of the measurements; give secret and division."""
    made = []
    with running.connect("owner") as owner:
        for number in range(_KEYS):
            fund = number * (FUNDS // _KEYS)
            secret = f"tsk_live_{secrets.token_urlsafe(32)}"
            owner.execute(
                "insert into customers_apikey (id, sha256, shown_start, name, customer_id, person_id, role, scopes) values (%s, %s, '', 'bench', %s, 1, 'administrator', %s)",
                [
                    uuid.uuid4(),
                    hashlib.sha256(secret.encode()).digest(),
                    FIRST_CUSTOMER + fund // 100 + 1,
                    '["balance:read", "charges:write", "holds:write"]',
                ],
            )
            made.append((secret, FIRST_FUND + fund))
        owner.execute("analyze customers_apikey")
    return made


def view_balance(running: Running, figures: Figures, keys: list[tuple[str, int]], *, seconds: int) -> None:
    """Hold View balance with a thousand keys and the rate limit on against pgbench's prepared SELECT of one row."""
    pgbench(running, "-i", "-q", "-s", "10")
    select = statistics.median(pgbench(running, "-S", "-M", "prepared", "-c", "32", "-T", str(max(3, seconds // 2))) for _ in range(2))
    figures.add("pgbench, prepared one-row SELECT, 32 clients", select, "/s")
    script = view_balance_script(keys)
    wrk(running.url, script, connections=32, seconds=2)
    load = wrk(running.url, script, connections=32, seconds=seconds)
    figures.add("View balance, 1,000 keys, rate limit on, 32 connections", load.rate, "/s", limit=select, against="pgbench SELECT", aim=">= 0.22")
    figures.add("View balance, p50", load.p50, "ms")
    figures.add("View balance, p95", load.p95, "ms")
    figures.add("View balance, p99", load.p99, "ms", limit=10, against="10 ms", aim="<= 1")
    figures.add("View balance, answers other than 200", load.bad, "")


def view_balance_script(keys: Sequence[tuple[str, int]]) -> str:
    """Ask with each key in turn."""
    return _BALANCE % {"keys": ",".join(f'{{"{secret}",{division}}}' for secret, division in keys)}


def view_balance_alone(running: Running, figures: Figures, *, seconds: int) -> None:
    """Hold View balance with one key and no rate limit, on the story's data, against the same SELECT."""
    pgbench(running, "-i", "-q", "-s", "10")
    select = pgbench(running, "-S", "-M", "prepared", "-c", "32", "-T", "3")
    facts = running.facts
    script = view_balance_script([(facts["api_keys"]["dana@northwind.example"], int(facts["division_ids"]["Northwind Labs"]))])
    wrk(running.url, script, connections=32, seconds=2)
    load = wrk(running.url, script, connections=32, seconds=seconds)
    figures.add("View balance, one key, no rate limit, 32 connections", load.rate, "/s", limit=select, against="pgbench SELECT")
    figures.add("View balance, one key, no rate limit, p99", load.p99, "ms")
    figures.add("View balance, one key, answers other than 200", load.bad, "")


def charges(running: Running, figures: Figures, keys: list[tuple[str, int]], *, seconds: int) -> None:
    """Hold coalesced single charges on one hot division against one transaction per request."""
    key, division = keys[1]
    script = _CHARGE % {"mark": uuid.uuid4().hex, "key": key, "division": ids.public("div", division)}
    with _single(running, FIRST_CUSTOMER + (division - FIRST_FUND) // 100 + 1, division) as url:
        wrk(url, script.replace("mark .. id", '"w" .. mark .. id'), connections=16, seconds=1)
        alone = wrk(url, script.replace("mark .. id", '"s" .. mark .. id'), connections=128, seconds=seconds).rate
    figures.add("single charges, one transaction each, hot, 128 connections", alone, "/s")
    for connections in (128, 32, 16):
        load = wrk(running.url, script.replace("mark .. id", f'"{connections}" .. mark .. id'), connections=connections, seconds=seconds)
        aim = ">= 4" if connections == 128 else ""
        figures.add(
            f"single charges, coalesced, hot, {connections} connections", load.rate, "/s", limit=alone, against="one transaction each", aim=aim
        )
        for name in ("p50", "p95", "p99"):
            figures.add(f"single charges, coalesced, {connections} connections, {name}", getattr(load, name), "ms")
        figures.add(f"single charges, {connections} connections, answers other than 2xx", load.bad, "")


@contextlib.contextmanager
def _single(running: Running, customer_id: int, division_id: int) -> Iterator[str]:
    port = 8771
    environment = {
        **os.environ,
        "BENCH_CONNINFO": running.conninfo("web"),
        "BENCH_FUND": f"{customer_id}:{division_id}",
        "TALLYSTICK_CHECKS": "1",
        "PYTHONPATH": str(Path(__file__).parent),
    }
    command = [
        sys.executable,
        "-m",
        "granian",
        "--interface",
        "wsgi",
        "--workers",
        "2",
        "--blocking-threads",
        "8",
        "--port",
        str(port),
        "--host",
        "127.0.0.1",
    ]
    child = subprocess.Popen(
        [*command, "--no-access-log", "single:application"], env=environment, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    )
    try:
        for _ in range(200):
            with contextlib.suppress(OSError):
                urllib.request.urlopen(f"http://127.0.0.1:{port}/", timeout=1)
            if psutil.Process(child.pid).children():
                break
            time.sleep(0.05)
        time.sleep(2)
        yield f"http://127.0.0.1:{port}"
    finally:
        child.terminate()
        child.wait(timeout=20)


def idle_memory(running: Running, figures: Figures) -> None:
    """Add up the proportional memory of everything that serves, once the worker has done what the story left to it."""
    whole = psutil.Process(running.pid)
    processes = [whole, *whole.children(recursive=True)]
    rows = [process for process in psutil.process_iter(["name", "cmdline"]) if process.info["name"] == "postgres"]
    note = str(running.folder)
    mains = [process for process in rows if any(note in part for part in process.info["cmdline"] or [])]
    servers = [member for main in mains for member in (main, *main.children(recursive=True))]
    total = sum(_pss(process) for process in {*processes, *servers})
    figures.add("idle: web, worker, PostgreSQL, supervisor and fake gateway (PSS)", total / 2**20, "MiB", limit=350, against="350 MiB", aim="<= 1")


def _pss(process: psutil.Process) -> int:
    try:
        text = Path(f"/proc/{process.pid}/smaps_rollup").read_text(encoding="utf-8")
    except (OSError, ProcessLookupError):
        return 0
    found = re.search(r"^Pss:\s+([0-9]+) kB", text, re.MULTILINE)
    return int(found[1]) * 1024 if found else 0
