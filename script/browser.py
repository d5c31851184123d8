"""Find Chromium or fetch it from Debian's packages: as root by installing it, without root unpacked into a cache. Standard library only."""

import os
import platform
import shutil
import subprocess
import sys
from pathlib import Path

_NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
_PATIENCE_SECONDS = 900


def chromium() -> Path | None:
    """Give the browser's program, None where none can be had; what went wrong is said on standard error."""
    found = _installed() or (_installed_by_root() if os.geteuid() == 0 else None)
    try:
        return found or _unpacked()
    except OSError as problem:
        print(f"Chromium can not be unpacked into {_cache()}: {problem.strerror}.", file=sys.stderr)
        return None


def _cache() -> Path:
    return Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "tallystick" / "chromium"


def _installed() -> Path | None:
    given = os.environ.get("TALLYSTICK_CHROMIUM")
    named = [Path(name) for name in (given, *map(shutil.which, _NAMES)) if name]
    return next((program for program in named if _runs(program)), None)


def _runs(program: Path) -> bool:
    """Tell whether it shows a page at all: a program that lacks a library or a file of its own is none."""
    words = ["--headless", "--no-sandbox", "--disable-gpu", "--dump-dom", "data:text/html,<p>shown</p>"]
    try:
        asked = subprocess.run([str(program), *words], check=False, capture_output=True, timeout=60)
    except (OSError, subprocess.TimeoutExpired):
        return False
    return asked.returncode == 0 and b"shown" in asked.stdout


def _installed_by_root() -> Path | None:
    if not shutil.which("apt-get"):
        return None
    for words in (["update"], ["install", "-y", "--no-install-recommends", "chromium"]):
        if not _done(["apt-get", "-qq", "-o", "DPkg::Lock::Timeout=120", *words]):
            return None
    return _installed()


def _unpacked() -> Path | None:
    starter, tree = _cache() / "start", _cache() / "tree"
    if starter.exists() and _runs(starter):
        return starter
    if not shutil.which("apt-get") or not shutil.which("dpkg-deb"):
        return None
    for half in (tree, _cache() / "packages"):  # of a fetch that was cut off
        shutil.rmtree(half, ignore_errors=True)
    if not (_fetched([]) or _fetched(_own_lists())):
        return None
    for package in sorted((_cache() / "packages").glob("*.deb")):
        if not _done(["dpkg-deb", "-x", str(package), str(tree)]):
            return None
    shutil.rmtree(_cache() / "packages")
    making = starter.with_name("start.making")
    making.write_text(_START.format(tree=tree, machine=platform.machine()), encoding="utf-8")
    making.chmod(0o755)
    making.rename(starter)
    return starter if _runs(starter) else None


_START = """#!/bin/sh
LD_LIBRARY_PATH="{tree}/usr/lib/{machine}-linux-gnu" FONTCONFIG_PATH="{tree}/etc/fonts" exec "{tree}/usr/lib/chromium/chromium" "$@"
"""


def _fetched(options: list[str]) -> bool:
    """Download the packages that are missing here, with the lists that the options name."""
    packages = _cache() / "packages"
    packages.mkdir(parents=True, exist_ok=True)
    return _done(["apt-get", "-qq", *options, "download", *_missing(options)], packages)


def _own_lists() -> list[str]:
    """Make lists of packages of our own: a fresh machine has none, and only root may renew the system's."""
    lists, kept = _cache() / "lists", _cache() / "apt"
    (lists / "partial").mkdir(parents=True, exist_ok=True)
    (kept / "archives" / "partial").mkdir(parents=True, exist_ok=True)
    options = ["-o", f"Dir::State::lists={lists}", "-o", f"Dir::Cache={kept}"]
    _done(["apt-get", "-qq", *options, "update"])
    return options


def _missing(options: list[str]) -> list[str]:
    """List what installing Chromium would install here; asking needs no root."""
    asked = subprocess.run(
        ["apt-get", *options, "--simulate", "-qq", "--no-install-recommends", "install", "chromium"], check=False, capture_output=True, text=True
    ).stdout
    # the two that are its own are named in any case: here they may be installed and not run
    return sorted({"chromium", "chromium-common", *(line.split()[1] for line in asked.splitlines() if line.startswith("Inst "))})


def _done(command: list[str], folder: Path | None = None) -> bool:
    environment = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
    try:
        return subprocess.run(command, check=False, cwd=folder, env=environment, stdout=subprocess.DEVNULL, timeout=_PATIENCE_SECONDS).returncode == 0
    except subprocess.TimeoutExpired:
        print(f"{command[0]} did not end within {_PATIENCE_SECONDS // 60} minutes.", file=sys.stderr)
        return False
