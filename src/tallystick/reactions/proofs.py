"""Prove the books when staff ask for it on the page, and keep the result and how far it has come."""

import dataclasses

import psycopg
from django.db import connections
from django.utils import timezone
from psycopg.conninfo import make_conninfo

from tallystick.domain.administration import operations, queries
from tallystick.domain.verification import queries as verification


def prove_books() -> None:
    """Run every proof as the auditor in one snapshot, while the system works on; a second run after a crash begins anew."""
    asked = queries.proof_progress() or queries.Progress(timezone.now(), operations.KEEPER.name)
    laws, faults = verification.count(), 0
    with psycopg.connect(auditor()) as connection:
        for done, proof in enumerate(verification.prove(connection=connection)):
            faults += len(proof.faults)
            operations.keep_progress(progress=dataclasses.replace(asked, done=done + 1, of=laws))
        extent = verification.extent(connection=connection)
    operations.keep_proof(viewer=operations.KEEPER, proof=queries.Proof(timezone.now(), faults, extent.transfers))
    operations.keep_progress(progress=None)


def auditor() -> str:
    """Name the database as the role that reads everything and writes nothing."""
    settings = connections["auditor"].settings_dict
    names = {"host": "HOST", "port": "PORT", "dbname": "NAME", "user": "USER", "password": "PASSWORD"}
    return make_conninfo(**{name: str(settings[key]) for name, key in names.items()})
