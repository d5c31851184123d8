-- Which funds of a legal entity moved before a month was over, and have no statement of that month? The worker asks across customers,
-- then goes to each as its viewer.
create function statements_unstated(p_entity bigint, p_month date, p_until timestamptz, p_limit integer) returns table (customer_id bigint, fund_id bigint)
language sql stable security definer set search_path = public, pg_temp as $$
  select f.customer_id, f.id from funds_fund f join customers_customer c on c.id = f.customer_id
   where c.legal_entity_id = p_entity and f.holder_id = f.id
     and not exists (select from statements_monthlystatement s where s.customer_id = f.customer_id and s.fund_id = f.id and s.month = p_month)
     and least((select t.posted_at from ledger_transfer t where t.customer_id = f.customer_id and t.fund_id = f.id order by t.id limit 1),
               (select t.posted_at from ledger_transfer t where t.customer_id = f.customer_id and t.credit_fund_id = f.id order by t.id limit 1)) < p_until
   order by f.customer_id, f.id limit p_limit
$$;
revoke execute on function statements_unstated(bigint, date, timestamptz, integer) from public;
grant execute on function statements_unstated(bigint, date, timestamptz, integer) to tallystick_worker;
grant select on statements_monthlystatement to tallystick_door;
create policy door on statements_monthlystatement for select to tallystick_door using (true);
alter function statements_unstated(bigint, date, timestamptz, integer) owner to tallystick_door;
