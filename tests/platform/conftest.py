"""Let PostgreSQL, which root lends to another user, live inside of the tests' own folders, so that they are gone with them."""

import os
import tempfile
from pathlib import Path

import pytest


@pytest.fixture(scope="session", autouse=True)
def enterable(tmp_path_factory: pytest.TempPathFactory) -> None:
    """Open the folders above to whom root lends PostgreSQL, to pass and not to read."""
    base = tmp_path_factory.getbasetemp()
    above = Path(tempfile.gettempdir()).resolve()
    for folder in (base, *base.parents):
        if os.geteuid() == 0 and above in folder.parents:
            folder.chmod(0o711)


@pytest.fixture
def tmp_path(tmp_path: Path) -> Path:
    tmp_path.chmod(0o711)
    return tmp_path
