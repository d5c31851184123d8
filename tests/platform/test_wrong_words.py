"""Say the wrong thing to every command: one sentence that says what to do, exit code 2, and nothing is changed."""

import io
import json
import os
import tarfile
from datetime import UTC, datetime, timedelta
from pathlib import Path

import psycopg
import pytest
import serving

from tallystick.domain.administration import operations as administration
from tallystick.domain.customers import operations as customers
from tallystick.interfaces.cli import archive, main, prepare
from tallystick.lib import errors

LONG = "x" * 300
COMPANY = ["setup", "company", "--name", "Harbor Tools", "--address", "1 Quay", "--country", "US"]


@pytest.fixture(scope="module")
def company() -> str:
    entity_id = customers.create_legal_entity(viewer=prepare.OPERATOR, name="Wrong Words, Inc.", address="1 Quay", country="US")
    return str(entity_id)


def _customer(**changed: str) -> list[str]:
    words = {"company": "COMPANY", "name": "Kestrel", "currency": "USD"} | changed
    return ["setup", "customer", *(part for name, value in words.items() for part in (f"--{name.replace('_', '-')}", value))]


def _rate(percent: str) -> list[str]:
    return ["setup", "tax-rate", "--company", "COMPANY", f"--percent={percent}"]


WRONG: list[tuple[list[str], str]] = [
    ([], "Name a command; tallystick --help lists them."),
    (["frobnicate"], "There is no command frobnicate; tallystick --help lists them."),
    (["verify", "--jsn"], "Unrecognized arguments: --jsn; tallystick verify --help says what it takes."),
    (["backup"], "The following arguments are required: FILE; tallystick backup --help says what it takes."),
    (["serve", "--port", "many"], "Argument --port: invalid int value: 'many'; tallystick serve --help says what it takes."),
    (["web", "--port", "0"], "0 is no port; choose one from 1 to 65535 with --port."),
    (["web", "--port", "70000"], "70000 is no port; choose one from 1 to 65535 with --port."),
    (["web", "--host", "nowhere.invalid"], "nowhere.invalid:8010 can not be used"),
    (["setup"], "The following arguments are required: STEP; tallystick setup --help says what it takes."),
    (["setup", "cake"], "Argument STEP: invalid choice: 'cake'"),
    ([*COMPANY[:4]], "The following arguments are required: --address, --country; tallystick setup company --help says what it takes."),
    ([*COMPANY, "--country", "Oregon"], "Enter the two letters of the country, such as US."),
    ([*COMPANY, "--time-zone", "Oregon/Salem"], "Enter a time zone such as America/New_York."),
    ([*COMPANY, "--time-zone", "../../etc/passwd"], "Enter a time zone such as America/New_York."),
    ([*COMPANY, "--name", "  "], "Enter the legal name of the company."),
    ([*COMPANY, "--name", LONG], "--name has 300 characters; shorten it to 200."),
    ([*COMPANY, "--name", "Harbor\x1b[2J"], "--name has a control character in it; type it again without."),
    ([*COMPANY, "--name", "Harbor\udcff"], "--name has a control character in it; type it again without."),
    (["setup", "series", "--company", "COMPANY", "--pattern", "no number"], "Write a pattern such as INV-{year}-{number:05}."),
    (["setup", "series", "--company", "COMPANY", "--kind", "receipt", "--pattern", "R-{number:05}"], "--kind must be one of"),
    (["setup", "series", "--company", "99999", "--pattern", "R-{number:05}"], "There is no company 99999; choose "),
    (["setup", "series", "--company", "9" * 40, "--pattern", "R-{number:05}"], "--company must be a whole number of at most 18 digits."),
    (["setup", "series", "--company", "Harbor", "--pattern", "R-{number:05}"], "--company must be a whole number of at most 18 digits."),
    *((_rate(percent), "Enter a percentage from 0 to 100 with at most six decimals.") for percent in ("-1", "101", "1e30", "NaN", "8.1234567", "")),
    (["setup", "tax-rate", "--company", "99999", "--percent", "8"], "There is no company 99999; choose "),
    (["setup", "bank-account", "--company", "COMPANY", "--currency", "XXX", "--holder", "H", "--account", "1"], "XXX is not a currency."),
    (["setup", "bank-account", "--company", "COMPANY", "--currency", "dollar", "--holder", "H", "--account", "1"], "dollar is not a currency."),
    (
        ["setup", "bank-account", "--company", "COMPANY", "--currency", "USD", "--holder", " ", "--account", "1"],
        "Enter the holder and the number of the account.",
    ),
    (["setup", "bank-account", "--company", "99999", "--currency", "USD", "--holder", "H", "--account", "1"], "There is no company 99999; choose "),
    ([*_customer(), "--limit=-1"], "Enter an amount such as 1250.00."),
    (_customer(limit="1e30"), "Enter an amount such as 1250.00."),
    (_customer(limit="9" * 16), "This amount is too large. Split it."),
    (_customer(limit="10.123"), "USD has at most 2 decimals."),
    (_customer(limit="10.5", currency="JPY"), "JPY has no decimals."),
    (_customer(limit="10 EUR"), "Enter an amount such as 1250.00."),
    (_customer(limit="much"), "Enter an amount such as 1250.00."),
    (_customer(currency="usd"), "usd is not a currency."),
    (_customer(currency="XXX", limit="unlimited"), "XXX is not a currency."),
    (_customer(name=" "), "Enter the customer's name."),
    (_customer(name=LONG), "--name has 300 characters; shorten it to 200."),
    (_customer(name="Kes\x00trel"), "--name has a control character in it; type it again without."),
    (_customer(name="Kestrel\nRobotics"), "--name has a control character in it; type it again without."),
    (_customer(company="99999"), "There is no company 99999; choose "),
    (_customer(tax_rate="99999"), "There is no tax rate 99999 of company "),
    (_customer(terms_days="31"), "Payment terms are at most Net 30."),
    (_customer(terms_days="soon"), "--terms-days must be a whole number of at most 18 digits."),
    (_customer(rule="generous"), "--rule must be one of consumption, all_unpaid."),
    (["setup", "staff", "--email", "helen"], "Enter a complete e-mail address."),
    (["setup", "staff", "--email", "new@lanternfield.example", "--role", "king"], "--role must be one of clerk, approver, auditor, administrator."),
    (["setup", "user", "--email", "new@northwind.example", "--customer", "99999"], "There is no such customer."),
    (["setup", "user", "--email", "new@northwind.example", "--customer", "9" * 18], "There is no such customer."),
    (["setup", "user", "--email", "new@northwind.example", "--customer", "CUSTOMER", "--role", "king"], "--role must be one of administrator, "),
    (["setup", "user", "--email", "new@northwind.example", "--customer", "CUSTOMER", "--divisions", "99999"], "There is no such division."),
    (["setup", "user", "--email", "new@northwind.example", "--customer", "CUSTOMER", "--divisions", "a,b"], "--divisions must be a whole number"),
    (
        ["setup", "link", "--email", "nobody@nowhere.example"],
        "Nobody has the address nobody@nowhere.example; add them with setup staff or setup user.",
    ),
    (["restore", "absent"], "There is no file "),
    (["restore", LONG], "can not be read: File name too long."),
    (["restore", "."], "There is no file "),
    (["restore", "noise"], "noise is no whole backup of Tallystick"),
    (["restore", "empty"], "empty is no whole backup of Tallystick"),
    (["restore", "truncated"], "truncated is no whole backup of Tallystick"),
    (["restore", "manifest-only"], "manifest-only is no whole backup of Tallystick"),
    (["restore", "changed"], "changed is damaged: its content is not what was written; take another backup."),
    (["restore", "climbing"], "climbing is no whole backup of Tallystick"),
    (["restore", "new\nline"], "There is no file "),
    (["backup", "absent/kept"], "absent/kept can not be written: No such file or directory; name a file in a folder that is there and yours."),
    (["backup", "noise"], "noise is there already; name another file, a backup is never written over."),
    (["backup", "."], "is there already; name another file, a backup is never written over."),
    (["backup", "/proc/kept"], "/proc/kept can not be written: No such file or directory; name a file in a folder that is there and yours."),
    (["backup", LONG], "can not be written: File name too long; name a file in a folder that is there and yours."),
]


