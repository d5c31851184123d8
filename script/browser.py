"""Find Chromium or fetch it from Debian's packages: as root by installing it, without root unpacked into a cache. Standard library only."""

import os
import platform
import shutil
import subprocess
from pathlib import Path

_NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
_CACHE = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "tallystick" / "chromium"


def chromium() -> Path | None:
    """Give the browser's program, None where none can be had."""
    return _installed() or (_installed_by_root() if os.geteuid() == 0 else _unpacked())


def _installed() -> Path | None:
    given = os.environ.get("TALLYSTICK_CHROMIUM")
    found = given if given and Path(given).exists() else next(filter(None, map(shutil.which, _NAMES)), None)
    return Path(found) if found else None


def _installed_by_root() -> Path | None:
    if not shutil.which("apt-get"):
        return None
    environment = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
    for words in (["update"], ["install", "-y", "--no-install-recommends", "chromium"]):
        if subprocess.run(["apt-get", "-qq", *words], check=False, env=environment, stdout=subprocess.DEVNULL).returncode:
            return None
    return _installed()


def _unpacked() -> Path | None:
    starter = _CACHE / "start"
    if starter.exists():
        return starter
    if not shutil.which("apt-get") or not shutil.which("dpkg-deb"):
        return None
    packages, tree = _CACHE / "packages", _CACHE / "tree"
    packages.mkdir(parents=True, exist_ok=True)
    if subprocess.run(["apt-get", "-qq", "download", *_missing()], check=False, cwd=packages, stdout=subprocess.DEVNULL).returncode:
        return None
    for package in sorted(packages.glob("*.deb")):
        if subprocess.run(["dpkg-deb", "-x", str(package), str(tree)], check=False).returncode:
            return None
    shutil.rmtree(packages)
    library = f"{tree}/usr/lib/{platform.machine()}-linux-gnu"
    making = starter.with_name("start.making")
    making.write_text(
        f'#!/bin/sh\nLD_LIBRARY_PATH="{library}" FONTCONFIG_PATH="{tree}/etc/fonts" exec "{tree}/usr/lib/chromium/chromium" "$@"\n', encoding="utf-8"
    )
    making.chmod(0o755)
    making.rename(starter)
    return starter


def _missing() -> list[str]:
    """List what installing Chromium would install here; asking needs no root."""
    asked = subprocess.run(
        ["apt-get", "--simulate", "-qq", "--no-install-recommends", "install", "chromium"], check=False, capture_output=True, text=True
    ).stdout
    return [line.split()[1] for line in asked.splitlines() if line.startswith("Inst ")] or ["chromium"]
