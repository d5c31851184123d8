"""Measure Tryton beside us where it installs: in an environment of its own, on a PostgreSQL of our settings that nothing else uses."""

import json
import subprocess
import sys
import tempfile
from pathlib import Path

from tallystick.integrations.postgres import cluster

_WANTED = ("trytond==8.2.*", "trytond_account_invoice==8.2.*", "proteus==8.2.*", "psycopg[binary]", "psycopg_pool")
_INSTALL_SECONDS, _RUN_SECONDS = 300, 600


def tryton(count: int) -> float | None:
    """Give the seconds that Tryton's model API takes to create, post and pay one invoice of eight lines; None where it does not install."""
    with tempfile.TemporaryDirectory(prefix="tallystick-tryton-") as place:
        folder = Path(place)
        folder.chmod(0o711)  # the database's own user enters
        python = folder / "environment" / "bin" / "python"
        for command in ([sys.executable, "-m", "venv", str(folder / "environment")], [str(python), "-m", "pip", "install", "--quiet", *_WANTED]):
            done = subprocess.run(command, check=False, timeout=_INSTALL_SECONDS, stdout=sys.stderr)
            if done.returncode:
                print("Tryton does not install here.", file=sys.stderr)
                return None
        own = cluster.Cluster(folder / "database")
        server = own.start()
        try:
            address = f"postgresql://{cluster.SUPERUSER}:{server.password}@{server.host}:{server.port}/"
            command = [str(python), str(Path(__file__).with_name("tryton.py")), str(count)]
            asked = subprocess.run(
                command, capture_output=True, text=True, check=True, timeout=_RUN_SECONDS, cwd=folder, env={"TRYTOND_DATABASE__URI": address}
            )
        finally:
            own.stop()
    steps = json.loads(asked.stdout.splitlines()[-1])
    print(f"Tryton, seconds an invoice: {steps}", file=sys.stderr)
    return float(sum(steps.values()))
