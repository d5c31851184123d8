"""Prove the books from the command line: a readable report or JSON, and an exit code for cron (0 clean, 1 faults)."""

import argparse
import json
from dataclasses import asdict

import psycopg
from django.db import connections
from psycopg.conninfo import make_conninfo

from tallystick.domain.verification import queries


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
    if options.json:
        print(json.dumps({"clean": not faults, "extent": asdict(extent), "proofs": [asdict(proof) for proof in proofs]}))
    else:
        verdict = "The books are right" if not faults else f"{faults} faults"
        print(f"\n{verdict}: {extent.customers} customers, {extent.transfers} journal rows, {extent.invoices} invoices.")
    return 1 if faults else 0


def _auditor() -> str:
    facts = connections["auditor"].settings_dict
    names = {"host": "HOST", "port": "PORT", "dbname": "NAME", "user": "USER", "password": "PASSWORD"}
    return make_conninfo(**{name: str(facts[key]) for name, key in names.items()})


def _show(proof: queries.Proof) -> None:
    print(f"{'right' if proof.holds else 'WRONG':5}  {proof.law}  ({proof.seconds:.2f} s)")
    for fault in proof.faults:
        owner = f"customer {fault.customer_id}, " if fault.customer_id else ""
        print(f"       {owner}{fault.where}: {fault.what}")
