"""Keep the endpoints of webhooks: add, change, test, another secret, on and off, the log of each, resend and replay."""

from collections.abc import Callable
from typing import Any
from uuid import UUID

from django import forms as django_forms
from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext
from django.views.decorators.http import require_http_methods, require_POST

from tallystick.domain.customers.rules import Act
from tallystick.domain.webhooks import operations, queries, rules
from tallystick.interfaces.web import forms, page, words
from tallystick.interfaces.web.pages import audit_log
from tallystick.lib import errors, ids

_ROWS = 50
_SENT = "sent_webhook_forms"
_LARGEST = 2**62
STATES = {
    rules.State.WAITING: ("open", "", gettext_lazy("Waiting")),
    rules.State.DELIVERED: ("done", "good", gettext_lazy("Delivered")),
    rules.State.FAILED: ("warn", "bad", gettext_lazy("Failed")),
    rules.State.STOPPED: ("void", "", gettext_lazy("Stopped")),
}
"""Icon, tone and word of a message's state."""


class EndpointForm(forms.Form):
    """Where messages go, and of what."""

    url = django_forms.CharField(
        label=gettext_lazy("Address"),
        max_length=rules.LONGEST_URL,
        widget=django_forms.TextInput(attrs={"inputmode": "url", "autocomplete": "off", "placeholder": "https://"}),
    )
    description = django_forms.CharField(label=gettext_lazy("Description"), max_length=rules.LONGEST_DESCRIPTION, required=False)
    kinds = django_forms.MultipleChoiceField(
        label=gettext_lazy("Events"),
        choices=[(kind, kind) for kind in rules.KINDS],
        required=False,
        widget=django_forms.CheckboxSelectMultiple,
        help_text=gettext_lazy("Nothing ticked: all events"),
    )

    @property
    def draft(self) -> operations.EndpointDraft:
        """Give a valid form as the domain takes it."""
        given = self.cleaned_data
        return operations.EndpointDraft(url=given["url"], description=given["description"], kinds=given["kinds"])


class ReplayForm(forms.Form):
    """Which events are sent once more."""

    first = django_forms.IntegerField(label=gettext_lazy("From number"), min_value=1, max_value=_LARGEST)
    last = django_forms.IntegerField(label=gettext_lazy("To number"), min_value=1, max_value=_LARGEST)


@require_http_methods(["GET", "HEAD", "POST"])
@page.page(Act.MANAGE_KEYS, recent=True)
def webhooks(request: page.Seen) -> HttpResponse:
    """List the endpoints; a new one's secret is shown on the answer of its making, and never again."""
    form = EndpointForm(request.POST if request.method == "POST" else None)
    made = None
    if form.is_bound and form.is_valid() and _is_first(request, form):
        try:
            made = operations.add_endpoint(viewer=request.viewer, draft=form.draft, now=timezone.now())
        except errors.Refusal as refusal:
            form.refuse(refusal)
    shown = EndpointForm() if made else form
    return page.show(
        request,
        "web/webhooks.html",
        lambda: {"form": shown, "made": made, "rows": queries.endpoints(viewer=request.viewer)},
        status=201 if made else None,
    )


@require_http_methods(["GET", "HEAD", "POST"])
@page.page(Act.MANAGE_KEYS, recent=True)
def webhook(request: page.Seen, endpoint_id: UUID) -> HttpResponse:
    """Show an endpoint with its log; change it."""
    form = EndpointForm(request.POST) if request.method == "POST" else None
    if form and form.is_valid():
        try:
            operations.change_endpoint(viewer=request.viewer, endpoint_id=endpoint_id, draft=form.draft)
        except errors.Refusal as refusal:
            form.refuse(refusal)
        else:
            messages.success(request, _("The settings are saved."))
            return redirect("webhook", endpoint_id=endpoint_id)
    return _page(request, endpoint_id, form)


@require_http_methods(["GET", "HEAD", "POST"])
@page.page(Act.MANAGE_KEYS, recent=True)
def rotate(request: page.Seen, endpoint_id: UUID) -> HttpResponse:
    """Give the endpoint another secret, shown this once; whoever proved who they are on the way comes back to it. Raises NotFound."""
    queries.endpoint(viewer=request.viewer, endpoint_id=endpoint_id)
    form = forms.Form(request.POST if request.method == "POST" else None)
    if not (form.is_bound and form.is_valid() and _is_first(request, form)):
        return redirect("webhook", endpoint_id=endpoint_id)
    made = operations.rotate_secret(viewer=request.viewer, endpoint_id=endpoint_id, now=timezone.now())
    return _page(request, endpoint_id, None, made)


