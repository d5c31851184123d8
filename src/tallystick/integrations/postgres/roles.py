"""Create the database and its roles: who may sign in, who owns, and the one role that only lends its eyes to functions."""

from collections.abc import Mapping

import psycopg
import psycopg.conninfo
from psycopg import sql

LOGIN_ROLES = ("owner", "web", "operator", "worker", "auditor")


def create(*, superuser: str, database: str, passwords: Mapping[str, str]) -> None:
    """Create or repair roles and database, over a superuser's connection string (to the database postgres); safe to repeat."""
    with psycopg.connect(superuser, autocommit=True) as connection:
        known = {row[0] for row in connection.execute("select rolname from pg_roles")}
        for role in LOGIN_ROLES:
            verb = "alter" if f"tallystick_{role}" in known else "create"
            connection.execute(
                sql.SQL("{} role {} login nosuperuser nobypassrls password {}").format(
                    sql.SQL(verb), sql.Identifier(f"tallystick_{role}"), sql.Literal(passwords[role])
                )
            )
        if "tallystick_door" not in known:
            connection.execute("create role tallystick_door nologin nosuperuser nobypassrls")
        connection.execute("grant tallystick_door to tallystick_owner with inherit false, set true")
        connection.execute("alter role tallystick_web set statement_timeout = '30s'")
        connection.execute("alter role tallystick_web set lock_timeout = '10s'")
        if not connection.execute("select 1 from pg_database where datname = %s", [database]).fetchone():
            connection.execute(sql.SQL("create database {} owner tallystick_owner").format(sql.Identifier(database)))
    with psycopg.connect(psycopg.conninfo.make_conninfo(superuser, dbname=database), autocommit=True) as connection:
        connection.execute("alter schema public owner to tallystick_owner")
        connection.execute("revoke create on schema public from public")
        connection.execute("grant usage on schema public to public")
        # a function can be given only to a role that may create in its schema; the door can not sign in to use it
        connection.execute("grant usage, create on schema public to tallystick_door")


def grant_shared_tables(connection: psycopg.Connection[tuple[object, ...]]) -> None:
    """Grant rights on the tables of Django and allauth, which no customer owns; run by the owner after each migration."""
    shared = ("django_session", "account_emailaddress", "account_emailconfirmation", "mfa_authenticator", "django_content_type")
    for table in shared:
        name = sql.Identifier(table)
        connection.execute(
            sql.SQL("grant select, insert, update, delete on {} to tallystick_web, tallystick_operator, tallystick_worker").format(name)
        )
        connection.execute(sql.SQL("grant select on {} to tallystick_auditor").format(name))
    connection.execute("grant select on django_migrations to tallystick_web, tallystick_operator, tallystick_worker, tallystick_auditor")
