"""Jobs are leased in the order in which they fell due, by lanes: what is slow holds up nothing that a person waits for."""

import pytest

import given
from tallystick.domain.events import operations as queue
from tallystick.domain.webhooks import rules
from tallystick.integrations.postgres import scope
from tallystick.lib import ids
from tallystick.reactions import table


@pytest.fixture
def acme() -> given.Customer:
    return given.customer()


def test_leases_part_the_slow_jobs_from_the_others(acme: given.Customer) -> None:
    """A courier takes only its own jobs, the leading thread all others."""
    with scope.of(acme.worker):
        queue.schedule(reaction=rules.REACTION_DELIVER, customer_id=acme.customer_id, event_id=ids.new())
        queue.schedule(reaction="lapse_holds", customer_id=None)
    with scope.of(acme.worker):
        others = queue.lease(limit=50, but=table.SLOW)
        queue.schedule(reaction="lapse_holds", customer_id=None)
        mine = queue.lease(limit=50, only=table.SLOW)
        for job in (*mine, *others):
            queue.finish(job_id=job.id)
    assert {job.reaction for job in mine} == {rules.REACTION_DELIVER}
    assert "lapse_holds" in {job.reaction for job in others}
    assert rules.REACTION_DELIVER not in {job.reaction for job in others}


def test_what_a_person_waits_for_is_leased_before_what_is_older(acme: given.Customer) -> None:
    with scope.of(acme.worker):
        queue.schedule(reaction="mail_invoice", customer_id=acme.customer_id, event_id=ids.new())
        queue.schedule(reaction="approve_scheduled", customer_id=acme.customer_id, event_id=ids.new())
    with scope.of(acme.worker):
        (awaited,) = queue.lease(but=table.SLOW, first=table.AWAITED)
        queue.finish(job_id=awaited.id)
        for job in queue.lease(limit=50):
            queue.finish(job_id=job.id)
    assert awaited.reaction == "approve_scheduled"
