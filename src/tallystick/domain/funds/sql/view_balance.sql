-- The key and the balance in one look-up: the hot read of the CertCentral face. The customer comes from the key, never from the request.
create function funds_view_balance(p_sha256 bytea, p_division bigint)
returns table (key_id uuid, key_acts jsonb, key_divisions jsonb, key_role text, divisions integer, division_id bigint, balance bigint, unpaid_funding bigint,
  unpaid_owed bigint, counts_funding boolean, credit_limit bigint, in_use bigint, currency text)
language sql stable security definer set search_path = public, pg_temp as $$
  select k.id, k.acts, k.division_ids, k.role, (select count(*)::integer from (select 1 from funds_fund n where n.customer_id = k.customer_id limit 2) t),
         d.id, h.balance_minor, h.unpaid_funding_minor, h.unpaid_owed_minor, h.counts_funding, c.limit_minor, c.in_use_minor, c.currency
    from customers_apikey k
    join funds_credit c on c.customer_id = k.customer_id
    -- without a division the first one is read; the door refuses where `divisions` says that there are more
    left join funds_fund d on d.customer_id = k.customer_id
      and d.id = coalesce(p_division, (select n.id from funds_fund n where n.customer_id = k.customer_id order by n.id limit 1))
    left join funds_fund h on h.customer_id = d.customer_id and h.id = d.holder_id
   where k.sha256 = p_sha256 and k.revoked_at is null and (k.expires_at is null or k.expires_at > ledger_now())
$$;
revoke execute on function funds_view_balance(bytea, bigint) from public;
grant execute on function funds_view_balance(bytea, bigint) to tallystick_web;
grant select on customers_apikey to tallystick_door;
alter function funds_view_balance(bytea, bigint) owner to tallystick_door;
