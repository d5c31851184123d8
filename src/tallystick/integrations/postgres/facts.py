"""Tell how the database is: version, size, connections, the oldest open transaction."""

from dataclasses import dataclass

from tallystick.integrations.postgres import scope


@dataclass(frozen=True, slots=True)
class Facts:
    """Hold what the database says of itself; sizes in bytes. `oldest_seconds` is how long the oldest open transaction of ours has run."""

    version: str
    size_bytes: int
    largest: tuple[tuple[str, int], ...]
    connections: int
    most_connections: int
    oldest_seconds: int


_FACTS = (
    "select current_setting('server_version'), pg_database_size(current_database()),"
    " (select count(*) from pg_stat_activity where datname = current_database()), current_setting('max_connections')::int,"
    " coalesce((select extract(epoch from max(now() - xact_start))::int from pg_stat_activity where datname = current_database()), 0)"
)
_LARGEST = (
    "select c.relname, pg_total_relation_size(c.oid) from pg_class c join pg_namespace n on n.oid = c.relnamespace"
    " where c.relkind in ('r', 'p') and n.nspname = 'public' order by 2 desc limit 5"
)


def facts() -> Facts:
    """Ask, inside the running scope."""
    with scope.cursor() as cursor:
        cursor.execute(_FACTS)
        version, size_bytes, connections, most, oldest = cursor.fetchone()
        cursor.execute(_LARGEST)
        largest = tuple((str(name), int(size)) for name, size in cursor.fetchall())
    return Facts(str(version), int(size_bytes), largest, int(connections), int(most), int(oldest))
