"""Plant imports that the floors forbid, and see that the contracts of .importlinter catch each."""

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tidy import house

PLANTED = [
    ("A floor uses only the floors below it", "lib/money.py", "from tallystick.integrations.postgres import scope"),
    ("A subject uses only the subjects below it", "domain/events/rules.py", "from tallystick.domain.customers import rules"),
    ("A subject uses only the subjects below it", "domain/payments/rules.py", "from tallystick.domain.purchasing import rules"),
    (
        "In a subject operations use queries, queries use tables, tables use rules",
        "domain/funds/queries.py",
        "from tallystick.domain.funds import operations",
    ),
    (
        "Integrations do not know each other; all may use PostgreSQL and a process apart",
        "integrations/pdf/planted.py",
        "from tallystick.integrations import gateways",
    ),
    ("Only the ledger touches the ledger's tables", "domain/funds/queries.py", "from tallystick.domain.ledger import models"),
    ("Rules are pure: no Django, no database, no tables, no verbs", "domain/funds/rules.py", "from django.utils import timezone"),
    ("Rules are pure: no Django, no database, no tables, no verbs", "domain/funds/rules.py", "from tallystick.domain.customers import models"),
    ("Plain values know neither Django nor the database", "lib/ids.py", "import psycopg"),
    ("Doors and reactions see operations, queries and rules, never tables", "interfaces/planted.py", "from tallystick.domain.funds import models"),
    ("The client has floors of its own", "tallystick_client/money.py", "from tallystick_client import clients"),
    ("The client knows httpx and nothing of the house", "tallystick_client/retries.py", "from tallystick.lib import money"),
    ("Only the remote commands use the client", "reactions/planted.py", "import tallystick_client"),
    ("Remote commands need neither Django nor a database", "interfaces/cli/remote/planted.py", "from tallystick.interfaces.cli import place"),
]


def lint(folder: Path) -> str:
    """Run the contracts over a copy and give what they say."""
    words = [sys.executable, "-c", "from importlinter.cli import lint_imports_command as lint; lint()", "--no-logo", "--no-cache"]
    surroundings = {**os.environ, "PYTHONPATH": os.pathsep.join([str(folder / "src"), str(folder / house.CLIENT)]), "COLUMNS": "200"}
    return subprocess.run(words, cwd=folder, env=surroundings, capture_output=True, text=True, check=False).stdout


@pytest.fixture(scope="module")
def copy(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The Python files and the contracts, elsewhere."""
    folder = tmp_path_factory.mktemp("house")
    shutil.copy(house.ROOT / ".importlinter", folder)
    for source in house.python():
        (folder / source.path).parent.mkdir(parents=True, exist_ok=True)
        (folder / source.path).write_text(source.text, encoding="utf-8")
    return folder


def broken(said: str) -> set[str]:
    """The names of the contracts that an answer calls broken."""
    return set(re.findall(r"^(.+?) BROKEN\b", said, re.MULTILINE))


def test_the_house_keeps_its_contracts(copy: Path) -> None:
    said = lint(copy)
    assert "Contracts: " in said, said
    assert "0 broken" in said, said


@pytest.mark.slow
@pytest.mark.parametrize(("contract", "path", "line"), PLANTED)
def test_a_planted_import_is_found(contract: str, path: str, line: str, copy: Path) -> None:
    base = house.CLIENT if path.startswith(house.CLIENT_NAME) else house.PACKAGE.parent
    inside = Path(path) if base == house.CLIENT else house.PACKAGE.relative_to(base) / path
    file = copy / base / inside
    before = file.read_text(encoding="utf-8") if file.exists() else None
    file.write_text(f'"""Planted."""\n\n{line}\n' if before is None else f"{before}\n{line}\n", encoding="utf-8")
    try:
        said = lint(copy)
    finally:
        file.unlink() if before is None else file.write_text(before, encoding="utf-8")
    assert contract in broken(said), said
    importer = ".".join(inside.with_suffix("").parts)
    assert f"{importer} -> " in said, said
