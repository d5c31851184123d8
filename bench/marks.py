"""Measure what the stack costs: batches of charges over HTTP beside the bare INSERT, View balance beside a bare ASGI app and a bare Django view."""

import contextlib
import os
import subprocess
import sys
import time
import urllib.error
import urllib.request
import uuid
from collections.abc import Iterator, Sequence
from pathlib import Path

import over_http
from figures import Figures
from world import BATCH, CUSTOMERS, FIRST_FUND, FUNDS, Running

from tallystick.interfaces.cli import place
from tallystick.lib import ids

_PORT = 8772
_BATCHES = """
local keys = {%(keys)s}
local mark, n, turn = "%(mark)s", 0, 0
request = function()
  turn = turn %% #keys + 1
  local key, divisions, rows = keys[turn][1], keys[turn][2], {}
  for place = 1, %(size)d do
    n = n + 1
    rows[place] = '{"division_id":"' .. divisions[n %% #divisions + 1] .. '","amount":{"amount":"0.01","currency":"USD"},"idempotency_key":"' .. mark .. n .. '"}'
  end
  local headers = {["Authorization"] = "Bearer " .. key, ["Content-Type"] = "application/json"}
  return wrk.format("POST", "/api/v1/charges/batch", headers, '{"charges":[' .. table.concat(rows, ",") .. ']}')
end
"""
_CLIENTS = 4
_KEYS = 8


def batches(running: Running, figures: Figures, keys: Sequence[tuple[str, int]], *, bare: float, seconds: int) -> None:
    """Hold batches of 5,000 charges over HTTP, of eight customers over all their divisions, against the bare INSERT of this run."""
    own = FUNDS // CUSTOMERS
    chosen = [keys[number * len(keys) // _KEYS] for number in range(_KEYS)]
    lists = []
    for secret, division in chosen:
        first = division - (division - FIRST_FUND) % own
        named = ",".join(f'"{ids.public("div", first + place)}"' for place in range(own))
        lists.append(f'{{"{secret}",{{{named}}}}}')
    for connections in (1, _CLIENTS):
        script = _BATCHES % {"keys": ",".join(lists), "mark": uuid.uuid4().hex[:12], "size": BATCH}
        load = over_http.wrk(running.url, script, connections=connections, seconds=seconds)
        aim = ">= 0.40" if connections == _CLIENTS else ""
        figures.add(f"batch charges over HTTP, {connections} connections", load.rate * BATCH, "/s", limit=bare, against="bare INSERT", aim=aim)
        figures.add(f"batch charges over HTTP, {connections} connections, answers other than 2xx", load.bad, "")


def bare(running: Running, figures: Figures, keys: Sequence[tuple[str, int]], *, seconds: int) -> None:
    """Ask View balance's statement through an ASGI application and through a Django view that do nothing else."""
    script = over_http.view_balance_script(keys)
    ours = over_http.wrk(running.url, script, connections=32, seconds=seconds).rate
    for name, interface, target in (("ASGI application", "asgi", "bare:application"), ("Django view", "wsgi", "bare:view")):
        with _served(running, interface, target) as url:
            over_http.wrk(url, script, connections=32, seconds=1)
            load = over_http.wrk(url, script, connections=32, seconds=seconds)
        figures.add(f"View balance's statement in a bare {name}, 32 connections", load.rate, "/s", limit=ours, against="View balance")
        figures.add(f"bare {name}, answers other than 200", load.bad, "")


@contextlib.contextmanager
def _served(running: Running, interface: str, target: str) -> Iterator[str]:
    note = place.Place(running.folder)
    environment = {
        **os.environ,
        **note.environment(note.note()),
        "DJANGO_SETTINGS_MODULE": "tallystick.config.settings",
        "PYTHONPATH": str(Path(__file__).parent),
    }
    command = [sys.executable, "-m", "granian", "--interface", interface, "--workers", "2", "--host", "127.0.0.1", "--port", str(_PORT)]
    threads = ["--blocking-threads", "8"] if interface == "wsgi" else []
    child = subprocess.Popen([*command, *threads, "--no-access-log", target], env=environment, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    url = f"http://127.0.0.1:{_PORT}"
    try:
        for _ in range(200):
            try:
                urllib.request.urlopen(url, timeout=1)
            except urllib.error.HTTPError:
                break  # it answers: the question alone was wrong
            except OSError:
                time.sleep(0.05)
        time.sleep(1)
        yield url
    finally:
        child.terminate()
        child.wait(timeout=20)
