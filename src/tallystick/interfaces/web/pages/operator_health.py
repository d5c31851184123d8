"""Show how the system is: the queue of jobs, the parked ones, and the proof that document numbers have no gap."""

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from tallystick.domain.administration import queries as administration
from tallystick.domain.customers import queries as customers
from tallystick.domain.customers import rules
from tallystick.domain.events import operations
from tallystick.domain.events import queries as events
from tallystick.domain.invoicing import queries as invoicing
from tallystick.interfaces.web import page
from tallystick.interfaces.web.pages import operator_words


@require_safe
@page.page(rules.Act.SEE_ALL)
def health(request: page.Seen) -> HttpResponse:
    """Show what waits, what is stuck, and what the numbers prove."""
    return page.show(request, "operator/health.html", lambda: _read(request.viewer))


def _read(viewer: rules.Viewer) -> dict[str, object]:
    now = timezone.now()
    return {
        "waiting": events.waiting_count(),
        "parked": [(job, operator_words.waited(job.parked_at, now)) for job in events.parked()],
        "evidence": [(entity, invoicing.number_evidence(viewer=viewer, legal_entity_id=entity.pk)) for entity in customers.legal_entities()],
        "verified": administration.last_proof(),
        "may_resume": rules.permits(viewer, rules.Act.ADMINISTER) or rules.permits(viewer, rules.Act.ENTER),
    }


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
