"""Tell anybody whether a document is as it was issued: an uploaded PDF, or what the code at its foot says. Nothing is kept, nobody signs in."""

from collections.abc import Mapping, Sequence
from datetime import date
from http import HTTPStatus
from typing import cast

from allauth.core.internal import ratelimit
from django.core.files.uploadedfile import UploadedFile
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext_lazy
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_safe

from tallystick.domain.signing import queries
from tallystick.integrations.signatures import checking, codes, keys
from tallystick.integrations.signatures.checking import Reason, Result
from tallystick.interfaces.web.templatetags import tally
from tallystick.lib import errors, money

_KEYS_SECONDS = 300
_COMMAND = "tallystick verify-document FILE --keys tallystick-signing-keys.json"
_HEADINGS: dict[Result, tuple[str | Promise, str, str]] = {
    Result.GENUINE: (pgettext_lazy("a document that was checked", "Genuine"), "good", "check"),
    Result.ALTERED: (pgettext_lazy("a document that was checked", "Altered"), "bad", "cross"),
    Result.UNKNOWN: (pgettext_lazy("a document that was checked", "Unknown"), "heed", "warn"),
}
_SENTENCES: dict[Reason, str | Promise] = {
    Reason.AS_ISSUED: gettext_lazy("This file is as %(issuer)s issued it. Nothing in it was changed."),
    Reason.CONTENTS_CHANGED: gettext_lazy("This file was changed after %(issuer)s issued it. Below stands what was issued."),
    Reason.FACTS_CHANGED: gettext_lazy("The signature does not belong to these facts. Somebody changed them. Do not pay."),
    Reason.SAVED_ANEW: gettext_lazy(
        "Another program saved this file anew after %(issuer)s issued it, and may have changed it. Compare it with what was issued, or fetch it again."
    ),
    Reason.DAMAGED: gettext_lazy("This file is damaged or cut off. No document was issued like this. Fetch it again."),
    Reason.NO_SIGNATURE: gettext_lazy(
        "This file carries no signature, so that nothing can be said about it. It is not from here, or was scanned or printed anew."
    ),
    Reason.UNKNOWN_KEY: gettext_lazy("This was signed with a key that is not known here. Whoever made it, it was not issued here."),
    Reason.WITHDRAWN_KEY: gettext_lazy("This was signed with a key that %(issuer)s has withdrawn. Ask them whether they issued it."),
    Reason.ENCRYPTED: gettext_lazy("This file is protected by a password. No document was issued like this."),
    Reason.NO_PDF: gettext_lazy("This is not a PDF file. Choose the PDF as you received it."),
    Reason.TOO_LARGE: gettext_lazy("This file is larger than 10 MB. No document is that large."),
    Reason.UNREADABLE: gettext_lazy("This file could not be opened safely. No document was issued like this."),
    Reason.OTHER_HOST: gettext_lazy("This code was issued for another address than the one that it leads to."),
}
_OF_CODE = gettext_lazy("%(issuer)s issued a document that says this. Compare it with the one in your hand: a code can be copied onto another.")
_KINDS: dict[str, str | Promise] = {
    "invoice": gettext_lazy("Invoice"),
    "credit_note": gettext_lazy("Credit note"),
    "receipt": gettext_lazy("Receipt"),
}


@require_safe
def signing_keys(_request: HttpRequest) -> HttpResponse:
    """Publish the public keys, for whoever checks documents without asking here each time."""
    answer = HttpResponse(keys.written(queries.published()), content_type="application/jwk-set+json")
    answer["Cache-Control"] = f"public, max-age={_KEYS_SECONDS}"
    answer["Access-Control-Allow-Origin"] = "*"
    return answer


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def verify_document(request: HttpRequest) -> HttpResponse:
    """Show the form; judge the file that was sent, or the code whose link was opened."""
    if request.method != "POST" and not request.GET:
        return _shown(request, {})
    if ratelimit.consume(request, app="allauth.account", action="verify_document", limit_get=True) is None:
        return render(request, "429.html", status=HTTPStatus.TOO_MANY_REQUESTS)
    if request.method != "POST":
        return _of_code(request)
    sent = request.FILES.get("document")
    if sent is None:
        return _shown(request, {"wrong": _("Choose a PDF file.")}, HTTPStatus.UNPROCESSABLE_ENTITY)
    content = cast("UploadedFile[bytes]", sent).read(checking.LARGEST_BYTES + 1)
    verdict = checking.check_file(content, _known())
    return _shown(request, _told(verdict, _SENTENCES[verdict.reason]))


def _of_code(request: HttpRequest) -> HttpResponse:
    pairs = [(name, value) for name, values in request.GET.lists() for value in values]
    code = codes.of(pairs)
    if code is None:
        return _shown(request, {"wrong": _("This link is not complete. Scan the code again, or choose the PDF file.")}, HTTPStatus.NOT_FOUND)
    verdict = checking.check_code(code, _known())
    return _shown(request, _told(verdict, _OF_CODE if verdict.reason is Reason.AS_ISSUED else _SENTENCES[verdict.reason]))


def _known() -> Mapping[str, keys.Published]:
    return {key.key_id: key for key in queries.published()}


def _shown(request: HttpRequest, values: Mapping[str, object], status: HTTPStatus = HTTPStatus.OK) -> HttpResponse:
    return render(request, "web/verify_document.html", {**values, "command": _COMMAND}, status=status)


def _told(verdict: checking.Verdict, sentence: str | Promise) -> dict[str, object]:
    heading, tone, icon = _HEADINGS[verdict.result]
    issuer = verdict.key.issuer if verdict.key else ""
    return {
        "verdict": verdict,
        "heading": heading,
        "tone": tone,
        "icon": icon,
        "sentence": str(sentence) % {"issuer": issuer},
        "facts": _facts(verdict.said) if verdict.said else [],
    }


def _facts(said: Mapping[str, str]) -> Sequence[tuple[str, str]]:
    """Name what was signed, in the reader's form; only what the key's owner signed comes here."""
    named = [
        (_("Document"), str(_KINDS.get(said["kind"], said["kind"]))),
        (_("Number"), said["number"]),
        (_("Date"), _day(said["day"])),
        (_("From"), said.get("seller", "")),
        (_("Bill to"), said.get("buyer", "")),
        (_("Amount"), _amount(said["gross"], said["currency"])),
        (_("Account holder"), said.get("account_holder", "")),
        (_("Account"), said.get("account", "")),
        (_("Reference"), said.get("reference", "")),
    ]
    return [(name, value) for name, value in named if value]


def _day(text: str) -> str:
    try:
        return tally.day(date.fromisoformat(text))
    except ValueError:
        return text


def _amount(text: str, currency: str) -> str:
    try:
        return f"{tally.written(money.parse(text, currency), currency)} {currency}"
    except errors.Refusal:
        return f"{text} {currency}"
