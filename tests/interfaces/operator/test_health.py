"""Look at the page of the system's health: what `tallystick verify` found stands on it, and only an administrator's viewer writes it."""

import argparse
import json
from datetime import UTC, datetime, timedelta

import pytest
from django.urls import reverse

from interfaces.operator.operating import INSTALLER, Town
from tallystick.domain.administration import operations, queries
from tallystick.domain.customers.rules import StaffRole, Viewer, ViewerKind
from tallystick.domain.events import models as jobs
from tallystick.integrations.postgres import scope
from tallystick.interfaces.cli import verify
from tallystick.lib import errors
from tallystick.reactions import worker


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
    assert f"{proof.transfers:,} journal row" in page or not proof.is_clean


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


def test_the_books_are_proved_when_asked_for(town: Town) -> None:
    """Asked for twice it is one job; the page follows it, the worker does it, and the result stands there."""
    before = datetime.now(UTC)
    address = reverse("operator-prove")
    assert town.clerk.post(address).status_code == 302
    assert town.auditor.post(address).status_code == 302
    page = town.auditor.get(reverse("operator-health")).content.decode()
    assert "A proof is asked for. It begins when the worker takes it." in page
    with scope.of(INSTALLER):
        assert jobs.Job.objects.filter(reaction="prove_books").count() == 1
    worker.drain()
    proof = queries.last_proof()
    assert proof is not None
    assert proof.at >= before
    followed = town.auditor.get(reverse("operator-prove-progress")).content.decode()
    assert "data-proving" not in followed
    assert queries.proof_progress() is None


def test_progress_is_told(town: Town) -> None:
    """Three laws of nine."""
    asked = queries.Progress(datetime.now(UTC), "Olga", 3, 9)
    town.auditor.post(reverse("operator-prove"))
    operations.keep_progress(progress=asked)
    assert queries.proof_progress() == asked
    assert "Being proved: 3 of 9 laws." in town.auditor.get(reverse("operator-prove-progress")).content.decode()
    worker.drain()


def test_jobs_disk_and_database_are_shown(town: Town) -> None:
    """A job that nobody takes is loud; so is what the machine has left, in numbers."""
    with scope.of(INSTALLER):
        late = jobs.Job.objects.create(reaction="lapse_holds", run_at=datetime.now(UTC) - timedelta(minutes=5))
    page = town.auditor.get(reverse("operator-health")).content.decode()
    assert "Jobs wait that nobody takes." in page
    assert "lapse_holds" in page
    assert "PostgreSQL 18" in page
    assert "Free on this machine" in page
    worker.drain()
    with scope.of(INSTALLER):
        assert not jobs.Job.objects.filter(id=late.id).exists()
    assert "Jobs wait that nobody takes." not in town.auditor.get(reverse("operator-health")).content.decode()
