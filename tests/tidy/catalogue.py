"""Ask PostgreSQL's own catalogue whether the tables keep the rules that let the customer be the unit of isolation and of distribution.

Each rule is one question whose rows are faults; %(...)s are the lists below.
"""

from collections.abc import Callable

SUBJECTS = [
    "events",
    "customers",
    "ledger",
    "exports",
    "funds",
    "invoicing",
    "purchasing",
    "payments",
    "webhooks",
    "mail",
    "signing",
    "statements",
    "reminders",
    "banking",
    "administration",
    "verification",
    "migration",
]

DIRECTORIES = {
    # tables with a customer_id that is no owner: looked up before a viewer is known, or by nobody but the door and the worker
    "customers_customer": "the directory of customers: its id is the customer; kept where it has no customer_id of its own",
    "customers_apikey": "key hashes: looked up before the customer is known",
    "customers_signinlink": "one-time links: opened before the customer is known",
    "events_unnumbered": "the queue of the numbering step: ids only, claimed across customers",
    "events_job": "the queue of the worker: ids only, claimed across customers",
    "invoicing_issuednumber": "issued numbers are unique per legal entity, whoever the customer is",
    "payments_providerreference": "a provider's reference is unique, whoever the customer is",
    "payments_gatewaymessage": "stored before it is known whose it is",
}

WITHOUT_CUSTOMER = {
    # tables of our subjects that no customer owns at all
    "customers_legalentity": "the operator's",
    "customers_taxrate": "the operator's",
    "customers_bankaccount": "the operator's",
    "customers_logo": "the operator's",
    "customers_setting": "the operator's",
    "customers_ratecount": "how often a key asked, by the key's id: settled every second, kept for minutes",
    "customers_sentform": "forms of the operator's staff that had their effect, by their token",
    "customers_keychange": "what was done to the operator's keys",
    "signing_signingkey": "of a legal entity; its public half is for everybody",
    "signing_keychange": "what was done to the keys that sign documents",
    "customers_staff": "the operator's",
    "customers_person": "a person signs in and may belong to several customers",
    "invoicing_series": "of a legal entity",
    "reminders_group": "the operator's schedules",
}

APPEND_ONLY = [
    "ledger_transfer",
    "events_event",
    "customers_change",
    "customers_keychange",
    "signing_keychange",
    "invoicing_invoiceline",
    "invoicing_issuednumber",
    "invoicing_document",
]
"""At the least; every other table with such a trigger is held to the same."""

LOGINS = ["tallystick_web", "tallystick_worker", "tallystick_operator", "tallystick_auditor"]

PARAMETERS: dict[str, str | list[str]] = {
    "subjects": f"^({'|'.join(SUBJECTS)})_",
    "directories": list(DIRECTORIES),
    "without": list(WITHOUT_CUSTOMER),
    "append_only": APPEND_ONLY,
    "logins": LOGINS,
}

_OURS = """
  with ours as (
    select c.oid, c.relname::text as name, c.relrowsecurity, c.relforcerowsecurity, c.relowner,
           (select a.attnum from pg_attribute a where a.attrelid = c.oid and a.attname = 'customer_id' and not a.attisdropped) as customer
      from pg_class c join pg_namespace n on n.oid = c.relnamespace
     where c.relkind in ('r', 'p') and n.nspname not in ('pg_catalog', 'information_schema') and c.relname ~ %(subjects)s
  ), owned as (
    select * from ours where customer is not null and name <> all (%(directories)s)
  ), guarded as (
    select distinct t.tgrelid as oid from pg_trigger t join pg_proc p on p.oid = t.tgfoid where p.proname = 'events_refuse_change'
  )
"""

