"""Prove the books from the command line: a readable report or JSON, and an exit code for cron (0 clean, 1 faults)."""

import argparse
import json
import sys
from dataclasses import asdict
from datetime import UTC, datetime

import psycopg
from django.db import DatabaseError, connections
from psycopg.conninfo import make_conninfo

from tallystick.domain.administration import operations as administration
from tallystick.domain.administration import queries as known
from tallystick.domain.customers.rules import StaffRole, Viewer, ViewerKind
from tallystick.domain.verification import queries

_KEEPER = Viewer(kind=ViewerKind.STAFF, name="tallystick verify", staff_role=StaffRole.ADMINISTRATOR)
"""Writes the result; it never reads the books."""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Offer JSON."""
    parser.add_argument("--json", action="store_true", help="print one JSON object")


def run(options: argparse.Namespace) -> int:
    """Run every proof as the auditor in one snapshot, while the system works on."""
    proofs: list[queries.Proof] = []
    with psycopg.connect(_auditor()) as connection:
        for proof in queries.prove(connection=connection):
            proofs.append(proof)
            if not options.json:
                _show(proof)
        extent = queries.extent(connection=connection)
    faults = sum(len(proof.faults) for proof in proofs)
    _keep(faults, extent.transfers)
    if options.json:
        print(json.dumps({"clean": not faults, "extent": asdict(extent), "proofs": [asdict(proof) for proof in proofs]}))
    else:
        verdict = "The books are right" if not faults else f"{faults} faults"
        print(f"\n{verdict}: {extent.customers} customers, {extent.transfers} journal rows, {extent.invoices} invoices.")
    return 1 if faults else 0


def _keep(faults: int, transfers: int) -> None:
    """Write the result down for the page of the system's health. The proof read as the auditor, who can not write; where nobody can, it still counts."""
    try:
        administration.keep_proof(viewer=_KEEPER, proof=known.Proof(datetime.now(UTC), faults, transfers))
    except DatabaseError as problem:
        print(f"The result is not kept for the page Health: {str(problem).strip()}", file=sys.stderr)


def _auditor() -> str:
    facts = connections["auditor"].settings_dict
    names = {"host": "HOST", "port": "PORT", "dbname": "NAME", "user": "USER", "password": "PASSWORD"}
    return make_conninfo(**{name: str(facts[key]) for name, key in names.items()})


def _show(proof: queries.Proof) -> None:
    print(f"{'right' if proof.holds else 'WRONG':5}  {proof.law}  ({proof.seconds:.2f} s)")
    for fault in proof.faults:
        owner = f"customer {fault.customer_id}, " if fault.customer_id else ""
        print(f"       {owner}{fault.where}: {fault.what}")
