"""Decide where Chromium comes from, on machines with and without root, packages, network and room: with stand-ins for the programs that are asked."""

import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).resolve().parent.parent.parent / "script"))

import browser  # type: ignore[import-not-found]
import checks  # type: ignore[import-not-found]

SHOWS = '#!/bin/sh\necho "<p>shown</p>"\n'
"""Stand for a Chromium that works."""


class Machine:
    """Stand for a machine with just these programs; each call of apt-get and dpkg-deb is written down."""

    def __init__(self, folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        self.programs, self.log, self.cache = folder / "bin", folder / "calls", folder / "cache"
        self.programs.mkdir()
        monkeypatch.setenv("PATH", str(self.programs))
        monkeypatch.setenv("XDG_CACHE_HOME", str(self.cache))
        monkeypatch.delenv("TALLYSTICK_CHROMIUM", raising=False)
        self._monkeypatch = monkeypatch

    def has(self, name: str, text: str) -> None:
        (self.programs / name).write_text(text, encoding="utf-8")
        (self.programs / name).chmod(0o755)

    def has_packages(self, *, download: str = "exit 0", install: str = "exit 0") -> None:
        log = f'>> "{self.log}"'
        words = f'case "$*" in *--simulate*) echo "Inst libfoo1 (1.0)"; exit 0;; *download*) {download};; *install*) {install};; esac'
        self.has("apt-get", f'#!/bin/sh\necho "apt-get $*" {log}\n{words}\n')
        place = 'mkdir -p "$3/usr/lib/chromium"; printf \'#!/bin/sh\\necho "<p>shown</p>"\\n\' > "$3/usr/lib/chromium/chromium"'
        self.has("dpkg-deb", f'#!/bin/sh\nPATH=/usr/bin:/bin\necho "dpkg-deb $*" {log}\n{place}; chmod 755 "$3/usr/lib/chromium/chromium"\n')

    def is_root(self, *, root: bool) -> None:
        self._monkeypatch.setattr(os, "geteuid", lambda: 0 if root else 1000)

    def calls(self) -> list[str]:
        return self.log.read_text(encoding="utf-8").splitlines() if self.log.exists() else []


@pytest.fixture
def machine(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Machine]:
    one = Machine(tmp_path, monkeypatch)
    one.is_root(root=False)
    return one


FETCHES = '/usr/bin/touch chromium.deb "lib foo.deb"; exit 0'


def test_what_is_installed_is_taken_and_nothing_is_asked(machine: Machine) -> None:
    machine.has("chromium", SHOWS)
    machine.has_packages()
    assert browser.chromium() == machine.programs / "chromium"
    assert machine.calls() == []


def test_the_one_that_is_named_comes_first(machine: Machine, monkeypatch: pytest.MonkeyPatch) -> None:
    machine.has("chromium", SHOWS)
    machine.has("my own", SHOWS)
    monkeypatch.setenv("TALLYSTICK_CHROMIUM", str(machine.programs / "my own"))
    assert browser.chromium() == machine.programs / "my own"


@pytest.mark.parametrize("broken", ["#!/bin/sh\nexit 1\n", "#!/bin/sh\necho 156.0\n", "#!/nowhere\n"])
def test_one_that_shows_nothing_is_passed_over(machine: Machine, broken: str) -> None:
    machine.has("chromium", broken)
    machine.has("google-chrome", SHOWS)
    assert browser.chromium() == machine.programs / "google-chrome"


def test_root_installs_it(machine: Machine) -> None:
    machine.is_root(root=True)
    program = machine.programs / "chromium"
    shown = SHOWS.replace("\n", "\\n")
    machine.has_packages(install=f'printf \'{shown}\' > "{program}"; /bin/chmod 755 "{program}"')
    assert browser.chromium() == program
    assert [call.split()[-1] for call in machine.calls()] == ["update", "chromium"]


def test_root_whose_packages_do_not_install_unpacks_them(machine: Machine) -> None:
    machine.is_root(root=True)
    machine.has_packages(install="exit 100", download=FETCHES)
    assert browser.chromium() == machine.cache / "tallystick" / "chromium" / "start"


def test_without_root_it_is_unpacked_once(machine: Machine) -> None:
    machine.has_packages(download=FETCHES)
    starter = machine.cache / "tallystick" / "chromium" / "start"
    assert browser.chromium() == starter
    assert "apt-get -qq download chromium chromium-common libfoo1" in machine.calls()
    assert sum(call.startswith("dpkg-deb -x") for call in machine.calls()) == 2
    asked = machine.calls()
    assert browser.chromium() == starter
    assert machine.calls() == asked


def test_without_lists_of_packages_it_makes_its_own(machine: Machine) -> None:
    machine.has_packages(download=f'case "$*" in *Dir::State::lists*) {FETCHES};; *) exit 100;; esac')
    assert browser.chromium() == machine.cache / "tallystick" / "chromium" / "start"
    assert any("Dir::State::lists=" in call and call.endswith("update") for call in machine.calls())


def test_a_fetch_that_was_cut_off_begins_anew(machine: Machine) -> None:
    machine.has_packages(download=FETCHES)
    half = machine.cache / "tallystick" / "chromium" / "packages" / "half.deb"
    half.parent.mkdir(parents=True)
    half.touch()
    assert browser.chromium() is not None
    assert not any("half.deb" in call for call in machine.calls())


def test_nothing_to_fetch_with_is_no_browser(machine: Machine) -> None:
    assert browser.chromium() is None
    machine.is_root(root=True)
    assert browser.chromium() is None


def test_a_fetch_that_fails_is_no_browser(machine: Machine) -> None:
    machine.has_packages(download="exit 100")
    assert browser.chromium() is None
    machine.is_root(root=True)
    assert browser.chromium() is None


def test_a_cache_that_can_not_be_written_is_said(machine: Machine, capfd: pytest.CaptureFixture[str]) -> None:
    machine.has_packages(download=FETCHES)
    machine.cache.write_text("a file where the folder should be")
    assert browser.chromium() is None
    assert capfd.readouterr().err == f"Chromium can not be unpacked into {machine.cache}/tallystick/chromium: Not a directory.\n"


LISTED = "tests/stories/test_funds.py::test_dana_deposits\ntests/stories/test_funds.py::test_luis_may_not\n\n2/900 tests collected\n"
NAMED = (
    "There is no Chromium to be had; these stories are left out:\n"
    "  tests/stories/test_funds.py::test_dana_deposits\n  tests/stories/test_funds.py::test_luis_may_not\n"
)


@pytest.mark.parametrize(
    ("ci", "chosen", "more"), [("", ["-m", "not browser"], ""), ("false", ["-m", "not browser"], ""), ("true", None, "Under CI that is a failure.\n")]
)
def test_without_a_browser_the_stories_are_named_and_ci_fails(
    ci: str, chosen: list[str] | None, more: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("CI", ci)
    monkeypatch.setattr(browser, "chromium", lambda: None)
    monkeypatch.setattr(checks.subprocess, "run", lambda *_, **__: subprocess.CompletedProcess([], 0, stdout=LISTED))
    assert checks._browser_words() == chosen
    assert capsys.readouterr().out == NAMED + more


def test_under_ci_nothing_runs_without_a_browser(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(checks, "_browser_words", lambda: None)
    monkeypatch.setattr(checks.sys, "argv", ["checks.py"])
    monkeypatch.setattr(checks, "_holds", lambda *_: pytest.fail("a check ran"))
    assert checks.main() == 1


def test_with_a_browser_everything_runs(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TALLYSTICK_CHROMIUM", "")
    monkeypatch.setattr(browser, "chromium", lambda: Path("/somewhere/chromium"))
    assert checks._browser_words() == []
    assert os.environ["TALLYSTICK_CHROMIUM"] == "/somewhere/chromium"
