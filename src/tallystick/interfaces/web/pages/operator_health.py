"""Show how the system is: the proof of the books, the jobs, mails, disk and database, and that document numbers have no gap."""

import shutil
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.conf import settings
from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from tallystick.domain.administration import operations as administering
from tallystick.domain.administration import queries as administration
from tallystick.domain.customers import queries as customers
from tallystick.domain.customers import rules
from tallystick.domain.events import operations
from tallystick.domain.events import queries as events
from tallystick.domain.invoicing import queries as invoicing
from tallystick.domain.mail import queries as mail
from tallystick.integrations.postgres import facts
from tallystick.interfaces.web import page, words
from tallystick.interfaces.web.pages import operator_words
from tallystick.interfaces.web.statuses import Status

_STUCK = timedelta(minutes=1)
"""A job that was due for longer and never taken says that no worker runs."""


@require_safe
@page.page(rules.Act.SEE_ALL)
def health(request: page.Seen) -> HttpResponse:
    """Show what waits, what is stuck, and what the numbers prove."""
    return page.show(request, "operator/health.html", lambda: _read(request.viewer))


def _read(viewer: rules.Viewer) -> dict[str, object]:
    now = timezone.now()
    jobs = events.queued()
    entities = customers.legal_entities()
    evidence = invoicing.number_evidence(viewer=viewer, legal_entity_ids=[entity.pk for entity in entities])
    proving = events.is_queued(reaction=administering.PROOF_JOB)  # the list of jobs is cut where many wait
    return {
        "waiting": events.waiting_count(),
        "jobs": [_waiting(job, now) for job in jobs],
        "is_stuck": any(now - job.run_at > _STUCK and not job.leased_until and not job.attempts for job in jobs),
        "parked": [(job, operator_words.waited(job.parked_at, now)) for job in events.parked()],
        "evidence": [(entity, evidence[entity.pk]) for entity in entities],
        "parked_invoices": invoicing.parked(viewer=viewer),
        "replacements": invoicing.replacements(viewer=viewer),
        "verified": administration.last_proof(),
        "progress": administration.proof_progress() if proving else None,
        "proving": proving,
        "database": facts.facts(),
        "disk": shutil.disk_usage(settings.BASE),
        "mails": mail.counts(viewer=viewer),
        "mails_on": bool(settings.MAILERS["default"]["OPTIONS"]),
        "may_resume": rules.permits(viewer, rules.Act.ADMINISTER) or rules.permits(viewer, rules.Act.ENTER),
    }


@dataclass(frozen=True, slots=True)
class Waiting:
    """A job as the list shows it: what it is, for how long it waits or in how long it runs, what went wrong before."""

    job: events.Queued
    status: Status
    since: str


def _waiting(job: events.Queued, now: datetime) -> Waiting:
    if job.leased_until and job.leased_until > now:
        return Waiting(job, Status(_("with the worker"), "wait", "act"), "")
    if job.run_at > now:
        return Waiting(job, Status(_("put off") if job.attempts else _("for later"), "clock"), operator_words.waited(now, job.run_at))
    return Waiting(job, Status(_("waits"), "clock", "heed" if now - job.run_at > _STUCK else ""), operator_words.waited(job.run_at, now))


@require_POST
@page.page(rules.Act.SEE_ALL)
def prove(request: page.Seen) -> HttpResponse:
    """Let the worker prove the books now; asked for twice, they are proved once."""
    try:
        administering.ask_for_proof(viewer=request.viewer, now=timezone.now())
    except administering.ProofRuns as refusal:
        messages.info(request, words.said(refusal.sentence))
    else:
        messages.success(request, _("The books are being proved. The result stands here when it is there."))
    return redirect("operator-health")


@require_safe
@page.page(rules.Act.SEE_ALL)
def progress(request: page.Seen) -> HttpResponse:
    """Give how far the proof is, for an open page that follows it."""

    def read() -> dict[str, object]:
        proving = events.is_queued(reaction=administering.PROOF_JOB)
        return {"verified": administration.last_proof(), "proving": proving, "progress": administration.proof_progress() if proving else None}

    return page.show(request, "operator/parts/proof.html", read)


@require_POST
@page.page(rules.Act.SEE_ALL)
def resume(request: page.Seen, job_id: int) -> HttpResponse:
    """Let the worker try a parked job again."""
    if not rules.permits(request.viewer, rules.Act.ADMINISTER):
        rules.permit(request.viewer, rules.Act.ENTER)
    with page.reading(request):
        operations.resume(job_id=job_id)
    messages.success(request, _("The job is tried again."))
    return redirect("operator-health")