RULES: dict[str, str] = {
    "every table belongs to a customer or is listed": _OURS
    + "select name || ' has no customer_id and is on no list' from ours where customer is null and name <> all (%(directories)s) and name <> all (%(without)s)",
    "the primary key leads with the customer": _OURS
    + """select o.name || ': its primary key does not lead with customer_id' from owned o where not exists (
           select from pg_index i where i.indrelid = o.oid and i.indisprimary and i.indkey[0] = o.customer)""",
    "every unique index leads with the customer": _OURS
    + """select o.name || ': unique index ' || i.indexrelid::regclass || ' does not lead with customer_id' from owned o
           join pg_index i on i.indrelid = o.oid and i.indisunique where i.indkey[0] <> o.customer""",
    "every reference between customers' rows leads with the customer": _OURS
    + """select o.name || ': ' || c.conname || ' does not lead with customer_id' from pg_constraint c
           join owned o on o.oid = c.conrelid join owned t on t.oid = c.confrelid
          where c.contype = 'f' and (c.conkey[1] <> o.customer or c.confkey[1] <> t.customer)""",
    "row-level security is enabled and forced": _OURS
    + "select name || ': row-level security is not enabled and forced' from owned where not (relrowsecurity and relforcerowsecurity)",
    "a policy names the viewer's customer": _OURS
    + """select o.name || ' has no policy for tallystick.customer_id' from owned o where not exists (
           select from pg_policy p where p.polrelid = o.oid and pg_get_expr(p.polqual, p.polrelid) ~ 'tallystick.customer_id')""",
    "no other policy lets the pages in": _OURS
    + """select o.name || ': policy ' || p.polname || ' lets ' || r.rolname || ' see rows of any customer' from owned o
           join pg_policy p on p.polrelid = o.oid
           join pg_roles r on r.rolname in ('tallystick_web', 'tallystick_worker') and (r.oid = any (p.polroles) or 0 = any (p.polroles))
          where p.polpermissive and (coalesce(pg_get_expr(p.polqual, p.polrelid), 'true') !~ 'tallystick.customer_id' and p.polcmd <> 'a'
             or coalesce(pg_get_expr(p.polwithcheck, p.polrelid), pg_get_expr(p.polqual, p.polrelid), 'true') !~ 'tallystick.customer_id' and p.polcmd in ('a', 'w', '*'))""",
    "append-only tables have their triggers": _OURS
    + """select o.name || ' has no trigger against ' || b.act from ours o
           cross join (values ('update', 16), ('delete', 8), ('truncate', 32)) b(act, bit)
          where (o.name = any (%(append_only)s) or o.oid in (select oid from guarded)) and not exists (
            select from pg_trigger t join pg_proc p on p.oid = t.tgfoid
             where t.tgrelid = o.oid and p.proname = 'events_refuse_change' and t.tgenabled in ('O', 'A') and (t.tgtype & b.bit) <> 0)""",
    "nobody may change append-only tables": _OURS
    + """select o.name || ': ' || l.login || ' may ' || p.act from ours o cross join unnest(%(logins)s::text[]) l(login)
           cross join (values ('UPDATE'), ('DELETE'), ('TRUNCATE')) p(act)
          where (o.name = any (%(append_only)s) or o.oid in (select oid from guarded))
            and (has_table_privilege(l.login, o.oid, p.act) or (p.act = 'UPDATE' and has_any_column_privilege(l.login, o.oid, 'UPDATE')))""",
    "nobody may empty a table": _OURS
    + """select o.name || ': ' || l.login || ' may TRUNCATE' from ours o cross join unnest(%(logins)s::text[]) l(login)
          where has_table_privilege(l.login, o.oid, 'TRUNCATE')""",
    "the auditor only reads": _OURS
    + """select o.name || ': the auditor may ' || p.act from ours o cross join (values ('INSERT'), ('UPDATE'), ('DELETE')) p(act)
          where has_table_privilege('tallystick_auditor', o.oid, p.act)""",
    "no reference empties itself": _OURS
    + """select o.name || ': ' || c.conname || ' is ON DELETE SET NULL or SET DEFAULT' from pg_constraint c
           join ours o on o.oid = c.conrelid where c.contype = 'f' and c.confdeltype in ('n', 'd')""",
    "no trigger takes transition tables": """
         select t.tgrelid::regclass || ': trigger ' || t.tgname || ' takes transition tables' from pg_trigger t
          where not t.tgisinternal and (t.tgoldtable is not null or t.tgnewtable is not null)""",
    "amounts are bigint": _OURS
    + """select o.name || '.' || a.attname || ' is ' || format_type(a.atttypid, a.atttypmod) || ', not bigint' from ours o
           join pg_attribute a on a.attrelid = o.oid and a.attnum > 0 and not a.attisdropped
          where a.attname ~ '_minor$' and a.atttypid <> 'bigint'::regtype""",
    "no column is a float": _OURS
    + """select o.name || '.' || a.attname || ' is a float or money' from ours o
           join pg_attribute a on a.attrelid = o.oid and a.attnum > 0 and not a.attisdropped
          where a.atttypid in ('real'::regtype, 'double precision'::regtype, 'money'::regtype)""",
    "no login is above the rules": """
         select rolname || ' is a superuser, bypasses row-level security or makes roles' from pg_roles
          where rolname = any (%(logins)s::text[] || array['tallystick_owner', 'tallystick_door']) and (rolsuper or rolbypassrls or rolcreaterole)""",
    "the door cannot sign in": "select 'tallystick_door can sign in' from pg_roles where rolname = 'tallystick_door' and rolcanlogin",
    "every role is there": """
         select r || ' is missing' from unnest(%(logins)s::text[] || array['tallystick_door']) r where not exists (select from pg_roles where rolname = r)""",
    "no login becomes another": """
         select m.rolname || ' is a member of ' || g.rolname from pg_auth_members a
           join pg_roles m on m.oid = a.member join pg_roles g on g.oid = a.roleid
          where m.rolname = any (%(logins)s) and g.rolname ~ '^tallystick_'""",
    "no login owns a table": _OURS
    + "select o.name || ' is owned by ' || r.rolname from ours o join pg_roles r on r.oid = o.relowner where r.rolname = any (%(logins)s)",
    "the ledger's clock is the owner's": """
         select 'ledger_now() belongs to ' || r.rolname || ' and is: ' || p.prosrc from pg_proc p join pg_roles r on r.oid = p.proowner
          where p.proname = 'ledger_now' and (r.rolname <> 'tallystick_owner' or p.prosrc !~ '^\\s*select clock_timestamp\\(\\)\\s*$')""",
    "no login makes tables or functions": """
         select l.login || ' may create in schema ' || n.nspname from unnest(%(logins)s::text[]) l(login) cross join pg_namespace n
          where n.nspname !~ '^pg_' and has_schema_privilege(l.login, n.oid, 'CREATE')""",
    "functions across viewers are the door's": """
         select p.oid::regprocedure || ' is SECURITY DEFINER and owned by ' || r.rolname from pg_proc p
           join pg_roles r on r.oid = p.proowner join pg_namespace n on n.oid = p.pronamespace
          where p.prosecdef and n.nspname <> 'pg_catalog' and r.rolname <> 'tallystick_door'""",
    "functions across viewers fix their search path": """
         select p.oid::regprocedure || ' does not set search_path' from pg_proc p join pg_namespace n on n.oid = p.pronamespace
          where p.prosecdef and n.nspname <> 'pg_catalog' and not exists (select from unnest(p.proconfig) s where s like 'search_path=%%')""",
    "functions across viewers are not everybody's": """
         select p.oid::regprocedure || ' may be called by PUBLIC' from pg_proc p join pg_namespace n on n.oid = p.pronamespace
          where p.prosecdef and n.nspname <> 'pg_catalog' and has_function_privilege('public', p.oid, 'EXECUTE')""",
}

type Ask = Callable[[str, dict[str, str | list[str]]], list[str]]
"""Run a question with its parameters and give the first column."""


def faults(ask: Ask, rule: str) -> list[str]:
    """All that one rule finds."""
    return sorted(ask(RULES[rule], PARAMETERS))
