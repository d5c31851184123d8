"""Put a logo on the documents of a legal entity, or take it off."""

import base64

from django import forms as django_forms
from django.http import HttpResponse
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods

from tallystick.domain.customers import operations, queries, rules
from tallystick.integrations.pdf import logos
from tallystick.interfaces.web import page
from tallystick.interfaces.web.pages import operator_form
from tallystick.interfaces.web.pages.operator_form import Crumb, Sheet
from tallystick.lib import errors


class LogoForm(operator_form.Form):
    """The file; none takes the logo off."""

    logo = django_forms.FileField(
        label=gettext_lazy("Logo"),
        required=False,
        widget=django_forms.FileInput(attrs={"accept": ".svg,.png"}),
        help_text=gettext_lazy("SVG of shapes, or PNG; at most 512 KB. Without a file the name of the company stands in its place."),
    )

    def content(self) -> bytes | None:
        """Read what was sent, and no more of it than can be taken; None where there was nothing."""
        sent = self.cleaned_data.get("logo")
        return sent.read(logos.MOST_BYTES + 1) if sent else None


@require_http_methods(["GET", "HEAD", "POST"])
@page.page(rules.Act.ADMINISTER)
def set_logo(request: page.Seen, legal_entity_id: int) -> HttpResponse:
    """Put a logo on the next documents of a legal entity."""
    if legal_entity_id not in {entity.pk for entity in queries.legal_entities()}:
        raise errors.NotFound(_("There is no such legal entity."))
    form = LogoForm(request.POST or None, request.FILES or None)
    back = reverse("operator-settings")
    return operator_form.sheet(
        request,
        form,
        lambda: operations.set_logo(viewer=request.viewer, legal_entity_id=legal_entity_id, content=form.content()),
        lambda: (back, _("The next documents are drawn so. Issued documents stay as they are.")),
        lambda: Sheet(
            title=_("Logo on documents"),
            says=_("It stands at the top of invoices, credit notes, receipts, statements and letters."),
            verb=_("Save the logo"),
            back=back,
            crumbs=(Crumb(_("Settings"), back),),
        ),
    )


def shown(sha256: str) -> str:
    """Give a logo as the address of a picture; empty for none."""
    svg = queries.logo(sha256=sha256)
    return f"data:image/svg+xml;base64,{base64.b64encode(svg.encode()).decode()}" if svg else ""
