"""Bring the database to this version, as its owner."""

import argparse

import psycopg
from django.conf import settings
from django.core.management import call_command

from tallystick.integrations.postgres import roles


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add nothing: migrations run forward only."""
    del parser


def run(options: argparse.Namespace) -> int:
    """Migrate, and grant what the frameworks' own tables need."""
    del options
    call_command("migrate", database="owner", verbosity=0, interactive=False)
    with psycopg.connect(owner_conninfo(), autocommit=True) as owner:
        roles.grant_shared_tables(owner)
    return 0


def owner_conninfo() -> str:
    """Write the owner's connection string."""
    own = {name: str(value) for name, value in settings.DATABASES["owner"].items()}
    return psycopg.conninfo.make_conninfo(host=own["HOST"], port=own["PORT"], dbname=own["NAME"], user=own["USER"], password=own["PASSWORD"])
