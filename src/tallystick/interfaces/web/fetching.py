"""Read which file somebody wants; of a fund's movements with the ends fixed, so that what is posted later is not in it."""

from collections.abc import Sequence
from dataclasses import replace

from django.http import QueryDict
from django.utils import timezone
from django.utils.translation import gettext as _

from tallystick.domain.exports.rules import MOST_EXPORTED, ExportKind, Subject, Wish
from tallystick.domain.funds import histories
from tallystick.interfaces.web import page, places
from tallystick.lib import errors

_KINDS = (ExportKind.CSV, ExportKind.XLSX)


def kind_of(sent: QueryDict, kinds: Sequence[ExportKind] = tuple(ExportKind)) -> ExportKind:
    """Read which form was chosen. Raises Invalid."""
    found = next((kind for kind in kinds if kind == sent.get("kind", "")), None)
    if found is None:
        raise errors.Invalid(_("Choose ZIP, CSV or XLSX."))
    return found


def movements(request: page.Seen, where: places.Places, subject: Subject, narrowed: histories.MovementFilter) -> Wish:
    """Ask for the movements of a division's fund, inside the running scope. Raises Invalid for a form of file that there is none of."""
    kind = kind_of(request.POST, _KINDS)
    most = MOST_EXPORTED[subject][kind]
    span = histories.span(viewer=request.viewer, division_id=where.here.id, narrowed=replace(narrowed, limit=most + 1), now=timezone.now())
    wanted = {
        "division_id": where.here.id,
        "fund_id": span.fund_id,
        "after": span.after,
        "before": span.before,
        "kinds": [int(one) for one in narrowed.kinds],
        "order_id": narrowed.order_id,
        "currency": where.currency,
        "starts_at": span.starts_at.isoformat(),
        "ends_at": span.ends_at.isoformat(),
        "opening_minor": span.opening_minor,
        "closing_minor": span.closing_minor,
        "others_minor": span.others_minor,
    }
    return Wish(subject=subject, kind=kind, wanted=wanted, total=span.count)
