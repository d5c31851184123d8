"""Keep files where the operator's setting says, and read each from where its row says: a change of the setting loses none.

TALLYSTICK_FILES is `rows` (the default), `folder:/path`, or `s3://bucket[/prefix][?endpoint=URL&region=NAME]`. The row's reference is that text, so
what was written under an older setting is found as long as that place can be reached under its old name.
"""

import functools
import pathlib

from django.conf import settings

from tallystick.integrations.storage import s3, store

ROWS = "rows"
_FOLDER = "folder:"
_S3 = "s3://"


class ChosenStore:
    """Put where the setting says; get from where the row says."""

    def put(self, sha256: str, content: bytes) -> store.Placed:
        """Keep the bytes; twice is as once. Raises StoreAway, Misplaced."""
        return at(settings.FILES).put(sha256, content)

    def get(self, sha256: str, placed: store.Placed) -> bytes:
        """Read the bytes and check them. Raises Lost, StoreAway, Misplaced."""
        return at(placed.reference if placed.content is None else ROWS).get(sha256, placed)


CHOSEN = ChosenStore()


@functools.cache
def at(location: str) -> store.Store:
    """Open the store of a place. Raises Misplaced, whose sentence names what is wrong with it."""
    if location == ROWS:
        return store.RowStore()
    if location.startswith(_FOLDER):
        return _folder(location)
    if location.startswith(_S3):
        return s3.S3Store(location)
    raise store.Misplaced(f"TALLYSTICK_FILES is {location[:80]!r}; it must be rows, folder:/path, or s3://bucket?endpoint=https://host.")


def _folder(location: str) -> store.Store:
    folder = pathlib.Path(location.removeprefix(_FOLDER))
    if not folder.is_absolute() or not folder.is_dir():
        raise store.Misplaced(f"TALLYSTICK_FILES is {location[:80]!r}; it must name a folder that is there, from the root on, as folder:/srv/files.")
    return store.FolderStore(folder)
