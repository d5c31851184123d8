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
    file: Path = options.file.resolve()
    if not file.is_file():
        raise place.Unusable(f"There is no file {file}.")
    chosen = place.Place(options.data)
    if chosen.is_served():
        raise place.Unusable("A server runs on this folder: restore into a new one, never over a living one.")
    if options.database_url:
        chosen.keep_database_url(options.database_url)
    with chosen.database() as note:
        names = {"host": note["database_host"], "port": note["database_port"], "dbname": note["database_name"]}
        owner = psycopg.conninfo.make_conninfo(**names, user="tallystick_owner", password=chosen.secrets()["owner"])
        rows = archive.read(file, owner)
    print(f"{sum(rows.values())} rows of {len(rows)} tables are in {chosen.folder}. Prove them: tallystick verify --data {chosen.folder}")
    return 0
