"""Take away what a start needs (room on the disk, a folder to write to, a part of Python): one sentence says which, and nothing is half done."""

import importlib
import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path

import psycopg
import pytest
import serving

from tallystick.integrations.postgres import cluster

ROOT = Path(__file__).resolve().parent.parent.parent
Disk = Callable[[str], Path]


@pytest.fixture
def disk() -> Iterator[Disk]:
    """Give a disk of its own, mounted with these options, where whom root lends PostgreSQL to may enter."""
    mounted: list[Path] = []

    def mount(options: str) -> Path:
        place = Path(tempfile.mkdtemp(prefix="tallystick disk "))
        place.chmod(0o711)
        tried = subprocess.run(
            ["mount", "-t", "tmpfs", "-o", f"mode=755,{options}", "tmpfs", str(place)], check=False, capture_output=True, text=True
        )
        if tried.returncode:
            pytest.skip(f"no disk can be mounted here: {tried.stderr.strip() or 'refused'}")
        mounted.append(place)
        return place

    if os.geteuid() != 0 or not shutil.which("mount"):
        pytest.skip("only root can mount a small disk")
    yield mount
    for place in mounted:
        subprocess.run(["umount", "-l", str(place)], check=True)
        place.rmdir()


def _clone(place: Path) -> Path:
    (place / "script").mkdir(parents=True)
    for name in ("script/server", "script/python.sh", "script/environment.py", "requirements.txt", "pyproject.toml"):
        shutil.copy(ROOT / name, place / name)
    return place


def _server(clone: Path, **surroundings: str) -> subprocess.CompletedProcess[str]:
    programs = clone.parent / "programs of this test"
    programs.mkdir(exist_ok=True)
    for name, program in {"python3": sys.executable, "dirname": shutil.which("dirname"), "sh": "/bin/sh"}.items():
        if not (programs / name).exists():
            (programs / name).symlink_to(str(program))
    environment = {"PATH": str(programs), "HOME": str(clone.parent), **surroundings}
    return subprocess.run([str(clone / "script" / "server")], check=False, capture_output=True, text=True, env=environment, timeout=60)


def test_a_disk_without_room_for_the_environment_is_named(disk: Disk) -> None:
    clone = _clone(disk("size=50m") / "clone")
    done = _server(clone)
    assert (done.returncode, done.stdout) == (1, "")
    assert done.stderr == f"The disk of {clone} is full: the environment needs 800 MB.\n"
    assert not (clone / ".venv").exists()


def test_a_clone_that_can_not_be_written_is_named(disk: Disk) -> None:
    place = disk("size=2g")
    clone = _clone(place / "clone")
    (place / "programs of this test").mkdir()
    for name, program in {"python3": sys.executable, "dirname": shutil.which("dirname"), "sh": "/bin/sh"}.items():
        (place / "programs of this test" / name).symlink_to(str(program))
    subprocess.run(["mount", "-o", "remount,ro", str(place)], check=True)
    done = _server(clone)
    assert (done.returncode, done.stderr) == (1, f"The folder {clone} can not be written; clone Tallystick into one of yours.\n")


def test_a_python_without_venv_is_told_what_to_install(tmp_path: Path) -> None:
    clone = _clone(tmp_path / "clone")
    (tmp_path / "without" / "venv").mkdir(parents=True)
    (tmp_path / "without" / "venv" / "__init__.py").write_text("raise ModuleNotFoundError(\"No module named 'venv'\")\n")
    done = _server(clone, PYTHONPATH=str(tmp_path / "without"))
    version = f"{sys.version_info.major}.{sys.version_info.minor}"
    wanted = f"install it (on Debian and Ubuntu: apt install python{version}-venv), or install uv."
    assert (done.returncode, done.stderr.splitlines()[1:]) == (1, [f"Python {version} comes without its venv module; {wanted}"])
    assert done.stderr.startswith("Installing into .venv")


def test_a_disk_without_room_for_data_is_named(disk: Disk) -> None:
    folder = disk("size=50m") / "data"
    done = serving.command("serve", "--data", folder, "--port", str(serving.free_port()))
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr == f"tallystick: The disk of {folder} is full: less than 200 MB are free.\n"


def test_a_folder_that_can_not_be_written_is_named(disk: Disk) -> None:
    folder = disk("size=50m,ro") / "data"
    for words in (["serve", "--port", str(serving.free_port())], ["migrate"]):
        done = serving.command(*words, "--data", folder)
        assert (done.returncode, done.stdout) == (2, "")
        assert done.stderr == f"tallystick: The folder {folder} can not be written: Read-only file system. Name another one with --data.\n"


def test_a_disk_that_fills_up_while_a_backup_is_written_leaves_no_half_of_one(disk: Disk, tmp_path: Path) -> None:
    place, folder = disk("size=100k"), tmp_path / "data"
    with serving.server(folder, "--demo"):
        done = serving.command("backup", place / "kept", "--data", folder)
    assert (done.returncode, done.stdout, done.stderr.count("\n")) == (2, "", 1)
    assert "o space left on device" in done.stderr
    assert list(place.iterdir()) == []


def test_a_disk_that_fills_up_while_postgresql_is_made_can_be_given_room(disk: Disk) -> None:
    place = disk("size=20m")
    one = cluster.Cluster(place / "data")
    with pytest.raises(cluster.ClusterFailed, match=r"^The database could not be made: the disk is full\.$"):
        one.start()
    one.stop()
    subprocess.run(["mount", "-o", "remount,size=400m", str(place)], check=True)
    again = cluster.Cluster(place / "data")
    with again.running() as server, psycopg.connect(server.conninfo()) as connection:
        assert connection.execute("select 1").fetchone() == (1,)
    assert not list(again.place.home.glob("rows.making*"))


def test_an_installation_that_was_cut_off_is_made_anew(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Packages whose files are half there look whole to pip: a killed installation is not built upon."""
    clone = tmp_path / "clone"
    (clone / ".venv").mkdir(parents=True)
    for name in ("requirements.txt", "pyproject.toml"):
        (clone / name).write_text("")
    monkeypatch.syspath_prepend(str(ROOT / "script"))
    environment = importlib.import_module("environment")
    for name, value in {"ROOT": clone, "VENV": clone / ".venv", "HALF": clone / ".venv" / "half-installed", "PYTHON": Path(sys.executable)}.items():
        monkeypatch.setattr(environment, name, value)
    asked: list[str] = []

    def run(command: list[str]) -> subprocess.CompletedProcess[str]:
        asked.append(" ".join(command[1:4]))
        if asked[-1] == "-m pip install" and len(asked) == 2:
            raise KeyboardInterrupt  # as good as kill -9: nothing is tidied
        if "venv" in command:
            (clone / ".venv" / "half-installed").unlink(missing_ok=True)  # --clear
        return subprocess.CompletedProcess(command, 0, stdout="")

    monkeypatch.setattr(environment, "_run", run)
    with pytest.raises(KeyboardInterrupt):
        environment.prepare("requirements.txt")
    environment.prepare("requirements.txt")
    assert asked == ["-m venv --clear", "-m pip install", "-m venv --clear", "-m pip install", "-m pip install"]
    environment.prepare("requirements.txt")
    assert len(asked) == 5
    assert not (clone / ".venv" / "half-installed").exists()
