"""Write everything into one file, while the system works on."""

import argparse
from pathlib import Path

from tallystick.interfaces.cli import archive, migrate, place


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Name the file."""
    parser.add_argument("file", type=Path, metavar="FILE", help="the file to write")


def run(options: argparse.Namespace) -> int:
    """Write it and say what is in it. Raises Unusable."""
    try:
        file: Path = options.file.resolve()
        if file.exists():
            raise place.Unusable(f"{file} is there already; name another file, a backup is never written over.")
        rows = archive.write(file, migrate.owner_conninfo())
    except OSError as problem:
        raise place.Unusable(f"{options.file} can not be written: {problem.strerror}; name a file in a folder that is there and yours.") from problem
    print(f"{file}: {sum(rows.values())} rows of {len(rows)} tables, {file.stat().st_size / 1e6:.1f} MB.")
    return 0
