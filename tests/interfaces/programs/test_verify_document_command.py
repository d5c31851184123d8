"""Check documents from the command line in an empty folder: no installation, no database, no network; and keep signing keys."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

import given
from integrations.test_signatures import KEY, PAPER, SIGNER, plain
from tallystick.interfaces.cli import main


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Keep a genuine document, one that was changed, one of another's, and the keys."""
    genuine = SIGNER.sealed(plain("Total 1190.00 EUR"), PAPER)
    (tmp_path / "genuine.pdf").write_bytes(genuine)
    (tmp_path / "altered.pdf").write_bytes(genuine + b" ")
    (tmp_path / "unknown.pdf").write_bytes(plain("Hello"))
    (tmp_path / "tallystick-signing-keys.json").write_text(json.dumps({"keys": [KEY.shape()]}))
    return tmp_path


def alone(folder: Path, *words: str) -> subprocess.CompletedProcess[str]:
    """Run the command in a process that knows nothing of this system but its program."""
    surroundings = {"PATH": os.environ["PATH"], "PYTHONPATH": os.pathsep.join(filter(None, sys.path))}
    command = [sys.executable, "-m", "tallystick.interfaces.cli.main", "verify-document", *words]
    return subprocess.run(command, cwd=folder, env=surroundings, capture_output=True, text=True, check=False, timeout=60)


def test_the_verdicts_and_their_exit_codes(folder: Path) -> None:
    """0, 1 and 3; no folder is made."""
    for name, code in [("genuine", 0), ("altered", 1), ("unknown", 3)]:
        ended = alone(folder, f"{name}.pdf")
        assert (ended.returncode, ended.stderr) == (code, ""), ended
        assert ended.stdout.startswith(f"{name}: ")
    assert "DE89370400440532013000" in alone(folder, "genuine.pdf").stdout
    assert not (folder / ".tallystick").exists()


def test_json_and_codes(folder: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
    """For scripts; a code instead of a file."""
    monkeypatch.chdir(folder)
    assert main.main(["verify-document", "genuine.pdf", "--json"]) == 0
    said = json.loads(capsys.readouterr().out)
    assert said == {"verdict": "genuine", "reason": "as_issued", "issuer": "Lanternfield GmbH", "key": KEY.key_id, "document": PAPER.shape()}
    assert main.main(["verify-document", "--code", SIGNER.code(PAPER)]) == 0
    assert main.main(["verify-document", "--code", SIGNER.code(PAPER).replace("1190", "9190")]) == 1
    assert main.main(["verify-document", "--code", "https://nothing.example/"]) == 3


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        ([], "Name a PDF file, or what a code says with --code."),
        (["genuine.pdf", "--code", "x"], "Name a PDF file, or what a code says with --code."),
        (["nothing.pdf"], "nothing.pdf can not be read: no such file or directory."),
        (["."], ". can not be read: is a directory."),
        (["genuine.pdf", "--keys", "none.json"], "There are no public keys in none.json. Save them once from https://HOST/.well-known/"),
        (["genuine.pdf", "--keys", "genuine.pdf"], "genuine.pdf: This file is no set of keys"),
    ],
)
def test_wrong_words(folder: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, words: list[str], sentence: str) -> None:
    """One sentence, exit code 2."""
    monkeypatch.chdir(folder)
    assert main.main(["verify-document", *words]) == 2
    assert capsys.readouterr().err.startswith(f"tallystick: {sentence}")


def test_signing_keys_from_the_first_to_its_withdrawal(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """List, rotate, withdraw."""
    entity = given.legal_entity()

    def said(*words: str) -> str:
        assert main.main(["signing-keys", *words, "--data", str(tmp_path)]) == 0
        return capsys.readouterr().out

    first = said("rotate", "--legal-entity", str(entity)).split()[0]
    second = said("rotate", "--legal-entity", str(entity)).split()[0]
    assert f"{second}  signs since" in said("list")
    assert f"{first}  signed until" in said("list")
    assert "is withdrawn" in said("withdraw", first)
    assert f"{first}  withdrawn" in said("list")
    assert {key["key"]: key["state"] for key in json.loads(said("list", "--json"))}[second] == "current"
    assert main.main(["signing-keys", "withdraw", first, "--data", str(tmp_path)]) == 2
    assert main.main(["signing-keys", "rotate", "--legal-entity", "999999999", "--data", str(tmp_path)]) == 2
