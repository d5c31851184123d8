"""Build the client's own wheel: it has all of the client, nothing of the house, and asks for httpx alone."""

import shutil
import subprocess
import sys
import tomllib
import zipfile
from pathlib import Path

import pytest

import tallystick_client

ROOT = Path(__file__).parents[2]


@pytest.mark.slow
def test_the_client_is_installed_alone(tmp_path: Path) -> None:
    shutil.copytree(ROOT / "client", tmp_path / "client", ignore=shutil.ignore_patterns("__pycache__"))
    words = ["-m", "pip", "wheel", "--quiet", "--no-deps", "--no-build-isolation", "--disable-pip-version-check", "--wheel-dir", str(tmp_path)]
    subprocess.run([sys.executable, *words, str(tmp_path / "client")], check=True)
    with zipfile.ZipFile(next(tmp_path.glob("*.whl"))) as wheel:
        files = {Path(name) for name in wheel.namelist() if ".dist-info" not in name}
        said = wheel.read(next(name for name in wheel.namelist() if name.endswith("METADATA"))).decode().splitlines()
    source = ROOT / "client" / "src"
    assert files == {file.relative_to(source) for file in source.rglob("*") if file.is_file() and "__pycache__" not in file.parts}
    assert Path("tallystick_client/py.typed") in files
    assert [line for line in said if line.startswith("Requires-Dist")] == ["Requires-Dist: httpx~=0.28"]
    assert f"Version: {tallystick_client.VERSION}" in said


def test_the_house_carries_the_same_folder() -> None:
    wheel = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["tool"]["hatch"]["build"]["targets"]["wheel"]
    assert "client/src/tallystick_client" in wheel["packages"]
