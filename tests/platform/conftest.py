"""Let PostgreSQL, which root lends to another user, live inside of the tests' own folders, so that they are gone with them."""

import shutil
import tempfile
import uuid
from collections.abc import Iterator
from pathlib import Path

import pytest


@pytest.fixture(scope="session")
def enterable() -> Iterator[Path]:
    """Give a folder that whom root lends PostgreSQL to may pass: pytest's own may not be, and every session closes it anew."""
    folder = Path(tempfile.mkdtemp(prefix="tallystick platform "))
    folder.chmod(0o711)
    yield folder
    shutil.rmtree(folder, ignore_errors=True)


@pytest.fixture
def tmp_path(enterable: Path) -> Path:
    folder = enterable / uuid.uuid4().hex[:8]
    folder.mkdir(mode=0o711)
    return folder
