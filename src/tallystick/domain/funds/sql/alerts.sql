-- What a customer could still spend in all its divisions: what is left of the limit, and what each has of its own. Absent when unlimited.
create function funds_left(p_customer bigint) returns bigint language sql stable as $$
  select c.limit_minor - c.in_use_minor + coalesce((
      select sum(greatest(0, funds_net(f.balance_minor, f.unpaid_funding_minor, f.unpaid_owed_minor, f.counts_funding)))
        from funds_fund f where f.customer_id = p_customer and f.holder_id = f.id), 0)::bigint
    from funds_credit c where c.customer_id = p_customer
$$;

-- Is a fund below the threshold of its customer's settings? One that never had an entry has fallen nowhere.
create function funds_is_low(p_fund funds_fund, p_threshold bigint) returns boolean language sql stable as $$
  select coalesce(p_fund.balance_minor < p_threshold, false)
     and (p_fund.is_low or p_fund.balance_minor <> 0
          or exists (select from ledger_transfer t where t.customer_id = p_fund.customer_id and t.fund_id = p_fund.id))
$$;

-- Of which customers is there something to tell or to forget, of a low balance or a limit that was reached? The worker asks across customers.
create function funds_alerting(p_limit integer) returns table (customer_id bigint)
language sql stable security definer set search_path = public, pg_temp as $$
  select c.customer_id from funds_credit c
   where c.reached_at is not null and c.reached_left_minor is null
      or c.reached_at is not null and coalesce(funds_left(c.customer_id) > c.reached_left_minor, true)
      or c.reached_at is null and c.limit_minor > 0 and c.in_use_minor >= c.limit_minor
  union
  select f.customer_id from customers_customer k join funds_fund f on f.customer_id = k.id
   where f.balance_minor < k.notify_below_minor and not f.is_low and f.holder_id = f.id and f.is_open and funds_is_low(f, k.notify_below_minor)
  union
  select f.customer_id from funds_fund f join customers_customer k on k.id = f.customer_id
   where f.is_low and f.holder_id = f.id and f.is_open and not funds_is_low(f, k.notify_below_minor)
   limit p_limit
$$;
revoke execute on function funds_alerting(integer) from public;
grant execute on function funds_alerting(integer) to tallystick_worker;
alter function funds_alerting(integer) owner to tallystick_door;
