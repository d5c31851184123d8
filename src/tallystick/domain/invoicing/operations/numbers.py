"""Hand out the gapless numbers of a legal entity's series, last in the transaction that issues the document."""

import re
from uuid import UUID

from tallystick.domain.customers import rules as customers
from tallystick.domain.invoicing import models, rules
from tallystick.domain.invoicing.operations import refusals
from tallystick.integrations.postgres import scope
from tallystick.lib import texts

_PATTERN = re.compile(r"[^{}\x00-\x1f]{0,40}(\{year\})?[^{}\x00-\x1f]{0,20}\{number(:0?[1-9])?\}[^{}\x00-\x1f]{0,20}")
_NO_SERIES = texts.marked("This legal entity has no number series for that document. Set one up first.")


def take(*, legal_entity_id: int, kind: rules.SeriesKind, year: int, customer_id: int, document_id: UUID) -> str:
    """Take the next number inside the running scope; the series stays locked until its end. Raises SeriesMissing.

    Source: money.md law 10.
    """
    with scope.cursor() as cursor:
        cursor.execute("select invoicing_take_number(%s, %s, %s, %s, %s)", [legal_entity_id, kind, year, customer_id, document_id])
        row = cursor.fetchone()
    if row is None or row[0] is None:
        raise refusals.SeriesMissing(_NO_SERIES)
    return str(row[0])


def preview(*, legal_entity_id: int, kind: rules.SeriesKind, year: int) -> str:
    """Show the number that the next document would get, taking none. Raises SeriesMissing."""
    with scope.cursor() as cursor:
        cursor.execute(
            "select invoicing_number_text(s.pattern, n.year, n.number) from invoicing_series s, invoicing_next(s, %s) n"
            " where s.legal_entity_id = %s and s.kind = %s",
            [year, legal_entity_id, kind],
        )
        row = cursor.fetchone()
    if row is None:
        raise refusals.SeriesMissing(_NO_SERIES)
    return str(row[0])


def set_series(*, viewer: customers.Viewer, legal_entity_id: int, kind: rules.SeriesKind, pattern: str, year: int) -> models.Series:
    """Start a series, or give a running one another pattern; its counter goes on. `year` is the first fiscal year of a new one.

    Raises NotAllowed, SeriesInvalid.
    """
    customers.permit(viewer, customers.Act.ADMINISTER)
    if _PATTERN.fullmatch(pattern) is None:
        raise refusals.SeriesInvalid(texts.marked("Write a pattern such as INV-{year}-{number:05}."), field="pattern")
    with scope.of(viewer):
        series, _ = models.Series.objects.update_or_create(
            legal_entity_id=legal_entity_id, kind=kind, defaults={"pattern": pattern}, create_defaults={"pattern": pattern, "year": year}
        )
    return series
