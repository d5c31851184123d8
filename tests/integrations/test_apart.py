"""The process that draws: it comes when it is needed, goes when it is idle, and takes nobody along when it dies or hangs."""

import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from integrations import papers
from tallystick.integrations import apart
from tallystick.integrations.pdf import documents

_WAIT = "integrations.waiting:wait"


@pytest.fixture
def child(monkeypatch: pytest.MonkeyPatch) -> Iterator[apart.Apart]:
    monkeypatch.setenv("PYTHONPATH", os.pathsep.join([str(Path(__file__).parents[1]), os.environ.get("PYTHONPATH", "")]))
    made = apart.Apart()
    yield made
    made.close()


def test_what_is_told_and_the_bytes_come_back_unchanged(child: apart.Apart) -> None:
    content = bytes(range(256)) * 4000
    assert child.ask(_WAIT, {"seconds": 0, "text": "ü\n\U00013000"}, content) == ({"seconds": 0, "text": "ü\n\U00013000"}, content)
    before = child.pid
    assert child.ask(_WAIT, {"seconds": 0}) == ({"seconds": 0}, b"")
    assert child.pid == before


def test_one_killed_in_the_middle_is_asked_again(child: apart.Apart) -> None:
    """Kill -9 while it works: another one does the same work, and its answer is the only one."""
    assert child.ask(_WAIT, {"seconds": 0}) == ({"seconds": 0}, b"")
    before = child.pid
    assert before is not None
    killer = threading.Timer(0.1, os.kill, [before, signal.SIGKILL])
    killer.start()
    assert child.ask(_WAIT, {"seconds": 0.3}, b"once") == ({"seconds": 0.3}, b"once")
    assert child.pid != before
    assert child.ask(_WAIT, {"seconds": 0}, b"next") == ({"seconds": 0}, b"next")


def test_one_that_dies_of_its_work_is_told_of_after_the_second_time(child: apart.Apart) -> None:
    with pytest.raises(apart.UnavailableError):
        child.ask(_WAIT, {"wrong": 0})
    assert child.pid is None


def test_one_that_hangs_is_killed_once_and_told_of(child: apart.Apart, monkeypatch: pytest.MonkeyPatch) -> None:
    child.ask(_WAIT, {"seconds": 0})
    hanging = child.pid
    monkeypatch.setattr(apart, "LONGEST_SECONDS", 0.2)
    began = time.monotonic()
    with pytest.raises(apart.UnavailableError):
        child.ask(_WAIT, {"seconds": 30})
    assert time.monotonic() - began < 2
    assert not Path(f"/proc/{hanging}").exists()
    monkeypatch.setattr(apart, "LONGEST_SECONDS", 60.0)
    assert child.ask(_WAIT, {"seconds": 0}) == ({"seconds": 0}, b"")


def test_it_ends_when_idle_and_comes_again(child: apart.Apart, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(apart, "IDLE_SECONDS", 0.1)
    child.ask(_WAIT, {"seconds": 0})
    process = child._process
    assert process is not None
    assert process.wait(10) == 0
    assert child.ask(_WAIT, {"seconds": 0}, b"again") == ({"seconds": 0}, b"again")


def test_ctrl_c_is_not_for_it_and_it_goes_with_whoever_asked(child: apart.Apart) -> None:
    child.ask(_WAIT, {"seconds": 0})
    process = child._process
    assert process is not None
    process.send_signal(signal.SIGINT)
    child.ask(_WAIT, {"seconds": 0})
    assert child._process is process
    child._process = None
    with process:  # closes the pipes, as the end of a worker does
        pass
    assert process.returncode == 0


def test_it_gets_no_secret(child: apart.Apart, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TALLYSTICK_SECRET_KEY", "not for everybody")
    monkeypatch.setenv("TALLYSTICK_CONNINFO", "not for everybody")
    child.ask(_WAIT, {"seconds": 0})
    assert b"not for everybody" not in Path(f"/proc/{child.pid}/environ").read_bytes()


def test_a_document_drawn_after_a_death_has_the_same_bytes() -> None:
    before = documents.render("invoice", papers.INVOICE)
    drawing = apart.DRAWING.pid
    assert drawing is not None
    os.kill(drawing, signal.SIGKILL)
    assert documents.render("invoice", papers.INVOICE) == before
    assert apart.DRAWING.pid != drawing


@pytest.mark.parametrize("started", ["tallystick.reactions.worker", "tallystick.config.urls"])
def test_whoever_waits_loads_nothing_that_draws(started: str) -> None:
    """The worker and the web servers live as long as the machine: what draws takes 100 MB in each that loads it."""
    code = (
        f"import django; django.setup(); import {started}, sys; print(*sorted({{'typst', 'pikepdf', 'PIL', 'lxml', 'facturx'}} & set(sys.modules)))"
    )
    environment = {**os.environ, "DJANGO_SETTINGS_MODULE": "tallystick.config.settings", "TALLYSTICK_CHECKS": "1"}
    loaded = subprocess.run([sys.executable, "-c", code], env=environment, capture_output=True, text=True, check=True, timeout=60)
    assert loaded.stdout.split() == []