def _tar(file: Path, **members: bytes) -> None:
    with tarfile.open(file, "w") as tar:
        for name, content in members.items():
            entry = tarfile.TarInfo(name.replace("_DOT_", "."))
            entry.size = len(content)
            tar.addfile(entry, io.BytesIO(content))


@pytest.fixture(scope="module")
def files(enterable: Path, database: dict[str, str]) -> Path:
    """Give a folder of files that no refusal changes; the backup in it is of the whole database, so it is written once."""
    folder = enterable / "wrong words"
    folder.mkdir()
    (folder / "noise").write_bytes(b"no backup at all")
    (folder / "empty").touch()
    archive.write(folder / "whole", database["owner"])
    (folder / "truncated").write_bytes((folder / "whole").read_bytes()[:-200_000])
    manifest = json.dumps({"sha256": "0" * 64, "rows": {}}).encode()
    _tar(folder / "manifest-only", manifest_DOT_json=manifest)
    _tar(folder / "changed", manifest_DOT_json=manifest, database_DOT_dump=b"other bytes")
    with tarfile.open(folder / "climbing", "w") as tar:
        tar.addfile(tarfile.TarInfo("../../climbed"))
    return folder


def _state(folder: Path, conninfo: str) -> tuple[object, ...]:
    with psycopg.connect(conninfo) as connection:
        return sorted(path.name for path in folder.iterdir()), archive.count(connection)


