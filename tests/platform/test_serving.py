"""Start, kill, start again, back up, restore: what an operator does to an installation, and what it says when it can not."""

import os
import re
import shutil
import signal
import socket
import stat
import subprocess
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest
import serving

ROOT = Path(__file__).resolve().parent.parent.parent


@pytest.fixture(scope="module")
def folder(enterable: Path) -> Path:
    place = enterable / "an installation"
    place.mkdir(mode=0o711)
    return place / "data"


@pytest.fixture(scope="module")
def demo(folder: Path) -> Iterator[serving.Running]:
    with serving.server(folder, "--demo") as running:
        yield running


def test_it_says_everything_in_one_object(demo: serving.Running) -> None:
    assert set(demo.said) == {"url", "gateway_url", "sign_in_links", "api_keys", "customer_ids", "division_ids", "mailbox_url"}
    assert demo.said["api_keys"]
    assert set(demo.said["api_keys"]) <= set(demo.said["sign_in_links"])
    assert all(link.startswith(demo.said["url"]) for link in demo.said["sign_in_links"].values())
    assert demo.status("/sign-in/") == 200


def test_pages_go_compressed_and_what_they_load_may_be_kept(demo: serving.Running) -> None:
    """A browser asks once for a style sheet: its name changes with its content."""
    with httpx.Client(base_url=str(demo.said["url"])) as browser:
        page = browser.get("/sign-in/")
        assert page.headers["content-encoding"] == "gzip"
        loaded = re.findall(r'(?:src|href)="(/static/[^"]+\.(?:css|js))"', page.text)
        assert loaded
        for path in loaded:
            file = browser.get(path)
            assert (file.headers["content-encoding"], "immutable" in file.headers["cache-control"]) == ("gzip", True), path
        plain = browser.get("/services/v2/finance/balance")
        assert "content-encoding" not in plain.headers


def test_its_secrets_are_its_owners(demo: serving.Running, folder: Path) -> None:
    assert demo.said
    private = [
        name for name in ("secrets.json", "demo-keys.json", "gateway-secret", "server.json") if stat.S_IMODE((folder / name).stat().st_mode) != 0o600
    ]
    assert not private


def test_a_second_server_on_its_folder_is_refused(demo: serving.Running, folder: Path) -> None:
    done = serving.command("serve", "--data", folder, "--port", str(serving.free_port()))
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr.startswith("tallystick: Tallystick already runs on")
    assert done.stderr.count("\n") == 1
    assert demo.status("/sign-in/") == 200


def test_doctor_finds_it_well(demo: serving.Running, folder: Path) -> None:
    done = serving.command("doctor", "--data", folder)
    assert done.returncode == 0, done.stdout
    assert [line.split()[1] for line in done.stdout.splitlines()] == ["port", "database", "clock", "rights", "mail", "disk", "files"]
    assert demo.said["url"] in done.stdout


def test_it_outlives_its_web_server_and_its_database(demo: serving.Running, folder: Path) -> None:
    children = subprocess.run(["ps", "-ww", "-o", "pid=,args=", "--ppid", str(demo.process.pid)], check=True, capture_output=True, text=True).stdout
    killed = [int(line.split()[0]) for line in children.splitlines() if " web " in line or "/postgres " in line]
    assert len(killed) == 2
    for pid in killed:
        os.kill(pid, signal.SIGKILL)
    assert serving.eventually(lambda: demo.status("/sign-in/") == 200)
    assert serving.eventually(lambda: serving.command("doctor", "--data", folder).returncode == 0)


def test_a_backup_is_a_copy_that_verifies(demo: serving.Running, folder: Path, tmp_path: Path) -> None:
    assert demo.said
    kept, copy = tmp_path / "kept.tallystick", tmp_path / "copy"
    assert serving.command("backup", kept, "--data", folder).returncode == 0
    assert stat.S_IMODE(kept.stat().st_mode) == 0o600
    restored = serving.command("restore", kept, "--data", copy)
    assert restored.returncode == 0, restored.stderr
    assert serving.command("verify", "--data", copy).returncode == 0
    again = serving.command("restore", kept, "--data", copy)
    assert (again.returncode, again.stderr) == (
        2,
        "tallystick: This database is not empty: restore into a new folder or database, never over a living one.\n",
    )
    over = serving.command("restore", kept, "--data", folder)
    assert over.returncode == 2
    assert "A server runs on this folder" in over.stderr


def test_a_damaged_backup_is_refused(tmp_path: Path) -> None:
    broken = tmp_path / "broken"
    broken.write_bytes(b"no backup at all")
    done = serving.command("restore", broken, "--data", tmp_path / "copy")
    assert (done.returncode, done.stderr.count("\n")) == (2, 1)
    assert "is no whole backup of Tallystick" in done.stderr


def test_it_finds_its_rows_after_kill_9_of_everything(tmp_path: Path) -> None:
    folder = tmp_path / "data"
    with serving.server(folder, "--empty") as first:
        assert first.status("/sign-in/") == 200
        made = serving.command("setup", "company", "--name", "Lanternfield", "--address", "1 Quay", "--country", "US", "--data", folder)
        assert made.returncode == 0, made.stderr
        first.end(signal.SIGKILL)
    with serving.server(folder, "--empty") as second:
        assert "first_run" not in second.said  # it is set up: no page that sets it up again
        unknown = serving.command("setup", "customer", "--company", "999", "--name", "N", "--currency", "USD", "--data", folder)
        assert unknown.stderr == "tallystick: There is no company 999; choose 1 with --company.\n"
        assert second.end() == 0


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        (["--port", "0"], "0 is no port; choose one from 1 to 65535 with --port."),
        (["--port", "70000"], "70000 is no port; choose one from 1 to 65535 with --port."),
        (["--data", "/proc/nowhere"], "The folder /proc/nowhere can not be written"),
        (["--port", "1", "--database-url", "postgresql://127.0.0.1:1/x"], "PostgreSQL refuses: connection failed"),
    ],
)
def test_what_can_not_be_is_refused_in_one_sentence(words: list[str], sentence: str, tmp_path: Path) -> None:
    if words[0] == "--port" and words[1] == "1":
        words = ["--port", str(serving.free_port()), *words[2:]]
    done = serving.command("serve", *(words if "--data" in words else [*words, "--data", str(tmp_path / "data")]))
    assert (done.returncode, done.stdout, done.stderr.count("\n")) == (2, "", 1)
    assert done.stderr.startswith(f"tallystick: {sentence}")


def test_a_taken_port_is_refused_in_one_sentence(tmp_path: Path) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        done = serving.command("serve", "--port", str(port), "--data", tmp_path / "data")
    assert (done.returncode, done.stderr) == (
        2,
        f"tallystick: Port {port} can not be used: address already in use. Choose another one with --port.\n",
    )


def test_an_old_python_is_named(tmp_path: Path) -> None:
    programs = tmp_path / "bin"
    programs.mkdir()
    for name in ("dirname", "sh"):
        (programs / name).symlink_to(str(shutil.which(name)))
    old = programs / "python3"
    old.write_text('#!/bin/sh\ncase "$2" in *exit*) exit 1;; *) echo "Python 3.9 was found";; esac\n')
    old.chmod(0o755)
    done = subprocess.run([str(ROOT / "script" / "server")], check=False, capture_output=True, text=True, env={"PATH": str(programs)})
    assert (done.returncode, done.stderr) == (1, "Tallystick needs Python 3.12 or newer, or uv to fetch one; Python 3.9 was found.\n")
