-- Who stands behind a key, in which currency its customer is kept, and in how many microseconds the key ends: whoever remembers it forgets it then.
create function funds_key(p_sha256 bytea)
returns table (key_id uuid, kind text, scopes jsonb, divisions jsonb, role text, customer_id bigint, person_id bigint, name text, networks jsonb, currency text,
  ends_in_microseconds bigint)
language sql stable security definer set search_path = public, pg_temp as $$
  select k.id, k.kind, k.scopes, k.division_ids, k.role, k.customer_id, k.person_id, k.name, k.networks, c.currency,
         case when isfinite(k.expires_at) then floor(extract(epoch from k.expires_at - ledger_now()) * 1000000)::bigint end
    from customers_apikey k left join funds_credit c on c.customer_id = k.customer_id
   where k.sha256 = p_sha256 and k.revoked_at is null and (k.expires_at is null or k.expires_at > ledger_now())
$$;
revoke execute on function funds_key(bytea) from public;
grant execute on function funds_key(bytea) to tallystick_web;
alter function funds_key(bytea) owner to tallystick_door;