@pytest.mark.parametrize(("words", "sentence"), WRONG, ids=[" ".join(words)[:60].encode("ascii", "backslashreplace").decode() for words, _ in WRONG])
def test_it_is_refused_in_one_sentence_and_nothing_is_changed(
    words: list[str],
    sentence: str,
    files: Path,
    company: str,
    database: dict[str, str],
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.chdir(files)
    opened = _opened(company)
    asked = [{"COMPANY": company, "CUSTOMER": opened}.get(word, word) for word in words]
    before = _state(files, database["owner"])
    code = main.main(asked)
    said = capsys.readouterr()
    assert (code, said.out) == (2, "")
    assert said.err.startswith("tallystick: ")
    assert sentence in said.err
    assert (said.err.count("\n"), said.err[-1]) == (1, "\n")
    assert _state(files, database["owner"]) == before


def _opened(company: str, known: list[str] = []) -> str:  # noqa: B006 - opened once for the table
    if not known:
        draft = customers.CustomerDraft(legal_entity_id=int(company), name="Opened", currency="USD")
        known.append(str(administration.create_customer(viewer=prepare.OPERATOR, draft=draft).customer_id))
    return known[0]


ALONE: list[tuple[list[str], str]] = [
    (["verify", "--data", "absent"], "There is no installation in absent; name its folder with --data, or make one with script/server."),
    (["doctor", "--data", "absent"], "There is no installation in absent; name its folder with --data, or make one with script/server."),
    (["backup", "kept", "--data", "absent"], "There is no installation in absent; name its folder with --data, or make one with script/server."),
    (["setup", "link", "--email", "a@b.example", "--data", "absent"], "There is no installation in absent; name its folder with --data"),
    (["work", "--data", LONG], "can not be read: File name too long. Name another one with --data."),
    (["serve", "--data", "a-file"], "The folder a-file can not be written: File exists. Name another one with --data."),
    (["serve", "--data", LONG], "can not be written: File name too long. Name another one with --data."),
    (["verify", "--data", "broken"], "secrets.json can not be read; put the one of your backup in its place."),
    (["restore", "noise", "--data", "new"], "noise is no whole backup of Tallystick"),
    (["serve", "--data", "new", "--database-url", "postgresql://["], "PostgreSQL refuses: "),
]


@pytest.mark.parametrize(("words", "sentence"), ALONE, ids=[" ".join(words)[:60] for words, _ in ALONE])
def test_a_folder_that_is_none_is_refused_and_none_is_made(
    words: list[str], sentence: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    for name in [name for name in os.environ if name.startswith("TALLYSTICK_")]:
        monkeypatch.delenv(name)
    (tmp_path / "noise").write_bytes(b"no backup at all")
    (tmp_path / "a-file").touch()
    (tmp_path / "broken").mkdir()
    (tmp_path / "broken" / "secrets.json").write_text("{")
    if "--database-url" in words:
        words = [*words, "--port", str(serving.free_port())]
    assert main.main(words) == 2
    said = capsys.readouterr()
    assert sentence in said.err
    assert said.err.count("\n") == 1
    assert not (tmp_path / "absent").exists()
    if words[0] == "restore":
        assert not (tmp_path / "new").exists()
    if "--database-url" in words:
        assert "database_url" not in json.loads((tmp_path / "new" / "secrets.json").read_text())


def test_a_link_made_by_the_command_signs_in_once_and_not_for_ever(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    tokens = []
    assert main.main(["setup", "staff", "--email", "once@lanternfield.example", "--data", str(tmp_path)]) == 0
    tokens.append(capsys.readouterr().out.strip().rsplit("/", 1)[-1])
    assert main.main(["setup", "link", "--email", "Once@Lanternfield.example", "--data", str(tmp_path)]) == 0
    tokens.append(capsys.readouterr().out.strip().rsplit("/", 1)[-1])
    now = datetime.now(UTC)
    customers.spend_sign_in_link(token=tokens[0], now=now)
    for token, moment in ((tokens[0], now), (tokens[1], now + timedelta(days=3))):
        with pytest.raises(errors.Refusal, match="used already or has expired"):
            customers.spend_sign_in_link(token=token, now=moment)


def test_a_place_for_style_sheets_that_is_a_file_is_named(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "file").touch()
    monkeypatch.setenv("TALLYSTICK_STATIC", str(tmp_path / "file"))
    assert main.main(["web", "--port", str(serving.free_port()), "--data", str(tmp_path)]) == 2
    said = f"tallystick: {tmp_path / 'file'} can not be written: file exists. Name another folder by TALLYSTICK_STATIC.\n"
    assert capsys.readouterr().err == said


@pytest.mark.parametrize("words", [["serve", "--port", "PORT"], ["web", "--port", "PORT"], ["work"]], ids=["serve", "web", "work"])
def test_a_place_for_files_that_is_none_is_named(
    words: list[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("TALLYSTICK_FILES", "folder:/nowhere/at/all")
    asked = [str(serving.free_port()) if word == "PORT" else word for word in words]
    assert main.main([*asked, "--data", str(tmp_path)]) == 2
    said = "tallystick: TALLYSTICK_FILES is 'folder:/nowhere/at/all'; it must name a folder that is there, from the root on, as folder:/srv/files.\n"
    assert capsys.readouterr().err == said


def test_a_variable_that_is_malformed_is_named(tmp_path: Path) -> None:
    surroundings = {**serving.environment(), "TALLYSTICK_DATABASE_PORT": "1", "TALLYSTICK_SECRET_KEY": "x", "TALLYSTICK_HTTPS": "perhaps"}
    done = serving.command("verify", "--data", tmp_path, surroundings=surroundings)
    assert (done.returncode, done.stderr) == (2, "tallystick: The environment variable TALLYSTICK_HTTPS must be 1 or 0.\n")
