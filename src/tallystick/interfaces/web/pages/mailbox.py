"""Show the demo's mails as they look: what left the system, read where it came in. There is no such page outside of the demo."""

import functools
import re
from collections.abc import Callable
from pathlib import Path
from typing import Concatenate

from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.cache import never_cache
from django.views.decorators.csp import csp_override
from django.views.decorators.http import require_safe

from tallystick.integrations.mail.sink import box

_FRAME = {"default-src": ["'none'"], "style-src": ["'unsafe-inline'"], "img-src": ["data:"], "sandbox": ["allow-popups"]}
"""A mail has its looks in it and fetches nothing; whatever acts in it is dead: no origin, no scripts, no forms."""
_HEAD = re.compile(r"<head\b[^>]*>", re.IGNORECASE)
_FOLLOWED = '<base target="_blank">'


def _demo[**P](view: Callable[Concatenate[HttpRequest, P], HttpResponse]) -> Callable[Concatenate[HttpRequest, P], HttpResponse]:
    """Let a page be where the demo's mail server runs, and nowhere else."""

    @never_cache
    @require_safe
    @functools.wraps(view)
    def answer(request: HttpRequest, /, *args: P.args, **kwargs: P.kwargs) -> HttpResponse:
        if not (settings.DEMO and settings.MAILBOX):
            raise Http404
        return view(request, *args, **kwargs)

    return answer


@_demo
def mailbox(request: HttpRequest) -> HttpResponse:
    """List the mails, newest first, of everybody or of one recipient."""
    kept, recipient = _box(), request.GET.get("to", "")
    context = {"recipients": kept.recipients(), "recipient": recipient, "mails": kept.mails(recipient=recipient)}
    return render(request, "design/mailbox.html", context)


@_demo
def mail(request: HttpRequest, name: str) -> HttpResponse:
    """Show one mail: as it looks, as plain text, with headers and attachments."""
    return render(request, "design/mail.html", {"mail": _found(name)})


@csp_override(_FRAME)
@_demo
def html(_request: HttpRequest, name: str) -> HttpResponse:
    """Give the mail's HTML for the frame that shows it."""
    written = _found(name).html
    head = _HEAD.search(written)
    at = head.end() if head else 0  # what a link leads to opens beside the mailbox, never in the frame
    return HttpResponse(written[:at] + _FOLLOWED + written[at:])


@_demo
def attachment(_request: HttpRequest, name: str, place: int) -> HttpResponse:
    """Give one attachment, to be saved."""
    found = next((one for one in _found(name).attachments if one.place == place), None)
    if found is None:
        raise Http404
    answer = HttpResponse(found.content, content_type="application/octet-stream")
    answer["Content-Disposition"] = f'attachment; filename="{_file_name(found.name)}"'
    return answer


def _box() -> box.Box:
    return box.Box(Path(settings.MAILBOX))


def _found(name: str) -> box.Mail:
    found = _box().mail(name)
    if found is None:
        raise Http404
    return found


def _file_name(name: str) -> str:
    return "".join(sign if sign.isascii() and (sign.isalnum() or sign in "._- ") else "_" for sign in name)[:100]
