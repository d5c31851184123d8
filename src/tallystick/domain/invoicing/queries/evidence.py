"""Prove that the numbers of a legal entity have no gap and no double."""

from dataclasses import dataclass

from tallystick.domain.customers.rules import Act, Viewer, permit
from tallystick.domain.invoicing import models
from tallystick.integrations.postgres import scope

_EVIDENCE = """
select s.id, s.kind, s.pattern, n.year, count(*), min(n.number), max(n.number), min(n.text collate "C"), max(n.text collate "C"),
       (n.year < s.year or max(n.number) = s.next_number - 1) and min(n.number) = 1 and count(*) = max(n.number)
  from invoicing_series s join invoicing_issuednumber n on n.series_id = s.id
 where s.legal_entity_id = %s
 group by s.id, n.year order by s.kind desc, n.year
"""


@dataclass(frozen=True, slots=True)
class SeriesEvidence:
    """Show one year of one series: how many numbers were handed out, the first and last of them, and whether they are gapless."""

    series_id: int
    kind: str
    pattern: str
    year: int
    count: int
    first_number: int
    last_number: int
    first_text: str
    last_text: str
    is_gapless: bool


def number_evidence(*, viewer: Viewer, legal_entity_id: int) -> list[SeriesEvidence]:
    """Show the numbers of a legal entity by series and year. Raises NotAllowed."""
    permit(viewer, Act.SEE_ALL)
    with scope.of(viewer), scope.cursor() as cursor:
        cursor.execute(_EVIDENCE, [legal_entity_id])
        return [SeriesEvidence(*row) for row in cursor.fetchall()]


def series(*, viewer: Viewer, legal_entity_id: int) -> list[models.Series]:
    """List the number series of a legal entity. Raises NotAllowed."""
    permit(viewer, Act.SEE_ALL)
    with scope.of(viewer):
        return list(models.Series.objects.filter(legal_entity_id=legal_entity_id).order_by("-kind"))
