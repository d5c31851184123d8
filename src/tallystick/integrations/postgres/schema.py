"""Give a customer-owned table its keys, its row-level security and its rights, as migration steps.

Source: the rules at the end of performance.md, so that the tables can be distributed by customer later.
"""

from collections.abc import Sequence
from pathlib import Path

from django.db.migrations.operations import RunSQL

_RIGHTS = {"s": "select", "i": "insert", "u": "update", "d": "delete"}
_VIEWED = "customer_id = nullif(current_setting('tallystick.customer_id', true), '')::bigint"


def _grants(table: str, *, pages: str, operator: str, worker: str) -> list[str]:
    rights = {"tallystick_web": pages, "tallystick_operator": operator, "tallystick_worker": worker, "tallystick_auditor": "s"}
    return [f"grant {', '.join(_RIGHTS[letter] for letter in letters)} on {table} to {role}" for role, letters in rights.items() if letters]


class Own(RunSQL):
    """Make a table a customer's own: key (customer_id, id), forced row-level security, rights by letters of s, i, u, d."""

    def __init__(
        self, table: str, *, key: Sequence[str] = ("customer_id", "id"), pages: str = "siu", operator: str | None = None, worker: str | None = None
    ) -> None:
        """Name the table, its key and what each role may do; operator and worker default to what pages may."""
        columns = ", ".join(key)
        super().__init__(
            ";\n".join(
                [
                    f"alter table {table} drop constraint {table}_pkey",
                    f"alter table {table} add constraint {table}_pkey primary key ({columns})",
                    f"alter table {table} enable row level security",
                    f"alter table {table} force row level security",
                    f"create policy viewed on {table} to tallystick_web, tallystick_worker using ({_VIEWED}) with check ({_VIEWED})",
                    f"create policy everything on {table} to tallystick_operator, tallystick_owner using (true) with check (true)",
                    f"create policy reading on {table} for select to tallystick_auditor using (true)",
                    *_grants(table, pages=pages, operator=pages if operator is None else operator, worker=pages if worker is None else worker),
                ]
            )
        )


class Share(RunSQL):
    """Grant rights on a table that no customer owns: a directory, a setting, a queue."""

    def __init__(self, table: str, *, pages: str = "s", operator: str = "siu", worker: str = "s") -> None:
        """Name the table and what each role may do."""
        super().__init__(";\n".join(_grants(table, pages=pages, operator=operator, worker=worker)))


class Refer(RunSQL):
    """Make a composite foreign key that leads with the customer, so that a row can never refer to another customer's."""

    def __init__(self, table: str, columns: Sequence[str], target: str, target_columns: Sequence[str] = ("customer_id", "id")) -> None:
        """Name both sides; a null in a column leaves that reference open (MATCH SIMPLE)."""
        name = f"{table}_{columns[-1]}_fkey"
        super().__init__(
            f"alter table {table} add constraint {name} foreign key ({', '.join(columns)}) references {target} ({', '.join(target_columns)})"
        )


class AppendOnly(RunSQL):
    """Refuse every change and deletion of a posted row, whoever asks: a trigger beside the missing rights."""

    def __init__(self, table: str) -> None:
        """Name the table."""
        super().__init__(
            f"create trigger {table}_append_only before update or delete on {table} for each row execute function events_refuse_change();\n"
            f"create trigger {table}_no_truncate before truncate on {table} for each statement execute function events_refuse_change()"
        )


class Sql(RunSQL):
    """Load a subject's SQL file: `Sql(__file__, "post.sql")` in a migration reads ../sql/post.sql."""

    def __init__(self, migration: str, name: str) -> None:
        """Read the file that stands beside the migration's folder."""
        super().__init__((Path(migration).parent.parent / "sql" / name).read_text(encoding="utf-8"))
