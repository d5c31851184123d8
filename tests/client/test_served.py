"""Speak to the real server over real lines, with threads, and through lines that break: every call has one effect."""

import asyncio
import os
import select
import socket
import struct
import subprocess
import sys
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path
from typing import Self

import pytest

from interfaces.programs import account
from tallystick_client import AsyncClient, ChargeDraft, Client, Money, Retries

ONE = Money("1.00", "USD")
QUICK = Retries(attempts=8, first_pause_seconds=0.01, longest_pause_seconds=0.05)


@dataclass
class Breaking:
    """Stand between a client and the server, and cut the first lines hard: before the request went on, or before its answer came back."""

    port: int
    cuts: list[str]
    listening: socket.socket = field(default_factory=lambda: socket.create_server(("127.0.0.1", 0)))
    lock: threading.Lock = field(default_factory=threading.Lock)
    taken: int = 0

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.listening.getsockname()[1]}"

    def __enter__(self) -> Self:
        threading.Thread(target=self._accept, daemon=True).start()
        return self

    def __exit__(self, *_ended: object) -> None:
        self.listening.shutdown(socket.SHUT_RDWR)
        self.listening.close()

    def _accept(self) -> None:
        while True:
            try:
                line, _ = self.listening.accept()
            except OSError:
                return
            threading.Thread(target=self._carry, args=(line,), daemon=True).start()

    def _carry(self, line: socket.socket) -> None:
        with self.lock:
            self.taken += 1
            cut = self.cuts.pop(0) if self.cuts else ""
        if cut != "before":
            with socket.create_connection(("127.0.0.1", self.port)) as server:
                _exchange(line, server, keeps_answer=not cut)
        if cut:
            line.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        line.close()


def _exchange(line: socket.socket, server: socket.socket, *, keeps_answer: bool) -> None:
    """Carry bytes to and fro until one side ends; without its answer the exchange ends when the server gave it."""
    while True:
        for readable in select.select([line, server], [], [])[0]:
            try:
                taken = readable.recv(65536)
            except OSError:
                return
            if not taken or (readable is server and not keeps_answer):
                return
            (server if readable is line else line).sendall(taken)


@pytest.mark.parametrize("cuts", [["before"], ["after"], ["after", "before", "after"], ["after"] * 5], ids=str)
def test_a_call_over_a_line_that_breaks_has_one_effect(served: int, shop: account.Program, cuts: list[str]) -> None:
    with Breaking(served, list(cuts)) as line, Client(line.url, shop.key, retries=QUICK) as tally:
        made = tally.charges.create(division_id=shop.div, amount=ONE)
        assert line.taken == len(cuts) + 1
        assert made.replayed == ("after" in cuts)
        assert tally.balance.view().balance == Money("-1", "USD")


def test_a_hold_and_a_batch_over_a_line_that_breaks_have_one_effect(served: int, shop: account.Program) -> None:
    with Breaking(served, ["after"]) as line, Client(line.url, shop.key, retries=QUICK) as tally:
        held = tally.holds.create(division_id=shop.div, amount=ONE)
        assert (held.replayed, line.taken) == (True, 2)
        assert tally.balance.view().balance == Money("-1", "USD")
    with Breaking(served, ["after"]) as line, Client(line.url, shop.key, retries=QUICK) as tally:
        answered = tally.charges.create_batch([ChargeDraft(division_id=shop.div, amount=ONE)] * 3)
        assert [one.made().replayed for one in answered.answers] == [True] * 3
        assert tally.balance.view().balance == Money("-4", "USD")


def test_the_client_that_does_not_wait_has_one_effect_too(served: int, shop: account.Program) -> None:
    async def work(url: str) -> Money:
        async with AsyncClient(url, shop.key, retries=QUICK) as tally:
            await asyncio.gather(*(tally.charges.create(division_id=shop.div, amount=ONE) for _ in range(20)))
            return (await tally.balance.view()).balance

    with Breaking(served, ["after", "before"] * 5) as line:
        assert asyncio.run(work(line.url)) == Money("-20", "USD")


def test_threads_share_a_client(served: int, shop: account.Program) -> None:
    with Client(f"http://127.0.0.1:{served}", shop.key, retries=QUICK) as tally, ThreadPoolExecutor(16) as threads:
        made = list(threads.map(lambda place: tally.charges.create(division_id=shop.div, amount=ONE, order_id=str(place % 40)), range(40)))
        assert len({one.id for one in made}) == 40
        same = list(threads.map(lambda _: tally.charges.create(division_id=shop.div, amount=ONE, idempotency_key="one"), range(40)))
        assert len({one.id for one in same}) == 1
        assert sum(not one.replayed for one in same) == 1
        assert tally.balance.view().balance == Money("-41", "USD")


PROGRAM = """
import sys
from tallystick_client import Client, Money
with Client(sys.argv[1], sys.argv[2]) as tally:
    tally.charges.create(division_id=sys.argv[3], amount=Money("1.00", "USD"), order_id="100042", idempotency_key="order-100042")
"""


@pytest.mark.parametrize("waits_milliseconds", [0, 5, 30])
def test_a_program_that_is_killed_between_request_and_answer_and_runs_again_has_one_effect(
    served: int, shop: account.Program, waits_milliseconds: int
) -> None:
    """It is killed while it waits for an answer that is held back; the machine starts it again, knowing nothing."""
    reached = threading.Event()

    class Holding(Breaking):
        def _carry(self, line: socket.socket) -> None:
            with socket.create_connection(("127.0.0.1", self.port)) as server:
                server.sendall(line.recv(65536))
                reached.set()
                line.recv(1)  # ends when the program does; its answer is never carried

    with Holding(served, []) as line:
        words = [sys.executable, "-c", PROGRAM, line.url, shop.key, shop.div]
        program = subprocess.Popen(words)
        assert reached.wait(30)
        time.sleep(waits_milliseconds / 1000)
        program.kill()
        program.wait(10)
    subprocess.run([sys.executable, "-c", PROGRAM, f"http://127.0.0.1:{served}", shop.key, shop.div], check=True)
    with Client(f"http://127.0.0.1:{served}", shop.key) as tally:
        assert tally.balance.view().balance == Money("-1", "USD")


def test_the_command_line_runs_again_and_again(served: int, shop: account.Program) -> None:
    words = [
        str(Path(sys.executable).with_name("tallystick")),
        "charge",
        "--division",
        shop.div,
        "--amount",
        "1",
        "--currency",
        "USD",
        "--order-id",
        "7",
    ]
    environment = {**os.environ, "TALLYSTICK_URL": f"http://127.0.0.1:{served}", "TALLYSTICK_KEY": shop.key}
    runs = [subprocess.Popen(words, env=environment, stdout=subprocess.PIPE, text=True) for _ in range(4)]
    said = [run.communicate(timeout=60)[0] for run in runs]
    assert [run.returncode for run in runs] == [0] * 4
    assert len({line.split(":")[0] for line in said}) == 1
    assert sum("by an earlier run" in line for line in said) == 3
