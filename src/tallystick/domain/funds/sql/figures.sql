-- The one formula (money.md section 2), as small immutable functions that PostgreSQL inlines.

-- N: the balance less the unpaid invoices that count. Rule "consumption" leaves funding invoices out; "all_unpaid" counts them.
create function funds_net(p_balance bigint, p_unpaid_funding bigint, p_unpaid_owed bigint, p_counts_funding boolean) returns bigint
language sql immutable parallel safe as $$
  select p_balance - p_unpaid_owed - case when p_counts_funding then p_unpaid_funding else 0 end
$$;

-- Own and free: what may leave a division.
create function funds_movable(p_net bigint, p_shortfall bigint) returns bigint
language sql immutable parallel safe as $$ select greatest(0, p_net - p_shortfall) $$;

-- What may be spent: (limit - credit in use) + max(0, N). Absent when unlimited.
create function funds_available(p_net bigint, p_limit bigint, p_in_use bigint) returns bigint
language sql immutable parallel safe as $$ select p_limit - p_in_use + greatest(0, p_net) $$;
