"""Prove that the numbers of a legal entity have no gap and no double."""

from collections.abc import Sequence
from dataclasses import dataclass

from tallystick.domain.customers.rules import Act, Viewer, permit
from tallystick.domain.invoicing import models
from tallystick.integrations.postgres import scope

_EVIDENCE = """
select s.legal_entity_id, s.id, s.kind, s.pattern, n.year, count(*), min(n.number), max(n.number), min(n.text collate "C"), max(n.text collate "C"),
       (n.year < s.year or max(n.number) = s.next_number - 1) and min(n.number) = 1 and count(*) = max(n.number)
  from invoicing_series s join invoicing_issuednumber n on n.series_id = s.id
 where s.legal_entity_id = any(%s)
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


def number_evidence(*, viewer: Viewer, legal_entity_ids: Sequence[int]) -> dict[int, list[SeriesEvidence]]:
    """Show the numbers of legal entities by series and year, by the entity's id. Raises NotAllowed."""
    permit(viewer, Act.SEE_ALL)
    shown: dict[int, list[SeriesEvidence]] = {entity_id: [] for entity_id in legal_entity_ids}
    with scope.of(viewer), scope.cursor() as cursor:
        cursor.execute(_EVIDENCE, [list(legal_entity_ids)])
        for entity_id, *row in cursor.fetchall():
            shown[entity_id].append(SeriesEvidence(*row))
    return shown


def series(*, viewer: Viewer, legal_entity_id: int) -> list[models.Series]:
    """List the number series of a legal entity. Raises NotAllowed."""
    permit(viewer, Act.SEE_ALL)
    with scope.of(viewer):
        return list(models.Series.objects.filter(legal_entity_id=legal_entity_id).order_by("-kind"))