@require_POST
@page.page(Act.MANAGE_KEYS)
def switch(request: page.Seen, endpoint_id: UUID) -> HttpResponse:
    """Switch the endpoint on or off."""
    if request.POST.get("on") == "yes":
        operations.switch_on(viewer=request.viewer, endpoint_id=endpoint_id)
    else:
        operations.switch_off(viewer=request.viewer, endpoint_id=endpoint_id, now=timezone.now())
    return redirect("webhook", endpoint_id=endpoint_id)


@require_POST
@page.page(Act.MANAGE_KEYS)
def remove(request: page.Seen, endpoint_id: UUID) -> HttpResponse:
    """Forget the endpoint."""
    operations.remove_endpoint(viewer=request.viewer, endpoint_id=endpoint_id, now=timezone.now())
    messages.success(request, _("The endpoint is removed. Nothing is sent there any more."))
    return redirect("webhooks")


@require_POST
@page.page(Act.MANAGE_KEYS)
def test(request: page.Seen, endpoint_id: UUID) -> HttpResponse:
    """Send a message that means nothing."""
    operations.send_test(viewer=request.viewer, endpoint_id=endpoint_id, now=timezone.now())
    return _queued(request, endpoint_id, 1)


@require_POST
@page.page(Act.MANAGE_KEYS)
def resend(request: page.Seen, delivery_id: UUID) -> HttpResponse:
    """Send one message of the log once more."""
    found, _tries = queries.message(viewer=request.viewer, delivery_id=delivery_id)
    return _tried(request, found.endpoint_id, lambda: bool(operations.resend(viewer=request.viewer, delivery_id=delivery_id, now=timezone.now())))


@require_POST
@page.page(Act.MANAGE_KEYS)
def replay(request: page.Seen, endpoint_id: UUID) -> HttpResponse:
    """Send the events of a range of the sequence once more."""
    queries.endpoint(viewer=request.viewer, endpoint_id=endpoint_id)
    form = ReplayForm(request.POST)
    if not form.is_valid():
        messages.error(request, str(next(error for errors_of in form.errors.values() for error in errors_of)))
        return redirect("webhook", endpoint_id=endpoint_id)
    given = form.cleaned_data
    now = timezone.now()
    return _tried(
        request,
        endpoint_id,
        lambda: operations.replay(viewer=request.viewer, endpoint_id=endpoint_id, first=given["first"], last=given["last"], now=now),
    )


def _tried(request: page.Seen, endpoint_id: UUID, act: Callable[[], int]) -> HttpResponse:
    try:
        count = int(act())
    except (errors.Conflict, errors.Invalid) as refusal:
        messages.error(request, words.said(refusal.sentence))
        return redirect("webhook", endpoint_id=endpoint_id)
    return _queued(request, endpoint_id, count)


def _queued(request: page.Seen, endpoint_id: UUID, count: int) -> HttpResponse:
    sentence = ngettext("%(count)s message is on its way.", "%(count)s messages are on their way.", count)
    messages.success(request, sentence % {"count": count})
    return redirect("webhook", endpoint_id=endpoint_id)


def _is_first(request: page.Seen, form: forms.Form) -> bool:
    """Refuse the same form a second time: reloading the page that showed a secret makes no other one."""
    sent = request.session.get(_SENT, [])
    if str(form.key) in sent:
        form.refuse(errors.Conflict(_("This form was sent already, and had its effect once. Open it anew to send another.")))
        return False
    request.session[_SENT] = [*sent[-20:], str(form.key)]
    return True


def _page(request: page.Seen, endpoint_id: UUID, form: EndpointForm | None, made: operations.NewEndpoint | None = None) -> HttpResponse:
    return page.show(request, "web/webhook.html", lambda: _shown(request, endpoint_id, form, made), status=201 if made else None)


def _shown(request: page.Seen, endpoint_id: UUID, form: EndpointForm | None, made: operations.NewEndpoint | None) -> dict[str, Any]:
    kept = queries.endpoint(viewer=request.viewer, endpoint_id=endpoint_id)
    began = {"url": kept.url, "description": kept.description, "kinds": list(kept.kinds)}
    asked = request.GET.get("before", "")
    found = queries.messages(viewer=request.viewer, endpoint_id=endpoint_id, before=ids.parse("msg", asked) if asked else None, limit=_ROWS + 1)
    shown = found[:_ROWS]
    return {
        "endpoint": kept,
        "made": made,
        "form": form or EndpointForm(initial=began),
        "replaying": ReplayForm(auto_id="replay_%s"),
        "rotating": forms.Form(auto_id="rotate_%s"),
        "last_number": queries.last_number(viewer=request.viewer),
        "rows": [(row, audit_log.EVENTS.get(row.kind, row.kind), *STATES[rules.State(row.state)]) for row in shown],
        "older": f"before={ids.public('msg', shown[-1].id)}" if len(found) > _ROWS else "",
        "newest": reverse("webhook", args=[endpoint_id]) if asked else "",
    }
