-- Who stands behind a key, and in which currency its customer is kept. A key of the operator's has no customer and no currency.
set local role tallystick_door;
drop function funds_view_balance(bytea, bigint);
drop function funds_view_balances(bytea[], bigint[]);
reset role;

create function funds_key(p_sha256 bytea)
returns table (key_id uuid, kind text, scopes jsonb, divisions jsonb, role text, customer_id bigint, person_id bigint, name text, networks jsonb, currency text)
language sql stable security definer set search_path = public, pg_temp as $$
  select k.id, k.kind, k.scopes, k.division_ids, k.role, k.customer_id, k.person_id, k.name, k.networks, c.currency
    from customers_apikey k left join funds_credit c on c.customer_id = k.customer_id
   where k.sha256 = p_sha256 and k.revoked_at is null and (k.expires_at is null or k.expires_at > ledger_now())
$$;
revoke execute on function funds_key(bytea) from public;
grant execute on function funds_key(bytea) to tallystick_web;
alter function funds_key(bytea) owner to tallystick_door;

-- Many keys and balances in one look-up: what all programs ask within one turn of a server's event loop. One row for each asked, in their order,
-- empty where the key is unknown or the operator's. The customer comes from the key, never from the request. A division of null means the customer's
-- only one. Callers set plan_cache_mode = force_generic_plan: planning anew for each length of the arrays would cost ten times the look-up.
create function funds_view_balances(p_sha256 bytea[], p_division bigint[])
returns table (key_id uuid, key_scopes jsonb, key_divisions jsonb, key_role text, key_networks jsonb, divisions integer, division_id bigint, balance bigint,
  unpaid_funding bigint, unpaid_owed bigint, counts_funding boolean, credit_limit bigint, in_use bigint, currency text)
language sql stable security definer set search_path = public, pg_temp as $$
  select k.id, k.scopes, k.division_ids, k.role, k.networks,
         (select count(*)::integer from (select 1 from funds_fund n where n.customer_id = k.customer_id limit 2) t),
         d.id, h.balance_minor, h.unpaid_funding_minor, h.unpaid_owed_minor, h.counts_funding, c.limit_minor, c.in_use_minor, c.currency
    from unnest(p_sha256, p_division) with ordinality q(sha256, division, place)
    left join customers_apikey k on k.sha256 = q.sha256 and k.customer_id is not null and k.revoked_at is null
      and (k.expires_at is null or k.expires_at > ledger_now())
    left join funds_credit c on c.customer_id = k.customer_id
    left join lateral (
      select f.id, f.holder_id from funds_fund f where f.customer_id = k.customer_id and f.id = q.division
      union all -- the only one
      select f.id, f.holder_id from funds_fund f where q.division is null and f.customer_id = k.customer_id
         and not exists (select 1 from funds_fund o where o.customer_id = k.customer_id and o.id <> f.id)) d on true
    left join funds_fund h on h.customer_id = k.customer_id and h.id = d.holder_id
   order by q.place
$$;
revoke execute on function funds_view_balances(bytea[], bigint[]) from public;
grant execute on function funds_view_balances(bytea[], bigint[]) to tallystick_web;
alter function funds_view_balances(bytea[], bigint[]) owner to tallystick_door;
