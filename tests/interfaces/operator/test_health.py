"""Look at the page of the system's health: what `tallystick verify` found stands on it, and only an administrator's viewer writes it."""

import argparse
import json
from datetime import UTC, datetime

import pytest
from django.urls import reverse

from interfaces.operator.operating import INSTALLER, Town
from tallystick.domain.administration import operations, queries
from tallystick.domain.customers.rules import StaffRole, Viewer, ViewerKind
from tallystick.interfaces.cli import verify
from tallystick.lib import errors


def test_what_verify_found_stands_on_the_page(town: Town, capsys: pytest.CaptureFixture[str]) -> None:
    """The command writes its result and time; the page says so, with the number of journal rows."""
    before = datetime.now(UTC)
    code = verify.run(argparse.Namespace(json=True))
    told = json.loads(capsys.readouterr().out)
    proof = queries.last_proof()
    assert proof is not None
    assert proof.at >= before
    assert (proof.is_clean, proof.transfers) == (code == 0, told["extent"]["transfers"])
    page = town.auditor.get(reverse("operator-health")).content.decode()
    assert f"{proof.transfers} journal row" in page or not proof.is_clean


def test_faults_are_loud(town: Town) -> None:
    """A proof that found something is not shown as one that did not."""
    operations.keep_proof(viewer=INSTALLER, proof=queries.Proof(datetime(2026, 11, 22, 9, 0, tzinfo=UTC), 2, 400))
    page = town.auditor.get(reverse("operator-health")).content.decode()
    assert "2 faults" in page
    assert "Proved" not in page


@pytest.mark.parametrize("role", [StaffRole.AUDITOR, StaffRole.CLERK, StaffRole.APPROVER])
def test_nobody_else_says_that_the_books_are_right(role: StaffRole) -> None:
    """The auditor reads, and writes nothing; so do clerks and approvers."""
    viewer = Viewer(kind=ViewerKind.STAFF, name=role.value, staff_role=role)
    with pytest.raises(errors.NotAllowed):
        operations.keep_proof(viewer=viewer, proof=queries.Proof(datetime(2026, 11, 22, tzinfo=UTC), 0, 1))
