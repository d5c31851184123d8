-- A fund's row is written by every charge: room on its page lets the new version stay there, and no index is touched.
alter table funds_fund set (fillfactor = 50);

-- Lock every fund row of a customer in id order, then its credit row: the order that everybody keeps (docs/architecture.md).
create function funds_lock(p_customer bigint) returns void language plpgsql as $$
begin
  perform 1 from funds_fund where customer_id = p_customer order by id for no key update;
  perform 1 from funds_credit where customer_id = p_customer for no key update;
end $$;

-- Lock them and give the figures as they stand under the lock: what is decided on.
create function funds_locked(p_customer bigint) returns setof funds_standing language plpgsql as $$
begin
  perform funds_lock(p_customer);
  return query select * from funds_figures(p_customer) f order by f.division_id;
end $$;

-- Put the credit in use and the shortfall right after the figures of some funds moved; the caller holds all locks.
create function funds_restate(p_customer bigint) returns void language plpgsql as $$
declare
  v_shortfall bigint;
begin
  update funds_credit c set in_use_minor = (
      select coalesce(sum(greatest(0, -funds_net(f.balance_minor, f.unpaid_funding_minor, f.unpaid_owed_minor, f.counts_funding))), 0)
        from funds_fund f where f.customer_id = p_customer)
   where c.customer_id = p_customer
  returning greatest(0, coalesce(c.in_use_minor - c.limit_minor, 0)) into v_shortfall;
  update funds_fund set shortfall_minor = v_shortfall where customer_id = p_customer and shortfall_minor <> v_shortfall;
end $$;

-- Post journal entries of one customer: lock, write through the ledger, keep the figures of every fund they touch.
-- Accounts: 10 receivable of funding invoices, 11 of other invoices, 30 funds, 31 held, 32 unapplied credit.
create function funds_post(p_customer bigint, p_transfers jsonb)
returns table (posted_at timestamptz, entry integer, transfer_id bigint)
language plpgsql as $$
declare
  v_posted_at timestamptz;
  v_before jsonb;
begin
  perform funds_lock(p_customer);
  select greatest(ledger_now(), max(f.last_posted_at)), jsonb_object_agg(f.id, f.balance_minor)
    into v_posted_at, v_before from funds_fund f where f.customer_id = p_customer;
  return query select v_posted_at, w.entry, w.transfer_id from ledger_write(p_customer, v_posted_at, p_transfers, v_before) w order by w.place;
  with sides as ( -- a debit lowers a liability and raises a receivable; a credit the other way
    select (t ->> 'fund')::bigint as fund, (t ->> 'debit')::integer as account, -(t ->> 'amount')::bigint as credit from jsonb_array_elements(p_transfers) t
    union all
    select coalesce((t ->> 'credit_fund')::bigint, (t ->> 'fund')::bigint), (t ->> 'credit')::integer, (t ->> 'amount')::bigint
      from jsonb_array_elements(p_transfers) t
  ), moved as (
    select fund, coalesce(sum(credit) filter (where account = 30), 0) as balance, coalesce(sum(credit) filter (where account = 31), 0) as held,
           coalesce(-sum(credit) filter (where account = 10), 0) as unpaid_funding, coalesce(-sum(credit) filter (where account = 11), 0) as unpaid_owed,
           coalesce(sum(credit) filter (where account = 32), 0) as unapplied
      from sides group by fund
  )
  update funds_fund f set balance_minor = f.balance_minor + m.balance, held_minor = f.held_minor + m.held,
         unpaid_funding_minor = f.unpaid_funding_minor + m.unpaid_funding, unpaid_owed_minor = f.unpaid_owed_minor + m.unpaid_owed,
         unapplied_minor = f.unapplied_minor + m.unapplied, last_posted_at = v_posted_at
    from moved m where f.customer_id = p_customer and f.id = m.fund;
  perform funds_restate(p_customer);
end $$;
