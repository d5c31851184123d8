"""Read a backup into an empty folder or database."""

import argparse
from pathlib import Path

import psycopg

from tallystick.interfaces.cli import archive, place


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Name the file."""
    parser.add_argument("file", type=Path, metavar="FILE", help="the file that backup wrote")
    parser.add_argument("--database-url", help="an own PostgreSQL 18, as a role that may create roles and databases")


def run(options: argparse.Namespace) -> int:
    """Read it in, whole or not at all, and count it. Raises Unusable."""
    try:
        file: Path = options.file.resolve()
        is_there = file.is_file()
    except OSError as problem:
        raise place.Unusable(f"{options.file} can not be read: {problem.strerror}.") from problem
    if not is_there:
        raise place.Unusable(f"There is no file {file}; name the file that tallystick backup wrote.")
    with archive.opened(file) as backup:
        return _restore(backup, options)


def _restore(backup: archive.Opened, options: argparse.Namespace) -> int:
    chosen = place.Place(options.data)
    if chosen.is_served():
        raise place.Unusable("A server runs on this folder: restore into a new one, never over a living one.")
    if options.database_url:
        chosen.use_database_url(options.database_url)
    with chosen.database() as note:
        names = {"host": note["database_host"], "port": note["database_port"], "dbname": note["database_name"]}
        owner = psycopg.conninfo.make_conninfo(**names, user="tallystick_owner", password=chosen.secrets()["owner"])
        rows = archive.read(backup, owner)
    print(f"{sum(rows.values())} rows of {len(rows)} tables are in {chosen.folder}. Prove them: tallystick verify --data {chosen.folder}")
    return 0
