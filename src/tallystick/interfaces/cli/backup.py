"""Write everything into one file, while the system works on."""

import argparse
from pathlib import Path

from tallystick.interfaces.cli import archive, migrate, place


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Name the file."""
    parser.add_argument("file", type=Path, metavar="FILE", help="the file to write")


def run(options: argparse.Namespace) -> int:
    """Write it and say what is in it. Raises Unusable."""
    file: Path = options.file.resolve()
    try:
        rows = archive.write(file, migrate.owner_conninfo())
    except OSError as problem:
        raise place.Unusable(f"{file} can not be written: {problem.strerror}.") from problem
    print(f"{file}: {sum(rows.values())} rows of {len(rows)} tables, {file.stat().st_size / 1e6:.1f} MB.")
    return 0
